//! Reads a file of assertions, field by field.

use std::collections::BTreeMap;
use std::net::IpAddr;

use ipnet::IpNet;
use kuberlock_model::network::{PortMatch, Ports, Protocol};
use kuberlock_model::selector::{LabelSelector, NotASelector, Requirement};
use kuberlock_model::{FieldPath, Severity};
use serde_json::{Map, Value};

use super::{Assertion, Assertions, Expect, NotAnAssertion, Selector, baseline};

pub(super) type Result<T> = std::result::Result<T, NotAnAssertion>;

/// A value and the field that holds it.
#[derive(Clone)]
pub(super) struct Field<'v> {
    pub(super) value: &'v Value,
    pub(super) path: FieldPath,
}

impl<'v> Field<'v> {
    pub(super) fn wrong<T>(&self, what: impl Into<String>) -> Result<T> {
        Err(NotAnAssertion { field: self.path.clone(), what: what.into() })
    }

    /// A mapping that has no other keys than these.
    pub(super) fn mapping(&self, keys: &[&str]) -> Result<&'v Map<String, Value>> {
        let Value::Object(map) = self.value else { return self.wrong("it must be a mapping") };
        match map.keys().find(|key| !keys.contains(&key.as_str())) {
            Some(key) => {
                let field = self.key(key, &Value::Null).path;
                let what = format!("there is no such field; known are {}", keys.join(", "));
                Err(NotAnAssertion { field, what })
            }
            None => Ok(map),
        }
    }

    pub(super) fn key<'w>(&self, key: &str, value: &'w Value) -> Field<'w> {
        Field { value, path: self.path.key(key) }
    }

    /// A field of a mapping, where it has it.
    pub(super) fn get(&self, key: &str) -> Option<Field<'v>> {
        let value = self.value.get(key).filter(|value| !value.is_null())?;
        Some(self.key(key, value))
    }

    pub(super) fn text(&self) -> Result<&'v str> {
        match self.value {
            Value::String(text) => Ok(text),
            _ => self.wrong("it must be a text"),
        }
    }

    pub(super) fn items(&self) -> Result<Vec<Field<'v>>> {
        let Value::Array(items) = self.value else { return self.wrong("it must be a list") };
        let item = |(at, value)| Field { value, path: self.path.index(at) };
        Ok(items.iter().enumerate().map(item).collect())
    }

    /// The items of a list, or the one value in its place.
    fn one_or_more(&self) -> Result<Vec<Field<'v>>> {
        match self.value {
            Value::Array(items) if items.is_empty() => self.wrong("it must not be empty"),
            Value::Array(_) => self.items(),
            _ => Ok(vec![self.clone()]),
        }
    }
}

type Sets = BTreeMap<String, Vec<Selector>>;

/// What words mean without a set of that name.
const WORDS: [(&str, Selector); 4] = [
    ("any", Selector::Any),
    ("pods", Selector::Pods),
    ("outside", Selector::Outside),
    ("nodes", Selector::Nodes),
];

impl Assertions {
    /// The assertions of a file: a mapping is ours, a list is np-guard's baseline rules.
    ///
    /// # Errors
    /// It is neither, or has a field that is not understood.
    pub fn read(value: &Value) -> Result<Self> {
        let file = Field { value, path: FieldPath::root() };
        if value.is_array() {
            return baseline::read(&file);
        }
        file.mapping(&["version", "sets", "tests"])?;
        match file.get("version") {
            Some(version) if version.value.as_u64() == Some(1) => {}
            Some(version) => return version.wrong("only version 1 is known"),
            None => return file.wrong("`version: 1` is missing"),
        }
        let mut sets = Sets::new();
        if let Some(all) = file.get("sets") {
            let Value::Object(map) = all.value else { return all.wrong("it must be a mapping") };
            for (name, value) in map {
                let field = all.key(name, value);
                if WORDS.iter().any(|(word, _)| word == name) {
                    return field.wrong("this word has a meaning already");
                }
                sets.insert(name.clone(), selectors(&field, &Sets::new())?);
            }
        }
        let Some(tests) = file.get("tests") else { return file.wrong("`tests` is missing") };
        let tests = tests.items()?;
        let tests: Vec<Assertion> =
            tests.iter().map(|field| assertion(field, &sets)).collect::<Result<_>>()?;
        unique(&tests)?;
        Ok(Self { tests })
    }
}

