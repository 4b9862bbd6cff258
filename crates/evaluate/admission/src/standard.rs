//! Levels and versions of the standards.

use std::fmt;
use std::str::FromStr;

use kuberlock_model::Release;

/// The newest minor whose controls are known here: 37 for v1.37.
pub const NEWEST: u32 = 37;

/// How much is forbidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Nothing.
    Privileged,
    /// What gives the node away.
    Baseline,
    /// All that a hardened workload can do without.
    Restricted,
}

impl Level {
    /// Every level, mildest first.
    pub const ALL: [Self; 3] = [Self::Privileged, Self::Baseline, Self::Restricted];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Privileged => "privileged",
            Self::Baseline => "baseline",
            Self::Restricted => "restricted",
        }
    }

    /// The level of this word.
    pub fn find(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.word() == word)
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A version of the standards, named after the release that brought it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// `v1.N`
    Minor(u32),
    /// The newest that the API server knows.
    Latest,
}

impl Version {
    /// The version as the API server of `release` reads it: none is newer than the server itself.
    #[must_use]
    pub fn at(self, release: &Release) -> Self {
        let own = release.minor();
        let own = own.split_once('.').and_then(|(_, minor)| minor.parse().ok()).unwrap_or(NEWEST);
        Self::Minor(self.minor().min(own))
    }

    /// The minor whose controls are meant.
    pub(crate) fn minor(self) -> u32 {
        match self {
            Self::Minor(minor) => minor.min(NEWEST),
            Self::Latest => NEWEST,
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Minor(minor) => write!(f, "v1.{minor}"),
            Self::Latest => f.write_str("latest"),
        }
    }
}

/// A text that names no version.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no version of the Pod Security Standards: latest, v1.25, v1.37 …")]
pub struct NotAVersion(pub String);

impl FromStr for Version {
    type Err = NotAVersion;

    fn from_str(text: &str) -> Result<Self, NotAVersion> {
        if text == "latest" {
            return Ok(Self::Latest);
        }
        let minor = text.strip_prefix("v1.").filter(|digits| {
            let is_plain = *digits == "0" || !digits.starts_with('0');
            is_plain && !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
        });
        // The plugin reads it as a signed word.
        let minor = minor.and_then(|digits| digits.parse::<i64>().ok());
        let minor = minor.ok_or_else(|| NotAVersion(text.to_owned()))?;
        Ok(Self::Minor(u32::try_from(minor).unwrap_or(u32::MAX)))
    }
}

/// A level at a version: `baseline:v1.37`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Standard {
    /// How much is forbidden.
    pub level: Level,
    /// As of which release.
    pub version: Version,
}

impl fmt::Display for Standard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.level, self.version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_the_plugin_reads_them() {
        let read = |text: &str| text.parse::<Version>().ok();
        assert_eq!(read("latest"), Some(Version::Latest));
        assert_eq!(read("v1.0"), Some(Version::Minor(0)));
        assert_eq!(read("v1.37"), Some(Version::Minor(37)));
        for wrong in ["", "v1.", "v1.01", "1.25", "v2.0", "v1.25.1", "V1.25", "v1.+5", "Latest"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_server_knows_nothing_newer_than_itself() {
        let release = "1.33.2".parse().unwrap();
        assert_eq!(Version::Latest.at(&release), Version::Minor(33));
        assert_eq!(Version::Minor(36).at(&release), Version::Minor(33));
        assert_eq!(Version::Minor(25).at(&release), Version::Minor(25));
    }
}
