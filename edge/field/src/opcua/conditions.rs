//! What is known of the alarm conditions of a session: what events say of them, and their instances before and in between.
//! Pure.
//!
//! Events are news in the order in which they come. What was read is news only where it is known not to be older than an
//! event: by the Time of the instance, which is that of its latest event, and never when an event came while it was read.
//! A server need not keep its instances up to date, so a state that was read never takes the place of an event's unless
//! its Time is later or events have been lost.

use crate::opcua::condition::Heard;
use davy_core::quality::Quality;
use opcua::types::NodeId;
use std::collections::HashMap;

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

#[derive(Clone, Copy, Debug, Default)]
struct Known {
    origin: Origin,
    /// The latest state, also after doubt has come.
    state: Option<State>,
    /// Events may have been lost since.
    in_doubt: bool,
    /// An event came since the state was asked for.
    heard_since: bool,
    /// It has an instance whose state can be read.
    has_instance: bool,
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

    /// The states are asked for.
    pub(crate) fn ask(&mut self) {
        self.look_again = false;
        self.known.iter_mut().for_each(|known| known.heard_since = false);
    }

    /// Takes the state of a condition's instance; gives whether it is news.
    pub(crate) fn was_read(&mut self, condition: usize, state: State) -> bool {
        let Some(known) = self.known.get_mut(condition) else { return false };
        known.has_instance = true;
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
        known.has_instance = false;
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
        let blind = self.known.iter().filter(|known| !known.has_instance).count();
        if blind > 0 {
            notes.push(format!(
                "{blind} alarm conditions without an instance in the server's address space; after each connection their state is unknown until they send an event"
            ));
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
mod tests {
    use super::*;

    const UNKNOWN: Quality = Quality::BAD_WAITING;

    fn source() -> NodeId {
        NodeId::new(2, "LI-1101")
    }

    fn conditions() -> Conditions {
        let mut conditions = Conditions::new(["HighHigh", "High"].map(str::to_owned).to_vec());
        conditions.locate([(0, source()), (1, source())]);
        conditions.ask();
        conditions
    }

    /// What happens to the first condition; a time of 0 is none.
    enum Step {
        Event(i64, f64),
        Ask,
        Read(i64, f64),
        Absent,
        Lost,
    }
    use Step::*;

    /// What the engine is told after each step; `None` for nothing.
    fn told(steps: &[Step]) -> Vec<Option<(f64, Quality)>> {
        let mut conditions = conditions();
        let time = |time: i64| Some(time).filter(|time| *time != 0);
        let good = |is_news: bool, value: f64| is_news.then_some((value, Quality::GOOD));
        let step = |step: &Step| match step {
            Event(at, value) => {
                let heard = Heard {
                    source: source(),
                    name: "HighHigh".to_owned(),
                    time: time(*at),
                    value: *value,
                    quality: Quality::GOOD,
                };
                good(conditions.heard(&heard) == [0], *value)
            }
            Ask => {
                conditions.ask();
                None
            }
            Read(at, value) => {
                let state = State { value: *value, quality: Quality::GOOD, time: time(*at) };
                good(conditions.was_read(0, state), *value)
            }
            Absent => conditions.was_absent(0, UNKNOWN).then_some((0.0, UNKNOWN)),
            Lost => conditions.doubt().first().map(|(_, value)| (*value, IN_DOUBT)),
        };
        steps.iter().map(step).collect()
    }

    #[test]
    fn an_event_or_the_state_that_was_read_whichever_is_younger() {
        let (on, off) = (Some((1.0, Quality::GOOD)), Some((0.0, Quality::GOOD)));
        let (doubt, unknown) = (Some((1.0, IN_DOUBT)), Some((0.0, UNKNOWN)));
        let cases: &[(&str, &[Step], &[Option<(f64, Quality)>])] = &[
            ("what was read stands until an event", &[Read(5, 1.0), Event(9, 0.0)], &[on, off]),
            (
                "the same state again is no news",
                &[Read(5, 1.0), Ask, Read(5, 1.0), Ask, Read(7, 1.0)],
                &[on, None, None, None, None],
            ),
            ("an event that came while it was read", &[Event(5, 1.0), Read(9, 0.0)], &[on, None]),
            (
                "an event that was on its way while it was read",
                &[Read(9, 0.0), Event(5, 1.0), Event(9, 0.0)],
                &[off, None, off],
            ),
            ("a clock that was set back", &[Read(9, 0.0), Event(5, 1.0), Ask, Read(5, 1.0)], &[off, None, None, on]),
            ("events in their order, whatever their times", &[Event(9, 0.0), Event(5, 1.0)], &[off, on]),
            (
                "an instance that is not kept up to date",
                &[Event(9, 1.0), Ask, Read(5, 0.0), Read(9, 0.0)],
                &[on, None, None, None],
            ),
            ("one without a time", &[Event(9, 1.0), Ask, Read(0, 0.0)], &[on, None, None]),
            ("an event that never came", &[Event(5, 1.0), Ask, Read(9, 0.0)], &[on, None, off]),
            ("an event without a time", &[Read(5, 1.0), Event(0, 0.0)], &[on, off]),
            ("doubt until it is read", &[Event(5, 1.0), Lost, Ask, Read(9, 0.0)], &[on, doubt, None, off]),
            ("… or confirmed", &[Event(5, 1.0), Lost, Ask, Read(5, 1.0)], &[on, doubt, None, on]),
            ("… even without a time", &[Event(5, 1.0), Lost, Ask, Read(0, 0.0)], &[on, doubt, None, off]),
            ("… not by what is older", &[Event(5, 1.0), Lost, Ask, Read(4, 0.0)], &[on, doubt, None, None]),
            ("… or an event comes", &[Event(5, 1.0), Lost, Event(6, 0.0)], &[on, doubt, off]),
            ("doubt is told once", &[Read(5, 1.0), Lost, Lost], &[on, doubt, None]),
            ("nothing is known, which nobody can doubt", &[Absent, Lost, Ask, Absent], &[unknown, None, None, None]),
            ("without an instance an event is all", &[Absent, Event(5, 1.0), Ask, Absent], &[unknown, on, None, None]),
            ("… and doubt ends it", &[Event(5, 1.0), Lost, Ask, Absent], &[on, doubt, None, unknown]),
            (
                "an instance that is taken away",
                &[Read(5, 1.0), Ask, Absent, Ask, Read(5, 1.0)],
                &[on, None, unknown, None, on],
            ),
        ];
        for (what, steps, expected) in cases {
            assert_eq!(told(steps), *expected, "{what}");
        }
    }

    #[test]
    fn a_look_is_wanted_after_doubt_until_it_is_asked_for() {
        let mut conditions = conditions();
        assert!(!conditions.wants_a_look());
        conditions.doubt();
        assert!(conditions.wants_a_look());
        conditions.ask();
        assert!(!conditions.wants_a_look());
    }

    #[test]
    fn an_event_belongs_to_its_source_and_its_name() {
        let mut conditions = conditions();
        let mut heard = |source: NodeId, name: &str| {
            conditions.heard(&Heard { source, name: name.to_owned(), time: None, value: 1.0, quality: Quality::GOOD })
        };
        assert_eq!(heard(source(), "High"), [1]);
        assert!(heard(source(), "Low").is_empty() && heard(NodeId::new(2, "LI-1102"), "High").is_empty());
        assert_eq!(conditions.notes().len(), 2, "none has an instance");
        assert!(Conditions::default().notes().is_empty());
    }
}
