//! Files of assertions, and what they come to.

use serde_json::{Value, json};

use super::{Assertions, Expect, Outcome, Status, finding};
use crate::testing::{Random, cluster, objects, reach, town};
use crate::{Cni, Reachability};

const TOWN: &str = "
    namespace shop team=red
    namespace ledger
    pod shop/web app=web @10.0.0.1
    pod shop/job app=job @10.0.0.2
    deployment ledger/db app=db #sql:5432
    policy ledger/closed * in out
      in ns:name=shop/app=web 5432
    policy shop/out app=job out
      out ns:name=ledger 53u
";

fn outcomes(reach: &Reachability, tests: &Value) -> Vec<Outcome> {
    let file = json!({"version": 1, "sets": {"shop": {"namespace": "shop"}}, "tests": tests});
    Assertions::read(&file).unwrap().evaluate(reach)
}

fn one(reach: &Reachability, test: Value) -> Outcome {
    let mut test = test;
    test["name"] = json!("it");
    outcomes(reach, &json!([test])).remove(0)
}

#[test]
fn what_holds_and_what_does_not() {
    let reach = reach(TOWN);
    let db = json!({"namespace": "ledger", "podSelector": {"matchLabels": {"app": "db"}}});
    let met = |test| assert_eq!(one(&reach, test).status, Status::Met);
    met(json!({"from": "shop", "to": db, "ports": [443], "expect": "denied"}));
    met(json!({"from": {"workload": "web"}, "to": db, "ports": ["sql"], "expect": "allowed"}));
    met(json!({"from": {"workload": "web"}, "to": db, "ports": [5432], "expect": "only-from"}));
    met(json!({"from": db, "to": db, "expect": "only-to"}));
    met(json!({"from": "outside", "to": db, "expect": "denied"}));
    met(
        json!({"from": {"workload": "web"}, "to": ["shop", db], "ports": [5432], "expect": "allowed-to-one"}),
    );

    let found = one(&reach, json!({"from": "shop", "to": db, "ports": [5432], "expect": "denied"}));
    assert_eq!(found.status, Status::NotMet);
    let example = &found.examples[0];
    assert_eq!(example.connection.from.to_string(), "shop/web");
    assert_eq!(example.connection.to.to_string(), "ledger/db");
    let why: Vec<String> = example.why.iter().map(ToString::to_string).collect();
    assert_eq!(
        why,
        [
            "egress: no policy isolates the pod",
            "ingress: NetworkPolicy ledger/closed spec.ingress[0] lets it through"
        ]
    );
    let found =
        one(&reach, json!({"from": "shop", "to": db, "ports": [5432], "expect": "allowed"}));
    assert_eq!((found.status, found.examples.len()), (Status::NotMet, 1));
    assert_eq!(found.examples[0].connection.from.to_string(), "shop/job");
    let why: Vec<String> = found.examples[0].why.iter().map(ToString::to_string).collect();
    assert_eq!(
        why,
        [
            "egress: NetworkPolicy shop/out isolates the pod",
            "ingress: NetworkPolicy ledger/closed isolates the pod"
        ]
    );
    let found =
        one(&reach, json!({"from": {"cidr": "8.8.8.8"}, "to": "shop", "expect": "only-from"}));
    assert_eq!(found.status, Status::NotMet);
    assert!(found.examples.iter().all(|example| example.connection.from.to_string() != "8.8.8.8"));
}

#[test]
fn what_is_not_known() {
    let open = Reachability::new(
        &cluster(
            "pod a/x app=x @10.0.0.1\n pod a/y app=y @10.0.0.2\n policy a/p app=y in\n in 10.0.0.0/24 80",
        ),
        Cni::Unknown,
    );
    let test = json!({"from": {"workload": "x"}, "to": {"workload": "y"}, "expect": "denied"});
    let found = one(&open, test.clone());
    assert_eq!((found.status, found.examples.len()), (Status::Unknown, 1));
    let nobody =
        json!({"from": {"namespace": "gone"}, "to": {"workload": "y"}, "expect": "denied"});
    let found = one(&open, nobody.clone());
    assert_eq!((found.status, found.message.as_str()), (Status::Unknown, "`from` means nobody"));
    let mut may = nobody;
    may["mayBeEmpty"] = json!(true);
    assert_eq!(one(&open, may).status, Status::Met);
    let named = json!({"from": "pods", "to": "pods", "ports": ["metrics"], "expect": "denied"});
    assert_eq!(one(&open, named).message, "no destination has a port of that name");
}

