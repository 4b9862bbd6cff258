//! `kuberlock netpol diff` and `compare`.

use std::collections::BTreeSet;

use kuberlock_model::network::Direction;
use kuberlock_network::compare::{self, Aligned, Comparison, Difference, Example};
use kuberlock_network::simulate::{Replace, changes};
use kuberlock_network::{Reach, Reachability};
use kuberlock_report::listing::{self, Listing};
use serde_json::{Value, json};

use super::arguments::{CompareArgs, DiffArgs};
use super::open::{self, Opened};
use crate::command::Common;
use crate::error::Error;
use crate::exit::Exit;
use crate::output;

/// Ends of one side that are named in a row.
const NAMED: usize = 4;

pub(crate) fn run(args: &DiffArgs, common: &Common) -> Result<Exit, Error> {
    let before = open::open_path(&args.before, args.cni, common)?;
    let after = open::open_path(&args.after, args.cni, common)?;
    let (first, second) = (before.reachability(), after.reachability());
    let aligned = Aligned::new(&first, &second);
    let mut differences = compare::diff(&first, &second, &aligned);
    if !args.nodes {
        differences.retain_mut(|one| keep_pods(one, &aligned));
    }
    let mut listing = after.listing("diff", &["change", "from", "to", "before", "after"]);
    listing.told.insert(0, ("before", before.target()));
    listing.warnings.extend(before.warnings.iter().map(|warning| format!("before: {warning}")));
    let mut documents = Vec::new();
    for one in &differences {
        let (from, to) = (names(&one.from, &aligned), names(&one.to, &aligned));
        let change = format!("{:?}", one.change).to_lowercase();
        listing.rows.push(vec![
            change,
            few(&from),
            few(&to),
            shown(&one.before),
            shown(&one.after),
        ]);
        documents.push(json!({
            "change": one.change,
            "from": from,
            "to": to,
            "before": document(&one.before),
            "after": document(&one.after),
        }));
    }
    let (gone, new) = aligned.alone(&first, &second);
    let count = |what: &str, number: usize| match number {
        0 => None,
        number => Some(format!("{number} {what}")),
    };
    listing.notes.extend(count("ends are only in the first", gone.len()));
    listing.notes.extend(count("ends are only in the second", new.len()));
    if differences.is_empty() {
        listing.notes.push("nothing differs in what gets through".to_owned());
    }
    let fields = json!({ "before": before.target(), "differences": documents });
    listing.document = after.document("diff", fields);
    write(&listing, &args.output, common)?;
    Ok(if differences.is_empty() { Exit::Fine } else { Exit::Findings })
}

/// Leaves nodes out; tells whether anything is left.
fn keep_pods(one: &mut Difference, aligned: &Aligned) -> bool {
    let is_wanted =
        |at: &usize| aligned.ends.get(*at).is_some_and(|end| !end.name.starts_with("node/"));
    one.from.retain(is_wanted);
    one.to.retain(is_wanted);
    !one.from.is_empty() && !one.to.is_empty()
}

fn names(ends: &[usize], aligned: &Aligned) -> Vec<String> {
    let known = ends.iter().filter_map(|at| aligned.ends.get(*at));
    known.map(|end| end.name.clone()).collect::<BTreeSet<_>>().into_iter().collect()
}

fn few(names: &[String]) -> String {
    let mut shown: Vec<String> = names.iter().take(NAMED).cloned().collect();
    if names.len() > NAMED {
        shown.push(format!("{} more", names.len() - NAMED));
    }
    shown.join(", ")
}

fn shown(reach: &Option<Reach>) -> String {
    match reach {
        None => "not there".to_owned(),
        Some(reach) if reach.certain == reach.possible => reach.certain.to_string(),
        Some(reach) => {
            let open = reach.possible.difference(&reach.certain);
            format!("{}; open: {open}", reach.certain)
        }
    }
}

fn document(reach: &Option<Reach>) -> Value {
    let of = |reach: &Reach| json!({ "ports": reach.certain, "possiblePorts": reach.possible });
    reach.as_ref().map_or(Value::Null, of)
}

fn write(
    listing: &Listing,
    target: &super::arguments::ListTarget,
    common: &Common,
) -> Result<(), Error> {
    let color = output::colour(common);
    output::to_target(target.file.as_deref(), |out| {
        Ok(listing::render(listing, target.format, color, out)?)
    })
}

