//! Which addresses are public: what a URL from outside may lead to.
//!
//! Follows the registries of IANA:
//! [IPv4](https://www.iana.org/assignments/iana-ipv4-special-registry),
//! [IPv6](https://www.iana.org/assignments/iana-ipv6-special-registry),
//! [IPv6 unicast](https://www.iana.org/assignments/ipv6-unicast-address-assignments),
//! and [IPv4 multicast](https://www.iana.org/assignments/multicast-addresses).
//! A block that is special counts as special whole, though single addresses in it may be reachable: none of them is a
//! web server's.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// First address and length of the prefix.
const SPECIAL_V4: &[(Ipv4Addr, u32)] = &[
    (Ipv4Addr::new(0, 0, 0, 0), 8), // this network (RFC 791); Linux takes 0.0.0.0 for loopback
    (Ipv4Addr::new(10, 0, 0, 0), 8), // private (RFC 1918)
    (Ipv4Addr::new(100, 64, 0, 0), 10), // carrier-grade NAT (RFC 6598)
    (Ipv4Addr::new(127, 0, 0, 0), 8), // loopback (RFC 1122)
    (Ipv4Addr::new(169, 254, 0, 0), 16), // link-local, clouds' metadata services (RFC 3927)
    (Ipv4Addr::new(172, 16, 0, 0), 12), // private (RFC 1918)
    (Ipv4Addr::new(192, 0, 0, 0), 24), // protocol assignments (RFC 6890)
    (Ipv4Addr::new(192, 0, 2, 0), 24), // documentation (RFC 5737)
    (Ipv4Addr::new(192, 31, 196, 0), 24), // AS112 (RFC 7535)
    (Ipv4Addr::new(192, 52, 193, 0), 24), // automatic multicast tunneling (RFC 7450)
    (Ipv4Addr::new(192, 88, 99, 0), 24), // 6to4 relays (RFC 7526)
    (Ipv4Addr::new(192, 168, 0, 0), 16), // private (RFC 1918)
    (Ipv4Addr::new(192, 175, 48, 0), 24), // AS112 (RFC 7534)
    (Ipv4Addr::new(198, 18, 0, 0), 15), // benchmarking (RFC 2544)
    (Ipv4Addr::new(198, 51, 100, 0), 24), // documentation (RFC 5737)
    (Ipv4Addr::new(203, 0, 113, 0), 24), // documentation (RFC 5737)
    (Ipv4Addr::new(224, 0, 0, 0), 4), // multicast (RFC 5771)
    (Ipv4Addr::new(240, 0, 0, 0), 4), // reserved (RFC 1112), limited broadcast (RFC 8190)
];

/// The only IPv6 addresses that are assigned to hosts on the internet. Outside are loopback, unspecified, unique-local,
/// link-local and multicast addresses, and those that map or embed IPv4 addresses.
const GLOBAL_UNICAST_V6: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// What is special within it.
const SPECIAL_V6: &[(Ipv6Addr, u32)] = &[
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23), // protocol assignments (RFC 2928): Teredo, benchmarking, ORCHID ...
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32), // documentation (RFC 3849)
    (Ipv6Addr::new(0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0), 48), // AS112 (RFC 7534)
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20), // documentation (RFC 9637)
];

/// NAT64 (RFC 6052): behind it stands the IPv4 address in the last 32 bits. Hosts without IPv4 reach it like this.
const NAT64: (Ipv6Addr, u32) = (Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 96);

/// 6to4 (RFC 3056): behind it stands the IPv4 address in bits 16 to 47.
const SIX_TO_FOUR: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16);

/// Whether the address is a public one: of no special-use block, and not another notation of one that is.
pub(super) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let bits = address.to_bits();
    !SPECIAL_V4.iter().any(|(first, length)| (bits ^ first.to_bits()).leading_zeros() >= *length)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let bits = address.to_bits();
    let within = |(first, length): (Ipv6Addr, u32)| (bits ^ first.to_bits()).leading_zeros() >= length;
    if within(NAT64) {
        return is_public_v4(embedded(bits));
    }
    if within(SIX_TO_FOUR) {
        return is_public_v4(embedded(bits >> 80));
    }
    within(GLOBAL_UNICAST_V6) && !SPECIAL_V6.iter().any(|block| within(*block))
}

