//! The one place that speaks to an API server.
//!
//! Enters: [`Options`] that say which server and as whom, and answers that are hostile until
//! parsed. Leaves: redacted [`Record`]s, batch by batch, and the [`Identity`] that was used.
//! Always holds: nothing is ever written; nothing is sent but `GET /version`, one
//! SelfSubjectReview, one paged LIST for each kind except Secret (by namespace where the whole is
//! forbidden) and, where asked for, `GET nodes/NAME/proxy/configz`; what is forbidden or fails
//! becomes coverage and the rest goes on; every answer is bounded in size and time; no message
//! holds a credential.
//!
//! ```no_run
//! let mut records = Vec::new();
//! let options = kuberlock_live::Options::default();
//! let identity = kuberlock_live::read(&options, &mut |batch| records.extend(batch))?;
//! println!("{} records as {identity}", records.len());
//! # Ok::<(), kuberlock_live::Error>(())
//! ```

mod configz;
mod connect;
mod error;
mod identity;
mod list;
mod page;
mod proxy;
mod request;
pub mod role;

use std::path::PathBuf;
use std::time::Duration;

use kuberlock_model::coverage::{Reading, Unread};
use kuberlock_model::{Origin, Release};
use kuberlock_source::Record;

pub use error::Error;
pub use identity::Identity;

use request::{Answer, Connection};

/// Which API server to read, and as whom.
#[derive(Clone, Debug)]
pub struct Options {
    /// The kubeconfig; where none is given, what `KUBECONFIG` names, else `~/.kube/config`, else
    /// the service account of the pod this runs in.
    pub kubeconfig: Option<PathBuf>,
    /// The context; the kubeconfig's current one where none is given.
    pub context: Option<String>,
    /// Use the service account of the pod this runs in, whatever kubeconfig there is.
    pub in_cluster: bool,
    /// Act as this user.
    pub impersonate: Option<String>,
    /// The namespace that is tried first where a kind may not be listed in all of them; the
    /// context's where none is given.
    pub namespace: Option<String>,
    /// Ask the kubelets for their configuration, through the API server.
    pub configz: bool,
    /// How long the server may stay silent.
    pub timeout: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            kubeconfig: None,
            context: None,
            in_cluster: false,
            impersonate: None,
            namespace: None,
            configz: false,
            timeout: Duration::from_secs(60),
        }
    }
}

/// Reads everything that a scan asks for. It blocks, and must not be called within an
/// asynchronous runtime, for it has its own.
///
/// # Errors
/// Only where nothing can be read at all, or the credentials are refused, be it halfway. What was
/// emitted before stays true.
pub fn read(options: &Options, emit: &mut dyn FnMut(Vec<Record>)) -> Result<Identity, Error> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Error::Runtime)?;
    runtime.block_on(read_all(options, emit))
}

async fn read_all(options: &Options, emit: &mut dyn FnMut(Vec<Record>)) -> Result<Identity, Error> {
    let target = connect::target(options).await?;
    let connection = Connection::new(&target, options.timeout)?;
    let mut first: Vec<Record> = target.cluster.clone().map(Record::Name).into_iter().collect();
    first.push(release(&connection).await?);
    let identity = identity::ask(&connection, &target).await?;
    emit(first);
    let nodes = list::every_kind(&connection, &target.namespaces, emit).await?;
    if options.configz {
        configz::every_node(&connection, nodes, emit).await?;
    }
    Ok(identity)
}

/// What `/version` states. A server that gives no version to this identity is still a server; one
/// that answers in another tongue is none.
async fn release(connection: &Connection) -> Result<Record, Error> {
    const PATH: &str = "/version";
    let unread = |reason: String| {
        let origin = Origin::whole(format!("api:{PATH}"));
        Record::Reading(Reading::Unread(Unread::new(origin, reason)))
    };
    match connection.get(PATH).await? {
        Answer::Ok(body) => {
            let stated: Option<serde_json::Value> = serde_json::from_slice(&body).ok();
            let version = stated.as_ref().and_then(|v| v.get("gitVersion")?.as_str());
            let Some(version) = version else { return Err(connection.not_an_api_server()) };
            Ok(match version.parse::<Release>() {
                Ok(release) => Record::Release(release),
                Err(error) => unread(error.to_string()),
            })
        }
        Answer::Refused(refusal) if refusal.is_status => Ok(unread(refusal.reason)),
        Answer::Refused(_) => Err(connection.not_an_api_server()),
        Answer::TooLarge => Err(connection.not_an_api_server()),
        Answer::Failed(error) => Err(connection.unreachable(error)),
    }
}
