//! One value, judged by its name and its shape.
//!
//! Enters: a name, a value, and how far the place it stands in is trusted. Leaves: the value, the
//! value with a part replaced, or a mark. Always holds: a second pass changes nothing.

use std::collections::BTreeSet;

use super::mark::{PLACEHOLDER, around_marks, is_mark, mark};
use super::name::{Secrecy, names_host, secrecy};
use super::shape;

/// How far a place is trusted to hold settings rather than credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trust {
    /// Anybody's text: only closed shapes pass.
    Foreign,
    /// The command lines and configuration files of Kubernetes' own components: ordinary words
    /// pass too.
    Component,
}

/// What becomes of the value called `name`.
pub(crate) fn value(name: &str, text: &str, trust: Trust) -> String {
    // `DB_HOST=db`: whom a program talks to is asked of it, and is no credential.
    if shape::is_service(text) && names_host(name) {
        return text.to_owned();
    }
    judged(secrecy(name), text, trust)
}

/// What becomes of a value of this secrecy.
pub(crate) fn judged(secrecy: Secrecy, text: &str, trust: Trust) -> String {
    if text.is_empty() || is_mark(text) {
        return text.to_owned();
    }
    around_marks(text, |text| within(secrecy, text, trust))
}

/// [`judged`], for text in which a placeholder stands for each mark already.
pub(super) fn within(secrecy: Secrecy, text: &str, trust: Trust) -> String {
    let kept = match secrecy {
        Secrecy::Is if may_stand_for_credential(text) => Some(text.to_owned()),
        Secrecy::About if may_stand_beside(text) => Some(text.to_owned()),
        Secrecy::Is | Secrecy::About => host_of_url(text),
        Secrecy::No => unnamed(text, trust),
    };
    kept.unwrap_or_else(|| mark_unless_placeholder(text))
}

/// What a field that is itself a credential may hold: whether it is used, or where it lies.
fn may_stand_for_credential(text: &str) -> bool {
    shape::is_bool(text)
        || text.chars().all(|c| c == PLACEHOLDER)
        || shape::is_reference(text)
        || text.split(',').all(|part| shape::is_rooted_path(part.trim()))
}

/// What a field about a credential may hold.
fn may_stand_beside(text: &str) -> bool {
    may_stand_for_credential(text)
        || shape::is_setting(text)
        || shape::is_quantity(text)
        || shape::is_version(text)
}

/// Schemes of URLs whose host is a machine on the network.
static NETWORK: [&str; 22] = [
    "amqp",
    "amqps",
    "bolt",
    "ftp",
    "grpc",
    "http",
    "https",
    "kafka",
    "ldap",
    "ldaps",
    "mariadb",
    "mongodb",
    "mongodb+srv",
    "mqtt",
    "mysql",
    "nats",
    "postgres",
    "postgresql",
    "redis",
    "rediss",
    "tcp",
    "udp",
];

/// A URL that is a credential as a whole, or stands where one does (`DATABASE_DSN`): its host and
/// port stay, since whom a program talks to is no secret; whatever else it holds goes.
fn host_of_url(text: &str) -> Option<String> {
    let (scheme, rest) = text.split_once("://")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at_checked(end)?;
    let (user, host) = match authority.rsplit_once('@') {
        Some((user, host)) => (format!("{}@", mark_unless_placeholder(user)), host),
        None => (String::new(), authority),
    };
    let machine = shape::is_address(host)
        || shape::is_host(host)
        || (!user.is_empty() && shape::is_service(host));
    // A password may hold a slash: what stands before it is then no host.
    let fits = machine && !tail.contains('@');
    if !NETWORK.contains(&scheme) || !fits || rest.chars().any(char::is_whitespace) {
        return None;
    }
    let mut tail = tail.chars();
    let tail = match tail.next().map(|sign| (sign, tail.as_str())) {
        Some((sign, rest)) if !rest.is_empty() => {
            format!("{sign}{}", mark_unless_placeholder(rest))
        }
        Some((sign, _)) => sign.to_string(),
        None => String::new(),
    };
    Some(format!("{scheme}://{user}{host}{tail}"))
}

/// A text of several lines, of anybody's making, goes as a whole. Behind its mark stand the hosts
/// that it names in URLs, each on a line: whom a program talks to.
fn lines(text: &str) -> Option<String> {
    let is_kept = |line: &str| {
        line.chars().all(|c| c == PLACEHOLDER) || bare_url(line).as_deref() == Some(line)
    };
    if text.starts_with(PLACEHOLDER) && text.lines().all(is_kept) {
        return Some(text.to_owned());
    }
    if text.contains(PLACEHOLDER) {
        return None;
    }
    let speaks_of_credentials = |line: &&str| {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        let before = line.split("://").next().unwrap_or(line);
        !before.split(|c| !plain(c)).any(|word| secrecy(word) == Secrecy::Is)
    };
    let separator = |c: char| c.is_whitespace() || "\"'`<>(){}|,;=".contains(c);
    let words = text.lines().filter(speaks_of_credentials).flat_map(|line| line.split(separator));
    let hosts: BTreeSet<String> = words.filter_map(bare_url).collect();
    if hosts.is_empty() {
        return None;
    }
    let mut whole = mark(text);
    for host in hosts {
        whole.push('\n');
        whole.push_str(&host);
    }
    Some(whole)
}

