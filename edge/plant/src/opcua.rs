//! The OPC UA server of the DCS: every variable as `ns=2;s=<tag>` in a folder, security policy None, anonymous. The story
//! takes it down for a while.
//!
//! Each life of the server has a runtime of its own. A stopped server leaves the tasks of its connections behind, so only
//! the end of the runtime cuts all clients off, as the end of a process would.

mod space;

use crate::{
    description::Point,
    image::Images,
    limits,
    settings::PlantError,
    switch::{self, Switch},
};
use opcua::{
    server::{ServerBuilder, ServerHandle, node_manager::memory::SimpleNodeManager},
    types::DataValue,
};
use space::Space;
use std::{io, net::SocketAddr, sync::Arc};
use tempfile::TempDir;
use tokio::{
    net::TcpListener,
    runtime::{Builder, Runtime},
    task::JoinHandle,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

/// What every life of the server needs.
#[derive(Clone)]
pub(crate) struct Plan {
    pub(crate) address: SocketAddr,
    pub(crate) points: Arc<[Point]>,
    pub(crate) images: Images,
    /// The stack insists on a folder for certificates, although policy None has none.
    pub(crate) pki: Arc<TempDir>,
}

/// A server that answers. Dropping it cuts everybody off.
pub(crate) struct Life {
    /// There until the end.
    runtime: Option<Runtime>,
    handle: ServerHandle,
    served: JoinHandle<Result<(), String>>,
}

impl Drop for Life {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Life {
    /// Begins a life on a socket that listens already.
    pub(crate) async fn begin(plan: &Plan, listener: std::net::TcpListener) -> Result<Self, PlantError> {
        let plan = plan.clone();
        // Building the address space takes a while, and a runtime may not be made or dropped inside another's task.
        let built = tokio::task::spawn_blocking(move || begin(plan, listener)).await;
        let built = built.unwrap_or_else(|error| Err(error.to_string()));
        built.map_err(|reason| PlantError::OpcUa { reason })
    }

    /// Says goodbye to the clients, and cuts off those who stay.
    async fn end(mut self) {
        self.handle.cancel();
        let _ = timeout(limits::SERVER_STOP_MAX, &mut self.served).await;
        let Some(runtime) = self.runtime.take() else { return };
        let ended = tokio::task::spawn_blocking(move || runtime.shutdown_timeout(limits::SERVER_STOP_MAX)).await;
        if let Err(error) = ended {
            tracing::warn!(%error, "the OPC UA server could not be ended in order");
        }
    }
}

fn begin(plan: Plan, listener: std::net::TcpListener) -> Result<Life, String> {
    let builder = ServerBuilder::new_anonymous("Davy simulated DCS");
    let builder = builder.application_uri("urn:davy:plant").product_uri("urn:davy:plant").pki_dir(plan.pki.path());
    let builder = builder.host(plan.address.ip().to_string()).port(plan.address.port());
    let (server, handle) = builder.with_node_manager(space::manager()).build()?;
    let manager = handle.node_managers().get_of_type::<SimpleNodeManager>();
    let manager = manager.ok_or("the server has no address space")?;
    if handle.get_namespace_index(space::NAMESPACE) != Some(space::NAMESPACE_INDEX) {
        return Err(format!("{} is not the namespace {}", space::NAMESPACE, space::NAMESPACE_INDEX));
    }
    let space = Space::fill(&manager, &plan.points);
    let runtime = Builder::new_multi_thread().worker_threads(1).thread_name("plant-opcua").enable_all().build();
    let runtime = runtime.map_err(|error| format!("no thread for it: {error}"))?;
    // Whoever connects first finds values, not emptiness.
    let first = Arc::clone(&plan.images.borrow());
    space.set(&manager, handle.subscriptions(), &first)?;
    runtime.spawn(follow(space, manager, handle.clone(), plan.images));
    let served = runtime.spawn(async move {
        let listener = TcpListener::from_std(listener).map_err(|error| format!("cannot listen: {error}"))?;
        server.run_with(listener).await
    });
    Ok(Life { runtime: Some(runtime), handle, served })
}

async fn follow(space: Space, manager: Arc<SimpleNodeManager>, handle: ServerHandle, mut images: Images) {
    while images.changed().await.is_ok() {
        let image = Arc::clone(&images.borrow_and_update());
        if let Err(reason) = space.set(&manager, handle.subscriptions(), &image) {
            tracing::warn!(reason, "an OPC UA variable cannot be set");
        }
    }
}

/// Keeps the server up while `up` says so, from its first life on, until `stop`.
pub(crate) async fn run(plan: Plan, first: Life, mut up: Switch, stop: CancellationToken) {
    let mut life = first;
    loop {
        tokio::select! {
            () = stop.cancelled() => return life.end().await,
            lives = switch::until(&mut up, false) => if !lives { return life.end().await },
            ended = &mut life.served => tracing::warn!(?ended, "the OPC UA server ended by itself; it is started again"),
        }
        life.end().await;
        let Some(next) = next_life(&plan, &mut up, &stop).await else { return };
        life = next;
    }
}

/// Waits until the server is to be up again, and for its port, which others may hold for a moment.
async fn next_life(plan: &Plan, up: &mut Switch, stop: &CancellationToken) -> Option<Life> {
    loop {
        tokio::select! {
            () = stop.cancelled() => return None,
            lives = switch::until(up, true) => if !lives { return None },
        }
        match listen(plan.address).await {
            Ok(listener) => match Life::begin(plan, listener).await {
                Ok(life) => return Some(life),
                Err(error) => tracing::warn!(%error, "tried again"),
            },
            Err(error) => tracing::debug!(%error, "the OPC UA port is not free; tried again"),
        }
        sleep(limits::RETRY_PAUSE).await;
    }
}

/// A socket that a runtime of its own can take over.
pub(crate) async fn listen(address: SocketAddr) -> io::Result<std::net::TcpListener> {
    TcpListener::bind(address).await?.into_std()
}

/// A value as the address space holds it.
type Value<'a> = (&'a opcua::types::NodeId, Option<&'a opcua::types::NumericRange>, DataValue);
