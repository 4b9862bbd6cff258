//! Who listens: the tables of `/proc/net`, and the programs that hold the sockets.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use kuberlock_model::system::{Listener, Protocol};

use super::super::process::Proc;
use super::MOST;

/// The kernel's number for a TCP socket in the state LISTEN, and for a UDP socket without a peer.
const LISTEN: &str = "0A";
const UNCONNECTED: &str = "07";

/// The sockets of the machine's own network that take connections or datagrams. Process 1 is asked,
/// since a scan may run in a network namespace of its own.
pub(super) fn listeners(proc: &Proc) -> Vec<Listener> {
    let tables = [
        (Protocol::Tcp, LISTEN, "1/net/tcp"),
        (Protocol::Tcp, LISTEN, "1/net/tcp6"),
        (Protocol::Udp, UNCONNECTED, "1/net/udp"),
        (Protocol::Udp, UNCONNECTED, "1/net/udp6"),
    ];
    let mut found: Vec<(Listener, u64)> = Vec::new();
    for (protocol, state, path) in tables {
        let table = proc.text(path).unwrap_or_default();
        found.extend(table.lines().skip(1).filter_map(|line| entry(line, protocol, state)));
    }
    found.truncate(MOST);
    let sockets: Vec<u64> = found.iter().map(|(_, inode)| *inode).collect();
    let holders = if sockets.is_empty() { BTreeMap::new() } else { proc.holders(&sockets) };
    let named = |(mut listener, inode): (Listener, u64)| {
        listener.program = holders.get(&inode).cloned();
        listener
    };
    found.into_iter().map(named).collect()
}

/// A line of the kernel's table (proc_net_tcp of its documentation), where its state is `state`.
fn entry(line: &str, protocol: Protocol, state: &str) -> Option<(Listener, u64)> {
    let mut fields = line.split_whitespace();
    let local = fields.nth(1)?;
    if fields.nth(1)? != state {
        return None;
    }
    let inode = fields.nth(5)?.parse().ok()?;
    let (address, port) = local.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let listener = Listener { protocol, address: ip(address)?, port, program: None };
    Some((listener, inode))
}

/// An address as the kernel prints it: words of 32 bits in the machine's byte order.
fn ip(hex: &str) -> Option<IpAddr> {
    let word = |at: usize| {
        let word = u32::from_str_radix(hex.get(at * 8..at * 8 + 8)?, 16).ok()?;
        Some(word.to_ne_bytes())
    };
    match hex.len() {
        8 => Some(IpAddr::V4(Ipv4Addr::from(word(0)?))),
        32 => {
            let mut bytes = Vec::with_capacity(16);
            for at in 0..4 {
                bytes.extend(word(at)?);
            }
            Some(IpAddr::V6(Ipv6Addr::from(<[u8; 16]>::try_from(bytes).ok()?)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_endian = "little")]
    fn the_kernels_tables_are_read() {
        let tcp = "   0: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 23456 1";
        let (listener, inode) = entry(tcp, Protocol::Tcp, LISTEN).unwrap();
        assert_eq!(
            (listener.address.to_string().as_str(), listener.port, inode),
            ("0.0.0.0", 8080, 23456)
        );
        assert!(listener.is_exposed());
        let local = tcp.replace("00000000:1F90", "0100007F:0050");
        let (listener, _) = entry(&local, Protocol::Tcp, LISTEN).unwrap();
        assert_eq!((listener.address.to_string().as_str(), listener.port), ("127.0.0.1", 80));
        assert!(!listener.is_exposed());
        let established = tcp.replace(" 0A ", " 01 ");
        assert!(entry(&established, Protocol::Tcp, LISTEN).is_none());
        let tcp6 = tcp.replace("00000000:1F90", "00000000000000000000000001000000:1F90");
        let (listener, _) = entry(&tcp6, Protocol::Tcp, LISTEN).unwrap();
        assert_eq!(listener.address.to_string(), "::1");
        assert!(entry("torn", Protocol::Tcp, LISTEN).is_none());
    }
}
