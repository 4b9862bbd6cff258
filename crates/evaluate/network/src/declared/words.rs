//! Hosts and ports that a text names.

/// A host in a text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Named {
    /// The host, in lower case, without a dot at its end.
    pub(super) host: String,
    /// The port, where one is written.
    pub(super) port: Option<u16>,
    /// The scheme of the URL, where it stands in one.
    pub(super) scheme: Option<String>,
    /// Whether it is all that the text, or an item of the list that the text is, holds.
    pub(super) alone: bool,
}

/// Ports that schemes mean where none is written.
static SCHEMES: [(&str, u16); 27] = [
    ("amqp", 5672),
    ("amqps", 5671),
    ("bolt", 7687),
    ("cassandra", 9042),
    ("clickhouse", 9000),
    ("elasticsearch", 9200),
    ("ftp", 21),
    ("http", 80),
    ("https", 443),
    ("ldap", 389),
    ("ldaps", 636),
    ("mariadb", 3306),
    ("memcached", 11211),
    ("mongodb", 27017),
    ("mqtt", 1883),
    ("mssql", 1433),
    ("mysql", 3306),
    ("nats", 4222),
    ("neo4j", 7687),
    ("postgres", 5432),
    ("postgresql", 5432),
    ("pulsar", 6650),
    ("redis", 6379),
    ("rediss", 6379),
    ("sqlserver", 1433),
    ("ws", 80),
    ("wss", 443),
];

/// The port that a scheme means.
pub(super) fn port_of_scheme(scheme: &str) -> Option<u16> {
    let base = scheme.split('+').next().unwrap_or(scheme);
    let at = SCHEMES.binary_search_by(|(name, _)| name.cmp(&base)).ok()?;
    SCHEMES.get(at).map(|(_, port)| *port)
}

/// Every host that `text` names, once.
///
/// Marks of what was redacted stand where credentials were; what they hide is no host.
pub(super) fn hosts(text: &str) -> Vec<Named> {
    let text = without_marks(text);
    let mut found: Vec<Named> = Vec::new();
    let is_list = !text.contains(char::is_whitespace) || text.contains(',');
    for word in text.split(|c: char| c.is_whitespace() || "\"'`<>()[]{}|,;".contains(c)) {
        // `--flag=value` and `key=value`: the value is what counts.
        for part in word.split('=').filter(|part| !part.is_empty()) {
            let named = of_word(part, is_list && part.len() == word.len());
            found.extend(named.filter(|named| !found.contains(named)));
        }
    }
    // What stands between brackets was cut off by the words: `http://[2001:db8::1]:80`.
    found
}

/// Text in which marks of the redaction are cut out.
fn without_marks(text: &str) -> String {
    let mut whole = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("[redacted") {
        whole.push_str(before);
        whole.push('\u{FFFD}');
        rest = after.split_once(']').map_or("", |(_, rest)| rest);
    }
    whole.push_str(rest);
    whole
}

fn of_word(word: &str, alone: bool) -> Option<Named> {
    let (scheme, rest) = match word.split_once("://") {
        Some((scheme, rest)) => {
            // `jdbc:postgresql://…`
            let scheme = scheme.rsplit(':').next().unwrap_or(scheme);
            (Some(scheme.to_ascii_lowercase()), rest)
        }
        None => (None, word),
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let authority = authority.rsplit('@').next().unwrap_or(authority);
    let (host, port) = match authority.split_once(':') {
        Some((host, port)) => {
            let digits: String = port.chars().take_while(char::is_ascii_digit).collect();
            let number = digits.parse::<u16>().ok().filter(|port| *port != 0);
            // `image:tag`, `a:b`: no port.
            (host, Some(number.filter(|_| digits.len() == port.len())?))
        }
        None => (authority, None),
    };
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let alone = alone && scheme.is_none() && rest.len() == authority.len();
    is_host(&host).then_some(Named { host, port, scheme, alone })
}

fn is_host(text: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.len() <= 253 && text.split('.').all(label)
}

/// Whether a variable, flag or key of this name holds a host.
pub(super) fn names_a_host(name: &str) -> bool {
    static WORDS: [&str; 25] = [
        "ADDR",
        "ADDRESS",
        "ADDRESSES",
        "API",
        "BACKEND",
        "BROKER",
        "BROKERS",
        "DOMAIN",
        "DSN",
        "ENDPOINT",
        "ENDPOINTS",
        "HOST",
        "HOSTNAME",
        "HOSTS",
        "NODES",
        "PEER",
        "PEERS",
        "SERVER",
        "SERVERS",
        "SERVICE",
        "SVC",
        "TARGET",
        "UPSTREAM",
        "URI",
        "URL",
    ];
    let upper = spaced(name);
    upper.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| {
        WORDS.contains(&word) || ["HOST", "ADDR", "URL", "SERVER"].iter().any(|w| word.ends_with(w))
    })
}

