//! One container of any of the three lists.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1 as api;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use kuberlock_model::limits;
use kuberlock_model::network::Protocol;
use kuberlock_model::workload::{
    Amounts, Container, ContainerList, ContainerPort, HandlerHost, HostMount, HostPort, Probes,
    Profile, PullPolicy, Reference, Resources, Security, Variable, Volume, VolumeSource,
};

use super::spec::se_linux;

/// What ordinary and ephemeral containers have in common.
pub(super) struct Parts {
    name: String,
    image: Option<String>,
    image_pull_policy: Option<String>,
    command: Option<Vec<String>>,
    args: Option<Vec<String>>,
    env: Option<Vec<api::EnvVar>>,
    env_from: Option<Vec<api::EnvFromSource>>,
    security_context: Option<api::SecurityContext>,
    resources: Option<api::ResourceRequirements>,
    ports: Option<Vec<api::ContainerPort>>,
    volume_mounts: Option<Vec<api::VolumeMount>>,
    liveness_probe: Option<api::Probe>,
    readiness_probe: Option<api::Probe>,
    startup_probe: Option<api::Probe>,
    lifecycle: Option<api::Lifecycle>,
    restart_policy: Option<String>,
}

macro_rules! parts {
    ($from:expr; $($field:ident)+) => { Self { $($field: $from.$field),+ } };
}

macro_rules! parts_of {
    ($($type:ty),+) => {
        $(impl From<$type> for Parts {
            fn from(from: $type) -> Self {
                parts!(from; name image image_pull_policy command args env env_from
                    security_context resources ports volume_mounts liveness_probe readiness_probe
                    startup_probe lifecycle restart_policy)
            }
        })+
    };
}

parts_of!(api::Container, api::EphemeralContainer);

impl Parts {
    pub(super) fn container(
        self,
        list: ContainerList,
        index: usize,
        volumes: &[Volume],
        host_network: bool,
    ) -> Container {
        let probes = Probes {
            liveness: self.liveness_probe.is_some(),
            readiness: self.readiness_probe.is_some(),
            startup: self.startup_probe.is_some(),
        };
        let handler_hosts = handler_hosts(&self);
        let env = self.env.unwrap_or_default();
        Container {
            list,
            index,
            probes,
            handler_hosts,
            name: self.name,
            image: self.image.unwrap_or_default(),
            pull_policy: self.image_pull_policy.as_deref().and_then(pull_policy),
            command: self.command.unwrap_or_default(),
            args: self.args.unwrap_or_default(),
            variables: variables(&env, self.env_from.unwrap_or_default()),
            environment: literals(env),
            security: self.security_context.map(|context| Box::new(security(context))),
            resources: self.resources.map(resources).unwrap_or_default(),
            is_sidecar: list == ContainerList::Init
                && self.restart_policy.as_deref() == Some("Always"),
            ports: container_ports(self.ports.as_deref().unwrap_or_default()),
            host_ports: host_ports(self.ports.unwrap_or_default(), host_network),
            host_mounts: host_mounts(self.volume_mounts.unwrap_or_default(), volumes),
        }
    }
}

/// The last of repeated variables counts, as in the container.
fn literals(env: Vec<api::EnvVar>) -> Vec<(String, String)> {
    let literal = |variable: api::EnvVar| Some((variable.name, variable.value?));
    let literals: BTreeMap<String, String> = env.into_iter().filter_map(literal).collect();
    literals.into_iter().collect()
}

fn variables(env: &[api::EnvVar], from: Vec<api::EnvFromSource>) -> Box<[Variable]> {
    let single = (0..).zip(env).filter_map(|(index, variable)| {
        let from = variable.value_from.as_ref()?;
        let secret = from.secret_key_ref.as_ref();
        let secret = secret.map(|reference| Reference::Secret(reference.name.as_str().into()));
        let of = match secret {
            Some(secret) => secret,
            None => Reference::ConfigMap(from.config_map_key_ref.as_ref()?.name.as_str().into()),
        };
        Some(Variable { name: Some(variable.name.as_str().into()), of, index })
    });
    let whole = (0..).zip(from).filter_map(|(index, source)| {
        let secret = source.secret_ref.map(|secret| Reference::Secret(secret.name.into()));
        let config_map = || Some(Reference::ConfigMap(source.config_map_ref?.name.into()));
        Some(Variable { name: None, of: secret.or_else(config_map)?, index })
    });
    single.chain(whole).collect()
}

fn pull_policy(word: &str) -> Option<PullPolicy> {
    match word {
        "Always" => Some(PullPolicy::Always),
        "IfNotPresent" => Some(PullPolicy::IfNotPresent),
        "Never" => Some(PullPolicy::Never),
        _ => None,
    }
}

fn security(from: api::SecurityContext) -> Security {
    let names = |names: Option<Vec<String>>| {
        names.unwrap_or_default().into_iter().map(String::into_boxed_str).collect()
    };
    let capabilities = from.capabilities.unwrap_or_default();
    Security {
        privileged: from.privileged,
        allow_privilege_escalation: from.allow_privilege_escalation,
        read_only_root: from.read_only_root_filesystem,
        run_as_non_root: from.run_as_non_root,
        run_as_user: from.run_as_user,
        run_as_group: from.run_as_group,
        proc_mount: from.proc_mount.map(String::into_boxed_str),
        added: names(capabilities.add),
        dropped: names(capabilities.drop),
        seccomp: from.seccomp_profile.map(|profile| Profile::of(&profile.type_)),
        app_armor: from.app_armor_profile.map(|profile| Profile::of(&profile.type_)),
        se_linux: from.se_linux_options.map(se_linux),
        host_process: from.windows_options.and_then(|windows| windows.host_process),
    }
}

