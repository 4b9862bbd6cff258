//! The configuration files that components' flags name.
//!
//! Enters: the document of a file. Leaves: what it says, as far as a question is asked of it.
//! Always holds: of an EncryptionConfiguration only the names and the order of providers are taken,
//! never a key; a document of another kind is told as such.

use std::collections::BTreeMap;

use kuberlock_model::component::ComponentKind;
use kuberlock_model::configuration::{
    AnonymousAccess, AuditPolicy, Authentication, Authorizer, Configuration, EncryptionRule,
    Fields, PluginConfiguration,
};
use serde_json::Value;

/// Reads one kind of document.
pub(super) type Read = fn(&Value) -> Result<Configuration, String>;

/// How the file that the flag `flag` of `kind` names is read, where a question is asked of it.
pub(super) fn of_flag(kind: ComponentKind, flag: &str) -> Option<Read> {
    Some(match (kind, flag) {
        (ComponentKind::Scheduler, "config") => scheduler,
        (ComponentKind::Etcd, "config-file") => etcd,
        (ComponentKind::KubeProxy, "config") => kube_proxy,
        (ComponentKind::ApiServer, "authentication-config") => authentication,
        (ComponentKind::ApiServer, "authorization-config") => authorization,
        (ComponentKind::ApiServer, "encryption-provider-config") => encryption,
        (ComponentKind::ApiServer, "admission-control-config-file") => admission,
        (ComponentKind::ApiServer, "audit-policy-file") => audit_policy,
        _ => return None,
    })
}

/// The fields of a document of `kind`. One that names no kind is taken for it.
pub(super) fn of_kind(value: &Value, kind: &str) -> Result<Fields, String> {
    if !value.is_object() {
        return Err(format!("it is no mapping, and so no {kind}"));
    }
    match value.get("kind").and_then(Value::as_str) {
        Some(other) if other != kind => Err(format!("its kind is `{other}`, not {kind}")),
        _ => Ok(Fields::flatten(value)),
    }
}

fn scheduler(value: &Value) -> Result<Configuration, String> {
    of_kind(value, "KubeSchedulerConfiguration").map(Configuration::Scheduler)
}

fn etcd(value: &Value) -> Result<Configuration, String> {
    match value {
        Value::Object(_) => Ok(Configuration::Etcd(Fields::flatten(value))),
        _ => Err("it is no mapping, and so no configuration of etcd".to_owned()),
    }
}

fn authentication(value: &Value) -> Result<Configuration, String> {
    of_kind(value, "AuthenticationConfiguration")?;
    let anonymous = match value.get("anonymous") {
        None | Some(Value::Null) => AnonymousAccess::Unset,
        Some(anonymous) => anonymous_access(anonymous)?,
    };
    let issuers = value.get("jwt").and_then(Value::as_array).into_iter().flatten();
    let url = |jwt: &Value| Some(jwt.get("issuer")?.get("url")?.as_str()?.to_owned());
    let issuers = issuers.filter_map(url).collect();
    Ok(Configuration::Authentication(Authentication { anonymous, issuers }))
}

fn anonymous_access(anonymous: &Value) -> Result<AnonymousAccess, String> {
    match anonymous.get("enabled") {
        None | Some(Value::Bool(false)) => Ok(AnonymousAccess::Disabled),
        Some(Value::Bool(true)) => {
            let conditions = anonymous.get("conditions").and_then(Value::as_array);
            let path = |condition: &Value| {
                let path = condition.get("path").and_then(Value::as_str);
                path.map(str::to_owned).ok_or("a condition of `anonymous` has no path")
            };
            let paths = conditions.into_iter().flatten().map(path).collect::<Result<_, _>>()?;
            Ok(AnonymousAccess::Enabled { paths })
        }
        Some(_) => Err("`anonymous.enabled` is neither true nor false".to_owned()),
    }
}

fn kube_proxy(value: &Value) -> Result<Configuration, String> {
    of_kind(value, "KubeProxyConfiguration").map(Configuration::KubeProxy)
}

