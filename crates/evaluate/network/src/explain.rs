//! Why a connection gets through, or does not: one connection, every rule that was asked.
//!
//! Enters: a connection and the policies of its ends. Leaves: per direction and tier the policies
//! that were asked, with what each rule made of it. Always holds: it is derived again for the one
//! connection and comes to what the profiles say; the tests hold that.

use kuberlock_model::network::{Action, Direction, Protocol, Rule, Tier, TieredPolicy};
use kuberlock_model::{FieldPath, ObjectKey, Origin};
use serde::Serialize;

use crate::endpoint::Endpoint;
use crate::matching::{self, Closed, Match};
use crate::policy::{CompiledPolicy, CompiledTiered, ports_hold};
use crate::profile::Isolated;
use crate::reachability::{Place, Reachability, UnknownParty};
use crate::verdict::{Connection, Verdict};

/// Why a connection between two places gets through, or does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// Who opens it.
    pub from: Place,
    /// To whom.
    pub to: Place,
    /// What it comes to.
    pub verdict: Verdict,
    /// Why policies were not asked, where they were not.
    pub exempt: Option<Exemption>,
    /// What leaving comes to.
    pub egress: Side,
    /// What entering comes to.
    pub ingress: Side,
}

/// Why policies are not asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Exemption {
    /// A pod always reaches itself.
    Itself,
    /// The two are on different networks.
    OtherNetwork,
}

impl Exemption {
    /// Why, in a sentence.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Itself => "it is itself: policies are not asked",
            Self::OtherNetwork => "the two are on different networks: no policy decides",
        }
    }
}

/// One direction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Side {
    /// It may get through.
    pub may_pass: bool,
    /// It may be kept back.
    pub may_stop: bool,
    /// Whether both ends being on one node lets it through whatever policies say.
    pub own_node: Option<Match>,
    /// The tiers that were asked, in order.
    pub layers: Vec<Layer>,
    /// Policies of one priority contradict each other.
    pub(crate) contradicts: bool,
}

/// What one tier made of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer {
    /// Which.
    pub tier: LayerTier,
    /// Every policy of the tier that selects the pod.
    pub policies: Vec<Asked>,
    /// What it may come to here.
    pub outcomes: Vec<Outcome>,
}

/// A tier, as a connection meets them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LayerTier {
    /// Policies of the Admin tier.
    Admin,
    /// NetworkPolicies.
    NetworkPolicy,
    /// Policies of the Baseline tier.
    Baseline,
    /// No policy decides: all is allowed.
    Default,
}

impl LayerTier {
    /// What it is called among people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Admin => "policies of the Admin tier",
            Self::NetworkPolicy => "network policies",
            Self::Baseline => "policies of the Baseline tier",
            Self::Default => "no policy",
        }
    }
}

/// What a tier may do with a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It gets through.
    Allow,
    /// It does not.
    Deny,
    /// The next tier is asked.
    Next,
}

/// A policy that was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The policy.
    pub policy: ObjectKey,
    /// Where it was read.
    pub origin: Origin,
    /// Its priority, where its tier has priorities.
    pub priority: Option<u16>,
    /// Whether it selects the pod.
    pub selects: Match,
    /// The rules that match or may; the first that surely does ends a tiered policy.
    pub rules: Vec<Matched>,
    /// How many rules it has for the direction.
    pub of: usize,
}

/// A rule that matches, or may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matched {
    /// Its index.
    pub index: usize,
    /// Its name, where it has one.
    pub name: Option<String>,
    /// Where the policy has it.
    pub path: FieldPath,
    /// Whether it matches.
    pub matched: Match,
    /// What it does.
    pub action: Action,
}

/// The connection as one end's rules see it.
struct Seen<'a> {
    direction: Direction,
    peer: &'a Endpoint,
    destination: &'a Endpoint,
    protocol: Protocol,
    port: u16,
}

impl Reachability {
    /// Why a connection gets through or does not, for every two places that its parties may mean.
    pub fn explain(&self, connection: &Connection) -> Result<Vec<Explanation>, UnknownParty> {
        let (protocol, port) = (connection.protocol, connection.port);
        let pairs = self.pairs(&connection.from, &connection.to)?.into_iter();
        Ok(pairs.filter_map(|(from, to)| self.explained(from, to, protocol, port)).collect())
    }

