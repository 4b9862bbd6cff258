//! `kuberlock netpol`: sources → cluster → network → what is asked of it.

pub(crate) mod arguments;
mod compat;
mod diff;
mod eval;
mod exposure;
mod findings;
mod generate;
mod graph;
mod lint;
mod list;
mod matrix;
mod open;
mod place;
mod test;

use kuberlock_model::{Cluster, Object};
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
        NetpolCommand::Diff(args) => diff::run(args, common),
        NetpolCommand::Exposure(args) => exposure::run(args, common),
        NetpolCommand::Matrix(args) => matrix::run(args, common),
        NetpolCommand::Graph(args) => graph::run(args, common),
        NetpolCommand::Lint(args) => lint::run(args, common),
        NetpolCommand::Compare(args) => diff::compare(args, common),
        NetpolCommand::Test(args) => test::run(args, common),
        NetpolCommand::Generate(args) => generate::run(args, common),
        NetpolCommand::Simulate(args) => generate::simulated(args, common),
    }
}

/// The policies of a cluster.
fn policies(cluster: &Cluster) -> Vec<Object> {
    open::POLICIES.into_iter().flat_map(|kind| cluster.of_kind(kind)).cloned().collect()
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
