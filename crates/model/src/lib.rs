//! The nouns of kuberlock, and nothing else.
//!
//! Enters: values that [a source](../kuberlock_source/index.html) has converted at the edge.
//! Leaves: the same values, joined in one [`Cluster`], and the [`Finding`]s made from it.
//! Always holds: no I/O, no clock, no environment; a value that exists is valid; whatever looks
//! like a credential was replaced before it got here; iteration order is the order of names.
//!
//! ```text
//! source ── Change ──▶ Cluster ──▶ evaluate/* ──▶ Finding ──▶ report
//!                        │                          └─ Remedy ──▶ remediate
//!                        └─ Coverage: what was and was not seen
//! ```

pub mod admission;
pub mod certificate;
pub mod cluster;
pub mod component;
pub mod configuration;
pub mod coverage;
pub mod finding;
pub mod flow;
pub mod host;
pub mod layout;
pub mod limits;
pub mod namespace;
pub mod network;
pub mod object;
pub mod origin;
pub mod rbac;
pub mod release;
pub mod remedy;
pub mod scan;
pub mod selector;
pub mod system;
pub mod workload;

pub use jiff::Timestamp;

pub use cluster::{Change, Cluster};
pub use coverage::{Coverage, Reach};
pub use finding::{Evidence, Finding, Severity, Subject, Verdict};
pub use object::{Kind, Metadata, Object, ObjectKey};
pub use origin::{FieldPath, Origin};
pub use release::Release;
pub use remedy::Remedy;
