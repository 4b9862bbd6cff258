//! The kernel's table of connections: `conntrack -L`, `conntrack -L -o extended`,
//! `/proc/net/nf_conntrack`.
//!
//! Each line holds the tuple of the first packet and that of the reply. Whom the first packet
//! reaches after any translation is the sender of the reply.

use std::net::IpAddr;

use kuberlock_model::flow::{FlowEnd, FlowKey, FlowSet, Ignored, Observation, Place, Tally};

use super::{Reader, address};

pub(super) struct Conntrack;

/// One tuple of a line.
#[derive(Default)]
struct Tuple {
    source: Option<IpAddr>,
    destination: Option<IpAddr>,
    source_port: Option<u16>,
    destination_port: Option<u16>,
    bytes: Option<u64>,
}

impl Reader for Conntrack {
    fn line(&mut self, text: &str, place: &Place, into: &mut FlowSet) -> Result<(), String> {
        // conntrack ends its listing so on standard error, which is often in the same file.
        if text.starts_with("conntrack v") {
            return Ok(());
        }
        let mut words = text.split_whitespace();
        let first = words.next().unwrap_or_default();
        let word = match first {
            "ipv4" | "ipv6" => words.nth(1).unwrap_or_default(),
            word => word,
        };
        let is_protocol = word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if word.is_empty() || !is_protocol {
            return Err("does not begin with a protocol".to_owned());
        }
        let Some(protocol) = address::protocol(word) else {
            into.ignore(Ignored::Protocol, 1);
            return Ok(());
        };
        let [opening, reply] = tuples(text)?;
        let (Some(client), Some(asked)) = (opening.source, opening.destination) else {
            return Err("has no tuple of addresses".to_owned());
        };
        let server = reply.source.unwrap_or(asked);
        let port = reply.source_port.or(opening.destination_port).ok_or("has no ports")?;
        if address::is_local(client) || address::is_local(server) {
            into.ignore(Ignored::Local, 1);
            return Ok(());
        }
        let ends = [FlowEnd::at(client), FlowEnd::at(server)];
        let mut key = FlowKey::to_server(ends, protocol, port);
        let unreplied = text.contains("[UNREPLIED]");
        key.observation = if unreplied { Observation::Untold } else { Observation::Forwarded };
        let bytes = opening.bytes.map(|sent| sent.saturating_add(reply.bytes.unwrap_or_default()));
        into.push(key, Tally { bytes, ..Tally::once(place.clone(), None) });
        Ok(())
    }
}

/// The tuple of the first packet, and that of the reply, which begins at the second `src=`.
fn tuples(text: &str) -> Result<[Tuple; 2], String> {
    let [mut opening, mut reply] = [Tuple::default(), Tuple::default()];
    let mut begun = 0_u8;
    for word in text.split_whitespace() {
        let Some((key, value)) = word.split_once('=') else { continue };
        begun += u8::from(key == "src" && begun < 3);
        let tuple = match begun {
            1 => &mut opening,
            2 => &mut reply,
            _ => continue,
        };
        match key {
            "src" => tuple.source = Some(address::address(value)?),
            "dst" => tuple.destination = Some(address::address(value)?),
            "sport" => tuple.source_port = Some(address::port(value)?),
            "dport" => tuple.destination_port = Some(address::port(value)?),
            "bytes" => tuple.bytes = Some(address::number(value)?),
            _ => {}
        }
    }
    Ok([opening, reply])
}