/// The scheme, host and port of a URL, and nothing else of it.
fn bare_url(word: &str) -> Option<String> {
    let (scheme, rest) = word.split_once("://")?;
    // `jdbc:postgresql://…`
    let scheme = scheme.rsplit(':').next().unwrap_or(scheme);
    let (authority, tail) =
        rest.split_at_checked(rest.find(['/', '?', '#']).unwrap_or(rest.len()))?;
    let host = authority.rsplit('@').next().unwrap_or(authority);
    let machine = shape::is_address(host) || shape::is_host(host) || shape::is_service(host);
    let fits = machine && !tail.contains('@');
    (NETWORK.contains(&scheme) && fits).then(|| format!("{scheme}://{host}"))
}

/// A value whose name says nothing.
fn unnamed(text: &str, trust: Trust) -> Option<String> {
    let kept = closed(text, trust);
    match trust {
        Trust::Foreign if text.contains('\n') => kept.or_else(|| lines(text)),
        _ => kept,
    }
}

fn closed(text: &str, trust: Trust) -> Option<String> {
    if shape::is_closed(text, trust == Trust::Foreign) {
        return Some(text.to_owned());
    }
    if let Some(url) = url(text, trust) {
        return Some(url);
    }
    if text.contains(',') {
        let parts: Option<Vec<_>> = text.split(',').map(|part| pair(part, trust)).collect();
        return parts.map(|parts| parts.join(","));
    }
    match trust {
        Trust::Foreign => None,
        Trust::Component => pair(text, trust),
    }
}

/// One part of a list: a word, or `key=value`.
fn pair(part: &str, trust: Trust) -> Option<String> {
    let inner = part.trim();
    let judged = if shape::is_closed(inner, trust == Trust::Foreign) {
        inner.to_owned()
    } else if let Some(url) = url(inner, trust) {
        url
    } else if trust == Trust::Foreign {
        return None;
    } else if let Some((key, value)) = inner.split_once('=') {
        // A pattern is the name of files: `--vmodule=auth*=4`.
        let value = match if key.contains('*') { Secrecy::No } else { secrecy(key) } {
            Secrecy::No if shape::is_word(key) => pair_value(value, trust)?,
            _ if shape::is_word(key) => within(secrecy(key), value, trust),
            _ => return None,
        };
        format!("{key}={value}")
    } else if shape::is_word(inner) {
        inner.to_owned()
    } else {
        return None;
    };
    Some(part.replacen(inner, &judged, 1))
}

fn pair_value(value: &str, trust: Trust) -> Option<String> {
    let harmless = shape::is_closed(value, false) || shape::is_word(value);
    if harmless { Some(value.to_owned()) } else { url(value, trust) }
}

/// A URL without its credentials; `None` where the text is no URL that can be understood.
fn url(text: &str, trust: Trust) -> Option<String> {
    let (scheme, rest) = text.split_once("://")?;
    let scheme_fits = (1..=16).contains(&scheme.len())
        && scheme.bytes().all(|b| b.is_ascii_lowercase() || b"+.-".contains(&b));
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at_checked(end)?;
    let (user, host) = match authority.rsplit_once('@') {
        Some((user, host)) => (Some(user), host),
        None => (None, authority),
    };
    let host_fits = host.is_empty()
        || shape::is_address(host)
        || shape::is_host(host)
        || shape::is_lowercase_word(host)
        || shape::is_service(host)
        || host.strip_prefix('[').is_some_and(|h| shape::is_address(h.trim_end_matches(']')));
    if !scheme_fits || !host_fits || rest.chars().any(char::is_whitespace) {
        return None;
    }
    let user = user.map(|user| format!("{}@", mark_unless_placeholder(user))).unwrap_or_default();
    let tail = url_tail(host, tail, trust);
    Some(format!("{scheme}://{user}{host}{tail}"))
}

fn url_tail(host: &str, tail: &str, trust: Trust) -> String {
    let end = tail.find(['?', '#']).unwrap_or(tail.len());
    let (path, query) = tail.split_at_checked(end).unwrap_or((tail, ""));
    let path = match path.strip_prefix('/') {
        Some(inside) if !is_harmless_path(host, inside, trust) => {
            format!("/{}", mark_unless_placeholder(inside))
        }
        _ => path.to_owned(),
    };
    let mut query = query.chars();
    match query.next() {
        Some(sign) => format!("{path}{sign}{}", mark_unless_placeholder(query.as_str())),
        None => path,
    }
}