#[test]
fn files_that_are_refused() {
    let error = |file: Value| Assertions::read(&file).unwrap_err().to_string();
    let test = |change: &str, value: Value| {
        let mut test = json!({"name": "it", "from": "any", "to": "pods", "expect": "denied"});
        test[change] = value;
        error(json!({"version": 1, "tests": [test]}))
    };
    assert!(error(json!({"tests": []})).contains("`version: 1` is missing"));
    assert!(test("form", json!(1)).starts_with("`tests[0].form`: there is no such field"));
    assert!(
        test("expect", json!("deny")).starts_with("`tests[0].expect`: `deny` is no expectation")
    );
    assert!(test("from", json!("gateways")).starts_with("`tests[0].from`: there is no set"));
    assert!(test("from", json!([])).starts_with("`tests[0].from`: it must not be empty"));
    assert!(test("to", json!({"cidr": "10.0.0.0/33"})).starts_with("`tests[0].to.cidr`"));
    assert!(test("to", json!({"cidr": "::/0", "namespace": "a"})).starts_with("`tests[0].to`"));
    assert!(test("ports", json!([0])).starts_with("`tests[0].ports[0]`"));
    assert!(test("ports", json!(["80/ICMP"])).contains("none of TCP, UDP, SCTP"));
    assert!(test("ports", json!(["90-80"])).starts_with("`tests[0].ports[0]`"));
    assert!(test("severity", json!("bad")).starts_with("`tests[0].severity`"));
    let expression = json!({"podSelector": {"matchExpressions": [{"key": "a", "operator": "Is"}]}});
    assert!(test("to", expression).contains("matchExpressions[0].operator"));
    let twice = json!({"name": "it", "from": "any", "to": "pods", "expect": "denied"});
    assert!(error(json!({"version": 1, "tests": [twice, twice]})).contains("tests[1].name"));
}

#[test]
fn baseline_rules_of_np_guard() {
    let rules = json!([
        {"name": "need-label", "from": "app notin (web, api), stage!=dev", "from_ns": "team",
         "to": "app=db", "to_ns": "kubernetes.io/metadata.name in (ledger)", "action": "deny"},
        {"name": "out", "from": "app=web", "to": "8.0.0.0/8", "protocol": "TCP", "port_min": 443,
         "port_max": 443},
        {"name": "open", "to": "app=web", "action": "deny", "port_min": 22, "port_max": 22},
    ]);
    let read = Assertions::read(&rules).unwrap();
    assert_eq!(
        read.tests.iter().map(|test| test.expect).collect::<Vec<_>>(),
        [Expect::Denied, Expect::Allowed, Expect::Denied]
    );
    let found = read.evaluate(&reach(TOWN));
    let statuses: Vec<Status> = found.iter().map(|outcome| outcome.status).collect();
    assert_eq!(statuses, [Status::Met, Status::Met, Status::NotMet]);
    let shown = finding("rules.yaml", &read.tests[2], &found[2]);
    assert_eq!(shown.subject.to_string(), "open in rules.yaml");
    assert!(shown.message.contains("on SCTP 22,TCP 22,UDP 22 is allowed"), "{}", shown.message);
    let wrong = |rule: Value| Assertions::read(&json!([rule])).unwrap_err().to_string();
    assert!(wrong(json!({"action": "log"})).starts_with("`[0].action`"));
    assert!(wrong(json!({"from": "a in b"})).contains("is not understood"));
    assert!(wrong(json!({"port_min": 70000})).starts_with("`[0].port_min`"));
    assert!(wrong(json!({"to": "10.0.0.0/8", "to_ns": "a=b"})).starts_with("`[0].to_ns`"));
}

