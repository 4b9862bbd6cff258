//! What a pod asks for.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1 as api;
use kuberlock_model::workload::{
    ConfigMapReference, ContainerList, PodSecurity, PodSpec, Profile, Reference, RestartPolicy,
    SeLinux, Volume, VolumeSource,
};

use super::container::Parts;

pub(super) fn pod_spec(from: api::PodSpec) -> PodSpec {
    let config_maps = config_maps(&from);
    let volumes: Box<[Volume]> = from.volumes.unwrap_or_default().into_iter().map(volume).collect();
    let host_network = from.host_network.unwrap_or(false);
    let init = from.init_containers.unwrap_or_default().into_iter().map(Parts::from);
    let ordinary = from.containers.into_iter().map(Parts::from);
    let ephemeral = from.ephemeral_containers.unwrap_or_default().into_iter().map(Parts::from);
    let of = |list| {
        let volumes = &volumes;
        move |(index, parts): (usize, Parts)| parts.container(list, index, volumes, host_network)
    };
    let containers = init
        .enumerate()
        .map(of(ContainerList::Init))
        .chain(ordinary.enumerate().map(of(ContainerList::Ordinary)))
        .chain(ephemeral.enumerate().map(of(ContainerList::Ephemeral)))
        .collect();
    PodSpec {
        service_account: set(from.service_account_name)
            .or_else(|| set(from.service_account))
            .unwrap_or_else(|| "default".to_owned()),
        automount_token: from.automount_service_account_token,
        node_name: set(from.node_name).map(String::into_boxed_str),
        host_network,
        host_pid: from.host_pid.unwrap_or(false),
        host_ipc: from.host_ipc.unwrap_or(false),
        host_users: from.host_users,
        is_windows: from.os.is_some_and(|os| os.name == "windows"),
        restart_policy: match from.restart_policy.as_deref() {
            Some("OnFailure") => RestartPolicy::OnFailure,
            Some("Never") => RestartPolicy::Never,
            _ => RestartPolicy::Always,
        },
        priority_class: set(from.priority_class_name).map(String::into_boxed_str),
        security: from.security_context.map(|context| Box::new(security(context))),
        pull_secrets: pull_secrets(from.image_pull_secrets.unwrap_or_default()),
        containers,
        volumes,
        config_maps,
    }
}

/// The config maps that variables and volumes of any kind take.
fn config_maps(from: &api::PodSpec) -> Box<[ConfigMapReference]> {
    let mut taken = BTreeSet::new();
    let mut take = |name: &str, key: Option<&str>| {
        if !name.is_empty() {
            taken.insert(ConfigMapReference { name: name.into(), key: key.map(Box::from) });
        }
    };
    let init = from.init_containers.iter().flatten();
    for container in init.chain(&from.containers) {
        for source in
            container.env_from.iter().flatten().filter_map(|of| of.config_map_ref.as_ref())
        {
            take(&source.name, None);
        }
        let values = container.env.iter().flatten().filter_map(|of| of.value_from.as_ref());
        for source in values.filter_map(|of| of.config_map_key_ref.as_ref()) {
            take(&source.name, Some(&source.key));
        }
    }
    for volume in from.volumes.iter().flatten() {
        let projected = volume.projected.iter().flat_map(|of| of.sources.iter().flatten());
        let inside =
            projected.filter_map(|of| of.config_map.as_ref()).map(|of| (&of.name, &of.items));
        let own = volume.config_map.iter().map(|of| (&of.name, &of.items));
        for (name, items) in own.chain(inside) {
            match items {
                None => take(name, None),
                Some(items) => items.iter().for_each(|item| take(name, Some(&item.key))),
            }
        }
    }
    taken.into_iter().collect()
}

fn pull_secrets(from: Vec<api::LocalObjectReference>) -> Box<[Box<str>]> {
    from.into_iter().map(|of| of.name.into_boxed_str()).filter(|name| !name.is_empty()).collect()
}

