//! Defects of kube-bench's files: what makes a check say less, or something else, than its author
//! meant.
//!
//! Enters: a file's text with its place, and the [`Config`] beside it. Leaves: [`Finding`]s, each
//! with the field at fault. Always holds: a file that cannot be read is a finding, not an error;
//! nothing of the audits is started.

mod audit;
mod check;
mod file;
mod rule;

use std::collections::BTreeSet;

use kuberlock_model::finding::{Evidence, Finding};
use kuberlock_model::{FieldPath, Origin, Remedy, Subject, Verdict};

use crate::benchmark::File;
use crate::config::Config;
use crate::controls::Controls;

pub use rule::{RULES, Rule};

/// The benchmark that a file belongs to.
#[derive(Clone, Copy, Debug)]
pub struct Benchmark<'a> {
    /// Its name: the folder's.
    pub name: &'a str,
    /// The configuration, its own merged over the global one.
    pub config: &'a Config,
}

/// The defects of one file; `benchmark` is None for a file that lies in no benchmark's folder.
pub fn lint(file: &File, benchmark: Option<Benchmark<'_>>) -> Vec<Finding> {
    let mut found = Found { file, findings: Vec::new() };
    let mut unknown = BTreeSet::new();
    let mut tell = |path: &str| _ = unknown.insert(path.to_owned());
    match Controls::parse(&file.path, &file.text, &mut tell) {
        Err(error) => {
            found.add(&rule::UNREADABLE, "the file", &FieldPath::root(), &error.to_string());
        }
        Ok(controls) => {
            file::keys(&controls, &unknown, &mut found);
            file::identity(&controls, benchmark, &mut found);
            file::ids(&controls, &mut found);
            for (at, group) in controls.groups.iter().enumerate() {
                for (index, one) in group.checks.iter().enumerate() {
                    let path = FieldPath::of("groups").index(at).key("checks").index(index);
                    let skipped = group.kind == "skip" || one.kind == "skip";
                    let place = Place { check: one, path, skipped };
                    check::defects(&place, &mut found);
                    audit::defects(&place, benchmark, &file.target, &mut found);
                }
            }
        }
    }
    found.findings
}

/// A check and where it stands.
struct Place<'a> {
    check: &'a crate::controls::Check,
    path: FieldPath,
    skipped: bool,
}

struct Found<'a> {
    file: &'a File,
    findings: Vec<Finding>,
}

impl Found<'_> {
    /// A defect of `entry`, at `field`; `message` says it of this one.
    fn add(&mut self, rule: &'static Rule, entry: &str, field: &FieldPath, message: &str) {
        let origin = Origin::whole(self.file.path.as_str());
        let subject = Subject::Entry { file: self.file.path.clone(), entry: entry.to_owned() };
        let known = |finding: &&mut Finding| {
            finding.check == rule.id && finding.subject == subject && finding.message == message
        };
        let evidence = Evidence::field(message, &origin, field.clone());
        if let Some(finding) = self.findings.iter_mut().find(known) {
            finding.evidence.push(evidence);
            return;
        }
        self.findings.push(Finding {
            check: rule.id,
            subject,
            severity: rule.severity,
            verdict: Verdict::Fail,
            message: message.to_owned().into(),
            evidence: vec![evidence],
            remedy: Some(Box::new(Remedy::Decision { question: rule.remedy.to_owned() })),
            waiver: None,
        });
    }

    fn of_check(&mut self, rule: &'static Rule, place: &Place<'_>, below: &str, message: &str) {
        let field = below.split('.').filter(|key| !key.is_empty());
        let path = field.fold(place.path.clone(), |path, key| match key.parse::<usize>() {
            Ok(index) => path.index(index),
            Err(_) => path.key(key),
        });
        self.add(rule, &place.check.id, &path, message);
    }
}
