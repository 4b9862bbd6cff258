//! What looks like a credential is taken out of what the audits printed.
//!
//! Enters: results. Leaves: the same, with the values of keys named like credentials, private keys,
//! tokens and long random texts replaced. Always holds: paths, flags and modes stay as they were
//! printed, so that values compare with kube-bench's; here, unlike in a snapshot, it is listed what
//! must not pass, since the text may be of any kind.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use kuberlock_kube_bench::benchmark::Result as Target;
use kuberlock_source::redact;
use regex::{Captures, Regex};

/// A key that is named like a credential, and its value.
static KEYED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?ix)(?P<key> [\w.-]*(?:password|passwd|passphrase|token|secret|credential
            |(?:private|access|api|client|encryption)[-_.]?key)(?:[-_.]?(?:data|id|value))? )
            (?P<between> ["'\\]* \s* [:=] [\x20\t]* ["'\\]* )
            (?P<value> [^\s"'\\,;{}\[\]]{4,} )"#,
    )
    .ok()
});

/// What stands between the lines of a private key.
static PRIVATE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(-----BEGIN [A-Z ]*PRIVATE KEY-----)([\s\S]*?)(-----END [A-Z ]*PRIVATE KEY-----|$)",
    )
    .ok()
});

/// What may be a token, or random.
static LONG: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"[A-Za-z0-9+/=_.-]{32,}").ok());

/// The results, redacted.
pub(super) fn redacted(mut results: Vec<Target>) -> Vec<Target> {
    // Many checks rest on the same output: each is looked at once.
    let mut known: HashMap<String, Option<String>> = HashMap::new();
    let groups = results.iter_mut().flat_map(|result| &mut result.groups);
    for (_, outcome) in groups.flat_map(|group| &mut group.checks) {
        for text in [&mut outcome.actual, &mut outcome.reason] {
            if !known.contains_key(text.as_str()) {
                let new = match shown(text) {
                    Cow::Owned(new) => Some(new),
                    Cow::Borrowed(_) => None,
                };
                known.insert(text.clone(), new);
            }
            if let Some(Some(new)) = known.get(text.as_str()) {
                text.clone_from(new);
            }
        }
    }
    results
}

fn shown(text: &str) -> Cow<'_, str> {
    let private = replaced(Cow::Borrowed(text), &PRIVATE, |found| {
        format!("{}[redacted]{}", group(found, 1), group(found, 3))
    });
    let keyed = replaced(private, &KEYED, |found| {
        let (key, value) = (group(found, 1), group(found, 3));
        match is_harmless(value) {
            true => group(found, 0).to_owned(),
            false => format!("{key}{}{}", group(found, 2), redact::environment("TOKEN", value)),
        }
    });
    replaced(keyed, &LONG, |found| match group(found, 0) {
        word if is_random(word) => redact::environment("TOKEN", word),
        word => word.to_owned(),
    })
}

fn replaced<'t>(
    text: Cow<'t, str>,
    what: &LazyLock<Option<Regex>>,
    by: impl Fn(&Captures<'_>) -> String,
) -> Cow<'t, str> {
    let Some(what) = what.as_ref().filter(|what| what.is_match(&text)) else { return text };
    let new = what.replace_all(&text, |found: &Captures<'_>| by(found)).into_owned();
    if new == *text { text } else { Cow::Owned(new) }
}

fn group<'t>(found: &Captures<'t>, at: usize) -> &'t str {
    found.get(at).map_or("", |group| group.as_str())
}

/// Whether a value is a path, a truth or a number, and so no credential.
fn is_harmless(value: &str) -> bool {
    let plain = matches!(value, "true" | "false" | "null" | "<none>" | "notset" | "[redacted");
    plain || value.starts_with(['/', '-', '$']) || value.bytes().all(|b| b.is_ascii_digit())
}

/// Whether a word is of large and small letters and digits, as what is encoded is, and as paths,
/// flags and names of ciphers are not.
fn is_random(word: &str) -> bool {
    let has = |of: fn(&u8) -> bool| word.bytes().filter(of).count();
    let (upper, lower, digits) =
        (has(u8::is_ascii_uppercase), has(u8::is_ascii_lowercase), has(u8::is_ascii_digit));
    let path = word.starts_with(['/', '-']) || word.contains("://");
    let named = word.matches(['/', '-', '_', '.']).count() * 8 > word.len();
    word.starts_with("eyJ") || (!path && !named && upper > 3 && lower > 3 && digits > 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_a_credential_goes() {
        for (text, secret) in [
            ("    token: aGVsbG8td29ybGQ\nuser: x", "aGVsbG8td29ybGQ"),
            (r#"{"client-key-data": "LS0tLS1CRUdJTg"}"#, "LS0tLS1CRUdJTg"),
            ("AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI", "wJalrXUtnFEMI"),
            ("-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----", "MIIE"),
            ("x LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUM x", "LS0tLS1CRUdJTiBDRVJUSUZJQ0FU"),
            ("a eyJhbGciOiJSUzI1NiIsImtpZCI6IiJ9.eyJzdWIiOiJ4In0.c2ln b", "eyJzdWIiOiJ4In0"),
        ] {
            let shown = shown(text);
            assert!(!shown.contains(secret), "{text}: {shown}");
        }
    }

    #[test]
    fn what_audits_print_stays() {
        for text in [
            "root:root",
            "permissions=600 /etc/kubernetes/admin.conf",
            "root  203  1  0 04:53 ?  00:00:00 /usr/local/bin/kube-apiserver --token-auth-file=/x \
             --service-account-key-file=/etc/kubernetes/pki/sa.pub --authorization-mode=Node,RBAC \
             --enable-bootstrap-token-auth=true --etcd-keyfile=/etc/kubernetes/pki/apiserver-etcd-client.key \
             --tls-cipher-suites=TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305 \
             --use-service-account-credentials=true --tls-private-key-file=/k --kubelet-client-key=/a/b",
            "tlsPrivateKeyFile: /var/lib/kubelet/pki/k.key\nauthorization:\n  mode: Webhook",
            r#"{"authorization":{"mode":"AlwaysAllow"},"tlsCipherSuites":["TLS_RSA_WITH_RC4_128_SHA"]}"#,
        ] {
            assert_eq!(shown(text), text);
        }
    }
}
