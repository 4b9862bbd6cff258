//! Values whose shape shows that they are no credential.
//!
//! Enters: one value without line breaks. Leaves: whether it has one of a closed list of shapes.
//! Always holds: this is a list of what may pass; whatever is not on it does not.

use std::net::IpAddr;

use super::mark::PLACEHOLDER;
use super::random::is_random;

/// Words that are settings wherever they stand.
static SETTINGS: [&str; 92] = [
    "all",
    "allow",
    "always",
    "async",
    "audit",
    "auto",
    "baseline",
    "batch",
    "blocking",
    "cgroupfs",
    "cluster",
    "cluster.local",
    "clusterfirst",
    "console",
    "containerd",
    "cri-o",
    "debug",
    "default",
    "deny",
    "dev",
    "development",
    "disable",
    "disabled",
    "docker",
    "enable",
    "enabled",
    "enforce",
    "error",
    "existing",
    "external",
    "false",
    "fatal",
    "file",
    "get",
    "head",
    "http",
    "https",
    "ifnotpresent",
    "info",
    "internal",
    "iptables",
    "ipv4",
    "ipv6",
    "ipvs",
    "json",
    "linux",
    "localhost",
    "log",
    "logfmt",
    "n",
    "never",
    "new",
    "nftables",
    "no",
    "node",
    "none",
    "null",
    "off",
    "on",
    "onfailure",
    "overlay",
    "periodic",
    "post",
    "privileged",
    "prod",
    "production",
    "put",
    "qa",
    "readonly",
    "readwrite",
    "require",
    "required",
    "restricted",
    "runc",
    "simple",
    "staging",
    "stderr",
    "stdout",
    "strict",
    "syslog",
    "systemd",
    "tcp",
    "test",
    "text",
    "trace",
    "true",
    "udp",
    "utc",
    "verbose",
    "warn",
    "warning",
    "yes",
];

/// Folders of a machine under which absolute paths are ordinary.
static ROOTS: [&str; 21] = [
    "app", "bin", "boot", "cgroup", "config", "data", "dev", "etc", "home", "host", "lib", "mnt",
    "opt", "proc", "root", "run", "srv", "sys", "tmp", "usr", "var",
];

/// Yes, no, and the other words of a closed set.
pub(super) fn is_setting(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    SETTINGS.binary_search(&lower.as_str()).is_ok()
}

/// `true`, `false`, and the words YAML takes for them.
pub(super) fn is_bool(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    matches!(lower.as_str(), "true" | "false" | "yes" | "no" | "on" | "off")
}

/// A number of at most ten digits, with a unit at most: `30`, `-0.5`, `100m`, `512Mi`, `15%`,
/// `0o600`, or a span of time: `1h30m`, `2m0s`.
pub(super) fn is_quantity(text: &str) -> bool {
    let body = text.strip_prefix(['-', '+', ':']).unwrap_or(text);
    let digits = body.bytes().filter(u8::is_ascii_digit).count();
    if !body.starts_with(|c: char| c.is_ascii_digit()) || digits > 10 || body.len() > 24 {
        return false;
    }
    let units =
        body.split(|c: char| c.is_ascii_digit() || c == '.').filter(|unit| !unit.is_empty());
    units.clone().count() <= 5
        && units.into_iter().all(|unit| {
            let unit = unit.strip_prefix(',').unwrap_or(unit);
            matches!(
                unit,
                "" | "%"
                    | "o"
                    | "n"
                    | "u"
                    | "m"
                    | "k"
                    | "K"
                    | "M"
                    | "G"
                    | "T"
                    | "P"
                    | "E"
                    | "Ki"
                    | "Mi"
                    | "Gi"
                    | "Ti"
                    | "Pi"
                    | "Ei"
                    | "ns"
                    | "us"
                    | "µs"
                    | "ms"
                    | "s"
                    | "h"
                    | "d"
                    | "B"
                    | "KB"
                    | "MB"
                    | "GB"
                    | "-"
            )
        })
}

/// `v1.37.2`, `1.7.27-0ubuntu1`, `v1beta1`, `3.10`.
pub(super) fn is_version(text: &str) -> bool {
    let body = text.strip_prefix('v').unwrap_or(text);
    let fits = text.len() <= 32 && body.starts_with(|c: char| c.is_ascii_digit());
    fits && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+' | '~'))
        && (text.contains('.') || body.len() <= 9)
        && (text != body || text.contains('.'))
        && !is_random(text)
}

