//! Is the cluster configured as it should be, for the release in use?
//!
//! Enters: a model cluster. Leaves: one finding for each subject of each check, worst first.
//! Always holds: pure (no I/O, no clock, no environment); no check contains a release's default,
//! it asks the release table; what was not seen is `unknown`, never pass.

mod admission;
mod authorization;
pub mod benchmark;
mod certificate;
pub mod check;
mod cipher;
mod component_file;
pub mod context;
mod document;
mod drift;
mod etcd;
mod evaluate;
mod field;
mod flag;
mod gate;
mod installed;
mod kubeadm;
pub mod kubelet;
mod kubelet_fields;
pub mod machine;
pub mod namespace;
mod network_plugin;
pub mod pack;
pub mod parameter;
mod permission;
mod pods;
mod power;
pub mod registry;
pub mod running;
mod sysctl;
mod system;
pub mod tailoring;

pub use benchmark::{Benchmark, choose};
pub use check::{Check, Outcome, Question};
pub use context::Context;
pub use evaluate::evaluate;
pub use machine::Machine;
pub use network_plugin::{NetworkPlugin, network_plugin};
pub use pack::Pack;
pub use parameter::{Parameter, Parameters};
pub use registry::{Manual, Registered, find, registry};
pub use tailoring::{NotATailoring, Tailoring};
