//! The configuration that a gateway needs for this plant, rendered from its description. `config/demo` is the golden
//! copy of it for the usual ports.

mod gateway;
mod risk;
mod rules;
mod sheet;
mod tables;

#[cfg(test)]
pub(crate) use rules::CONFIDENCE_MIN;

use crate::settings::Endpoints;
use davy_core::model::Priority;
use std::{collections::BTreeMap, net::SocketAddr};

/// The files of a configuration folder, by their names relative to it, for a plant at these endpoints and a gateway
/// whose page is at `web_listen`.
#[must_use]
pub fn configuration(endpoints: &Endpoints, web_listen: SocketAddr) -> BTreeMap<String, Vec<u8>> {
    let files = [
        ("gateway.toml", gateway::file(endpoints, web_listen)),
        ("tags.csv", tables::tags()),
        ("zones.csv", tables::zones()),
        ("cameras.csv", tables::cameras()),
        ("people.csv", tables::people()),
        ("rules.toml", rules::file()),
        ("risk/units.csv", risk::units()),
        ("risk/events.csv", risk::events()),
        ("risk/measures.csv", risk::measures()),
    ];
    let plan = ("plan.png".to_owned(), include_bytes!("plan.png").to_vec());
    files.into_iter().map(|(name, text)| (name.to_owned(), text.into_bytes())).chain([plan]).collect()
}

/// A priority as in the files.
fn priority(priority: Priority) -> &'static str {
    match priority {
        Priority::Low => "低",
        Priority::Medium => "中",
        Priority::High => "高",
        Priority::Critical => "紧急",
    }
}
