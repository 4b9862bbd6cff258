//! No port that asks for no credentials is open to the network.
//!
//! # What
//! Sockets that listen on other addresses than loopback, on ports that answer without credentials
//! or in the clear: the kubelet's read-only port (10255), Docker's API (2375), the old insecure
//! ports of the API server (8080, where kube-apiserver holds it), the scheduler (10251) and the
//! controller manager (10252), the API of cAdvisor (4194), and kube-proxy's metrics (10249).
//!
//! # Why
//! Each of them tells strangers what runs where, and Docker's makes them root. Nothing of it leaves
//! a trace in the audit log.
//!
//! # Remedy
//! Close the port, or bind it to loopback.
//!
//! # What the remedy may break
//! Monitoring that reads the port from another machine.
//!
//! # References
//! - https://kubernetes.io/docs/reference/networking/ports-and-protocols/

use kuberlock_model::system::{Listener, Protocol};
use kuberlock_model::{Evidence, Remedy, Severity, Subject};

use crate::check::{Check, Outcome, Question};
use crate::machine::Machine;

pub(crate) static CHECK: Check =
    Check { severity: Severity::High, question: Question::Host(evaluate) };

/// Ports, and what answers there without asking who is there.
const PORTS: [(u16, &str); 7] = [
    (2375, "Docker's API, which makes whoever asks root"),
    (4194, "cAdvisor, which tells what runs here"),
    (8080, "the API server's insecure port"),
    (10249, "kube-proxy's metrics and its configuration"),
    (10251, "the scheduler's insecure port"),
    (10252, "the controller manager's insecure port"),
    (10255, "the kubelet's read-only port, which tells every pod and its environment"),
];

fn evaluate(machine: &Machine<'_>) -> Vec<(Subject, Outcome)> {
    if let Some(outcome) = machine.nothing_listens() {
        return machine.one(outcome);
    }
    let open: Vec<(&Listener, &str)> = machine.listeners().filter_map(is_insecure).collect();
    if open.is_empty() {
        return machine.one(Outcome::pass("no such port is open to the network"));
    }
    let said: Vec<String> = open.iter().map(|(l, what)| format!("{}: {what}", l.port)).collect();
    let question = "who reads these ports from other machines? Move them to the authenticated \
                    ports, then close these";
    let remedy = Remedy::Decision { question: question.to_owned() };
    let evidence = open.iter().map(|(listener, _)| shown(machine, listener));
    machine.one(
        Outcome::fail(format!("open to the network: {}", said.join("; ")), remedy)
            .with_all(evidence),
    )
}

fn is_insecure(listener: &Listener) -> Option<(&Listener, &'static str)> {
    if !listener.is_exposed() || listener.protocol != Protocol::Tcp {
        return None;
    }
    let (_, what) = PORTS.iter().find(|(port, _)| *port == listener.port)?;
    // Anything may serve on 8080; only the API server's is meant.
    let other = listener.port == 8080 && listener.program.as_deref() != Some("kube-apiserver");
    (!other).then_some((listener, *what))
}

/// A socket, as evidence.
fn shown(machine: &Machine<'_>, listener: &Listener) -> Evidence {
    let program = listener.program.as_deref().unwrap_or("a program that could not be told");
    let address = std::net::SocketAddr::new(listener.address, listener.port);
    machine.kernel_says("/proc/net/tcp", format!("{program} listens on {address}"))
}
