//! No volume is a path of the node.

use kuberlock_model::workload::VolumeSource;

use super::Control;
use crate::Pod;
use crate::found::Found;
use crate::standard::Level;

pub(super) const CONTROL: Control = Control {
    name: "hostPathVolumes",
    level: Level::Baseline,
    since: 0,
    // By the allowed types of volumes.
    replaced: Some(0),
    rule: "must not be a path of the node",
    look,
};

fn look<'a>(pod: &Pod<'a>, _: u32, found: &mut Found<'a>) {
    for (index, volume) in pod.spec.volumes.iter().enumerate() {
        if matches!(volume.source, VolumeSource::HostPath(_)) {
            found.volume(pod, index, volume);
        }
    }
}
