//! A program of ours within the cluster's network, seen from a test outside.

use std::io::Write;
use std::process::Stdio;

use kuberlock_testbed::Cluster;
use libtest_mimic::Failed;
use serde_json::Value;

/// The binary `inside`, run on the control-plane node.
#[derive(Debug)]
pub struct Inside<'c> {
    cluster: &'c Cluster,
    /// The binary, `env!("CARGO_BIN_EXE_inside")` in a test.
    binary: &'static str,
    /// A kubeconfig, as a path inside.
    kubeconfig: String,
}

impl<'c> Inside<'c> {
    /// As the administrator.
    pub fn administrator(cluster: &'c Cluster, binary: &'static str) -> Self {
        let kubeconfig = cluster.kubeconfig_path().display().to_string();
        Self { cluster, binary, kubeconfig }
    }

    /// As a service account, with a token of its own and its namespace as default.
    ///
    /// # Errors
    /// Where no token can be had.
    pub fn account(
        cluster: &'c Cluster,
        binary: &'static str,
        namespace: &str,
        name: &str,
    ) -> Result<Self, Failed> {
        let token = cluster.kubectl(&["create", "token", "-n", namespace, name])?;
        let token = String::from_utf8(token.stdout)?;
        let admin = outside(cluster, &cluster.kubeconfig_path().display().to_string());
        let admin = std::fs::read_to_string(admin)?;
        let server = admin.lines().find_map(|line| line.trim().strip_prefix("server: "));
        let server = server.ok_or("the administrator's kubeconfig names no server")?;
        let kubeconfig = format!("/etc/kubernetes/{namespace}-{name}.conf");
        let text = format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: c\n\
             clusters: [{{name: test, cluster: {{server: '{server}', \
             certificate-authority: /etc/kubernetes/pki/ca.crt}}}}]\n\
             contexts: [{{name: c, context: {{cluster: test, user: u, namespace: {namespace}}}}}]\n\
             users: [{{name: u, user: {{token: {}}}}}]\n",
            token.trim()
        );
        std::fs::write(outside(cluster, &kubeconfig), text)?;
        Ok(Self { cluster, binary, kubeconfig })
    }

    /// Posts each body to `path`; the answers are in the order of the bodies.
    ///
    /// # Errors
    /// Where any of them is refused.
    pub fn post(&self, path: &str, bodies: &[Value]) -> Result<Vec<Value>, Failed> {
        let lines: String = bodies.iter().map(|body| format!("{body}\n")).collect();
        self.run(&["post", path], &lines)
    }

    /// The same; what is refused is answered with a `Status`, as the server gives it.
    ///
    /// # Errors
    /// Where the server does not answer.
    pub fn try_post(&self, path: &str, bodies: &[Value]) -> Result<Vec<Value>, Failed> {
        let lines: String = bodies.iter().map(|body| format!("{body}\n")).collect();
        self.run(&["try", path], &lines)
    }

    /// What `kuberlock_live::read` gives: its records as lines, then the identity or the error.
    ///
    /// # Errors
    /// Where the program itself fails.
    pub fn read(&self, flags: &[&str]) -> Result<Vec<Value>, Failed> {
        let words: Vec<&str> = std::iter::once("read").chain(flags.iter().copied()).collect();
        self.run(&words, "")
    }

    fn run(&self, words: &[&str], input: &str) -> Result<Vec<Value>, Failed> {
        let mut command = self.cluster.command(self.binary);
        command.arg(&self.kubeconfig).args(words).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.stderr(Stdio::inherit()).spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(input.as_bytes())?;
        }
        let output = child.wait_with_output()?;
        if !output.status.success() {
            return Err(format!("`inside {}` ended with {}", words.join(" "), output.status).into());
        }
        let lines = output.stdout.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        lines.map(|line| serde_json::from_slice(line).map_err(Failed::from)).collect()
    }
}

fn outside(cluster: &Cluster, path: &str) -> std::path::PathBuf {
    cluster.root().join(path.trim_start_matches('/'))
}
