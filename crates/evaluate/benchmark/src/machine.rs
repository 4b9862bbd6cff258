//! A node's machine, as a question about files or settings sees it.

use kuberlock_model::host::Host;
use kuberlock_model::layout::Layout;

use crate::context::Context;

/// The machine of one node.
#[derive(Clone, Copy, Debug)]
pub struct Machine<'a> {
    /// The node.
    pub node: &'a str,
    /// What is on it.
    pub host: &'a Host,
    /// What else is known.
    pub context: &'a Context<'a>,
}

impl Machine<'_> {
    /// Who laid the node out.
    pub fn layout(&self) -> Layout {
        self.context.cluster.layout(self.node)
    }
}
