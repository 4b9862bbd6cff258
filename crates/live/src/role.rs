//! The least that a reader needs: what the lister asks for, as a ClusterRole.
//!
//! [`listed`] is the one list: the lister walks it and the role is made from it, so neither can
//! ask for more than the other grants.

use std::collections::BTreeMap;

use kuberlock_model::Kind;
use kuberlock_model::object::KindName;
use kuberlock_model::rbac::PolicyRule;

/// The kinds that are listed: all that the model knows, except secrets, whose list would hold
/// their values.
pub fn listed() -> impl Iterator<Item = &'static KindName> {
    Kind::all().iter().filter(|names| names.kind != Kind::Secret)
}

/// The rules that suffice to read all of [`listed`], and with `configz` also the kubelets'
/// configuration. `/version` and SelfSubjectReview are granted to everybody who authenticates.
pub fn rules(configz: bool) -> Vec<PolicyRule> {
    let mut by_group: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for names in listed() {
        by_group.entry(names.group).or_default().push(names.resource.to_owned());
    }
    let rule = |group: &str, resources: Vec<String>, verb: &str| PolicyRule {
        verbs: vec![verb.to_owned()],
        api_groups: vec![group.to_owned()],
        resources,
        ..PolicyRule::default()
    };
    let mut rules: Vec<_> = by_group
        .into_iter()
        .map(|(group, mut resources)| {
            resources.sort();
            rule(group, resources, "list")
        })
        .collect();
    if configz {
        rules.push(rule("", vec!["nodes/proxy".to_owned()], "get"));
    }
    rules
}

/// The ClusterRole `kuberlock-JOB` with these rules, as YAML to be applied.
///
/// ```
/// let role = kuberlock_live::role::yaml("scan", false);
/// assert!(role.contains("name: kuberlock-scan"));
/// assert!(!role.contains("secrets\"") && !role.contains("\"nodes/proxy\""));
/// ```
pub fn yaml(job: &str, configz: bool) -> String {
    let mut yaml = format!(
        "# What reading a cluster needs, and no more: no secrets, no writing.\n\
         apiVersion: rbac.authorization.k8s.io/v1\n\
         kind: ClusterRole\n\
         metadata:\n  name: kuberlock-{job}\n\
         rules:\n"
    );
    for rule in rules(configz) {
        if rule.resources.iter().any(|resource| resource == "nodes/proxy") {
            yaml.push_str(POWERFUL);
        }
        yaml.push_str(&format!(
            "- apiGroups: {:?}\n  resources:\n{}  verbs: {:?}\n",
            rule.api_groups,
            rule.resources.iter().map(|name| format!("  - {name:?}\n")).collect::<String>(),
            rule.verbs,
        ));
    }
    yaml
}

/// The kubelet has finer resources (`nodes/configz`), but the API server, through which the
/// request goes, asks for `nodes/proxy` whatever the path behind it.
const POWERFUL: &str = "\
# The kubelets' configuration. Beware: `get nodes/proxy` reaches every read of every kubelet, and
# by WebSocket also commands in containers. Leave it out, or grant it for the time of one scan.
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_kind_is_granted_and_no_other() {
        let granted: usize = rules(false).iter().map(|rule| rule.resources.len()).sum();
        assert_eq!(granted, listed().count());
        for names in listed() {
            let held = rules(false).into_iter().any(|rule| {
                rule.api_groups == [names.group]
                    && rule.resources.iter().any(|r| r == names.resource)
                    && rule.verbs == ["list"]
            });
            assert!(held, "{}", names.name);
        }
        assert!(rules(true).iter().all(|rule| !rule.resources.contains(&"secrets".to_owned())));
    }
}
