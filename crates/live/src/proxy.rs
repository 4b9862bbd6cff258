//! Which proxy leads to a server.
//!
//! The client library compares `NO_PROXY` with the proxy's own address (kube 5.0.0,
//! `file_loader.rs`); kubectl, as every Go program, compares it with the server's. So it is
//! decided here.

use std::net::IpAddr;

use http::Uri;
use ipnet::IpNet;

/// The kubeconfig's own proxy, else that of `HTTPS_PROXY` unless `NO_PROXY` exempts the server.
/// The proxy of a kubeconfig is meant for this very cluster, so `NO_PROXY` does not touch it.
pub(crate) fn choose(
    own: Option<&str>,
    environment: impl Fn(&str) -> Option<String>,
    server: &Uri,
) -> Option<Uri> {
    if let Some(own) = own.filter(|url| !url.is_empty()) {
        return own.parse().ok();
    }
    let variable = |upper: &str, lower: &str| {
        let set = |name: &str| environment(name).filter(|value| !value.is_empty());
        set(upper).or_else(|| set(lower))
    };
    let exempt = exempts(&variable("NO_PROXY", "no_proxy").unwrap_or_default(), server);
    let proxy = variable("HTTPS_PROXY", "https_proxy").filter(|_| !exempt)?;
    proxy.parse().ok()
}

fn exempts(list: &str, server: &Uri) -> bool {
    let host = server.host().unwrap_or_default().trim_matches(['[', ']']).to_lowercase();
    let address: Option<IpAddr> = host.parse().ok();
    // As in Go: what is on this machine needs no proxy.
    let local = host == "localhost" || address.is_some_and(|address| address.is_loopback());
    local || list.split(',').any(|entry| matches(entry.trim(), &host, address, server.port_u16()))
}

/// `*`, an address, a range of addresses, a host (with all below it) or `.domain` (only those
/// below it), each but the range with a port or without.
fn matches(entry: &str, host: &str, address: Option<IpAddr>, port: Option<u16>) -> bool {
    if entry == "*" {
        return true;
    }
    if let (Ok(range), Some(address)) = (entry.parse::<IpNet>(), address) {
        return range.contains(&address);
    }
    if let Ok(same) = entry.trim_matches(['[', ']']).parse::<IpAddr>() {
        return address == Some(same);
    }
    let (name, only) = match entry.rsplit_once(':') {
        Some((name, only)) => (name, only.parse().ok()),
        None => (entry, None),
    };
    if name.is_empty() || (only.is_some() && only != port.or(Some(443))) {
        return false;
    }
    let name = name.trim_start_matches('*').to_lowercase();
    match name.strip_prefix('.') {
        Some(_) => host.ends_with(&name),
        None => host == name || host.strip_suffix(&name).is_some_and(|rest| rest.ends_with('.')),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(own: Option<&str>, no_proxy: &str, server: &str) -> Option<String> {
        let environment = |name: &str| match name {
            "https_proxy" => Some("http://proxy:3128".to_owned()),
            "NO_PROXY" => Some(no_proxy.to_owned()),
            _ => None,
        };
        choose(own, environment, &server.parse().unwrap()).map(|proxy| proxy.to_string())
    }

    #[test]
    fn a_server_that_is_exempt_is_reached_directly() {
        let server = "https://api.shop.example:6443";
        for exempt in [
            "*",
            "api.shop.example",
            "shop.example",
            ".example",
            "*.example",
            " x, API.shop.example",
        ] {
            assert_eq!(chosen(None, exempt, server), None, "{exempt}");
        }
        assert_eq!(chosen(None, "shop.example:6443", server), None);
        for other in ["", "proxy", "op.example", "api", "10.0.0.0/8", ".api.shop.example", ",,"] {
            assert!(chosen(None, other, server).is_some(), "{other}");
        }
        assert!(chosen(None, "shop.example:443", server).is_some());
        assert_eq!(chosen(None, "10.0.0.0/8", "https://10.1.2.3:6443"), None);
        assert_eq!(chosen(None, "::1,fd00::/8", "https://[fd00::7]:6443"), None);
        assert!(chosen(None, "10.0.0.0/8", "https://11.1.2.3").is_some());
        assert_eq!(chosen(None, "", "https://127.0.0.1:6443"), None);
    }

    #[test]
    fn the_kubeconfigs_own_proxy_is_always_used() {
        let proxy = chosen(Some("socks5://here:1080"), "*", "https://10.1.2.3");
        assert_eq!(proxy.unwrap(), "socks5://here:1080/");
    }

    #[test]
    fn without_a_variable_there_is_no_proxy() {
        assert_eq!(choose(Some(""), |_| None, &"https://10.1.2.3".parse().unwrap()), None);
        let always = |name: &str| (name == "HTTPS_PROXY").then(|| "http://proxy".to_owned());
        assert_eq!(choose(None, always, &"https://localhost:6443".parse().unwrap()), None);
        assert!(choose(None, always, &"https://10.1.2.3".parse().unwrap()).is_some());
    }
}