    pub(crate) fn explained(
        &self,
        from: Place,
        to: Place,
        protocol: Protocol,
        port: u16,
    ) -> Option<Explanation> {
        let (source, target) = (self.endpoint(from.endpoint)?, self.endpoint(to.endpoint)?);
        let near = self.near_places(from, to);
        let seen = |direction, peer| Seen { direction, peer, destination: target, protocol, port };
        let mut egress = self.side(from.endpoint, &seen(Direction::Egress, target));
        let mut ingress = self.side(to.endpoint, &seen(Direction::Ingress, source));
        egress.exempt(near.egress.matched());
        ingress.exempt(near.ingress.matched());
        let exempt = if self.is_itself(from, to) {
            Some(Exemption::Itself)
        } else if self.share_a_network(from.endpoint, to.endpoint) {
            None
        } else {
            Some(Exemption::OtherNetwork)
        };
        let verdict = verdict(exempt, &egress, &ingress);
        Some(Explanation { from, to, verdict, exempt, egress, ingress })
    }

    /// What one connection between two places comes to.
    pub fn verdict_between(
        &self,
        from: Place,
        to: Place,
        protocol: Protocol,
        port: u16,
    ) -> Verdict {
        if self.is_itself(from, to) {
            return Verdict::Allowed;
        }
        let near = self.near_places(from, to);
        let (egress, ingress) = self.sides(from.endpoint, to.endpoint, near);
        let holds = |id| self.table.set(id).contains(protocol, port);
        match (
            holds(egress.possible) && holds(ingress.possible),
            holds(egress.certain) && holds(ingress.certain),
        ) {
            (false, _) => Verdict::Denied,
            (true, true) => Verdict::Allowed,
            // Which of the two reasons, only the rules tell.
            (true, false) => self
                .explained(from, to, protocol, port)
                .map_or(Verdict::ImplementationDefined, |explained| explained.verdict),
        }
    }

    /// Whether both places are one pod, or one node.
    pub(crate) fn is_itself(&self, from: Place, to: Place) -> bool {
        let Some(endpoint) = self.endpoint(from.endpoint) else { return false };
        if from.endpoint != to.endpoint {
            return false;
        }
        match (from.member, to.member) {
            (Some(a), Some(b)) if a == b => {
                endpoint.members.get(a).is_some_and(|pod| !pod.is_template())
            }
            (None, None) => !endpoint.is_pods(),
            _ => false,
        }
    }

    fn side(&self, at: usize, seen: &Seen<'_>) -> Side {
        let mut side = Side::default();
        let mut tiered: Vec<_> = self
            .tiered
            .values()
            .filter(|policy| policy.subject.certain.contains(at))
            .filter(|policy| !policy.source.rules(seen.direction).is_empty())
            .collect();
        tiered.sort_by(|a, b| a.order().cmp(&b.order()));
        let of = |tier: Tier| {
            tiered.iter().filter(|p| p.source.tier == tier).map(|p| &***p).collect::<Vec<_>>()
        };
        let policies: Vec<&CompiledPolicy> = self
            .policies
            .values()
            .filter(|policy| policy.source.isolates(seen.direction))
            .filter(|policy| policy.subject.possible.contains(at))
            .map(|policy| &**policy)
            .collect();
        // What comes behind is asked first, since what a contradiction comes to depends on it.
        let behind = self.behind(at, &policies, &of(Tier::Baseline), seen);
        let later = (behind.may_pass, behind.may_stop);
        let admin = tier(LayerTier::Admin, &of(Tier::Admin), seen, later);
        side.join(admin, behind);
        side
    }