/// The API reads empty text as none.
fn set(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

fn security(from: api::PodSecurityContext) -> PodSecurity {
    let sysctls = from.sysctls.unwrap_or_default().into_iter();
    PodSecurity {
        run_as_non_root: from.run_as_non_root,
        run_as_user: from.run_as_user,
        run_as_group: from.run_as_group,
        fs_group: from.fs_group,
        supplemental_groups: from.supplemental_groups.unwrap_or_default(),
        sysctls: sysctls.map(|sysctl| sysctl.name.into_boxed_str()).collect(),
        seccomp: from.seccomp_profile.map(|profile| Profile::of(&profile.type_)),
        app_armor: from.app_armor_profile.map(|profile| Profile::of(&profile.type_)),
        se_linux: from.se_linux_options.map(se_linux),
        host_process: from.windows_options.and_then(|windows| windows.host_process),
    }
}

pub(super) fn se_linux(from: api::SELinuxOptions) -> Box<SeLinux> {
    let text = |text: Option<String>| text.unwrap_or_default().into_boxed_str();
    Box::new(SeLinux { kind: text(from.type_), user: text(from.user), role: text(from.role) })
}

fn volume(mut from: api::Volume) -> Volume {
    let name = std::mem::take(&mut from.name).into_boxed_str();
    Volume { name, source: volume_source(from) }
}

/// The API server takes one source a volume; of several in a file, the node's path counts.
fn volume_source(from: api::Volume) -> VolumeSource {
    if let Some(host) = from.host_path {
        return VolumeSource::HostPath(host.path.into_boxed_str());
    }
    if let Some(secret) = from.secret {
        return VolumeSource::Secret(secret.secret_name.unwrap_or_default().into());
    }
    if let Some(config_map) = from.config_map {
        return VolumeSource::ConfigMap(config_map.name.into());
    }
    if let Some(claim) = from.persistent_volume_claim {
        return VolumeSource::PersistentVolumeClaim(claim.claim_name.into());
    }
    let sources = [
        (from.aws_elastic_block_store.is_some(), VolumeSource::AwsElasticBlockStore),
        (from.azure_disk.is_some(), VolumeSource::AzureDisk),
        (from.azure_file.is_some(), VolumeSource::AzureFile),
        (from.cephfs.is_some(), VolumeSource::CephFs),
        (from.cinder.is_some(), VolumeSource::Cinder),
        (from.csi.is_some(), VolumeSource::Csi),
        (from.downward_api.is_some(), VolumeSource::DownwardApi),
        (from.empty_dir.is_some(), VolumeSource::EmptyDir),
        (from.ephemeral.is_some(), VolumeSource::Ephemeral),
        (from.fc.is_some(), VolumeSource::FibreChannel),
        (from.flex_volume.is_some(), VolumeSource::FlexVolume),
        (from.flocker.is_some(), VolumeSource::Flocker),
        (from.gce_persistent_disk.is_some(), VolumeSource::GcePersistentDisk),
        (from.git_repo.is_some(), VolumeSource::GitRepo),
        (from.glusterfs.is_some(), VolumeSource::Glusterfs),
        (from.image.is_some(), VolumeSource::Image),
        (from.iscsi.is_some(), VolumeSource::Iscsi),
        (from.nfs.is_some(), VolumeSource::Nfs),
        (from.photon_persistent_disk.is_some(), VolumeSource::PhotonPersistentDisk),
        (from.portworx_volume.is_some(), VolumeSource::PortworxVolume),
        (from.quobyte.is_some(), VolumeSource::Quobyte),
        (from.rbd.is_some(), VolumeSource::Rbd),
        (from.scale_io.is_some(), VolumeSource::ScaleIo),
        (from.storageos.is_some(), VolumeSource::StorageOs),
        (from.vsphere_volume.is_some(), VolumeSource::VsphereVolume),
    ];
    if let Some((_, source)) = sources.into_iter().find(|(is_set, _)| *is_set) {
        return source;
    }
    match from.projected {
        Some(projected) => {
            let sources = projected.sources.unwrap_or_default();
            let token = sources.iter().any(|source| source.service_account_token.is_some());
            VolumeSource::Projected {
                token,
                of: sources.into_iter().filter_map(projection).collect(),
            }
        }
        // The API server's default.
        None => VolumeSource::EmptyDir,
    }
}

fn projection(from: api::VolumeProjection) -> Option<Reference> {
    let secret = from.secret.map(|secret| Reference::Secret(secret.name.into()));
    secret.or_else(|| Some(Reference::ConfigMap(from.config_map?.name.into())))
}
