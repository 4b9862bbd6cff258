//! One test: what it looks for, and how that compares.

use std::collections::HashMap;

use regex::{Regex, RegexBuilder};

use crate::controls::TestItem;
use crate::jsonpath::Document;

/// Which of a check's outputs is tested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Command,
    Config,
    Environment,
}

/// What a test comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tested {
    pub(crate) holds: bool,
    pub(crate) found: bool,
    pub(crate) actual: String,
    pub(crate) expected: String,
}

/// Why a test cannot be made: kube-bench itself would end here.
pub(crate) type Unusable = String;

impl TestItem {
    /// Tests `output`, each line of it where `lines`.
    pub(crate) fn test(
        &self,
        output: &str,
        source: Source,
        lines: bool,
        documents: &mut Documents,
    ) -> Result<Tested, Unusable> {
        let output = output.trim_end_matches([' ', '\n']);
        let parts: Vec<&str> = if lines { output.split('\n').collect() } else { vec![output] };
        let mut tested = Tested::default();
        for part in parts {
            tested = self.one(part, source, documents)?;
            if !tested.holds {
                break;
            }
        }
        tested.actual = output.to_owned();
        Ok(tested)
    }

    fn one(
        &self,
        text: &str,
        source: Source,
        documents: &mut Documents,
    ) -> Result<Tested, Unusable> {
        let name = match source {
            Source::Command => &self.flag,
            Source::Config => &self.path,
            Source::Environment => &self.env,
        };
        let value = match source {
            Source::Command => self.flag_value(text)?,
            Source::Environment => self.variable_value(text)?,
            Source::Config => match documents.value(&self.path, text) {
                Ok(value) => value,
                // Told on standard error by kube-bench; the test is then not held.
                Err(_) => return Ok(Tested::default()),
            },
        };
        let found = value.is_some();
        let (holds, expected) = match (self.set, value) {
            (true, Some(value)) if !self.compare.op.is_empty() => {
                compare(&self.compare.op, &value, &self.compare.value, name)?
            }
            (true, value) => (value.is_some(), format!("'{name}' is present")),
            (false, value) => (value.is_none(), format!("'{name}' is not present")),
        };
        Ok(Tested { holds, found, actual: String::new(), expected })
    }

    fn flag_value(&self, text: &str) -> Result<Option<String>, Unusable> {
        if self.flag.is_empty() || !text.contains(&self.flag) {
            return Ok(None);
        }
        if self.flag.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_/:=,%".contains(&b)) {
            return Ok(text.split_once(&self.flag).map(|(_, rest)| behind(&self.flag, rest)));
        }
        let pattern = expression(&format!(r"({})(=|: *)*([^\t\n\f\r ]*) *", self.flag))?;
        let Some(found) = pattern.captures(text) else {
            return Err(format!("the flag `{}` is no expression that finds itself", self.flag));
        };
        // What the flag itself groups would be counted; kube-bench's groups come by number too.
        let group = |number: usize| found.get(number).map_or("", |group| group.as_str());
        Ok(Some(match group(3) {
            "" if self.flag.starts_with("--") => "true".to_owned(),
            "" => group(1).to_owned(),
            value => value.to_owned(),
        }))
    }

    fn variable_value(&self, text: &str) -> Result<Option<String>, Unusable> {
        if text.is_empty() || self.env.is_empty() {
            return Ok(None);
        }
        let pattern = expression(&format!(r"{}=.*(?:$|\n)", self.env))?;
        let found = pattern.find(text).map_or("", |found| found.as_str());
        let value = found.replacen('\n', "", 1).replacen(&format!("{}=", self.env), "", 1);
        Ok(Some(value).filter(|value| !value.is_empty()))
    }
}

/// The value behind a flag that is no expression: what the expression for it would find.
fn behind(flag: &str, rest: &str) -> String {
    let mut rest = rest;
    while let Some(cut) = rest
        .strip_prefix('=')
        .or_else(|| rest.strip_prefix(':').map(|rest| rest.trim_start_matches(' ')))
    {
        rest = cut;
    }
    match rest.split(['\t', '\n', '\u{c}', '\r', ' ']).next().unwrap_or_default() {
        "" if flag.starts_with("--") => "true".to_owned(),
        "" => flag.to_owned(),
        value => value.to_owned(),
    }
}

