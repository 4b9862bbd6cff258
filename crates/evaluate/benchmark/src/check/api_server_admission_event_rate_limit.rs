//! Nobody can flood the API server with events.
//!
//! # What
//! The admission plugin EventRateLimit, by `--enable-admission-plugins` and
//! `--disable-admission-plugins` of kube-apiserver over the plugins that the release has on by
//! default. It fails where the plugin is off. Whether its limits are sensible is not asked.
//!
//! # Why
//! A workload that fails in a loop, or somebody who wants it to, can write events faster than etcd
//! takes them, and the control plane slows down for everyone.
//!
//! # Remedy
//! Write limits for EventRateLimit into the file of `--admission-control-config-file`, mount that
//! file into the API server, then add the plugin to `--enable-admission-plugins`.
//!
//! # What the remedy may break
//! Without limits in that file the API server does not start: the plugin refuses an empty
//! configuration. With limits that are too low, events that an operator needs are dropped in the
//! very moment of trouble.
//!
//! # References
//! - https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#eventratelimit

use kuberlock_model::Severity;
use kuberlock_model::component::ComponentKind;
use kuberlock_model::configuration::Configuration;

use crate::admission;
use crate::check::{Check, Outcome, Question};
use crate::running::Running;

pub(crate) static CHECK: Check = Check {
    severity: Severity::Low,
    question: Question::Component(ComponentKind::ApiServer, evaluate),
};

fn evaluate(api_server: &Running<'_>) -> Outcome {
    admission::must_be_on(api_server, "EventRateLimit", Some(first(api_server)))
}

/// What has to be settled before the plugin is switched on.
fn first(api_server: &Running<'_>) -> &'static str {
    if has_limits(api_server) {
        "the admission configuration has a section for EventRateLimit: are its limits meant? Then \
         add EventRateLimit to --enable-admission-plugins"
    } else {
        "how many events a second may a namespace, a user and the server as a whole write? Put the \
         limits into the file of --admission-control-config-file, and mount it, before adding \
         EventRateLimit to --enable-admission-plugins: without limits the API server does not start"
    }
}

fn has_limits(api_server: &Running<'_>) -> bool {
    let file = api_server.flag("admission-control-config-file").value.unwrap_or_default();
    match api_server.configuration(&file).map(|file| &file.configuration) {
        Some(Configuration::Admission(plugins)) => plugins.contains_key("EventRateLimit"),
        _ => false,
    }
}
