//! One test a quirk. `conformance/tests/access.rs` asks a real API server the same.

use std::collections::BTreeMap;

use kuberlock_model::rbac::{Binding, PolicyRule, Principal, Role, RoleRef};
use kuberlock_model::selector::{LabelSelector, Requirement};
use kuberlock_model::{Change, Cluster, Metadata, Object, Origin};

use crate::{Access, Action, Request};

fn metadata(namespace: Option<&str>, name: &str) -> Metadata {
    Metadata {
        name: name.into(),
        namespace: namespace.map(str::to_owned),
        uid: None,
        labels: BTreeMap::new(),
        annotations: BTreeMap::new(),
        controller: None,
        origin: Origin::whole("test"),
    }
}

fn words(text: &str) -> Vec<String> {
    text.split(' ').filter(|w| !w.is_empty()).map(|w| w.replace("core", "")).collect()
}

/// `verbs | groups | resources | names`
fn rule(text: &str) -> PolicyRule {
    let parts: Vec<_> = text.split('|').map(words).collect();
    PolicyRule {
        verbs: parts[0].clone(),
        api_groups: parts[1].clone(),
        resources: parts[2].clone(),
        resource_names: parts.get(3).cloned().unwrap_or_default(),
        non_resource_urls: vec![],
    }
}

fn path_rule(verbs: &str, urls: &str) -> PolicyRule {
    PolicyRule { verbs: words(verbs), non_resource_urls: words(urls), ..Default::default() }
}

fn role(namespace: Option<&str>, name: &str, rules: Vec<PolicyRule>) -> Object {
    Object::Role(Role { metadata: metadata(namespace, name), rules, aggregates: vec![] })
}

fn binding(namespace: Option<&str>, name: &str, role: RoleRef, subjects: &[Principal]) -> Object {
    let subjects = subjects.to_vec();
    Object::Binding(Binding { metadata: metadata(namespace, name), role, subjects })
}

fn cluster(objects: impl IntoIterator<Item = Object>) -> Cluster {
    let mut cluster = Cluster::default();
    for object in objects {
        cluster.apply(Change::upsert(object));
    }
    cluster
}

fn user(name: &str) -> Principal {
    Principal::User { name: name.into() }
}

fn group(name: &str) -> Principal {
    Principal::Group { name: name.into() }
}

fn account(namespace: &str, name: &str) -> Principal {
    Principal::ServiceAccount { namespace: namespace.into(), name: name.into() }
}

fn cluster_role(name: &str) -> RoleRef {
    RoleRef::ClusterRole(name.into())
}

fn may(cluster: &Cluster, user: &str, groups: &[&str], action: Action) -> bool {
    let groups = groups.iter().map(|g| (*g).to_owned()).collect();
    let decision = Access::new(cluster).evaluate(&Request { user: user.into(), groups, action });
    assert!(decision.because.is_none() || decision.allowed);
    decision.allowed
}

/// Whether jane, bound to one cluster role with this one rule in all of the cluster, may.
fn allows(rule: PolicyRule, action: Action) -> bool {
    let objects = cluster([
        role(None, "r", vec![rule]),
        binding(None, "b", cluster_role("r"), &[user("jane")]),
    ]);
    may(&objects, "jane", &[], action)
}

fn get(resource: &str) -> Action {
    Action::resource("get", "", resource)
}

#[test]
fn a_star_is_every_verb_every_group_and_every_resource() {
    assert!(allows(rule("* | core | pods"), Action::resource("frobnicate", "", "pods")));
    assert!(allows(rule("get | * | pods"), Action::resource("get", "metrics.k8s.io", "pods")));
    assert!(allows(rule("get | core | *"), get("pods")));
    assert!(allows(rule("get | core | *"), get("pods/log")));
    assert!(!allows(rule("get | core | *"), Action::resource("get", "apps", "deployments")));
    assert!(!allows(rule("get | core | pods"), Action::resource("list", "", "pods")));
    // A star in the request is not every verb; only a rule's star covers it.
    assert!(!allows(rule("get list | core | pods"), Action::resource("*", "", "pods")));
    assert!(allows(rule("* | core | pods"), Action::resource("*", "", "pods")));
}

#[test]
fn an_empty_list_matches_nothing() {
    assert!(!allows(rule(" | core | pods"), get("pods")));
    assert!(!allows(rule("get | | pods"), get("pods")));
    assert!(!allows(rule("get | core | "), get("pods")));
}

