//! What each lint tells, and that what it says can go can go.

use std::collections::BTreeSet;

use kuberlock_model::finding::From;
use kuberlock_model::network::{NetworkPolicy, Rule, TierRule, TieredPolicy};
use kuberlock_model::{Change, Cluster, Finding, Object, ObjectKey, Subject};

use super::{Editors, LINTS, lint};
use crate::testing::{Random, cluster, objects, parties, town, verdicts};
use crate::{Cni, Party, Reachability};

/// `check object field`, for each lint but those left out.
fn told(text: &str, cni: Cni, only: &str) -> Vec<String> {
    let cluster = cluster(text);
    let findings = lint(&cluster, &Reachability::new(&cluster, cni), None);
    let findings = findings.iter().filter(|finding| finding.check.ends_with(only));
    findings.map(|finding| format!("{} {}", subject(finding), first(finding))).collect()
}

fn subject(finding: &Finding) -> String {
    match &finding.subject {
        Subject::Object(key) => key.to_string(),
        other => panic!("no object: {other}"),
    }
}

fn first(finding: &Finding) -> String {
    fields(finding).into_iter().next().unwrap_or_default()
}

/// The fields that a finding is about.
fn fields(finding: &Finding) -> Vec<String> {
    let fields = finding.evidence.iter().filter_map(|evidence| match &evidence.from {
        From::Document { field, .. } => Some(field.to_string()),
        _ => None,
    });
    fields.collect()
}

const TOWN: &str = "
    namespace web team=red
    namespace ops
    pod web/a app=front @10.0.0.1 #http:80
    pod web/b app=back @10.0.0.2
    pod ops/c app=ops @10.0.1.1
";

fn with(policies: &str) -> String {
    format!("{TOWN}{policies}")
}

#[test]
fn a_rule_that_others_hold() {
    let text = with(
        "policy web/p app=front in
           in app=back 80
           in ns:name=ops 443
           in app 80-90
         policy web/q app=front in
           in ns:*/app=ops 400-500",
    );
    let cluster = cluster(&text);
    let reach = Reachability::new(&cluster, Cni::Calico);
    let gone = idle(&lint(&cluster, &reach, None));
    let gone: Vec<&str> = gone.iter().map(|(_, field)| field.as_str()).collect();
    // The narrower of two; what only one of them allows stays.
    assert_eq!(gone, ["spec.ingress[0]", "spec.ingress[1]"]);
    let text = with("policy web/p app=front in\n in app=back 80\n in ns:*/app=ops 80\n");
    assert!(told(&text, Cni::Calico, "-redundant").is_empty());
}

#[test]
fn a_policy_that_others_hold() {
    let text = with(
        "policy web/p app=front in
           in app=back 80
         policy web/q app=front in
           in app=back *",
    );
    assert_eq!(told(&text, Cni::Calico, "-redundant"), ["NetworkPolicy web/p spec"]);
    // One that keeps everything out is there for what comes.
    let text = with("policy web/deny * in\npolicy web/q app in\n in app=back *");
    assert!(told(&text, Cni::Calico, "-redundant").is_empty());
}

#[test]
fn tiers_that_take_all() {
    let text = with(
        "tier Admin 1 first ns:*
           in deny ns:*/app=back 80-90
           in accept ns:*/app=back 85
         tier Admin 2 second ns:*/app=front
           in accept ns:*/app=back 80
           in accept ns:*/app=ops 80
         policy web/p app=front in
           in app=back 80
           in app=back 91",
    );
    assert_eq!(
        told(&text, Cni::Calico, "-shadowed-rule"),
        [
            "ClusterNetworkPolicy first spec.ingress[1]",
            "ClusterNetworkPolicy second spec.ingress[0]"
        ]
    );
    assert_eq!(
        told(&text, Cni::Calico, "-overridden-rule"),
        ["NetworkPolicy web/p spec.ingress[0]"]
    );
    assert!(told(&text, Cni::Calico, "-redundant").is_empty());
}

