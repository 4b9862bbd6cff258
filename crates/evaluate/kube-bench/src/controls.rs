//! A file of controls: groups of checks, each with its audits and the tests of what they print.
//!
//! Enters: the text of such a file, its variables replaced or not. Leaves: [`Controls`]. Always
//! holds: no check is lost; ids and values keep the text they were written with (`1.10`, `no`,
//! `0600`); what no field takes is told by its path.

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::{Error, scalar};

/// A file of controls.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Controls {
    /// Its number among the benchmark's files.
    #[serde(deserialize_with = "scalar::text")]
    pub id: String,
    /// The benchmark's name, as the file gives it.
    #[serde(deserialize_with = "scalar::text")]
    pub version: String,
    /// Its title.
    #[serde(deserialize_with = "scalar::text")]
    pub text: String,
    /// The target: `master`, `node`, …
    #[serde(rename = "type", deserialize_with = "scalar::text")]
    pub target: String,
    /// The heading, which holds nothing.
    #[serde(rename = "controls")]
    heading: IgnoredAny,
    /// Its groups.
    #[serde(deserialize_with = "scalar::list")]
    pub groups: Vec<Group>,
}

/// Checks under one number.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Group {
    /// Its number.
    #[serde(deserialize_with = "scalar::text")]
    pub id: String,
    /// Its title.
    #[serde(deserialize_with = "scalar::text")]
    pub text: String,
    /// `skip`, or nothing.
    #[serde(rename = "type", deserialize_with = "scalar::text")]
    pub kind: String,
    /// Its checks.
    #[serde(deserialize_with = "scalar::list")]
    pub checks: Vec<Check>,
}

/// One check.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Check {
    /// Its number.
    #[serde(deserialize_with = "scalar::text")]
    pub id: String,
    /// Its title.
    #[serde(deserialize_with = "scalar::text")]
    pub text: String,
    /// What is run for the command line.
    #[serde(deserialize_with = "scalar::text")]
    pub audit: String,
    /// What is run for the environment.
    #[serde(deserialize_with = "scalar::text")]
    pub audit_env: String,
    /// What is run for the configuration file.
    #[serde(deserialize_with = "scalar::text")]
    pub audit_config: String,
    /// `manual`, `skip`, or nothing.
    #[serde(rename = "type", deserialize_with = "scalar::text")]
    pub kind: String,
    /// The tests; none where the file has none.
    pub tests: Option<Tests>,
    /// What to do where it fails.
    #[serde(deserialize_with = "scalar::text")]
    pub remediation: String,
    /// Whether it can fail; one that is not scored warns.
    #[serde(deserialize_with = "scalar::truth")]
    pub scored: bool,
    /// Whether every line of the output has to pass.
    #[serde(deserialize_with = "scalar::truth")]
    pub use_multiple_values: bool,
    /// Whether `env` is not looked up where no `audit_env` is given.
    #[serde(rename = "disableenvtesting", deserialize_with = "scalar::truth")]
    pub disable_env_testing: bool,
}

/// What the outputs of a check's audits are tested for.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Tests {
    /// How the items come together: `and`, `or`, or nothing, which is `and`.
    #[serde(deserialize_with = "scalar::text")]
    pub bin_op: String,
    /// The items.
    #[serde(deserialize_with = "scalar::list")]
    pub test_items: Vec<TestItem>,
}

/// One test.
#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
pub struct TestItem {
    /// What to look for in the audit's output.
    #[serde(deserialize_with = "scalar::text")]
    pub flag: String,
    /// What to look for in the environment.
    #[serde(deserialize_with = "scalar::text")]
    pub env: String,
    /// What to look for in the configuration: a JSONPath of client-go.
    #[serde(deserialize_with = "scalar::text")]
    pub path: String,
    /// Whether it has to be there; if not, it must not be.
    #[serde(deserialize_with = "scalar::set")]
    pub set: bool,
    /// What its value has to be.
    #[serde(deserialize_with = "compare")]
    pub compare: Compare,
}

impl Default for TestItem {
    fn default() -> Self {
        Self {
            flag: String::new(),
            env: String::new(),
            path: String::new(),
            set: true,
            compare: Compare::default(),
        }
    }
}

/// A value, and how the one found has to stand to it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Compare {
    /// `eq`, `has`, `bitmask`, …
    #[serde(deserialize_with = "scalar::text")]
    pub op: String,
    /// The value, as it was written.
    #[serde(deserialize_with = "scalar::text")]
    pub value: String,
}

fn compare<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Compare, D::Error> {
    Ok(Option::<Compare>::deserialize(from)?.unwrap_or_default())
}

impl Controls {
    /// Reads the text of `file`, whose variables may have been replaced, as a file of `target`.
    ///
    /// # Errors
    /// Where it is no YAML, has another shape, or is of another type.
    pub fn of_target(file: &str, text: &str, target: &str) -> Result<Self, Error> {
        let read = Self::parse(file, text, &mut |_| {})?;
        if read.target == target {
            return Ok(read);
        }
        let (file, target) = (file.to_owned(), target.to_owned());
        Err(Error::Type { file, target, found: read.target })
    }

    /// Reads the text of `file`; `unknown` is told the path of each key that no field takes.
    ///
    /// # Errors
    /// Where it is no YAML, or has another shape.
    pub fn parse(file: &str, text: &str, unknown: &mut dyn FnMut(&str)) -> Result<Self, Error> {
        let options = crate::yaml_options();
        let mut read = None;
        serde_saphyr::with_deserializer_from_str_with_options(text, options, |from| {
            let mut tell = |path: serde_ignored::Path<'_>| match path.to_string().as_str() {
                "controls" => {}
                other => unknown(other),
            };
            read = Some(serde_ignored::deserialize::<_, _, Self>(from, &mut tell)?);
            Ok(())
        })
        .map_err(|error| Error::Syntax { file: file.to_owned(), reason: error.to_string() })?;
        Ok(read.unwrap_or_default())
    }

    /// The checks of all groups, in order.
    pub fn checks(&self) -> impl Iterator<Item = &Check> {
        self.groups.iter().flat_map(|group| &group.checks)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_keep_their_text() {
        let text = "controls:\nid: 1.10\ntype: node\ngroups:\n- id: 1.1\n  checks:\n  - id: 1.10\n    \
            scored: yes\n    tests:\n      test_items:\n      - flag: --a\n        set: off\n        \
            compare: {op: eq, value: no}\n      - {path: '{.a}', compare: {value: 0600}}\n        \n";
        let mut unknown = Vec::new();
        let file = Controls::parse("f", text, &mut |path| unknown.push(path.to_owned())).unwrap();
        let check = file.checks().next().unwrap();
        let items = &check.tests.as_ref().unwrap().test_items;
        assert_eq!((file.id.as_str(), check.id.as_str(), check.scored), ("1.10", "1.10", true));
        assert_eq!((items[0].set, items[0].compare.value.as_str()), (false, "no"));
        assert_eq!((items[1].set, items[1].compare.value.as_str()), (true, "0600"));
        assert!(unknown.is_empty());
        assert!(matches!(Controls::of_target("f", text, "master"), Err(Error::Type { .. })));
    }

    #[test]
    fn what_no_field_takes_is_told() {
        let text = "type: node\ngroups:\n- checks:\n  - tests:\n      scored: true\n";
        let mut unknown = Vec::new();
        Controls::parse("f", text, &mut |path| unknown.push(path.to_owned())).unwrap();
        assert_eq!(unknown, ["groups.?.0.checks.?.0.tests.?.scored"]);
    }
}