/// `2026-11-23T10:00:00Z` and its fractions and offsets.
pub(super) fn is_timestamp(text: &str) -> bool {
    let bytes = text.as_bytes();
    let date = text.get(..10).is_some_and(|date| {
        date.split('-').map(str::len).eq([4, 2, 2])
            && date.bytes().all(|b| b.is_ascii_digit() || b == b'-')
    });
    date && bytes.len() <= 35
        && text.chars().skip(10).all(|c| c.is_ascii_digit() || "TtZz:.+- ".contains(c))
        && (bytes.len() == 10 || text.contains(':'))
}

/// An address, a range of addresses, each with a port or without: `10.0.0.0/8`, `[::1]:2379`.
pub(super) fn is_address(text: &str) -> bool {
    let is_ip = |ip: &str| ip.parse::<IpAddr>().is_ok();
    let is_number = |port: &str| {
        !port.is_empty() && port.len() <= 5 && port.bytes().all(|b| b.is_ascii_digit())
    };
    is_ip(text)
        || text.split_once('/').is_some_and(|(ip, bits)| is_ip(ip) && is_number(bits))
        || text.rsplit_once(':').is_some_and(|(ip, port)| {
            is_number(port) && is_ip(ip.trim_start_matches('[').trim_end_matches(']'))
        })
}

/// A host name of two labels or more, of one with a port, or with a wildcard or dot before it.
pub(super) fn is_host(text: &str) -> bool {
    let (host, port) = text.rsplit_once(':').map_or((text, None), |(h, p)| (h, Some(p)));
    let bare = host.strip_prefix("*.").or_else(|| host.strip_prefix('.')).unwrap_or(host);
    let bare = bare.strip_suffix('.').unwrap_or(bare);
    let port_fits =
        port.is_none_or(|p| (1..=5).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_digit()));
    let labels = bare.split('.').count();
    let last = bare.rsplit('.').next().unwrap_or_default();
    port_fits
        && bare.len() <= 253
        && bare.split('.').all(is_label)
        && last.bytes().any(|b| b.is_ascii_lowercase())
        && (labels >= 2 || port.is_some() || host != bare)
        && !is_random(bare)
        && (labels > 2 || last.bytes().all(|b| b.is_ascii_lowercase()))
}

fn is_label(label: &str) -> bool {
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_';
    (1..=63).contains(&label.len()) && label.bytes().all(inner) && !label.starts_with('-')
}

/// An absolute path (or `~/`, `./`, `$HOME/`) no part of which looks random.
pub(super) fn is_path(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || ".-_*@+:{}$(),[]?%".contains(c);
    text.len() <= 512
        && below_root(text).is_some_and(|body| {
            body.split('/').all(|part| part.chars().all(plain) && !is_random(part))
                && !body.contains("::")
                && !(body.contains('?') && body.contains('='))
        })
}

/// A path whose first folder is one that machines have, and not the last: base64 may begin with a
/// slash too.
pub(super) fn is_rooted_path(text: &str) -> bool {
    let Some(body) = below_root(text) else { return false };
    let first = body.split(['/', ':']).next().unwrap_or_default();
    is_path(text) && ROOTS.contains(&first) && body.contains('/')
}

/// A path of short words: `/healthz`, `/tmp`.
fn is_path_of_words(text: &str) -> bool {
    let mut parts = below_root(text).unwrap_or_default().split(['/', '-', '_', '.']);
    is_path(text) && parts.all(|part| part.is_empty() || is_lowercase_word(part))
}

fn below_root(text: &str) -> Option<&str> {
    ["~/", "./", "../", "$HOME/", "/"].iter().find_map(|start| text.strip_prefix(start))
}

/// `$(NAME)`, `${NAME}`, `$NAME`, `%i`: what is filled in elsewhere.
pub(super) fn is_reference(text: &str) -> bool {
    let name = text.strip_prefix("$(").and_then(|rest| rest.strip_suffix(')'));
    let name = name.or_else(|| text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')));
    let name = name.or_else(|| text.strip_prefix('$'));
    name.is_some_and(|name| {
        (1..=64).contains(&name.len())
            && name
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'@' | b'*' | b'#'))
            && !is_random(name)
    })
}

