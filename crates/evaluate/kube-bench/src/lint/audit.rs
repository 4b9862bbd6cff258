//! Defects of a check's audits: what the shell makes of them, and what they name.

use std::sync::LazyLock;

use kuberlock_model::component::ComponentKind;
use kuberlock_model::release::table;
use regex::Regex;

use super::{Benchmark, Found, Place, rule};
use crate::node::{Commands, Entry, Node, Output, Process, Refusal, Status};
use crate::shell::{self, Limits};

pub(super) fn defects(
    place: &Place<'_>,
    benchmark: Option<Benchmark<'_>>,
    target: &str,
    found: &mut Found<'_>,
) {
    if place.skipped || place.check.kind == "manual" {
        return;
    }
    let check = place.check;
    for (key, audit) in [
        ("audit", &check.audit),
        ("audit_env", &check.audit_env),
        ("audit_config", &check.audit_config),
    ] {
        if audit.trim().is_empty() {
            continue;
        }
        if let Some(benchmark) = benchmark {
            variables(place, key, audit, benchmark, target, found);
        }
        bashisms(place, key, audit, found);
        if let Err(why) = shell::run(audit, &Nothing, &Silent, Limits::default()) {
            found.of_check(&rule::BEYOND, place, key, &format!("it is not run natively: {why}"));
        }
    }
    if let Some(benchmark) = benchmark {
        flags(place, benchmark, found);
    }
}

static VARIABLE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\$([a-z]+)(bin|conf|svc|kubeconfig|cafile|datadir)\b").ok());

fn variables(
    place: &Place<'_>,
    key: &str,
    audit: &str,
    benchmark: Benchmark<'_>,
    target: &str,
    found: &mut Found<'_>,
) {
    let (Some(pattern), Some(components)) = (&*VARIABLE, benchmark.config.components(target))
    else {
        return;
    };
    for captures in pattern.captures_iter(audit) {
        let name = captures.get(0).map_or("", |whole| whole.as_str());
        let bare = name.trim_start_matches('$');
        let is_set = components.iter().any(|component| {
            let rest = bare.strip_prefix(component.name.as_str());
            rest.is_some_and(|rest| {
                ["bin", "conf", "svc", "kubeconfig", "cafile", "datadir"].contains(&rest)
            })
        });
        // The script may set it itself.
        let is_own = [format!("{bare}="), format!("for {bare} "), format!("read {bare}")]
            .iter()
            .any(|own| audit.contains(own.as_str()));
        if !is_set && !is_own {
            let message = format!("no component of `{target}` sets `{name}`");
            found.of_check(&rule::UNKNOWN_VARIABLE, place, key, &message);
        }
    }
}

/// What dash does not know, as it is written.
static BASHISMS: LazyLock<Vec<(Regex, &'static str)>> = LazyLock::new(|| {
    let patterns = [
        (r"(^|[\s;(&|])\[\[\s", "`[[`"),
        (r"<\(", "`<(…)`"),
        (r"(^|[\s;])[A-Za-z_]\w*\+=", "`+=`"),
        (r"&>", "`&>`"),
        (r"<<<", "`<<<`"),
        (r"(^|[\s;])function\s+\w+", "`function`"),
        (r"(^|\n)\s*trap\s+\S+\s+ERR\b", "`trap … ERR`"),
        (r"(^|\n)\s*set\s+-\w*E", "`set -E`"),
        (r"(^|[\s;])(declare|shopt|mapfile|readarray)\s", "a builtin of bash"),
        (r"\$\{[A-Za-z_]\w*//", "`${…//…}`"),
        (r"\bset\s+-o\s+pipefail", "`set -o pipefail`"),
    ];
    let compiled =
        patterns.into_iter().map(|(pattern, shown)| Some((Regex::new(pattern).ok()?, shown)));
    compiled.flatten().collect()
});

