//! How a line of Modbus is reached: exactly one of `address`, `serial` and `listen`, with the keys that belong to it.

use super::adapter;
use crate::{
    documents::Section,
    limits,
    sources::narrow,
    text::{Text, quoted},
    types::{IpRange, ModbusFraming, ModbusLink, NetworkAddress, SerialLine, SerialParity},
    words,
};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// The ways, each with the keys that belong to it and to no other.
const WAYS: [(&str, &[&str]); 3] = [
    ("address", &["backup_address"]),
    ("serial", &["baud", "parity", "data_bits", "stop_bits"]),
    ("listen", &["allow", "registration"]),
];

/// What RS-485 adapters of today can do.
const BAUD: std::ops::RangeInclusive<u64> = 300..=921_600;

/// Reads how the line is reached; reports when more than one way is said, none, or a key of another.
pub(super) fn read(section: &Section<'_>) -> ModbusLink {
    let mut said = WAYS.iter().filter(|(way, _)| section.key(way).is_some());
    let way = said.next().map(|(way, _)| *way);
    if way.is_none() {
        section.missing(
            "address, serial or listen",
            "one of address = \"192.168.1.20:502\" (the gateway connects), serial = \"/dev/ttyS1\" (RTU on a serial line) \
             and listen = \"0.0.0.0:5020\" (the device connects)",
        );
    }
    for other in said.filter_map(|(other, _)| Some((*other, section.key(other)?))) {
        other.1.error(format_args!(
            "{} stands beside {}; keep the one by which the device is reached, and write another [[source.modbus]] for another line",
            other.0,
            way.unwrap_or_default()
        ));
    }
    strangers(section, way);
    match way {
        Some("serial") => ModbusLink::Serial(serial(section)),
        Some("listen") => listen(section),
        _ => connect(section),
    }
}

/// Keys of another way do nothing, and whoever wrote them believes otherwise.
fn strangers(section: &Section<'_>, way: Option<&str>) {
    for (owner, keys) in WAYS.iter().filter(|(owner, _)| way.is_some_and(|way| way != *owner)) {
        for (key, spot) in keys.iter().filter_map(|key| Some((key, section.key(key)?))) {
            spot.error(format_args!("{key}: belongs to {owner}, which is not here; remove it or write {owner}"));
        }
    }
    if let (Some("serial"), Some(spot)) = (way, section.key("framing")) {
        spot.error("framing: a serial line always speaks RTU; remove it");
    }
}

fn connect(section: &Section<'_>) -> ModbusLink {
    let place = |text: Text<'_>| text.parse(|text| NetworkAddress::parse(text, 502));
    let place = |key| section.text(key).and_then(Text::needed).and_then(place);
    let (address, backup) = (place("address").unwrap_or_default(), place("backup_address"));
    if let (Some(spot), true) = (section.key("backup_address"), backup.as_ref() == Some(&address)) {
        spot.error("backup_address: is the address itself; write the other one or remove it");
    }
    ModbusLink::Connect { address, backup, framing: framing(section) }
}

fn framing(section: &Section<'_>) -> ModbusFraming {
    section.one_of("framing", words::FRAMINGS, ModbusFraming::Tcp)
}

fn serial(section: &Section<'_>) -> SerialLine {
    let path = section.text("serial").and_then(Text::needed);
    if let Some((text, words)) = path.and_then(|text| Some((text, adapter::trouble(text.text)?))) {
        text.warn(words);
    }
    let path = path.and_then(|text| text.parse(device));
    if section.key("data_bits").is_some() && section.whole("data_bits", 7..=8, 8) == 7 {
        let spot = section.key("data_bits").unwrap_or_else(|| section.spot());
        spot.error("data_bits: RTU has bytes of 8 bits; write 8 and set the device to RTU (7 belongs to Modbus ASCII)");
    }
    SerialLine {
        path: path.unwrap_or_default(),
        baud: narrow(section.whole("baud", BAUD, 9_600)),
        parity: section.one_of("parity", words::PARITIES, SerialParity::None),
        stop_bits: narrow(section.whole("stop_bits", 1..=2, 1)),
    }
}

fn device(text: &str) -> Result<String, String> {
    let good = text.starts_with('/') && !text.contains(char::is_control);
    good.then(|| text.to_owned())
        .ok_or_else(|| format!("{} is not the path of a device; write one such as /dev/ttyS1", quoted(text)))
}

fn listen(section: &Section<'_>) -> ModbusLink {
    let none = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
    let address = section.text("listen").and_then(Text::needed).and_then(|text| text.parse(listening));
    let allow: Vec<IpRange> = section.texts("allow").into_iter().filter_map(|text| text.parse(range)).collect();
    if section.key("allow").is_none() {
        section.missing("allow", "the addresses that may connect, such as allow = [\"10.0.0.5\", \"192.168.1.0/24\"]");
    } else if section.texts("allow").is_empty() {
        section.spot().error("allow: is empty, so no device could connect; write its address or a range");
    }
    let registration = section.text("registration").and_then(Text::given);
    let registration = registration.and_then(|text| text.one_line(limits::REGISTRATION_CHARS_MAX));
    ModbusLink::Listen {
        address: address.unwrap_or(none),
        allow,
        registration: registration.map(str::to_owned),
        framing: framing(section),
    }
}

fn listening(text: &str) -> Result<SocketAddr, String> {
    let address = text.parse::<SocketAddr>().ok().filter(|address| address.port() != 0);
    address.ok_or_else(|| {
        format!(
            "{} is not an address to listen on; write an IP address of this box and a port, such as 0.0.0.0:5020",
            quoted(text)
        )
    })
}

/// `192.168.1.50` or `192.168.1.0/24`.
fn range(text: &str) -> Result<IpRange, String> {
    let wrong =
        || format!("{} is not an address or a range; write one such as 10.0.0.5 or 192.168.1.0/24", quoted(text));
    let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
    let address: IpAddr = address.parse().map_err(|_| wrong())?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    let bits = bits.map_or(Some(most), |bits| bits.parse().ok().filter(|bits| *bits <= most));
    Ok(IpRange { address, bits: bits.ok_or_else(wrong)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_of_addresses() {
        let allows = |text: &str, address: &str| range(text).unwrap().contains(address.parse().unwrap());
        for (text, inside, outside) in [
            ("10.0.0.5", "10.0.0.5", "10.0.0.4"),
            ("192.168.1.0/24", "192.168.1.200", "192.168.2.1"),
            ("192.168.1.77/24", "::ffff:192.168.1.200", "::1"),
            ("0.0.0.0/0", "1.2.3.4", "fe80::1"),
            ("fe80::/10", "fe80::1", "10.0.0.1"),
        ] {
            assert!(allows(text, inside) && !allows(text, outside), "{text}");
        }
        for text in ["", "10.0.0", "10.0.0.0/33", "10.0.0.0/-1", "a/8", "10.0.0.0/"] {
            assert!(range(text).is_err(), "{text}");
        }
    }
}
