//! A request to the API server ends in reasonable time.
//!
//! # What
//! `--request-timeout` of kube-apiserver: how long a request may take that is no watch. It fails
//! for zero or less, and above `most` seconds. The benchmark leaves the number to the reader; 300
//! seconds is five times what the API server has on its own.
//!
//! # Why
//! Requests that never end hold connections and memory: a few slow callers then take the API server
//! away from all.
//!
//! # Remedy
//! Set `--request-timeout` to what the slowest honest request needs, or leave it at the default.
//!
//! # What the remedy may break
//! Slow lists of very large clusters, over slow links, are cut off if the number is too small.
//!
//! # Parameters
//! - `most` = `300`: the most seconds
//!
//! # References
//! - https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/

use kuberlock_model::Severity;
use kuberlock_model::component::ComponentKind;

use crate::check::{Check, Outcome, Question};
use crate::flag;
use crate::running::Running;

pub(crate) static CHECK: Check = Check {
    severity: Severity::Low,
    question: Question::Component(ComponentKind::ApiServer, evaluate),
};

const FLAG: &str = "request-timeout";

fn evaluate(api_server: &Running<'_>) -> Outcome {
    if let Some(outcome) = flag::missing(api_server, FLAG) {
        return outcome;
    }
    let setting = api_server.flag(FLAG);
    let most = api_server.context.parameter("api-server-request-timeout", "most");
    let Ok(most) = most.parse::<f64>() else {
        return Outcome::unknown("the parameter `most` is no number").with(setting.evidence);
    };
    let remedy = || api_server.set_flag(FLAG, "1m0s");
    match setting.value.as_deref().and_then(flag::seconds) {
        None => Outcome::unknown("its value is no duration"),
        Some(value) if value <= 0.0 => Outcome::fail("requests may take for ever", remedy()),
        Some(value) if value > most => {
            Outcome::fail(format!("requests may take {value} s, more than {most}"), remedy())
        }
        Some(value) => Outcome::pass(format!("requests end after {value} s")),
    }
    .with(setting.evidence)
}
