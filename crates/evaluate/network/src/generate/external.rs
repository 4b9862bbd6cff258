//! Addresses in blocks.

use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net};
use std::net::Ipv4Addr;

use super::Options;

/// The block of one address.
pub(super) fn single(address: IpAddr) -> IpNet {
    IpNet::from(address)
}

/// The block that an address outside is widened to.
pub(super) fn widened(address: IpAddr, options: &Options) -> IpNet {
    let bits = match address {
        IpAddr::V4(_) => options.prefix_v4.min(32),
        IpAddr::V6(_) => options.prefix_v6.min(128),
    };
    IpNet::new(address, bits).map_or_else(|_| single(address), |net| net.trunc())
}

/// Everything of IPv4, but what networks use within themselves.
pub(super) fn public() -> (IpNet, Vec<IpNet>) {
    let of =
        |address: [u8; 4], bits| Ipv4Net::new(Ipv4Addr::from(address), bits).map(IpNet::V4).ok();
    let private = [
        of([10, 0, 0, 0], 8),
        of([100, 64, 0, 0], 10),
        of([169, 254, 0, 0], 16),
        of([172, 16, 0, 0], 12),
        of([192, 168, 0, 0], 16),
    ];
    (everything(), private.into_iter().flatten().collect())
}

/// Everything of IPv4.
pub(super) fn everything() -> IpNet {
    IpNet::V4(Ipv4Net::default())
}

/// Everything of IPv6.
pub(super) fn everything_v6() -> IpNet {
    IpNet::V6(ipnet::Ipv6Net::default())
}
