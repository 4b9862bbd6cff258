//! What brings a namespace to where it should be: manifests, tried before they are proposed.
//!
//! Enters: a cluster and the name of a namespace. Leaves: a [`Proposal`]. Always holds: what is
//! proposed has been applied to a copy of the cluster, and the same checks and the same network engine
//! have said what comes of it; an existing level, quota or policy is never loosened; what cannot be
//! known from what was seen is told, never taken as fine.

mod account;
mod limits;
mod network;
mod pod_security;
mod policy;
mod yaml;

use kuberlock_model::{Change, Cluster, Finding, Kind, Object, Subject, Verdict};
use serde::Serialize;
use serde_json::Value;

use super::{Declared, Space, spaces};
use crate::context::Context;

/// What is wished for.
#[derive(Clone, Debug)]
pub struct Wish {
    /// The namespace.
    pub namespace: String,
    /// Whether it holds what is sensitive, beside what its marks say.
    pub sensitive: bool,
    /// How much more than today a quota lets through, in hundredths.
    pub headroom: u32,
}

/// Manifests, and what they do.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Proposal {
    /// The namespace.
    pub namespace: String,
    /// What to apply, in order.
    pub manifests: Vec<Manifest>,
    /// What would stop working.
    pub breaks: Vec<String>,
    /// What keeps it from more: workloads that violate a higher standard.
    pub hindrances: Vec<String>,
    /// What was tried and holds.
    pub proven: Vec<String>,
    /// What nothing that was seen tells.
    pub unknown: Vec<String>,
    /// Checks of the pack that are not passed afterwards either, and why.
    pub left: Vec<String>,
}

/// One object to apply.
#[derive(Clone, Debug, Serialize)]
pub struct Manifest {
    /// Why it is as it is, line by line.
    pub why: Vec<String>,
    /// The object.
    pub object: Value,
    /// The same, as the model holds it.
    #[serde(skip)]
    model: Object,
}

/// Why nothing is proposed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotProposed {
    /// It was not seen.
    #[error("no source shows a namespace `{0}`")]
    NotSeen(String),
    /// It is one of Kubernetes' own.
    #[error("`{0}` is Kubernetes' own: its installer says what runs there")]
    Own(String),
}

/// Proposes what brings a namespace to where it should be.
pub fn propose(context: &Context<'_>, wish: &Wish) -> Result<Proposal, NotProposed> {
    let name = &wish.namespace;
    let mut all = spaces(context);
    let space = all.remove(name.as_str()).ok_or_else(|| NotProposed::NotSeen(name.clone()))?;
    if space.is_own() {
        return Err(NotProposed::Own(name.clone()));
    }
    let mut proposal = Proposal {
        namespace: name.clone(),
        manifests: Vec::new(),
        breaks: Vec::new(),
        hindrances: Vec::new(),
        proven: Vec::new(),
        unknown: Vec::new(),
        left: Vec::new(),
    };
    pod_security::propose(context, &space, wish, &mut proposal);
    account::propose(context, &space, &mut proposal);
    limits::propose(context, &space, wish.headroom, &mut proposal);
    network::propose(context, &space, &mut proposal);
    left(context, &space, wish, &mut proposal);
    Ok(proposal)
}

impl Proposal {
    /// The manifests as YAML documents, each with why it is as it is.
    pub fn yaml(&self) -> String {
        let documents = self.manifests.iter().map(|manifest| {
            let why: String = manifest.why.iter().map(|line| yaml::comment(line)).collect();
            format!("---\n{why}{}", yaml::document(&manifest.object))
        });
        documents.collect()
    }

    fn changes(&self) -> Vec<Change> {
        self.manifests.iter().map(|manifest| Change::upsert(manifest.model.clone())).collect()
    }
}

/// Asks the checks of the pack of a copy of the cluster with the manifests applied.
fn left(context: &Context<'_>, space: &Space<'_>, wish: &Wish, proposal: &mut Proposal) {
    let mut cluster: Cluster = context.cluster.clone();
    proposal.changes().into_iter().for_each(|change| cluster.apply(change));
    let declared = Declared::default();
    let sensitive = wish.sensitive || context.sensitive(space.name, space.metadata).is_some();
    let declared = if sensitive { declared.and(space.name) } else { declared };
    let after = Context::new(&cluster).declaring(declared);
    let findings = crate::evaluate(&after, pack());
    let (mut passed, mut asked) = (0_usize, 0_usize);
    for finding in findings.iter().filter(|finding| is_about(finding, space.name)) {
        match finding.verdict {
            Verdict::Pass => (passed, asked) = (passed + 1, asked + 1),
            Verdict::NotApplicable | Verdict::Accepted => {}
            Verdict::Fail | Verdict::Unknown => {
                asked += 1;
                let (check, verdict, message) = (finding.check, finding.verdict, &finding.message);
                proposal.left.push(format!("{check}: {verdict}: {message}"));
            }
        }
    }
    proposal.left.sort();
    proposal.proven.push(format!("{passed} of {asked} checks of the pack `namespace` then pass"));
}

fn is_about(finding: &Finding, name: &str) -> bool {
    matches!(&finding.subject, Subject::Object(key) if key.kind == Kind::Namespace && key.name == name)
}

fn pack<'a>() -> impl Iterator<Item = &'a crate::Registered> {
    let ids = crate::pack::find("namespace").map(|pack| pack.checks.as_slice()).unwrap_or_default();
    ids.iter().filter_map(|id| crate::find(id))
}
