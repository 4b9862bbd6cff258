//! The policies of each namespace.

use std::collections::{BTreeMap, BTreeSet};

use kuberlock_model::network::{Direction, NetworkPolicy, Protocol};
use kuberlock_model::selector::LabelSelector;
use kuberlock_model::{Kind, Metadata, ObjectKey, Origin};

use super::dns::Dns;
use super::evidence::{Evidence, Needs};
use super::peers::peers;
use super::rules::{PeerKey, Wanted};
use super::selection::selection;
use super::{Generated, GeneratedPolicy, Input, Note, OWN_NAMESPACES};
use crate::traffic::{Directory, Who};

/// What the API takes as a name at most.
const LONGEST_NAME: usize = 253;

/// Who made the policies, as the label for it says.
const MANAGED_BY: (&str, &str) = ("app.kubernetes.io/managed-by", "kuberlock");

/// What a workload's pods need, by direction.
#[derive(Default)]
struct Subject {
    ingress: Wanted,
    egress: Wanted,
}

pub(super) struct Generating<'g, 'a> {
    directory: &'g Directory<'a>,
    input: &'g Input<'g>,
    dns: Dns,
    subjects: BTreeMap<ObjectKey, Subject>,
    notes: BTreeSet<Note>,
}

impl<'g, 'a> Generating<'g, 'a> {
    pub(super) fn new(directory: &'g Directory<'a>, input: &'g Input<'g>) -> Self {
        let dns = Dns::find(directory, input.cni);
        let mut generating =
            Self { directory, input, dns, subjects: BTreeMap::new(), notes: BTreeSet::new() };
        generating.find_subjects();
        generating
    }

    fn find_subjects(&mut self) {
        for (key, head) in &self.directory.heads {
            let namespace = key.namespace.as_deref().unwrap_or_default();
            if !self.is_wanted(namespace) {
                continue;
            }
            if head.is_on_host_network() {
                let text = "is on its node's network: no policy isolates it";
                self.notes.insert(note(key, text));
                continue;
            }
            self.subjects.insert(key.clone(), Subject::default());
        }
        if self.dns.is_unknown() && !self.subjects.is_empty() {
            let text = "was not found: every pod may ask anybody on port 53";
            self.notes.insert(Note { about: "DNS".to_owned(), text: text.to_owned() });
        }
    }

    fn is_wanted(&self, namespace: &str) -> bool {
        match self.input.options.namespaces.is_empty() {
            true => !OWN_NAMESPACES.contains(&namespace),
            false => self.input.options.namespaces.contains(namespace),
        }
    }

    /// Takes in everything that is needed.
    pub(super) fn take(&mut self, needs: &Needs) {
        for ((from, to, protocol, port), evidence) in &needs.held {
            let of = (*protocol, *port, evidence);
            if !self.dns.is(to, *protocol, *port) {
                self.side(from, to, Direction::Egress, of);
            }
            self.side(to, from, Direction::Ingress, of);
        }
        // Whoever may be asked by all must be answered for by its own policies too.
        let heads: Vec<ObjectKey> = self.dns.heads.iter().cloned().collect();
        let evidence =
            Evidence { connection: "DNS for every pod".to_owned(), ..Evidence::default() };
        for head in &heads {
            let Some(subject) = self.subjects.get_mut(head) else { continue };
            for (protocol, port) in &self.dns.ports {
                subject.ingress.add(PeerKey::All, *protocol, *port, &evidence);
            }
        }
    }

    fn side(
        &mut self,
        own: &Who,
        peer: &Who,
        direction: Direction,
        (protocol, port, evidence): (Protocol, u16, &Evidence),
    ) {
        let Some(key) = own.head().filter(|key| self.subjects.contains_key(key)).cloned() else {
            return;
        };
        let namespace = key.namespace.clone().unwrap_or_default();
        let (found, notes) = peers(self.directory, self.input, &namespace, peer, direction);
        self.notes.extend(notes);
        let Some(subject) = self.subjects.get_mut(&key) else { return };
        let wanted = match direction {
            Direction::Ingress => &mut subject.ingress,
            Direction::Egress => &mut subject.egress,
        };
        for peer in found {
            wanted.add(peer, protocol, port, evidence);
        }
    }

    /// The policies, and what is to be told.
    pub(super) fn finish(mut self, needs: &Needs) -> Generated {
        self.notes.extend(needs.notes.iter().cloned());
        self.silent(needs);
        let mut policies = Vec::new();
        let namespaces: BTreeSet<String> =
            self.subjects.keys().filter_map(|key| key.namespace.clone()).collect();
        for namespace in &namespaces {
            policies.push(deny(namespace));
            policies.push(self.dns_policy(namespace));
        }
        let keys: Vec<ObjectKey> = self.subjects.keys().cloned().collect();
        for key in &keys {
            policies.extend(self.of_workload(key));
        }
        policies.sort_by(|a, b| place(a).cmp(&place(b)));
        Generated { policies, notes: self.notes.into_iter().collect() }
    }

