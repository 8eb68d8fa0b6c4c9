//! The horn that is silenced: for too long in all, or while somebody calls for help.

use super::*;

const PLAIN: usize = 0;
/// Its alarm may never be hidden.
const LIFE: usize = 1;
const TAGS: usize = 2;
const SILENCE_S: u64 = 20;
const LONGER_S: u64 = 30;
const WINDOW_S: u64 = 50;

#[derive(Clone, Copy, Debug)]
enum Word {
    /// A tag goes beyond its limit, or back.
    Turns(usize, bool),
    Acknowledge(usize),
    Silence,
}

type Told = [(u64, Word)];

/// The horn and what it sounds for, as it was played from the beginning.
#[derive(Default)]
struct Horn {
    beyond: [bool; TAGS],
    unanswered: [bool; TAGS],
    silent_until_s: u64,
    /// From when until when it was silent while it should have sounded; the last may go on.
    silences: Vec<(u64, Option<u64>)>,
    too_long: bool,
}

impl Horn {
    fn played(told: &Told, now_s: u64) -> Self {
        let mut horn = Self::default();
        for second in 0..=now_s {
            horn.look(second);
            for (_, word) in told.iter().filter(|(at_s, _)| *at_s == second) {
                horn.hear(*word, second);
                horn.look(second);
            }
        }
        horn
    }

    fn hear(&mut self, word: Word, now_s: u64) {
        match word {
            Word::Turns(tag, true) if !self.beyond[tag] => {
                (self.beyond[tag], self.unanswered[tag]) = (true, true);
                // Another alarm sounds again.
                self.silent_until_s = now_s;
            }
            Word::Turns(_, true) => {}
            Word::Turns(tag, false) => self.beyond[tag] = false,
            Word::Acknowledge(tag) => self.unanswered[tag] = false,
            Word::Silence if self.should_sound() && !self.is_silent(now_s) => self.silent_until_s = now_s + SILENCE_S,
            Word::Silence => {}
        }
    }

    fn calls(&self, tag: usize) -> bool {
        self.beyond[tag] && self.unanswered[tag]
    }

    fn should_sound(&self) -> bool {
        (0..TAGS).any(|tag| self.calls(tag))
    }

    fn is_silent(&self, now_s: u64) -> bool {
        now_s < self.silent_until_s
    }

    fn is_muted(&self, now_s: u64) -> bool {
        self.should_sound() && self.is_silent(now_s)
    }

    fn look(&mut self, now_s: u64) {
        self.note(now_s);
        // One that is over counts whole until a window after its end.
        let counts = self.silences.iter().filter(|(_, until)| until.is_none_or(|until_s| now_s < until_s + WINDOW_S));
        let total_s: u64 = counts.map(|(from_s, until)| until.unwrap_or(now_s) - from_s).sum();
        let too_long = total_s >= LONGER_S;
        if too_long && !self.too_long {
            // It is reported, and that ends the silence.
            self.silent_until_s = now_s;
            self.note(now_s);
        }
        self.too_long = too_long;
    }

    /// A silence begins or ends.
    fn note(&mut self, now_s: u64) {
        let is_muted = self.is_muted(now_s);
        match self.silences.last_mut() {
            Some((_, until @ None)) if !is_muted => *until = Some(now_s),
            Some((_, Some(_))) | None if is_muted => self.silences.push((now_s, None)),
            Some(_) | None => {}
        }
    }
}

fn bench() -> Bench {
    let mut site = site();
    let tag = Tag { stale_after_ms: None, ..site.tags[0].clone() };
    site.tags = (0..TAGS).map(|at| Tag { id: format!("t{at}").as_str().into(), ..tag.clone() }).collect();
    let limit = Limit { kind: LimitKind::H, trip: 80.0, clear: 80.0 };
    let limits = (0..TAGS).map(|at| Rule {
        never_hidden: at == LIFE,
        ..rule(&format!("t{at}"), RuleKind::Limit { tag: TagIx::from(at), limit }, None)
    });
    // Too low for the horn, which would sound for them as well.
    let system = |id, kind| Rule { priority: Priority::Low, ..rule(id, RuleKind::System(kind), None) };
    let too_long = SystemRule::HornSilenced { longer_ms: LONGER_S * 1000 - 1, window_ms: WINDOW_S * 1000 };
    let watching = [system("life", SystemRule::LifeAlarmSilenced), system("silenced", too_long)];
    site.rules = limits.chain(watching).collect();
    site.policy.horn_silence_ms = SILENCE_S * 1000;
    let mut bench = Bench::of(site);
    bench.link(Link::Up);
    bench
}

fn word() -> impl Strategy<Value = Word> {
    let tag = || prop::sample::select(vec![PLAIN, PLAIN, LIFE]);
    prop_oneof![
        3 => (tag(), any::<bool>()).prop_map(|(tag, beyond)| Word::Turns(tag, beyond)),
        1 => tag().prop_map(Word::Acknowledge),
        4 => Just(Word::Silence),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn what_is_said_of_a_silent_horn_follows_from_the_history(
        steps in prop::collection::vec((prop_oneof![6 => 0..3_u64, 4 => 3..12_u64, 1 => 12..60_u64], word()), 1..40),
    ) {
        let mut bench = bench();
        let (mut told, mut now_s) = (Vec::new(), 0);
        let look = |bench: &Bench, told: &Told, now_s: u64| {
            let horn = Horn::played(told, now_s);
            let expected = [("life", horn.is_muted(now_s) && horn.calls(LIFE)), ("silenced", horn.too_long)];
            let expected: Vec<&str> = expected.into_iter().filter(|(_, is)| *is).map(|(id, _)| id).collect();
            let mut active = bench.active();
            active.retain(|id| !id.starts_with('t'));
            prop_assert_eq!(active, expected, "at {} of {:?}", now_s, told);
            prop_assert_eq!(bench.engine.annunciation().horn, horn.should_sound() && !horn.is_silent(now_s));
            Ok(())
        };
        for (after_s, word) in steps {
            for _ in 0..after_s {
                now_s += 1;
                bench.at(now_s);
                look(&bench, &told, now_s)?;
            }
            let alarms = bench.engine.snapshot(bench.now.utc).alarms;
            let alarm = |tag: usize| alarms.iter().find(|alarm| alarm.rule.as_str() == format!("t{tag}"));
            match word {
                Word::Turns(tag, beyond) => bench.value(TagIx::from(tag), if beyond { 90.0 } else { 50.0 }),
                Word::Acknowledge(tag) => {
                    let alarm = alarm(tag).map_or_else(|| "none~1.1".into(), |alarm| alarm.id.clone());
                    bench.ask(CommandKind::AcknowledgeAlarm { alarm })
                }
                Word::Silence => bench.ask(CommandKind::SilenceHorn),
            };
            told.push((now_s, word));
            look(&bench, &told, now_s)?;
        }
    }
}
