//! `kubectl` and `jq`, answered from a model of the cluster.

use kuberlock_kubectl::Session;
use kuberlock_model::Cluster;

use crate::node::{Commands, Output};

/// Answers from what is known of a cluster.
#[derive(Debug)]
pub struct FromModel<'a> {
    session: Session<'a>,
}

impl<'a> FromModel<'a> {
    /// Answers from `cluster`.
    pub fn new(cluster: &'a Cluster) -> Self {
        Self { session: Session::new(cluster) }
    }
}

/// `jq` alone, on what did not come from kubectl.
pub(crate) fn jq(args: &[String], stdin: &[u8]) -> Result<Output, String> {
    let cluster = Cluster::default();
    let session = Session::new(&cluster);
    FromModel { session }.run("jq", args, stdin).unwrap_or_else(|| Ok(Output::default()))
}

impl Commands for FromModel<'_> {
    fn run(&self, name: &str, args: &[String], stdin: &[u8]) -> Option<Result<Output, String>> {
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let answer = match name {
            "kubectl" => self.session.kubectl(&args),
            "jq" => self.session.jq(&args, &String::from_utf8_lossy(stdin)),
            _ => return None,
        };
        Some(match answer {
            Ok(output) => Ok(Output {
                stdout: output.stdout.into_bytes(),
                stderr: output.stderr.into_bytes(),
                status: output.status,
            }),
            Err(why) => Err(why.to_string()),
        })
    }
}