    /// Tells of what runs now and then, and of which nothing is known.
    fn silent(&mut self, needs: &Needs) {
        let known: BTreeSet<&ObjectKey> = needs
            .held
            .keys()
            .flat_map(|(from, to, ..)| [from.head(), to.head()])
            .flatten()
            .collect();
        let rare = self.subjects.keys().filter(|key| matches!(key.kind, Kind::CronJob | Kind::Job));
        let silent: Vec<Note> = rare
            .filter(|key| !known.contains(key))
            .map(|key| {
                note(key, "was not seen and declares nothing: it gets DNS, and nothing else")
            })
            .collect();
        self.notes.extend(silent);
    }

    fn dns_policy(&self, namespace: &str) -> GeneratedPolicy {
        let (rules, evidence) = self.dns.wanted(namespace).rules();
        let mut policy = policy(namespace, "allow-dns", LabelSelector::default());
        (policy.ingress, policy.egress, policy.egress_rules) = (false, true, rules.into());
        let why = "every pod may ask DNS".to_owned();
        GeneratedPolicy { policy, why, ingress: Vec::new(), egress: evidence }
    }

    fn of_workload(&mut self, key: &ObjectKey) -> Option<GeneratedPolicy> {
        let subject = self.subjects.get(key)?;
        let (ingress_rules, ingress) = subject.ingress.rules();
        let (egress_rules, egress) = subject.egress.rules();
        if ingress_rules.is_empty() && egress_rules.is_empty() {
            return None;
        }
        let (selection, also) = selection(self.directory, key);
        for other in also {
            let text = format!(
                "has no label that tells its pods from those of {other}: what is let through for one is for both"
            );
            self.notes.insert(note(key, &text));
        }
        let namespace = key.namespace.as_deref().unwrap_or_default();
        let mut policy = policy(namespace, &self.name(key), selection.selector());
        policy.ingress = !ingress_rules.is_empty();
        policy.egress = !egress_rules.is_empty();
        policy.ingress_rules = ingress_rules.into();
        policy.egress_rules = egress_rules.into();
        let why = format!("what {key} needs");
        Some(GeneratedPolicy { policy, why, ingress, egress })
    }

    /// The workload's name, with its kind where another of the namespace has the same.
    fn name(&self, key: &ObjectKey) -> String {
        let twice = self.subjects.keys().any(|other| {
            other != key && other.namespace == key.namespace && other.name == key.name
        });
        let kind = if twice {
            format!("-{}", key.kind.names().name.to_lowercase())
        } else {
            String::new()
        };
        let room = LONGEST_NAME.saturating_sub("allow-".len() + kind.len() + "-pods".len());
        let name: String = key.name.chars().take(room).collect();
        // The one name that a policy of every namespace has already.
        let tail = if name == "dns" { "-pods" } else { "" };
        format!("allow-{name}{tail}{kind}")
    }
}

fn place(of: &GeneratedPolicy) -> (Option<&str>, bool, &str) {
    let metadata = &of.policy.metadata;
    (metadata.namespace.as_deref(), metadata.name != "default-deny", &metadata.name)
}

fn note(key: &ObjectKey, text: &str) -> Note {
    Note { about: Who::Workload(key.clone()).to_string(), text: text.to_owned() }
}

fn deny(namespace: &str) -> GeneratedPolicy {
    let policy = policy(namespace, "default-deny", LabelSelector::default());
    let why = "nothing gets in or out but what other policies let through".to_owned();
    GeneratedPolicy { policy, why, ingress: Vec::new(), egress: Vec::new() }
}

fn policy(namespace: &str, name: &str, pods: LabelSelector) -> NetworkPolicy {
    NetworkPolicy {
        kind: Kind::NetworkPolicy,
        metadata: Metadata {
            name: name.to_owned(),
            namespace: Some(namespace.to_owned()),
            uid: None,
            labels: [(MANAGED_BY.0.to_owned(), MANAGED_BY.1.to_owned())].into(),
            annotations: BTreeMap::new(),
            controller: None,
            origin: Origin::whole("generated"),
        },
        pods,
        ingress: true,
        egress: true,
        ingress_rules: Box::default(),
        egress_rules: Box::default(),
        networks: Box::default(),
    }
}
