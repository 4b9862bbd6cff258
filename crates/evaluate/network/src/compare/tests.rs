//! Comparisons against what pairs of pods come to, one by one.

use std::collections::BTreeMap;

use kuberlock_model::{Change as ModelChange, Cluster, Object};

use super::{
    Aligned, Change, Relation, Vacuity, captured, compare, diff, forbids, interferes, permits,
    sharing, vacuity,
};
use crate::testing::{Random, cluster, objects, reach, town};
use crate::{Cni, Reach, Reachability};

const TOWN: &str = "
    namespace web team=red
    pod web/a app=front @10.0.0.1
    pod web/b app=back @10.0.0.2
    pod web/c app=back @10.0.0.3
";

fn with(policies: &str) -> Reachability {
    reach(&format!("{TOWN}{policies}"))
}

fn relation(first: &Reachability, second: &Reachability) -> Relation {
    compare(first, second, &Aligned::new(first, second), 3).relation
}

#[test]
fn relations() {
    let narrow = with("policy web/p app=front in\n in app=back 80");
    let wide = with("policy web/q app=front in\n in app=back 80-90\n in app=back 443");
    let same = with("policy web/q * in\n in app 80|80\n policy web/r app=back in\n in *");
    let other = with("policy web/p app=front in\n in app=back 443\n in 8.0.0.0/8");
    assert_eq!(relation(&narrow, &narrow.clone()), Relation::Equivalent);
    assert_eq!(relation(&wide, &narrow), Relation::Contains);
    assert_eq!(relation(&narrow, &wide), Relation::Contained);
    assert_eq!(relation(&narrow, &other), Relation::Overlapping);
    let _ = same;
    let found = compare(&narrow, &other, &Aligned::new(&narrow, &other), 10);
    assert!(!found.is_open && found.only_first.iter().all(|example| example.is_sure));
    let ports: Vec<String> = found.only_first.iter().map(|e| e.ports.to_string()).collect();
    assert_eq!(ports, ["TCP 80"], "two alike pods are one example");
    let all = "policy web/n * in out\n";
    let one = with(&format!(
        "{all} policy web/o app=front in\n in app=back 80\n policy web/p app=back out\n out app 80"
    ));
    let two = with(&format!(
        "{all} policy web/o app=front in\n in app=back 81\n policy web/p app=back out\n out app 81"
    ));
    assert_eq!(relation(&one, &two), Relation::Disjoint);
}

#[test]
fn questions_of_policies() {
    let none = with("");
    let closed = with("policy web/n * in out\n");
    assert_eq!(vacuity(&none), Vacuity::AllowsEverything);
    assert_eq!(vacuity(&with("policy web/p app=front in\n in *")), Vacuity::AllowsEverything);
    assert_eq!(vacuity(&with("policy web/p app=front in")), Vacuity::Neither);
    assert_eq!(vacuity(&closed), Vacuity::AllowsNothing);
    let direction = kuberlock_model::network::Direction::Ingress;
    assert_eq!(captured(&closed, direction).count_ones(..), 3);
    assert_eq!(captured(&with("policy web/p app=front in"), direction).count_ones(..), 1);
    let two = with("policy web/p app=front in\n policy web/q app in\n policy web/r app=back in");
    let shared = sharing(&two, 9);
    let named: Vec<_> = shared.iter().map(|(a, b, _)| (a.name.as_str(), b.name.as_str())).collect();
    assert_eq!(named, [("p", "q"), ("q", "r")]);

    let rules = with("policy web/rule app=front in\n in app=back 80");
    assert!(permits(&none, &rules, 9).is_empty());
    assert!(!permits(&closed, &rules, 9).is_empty());
    assert!(forbids(&closed, &rules, 9).is_empty());
    let found = forbids(&none, &rules, 9);
    assert!(found.iter().any(|example| example.ports.to_string() == "TCP 80" && example.is_sure));

    let base = with("policy web/p app=front in\n in app=back 80");
    let both = with(
        "policy web/p app=front in\n in app=back 80\n policy web/q app=front in\n in app=back 81",
    );
    let keys = base.policies.keys().cloned().collect();
    assert!(interferes(&base, &both.under(&keys), 9).is_empty());
    assert_eq!(interferes(&base, &both, 9)[0].ports.to_string(), "TCP 81");
}