#[test]
fn what_matches_nobody() {
    let text = with(
        "policy web/p app=front in
           in app=gone 80
           in app=back|app=gone 81
           in app=back metrics
           in 8.0.0.0/8 http
         policy web/typo app=frnt in
         policy ops/any * in",
    );
    let found = told(&text, Cni::Calico, "-never-matches");
    assert_eq!(found, ["NetworkPolicy web/p spec.ingress[0].from"]);
    let cluster = cluster(&text);
    let findings = lint(&cluster, &Reachability::new(&cluster, Cni::Calico), None);
    let never = findings.iter().find(|f| f.check == "netpol-never-matches").unwrap();
    assert_eq!(
        fields(never),
        ["spec.ingress[0].from", "spec.ingress[2].ports", "spec.ingress[1].from[1]"]
    );
    assert_eq!(
        told(&text, Cni::Calico, "-selects-nobody"),
        ["NetworkPolicy web/typo spec.podSelector"]
    );
}

#[test]
fn sections_exceptions_and_one_sided_rules() {
    let text = with(
        "policy web/inert app=front out
           in app=back 80
           out ns:* *
         policy web/hole app=back in
           in 8.0.0.0/8-8.8.0.0/16 80
           in 8.8.8.0/24|8.8.0.0/16 80-81
         policy web/real app=back in
           in 9.0.0.0/8-9.9.0.0/16 80
         policy ops/closed app=ops in
         policy web/half app=back out
           out ns:name=ops 22
           out app=front 53u",
    );
    assert_eq!(
        told(&text, Cni::Calico, "-inert-section"),
        ["NetworkPolicy web/inert spec.ingress"]
    );
    assert_eq!(
        told(&text, Cni::Calico, "-idle-exception"),
        ["NetworkPolicy web/hole spec.ingress[0].from[0].ipBlock.except[0]"]
    );
    assert_eq!(told(&text, Cni::Calico, "-one-sided"), ["NetworkPolicy web/half spec.egress[0]"]);
}

#[test]
fn dns_plugins_and_host_network() {
    let text = with(
        "namespace kube-system
         pod kube-system/dns k8s-app=kube-dns @10.0.9.9
         policy web/p app=front out
           out app=back 80
         policy web/q app=back out
           out app=front 80
           out ns:*/k8s-app=kube-dns 53u
         policy ops/none app=ops out
         pod web/h app=back host
         tier Admin 1 t ns:*
           in deny 10.0.0.0/24 80",
    );
    assert_eq!(
        told(&text, Cni::Calico, "-egress-without-dns"),
        ["NetworkPolicy web/p spec.egress"]
    );
    assert_eq!(
        told(&text, Cni::Calico, "-host-network-not-covered"),
        ["Pod web/h spec.hostNetwork"]
    );
    assert_eq!(told(&text, Cni::Calico, "-unenforced"), [""; 0]);
    assert_eq!(told(&text, Cni::Cilium, "-unenforced"), ["ClusterNetworkPolicy t kind"]);
    assert_eq!(told(&text, Cni::None, "-unenforced").len(), 4);
    let text = with("policy web/p app=front in\n in 10.0.0.0/16 80\n in 0.0.0.0/0 80\n in *");
    let cidr = "NetworkPolicy web/p spec.ingress[0].from[0].ipBlock.cidr";
    assert_eq!(told(&text, Cni::Unknown, "-block-holds-cluster"), [cidr]);
    assert_eq!(told(&text, Cni::Cilium, "-block-holds-cluster"), [cidr]);
    assert!(told(&text, Cni::Calico, "-block-holds-cluster").is_empty());
    assert_eq!(told(&text, Cni::Calico, "-everybody"), ["NetworkPolicy web/p spec.ingress[2]"]);
}

#[test]
fn equal_priorities() {
    let clash = "tier Admin 5 one ns:*/app=front
                   in accept ns:* 80
                 tier Admin 5 two ns:team=red
                   in deny ns:*/app=back 80-81";
    let found = told(&with(clash), Cni::Calico, "-ambiguous-priority");
    assert_eq!(found, ["ClusterNetworkPolicy one spec.ingress[0]"]);
    // Where an earlier policy decides, their order does not matter.
    let first = format!("{clash}\n tier Admin 1 first ns:*\n in deny ns:*/app=back 80");
    assert!(told(&with(&first), Cni::Calico, "-ambiguous-priority").is_empty());
    let same = clash.replace("deny", "accept");
    assert!(told(&with(&same), Cni::Calico, "-ambiguous-priority").is_empty());
    // Passing what nothing behind it keeps out comes to the same as accepting it.
    let pass = clash.replace("deny", "pass");
    assert!(told(&with(&pass), Cni::Calico, "-ambiguous-priority").is_empty());
    let behind = format!("{pass}\n policy web/p app=front in");
    assert_eq!(told(&with(&behind), Cni::Calico, "-ambiguous-priority").len(), 1);
}

