//! Faults that people make in policies, planted by chance that is the same for the same seed.

use ipnet::IpNet;
use kuberlock_model::Object;
use kuberlock_model::network::{NetworkPolicy, Peer, Ports, Protocol, Rule};
use kuberlock_model::selector::{LabelSelector, Requirement};

use crate::random::Random;

/// What is done to the policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Break {
    /// DNS is forgotten.
    DnsDropped,
    /// DNS is let through by TCP alone.
    DnsOverTcpOnly,
    /// A port is another.
    WrongPort,
    /// A port is of another protocol.
    WrongProtocol,
    /// A port is called by a name that the pods do not give it.
    PortRenamed,
    /// The selector of a namespace means one that is not there.
    NamespaceMistyped,
    /// The selector of a namespace is forgotten: the policy's own is meant.
    NamespaceMissing,
    /// The selector of a rule's pods means none.
    PeerMistyped,
    /// The selector of a policy's pods means none.
    SubjectMistyped,
    /// What comes in is forgotten.
    EgressOnly,
    /// What goes out is forgotten.
    IngressOnly,
    /// A rule is forgotten.
    RuleRemoved,
    /// A policy is forgotten.
    PolicyRemoved,
    /// A hole is cut into a block of addresses.
    HoleInBlock,
}

impl Break {
    pub const ALL: [Self; 14] = [
        Self::DnsDropped,
        Self::DnsOverTcpOnly,
        Self::WrongPort,
        Self::WrongProtocol,
        Self::PortRenamed,
        Self::NamespaceMistyped,
        Self::NamespaceMissing,
        Self::PeerMistyped,
        Self::SubjectMistyped,
        Self::EgressOnly,
        Self::IngressOnly,
        Self::RuleRemoved,
        Self::PolicyRemoved,
        Self::HoleInBlock,
    ];

    /// Plants the fault somewhere; `None` where there is no place for it.
    pub fn plant(self, objects: &[Object], random: &mut Random) -> Option<Vec<Object>> {
        let mut objects = objects.to_vec();
        let places: Vec<usize> = (0..objects.len())
            .filter(|at| self.fits(&mut policy(&mut objects[*at]).clone(), &mut random.clone()))
            .collect();
        if places.is_empty() {
            return None;
        }
        let at = *random.pick(&places);
        match self {
            Self::DnsDropped | Self::PolicyRemoved => _ = objects.remove(at),
            _ => _ = self.fits(policy(&mut objects[at]), random),
        }
        Some(objects)
    }

    /// Does it to one policy; whether that changed anything.
    fn fits(self, policy: &mut NetworkPolicy, random: &mut Random) -> bool {
        let before = policy.clone();
        let is_dns = policy.metadata.name == "allow-dns";
        match self {
            Self::DnsDropped => return is_dns,
            Self::PolicyRemoved => return !is_dns && policy.metadata.name != "default-deny",
            Self::DnsOverTcpOnly if is_dns => {
                for rule in &mut policy.egress_rules {
                    let ports = rule.ports.iter().filter(|p| p.protocol == Some(Protocol::Tcp));
                    rule.ports = ports.cloned().collect();
                }
            }
            Self::SubjectMistyped => mistype(&mut policy.pods),
            Self::EgressOnly => policy.ingress_rules = Box::default(),
            Self::IngressOnly if !is_dns => policy.egress_rules = Box::default(),
            Self::RuleRemoved => {
                let rules = match random.one_in(2) {
                    true => &mut policy.ingress_rules,
                    false => &mut policy.egress_rules,
                };
                if !rules.is_empty() {
                    let gone = random.below(rules.len());
                    let kept = rules.iter().enumerate().filter(|(at, _)| *at != gone);
                    *rules = kept.map(|(_, rule)| rule.clone()).collect();
                }
            }
            _ => {
                let mut rules: Vec<&mut Rule> =
                    policy.ingress_rules.iter_mut().chain(&mut policy.egress_rules).collect();
                if !rules.is_empty() {
                    let at = random.below(rules.len());
                    self.to_rule(rules[at], random);
                }
            }
        }
        *policy != before
    }

    fn to_rule(self, rule: &mut Rule, random: &mut Random) {
        if !rule.ports.is_empty() {
            let at = random.below(rule.ports.len());
            let port = &mut rule.ports[at];
            match self {
                Self::WrongPort => {
                    if let Ports::Range(first, last) = &mut port.ports {
                        (*first, *last) = (*first + 1, *last + 1);
                    }
                }
                Self::WrongProtocol => {
                    port.protocol = Some(match port.protocol {
                        Some(Protocol::Tcp) => Protocol::Udp,
                        _ => Protocol::Tcp,
                    });
                }
                Self::PortRenamed => port.ports = Ports::Named("web-new".into()),
                _ => {}
            }
        }
        if rule.peers.is_empty() {
            return;
        }
        let at = random.below(rule.peers.len());
        match (self, &mut rule.peers[at]) {
            (Self::NamespaceMistyped, Peer::Pods { namespaces: Some(selector), .. })
            | (Self::PeerMistyped, Peer::Pods { pods: Some(selector), .. }) => mistype(selector),
            (Self::NamespaceMissing, Peer::Pods { namespaces, .. }) => *namespaces = None,
            (Self::HoleInBlock, Peer::Block(block)) => {
                if let Ok(mut halves) = block.cidr.subnets(block.cidr.prefix_len() + 1) {
                    let hole: Option<IpNet> = halves.nth(random.below(2));
                    block.except = block.except.iter().copied().chain(hole).collect();
                }
            }
            _ => {}
        }
    }
}

fn policy(object: &mut Object) -> &mut NetworkPolicy {
    match object {
        Object::NetworkPolicy(policy) => policy,
        other => panic!("`{}` is no policy", other.key()),
    }
}

fn mistype(selector: &mut LabelSelector) {
    for requirement in &mut selector.requirements {
        if let Requirement::In(_, values) = requirement {
            values.iter_mut().for_each(|value| value.push('x'));
            return;
        }
    }
}
