//! Who asks, by the server's own account.

use std::fmt;

use serde::Deserialize;

use crate::Error;
use crate::connect::Target;
use crate::request::{Answer, Connection};

const PATH: &str = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
const BODY: &str = r#"{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"}"#;

/// Who read the cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// The user's name; None where the server does not tell (before 1.28, or forbidden).
    pub user: Option<String>,
    /// The user's groups.
    pub groups: Vec<String>,
    /// What was read, for the first line of a report: `context jane@shop (https://host:6443)`.
    pub target: String,
    /// The context, where a kubeconfig was used.
    pub context: Option<String>,
    /// The server, without credentials.
    pub server: String,
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.user.as_deref().unwrap_or("an identity the server does not tell"))
    }
}

#[derive(Deserialize)]
struct Review {
    status: ReviewStatus,
}

#[derive(Deserialize)]
struct ReviewStatus {
    #[serde(rename = "userInfo")]
    user_info: UserInfo,
}

#[derive(Deserialize)]
struct UserInfo {
    username: String,
    #[serde(default)]
    groups: Vec<String>,
}

/// Asks the server who it takes us for. That it does not tell is no fault.
pub(crate) async fn ask(connection: &Connection, target: &Target) -> Result<Identity, Error> {
    let place = match &target.context {
        Some(context) => format!("context {context}"),
        None => "the cluster of this pod".to_owned(),
    };
    let mut identity = Identity {
        target: format!("{place} ({})", connection.server()),
        context: target.context.clone(),
        server: connection.server().to_owned(),
        ..Identity::default()
    };
    if let Answer::Ok(body) = connection.post(PATH, BODY).await?
        && let Ok(review) = serde_json::from_slice::<Review>(&body)
    {
        identity.user = Some(review.status.user_info.username);
        identity.groups = review.status.user_info.groups;
    }
    Ok(identity)
}
