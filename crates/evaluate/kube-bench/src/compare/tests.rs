use kuberlock_model::finding::{Evidence, Finding, Subject};
use kuberlock_model::{Severity, Verdict};

use super::{Ours, Relation, Theirs, compare, read};
use crate::benchmark::State;

fn theirs(id: &str, state: State, audit: &str, actual: &str, expected: &str) -> Theirs {
    Theirs {
        id: id.to_owned(),
        text: String::new(),
        state,
        kind: String::new(),
        scored: true,
        audits: [audit.to_owned(), String::new(), String::new()],
        actual: actual.to_owned(),
        expected: expected.to_owned(),
        reason: String::new(),
    }
}

fn finding(verdict: Verdict, evidence: Vec<Evidence>) -> Finding {
    Finding {
        check: "a-check",
        subject: Subject::Cluster,
        severity: Severity::Low,
        verdict,
        message: "said".into(),
        evidence,
        remedy: None,
        waiver: None,
    }
}

/// The relation, and the classes of the reasons.
fn told(theirs: Theirs, found: &[Finding]) -> (Relation, Vec<&'static str>) {
    let ours = Ours { id: theirs.id.clone(), findings: found.iter().collect(), undecided: None };
    let (theirs, ours) = ([theirs], [ours]);
    let all = compare(&theirs, &ours);
    let [one] = all.as_slice() else { panic!("{all:?}") };
    (one.relation, one.why.iter().map(|why| why.class).collect())
}

const PS: &str = "/bin/ps -ef | grep kube-apiserver | grep -v grep";

#[test]
fn each_reason_is_shown_by_a_fact() {
    use Relation::{Agree, Differ, Neither, OnlyOurs, OnlyTheirs};
    let pass = || finding(Verdict::Pass, Vec::new());
    let fail = || finding(Verdict::Fail, Vec::new());
    let line =
        |flag: &str| format!("root  1  0  0 10:00 ?  00:00:00 /usr/bin/kube-apiserver {flag}");
    assert_eq!(told(theirs("1", State::Pass, PS, "x", ""), &[pass()]), (Agree, vec![]));
    let stat = theirs("1", State::Fail, "stat -c %a /etc/kubernetes/admin.conf", "", "x");
    let gone = finding(Verdict::NotApplicable, Vec::new());
    assert_eq!(told(stat, &[gone]), (Differ, vec!["file-absent", "not-applicable"]));
    let unset = theirs("1", State::Fail, PS, &line("--a=1"), "'--profiling' is equal to 'false'");
    let default = finding(Verdict::Pass, vec![Evidence::default_of("--profiling=false", "1.40")]);
    assert_eq!(told(unset, &[default]), (Differ, vec!["default"]));
    let config = "/bin/cat /var/lib/kubelet/config.yaml";
    let file = theirs("1", State::Pass, config, "a: false", "'{.a}' is equal to 'false'");
    let drop_in = Evidence::file("a: true", "n", "/etc/kubernetes/kubelet.conf.d/90.conf");
    assert_eq!(told(file, &[finding(Verdict::Fail, vec![drop_in])]), (Differ, vec!["drop-in"]));
    let two = [line("--x=1"), line("--x=2")].join("\n");
    let two = theirs("1", State::Pass, PS, &two, "'--x' is equal to '1'");
    assert_eq!(told(two, &[fail()]), (Differ, vec!["first-of-several"]));
    let etcd = "root 1 0 0 10:00 ? 00:00:00 etcd --cert=/kube-apiserver.crt --x=1";
    let wrong = theirs("1", State::Pass, PS, etcd, "'--x' is present");
    assert_eq!(told(wrong, &[fail()]), (Differ, vec!["other-process"]));
    let mut manual = theirs("1", State::Warn, "", "", "");
    manual.kind = "manual".to_owned();
    assert_eq!(told(manual.clone(), &[fail()]), (OnlyOurs, vec!["manual"]));
    let unseen = finding(Verdict::Unknown, Vec::new());
    assert_eq!(told(manual, std::slice::from_ref(&unseen)), (Neither, vec!["manual", "not-seen"]));
    let pass = theirs("1", State::Pass, PS, "x", "x");
    assert_eq!(told(pass, &[unseen]), (OnlyTheirs, vec!["not-seen"]));
    let mut failed = theirs("1", State::Fail, "stat /x", "", "");
    failed.reason =
        "failed to run: \"stat /x\", output: \"stat: cannot statx '/x': No such file or \
                     directory\\n\", error: exit status 1"
            .to_owned();
    assert_eq!(told(failed, &[finding(Verdict::Pass, vec![])]), (Differ, vec!["file-absent"]));
    // Not scored, run, and not held: it warns, which says the same as our failure.
    let mut warned = theirs("1", State::Warn, PS, "x", "x");
    warned.scored = false;
    assert_eq!(told(warned, &[fail()]), (Agree, vec![]));
}

#[test]
fn what_only_one_side_has_is_told() {
    let theirs =
        [theirs("1.2.10", State::Pass, PS, "x", ""), theirs("1.2.9", State::Pass, PS, "x", "")];
    let undecided = Some("a person decides".to_owned());
    let ours = [Ours { id: "5.1".to_owned(), findings: Vec::new(), undecided }];
    let all = compare(&theirs, &ours);
    let told: Vec<_> = all.iter().map(|one| (one.id.as_str(), one.why[0].class)).collect();
    assert_eq!(told, [("1.2.9", "not-in-map"), ("1.2.10", "not-in-map"), ("5.1", "not-in-file")]);
    assert_eq!(all[2].why[1].class, "undecided");
}

#[test]
fn kube_benchs_json_is_read_with_and_without_totals() {
    let controls = r#"[{"version":"cis-1.12","tests":[{"results":[{"test_number":"1.1.1","status":"PASS"}]}]},{"tests":null}]"#;
    for text in [controls.to_owned(), format!(r#"{{"Controls":{controls},"Totals":{{}}}}"#)] {
        let (name, checks) = read("f", &text).unwrap();
        assert_eq!((name.as_str(), checks.len(), checks[0].state), ("cis-1.12", 1, State::Pass));
    }
    assert!(read("f", &controls.replace("PASS", "GOOD")).unwrap_err().to_string().contains("GOOD"));
    assert!(read("f", "{}").is_err());
}
