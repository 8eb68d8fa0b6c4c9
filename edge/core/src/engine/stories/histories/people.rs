//! Who is where: too many and too few in a zone, whoever must not be there, posts that are left or are those of others. Overstay and
//! rest have a model beside their stories.

use super::*;
use crate::event::Location;

const AGE_MAX_MS: u64 = 296_000;
const ZONES: usize = 3;
const PEOPLE: usize = 4;
const PUMPS: usize = 0;
const TANKS: usize = 1;
const ROOM: usize = 2;

/// What a card said last: when, and in which zone.
type Last = Option<(u64, Option<usize>)>;

/// Where everybody is: nowhere who was never heard of or not for too long; such a place is lost.
struct Places([Last; PEOPLE], u64);

impl Places {
    fn of(told: &[(u64, usize, Option<usize>)], now_ms: u64) -> Self {
        let last = |person| told.iter().rev().find(|told| told.1 == person).map(|told| (told.0, told.2));
        Self(std::array::from_fn(last), now_ms)
    }

    fn is_lost(&self, person: usize) -> bool {
        matches!(self.0[person], Some((at_ms, Some(_))) if self.1 - at_ms >= AGE_MAX_MS)
    }

    fn zone(&self, person: usize) -> Option<usize> {
        self.0[person].filter(|_| !self.is_lost(person)).and_then(|(_, zone)| zone)
    }

    fn count(&self, zone: usize) -> usize {
        (0..PEOPLE).filter(|person| self.zone(*person) == Some(zone)).count()
    }

    /// Of a person in a zone; whose place is lost is not known, and outside all zones nothing is wrong.
    fn judge(&self, person: usize, is_wrong: impl Fn(usize) -> bool) -> Says {
        match self.zone(person) {
            Some(zone) => truth(is_wrong(zone)),
            None if self.is_lost(person) => Says::Unknown,
            None => Says::False,
        }
    }
}

/// What a condition says of where everybody is.
type Condition = (RuleKind, Box<dyn Fn(&Places) -> Says>);

/// Person 0 and 1 are operators, whose post is the room; 2 and 3 are fitters, who alone may be with the tanks; 3 must be with the pumps.
fn conditions() -> Vec<Condition> {
    let (operators, fitters) = ([0, 1], [2, 3]);
    let ix = PersonIx::from;
    let people = RuleKind::People;
    let always = Hours::default;
    let mut all: Vec<Condition> = vec![
        (
            RuleKind::OverCapacity { zone: ZoneIx::from(PUMPS), people_max: 2 },
            Box::new(|places| truth(places.count(PUMPS) > 2)),
        ),
        (
            people(PeopleRule::Understaffed {
                zone: ZoneIx::from(ROOM),
                people_min: 2,
                named: Vec::new(),
                hours: always(),
            }),
            Box::new(|places| truth(places.count(ROOM) < 2)),
        ),
        (
            people(PeopleRule::Understaffed {
                zone: ZoneIx::from(PUMPS),
                people_min: 1,
                named: vec![ix(3)],
                hours: always(),
            }),
            Box::new(|places| truth(places.zone(3) != Some(PUMPS))),
        ),
    ];
    for person in 0..PEOPLE {
        all.push((
            people(PeopleRule::ZoneBreach { person: ix(person), lasting_ms: 30_000 }),
            Box::new(move |places| places.judge(person, |zone| zone == TANKS && !fitters.contains(&person))),
        ));
        all.push((
            people(PeopleRule::WrongPost { person: ix(person) }),
            Box::new(move |places| places.judge(person, |zone| zone == ROOM && !operators.contains(&person))),
        ));
    }
    for person in operators {
        all.push((
            people(PeopleRule::OffPost { person: ix(person), hours: always() }),
            Box::new(move |places| match places.0[person] {
                None => Says::Unknown,
                Some(_) if places.is_lost(person) => Says::Unknown,
                Some(_) => truth(places.zone(person) != Some(ROOM)),
            }),
        ));
    }
    all
}

fn site_of(conditions: &[Condition], delays: Delays) -> Site {
    let zone = |at: usize| Zone::new(&format!("z{at}"), "zone");
    let mut zones: Vec<Zone> = (0..ZONES).map(zone).collect();
    zones[TANKS].access = vec![Access { posts: ["fitter".to_owned()].into(), ..Access::default() }];
    zones[ROOM].posts = vec!["operator".to_owned()];
    let post = |at: usize| if at < 2 { "operator" } else { "fitter" };
    let person = |at: usize| Person { post: Some(post(at).to_owned()), ..Person::new(&format!("p{at}"), "p", "c") };
    let rules = conditions.iter().enumerate().map(|(at, (kind, _))| Rule {
        on_delay_ms: delays.on_ms,
        off_delay_ms: delays.off_ms,
        ..rule(&format!("{at:02}"), kind.clone(), None)
    });
    Site {
        sources: vec![Source { id: "beacons".into(), name: "beacons".to_owned(), kind: SourceKind::Mqtt }],
        zones,
        people: (0..PEOPLE).map(person).collect(),
        rules: rules.collect(),
        policy: Policy { location_max_age_ms: AGE_MAX_MS, ..Policy::default() },
        ..Site::default()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn alarms_over_people_follow_from_the_history(
        (on_ms, off_ms) in (prop::sample::select(vec![0, 0, 4_500]), prop::sample::select(vec![0, 0, 4_500])),
        steps in prop::collection::vec((
            prop_oneof![30 => 0..8_u64, 1 => 290..310_u64],
            0..PEOPLE,
            prop::option::weighted(0.85, 0..ZONES),
        ), 1..40),
    ) {
        let delays = Delays { on_ms, off_ms, through_unknown: false };
        let conditions = conditions();
        let mut bench = Bench::of(site_of(&conditions, delays));
        bench.link(Link::Up);
        let mut told = Vec::new();
        let mut said: Vec<Vec<(u64, Says)>> = vec![Vec::new(); conditions.len()];
        let mut look = |bench: &Bench, told: &[(u64, usize, Option<usize>)], now_ms: u64| {
            let places = Places::of(told, now_ms);
            conditions.iter().zip(&mut said).for_each(|((_, says), said)| said.push((now_ms, says(&places))));
            let expected = said.iter().enumerate().filter(|(_, said)| is_active(said, delays));
            let expected: Vec<String> = expected.map(|(at, _)| format!("{at:02}")).collect();
            prop_assert_eq!(bench.active(), expected, "at {} of {:?}", now_ms, told);
            Ok(())
        };
        look(&bench, &told, 0)?;
        let mut now_ms = 0;
        for (after_s, person, zone) in steps {
            // Delays end between the seconds, so that none of them ends when a place is lost.
            for _ in 0..2 * after_s {
                now_ms += 500;
                bench.at_ms(now_ms);
                look(&bench, &told, now_ms)?;
            }
            bench.apply(Event::Locations(vec![Location {
                person: PersonIx::from(person),
                zone: zone.map(ZoneIx::from),
                position: None,
                sos: false,
                battery_percent: None,
                source_time: None,
                received_time: bench.now.utc,
            }]));
            told.push((now_ms, person, zone));
            look(&bench, &told, now_ms)?;
        }
    }
}