fn expression(pattern: &str) -> Result<Regex, Unusable> {
    RegexBuilder::new(pattern)
        .size_limit(4 << 20)
        .build()
        .map_err(|_| format!("`{pattern}` is no expression"))
}

/// Documents by their text, each read once: many tests look into one file.
#[derive(Debug, Default)]
pub(crate) struct Documents {
    read: HashMap<String, Result<Document, String>>,
}

impl Documents {
    fn value(&mut self, path: &str, text: &str) -> Result<Option<String>, String> {
        if !self.read.contains_key(text) {
            self.read.insert(text.to_owned(), Document::read(text));
        }
        let Some(Ok(document)) = self.read.get(text) else {
            return Err("is no document".to_owned());
        };
        let value = document.print(path)?;
        Ok(Some(value).filter(|value| !value.is_empty()))
    }
}

/// Whether the value found stands to the one wanted as `op` says; and what was expected.
fn compare(op: &str, found: &str, wanted: &str, name: &str) -> Result<(bool, String), Unusable> {
    Ok(match op {
        "eq" => (same(found, wanted), format!("'{name}' is equal to '{wanted}'")),
        "noteq" => (!same(found, wanted), format!("'{name}' is not equal to '{wanted}'")),
        "gt" | "gte" | "lt" | "lte" => numeric(op, found, wanted, name),
        "has" => (found.contains(wanted), format!("'{name}' has '{wanted}'")),
        "nothave" => (!found.contains(wanted), format!("'{name}' does not have '{wanted}'")),
        "regex" => {
            let holds = expression(wanted)?.is_match(found);
            (holds, format!("'{name}' matched by regex expression '{wanted}'"))
        }
        "valid_elements" => (
            all_of(&elements(found), &elements(wanted)),
            format!("'{name}' contains valid elements from '{wanted}'"),
        ),
        "bitmask" => bitmask(found, wanted, name),
        _ => (false, String::new()),
    })
}

fn same(found: &str, wanted: &str) -> bool {
    let folded = found.to_lowercase();
    match folded.as_str() {
        "true" | "false" => folded == wanted,
        _ => found == wanted,
    }
}

fn numeric(op: &str, found: &str, wanted: &str, name: &str) -> (bool, String) {
    let number = |text: &str| text.trim().parse::<i64>().ok();
    let (Some(left), Some(right)) = (number(found), number(wanted)) else {
        return (false, format!("Invalid Number(s) used for comparison: '{found}' '{wanted}'"));
    };
    let (holds, words) = match op {
        "gt" => (left > right, "greater than"),
        "gte" => (left >= right, "greater or equal to"),
        "lt" => (left < right, "lower than"),
        _ => (left <= right, "lower or equal to"),
    };
    (holds, format!("'{name}' is {words} {wanted}"))
}

fn bitmask(found: &str, wanted: &str, name: &str) -> (bool, String) {
    let number = |text: &str| {
        i64::from_str_radix(text, 8).map_err(|_| format!("Not numeric value - flag: {text}"))
    };
    match (number(found), number(wanted)) {
        (Err(message), _) | (_, Err(message)) => (false, message),
        (Ok(found_bits), Ok(most)) => (
            most & found_bits == found_bits,
            format!("{name} has permissions {found}, expected {wanted} or more restrictive"),
        ),
    }
}

fn elements(text: &str) -> Vec<&str> {
    let text = text.trim().trim_end_matches(',');
    if text.is_empty() {
        return Vec::new();
    }
    text.split(',').map(str::trim).collect()
}

