//! Benchmarks: which checks answer which items, and which benchmark a release is held against.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use kuberlock_model::Release;
use kuberlock_model::layout::Layout;
use kuberlock_model::scan::ChosenBenchmark;
use serde::Deserialize;

use crate::parameter::Parameters;

mod generated {
    include!(concat!(env!("OUT_DIR"), "/benchmarks.rs"));
}

/// A benchmark: its items, each answered by checks.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Benchmark {
    /// Its name: `cis-1.12`.
    pub benchmark: String,
    /// Its full title.
    pub title: String,
    /// The layouts it was written for; none is every layout that no other benchmark claims.
    #[serde(default)]
    pub layouts: Vec<Layout>,
    /// The minors it was written for, oldest first: `1.32`.
    pub releases: Vec<String>,
    /// What it asks of checks otherwise than they would themselves: by check, then by parameter.
    #[serde(default)]
    pub parameters: BTreeMap<String, BTreeMap<String, String>>,
    /// The titles of its sections by number.
    pub sections: BTreeMap<String, String>,
    /// Its items in its own order.
    pub items: Vec<Item>,
}

/// One item of a benchmark.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// Its number: `1.2.1`.
    pub id: String,
    /// The profile: 1 or 2.
    pub level: u8,
    /// The checks that answer it; it holds where all of them pass.
    #[serde(default)]
    pub checks: Vec<String>,
    /// Why no check answers it, where none does.
    #[serde(default)]
    pub undecided: Option<String>,
    /// Where the item's text can be found, beside the benchmark itself.
    #[serde(default)]
    pub references: Vec<String>,
}

impl Benchmark {
    /// This benchmark as a scan names it.
    pub fn chosen(&self, why: String) -> ChosenBenchmark {
        let sections = self.sections.clone();
        ChosenBenchmark { name: self.benchmark.clone(), why, sections }
    }

    /// The parameters of checks that it sets, and over them what a user set.
    pub fn parameters(&self, user: &Parameters) -> Parameters {
        let mut parameters = Parameters::default();
        for (check, values) in &self.parameters {
            for (name, value) in values {
                // INVARIANT: each is declared; a test holds it.
                let _ = parameters.set(check, name, value);
            }
        }
        parameters.overlaid(user)
    }

    /// The newest release it was written for.
    fn newest(&self) -> Option<Release> {
        self.releases.iter().filter_map(|release| release.parse().ok()).max()
    }

    /// How many of its items a check answers.
    pub fn decided(&self) -> usize {
        self.items.iter().filter(|item| item.undecided.is_none()).count()
    }

    /// The items that the check `id` answers.
    pub fn items_of(&self, id: &str) -> Vec<String> {
        let of = self.items.iter().filter(|item| item.checks.iter().any(|check| check == id));
        of.map(|item| item.id.clone()).collect()
    }
}

/// Every benchmark of this build: those for every layout first, then by layout; each oldest first.
pub fn all() -> &'static [Benchmark] {
    static ALL: OnceLock<Vec<Benchmark>> = OnceLock::new();
    // INVARIANT: the texts are part of this crate, and a test parses each.
    #[expect(clippy::expect_used, reason = "see the invariant above")]
    ALL.get_or_init(|| {
        let parse = |(name, text): &(&str, &str)| {
            serde_saphyr::from_str(text).map_err(|e| format!("{name}: {e}"))
        };
        let mut all: Vec<Benchmark> = generated::TEXTS
            .iter()
            .map(parse)
            .collect::<Result<_, String>>()
            .expect("a benchmark of this build");
        all.sort_by_key(|benchmark| (benchmark.layouts.clone(), benchmark.newest()));
        all
    })
}

/// The items of every benchmark that the check `id` answers: `cis-1.12 1.2.1`.
pub fn items_of(id: &str) -> Vec<String> {
    let of = |benchmark: &Benchmark| {
        let items = benchmark.items_of(id).into_iter();
        items.map(|item| format!("{} {item}", benchmark.benchmark)).collect::<Vec<_>>()
    };
    all().iter().flat_map(of).collect()
}

