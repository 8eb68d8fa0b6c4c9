//! What is known of the alarm conditions of a session: what events say of them, and their instances before and in between.
//! Pure.
//!
//! Events are news in the order in which they come. What was read is news only where it is known not to be older than an
//! event: by the Time of the instance, which is that of its latest event, and never when an event came while it was read.
//! A server need not keep its instances up to date, so a state that was read never takes the place of an event's unless
//! its Time is later or events have been lost.

use crate::{limits::opcua as bounds, opcua::condition::Heard};
use davy_core::quality::Quality;
use opcua::types::NodeId;
use std::collections::{BTreeSet, HashMap};

/// The last state that is known, of a condition whose later events may be lost: `UncertainLastUsableValue`.
pub(crate) const IN_DOUBT: Quality = Quality(0x4090_0000);

/// The state of a condition at a moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct State {
    /// 1 active, 0 not.
    pub(crate) value: f64,
    pub(crate) quality: Quality,
    /// The Time of the event it is from, in 100 ns, as the protocol counts.
    pub(crate) time: Option<i64>,
}

/// Where what is known comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Origin {
    /// Nothing is known.
    #[default]
    Nobody,
    /// It was read.
    Instance,
    /// An event told it.
    Event,
}

#[derive(Clone, Debug, Default)]
struct Known {
    origin: Origin,
    /// The latest state, also after doubt has come.
    state: Option<State>,
    /// Events may have been lost since.
    in_doubt: bool,
    /// An event came since the state was asked for.
    heard_since: bool,
    /// Whether it has an instance whose state can be read; `None` before it was looked for.
    has_instance: Option<bool>,
    /// Conditions that events of its source named while there was none of it.
    strangers: BTreeSet<String>,
    /// What the engine was told last.
    told: Option<(f64, Quality)>,
}

impl Known {
    /// Whether the engine is to be told this.
    fn tell(&mut self, value: f64, quality: Quality) -> bool {
        self.told.replace((value, quality)) != Some((value, quality))
    }
}

/// The conditions of a source, by their place in its list.
#[derive(Debug, Default)]
pub(crate) struct Conditions {
    names: Vec<String>,
    by_source: HashMap<NodeId, Vec<usize>>,
    known: Vec<Known>,
    /// The states are to be read at once.
    look_again: bool,
    /// How often events may have been lost.
    lost: u64,
    /// How many events the server keeps for a notification.
    pub(crate) queue: Option<u32>,
    /// What stands in the way, in words.
    pub(crate) trouble: Option<String>,
}

impl Conditions {
    /// Nothing is known of conditions of these names.
    pub(crate) fn new(names: Vec<String>) -> Self {
        Self { known: vec![Known::default(); names.len()], names, ..Self::default() }
    }

    /// Takes the nodes that are their sources on this server.
    pub(crate) fn locate(&mut self, sources: impl IntoIterator<Item = (usize, NodeId)>) {
        self.by_source.clear();
        for (condition, source) in sources {
            self.by_source.entry(source).or_default().push(condition);
        }
    }

    /// Takes an event; gives the conditions that it is news of.
    pub(crate) fn heard(&mut self, heard: &Heard) -> Vec<usize> {
        let here = self.by_source.get(&heard.source).into_iter().flatten().copied();
        let named: Vec<usize> = here.filter(|condition| self.names[*condition] == heard.name).collect();
        let state = State { value: heard.value, quality: heard.quality, time: heard.time };
        named.into_iter().filter(|condition| self.take(*condition, state)).collect()
    }

    fn take(&mut self, condition: usize, state: State) -> bool {
        let known = &mut self.known[condition];
        let read = known.state.filter(|_| known.origin == Origin::Instance).and_then(|state| state.time);
        if is_later(read, state.time) {
            // It was on its way while the state was read; or the server's clock was set back, which another look tells.
            self.look_again = true;
            return false;
        }
        (known.origin, known.state, known.in_doubt, known.heard_since) = (Origin::Event, Some(state), false, true);
        // An event is news even when the state stays: its time is another one.
        known.tell(state.value, state.quality);
        true
    }