fn authorization(value: &Value) -> Result<Configuration, String> {
    of_kind(value, "AuthorizationConfiguration")?;
    let authorizer = |entry: &Value| {
        let authorizer_type = text(entry, "type").ok_or("an authorizer has no type")?;
        Ok(Authorizer { authorizer_type, name: text(entry, "name").unwrap_or_default() })
    };
    let authorizers = list(value, "authorizers")?.iter().map(authorizer);
    authorizers.collect::<Result<_, String>>().map(Configuration::Authorization)
}

fn encryption(value: &Value) -> Result<Configuration, String> {
    of_kind(value, "EncryptionConfiguration")?;
    let rule = |entry: &Value| {
        let resources = list(entry, "resources")?.iter().filter_map(Value::as_str);
        let providers = list(entry, "providers")?.iter().filter_map(Value::as_object);
        // A provider is a mapping with one key, its name; what is below it is never looked at.
        let names = providers.filter_map(|provider| provider.keys().next().cloned());
        Ok(EncryptionRule {
            resources: resources.map(str::to_owned).collect(),
            providers: names.collect(),
        })
    };
    let rules = list(value, "resources")?.iter().map(rule);
    rules.collect::<Result<_, String>>().map(Configuration::Encryption)
}

fn admission(value: &Value) -> Result<Configuration, String> {
    of_kind(value, "AdmissionConfiguration")?;
    let plugin = |entry: &Value| {
        let name = text(entry, "name").ok_or("a plugin has no name")?;
        let configuration = match (entry.get("configuration"), text(entry, "path")) {
            (Some(inline @ Value::Object(_)), _) => {
                PluginConfiguration::Inline(Fields::flatten(inline))
            }
            (_, path) => PluginConfiguration::Path(path.unwrap_or_default()),
        };
        Ok((name, configuration))
    };
    let plugins = list(value, "plugins")?.iter().map(plugin);
    plugins.collect::<Result<BTreeMap<_, _>, String>>().map(Configuration::Admission)
}

fn audit_policy(value: &Value) -> Result<Configuration, String> {
    of_kind(value, "Policy")?;
    let level = |rule: &Value| text(rule, "level").ok_or("a rule has no level".to_owned());
    let levels = list(value, "rules")?.iter().map(level).collect::<Result<_, _>>()?;
    Ok(Configuration::AuditPolicy(AuditPolicy { levels }))
}

fn text(value: &Value, key: &str) -> Option<String> {
    value.get(key).and_then(Value::as_str).map(str::to_owned)
}

/// The list at `key`; none where there is no such key.
fn list<'v>(value: &'v Value, key: &str) -> Result<&'v [Value], String> {
    match value.get(key) {
        None | Some(Value::Null) => Ok(&[]),
        Some(Value::Array(list)) => Ok(list),
        Some(_) => Err(format!("`{key}` is no list")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn of_encryption_only_the_names_of_providers_are_taken() {
        let file = json!({ "kind": "EncryptionConfiguration", "resources": [{
            "resources": ["secrets"],
            "providers": [{ "aescbc": { "keys": [{ "name": "key-one", "secret": "c2Vj" }] } }, { "identity": {} }],
        }]});
        let read = of_flag(ComponentKind::ApiServer, "encryption-provider-config").unwrap();
        let Configuration::Encryption(rules) = read(&file).unwrap() else { return };
        assert_eq!(rules[0].providers, ["aescbc", "identity"]);
        assert!(rules[0].covers("secrets") && !rules[0].covers("configmaps"));
        assert!(!format!("{rules:?}").contains("key-one"));
    }

    #[test]
    fn a_document_of_another_shape_is_told() {
        let read = of_flag(ComponentKind::ApiServer, "authorization-config").unwrap();
        assert!(read(&json!({ "kind": "Policy" })).unwrap_err().contains("Policy"));
        let odd = json!({ "kind": "AuthorizationConfiguration", "authorizers": "RBAC" });
        assert_eq!(read(&odd).unwrap_err(), "`authorizers` is no list");
    }
}