/// The address in the last 32 bits.
#[allow(clippy::cast_possible_truncation)]
fn embedded(bits: u128) -> Ipv4Addr {
    Ipv4Addr::from_bits(bits as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_and_last_address_of_a_special_block_are_special_and_their_neighbours_are_not() {
        for (special, neighbours) in [
            (["0.0.0.0", "0.255.255.255"], ["1.0.0.0", "1.0.0.0"]),
            (["10.0.0.0", "10.255.255.255"], ["9.255.255.255", "11.0.0.0"]),
            (["100.64.0.0", "100.127.255.255"], ["100.63.255.255", "100.128.0.0"]),
            (["127.0.0.0", "127.255.255.255"], ["126.255.255.255", "128.0.0.0"]),
            (["169.254.0.0", "169.254.255.255"], ["169.253.255.255", "169.255.0.0"]),
            (["172.16.0.0", "172.31.255.255"], ["172.15.255.255", "172.32.0.0"]),
            (["192.0.0.0", "192.0.0.255"], ["191.255.255.255", "192.0.1.0"]),
            (["192.0.2.0", "192.0.2.255"], ["192.0.1.255", "192.0.3.0"]),
            (["192.31.196.0", "192.31.196.255"], ["192.31.195.255", "192.31.197.0"]),
            (["192.52.193.0", "192.52.193.255"], ["192.52.192.255", "192.52.194.0"]),
            (["192.88.99.0", "192.88.99.255"], ["192.88.98.255", "192.88.100.0"]),
            (["192.168.0.0", "192.168.255.255"], ["192.167.255.255", "192.169.0.0"]),
            (["192.175.48.0", "192.175.48.255"], ["192.175.47.255", "192.175.49.0"]),
            (["198.18.0.0", "198.19.255.255"], ["198.17.255.255", "198.20.0.0"]),
            (["198.51.100.0", "198.51.100.255"], ["198.51.99.255", "198.51.101.0"]),
            (["203.0.113.0", "203.0.113.255"], ["203.0.112.255", "203.0.114.0"]),
            (["224.0.0.0", "255.255.255.255"], ["223.255.255.255", "223.255.255.255"]),
            (["2001::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff"], ["2001:200::", "2001:200::"]),
            (["2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"], ["2001:db7:ffff::1", "2001:db9::"]),
            (["2620:4f:8000::", "2620:4f:8000:ffff:ffff:ffff:ffff:ffff"], ["2620:4f:7fff::1", "2620:4f:8001::"]),
            (["3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff"], ["3ffe:ffff::1", "3fff:1000::"]),
            (["1fff:ffff::1", "4000::"], ["2000::1", "3fff:ffff::1"]),
        ] {
            for address in special {
                assert!(!is_public(address.parse().unwrap()), "{address}");
            }
            for address in neighbours {
                assert!(is_public(address.parse().unwrap()), "{address}");
            }
        }
    }

    #[test]
    fn known_special_addresses() {
        for address in [
            "127.0.0.1",
            "169.254.169.254",
            "100.100.100.200",
            "::",
            "::1",
            "::7f00:1",                 // IPv4-compatible
            "::ffff:127.0.0.1",         // IPv4-mapped
            "::ffff:8.8.8.8",           // IPv4-mapped: no name resolves to one, and no URL needs one
            "64:ff9b::10.0.0.1",        // NAT64
            "64:ff9b::a9fe:a9fe",       // NAT64
            "64:ff9b:1::808:808",       // NAT64 for local use (RFC 8215)
            "2002:7f00:1::1",           // 6to4
            "2002:a9fe:a9fe::",         // 6to4
            "2001:0:4136:e378:8000::1", // Teredo (RFC 4380)
            "2001:2::1",                // benchmarking (RFC 5180)
            "2001:10::1",               // ORCHID (RFC 4843)
            "2001:20::1",               // ORCHIDv2 (RFC 7343)
            "100::1",                   // discard only (RFC 6666)
            "5f00::1",                  // segment routing (RFC 9602)
            "fc00::1",                  // unique-local (RFC 4193)
            "fd00:ec2::254",            // unique-local: a cloud's metadata service
            "fe80::1",                  // link-local (RFC 4291)
            "fec0::1",                  // site-local (RFC 3879)
            "ff02::1",                  // multicast (RFC 4291)
        ] {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn known_public_addresses() {
        for address in [
            "8.8.8.8",
            "93.184.215.14",
            "2606:4700::1111",
            "2a00:1450:4001:81b::200e",
            "64:ff9b::8.8.8.8",
            "2002:808:808::1",
        ] {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
    }
}
