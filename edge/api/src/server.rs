//! Serving until told to stop.

use crate::{
    Context,
    app::App,
    connections::{Bounded, Peer},
    indicators, limits, routes, sections,
};
use std::{io, sync::Arc};
use tokio::{net::TcpListener, time::sleep};

/// Serves page and API until `context.stop`; then streams end at once and open requests within a bounded time.
///
/// # Errors
/// When the listener fails for good.
pub async fn serve(listener: TcpListener, context: Context) -> io::Result<()> {
    let stop = context.stop.clone();
    let app = App::new(context);
    let sections = tokio::spawn(sections::run(Arc::clone(&app)));
    let indicators = tokio::spawn(indicators::run(Arc::clone(&app)));
    let router = routes::router(app).into_make_service_with_connect_info::<Peer>();
    let server = axum::serve(Bounded::new(listener), router).with_graceful_shutdown(stop.clone().cancelled_owned());
    let overdue = async {
        stop.cancelled().await;
        sleep(limits::STOP_MAX).await;
    };
    let result = tokio::select! {
        result = server.into_future() => result,
        () = overdue => Ok(()),
    };
    sections.abort();
    indicators.abort();
    result
}