    /// What comes behind the Admin tier.
    fn behind(
        &self,
        at: usize,
        policies: &[&CompiledPolicy],
        baseline: &[&CompiledTiered],
        seen: &Seen<'_>,
    ) -> Side {
        let default = Layer {
            tier: LayerTier::Default,
            policies: Vec::new(),
            outcomes: vec![Outcome::Allow],
        };
        let mut side = Side::default();
        let isolated = match policies.first() {
            None => Isolated::No,
            Some(policy) if policy.subject.certain.contains(at) => Isolated::Yes,
            Some(_) => Isolated::Maybe,
        };
        if isolated != Isolated::No {
            let layer = network_policies(self.cni, policies, seen, isolated);
            side.may_pass = layer.outcomes.contains(&Outcome::Allow);
            side.may_stop = layer.outcomes.contains(&Outcome::Deny);
            side.layers.push(layer);
            return side;
        }
        let judged = tier(LayerTier::Baseline, baseline, seen, (true, false));
        let goes_on = judged.layer.outcomes.contains(&Outcome::Next);
        side.may_pass = goes_on || judged.layer.outcomes.contains(&Outcome::Allow);
        side.may_stop = judged.layer.outcomes.contains(&Outcome::Deny);
        side.contradicts = judged.contradicts;
        if !baseline.is_empty() {
            side.layers.push(judged.layer);
        }
        if goes_on {
            side.layers.push(default);
        }
        side
    }
}

impl Side {
    fn join(&mut self, admin: Judged, behind: Self) {
        let outcomes = admin.layer.outcomes.clone();
        let goes_on = outcomes.contains(&Outcome::Next);
        self.may_pass = outcomes.contains(&Outcome::Allow) || (goes_on && behind.may_pass);
        self.may_stop = outcomes.contains(&Outcome::Deny) || (goes_on && behind.may_stop);
        self.contradicts = admin.contradicts || (goes_on && behind.contradicts);
        if !admin.layer.policies.is_empty() {
            self.layers.push(admin.layer);
        }
        if goes_on {
            self.layers.extend(behind.layers);
        }
    }

    fn exempt(&mut self, own_node: Match) {
        match own_node {
            Match::No => return,
            Match::Maybe => self.may_pass = true,
            Match::Yes => {
                self.may_pass = true;
                self.may_stop = false;
            }
        }
        self.own_node = Some(own_node);
    }
}

fn verdict(exempt: Option<Exemption>, egress: &Side, ingress: &Side) -> Verdict {
    match exempt {
        Some(Exemption::Itself) => return Verdict::Allowed,
        Some(Exemption::OtherNetwork) => return Verdict::Denied,
        None => {}
    }
    let may_pass = egress.may_pass && ingress.may_pass;
    let may_stop = egress.may_stop || ingress.may_stop;
    match (may_pass, may_stop) {
        (true, false) => Verdict::Allowed,
        (false, _) => Verdict::Denied,
        (true, true) if egress.contradicts || ingress.contradicts => Verdict::Ambiguous,
        (true, true) => Verdict::ImplementationDefined,
    }
}

/// What a tier comes to.
struct Judged {
    layer: Layer,
    contradicts: bool,
}

/// One tier of tiered policies; `later` tells whether what comes behind may let it through, and whether
/// it may keep it back.
fn tier(
    of: LayerTier,
    policies: &[&CompiledTiered],
    seen: &Seen<'_>,
    later: (bool, bool),
) -> Judged {
    let mut layer = Layer { tier: of, policies: Vec::new(), outcomes: Vec::new() };
    let mut contradicts = false;
    let mut reached = true;
    for equal in policies.chunk_by(|a, b| a.source.priority == b.source.priority) {
        let mut decisions: Vec<Decisions> = Vec::new();
        for policy in equal {
            let (asked, decided) = tiered(&policy.source, seen);
            layer.policies.push(asked);
            decisions.push(decided);
        }
        if !reached {
            continue;
        }
        contradicts |= contradict(&decisions, later);
        for action in decisions.iter().flat_map(|decided| &decided.actions) {
            let outcome = match action {
                Action::Accept => Outcome::Allow,
                Action::Deny => Outcome::Deny,
                Action::Pass => Outcome::Next,
            };
            layer.outcomes.push(outcome);
        }
        reached = decisions.iter().all(|decided| decided.may_be_none);
    }
    if reached {
        layer.outcomes.push(Outcome::Next);
    }
    layer.outcomes.sort_unstable();
    layer.outcomes.dedup();
    Judged { layer, contradicts }
}

/// What one policy may decide.
struct Decisions {
    actions: Vec<Action>,
    may_be_none: bool,
}

