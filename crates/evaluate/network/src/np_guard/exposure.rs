//! What workloads are exposed to that nobody has seen.
//!
//! A workload is exposed to the entire cluster by rules that mean everybody, and to pods that a rule
//! means by their labels where those differ from the entire cluster. Networks beside the one that all
//! pods share are not told apart.

use std::collections::BTreeMap;
use std::fmt;

use kuberlock_model::Cluster;
use kuberlock_model::network::Direction;

use super::connection::Ports;
use super::connections::Ends;
use super::line::{Line, row};
use super::networks::Networks;
use super::peer::{Peer, Pod, pods, workloads};
use super::policies::{Policies, representatives};

/// What np-guard tells of exposure.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exposure {
    /// Every connection, as without exposure.
    pub connections: Vec<Line>,
    /// From whom to what is unseen, or outside.
    pub egress: Vec<Line>,
    /// To whom from what is unseen, or outside; by destination.
    pub ingress: Vec<Line>,
    /// Workloads that no policy is about in a direction.
    pub unprotected: Vec<(String, Direction)>,
}

/// What workloads are exposed to.
pub fn exposure(cluster: &Cluster) -> Exposure {
    let all = pods(cluster);
    let unseen = representatives(cluster, &all).into_iter().map(Peer::Representative).collect();
    let ends = Ends::of(cluster, workloads(&all), unseen);
    let policies = Policies::new(cluster, &ends.peers);
    let mut connections = ends.lines(cluster, &policies, &Networks::default());
    connections.sort();
    let mut found = Exposure::default();
    let outside = Outside::of(&connections);
    for at in 0..ends.workloads {
        let Some(Peer::Pod(pod)) = ends.peers.get(at) else { continue };
        let told = Direction::BOTH.map(|d| (d, told(&ends, &policies, at, pod, d)));
        if told.iter().any(|(_, told)| told.is_some()) {
            found.take_in(pod, told, &outside);
        }
    }
    found.egress.sort();
    found.ingress.sort_by(|a, b| (&a.dst, &a.src).cmp(&(&b.dst, &b.src)));
    // As np-guard sorts them: by what is written.
    found.unprotected.sort_by_key(unprotected);
    found.connections = connections;
    found
}

/// What is told of a workload in one direction; `None` is nothing.
fn told(ends: &Ends, policies: &Policies<'_>, at: usize, pod: &Pod, d: Direction) -> Option<Told> {
    if !policies.protect(at, d) {
        return Some(Told::Unprotected);
    }
    let cluster = policies.with_cluster(at, pod, d);
    let mut parts = Vec::new();
    for (other, peer) in ends.peers.iter().enumerate() {
        let Peer::Representative(unseen) = peer else { continue };
        let through = match d {
            Direction::Egress => ends.between(policies, at, other),
            Direction::Ingress => ends.between(policies, other, at),
        };
        // Nothing is an exception where the rest of the cluster gets through.
        if through != cluster {
            parts.push((unseen.written(), through));
        }
    }
    if !cluster.is_empty() {
        parts.push(("entire-cluster".to_owned(), cluster));
    }
    (!parts.is_empty()).then_some(Told::Exposed(parts))
}

enum Told {
    /// No policy is about it.
    Unprotected,
    /// To whom it is exposed.
    Exposed(Vec<(String, Ports)>),
}

/// The lines with addresses outside, by workload.
struct Outside<'l> {
    from: BTreeMap<&'l str, Vec<&'l Line>>,
    to: BTreeMap<&'l str, Vec<&'l Line>>,
}

