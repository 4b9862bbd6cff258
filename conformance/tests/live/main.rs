//! A real API server, read by identities of all kinds.
#![expect(
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test without libtest's harness is not seen as a test by clippy"
)]

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::thread::sleep;
use std::time::{Duration, Instant};

use kuberlock_conformance::{Inside, Outcome, Shared, small};
use kuberlock_live::role;
use kuberlock_model::configuration::Fields;
use kuberlock_model::object::KindName;
use kuberlock_testbed::{Binaries, Cluster, Options};
use libtest_mimic::{Arguments, Failed};
use serde_json::{Value, json};

const INSIDE: &str = env!("CARGO_BIN_EXE_inside");
const POLICY: &str = "/etc/kubernetes/audit-policy.yaml";
const LOG: &str = "/var/log/kubernetes-audit.log";
const SOON: Duration = Duration::from_secs(20);

static SHARED: Shared = Shared::new(audited);

fn audited() -> Options {
    let policy = json!({
        "apiVersion": "audit.k8s.io/v1", "kind": "Policy",
        "omitStages": ["RequestReceived"], "rules": [{"level": "Metadata"}],
    });
    small()
        .file(POLICY, 0o600, &policy.to_string())
        .api_server_arg("audit-policy-file", POLICY)
        .api_server_arg("audit-log-path", LOG)
        .api_server_volume("audit-policy", POLICY, "File", true)
        .api_server_volume("audit-log", LOG, "FileOrCreate", false)
}

fn main() -> ExitCode {
    let binaries = Binaries::locate();
    let trials = vec![
        SHARED.trial("a_kind_takes_no_more_lists_than_pages", &binaries, pages),
        SHARED.trial("forbidden_kinds_are_coverage", &binaries, half_privileged),
        SHARED.trial("the_printed_role_suffices_and_no_rule_is_idle", &binaries, printed_role),
        SHARED.trial("a_revoked_token_is_unauthorised", &binaries, revoked),
        SHARED.trial("configz_is_the_kubelets_configuration", &binaries, configz),
    ];
    let conclusion = libtest_mimic::run(&Arguments::from_args(), trials);
    SHARED.end();
    conclusion.exit_code()
}

/// What was seen of each kind, as text.
fn reaches(lines: &[Value]) -> BTreeMap<&str, &str> {
    lines
        .iter()
        .filter_map(|line| Some((line.get("kind")?.as_str()?, line.get("reach")?.as_str()?)))
        .collect()
}

fn whole(lines: &[Value]) -> Result<(), Failed> {
    let seen = reaches(lines);
    let missing: Vec<_> = role::listed().filter(|k| !is_read(k, seen.get(k.name))).collect();
    match missing.first() {
        None => Ok(()),
        Some(kind) => Err(format!("{}: {:?}", kind.name, seen.get(kind.name)).into()),
    }
}

/// Whether all of a kind was read; of a custom resource that nobody installed there is nothing.
fn is_read(kind: &KindName, reach: Option<&&str>) -> bool {
    reach == Some(&"complete") || (kind.custom && reach == Some(&"not served"))
}

