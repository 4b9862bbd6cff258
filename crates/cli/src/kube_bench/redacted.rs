//! What looks like a credential is taken out of what the audits printed.
//!
//! Enters: results. Leaves: the same, with the values of keys named like credentials, private keys,
//! tokens and long random texts replaced. Always holds: paths, flags and modes stay as they were
//! printed, so that values compare with kube-bench's; here, unlike in a snapshot, it is listed what
//! must not pass, since the text may be of any kind.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use kuberlock_kube_bench::benchmark::Result as Target;
use kuberlock_source::redact;

/// What a key is named that holds a credential, in small letters.
const KEYS: [&str; 6] = ["password", "passwd", "passphrase", "token", "secret", "credential"];
/// What a key is named before `key`.
const KINDS: [&str; 5] = ["private", "access", "api", "client", "encryption"];
/// What may follow such a name.
const ENDS: [&str; 3] = ["data", "id", "value"];
/// Letters of the shortest value of a key, and of the shortest word that may be a token.
const SHORTEST: (usize, usize) = (4, 32);

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
    let private = replaced(text, private_keys(text));
    let keyed = replaced(&private, values(&private)).into_owned();
    let long = replaced(&keyed, tokens(&keyed)).into_owned();
    if long == text { Cow::Borrowed(text) } else { Cow::Owned(long) }
}

/// The text with other words at some places, which are in their order.
fn replaced<'t>(text: &'t str, edits: Vec<(Range<usize>, String)>) -> Cow<'t, str> {
    if edits.is_empty() {
        return Cow::Borrowed(text);
    }
    let (mut new, mut done) = (String::new(), 0);
    for (place, by) in edits {
        new.push_str(text.get(done..place.start).unwrap_or_default());
        new.push_str(&by);
        done = place.end;
    }
    new.push_str(text.get(done..).unwrap_or_default());
    Cow::Owned(new)
}

/// What stands between the lines of each private key.
fn private_keys(text: &str) -> Vec<(Range<usize>, String)> {
    const BEGIN: &str = "-----BEGIN ";
    let mut edits: Vec<(Range<usize>, String)> = Vec::new();
    for (at, _) in text.match_indices(BEGIN) {
        let rest = text.get(at + BEGIN.len()..).unwrap_or_default();
        let Some((name, body)) = rest.split_once("-----") else { continue };
        let named = name.bytes().all(|b| b.is_ascii_uppercase() || b == b' ');
        if !named || !name.ends_with("PRIVATE KEY") {
            continue;
        }
        let start = text.len() - body.len();
        let end = body.find("-----END ").map_or(text.len(), |end| start + end);
        if edits.last().is_none_or(|(last, _)| last.end <= start) {
            edits.push((start..end, "[redacted]".to_owned()));
        }
    }
    edits
}

/// The values of keys that are named like credentials.
fn values(text: &str) -> Vec<(Range<usize>, String)> {
    let mut edits: Vec<(Range<usize>, String)> = Vec::new();
    for (at, _) in text.match_indices([':', '=']) {
        let (before, behind) = (text.get(..at), text.get(at + 1..));
        let (Some(before), Some(behind)) = (before, behind) else { continue };
        let key = before.trim_end().trim_end_matches(['"', '\'', '\\']);
        if !names_a_credential(key) {
            continue;
        }
        let value = behind.trim_start_matches([' ', '\t']).trim_start_matches(['"', '\'', '\\']);
        let ends = |c: char| c.is_whitespace() || "\"'\\,;{}[]".contains(c);
        let length = value.find(ends).unwrap_or(value.len());
        let start = text.len() - value.len();
        let Some(value) = value.get(..length) else { continue };
        let known = edits.last().is_some_and(|(last, _)| last.end > start);
        if !known && value.chars().nth(SHORTEST.0 - 1).is_some() && !is_harmless(value) {
            edits.push((start..start + length, redact::environment("TOKEN", value)));
        }
    }
    edits
}

/// Whether the word at the end of `text` is the name of a credential.
fn names_a_credential(text: &str) -> bool {
    let word = text.len().saturating_sub(40);
    // Longer names are not told apart by more than their end.
    let word = (word..=text.len()).find_map(|at| text.get(at..)).unwrap_or_default();
    let word = word.to_lowercase();
    let joined = |c: char| matches!(c, '-' | '_' | '.');
    let named = |word: &str| {
        let cut = word.strip_suffix("key").map(|word| word.strip_suffix(joined).unwrap_or(word));
        KEYS.iter().any(|key| word.ends_with(key))
            || cut.is_some_and(|word| KINDS.iter().any(|kind| word.ends_with(kind)))
    };
    let ended = ENDS.iter().filter_map(|end| word.strip_suffix(end));
    named(&word) || ended.into_iter().any(|word| named(word.strip_suffix(joined).unwrap_or(word)))
}

/// Long words that look random.
fn tokens(text: &str) -> Vec<(Range<usize>, String)> {
    let ends = |c: char| !(c.is_ascii_alphanumeric() || "+/=_.-".contains(c));
    let mut edits = Vec::new();
    let mut at = 0;
    for piece in text.split_inclusive(ends) {
        let word = piece.strip_suffix(ends).unwrap_or(piece);
        if word.len() >= SHORTEST.1 && is_random(word) {
            edits.push((at..at + word.len(), redact::environment("TOKEN", word)));
        }
        at += piece.len();
    }
    edits
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
            ("Access-Key_ID : 'AKIAIOSFODNN7'", "AKIAIOSFODNN7"),
            ("api.key=0x1234abcd", "0x1234abcd"),
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
