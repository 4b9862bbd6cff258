//! Only workloads that ask the API server for something have a token.
//!
//! # What
//! For each workload whether its pods get the token of their service account (`automountServiceAccountToken`
//! of the pod, else of the account, else yes), and whether a role is bound to that account: by its
//! name or by the group of its namespace's accounts. It fails where the token is mounted and nothing
//! is bound: it then opens nothing beyond what every authenticated caller has. What kubeadm
//! itself installs is left out.
//!
//! # Why
//! A token that is not needed today is found by whoever breaks in, and works on the day somebody
//! binds a role to the account or to a group it is in.
//!
//! # Remedy
//! Set `automountServiceAccountToken: false` in the pod's template.
//!
//! # What the remedy may break
//! Programs that show the token to somebody else than the API server, such as a vault, and service
//! meshes; these are better given a projected token for that audience.
//!
//! # References
//! - https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#opt-out-of-api-credential-automounting

use kuberlock_model::rbac::Principal;
use kuberlock_model::{Kind, Severity, Subject};

use super::pod_privileged::PODS;
use crate::check::{Check, Outcome, Question};
use crate::context::Context;
use crate::pods::{self, Offence};

pub(crate) static CHECK: Check = Check {
    severity: Severity::Low,
    question: Question::Objects {
        needs: &[Kind::ServiceAccount, Kind::RoleBinding, Kind::ClusterRoleBinding],
        about: &PODS,
        ask: evaluate,
    },
};

fn evaluate(context: &Context<'_>) -> Vec<(Subject, Outcome)> {
    let bound = pods::bound(context);
    let question = "does it show its token to anybody? If not, set \
                    `automountServiceAccountToken: false` in its template";
    let pass = "it has no token, or a role is bound to its account";
    pods::judge(context, pass, question, |source| {
        let namespace = source.metadata.namespace.clone().unwrap_or_default();
        let group = format!("system:serviceaccounts:{namespace}");
        let name = source.spec.service_account.clone();
        let account = Principal::ServiceAccount { namespace, name };
        let is_needed =
            bound.contains(&account) || bound.contains(&Principal::Group { name: group });
        (pods::has_token(context, source) && !is_needed).then(|| {
            let said = format!("runs as {account}, which no binding names");
            let message = "its token is mounted, and nothing is granted to it";
            Offence::of_pod(message, source.path.key("automountServiceAccountToken"), said)
        })
    })
}
