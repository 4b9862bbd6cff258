//! Everything that gets through, in as few lines as say it.
//!
//! Enters: a computed network and what of it is wanted. Leaves: lines, each from a set of endpoints to
//! a set of endpoints on a set of ports. Always holds: every pair of endpoints that is wanted and
//! reaches is in lines whose ports together are what the pair gets, and no other pair is.

use std::collections::{BTreeMap, HashMap};

use fixedbitset::FixedBitSet as Bits;
use kuberlock_model::network::Protocol;

use crate::endpoint::EndpointKind;
use crate::ports::PortSet;
use crate::reachability::{Place, Reachability};
use crate::rows::{Classes, RowReach};
use crate::verdict::Verdict;

/// What of a network is wanted.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// Nodes, and pods on their network, too.
    pub nodes: bool,
    /// Only from these endpoints.
    pub from: Option<Bits>,
    /// Only to these endpoints.
    pub to: Option<Bits>,
}

/// Connections that get through, or may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// From each of these endpoints, by number.
    pub from: Vec<usize>,
    /// To each of these.
    pub to: Vec<usize>,
    /// On these ports.
    pub ports: PortSet,
    /// [`Verdict::Allowed`], or what the API leaves open.
    pub verdict: Verdict,
}

/// Which sort of endpoint: they are told in lines of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Sort {
    Pods,
    Outside,
    OfNodes,
}

impl Reachability {
    /// Everything wanted that gets through, folded.
    pub fn lines(&self, scope: &Scope) -> Vec<Line> {
        let sorts = self.sorts();
        let classes = match scope.nodes || scope.to.is_some() {
            // Pods of one class may run on different nodes, which are near to them or not.
            true => self.each_alone(),
            false => self.classes(),
        };
        let mut rows = self.rows();
        let mut folded: BTreeMap<(Sort, RowReach, Vec<usize>), Vec<usize>> = BTreeMap::new();
        for members in &classes.members {
            let from: Vec<usize> = members
                .iter()
                .copied()
                .filter(|at| wanted(scope, &scope.from, &sorts, *at))
                .collect();
            let (Some(first), Some(sort)) =
                (from.first(), from.first().and_then(|at| sorts.get(at)))
            else {
                continue;
            };
            for (reach, to) in rows.row(*first).parts {
                for (of, to) in self.apart(scope, &sorts, &to, *sort) {
                    let key = (of, reach, self.whole(&classes, to, members));
                    folded.entry(key).or_default().extend(&from);
                }
            }
        }
        let folded = folded.into_iter().filter(|((.., to), _)| !to.is_empty());
        let mut lines: Vec<Line> = folded
            .flat_map(|((_, reach, to), mut from)| {
                from.sort_unstable();
                let reach = rows.reach(reach);
                self.told(&from, &to, &reach.certain, &reach.possible)
            })
            .collect();
        lines.sort_by(|a, b| (&a.from, &a.to, &a.ports).cmp(&(&b.from, &b.to, &b.ports)));
        lines
    }

    /// A class for each endpoint.
    fn each_alone(&self) -> Classes {
        let mut classes = Classes { of: vec![0; self.endpoints.len()], members: Vec::new() };
        for (at, _) in self.endpoints() {
            if let Some(of) = classes.of.get_mut(at) {
                *of = classes.members.len();
            }
            classes.members.push(vec![at]);
        }
        classes
    }

    /// One line for what surely gets through, others for what may.
    fn told(
        &self,
        from: &[usize],
        to: &[usize],
        certain: &PortSet,
        possible: &PortSet,
    ) -> Vec<Line> {
        let line =
            |ports: PortSet, verdict| Line { from: from.to_vec(), to: to.to_vec(), ports, verdict };
        let mut lines = Vec::new();
        if !certain.is_empty() {
            lines.push(line(certain.clone(), Verdict::Allowed));
        }
        let open = possible.difference(certain);
        if !open.is_empty() {
            lines.push(line(open.clone(), self.why_open(from, to, &open)));
        }
        lines
    }

    /// Why ports of a line are open: by one connection of it.
    fn why_open(&self, from: &[usize], to: &[usize], open: &PortSet) -> Verdict {
        let port =
            Protocol::ALL.iter().find_map(|p| open.of(*p).first().map(|(port, _)| (*p, *port)));
        let pair = from.iter().find_map(|from| {
            let other = to.iter().find(|to| *to != from).or(to.first());
            other.map(|to| (*from, *to))
        });
        let (Some((protocol, port)), Some((from, to))) = (port, pair) else {
            return Verdict::ImplementationDefined;
        };
        let place = |endpoint| Place { endpoint, member: None };
        match self.verdict_between(place(from), place(to), protocol, port) {
            Verdict::Ambiguous => Verdict::Ambiguous,
            _ => Verdict::ImplementationDefined,
        }
    }

    fn sorts(&self) -> HashMap<usize, Sort> {
        let sort = |(at, endpoint): (usize, &crate::endpoint::Endpoint)| {
            let sort = match &endpoint.kind {
                EndpointKind::Pods { .. } if !endpoint.host_network => Sort::Pods,
                EndpointKind::Outside(_) => Sort::Outside,
                _ => Sort::OfNodes,
            };
            (at, sort)
        };
        self.endpoints().map(sort).collect()
    }

    /// Those that are reached, by sort. That addresses outside reach one another is no cluster's affair.
    fn apart(
        &self,
        scope: &Scope,
        sorts: &HashMap<usize, Sort>,
        to: &Bits,
        from: Sort,
    ) -> BTreeMap<Sort, Vec<usize>> {
        let mut apart: BTreeMap<Sort, Vec<usize>> = BTreeMap::new();
        for at in to.ones().filter(|at| wanted(scope, &scope.to, sorts, *at)) {
            if let Some(sort) = sorts.get(&at) {
                apart.entry(*sort).or_default().push(at);
            }
        }
        if from != Sort::Pods {
            apart.remove(&Sort::Outside);
        }
        if from == Sort::OfNodes {
            apart.remove(&Sort::OfNodes);
        }
        apart
    }

    /// Leaves a class out of what it reaches itself where it is one pod: that it reaches itself says
    /// nothing.
    fn whole(&self, classes: &Classes, mut to: Vec<usize>, members: &[usize]) -> Vec<usize> {
        if let [only] = members {
            let one_pod = self.endpoint(*only).is_some_and(|endpoint| match &*endpoint.members {
                [pod] => !pod.is_template(),
                pods => pods.is_empty(),
            });
            if one_pod && to.iter().all(|at| classes.of.get(*at) == classes.of.get(*only)) {
                to.clear();
            }
        }
        to
    }
}

fn wanted(scope: &Scope, only: &Option<Bits>, sorts: &HashMap<usize, Sort>, at: usize) -> bool {
    let is_named = only.as_ref().is_some_and(|only| only.contains(at));
    let is_of_node = sorts.get(&at) == Some(&Sort::OfNodes);
    match only {
        Some(_) => is_named,
        None => scope.nodes || !is_of_node,
    }
}
