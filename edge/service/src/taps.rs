//! Taps between the gateway and its sources.

use anyhow::Context as _;
use davy_config::{ModbusFraming, ModbusLink, OpcUaSecurity, SourceConfig};
use davy_field::wire::{Protocol, Tap};
use std::path::Path;

/// Why a source has no tap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Untapped {
    /// Nothing could be seen, and why.
    Unseen(&'static str),
    /// Counted within the gateway, and where.
    Within(&'static str),
}

/// Leads a source through taps, one for each of its addresses; or why that cannot be.
pub(crate) async fn open(source: &mut SourceConfig, data: Option<&Path>) -> anyhow::Result<Result<Vec<Tap>, Untapped>> {
    let mut taps = Vec::new();
    match source {
        SourceConfig::OpcUa(opcua) if opcua.security != OpcUaSecurity::None && data.is_none() => {
            return Ok(Err(Untapped::Unseen("encrypted, and without --data there is no certificate to connect with")));
        }
        SourceConfig::OpcUa(opcua) => {
            if let OpcUaSecurity::Secured(secured) = &mut opcua.security {
                // The tap's address is not the server's; the certificate must be the trusted one all the same.
                secured.host_check = false;
            }
            for endpoint in std::iter::once(&mut opcua.endpoint).chain(&mut opcua.backup) {
                let (host, port, path) = davy_field::wire::opcua_place(endpoint)
                    .with_context(|| format!("{endpoint} has no host and port"))?;
                let tap = Tap::open(Protocol::OpcUa, host, port).await?;
                *endpoint = format!("opc.tcp://127.0.0.1:{}{path}", tap.port());
                taps.push(tap);
            }
        }
        SourceConfig::Modbus(modbus) => {
            let ModbusLink::Connect { address, backup, framing } = &mut modbus.link else {
                return Ok(Err(Untapped::Within(
                    "as the bytes that it gave to the serial port or to the device that dialled in",
                )));
            };
            let protocol = match framing {
                ModbusFraming::Tcp => Protocol::ModbusTcp,
                ModbusFraming::Rtu => Protocol::ModbusRtuOverTcp,
            };
            for address in [Some(address), backup.as_mut()].into_iter().flatten() {
                taps.push(through(protocol, &mut address.host, &mut address.port).await?);
            }
        }
        SourceConfig::Mqtt(mqtt) if mqtt.broker.ca_pem.is_some() => {
            return Ok(Err(Untapped::Within("packet by packet before they were encrypted")));
        }
        SourceConfig::Mqtt(mqtt) => {
            taps.push(through(Protocol::Mqtt, &mut mqtt.broker.host, &mut mqtt.broker.port).await?);
        }
        SourceConfig::Board(_) => return Ok(Err(Untapped::Within("nothing is sent toward the inputs of the box"))),
    }
    Ok(Ok(taps))
}

async fn through(protocol: Protocol, host: &mut String, port: &mut u16) -> anyhow::Result<Tap> {
    let tap = Tap::open(protocol, host, *port).await?;
    "127.0.0.1".clone_into(host);
    *port = tap.port();
    Ok(tap)
}