fn bashisms(place: &Place<'_>, key: &str, audit: &str, found: &mut Found<'_>) {
    // What is given to bash is bash's.
    if audit.contains("bash -c") {
        return;
    }
    for (_, shown) in BASHISMS.iter().filter(|(pattern, _)| pattern.is_match(audit)) {
        let message = format!("{shown} is not known to every `/bin/sh`: dash is one");
        found.of_check(&rule::BASHISM, place, key, &message);
    }
}

/// A flag that an audit cuts out of a command line.
static LOOKED_FOR: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"grep (?:-\w+ )*-- --([a-z][a-z0-9-]+)").ok());

/// Flags that are tested though none of the benchmark's releases has them.
fn flags(place: &Place<'_>, benchmark: Benchmark<'_>, found: &mut Found<'_>) {
    let Some(component) = component(&place.check.audit) else { return };
    // Releases without a table of their own tell nothing.
    let mut releases = benchmark.config.releases_of(benchmark.name);
    releases.retain(|release| table::minors().contains(release));
    let tables: Vec<_> = releases
        .iter()
        .filter_map(|release| release.parse().ok())
        .filter_map(|release| table::for_release(&release).table.component(component))
        .collect();
    if tables.is_empty() {
        return;
    }
    let releases = releases.join(", ");
    let is_known = |flag: &str| tables.iter().any(|table| table.flag(flag).is_some());
    let unknown = |flag: &str| format!("{component} has no flag `--{flag}` in {releases}");
    let looked_for = LOOKED_FOR.as_ref().into_iter();
    for captures in looked_for.flat_map(|pattern| pattern.captures_iter(&place.check.audit)) {
        let Some(flag) = captures.get(1).map(|flag| flag.as_str()) else { continue };
        if !is_known(flag) {
            found.of_check(&rule::UNKNOWN_FLAG, place, "audit", &unknown(flag));
        }
    }
    let tests = place.check.tests.iter().flat_map(|tests| &tests.test_items);
    for (at, item) in tests.enumerate() {
        let Some(flag) = item.flag.strip_prefix("--") else { continue };
        let is_name = flag.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        // A flag that must be absent may well be one that is gone.
        if item.set && is_name && !is_known(flag) {
            let below = format!("tests.test_items.{at}.flag");
            found.of_check(&rule::UNKNOWN_FLAG, place, &below, &unknown(flag));
        }
    }
}

/// The one component whose command line an audit prints.
fn component(audit: &str) -> Option<ComponentKind> {
    let mut named = [
        ("$apiserverbin", ComponentKind::ApiServer),
        ("$controllermanagerbin", ComponentKind::ControllerManager),
        ("$schedulerbin", ComponentKind::Scheduler),
        ("$kubeletbin", ComponentKind::Kubelet),
        ("$proxybin", ComponentKind::KubeProxy),
    ]
    .into_iter()
    .filter(|(variable, _)| audit.contains(variable));
    let (_, one) = named.next()?;
    named.next().is_none().then_some(one)
}

/// A machine on which nothing is.
struct Nothing;

impl Node for Nothing {
    fn stat(&self, _: &str, _: bool) -> Result<Status, Refusal> {
        Err(Refusal::Absent)
    }
    fn read(&self, _: &str) -> Result<Vec<u8>, Refusal> {
        Err(Refusal::Absent)
    }
    fn list(&self, _: &str) -> Result<Vec<Entry>, Refusal> {
        Err(Refusal::Absent)
    }
    fn link(&self, _: &str) -> Result<String, Refusal> {
        Err(Refusal::Absent)
    }
    fn processes(&self) -> &[Process] {
        &[]
    }
    fn user(&self, _: u32) -> Option<String> {
        None
    }
    fn group(&self, _: u32) -> Option<String> {
        None
    }
}

/// `kubectl` and `jq` are there, and print nothing.
struct Silent;

impl Commands for Silent {
    fn run(&self, name: &str, _: &[String], _: &[u8]) -> Option<Result<Output, String>> {
        matches!(name, "kubectl" | "jq").then(|| Ok(Output::default()))
    }
}
