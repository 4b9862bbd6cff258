//! A kubelet may change only its own node and its own pods.
//!
//! # What
//! The admission plugin NodeRestriction, by `--enable-admission-plugins` and
//! `--disable-admission-plugins` of kube-apiserver over the plugins that the release has on by
//! default. It fails where the plugin is off.
//!
//! # Why
//! Without it, whoever holds one kubelet's credential can relabel any node, draw sensitive
//! workloads onto the node they hold, and read the secrets those workloads mount.
//!
//! # Remedy
//! Add NodeRestriction to `--enable-admission-plugins`, keeping what the list has.
//!
//! # What the remedy may break
//! Kubelets that give themselves labels below `node-restriction.kubernetes.io/` or most of
//! `kubernetes.io/`, and programs that borrow a kubelet's credential for other work.
//!
//! # References
//! - https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#noderestriction
//! - https://kubernetes.io/docs/reference/access-authn-authz/node/

use kuberlock_model::component::ComponentKind;
use kuberlock_model::{Evidence, Remedy, Severity};

use crate::check::{Check, Outcome, Question};
use crate::running::Running;

pub(crate) static CHECK: Check = Check {
    severity: Severity::High,
    question: Question::Component(ComponentKind::ApiServer, evaluate),
};

const PLUGIN: &str = "NodeRestriction";

fn evaluate(api_server: &Running<'_>) -> Outcome {
    let enabled = api_server.flag("enable-admission-plugins");
    let disabled = api_server.flag("disable-admission-plugins");
    if disabled.elements().contains(&PLUGIN) {
        let question = "who had NodeRestriction switched off, and for what? Take it out of \
                        --disable-admission-plugins and add it to --enable-admission-plugins";
        let remedy = Remedy::Decision { question: question.to_owned() };
        return Outcome::fail("NodeRestriction is switched off", remedy).with(disabled.evidence);
    }
    if enabled.elements().contains(&PLUGIN) {
        return Outcome::pass("NodeRestriction is on").with(enabled.evidence);
    }
    let table = api_server.context.table.table;
    match table.admission_plugin(PLUGIN) {
        Some(plugin) if plugin.default => Outcome::pass("NodeRestriction is on by default")
            .with(Evidence::default_of("NodeRestriction: on", table.minor.clone())),
        Some(_) => {
            let remedy = api_server.add_to_flag("enable-admission-plugins", PLUGIN);
            Outcome::fail("NodeRestriction is not on", remedy)
                .with(enabled.evidence)
                .with(Evidence::default_of("NodeRestriction: off", table.minor.clone()))
        }
        None => Outcome::unknown(format!("release {} has no such plugin", table.minor)),
    }
}
