//! Numbers that look random and come again with the same seed (SplitMix64).

/// A stream of choices.
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    /// The stream of the seed in `KUBERLOCK_SEED`, else of 1; told, so that a failure can be had
    /// again.
    pub fn seeded() -> (Self, u64) {
        let seed = std::env::var("KUBERLOCK_SEED").ok().and_then(|text| text.parse().ok());
        let seed = seed.unwrap_or(1);
        (Self(seed), seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`; 0 where there is none.
    pub fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.next() % end).unwrap_or(0)
    }

    /// Whether something happens that does so once in `times`.
    pub fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// One of several; None of none.
    pub fn one<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        of.get(self.below(of.len()))
    }

    /// One word of several.
    pub fn word(&mut self, of: &[&str]) -> String {
        self.one(of).map(|word| (*word).to_owned()).unwrap_or_default()
    }

    /// From one to `most` words, each once.
    pub fn words(&mut self, of: &[&str], most: usize) -> Vec<String> {
        let mut words: Vec<String> = (0..=self.below(most)).map(|_| self.word(of)).collect();
        words.sort();
        words.dedup();
        words
    }
}
