//! The labels by which a namespace asks for a standard.

use std::collections::BTreeMap;

use crate::standard::{Level, Standard, Version};

const PREFIX: &str = "pod-security.kubernetes.io/";

/// What is done where a pod violates a standard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// It is refused.
    Enforce,
    /// It is noted in the audit log.
    Audit,
    /// Its author is told.
    Warn,
}

impl Mode {
    /// The label that holds the mode's level.
    pub fn level_label(self) -> String {
        format!("{PREFIX}{}", self.word())
    }

    /// The label that holds the mode's version.
    pub fn version_label(self) -> String {
        format!("{PREFIX}{}-version", self.word())
    }

    fn word(self) -> &'static str {
        match self {
            Self::Enforce => "enforce",
            Self::Audit => "audit",
            Self::Warn => "warn",
        }
    }
}

/// What a namespace asks for in one mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The standard that is held against its pods.
    pub standard: Standard,
    /// Whether a label of the namespace names the level; else it is the plugin's default.
    pub is_labelled: bool,
    /// Whether a label is there that the plugin cannot read: it then takes the strictest standard
    /// for enforcing, and none for the other modes.
    pub is_unreadable: bool,
}

/// What a namespace asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// What is refused.
    pub enforce: Setting,
    /// What is noted.
    pub audit: Setting,
    /// What is told.
    pub warn: Setting,
}

impl Policy {
    /// The plugin's own default: everything is allowed.
    pub const NONE: Standard = Standard { level: Level::Privileged, version: Version::Latest };

    /// What these labels of a namespace ask for, where the plugin's configuration sets no defaults.
    pub fn of(labels: &BTreeMap<String, String>) -> Self {
        let enforce = setting(labels, Mode::Enforce, Level::Restricted);
        let audit = setting(labels, Mode::Audit, Level::Privileged);
        let mut warn = setting(labels, Mode::Warn, Level::Privileged);
        let is_level = |label: &String| Level::find(label).is_some();
        let enforces = labels.get(&Mode::Enforce.level_label()).is_some_and(is_level);
        // Who enforces without a word about warning is warned of the same, on workloads too.
        if enforces && !warn.is_labelled && enforce.standard.level > warn.standard.level {
            warn.standard.level = enforce.standard.level;
            if !labels.contains_key(&Mode::Warn.version_label()) {
                warn.standard.version = enforce.standard.version;
            }
        }
        Self { enforce, audit, warn }
    }
}

fn setting(labels: &BTreeMap<String, String>, mode: Mode, unreadable: Level) -> Setting {
    let mut setting = Setting { standard: Policy::NONE, is_labelled: false, is_unreadable: false };
    if let Some(word) = labels.get(&mode.level_label()) {
        let level = Level::find(word);
        setting.is_labelled = true;
        setting.is_unreadable = level.is_none();
        setting.standard.level = level.unwrap_or(unreadable);
    }
    if let Some(word) = labels.get(&mode.version_label()) {
        let version = word.parse();
        setting.is_unreadable |= version.is_err();
        setting.standard.version = version.unwrap_or(Version::Latest);
    }
    setting
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(labels: &[(&str, &str)]) -> Policy {
        let label = |(key, value): &(&str, &str)| (format!("{PREFIX}{key}"), (*value).to_owned());
        Policy::of(&labels.iter().map(label).collect())
    }

    fn words(policy: Policy) -> [String; 3] {
        [policy.enforce, policy.audit, policy.warn].map(|setting| setting.standard.to_string())
    }

    #[test]
    fn labels_are_read_as_the_plugin_reads_them() {
        let none = "privileged:latest";
        assert_eq!(words(policy(&[])), [none; 3]);
        let enforce = policy(&[("enforce", "baseline"), ("enforce-version", "v1.30")]);
        assert_eq!(words(enforce), ["baseline:v1.30", none, "baseline:v1.30"]);
        let wrong = policy(&[("enforce", "Baseline"), ("audit", "x"), ("warn", "x")]);
        assert_eq!(words(wrong), ["restricted:latest", none, none]);
        assert!(wrong.enforce.is_unreadable && wrong.audit.is_unreadable);
        let own = policy(&[("enforce", "baseline"), ("warn-version", "v1.1")]);
        assert_eq!(words(own), ["baseline:latest", none, "baseline:v1.1"]);
        let asked = policy(&[("enforce", "baseline"), ("warn", "privileged")]);
        assert_eq!(words(asked), ["baseline:latest", none, none]);
        let version = policy(&[("enforce", "baseline"), ("enforce-version", "1.30")]);
        assert_eq!(words(version)[0], "baseline:latest");
        assert!(version.enforce.is_unreadable);
    }
}
