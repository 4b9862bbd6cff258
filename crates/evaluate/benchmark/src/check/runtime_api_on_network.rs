//! The container runtime takes no orders from the network.
//!
//! # What
//! `hosts` of `/etc/docker/daemon.json` and `-H`/`--host` of a running dockerd. It fails on a
//! `tcp://` address without `tlsverify`.
//!
//! # Why
//! The runtime's API makes whoever reaches it root on the node. Scanners look for Docker's port all
//! day.
//!
//! # Remedy
//! Take the `tcp://` address out; where it is needed, demand client certificates (`tlsverify`).
//!
//! # What the remedy may break
//! Whatever builds or deploys through that address.
//!
//! # References
//! - https://docs.docker.com/engine/security/protect-access/

use kuberlock_model::{Evidence, Remedy, Severity, Subject};

use crate::check::{Check, Outcome, Question};
use crate::machine::Machine;

pub(crate) static CHECK: Check =
    Check { severity: Severity::Critical, question: Question::Host(evaluate) };

const FILE: &str = "/etc/docker/daemon.json";

fn evaluate(machine: &Machine<'_>) -> Vec<(Subject, Outcome)> {
    let configured = machine.host.file(FILE);
    let daemon = machine.host.processes.iter().find(|process| process.program() == "dockerd");
    if configured.is_none() && daemon.is_none() {
        return machine.nothing("Docker is not on this node");
    }
    let mut open: Vec<(String, Evidence)> = Vec::new();
    let mut verified = false;
    if let Some(text) = configured.and_then(|file| file.content.as_deref()) {
        let Ok(value) = serde_json::from_str::<serde_json::Value>(text) else {
            return machine.one(Outcome::unknown(format!("`{FILE}` is no JSON")));
        };
        verified |= value.get("tlsverify").and_then(serde_json::Value::as_bool) == Some(true);
        let hosts = value.get("hosts").and_then(serde_json::Value::as_array);
        let hosts = hosts.into_iter().flatten().filter_map(serde_json::Value::as_str);
        let said = |host: &str| {
            (host.to_owned(), Evidence::file(format!("hosts: {host}"), machine.node, FILE))
        };
        open.extend(hosts.filter(|host| host.starts_with("tcp://")).map(said));
    }
    if let Some(process) = daemon {
        verified |= process
            .args
            .iter()
            .any(|arg| matches!(arg.as_str(), "--tlsverify" | "--tlsverify=true"));
        let hosts =
            process.args.iter().filter_map(|arg| arg.find("tcp://").and_then(|at| arg.get(at..)));
        let said = |host: &str| {
            (host.to_owned(), machine.kernel_says("dockerd", format!("--host={host}")))
        };
        open.extend(hosts.map(said));
    }
    if open.is_empty() {
        return machine.one(Outcome::pass("it takes orders from its socket only"));
    }
    let (hosts, evidence): (Vec<String>, Vec<Evidence>) = open.into_iter().unzip();
    let outcome = if verified {
        Outcome::pass("it takes orders from the network only with a client certificate")
    } else {
        let question = "who uses this address? Take it out, or demand client certificates";
        let remedy = Remedy::Decision { question: question.to_owned() };
        Outcome::fail(
            format!("it takes orders from {} without asking who gives them", hosts.join(", ")),
            remedy,
        )
    };
    machine.one(outcome.with_all(evidence))
}