/// Names tell findings apart.
pub(super) fn unique(tests: &[Assertion]) -> Result<()> {
    let mut seen = std::collections::BTreeSet::new();
    match tests.iter().find(|test| !seen.insert(&test.name)) {
        Some(test) => Err(NotAnAssertion {
            field: test.path.key("name"),
            what: format!("`{}` is the name of an earlier one too", test.name),
        }),
        None => Ok(()),
    }
}

fn assertion(field: &Field<'_>, sets: &Sets) -> Result<Assertion> {
    let keys = ["name", "reason", "severity", "from", "to", "ports", "expect", "mayBeEmpty"];
    field.mapping(&keys)?;
    let needed = |key: &str| match field.get(key) {
        Some(found) => Ok(found),
        None => field.wrong(format!("`{key}` is missing")),
    };
    let text = |key: &str| field.get(key).map(|found| found.text()).transpose();
    let severity = match (text("severity")?, field.get("severity")) {
        (Some(word), Some(at)) => word.parse().or_else(|error| at.wrong(format!("{error}")))?,
        _ => Severity::High,
    };
    let expected = needed("expect")?;
    let word = expected.text()?;
    let Some(expect) = Expect::ALL.into_iter().find(|expect| expect.word() == word) else {
        let known = Expect::ALL.map(Expect::word).join(", ");
        return expected.wrong(format!("`{word}` is no expectation; known are {known}"));
    };
    let may_be_empty = match field.get("mayBeEmpty") {
        None => false,
        Some(at) => match at.value.as_bool() {
            Some(flag) => flag,
            None => return at.wrong("it must be true or false"),
        },
    };
    Ok(Assertion {
        name: needed("name")?.text()?.to_owned(),
        reason: text("reason")?.map(str::to_owned),
        severity,
        from: selectors(&needed("from")?, sets)?,
        to: selectors(&needed("to")?, sets)?,
        ports: match field.get("ports") {
            None => Box::default(),
            Some(ports) => ports.one_or_more()?.iter().map(port).collect::<Result<_>>()?,
        },
        expect,
        may_be_empty,
        path: field.path.clone(),
    })
}

fn selectors(field: &Field<'_>, sets: &Sets) -> Result<Vec<Selector>> {
    let mut all = Vec::new();
    for one in field.one_or_more()? {
        match one.value {
            Value::String(word) => match (sets.get(word), WORDS.iter().find(|(w, _)| w == word)) {
                (Some(set), _) => all.extend(set.iter().cloned()),
                (None, Some((_, selector))) => all.push(selector.clone()),
                (None, None) => {
                    return one.wrong(format!("there is no set `{word}`"));
                }
            },
            _ => all.push(selector(&one)?),
        }
    }
    Ok(all)
}

fn selector(field: &Field<'_>) -> Result<Selector> {
    const OF_PODS: [&str; 4] = ["namespace", "namespaceSelector", "podSelector", "workload"];
    let keys = ["cidr", "except", "node", "nodeSelector"];
    let map = field.mapping(&[&OF_PODS[..], &keys[..]].concat())?;
    let is_of_pods = map.keys().any(|key| OF_PODS.contains(&key.as_str()));
    let others = ["cidr", "node", "nodeSelector"].iter().filter(|key| map.contains_key(**key));
    if usize::from(is_of_pods) + others.count() != 1 {
        return field.wrong("it must select either pods, or one of cidr, node and nodeSelector");
    }
    if let Some(cidr) = field.get("cidr") {
        let except = match field.get("except") {
            None => Vec::new(),
            Some(except) => except.one_or_more()?.iter().map(net).collect::<Result<_>>()?,
        };
        return Ok(Selector::Block { cidr: net(&cidr)?, except });
    }
    if let Some(except) = field.get("except") {
        return except.wrong("it goes with `cidr` alone");
    }
    if let Some(node) = field.get("node") {
        return Ok(Selector::Node(node.text()?.to_owned()));
    }
    if let Some(nodes) = field.get("nodeSelector") {
        return Ok(Selector::NodesWith(labels(&nodes)?));
    }
    let by = |key: &str| field.get(key).map(|at| labels(&at)).transpose();
    let names = match field.get("namespace") {
        None => Vec::new(),
        Some(names) => {
            let names = names.one_or_more()?.into_iter();
            names.map(|name| Ok(name.text()?.to_owned())).collect::<Result<_>>()?
        }
    };
    Ok(Selector::Labelled {
        names,
        namespaces: by("namespaceSelector")?.unwrap_or_default(),
        pods: by("podSelector")?.unwrap_or_default(),
        workload: field.get("workload").map(|at| at.text().map(str::to_owned)).transpose()?,
    })
}

