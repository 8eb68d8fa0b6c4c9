//! A look at a source before there is a configuration. Like everything on the field side it can only read.

pub mod modbus;
pub mod opcua;

use crate::{limits, net};

/// Whether somebody takes a TCP connection at an address; nothing is asked there.
///
/// # Errors
/// In words that say what to do: no such name, refused, no answer in time.
pub async fn reach(host: &str, port: u16) -> Result<(), String> {
    net::connect(host, port, limits::CONNECT_MAX).await.map(drop)
}
