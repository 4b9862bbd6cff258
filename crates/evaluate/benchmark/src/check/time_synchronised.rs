//! Something keeps the machine's time.
//!
//! # What
//! A time daemon (chronyd, systemd-timesyncd, ntpd, ptp4l) that runs, or that systemd starts with
//! the machine. It fails where one is installed and neither runs nor is started. Where none is
//! installed the answer is unknown: a hypervisor may keep the time.
//!
//! # Why
//! Certificates and tokens are valid by the clock, and the records of several machines can be put
//! in order only where their clocks agree. An incident cannot be told from logs that differ by
//! hours.
//!
//! # Remedy
//! `systemctl enable --now` the unit of the daemon.
//!
//! # What the remedy may break
//! Software that cannot bear a step of the clock; let the daemon slew.
//!
//! # References
//! - https://kubernetes.io/docs/setup/best-practices/cluster-large/

use kuberlock_model::layout::Layout;
use kuberlock_model::system::{Daemon, DaemonState};
use kuberlock_model::{Remedy, Severity, Subject};

use crate::check::{Check, Outcome, Question};
use crate::machine::Machine;

pub(crate) static CHECK: Check =
    Check { severity: Severity::Low, question: Question::Host(evaluate) };

fn evaluate(machine: &Machine<'_>) -> Vec<(Subject, Outcome)> {
    if machine.layout() == Layout::Talos {
        return machine.one(Outcome::not_applicable("Talos keeps time itself"));
    }
    let mut daemons: Vec<&Daemon> = machine.daemons().collect();
    // The furthest first: what runs decides.
    daemons.sort_by_key(|daemon| std::cmp::Reverse(daemon.state));
    let Some(daemon) = daemons.first() else {
        return machine.one(Outcome::unknown("no time daemon is on the machine"));
    };
    let name = &daemon.name;
    let outcome = match (daemon.state, machine.runs()) {
        (DaemonState::Running, _) => Outcome::pass(format!("{name} runs")),
        (DaemonState::Enabled, false) => Outcome::pass(format!("{name} starts with the machine")),
        (DaemonState::Enabled, true) => Outcome::fail(
            format!("{name} is to start with the machine, but does not run"),
            remedy(name),
        ),
        (DaemonState::Installed, _) => {
            Outcome::fail(format!("{name} is installed, but nothing starts it"), remedy(name))
        }
    };
    let state = match daemon.state {
        DaemonState::Running => "runs",
        DaemonState::Enabled => "enabled",
        DaemonState::Installed => "installed",
    };
    machine.one(outcome.with(machine.kernel_says("systemd", format!("{name}: {state}"))))
}

fn remedy(name: &str) -> Remedy {
    Remedy::Decision {
        question: format!(
            "is it {name} that should keep this machine's time? Then enable and start it"
        ),
    }
}
