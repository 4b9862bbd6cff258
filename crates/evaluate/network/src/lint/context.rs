//! What lints ask: the network, who is selected by the same policies, and what each rule can mean at all.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kuberlock_model::Cluster;
use kuberlock_model::network::Direction;

use super::Editors;
use super::group::Groups;
use super::named::RuleId;
use super::never::Never;
use super::tiers::Tiers;
use super::without::Idle;
use crate::policy::{CompiledPolicy, Version};
use crate::ports::PortTable;
use crate::profile::Evaluation;
use crate::reachability::Reachability;
use crate::reason::Why;

pub(super) struct Context<'r> {
    pub(super) cluster: &'r Cluster,
    pub(super) reach: &'r Reachability,
    pub(super) editors: Option<&'r Editors>,
    ingress: Groups<'r>,
    egress: Groups<'r>,
    table: RefCell<PortTable>,
    never: OnceCell<BTreeMap<RuleId, Never>>,
    overridden: OnceCell<BTreeMap<RuleId, Vec<Why>>>,
    idle: OnceCell<Idle>,
    tiers: OnceCell<Tiers<'r>>,
}

impl<'r> Context<'r> {
    pub(super) fn new(
        cluster: &'r Cluster,
        reach: &'r Reachability,
        editors: Option<&'r Editors>,
    ) -> Self {
        Self {
            cluster,
            reach,
            editors,
            ingress: Groups::new(reach, Direction::Ingress),
            egress: Groups::new(reach, Direction::Egress),
            table: RefCell::new(reach.table.clone()),
            never: OnceCell::new(),
            overridden: OnceCell::new(),
            idle: OnceCell::new(),
            tiers: OnceCell::new(),
        }
    }

    pub(super) fn groups(&self, direction: Direction) -> &Groups<'r> {
        match direction {
            Direction::Ingress => &self.ingress,
            Direction::Egress => &self.egress,
        }
    }

    /// Every NetworkPolicy that is asked and selects somebody.
    pub(super) fn policies(&self) -> impl DoubleEndedIterator<Item = &'r Arc<CompiledPolicy>> {
        let alive = &self.reach.alive;
        let all = self.reach.policies.values();
        all.filter(|policy| !policy.subject.possible.is_disjoint(alive))
    }

    /// The policy of a rule.
    pub(super) fn by_version(&self) -> BTreeMap<Version, &'r Arc<CompiledPolicy>> {
        self.reach.policies.values().map(|policy| (policy.version, policy)).collect()
    }

    pub(super) fn evaluate<T>(&self, ask: impl FnOnce(&mut Evaluation<'_>) -> T) -> T {
        let mut table = self.table.borrow_mut();
        ask(&mut Evaluation {
            everybody: &self.reach.alive,
            named: &self.reach.named,
            table: &mut table,
        })
    }

    /// Rules that match nobody, or no port.
    pub(super) fn never(&self) -> &BTreeMap<RuleId, Never> {
        self.never.get_or_init(|| super::never::rules(self))
    }

    /// Rules of NetworkPolicies about whose traffic the Admin tier decides, with the rules there.
    pub(super) fn overridden(&self) -> &BTreeMap<RuleId, Vec<Why>> {
        self.overridden.get_or_init(|| super::overridden::rules(self))
    }

    /// What can be taken away.
    pub(super) fn idle(&self) -> &Idle {
        self.idle.get_or_init(|| super::without::idle(self))
    }

    pub(super) fn tiers(&self) -> &Tiers<'r> {
        self.tiers.get_or_init(|| Tiers::new(self))
    }

    /// Rules that other lints tell of.
    pub(super) fn told_elsewhere(&self) -> BTreeSet<RuleId> {
        self.never().keys().chain(self.overridden().keys()).copied().collect()
    }
}
