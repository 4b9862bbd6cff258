//! `kuberlock netpol eval` and `explain`.

use kuberlock_model::FieldPath;
use kuberlock_model::network::Protocol;
use kuberlock_network::{
    Asked, Connection, Explanation, LayerTier, Match, Place, PortSet, Reachability, Side, Verdict,
};
use kuberlock_report::listing;
use serde_json::{Value, json};

use super::arguments::EvalArgs;
use super::open;
use super::place::Places;
use crate::command::Common;
use crate::error::Error;
use crate::exit::Exit;
use crate::output;

/// One answer: between whom, on which ports, and what.
struct Answer {
    from: String,
    to: String,
    ports: PortSet,
    verdict: Verdict,
    /// A port that stands for all of them.
    example: (u16, Protocol),
    places: (Place, Place),
}

/// Whether the connection, or each, gets through.
pub(crate) fn run(args: &EvalArgs, explains: bool, common: &Common) -> Result<Exit, Error> {
    let opened = open::open(&args.network, common)?;
    let reachability = opened.reachability();
    let answers = answers(args, &reachability)?;
    let explained: Vec<Vec<Explanation>> = match explains {
        false => Vec::new(),
        true => answers
            .iter()
            .map(|answer| explanation(args, &reachability, answer))
            .collect::<Result<_, _>>()?,
    };
    let places = places(explained.iter().flatten(), &opened.cluster);
    let name = if explains { "explain" } else { "eval" };
    let mut listing = opened.listing(name, &["from", "to", "ports", "verdict"]);
    for answer in &answers {
        let ports = answer.ports.to_string();
        listing.rows.push(vec![
            answer.from.clone(),
            answer.to.clone(),
            ports,
            answer.verdict.to_string(),
        ]);
    }
    for (answer, explained) in answers.iter().zip(&explained) {
        listing.notes.extend(told(answer, explained, &places));
    }
    let documents: Vec<Value> = answers
        .iter()
        .enumerate()
        .map(|(at, answer)| document(answer, explained.get(at), &places))
        .collect();
    listing.document = opened.document(name, json!({ "connections": documents }));
    let color = output::colour(common);
    output::to_target(args.output.file.as_deref(), |out| {
        Ok(listing::render(&listing, args.output.format, color, out)?)
    })?;
    let is_met = args.expect.is_none_or(|expected| answers.iter().all(|a| a.verdict == expected));
    Ok(opened.exit(&args.network, if is_met { Exit::Fine } else { Exit::Findings }))
}

fn answers(args: &EvalArgs, reachability: &Reachability) -> Result<Vec<Answer>, Error> {
    let pairs = reachability.pairs(&args.from, &args.to).map_err(|error| super::unknown(&error))?;
    let mut answers: Vec<Answer> = Vec::new();
    for (from, to) in pairs {
        for answer in between(args, reachability, from, to) {
            // Pods of one workload that get the same are told once.
            if !answers.iter().any(|known| known.is_like(&answer)) {
                answers.push(answer);
            }
        }
    }
    Ok(answers)
}

impl Answer {
    fn is_like(&self, other: &Self) -> bool {
        let ends = |answer: &Self| (answer.places.0.endpoint, answer.places.1.endpoint);
        ends(self) == ends(other) && self.ports == other.ports && self.verdict == other.verdict
    }
}

/// The answers about two places: one for the port that was asked for, or one for each set of ports
/// with one verdict.
fn between(args: &EvalArgs, reachability: &Reachability, from: Place, to: Place) -> Vec<Answer> {
    let answer = |ports: PortSet, example: (u16, Protocol)| {
        let (port, protocol) = example;
        Answer {
            from: super::place_name(reachability, from),
            to: super::place_name(reachability, to),
            ports,
            verdict: reachability.verdict_between(from, to, protocol, port),
            example,
            places: (from, to),
        }
    };
    if let Some((port, protocol)) = args.port {
        return vec![answer(PortSet::range(protocol, port, port), (port, protocol))];
    }
    let reach = reachability.between_places(from, to);
    let open = reach.possible.difference(&reach.certain);
    let rest = PortSet::all().difference(&reach.possible);
    let parts = [reach.certain, open, rest].into_iter().filter(|ports| !ports.is_empty());
    parts
        .map(|ports| {
            let example = Protocol::ALL.iter().rev().find_map(|protocol| {
                ports.of(*protocol).first().map(|(port, _)| (*port, *protocol))
            });
            answer(ports, example.unwrap_or((1, Protocol::Tcp)))
        })
        .collect()
}

fn explanation(
    args: &EvalArgs,
    reachability: &Reachability,
    answer: &Answer,
) -> Result<Vec<Explanation>, Error> {
    let (port, protocol) = answer.example;
    let connection = Connection { from: args.from.clone(), to: args.to.clone(), protocol, port };
    let all = reachability.explain(&connection).map_err(|e| super::unknown(&e))?;
    Ok(all.into_iter().filter(|one| (one.from, one.to) == answer.places).collect())
}

