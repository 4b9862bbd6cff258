//! May a pod be admitted? The Pod Security Standards, at every level and version.
//!
//! Enters: a level and version, or a namespace's labels; what a pod asks for. Leaves: the
//! [`Violation`]s, each with the fields that make it. Always holds: the verdict is that of the API
//! server's own admission plugin of the same version on the same pod; controls come in the order of
//! their names, those of the baseline first; a version newer than the newest that is known here is
//! read as that one, as the plugin does.
//!
//! ```
//! use kuberlock_admission::{Level, Pod, Standard, Version, evaluate};
//! use kuberlock_model::FieldPath;
//! use kuberlock_model::workload::PodSpec;
//!
//! let (spec, annotations) = (PodSpec { host_pid: true, ..PodSpec::default() }, Default::default());
//! let pod = Pod { spec: &spec, annotations: &annotations, path: &FieldPath::of("spec") };
//! let baseline = Standard { level: Level::Baseline, version: Version::Latest };
//! let violations = evaluate(baseline, &pod);
//! assert_eq!(violations[0].control, "hostNamespaces");
//! assert_eq!(violations[0].fields[0].path.as_str(), "spec.hostPID");
//! ```

mod control;
mod found;
mod policy;
mod standard;

use std::collections::BTreeMap;

use kuberlock_model::FieldPath;
use kuberlock_model::workload::PodSpec;

pub use control::{Control, controls};
pub use found::{Field, Violation};
pub use policy::{Mode, Policy, Setting};
pub use standard::{Level, NEWEST, NotAVersion, Standard, Version};

use found::Found;

/// A pod, or the template of pods.
#[derive(Clone, Copy, Debug)]
pub struct Pod<'a> {
    /// What it asks for.
    pub spec: &'a PodSpec,
    /// The pod's annotations.
    pub annotations: &'a BTreeMap<String, String>,
    /// Where `spec` is in its document.
    pub path: &'a FieldPath,
}

impl Pod<'_> {
    /// Where the annotation `key` is in the document: beside the pod's spec.
    pub(crate) fn annotation(&self, key: &str) -> FieldPath {
        let path = self.path.as_str();
        let parent = path.strip_suffix("spec").unwrap_or_default();
        FieldPath::of(&format!("{parent}metadata")).key("annotations").key(key)
    }
}

/// What of `pod` the standard forbids; empty where it may be admitted.
pub fn evaluate(standard: Standard, pod: &Pod<'_>) -> Vec<Violation> {
    let minor = standard.version.minor();
    let in_force = controls().iter().filter(|control| control.is_in_force(standard.level, minor));
    let violation = |control: &Control| {
        let mut found = Found::default();
        (control.look)(pod, minor, &mut found);
        found.violation(control)
    };
    in_force.filter_map(violation).collect()
}
