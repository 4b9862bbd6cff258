//! What a node's system does beside Kubernetes, as the checks of the pack `host` ask for it.

use kuberlock_model::coverage::Reach;
use kuberlock_model::host::File;
use kuberlock_model::system::{
    AuthorizedKeys, Daemon, Group, Listener, SudoRule, Swap, SystemFact,
};
use kuberlock_model::{Evidence, FieldPath, Origin, Remedy, Subject};

use crate::check::Outcome;
use crate::machine::Machine;

macro_rules! facts {
    ($($(#[$doc:meta])* $name:ident: $variant:ident;)+) => {
        impl<'a> Machine<'a> {
            $($(#[$doc])*
            pub(crate) fn $name(&self) -> impl Iterator<Item = &'a $variant> {
                self.host.system.iter().filter_map(|fact| match fact {
                    SystemFact::$variant(fact) => Some(fact),
                    _ => None,
                })
            })+
        }
    };
}

facts! {
    /// Who listens.
    listeners: Listener;
    /// What may be written to disk of the memory.
    swaps: Swap;
    /// The groups with members.
    groups: Group;
    /// Who may log in with a key.
    authorized_keys: AuthorizedKeys;
    /// Who may become another.
    sudo_rules: SudoRule;
    /// What keeps time.
    daemons: Daemon;
}

impl Machine<'_> {
    /// Whether the machine was seen running, and not only its files.
    pub(crate) fn runs(&self) -> bool {
        self.host.processes.iter().any(|process| process.pid.is_some())
    }

    /// The answer where no program was seen to listen to the network.
    pub(crate) fn nothing_listens(&self) -> Option<Outcome> {
        if !self.runs() {
            return Some(Outcome::unknown("the machine was not seen running"));
        }
        let listens = self.listeners().any(Listener::is_exposed);
        (!listens).then(|| Outcome::not_applicable("nothing listens to the network"))
    }

    /// The node itself.
    pub(crate) fn subject(&self) -> Subject {
        Subject::Node { node: self.node.to_owned() }
    }

    /// A file of the node.
    pub(crate) fn file_subject(&self, path: &str) -> Subject {
        Subject::File { node: Some(self.node.to_owned()), path: path.to_owned() }
    }

    /// The one finding of a question about the machine as a whole.
    pub(crate) fn one(&self, outcome: Outcome) -> Vec<(Subject, Outcome)> {
        vec![(self.subject(), outcome)]
    }

    /// What a file of `/proc` told.
    pub(crate) fn kernel_says(&self, path: &str, value: impl Into<String>) -> Evidence {
        let origin = Origin::whole(format!("{}:{path}", self.node));
        Evidence::field(value, &origin, FieldPath::root())
    }

    /// The finding where nothing was found: nothing is there, or the machine was read in part.
    pub(crate) fn nothing(&self, message: &'static str) -> Vec<(Subject, Outcome)> {
        self.one(match self.context.cluster.coverage().host(self.node) {
            Reach::Partial(why) => {
                Outcome::unknown(format!("{message}, but the machine was read in part: {why}"))
            }
            _ => Outcome::not_applicable(message),
        })
    }
}

/// The failure of a file that others than root may change.
pub(crate) fn changeable(machine: &Machine<'_>, file: &File) -> Option<(Subject, Outcome)> {
    let said = format!("mode {:04o}, user {}", file.mode, file.uid);
    let evidence = Evidence::file(said, machine.node, &file.path);
    let (node, path) = (machine.node.to_owned(), file.path.clone());
    let outcome = if file.uid != 0 {
        let (user, group) = ("root".to_owned(), "root".to_owned());
        let message =
            format!("it belongs to user {}", file.user.clone().unwrap_or(file.uid.to_string()));
        Outcome::fail(message, Remedy::SetFileOwner { node, path, user, group })
    } else if file.mode & 0o022 != 0 {
        let mode = format!("{:o}", file.mode & 0o7755);
        Outcome::fail("others than root may write to it", Remedy::SetFileMode { node, path, mode })
    } else {
        return None;
    };
    Some((machine.file_subject(&file.path), outcome.with(evidence)))
}
