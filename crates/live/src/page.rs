//! One page of a list, made into records.

use kuberlock_model::Origin;
use kuberlock_model::coverage::{Reading, Unread};
use kuberlock_model::object::KindName;
use kuberlock_source::{Record, redact};
use serde::Deserialize;
use serde_json::Value;

use crate::request::segment;

/// A page as the server sends it. Its items name neither kind nor version.
#[derive(Deserialize)]
pub(crate) struct Page {
    /// `PodList`
    kind: String,
    #[serde(default)]
    metadata: PageMetadata,
    #[serde(default)]
    items: Option<Vec<Value>>,
}

#[derive(Default, Deserialize)]
struct PageMetadata {
    #[serde(default)]
    r#continue: Option<String>,
}

/// An object's place and name, of which nothing is trusted.
struct Named {
    namespace: Option<String>,
    name: String,
}

impl Page {
    pub(crate) fn parse(body: &[u8]) -> Result<Self, String> {
        let page: Self = serde_json::from_slice(body).map_err(|error| {
            format!("the answer is no list: line {}, column {}", error.line(), error.column())
        })?;
        match page.kind.ends_with("List") {
            true => Ok(page),
            false => Err("the answer is no list".to_owned()),
        }
    }

    /// The token of the next page; empty where this is the last.
    pub(crate) fn token(&self) -> String {
        self.metadata.r#continue.clone().unwrap_or_default()
    }

    /// Each item as a record, with its path.
    pub(crate) fn into_records(self, kind: &KindName) -> Vec<(String, Record)> {
        let items = self.items.unwrap_or_default().into_iter().enumerate();
        items.map(|(at, item)| record(kind, at, item)).collect()
    }
}

fn record(kind: &KindName, at: usize, mut item: Value) -> (String, Record) {
    let Some(named) = named(&item) else {
        let path = format!("api:{}[{at}]", collection(kind, None));
        let reason = "an item without a name".to_owned();
        let unread = Unread::new(Origin::whole(path.as_str()), reason);
        return (path, Record::Reading(Reading::Unread(unread)));
    };
    if let Value::Object(fields) = &mut item {
        fields.insert("apiVersion".to_owned(), api_version(kind).into());
        fields.insert("kind".to_owned(), kind.name.into());
        // Who changed which field last: half of the bytes, and no question is asked of it.
        if let Some(Value::Object(metadata)) = fields.get_mut("metadata") {
            metadata.remove("managedFields");
        }
    }
    redact::object(&mut item);
    let collection = collection(kind, named.namespace.as_deref());
    let path = format!("api:{collection}/{}", segment(&named.name));
    let origin = Origin::whole(path.as_str());
    (path, Record::Object { object: item, origin })
}

fn named(item: &Value) -> Option<Named> {
    let metadata = item.get("metadata")?;
    let text = |field: &str| Some(metadata.get(field)?.as_str()?.to_owned());
    Some(Named { namespace: text("namespace"), name: text("name").filter(|n| !n.is_empty())? })
}

fn api_version(kind: &KindName) -> String {
    match kind.group {
        "" => kind.version.to_owned(),
        group => format!("{group}/{}", kind.version),
    }
}

/// The path that lists `kind`, in one namespace or in all of the cluster.
pub(crate) fn collection(kind: &KindName, namespace: Option<&str>) -> String {
    let prefix = if kind.group.is_empty() { "/api" } else { "/apis" };
    let version = api_version(kind);
    match namespace {
        Some(namespace) if kind.namespaced => {
            format!("{prefix}/{version}/namespaces/{}/{}", segment(namespace), kind.resource)
        }
        _ => format!("{prefix}/{version}/{}", kind.resource),
    }
}

#[cfg(test)]
mod tests {
    use kuberlock_model::Kind;
    use serde_json::json;

    use super::*;

    #[test]
    fn items_get_their_kind_and_a_path_of_their_own() {
        let page = json!({"kind": "DeploymentList", "metadata": {"continue": "next"}, "items": [
            {"metadata": {"name": "web", "namespace": "shop", "managedFields": [1]}},
            {"metadata": {"name": "../../secrets", "namespace": "a/b"}},
            {"metadata": {"namespace": "shop"}},
            7,
        ]});
        let page = Page::parse(page.to_string().as_bytes()).unwrap();
        assert_eq!(page.token(), "next");
        let records = page.into_records(Kind::Deployment.names());
        let paths: Vec<_> = records.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(
            paths,
            [
                "api:/apis/apps/v1/namespaces/shop/deployments/web",
                "api:/apis/apps/v1/namespaces/a%2Fb/deployments/..%2F..%2Fsecrets",
                "api:/apis/apps/v1/deployments[2]",
                "api:/apis/apps/v1/deployments[3]",
            ]
        );
        let Record::Object { object, .. } = &records[0].1 else { panic!("an object") };
        assert_eq!(
            object,
            &json!({"apiVersion": "apps/v1", "kind": "Deployment",
                "metadata": {"name": "web", "namespace": "shop"}})
        );
        assert!(matches!(&records[3].1, Record::Reading(Reading::Unread(_))));
    }

    #[test]
    fn hostile_pages_are_told_not_followed() {
        let typed = [r#"{"kind":"PodList","items":{}}"#, r#"{"kind":"Pod"}"#, r#"{"items":[]}"#];
        for text in ["", "<html>", "[]", "\"x\"", "null"].into_iter().chain(typed) {
            assert!(Page::parse(text.as_bytes()).is_err(), "{text}");
        }
        let deep = format!(
            r#"{{"kind":"PodList","items":[{}{}]}}"#,
            "[".repeat(10_000),
            "]".repeat(10_000)
        );
        assert!(Page::parse(deep.as_bytes()).is_err());
        assert!(Page::parse(br#"{"kind":"PodList","items":null}"#).is_ok());
    }
}