/// What an assertion comes to, pair by pair, as its words say.
fn naive(reach: &Reachability, expect: Expect, from: &str, to: &str, port: u16) -> Status {
    let means = |word: &str| -> Vec<usize> {
        let all = reach.endpoints().filter(|(_, e)| match word {
            "any" => !e.host_network && (e.is_pods() || e.node.is_none()),
            "nodes" => e.host_network || (!e.is_pods() && e.node.is_some()),
            "a" | "b" => e.namespace() == Some(word),
            _ => e.labels().get("app").is_some_and(|app| app == word),
        });
        all.map(|(at, _)| at).collect()
    };
    let others = |mine: &[usize]| -> Vec<usize> {
        means("any").into_iter().filter(|at| !mine.contains(at)).collect()
    };
    let (from, to) = (means(from), means(to));
    let empty = from.is_empty() || to.is_empty();
    let (sources, targets) = match expect {
        Expect::OnlyFrom => (others(&from), to),
        Expect::OnlyTo => (from.clone(), others(&to)),
        _ => (from.clone(), to),
    };
    let tcp = kuberlock_model::network::Protocol::Tcp;
    let mut all = Vec::new();
    for source in &sources {
        let mut row = Vec::new();
        for target in targets.iter().filter(|to| *to != source || !reach.is_one_pod(*source)) {
            row.extend(
                pods(reach, *source, *target)
                    .map(|(from, to)| reach.verdict_between(from, to, tcp, port)),
            );
        }
        let wrong = |verdict: crate::Verdict| {
            use crate::Verdict::{Allowed, Denied};
            let must = if matches!(expect, Expect::Allowed | Expect::AllowedToOne) {
                Allowed
            } else {
                Denied
            };
            match verdict {
                verdict if verdict == must => Status::Met,
                Allowed | Denied => Status::NotMet,
                _ => Status::Unknown,
            }
        };
        all.extend(row.into_iter().map(wrong));
    }
    match (all.contains(&Status::NotMet), all.contains(&Status::Unknown)) {
        (true, _) => Status::NotMet,
        (false, true) => Status::Unknown,
        _ if empty => Status::Unknown,
        _ => Status::Met,
    }
}

/// Every two pods of two endpoints that are not one.
fn pods(
    reach: &Reachability,
    from: usize,
    to: usize,
) -> impl Iterator<Item = (crate::Place, crate::Place)> {
    let places = |at: usize| -> Vec<crate::Place> {
        let members = reach.endpoint(at).unwrap().members.len();
        let place = |member| crate::Place { endpoint: at, member };
        if members == 0 {
            vec![place(None)]
        } else {
            (0..members).map(|m| place(Some(m))).collect()
        }
    };
    let (froms, tos) = (places(from), places(to));
    let one = reach.is_one_pod(from);
    froms
        .into_iter()
        .flat_map(move |from| tos.clone().into_iter().map(move |to| (from, to)))
        .filter(move |(from, to)| from != to || !one)
}

#[test]
fn it_is_what_pairs_say() {
    let mut seen = std::collections::BTreeMap::new();
    for seed in 0..200 {
        let mut random = Random(seed);
        let text = town(&mut random, seed % 2 == 0, seed % 3 == 0);
        let cni = if seed % 4 == 0 { Cni::Unknown } else { Cni::Calico };
        let mut built = kuberlock_model::Cluster::default();
        objects(&text).into_iter().for_each(|o| built.apply(kuberlock_model::Change::upsert(o)));
        let reach = Reachability::new(&built, cni);
        for expect in [Expect::Denied, Expect::Allowed, Expect::OnlyFrom, Expect::OnlyTo] {
            let words = ["any", "nodes", "a", "b", "x", "y"];
            let (from, to) = (random.pick(&words), random.pick(&words));
            let port = [53_u16, 80, 85, 443][random.below(4)];
            let selector = |word: &str| match word {
                "any" | "nodes" => json!(word),
                "a" | "b" => json!({"namespace": word}),
                app => json!({"podSelector": format!("app={app}")}),
            };
            let test = json!({"from": selector(from), "to": selector(to), "ports": [port],
                              "expect": expect.word()});
            let found = one(&reach, test);
            let expected = naive(&reach, expect, from, to, port);
            assert_eq!(found.status, expected, "seed {seed} {expect:?} {from} {to} {port}\n{text}");
            assert_eq!(
                found.examples.is_empty(),
                expected == Status::Met
                    || found.message.contains("nobody")
                    || found.message.contains("neither")
            );
            *seen.entry((expect, expected)).or_insert(0) += 1;
        }
    }
    assert!(seen.len() >= 10 && seen.values().all(|count| *count > 0), "{seen:?}");
}
