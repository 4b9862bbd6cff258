//! Whether the name of a value says that the value is a credential.
//!
//! Enters: the name of a flag, variable, field, annotation or header, in any spelling. Leaves:
//! [`Secrecy`]. Always holds: a name is split into words first, so that `authorization-mode` and
//! `conntrack` are not taken for `auth` and `conn`.

use std::cell::RefCell;
use std::collections::HashMap;

/// What a name says of its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Secrecy {
    /// Nothing.
    No,
    /// It is about a credential: its file, lifetime or issuer. `token-auth-file`, `token-ttl`.
    About,
    /// It is one: `password`, `client-key-data`, `DB_PASS`.
    Is,
}

/// Words that name a credential.
static WORDS: [&str; 71] = [
    "accesskey",
    "apikey",
    "appkey",
    "auth",
    "authkey",
    "authn",
    "authtoken",
    "bearer",
    "certkey",
    "conn",
    "connection",
    "connections",
    "connstr",
    "cookie",
    "cookies",
    "cred",
    "credential",
    "credentials",
    "creds",
    "dsn",
    "encryptionkey",
    "header",
    "headers",
    "hmac",
    "hook",
    "hooks",
    "jwt",
    "key",
    "keyring",
    "keys",
    "keytab",
    "kubeconfig",
    "license",
    "licence",
    "login",
    "mnemonic",
    "nonce",
    "oauth",
    "otp",
    "pass",
    "passcode",
    "passes",
    "passphrase",
    "passwd",
    "password",
    "passwords",
    "pat",
    "pin",
    "private",
    "privatekey",
    "psk",
    "pw",
    "pwd",
    "salt",
    "sas",
    "secret",
    "secretkey",
    "secrets",
    "seed",
    "session",
    "sessions",
    "sig",
    "signature",
    "signing",
    "sshkey",
    "token",
    "tokens",
    "totp",
    "userinfo",
    "webhook",
    "webhooks",
];

/// Parts of words that name a credential even where nothing separates them: `PGPASSWORD`.
static PARTS: [&str; 12] = [
    "accesskey",
    "apikey",
    "connectionstring",
    "connstr",
    "credential",
    "passphrase",
    "passwd",
    "password",
    "privatekey",
    "secret",
    "token",
    "webhook",
];

/// Words after which a name is still that of the credential: `client-key-data`, `token2`,
/// `password-value`.
static TAILS: [&str; 14] = [
    "base64", "b64", "contents", "content", "current", "data", "hash", "hashes", "header", "id",
    "new", "old", "string", "value",
];

/// Words that name a credential or, as often, a number of things or a span of time:
/// `http2-max-streams-per-connection`.
static SOFT: [&str; 9] = [
    "conn",
    "connection",
    "connections",
    "hook",
    "hooks",
    "session",
    "sessions",
    "webhook",
    "webhooks",
];

/// How many names are remembered, and how long they may be: a cluster has a few hundred, again and
/// again; what hostile input adds must not grow.
const REMEMBERED: usize = 4096;
const LONGEST: usize = 64;

thread_local! {
    static KNOWN: RefCell<HashMap<String, Secrecy>> = RefCell::new(HashMap::new());
}

/// What `name` says of its value.
pub(crate) fn secrecy(name: &str) -> Secrecy {
    if name.len() > LONGEST {
        return judge(name);
    }
    KNOWN.with_borrow_mut(|known| {
        if let Some(secrecy) = known.get(name) {
            return *secrecy;
        }
        let secrecy = judge(name);
        if known.len() < REMEMBERED {
            known.insert(name.to_owned(), secrecy);
        }
        secrecy
    })
}

/// Whether `name` says that its value is a host, and nothing of a credential.
pub(crate) fn names_host(name: &str) -> bool {
    static HOSTS: [&str; 12] = [
        "addr", "address", "backend", "broker", "endpoint", "host", "hostname", "server",
        "service", "svc", "upstream", "url",
    ];
    let is_host = |word: &String| HOSTS.contains(&word.as_str()) || word.ends_with("host");
    name.len() <= LONGEST && words(name).last().is_some_and(is_host) && secrecy(name) == Secrecy::No
}