/// `dbHost` as `DB_HOST`.
fn spaced(name: &str) -> String {
    let mut upper = String::with_capacity(name.len() + 4);
    let mut before_is_lower = false;
    for c in name.chars() {
        if c.is_ascii_uppercase() && before_is_lower {
            upper.push('_');
        }
        before_is_lower = c.is_ascii_lowercase();
        upper.push(c.to_ascii_uppercase());
    }
    upper
}

/// The name without its last word, where that says `host` or the like: `DB_HOST` → `DB_`.
pub(super) fn stem(name: &str) -> Option<String> {
    let upper = spaced(name);
    ["HOSTNAME", "HOST", "ADDRESS", "ADDR", "SERVER", "SERVICE", "ENDPOINT"]
        .iter()
        .find_map(|word| upper.strip_suffix(word).map(str::to_owned))
}

/// Whether `name` is that of the port of what has `stem`.
pub(super) fn is_port_of(stem: &str, name: &str) -> bool {
    spaced(name).strip_suffix("PORT").is_some_and(|own| own == stem)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<(String, Option<u16>)> {
        hosts(text).into_iter().map(|named| (named.host, named.port)).collect()
    }

    fn pair(host: &str, port: impl Into<Option<u16>>) -> (String, Option<u16>) {
        (host.to_owned(), port.into())
    }

    #[test]
    fn schemes_are_sorted() {
        assert!(SCHEMES.is_sorted());
        assert_eq!(port_of_scheme("mongodb+srv"), Some(27017));
    }

    #[test]
    fn hosts_are_found_in_texts() {
        assert_eq!(of("db:5432"), [pair("db", 5432)]);
        assert_eq!(
            of("postgres://[redacted 9 bytes, digest 0123456789abcdef]@db:5432/x"),
            [pair("db", 5432)]
        );
        assert_eq!(of("jdbc:postgresql://db.data/x?ssl=true")[0], pair("db.data", None));
        assert_eq!(of("kafka-0.kafka:9092,kafka-1.kafka:9092").len(), 2);
        assert_eq!(
            of("--upstream=http://api.shop.svc.cluster.local.:8080/v1")[0],
            pair("api.shop.svc.cluster.local", 8080)
        );
        assert_eq!(of("API_TOKEN_PATH=/var/run/x"), []);
        assert_eq!(of("nginx:1.27-alpine"), []);
        let scheme = &hosts("redis://cache")[0];
        assert_eq!((scheme.scheme.as_deref(), scheme.alone), (Some("redis"), false));
        assert!(hosts("cache")[0].alone);
    }

    #[test]
    fn names_tell_hosts_and_their_ports() {
        for name in ["DB_HOST", "dbHost", "PGHOST", "cache.addr", "REDIS_URL", "--server"] {
            assert!(names_a_host(name), "{name}");
        }
        for name in ["LOG_LEVEL", "MODE", "DB_NAME", "GHOSTED"] {
            assert!(!names_a_host(name), "{name}");
        }
        let stem = stem("DB_HOST").unwrap();
        assert!(is_port_of(&stem, "DB_PORT") && !is_port_of(&stem, "CACHE_PORT"));
    }
}
