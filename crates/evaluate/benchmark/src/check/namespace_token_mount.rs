//! The default service account of a namespace gives no token to pods.
//!
//! # What
//! `automountServiceAccountToken` of the service account `default` of each namespace. It fails where
//! that is not `false`, also where no pod runs as it today. Kubernetes' own namespaces are left out.
//!
//! # Why
//! Every pod whose author thought of no account gets this one's token, and with it whatever is bound
//! to it, or to all accounts, by then.
//!
//! # Remedy
//! Set `automountServiceAccountToken: false` on it, and give what speaks to the API server an account
//! of its own.
//!
//! # What the remedy may break
//! Pods that use the default account's token, at their next start.
//!
//! # References
//! - https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#opt-out-of-api-credential-automounting

use kuberlock_model::{Evidence, FieldPath, Kind, Object, ObjectKey, Remedy, Severity, Subject};
use serde_json::json;

use super::pod_privileged::PODS;
use crate::check::{Check, Outcome, Question};
use crate::context::Context;
use crate::namespace;

pub(crate) static CHECK: Check = Check {
    severity: Severity::Low,
    question: Question::Objects { needs: &[Kind::ServiceAccount], about: &PODS, ask: evaluate },
};

fn evaluate(context: &Context<'_>) -> Vec<(Subject, Outcome)> {
    namespace::judge(context, |space| {
        let key = ObjectKey::new(Kind::ServiceAccount, Some(space.name), "default");
        let account = match context.cluster.get(&key) {
            Some(Object::ServiceAccount(account)) => Some(account),
            _ => None,
        };
        let field = FieldPath::of("automountServiceAccountToken");
        let said = account.map(|account| {
            let said = match account.automount_token {
                Some(set) => format!("automountServiceAccountToken: {set}"),
                None => "automountServiceAccountToken is not set".to_owned(),
            };
            Evidence::field(said, &account.metadata.origin, field.clone())
        });
        if account.is_some_and(|account| account.automount_token == Some(false)) {
            return Outcome::pass("its default account gives no token").with_all(said);
        }
        let said = said.or_else(|| space.missing("no document sets it for the account `default`"));
        let patch = json!({ "automountServiceAccountToken": false });
        let remedy = Remedy::PatchObject { object: key, patch };
        Outcome::fail("its default account gives a token to every pod", remedy).with_all(said)
    })
}
