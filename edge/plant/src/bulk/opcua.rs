//! An OPC UA server of many doubles, `ns=2;s=V-0` and so on, which all change once in each period, some of them every few
//! milliseconds, as controllers are scanned one after the other. Each change has the source time at which it was made.

use super::value;
use crate::{
    limits,
    settings::{PlantError, loopback},
};
use chrono::DateTime;
use davy_core::time::UtcTime;
use opcua::{
    nodes::VariableBuilder,
    server::{
        ServerBuilder, ServerHandle,
        diagnostics::NamespaceMetadata,
        node_manager::memory::{SimpleNodeManager, simple_node_manager},
    },
    types::{DataTypeId, DataValue, DateTime as OpcuaTime, NodeId, ObjectId, StatusCode, VariableTypeId, Variant},
};
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
    time::Duration,
};
use tempfile::TempDir;
use tokio::{
    runtime::{Builder, Runtime},
    sync::{Mutex, OwnedMutexGuard},
    time::{MissedTickBehavior, interval},
};

const NAMESPACE: &str = "urn:davy:plant:bulk";
/// After the standard's own and that of the server's diagnostics.
const NAMESPACE_INDEX: u16 = 2;

/// The server. Dropping it cuts everybody off.
#[derive(Debug)]
pub struct Items {
    address: SocketAddr,
    changes: Arc<AtomicU64>,
    gate: Arc<Mutex<()>>,
    /// There until the end.
    runtime: Option<Runtime>,
    /// The stack insists on a folder for certificates, although policy None has none.
    _pki: TempDir,
}

/// While it is there nothing changes.
#[derive(Debug)]
pub struct Held(OwnedMutexGuard<()>);

/// Serves `count` doubles that change once in each `period`, on a free port of loopback; `utc` gives the source times.
///
/// # Errors
/// When it cannot be built or listened for.
pub async fn serve_items(count: usize, period: Duration, utc: fn() -> UtcTime) -> Result<Items, PlantError> {
    // Building the address space takes a while, and a runtime may not be made inside another's task.
    let built = tokio::task::spawn_blocking(move || begin(count, period, utc)).await;
    built.unwrap_or_else(|error| Err(error.to_string())).map_err(|reason| PlantError::OpcUa { reason })
}

impl Items {
    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Changes made so far, all doubles together.
    #[must_use]
    pub fn changes(&self) -> u64 {
        self.changes.load(SeqCst)
    }

    /// Nothing changes until what it gives is dropped.
    pub async fn hold(&self) -> Held {
        Held(Arc::clone(&self.gate).lock_owned().await)
    }
}

impl Held {
    /// The doubles change again.
    pub fn release(self) {
        drop(self.0);
    }
}