#[test]
fn labels_that_others_set() {
    let text = with(
        "policy web/p app=front in
           in ns:team=red 80
           in ns:name=ops/app=ops 81",
    );
    let cluster = cluster(&text);
    let reach = Reachability::new(&cluster, Cni::Calico);
    let editors = Editors {
        namespaces: [("ops".to_owned(), vec!["User eve".to_owned()])].into(),
        pods: [
            ("ops".to_owned(), vec!["User eve".to_owned(), "User adam".to_owned()]),
            ("web".to_owned(), vec!["User adam".to_owned()]),
        ]
        .into(),
    };
    let findings = lint(&cluster, &reach, Some(&editors));
    let about = |check: &str| {
        let found = findings.iter().find(|finding| finding.check == check).unwrap();
        (found.message.to_string(), first(found))
    };
    let (message, field) = about("netpol-namespace-label-open");
    assert_eq!(field, "spec.ingress[0].from[0].namespaceSelector");
    assert!(message.contains("pods of ops") && message.contains("User eve"), "{message}");
    let (message, field) = about("netpol-pod-label-open");
    assert_eq!(field, "spec.ingress[1].from[0].podSelector");
    assert!(message.starts_with("User eve may create pods in ops"), "{message}");
    assert!(lint(&cluster, &reach, None).iter().all(|f| !f.check.ends_with("-open")));
}

#[test]
fn ids_are_in_order_and_manuals_whole() {
    let ids: Vec<&str> = LINTS.iter().map(|lint| lint.id).collect();
    let unique: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(unique.len(), ids.len());
    for lint in LINTS {
        let summary = lint.summary();
        assert!(summary.title.len() < 100, "{}", lint.id);
        assert!(
            !summary.why.is_empty() && !summary.may_break.is_empty() && !summary.what.is_empty()
        );
    }
}

/// Rules and policies that the lints say can go.
fn idle(findings: &[Finding]) -> BTreeSet<(ObjectKey, String)> {
    let checks =
        ["netpol-redundant", "netpol-one-sided", "netpol-shadowed-rule", "netpol-overridden-rule"];
    let mut all = BTreeSet::new();
    for finding in findings.iter().filter(|finding| checks.contains(&finding.check)) {
        let Subject::Object(key) = &finding.subject else { continue };
        for evidence in &finding.evidence {
            let own = [
                "nothing changes without it",
                "what it lets through, the other end keeps out",
                "its turn never comes",
                "it is never asked",
            ];
            if let From::Document { field, .. } = &evidence.from
                && own.contains(&evidence.value.as_str())
            {
                all.insert((key.clone(), field.to_string()));
            }
        }
    }
    for finding in findings.iter().filter(|finding| finding.check == "netpol-never-matches") {
        let Subject::Object(key) = &finding.subject else { continue };
        for field in fields(finding) {
            let rule = field.rsplit_once('.').map_or("", |(rule, _)| rule);
            if field.ends_with(".from") || field.ends_with(".to") || field.ends_with(".ports") {
                all.insert((key.clone(), rule.to_owned()));
            }
        }
    }
    all
}

