//! Messages that Mosquitto gives out a second time, because the acknowledgement of the first was lost.

use crate::mqtt::{location, stand};
use acceptance::{broker::Broker, places, receiver::Publisher};
use anyhow::Result;
use davy_core::id::ZoneIx;
use serde_json::json;
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::Notify,
    task::JoinHandle,
};

/// A cable to the broker that can swallow what the gateway says, and be cut.
struct Cable {
    port: u16,
    swallows: Arc<AtomicBool>,
    cut: Arc<Notify>,
    task: JoinHandle<()>,
}

impl Cable {
    async fn lay(broker: u16) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let (swallows, cut) = (Arc::new(AtomicBool::new(false)), Arc::new(Notify::new()));
        let (swallowing, cutting) = (Arc::clone(&swallows), Arc::clone(&cut));
        let task = tokio::spawn(async move {
            while let Ok((gateway, _)) = listener.accept().await {
                let Ok(broker) = TcpStream::connect(("127.0.0.1", broker)).await else { continue };
                let ((from_gateway, to_gateway), (from_broker, to_broker)) =
                    (gateway.into_split(), broker.into_split());
                tokio::select! {
                    () = down(from_broker, to_gateway) => {}
                    () = up(from_gateway, to_broker, &swallowing) => {}
                    () = cutting.notified() => {}
                }
            }
        });
        Ok(Self { port, swallows, cut, task })
    }
}

impl Drop for Cable {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn down(mut broker: OwnedReadHalf, mut gateway: OwnedWriteHalf) {
    let _ = copy(&mut broker, &mut gateway).await;
}

async fn up(mut gateway: OwnedReadHalf, mut broker: OwnedWriteHalf, swallows: &AtomicBool) {
    let mut bytes = [0; 4_096];
    while let Ok(length @ 1..) = gateway.read(&mut bytes).await {
        if !swallows.load(Ordering::Relaxed) && broker.write_all(&bytes[..length]).await.is_err() {
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_again_after_a_reconnect_is_not_told_twice_but_a_call_for_help_is() -> Result<()> {
    let folder = places::fresh("field_mqtt_again")?;
    let broker = Broker::start("field", &folder).await?;
    let cable = Cable::lay(broker.port).await?;
    let devices = Publisher::start(broker.port).await?;
    let mut stand = stand(cable.port);
    stand.up().await?;

    cable.swallows.store(true, Ordering::Relaxed);
    devices.send_json("site/location/C-1", &json!({"zone": "Z-1", "sos": true})).await?;
    devices.send_json("site/location/C-1", &json!({"zone": "", "sos": false})).await?;
    devices.send_json("site/location/C-1", &json!({"zone": "", "sos": 0})).await?;
    for sos in [true, false, false] {
        assert_eq!(location(&mut stand, 0).await?.sos, sos);
    }
    cable.cut.notify_one();
    stand.down().await?;
    cable.swallows.store(false, Ordering::Relaxed);

    let call = location(&mut stand, 0).await?;
    assert_eq!((call.zone, call.sos), (None, true), "told again, and moves nobody");
    assert!(!location(&mut stand, 0).await?.sos, "and so is its end");
    devices.send_json("site/location/C-1", &json!({"zone": "Z-1", "sos": false})).await?;
    let next = location(&mut stand, 0).await?;
    assert_eq!((next.zone, next.sos), (Some(ZoneIx(0)), false));
    let health = stand.health();
    assert_eq!((health.outdated.count, health.taken), (1, 6), "{health:?}");
    assert_eq!(health.outdated.latest, "site/location/C-1: came a second time");
    stand.stop().await
}
