//! What every check may ask beside its subject: the cluster, who may do what, the release's table.

use std::sync::OnceLock;

use kuberlock_access::Access;
use kuberlock_model::Cluster;
use kuberlock_model::cluster::PodSource;
use kuberlock_model::release::table::{self, Chosen};

use crate::parameter::Parameters;

/// The cluster under evaluation and the table that gives its defaults.
#[derive(Debug)]
pub struct Context<'a> {
    /// The cluster.
    pub cluster: &'a Cluster,
    /// The release table.
    pub table: Chosen,
    parameters: Parameters,
    access: OnceLock<Access<'a>>,
    pod_sources: OnceLock<Vec<PodSource<'a>>>,
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
            parameters: Parameters::default(),
            access: OnceLock::new(),
            pod_sources: OnceLock::new(),
        }
    }

    /// The same, with what a user set.
    #[must_use]
    pub fn with(self, parameters: Parameters) -> Self {
        Self { parameters, ..self }
    }

    /// The value of the parameter `name` of `check`, which its doc comment declares.
    pub fn parameter(&self, check: &str, name: &str) -> &str {
        self.parameters.get(check, name)
    }

    /// Who may do what; made when first asked for.
    pub fn access(&self) -> &Access<'a> {
        self.access.get_or_init(|| Access::new(self.cluster))
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
}