fn resources(from: api::ResourceRequirements) -> Resources {
    let limits = amounts(&from.limits.unwrap_or_default());
    let requests = amounts(&from.requests.unwrap_or_default());
    // The API server fills in a request from a limit.
    let requests = Amounts {
        cpu: if requests.cpu > 0 { requests.cpu } else { limits.cpu },
        memory: if requests.memory > 0 { requests.memory } else { limits.memory },
        ephemeral_storage: requests.ephemeral_storage || limits.ephemeral_storage,
    };
    Resources { requests, limits }
}

fn amounts(from: &BTreeMap<String, Quantity>) -> Amounts {
    // What is no quantity no API server takes: it is read as not set.
    let quantity = |name| -> limits::Quantity {
        from.get(name).and_then(|quantity| quantity.0.parse().ok()).unwrap_or_default()
    };
    Amounts {
        cpu: u32::try_from(quantity("cpu").thousandths()).unwrap_or(u32::MAX),
        ephemeral_storage: quantity("ephemeral-storage").thousandths() > 0,
        memory: quantity("memory").whole(),
    }
}

/// What is no port is left out: the API server takes no such pod.
fn container_ports(from: &[api::ContainerPort]) -> Box<[ContainerPort]> {
    let known = from.iter().filter_map(|port| {
        Some(ContainerPort {
            name: port.name.as_deref().filter(|name| !name.is_empty()).map(Box::from),
            protocol: match &port.protocol {
                None => Protocol::default(),
                Some(word) => Protocol::find(word)?,
            },
            port: u16::try_from(port.container_port).ok().filter(|number| *number != 0)?,
        })
    });
    known.collect()
}

/// On the node's own network a port of the container is one of the node, as the API server writes
/// it down.
fn host_ports(from: Vec<api::ContainerPort>, host_network: bool) -> Box<[HostPort]> {
    let taken = from.into_iter().enumerate().filter_map(|(index, port)| {
        let ip = port.host_ip.filter(|ip| !ip.is_empty()).map(String::into_boxed_str);
        let own = host_network.then_some(port.container_port);
        let port = port.host_port.filter(|port| *port != 0).or(own)?;
        Some(HostPort { index, port, ip })
    });
    taken.collect()
}

fn host_mounts(from: Vec<api::VolumeMount>, volumes: &[Volume]) -> Box<[HostMount]> {
    let of_node = |name: &str| {
        let found = volumes.iter().find(|volume| *volume.name == *name);
        found.is_some_and(|volume| matches!(volume.source, VolumeSource::HostPath(_)))
    };
    let mounts = from.into_iter().enumerate().filter(|(_, mount)| of_node(&mount.name));
    mounts
        .map(|(index, mount)| HostMount {
            index,
            volume: mount.name.into(),
            path: mount.mount_path.into(),
            read_only: mount.read_only.unwrap_or(false),
        })
        .collect()
}

fn handler_hosts(of: &Parts) -> Box<[HandlerHost]> {
    let probe = |probe: &Option<api::Probe>, fields| {
        let probe = probe.as_ref();
        let http = probe.and_then(|probe| probe.http_get.as_ref());
        let tcp = probe.and_then(|probe| probe.tcp_socket.as_ref());
        hosts(http, tcp, fields)
    };
    let handler = |handler: Option<&api::LifecycleHandler>, fields| {
        let http = handler.and_then(|handler| handler.http_get.as_ref());
        let tcp = handler.and_then(|handler| handler.tcp_socket.as_ref());
        hosts(http, tcp, fields)
    };
    let lifecycle = of.lifecycle.as_ref();
    let found = [
        probe(&of.liveness_probe, ["livenessProbe.httpGet.host", "livenessProbe.tcpSocket.host"]),
        probe(
            &of.readiness_probe,
            ["readinessProbe.httpGet.host", "readinessProbe.tcpSocket.host"],
        ),
        probe(&of.startup_probe, ["startupProbe.httpGet.host", "startupProbe.tcpSocket.host"]),
        handler(
            lifecycle.and_then(|lifecycle| lifecycle.post_start.as_ref()),
            ["lifecycle.postStart.httpGet.host", "lifecycle.postStart.tcpSocket.host"],
        ),
        handler(
            lifecycle.and_then(|lifecycle| lifecycle.pre_stop.as_ref()),
            ["lifecycle.preStop.httpGet.host", "lifecycle.preStop.tcpSocket.host"],
        ),
    ];
    found.into_iter().flatten().flatten().collect()
}

fn hosts(
    http: Option<&api::HTTPGetAction>,
    tcp: Option<&api::TCPSocketAction>,
    fields: [&'static str; 2],
) -> [Option<HandlerHost>; 2] {
    let [http_field, tcp_field] = fields;
    let named = |host: Option<&String>, field| {
        let host = host.filter(|host| !host.is_empty())?;
        Some(HandlerHost { field, host: host.as_str().into() })
    };
    [
        named(http.and_then(|action| action.host.as_ref()), http_field),
        named(tcp.and_then(|action| action.host.as_ref()), tcp_field),
    ]
}
