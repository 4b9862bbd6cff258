//! Whether text looks drawn at random, or otherwise made by a machine to be secret.
//!
//! Enters: text of any kind. Leaves: yes or no. Always holds: the words that Kubernetes itself
//! uses (cipher suites, feature gates, API versions) do not look random; what is drawn from 62
//! letters and digits and is 16 or longer does.

/// How credentials of well-known issuers begin.
static PREFIXES: [&str; 46] = [
    "-----begin",
    "abia",
    "acca",
    "aiza",
    "akia",
    "asia",
    "bearer ",
    "basic ",
    "dckr_pat_",
    "dop_v1_",
    "dp.st.",
    "eyj",
    "ghp_",
    "gho_",
    "ghu_",
    "ghs_",
    "ghr_",
    "github_pat_",
    "glpat-",
    "gldt-",
    "glrt-",
    "glsa_",
    "gocspx-",
    "hf_",
    "hvb.",
    "hvs.",
    "lin_api_",
    "npm_",
    "nrak-",
    "ntn_",
    "pat-",
    "pk_live_",
    "pypi-",
    "rk_live_",
    "sg.",
    "shpat_",
    "shpss_",
    "sk-",
    "sk_live_",
    "sk_test_",
    "sntrys_",
    "sq0csp-",
    "tskey-",
    "whsec_",
    "xox",
    "ya29.",
];

/// Whether text begins, anywhere in it, as a credential of a well-known issuer does.
pub(super) fn has_known_prefix(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let mut before = None;
    for (at, c) in lower.char_indices() {
        let begins = before.replace(c).is_none_or(|c: char| !c.is_alphanumeric());
        let here = lower.get(at..).unwrap_or_default();
        if begins
            && PREFIXES.iter().any(|prefix| here.starts_with(prefix) && goes_on(text, at, prefix))
        {
            return true;
        }
    }
    false
}

/// Whether what begins with `prefix` at `at` goes on as a credential does.
fn goes_on(text: &str, at: usize, prefix: &str) -> bool {
    let rest = text.get(at + prefix.len()..).unwrap_or_default();
    let long = rest.chars().take(6).filter(|c| !c.is_whitespace()).count() == 6;
    long && starts_odd(text.get(at..).unwrap_or_default(), prefix)
}

/// Prefixes that are also the beginning of words count only where what follows is no word.
fn starts_odd(found: &str, prefix: &str) -> bool {
    let is_bare_word = prefix.bytes().all(|b| b.is_ascii_alphabetic());
    let word: String = found.chars().take_while(char::is_ascii_alphanumeric).collect();
    let ends_open = prefix.ends_with(['-', '.', '_', ' ']);
    match (is_bare_word, ends_open) {
        (false, true) if prefix.ends_with(' ') => found
            .get(prefix.len()..)
            .is_some_and(|rest| rest.bytes().take(24).any(|b| b.is_ascii_digit() || b == b'=')),
        (true, _) => found.starts_with("eyJ") || found.starts_with("xox") || is_odd(&word),
        (false, true) if prefix.len() <= 4 => found
            .get(prefix.len()..)
            .is_some_and(|rest| rest.bytes().take(24).any(|b| b.is_ascii_digit())),
        _ => true,
    }
}

/// Whether any run of letters and digits in `text` looks drawn at random.
pub(super) fn is_random(text: &str) -> bool {
    if has_known_prefix(text) {
        return true;
    }
    let runs = || text.split(|c: char| !c.is_alphanumeric() && c != '+');
    runs().any(is_odd) || runs().filter(|run| is_mixed(run)).count() >= 2
}

fn is_odd(run: &str) -> bool {
    let shape = Shape::of(run);
    let n = shape.length;
    if !run.is_ascii() {
        return n >= 16;
    }
    match (shape.digits, shape.lower, shape.upper) {
        (_, 0, 0) => n > 10,
        _ if n >= 12 && shape.digits > 0 && run.bytes().all(|b| b.is_ascii_hexdigit()) => true,
        _ if shape.digit_groups >= 3 && n >= 8 => !is_api_version(run),
        _ if shape.digit_groups >= 2 && n >= 10 => true,
        (0, _, 0) | (0, 0, _) => n > 32 || (n >= 16 && is_unspeakable(run)),
        // Words in camel case have more than two small letters to a capital.
        (0, lower, _) if n >= 10 && lower * 2 < shape.lower_groups * 5 => true,
        (0, ..) => n >= 16 && shape.humps * 4 > n,
        (_, 0, _) => n >= 12,
        (digits, _, 0) => n >= 16 && (digits * 4 >= n || !run.ends_with(is_digit)),
        _ => n >= 12 && (shape.digits > 3 || shape.humps * 3 > n),
    }
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit()
}

