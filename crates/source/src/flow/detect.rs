//! Who wrote a file, by one of its lines.

use kuberlock_model::flow::Observer;
use serde_json::Value;

/// The observer that writes such lines; `None` where the line does not show it.
pub(super) fn detect(line: &str) -> Option<Observer> {
    let line = line.trim();
    if line.starts_with('{') {
        return serde_json::from_str(line).ok().as_ref().and_then(of_object);
    }
    let words: Vec<&str> = line.split_whitespace().collect();
    let has = |word: &str| words.contains(&word);
    if words.iter().any(|w| w.starts_with("src=")) && words.iter().any(|w| w.starts_with("dst=")) {
        return Some(Observer::Conntrack);
    }
    let is_default =
        words.len() == 14 && matches!(words.last(), Some(&("OK" | "NODATA" | "SKIPDATA")));
    let has_header =
        (has("srcaddr") && has("dstaddr")) || (has("pkt-srcaddr") && has("pkt-dstaddr"));
    if is_default || has_header {
        return Some(Observer::Vpc);
    }
    let columns: Vec<&str> = line.split(',').map(|word| word.trim().trim_matches('"')).collect();
    (columns.contains(&"src") && columns.contains(&"dst")).then_some(Observer::Csv)
}

fn of_object(line: &Value) -> Option<Observer> {
    let has = |key: &str| line.get(key).is_some();
    let is_calico = |value: &Value| {
        ["dest_type", "dest_name", "dest_name_aggr", "destName", "Key"]
            .iter()
            .any(|key| value.get(key).is_some())
    };
    let items = line.get("items").and_then(Value::as_array).and_then(|items| items.first());
    let inner = line.get("flow").or_else(|| line.get("Flow")).or(items);
    if is_calico(line) || inner.is_some_and(is_calico) {
        return Some(Observer::Calico);
    }
    if line.get("flow").is_some_and(Value::is_object)
        || (has("verdict") && (has("IP") || has("l4")))
        || has("lost_events")
        || has("node_status")
    {
        return Some(Observer::Hubble);
    }
    (has("packet") || (has("ts") && has("msg"))).then_some(Observer::KubeNetworkPolicies)
}