/// An image by digest, `registry.k8s.io/pause:3.10@sha256:…`: a digest is no credential.
pub(super) fn is_image(text: &str) -> bool {
    let (name, digest) = text.split_once("@sha256:").unwrap_or((text, ""));
    let digest_fits =
        digest.is_empty() || (digest.len() == 64 && digest.bytes().all(|b| b.is_ascii_hexdigit()));
    let (path, tag) = match name.rsplit_once(':') {
        Some((path, tag)) if !tag.contains('/') => (path, Some(tag)),
        _ => (name, None),
    };
    let part = |p: &str| {
        !p.is_empty()
            && p.bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-_:".contains(&b))
    };
    digest_fits
        && (!digest.is_empty() || path.contains('.'))
        && path.contains('/')
        && path.split('/').all(part)
        && tag.is_none_or(|tag| is_version(tag) || is_setting(tag) || tag == "latest")
        && !is_random(path)
}

/// `TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256`, `VersionTLS12`.
pub(super) fn is_tls_word(text: &str) -> bool {
    let cipher = text.strip_prefix("TLS_").is_some_and(|rest| {
        rest.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
    });
    (cipher || text.strip_prefix("VersionTLS").is_some_and(|v| v.len() <= 2)) && !is_random(text)
}

/// The name of a service, of words and small numbers: `db`, `payment-api`, `kafka-0`.
pub(super) fn is_service(text: &str) -> bool {
    let mut parts = text.split('-');
    text.len() <= 63
        && parts.next().is_some_and(is_lowercase_word)
        && parts.all(|part| is_lowercase_word(part) || is_small(part))
        && !is_random(text)
}

fn is_small(part: &str) -> bool {
    (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit())
}

/// Any of the closed shapes; of paths, where `rooted` is asked, only those that machines have.
pub(super) fn is_closed(text: &str, rooted: bool) -> bool {
    text.is_empty()
        || text.chars().all(|c| c == PLACEHOLDER)
        || is_setting(text)
        || is_quantity(text)
        || is_version(text)
        || is_timestamp(text)
        || is_address(text)
        || is_host(text)
        || is_rooted_path(text)
        || is_path_of_words(text)
        || (!rooted && is_path(text))
        || is_reference(text)
        || is_image(text)
        || is_tls_word(text)
}

/// An ordinary word of a configuration that Kubernetes itself defines: anything of letters, digits
/// and a few signs that does not look random.
pub(super) fn is_word(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._/:*-%".contains(c) || c == PLACEHOLDER;
    text.len() <= 128 && text.chars().all(plain) && !is_random(text)
}

/// [`is_word`], or nothing.
pub(super) fn is_word_or_empty(text: &str) -> bool {
    text.chars().all(char::is_whitespace) || is_word(text.trim())
}

/// One short word of lower-case letters: what a script is mostly made of.
pub(super) fn is_lowercase_word(text: &str) -> bool {
    (1..=16).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase())
        && !(text.len() >= 12 && is_random(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_settings_are_sorted() {
        assert!(SETTINGS.is_sorted());
    }

    #[test]
    fn harmless_shapes_are_known() {
        for text in [
            "",
            "true",
            "30",
            "-1",
            "0.5",
            "512Mi",
            "15%",
            "1h0m0s",
            "24h",
            ":8080",
            "v1.37.2",
            "v1beta1",
            "2026-11-23T10:00:00Z",
            "10.96.0.0/12",
            "[::1]:2379",
            "127.0.0.1:2381",
            "fd00::/108",
            "kubernetes.default.svc.cluster.local",
            "redis:6379",
            ".svc",
            "*.example.com",
            "/etc/kubernetes/pki/apiserver-kubelet-client.key",
            "/var/lib/*.yaml",
            "$(NODE_NAME)",
            "registry.k8s.io/pause:3.10",
            "TLS_AES_256_GCM_SHA384",
            "registry.k8s.io/pause@sha256:ee6521f290b2168b6e0935a181d4cff9be1ac3f505666ef0e3c98fae8199917a",
        ] {
            assert!(is_closed(text, true), "{text}");
        }
    }

    #[test]
    fn whatever_else_is_not() {
        for text in [
            "hunter2",
            "correcthorse",
            "12345678901",
            "user:password",
            "AKIAIOSFODNN7EXAMPLE",
            "/9j4AAQSkZJRgABAQAAAQABAAD",
            "/hunter2/x",
            "Basic dXNlcjpwYXNz",
            "a b",
            "S3cr3t!",
            "redis:hunter2",
            "5f4dcc3b5aa765d61d8327deb882cf99",
            "v5f4dcc3b5aa765",
            "p@ssw0rd",
            "/services/T01ABCD2EFG/B02HIJK3LMN/x",
        ] {
            assert!(!is_closed(text, true), "{text}");
        }
    }
}
