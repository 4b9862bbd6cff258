//! kube-bench's verdicts beside ours: lines for a terminal, what differs first, or one JSON document
//! after `docs/schemas/kube-bench-comparison.json`.

use std::io;

use kuberlock_model::Verdict;
use kuberlock_model::finding::Finding;
use serde::Serialize;

use crate::neutral::visible;
use crate::words::{count, place};
use crate::{Error, Format, escape};

/// Characters of one text of the table.
const TEXT: usize = 240;

/// Findings shown of one item in the table.
const SHOWN: usize = 3;

/// Two accounts of one node.
#[derive(Clone, Debug, Serialize)]
pub struct Comparison<'a> {
    /// What was scanned, in words.
    pub target: &'a str,
    /// The benchmark of both.
    pub benchmark: &'a str,
    /// Where kube-bench's verdicts come from: its files, run here, or what it wrote.
    pub from: &'a str,
    /// How many items stand in each relation.
    pub counts: Vec<Count<'a>>,
    /// The items, what differs first.
    pub items: Vec<Item<'a>>,
}

/// A relation and the number of its items.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Count<'a> {
    /// `differ`, `only-ours`, `only-theirs`, `neither`, `agree`.
    pub relation: &'a str,
    /// How many.
    pub items: usize,
}

/// One item of the benchmark.
#[derive(Clone, Debug, Serialize)]
pub struct Item<'a> {
    /// Its number.
    pub item: &'a str,
    /// How the verdicts stand to each other.
    pub relation: &'a str,
    /// Why they differ; nothing where they agree.
    pub why: Vec<Why<'a>>,
    /// kube-bench's; none where it was not asked.
    #[serde(rename = "kubeBench")]
    pub theirs: Option<Theirs<'a>>,
    /// Ours; none where our map has no such item.
    pub kuberlock: Option<Ours<'a>>,
}

/// A reason.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Why<'a> {
    /// Its class.
    pub class: &'a str,
    /// In words.
    pub text: &'a str,
}

/// What kube-bench says.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Theirs<'a> {
    /// `PASS`, `FAIL`, `WARN`, `INFO`, or `NOT RUN`.
    pub status: &'a str,
    /// Whether it can fail.
    pub scored: bool,
    /// What was expected of the audit's output.
    pub expected: &'a str,
    /// What the audit printed, credentials replaced.
    pub actual: &'a str,
    /// Why, where the tests did not decide.
    pub reason: &'a str,
}

/// What we say.
#[derive(Clone, Debug, Serialize)]
pub struct Ours<'a> {
    /// The item's verdict; none where no check answers it.
    pub verdict: Option<Verdict>,
    /// Why no check answers it.
    pub undecided: Option<&'a str>,
    /// The findings it rests on.
    pub findings: Vec<&'a Finding>,
}

/// Writes `comparison` as a table or as JSON; with `all` also what agrees stands in the table.
///
/// # Errors
/// The writer took no more, or the format is none that a comparison has.
pub fn render(
    comparison: &Comparison<'_>,
    format: Format,
    all: bool,
    out: &mut dyn io::Write,
) -> Result<(), Error> {
    match format {
        Format::Json => {
            #[derive(Serialize)]
            struct Document<'a> {
                schema: &'static str,
                #[serde(flatten)]
                comparison: &'a Comparison<'a>,
            }
            let schema = "kuberlock.dev/kube-bench-comparison/v1";
            escape::document(&Document { schema, comparison }, out)?;
        }
        Format::Table => table(comparison, all, out)?,
        other => return Err(Error::NoComparison(other)),
    }
    Ok(out.flush()?)
}

fn table(comparison: &Comparison<'_>, all: bool, out: &mut dyn io::Write) -> io::Result<()> {
    let Comparison { target, benchmark, from, .. } = comparison;
    writeln!(
        out,
        "kube-bench and kuberlock · {} · {} · kube-bench's verdicts from {}\n",
        visible(target, TEXT),
        visible(benchmark, TEXT),
        visible(from, TEXT)
    )?;
    for item in comparison.items.iter().filter(|item| all || item.relation != "agree") {
        row(item, out)?;
    }
    let counts = comparison.counts.iter().map(|one| format!("{} {}", one.items, one.relation));
    let counts: Vec<String> = counts.collect();
    writeln!(out, "{} of {}", counts.join(" · "), count(comparison.items.len(), "item"))
}

fn row(item: &Item<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let theirs = item.theirs.map_or("-", |theirs| theirs.status);
    let ours =
        item.kuberlock.as_ref().map_or("-", |ours| ours.verdict.map_or("undecided", Verdict::word));
    let id = visible(item.item, TEXT);
    writeln!(out, "{id:<8} {:<11}  kube-bench {theirs:<7}  kuberlock {ours}", item.relation)?;
    for why in &item.why {
        writeln!(out, "  why     {}: {}", why.class, visible(why.text, TEXT))?;
    }
    if let Some(theirs) = item.theirs.filter(|_| item.relation != "agree") {
        let told = [("wants", theirs.expected), ("found", theirs.actual), ("said", theirs.reason)];
        for (word, text) in told.into_iter().filter(|(_, text)| !text.is_empty()) {
            writeln!(out, "  {word:<6}  {}", visible(text, TEXT))?;
        }
    }
    let findings = item.kuberlock.as_ref().filter(|_| item.relation != "agree");
    let findings = findings.map(|ours| ours.findings.as_slice()).unwrap_or_default();
    for finding in findings.iter().take(SHOWN) {
        let subject = visible(&finding.subject.to_string(), TEXT);
        let message = visible(&finding.message, TEXT);
        writeln!(out, "  ours    {}  {subject}: {message}", finding.check)?;
        for evidence in finding.evidence.iter().take(SHOWN) {
            let text = format!("{} {}", evidence.value, place(evidence));
            writeln!(out, "          {}", visible(&text, TEXT))?;
        }
    }
    if findings.len() > SHOWN {
        writeln!(out, "          and {}", count(findings.len() - SHOWN, "more finding"))?;
    }
    writeln!(out)
}
