//! Each class of defects in a file that has it, and none in a file that has none.

use kuberlock_kube_bench::Config;
use kuberlock_kube_bench::benchmark::File;
use kuberlock_kube_bench::lint::{Benchmark, RULES, lint};
use kuberlock_model::finding::From;

const CONFIG: &str = "
node: {components: [kubelet], kubelet: {bins: [kubelet], confs: [/var/lib/kubelet/config.yaml]}}
version_mapping: {'1.37': own}
target_mapping: {own: [node]}
";

/// A file of one check, `check` being the lines behind its id.
fn of_check(check: &str) -> String {
    let head =
        "controls:\nversion: own\nid: 4\ntext: t\ntype: node\ngroups:\n- id: 4.1\n  text: g\n";
    let lines: String = check.lines().map(|line| format!("    {line}\n")).collect();
    format!("{head}  checks:\n  - id: 4.1.1\n{lines}")
}

/// The rules that the file offends, with the fields at fault.
fn found(text: &str) -> Vec<(String, String)> {
    let mut config = Config::default();
    assert!(config.merge("config.yaml", CONFIG).is_ok());
    let file = File { path: "own/node.yaml".into(), target: "node".into(), text: text.into() };
    let findings = lint(&file, Some(Benchmark { name: "own", config: &config }));
    let fields = findings.iter().flat_map(|finding| {
        finding.evidence.iter().map(|evidence| match &evidence.from {
            From::Document { field, .. } => (finding.check.to_owned(), field.as_str().to_owned()),
            other => (finding.check.to_owned(), format!("{other:?}")),
        })
    });
    fields.collect()
}

const ITEM: &str = "  test_items:
  - {flag: --anonymous-auth, path: '{.authentication.anonymous.enabled}', compare: {op: eq, value: no}}
";

fn good() -> String {
    format!(
        "text: t\naudit: ps -fC $kubeletbin\naudit_config: cat $kubeletconf\ntests:\n{ITEM}\
         remediation: r\nscored: true"
    )
}

/// Rules, and the fields below the check at which they are found.
type Expected = &'static [(&'static str, &'static str)];

/// What is changed in a good check, and what is then found.
const CHANGES: &[(&str, &str, Expected)] = &[
    (
        "op: eq",
        "op: noteqx",
        &[("unknown-operator", ".tests.test_items[0].compare.op"), ("never-passes", ".tests")],
    ),
    ("audit_config: cat $kubeletconf\n", "", &[("path-unread", ".tests.test_items[0].path")]),
    (
        "compare: {op",
        "set: false, compare: {op",
        &[("ignored-compare", ".tests.test_items[0].compare")],
    ),
    ("  test_items", "  bin_op: xor\n  test_items", &[("unknown-join", ".tests.bin_op")]),
    (
        "op: eq, value: no",
        "op: regex, value: '(a'",
        &[("bad-regex", ".tests.test_items[0].compare.value")],
    ),
    ("--anonymous-auth", "--anonymous-oauth", &[("unknown-flag", ".tests.test_items[0].flag")]),
    (
        "ps -fC $kubeletbin",
        "ps -ef | grep $kubeletbin | grep -o -- --cni-conf-dir",
        &[("unknown-flag", ".audit")],
    ),
    ("--anonymous-auth", "mode.of.it", &[("flag-as-regex", ".tests.test_items[0].flag")]),
    ("$kubeletconf", "$proxyconf", &[("unknown-variable", ".audit_config")]),
    ("ps -fC $kubeletbin", "if [[ -e /x ]]; then echo x; fi", &[("bashism", ".audit")]),
    ("remediation: r\n", "remedation: r\n", &[("unknown-key", ".remedation")]),
    (
        "remediation: r\nscored: true",
        "  remediation: r\n  scored: true",
        &[("misplaced-key", ".tests.remediation"), ("misplaced-key", ".tests.scored")],
    ),
    (ITEM, "  test_items: []\n", &[("never-passes", "")]),
];

#[test]
fn a_good_check_has_no_defect() {
    assert_eq!(found(&of_check(&good())), []);
}

#[test]
fn each_defect_is_told_with_its_field() {
    for (from, to, expected) in CHANGES {
        assert!(good().contains(from), "{from}");
        let found = found(&of_check(&good().replace(from, to)));
        let expected: Vec<_> = expected
            .iter()
            .map(|(rule, below)| {
                (format!("kube-bench-{rule}"), format!("groups[0].checks[0]{below}"))
            })
            .collect();
        assert_eq!(found, expected, "{to}");
    }
}

#[test]
fn the_file_as_a_whole_is_looked_at() {
    let good = of_check(&good());
    let of = |text: &str| found(text).into_iter().map(|(rule, _)| rule).collect::<Vec<_>>();
    assert_eq!(of(&good.replace("version: own", "version: other")), ["kube-bench-version"]);
    assert_eq!(of(&good.replace("type: node", "type: master")), ["kube-bench-type"]);
    assert_eq!(of("groups: {a"), ["kube-bench-unreadable"]);
    let again = good.split_once("  - id: 4.1.1").unwrap().1.to_owned();
    assert_eq!(of(&format!("{good}  - id: 4.1.1{again}")), ["kube-bench-duplicate-id"]);
    let numbers = good.replace("4.1.1", "7.1") + "  - id: 7.10" + &again;
    assert_eq!(of(&numbers), ["kube-bench-ambiguous-id"]);
    let skipped =
        of_check("type: skip\naudit: '[[ a'\ntests: {test_items: [{flag: a, compare: {op: x}}]}");
    assert_eq!(of(&skipped), Vec::<String>::new());
}

#[test]
fn ids_of_rules_are_their_own() {
    let mut ids: Vec<_> = RULES.iter().map(|rule| rule.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), RULES.len());
}