pub(crate) fn compare(args: &CompareArgs, common: &Common) -> Result<Exit, Error> {
    let (opened, first, second) = both(args, common)?;
    let aligned = Aligned::new(&first, &second);
    let compared = compare::compare(&first, &second, &aligned, args.examples);
    let mut listing = opened.listing("compare", &["only", "from", "to", "ports"]);
    listing.told.push(("relation", compared.relation.word().to_owned()));
    for (which, examples) in [("first", &compared.only_first), ("second", &compared.only_second)] {
        for example in examples {
            let (from, to) = ends(example, &aligned);
            listing.rows.push(vec![which.to_owned(), from, to, example.ports.to_string()]);
        }
    }
    listing.notes = notes(&compared, (&first, &second), args);
    let examples = |examples: &[Example]| -> Vec<Value> {
        let of = |example: &Example| {
            let (from, to) = ends(example, &aligned);
            json!({ "from": from, "to": to, "ports": example.ports, "sure": example.is_sure })
        };
        examples.iter().map(of).collect()
    };
    let fields = json!({
        "relation": compared.relation,
        "open": compared.is_open,
        "onlyFirst": examples(&compared.only_first),
        "onlySecond": examples(&compared.only_second),
        "vacuity": [compare::vacuity(&first), compare::vacuity(&second)],
    });
    listing.document = opened.document("compare", fields);
    write(&listing, &args.output, common)?;
    let is_equivalent = compared.relation == compare::Relation::Equivalent;
    Ok(if is_equivalent { Exit::Fine } else { Exit::Findings })
}

/// The two networks: of two clusters, or of one under the one set of policies and under the other.
fn both(
    args: &CompareArgs,
    common: &Common,
) -> Result<(Opened, Reachability, Reachability), Error> {
    let cni = args.network.cni;
    let first = open::open_path(&args.first, cni, common)?;
    let second = open::open_path(&args.second, cni, common)?;
    let sources = &args.network.sources;
    let has_cluster = !sources.files.is_empty()
        || !sources.snapshots.is_empty()
        || sources.live
        || sources.kubeconfig.is_some()
        || sources.context.is_some();
    if !has_cluster {
        let networks = (first.reachability(), second.reachability());
        return Ok((second, networks.0, networks.1));
    }
    let opened = open::open(&args.network, common)?;
    let today = opened.reachability();
    let under = |set: &Opened| {
        let policies = super::policies(&set.cluster);
        today.with(&changes(&opened.cluster, &policies, Replace::All))
    };
    let networks = (under(&first), under(&second));
    Ok((opened, networks.0, networks.1))
}

fn ends(example: &Example, aligned: &Aligned) -> (String, String) {
    let name = |at: usize| aligned.ends.get(at).map(|end| end.name.clone()).unwrap_or_default();
    (name(example.from), name(example.to))
}

fn notes(
    compared: &Comparison,
    (first, second): (&Reachability, &Reachability),
    args: &CompareArgs,
) -> Vec<String> {
    let mut notes = vec![match compared.relation {
        compare::Relation::Equivalent => "both allow the same connections".to_owned(),
        compare::Relation::Contains => {
            "the first allows all that the second does, and more".to_owned()
        }
        compare::Relation::Contained => {
            "the second allows all that the first does, and more".to_owned()
        }
        compare::Relation::Disjoint => "no connection is allowed by both".to_owned(),
        compare::Relation::Overlapping => "each allows some that the other does not".to_owned(),
    }];
    if compared.is_open {
        notes.push("some of what was compared the API leaves open: --cni decides it".to_owned());
    }
    for (path, network) in [(&args.first, first), (&args.second, second)] {
        let shown = path.display();
        match compare::vacuity(network) {
            compare::Vacuity::AllowsEverything => notes.push(format!("{shown} keeps nothing back")),
            compare::Vacuity::AllowsNothing => notes.push(format!("{shown} lets nothing through")),
            compare::Vacuity::Neither => {}
        }
        for direction in Direction::BOTH {
            let captured = compare::captured(network, direction);
            let pods = network.endpoints().filter(|(_, e)| e.is_pods() && !e.is_on_host_network());
            let missed = pods.filter(|(at, _)| !captured.contains(*at)).count();
            if missed > 0 {
                notes.push(format!(
                    "{shown}: no policy is about the {direction} of {missed} groups of pods"
                ));
            }
        }
    }
    notes
}
