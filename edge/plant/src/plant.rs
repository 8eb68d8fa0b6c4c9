//! All parts of the plant, started in an order in which none meets another that is not there yet.

use crate::{
    broker, configuration,
    description::{Point, points},
    director::{self, Stage},
    field, limits, link,
    modbus::{self, Registers},
    opcua::{self, Life, Plan},
    receiver::Receiver,
    settings::{Endpoints, PlantError, Settings},
    view::PlantView,
};
use std::{collections::BTreeMap, net::SocketAddr, sync::Arc};
use tokio::{
    net::TcpListener,
    sync::watch,
    task::JoinHandle,
    time::{Instant, timeout_at},
};
use tokio_util::sync::CancellationToken;

/// A plant that runs.
pub struct Plant {
    endpoints: Endpoints,
    web_listen: SocketAddr,
    view: watch::Receiver<PlantView>,
    stop: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
}

/// Starts a plant. Everything accepts connections when this returns, and the story begins.
///
/// # Errors
/// The speed is out of range, an address cannot be listened on, or a server does not come up.
pub async fn start(settings: Settings) -> Result<Plant, PlantError> {
    settings.check()?;
    let points: Arc<[Point]> = points().into();
    let stage = Stage::new(Arc::clone(&points), settings.utc);
    let (modbus, modbus_listener) = listen("the Modbus server", settings.modbus_listen).await?;
    let (enterprise, link_listener) = listen("the enterprise link", settings.enterprise_listen).await?;
    let (opcua_address, opcua_listener) = listen("the OPC UA server", settings.opcua_listen).await?;
    let field_broker = broker::start("field", settings.field_listen).await?;
    let enterprise_broker = broker::start("enterprise", crate::settings::loopback(0)).await?;
    let plan = opcua_plan(opcua_address, &points, &stage)?;
    let opcua_listener = opcua_listener.into_std().map_err(|source| opcua_socket(opcua_address, source))?;
    let life = Life::begin(&plan, opcua_listener).await?;
    let receiver = Receiver::new(enterprise_broker, settings.utc)?;
    let (devices, device_events) = field::connect(field_broker)?;

    let (ledger, stop) = (receiver.ledger(), settings.stop);
    let (view_sender, view) = watch::channel(PlantView::new(0.0, ledger.view()));
    let registers = Registers::new(points, stage.images());
    let (server, link) = (stage.server(), stage.link());
    let tasks = vec![
        tokio::spawn(modbus::serve(modbus_listener, registers, stop.clone())),
        tokio::spawn(link::run(link_listener, enterprise, enterprise_broker, link, stop.clone())),
        tokio::spawn(opcua::run(plan, life, server, stop.clone())),
        tokio::spawn(receiver.run(stop.clone())),
        tokio::spawn(field::run(device_events, stop.clone())),
        tokio::spawn(director::run(stage, devices, ledger, view_sender, settings.speed, stop.clone())),
    ];
    let endpoints = Endpoints { opcua: opcua_address, modbus, field: field_broker, enterprise };
    Ok(Plant { endpoints, web_listen: settings.web_listen, view, stop, tasks })
}

impl Plant {
    /// Where it can be reached.
    #[must_use]
    pub fn endpoints(&self) -> Endpoints {
        self.endpoints
    }

    /// The files of a configuration folder for a gateway that reads this plant; see [`configuration`].
    #[must_use]
    pub fn configuration(&self) -> BTreeMap<String, Vec<u8>> {
        configuration(&self.endpoints, self.web_listen)
    }

    /// Where the story stands and what the enterprise has received. It changes with each story second and message.
    #[must_use]
    pub fn view(&self) -> watch::Receiver<PlantView> {
        self.view.clone()
    }

    /// Stops all parts and frees their ports, except those of the two brokers, which live until the process ends.
    pub async fn stop(self) {
        self.stop.cancel();
        let deadline = Instant::now() + limits::STOP_MAX;
        for task in self.tasks {
            match timeout_at(deadline, task).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::warn!(%error, "a part of the plant ended badly"),
                Err(_) => tracing::warn!("a part of the plant is left to the end of the process"),
            }
        }
    }
}

async fn listen(what: &'static str, address: SocketAddr) -> Result<(SocketAddr, TcpListener), PlantError> {
    let failed = |source| PlantError::Listen { what, address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    Ok((listener.local_addr().map_err(failed)?, listener))
}

fn opcua_plan(address: SocketAddr, points: &Arc<[Point]>, stage: &Stage) -> Result<Plan, PlantError> {
    let pki = tempfile::Builder::new().prefix("davy-plant-pki-").tempdir();
    let pki = pki.map_err(|error| PlantError::OpcUa { reason: format!("cannot make a temporary folder: {error}") })?;
    Ok(Plan { address, points: Arc::clone(points), images: stage.images(), pki: Arc::new(pki) })
}

fn opcua_socket(address: SocketAddr, source: std::io::Error) -> PlantError {
    PlantError::Listen { what: "the OPC UA server", address, source }
}
