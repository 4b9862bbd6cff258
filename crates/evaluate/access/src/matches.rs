//! Whether one rule allows one action (`pkg/apis/rbac/v1/evaluation_helpers.go`).

use kuberlock_model::rbac::PolicyRule;

use crate::action::Action;

const ALL: &str = "*";

/// Whether `rule` allows `action`, whoever holds it.
pub fn rule_allows(rule: &PolicyRule, action: &Action) -> bool {
    match action {
        Action::Resource { verb, group, resource, subresource, name, .. } => {
            has(&rule.verbs, verb)
                && has(&rule.api_groups, group)
                && rule.resources.iter().any(|held| covers(held, resource, subresource))
                && (rule.resource_names.is_empty() || rule.resource_names.contains(name))
        }
        Action::Path { verb, path } => {
            has(&rule.verbs, verb) && rule.non_resource_urls.iter().any(|held| leads_to(held, path))
        }
    }
}

/// Whether `rule` alone allows every verb on every resource of every group, named or not.
///
/// A set of rules allows everything only if one of them does: there are verbs, groups and
/// resources that no rule spells out (a custom resource of tomorrow), and only a rule with `*` in
/// each list, without names, reaches all three.
pub fn covers_everything(rule: &PolicyRule) -> bool {
    let all = |held: &[String]| held.iter().any(|word| word == ALL);
    all(&rule.verbs)
        && all(&rule.api_groups)
        && all(&rule.resources)
        && rule.resource_names.is_empty()
}

fn has(held: &[String], asked: &str) -> bool {
    held.iter().any(|word| word == ALL || word == asked)
}

/// `*`, `resource`, `resource/subresource` or `*/subresource`. `resource/*` is none of them: the
/// API server takes it literally.
fn covers(held: &str, resource: &str, subresource: &str) -> bool {
    if held == ALL {
        return true;
    }
    if subresource.is_empty() {
        return held == resource;
    }
    let same = |rest: &str| rest.strip_prefix('/') == Some(subresource);
    held.strip_prefix(resource).is_some_and(same) || held.strip_prefix(ALL).is_some_and(same)
}

/// A `*` counts only at the end; several of them are as one.
fn leads_to(held: &str, path: &str) -> bool {
    held == path || (held.ends_with('*') && path.starts_with(held.trim_end_matches('*')))
}