/// What a pair of pods, nodes or addresses comes to, before and after.
type Pairs = BTreeMap<(String, String), (Option<Reach>, Option<Reach>)>;

/// Pair by pair, as the definition has it.
fn naive(first: &Reachability, second: &Reachability, aligned: &Aligned) -> Pairs {
    let mut pairs = Pairs::new();
    for (a, from) in aligned.ends.iter().enumerate() {
        for (b, to) in aligned.ends.iter().enumerate() {
            let of = |reach: &Reachability, from: Option<usize>, to: Option<usize>| {
                Some(reach.between(from?, to?))
            };
            let was = of(first, from.first, to.first);
            let is = of(second, from.second, to.second);
            let one_pod = a == b
                && from.first.is_none_or(|at| first.is_one_pod(at))
                && from.second.is_none_or(|at| second.is_one_pod(at));
            let outside = from.range.is_some() && to.range.is_some();
            let comes_to = |reach: &Option<Reach>| {
                reach.clone().unwrap_or(Reach {
                    certain: crate::PortSet::none(),
                    possible: crate::PortSet::none(),
                })
            };
            if comes_to(&was) != comes_to(&is) && !one_pod && !outside {
                pairs.insert((format!("{a}"), format!("{b}")), (was, is));
            }
        }
    }
    pairs
}

fn built(objects: &[Object]) -> Cluster {
    let mut cluster = Cluster::default();
    objects.iter().for_each(|object| cluster.apply(ModelChange::upsert(object.clone())));
    cluster
}

#[test]
fn differences_are_those_of_pairs() {
    let mut seen = 0;
    for seed in 0..120 {
        let mut random = Random(seed);
        let (tiers, nodes) = (seed % 2 == 0, seed % 3 == 0);
        let text = town(&mut random, tiers, nodes);
        let mut objects = objects(&text);
        let cni = if seed % 4 == 0 { Cni::Unknown } else { Cni::Calico };
        let first = Reachability::new(&built(&objects), cni);
        // The second cluster has lost something, and policies and pods of another.
        objects.remove(random.below(objects.len()));
        objects
            .extend(crate::testing::objects(&town(&mut random, tiers, nodes)).into_iter().skip(2));
        let second = Reachability::new(&built(&objects), cni);
        let aligned = Aligned::new(&first, &second);
        let expected = naive(&first, &second, &aligned);
        let mut found = Pairs::new();
        for difference in diff(&first, &second, &aligned) {
            for from in &difference.from {
                for to in &difference.to {
                    let one_pod = from == to && {
                        let end = &aligned.ends[*from];
                        end.first.is_none_or(|at| first.is_one_pod(at))
                            && end.second.is_none_or(|at| second.is_one_pod(at))
                    };
                    if !one_pod {
                        let both = (difference.before.clone(), difference.after.clone());
                        let old = found.insert((format!("{from}"), format!("{to}")), both);
                        assert!(old.is_none());
                    }
                }
            }
        }
        seen += expected.len();
        assert_eq!(found, expected, "seed {seed}:\n{text}");
    }
    assert!(seen > 400, "{seen}");
}

#[test]
fn pods_that_come_and_go() {
    let before = with("policy web/p app=front in\n in app=back 80");
    let changed = cluster(&format!(
        "{}pod web/d app=new @10.0.0.9\npolicy web/p app=front in\n in app=back 80",
        TOWN.replace("pod web/c app=back @10.0.0.3", "")
    ));
    let after = Reachability::new(&changed, Cni::Calico);
    let aligned = Aligned::new(&before, &after);
    let (gone, new) = aligned.alone(&before, &after);
    assert_eq!((gone.len(), new.len()), (1, 1));
    let all = diff(&before, &after, &aligned);
    assert!(all.iter().all(|one| one.change != Change::Changed));
    assert!(all.iter().any(|one| one.change == Change::Lost && one.after.is_none()));
    assert!(all.iter().any(|one| one.change == Change::Gained && one.before.is_none()));
    let pairs: usize = all.iter().map(|one| one.pairs(&aligned).count()).sum();
    assert!(pairs > 0);
}