fn all_of(some: &[&str], valid: &[&str]) -> bool {
    match (some.is_empty(), valid.is_empty()) {
        (true, true) => true,
        (true, false) | (false, true) => false,
        _ => some.iter().all(|one| valid.contains(one)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::controls::Compare;

    fn item(flag: &str, op: &str, value: &str) -> TestItem {
        let compare = Compare { op: op.to_owned(), value: value.to_owned() };
        TestItem { flag: flag.to_owned(), compare, ..TestItem::default() }
    }

    #[test]
    fn each_operation_holds_as_kube_bench_has_it() {
        for (op, found, wanted, holds) in [
            ("eq", "TRUE", "true", true),
            ("eq", "a", "A", false),
            ("noteq", "False", "false", false),
            ("gt", " 10 ", "9", true),
            ("gte", "x", "9", false),
            ("lte", "9", "9", true),
            ("has", "Node,RBAC", "RBAC", true),
            ("nothave", "AlwaysAllow", "AlwaysAllow", false),
            ("regex", "abc", "^a.c$", true),
            ("valid_elements", "A,B,", "A,B,C", true),
            ("valid_elements", "", "A", false),
            ("bitmask", "600", "644", true),
            ("bitmask", "755", "644", false),
            ("bitmask", "root", "644", false),
            ("noteqx", "a", "b", false),
        ] {
            assert_eq!(compare(op, found, wanted, "f").unwrap().0, holds, "{op} {found} {wanted}");
        }
    }

    #[test]
    fn a_flag_has_the_value_behind_it() {
        for (flag, text, value) in [
            ("--a", "x --a=1 --b", Some("1")),
            ("--a", "x --a", Some("true")),
            ("root:root", "root:root\n", Some("root:root")),
            ("mode", "mode: Webhook", Some("Webhook")),
            ("a.c", "abc=1 2", None),
            ("a.c", "a.c: 1 2", Some("1")),
            ("--a", "--a=:  x", Some("x")),
            ("a", "a  b", Some("a")),
            ("--c", "x --a", None),
            ("", "x", None),
        ] {
            let found = item(flag, "", "").flag_value(text).unwrap();
            assert_eq!(found.as_deref(), value, "{flag} {text}");
        }
        assert!(item("(", "", "").flag_value("(").is_err());
    }

    #[test]
    fn every_line_has_to_hold_where_asked() {
        let modes = item("permissions", "bitmask", "600");
        let text = "permissions=600\npermissions=644\n";
        assert!(modes.test(text, Source::Command, false, &mut Documents::default()).unwrap().holds);
        let each = modes.test(text, Source::Command, true, &mut Documents::default()).unwrap();
        assert!(!each.holds);
        assert_eq!(
            each.expected,
            "permissions has permissions 644, expected 600 or more restrictive"
        );
        assert_eq!(each.actual, text.trim_end());
    }

    #[test]
    fn paths_are_looked_up_in_json_and_yaml() {
        for (path, text, value) in [
            ("{.a.b}", "a: {b: no}", Some("false")),
            ("{.a.b}", r#"{"a":{"b":1000000}}"#, Some("1e+06")),
            ("{.a}", "a: [x, y]", Some(r#"["x",true]"#)),
            ("{range .a[:]}{}{','}{end}", "a: [x, z]", Some("x,z,")),
            ("{range .none[:]}{}{','}{end}", "a: 1", None),
            ("{.a[?(@.n==\"x\")].v}", "a: [{n: x, v: 7}, {n: q, v: 8}]", Some("7")),
            ("{..v}", "a: [{v: 7}, {v: 8}]", Some("7 8")),
            ("{.a['b','c']}", "a: {b: 1, c: 2}", Some("1 2")),
            (".literal", "a: 1", Some(".literal")),
            ("{.x}", "[Service]\nEnvironment=\"A=--b\"\n", None),
        ] {
            assert_eq!(
                Documents::default().value(path, text).unwrap().as_deref(),
                value,
                "{path} {text}"
            );
        }
        assert!(Documents::default().value("{.a", "a: 1").is_err());
        assert!(Documents::default().value("{.a}", "a: {b: 1}").is_err());
    }

    #[test]
    fn a_variable_ends_with_its_line() {
        let item = TestItem { env: "ETCD_CERT_FILE".to_owned(), ..TestItem::default() };
        let text = "A=1\nETCD_CERT_FILE=/e c\nB=2";
        assert_eq!(item.variable_value(text).unwrap().as_deref(), Some("/e c"));
    }
}
