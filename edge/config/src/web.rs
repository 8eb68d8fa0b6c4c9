//! `[web]`: where the page listens, how it proves who it is, how long a session lasts, who may look without one, what everybody is told before.

use crate::{
    Secrets, broker, defaults,
    documents::Section,
    limits::{HOST_NAME_CHARS_MAX, PANELS_MAX, WEB_NAMES_MAX},
    sources::narrow,
    text::{Text, quoted},
    types::{WebCertificate, WebConfig},
};
use std::{
    net::{IpAddr, SocketAddr},
    ops::RangeInclusive,
};

/// In a shorter time nobody could do his work; in a longer one than a shift he is not there any more.
const IDLE_MINUTES: RangeInclusive<u64> = 5..=720;

/// A double shift at most.
const SESSION_HOURS: RangeInclusive<u64> = 1..=24;

pub(crate) const DEFAULT: WebConfig = WebConfig {
    listen: defaults::WEB_LISTEN,
    tls: false,
    certificate: None,
    names: Vec::new(),
    idle_minutes: defaults::WEB_IDLE_MINUTES,
    session_hours: defaults::WEB_SESSION_HOURS,
    panels: Vec::new(),
    notice: None,
};

pub(crate) fn read(section: &Section<'_>, secrets: Secrets<'_>) -> WebConfig {
    section.knows(&[
        "listen",
        "tls",
        "certificate",
        "key",
        "names",
        "idle_minutes",
        "session_hours",
        "panel",
        "notice",
    ]);
    let panels = section.section("panel").map(|panel| panels(&panel));
    let listen = section.text("listen").and_then(|text| text.parse(address)).unwrap_or(DEFAULT.listen);
    let tls = tls(section, listen);
    WebConfig {
        listen,
        tls,
        certificate: certificate(section, tls, secrets),
        names: names(section),
        idle_minutes: narrow(section.whole("idle_minutes", IDLE_MINUTES, DEFAULT.idle_minutes.into())),
        session_hours: narrow(section.whole("session_hours", SESSION_HOURS, DEFAULT.session_hours.into())),
        panels: panels.unwrap_or_default(),
        notice: section.text("notice").and_then(Text::name).map(str::to_owned),
    }
}

fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse()
        .map_err(|_| format!("{} is not an address with a port; write 127.0.0.1:8080 or 0.0.0.0:8443", quoted(text)))
}

fn tls(section: &Section<'_>, listen: SocketAddr) -> bool {
    let is_outside = !listen.ip().is_loopback();
    let tls = section.flag("tls", is_outside);
    if let (true, false, Some(spot)) = (is_outside, tls, section.key("tls")) {
        spot.error(format_args!(
            "tls: {listen} can be reached from outside, and passwords would go there in the clear; remove tls, or listen on 127.0.0.1:{}",
            listen.port()
        ));
    }
    tls
}

fn certificate(section: &Section<'_>, tls: bool, secrets: Secrets<'_>) -> Option<WebCertificate> {
    let names = ["certificate", "key"];
    let file = names.iter().find_map(|name| section.text(name))?;
    if !tls {
        file.wrong("belongs to TLS alone; write tls = true or remove it");
        return None;
    }
    let place = file.spot.place();
    broker::certificate_with_key(section, names, secrets).map(|pem| WebCertificate { pem, place })
}

fn names(section: &Section<'_>) -> Vec<String> {
    let mut names = Vec::new();
    for text in section.texts("names") {
        let Some(name) = text.parse(name) else { continue };
        if names.contains(&name) {
            text.warn(format_args!("{name} is here a second time; remove it"));
        } else if names.len() >= WEB_NAMES_MAX {
            text.wrong(format_args!("there are more than {WEB_NAMES_MAX}; leave out those that nobody uses"));
        } else {
            names.push(name);
        }
    }
    names
}

/// A name of DNS, RFC 1123, 2.1, in lower case; or an address.
fn name(text: &str) -> Result<String, String> {
    if let Ok(address) = text.parse::<IpAddr>() {
        return Ok(address.to_canonical().to_string());
    }
    let fits = |part: &str| {
        (1..=63).contains(&part.len())
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !part.starts_with('-')
            && !part.ends_with('-')
    };
    if text.len() <= HOST_NAME_CHARS_MAX && text.split('.').all(fits) {
        return Ok(text.to_ascii_lowercase());
    }
    Err(format!(
        "{} is not the name of a computer or an address; write gw-1.example.com, without https:// and port",
        quoted(text)
    ))
}

fn panels(section: &Section<'_>) -> Vec<IpAddr> {
    section.knows(&["addresses"]);
    let mut panels = Vec::new();
    for text in section.texts("addresses") {
        let Some(panel) = text.parse(panel) else { continue };
        if panels.contains(&panel) {
            text.warn(format_args!("{panel} is here a second time; remove it"));
        } else if panels.len() >= PANELS_MAX {
            text.wrong(format_args!("there are more than {PANELS_MAX}; who is not a panel logs in"));
        } else {
            panels.push(panel);
        }
    }
    panels
}

/// One address each: a network would let in whoever plugs something into it.
fn panel(text: &str) -> Result<IpAddr, String> {
    let address: IpAddr =
        text.parse().map_err(|_| format!("{} is not the address of one panel; write 192.168.1.30", quoted(text)))?;
    if address.is_unspecified() || address.is_multicast() {
        return Err(format!("{} is not the address of one panel; write 192.168.1.30", quoted(text)));
    }
    Ok(address.to_canonical())
}
