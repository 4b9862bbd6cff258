//! Names, labels and the other texts that Kubernetes knows the form of.

const LONGEST_DOMAIN: usize = 253;
const LONGEST_LABEL: usize = 63;
const LONGEST_PORT_NAME: usize = 15;

/// Why a text is not of its form; None where it is.
pub(super) type Why = Option<&'static str>;

/// A name of an object: labels of lower-case letters, digits and dashes, with dots between them.
pub(super) fn domain(text: &str) -> Why {
    if text.len() > LONGEST_DOMAIN {
        return Some("is longer than 253 characters");
    }
    (!text.split('.').all(is_domain_label)).then_some(
        "is no DNS name: lower-case letters, digits, `-` and `.`, a letter or digit at both ends",
    )
}

fn is_domain_label(text: &str) -> bool {
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    !text.is_empty() && text.bytes().all(inner) && !text.starts_with('-') && !text.ends_with('-')
}

/// The beginning of a name that the server completes: a dash at its end is no fault. The server
/// judges such a text with its last two characters taken for one letter.
pub(super) fn domain_prefix(text: &str) -> Why {
    match text.strip_suffix('-') {
        Some(rest) if !rest.is_empty() => {
            let mut masked = rest.to_owned();
            masked.pop();
            masked.push('a');
            domain(&masked)
        }
        _ => domain(text),
    }
}

/// The key of a label: a name, before it perhaps a domain and a slash.
pub(super) fn label_key(text: &str) -> Why {
    let (prefix, name) = match text.split_once('/') {
        None => (None, text),
        Some((prefix, name)) => (Some(prefix), name),
    };
    if name.contains('/') {
        return Some("is no label key: it has more than one `/`");
    }
    if prefix.is_some_and(|prefix| domain(prefix).is_some()) {
        return Some("is no label key: what is before the `/` is no DNS name");
    }
    match name.len() {
        0 => Some("is no label key: its name is empty"),
        1..=LONGEST_LABEL if is_label(name) => None,
        1..=LONGEST_LABEL => Some(
            "is no label key: letters, digits, `-`, `_` and `.`, a letter or digit at both ends",
        ),
        _ => Some("is no label key: its name is longer than 63 characters"),
    }
}

/// The value of a label.
pub(super) fn label_value(text: &str) -> Why {
    if text.len() > LONGEST_LABEL {
        return Some("is no label value: it is longer than 63 characters");
    }
    (!text.is_empty() && !is_label(text)).then_some(
        "is no label value: letters, digits, `-`, `_` and `.`, a letter or digit at both ends",
    )
}

fn is_label(text: &str) -> bool {
    let inner = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    let end = |b: Option<u8>| b.is_some_and(|b| b.is_ascii_alphanumeric());
    text.bytes().all(inner) && end(text.bytes().next()) && end(text.bytes().next_back())
}

/// The name of a port.
pub(super) fn port_name(text: &str) -> Why {
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if text.len() > LONGEST_PORT_NAME {
        Some("is no port name: it is longer than 15 characters")
    } else if text.is_empty() || !text.bytes().all(inner) {
        Some("is no port name: lower-case letters, digits and `-`")
    } else if !text.bytes().any(|b| b.is_ascii_lowercase()) {
        Some("is no port name: it has no letter")
    } else if text.contains("--") || text.starts_with('-') || text.ends_with('-') {
        Some("is no port name: a `-` stands between letters or digits")
    } else {
        None
    }
}

/// The pattern of a domain name in the tiered kinds: a wildcard perhaps, at least two labels, a dot
/// at the end perhaps. A label begins with what the pattern's `A-z` spans.
pub(super) fn domain_pattern(text: &str) -> Why {
    let names = text.strip_prefix("*.").unwrap_or(text);
    let names = names.strip_suffix('.').unwrap_or(names);
    let inner = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    let is_label = |label: &str| {
        let bytes = label.as_bytes();
        let first = |b: &u8| matches!(*b, b'A'..=b'z' | b'0'..=b'9');
        match bytes {
            [only] => first(only),
            [begin, middle @ .., end] => {
                first(begin) && middle.iter().all(|b| inner(*b)) && end.is_ascii_alphanumeric()
            }
            [] => false,
        }
    };
    let fits = names.contains('.') && names.split('.').all(is_label);
    (!fits).then_some("is no domain name of two labels or more, with `*.` before it at most")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_ports_are_as_iana_has_them() {
        for right in ["a", "http", "1-a", "a1", "abcdefghijklmno"] {
            assert_eq!(port_name(right), None, "{right}");
        }
        for wrong in ["", "1", "80-80", "-a", "a-", "a--b", "A", "a_b", "abcdefghijklmnop"] {
            assert!(port_name(wrong).is_some(), "{wrong}");
        }
    }

    #[test]
    fn keys_and_values_of_labels_have_their_form() {
        for right in ["a", "A.b_c-d", "a.b/c", "0"] {
            assert_eq!(label_key(right), None, "{right}");
        }
        for wrong in ["", "a/", "/a", "A/b", "a/b/c", "-a", "a.", "a b", &"a".repeat(64)] {
            assert!(label_key(wrong).is_some(), "{wrong}");
        }
        assert_eq!(label_value(""), None);
        assert!(label_value("a/b").is_some());
        assert!(label_value(&"a".repeat(64)).is_some());
    }

    #[test]
    fn a_dash_may_end_a_name_that_is_completed() {
        assert_eq!(domain_prefix("web-"), None);
        assert_eq!(domain_prefix("a.b--"), None);
        assert_eq!(domain_prefix("a.-"), None);
        assert!(domain_prefix("-").is_some());
        assert!(domain_prefix("Web-").is_some());
        assert!(domain_prefix("").is_some());
    }

    #[test]
    fn domain_names_follow_the_pattern_of_the_kinds() {
        for right in ["a.b", "*.a.b", "a.b.", "A_b.c", "[.b", "^.^"] {
            assert_eq!(domain_pattern(right), None, "{right}");
        }
        for wrong in ["a", "*.a", "*.", "", ".", "a..b", "a_.b", "a.b..", "-a.b", "[x.b-", "a.*.b"]
        {
            assert!(domain_pattern(wrong).is_some(), "{wrong}");
        }
    }
}
