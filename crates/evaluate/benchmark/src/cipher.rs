//! Which TLS cipher suites count as strong.
//!
//! Strong is what the benchmark lists, which comes to a rule: forward secrecy (ECDHE) and
//! authenticated encryption (GCM, ChaCha20-Poly1305), and whatever TLS 1.3 has. Without a list,
//! TLS 1.2 takes what Go has on, suites of CBC with SHA-1 among them.

use kuberlock_model::Remedy;

use crate::check::Outcome;
use crate::running::Setting;

/// The suites of TLS 1.2 that a remedy proposes, by Go's names.
pub(crate) const STRONG: [&str; 6] = [
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
];

/// Whether the suite `name` is strong.
pub(crate) fn is_strong(name: &str) -> bool {
    let aead = name.contains("_GCM_") || name.contains("_CHACHA20_POLY1305");
    let tls13 =
        ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"];
    tls13.contains(&name) || (name.starts_with("TLS_ECDHE_") && aead)
}

/// Suites and lowest version that should let nothing but strong suites through. The remedy gets the
/// suites that should be listed.
pub(crate) fn judge(
    suites: &Setting,
    version: &Setting,
    remedy: impl FnOnce(Vec<String>) -> Remedy,
) -> Outcome {
    // Go has no choice of suites for TLS 1.3: all of its are strong.
    if version.value.as_deref() == Some("VersionTLS13") {
        return Outcome::pass("TLS 1.3 is the least, and has strong suites only")
            .with(version.evidence.clone());
    }
    let listed = suites.names();
    let weak: Vec<&String> = listed.iter().filter(|name| !is_strong(name)).collect();
    let outcome = if listed.is_empty() {
        let all = STRONG.iter().map(|name| (*name).to_owned()).collect();
        let message = "no suites are listed: TLS 1.2 takes what Go has on, CBC with SHA-1 among it";
        Outcome::fail(message, remedy(all))
    } else if weak.is_empty() {
        Outcome::pass("nothing but strong suites is listed")
    } else {
        let names: Vec<String> = weak.iter().map(|name| format!("`{name}`")).collect();
        let kept: Vec<String> = listed.iter().filter(|name| is_strong(name)).cloned().collect();
        let strong = || STRONG.iter().map(|name| (*name).to_owned()).collect();
        let kept = if kept.is_empty() { strong() } else { kept };
        Outcome::fail(format!("not strong: {}", names.join(", ")), remedy(kept))
    };
    outcome.with(suites.evidence.clone()).with(version.evidence.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strong_is_forward_secret_and_authenticated() {
        assert!(STRONG.iter().all(|name| is_strong(name)));
        assert!(is_strong("TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305"));
        for name in [
            "TLS_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
            "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256",
            "TLS_RSA_WITH_3DES_EDE_CBC_SHA",
            "TLS_AES_128_CBC_SHA",
            "",
        ] {
            assert!(!is_strong(name), "{name}");
        }
    }
}
