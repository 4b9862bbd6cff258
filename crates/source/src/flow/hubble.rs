//! Hubble's flows: `hubble observe -o json`, each in `{"flow": …}`, or bare (`-o jsonpb` of before).

use std::borrow::Cow;

use kuberlock_model::flow::{
    Entity, FlowEnd, FlowKey, FlowSet, Ignored, Observation, Place, Tally,
};
use kuberlock_model::network::{Direction, Protocol};
use serde::Deserialize;

use super::text::{Loose, labels, name};
use super::{Reader, address};

pub(super) struct Hubble;

/// A line, in both of its forms.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Line<'a> {
    #[serde(borrow)]
    flow: Option<Flow<'a>>,
    lost_events: Option<Lost>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Lost {
    num_events_lost: Loose,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Flow<'a> {
    #[serde(borrow)]
    time: Cow<'a, str>,
    #[serde(borrow)]
    verdict: Cow<'a, str>,
    #[serde(rename = "IP")]
    ip: Option<Addresses>,
    l4: Option<Layer4>,
    #[serde(borrow)]
    source: End<'a>,
    #[serde(borrow)]
    destination: End<'a>,
    #[serde(rename = "Type", borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    node_name: Cow<'a, str>,
    #[serde(borrow)]
    traffic_direction: Cow<'a, str>,
    is_reply: Option<bool>,
    reply: Option<bool>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Addresses {
    source: String,
    destination: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Layer4 {
    #[serde(rename = "TCP")]
    tcp: Option<Ports>,
    #[serde(rename = "UDP")]
    udp: Option<Ports>,
    #[serde(rename = "SCTP")]
    sctp: Option<Ports>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Ports {
    source_port: u16,
    destination_port: u16,
    flags: Option<Flags>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Flags {
    #[serde(rename = "SYN")]
    syn: bool,
    #[serde(rename = "ACK")]
    ack: bool,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct End<'a> {
    #[serde(borrow)]
    namespace: Cow<'a, str>,
    #[serde(borrow)]
    pod_name: Cow<'a, str>,
    #[serde(borrow)]
    labels: Vec<Cow<'a, str>>,
    workloads: Vec<Workload>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Workload {
    name: String,
}

impl Reader for Hubble {
    fn line(&mut self, text: &str, place: &Place, into: &mut FlowSet) -> Result<(), String> {
        let fault = |error: serde_json::Error| format!("is no flow of Hubble: {error}");
        let line: Line<'_> = serde_json::from_str(text).map_err(fault)?;
        if let Some(lost) = line.lost_events {
            let count = lost.num_events_lost.said().and_then(|n| n.parse().ok()).unwrap_or(1);
            into.ignore(Ignored::Lost, count);
            return Ok(());
        }
        let flow = match line.flow {
            Some(flow) => flow,
            None => serde_json::from_str(text).map_err(fault)?,
        };
        take(flow, place, into)
    }
}

fn take(flow: Flow<'_>, place: &Place, into: &mut FlowSet) -> Result<(), String> {
    let moment = match &*flow.time {
        "" => None,
        text => Some(address::moment(text)?),
    };
    moment.into_iter().for_each(|moment| into.saw(moment));
    let observation = match &*flow.verdict {
        // What audit mode only notes gets through.
        "FORWARDED" | "REDIRECTED" | "TRANSLATED" | "AUDIT" => Observation::Forwarded,
        "DROPPED" => Observation::Dropped,
        _ => {
            into.ignore(Ignored::NoFlow, 1);
            return Ok(());
        }
    };
    // A socket's event tells of a service's address before it is translated; the flow follows.
    if flow.kind == "SOCK" {
        into.ignore(Ignored::NoFlow, 1);
        return Ok(());
    }
    let Some((protocol, ports)) = flow.l4.as_ref().and_then(layer4) else {
        into.ignore(Ignored::Protocol, 1);
        return Ok(());
    };
    let addresses = flow.ip.unwrap_or_default();
    let source = end(&flow.source, &addresses.source, &flow.node_name)?;
    let destination = end(&flow.destination, &addresses.destination, &flow.node_name)?;
    let is_local = |end: &FlowEnd| end.address.is_some_and(address::is_local);
    if is_local(&source) || is_local(&destination) {
        into.ignore(Ignored::Local, 1);
        return Ok(());
    }
    let numbers = [ports.source_port, ports.destination_port];
    let mut key = FlowKey::of([source, destination], protocol, numbers);
    key.observation = observation;
    key.reply = flow.is_reply.or(flow.reply.filter(|is| *is)).or_else(|| by_flags(ports));
    match key.reply {
        Some(true) => (key.source_port, key.destination_port) = (Some(ports.source_port), None),
        Some(false) => {
            (key.source_port, key.destination_port) = (None, Some(ports.destination_port));
        }
        None => {}
    }
    key.direction = match &*flow.traffic_direction {
        "INGRESS" => Some(Direction::Ingress),
        "EGRESS" => Some(Direction::Egress),
        _ => None,
    };
    into.push(key, Tally::once(place.clone(), moment));
    Ok(())
}

fn layer4(of: &Layer4) -> Option<(Protocol, &Ports)> {
    let tcp = of.tcp.as_ref().map(|ports| (Protocol::Tcp, ports));
    let udp = of.udp.as_ref().map(|ports| (Protocol::Udp, ports));
    tcp.or(udp).or(of.sctp.as_ref().map(|ports| (Protocol::Sctp, ports)))
}

/// The first packets of TCP tell who opens.
fn by_flags(ports: &Ports) -> Option<bool> {
    ports.flags.as_ref().filter(|flags| flags.syn).map(|flags| flags.ack)
}

fn end(of: &End<'_>, at: &str, node: &str) -> Result<FlowEnd, String> {
    let reserved = || of.labels.iter().filter_map(|label| label.strip_prefix("reserved:"));
    // The API server's node is both; what it is asked for counts.
    let entity = reserved().filter_map(Entity::find).max_by_key(|e| *e == Entity::ApiServer);
    let own =
        |label: &&str| !label.starts_with("io.cilium.") && !label.starts_with("io.kubernetes.");
    let of_pod = of.labels.iter().filter_map(|label| label.strip_prefix("k8s:")).filter(own);
    Ok(FlowEnd {
        namespace: name(&of.namespace),
        pod: name(&of.pod_name),
        workload: of.workloads.first().and_then(|workload| name(&workload.name)),
        // Observers on several clusters write `cluster/node`.
        node: (entity == Some(Entity::Host))
            .then(|| name(node.rsplit('/').next().unwrap_or(node)))
            .flatten(),
        entity,
        address: (!at.is_empty()).then(|| address::address(at)).transpose()?,
        labels: labels(of_pod),
    })
}
