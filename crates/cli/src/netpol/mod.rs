//! `kuberlock netpol`: sources → cluster → network → what is asked of it.

pub(crate) mod arguments;
mod eval;
mod graph;
mod list;
mod matrix;
mod open;

use kuberlock_network::{Party, Place, Reachability, UnknownParty};

use self::arguments::{NetpolArgs, NetpolCommand};
use crate::command::Common;
use crate::error::Error;
use crate::exit::Exit;

pub(crate) fn run(args: &NetpolArgs, common: &Common) -> Result<Exit, Error> {
    match &args.command {
        NetpolCommand::List(args) => list::run(args, common),
        NetpolCommand::Eval(args) => eval::run(args, false, common),
        NetpolCommand::Explain(args) => eval::run(args, true, common),
        NetpolCommand::Matrix(args) => matrix::run(args, common),
        NetpolCommand::Graph(args) => graph::run(args, common),
    }
}

/// The places that a party may mean.
fn places(reachability: &Reachability, party: &Party) -> Result<Vec<Place>, Error> {
    reachability.resolve(party).map_err(|error| unknown(&error))
}

fn unknown(error: &UnknownParty) -> Error {
    Error::Usage {
        message: error.to_string(),
        help: "`kuberlock netpol list --pods` shows who there is".to_owned(),
    }
}

/// What a place is called: its pod, or what else it is.
fn place_name(reachability: &Reachability, place: Place) -> String {
    let Some(endpoint) = reachability.endpoint(place.endpoint) else { return String::new() };
    match place.member.and_then(|member| endpoint.members.get(member)) {
        Some(pod) if !pod.is_template() => {
            format!("{}/{}", pod.key.namespace.as_deref().unwrap_or_default(), pod.key.name)
        }
        _ => endpoint.to_string(),
    }
}
