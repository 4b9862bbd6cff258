//! The rules of NetworkPolicy that its types cannot say.

use serde_json::Value;

use super::fault::{At, FaultKind, Faults, quoted};
use super::text::port_name;
use super::{cidr, selector};

const PROTOCOLS: [&str; 3] = ["TCP", "UDP", "SCTP"];
const DIRECTIONS: [&str; 2] = ["Ingress", "Egress"];

/// The faults of a policy's `spec`; one that is missing selects every pod.
pub(super) fn check(spec: Option<&Value>, at: At<'_>, faults: &mut Faults) {
    let Some(spec) = spec else { return };
    if let Some(pods) = spec.get("podSelector") {
        selector::check(pods, &at.key("podSelector"), faults);
    }
    for (direction, peers) in [("ingress", "from"), ("egress", "to")] {
        let at = at.key(direction);
        for (index, rule) in items(spec, direction).enumerate() {
            let at = at.index(index);
            each(rule, "ports", &at, faults, port);
            each(rule, peers, &at, faults, peer);
        }
    }
    policy_types(spec, &at.key("policyTypes"), faults);
}

fn items<'v>(of: &'v Value, key: &str) -> impl Iterator<Item = &'v Value> {
    of.get(key).and_then(Value::as_array).into_iter().flatten()
}

fn each(
    of: &Value,
    key: &str,
    at: &At<'_>,
    faults: &mut Faults,
    check: fn(&Value, &At<'_>, &mut Faults),
) {
    let at = at.key(key);
    items(of, key).enumerate().for_each(|(index, item)| check(item, &at.index(index), faults));
}

fn policy_types(spec: &Value, at: &At<'_>, faults: &mut Faults) {
    if items(spec, "policyTypes").count() > DIRECTIONS.len() {
        return faults.invalid(at, "names more than two directions");
    }
    for (index, word) in items(spec, "policyTypes").enumerate() {
        let word = word.as_str().unwrap_or_default();
        if !DIRECTIONS.contains(&word) {
            let reason = format!("{} is none of Ingress, Egress", quoted(word));
            faults.push(&at.index(index), FaultKind::NotSupported, reason);
        }
    }
}

fn port(port: &Value, at: &At<'_>, faults: &mut Faults) {
    let of = |key: &str| port.get(key).filter(|value| !value.is_null());
    if let Some(word) = of("protocol").and_then(Value::as_str)
        && !PROTOCOLS.contains(&word)
    {
        let reason = format!("{} is none of TCP, UDP, SCTP", quoted(word));
        faults.push(&at.key("protocol"), FaultKind::NotSupported, reason);
    }
    let end = of("endPort").and_then(Value::as_i64);
    let at_end = at.key("endPort");
    match of("port") {
        None if end.is_some() => faults.invalid(&at_end, "ends a range that no `port` begins"),
        None => {}
        Some(Value::String(name)) => {
            if end.is_some() {
                faults.invalid(&at_end, "ends a range that a port's name cannot begin");
            }
            if let Some(why) = port_name(name) {
                faults.invalid(&at.key("port"), format!("{} {why}", quoted(name)));
            }
        }
        Some(number) => {
            let number = number.as_i64().unwrap_or_default();
            in_range(number, &at.key("port"), faults);
            if let Some(end) = end {
                if end < number {
                    faults.invalid(&at_end, format!("{end} is below the `port`, {number}"));
                }
                in_range(end, &at_end, faults);
            }
        }
    }
}

fn in_range(number: i64, at: &At<'_>, faults: &mut Faults) {
    if !(1..=65_535).contains(&number) {
        faults.invalid(at, format!("{number} is none of 1 to 65535"));
    }
}

fn peer(peer: &Value, at: &At<'_>, faults: &mut Faults) {
    let of = |key: &str| peer.get(key).filter(|value| !value.is_null());
    let selectors = ["podSelector", "namespaceSelector"];
    let selectors = selectors.into_iter().filter_map(|key| Some((key, of(key)?)));
    let mut peers = 0;
    for (key, of) in selectors {
        peers += 1;
        selector::check(of, &at.key(key), faults);
    }
    let block = of("ipBlock");
    if let Some(block) = block {
        ip_block(block, &at.key("ipBlock"), faults);
    }
    match (peers, block) {
        (0, None) => faults.push(at, FaultKind::Required, "the peer names nobody"),
        (1.., Some(_)) => {
            let reason = "an `ipBlock` and a selector cannot be one peer";
            faults.push(at, FaultKind::Forbidden, reason);
        }
        _ => {}
    }
}

fn ip_block(block: &Value, at: &At<'_>, faults: &mut Faults) {
    let whole = block.get("cidr").and_then(Value::as_str).unwrap_or_default();
    if whole.is_empty() {
        return faults.push(&at.key("cidr"), FaultKind::Required, "the range is missing");
    }
    let Some(whole) = range(whole, &at.key("cidr"), faults) else { return };
    let at = at.key("except");
    for (index, text) in items(block, "except").enumerate() {
        let at = at.index(index);
        let text = text.as_str().unwrap_or_default();
        if let Some(part) = range(text, &at, faults)
            && !whole.strictly_contains(&part)
        {
            faults.invalid(&at, format!("{} is no smaller part of `cidr`", quoted(text)));
        }
    }
}

/// The range, where it can be read at all.
fn range(text: &str, at: &At<'_>, faults: &mut Faults) -> Option<cidr::Net> {
    let net = cidr::lenient(text);
    let why = match &net {
        None => Some("is no range of addresses"),
        Some(net) => cidr::strict(text, net),
    };
    if let Some(why) = why {
        faults.invalid(at, format!("{} {why}", quoted(text)));
    }
    net
}
