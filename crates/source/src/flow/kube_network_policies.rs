//! The log of kube-network-policies (`--logging-format=json -v=2`): a packet's entry for each
//! direction, then the verdict with the packet's number.

use std::collections::{BTreeMap, VecDeque};

use kuberlock_model::Timestamp;
use kuberlock_model::flow::{FlowEnd, FlowKey, FlowSet, Ignored, Observation, Place, Tally};
use kuberlock_model::network::Direction;
use serde::Deserialize;

use super::text::{Loose, name};
use super::{Reader, address};

/// How many packets are held until their verdict comes. The program judges few at a time; logs of
/// several nodes in one file mix.
const MOST_HELD: usize = 4096;

/// Reads the log.
#[derive(Default)]
pub(super) struct KubeNetworkPolicies {
    held: BTreeMap<u64, (FlowKey, Tally)>,
    order: VecDeque<u64>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Entry {
    ts: Loose,
    msg: String,
    id: Option<u64>,
    direction: String,
    #[serde(rename = "srcPod")]
    source: String,
    #[serde(rename = "dstPod")]
    destination: String,
    packet: Option<Packet>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct Packet {
    #[serde(rename = "SrcIP")]
    source: String,
    #[serde(rename = "DstIP")]
    destination: String,
    proto: Loose,
    src_port: u16,
    dst_port: u16,
}

impl Reader for KubeNetworkPolicies {
    fn line(&mut self, text: &str, place: &Place, into: &mut FlowSet) -> Result<(), String> {
        let read: Result<Entry, _> = serde_json::from_str(text);
        let entry = read.map_err(|error| format!("is no entry of the log: {error}"))?;
        let moment = entry.ts.said().map(address::moment).transpose()?;
        moment.into_iter().for_each(|moment| into.saw(moment));
        let Some(id) = entry.id else {
            into.ignore(Ignored::NoFlow, 1);
            return Ok(());
        };
        if entry.packet.is_some() {
            return self.packet(id, entry, moment, place, into);
        }
        match entry.msg.as_str() {
            "Packet accepted by policy" => self.verdict(id, Observation::Forwarded, into),
            message if message.starts_with("Packet denied") => {
                self.verdict(id, Observation::Dropped, into);
            }
            _ => into.ignore(Ignored::NoFlow, 1),
        }
        Ok(())
    }

    fn finish(&mut self, into: &mut FlowSet) {
        for (_, (key, tally)) in std::mem::take(&mut self.held) {
            into.push(key, tally);
        }
    }
}

impl KubeNetworkPolicies {
    fn packet(
        &mut self,
        id: u64,
        entry: Entry,
        moment: Option<Timestamp>,
        place: &Place,
        into: &mut FlowSet,
    ) -> Result<(), String> {
        let packet = entry.packet.unwrap_or_default();
        let word = packet.proto.said().unwrap_or_default();
        let Some(protocol) = address::protocol(word) else {
            into.ignore(Ignored::Protocol, 1);
            return Ok(());
        };
        let source = end(&entry.source, &packet.source)?;
        let destination = end(&entry.destination, &packet.destination)?;
        let mut key =
            FlowKey::of([source, destination], protocol, [packet.src_port, packet.dst_port]);
        key.direction = match entry.direction.as_str() {
            "Ingress" => Some(Direction::Ingress),
            "Egress" => Some(Direction::Egress),
            _ => None,
        };
        self.hold(id, key, Tally::once(place.clone(), moment), into);
        Ok(())
    }

    /// Both directions are of one packet: one is enough.
    fn hold(&mut self, id: u64, key: FlowKey, tally: Tally, into: &mut FlowSet) {
        if let Some((held, _)) = self.held.get(&id) {
            let same = FlowKey { direction: held.direction, ..key.clone() } == *held;
            if same {
                return;
            }
            // The number was used again: no verdict came for the one before.
            self.give(id, Observation::Untold, into);
        }
        if self.held.len() >= MOST_HELD
            && let Some(first) = self.order.pop_front()
        {
            self.give(first, Observation::Untold, into);
        }
        self.order.push_back(id);
        self.held.insert(id, (key, tally));
    }

    fn verdict(&mut self, id: u64, observation: Observation, into: &mut FlowSet) {
        if self.held.contains_key(&id) {
            self.give(id, observation, into);
        } else {
            into.ignore(Ignored::NoFlow, 1);
        }
    }

    fn give(&mut self, id: u64, observation: Observation, into: &mut FlowSet) {
        if let Some((key, tally)) = self.held.remove(&id) {
            into.push(FlowKey { observation, direction: None, ..key }, tally);
        }
        if self.order.front() == Some(&id) {
            self.order.pop_front();
        } else if self.order.len() > 2 * MOST_HELD {
            let held = &self.held;
            self.order.retain(|id| held.contains_key(id));
        }
    }
}

fn end(pod: &str, at: &str) -> Result<FlowEnd, String> {
    let mut end = FlowEnd::at(address::address(at)?);
    if let Some((namespace, pod)) = pod.split_once('/') {
        (end.namespace, end.pod) = (name(namespace), name(pod));
    }
    Ok(end)
}
