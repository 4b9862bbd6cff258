//! Services.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::policy::Protocol;
use crate::object::Metadata;

/// A service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Metadata.
    pub metadata: Metadata,
    /// The labels its pods have; empty selects none.
    pub selector: BTreeMap<String, String>,
    /// How it is reached.
    pub service_type: ServiceType,
    /// Its own addresses, where it has any.
    pub cluster_ips: Box<[IpAddr]>,
    /// Whether it has no address by its own wish (`clusterIP: None`).
    pub headless: bool,
    /// Its ports.
    pub ports: Box<[ServicePort]>,
}

/// How a service is reached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ServiceType {
    /// Within the cluster.
    #[default]
    ClusterIp,
    /// By a port of every node too.
    NodePort,
    /// By a load balancer too.
    LoadBalancer,
    /// It is a name for another host.
    ExternalName(String),
}

/// A port of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServicePort {
    /// Its name, where it has one.
    pub name: Option<Box<str>>,
    /// Its protocol.
    pub protocol: Protocol,
    /// Its number.
    pub port: u16,
    /// The port of the pods behind it.
    pub target: TargetPort,
    /// The port of every node, where there is one.
    pub node_port: Option<u16>,
}

/// A port of the pods behind a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TargetPort {
    /// By number.
    Number(u16),
    /// By the name that each pod gives it.
    Name(Box<str>),
}
