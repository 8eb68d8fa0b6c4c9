//! The page while configurations change: each is shown by a server of its own on the same address, and browsers connect again.

use davy_api::{Context, MapCamera, MapZone, Plan, SiteMap};
use davy_core::model::{Camera, Site};
use std::{io, net, sync::Arc};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;

/// The page that is served.
pub(crate) struct Page {
    listener: net::TcpListener,
    context: Context,
    /// Ends this server; what ends all of them is in `all_end`.
    stop: CancellationToken,
    all_end: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
}

impl Page {
    /// Serves on a listener that does not block, until `context.stop`.
    pub(crate) fn open(listener: net::TcpListener, context: Context) -> io::Result<Self> {
        let all_end = context.stop.clone();
        let mut page = Self { listener, context, stop: CancellationToken::new(), all_end, tasks: Vec::new() };
        page.serve()?;
        Ok(page)
    }

    /// Serves what `change` makes of it in its place.
    pub(crate) fn turn(&mut self, change: impl FnOnce(&mut Context)) {
        change(&mut self.context);
        self.stop.cancel();
        self.tasks.retain(|task| !task.is_finished());
        if let Err(error) = self.serve() {
            say_lost(&error);
        }
    }

    /// The tasks of the servers, which end when they are told to.
    pub(crate) fn into_tasks(self) -> Vec<JoinHandle<()>> {
        self.tasks
    }

    fn serve(&mut self) -> io::Result<()> {
        let listener = TcpListener::from_std(self.listener.try_clone()?)?;
        self.stop = self.all_end.child_token();
        let context = Context { stop: self.stop.clone(), ..self.context.clone() };
        self.tasks.push(tokio::spawn(davy_api::serve(listener, context)));
        Ok(())
    }
}

/// The map of a configuration as the page has it.
pub(crate) fn map(site: &Site, map: davy_config::SiteMap) -> Arc<SiteMap> {
    let davy_config::SiteMap { zones, plan } = map;
    let zone =
        |davy_config::MapZone { zone, floor, rings }| MapZone { zone: site.zones[zone.at()].id.clone(), floor, rings };
    let plan = plan.map(|davy_config::PlanPicture { media_type, bytes, edges: [west, south, east, north] }| Plan {
        west,
        south,
        east,
        north,
        media_type,
        bytes: bytes.into(),
    });
    let camera = |camera: &Camera| MapCamera {
        camera: camera.id.clone(),
        name: camera.name.clone(),
        zone: camera.zone.map(|zone| site.zones[zone.at()].id.clone()),
    };
    let cameras = site.cameras.iter().map(camera).collect();
    Arc::new(SiteMap { zones: zones.into_iter().map(zone).collect(), plan, cameras })
}

/// Without the page the gateway still alarms, so this is said and nothing is stopped.
fn say_lost(error: &io::Error) {
    tracing::error!(%error, "the page is no longer served: alarming goes on; restart the gateway to get it back");
}
