//! Ranges of addresses, and numbers of ports.

use kuberlock_model::network::IpNet;

/// A range as Kubernetes reads it: zeros before a number of IPv4 mean nothing, and host bits are
/// dropped.
pub(super) fn cidr(text: &str) -> Result<IpNet, String> {
    let parsed = text.parse::<IpNet>().or_else(|_| without_zeros(text).parse());
    parsed
        .map(|net| net.trunc())
        .map_err(|_| format!("names `{text}`, which is no range of addresses"))
}

fn without_zeros(text: &str) -> String {
    let Some((address, mask)) = text.split_once('/') else { return text.to_owned() };
    if address.contains(':') {
        return text.to_owned();
    }
    let number = |number: &str| match number.trim_start_matches('0') {
        "" if !number.is_empty() => "0".to_owned(),
        rest => rest.to_owned(),
    };
    let address: Vec<String> = address.split('.').map(number).collect();
    format!("{}/{mask}", address.join("."))
}

/// A port's number.
pub(super) fn port(number: i32) -> Result<u16, String> {
    u16::try_from(number)
        .ok()
        .filter(|number| *number != 0)
        .ok_or_else(|| format!("names port `{number}`, which is none of 1 to 65535"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_objects_may_hold_zeros_and_host_bits() {
        assert_eq!(cidr("010.001.0.0/16").unwrap().to_string(), "10.1.0.0/16");
        assert_eq!(cidr("10.0.0.7/8").unwrap().to_string(), "10.0.0.0/8");
        assert_eq!(cidr("2001:db8::1/32").unwrap().to_string(), "2001:db8::/32");
        for wrong in ["10.0.0.0", "10.0.0/8", "10..0.0/8", "2001:db8::/129", "a/8", "1.2.3.4/33"] {
            assert!(cidr(wrong).is_err(), "{wrong}");
        }
    }
}
