//! `kuberlock netpol generate` and `simulate`.

use kuberlock_model::flow::FlowSet;
use kuberlock_model::origin::Location;
use kuberlock_model::{Cluster, FieldPath, Origin};
use kuberlock_network::declared::Declared;
use kuberlock_network::generate::{self, Generated, Options};
use kuberlock_network::simulate::{self, Affected, Answer, Outcome, Replace};
use kuberlock_network::traffic::{Directory, Traffic};
use kuberlock_report::listing::{self, Listing};
use kuberlock_source::flow;

use super::arguments::{FlowArgs, GenerateArgs, SimulateArgs};
use super::open::{self, Opened};
use super::place::Places;
use crate::command::{Common, YamlOrJson};
use crate::error::Error;
use crate::exit::Exit;
use crate::output;

pub(crate) fn run(args: &GenerateArgs, common: &Common) -> Result<Exit, Error> {
    let opened = open::open(&args.network, common)?;
    let cluster = &opened.cluster;
    let traffic = traffic(&args.evidence, cluster)?;
    let declared = (!args.flows_only).then(|| Declared::of(cluster));
    let options = Options {
        namespaces: args.namespaces.iter().cloned().collect(),
        prefix_v4: args.prefix_v4,
        prefix_v6: args.prefix_v6,
    };
    let generated = generate::generate(&generate::Input {
        cluster,
        cni: opened.cni,
        traffic: traffic.as_ref(),
        declared: declared.as_ref(),
        options: &options,
    });
    opened.warnings.iter().for_each(|warning| output::note(common, &format!("warning: {warning}")));
    match args.output {
        YamlOrJson::Yaml => output::text(&yaml(&generated, cluster))?,
        YamlOrJson::Json => {
            let text = serde_json::to_string_pretty(&generated).map_err(std::io::Error::from)?;
            output::text(&format!("{text}\n"))?;
        }
    }
    for note in &generated.notes {
        output::note(common, &format!("{}: {}", note.about, note.text));
    }
    Ok(opened.exit(&args.network, Exit::Fine))
}

fn yaml(generated: &Generated, cluster: &Cluster) -> String {
    let places = std::cell::RefCell::new(Vec::new());
    // Asked once to learn what is wanted, and once more with the answers.
    let _ = generated.yaml(&|origin: &Origin, field: &FieldPath| {
        places.borrow_mut().push((origin.clone(), field.clone()));
        None
    });
    let places = Places::of(places.into_inner(), cluster);
    generated.yaml(&|origin, field| places.get(origin, field).map(shown))
}

fn shown(place: &Location) -> String {
    format!("{}:{}", place.file, place.line)
}

/// The flows that were given, in the cluster's terms.
fn traffic(args: &FlowArgs, cluster: &Cluster) -> Result<Option<Traffic>, Error> {
    if args.flows.is_empty() {
        return Ok(None);
    }
    let mut flows = FlowSet::default();
    for path in &args.flows {
        flow::read(path, args.flow_format, &mut flows)?;
    }
    Ok(Some(Traffic::resolve(&Directory::new(cluster), &flows)))
}

pub(crate) fn simulated(args: &SimulateArgs, common: &Common) -> Result<Exit, Error> {
    let opened = open::open(&args.network, common)?;
    let mut proposed = Vec::new();
    let mut refused = Vec::new();
    for path in &args.policies {
        let set = open::open_path(path, Some(opened.cni), common)?;
        proposed.extend(super::policies(&set.cluster));
        refused.extend(set.warnings.into_iter().map(|warning| format!("proposed: {warning}")));
    }
    let replace = if args.replace_all { Replace::All } else { Replace::Same };
    let changes = simulate::changes(&opened.cluster, &proposed, replace);
    let traffic = traffic(&args.evidence, &opened.cluster)?;
    let declared = Declared::of(&opened.cluster);
    let outcome = simulate::simulate(&simulate::Input {
        cluster: &opened.cluster,
        cni: opened.cni,
        changes: &changes,
        traffic: traffic.as_ref(),
        declared: &declared,
    });
    let mut listing = listing_of(&opened, &outcome);
    listing.warnings.extend(refused);
    listing.told.push(("proposed", format!("{} policies", proposed.len())));
    let color = output::colour(common);
    output::to_target(args.output.file.as_deref(), |out| {
        Ok(listing::render(&listing, args.output.format, color, out)?)
    })?;
    let breaks = matches!(outcome.answer, Answer::Breaks | Answer::MayBreak);
    Ok(opened.exit(&args.network, if breaks { Exit::Findings } else { Exit::Fine }))
}

const COLUMNS: [&str; 7] = ["what", "from", "to", "port", "seen", "last", "because"];

fn listing_of(opened: &Opened, outcome: &Outcome) -> Listing {
    let mut listing = opened.listing("simulate", &COLUMNS);
    let sorts: [(&str, &[Affected]); 7] = [
        ("breaks", &outcome.broken),
        ("may break", &outcome.uncertain),
        ("denied today", &outcome.denied_already),
        ("seen, though denied", &outcome.contradicting),
        ("opens, asked for", &outcome.newly_allowed),
        ("declared, not seen", &outcome.unobserved),
        ("not judged", &outcome.unjudged),
    ];
    for (what, all) in sorts {
        listing.rows.extend(all.iter().map(|one| row(what, one)));
    }
    for opened in &outcome.opened {
        let (from, to) = (opened.from.join(", "), opened.to.join(", "));
        let ports = opened.ports.clone();
        let empty = String::new;
        listing.rows.push(vec!["opens".to_owned(), from, to, ports, empty(), empty(), empty()]);
    }
    listing.notes.push(match outcome.answer {
        Answer::Breaks => format!("{} connections would break", outcome.totals.broken),
        Answer::MayBreak => format!("{} connections may break", outcome.totals.uncertain),
        Answer::Nothing => "nothing that was seen or is declared would break".to_owned(),
        Answer::Unknown => "unknown: without flows, what is in use is not known".to_owned(),
    });
    listing.notes.extend(standing(outcome));
    listing.document = opened.document("simulation", serde_json::json!({ "simulation": outcome }));
    listing
}

fn row(what: &str, one: &Affected) -> Vec<String> {
    let seen = one.seen.as_ref();
    let last = seen.and_then(|seen| seen.period.as_ref()).map(|period| period.last.to_string());
    let because: Vec<String> = one
        .blame
        .iter()
        .map(|blame| match &blame.rule {
            Some(rule) => format!("{} of {} {rule}", blame.direction, blame.policy),
            None => format!("{} of {}", blame.direction, blame.policy),
        })
        .collect();
    vec![
        what.to_owned(),
        one.from.to_string(),
        one.to.to_string(),
        format!("{}/{}", one.port, one.protocol),
        seen.map_or_else(|| "declared".to_owned(), |seen| format!("{} times", seen.counts.all())),
        last.unwrap_or_default(),
        because.join("; "),
    ]
}

/// On what the answer stands.
fn standing(outcome: &Outcome) -> Vec<String> {
    let standing = &outcome.standing;
    let mut notes = Vec::new();
    if let Some(flows) = &standing.flows {
        let days = flows.days.map(|days| format!(" over {days} days")).unwrap_or_default();
        let files = flows.sources.len();
        notes.push(format!("stands on {} records{days} from {files} files", flows.records));
    }
    notes.extend(standing.doubts.iter().map(|doubt| format!("doubt: {doubt}")));
    if !standing.unseen_cron_jobs.is_empty() {
        let jobs = standing.unseen_cron_jobs.join(", ");
        notes.push(format!("doubt: of these no flow was seen: {jobs}"));
    }
    notes
}