fn judge(name: &str) -> Secrecy {
    let words = words(name);
    // These flags name headers and whom to trust with them, and hold no header's value.
    if words.first().is_some_and(|word| word == "requestheader") {
        return Secrecy::No;
    }
    if is_embedded(&words) {
        return Secrecy::Is;
    }
    let Some(last) = words.iter().rposition(|word| is_credential(word)) else {
        return Secrecy::No;
    };
    let rest = words.iter().skip(last + 1);
    let only_tails =
        rest.clone().all(|w| TAILS.contains(&w.as_str()) || w.bytes().all(|b| b.is_ascii_digit()));
    let soft = words.get(last).is_some_and(|word| SOFT.contains(&word.as_str()));
    if only_tails && !soft { Secrecy::Is } else { Secrecy::About }
}

/// `certificate-authority-data`, `client-certificate-data`, `stringData`: what is embedded.
fn is_embedded(words: &[String]) -> bool {
    let names = ["certificate", "cert", "ca", "authority", "string", "binary"];
    words.last().is_some_and(|last| last == "data")
        && words.iter().any(|word| names.contains(&word.as_str()))
}

fn is_credential(word: &str) -> bool {
    let bare = word.trim_end_matches(|c: char| c.is_ascii_digit());
    WORDS.contains(&bare)
        || WORDS.contains(&word)
        || PARTS.iter().any(|part| word.contains(part))
        || (bare.len() > 3 && (bare.ends_with("pwd") || bare.ends_with("pass")))
}

/// The words of a name in lower case: `clientKeyData`, `CLIENT_KEY_DATA` and `client-key-data`
/// are all `client key data`.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut before = ' ';
    let mut chars = name.chars().peekable();
    while let Some(c) = chars.next() {
        let next_is_lower = chars.peek().is_some_and(|c| c.is_lowercase());
        let starts = !before.is_alphanumeric()
            || (c.is_uppercase() && (before.is_lowercase() || before.is_ascii_digit()))
            || (c.is_uppercase() && before.is_uppercase() && next_is_lower);
        if c.is_alphanumeric() {
            if starts || words.is_empty() {
                words.push(String::new());
            }
            if let Some(word) = words.last_mut() {
                word.extend(c.to_lowercase());
            }
        }
        before = c;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::Secrecy::{About, Is, No};
    use super::*;

    #[test]
    fn names_tell_credentials() {
        for name in [
            "password",
            "DB_PASS",
            "PGPASSWORD",
            "mysqlpwd",
            "apiKey",
            "API_KEY_2",
            "authToken",
            "token",
            "client-key-data",
            "certificate-authority-data",
            "SECRET_KEY_BASE64",
            "stringData",
            "dsn",
            "cookie",
            "X-Api-Key",
            "AWS_SECRET_ACCESS_KEY",
            "kubelet-client-key",
            "SMTPPassword",
            "httpHeaders",
        ] {
            assert_eq!(secrecy(name), Is, "{name}");
        }
        for name in [
            "token-auth-file",
            "tls-private-key-file",
            "service-account-key-file",
            "WEBHOOK_URL",
            "authentication-token-webhook-cache-ttl",
            "secretName",
            "secretKeyRef",
            "AUTH_URL",
            "audit-webhook-mode",
            "SLACK_WEBHOOK",
            "http2-max-streams-per-connection",
        ] {
            assert_eq!(secrecy(name), About, "{name}");
        }
        for name in [
            "authorization-mode",
            "anonymous-authentication",
            "conntrack-max-per-core",
            "bind-address",
            "monkey",
            "feature-gates",
            "clientCAFile",
            "passive",
            "keyboard",
        ] {
            assert_eq!(secrecy(name), No, "{name}");
        }
    }
}
