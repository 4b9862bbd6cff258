//! What decides who can talk to whom: policies of every kind, services, routes, networks.
//!
//! Enters: objects that the API server would take; a source refuses the others. Leaves: the same in
//! small types, defaulted as the API defaults them. Always holds: an empty list of peers or ports
//! restricts nothing, as in the API; what the API spells differently in each kind is spelt once here,
//! and [`Rule::path`] and [`TieredPolicy::rule_path`] tell how the document spells it.

mod attachment;
mod policy;
mod route;
mod service;
mod tiered;

pub use attachment::{
    NetworkAttachment, NetworkRole, NetworkSelection, UserDefinedNetwork, networks_of,
};
pub use ipnet::IpNet;
pub use policy::{Direction, IpBlock, NetworkPolicy, Peer, PortMatch, Ports, Protocol, Rule};
pub use route::{Backend, BackendPort, Gateway, ParentReference, Route};
pub use service::{Service, ServicePort, ServiceType, TargetPort};
pub use tiered::{Action, PodSelection, Tier, TierPeer, TierRule, TieredPolicy};
