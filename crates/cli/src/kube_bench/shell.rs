//! A real shell for the audits that are beyond ours: only where the user allows it.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use kuberlock_kube_bench::benchmark::Fallback;
use kuberlock_kube_bench::shell::Finished;

use crate::error::Error;

/// `/bin/sh` of this machine.
#[derive(Debug)]
pub(super) struct RealShell;

impl RealShell {
    /// None where it is not allowed.
    pub(super) fn for_root(root: &Path, allowed: bool) -> Result<Option<Self>, Error> {
        if allowed && root != Path::new("/") {
            return Err(Error::Usage {
                message: "a shell looks at this machine, not at another root".into(),
                help: "leave --allow-shell away, or scan --root /".into(),
            });
        }
        Ok(allowed.then_some(Self))
    }
}

impl Fallback for RealShell {
    fn run(&self, script: &str) -> Option<Finished> {
        // Both streams go into one pipe, in the order in which they are written.
        let mut child = Command::new("/bin/sh")
            .args(["-c", "exec /bin/sh 2>&1"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let mut stdin = child.stdin.take()?;
        let script = script.to_owned();
        // A shell that ends early leaves the rest unread, which is its right.
        let writer = std::thread::spawn(move || drop(stdin.write_all(script.as_bytes())));
        let output = child.wait_with_output().ok()?;
        writer.join().ok()?;
        let status = output.status.code().and_then(|code| u8::try_from(code).ok());
        Some(Finished { output: output.stdout, status: status.unwrap_or(255) })
    }
}