/// The objects without these.
fn without(objects: &[Object], gone: &BTreeSet<(ObjectKey, String)>) -> Vec<Object> {
    let is_gone = |key: &ObjectKey, field: &str| gone.contains(&(key.clone(), field.to_owned()));
    let kept = objects.iter().filter(|object| !is_gone(&object.key(), "spec"));
    kept.map(|object| {
        let key = object.key();
        let mut object = object.clone();
        match &mut object {
            Object::NetworkPolicy(NetworkPolicy { ingress_rules, egress_rules, .. }) => {
                keep::<Rule>(ingress_rules, |at| !is_gone(&key, &format!("spec.ingress[{at}]")));
                keep::<Rule>(egress_rules, |at| !is_gone(&key, &format!("spec.egress[{at}]")));
            }
            Object::TieredPolicy(TieredPolicy { ingress, egress, .. }) => {
                keep::<TierRule>(ingress, |at| !is_gone(&key, &format!("spec.ingress[{at}]")));
                keep::<TierRule>(egress, |at| !is_gone(&key, &format!("spec.egress[{at}]")));
            }
            _ => {}
        }
        object
    })
    .collect()
}

fn keep<R: Clone>(rules: &mut Box<[R]>, wanted: impl Fn(usize) -> bool) {
    let kept = rules.iter().enumerate().filter(|(at, _)| wanted(*at));
    *rules = kept.map(|(_, rule)| rule.clone()).collect();
}

fn built(objects: &[Object]) -> Cluster {
    let mut cluster = Cluster::default();
    objects.iter().for_each(|object| cluster.apply(Change::upsert(object.clone())));
    cluster
}

/// All that is said to do nothing goes at once, and no connection comes to anything else.
#[test]
fn what_can_go_can_go_together() {
    let mut gone_in_all = 0;
    for seed in 0..600 {
        let mut random = Random(seed);
        let (tiers, nodes) = (seed % 3 != 0, seed % 4 == 0);
        let text = town(&mut random, tiers, nodes);
        let objects = objects(&text);
        let cni = if seed % 2 == 0 { Cni::Calico } else { Cni::Unknown };
        let cluster = built(&objects);
        let reach = Reachability::new(&cluster, cni);
        let gone = idle(&lint(&cluster, &reach, None));
        gone_in_all += gone.len();
        let after = Reachability::new(&built(&without(&objects, &gone)), cni);
        let parties = parties(&objects);
        assert!(
            verdicts(&reach, &parties) == verdicts(&after, &parties),
            "seed {seed}, without {gone:?}:\n{text}"
        );
    }
    assert!(gone_in_all > 300, "{gone_in_all}");
}

/// What is left is needed: each rule that no lint names changes a connection when it goes.
#[test]
fn what_is_left_is_needed() {
    let mut needed = 0;
    for seed in 1000..1300 {
        let text = town(&mut Random(seed), false, false);
        let objects = objects(&text);
        let cluster = built(&objects);
        let gone = idle(&lint(&cluster, &Reachability::new(&cluster, Cni::Calico), None));
        let rest = without(&objects, &gone);
        let before = Reachability::new(&built(&rest), Cni::Calico);
        let parties = parties(&objects);
        for object in &rest {
            let Object::NetworkPolicy(policy) = object else { continue };
            let selects = before.policies[&object.key()].subject.possible.count_ones(..) > 0;
            for direction in kuberlock_model::network::Direction::BOTH {
                if !policy.isolates(direction) || !selects {
                    continue;
                }
                for at in 0..policy.rules(direction).len() {
                    let one = (object.key(), format!("spec.{direction}[{at}]"));
                    let after = built(&without(&rest, &[one.clone()].into()));
                    let after = Reachability::new(&after, Cni::Calico);
                    let same = verdicts(&before, &parties) == verdicts(&after, &parties);
                    let said = !same || is_for_replicas(&before, &after, &parties);
                    assert!(said, "seed {seed}, {one:?}:\n{text}");
                    needed += usize::from(!same);
                }
            }
        }
    }
    assert!(needed > 200, "{needed}");
}

/// Whether what a rule adds is for replicas that are not there: a pod reaches itself without it.
fn is_for_replicas(before: &Reachability, after: &Reachability, parties: &[Party]) -> bool {
    let itself = |reach: &Reachability, party: &Party| {
        let places = reach.resolve(party).unwrap();
        let places = places.into_iter().filter(|place| reach.is_one_pod(place.endpoint));
        places.map(|place| reach.between(place.endpoint, place.endpoint)).collect::<Vec<_>>()
    };
    parties.iter().any(|party| itself(before, party) != itself(after, party))
}
