//! VPC flow logs of AWS as text: version 2's fields, or those that a header line names.

use kuberlock_model::flow::{
    FlowEnd, FlowKey, FlowSet, Ignored, Observation, Period, Place, Tally,
};
use kuberlock_model::network::{Direction, Protocol};

use super::{Reader, address, ignored};

/// The fields of version 2, in order.
static DEFAULT: [&str; 14] = [
    "version",
    "account-id",
    "interface-id",
    "srcaddr",
    "dstaddr",
    "srcport",
    "dstport",
    "protocol",
    "packets",
    "bytes",
    "start",
    "end",
    "action",
    "log-status",
];

/// SYN and ACK in `tcp-flags`. AWS notes ACK only beside SYN.
const SYN: u64 = 2;
const ACK: u64 = 16;

/// Reads the log.
pub(super) struct Vpc {
    fields: Vec<String>,
}

impl Default for Vpc {
    fn default() -> Self {
        Self { fields: DEFAULT.map(str::to_owned).to_vec() }
    }
}

impl Reader for Vpc {
    fn line(&mut self, text: &str, place: &Place, into: &mut FlowSet) -> Result<(), String> {
        let words: Vec<&str> = text.split_whitespace().collect();
        if words.iter().any(|word| matches!(*word, "srcaddr" | "pkt-srcaddr")) {
            // Headers in the console's form have the names of the API: `${srcaddr}`.
            let bare = |word: &&str| word.trim_matches(['$', '{', '}']).replace('_', "-");
            self.fields = words.iter().map(bare).collect();
            return Ok(());
        }
        if words.len() != self.fields.len() {
            return Err(format!("has {} fields, not {}", words.len(), self.fields.len()));
        }
        let record = Record { fields: &self.fields, words: &words };
        record.take(place, into)
    }
}

struct Record<'a> {
    fields: &'a [String],
    words: &'a [&'a str],
}

impl Record<'_> {
    /// The field, where it says something.
    fn get(&self, field: &str) -> Option<&str> {
        let at = self.fields.iter().position(|name| name == field)?;
        self.words.get(at).copied().filter(|word| *word != "-")
    }

    fn take(&self, place: &Place, into: &mut FlowSet) -> Result<(), String> {
        match self.get("log-status") {
            Some("NODATA") => return ignored(into, Ignored::NoFlow),
            Some("SKIPDATA") => return ignored(into, Ignored::Lost),
            _ => {}
        }
        let period = self.period()?;
        let word = self.get("protocol").ok_or("has no protocol")?;
        let Some(protocol) = address::protocol(word) else {
            address::number(word)?;
            return ignored(into, Ignored::Protocol);
        };
        // The packet's own addresses are those of pods; the others may be their node's.
        let of = |own: &str, interface: &str| {
            let text = self.get(own).or_else(|| self.get(interface));
            text.ok_or(format!("has no `{interface}`")).and_then(address::address)
        };
        let ends = [of("pkt-srcaddr", "srcaddr")?, of("pkt-dstaddr", "dstaddr")?];
        let port = |field: &str| self.get(field).map_or(Ok(0), address::port);
        let ports = [port("srcport")?, port("dstport")?];
        if ends.into_iter().any(address::is_local) {
            return ignored(into, Ignored::Local);
        }
        let mut key = FlowKey::of(ends.map(FlowEnd::at), protocol, ports);
        self.sides(&mut key, ports)?;
        key.observation = match self.get("action") {
            Some("ACCEPT") => Observation::Forwarded,
            Some("REJECT") => Observation::Dropped,
            _ => Observation::Untold,
        };
        key.direction = match self.get("flow-direction") {
            Some("ingress") => Some(Direction::Ingress),
            Some("egress") => Some(Direction::Egress),
            _ => None,
        };
        let bytes = self.get("bytes").map(address::number).transpose()?;
        into.push(key, Tally { bytes, period, ..Tally::once(place.clone(), None) });
        Ok(())
    }

    /// Who is the server, where the flags of TCP were noted.
    fn sides(&self, key: &mut FlowKey, [from, to]: [u16; 2]) -> Result<(), String> {
        let flags = self.get("tcp-flags").map(address::number).transpose()?;
        let Some(flags) = flags.filter(|flags| key.protocol == Protocol::Tcp && flags & SYN != 0)
        else {
            return Ok(());
        };
        key.reply = Some(flags & ACK != 0);
        (key.source_port, key.destination_port) =
            if flags & ACK != 0 { (Some(from), None) } else { (None, Some(to)) };
        Ok(())
    }

    fn period(&self) -> Result<Option<Period>, String> {
        let of = |field: &str| self.get(field).map(address::moment).transpose();
        Ok(match (of("start")?, of("end")?) {
            (Some(first), Some(last)) if first <= last => Some(Period { first, last }),
            (Some(moment), _) | (None, Some(moment)) => Some(Period::at(moment)),
            (None, None) => None,
        })
    }
}