fn pages(cluster: &Cluster) -> Outcome {
    const COUNT: usize = 1203;
    let admin = Inside::administrator(cluster, INSIDE);
    admin.post("/api/v1/namespaces", &[json!({"metadata": {"name": "many"}})])?;
    let maps: Vec<Value> = (0..COUNT)
        .map(|n| json!({"metadata": {"name": format!("m{n}")}, "data": {"n": n.to_string()}}))
        .collect();
    admin.post("/api/v1/namespaces/many/configmaps", &maps)?;

    let before = requests(cluster)?.len();
    let started = Instant::now();
    let lines = admin.read(&[])?;
    println!("{} records in {:.1?}", lines.len(), started.elapsed());
    whole(&lines)?;
    let ours = requests(cluster)?.split_off(before);
    let mut lists: BTreeMap<String, usize> = BTreeMap::new();
    for (verb, resource) in &ours {
        match verb.as_str() {
            "list" => *lists.entry(resource.clone()).or_default() += 1,
            "get" if resource == "/version" => {}
            "create" if resource == "selfsubjectreviews" => {}
            other => return Err(format!("`{other} {resource}` was sent").into()),
        }
    }
    for kind in role::listed() {
        let objects = lines.iter().filter(|line| line["object"]["kind"] == kind.name).count();
        let bound = objects.div_ceil(500) + 1;
        let sent = lists.remove(kind.resource).unwrap_or(0);
        if sent == 0 || sent > bound {
            return Err(format!("{sent} lists for {objects} {}", kind.resource).into());
        }
        if kind.resource == "configmaps" && (objects < COUNT || sent != objects.div_ceil(500)) {
            return Err(format!("{objects} config maps in {sent} lists").into());
        }
    }
    println!("{} requests, {} LIST among them", ours.len(), role::listed().count() + 2);
    if lists.is_empty() { Ok(()) } else { Err(format!("more was listed: {lists:?}").into()) }
}

/// Verb and resource (or path) of every request that we sent, from the audit log.
fn requests(cluster: &Cluster) -> Result<Vec<(String, String)>, Failed> {
    let log = cluster.root().join(LOG.trim_start_matches('/'));
    let mut found = Vec::new();
    for line in std::fs::read_to_string(log)?.lines() {
        let event: Value = serde_json::from_str(line)?;
        let agent = event["userAgent"].as_str().unwrap_or_default();
        if agent.starts_with("kuberlock/") {
            let text = |value: &Value| value.as_str().map(str::to_owned);
            let resource =
                text(&event["objectRef"]["resource"]).or_else(|| text(&event["requestURI"]));
            found.push((text(&event["verb"]).unwrap_or_default(), resource.unwrap_or_default()));
        }
    }
    Ok(found)
}

/// A service account with a cluster role of these rules.
fn account(cluster: &Cluster, name: &str, rules: &Value) -> Outcome {
    let api = "rbac.authorization.k8s.io";
    let objects = [
        json!({"apiVersion": "v1", "kind": "ServiceAccount",
            "metadata": {"name": name, "namespace": "default"}}),
        json!({"apiVersion": format!("{api}/v1"), "kind": "ClusterRole",
            "metadata": {"name": name}, "rules": rules}),
        json!({"apiVersion": format!("{api}/v1"), "kind": "ClusterRoleBinding",
            "metadata": {"name": name},
            "roleRef": {"apiGroup": api, "kind": "ClusterRole", "name": name},
            "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": "default"}]}),
    ];
    let list = json!({"apiVersion": "v1", "kind": "List", "items": objects});
    Ok(cluster.apply(&list.to_string())?)
}

/// Reads until `good` says so: a change of roles takes a moment to be known everywhere.
fn read_until(
    inside: &Inside<'_>,
    flags: &[&str],
    good: impl Fn(&[Value]) -> Outcome,
) -> Result<Vec<Value>, Failed> {
    let until = Instant::now() + SOON;
    loop {
        let lines = inside.read(flags)?;
        match good(&lines) {
            Ok(()) => return Ok(lines),
            Err(failed) if Instant::now() > until => return Err(failed),
            Err(_) => sleep(Duration::from_millis(300)),
        }
    }
}

