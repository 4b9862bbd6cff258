//! A node's machine, as a question about files or settings sees it.

use kuberlock_model::component::ComponentKind;
use kuberlock_model::coverage::Reach;
use kuberlock_model::host::Host;
use kuberlock_model::layout::Layout;

use crate::check::Outcome;
use crate::context::Context;
use crate::kubelet::Kubelet;

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

impl<'a> Machine<'a> {
    /// The node's kubelet, where something tells how it runs.
    pub fn kubelet(&self) -> Option<Kubelet<'a>> {
        let component = self.context.cluster.component_on(self.node, ComponentKind::Kubelet);
        Kubelet::of(self.context, self.node, component)
    }

    /// What to say of something that is not there: it is not-applicable, unless the machine was
    /// read in part.
    pub fn absent(&self, what: &'static str) -> Outcome {
        match self.context.cluster.coverage().host(self.node) {
            Reach::Partial(_) => {
                Outcome::unknown(format!("{what}, but the machine was read in part"))
            }
            _ => Outcome::not_applicable(what),
        }
    }

    /// Who laid the node out.
    pub fn layout(&self) -> Layout {
        self.context.cluster.layout(self.node)
    }
}
