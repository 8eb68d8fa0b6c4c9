//! One connection to a device or a broker.

use crate::{clock, doctor, limits};
use davy_config::{ModbusLink, SourceConfig};
use davy_core::model::Site;
use davy_field::{Pki, probe::modbus};
use std::{path::Path, sync::Arc};
use tokio::{sync::mpsc, time::timeout};
use tokio_util::sync::CancellationToken;

/// Connects as the gateway would, and says what came of it.
pub(super) async fn attempt(source: &SourceConfig, site: &Site) -> Result<String, String> {
    match source {
        SourceConfig::Modbus(modbus) => match &modbus.link {
            ModbusLink::Listen { address, .. } => {
                Err(format!("the device connects by itself; davy run listens for it on {address}"))
            }
            ModbusLink::Connect { .. } | ModbusLink::Serial(_) => {
                modbus::reach(&modbus.link, modbus.pace).await?;
                Ok("the line is open; which units answer, davy read tells".to_owned())
            }
        },
        SourceConfig::Board(_) => {
            Err("the box itself is no connection; davy board test --watch 30 shows its inputs".to_owned())
        }
        SourceConfig::Mqtt(_) | SourceConfig::OpcUa(_) => connector(source.clone(), site).await,
    }
}

/// Runs the connector until it has something to say.
async fn connector(mut source: SourceConfig, site: &Site) -> Result<String, String> {
    let stop = CancellationToken::new();
    // Nobody acts on what comes; a full inbox holds the connector back, which has spoken by then.
    let (inbox, _events) = mpsc::channel(limits::INBOX_MAX);
    let pki = Arc::new(Pki::new(Path::new("")));
    let (site, stopped) = (Arc::new(site.clone()), stop.clone());
    let context = davy_field::Context {
        utc: clock::utc,
        inbox,
        pki,
        panel: None,
        site,
        stop: stopped,
        heard_until: None,
        sent: None,
    };
    doctor::look_only(&mut source);
    let running = davy_field::start(source, &context);
    let mut health = running.health.clone();
    let told = timeout(limits::TRY_MAX, health.wait_for(|health| health.since.is_some())).await;
    let told = match told {
        Ok(Ok(health)) if health.up => Ok(health.detail.clone()),
        Ok(Ok(health)) => Err(health.detail.clone()),
        Ok(Err(_)) | Err(_) => Err(format!("nothing was heard within {} s", limits::TRY_MAX.as_secs())),
    };
    stop.cancel();
    // One that does not end in time ends with the process.
    let _ = timeout(limits::FIELD_STOP_MAX, running.task).await;
    told
}
