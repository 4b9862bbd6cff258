//! What a namespace may use, and what its containers get where they ask for nothing.

use std::collections::BTreeMap;
use std::str::FromStr;

use crate::object::Metadata;

/// A `v1` ResourceQuota.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceQuota {
    /// Metadata.
    pub metadata: Metadata,
    /// `spec.hard`: amounts by resource, as written.
    pub hard: BTreeMap<String, String>,
    /// Whether it counts only some of the namespace's pods (`scopes`, `scopeSelector`).
    pub scoped: bool,
}

/// A `v1` LimitRange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitRange {
    /// Metadata.
    pub metadata: Metadata,
    /// Its limits, in the order of the document.
    pub limits: Vec<Limit>,
}

/// One limit of a LimitRange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// What it limits: `Container`, `Pod` or `PersistentVolumeClaim`.
    pub of: String,
    /// The resources that it limits from above.
    pub max: Vec<String>,
    /// The resources for which it gives a limit to what asks for none.
    pub default: Vec<String>,
    /// The resources for which it gives a request to what asks for none.
    pub default_request: Vec<String>,
}

/// An amount as the API writes it: `250m`, `1.5Gi`, `1e3`. Never negative; held in thousandths,
/// rounded up, as the API server rounds.
///
/// ```
/// use kuberlock_model::limits::Quantity;
/// let read = |text: &str| text.parse::<Quantity>().ok().map(Quantity::thousandths);
/// assert_eq!(read("250m"), Some(250));
/// assert_eq!(read("1.5Ki"), Some(1_536_000));
/// assert_eq!(read("1e3"), Some(1_000_000));
/// assert_eq!(read("1n"), Some(1));
/// assert_eq!(read("1Gb"), None);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quantity(u128);

impl Quantity {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// In thousandths.
    pub fn thousandths(self) -> u128 {
        self.0
    }

    /// In whole units, rounded up.
    pub fn whole(self) -> u64 {
        u64::try_from(self.0.div_ceil(1000)).unwrap_or(u64::MAX)
    }
}

/// A text that is no amount.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no quantity: 250m, 1.5Gi, 1e3 …")]
pub struct NotAQuantity(pub String);

impl FromStr for Quantity {
    type Err = NotAQuantity;

    fn from_str(text: &str) -> Result<Self, NotAQuantity> {
        read(text).map(Self).ok_or_else(|| NotAQuantity(text.to_owned()))
    }
}

fn read(text: &str) -> Option<u128> {
    let text = text.strip_prefix('+').unwrap_or(text);
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, suffix) = text.split_at_checked(end)?;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if fraction.contains('.') || (whole.is_empty() && fraction.is_empty()) {
        return None;
    }
    // More digits than these change no amount that a machine has.
    let fraction = fraction.get(..fraction.len().min(9))?;
    let digits = format!("{whole}{fraction}");
    let digits = match digits.trim_start_matches('0') {
        "" => 0_u128,
        digits => digits.parse().unwrap_or(u128::MAX),
    };
    let (up, down) = scale(suffix)?;
    let down = 10_u128.pow(u32::try_from(fraction.len()).ok()?).checked_mul(down)?;
    Some(digits.saturating_mul(up).saturating_mul(1000).div_ceil(down))
}

/// What a suffix multiplies by, and what it divides by.
fn scale(suffix: &str) -> Option<(u128, u128)> {
    const SUFFIXES: [(&str, u128, u128); 16] = [
        ("", 1, 1),
        ("n", 1, 1_000_000_000),
        ("u", 1, 1_000_000),
        ("m", 1, 1000),
        ("k", 1000, 1),
        ("M", 1_000_000, 1),
        ("G", 1_000_000_000, 1),
        ("T", 1_000_000_000_000, 1),
        ("P", 1_000_000_000_000_000, 1),
        ("E", 1_000_000_000_000_000_000, 1),
        ("Ki", 1 << 10, 1),
        ("Mi", 1 << 20, 1),
        ("Gi", 1 << 30, 1),
        ("Ti", 1 << 40, 1),
        ("Pi", 1 << 50, 1),
        ("Ei", 1 << 60, 1),
    ];
    if let Some((_, up, down)) = SUFFIXES.into_iter().find(|(of, _, _)| *of == suffix) {
        return Some((up, down));
    }
    let exponent: i32 = suffix.strip_prefix(['e', 'E'])?.parse().ok()?;
    let power = |exponent: u32| 10_u128.checked_pow(exponent.min(21));
    match u32::try_from(exponent) {
        Ok(exponent) => Some((power(exponent)?, 1)),
        Err(_) => Some((1, power(exponent.unsigned_abs())?)),
    }
}