    /// Takes the name that an event has; gives the conditions of its source of which nothing is known yet and that have
    /// another name, each with all those names, when this one is not among them yet.
    pub(crate) fn strange(&mut self, heard: &Heard) -> Vec<(usize, String)> {
        let name: String = heard.name.chars().take(bounds::CONDITION_NAME_CHARS_MAX).collect();
        let mut strange = Vec::new();
        for condition in self.by_source.get(&heard.source).into_iter().flatten().copied() {
            let known = &mut self.known[condition];
            let is_open = known.state.is_none() && known.strangers.len() < bounds::CONDITIONS_NAMED;
            if is_open && self.names[condition] != heard.name && known.strangers.insert(name.clone()) {
                let names: Vec<&str> = known.strangers.iter().map(String::as_str).collect();
                strange.push((condition, names.join(", ")));
            }
        }
        strange
    }

    /// The states are asked for.
    pub(crate) fn ask(&mut self) {
        self.look_again = false;
        self.known.iter_mut().for_each(|known| known.heard_since = false);
    }

    /// Takes the state of a condition's instance; gives whether it is news.
    pub(crate) fn was_read(&mut self, condition: usize, state: State) -> bool {
        let Some(known) = self.known.get_mut(condition) else { return false };
        known.has_instance = Some(true);
        let last = known.state.and_then(|last| last.time);
        let is_newer = match known.origin {
            _ if known.heard_since => false,
            Origin::Nobody | Origin::Instance => true,
            Origin::Event if known.in_doubt => !is_later(last, state.time),
            Origin::Event => is_later(state.time, last),
        };
        if !is_newer {
            return false;
        }
        (known.origin, known.state, known.in_doubt) = (Origin::Instance, Some(state), false);
        known.tell(state.value, state.quality)
    }

    /// A condition has no instance that could be read, with this quality; gives whether it is news that its state is not
    /// known.
    pub(crate) fn was_absent(&mut self, condition: usize, quality: Quality) -> bool {
        let Some(known) = self.known.get_mut(condition) else { return false };
        known.has_instance = Some(false);
        if known.origin == Origin::Event && !known.in_doubt {
            return false;
        }
        (known.origin, known.state, known.in_doubt) = (Origin::Nobody, None, false);
        known.tell(0.0, quality)
    }

    /// Events may have been lost; gives the conditions whose state is in doubt from here on, with its value.
    pub(crate) fn doubt(&mut self) -> Vec<(usize, f64)> {
        self.lost += 1;
        self.look_again = true;
        let mut doubted = Vec::new();
        for (condition, known) in self.known.iter_mut().enumerate() {
            let Some(state) = known.state else { continue };
            known.in_doubt = true;
            if known.tell(state.value, IN_DOUBT) {
                doubted.push((condition, state.value));
            }
        }
        doubted
    }

    /// Whether the states should be read at once.
    pub(crate) fn wants_a_look(&self) -> bool {
        self.look_again
    }

    /// In words.
    pub(crate) fn notes(&self) -> Vec<String> {
        if self.names.is_empty() {
            return Vec::new();
        }
        let mut notes = vec![format!("alarm conditions: {}", self.names.len())];
        let blind = self.known.iter().filter(|known| known.has_instance == Some(false)).count();
        // Of a server that sends no events there is something else to say.
        if blind > 0 && self.queue.is_some() {
            notes.push(format!(
                "{blind} alarm conditions without an instance in the server's address space; after each connection their state is unknown until they send an event"
            ));
        }
        if let Some(queue) = self.queue.filter(|queue| *queue != bounds::EVENTS_QUEUED) {
            notes.push(format!("events kept by the server: {queue}, {} asked for", bounds::EVENTS_QUEUED));
        }
        if self.lost > 0 {
            notes.push(format!("{} times events may have been lost; the states were read instead", self.lost));
        }
        notes.extend(self.trouble.clone());
        notes
    }
}

/// Whether the first time is after the second; `false` where one is not known.
fn is_later(time: Option<i64>, than: Option<i64>) -> bool {
    time.zip(than).is_some_and(|(time, than)| time > than)
}

#[cfg(test)]
mod tests;