impl Exposure {
    fn take_in(&mut self, pod: &Pod, told: [(Direction, Option<Told>); 2], outside: &Outside) {
        for (d, told) in told {
            let own = pod.written();
            let parts = match told {
                None => Vec::new(),
                Some(Told::Exposed(parts)) => parts,
                Some(Told::Unprotected) => {
                    self.unprotected.push((own.clone(), d));
                    vec![("entire-cluster".to_owned(), Ports::all())]
                }
            };
            let (lines, of_outside) = match d {
                Direction::Egress => (&mut self.egress, outside.to.get(own.as_str())),
                Direction::Ingress => (&mut self.ingress, outside.from.get(own.as_str())),
            };
            lines.extend(of_outside.into_iter().flatten().map(|line| Line::clone(line)));
            lines.extend(parts.into_iter().map(|(other, ports)| {
                let (src, dst) = match d {
                    Direction::Egress => (own.clone(), other),
                    Direction::Ingress => (other, own.clone()),
                };
                Line { src, dst, network: None, conn: ports.to_string() }
            }));
        }
    }

    /// As comma-separated values, in sections as np-guard has them.
    pub fn csv(&self) -> String {
        let mut text = row(["src", "dst", "conn"]);
        let forth = |line: &Line| row([line.src.as_str(), &line.dst, &line.conn]);
        let back = |line: &Line| row([line.dst.as_str(), &line.src, &line.conn]);
        text.extend(self.connections.iter().map(forth));
        text.push_str(&row([TITLE, "", ""]));
        if !self.egress.is_empty() {
            text.push_str(&row([EGRESS, "", ""]));
            text.push_str(&row(["src", "dst", "conn"]));
            text.extend(self.egress.iter().map(forth));
        }
        if !self.ingress.is_empty() {
            text.push_str(&row([INGRESS, "", ""]));
            text.push_str(&row(["dst", "src", "conn"]));
            text.extend(self.ingress.iter().map(back));
        }
        text
    }

    /// The workloads that sections are about, of which the longest makes the column.
    fn width(&self) -> usize {
        let egress = self.egress.iter().map(|line| line.src.len());
        egress.chain(self.ingress.iter().map(|line| line.dst.len())).max().unwrap_or_default()
    }
}

impl<'l> Outside<'l> {
    fn of(lines: &'l [Line]) -> Self {
        let mut found = Self { from: BTreeMap::new(), to: BTreeMap::new() };
        for line in lines {
            if line.src.ends_with("[External]") {
                found.from.entry(line.dst.as_str()).or_default().push(line);
            }
            if line.dst.ends_with("[External]") {
                found.to.entry(line.src.as_str()).or_default().push(line);
            }
        }
        found
    }
}

/// As text, in sections as np-guard has them.
impl fmt::Display for Exposure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.connections.iter().try_for_each(|line| writeln!(f, "{line}"))?;
        if !self.connections.is_empty() {
            f.write_str("\n")?;
        }
        writeln!(f, "{TITLE}")?;
        let width = self.width();
        if !self.egress.is_empty() {
            writeln!(f, "{EGRESS}")?;
        }
        for line in &self.egress {
            writeln!(f, "{:width$} \t=> \t{} : {}", line.src, line.dst, line.conn)?;
        }
        if !self.ingress.is_empty() {
            let gap = if self.egress.is_empty() { "" } else { "\n" };
            writeln!(f, "{gap}{INGRESS}")?;
        }
        for line in &self.ingress {
            writeln!(f, "{:width$} \t<= \t{} : {}", line.dst, line.src, line.conn)?;
        }
        if !self.unprotected.is_empty() {
            f.write_str("\nWorkloads not protected by network policies:\n")?;
        }
        self.unprotected.iter().try_for_each(|one| writeln!(f, "{}", unprotected(one)))
    }
}

fn unprotected((workload, direction): &(String, Direction)) -> String {
    let word = match direction {
        Direction::Ingress => "Ingress",
        Direction::Egress => "Egress",
    };
    format!("{workload} is not protected on {word}")
}

const TITLE: &str = "Exposure Analysis Result:";
const EGRESS: &str = "Egress Exposure:";
const INGRESS: &str = "Ingress Exposure:";