/// Where rules and policies are, found once for all of them.
fn places<'e>(
    explanations: impl Iterator<Item = &'e Explanation>,
    cluster: &kuberlock_model::Cluster,
) -> Places {
    let sides = explanations.flat_map(|explained| [&explained.egress, &explained.ingress]);
    let asked = sides.flat_map(|side| &side.layers).flat_map(|layer| &layer.policies);
    let fields = asked.flat_map(|asked| {
        let whole = std::iter::once(FieldPath::of("spec"));
        let paths = whole.chain(asked.rules.iter().map(|rule| rule.path.clone()));
        paths.map(|path| (asked.origin.clone(), path))
    });
    Places::of(fields, cluster)
}

fn told(answer: &Answer, explained: &[Explanation], places: &Places) -> Vec<String> {
    let mut told = Vec::new();
    for one in explained {
        let (port, protocol) = answer.example;
        let asked = if answer.ports == PortSet::range(protocol, port, port) {
            answer.ports.to_string()
        } else {
            format!("{}, as on {protocol} {port}", answer.ports)
        };
        told.push(format!("{} → {} on {asked}: {}", answer.from, answer.to, one.verdict));
        if let Some(exempt) = one.exempt {
            told.push(format!("  {}", exempt.sentence()));
            continue;
        }
        told.extend(side("leaving", &answer.from, &one.egress, places));
        told.extend(side("entering", &answer.to, &one.ingress, places));
    }
    told
}

fn side(word: &str, whose: &str, side: &Side, places: &Places) -> Vec<String> {
    let comes_to = match (side.may_pass, side.may_stop) {
        (true, false) => "allowed",
        (false, _) => "denied",
        (true, true) => "open",
    };
    let mut told = vec![format!("  {word} {whose}: {comes_to}")];
    match side.own_node {
        Some(Match::Yes) => {
            told.push("    both are on one node: policies do not decide".to_owned());
        }
        Some(_) => told.push("    if both are on one node, policies may not decide".to_owned()),
        None => {}
    }
    for layer in &side.layers {
        match layer.tier {
            LayerTier::Default => told.push("    no policy decides: allowed".to_owned()),
            tier => {
                told.push(format!("    {}:", tier.words()));
                told.extend(layer.policies.iter().flat_map(|asked| policy(asked, places)));
            }
        }
    }
    told
}

fn policy(asked: &Asked, places: &Places) -> Vec<String> {
    let priority = asked.priority.map(|p| format!(" priority {p}")).unwrap_or_default();
    let selects = if asked.selects == Match::Maybe { ", if it selects the pod at all" } else { "" };
    let place = places.at(&asked.origin, &FieldPath::of("spec"));
    let mut told = vec![format!("      {}{priority} ({place}){selects}", asked.policy)];
    for rule in &asked.rules {
        let may = if rule.matched == Match::Maybe { "may match" } else { "matches" };
        let name = rule.name.as_deref().map(|name| format!(" \"{name}\"")).unwrap_or_default();
        let place = places.at(&asked.origin, &rule.path);
        told.push(format!(
            "        {}{name} {may}: {} ({place})",
            rule.path,
            format!("{:?}", rule.action).to_lowercase()
        ));
    }
    if asked.rules.is_empty() {
        told.push(format!("        none of its {} rules matches", asked.of));
    }
    told
}

fn document(answer: &Answer, explained: Option<&Vec<Explanation>>, places: &Places) -> Value {
    let mut document = json!({
        "from": answer.from,
        "to": answer.to,
        "ports": answer.ports,
        "verdict": answer.verdict,
    });
    let one = explained.and_then(|all| all.first());
    if let (Some(one), Some(document)) = (one, document.as_object_mut()) {
        let side = |side: &Side| {
            json!({
                "allowed": side.may_pass,
                "denied": side.may_stop,
                "ownNode": side.own_node,
                "layers": side.layers.iter().map(|layer| json!({
                    "tier": layer.tier,
                    "outcomes": layer.outcomes,
                    "policies": layer.policies.iter().map(|asked| asked_document(asked, places))
                        .collect::<Vec<_>>(),
                })).collect::<Vec<_>>(),
            })
        };
        document.insert("exempt".into(), json!(one.exempt));
        document.insert("egress".into(), side(&one.egress));
        document.insert("ingress".into(), side(&one.ingress));
    }
    document
}

fn asked_document(asked: &Asked, places: &Places) -> Value {
    json!({
        "policy": asked.policy,
        "source": places.at(&asked.origin, &FieldPath::of("spec")),
        "priority": asked.priority,
        "selects": asked.selects,
        "rules": asked.rules.iter().map(|rule| json!({
            "field": rule.path,
            "name": rule.name,
            "matches": rule.matched,
            "action": rule.action,
            "source": places.at(&asked.origin, &rule.path),
        })).collect::<Vec<_>>(),
        "of": asked.of,
    })
}
