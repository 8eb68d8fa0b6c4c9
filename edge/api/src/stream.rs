//! A client of the event stream. It holds no queue of changes: whenever it has room it gets the newest of every section
//! that has changed since its last look, so a slow one skips what it missed and costs the others nothing. It ends when its
//! session or token does.
//!
//! The last event of each look carries an id; who comes again with it gets what has changed since.

mod position;

use crate::{
    access::Caller,
    app::App,
    extract::Asked,
    limits,
    problem::{Kind, Problem},
    sections::{Frame, Section},
};
use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures::stream::unfold;
use position::Position;
use serde::Deserialize;
use std::{
    collections::{BTreeMap, VecDeque},
    convert::Infallible,
    sync::Arc,
};
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio_util::sync::CancellationToken;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    /// Of lists only the rows that have changed.
    #[serde(default)]
    changes: bool,
    /// The id of the last event that was got, where no `Last-Event-ID` says it.
    after: Option<String>,
}

pub(crate) async fn stream(
    State(app): State<Arc<App>>,
    caller: Caller,
    Asked(Wanted { changes, after }): Asked<Wanted>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let permit = Arc::clone(&app.streams).try_acquire_owned().map_err(|_| {
        Kind::StreamsFull.with(format!("{} streams are open, which is as many as there may be", limits::STREAMS_MAX))
    })?;
    let after = headers.get("last-event-id").and_then(|id| id.to_str().ok().map(str::to_owned)).or(after);
    let client = Client::join(app, caller, permit, changes, after.as_deref());
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
    /// Where it is, for the ids of its events.
    position: Position,
    /// Whether it wants of lists only the rows that have changed.
    changes: bool,
    /// The revision of each section that it has.
    sent: BTreeMap<Section, u64>,
    /// What is left of the frame it looked at last.
    waiting: VecDeque<Bytes>,
    stop: CancellationToken,
    _permit: OwnedSemaphorePermit,
}

impl Client {
    /// Listens first and asks for everything then: the next frame is whole and new.
    fn join(app: Arc<App>, caller: Caller, permit: OwnedSemaphorePermit, changes: bool, after: Option<&str>) -> Self {
        let frames = app.frames.subscribe();
        app.joined.notify_one();
        let hello = Bytes::from(format!("retry: {}\n\n", limits::STREAM_RETRY_MS));
        let position = Position::new(app.instance, |permission| caller.who.may(permission));
        let seen = after.and_then(|id| position.revision_of(id));
        let has = |seen| Section::ALL.map(|(section, _)| (section, seen)).into();
        Self {
            frames,
            position,
            changes,
            sent: seen.map(has).unwrap_or_default(),
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
        let frame: Arc<Frame> = Arc::clone(&self.frames.borrow_and_update());
        let allowed = frame.iter().filter(|(section, _)| self.caller.who.may(section.needs()));
        for (section, piece) in allowed {
            let seen = self.sent.insert(*section, piece.revision).unwrap_or(0);
            if seen < piece.revision {
                let event = if self.changes { piece.changes_since(seen) } else { piece.event() };
                self.waiting.push_back(event);
            }
        }
        // With the last alone: who has its id has those before it.
        let newest = frame.values().map(|piece| piece.revision).max();
        if let (Some(newest), Some(last)) = (newest, self.waiting.pop_back()) {
            self.waiting.extend([self.position.id_of(newest), last]);
        }
    }
}
