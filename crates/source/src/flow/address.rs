//! Addresses, ports, protocols and times of records.

use std::net::IpAddr;

use kuberlock_model::Timestamp;
use kuberlock_model::network::Protocol;

/// An address; one of IPv4 that is written as one of IPv6 is one of IPv4.
pub(super) fn address(text: &str) -> Result<IpAddr, String> {
    let parsed: Result<IpAddr, _> = text.parse();
    parsed.map(|address| address.to_canonical()).map_err(|_| not("address", text))
}

/// Whether traffic from or to `address` never meets a policy.
pub(super) fn is_local(address: IpAddr) -> bool {
    let is_broadcast = matches!(address, IpAddr::V4(address) if address.is_broadcast());
    address.is_loopback() || address.is_multicast() || address.is_unspecified() || is_broadcast
}

/// A port.
pub(super) fn port(text: &str) -> Result<u16, String> {
    text.parse().map_err(|_| not("port", text))
}

/// A count.
pub(super) fn number(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| not("count", text))
}

/// A protocol by its word or its number; `None` where policies do not tell it apart.
pub(super) fn protocol(text: &str) -> Option<Protocol> {
    match text {
        "6" => Some(Protocol::Tcp),
        "17" => Some(Protocol::Udp),
        "132" => Some(Protocol::Sctp),
        word => Protocol::find(&word.to_ascii_uppercase()),
    }
}

/// A moment: seconds or milliseconds since 1970, or a text as RFC 3339 wants it.
pub(super) fn moment(text: &str) -> Result<Timestamp, String> {
    let read = match text.parse::<f64>() {
        // What is later than the year 5000 in seconds was written in milliseconds.
        Ok(number) if number.abs() >= 1e11 => from_seconds(number / 1e3),
        Ok(number) => from_seconds(number),
        Err(_) => text.parse().ok(),
    };
    read.ok_or_else(|| not("time", text))
}

fn from_seconds(seconds: f64) -> Option<Timestamp> {
    let in_range = seconds.is_finite() && seconds.abs() < 1e11;
    #[expect(clippy::cast_possible_truncation, reason = "the range is held")]
    in_range.then(|| Timestamp::from_millisecond((seconds * 1e3) as i64).ok()).flatten()
}

fn not(what: &str, text: &str) -> String {
    format!("`{}` is no {what}", cut(text))
}

/// A word of the file as it may be shown.
pub(super) fn cut(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(60).collect()
}
