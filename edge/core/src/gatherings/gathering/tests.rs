//! Gatherings against the plain definition, which looks at everybody from everybody; and what a move costs in a crowd.

use super::*;
use proptest::prelude::*;

const RADIUS_M: f64 = 15.0;
const PEOPLE_MIN: u32 = 3;
const RED: u32 = 7;

fn at(x: f64, y: f64) -> Place {
    Place::At(Position { x, y, floor: 0 })
}

fn gathering() -> Gathering {
    Gathering::new(RADIUS_M, PEOPLE_MIN, RED)
}

/// The definition, over all pairs.
#[derive(Default)]
struct Reference(BTreeMap<PersonIx, Place>);

impl Reference {
    fn within(&self, centre: Position) -> Vec<PersonIx> {
        let is_near = |place: &Place| {
            matches!(place, Place::At(other) if other.floor == centre.floor
                && (other.x - centre.x).hypot(other.y - centre.y) <= RADIUS_M)
        };
        self.0.iter().filter(|(_, place)| is_near(place)).map(|(person, _)| *person).collect()
    }

    fn positions(&self) -> impl Iterator<Item = (PersonIx, Position)> {
        self.0.iter().filter_map(|(person, place)| match place {
            Place::At(position) => Some((*person, *position)),
            Place::Awaited | Place::Somewhere => None,
        })
    }

    fn most(&self) -> u32 {
        let counts = self.positions().map(|(_, position)| self.within(position).len());
        u32::try_from(counts.max().unwrap_or(0)).unwrap()
    }

    fn verdict(&self) -> Option<Verdict> {
        let most = self.most();
        let unplaced = u32::try_from(self.0.len() - self.positions().count()).unwrap();
        match (most >= PEOPLE_MIN, most + unplaced < PEOPLE_MIN) {
            (true, _) => Some(Verdict::True),
            (false, true) => Some(Verdict::False),
            (false, false) if self.0.values().any(|place| *place == Place::Awaited) => None,
            (false, false) => Some(Verdict::Unknown),
        }
    }

    fn check(&self, gathering: &Gathering) {
        let most = self.most();
        assert_eq!(gathering.verdict(), self.verdict());
        assert_eq!(gathering.most().min(RED), most.min(RED), "no level is missed and none is made up");
        let Some(circle) = gathering.largest() else { return assert!(most < 2) };
        assert_eq!(circle.people, self.within(circle.position), "they are within the radius, in order");
        assert_eq!(circle.count as usize, circle.people.len());
        assert!(circle.count.min(RED) == most.min(RED) && circle.people.contains(&circle.centre));
        if most < RED {
            let first = self.positions().find(|(_, position)| self.within(*position).len() == most as usize);
            assert_eq!(first, Some((circle.centre, circle.position)), "of several the first");
        }
    }
}

