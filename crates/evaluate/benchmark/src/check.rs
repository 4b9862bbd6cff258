//! What a check is: a severity, and one function from a typed input to an outcome.

use std::borrow::Cow;

use kuberlock_model::component::ComponentKind;
use kuberlock_model::host::File;
use kuberlock_model::{Evidence, Kind, Remedy, Severity, Subject, Verdict};

use crate::context::Context;
use crate::kubelet::Kubelet;
use crate::machine::Machine;
use crate::running::Running;

/// One question with a stable id.
#[derive(Debug)]
pub struct Check {
    /// How bad a failure is.
    pub severity: Severity,
    /// What is asked, of what.
    pub question: Question,
}

/// A question and the kind of subject it is asked of.
#[derive(Debug)]
pub enum Question {
    /// Asked of each instance of a component.
    Component(ComponentKind, fn(&Running<'_>) -> Outcome),
    /// Asked of the kubelet of each node.
    Kubelet(fn(&Kubelet<'_>) -> Outcome),
    /// Asked of files of each machine.
    Files {
        /// The paths to look at on a machine, whether or not they are there.
        paths: fn(&Machine<'_>) -> Vec<String>,
        /// Why there may be none, for the finding that says so.
        absent: &'static str,
        /// The question.
        ask: fn(&Machine<'_>, &File) -> Outcome,
    },
    /// Asked of each machine as a whole; gives findings on what it finds there.
    Host(fn(&Machine<'_>) -> Vec<(Subject, Outcome)>),
    /// Asked of objects.
    Objects {
        /// Kinds without which nothing can be said: what is missing of them would change verdicts.
        needs: &'static [Kind],
        /// Kinds that yield the subjects: what was seen of them can be judged.
        about: &'static [Kind],
        /// The question.
        ask: fn(&Context<'_>) -> Vec<(Subject, Outcome)>,
    },
}

/// What a check says of one subject.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The verdict.
    pub verdict: Verdict,
    /// Why, in one sentence.
    pub message: Cow<'static, str>,
    /// What it rests on.
    pub evidence: Vec<Evidence>,
    /// What to do, where there is something to do.
    pub remedy: Option<Box<Remedy>>,
}

impl Outcome {
    /// As it should be.
    pub fn pass(message: impl Into<Cow<'static, str>>) -> Self {
        Self::of(Verdict::Pass, message, None)
    }

    /// Not as it should be.
    pub fn fail(message: impl Into<Cow<'static, str>>, remedy: Remedy) -> Self {
        Self::of(Verdict::Fail, message, Some(Box::new(remedy)))
    }

    /// The question does not arise.
    pub fn not_applicable(message: impl Into<Cow<'static, str>>) -> Self {
        Self::of(Verdict::NotApplicable, message, None)
    }

    /// Not decided.
    pub fn unknown(message: impl Into<Cow<'static, str>>) -> Self {
        Self::of(Verdict::Unknown, message, None)
    }

    fn of(
        verdict: Verdict,
        message: impl Into<Cow<'static, str>>,
        remedy: Option<Box<Remedy>>,
    ) -> Self {
        Self { verdict, message: message.into(), evidence: Vec::new(), remedy }
    }

    /// The same, resting on `evidence` too.
    #[must_use]
    pub fn with(mut self, evidence: Evidence) -> Self {
        // Most outcomes rest on one fact, and there may be a million of them.
        self.evidence.reserve_exact(1);
        self.evidence.push(evidence);
        self
    }

    /// The same, resting on all of `evidence` too.
    #[must_use]
    pub fn with_all(mut self, evidence: impl IntoIterator<Item = Evidence>) -> Self {
        self.evidence.extend(evidence);
        self
    }
}
