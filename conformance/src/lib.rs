//! The same input through real components and through kuberlock.
//!
//! Enters: the binaries of `testbed/build.sh`, and a seed. Leaves: for each test, agreement or
//! the first differences. Always holds: a test that cannot run here is reported as ignored with
//! the reason, and fails where `CI=true`; the same seed gives the same input.

mod chance;
mod inside;
mod record;

use std::sync::{Mutex, PoisonError};

use kuberlock_testbed::{Binaries, Cluster, Missing, NodeSpec, Options};
use libtest_mimic::{Failed, Trial};

pub use chance::Chance;
pub use inside::Inside;
pub use record::{from_line, to_line};

/// What a case comes to.
pub type Outcome = Result<(), Failed>;

/// Whether the full counts are wanted.
pub fn prove() -> bool {
    std::env::var_os("KUBERLOCK_PROVE").is_some_and(|value| value == "1")
}

/// The smallest cluster with a working API server and controllers.
pub fn small() -> Options {
    Options {
        nodes: vec![NodeSpec::control_plane("cp-1")],
        finish_kubeadm: false,
        ..Options::default()
    }
}

/// A cluster that several cases share, started by the first of them.
pub struct Shared {
    options: fn() -> Options,
    /// None until a case needs it; an error is that of the start, tried once.
    cluster: Mutex<Option<Result<Cluster, String>>>,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Shared")
    }
}

impl Shared {
    /// A cluster to be.
    pub const fn new(options: fn() -> Options) -> Self {
        Self { options, cluster: Mutex::new(None) }
    }

    /// A test that has the cluster to itself for a while.
    pub fn trial(
        &'static self,
        name: &'static str,
        binaries: &Result<Binaries, Missing>,
        case: fn(&Cluster) -> Outcome,
    ) -> Trial {
        match binaries {
            Ok(binaries) => {
                let binaries = binaries.clone();
                Trial::test(name, move || self.run(&binaries, case))
            }
            Err(missing) if missing.may_be_ignored() => {
                Trial::test(format!("{name} ({missing})"), || Ok(())).with_ignored_flag(true)
            }
            Err(missing) => {
                let missing = missing.to_string();
                Trial::test(name, move || Err(missing.into()))
            }
        }
    }

    /// Ends the cluster; a static is never dropped.
    pub fn end(&self) {
        drop(self.cluster.lock().unwrap_or_else(PoisonError::into_inner).take());
    }

    fn run(&self, binaries: &Binaries, case: fn(&Cluster) -> Outcome) -> Outcome {
        let mut held = self.cluster.lock().unwrap_or_else(PoisonError::into_inner);
        let start = || Cluster::start(binaries, &(self.options)()).map_err(|e| e.to_string());
        match held.get_or_insert_with(start) {
            Ok(cluster) => case(cluster),
            Err(error) => Err(error.as_str().into()),
        }
    }
}
