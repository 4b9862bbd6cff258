//! Nothing listens to the network that a node need not have.
//!
//! # What
//! Every TCP socket that listens on another address than loopback, against the ports of Kubernetes,
//! of SSH and of usual networks. The kubelet, kube-proxy and the container runtime open ports for
//! pods and services of their own accord; what they hold is left out.
//!
//! # Why
//! What listens can be attacked. A node needs few doors; each further one is a program to keep
//! patched and a way around the API server and its audit log.
//!
//! # Remedy
//! Stop the program, bind it to loopback, or name its port in the parameter `ports`.
//!
//! # What the remedy may break
//! Whatever another machine asks that program for.
//!
//! # Parameters
//! - `ports` = `22,53,179,2379-2381,4240,4244,5473,6443,7946,9098-9100,9253,9345,9443,10250,10256-10260,30000-32767`: ports and ranges that are expected
//! - `programs` = `kubelet,kube-proxy,containerd,crio,dockerd,k3s-server,k3s-agent,rke2`: programs whose ports are not looked at
//!
//! # References
//! - https://kubernetes.io/docs/reference/networking/ports-and-protocols/

use std::ops::RangeInclusive;

use kuberlock_model::system::{Listener, Protocol};
use kuberlock_model::{Remedy, Severity, Subject};

use crate::check::{Check, Outcome, Question};
use crate::machine::Machine;

pub(crate) static CHECK: Check =
    Check { severity: Severity::Low, question: Question::Host(evaluate) };

const ID: &str = "listener-unexpected";

fn evaluate(machine: &Machine<'_>) -> Vec<(Subject, Outcome)> {
    if let Some(outcome) = machine.nothing_listens() {
        return machine.one(outcome);
    }
    let ports = match ranges(machine.context.parameter(ID, "ports")) {
        Ok(ports) => ports,
        Err(word) => {
            let message =
                format!("the parameter `ports` holds `{word}`, which is no port or range");
            return machine.one(Outcome::unknown(message));
        }
    };
    let programs: Vec<&str> =
        machine.context.parameter(ID, "programs").split(',').map(str::trim).collect();
    let unexpected = |listener: &&Listener| {
        listener.is_exposed()
            && listener.protocol == Protocol::Tcp
            && !ports.iter().any(|range| range.contains(&listener.port))
            && !listener.program.as_deref().is_some_and(|program| programs.contains(&program))
    };
    let open: Vec<&Listener> = machine.listeners().filter(unexpected).collect();
    if open.is_empty() {
        return machine.one(Outcome::pass("only expected ports are open to the network"));
    }
    let mut names: Vec<String> = open.iter().map(|listener| name(listener)).collect();
    names.dedup();
    let question = "what are these for? Stop or bind them to loopback, or name their ports in the \
                    parameter `ports` of this check";
    let remedy = Remedy::Decision { question: question.to_owned() };
    let evidence = open.iter().map(|listener| {
        let address = std::net::SocketAddr::new(listener.address, listener.port);
        machine.kernel_says("/proc/net/tcp", format!("{} on {address}", name(listener)))
    });
    machine.one(
        Outcome::fail(format!("open to the network: {}", names.join(", ")), remedy)
            .with_all(evidence),
    )
}

fn name(listener: &Listener) -> String {
    match &listener.program {
        Some(program) => format!("{program} ({})", listener.port),
        None => format!("port {}", listener.port),
    }
}

/// Ports and ranges, or the word that is neither.
fn ranges(list: &str) -> Result<Vec<RangeInclusive<u16>>, &str> {
    let words = list.split(',').map(str::trim).filter(|word| !word.is_empty());
    let range = |word| {
        let (first, last) = str::split_once(word, '-').unwrap_or((word, word));
        match (first.parse(), last.parse()) {
            (Ok(first), Ok(last)) => Ok(first..=last),
            _ => Err(word),
        }
    };
    words.map(range).collect()
}
