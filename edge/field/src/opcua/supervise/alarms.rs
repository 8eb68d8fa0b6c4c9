//! Alarm conditions: their events, and their states before and in between.

use super::Supervisor;
use crate::{
    limits::opcua as bounds,
    opcua::{
        condition::{self, Event},
        conditions::{Conditions, IN_DOUBT},
        convert,
        granted::Granted,
        instances::Look,
        server::Server,
        subscribe::Deaf,
    },
};
use davy_core::{event::Sample, quality::Quality, time::UtcTime};
use opcua::types::EventFieldList;
use std::collections::BTreeSet;
use tokio::time::Instant;

/// What is known of the alarm conditions of a session, and how.
#[derive(Default)]
pub(super) struct Alarms {
    conditions: Conditions,
    /// The subscriptions of the items are there.
    pub(super) may_begin: bool,
    /// Where each of them is, as of the latest look.
    looks: Vec<Look>,
    /// The place of the subscription to their events.
    pub(super) listening: Option<usize>,
    /// Conditions of which was said what is wrong with their address.
    complained: BTreeSet<usize>,
}

impl Supervisor<'_> {
    /// Nothing is known of any condition.
    pub(super) fn begin_conditions(&mut self, server: &Server) {
        let wanted = &self.jobs.wanted.conditions;
        self.alarms.conditions = Conditions::new(wanted.iter().map(|condition| condition.name.clone()).collect());
        self.alarms.looks = wanted.iter().enumerate().map(|(at, condition)| Look::new(at, condition)).collect();
        self.alarms.looks.iter_mut().for_each(|look| look.locate(server));
        self.alarms.conditions.locate(sources(&self.alarms.looks));
    }

    /// Listens first and reads then, so that nothing happens in between that neither tells. The subscriptions of items come
    /// before, as their places are counted from the first.
    pub(super) fn look_for_conditions(&mut self, server: &Server, now: Instant) {
        let is_due = now >= self.due.conditions || self.alarms.conditions.wants_a_look();
        if self.alarms.looks.is_empty() || self.asked.conditions || !self.alarms.may_begin || !is_due {
            return;
        }
        self.asked.conditions = true;
        if self.alarms.listening.is_some() {
            self.alarms.conditions.ask();
            self.running.spawn(self.jobs.clone().look(server.clone(), self.alarms.looks.clone()));
        } else {
            self.running.spawn(self.jobs.clone().listen(self.granted.len(), self.to_notices.clone()));
        }
    }

    pub(super) async fn listening(&mut self, listening: Result<(Granted, u32), Deaf>) {
        self.asked.conditions = false;
        match listening {
            Ok((granted, queue)) => {
                self.alarms.conditions.queue = Some(queue);
                self.alarms.listening = Some(self.granted.len());
                self.granted.push(granted);
                self.seen.push(Instant::now());
                self.due.conditions = Instant::now();
            }
            Err(deaf) => {
                self.due.conditions = Instant::now() + bounds::CONDITIONS_AGAIN;
                self.alarms.conditions.trouble = Some(format!(
                    "the server gives no events of alarm conditions: {}; allow it there, or write the nodes of their ActiveState/Id as addresses",
                    deaf.words
                ));
                let quality = Quality(deaf.status.bits());
                let news = (0..self.alarms.looks.len()).filter(|at| self.alarms.conditions.was_absent(*at, quality));
                let news = news.map(|at| (at, 0.0, quality, None)).collect();
                self.tell_conditions(news).await;
            }
        }
    }

    pub(super) async fn looked(&mut self, looked: Result<(Server, Vec<Look>), String>) {
        self.asked.conditions = false;
        let (server, looks) = match looked {
            Ok(looked) => looked,
            Err(words) => {
                // What is known goes on being known, and what is not is still waited for.
                self.due.conditions = Instant::now() + bounds::UNHEARD_AGAIN;
                self.alarms.conditions.trouble =
                    Some(format!("the states of alarm conditions cannot be read: {words}"));
                return self.tell_conditions(Vec::new()).await;
            }
        };
        self.due.conditions = Instant::now() + bounds::CONDITIONS_AGAIN;
        self.alarms.conditions.trouble = None;
        let mut news = Vec::new();
        for look in &looks {
            let at = look.condition;
            match &look.found {
                Ok(reading) if self.alarms.conditions.was_read(at, reading.state) => {
                    news.push((at, reading.state.value, reading.state.quality, reading.source_time));
                }
                Ok(_) => {}
                Err(absent) => {
                    let quality = absent.quality();
                    if self.alarms.conditions.was_absent(at, quality) {
                        news.push((at, 0.0, quality, None));
                    }
                }
            }
            if let Some(words) = look.words(&server).filter(|_| self.alarms.complained.insert(at)) {
                self.monitor.unknown(&words);
            }
        }
        self.alarms.conditions.locate(sources(&looks));
        self.alarms.looks = looks;
        self.tell_conditions(news).await;
    }

    /// Takes events in their order.
    pub(super) async fn take_events(&mut self, events: Vec<EventFieldList>) {
        if events.is_empty() || self.alarms.looks.is_empty() {
            return;
        }
        let mut news = Vec::new();
        for fields in events {
            match condition::event(fields.event_fields) {
                Some(Event::Condition(heard)) => {
                    let time = heard.time.map(convert::utc_of_ticks);
                    for (at, names) in self.alarms.conditions.strange(&heard) {
                        let address = &self.jobs.wanted.conditions[at].address;
                        self.monitor.unknown(&format!(
                            "{address}: nothing is known of it, and its source sent events of {names}; correct the name, unless its first event has yet to come"
                        ));
                    }
                    let those = self.alarms.conditions.heard(&heard);
                    news.extend(those.into_iter().map(|at| (at, heard.value, heard.quality, time)));
                }
                Some(Event::Lost) => news.extend(self.alarms.conditions.doubt().into_iter().map(in_doubt)),
                None => {}
            }
        }
        self.tell_conditions(news).await;
    }

    /// Events may have been lost.
    pub(super) async fn doubt_conditions(&mut self) {
        let news = self.alarms.conditions.doubt().into_iter().map(in_doubt).collect();
        self.tell_conditions(news).await;
    }

    async fn tell_conditions(&mut self, news: Vec<News>) {
        self.report.conditions = self.alarms.conditions.notes();
        self.tell();
        if news.is_empty() {
            return;
        }
        self.up().await;
        let received_time = self.monitor.now();
        let sample = |(at, value, quality, source_time): News| Sample {
            tag: self.jobs.wanted.conditions[at].tag,
            value,
            quality,
            source_time,
            received_time,
        };
        self.monitor.samples(news.into_iter().map(sample).collect()).await;
    }
}

/// A condition by its place, its value and quality, and since when.
type News = (usize, f64, Quality, Option<UtcTime>);

fn in_doubt((at, value): (usize, f64)) -> News {
    (at, value, IN_DOUBT, None)
}

fn sources(looks: &[Look]) -> Vec<(usize, opcua::types::NodeId)> {
    looks.iter().filter_map(|look| Some((look.condition, look.source.clone()?))).collect()
}
