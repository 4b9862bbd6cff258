//! Only types of volumes that reach neither the node nor a store past the cluster's own claims.

use kuberlock_model::workload::VolumeSource;

use super::Control;
use crate::Pod;
use crate::found::Found;
use crate::standard::Level;

pub(super) const CONTROL: Control = Control {
    name: "restrictedVolumes",
    level: Level::Restricted,
    since: 0,
    replaced: None,
    rule: "must be of a type that reaches neither the node nor storage by itself",
    look,
};

fn look<'a>(pod: &Pod<'a>, _: u32, found: &mut Found<'a>) {
    for (index, volume) in pod.spec.volumes.iter().enumerate() {
        if !is_allowed(&volume.source) {
            found.volume(pod, index, volume);
        }
    }
}

fn is_allowed(source: &VolumeSource) -> bool {
    use VolumeSource::{
        ConfigMap, Csi, DownwardApi, EmptyDir, Ephemeral, Image, PersistentVolumeClaim, Projected,
        Secret,
    };
    matches!(
        source,
        ConfigMap(_)
            | Csi
            | DownwardApi
            | EmptyDir
            | Ephemeral
            | Image
            | PersistentVolumeClaim(_)
            | Projected { .. }
            | Secret(_)
    )
}
