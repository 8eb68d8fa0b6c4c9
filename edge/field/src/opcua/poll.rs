//! Reads every item again and again, for a server without subscriptions.

use crate::{
    limits::opcua as bounds,
    opcua::{
        convert,
        granted::{Refused, Why},
        server::{self, Server},
        wanted::Wanted,
    },
};
use davy_core::{event::Sample, time::UtcTime};
use opcua::{client::Session, types::StatusCode};
use std::{collections::BTreeSet, sync::Arc, time::Duration};
use tokio::{
    sync::mpsc,
    time::{Instant, MissedTickBehavior, interval},
};

/// One round.
pub(crate) struct Round {
    /// A value of each item, those without a node first.
    pub(crate) samples: Vec<Sample>,
    /// The items that have a source time, with it.
    pub(crate) heard: Vec<(usize, i64)>,
    /// Items that the server does not know, each in the first round in which it is so.
    pub(crate) refused: Vec<Refused>,
}

/// What polling needs.
pub(crate) struct Poll {
    pub(crate) session: Arc<Session>,
    pub(crate) wanted: Arc<Wanted>,
    pub(crate) server: Server,
    pub(crate) every: Duration,
    pub(crate) utc: fn() -> UtcTime,
}

impl Poll {
    /// Hands on round after round, in requests as large as the server takes, until nobody takes them or the server does
    /// not answer; that goes out as the last one, in words.
    pub(crate) async fn run(mut self, rounds: mpsc::Sender<Result<Round, String>>) {
        let mut due = interval(self.every);
        // A round that takes longer than the interval is followed by the next at once, and none is made up for.
        due.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut told = BTreeSet::new();
        let mut namespaces_asked = Instant::now();
        loop {
            due.tick().await;
            let mut round = self.round().await;
            let is_last = round.is_err();
            let mut is_lost = false;
            if let Ok(round) = &mut round {
                is_lost = round.refused.iter().any(|refused| refused.why == Why::Namespace);
                round.refused.retain(|refused| told.insert(refused.item));
            }
            if rounds.send(round).await.is_err() || is_last {
                return;
            }
            if is_lost && namespaces_asked.elapsed() >= bounds::REFUSED_AGAIN_FIRST {
                namespaces_asked = Instant::now();
                // One that does not answer now says so in the next round.
                self.server.namespaces = server::namespaces(&self.session).await.unwrap_or_default();
            }
        }
    }

    async fn round(&self) -> Result<Round, String> {
        let mut refused = Vec::new();
        let (mut items, mut nodes) = (Vec::new(), Vec::new());
        for item in 0..self.wanted.len() {
            match self.wanted.node(item, &self.server) {
                Ok(node) => {
                    items.push(item);
                    nodes.push(node);
                }
                Err(unresolved) => refused.push(unresolved),
            }
        }
        let values = server::read(&self.session, nodes, self.server.limits.nodes_per_read).await?;
        let received_time = (self.utc)();
        let bad = |refused: &Refused| self.wanted.bad(*refused, received_time);
        let mut samples: Vec<Sample> = refused.iter().map(bad).collect();
        let mut heard = Vec::new();
        for (item, value) in items.into_iter().zip(values) {
            samples.push(convert::sample(self.wanted.tag(item), &value, received_time));
            heard.extend(convert::source_ticks(&value).map(|ticks| (item, ticks)));
            refused.extend(unknown(item, value.status.unwrap_or(StatusCode::Good)));
        }
        Ok(Round { samples, heard, refused })
    }
}

/// A status that is about the node and not about its value.
fn unknown(item: usize, status: StatusCode) -> Option<Refused> {
    let of_node = matches!(
        status,
        StatusCode::BadNodeIdUnknown
            | StatusCode::BadNodeIdInvalid
            | StatusCode::BadAttributeIdInvalid
            | StatusCode::BadNotReadable
            | StatusCode::BadUserAccessDenied
    );
    of_node.then_some(Refused { item, status, why: Why::Server })
}