/// Lower, upper and digits together in a run that is no `IPv6` or `P256`.
fn is_mixed(run: &str) -> bool {
    let shape = Shape::of(run);
    let is_mixed = shape.digits > 0 && shape.lower > 0 && shape.upper > 0;
    is_mixed
        && shape.length >= 4
        && (shape.digit_groups > 1 || shape.humps > 1)
        && !run.starts_with("IPv")
}

/// `v1alpha1` and the like.
fn is_api_version(run: &str) -> bool {
    let rest = run.strip_prefix('v').unwrap_or(run);
    rest.split(|c: char| c.is_ascii_digit())
        .all(|word| matches!(word, "" | "alpha" | "beta" | "rc"))
}

/// Letters without vowels, or with more consonants in a row than any word has.
fn is_unspeakable(run: &str) -> bool {
    let is_vowel = |c: char| matches!(c.to_ascii_lowercase(), 'a' | 'e' | 'i' | 'o' | 'u' | 'y');
    let longest = run.split(is_vowel).map(str::len).max().unwrap_or(0);
    let vowels = run.chars().filter(|c| is_vowel(*c)).count();
    longest >= 6 || vowels * 5 < run.len()
}

struct Shape {
    length: usize,
    lower: usize,
    upper: usize,
    digits: usize,
    digit_groups: usize,
    /// Runs of small letters.
    lower_groups: usize,
    /// Runs of capitals.
    humps: usize,
}

impl Shape {
    fn of(run: &str) -> Self {
        let mut shape = Self {
            length: 0,
            lower: 0,
            upper: 0,
            digits: 0,
            digit_groups: 0,
            lower_groups: 0,
            humps: 0,
        };
        let mut before = ' ';
        for c in run.chars() {
            shape.length += 1;
            if c.is_ascii_digit() {
                shape.digits += 1;
                shape.digit_groups += usize::from(!before.is_ascii_digit());
            } else if c.is_uppercase() {
                shape.upper += 1;
                shape.humps += usize::from(!before.is_uppercase());
            } else {
                shape.lower += 1;
                shape.lower_groups += usize::from(!before.is_lowercase());
            }
            before = c;
        }
        shape
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_look_random() {
        for text in [
            "AKIAIOSFODNN7EXAMPLE",
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
            "xoxb-17653672481-19874698323-pdFZKVeTuE8sk7oOcHrzqqgy",
            "eyJhbGciOiJSUzI1NiIsImtpZCI6IiJ9.eyJpc3MiOiJrdWJlcm5ldGVzIn0.sig",
            "5f4dcc3b5aa765d61d8327deb882cf99",
            "0e37df36-f698-11e6-8dd4-cb9ced3df976",
            "abcdef.0123456789abcdef",
            "dGhpcyBpcyBhIHNlY3JldCB0b2tlbg==",
            "JBSWY3DPEHPK3PXP",
            "AIzaSyD-9tSrke72PouQMnMX-a7eZSW0jkFMBWY",
            "hvs.CAESIJ1234567890",
            "Xk29dLq8ZpW3",
            "kqzxvbnmtrwplkjh",
            "T01ABCD2EFG",
        ] {
            assert!(is_random(text), "{text}");
        }
    }

    #[test]
    fn words_of_kubernetes_do_not() {
        for text in [
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
            "AlwaysPullImages,NodeRestriction,ValidatingAdmissionWebhook",
            "RotateKubeletServerCertificate=true,InPlacePodVerticalScaling=true",
            "InTreePluginAWSUnregister,CSIMigrationvSphere,IPv6DualStack,APIServerTracing",
            "system:kube-controller-manager",
            "kube-apiserver-kubelet-client.crt",
            "node-role.kubernetes.io/control-plane",
            "flowcontrol.apiserver.k8s.io/v1beta3",
            "admissionregistration.k8s.io/v1alpha1",
            "registry.k8s.io/kube-apiserver:v1.37.2",
            "requestheader-allowed-names",
            "10.96.0.0/12",
            "asia-southeast1-b",
            "sk-learn-model",
            "basic auth-server",
            "rke2-ingress-nginx-controller",
            "ServiceAccountIssuerDiscovery",
            "X-Remote-Extra-",
        ] {
            assert!(!is_random(text), "{text}");
        }
    }
}
