//! Serving until told to stop. Each connection is a task with bounds of its own, and none can hold up another.

use crate::{
    Context, Tls,
    app::App,
    connections::{Bounded, Connection, Peer},
    indicators, limits, routes, sections, tls,
};
use axum::{Router, extract::ConnectInfo};
use hyper::{Request, body::Incoming, server::conn::http1, service::Service as _, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use std::{pin::pin, sync::Arc};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
    sync::watch,
    time::timeout,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Serves page and API until `context.stop`; then streams end at once and open requests within a bounded time.
pub async fn serve(listener: TcpListener, context: Context) {
    let (stop, tls) = (context.stop.clone(), context.tls.clone());
    let app = App::new(context);
    let sections = tokio::spawn(sections::run(Arc::clone(&app)));
    let indicators = tokio::spawn(indicators::run(Arc::clone(&app)));
    let server = Server { router: TowerToHyperService::new(routes::router(app)), tls, stop: stop.clone() };
    let open = TaskTracker::new();
    let accept = async {
        let door = Bounded::new(listener);
        loop {
            let connection = door.accept().await;
            open.spawn(server.clone().serve(connection));
        }
    };
    tokio::select! {
        () = stop.cancelled() => {}
        () = accept => {}
    }
    open.close();
    // What is open still is left to the end of the process.
    let _ended = timeout(limits::STOP_MAX, open.wait()).await;
    sections.abort();
    indicators.abort();
}

#[derive(Clone)]
struct Server {
    router: TowerToHyperService<Router>,
    tls: Option<watch::Receiver<Tls>>,
    stop: CancellationToken,
}

impl Server {
    async fn serve(self, connection: Connection) {
        let peer = connection.peer;
        let Some(tls) = &self.tls else { return self.speak(connection, peer).await };
        let config = Arc::clone(&tls.borrow().config);
        match tls::handshake(config, connection).await {
            Ok(connection) => self.speak(connection, peer).await,
            Err(error) => tracing::debug!(%error, from = %peer.address, "a connection came to no TLS"),
        }
    }

    async fn speak(self, connection: impl AsyncRead + AsyncWrite + Unpin, peer: Peer) {
        let Self { router, stop, .. } = self;
        let answer = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(ConnectInfo(peer));
            router.call(request)
        });
        let mut http = pin!(http().serve_connection(TokioIo::new(connection), answer));
        let result = tokio::select! {
            result = http.as_mut() => result,
            () = stop.cancelled() => {
                http.as_mut().graceful_shutdown();
                http.await
            }
        };
        if let Err(error) = result {
            tracing::debug!(%error, from = %peer.address, "a connection ended early");
        }
    }
}

fn http() -> http1::Builder {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(limits::HEADERS_MAX)
        .max_headers(limits::HEADER_LINES_MAX)
        .max_header_size(limits::HEADER_BYTES_MAX)
        .max_buf_size(limits::BUFFER_BYTES_MAX);
    http
}
