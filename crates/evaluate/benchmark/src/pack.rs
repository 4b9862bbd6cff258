//! Packs: checks that belong together and that no benchmark orders.

use std::sync::OnceLock;

use serde::Deserialize;

/// Checks under one name.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pack {
    /// Its name: `host`.
    pub pack: String,
    /// What it is about, in one line.
    pub title: String,
    /// Whether it is asked only where it is named: by `--pack`, or by a command of its own.
    #[serde(default)]
    pub named: bool,
    /// The ids of its checks.
    pub checks: Vec<String>,
}

mod generated {
    include!(concat!(env!("OUT_DIR"), "/packs.rs"));
}

/// Every pack of this build, by name.
pub fn all() -> &'static [Pack] {
    static ALL: OnceLock<Vec<Pack>> = OnceLock::new();
    // INVARIANT: the texts are part of this crate, and a test parses each.
    #[expect(clippy::expect_used, reason = "see the invariant above")]
    ALL.get_or_init(|| {
        let parse = |(name, text): &(&str, &str)| {
            serde_saphyr::from_str(text).map_err(|e| format!("{name}: {e}"))
        };
        generated::TEXTS
            .iter()
            .map(parse)
            .collect::<Result<_, String>>()
            .expect("a pack of this build")
    })
}

/// The pack `name`.
pub fn find(name: &str) -> Option<&'static Pack> {
    all().iter().find(|pack| pack.pack == name)
}

/// Whether a pack that need not be named holds the check `id`.
pub fn is_asked(id: &str) -> bool {
    all().iter().any(|pack| !pack.named && pack.checks.iter().any(|check| check == id))
}

/// The packs that hold the check `id`.
pub fn packs_of(id: &str) -> Vec<&'static str> {
    let holds = |pack: &&Pack| pack.checks.iter().any(|check| check == id);
    all().iter().filter(holds).map(|pack| pack.pack.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_check_of_a_pack_exists() {
        for pack in all() {
            for check in &pack.checks {
                assert!(crate::find(check).is_some(), "{check} of {}", pack.pack);
            }
        }
    }

    #[test]
    fn every_check_is_in_a_benchmark_or_a_pack() {
        for check in crate::registry() {
            let placed =
                !crate::benchmark::items_of(check.id).is_empty() || !packs_of(check.id).is_empty();
            assert!(placed, "{}", check.id);
        }
    }
}
