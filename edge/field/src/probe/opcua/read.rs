//! Values of any nodes.

use super::Link;
use crate::{
    limits::opcua as bounds,
    opcua::{
        address, convert,
        instances::{self, Absent, Look, Reading},
        server,
        wanted::Condition,
    },
};
use davy_core::{id::TagIx, quality::Quality, time::UtcTime};
use opcua::types::{DataValue, StatusCode, Variant};

/// What a server tells of a node.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// The address as asked for.
    pub address: String,
    /// The value as text, cut to 200 characters; `None` without one.
    pub value: Option<String>,
    /// The value as a tag would have it, in which booleans are 0 and 1; `None` for what is no number.
    pub number: Option<f64>,
    /// The status of the value, or why there is none.
    pub quality: Quality,
    /// When the server says that it was measured.
    pub source_time: Option<UtcTime>,
}

/// Reads nodes by their addresses, `nsu=URI;s=…` or `ns=2;s=…`, and the states of the instances of alarm conditions by
/// theirs, `alarm(ns=2;s=…)/HighHigh`: one answer for each, in their order. One that leads nowhere has a bad status and harms
/// only itself.
///
/// # Errors
/// In words, when the server does not answer.
pub async fn read(link: &mut Link, addresses: &[String]) -> Result<Vec<Told>, String> {
    let of = |address: &String| Condition::new(TagIx(0), address);
    let (conditions, nodes): (Vec<String>, Vec<String>) =
        addresses.iter().cloned().partition(|address| of(address).is_some());
    let is_alone = nodes.is_empty();
    let mut nodes = values(link, &nodes).await?.into_iter();
    let states = states(link, &conditions).await;
    if let Err(words) = &states
        && is_alone
    {
        return Err(words.clone());
    }
    // A server that cannot be browsed may well be read.
    let unknown = |address| Told { address, value: None, number: None, quality: Quality::BAD, source_time: None };
    let states = states.unwrap_or_else(|_| conditions.into_iter().map(unknown).collect());
    let mut conditions = states.into_iter();
    let told =
        addresses.iter().filter_map(|address| if of(address).is_some() { conditions.next() } else { nodes.next() });
    Ok(told.collect())
}

async fn states(link: &mut Link, addresses: &[String]) -> Result<Vec<Told>, String> {
    let wanted = addresses.iter().filter_map(|address| Condition::new(TagIx(0), address));
    let looks: Vec<Look> = wanted.enumerate().map(|(at, condition)| Look::new(at, &condition)).collect();
    if looks.is_empty() {
        return Ok(Vec::new());
    }
    let (session, server) = (link.session.clone(), link.server.clone());
    let looks = link.drive(async move { instances::look(&session, &server, looks).await }).await?;
    Ok(addresses.iter().zip(looks).map(|(address, look)| state(address.clone(), &look.found)).collect())
}

fn state(address: String, found: &Result<Reading, Absent>) -> Told {
    let (number, quality, source_time) = match found {
        Ok(reading) => (Some(reading.state.value), reading.state.quality, reading.source_time),
        Err(absent) => (None, absent.quality(), None),
    };
    let number = number.filter(|_| quality.is_usable());
    let value = number.map(|number| if number > 0.0 { "active" } else { "inactive" }.to_owned());
    Told { address, value, number, quality, source_time }
}

async fn values(link: &mut Link, addresses: &[String]) -> Result<Vec<Told>, String> {
    let namespaces = link.server.namespaces.clone();
    let nodes: Vec<_> = addresses.iter().map(|address| address::resolve(address, &namespaces)).collect();
    let known = nodes.iter().filter_map(|node| node.clone().ok()).collect();
    let (session, per_read) = (link.session.clone(), link.server.limits.nodes_per_read);
    let values = link.drive(async move { server::read(&session, known, per_read).await }).await?;
    let mut values = values.into_iter();
    let unknown = || DataValue { status: Some(StatusCode::BadNodeIdUnknown), ..DataValue::null() };
    let told = addresses.iter().zip(&nodes).map(|(address, node)| {
        let value = if node.is_ok() { values.next() } else { None };
        told(address.clone(), &value.unwrap_or_else(unknown))
    });
    Ok(told.collect())
}

pub(super) fn told(address: String, value: &DataValue) -> Told {
    // Nobody looks at the tag or the time of receipt.
    let sample = convert::sample(TagIx(0), value, UtcTime(0));
    let is_number = sample.quality.is_usable();
    Told {
        address,
        value: value.value.as_ref().filter(|value| **value != Variant::Empty).map(text),
        number: is_number.then_some(sample.value),
        quality: Quality(value.status.unwrap_or(StatusCode::Good).bits()),
        source_time: sample.source_time,
    }
}

fn text(value: &Variant) -> String {
    value.to_string().chars().take(bounds::VALUE_CHARS_MAX).collect()
}
