//! The kubelet refuses requests without credentials.
//!
//! # What
//! `authentication.anonymous.enabled` of the kubelet's configuration as it takes effect: the flag
//! `--anonymous-auth` over drop-ins over the configuration file over the release's default, which
//! is off with a configuration file and on without one.
//!
//! # Why
//! The kubelet's port runs commands in every container of the node. With anonymous requests taken
//! and authorization left to AlwaysAllow, whoever reaches the port owns every workload there.
//!
//! # Remedy
//! Set `authentication.anonymous.enabled: false` in the file that decides it today and restart the
//! kubelet.
//!
//! # What the remedy may break
//! Monitoring that reads the kubelet's metrics or health without a token or certificate.
//!
//! # References
//! - https://kubernetes.io/docs/reference/access-authn-authz/kubelet-authn-authz/
//! - KEP-3983

use kuberlock_model::{Remedy, Severity};

use crate::check::{Check, Outcome, Question};
use crate::kubelet::Kubelet;

pub(crate) static CHECK: Check =
    Check { severity: Severity::Critical, question: Question::Kubelet(evaluate) };

const FIELD: &str = "authentication.anonymous.enabled";
const FLAG: &str = "anonymous-auth";

fn evaluate(kubelet: &Kubelet<'_>) -> Outcome {
    let setting = match kubelet.field(FIELD, FLAG) {
        Ok(setting) => setting,
        Err(why) => return Outcome::unknown(why),
    };
    match setting.as_bool() {
        Some(false) => Outcome::pass("anonymous requests are refused"),
        Some(true) => Outcome::fail("anonymous requests are taken", remedy(kubelet)),
        None => Outcome::unknown("its value is no boolean"),
    }
    .with(setting.evidence)
}

fn remedy(kubelet: &Kubelet<'_>) -> Remedy {
    kubelet.set_field(FIELD, FLAG, serde_json::Value::Bool(false))
}
