//! The API server refuses requests without credentials.
//!
//! # What
//! `--anonymous-auth` of kube-apiserver, or the `anonymous` section of the file that
//! `--authentication-config` names. It passes where anonymous requests are refused, and where they
//! are allowed on nothing but `/livez`, `/readyz` and `/healthz`. It fails where anonymous requests
//! are taken on every path, which is what the flag does unless it is set.
//!
//! # Why
//! A request without credentials becomes the user `system:anonymous`. What that user may do is one
//! careless binding away from everything, and the audit log cannot tell such callers apart.
//!
//! # Remedy
//! Give the API server an AuthenticationConfiguration that allows anonymous requests on the health
//! paths only (on by default since Kubernetes 1.32). Where nothing probes the API server without
//! credentials, `--anonymous-auth=false` does.
//!
//! # What the remedy may break
//! kubeadm's probes of the API server carry no credentials: with `--anonymous-auth=false` they are
//! answered 401 and the kubelet restarts the API server for ever. Load balancers that ask `/readyz`
//! and `kubeadm join` with a token, which reads the config map `cluster-info` anonymously, stop
//! working too; the latter also with the health paths alone.
//!
//! # References
//! - https://kubernetes.io/docs/reference/access-authn-authz/authentication/#anonymous-requests
//! - KEP-4633

use kuberlock_model::component::ComponentKind;
use kuberlock_model::configuration::{AnonymousAccess, Configuration};
use kuberlock_model::{Evidence, FieldPath, Remedy, Severity};

use crate::check::{Check, Outcome, Question};
use crate::running::Running;

pub(crate) static CHECK: Check = Check {
    severity: Severity::Medium,
    question: Question::Component(ComponentKind::ApiServer, evaluate),
};

const HEALTH: [&str; 3] = ["/livez", "/readyz", "/healthz"];

fn evaluate(api_server: &Running<'_>) -> Outcome {
    let file = api_server.flag("authentication-config");
    let Some(path) = file.value.as_deref().filter(|path| !path.is_empty()) else {
        return by_flag(api_server);
    };
    let Some(read) = api_server.configuration(path) else {
        let message = format!("anonymous access is decided by `{path}`, which was not seen");
        return Outcome::unknown(message).with(file.evidence);
    };
    let evidence = |said: &str| Evidence::field(said, &read.origin, FieldPath::of("anonymous"));
    match &read.configuration {
        Configuration::Authentication(authentication) => match &authentication.anonymous {
            AnonymousAccess::Unset => by_flag(api_server),
            AnonymousAccess::Disabled => Outcome::pass("anonymous requests are refused")
                .with(evidence("anonymous: disabled")),
            AnonymousAccess::Enabled { paths } => {
                by_paths(api_server, paths).with(evidence(&format!("anonymous: {}", shown(paths))))
            }
        },
        Configuration::Unreadable(why) => {
            Outcome::unknown(format!("`{path}` cannot be read: {why}")).with(file.evidence)
        }
        _ => Outcome::unknown(format!("`{path}` is no AuthenticationConfiguration"))
            .with(file.evidence),
    }
}

fn by_paths(api_server: &Running<'_>, paths: &[String]) -> Outcome {
    let beyond: Vec<&String> =
        paths.iter().filter(|path| !HEALTH.contains(&path.as_str())).collect();
    if paths.is_empty() {
        return Outcome::fail("anonymous requests are taken on every path", remedy(api_server));
    }
    match beyond.as_slice() {
        [] => Outcome::pass("anonymous requests are taken on the health paths only"),
        beyond => {
            let names: Vec<String> = beyond.iter().map(|path| format!("`{path}`")).collect();
            let message = format!("anonymous requests are taken on {} too", names.join(", "));
            Outcome::fail(message, remedy(api_server))
        }
    }
}

fn shown(paths: &[String]) -> String {
    if paths.is_empty() { "every path".to_owned() } else { paths.join(", ") }
}

fn by_flag(api_server: &Running<'_>) -> Outcome {
    let flag = api_server.flag("anonymous-auth");
    match flag.as_bool() {
        Some(false) => Outcome::pass("anonymous requests are refused"),
        Some(true) => {
            Outcome::fail("anonymous requests are taken on every path", remedy(api_server))
        }
        None => Outcome::unknown("the flag's value is no boolean"),
    }
    .with(flag.evidence)
}

fn remedy(api_server: &Running<'_>) -> Remedy {
    if api_server.is_static_pod() {
        let question = "who asks the API server without credentials? The kubelet's own probes do: \
                        give it an AuthenticationConfiguration that allows anonymous requests on \
                        /livez, /readyz and /healthz only, and set --anonymous-auth=false only if \
                        its probes carry credentials";
        return Remedy::Decision { question: question.to_owned() };
    }
    api_server.set_flag("anonymous-auth", "false")
}
