//! Releases of Kubernetes.

pub mod table;

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

/// A release of Kubernetes, `v1.37.2` or `v1.31.4-eks-2d5f260` or just `1.37`.
///
/// Releases compare by minor and patch; a distribution's suffix orders nothing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Release {
    /// `1`, ever.
    pub major: u32,
    /// The minor: 37.
    pub minor: u32,
    /// The patch, where known.
    pub patch: Option<u32>,
    /// What a distribution adds: `-eks-2d5f260`, `+rke2r1`; empty for upstream.
    pub suffix: String,
}

impl Release {
    /// `1.37`: what benchmarks and tables are kept by.
    pub fn minor(&self) -> String {
        format!("{}.{}", self.major, self.minor)
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)?;
        if let Some(patch) = self.patch {
            write!(f, ".{patch}")?;
        }
        f.write_str(&self.suffix)
    }
}

impl Serialize for Release {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A text that names no release.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no Kubernetes release such as 1.37 or v1.37.2")]
pub struct NotARelease(pub String);

impl FromStr for Release {
    type Err = NotARelease;

    fn from_str(text: &str) -> Result<Self, NotARelease> {
        parse(text).ok_or_else(|| NotARelease(text.chars().take(80).collect()))
    }
}

fn parse(text: &str) -> Option<Release> {
    let text = text.trim();
    let rest = text.strip_prefix('v').unwrap_or(text);
    let (major, rest) = number(rest)?;
    let (minor, rest) = number(rest.strip_prefix('.')?)?;
    let (patch, suffix) = match rest.strip_prefix('.') {
        Some(rest) => {
            let (patch, rest) = number(rest)?;
            (Some(patch), rest)
        }
        None => (None, rest),
    };
    let suffix_ok = suffix.is_empty()
        || (suffix.starts_with(['-', '+'])
            && suffix.bytes().all(|b| b.is_ascii_alphanumeric() || b"-+._".contains(&b)));
    suffix_ok.then(|| Release { major, minor, patch, suffix: suffix.to_owned() })
}

fn number(text: &str) -> Option<(u32, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at_checked(end)?;
    Some((digits.parse().ok()?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_read_in_the_forms_in_use() {
        for (text, shown) in [
            ("v1.37.2", "1.37.2"),
            ("1.37", "1.37"),
            ("v1.31.4-eks-2d5f260", "1.31.4-eks-2d5f260"),
            ("v1.30.1+rke2r1", "1.30.1+rke2r1"),
        ] {
            assert_eq!(text.parse::<Release>().unwrap().to_string(), shown);
        }
        for text in ["", "1", "v1.x", "1.2.3 4", "99999999999.1", "1.2<script>"] {
            assert!(text.parse::<Release>().is_err(), "{text}");
        }
    }
}
