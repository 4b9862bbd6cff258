//! What is sensitive: what its owner says by a mark or on the command line.

use std::collections::BTreeSet;
use std::str::FromStr;

use kuberlock_model::Metadata;

/// The label, or annotation, by which a namespace or a workload is marked: `"true"`, or `"false"`
/// where it should not even be suggested.
pub const MARK: &str = "kuberlock.dev/sensitive";

/// The namespaces that a user names as sensitive, beside the marks in the cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Declared {
    names: BTreeSet<String>,
    labels: BTreeSet<(String, String)>,
}

/// A text that names no namespaces.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is neither a namespace nor a label: payments, or tier=sensitive")]
pub struct NotDeclared(pub String);

impl FromStr for Declared {
    type Err = NotDeclared;

    /// Names and labels, with commas between them; a namespace that is any of them is sensitive.
    ///
    /// ```
    /// use kuberlock_benchmark::namespace::Declared;
    /// assert!("payments,tier=sensitive".parse::<Declared>().is_ok());
    /// assert!("tier in (a)".parse::<Declared>().is_err());
    /// ```
    fn from_str(text: &str) -> Result<Self, NotDeclared> {
        let mut declared = Self::default();
        for item in text.split(',').map(str::trim) {
            let plain = |text: &str| {
                !text.is_empty()
                    && text.chars().all(|c| c.is_ascii_alphanumeric() || "-._/".contains(c))
            };
            match item.split_once('=') {
                Some((key, value)) if plain(key) && plain(value) => {
                    declared.labels.insert((key.to_owned(), value.to_owned()));
                }
                None if plain(item) => _ = declared.names.insert(item.to_owned()),
                _ => return Err(NotDeclared(item.to_owned())),
            }
        }
        Ok(declared)
    }
}

impl Declared {
    /// The same, and `name` too.
    #[must_use]
    pub fn and(mut self, name: &str) -> Self {
        self.names.insert(name.to_owned());
        self
    }

    /// The names given.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// By what the namespace `name` is sensitive, where it is.
    pub fn reason(&self, name: &str, metadata: Option<&Metadata>) -> Option<String> {
        if self.names.contains(name) {
            return Some("named by --sensitive".to_owned());
        }
        let metadata = metadata?;
        let chosen =
            self.labels.iter().find(|(key, value)| metadata.labels.get(key) == Some(value));
        match (chosen, mark(metadata)) {
            (Some((key, value)), _) => Some(format!("label {key}: {value}")),
            (None, Some((true, what))) => Some(what),
            _ => None,
        }
    }
}

/// What the mark of an object says, and in which form it is there.
pub(crate) fn mark(metadata: &Metadata) -> Option<(bool, String)> {
    let label = metadata.labels.get(MARK).map(|value| ("label", value));
    let found = label.or_else(|| metadata.annotations.get(MARK).map(|value| ("annotation", value)));
    let (form, value) = found?;
    match value.as_str() {
        "true" => Some((true, format!("{form} {MARK}: true"))),
        "false" => Some((false, format!("{form} {MARK}: false"))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use kuberlock_model::Origin;

    use super::*;

    fn metadata(labels: &[(&str, &str)]) -> Metadata {
        Metadata {
            name: "shop".to_owned(),
            namespace: None,
            uid: None,
            labels: labels.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
            annotations: Default::default(),
            controller: None,
            origin: Origin::whole("shop.yaml"),
        }
    }

    #[test]
    fn a_name_a_label_and_a_mark_count() {
        let declared: Declared = "vault,tier=gold".parse().unwrap();
        let reason = |name, labels: &[(&str, &str)]| declared.reason(name, Some(&metadata(labels)));
        assert_eq!(reason("vault", &[]).as_deref(), Some("named by --sensitive"));
        assert_eq!(reason("shop", &[("tier", "gold")]).as_deref(), Some("label tier: gold"));
        assert!(reason("shop", &[(MARK, "true")]).is_some());
        assert_eq!(reason("shop", &[(MARK, "yes")]), None);
        assert_eq!(reason("shop", &[("tier", "tin")]), None);
    }
}