fn half_privileged(cluster: &Cluster) -> Outcome {
    let rules =
        json!([{"apiGroups": [""], "resources": ["pods", "namespaces"], "verbs": ["list"]}]);
    account(cluster, "half", &rules)?;
    cluster.apply(
        "{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, \
         metadata: {name: half, namespace: kube-public}, \
         roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: admin}, \
         subjects: [{kind: ServiceAccount, name: half, namespace: default}]}",
    )?;
    let half = Inside::account(cluster, INSIDE, "default", "half")?;
    let lines = read_until(&half, &[], |lines| {
        let seen = reaches(lines);
        let starts = |kind: &str, with: &str| match seen.get(kind) {
            Some(reach) if reach.starts_with(with) => Ok(()),
            other => Err(Failed::from(format!("{kind}: {other:?}"))),
        };
        starts("Pod", "complete")?;
        starts("Namespace", "complete")?;
        starts("ConfigMap", "partial: only in namespace `kube-public`: configmaps is forbidden")?;
        starts("RoleBinding", "partial: only in namespace `kube-public`")?;
        starts("ClusterRole", "forbidden: clusterroles.rbac.authorization.k8s.io is forbidden")?;
        starts("Node", "forbidden: nodes is forbidden")
    })?;
    let user = lines.last().map(|line| &line["user"]);
    assert_eq!(user, Some(&json!("system:serviceaccount:default:half")));
    let pods = lines.iter().filter(|line| line["object"]["kind"] == "Pod").count();
    assert!(pods > 0, "the rest went on");

    let admin = Inside::administrator(cluster, INSIDE);
    let acted = admin.read(&["--as", "system:serviceaccount:default:half"])?;
    assert_eq!(acted.last().map(|line| &line["user"]), user);
    assert_eq!(reaches(&acted).get("Node"), reaches(&lines).get("Node"), "whoever acts as it");

    account(cluster, "nobody", &json!([]))?;
    let nobody = Inside::account(cluster, INSIDE, "default", "nobody")?.read(&[])?;
    let error = nobody.last().and_then(|line| line["error"].as_str()).unwrap_or_default();
    assert!(error.contains("grants nothing to these credentials"), "{error}");
    Ok(())
}

fn revoked(cluster: &Cluster) -> Outcome {
    cluster.apply("{apiVersion: v1, kind: ServiceAccount, metadata: {name: gone}}")?;
    let gone = Inside::account(cluster, INSIDE, "default", "gone")?;
    cluster.kubectl(&["delete", "serviceaccount", "gone"])?;
    // The server believes a token it has seen for ten seconds more; this one it has not.
    let lines = gone.read(&[])?;
    let [line] = lines.as_slice() else { return Err(format!("{lines:?}").into()) };
    let error = line["error"].as_str().unwrap_or_default();
    assert!(error.ends_with("grants nothing to these credentials: Unauthorized"), "{error}");
    Ok(())
}

fn printed_role(cluster: &Cluster) -> Outcome {
    for job in ["scan", "collect"] {
        cluster.apply(&role::yaml(job, true))?;
        let name = format!("kuberlock-{job}");
        let printed = cluster.get(&["clusterrole", &name])?["rules"].clone();
        account(cluster, &name, &printed)?;
        let reader = Inside::account(cluster, INSIDE, "default", &name)?;
        read_until(&reader, &["--configz"], |lines| {
            whole(lines)?;
            asked_kubelets(lines, 1)
        })?;
        let rules = printed.as_array().ok_or("no rules")?;
        println!("{name}: {} rules suffice", rules.len());
        if job == "scan" {
            each_rule_matters(cluster, &name, &reader, rules)?;
        }
    }
    Ok(())
}

fn asked_kubelets(lines: &[Value], expected: usize) -> Outcome {
    let answered = lines.iter().filter(|line| line.get("configz").is_some()).count();
    let unread: Vec<_> = lines.iter().filter_map(|line| line["unread"].as_str()).collect();
    match answered == expected {
        true => Ok(()),
        false => Err(format!("{answered} kubelets answered; unread: {unread:?}").into()),
    }
}

