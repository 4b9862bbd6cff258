//! Generated policies as YAML that kubectl applies.

use std::collections::BTreeMap;
use std::fmt::Write;

use kuberlock_model::network::{Direction, NetworkPolicy, Peer, PortMatch, Ports, Rule};
use kuberlock_model::selector::{LabelSelector, Requirement};
use kuberlock_model::{FieldPath, Origin};

use super::evidence::Evidence;
use super::{Generated, GeneratedPolicy};

type Locate<'l> = &'l dyn Fn(&Origin, &FieldPath) -> Option<String>;

/// How many lines of evidence a rule shows.
const MOST_EVIDENCE: usize = 8;

/// All policies, one document each, after what is to be told.
pub(super) fn documents(generated: &Generated, locate: Locate<'_>) -> String {
    let mut out = String::new();
    for note in &generated.notes {
        comment(&mut out, 0, &format!("{} {}", note.about, note.text));
    }
    for of in &generated.policies {
        out.push_str("---\n");
        document(&mut out, of, locate);
    }
    out
}

fn document(out: &mut String, of: &GeneratedPolicy, locate: Locate<'_>) {
    let policy = &of.policy;
    let metadata = &policy.metadata;
    comment(out, 0, &of.why);
    out.push_str("apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n");
    line(out, 1, "name", &metadata.name);
    line(out, 1, "namespace", metadata.namespace.as_deref().unwrap_or_default());
    map(out, 1, "labels", &metadata.labels);
    out.push_str("spec:\n");
    selector(out, 1, "podSelector", &policy.pods);
    out.push_str("  policyTypes:\n");
    for direction in Direction::BOTH.into_iter().filter(|direction| policy.isolates(*direction)) {
        let word = if direction == Direction::Ingress { "Ingress" } else { "Egress" };
        _ = writeln!(out, "  - {word}");
    }
    rules(out, policy, Direction::Ingress, &of.ingress, locate);
    rules(out, policy, Direction::Egress, &of.egress, locate);
}

fn rules(
    out: &mut String,
    policy: &NetworkPolicy,
    direction: Direction,
    evidence: &[Vec<Evidence>],
    locate: Locate<'_>,
) {
    if policy.rules(direction).is_empty() {
        return;
    }
    _ = writeln!(out, "  {direction}:");
    for (at, rule) in policy.rules(direction).iter().enumerate() {
        let evidence = evidence.get(at).map(Vec::as_slice).unwrap_or_default();
        for one in evidence.iter().take(MOST_EVIDENCE) {
            comment(out, 1, &one.words(locate));
        }
        if let Some(more) = evidence.len().checked_sub(MOST_EVIDENCE).filter(|more| *more > 0) {
            comment(out, 1, &format!("and {more} more"));
        }
        one_rule(out, direction, rule);
    }
}

fn one_rule(out: &mut String, direction: Direction, rule: &Rule) {
    let mut lead = "  - ";
    if !rule.peers.is_empty() {
        _ = writeln!(out, "{lead}{}:", direction.peers());
        lead = "    ";
        for of in &rule.peers {
            peer(out, of);
        }
    }
    if !rule.ports.is_empty() {
        _ = writeln!(out, "{lead}ports:");
        lead = "    ";
        for of in &rule.ports {
            port(out, of);
        }
    }
    if lead == "  - " {
        out.push_str("  - {}\n");
    }
}

fn peer(out: &mut String, of: &Peer) {
    match of {
        Peer::Pods { namespaces, pods } => {
            let mut fields = String::new();
            if let Some(namespaces) = namespaces {
                selector(&mut fields, 3, "namespaceSelector", namespaces);
            }
            if let Some(pods) = pods {
                selector(&mut fields, 3, "podSelector", pods);
            }
            // The first field stands behind the dash.
            out.push_str("    - ");
            out.push_str(fields.trim_start());
        }
        Peer::Block(block) => {
            _ = writeln!(out, "    - ipBlock:\n        cidr: {}", scalar(&block.cidr.to_string()));
            if !block.except.is_empty() {
                out.push_str("        except:\n");
                for hole in &block.except {
                    _ = writeln!(out, "        - {}", scalar(&hole.to_string()));
                }
            }
        }
    }
}

fn port(out: &mut String, of: &PortMatch) {
    let protocol = of.protocol.unwrap_or_default();
    _ = writeln!(out, "    - protocol: {protocol}");
    match &of.ports {
        Ports::All => {}
        Ports::Named(name) => _ = writeln!(out, "      port: {}", scalar(name)),
        Ports::Range(first, last) => {
            _ = writeln!(out, "      port: {first}");
            if first != last {
                _ = writeln!(out, "      endPort: {last}");
            }
        }
    }
}

fn selector(out: &mut String, depth: usize, key: &str, of: &LabelSelector) {
    let indent = "  ".repeat(depth);
    if of.is_empty() {
        _ = writeln!(out, "{indent}{key}: {{}}");
        return;
    }
    _ = writeln!(out, "{indent}{key}:");
    let mut labels = BTreeMap::new();
    let mut rest = Vec::new();
    for requirement in &of.requirements {
        match requirement {
            Requirement::In(key, values) if !labels.contains_key(key) => match values.as_slice() {
                [value] => _ = labels.insert(key.clone(), value.clone()),
                _ => rest.push(requirement),
            },
            _ => rest.push(requirement),
        }
    }
    map(out, depth + 1, "matchLabels", &labels);
    if rest.is_empty() {
        return;
    }
    _ = writeln!(out, "{indent}  matchExpressions:");
    for requirement in rest {
        let (key, operator, values) = match requirement {
            Requirement::In(key, values) => (key, "In", values.as_slice()),
            Requirement::NotIn(key, values) => (key, "NotIn", values.as_slice()),
            Requirement::Exists(key) => (key, "Exists", [].as_slice()),
            Requirement::DoesNotExist(key) => (key, "DoesNotExist", [].as_slice()),
        };
        _ = writeln!(out, "{indent}  - key: {}\n{indent}    operator: {operator}", scalar(key));
        if !values.is_empty() {
            _ = writeln!(out, "{indent}    values:");
            for value in values {
                _ = writeln!(out, "{indent}    - {}", scalar(value));
            }
        }
    }
}

fn map(out: &mut String, depth: usize, key: &str, of: &BTreeMap<String, String>) {
    if of.is_empty() {
        return;
    }
    _ = writeln!(out, "{}{key}:", "  ".repeat(depth));
    for (key, value) in of {
        line(out, depth + 1, &scalar(key), value);
    }
}

fn line(out: &mut String, depth: usize, key: &str, value: &str) {
    _ = writeln!(out, "{}{key}: {}", "  ".repeat(depth), scalar(value));
}

/// A line of comment; whatever would end it is taken out.
fn comment(out: &mut String, depth: usize, text: &str) {
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let clean = clean.replace(['\u{85}', '\u{2028}', '\u{2029}'], " ");
    _ = writeln!(out, "{}# {clean}", "  ".repeat(depth));
}

/// Plain where nothing else could be read in it, else quoted as JSON, which YAML takes too.
fn scalar(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._/-".contains(c);
    let is_word = matches!(
        text.to_ascii_lowercase().as_str(),
        "true" | "false" | "yes" | "no" | "on" | "off" | "null" | "y" | "n"
    );
    let is_plain = text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.chars().all(plain);
    match is_plain && !is_word {
        true => text.to_owned(),
        false => quoted(text),
    }
}

fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if (c as u32) < 0x20
                || matches!(c, '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}') =>
            {
                _ = write!(out, "\\u{:04x}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
