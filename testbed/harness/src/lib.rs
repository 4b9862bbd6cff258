//! Starts and stops real test clusters: etcd, API server, controller manager and scheduler as
//! kubeadm sets them up, on one machine, without containers.
//!
//! Enters: the binaries that `testbed/build.sh` makes, and [`Options`].
//! Leaves: a [`Cluster`] whose programs run in namespaces of their own, and whose files are seen
//! both there (under their usual paths) and outside (under [`Cluster::root`]).
//! Always holds: the components run with exactly the command lines of their manifests; several
//! clusters live side by side; nothing outlives the process that started it, not even when that
//! process is killed, for the first process of the namespaces ends when its standard input does.
//!
//! No program of this crate runs inside: cargo does not build the binaries of a dependency, so
//! the first process is a shell script, and the kubelet's part ([`static_pods`]) is played by
//! threads of the test.
//!
//! ```no_run
//! use kuberlock_testbed::{Binaries, Cluster, Options};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let cluster = Cluster::start(&Binaries::locate()?, &Options::default())?;
//! cluster.apply("{apiVersion: v1, kind: Namespace, metadata: {name: shop}}")?;
//! let nodes = cluster.get(&["nodes"])?;
//! # let _ = nodes;
//! # Ok(())
//! # }
//! ```

mod binaries;
mod cluster;
mod error;
pub mod generate;
mod kube_proxy;
mod kubeadm;
mod kwok;
mod layout;
mod namespaces;
mod node;
mod options;
mod rootfs;
pub mod static_pods;
mod yaml;

pub use binaries::{Binaries, Missing};
pub use cluster::Cluster;
pub use error::Error;
pub use options::{NodeFile, NodeSpec, Options};
