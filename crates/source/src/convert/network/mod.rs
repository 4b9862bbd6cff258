//! What decides who can talk to whom.

mod attachment;
mod block;
mod policy;
mod route;
mod service;
mod tiered;

pub(super) use self::attachment::{attachment_definition, user_defined_network};
pub(super) use self::policy::{multi_network_policy, network_policy};
pub(super) use self::route::{gateway, gateway_route, ingress, open_shift_route};
pub(super) use self::service::service;
pub(super) use self::tiered::tiered_policy;