#[test]
fn a_subresource_is_a_resource_of_its_own() {
    assert!(!allows(rule("get | core | pods"), get("pods/log")));
    assert!(allows(rule("get | core | pods/log"), get("pods/log")));
    assert!(!allows(rule("get | core | pods/log"), get("pods")));
    assert!(!allows(rule("get | core | pods/log"), get("pods/logs")));
}

#[test]
fn a_star_before_the_slash_is_every_resource_with_that_subresource() {
    let scale = Action::resource("get", "apps", "deployments/scale");
    assert!(allows(rule("get | apps | */scale"), scale.clone()));
    assert!(!allows(rule("get | apps | */scale"), Action::resource("get", "apps", "deployments")));
    assert!(!allows(rule("get | apps | */status"), scale.clone()));
    assert!(!allows(rule("get | apps | deployments/*"), scale.clone()), "taken literally");
    assert!(allows(
        rule("get | apps | deployments/*"),
        Action::resource("get", "apps", "deployments/*")
    ));
    assert!(!allows(rule("get | apps | scale"), scale));
}

#[test]
fn a_slash_within_the_resource_itself_is_compared_as_it_is() {
    let slashed = Action::Resource {
        verb: "get".into(),
        group: String::new(),
        resource: "pods/log".into(),
        subresource: String::new(),
        namespace: String::new(),
        name: String::new(),
    };
    assert!(allows(rule("get | core | pods/log"), slashed.clone()));
    assert!(!allows(rule("get | core | */log"), slashed));
}

#[test]
fn names_limit_a_rule_and_a_request_without_a_name_is_not_covered() {
    let named = || rule("get list create | core | configmaps | one two");
    assert!(allows(named(), get("configmaps").named("two")));
    assert!(!allows(named(), get("configmaps").named("three")));
    assert!(!allows(named(), Action::resource("list", "", "configmaps")));
    assert!(!allows(named(), Action::resource("create", "", "configmaps")));
    // `list` with the field selector metadata.name=one carries the name.
    assert!(allows(named(), Action::resource("list", "", "configmaps").named("one")));
    let empty_name = PolicyRule { resource_names: vec![String::new()], ..named() };
    assert!(allows(empty_name, Action::resource("list", "", "configmaps")));
    let star = PolicyRule { resource_names: vec!["*".into()], ..named() };
    assert!(!allows(star, get("configmaps").named("one")), "no wildcard among names");
}

#[test]
fn paths_match_whole_or_by_a_star_at_the_end() {
    let at = |path: &str| Action::path("get", path);
    assert!(allows(path_rule("get", "/metrics"), at("/metrics")));
    assert!(!allows(path_rule("get", "/metrics"), at("/metrics/cadvisor")));
    assert!(allows(path_rule("get", "/metrics/*"), at("/metrics/cadvisor")));
    assert!(!allows(path_rule("get", "/metrics/*"), at("/metrics")));
    assert!(allows(path_rule("get", "/metrics*"), at("/metricsx")));
    assert!(allows(path_rule("get", "/a**"), at("/ab")));
    assert!(allows(path_rule("get", "*"), at("/anything")));
    assert!(!allows(path_rule("get", "/*/b"), at("/a/b")));
    assert!(allows(path_rule("get", "/*/b"), at("/*/b")));
    assert!(!allows(path_rule("get", "*"), Action::path("post", "/anything")));
}

#[test]
fn resource_rules_do_not_reach_paths_nor_path_rules_resources() {
    assert!(!allows(rule("* | * | *"), Action::path("get", "/metrics")));
    assert!(!allows(path_rule("*", "*"), get("pods")));
}

#[test]
fn a_role_binding_holds_in_its_namespace_only() {
    for (name, reference) in
        [("Role", RoleRef::Role("r".into())), ("ClusterRole", cluster_role("r"))]
    {
        let objects = cluster([
            role(Some("shop"), "r", vec![rule("get | core | pods nodes")]),
            role(None, "r", vec![rule("get | core | pods nodes"), path_rule("get", "*")]),
            binding(Some("shop"), "b", reference, &[user("jane")]),
        ]);
        assert!(may(&objects, "jane", &[], get("pods").in_namespace("shop")), "{name}");
        assert!(!may(&objects, "jane", &[], get("pods").in_namespace("bank")), "{name}");
        assert!(!may(&objects, "jane", &[], get("pods")), "{name}");
        assert!(!may(&objects, "jane", &[], get("nodes")), "{name}");
        assert!(!may(&objects, "jane", &[], Action::path("get", "/metrics")), "{name}");
    }
}

