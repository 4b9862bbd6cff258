//! How namespaces stand: a line for each, the sensitive first and then the worst, those that stand
//! alike folded into one; what is mixed in them; and with everything wanted the findings too.

use std::io;

use kuberlock_model::namespace::{Mixture, Move, Score, Standing};
use kuberlock_model::scan::Scan;
use kuberlock_model::{Subject, Verdict};

use super::line::{Line, Paper};
use super::{COLUMN, failing, folded, labelled, style, summary, write_header};
use crate::Options;
use crate::block::blocks;
use crate::words::{count, list};

/// Names, reasons and ties shown before the rest is only counted.
const SHOWN: usize = 4;

/// Writes `standings` as a table.
pub(crate) fn write(
    scan: &Scan,
    standings: &[Standing],
    options: &Options,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let mut out = io::BufWriter::new(out);
    let mut paper = Paper::new(&mut out, options);
    write_header("kuberlock namespace check", scan, options, &mut paper)?;
    for finding in scan.findings.iter().filter(|f| f.subject == Subject::Cluster) {
        if finding.verdict == Verdict::Fail {
            let line = labelled("cluster").styled(style::WARN, &finding.message);
            paper.line(&line.text(&format!(" ({})", finding.check)))?;
        }
    }
    paper.blank()?;
    paper
        .line(&Line::new(0, COLUMN).styled(style::DIM, &format!("{:COLUMN$}namespace", "score")))?;
    for alike in groups(standings, options.all) {
        row(&alike, options, &mut paper)?;
    }
    for standing in standings {
        if let Some(mixture) = &standing.mixture {
            mixed(standing, mixture, options, &mut paper)?;
        }
    }
    if options.all {
        for block in blocks(scan, Verdict::Fail) {
            failing::write(scan, &block, options, &mut paper)?;
        }
    }
    paper.blank()?;
    if options.all {
        folded::write(scan, options, &mut paper)?;
    }
    paper.line(&summary(scan, options))?;
    io::Write::flush(&mut out)
}

/// Namespaces that stand alike; the sensitive ones each on their own.
fn groups(standings: &[Standing], all: bool) -> Vec<Vec<&Standing>> {
    let mut groups: Vec<Vec<&Standing>> = Vec::new();
    for standing in standings {
        let alike = groups.iter_mut().find(|group| {
            let first = group.first();
            !all && first.is_some_and(|first| is_alike(first, standing))
        });
        match alike {
            Some(group) => group.push(standing),
            None => groups.push(vec![standing]),
        }
    }
    groups
}

fn is_alike(a: &Standing, b: &Standing) -> bool {
    let plain = |of: &Standing| of.sensitive.is_none() && of.suggestions.is_empty();
    plain(a)
        && plain(b)
        && a.score == b.score
        && a.failing == b.failing
        && a.unknown == b.unknown
        && a.accepted == b.accepted
}

fn row(alike: &[&Standing], options: &Options, paper: &mut Paper<'_>) -> io::Result<()> {
    let Some(first) = alike.first() else { return Ok(()) };
    let shown = if options.all { usize::MAX } else { SHOWN };
    let names: Vec<String> = alike.iter().map(|standing| standing.name.clone()).collect();
    let score = first.score.map_or_else(|| "-".to_owned(), points);
    let mut line = Line::new(0, COLUMN).text(&format!("{score:COLUMN$}"));
    line = line.styled(style::BOLD, &list(&names, shown));
    if let Some(why) = &first.sensitive {
        line = line.styled(style::WARN, " · sensitive").text(&format!(" by {why}"));
    }
    paper.line(&line)?;
    let sorts =
        [("fails", &first.failing), ("unknown", &first.unknown), ("accepted", &first.accepted)];
    for (word, checks) in sorts.into_iter().filter(|(_, checks)| !checks.is_empty()) {
        let short = checks.iter().map(|id| id.strip_prefix("namespace-").unwrap_or(id).to_owned());
        let short: Vec<String> = short.collect();
        let line = Line::new(COLUMN, 2 * COLUMN).styled(style::DIM, &format!("{word:9}"));
        paper.line(&line.text(&short.join(", ")))?;
    }
    if !first.suggestions.is_empty() {
        let line = Line::new(COLUMN, 2 * COLUMN).styled(style::DIM, "perhaps  ");
        let why = list(&first.suggestions, shown);
        paper.line(&line.text(&format!("sensitive, a suggestion: {why}")))?;
    }
    Ok(())
}

/// `62`, or `62-75` where something is unknown.
fn points(score: Score) -> String {
    match score.least == score.most {
        true => score.least.to_string(),
        false => format!("{}-{}", score.least, score.most),
    }
}

fn mixed(
    standing: &Standing,
    mixture: &Mixture,
    options: &Options,
    paper: &mut Paper<'_>,
) -> io::Result<()> {
    paper.blank()?;
    let word = if mixture.is_declared() { "mixed" } else { "perhaps" };
    let ordinary: Vec<String> = mixture.ordinary.iter().map(in_namespace).collect();
    let shown = if options.all { usize::MAX } else { SHOWN };
    let suggested = if mixture.is_declared() { "" } else { ", a suggestion" };
    let line = labelled(word).styled(style::BOLD, &standing.name).text(&format!(
        ": {} beside {}{suggested}: {}",
        count(mixture.sensitive.len(), "sensitive workload"),
        count(ordinary.len(), "other"),
        list(&ordinary, shown)
    ));
    paper.line(&line)?;
    for moved in mixture.sensitive.iter().take(shown) {
        ties(moved, shown, paper)?;
    }
    if mixture.sensitive.len() > shown {
        let more = format!("and {} more", mixture.sensitive.len() - shown);
        paper.line(&Line::new(COLUMN, COLUMN).styled(style::DIM, &more))?;
    }
    Ok(())
}

fn ties(moved: &Move, shown: usize, paper: &mut Paper<'_>) -> io::Result<()> {
    let why = list(&moved.why, shown);
    let line = Line::new(COLUMN, COLUMN + 2).text(&format!("- {}", in_namespace(&moved.workload)));
    paper.line(&line.styled(style::DIM, &format!(" ({why})")).text(" moved out:"))?;
    for tie in moved.ties.iter().take(shown.saturating_mul(2)) {
        let line = Line::new(COLUMN + 2, 2 * COLUMN + 4);
        let line = line.styled(style::DIM, &format!("{:12}", tie.of.word()));
        paper.line(&line.text(&tie.what))?;
    }
    let more = moved.ties.len().saturating_sub(shown.saturating_mul(2));
    if more > 0 {
        let more = format!("and {} more", count(more, "tie"));
        paper.line(&Line::new(COLUMN + 2, COLUMN + 2).styled(style::DIM, &more))?;
    }
    Ok(())
}

/// An object where its namespace is known anyway.
fn in_namespace(key: &kuberlock_model::ObjectKey) -> String {
    format!("{} {}", key.kind, key.name)
}