/// The path of a URL may be the credential: that of a chat's hook is.
fn is_harmless_path(host: &str, path: &str, trust: Trust) -> bool {
    let is_hook = host.contains("hook") || path.contains("hook") || path.starts_with("services/");
    let part = |part: &str| match trust {
        Trust::Component => shape::is_word(part) || part.is_empty(),
        Trust::Foreign => part
            .split(['.', '-', '_'])
            .all(|p| p.is_empty() || shape::is_lowercase_word(p) || shape::is_version(p)),
    };
    !is_hook && path.split('/').all(part)
}

fn mark_unless_placeholder(text: &str) -> String {
    let is_placeholder = text.chars().all(|c| c == PLACEHOLDER);
    if is_placeholder { text.to_owned() } else { mark(text) }
}

/// Text that must stay as it is unless it is beyond doubt a credential: names, images, labels.
pub(crate) fn structural(text: &str) -> Option<String> {
    let suspect = text.contains("-----BEGIN")
        || (text.starts_with("eyJ") && text.len() > 24)
        || text.split_once("://").is_some_and(|(_, rest)| rest.contains('@'));
    suspect.then(|| judged(Secrecy::No, text, Trust::Component))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_decide_before_shapes() {
        let is_kept = |name, text, trust| value(name, text, trust) == text;
        assert!(!is_kept("DB_PASSWORD", "12345678", Trust::Foreign));
        assert!(!is_kept("password", "production", Trust::Component));
        assert!(is_kept(
            "tls-private-key-file",
            "/etc/kubernetes/pki/apiserver.key",
            Trust::Component
        ));
        assert!(is_kept("authentication-token-webhook", "true", Trust::Component));
        assert!(is_kept("authentication-token-webhook-cache-ttl", "2m0s", Trust::Component));
        assert!(is_kept("kubelet-client-key", "/etc/kubernetes/pki/x.key", Trust::Component));
        assert!(!is_kept("client-key", "/hunter2", Trust::Component));
        assert!(!is_kept("GREETING", "hunter2", Trust::Foreign));
        assert!(is_kept("name", "hunter2", Trust::Component));
        assert!(is_kept("NO_PROXY", "localhost,.svc,10.0.0.0/8", Trust::Foreign));
    }

    #[test]
    fn urls_lose_only_their_credentials() {
        let of = |text| value("x", text, Trust::Foreign);
        assert_eq!(of("https://10.0.0.1:6443"), "https://10.0.0.1:6443");
        assert_eq!(
            of("unix:///var/run/containerd/containerd.sock"),
            "unix:///var/run/containerd/containerd.sock"
        );
        let redacted = of("postgres://app:hunter2@db.example.com:5432/app?sslmode=disable");
        assert!(redacted.starts_with("postgres://[redacted 11 bytes, digest "), "{redacted}");
        assert!(redacted.contains("]@db.example.com:5432/app?[redacted 15 bytes"), "{redacted}");
        assert_eq!(of(&redacted), redacted);
        let hook = of("https://hooks.slack.com/services/T0/B0/canary");
        assert!(hook.starts_with("https://hooks.slack.com/[redacted"), "{hook}");
    }

    #[test]
    fn hosts_stay_where_credentials_go() {
        let of = |name, text: &str| value(name, text, Trust::Foreign);
        assert_eq!(of("DB_HOST", "payment-db"), "payment-db");
        assert_eq!(of("PGHOST", "db-0"), "db-0");
        for (name, text) in [("DB_HOST", "hunter2"), ("GREETING", "payment"), ("AUTH_HOST", "db")] {
            assert_ne!(of(name, text), text, "{name}");
        }
        assert_eq!(of("API", "http://payment-api/v1"), "http://payment-api/v1");
        let dsn = of("DATABASE_DSN", "postgres://app:hunter2@db:5432/app?password=hunter2");
        assert!(dsn.starts_with("postgres://[redacted 11 bytes, digest "), "{dsn}");
        assert!(dsn.contains("]@db:5432/[redacted 20 bytes, digest "), "{dsn}");
        assert_eq!(of("DATABASE_DSN", &dsn), dsn);
        for text in ["https://hunter2", "hunter2://db:5432", "postgres://app:hunter2@Hunter2"] {
            let kept = of("DATABASE_DSN", text);
            assert!(!kept.to_lowercase().contains("hunter2"), "{kept}");
        }
    }

    #[test]
    fn of_a_file_in_a_config_map_only_hosts_stay() {
        let text = "greeting=hunter2\nurl=jdbc:postgresql://app:hunter2@db:5432/x?p=hunter2\n\
            token: https://hunter2.example.com\nbroker: nats://queue-main/hunter2\n";
        let kept = value("app.properties", text, Trust::Foreign);
        let (mark, hosts) = kept.split_once('\n').unwrap();
        assert!(is_mark(mark), "{kept}");
        assert_eq!(hosts, "nats://queue-main\npostgresql://db:5432");
        assert_eq!(value("app.properties", &kept, Trust::Foreign), kept);
        assert!(is_mark(&value("app.properties", "a=hunter2\nb=c", Trust::Foreign)));
    }
}