#[test]
fn a_cluster_role_binding_cannot_name_a_role_and_a_missing_role_grants_nothing() {
    let objects = cluster([
        role(Some("shop"), "r", vec![rule("* | * | *")]),
        binding(None, "b", RoleRef::Role("r".into()), &[user("jane")]),
        binding(None, "c", cluster_role("gone"), &[user("jane")]),
        binding(Some("bank"), "d", RoleRef::Role("r".into()), &[user("jane")]),
    ]);
    for namespace in ["", "shop", "bank"] {
        assert!(!may(&objects, "jane", &[], get("pods").in_namespace(namespace)), "{namespace}");
    }
}

#[test]
fn service_accounts_are_known_by_their_user_name() {
    let objects = cluster([
        role(None, "r", vec![rule("get | core | pods")]),
        binding(None, "b", cluster_role("r"), &[account("shop", "cart")]),
        binding(None, "u", cluster_role("r"), &[user("system:serviceaccount:bank:till")]),
    ]);
    assert!(may(&objects, "system:serviceaccount:shop:cart", &[], get("pods")));
    assert!(may(&objects, "system:serviceaccount:bank:till", &[], get("pods")));
    assert!(!may(&objects, "system:serviceaccount:bank:cart", &[], get("pods")));
    assert!(!may(&objects, "cart", &[], get("pods")));
}

#[test]
fn a_service_account_without_namespace_is_of_the_role_bindings_own() {
    let objects = cluster([
        role(None, "r", vec![rule("get | core | pods")]),
        binding(Some("shop"), "b", cluster_role("r"), &[account("", "cart")]),
        binding(None, "c", cluster_role("r"), &[account("", "till")]),
    ]);
    let there = get("pods").in_namespace("shop");
    assert!(may(&objects, "system:serviceaccount:shop:cart", &[], there.clone()));
    assert!(!may(&objects, "system:serviceaccount::till", &[], there.clone()));
    let who: Vec<_> = Access::new(&objects).who_can(&there).into_iter().map(|(p, _)| p).collect();
    assert_eq!(who, [account("shop", "cart")]);
}

#[test]
fn groups_are_taken_as_given() {
    let objects = cluster([
        role(None, "r", vec![rule("get | core | pods")]),
        binding(None, "b", cluster_role("r"), &[group("system:authenticated"), group("dev")]),
    ]);
    assert!(may(&objects, "jane", &["dev"], get("pods")));
    assert!(!may(&objects, "jane", &[], get("pods")), "none is added");
    assert!(!may(&objects, "dev", &[], get("pods")), "a user is no group");
}

#[test]
fn masters_may_before_any_role_is_asked() {
    let none = Cluster::default();
    assert!(may(&none, "jane", &["system:masters"], Action::path("get", "/metrics")));
    assert!(!may(&none, "system:masters", &[], get("pods")));
}

fn aggregated(name: &str, label: &str, selects: &str, rules: Vec<PolicyRule>) -> Object {
    let mut metadata = metadata(None, name);
    metadata.labels.insert("part".into(), label.into());
    let aggregates = words(selects)
        .into_iter()
        .map(|value| LabelSelector {
            requirements: vec![Requirement::In("part".into(), vec![value])],
            ..LabelSelector::default()
        })
        .collect();
    Object::Role(Role { metadata, rules, aggregates })
}

#[test]
fn an_aggregated_role_has_what_it_selects_however_deep_and_round() {
    let objects = cluster([
        aggregated("top", "loop", "middle", vec![]),
        aggregated("middle", "middle", "bottom loop", vec![rule("list | core | pods")]),
        aggregated("bottom", "bottom", "", vec![rule("get | core | pods")]),
        aggregated("other", "other", "", vec![rule("delete | core | pods")]),
        binding(None, "b", cluster_role("top"), &[user("jane")]),
    ]);
    let access = Access::new(&objects);
    assert!(may(&objects, "jane", &[], get("pods")));
    assert!(may(&objects, "jane", &[], Action::resource("list", "", "pods")));
    assert!(!may(&objects, "jane", &[], Action::resource("delete", "", "pods")));
    let (_, grant) = access.who_can(&get("pods")).pop().unwrap();
    assert_eq!((grant.role.name.as_str(), grant.holder.name.as_str()), ("top", "bottom"));
    assert_eq!(access.what_can(&user("jane")).len(), 2);
}

