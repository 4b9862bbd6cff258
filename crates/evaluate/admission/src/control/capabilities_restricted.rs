//! All capabilities are dropped; only that of binding low ports may be added again.

use super::{Control, is_windows};
use crate::Pod;
use crate::found::Found;
use crate::standard::Level;

pub(super) const CONTROL: Control = Control {
    name: "capabilities_restricted",
    level: Level::Restricted,
    since: 22,
    replaced: None,
    rule: "must drop ALL capabilities, and add none but NET_BIND_SERVICE",
    look,
};

fn look<'a>(pod: &Pod<'a>, minor: u32, found: &mut Found<'a>) {
    if is_windows(pod.spec, minor) {
        return;
    }
    for container in &pod.spec.containers {
        let security = container.security();
        if !security.dropped.iter().any(|name| &**name == "ALL") {
            let value = "capabilities.drop does not hold ALL".to_owned();
            found.container(pod, container, "securityContext", value);
        }
        for (index, name) in security.added.iter().enumerate() {
            if &**name != "NET_BIND_SERVICE" {
                let field = format!("securityContext.capabilities.add[{index}]");
                found.container(pod, container, &field, format!("adds {name}"));
            }
        }
    }
}