fn each_rule_matters(
    cluster: &Cluster,
    name: &str,
    reader: &Inside<'_>,
    rules: &[Value],
) -> Outcome {
    for (at, dropped) in rules.iter().enumerate() {
        let mut fewer = rules.to_vec();
        fewer.remove(at);
        account(cluster, name, &json!(fewer))?;
        let resources = dropped["resources"].as_array().ok_or("a rule without resources")?;
        read_until(reader, &["--configz"], |lines| {
            if resources == &vec![json!("nodes/proxy")] {
                whole(lines)?;
                return asked_kubelets(lines, 0);
            }
            let seen = reaches(lines);
            for kind in role::listed() {
                let held = !(resources.contains(&json!(kind.resource))
                    && dropped["apiGroups"] == json!([kind.group]));
                let reach = seen.get(kind.name).copied().unwrap_or_default();
                if held != is_read(kind, Some(&reach)) || (!held && !reach.starts_with("forbidden"))
                {
                    return Err(format!("without {resources:?}: {} is {reach}", kind.name).into());
                }
            }
            Ok(())
        })?;
    }
    println!("each of {} rules matters", rules.len());
    Ok(())
}

fn configz(cluster: &Cluster) -> Outcome {
    let lines = Inside::administrator(cluster, INSIDE).read(&["--configz"])?;
    asked_kubelets(&lines, cluster.nodes().len())?;
    for line in lines.iter().filter(|line| line.get("configz").is_some()) {
        let node = line["node"].as_str().unwrap_or_default();
        let mut kubelet = cluster.command_on(node, "kubectl")?;
        let kubeconfig = format!("--kubeconfig={}", cluster.kubeconfig_path().display());
        let path = format!("/api/v1/nodes/{node}/proxy/configz");
        let raw = kubelet.args([&kubeconfig, "get", "--raw", &path]).output()?;
        let raw: Value = serde_json::from_slice(&raw.stdout)?;
        let (theirs, ours) = (Fields::flatten(&raw), Fields::flatten(&line["configz"]));
        let redacted = same_but_redacted(&theirs, &ours)?;
        let file =
            std::fs::read_to_string(cluster.node_root(node)?.join("var/lib/kubelet/config.yaml"))?;
        let mut compared = 0;
        for (field, value) in scalars(&file) {
            let served = ours.get(&format!("kubeletconfig.{field}"));
            let served = served.map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned));
            // A zero in the file asks for the default.
            if value != "0s" && value != "0" {
                assert_eq!(served.as_deref(), Some(value.as_str()), "{field}");
                compared += 1;
            }
        }
        assert!(compared > 5, "only {compared} fields were compared");
        let served = ours.0.len();
        println!("{node}: {served} fields served, {redacted} redacted, {compared} as in the file");
    }
    Ok(())
}

/// How many values were redacted; all others are the kubelet's own.
fn same_but_redacted(theirs: &Fields, ours: &Fields) -> Result<usize, Failed> {
    let mut redacted = 0;
    for (field, value) in &theirs.0 {
        match ours.get(field) {
            Some(Value::String(text)) if text.starts_with("[redacted ") => redacted += 1,
            Some(same) if same == value => {}
            other => return Err(format!("{field} is {value}, and was read as {other:?}").into()),
        }
    }
    let more = ours.0.len() - theirs.0.len();
    if more == 0 { Ok(redacted) } else { Err(format!("{more} fields more than served").into()) }
}

/// The scalar fields of a plain block mapping, by dotted path.
fn scalars(yaml: &str) -> Vec<(String, String)> {
    let mut above: Vec<(usize, &str)> = Vec::new();
    let mut found = Vec::new();
    for line in yaml.lines().filter(|line| !line.trim_start().starts_with('-')) {
        let Some((key, value)) = line.split_once(':') else { continue };
        let depth = key.len() - key.trim_start().len();
        above.retain(|(indent, _)| *indent < depth);
        above.push((depth, key.trim()));
        let value = value.trim().trim_matches('"');
        if !value.is_empty() && value != "{}" && value != "null" {
            let path: Vec<&str> = above.iter().map(|(_, key)| *key).collect();
            found.push((path.join("."), value.to_owned()));
        }
    }
    found
}
