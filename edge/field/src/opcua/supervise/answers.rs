//! What the server answered, and what follows from it.

use super::{Supervisor, Trouble};
use crate::{
    limits::opcua as bounds,
    opcua::{
        arrival::Arrival,
        granted::{Created, Granted, Refused},
        jobs::{self, Done, Jobs, Outcome},
        poll::Poll,
        server::{Server, Standing},
        spot::Spot,
    },
};
use davy_config::OpcUaMode;
use std::{collections::BTreeSet, time::Duration};
use tokio::{sync::mpsc, time::Instant};
use tokio_util::task::AbortOnDropHandle;

impl Supervisor<'_> {
    pub(super) async fn finish(&mut self, done: Outcome) -> Result<(), Trouble> {
        match done.map_err(|reason| self.useless(&reason))? {
            Done::Met(server, standing) => self.meet(server, standing)?,
            Done::Subscribed(server, granted, created) => {
                self.server = Some(server);
                self.subscribed(granted, created).await;
            }
            Done::Listening(listening) => self.listening(listening).await,
            Done::Looked(looked) => self.looked(looked).await,
            Done::AskedAgain(server, created) => {
                self.asked.refused = false;
                self.server = Some(server);
                self.expect_first_values(&created.refused);
                self.refused = created.refused;
            }
            Done::Standing(standing) => {
                self.asked.standing = false;
                self.stand(standing)?;
            }
            Done::Read(values) => {
                self.asked.unheard = false;
                let news = values.into_iter().filter(|(item, _)| self.arrival.was_read(*item));
                let samples: Vec<_> = news.map(|(_, sample)| sample).collect();
                self.report.silent = self.arrival.silent();
                self.tell();
                if !samples.is_empty() {
                    self.up().await;
                    self.monitor.samples(samples).await;
                }
            }
            Done::Spotted(values) => {
                self.asked.spot = false;
                for item in self.spot.judge(&values) {
                    // It is owed a value, as at the beginning; until one comes it is read.
                    self.arrival.expect(item);
                    self.due.unheard = Instant::now();
                }
            }
            Done::Republished(subscription, found, lost) => return self.catch_up(subscription, found, lost).await,
            Done::Filled(filling, samples) => self.filled(filling, samples).await,
            Done::Scouted(best) => {
                self.asked.others = false;
                let mine = self.report.standing.map(Standing::rank);
                if let Some((by, standing)) = best.filter(|(_, standing)| Some(standing.rank()) > mine) {
                    let place = self.places.name(by);
                    let words = format!("changes to {place}, whose service level is {}", standing.service_level);
                    return Err(Trouble::Outdone(by, format!("{}: {words}", self.places.current())));
                }
            }
        }
        Ok(())
    }

    /// The server has said what it is; now it can be asked for values.
    pub(super) fn meet(&mut self, server: Server, standing: Standing) -> Result<(), Trouble> {
        self.stand(standing)?;
        if self.namespaces.is_empty() {
            self.namespaces.clone_from(&server.namespaces);
        }
        self.report.moved = self.jobs.wanted.moved(self.namespaces, &server.namespaces);
        match self.config.mode {
            OpcUaMode::Subscribe => {
                self.arrival = Arrival::new(self.jobs.wanted.len());
                self.spot = Spot::new(self.jobs.wanted.len());
                self.begin_conditions(&server);
                self.running.spawn(self.jobs.clone().subscribe(server.clone(), self.to_notices.clone()));
            }
            OpcUaMode::Poll { interval_ms } => {
                let Jobs { session, wanted, utc } = self.jobs.clone();
                let every = Duration::from_millis(interval_ms.max(1).into());
                let (to_rounds, rounds) = mpsc::channel(1);
                let poll = Poll { session, wanted, server: server.clone(), every, utc };
                self.polling = Some(AbortOnDropHandle::new(tokio::spawn(poll.run(to_rounds))));
                self.rounds = Some(rounds);
                self.report.granted = vec![format!(
                    "nodes: {}, read every {} ms, at most {} in one request",
                    self.jobs.wanted.len(),
                    interval_ms,
                    server.limits.nodes_per_read
                )];
                self.tell();
            }
        }
        self.server = Some(server);
        self.due.history = Instant::now() + self.jobs.wanted.publishing + bounds::FIRST_VALUES_MAX;
        Ok(())
    }

    pub(super) async fn subscribed(&mut self, granted: Vec<Granted>, created: Created) {
        self.alarms.may_begin = true;
        self.report.granted = created.notes(&self.jobs.wanted, &granted);
        self.tell();
        self.note_refused(&created.refused);
        let now = Instant::now();
        let publishing = granted.iter().map(|granted| granted.publishing).max().unwrap_or_default();
        self.due.unheard = now + publishing + bounds::FIRST_VALUES_MAX;
        self.due.spot = now + (2 * publishing).max(bounds::SPOT_CHECK_EVERY);
        self.seen = vec![now; granted.len()];
        self.granted = granted;
        created.refused.iter().for_each(|refused| self.arrival.heard(refused.item));
        self.untold.clone_from(&created.refused);
        self.refused = created.refused;
        // When no item is left that could bring a value, the session is all there is to wait for.
        if self.monitor.is_up() || self.refused.len() == self.jobs.wanted.len() {
            self.up().await;
        }
    }

    /// Items that are not refused any more owe their first value.
    pub(super) fn expect_first_values(&mut self, still_refused: &[Refused]) {
        let still: BTreeSet<usize> = still_refused.iter().map(|refused| refused.item).collect();
        for refused in self.refused.iter().filter(|refused| !still.contains(&refused.item)) {
            self.arrival.expect(refused.item);
            self.due.unheard = Instant::now() + bounds::FIRST_VALUES_MAX;
        }
    }

    /// Whether the server runs, and whether another of the list may be better.
    pub(super) fn stand(&mut self, standing: Standing) -> Result<(), Trouble> {
        if self.report.standing.replace(standing) != Some(standing) {
            self.tell();
        }
        if !standing.has_data() {
            return Err(self.useless(&format!("the server says that it does not run: {:?}", standing.state)));
        }
        let now = Instant::now();
        let others = self.places.others();
        let is_degraded = !standing.notes(self.config.service_level_min).is_empty();
        if is_degraded && !others.is_empty() && !self.asked.others && now >= self.due.others {
            self.asked.others = true;
            self.due.others = now + bounds::OTHERS_EVERY;
            self.running.spawn(jobs::scout(self.config.clone(), self.security.clone(), others));
        }
        Ok(())
    }

    pub(super) fn note_refused(&mut self, refused: &[Refused]) {
        if let Some(server) = &self.server {
            refused.iter().for_each(|refused| self.monitor.unknown(&self.jobs.wanted.words(*refused, server)));
        }
    }
}