/// Whether the order of policies of one priority may change what a connection comes to.
fn contradict(decisions: &[Decisions], later: (bool, bool)) -> bool {
    let (may_pass, may_stop) = later;
    let differ = |a: Action, b: Action| match (a, b) {
        (Action::Accept, Action::Deny) | (Action::Deny, Action::Accept) => true,
        (Action::Accept, Action::Pass) | (Action::Pass, Action::Accept) => may_stop,
        (Action::Deny, Action::Pass) | (Action::Pass, Action::Deny) => may_pass,
        _ => false,
    };
    decisions.iter().enumerate().any(|(at, one)| {
        let others = decisions.iter().skip(at + 1).flat_map(|other| &other.actions);
        let mut pairs = others.flat_map(|b| one.actions.iter().map(move |a| (*a, *b)));
        pairs.any(|(a, b)| differ(a, b))
    })
}

fn tiered(policy: &TieredPolicy, seen: &Seen<'_>) -> (Asked, Decisions) {
    let rules = policy.rules(seen.direction);
    let mut asked = Asked {
        policy: ObjectKey::new(policy.kind, None, &policy.metadata.name),
        origin: policy.metadata.origin.clone(),
        priority: Some(policy.priority),
        selects: Match::Yes,
        rules: Vec::new(),
        of: rules.len(),
    };
    let mut decisions = Decisions { actions: Vec::new(), may_be_none: true };
    for (index, rule) in rules.iter().enumerate() {
        let (matched, action) = match matching::fails_closed(rule) {
            Closed::Nothing => (Match::No, rule.action),
            Closed::DenyAll => (Match::Yes, Action::Deny),
            Closed::Not => {
                let ports = &seen.destination.ports;
                let holds = ports_hold(&rule.ports, ports, seen.protocol, seen.port);
                let peers = rule.peers.iter().map(|peer| matching::tier_peer(peer, seen.peer));
                let peers = peers.max().unwrap_or(Match::No);
                (if holds { peers } else { Match::No }, rule.action)
            }
        };
        if matched == Match::No {
            continue;
        }
        let path = TieredPolicy::rule_path(seen.direction, index);
        let name = rule.name.as_deref().map(str::to_owned);
        asked.rules.push(Matched { index, name, path, matched, action });
        decisions.actions.push(action);
        if matched == Match::Yes {
            decisions.may_be_none = false;
            break;
        }
    }
    (asked, decisions)
}

fn network_policies(
    cni: crate::cni::Cni,
    policies: &[&CompiledPolicy],
    seen: &Seen<'_>,
    isolated: Isolated,
) -> Layer {
    let mut best = Match::No;
    let mut all = Vec::new();
    for policy in policies {
        let source = &policy.source;
        let namespace = source.metadata.namespace.as_deref().unwrap_or_default();
        let rules = source.rules(seen.direction);
        let mut asked = Asked {
            policy: ObjectKey::new(source.kind, Some(namespace), &source.metadata.name),
            origin: source.metadata.origin.clone(),
            priority: None,
            selects: if isolated == Isolated::Yes { Match::Yes } else { Match::Maybe },
            rules: Vec::new(),
            of: rules.len(),
        };
        for (index, rule) in rules.iter().enumerate() {
            let ports = &seen.destination.ports;
            if !ports_hold(&rule.ports, ports, seen.protocol, seen.port) {
                continue;
            }
            let peers = rule.peers.iter().map(|p| matching::peer(cni, namespace, p, seen.peer));
            let everybody = if rule.peers.is_empty() { Match::Yes } else { Match::No };
            let matched = peers.max().unwrap_or(everybody);
            if matched != Match::No {
                best = best.max(matched);
                let path = Rule::path(seen.direction, index);
                asked.rules.push(Matched {
                    index,
                    name: None,
                    path,
                    matched,
                    action: Action::Accept,
                });
            }
        }
        all.push(asked);
    }
    let outcomes = match (best, isolated) {
        (Match::Yes, _) => vec![Outcome::Allow],
        (Match::Maybe, _) | (Match::No, Isolated::Maybe) => vec![Outcome::Allow, Outcome::Deny],
        (Match::No, _) => vec![Outcome::Deny],
    };
    Layer { tier: LayerTier::NetworkPolicy, policies: all, outcomes }
}