/// A few places, most of them so near to each other that people are just within the radius or just not.
fn place() -> impl Strategy<Value = Place> {
    let metres = || prop_oneof![(0..8_i32).prop_map(|step| f64::from(step) * 7.5 - 30.0), -30.0..30.0_f64];
    prop_oneof![
        1 => Just(Place::Awaited),
        1 => Just(Place::Somewhere),
        12 => (metres(), metres(), 0..2_i32).prop_map(|(x, y, floor)| Place::At(Position { x, y, floor: floor / 2 })),
        1 => (metres(), metres()).prop_map(|(x, y)| Place::At(Position { x, y, floor: 1 })),
        6 => (0.0..4.0_f64, 0.0..4.0_f64).prop_map(|(x, y)| at(x, y)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn agrees_with_the_definition(moves in prop::collection::vec((0..24_u32, prop::option::weighted(0.85, place())), 1..120)) {
        let (mut gathering, mut reference) = (gathering(), Reference::default());
        for (person, place) in moves {
            let person = PersonIx(person);
            let before = gathering.looks;
            let changed = match place {
                Some(place) => (gathering.put(person, place), reference.0.insert(person, place) != Some(place)),
                None => (gathering.remove(person), reference.0.remove(&person).is_some()),
            };
            prop_assert_eq!(changed.0, changed.1);
            prop_assert!(gathering.looks - before <= 50 * u64::from(RED * RED));
            reference.check(&gathering);
        }
        prop_assert!(reference.0.into_keys().all(|person| gathering.remove(person)));
        prop_assert!(gathering.squares.is_empty() && gathering.centres.is_empty() && gathering.crowded.is_empty());
    }
}

#[test]
fn the_radius_is_within_and_the_floor_decides() {
    let check = |places: &[(f64, f64, i32)], expected: u32| {
        let mut gathering = gathering();
        for (person, (x, y, floor)) in (0..).map(PersonIx).zip(places) {
            gathering.put(person, Place::At(Position { x: *x, y: *y, floor: *floor }));
        }
        assert_eq!(gathering.most(), expected, "{places:?}");
    };
    check(&[], 0);
    check(&[(0.0, 0.0, 0)], 1);
    check(&[(0.0, 0.0, 0), (15.0, 0.0, 0), (-9.0, 12.0, 0)], 3);
    check(&[(0.0, 0.0, 0), (15.01, 0.0, 0), (-9.0, 12.01, 0)], 1);
    check(&[(0.0, 0.0, 0), (0.0, 0.0, 1), (0.0, 0.0, 0)], 2);
    check(&[(0.0, 0.0, 0), (25.0, 0.0, 0), (12.0, 0.0, 0)], 3);
}

/// Moves in, about and out of a crowd, and how many people were looked at for each.
fn looks_of_moves(gathering: &mut Gathering, places: &[Place]) -> Vec<u64> {
    let mut looks = Vec::new();
    for (person, place) in places.iter().enumerate() {
        let before = gathering.looks;
        gathering.put(PersonIx::from(person), *place);
        gathering.largest().expect("a crowd");
        looks.push(gathering.looks - before);
    }
    looks
}

/// A million people in one point cost no more than a thousand, and no more do many far and wide.
#[test]
fn a_move_costs_the_neighbours_alone_however_many_people_there_are() {
    let in_one_point = |_: u32| at(100.0, 100.0);
    let far_and_wide = |person: u32| at(f64::from(person % 1_000) * 6.0, f64::from(person / 1_000) * 6.0);
    let moves: Vec<Place> = (0..20).map(|step| at(100.0 + f64::from(step % 5) * 4.0, 3.0 + f64::from(step))).collect();
    for (place, many) in [(&in_one_point as &dyn Fn(u32) -> Place, 1_000_000), (&far_and_wide, 100_000)] {
        let looks = |people: u32| {
            let mut gathering = gathering();
            for person in 0..people {
                gathering.put(PersonIx(person), place(person));
            }
            let of_crowd = gathering.looks;
            (of_crowd / u64::from(people), looks_of_moves(&mut gathering, &moves), gathering.largest().unwrap().count)
        };
        let ((few_each, few, few_count), (many_each, many, many_count)) = (looks(10_000), looks(many));
        assert!(many_each <= 2 * few_each + 1, "{many_each} looks a person, {few_each} in a small crowd");
        assert!(many.iter().all(|looks| *looks <= 50 * u64::from(RED * RED)), "{many:?}");
        assert_eq!(many, few);
        assert!(many_count >= few_count);
    }
}

/// While a crowd is so dense that nobody is counted one by one, the numbers of the squares are.
#[test]
fn a_dense_crowd_is_counted_by_its_squares() {
    let mut gathering = gathering();
    for person in 0..1_000 {
        gathering.put(PersonIx(person), at(1.0, 1.0));
    }
    let circle = gathering.largest().unwrap();
    assert_eq!((circle.count, circle.people.len(), circle.centre), (1_000, PEOPLE_NAMED_MAX, PersonIx(0)));
    for person in 0..996 {
        gathering.remove(PersonIx(person));
    }
    assert_eq!((gathering.most(), gathering.largest().unwrap().count), (4, 4));
}