#[test]
fn a_role_in_a_namespace_selects_nothing_and_is_not_selected() {
    let mut in_shop = metadata(Some("shop"), "r");
    in_shop.labels.insert("part".into(), "x".into());
    let all = vec![LabelSelector::default()];
    let objects = cluster([
        Object::Role(Role {
            metadata: in_shop,
            rules: vec![rule("* | * | *")],
            aggregates: all.clone(),
        }),
        Object::Role(Role { metadata: metadata(None, "top"), rules: vec![], aggregates: all }),
        role(None, "leaf", vec![rule("get | core | nodes")]),
        binding(None, "b", cluster_role("top"), &[user("jane")]),
        binding(Some("shop"), "c", RoleRef::Role("r".into()), &[user("john")]),
    ]);
    assert!(!may(&objects, "jane", &[], get("pods")));
    assert!(may(&objects, "jane", &[], get("nodes")));
    let johns = Access::new(&objects).what_can(&user("john"));
    assert_eq!(johns.len(), 1);
    assert_eq!(johns[0].namespace, Some("shop"));
}

#[test]
fn the_grant_told_is_the_first_by_scope_and_name() {
    let objects = cluster([
        role(None, "r", vec![rule("list | core | pods"), rule("get | core | pods")]),
        binding(Some("shop"), "a", cluster_role("r"), &[user("jane")]),
        binding(None, "z", cluster_role("r"), &[user("john"), group("dev"), user("jane")]),
    ]);
    let request = Request {
        user: "jane".into(),
        groups: vec!["dev".into()],
        action: get("pods").in_namespace("shop"),
    };
    let grant = Access::new(&objects).evaluate(&request).because.unwrap();
    assert_eq!(grant.binding.to_string(), "ClusterRoleBinding z");
    assert_eq!(grant.rule, 1);
    assert_eq!(grant.principal, group("dev"));
}

#[test]
fn everything_is_found_by_what_a_rule_allows_not_by_the_roles_name() {
    let objects = cluster([
        role(None, "cluster-admin", vec![rule("get | * | *")]),
        role(None, "viewer", vec![rule("get | core | pods"), rule("get * | apps * | pods *")]),
        role(None, "almost", vec![rule("* | * | * | one"), rule("* | core apps | *")]),
        binding(None, "a", cluster_role("cluster-admin"), &[user("jane")]),
        binding(None, "b", cluster_role("viewer"), &[account("shop", "cart"), group("ops")]),
        binding(None, "c", cluster_role("almost"), &[user("john")]),
        binding(Some("shop"), "d", cluster_role("viewer"), &[user("local")]),
    ]);
    let who: Vec<_> = Access::new(&objects).everything().into_iter().map(|(p, _)| p).collect();
    assert_eq!(who, [group("ops"), account("shop", "cart")]);
}

#[test]
fn who_can_anywhere_finds_role_bindings_of_every_namespace() {
    let objects = cluster([
        role(None, "r", vec![rule("get | core | secrets")]),
        binding(Some("shop"), "b", cluster_role("r"), &[user("jane")]),
        binding(Some("bank"), "b", cluster_role("r"), &[user("john")]),
    ]);
    let access = Access::new(&objects);
    assert_eq!(access.who_can(&get("secrets")).len(), 0);
    assert_eq!(access.who_can(&get("secrets").in_namespace("bank")).len(), 1);
    assert_eq!(access.who_can_anywhere(&get("secrets")).len(), 2);
    assert_eq!(access.principals().len(), 2);
}

#[test]
fn what_someone_can_comes_through_the_groups_everyone_is_in() {
    let objects = cluster([
        role(None, "r", vec![rule("get | core | pods")]),
        binding(None, "a", cluster_role("r"), &[group("system:serviceaccounts:shop")]),
        binding(None, "b", cluster_role("r"), &[group("system:authenticated")]),
        binding(None, "c", cluster_role("r"), &[group("system:unauthenticated")]),
    ]);
    let access = Access::new(&objects);
    let count = |principal: &Principal| access.what_can(principal).len();
    assert_eq!(count(&account("shop", "cart")), 2);
    assert_eq!(count(&user("system:serviceaccount:shop:cart")), 2);
    assert_eq!(count(&user("jane")), 1);
    assert_eq!(count(&user("system:anonymous")), 1);
    assert_eq!(count(&group("dev")), 0);
}