/// The benchmark `name`.
pub fn find(name: &str) -> Option<&'static Benchmark> {
    all().iter().find(|b| b.benchmark == name)
}

/// The benchmark for a cluster of these layouts and this release, and why: of those written for a
/// layout of the cluster, else of those for every layout, the newest that names the release, else
/// the newest there is, said openly.
pub fn choose(
    layouts: &BTreeSet<Layout>,
    release: Option<&Release>,
) -> Option<(&'static Benchmark, ChosenBenchmark)> {
    let claimed = all().iter().filter(|b| b.layouts.iter().any(|layout| layouts.contains(layout)));
    let mut candidates: Vec<&Benchmark> = claimed.collect();
    if candidates.is_empty() {
        candidates = all().iter().filter(|b| b.layouts.is_empty()).collect();
    }
    let newest = *candidates.last()?;
    let (benchmark, why) = match release {
        None => (newest, "the newest there is, since no source tells the release".to_owned()),
        Some(release) => {
            let minor = release.minor();
            match candidates.iter().rev().find(|b| b.releases.contains(&minor)) {
                Some(benchmark) => (*benchmark, format!("written for {minor}")),
                None => {
                    (newest, format!("{}, the newest there is: none covers {minor}", span(newest)))
                }
            }
        }
    };
    let why = match benchmark.layouts.as_slice() {
        [] => why,
        layouts => {
            let words: Vec<&str> = layouts.iter().map(|layout| layout.word()).collect();
            format!("written for {}; {why}", words.join(" and "))
        }
    };
    Some((benchmark, benchmark.chosen(why)))
}

/// The releases that `benchmark` was written for, in words.
fn span(benchmark: &Benchmark) -> String {
    match (benchmark.releases.first(), benchmark.releases.last()) {
        (Some(first), Some(last)) if first == last => format!("written for {first}"),
        (Some(first), Some(last)) => format!("written for {first} to {last}"),
        _ => "written for no release".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mapped_check_exists() {
        for benchmark in all() {
            for item in &benchmark.items {
                let decided = !item.checks.is_empty();
                assert!(decided != item.undecided.is_some(), "{} has checks or a reason", item.id);
                for check in &item.checks {
                    assert!(crate::find(check).is_some(), "{} of {}", check, item.id);
                }
                let section = item.id.split('.').next().unwrap();
                assert!(benchmark.sections.contains_key(section), "{}", item.id);
            }
        }
    }

    #[test]
    fn every_parameter_that_a_benchmark_sets_is_declared() {
        for benchmark in all() {
            for (check, values) in &benchmark.parameters {
                for (name, value) in values {
                    Parameters::default().set(check, name, value).unwrap();
                }
            }
        }
        let eks = find("eks-1.8.0").unwrap();
        let mut user = Parameters::default();
        let of =
            |user: &Parameters| eks.parameters(user).get("kubelet-config-mode", "mode").to_owned();
        assert_eq!(of(&user), "644");
        user.set("kubelet-config-mode", "mode", "640").unwrap();
        assert_eq!(of(&user), "640");
    }

    /// What a machine can decide is decided, and what it cannot is said: at least 95 in 100 items of
    /// the benchmarks whose subject the sources reach.
    #[test]
    fn nearly_every_item_is_decided() {
        for name in ["cis-1.12", "cis-2.0.1", "rke2-cis-1.8"] {
            let benchmark = find(name).unwrap();
            let (decided, all) = (benchmark.decided(), benchmark.items.len());
            assert!(decided * 100 >= all * 95, "{name}: {decided} of {all}");
        }
    }

    #[test]
    fn a_release_gets_the_benchmark_written_for_it() {
        let why =
            |text: &str| choose(&BTreeSet::new(), Some(&text.parse().unwrap())).unwrap().1.why;
        assert_eq!(why("1.33.1"), "written for 1.33");
        assert!(why("1.37").contains("none covers 1.37"));
    }
}
