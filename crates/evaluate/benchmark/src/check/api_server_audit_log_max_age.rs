//! Audit logs are kept long enough.
//!
//! # What
//! `--audit-log-maxage` of kube-apiserver, the days for which rotated audit logs are kept, where
//! `--audit-log-path` names a file. It fails below `least`. Zero is no limit, and passes.
//!
//! # Why
//! An incident is often found weeks after it began. Logs that were deleted by then, or pushed out
//! by somebody who made noise on purpose, tell nothing.
//!
//! # Remedy
//! Set `--audit-log-maxage` to 30 or more; better still, ship the log off the node as it is
//! written.
//!
//! # What the remedy may break
//! The node keeps more: 10 rotated files of 100 MiB are 1 GiB of its disk. Make room before raising
//! the number.
//!
//! # Parameters
//! - `least` = `30`: the least number of days
//!
//! # References
//! - https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/

use kuberlock_model::Severity;
use kuberlock_model::component::ComponentKind;

use crate::check::{Check, Outcome, Question};
use crate::flag::{self, Number};
use crate::running::Running;

pub(crate) static CHECK: Check = Check {
    severity: Severity::Low,
    question: Question::Component(ComponentKind::ApiServer, evaluate),
};

fn evaluate(api_server: &Running<'_>) -> Outcome {
    let log = api_server.flag("audit-log-path");
    if !log.is_given() {
        return Outcome::not_applicable("no audit log is written").with(log.evidence);
    }
    if log.value.as_deref() == Some("-") {
        return Outcome::not_applicable("the audit log goes to standard output").with(log.evidence);
    }
    let least = api_server.context.parameter("api-server-audit-log-max-age", "least");
    let zero = Some("files are not deleted for their age");
    let (flag, most, unit) = ("audit-log-maxage", None, "days");
    flag::number(api_server, Number { flag, least: Some(least), most, zero, unit })
}
