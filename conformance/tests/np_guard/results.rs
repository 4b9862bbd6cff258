//! np-guard's output, read as sets.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

/// Ports by protocol: ranges, and names.
type Ports = BTreeMap<String, BTreeSet<String>>;

/// One connection.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Connection {
    section: String,
    src: String,
    dst: String,
    network: String,
}

/// What an output says, in its own words.
pub type Results = Vec<(Connection, String)>;

/// Of the text form. Its sections are told by their headings.
pub fn of_text(text: &str) -> Results {
    let mut section = "connections".to_owned();
    let mut network = String::new();
    let mut found = Vec::new();
    for line in text.lines() {
        if let Some(heading) = line.strip_prefix("Permitted connectivity analyzed in ") {
            network = heading.trim_end_matches(':').to_owned();
        } else if let Some((pair, conn)) = line.rsplit_once(" : ") {
            let (src, dst) = match (pair.split_once(" => "), pair.split_once(" <= ")) {
                (Some((src, dst)), _) | (None, Some((dst, src))) => (src.trim(), dst.trim()),
                // Sections of exposure have tabs around the arrow.
                (None, None) => match (pair.split_once("\t=>"), pair.split_once("\t<=")) {
                    (Some((src, dst)), _) | (None, Some((dst, src))) => (src.trim(), dst.trim()),
                    (None, None) => panic!("no arrow in `{line}`"),
                },
            };
            found.push((connection(&section, src, dst, &network), conn.to_owned()));
        } else if line.ends_with(':') && !line.starts_with(' ') {
            section = line.trim_end_matches(':').to_owned();
        } else if !line.trim().is_empty() {
            found.push((connection(&section, line, "", &network), "No Connections".to_owned()));
        }
    }
    found
}

/// Of the form with values between commas.
pub fn of_csv(text: &str) -> Results {
    let mut section = "connections".to_owned();
    let mut found = Vec::new();
    for line in text.lines() {
        let values = values(line);
        match values.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            ["src" | "dst", ..] => {}
            [heading, "", ""] => section = (*heading).to_owned(),
            [src, dst, conn, rest @ ..] => {
                let network = rest.first().copied().unwrap_or_default();
                found.push((connection(&section, src, dst, network), (*conn).to_owned()));
            }
            other => panic!("{other:?}"),
        }
    }
    found
}

fn connection(section: &str, src: &str, dst: &str, network: &str) -> Connection {
    let [section, src, dst, network] = [section, src, dst, network].map(str::to_owned);
    Connection { section, src, dst, network }
}

fn values(line: &str) -> Vec<String> {
    let mut values = vec![String::new()];
    let mut is_quoted = false;
    for letter in line.chars() {
        match letter {
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => values.push(String::new()),
            _ => values.last_mut().unwrap().push(letter),
        }
    }
    values
}

/// What one has and the other has not, or otherwise.
pub fn differences(theirs: &Results, ours: &Results) -> Vec<String> {
    let mut cuts: BTreeSet<u64> = BTreeSet::new();
    for (connection, _) in theirs.iter().chain(ours) {
        for (first, last) in ranges(&connection.src).into_iter().chain(ranges(&connection.dst)) {
            cuts.extend([first, last + 1]);
        }
    }
    let (theirs, ours) = (cut(theirs, &cuts), cut(ours, &cuts));
    let keys: BTreeSet<&Connection> = theirs.keys().chain(ours.keys()).collect();
    let differ = keys.into_iter().filter(|key| theirs.get(key) != ours.get(key));
    differ
        .map(|key| format!("{key:?}: np-guard {:?}, here {:?}", theirs.get(key), ours.get(key)))
        .collect()
}

fn cut(results: &Results, cuts: &BTreeSet<u64>) -> BTreeMap<Connection, Ports> {
    let mut found: BTreeMap<Connection, Ports> = BTreeMap::new();
    for (connection, conn) in results {
        for src in pieces(&connection.src, cuts) {
            for dst in pieces(&connection.dst, cuts) {
                let key = Connection { src: src.clone(), dst, ..connection.clone() };
                let held = found.entry(key).or_default();
                for (protocol, ports) in ports(conn) {
                    held.entry(protocol).or_default().extend(ports);
                }
            }
        }
    }
    found
}

fn ranges(end: &str) -> Vec<(u64, u64)> {
    let Some(list) = end.strip_suffix("[External]") else { return Vec::new() };
    let number = |text: &str| u64::from(u32::from(text.trim().parse::<Ipv4Addr>().unwrap()));
    let range = |text: &str| {
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        (number(first), number(last))
    };
    list.split(',').map(range).collect()
}

fn pieces(end: &str, cuts: &BTreeSet<u64>) -> Vec<String> {
    let ranges = ranges(end);
    if ranges.is_empty() {
        return vec![end.to_owned()];
    }
    let inside = |(first, last): &(u64, u64)| cuts.range(*first..=*last).map(u64::to_string);
    ranges.iter().flat_map(inside).collect()
}

fn ports(conn: &str) -> Ports {
    let mut found = Ports::new();
    if conn == "All Connections" {
        return ["SCTP", "TCP", "UDP"]
            .map(|p| (p.to_owned(), ["1-65535".to_owned()].into()))
            .into();
    }
    if conn == "No Connections" {
        return found;
    }
    let mut protocol = String::new();
    for part in conn.split(',') {
        let port = match part.split_once(' ') {
            Some((word, port)) => {
                protocol = word.to_owned();
                port
            }
            None => part,
        };
        found.entry(protocol.clone()).or_default().insert(port.to_owned());
    }
    found
}
