//! kuberlock's own CSV, for whatever has no form of its own here.
//!
//! The first line names the columns: `src`, `dst`, `protocol`, `port`, and, where known, `count`,
//! `first`, `last`, `bytes`, `verdict` (`forwarded` or `dropped`). An end is `namespace/pod`, an
//! address, `node/NAME`, or one of the words `world`, `host`, `remote-node`, `kube-apiserver`. The
//! port is the server's, and the server is `dst`.

use kuberlock_model::flow::{
    FlowEnd, FlowKey, FlowSet, Ignored, Observation, Period, Place, Tally,
};

use super::{Reader, address, ignored};

/// The columns that may be there.
static COLUMNS: [&str; 9] =
    ["src", "dst", "protocol", "port", "count", "first", "last", "bytes", "verdict"];

/// Reads the list.
#[derive(Default)]
pub(super) struct Csv {
    columns: Vec<String>,
}

impl Reader for Csv {
    fn line(&mut self, text: &str, place: &Place, into: &mut FlowSet) -> Result<(), String> {
        let cells = cells(text)?;
        if self.columns.is_empty() {
            return self.header(cells);
        }
        if cells.len() != self.columns.len() {
            return Err(format!("has {} columns, not {}", cells.len(), self.columns.len()));
        }
        let of = |column: &str| {
            let at = self.columns.iter().position(|name| name == column)?;
            cells.get(at).map(String::as_str).filter(|cell| !cell.is_empty())
        };
        let needed = |column: &str| of(column).ok_or(format!("has no `{column}`"));
        let ends: [FlowEnd; 2] = [needed("src")?.parse()?, needed("dst")?.parse()?];
        let word = needed("protocol")?;
        let Some(protocol) = address::protocol(word) else {
            return ignored(into, Ignored::Protocol);
        };
        let port = address::port(needed("port")?)?;
        let mut key = FlowKey::to_server(ends, protocol, port);
        key.observation = match of("verdict") {
            None => Observation::Untold,
            Some("forwarded") => Observation::Forwarded,
            Some("dropped") => Observation::Dropped,
            Some(word) => return Err(format!("`{word}` is neither `forwarded` nor `dropped`")),
        };
        let moment = |column: &str| of(column).map(address::moment).transpose();
        let period = match (moment("first")?, moment("last")?) {
            (Some(first), Some(last)) if first > last => return Err("ends before it begins".into()),
            (Some(first), Some(last)) => Some(Period { first, last }),
            (one, other) => one.or(other).map(Period::at),
        };
        let tally = Tally {
            count: of("count").map_or(Ok(1), address::number)?,
            bytes: of("bytes").map(address::number).transpose()?,
            period,
            ..Tally::once(place.clone(), None)
        };
        into.push(key, tally);
        Ok(())
    }
}

impl Csv {
    fn header(&mut self, cells: Vec<String>) -> Result<(), String> {
        for needed in ["src", "dst", "protocol", "port"] {
            if !cells.iter().any(|cell| cell == needed) {
                self.columns = vec![String::new()];
                return Err(format!("names no column `{needed}`: nothing below it can be read"));
            }
        }
        let unknown = cells.iter().find(|cell| !COLUMNS.contains(&cell.as_str())).cloned();
        self.columns = cells;
        match unknown {
            Some(cell) => {
                Err(format!("names a column `{}` that is not known", address::cut(&cell)))
            }
            None => Ok(()),
        }
    }
}

/// The cells of a line; quotes as RFC 4180 wants them, without line breaks in them.
fn cells(text: &str) -> Result<Vec<String>, String> {
    let mut cells = Vec::new();
    let mut cell = String::new();
    let mut quoted = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                cell.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(std::mem::take(&mut cell).trim().to_owned()),
            c => cell.push(c),
        }
    }
    if quoted {
        return Err("has a quote that does not end".to_owned());
    }
    cells.push(cell.trim().to_owned());
    Ok(cells)
}
