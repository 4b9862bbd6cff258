//! Addresses outside, cut into ranges that no policy tells apart.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

/// Where the ranges of both families begin. The first range of each begins at its lowest address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cuts {
    v4: Vec<u128>,
    v6: Vec<u128>,
}

/// A range of addresses of one family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AddressRange {
    /// The lowest address.
    pub first: IpAddr,
    /// The highest address.
    pub last: IpAddr,
}

const HIGHEST_V4: u128 = u32::MAX as u128;

impl AddressRange {
    /// Every address of IPv4.
    pub const ALL_V4: Self =
        Self { first: IpAddr::V4(Ipv4Addr::UNSPECIFIED), last: IpAddr::V4(Ipv4Addr::BROADCAST) };

    /// The same addresses in as few ranges as hold them, in order.
    pub fn joined(mut ranges: Vec<Self>) -> Vec<Self> {
        ranges.sort_unstable();
        let mut joined: Vec<Self> = Vec::with_capacity(ranges.len());
        for range in ranges {
            let (is_v4, first) = number(range.first);
            match joined.last_mut() {
                Some(before)
                    if before.last >= range.first
                        || number(before.last).1.checked_add(1) == Some(first)
                            && before.last.is_ipv4() == is_v4 =>
                {
                    before.last = before.last.max(range.last);
                }
                _ => joined.push(range),
            }
        }
        joined
    }
}

/// `10.0.0.0/8` where it is one, else `10.0.0.1-10.0.0.9`.
impl fmt::Display for AddressRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.first == self.last {
            return write!(f, "{}", self.first);
        }
        let bits: u8 = if self.first.is_ipv4() { 32 } else { 128 };
        let (a, b) = (number(self.first).1, number(self.last).1);
        let common = u8::try_from((a ^ b).leading_zeros()).unwrap_or(bits);
        let prefix = common.saturating_sub(128 - bits);
        match IpNet::new(self.first, prefix) {
            Ok(net) if net.network() == self.first && net.broadcast() == self.last => {
                write!(f, "{net}")
            }
            _ => write!(f, "{}-{}", self.first, self.last),
        }
    }
}

impl Cuts {
    /// These cuts, and those for the ranges of `nets`.
    pub(crate) fn and<'a>(&self, nets: impl Iterator<Item = &'a IpNet>) -> Self {
        let mut cuts = Self::new(nets);
        cuts.v4.extend(&self.v4);
        cuts.v6.extend(&self.v6);
        cuts.tidy();
        cuts
    }

    /// Cuts for the ranges of `nets`.
    pub(crate) fn new<'a>(nets: impl Iterator<Item = &'a IpNet>) -> Self {
        let mut cuts = Self { v4: vec![0], v6: vec![0] };
        for net in nets {
            let (is_v4, first, last) = bounds(net);
            let (list, highest) = cuts.family_mut(is_v4);
            list.push(first);
            if last < highest {
                list.push(last + 1);
            }
        }
        cuts.tidy();
        cuts
    }

    fn tidy(&mut self) {
        for list in [&mut self.v4, &mut self.v6] {
            list.sort_unstable();
            list.dedup();
        }
    }

    fn family_mut(&mut self, is_v4: bool) -> (&mut Vec<u128>, u128) {
        if is_v4 { (&mut self.v4, HIGHEST_V4) } else { (&mut self.v6, u128::MAX) }
    }

    /// The ranges, IPv4 first.
    pub(crate) fn ranges(&self) -> Vec<AddressRange> {
        let of = |starts: &[u128], is_v4: bool| {
            let highest = if is_v4 { HIGHEST_V4 } else { u128::MAX };
            let ends = starts.iter().skip(1).map(|next| next - 1).chain([highest]);
            starts
                .iter()
                .zip(ends)
                .map(move |(first, last)| AddressRange {
                    first: address(is_v4, *first),
                    last: address(is_v4, last),
                })
                .collect::<Vec<_>>()
        };
        let mut ranges = of(&self.v4, true);
        ranges.extend(of(&self.v6, false));
        ranges
    }

    /// The index of the range that holds `address`, in the order of [`Cuts::ranges`].
    pub(crate) fn index(&self, address: IpAddr) -> usize {
        let (is_v4, number) = number(address);
        let starts = if is_v4 { &self.v4 } else { &self.v6 };
        let before = if is_v4 { 0 } else { self.v4.len() };
        before + starts.partition_point(|start| *start <= number).saturating_sub(1)
    }

    /// Whether every bound of `net` is one of these cuts.
    pub(crate) fn knows(&self, net: &IpNet) -> bool {
        let (is_v4, first, last) = bounds(net);
        let (list, highest) = if is_v4 { (&self.v4, HIGHEST_V4) } else { (&self.v6, u128::MAX) };
        list.binary_search(&first).is_ok()
            && (last >= highest || list.binary_search(&(last + 1)).is_ok())
    }
}

fn bounds(net: &IpNet) -> (bool, u128, u128) {
    let (is_v4, first) = number(net.network());
    (is_v4, first, number(net.broadcast()).1)
}

fn number(address: IpAddr) -> (bool, u128) {
    match address {
        IpAddr::V4(address) => (true, u128::from(u32::from(address))),
        IpAddr::V6(address) => (false, u128::from(address)),
    }
}

fn address(is_v4: bool, number: u128) -> IpAddr {
    match u32::try_from(number) {
        Ok(small) if is_v4 => IpAddr::V4(Ipv4Addr::from(small)),
        _ => IpAddr::V6(Ipv6Addr::from(number)),
    }
}

/// Whether `net` is all addresses of its family.
pub(crate) fn is_whole_family(net: &IpNet) -> bool {
    net.prefix_len() == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_cover_everything_once() {
        let nets: Vec<IpNet> =
            ["10.0.0.0/8", "10.1.0.0/16", "0.0.0.0/0", "2001:db8::/32", "255.255.255.255/32"]
                .iter()
                .map(|text| text.parse().unwrap())
                .collect();
        let cuts = Cuts::new(nets.iter());
        let ranges = cuts.ranges();
        assert_eq!(ranges.len(), 9);
        for (at, range) in ranges.iter().enumerate() {
            assert_eq!(cuts.index(range.first), at);
            assert_eq!(cuts.index(range.last), at);
        }
        assert!(nets.iter().all(|net| cuts.knows(net)));
        assert!(!cuts.knows(&"10.2.0.0/16".parse().unwrap()));
        let joined = AddressRange::joined(ranges);
        let shown: Vec<String> = joined.iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["0.0.0.0/0", "::/0"]);
    }
}
