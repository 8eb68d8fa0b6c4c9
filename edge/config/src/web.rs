//! `[web]`: where the page listens, how long a session lasts, who may look without one.

use crate::{defaults, documents::Section, limits::PANELS_MAX, sources::narrow, text::quoted, types::WebConfig};
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
    idle_minutes: defaults::WEB_IDLE_MINUTES,
    session_hours: defaults::WEB_SESSION_HOURS,
    panels: Vec::new(),
};

pub(crate) fn read(section: &Section<'_>) -> WebConfig {
    section.knows(&["listen", "idle_minutes", "session_hours", "panel"]);
    let panels = section.section("panel").map(|panel| panels(&panel));
    WebConfig {
        listen: section.text("listen").and_then(|text| text.parse(loopback)).unwrap_or(DEFAULT.listen),
        idle_minutes: narrow(section.whole("idle_minutes", IDLE_MINUTES, DEFAULT.idle_minutes.into())),
        session_hours: narrow(section.whole("session_hours", SESSION_HOURS, DEFAULT.session_hours.into())),
        panels: panels.unwrap_or_default(),
    }
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

fn loopback(text: &str) -> Result<SocketAddr, String> {
    let address: SocketAddr =
        text.parse().map_err(|_| format!("{} is not an address with a port; write 127.0.0.1:8080", quoted(text)))?;
    if address.ip().is_loopback() {
        return Ok(address);
    }
    Err(format!(
        "{} can be reached from outside, and passwords would go there in the clear; write 127.0.0.1:{}",
        quoted(text),
        address.port()
    ))
}
