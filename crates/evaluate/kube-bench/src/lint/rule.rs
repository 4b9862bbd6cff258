//! What is looked for.

use kuberlock_model::Severity;

/// A class of defects.
#[derive(Debug)]
pub struct Rule {
    /// Its id.
    pub id: &'static str,
    /// What is wrong, one line.
    pub title: &'static str,
    /// How bad it is: high where a check cannot say what it should.
    pub severity: Severity,
    /// What to decide.
    pub remedy: &'static str,
}

macro_rules! rules {
    ($($name:ident: $id:literal, $severity:ident, $title:literal, $remedy:literal;)+) => {
        $(pub(super) static $name: Rule = Rule {
            id: $id,
            title: $title,
            severity: Severity::$severity,
            remedy: $remedy,
        };)+

        /// Every class of defects.
        pub static RULES: &[&Rule] = &[$(&$name),+];
    };
}

rules! {
    UNREADABLE: "kube-bench-unreadable", High,
        "The file cannot be read as kube-bench's",
        "what was meant?";
    UNKNOWN_KEY: "kube-bench-unknown-key", Low,
        "A key that kube-bench does not know is ignored",
        "is the key a slip of the pen, or can it go?";
    MISPLACED_KEY: "kube-bench-misplaced-key", Medium,
        "A key of the check stands inside of its tests, where it is ignored",
        "move the key out of `tests`?";
    UNKNOWN_OPERATOR: "kube-bench-unknown-operator", High,
        "An operator that kube-bench does not know is never fulfilled",
        "which operator was meant?";
    UNKNOWN_JOIN: "kube-bench-unknown-join", High,
        "A `bin_op` that is neither `and` nor `or` fails the check",
        "is it `and` or `or`?";
    NEVER_PASSES: "kube-bench-never-passes", High,
        "The check can never pass",
        "what should it test?";
    PATH_UNREAD: "kube-bench-path-unread", Medium,
        "A `path` without `audit_config` is never read",
        "add `audit_config`, or drop the path?";
    IGNORED_COMPARE: "kube-bench-ignored-compare", Low,
        "A comparison beside `set: false` is ignored",
        "must the flag be absent, or have another value?";
    BAD_REGEX: "kube-bench-bad-regex", High,
        "A regular expression that does not compile",
        "what was it to match?";
    FLAG_AS_REGEX: "kube-bench-flag-as-regex", Low,
        "A flag is used as a regular expression, and has characters that mean more there",
        "should the characters be escaped?";
    DUPLICATE_ID: "kube-bench-duplicate-id", Medium,
        "Two checks have one id",
        "which of them keeps it?";
    AMBIGUOUS_ID: "kube-bench-ambiguous-id", Low,
        "Two ids are one number to a reader that takes them for numbers",
        "should the ids be quoted?";
    VERSION: "kube-bench-version", Low,
        "The file's version is not the name of its folder",
        "which is right?";
    TARGET: "kube-bench-type", High,
        "The file's type is not its name: kube-bench refuses it",
        "which is right?";
    UNKNOWN_VARIABLE: "kube-bench-unknown-variable", Medium,
        "A variable that no component of the target sets reaches the shell, where it is empty",
        "which component was meant?";
    UNKNOWN_FLAG: "kube-bench-unknown-flag", Medium,
        "A flag is looked for that the benchmark's releases do not have",
        "is the check still of use?";
    BASHISM: "kube-bench-bashism", Medium,
        "The audit uses what only bash knows, and `/bin/sh` runs it",
        "can it be said as POSIX has it?";
    BEYOND: "kube-bench-not-native", Low,
        "The audit needs a real shell: --allow-shell",
        "is the command needed?";
}
