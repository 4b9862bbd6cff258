//! What leads traffic from outside to services: Ingress, OpenShift's Route, Gateway API.

use crate::object::{Kind, Metadata};
use crate::origin::FieldPath;

/// An Ingress, an OpenShift Route, or a route of the Gateway API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// Its kind.
    pub kind: Kind,
    /// Metadata.
    pub metadata: Metadata,
    /// The hosts it is for; empty is any.
    pub hosts: Box<[Box<str>]>,
    /// The class of an Ingress (`ingressClassName`, or the annotation before it).
    pub class: Option<Box<str>>,
    /// The gateways of a Gateway API route.
    pub parents: Box<[ParentReference]>,
    /// Where it leads.
    pub backends: Box<[Backend]>,
}

/// A gateway, or another parent, that a route names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParentReference {
    /// The parent's kind; `Gateway` where none is written.
    pub kind: Box<str>,
    /// Its namespace; the route's own where none is written.
    pub namespace: Box<str>,
    /// Its name.
    pub name: Box<str>,
}

/// A service that a route leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backend {
    /// The service's namespace.
    pub namespace: Box<str>,
    /// The service's name.
    pub service: Box<str>,
    /// Which of its ports.
    pub port: BackendPort,
    /// Where the route names it.
    pub path: FieldPath,
}

/// A port that a route leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BackendPort {
    /// Every port of the service.
    Any,
    /// The service's port with this number.
    Number(u16),
    /// The service's port with this name.
    Name(Box<str>),
    /// The port of the pods, as OpenShift's Route may say it by number.
    Target(u16),
}

/// A Gateway: where routes of the Gateway API come in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gateway {
    /// Metadata.
    pub metadata: Metadata,
    /// `gatewayClassName`
    pub class: Box<str>,
}
