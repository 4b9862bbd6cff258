//! What a finding's check proposes, typed: a report shows it in words, a plan makes changes of it.

use serde::Serialize;
use serde_json::Value;

use crate::component::ComponentKind;
use crate::object::ObjectKey;

/// The remedy of a finding. The check that made the finding builds it; there is no second
/// catalogue from check ids to fixes.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Remedy {
    /// Give a component's flag a value.
    SetFlag {
        /// The component.
        component: ComponentKind,
        /// The node it runs on.
        node: String,
        /// The flag without dashes.
        flag: String,
        /// The value, or the element where `merge` is set.
        value: String,
        /// Add to the list that is there instead of replacing it.
        merge: bool,
    },
    /// Give a field of the kubelet's configuration a value.
    SetKubeletField {
        /// The node.
        node: String,
        /// The file that decides the field today, or the configuration file.
        file: String,
        /// The dotted path.
        field: String,
        /// The value.
        value: Value,
    },
    /// Give a file these permission bits.
    SetFileMode {
        /// The node.
        node: String,
        /// Absolute path.
        path: String,
        /// The bits, as `chmod` takes them.
        mode: String,
    },
    /// Give a file this owner.
    SetFileOwner {
        /// The node.
        node: String,
        /// Absolute path.
        path: String,
        /// The user's name.
        user: String,
        /// The group's name.
        group: String,
    },
    /// Give a kernel setting a value.
    SetSysctl {
        /// The node.
        node: String,
        /// Its name with dots.
        name: String,
        /// Its value.
        value: String,
    },
    /// Change an object.
    PatchObject {
        /// The object.
        object: ObjectKey,
        /// A JSON merge patch (RFC 7386).
        patch: Value,
    },
    /// A person has to decide.
    Decision {
        /// What to decide.
        question: String,
    },
    /// There is nothing to change.
    None {
        /// Why.
        why: &'static str,
    },
}
