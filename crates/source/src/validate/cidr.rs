//! Ranges of addresses, as Kubernetes has read them ever since and as it takes them today.

use std::net::{Ipv4Addr, Ipv6Addr};

/// A range as it was always read: zeros before a number mean nothing, host bits may be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Net {
    address: Address,
    length: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Address {
    V4(u32),
    V6(u128),
}

impl Net {
    /// Whether `other` is a part of this range, and not the whole of it. An address of IPv4 written
    /// as one of IPv6 is one of IPv4, with the length that it was written with.
    pub(super) fn strictly_contains(&self, other: &Self) -> bool {
        self.contains_start(other) && self.length < other.length
    }

    fn contains_start(&self, other: &Self) -> bool {
        let (own, length) = self.folded();
        let (other, _) = Self { address: other.start(), ..*other }.folded();
        match (own, other) {
            (Address::V4(own), Address::V4(other)) => (own ^ other) & mask4(length) == 0,
            (Address::V6(own), Address::V6(other)) => (own ^ other) & mask6(length) == 0,
            _ => false,
        }
    }

    /// IPv4 in IPv6 taken for IPv4, its mask cut to the last 32 bits.
    fn folded(&self) -> (Address, u32) {
        match self.address {
            Address::V6(bits) => match Ipv6Addr::from(bits).to_ipv4_mapped() {
                Some(mapped) => (Address::V4(mapped.into()), self.length.saturating_sub(96)),
                None => (self.address, self.length),
            },
            Address::V4(_) => (self.address, self.length),
        }
    }

    /// The first address of the range.
    fn start(&self) -> Address {
        match self.address {
            Address::V4(bits) => Address::V4(bits & mask4(self.length)),
            Address::V6(bits) => Address::V6(bits & mask6(self.length)),
        }
    }
}

fn mask4(length: u32) -> u32 {
    u32::MAX.checked_shl(32_u32.saturating_sub(length)).unwrap_or(0)
}

fn mask6(length: u32) -> u128 {
    u128::MAX.checked_shl(128_u32.saturating_sub(length)).unwrap_or(0)
}

/// A range as it was always read; None of what is none.
pub(super) fn lenient(text: &str) -> Option<Net> {
    let (address, length) = text.split_once('/')?;
    let length = number(length)?;
    let address = address_of(&without_zeros(address))?;
    let most = if matches!(address, Address::V4(_)) { 32 } else { 128 };
    (length <= most).then_some(Net { address, length })
}

/// Why a range that could be read is not taken today; None where it is.
pub(super) fn strict(text: &str, net: &Net) -> Option<&'static str> {
    let (address, length) = text.split_once('/')?;
    let mapped =
        matches!(net.address, Address::V6(bits) if Ipv6Addr::from(bits).to_ipv4_mapped().is_some());
    if address_of(address).is_none() || has_zeros(length) {
        Some("has zeros before a number")
    } else if mapped {
        Some("is of IPv4 addresses written as IPv6")
    } else if net.start() != net.address {
        Some("has bits set behind the length of its prefix")
    } else {
        None
    }
}

/// Whether a rule of the tiered kinds takes the text for a range: host bits may be set.
pub(super) fn is_range(text: &str) -> bool {
    let Some(net) = lenient(text) else { return false };
    let lower = Net { address: net.start(), ..net };
    strict(text, &lower).is_none()
}

fn address_of(text: &str) -> Option<Address> {
    if text.contains(':') {
        return text.parse::<Ipv6Addr>().ok().map(|address| Address::V6(address.into()));
    }
    text.parse::<Ipv4Addr>().ok().map(|address| Address::V4(address.into()))
}

fn has_zeros(digits: &str) -> bool {
    digits.len() > 1 && digits.starts_with('0')
}

fn number(digits: &str) -> Option<u32> {
    let all = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    all.then(|| digits.trim_start_matches('0')).and_then(|rest| match rest {
        "" => Some(0),
        rest => rest.parse().ok(),
    })
}

fn without_zeros(address: &str) -> String {
    let mut out = String::with_capacity(address.len());
    for group in address.split_inclusive([':', '.']) {
        let digits = group.trim_end_matches([':', '.']);
        let rest = digits.trim_start_matches('0');
        out.push_str(if rest.is_empty() && !digits.is_empty() { "0" } else { rest });
        out.push_str(group.get(digits.len()..).unwrap_or_default());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> bool {
        lenient(text).is_none_or(|net| strict(text, &net).is_some())
    }

    #[test]
    fn new_ranges_are_written_in_one_way() {
        for right in ["10.0.0.0/8", "0.0.0.0/0", "::/0", "2001:DB8::/32", "fe80:0:0::/64"] {
            assert!(!refused(right), "{right}");
        }
        for wrong in [
            "10.0.0.1/8",
            "010.0.0.0/8",
            "10.0.0.0/08",
            "::ffff:10.0.0.0/104",
            "10.0.0.0",
            "10.0.0/8",
            "10.0.0.0/33",
            "2001:db8::/129",
            "2001:db8::1/32",
            "",
            "/8",
            "a/8",
            "10.0.0.0/+8",
            "10.0.0.0/8/8",
            " 10.0.0.0/8",
            "fe80::%a/64",
            "10.0.0.0/",
            "2001:00db8::/32",
        ] {
            assert!(refused(wrong), "{wrong}");
        }
    }

    #[test]
    fn old_ranges_are_still_read() {
        for old in ["010.000.0.0/08", "10.0.0.7/8", "::ffff:010.0.0.0/104", "2001:00db8::/32"] {
            assert!(lenient(old).is_some(), "{old}");
        }
        assert!(is_range("10.0.0.7/8"));
        assert!(!is_range("010.0.0.0/8"));
        assert!(!is_range("::ffff:10.0.0.0/104"));
        assert!(!is_range("10.0.0.0"));
    }

    #[test]
    fn a_part_is_smaller_than_the_whole() {
        let contains = |whole: &str, part: &str| {
            lenient(whole).unwrap().strictly_contains(&lenient(part).unwrap())
        };
        assert!(contains("10.0.0.0/8", "10.1.0.0/16"));
        assert!(!contains("10.0.0.0/8", "10.0.0.0/8"));
        assert!(!contains("10.0.0.0/8", "0.0.0.0/0"));
        assert!(!contains("10.0.0.0/8", "11.0.0.0/16"));
        assert!(!contains("10.0.0.0/8", "2001:db8::/32"));
        assert!(contains("::/0", "2001:db8::/32"));
        assert!(contains("10.0.0.0/8", "::ffff:10.1.0.0/112"));
        assert!(!contains("::ffff:10.0.0.0/104", "10.1.0.0/16"));
    }
}
