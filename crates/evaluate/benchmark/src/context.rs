//! What every check may ask beside its subject: the cluster, who may do what, the release's table.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use kuberlock_access::Access;
use kuberlock_model::cluster::PodSource;
use kuberlock_model::component::{Component, ComponentKind};
use kuberlock_model::layout::Layout;
use kuberlock_model::release::table::{self, Chosen};
use kuberlock_model::{Cluster, Metadata, Timestamp};
use kuberlock_network::Reachability;

use crate::namespace::Declared;
use crate::network_plugin;
use crate::parameter::Parameters;

/// The cluster under evaluation and the table that gives its defaults.
#[derive(Debug)]
pub struct Context<'a> {
    /// The cluster.
    pub cluster: &'a Cluster,
    /// The release table.
    pub table: Chosen,
    /// What time it is, where the caller tells: the checks have no clock.
    pub now: Option<Timestamp>,
    parameters: Parameters,
    sensitive: Declared,
    access: OnceLock<Access<'a>>,
    network: OnceLock<Reachability>,
    pod_sources: OnceLock<Vec<PodSource<'a>>>,
    components: [OnceLock<Vec<Component>>; ComponentKind::ALL.len()],
    layouts: OnceLock<BTreeSet<Layout>>,
}

impl<'a> Context<'a> {
    /// The context of `cluster`; where its release is not known, the newest table is taken.
    pub fn new(cluster: &'a Cluster) -> Self {
        let table = match cluster.release() {
            Some(release) => table::for_release(&release),
            None => Chosen { table: table::newest(), exact: false },
        };
        Self {
            cluster,
            table,
            now: None,
            parameters: Parameters::default(),
            sensitive: Declared::default(),
            access: OnceLock::new(),
            network: OnceLock::new(),
            pod_sources: OnceLock::new(),
            components: Default::default(),
            layouts: OnceLock::new(),
        }
    }

    /// The same at the time `now`; without one, what rests on the time is unknown.
    #[must_use]
    pub fn at(self, now: Option<Timestamp>) -> Self {
        Self { now, ..self }
    }

    /// The same, with what a user set.
    #[must_use]
    pub fn with(self, parameters: Parameters) -> Self {
        Self { parameters, ..self }
    }

    /// The same, with what a user names as sensitive.
    #[must_use]
    pub fn declaring(self, sensitive: Declared) -> Self {
        Self { sensitive, ..self }
    }

    /// By what the namespace `name` is sensitive, where its owner says so.
    pub fn sensitive(&self, name: &str, metadata: Option<&Metadata>) -> Option<String> {
        self.sensitive.reason(name, metadata)
    }

    /// The value of the parameter `name` of `check`, which its doc comment declares.
    pub fn parameter(&self, check: &str, name: &str) -> &str {
        self.parameters.get(check, name)
    }

    /// Who may do what; made when first asked for.
    pub fn access(&self) -> &Access<'a> {
        self.access.get_or_init(|| Access::new(self.cluster))
    }

    /// Who can talk to whom, by the network plugin that the cluster shows; computed when first asked
    /// for.
    pub fn network(&self) -> &Reachability {
        self.network.get_or_init(|| Reachability::new(self.cluster, network_plugin::cni(self)))
    }

    /// Everything that asks for pods, by head, a template before the pods made of it; brought
    /// together when first asked for, since many checks go through it and a cluster may have 100,000.
    pub fn pod_sources(&self) -> &[PodSource<'a>] {
        self.pod_sources.get_or_init(|| {
            let mut sources = self.cluster.pod_sources();
            sources.sort_by(|a, b| a.head.cmp(&b.head));
            sources
        })
    }

    /// The components of `kind`, one a node and by node; looked up when first asked for, since each look goes
    /// through every machine and pod.
    pub fn components(&self, kind: ComponentKind) -> &[Component] {
        let look = || {
            let mut components = self.cluster.components(kind);
            components.sort_by(|a, b| a.node.cmp(&b.node));
            components
        };
        // INVARIANT: there is a place for each kind.
        self.components.get(kind as usize).map_or(&[], |held| held.get_or_init(look))
    }

    /// How `kind` runs on `node`, where it does.
    pub fn component(&self, kind: ComponentKind, node: &str) -> Option<&Component> {
        let components = self.components(kind);
        let at = components.binary_search_by(|component| component.node.as_str().cmp(node)).ok()?;
        components.get(at)
    }

    /// The layouts of all nodes, each once; told when first asked for.
    pub fn layouts(&self) -> &BTreeSet<Layout> {
        self.layouts.get_or_init(|| self.cluster.layouts())
    }
}