impl Drop for Items {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn begin(count: usize, period: Duration, utc: fn() -> UtcTime) -> Result<Items, String> {
    let in_words = |error: std::io::Error| error.to_string();
    let pki = TempDir::new().map_err(in_words)?;
    let listener = std::net::TcpListener::bind(loopback(0)).map_err(in_words)?;
    listener.set_nonblocking(true).map_err(in_words)?;
    let address = listener.local_addr().map_err(in_words)?;
    let (server, handle) = builder(address, &pki).build()?;
    let manager = handle.node_managers().get_of_type::<SimpleNodeManager>();
    let manager = manager.ok_or("the server has no address space")?;
    let (changes, gate) = (Arc::<AtomicU64>::default(), Arc::<Mutex<()>>::default());
    let mut change =
        Change { ids: fill(&manager, count), manager, handle, utc, changes: Arc::clone(&changes), step: 0 };
    // Whoever connects first finds values, not emptiness.
    change.make(0..count)?;
    change.step += 1;
    let runtime = Builder::new_multi_thread().worker_threads(2).thread_name("plant-bulk").enable_all().build();
    let runtime = runtime.map_err(in_words)?;
    runtime.spawn(change.for_ever(period, Arc::clone(&gate)));
    runtime.spawn(async move {
        let served = match tokio::net::TcpListener::from_std(listener) {
            Ok(listener) => server.run_with(listener).await,
            Err(error) => Err(error.to_string()),
        };
        tracing::warn!(?served, "the OPC UA server of many doubles has ended");
    });
    Ok(Items { address, changes, gate, runtime: Some(runtime), _pki: pki })
}

/// The stack's own bounds are for a handful of subscriptions, and make it look for news no oftener than every 100 ms.
fn builder(address: SocketAddr, pki: &TempDir) -> ServerBuilder {
    let namespace = NamespaceMetadata { namespace_uri: NAMESPACE.to_owned(), ..NamespaceMetadata::default() };
    let mut builder = ServerBuilder::new_anonymous("Davy bulk server")
        .application_uri("urn:davy:plant")
        .product_uri("urn:davy:plant")
        .pki_dir(pki.path())
        .host(address.ip().to_string())
        .port(address.port())
        .subscription_poll_interval_ms(limits::BULK_LOOK_MS)
        .with_node_manager(simple_node_manager(namespace, "bulk"));
    let most = &mut builder.limits_mut().subscriptions;
    most.max_subscriptions_per_session = limits::BULK_SUBSCRIPTIONS_MAX;
    most.max_pending_publish_requests = limits::BULK_SUBSCRIPTIONS_MAX;
    most.max_queued_notifications = limits::BULK_NOTIFICATIONS_MAX;
    most.min_sampling_interval_ms = limits::BULK_LOOK_MS as f64;
    most.min_publishing_interval_ms = limits::BULK_LOOK_MS as f64;
    builder
}

fn fill(manager: &SimpleNodeManager, count: usize) -> Vec<NodeId> {
    let address_space = manager.address_space();
    let mut address_space = address_space.write();
    let folder = NodeId::new(NAMESPACE_INDEX, "Bulk");
    address_space.add_folder(&folder, "Bulk", "Bulk", &ObjectId::ObjectsFolder.into());
    let add = |number| {
        let name = format!("V-{number}");
        let id = NodeId::new(NAMESPACE_INDEX, name.as_str());
        VariableBuilder::new(&id, name.as_str(), name.as_str())
            .data_type(DataTypeId::Double)
            .has_type_definition(VariableTypeId::BaseDataVariableType)
            .organized_by(folder.clone())
            .insert(&mut *address_space);
        id
    };
    (0..count).map(add).collect()
}

/// Who changes the doubles.
struct Change {
    ids: Vec<NodeId>,
    manager: Arc<SimpleNodeManager>,
    handle: ServerHandle,
    utc: fn() -> UtcTime,
    changes: Arc<AtomicU64>,
    step: u64,
}

impl Change {
    /// Pieces of equal size, one on each beat, so that a period changes everything once.
    async fn for_ever(mut self, period: Duration, gate: Arc<Mutex<()>>) {
        let beats = (period.as_millis() / limits::BULK_BEAT.as_millis()).max(1) as usize;
        let piece = self.ids.len().div_ceil(beats).max(1);
        let pieces = self.ids.len().div_ceil(piece).max(1);
        let mut beat = interval(period / u32::try_from(pieces).unwrap_or(1));
        // Two changes of a double are never closer together than the period: a stack that samples would take one of them.
        beat.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            for at in 0..pieces {
                beat.tick().await;
                let held = gate.try_lock().is_err();
                let _open = gate.lock().await;
                if held {
                    beat.reset();
                }
                let end = self.ids.len().min((at + 1) * piece);
                if let Err(reason) = self.make(at * piece..end) {
                    tracing::warn!(reason, "doubles cannot be changed");
                }
            }
            self.step += 1;
        }
    }

    fn make(&mut self, range: std::ops::Range<usize>) -> Result<(), String> {
        let at = OpcuaTime::from(DateTime::from_timestamp_millis((self.utc)().0).unwrap_or_default());
        let values = range.clone().map(|item| {
            let value = DataValue {
                value: Some(Variant::Double(value(self.step + item as u64).into())),
                status: Some(StatusCode::Good),
                source_timestamp: Some(at),
                server_timestamp: Some(at),
                ..DataValue::default()
            };
            (&self.ids[item], None, value)
        });
        let set = self.manager.set_values(self.handle.subscriptions(), values);
        set.map_err(|status| format!("set the doubles: {status}"))?;
        self.changes.fetch_add(range.len() as u64, SeqCst);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn everything_changes_in_each_period_and_nothing_while_it_is_held() {
        let items = serve_items(10, Duration::from_millis(20), || UtcTime(1_800_000_000_000)).await.unwrap();
        while items.changes() < 30 {
            tokio::task::yield_now().await;
        }
        let held = items.hold().await;
        let before = items.changes();
        assert_eq!(before % 5, 0, "in two halves");
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!(items.changes(), before);
        held.release();
        while items.changes() == before {
            tokio::task::yield_now().await;
        }
    }
}
