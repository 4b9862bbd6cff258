//! Which side of a flow is the server.

use kuberlock_model::flow::FlowKey;
use serde::Serialize;

use super::directory::Directory;
use super::who::Who;

/// How the server's side was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// The observer tells it.
    Told,
    /// It listens on the port: a container tells of it, or a service leads to it.
    Listens,
    /// The other port is one that clients take at random.
    Ephemeral,
    /// Its port is the lower one: a guess.
    LowerPort,
}

/// The server's side and port of a flow between `source` and `destination`.
pub(super) struct Server {
    pub(super) is_destination: bool,
    pub(super) port: u16,
    pub(super) how: Side,
}

/// Finds the server's side; `None` where no port is told.
pub(super) fn server(
    directory: &Directory<'_>,
    key: &FlowKey,
    [source, destination]: [Option<&Who>; 2],
) -> Option<Server> {
    let of = |is_destination, port: Option<u16>, how| {
        port.map(|port| Server { is_destination, port, how })
    };
    match key.reply {
        Some(true) => return of(false, key.source_port, Side::Told),
        Some(false) => return of(true, key.destination_port, Side::Told),
        None => {}
    }
    let listens = |who: Option<&Who>, port: Option<u16>| {
        who.zip(port).is_some_and(|(who, port)| directory.listens(who, key.protocol, port))
    };
    let to = listens(destination, key.destination_port);
    let from = listens(source, key.source_port);
    match (from, to) {
        (false, true) => return of(true, key.destination_port, Side::Listens),
        (true, false) => return of(false, key.source_port, Side::Listens),
        _ => {}
    }
    match (key.source_port, key.destination_port) {
        (None, port) => of(true, port, Side::Ephemeral),
        (port, None) => of(false, port, Side::Ephemeral),
        (Some(one), Some(other)) if one < other => of(false, Some(one), Side::LowerPort),
        (_, port) => of(true, port, Side::LowerPort),
    }
}
