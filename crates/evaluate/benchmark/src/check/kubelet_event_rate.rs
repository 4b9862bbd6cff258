//! The kubelet tells of enough events.
//!
//! # What
//! `eventRecordQPS` of the kubelet's configuration as it takes effect: the flag `--event-qps` over
//! drop-ins over the configuration file over the release's default. It fails below `least` events a
//! second; zero is no limit, and passes. The benchmark leaves the number to the reader; 5 is what
//! kubelets had on their own for years.
//!
//! # Why
//! Events beyond the rate are dropped, and with them what tells of a container that restarts, of a
//! mount that fails, of an image that changed.
//!
//! # Remedy
//! Set `eventRecordQPS` to the least rate or more, or leave it at the default.
//!
//! # What the remedy may break
//! More events mean more writes to etcd; with zero, a node in trouble can write as many as it
//! likes.
//!
//! # Parameters
//! - `least` = `5`: the least events a second
//!
//! # References
//! - https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/

use kuberlock_model::Severity;

use crate::check::{Check, Outcome, Question};
use crate::field;
use crate::kubelet::Kubelet;

pub(crate) static CHECK: Check =
    Check { severity: Severity::Low, question: Question::Kubelet(evaluate) };

const NAME: field::Name = ("eventRecordQPS", "event-qps");

fn evaluate(kubelet: &Kubelet<'_>) -> Outcome {
    let least = kubelet.context().parameter("kubelet-event-rate", "least");
    let Ok(least) = least.parse::<i64>() else {
        return Outcome::unknown("the parameter `least` is no number");
    };
    field::number(kubelet, NAME, |rate| match rate {
        0 => Outcome::pass("events are not limited"),
        rate if rate < least => Outcome::fail(
            format!("{rate} events a second, less than {least}"),
            field::set(kubelet, NAME, least),
        ),
        rate => Outcome::pass(format!("{rate} events a second")),
    })
}
