//! Calico's flow logs (Enterprise and Cloud), and Goldmane's flows as Whisker's API and the stream
//! of the gRPC service give them: one a line, or a page of them in `items`.

use kuberlock_model::flow::{
    Entity, FlowEnd, FlowKey, FlowSet, Ignored, Observation, Period, Place, Tally,
};
use kuberlock_model::network::Direction;
use serde::Deserialize;
use serde_json::Value;

use super::text::{Loose, labels, name};
use super::{Reader, address, ignored};

pub(super) struct Calico;

#[derive(Deserialize, Default)]
#[serde(default)]
struct Flow {
    #[serde(alias = "startTime")]
    start_time: Loose,
    #[serde(alias = "endTime")]
    end_time: Loose,
    #[serde(alias = "sourceName")]
    source_name: Loose,
    #[serde(alias = "source_name_aggr")]
    source_aggregate: Loose,
    #[serde(alias = "sourceNamespace")]
    source_namespace: Loose,
    #[serde(alias = "sourceType")]
    source_type: Loose,
    source_ip: Loose,
    #[serde(alias = "sourceLabels")]
    source_labels: Value,
    #[serde(alias = "destName")]
    dest_name: Loose,
    #[serde(alias = "dest_name_aggr")]
    dest_aggregate: Loose,
    #[serde(alias = "destNamespace")]
    dest_namespace: Loose,
    #[serde(alias = "destType")]
    dest_type: Loose,
    dest_ip: Loose,
    #[serde(alias = "destLabels")]
    dest_labels: Value,
    #[serde(alias = "destPort")]
    dest_port: Loose,
    #[serde(alias = "protocol")]
    proto: Loose,
    action: Loose,
    reporter: Loose,
    #[serde(alias = "bytesIn")]
    bytes_in: Loose,
    #[serde(alias = "bytesOut")]
    bytes_out: Loose,
    #[serde(alias = "num_connections_started", alias = "numConnectionsStarted")]
    num_flows_started: Loose,
}

impl Reader for Calico {
    fn line(&mut self, text: &str, place: &Place, into: &mut FlowSet) -> Result<(), String> {
        let read: Result<Value, _> = serde_json::from_str(text);
        let mut line = read.map_err(|error| format!("is no flow of Calico: {error}"))?;
        if let Some(Value::Array(items)) = line.get_mut("items").map(Value::take) {
            // One bad flow of a page is told, and the page goes on.
            for item in items {
                if let Err(reason) = object(item, place, into) {
                    into.fault(place.clone(), reason);
                }
            }
            return Ok(());
        }
        object(line, place, into)
    }
}

fn object(mut object: Value, place: &Place, into: &mut FlowSet) -> Result<(), String> {
    for wrapper in ["flow", "Flow"] {
        if let Some(inner) = object.get_mut(wrapper).filter(|inner| inner.is_object()) {
            object = inner.take();
        }
    }
    let key = ["Key", "key"].iter().find_map(|key| object.get_mut(key).map(Value::take));
    if let (Some(Value::Object(key)), Value::Object(map)) = (key, &mut object) {
        map.extend(key);
    }
    let flow: Flow =
        serde_json::from_value(object).map_err(|error| format!("is no flow of Calico: {error}"))?;
    take(&flow, place, into)
}

fn take(flow: &Flow, place: &Place, into: &mut FlowSet) -> Result<(), String> {
    let moment = |of: &Loose| of.said().map(address::moment).transpose();
    let period = match (moment(&flow.start_time)?, moment(&flow.end_time)?) {
        (Some(first), Some(last)) if first <= last => Some(Period { first, last }),
        (one, other) => one.or(other).map(Period::at),
    };
    let word = flow.proto.said().ok_or("has no protocol")?;
    let Some(protocol) = address::protocol(word) else {
        return ignored(into, Ignored::Protocol);
    };
    let port = address::port(flow.dest_port.said().ok_or("has no port of its destination")?)?;
    let source = End {
        name: &flow.source_name,
        aggregate: &flow.source_aggregate,
        namespace: &flow.source_namespace,
        kind: &flow.source_type,
        address: &flow.source_ip,
        labels: &flow.source_labels,
    };
    let destination = End {
        name: &flow.dest_name,
        aggregate: &flow.dest_aggregate,
        namespace: &flow.dest_namespace,
        kind: &flow.dest_type,
        address: &flow.dest_ip,
        labels: &flow.dest_labels,
    };
    let mut key = FlowKey::to_server([source.read()?, destination.read()?], protocol, port);
    key.observation = match flow.action.said().map(str::to_ascii_lowercase).as_deref() {
        Some("allow" | "pass") => Observation::Forwarded,
        Some("deny") => Observation::Dropped,
        _ => Observation::Untold,
    };
    key.direction = match flow.reporter.said().map(str::to_ascii_lowercase).as_deref() {
        Some("src") => Some(Direction::Egress),
        Some("dst") => Some(Direction::Ingress),
        _ => None,
    };
    let number = |of: &Loose| of.said().map(address::number).transpose();
    let (incoming, outgoing) = (number(&flow.bytes_in)?, number(&flow.bytes_out)?);
    let bytes = match (incoming, outgoing) {
        (Some(one), Some(other)) => Some(one.saturating_add(other)),
        (one, other) => one.or(other),
    };
    let count = number(&flow.num_flows_started)?.unwrap_or(1).max(1);
    into.push(key, Tally { count, bytes, period, ..Tally::once(place.clone(), None) });
    Ok(())
}

struct End<'a> {
    name: &'a Loose,
    aggregate: &'a Loose,
    namespace: &'a Loose,
    kind: &'a Loose,
    address: &'a Loose,
    labels: &'a Value,
}

impl End<'_> {
    fn read(&self) -> Result<FlowEnd, String> {
        let mut end = FlowEnd {
            address: self.address.said().map(address::address).transpose()?,
            labels: labels(label_parts(self.labels)),
            ..FlowEnd::default()
        };
        let said = self.name.said();
        match self.kind.said().unwrap_or_default() {
            "hep" | "HostEndpoint" => end.node = said.and_then(name),
            "net" | "Network" | "ns" | "NetworkSet" => end.entity = Some(Entity::World),
            _ => {
                end.namespace = self.namespace.said().and_then(name);
                // `web-5d4f-*` stands for all pods of one ReplicaSet.
                end.pod = said.filter(|said| !said.ends_with('*')).and_then(name);
                let aggregate = self.aggregate.said().or(said.filter(|said| said.ends_with('*')));
                end.workload = aggregate.and_then(name);
                if end.namespace.is_none() {
                    (end.pod, end.workload) = (None, None);
                    end.entity = end.address.is_none().then_some(Entity::World);
                }
            }
        }
        Ok(end)
    }
}

/// `{"labels": ["a=b"]}`, `["a=b"]`, `"a=b | c=d"`.
fn label_parts(labels: &Value) -> Box<dyn Iterator<Item = &str> + '_> {
    match labels {
        Value::String(text) => Box::new(text.split(['|', ','])),
        Value::Array(items) => Box::new(items.iter().filter_map(Value::as_str)),
        Value::Object(map) => map.get("labels").map_or_else(
            || Box::new(std::iter::empty()) as Box<dyn Iterator<Item = &str>>,
            |inner| match inner {
                Value::Array(items) => Box::new(items.iter().filter_map(Value::as_str)),
                _ => Box::new(std::iter::empty()),
            },
        ),
        _ => Box::new(std::iter::empty()),
    }
}
