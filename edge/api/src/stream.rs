//! A client of the event stream. It holds no queue of changes: whenever it has room it gets the newest of every section
//! that has changed since its last look, so a slow one skips what it missed and costs the others nothing. It ends when its
//! session or token does.
//!
//! The last event of a look has an id. Who comes back with it (`Last-Event-ID`, as browsers do by themselves) has everything up to
//! there, and is sent only what has changed since. One that another server has given, or for somebody who might see less, is none.

use crate::{
    access::Caller,
    app::App,
    limits,
    problem::{Kind, Problem},
    sections::{Frame, Section},
};
use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures::stream::unfold;
use std::{
    collections::{BTreeMap, VecDeque},
    convert::Infallible,
    sync::Arc,
};
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio_util::sync::CancellationToken;

pub(crate) async fn stream(
    State(app): State<Arc<App>>,
    caller: Caller,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let permit = Arc::clone(&app.streams).try_acquire_owned().map_err(|_| {
        Kind::StreamsFull.with(format!("{} streams are open, which is as many as there may be", limits::STREAMS_MAX))
    })?;
    let client = Client::join(app, caller, permit, headers.get("last-event-id"));
    let events = unfold(client, |mut client| async move {
        let event = client.next().await?;
        Some((Ok::<Bytes, Infallible>(event), client))
    });
    let headers = [(header::CONTENT_TYPE, "text/event-stream"), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, Body::from_stream(events)).into_response())
}

struct Client {
    app: Arc<App>,
    caller: Caller,
    frames: watch::Receiver<Arc<Frame>>,
    /// The revision of each section that this client has.
    sent: BTreeMap<Section, u64>,
    /// It came with everything up to this revision.
    had: u64,
    /// What is left of the frame it looked at last.
    waiting: VecDeque<Bytes>,
    stop: CancellationToken,
    _permit: OwnedSemaphorePermit,
}

impl Client {
    /// Listens first and asks for everything then: the next frame is whole and new.
    fn join(app: Arc<App>, caller: Caller, permit: OwnedSemaphorePermit, last: Option<&HeaderValue>) -> Self {
        let frames = app.frames.subscribe();
        app.joined.notify_one();
        let hello = Bytes::from(format!("retry: {}\n\n", limits::STREAM_RETRY_MS));
        let had = last.and_then(|last| last.to_str().ok()?.strip_prefix(&prefix(&app, &caller))?.parse().ok());
        Self {
            frames,
            sent: BTreeMap::new(),
            had: had.unwrap_or(0),
            waiting: VecDeque::from([hello]),
            stop: app.context.stop.clone(),
            app,
            caller,
            _permit: permit,
        }
    }

    /// The next event; `None` when the gateway stops, or who listens may not any more.
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if self.stop.is_cancelled() {
                return None;
            }
            if let Some(event) = self.waiting.pop_front() {
                return Some(event);
            }
            tokio::select! {
                () = self.stop.cancelled() => return None,
                changed = self.frames.changed() => changed.ok()?,
            }
            if !self.app.goes_on(&self.caller) {
                return None;
            }
            self.look();
        }
    }

    fn look(&mut self) {
        let frame = Arc::clone(&self.frames.borrow_and_update());
        let seen = frame.iter().filter(|(section, _)| self.caller.who.may(section.needs()));
        for (section, piece) in seen {
            let is_new = self.sent.insert(*section, piece.revision) != Some(piece.revision);
            if is_new && piece.revision > self.had {
                self.waiting.push_back(piece.event.clone());
            }
        }
        // An id before the end would leave out what comes after it, should the connection end there.
        if let Some(last) = self.waiting.pop_back() {
            let newest = frame.values().map(|piece| piece.revision).max().unwrap_or(0);
            self.waiting.push_back(format!("id: {}{newest}\n", prefix(&self.app, &self.caller)).into());
            self.waiting.push_back(last);
        }
    }
}

/// What an id begins with: whose numbers these are, and what the one who is sent them may see.
fn prefix(app: &App, caller: &Caller) -> String {
    let may = caller.who.permissions().iter().fold(0_u32, |bits, permission| bits | 1 << permission as u32);
    format!("{:016x}.{may:x}.", app.series)
}
