//! What a token may at most and from where: a set of permissions, and networks.

use crate::role::Permission;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

/// A set of permissions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Permissions(u16);

impl Permissions {
    /// None.
    pub const NONE: Self = Self(0);

    /// These.
    #[must_use]
    pub fn of(permissions: &[Permission]) -> Self {
        Self(permissions.iter().fold(0, |bits, permission| bits | bit(*permission)))
    }

    /// Whether it is among them.
    #[must_use]
    pub fn has(self, permission: Permission) -> bool {
        self.0 & bit(permission) != 0
    }

    /// Those that are in both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// In their order.
    pub fn iter(self) -> impl Iterator<Item = Permission> {
        Permission::ALL.into_iter().filter(move |permission| self.has(*permission))
    }
}

fn bit(permission: Permission) -> u16 {
    1 << permission as u16
}

/// A network of addresses, `10.1.2.0/24`, or one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    /// Its first address.
    first: IpAddr,
    /// The bits that all its addresses share.
    prefix: u8,
}

impl Network {
    /// Whether an address is in it. One of IPv4 that comes as IPv6 (`::ffff:10.1.2.3`) is one of IPv4.
    #[must_use]
    pub fn has(&self, address: IpAddr) -> bool {
        masked(address.to_canonical(), self.prefix) == Some(self.first)
    }
}

/// The address with all but its first bits zero; `None` when it has not so many.
fn masked(address: IpAddr, prefix: u8) -> Option<IpAddr> {
    let prefix = u32::from(prefix);
    match address {
        IpAddr::V4(address) => {
            let mask = u32::MAX.checked_shl(32_u32.checked_sub(prefix)?).unwrap_or(0);
            Some(Ipv4Addr::from_bits(address.to_bits() & mask).into())
        }
        IpAddr::V6(address) => {
            let mask = u128::MAX.checked_shl(128_u32.checked_sub(prefix)?).unwrap_or(0);
            Some(Ipv6Addr::from_bits(address.to_bits() & mask).into())
        }
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no address and no network: write one as 10.1.2.3 or 10.1.2.0/24");
        let (address, prefix) = text.split_once('/').map_or((text, None), |(address, prefix)| (address, Some(prefix)));
        let address: IpAddr = address.parse::<IpAddr>().map_err(|_| wrong())?.to_canonical();
        let whole = if address.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.map_or(Ok(whole), str::parse).map_err(|_| wrong())?;
        let first = masked(address, prefix).ok_or_else(wrong)?;
        if first != address {
            return Err(format!("`{text}` is no network: its first address is {first}, write {first}/{prefix}"));
        }
        Ok(Self { first, prefix })
    }
}

impl fmt::Display for Network {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = if self.first.is_ipv4() { 32 } else { 128 };
        if self.prefix == whole { write!(to, "{}", self.first) } else { write!(to, "{}/{}", self.first, self.prefix) }
    }
}

impl Serialize for Network {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Network {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::role::Role;

    #[test]
    fn a_set_has_what_was_put_in() {
        let set = Permissions::of(&[Permission::Configure, Permission::Live]);
        assert_eq!(set.iter().collect::<Vec<_>>(), [Permission::Live, Permission::Configure]);
        assert_eq!(set.and(Permissions::of(Role::Viewer.permissions())).iter().collect::<Vec<_>>(), [Permission::Live]);
        let all = Permissions::of(&Permission::ALL);
        assert_eq!(all.iter().collect::<Vec<_>>(), Permission::ALL);
        assert_eq!(Permissions::NONE.iter().count(), 0);
    }

    #[test]
    fn a_network_has_its_addresses_and_no_other() {
        let network = |text: &str| text.parse::<Network>().unwrap();
        for (of, inside, outside) in [
            ("10.1.2.0/24", "10.1.2.255", "10.1.3.0"),
            ("10.1.2.3", "10.1.2.3", "10.1.2.4"),
            ("10.1.2.3", "::ffff:10.1.2.3", "::10.1.2.3"),
            ("0.0.0.0/0", "255.255.255.255", "fd00::1"),
            ("fd00:1::/32", "fd00:1:ffff::1", "fd00:2::1"),
            ("::/0", "fd00::1", "10.1.2.3"),
        ] {
            let of = network(of);
            assert!(of.has(inside.parse().unwrap()) && !of.has(outside.parse().unwrap()), "{of}");
            assert_eq!(network(&of.to_string()), of);
        }
        assert_eq!(network("10.1.2.3/32").to_string(), "10.1.2.3");
        assert_eq!(network("::ffff:10.1.2.3").to_string(), "10.1.2.3");
    }

    #[test]
    fn what_is_no_network_is_refused_with_what_to_write() {
        for text in
            ["", "10.1.2", "10.1.2.0/33", "10.1.2.0/x", "10.1.2.0/", "/24", "fd00::/129", "a.example", "10.1.2.0/-1"]
        {
            assert!(text.parse::<Network>().unwrap_err().contains("write one as"), "{text}");
        }
        let refused = "10.1.2.7/24".parse::<Network>().unwrap_err();
        assert!(refused.ends_with("write 10.1.2.0/24"), "{refused}");
    }
}
