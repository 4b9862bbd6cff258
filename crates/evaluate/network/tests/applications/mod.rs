//! Twenty applications as people run them, written down in a few words each.
//!
//! A line is a namespace, a workload, a service, a route or a flow:
//!
//! ```text
//! namespace shop
//! deployment web x2 http:8080 API_URL=http://api:8080 label:tier=front
//! service web 80>http
//! ingress web 80
//! flow web > api:8080
//! flow 203.0.113.7 > web:8080
//! ```
//!
//! Every application gets DNS, two nodes, and the flows to DNS of all its pods.

mod build;
mod listing;

pub use build::Application;

/// All of them.
pub fn all() -> Vec<Application> {
    listing::APPLICATIONS.iter().map(|(name, text)| Application::read(name, text)).collect()
}
