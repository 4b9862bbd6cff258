//! Who decides what a request may do: `--authorization-mode`, or the authorizers of the file that
//! `--authorization-config` names, which stands in its place.

use kuberlock_model::configuration::Configuration;
use kuberlock_model::{Evidence, FieldPath, Remedy};

use crate::check::Outcome;
use crate::running::Running;

/// The API server's authorizers in order.
pub(crate) struct Authorizers {
    /// Their types: `Node`, `RBAC`, `Webhook`.
    pub(crate) types: Vec<String>,
    pub(crate) evidence: Evidence,
    /// The configuration file, where one decides.
    file: Option<String>,
}

impl Authorizers {
    /// The authorizers of `api_server`.
    ///
    /// # Errors
    /// The file that decides was not seen or could not be read: the outcome that says so.
    pub(crate) fn of(api_server: &Running<'_>) -> Result<Self, Box<Outcome>> {
        let file = api_server.flag("authorization-config");
        let Some(path) = file.value.as_deref().filter(|path| !path.is_empty()) else {
            let flag = api_server.flag("authorization-mode");
            let types = flag.elements().into_iter().map(str::to_owned).collect();
            return Ok(Self { types, evidence: flag.evidence, file: None });
        };
        let unknown =
            |message: String| Box::new(Outcome::unknown(message).with(file.evidence.clone()));
        let Some(read) = api_server.configuration(path) else {
            return Err(unknown(format!("`{path}` decides, and was not seen")));
        };
        match &read.configuration {
            Configuration::Authorization(authorizers) => {
                let types: Vec<String> =
                    authorizers.iter().map(|a| a.authorizer_type.clone()).collect();
                let said = format!("authorizers: {}", types.join(", "));
                let evidence = Evidence::field(said, &read.origin, FieldPath::of("authorizers"));
                Ok(Self { types, evidence, file: Some(path.to_owned()) })
            }
            Configuration::Unreadable(why) => {
                Err(unknown(format!("`{path}` cannot be read: {why}")))
            }
            _ => Err(unknown(format!("`{path}` is no AuthorizationConfiguration"))),
        }
    }

    fn has(&self, wanted: &str) -> bool {
        self.types.iter().any(|of| of == wanted)
    }
}

/// The authorizer `wanted` should be asked.
pub(crate) fn must_ask(api_server: &Running<'_>, wanted: &str) -> Outcome {
    let authorizers = match Authorizers::of(api_server) {
        Ok(authorizers) => authorizers,
        Err(outcome) => return *outcome,
    };
    let outcome = if authorizers.has(wanted) {
        Outcome::pass(format!("{wanted} is asked"))
    } else {
        let remedy = match &authorizers.file {
            // Everything is allowed then, and one authorizer alone would refuse nearly everything.
            None if authorizers.types.is_empty() => Remedy::Decision {
                question: "is --authorization-mode=Node,RBAC meant? Bind those that work today to \
                           roles first"
                    .to_owned(),
            },
            None => api_server.add_to_flag("authorization-mode", wanted),
            Some(path) => Remedy::Decision {
                question: format!(
                    "add an authorizer of type {wanted} to `{path}`, and in which place?"
                ),
            },
        };
        Outcome::fail(format!("{wanted} is not asked"), remedy)
    };
    outcome.with(authorizers.evidence)
}

/// Nothing should be allowed without being asked.
pub(crate) fn must_not_allow_all(api_server: &Running<'_>) -> Outcome {
    let authorizers = match Authorizers::of(api_server) {
        Ok(authorizers) => authorizers,
        Err(outcome) => return *outcome,
    };
    let allows = authorizers.has("AlwaysAllow");
    let outcome = if allows || authorizers.types.is_empty() {
        let message = if allows {
            "AlwaysAllow is among the authorizers"
        } else {
            "no authorizer is named, and so every request is allowed"
        };
        let question = "which authorizers take its place? Node and RBAC are what a cluster needs; \
                        bind those that work today to roles first";
        Outcome::fail(message, Remedy::Decision { question: question.to_owned() })
    } else {
        Outcome::pass("every request is asked about")
    };
    outcome.with(authorizers.evidence)
}