pub(super) fn net(field: &Field<'_>) -> Result<IpNet> {
    let text = field.text()?;
    let single = || text.parse::<IpAddr>().ok().map(IpNet::from);
    match text.parse::<IpNet>().ok().or_else(single) {
        Some(net) => Ok(net.trunc()),
        None => field.wrong(format!("`{text}` is no range of addresses")),
    }
}

/// A selector as the API writes it, or in the short form.
pub(super) fn labels(field: &Field<'_>) -> Result<LabelSelector> {
    if let Value::String(text) = field.value {
        return text.parse().or_else(|error: NotASelector| field.wrong(error.to_string()));
    }
    field.mapping(&["matchLabels", "matchExpressions"])?;
    let mut requirements = Vec::new();
    if let Some(all) = field.get("matchLabels") {
        let Value::Object(map) = all.value else { return all.wrong("it must be a mapping") };
        for (key, value) in map {
            let value = all.key(key, value).text()?.to_owned();
            requirements.push(Requirement::In(key.clone(), vec![value]));
        }
    }
    if let Some(all) = field.get("matchExpressions") {
        for one in all.items()? {
            requirements.push(expression(&one)?);
        }
    }
    Ok(LabelSelector { requirements, ..LabelSelector::default() })
}

fn expression(field: &Field<'_>) -> Result<Requirement> {
    field.mapping(&["key", "operator", "values"])?;
    let needed = |name: &str| match field.get(name) {
        Some(found) => Ok(found),
        None => field.wrong(format!("`{name}` is missing")),
    };
    let key = needed("key")?.text()?.to_owned();
    let values = || -> Result<Vec<String>> {
        let values = needed("values")?.one_or_more()?.into_iter();
        values.map(|value| Ok(value.text()?.to_owned())).collect()
    };
    let operator = needed("operator")?;
    match operator.text()? {
        "In" => Ok(Requirement::In(key, values()?)),
        "NotIn" => Ok(Requirement::NotIn(key, values()?)),
        "Exists" => Ok(Requirement::Exists(key)),
        "DoesNotExist" => Ok(Requirement::DoesNotExist(key)),
        other => operator.wrong(format!("`{other}` is no operator of selectors")),
    }
}

/// `443`, `53/UDP`, `8000-8100/TCP`, `http`, `UDP`.
fn port(field: &Field<'_>) -> Result<PortMatch> {
    if let Some(number) = field.value.as_u64() {
        return match u16::try_from(number) {
            Ok(port) if port > 0 => {
                Ok(PortMatch { protocol: Some(Protocol::Tcp), ports: Ports::Range(port, port) })
            }
            _ => field.wrong("a port is a number from 1 to 65535"),
        };
    }
    let text = field.text()?;
    if let Some(protocol) = Protocol::find(text) {
        return Ok(PortMatch { protocol: Some(protocol), ports: Ports::All });
    }
    let (port, protocol) = match text.split_once('/') {
        None => (text, Protocol::Tcp),
        Some((port, word)) => match Protocol::find(word) {
            Some(protocol) => (port, protocol),
            None => return field.wrong(format!("`{word}` is none of TCP, UDP, SCTP")),
        },
    };
    let ports = match port.split_once('-') {
        Some((first, last)) if first.parse::<u16>().is_ok() => range(first, last),
        _ if port.bytes().all(|b| b.is_ascii_digit()) => range(port, port),
        _ => Some(Ports::Named(port.into())),
    };
    match ports {
        Some(ports) => Ok(PortMatch { protocol: Some(protocol), ports }),
        None => field.wrong("ports are numbers from 1 to 65535, the lower one first"),
    }
}

fn range(first: &str, last: &str) -> Option<Ports> {
    let (first, last): (u16, u16) = (first.parse().ok()?, last.parse().ok()?);
    (first > 0 && first <= last).then_some(Ports::Range(first, last))
}
