//! The people in the zones of one rule, by where they stand.
//!
//! The plane is divided into squares so small that people in one of them are all within the radius of each other. A square
//! that holds as many as the red level needs is *crowded*: it is a gathering of the worst level by itself, whoever stands
//! around it, and nobody in it is looked at one by one. Everybody else knows how many such people are within the radius.
//! So a move looks at the squares within reach and at fewer people in each than the red level has, however many there are:
//! at most 50 times the square of that number. Below the red level the answer is exact; from there on it is "at least".

use super::Place;
use crate::{id::*, limits::PEOPLE_NAMED_MAX, model::Position, rules::Verdict};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

/// A square's side, in radii: its diagonal is a little shorter than the radius.
const SIDE: f64 = 0.7;

/// Whoever is within the radius is no more than so many columns and rows away.
const REACH: i64 = 2;

/// The people whom one rule counts.
#[derive(Clone, Debug)]
pub(crate) struct Gathering {
    radius_m: f64,
    /// So many make a gathering.
    people_min: u32,
    /// So many make one of the worst level.
    red: usize,
    people: BTreeMap<PersonIx, Standing>,
    squares: BTreeMap<Square, BTreeSet<PersonIx>>,
    /// The crowded squares, by how many they hold.
    crowded: BTreeSet<(usize, Reverse<Square>)>,
    /// Those who have others around them, by how many they are together.
    centres: BTreeSet<(u32, Reverse<PersonIx>)>,
    awaited: u32,
    somewhere: u32,
    /// How many people have been looked at so far.
    #[cfg(test)]
    looks: u64,
}

#[derive(Clone, Copy, Debug)]
struct Standing {
    place: Place,
    /// How many outside crowded squares are within the radius, the person included; 0 in a crowded square.
    near: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Square {
    floor: i32,
    column: i64,
    row: i64,
}

/// The largest gathering.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Circle {
    /// The person in the middle; of several the first of the configuration.
    pub(crate) centre: PersonIx,
    /// Where.
    pub(crate) position: Position,
    /// How many are within the radius: exactly, unless a square within reach holds more than `PEOPLE_NAMED_MAX`; then at
    /// least so many.
    pub(crate) count: u32,
    /// The first of them, at most `PEOPLE_NAMED_MAX`.
    pub(crate) people: Vec<PersonIx>,
}

impl Gathering {
    pub(super) fn new(radius_m: f64, people_min: u32, red: u32) -> Self {
        Self {
            radius_m,
            people_min,
            red: red as usize,
            people: BTreeMap::new(),
            squares: BTreeMap::new(),
            crowded: BTreeSet::new(),
            centres: BTreeSet::new(),
            awaited: 0,
            somewhere: 0,
            #[cfg(test)]
            looks: 0,
        }
    }

    /// Whether people gather. While somebody with whom the largest gathering would be one has no known position, nobody
    /// knows; while such a person is awaited, there is nothing to say yet.
    pub(crate) fn verdict(&self) -> Option<Verdict> {
        let most = self.most();
        if most >= self.people_min {
            Some(Verdict::True)
        } else if most.saturating_add(self.awaited).saturating_add(self.somewhere) < self.people_min {
            Some(Verdict::False)
        } else if self.awaited > 0 {
            None
        } else {
            Some(Verdict::Unknown)
        }
    }

    /// How many are in the largest gathering; from the red level's number on, at least so many.
    pub(crate) fn most(&self) -> u32 {
        if !self.crowded.is_empty() {
            return u32::try_from(self.red).unwrap_or(u32::MAX);
        }
        self.centres.last().map_or(u32::from(!self.squares.is_empty()), |(near, _)| *near)
    }

    /// The largest gathering, if anybody's position is known and somebody is near them.
    pub(crate) fn largest(&self) -> Option<Circle> {
        let centre = match self.crowded.last() {
            Some((_, Reverse(square))) => *self.squares.get(square)?.first()?,
            None => self.centres.last()?.1.0,
        };
        let position = self.position(centre)?;
        let own = self.square(position);
        let (mut count, mut people) = (0, Vec::new());
        for (square, inside) in around(&self.squares, own) {
            let looked_at = inside.iter().take(PEOPLE_NAMED_MAX);
            let before = people.len();
            people.extend(looked_at.filter(|other| self.is_near(position, **other)));
            count += if *square == own { inside.len() } else { people.len() - before };
        }
        people.sort_unstable();
        people.truncate(PEOPLE_NAMED_MAX);
        Some(Circle { centre, position, count: u32::try_from(count).unwrap_or(u32::MAX), people })
    }

    /// Takes where a person is; true when that is news.
    pub(super) fn put(&mut self, person: PersonIx, place: Place) -> bool {
        let before = self.people.get(&person).map(|standing| standing.place);
        if before == Some(place) {
            return false;
        }
        if let (Some(Place::At(from)), Place::At(to)) = (before, place) {
            let square = self.square(to);
            if square == self.square(from) && self.squares.get(&square).is_some_and(|inside| inside.len() >= self.red) {
                self.people.insert(person, Standing { place, near: 0 });
                return true;
            }
        }
        self.remove(person);
        self.people.insert(person, Standing { place, near: 0 });
        match place {
            Place::Awaited => self.awaited += 1,
            Place::Somewhere => self.somewhere += 1,
            Place::At(position) => self.enter(person, self.square(position)),
        }
        true
    }

    /// Forgets a person; true when they were here.
    pub(super) fn remove(&mut self, person: PersonIx) -> bool {
        let Some(standing) = self.people.get(&person).copied() else { return false };
        match standing.place {
            Place::Awaited => self.awaited -= 1,
            Place::Somewhere => self.somewhere -= 1,
            Place::At(position) => self.leave(person, self.square(position)),
        }
        self.people.remove(&person);
        true
    }

    fn enter(&mut self, person: PersonIx, square: Square) {
        let before = self.squares.get(&square).map_or(0, BTreeSet::len);
        if before + 1 == self.red {
            self.inside(square).into_iter().for_each(|other| self.count_out(other));
        }
        self.squares.entry(square).or_default().insert(person);
        self.resize(square, before, before + 1);
        if before + 1 < self.red {
            self.count_in(person);
        }
    }

    fn leave(&mut self, person: PersonIx, square: Square) {
        let before = self.squares.get(&square).map_or(0, BTreeSet::len);
        self.count_out(person);
        if let Some(inside) = self.squares.get_mut(&square) {
            inside.remove(&person);
        }
        self.resize(square, before, before - 1);
        if before == self.red {
            self.inside(square).into_iter().for_each(|other| self.count_in(other));
        }
    }

    fn resize(&mut self, square: Square, before: usize, after: usize) {
        if before >= self.red {
            self.crowded.remove(&(before, Reverse(square)));
        }
        if after >= self.red {
            self.crowded.insert((after, Reverse(square)));
        }
        if after == 0 {
            self.squares.remove(&square);
        }
    }

    /// Everybody in a square that is not crowded.
    fn inside(&self, square: Square) -> Vec<PersonIx> {
        self.squares.get(&square).into_iter().flatten().copied().collect()
    }

    /// Counts a person together with those around.
    fn count_in(&mut self, person: PersonIx) {
        let nearby = self.nearby(person);
        for (other, near) in &nearby {
            self.set_near(*other, near + 1);
        }
        self.set_near(person, u32::try_from(nearby.len()).unwrap_or(u32::MAX).saturating_add(1));
    }

    /// Counts a person no longer, if that was done.
    fn count_out(&mut self, person: PersonIx) {
        if self.set_near(person, 0) == 0 {
            return;
        }
        for (other, near) in self.nearby(person) {
            self.set_near(other, near - 1);
        }
    }

    /// How many they were before.
    fn set_near(&mut self, person: PersonIx, near: u32) -> u32 {
        let Some(standing) = self.people.get_mut(&person) else { return 0 };
        let before = std::mem::replace(&mut standing.near, near);
        if before > 1 {
            self.centres.remove(&(before, Reverse(person)));
        }
        if near > 1 {
            self.centres.insert((near, Reverse(person)));
        }
        before
    }

    /// The others within the radius of a person who are counted, with how many they are together.
    fn nearby(&mut self, person: PersonIx) -> Vec<(PersonIx, u32)> {
        let Some(position) = self.position(person) else { return Vec::new() };
        let mut nearby = Vec::new();
        let mut looks = 0;
        for (_, inside) in around(&self.squares, self.square(position)).filter(|(_, inside)| inside.len() < self.red) {
            for other in inside.iter().filter(|other| **other != person) {
                looks += 1;
                let near = self.people.get(other).map_or(0, |standing| standing.near);
                if near > 0 && self.is_near(position, *other) {
                    nearby.push((*other, near));
                }
            }
        }
        self.note_looks(looks);
        nearby
    }

    #[cfg(test)]
    fn note_looks(&mut self, looks: u64) {
        self.looks += looks;
    }

    #[cfg(not(test))]
    fn note_looks(&mut self, _: u64) {}

    fn is_near(&self, position: Position, other: PersonIx) -> bool {
        let metres = self.position(other).and_then(|other| position.distance_m(other));
        metres.is_some_and(|metres| metres <= self.radius_m)
    }

    fn position(&self, person: PersonIx) -> Option<Position> {
        match self.people.get(&person)?.place {
            Place::At(position) => Some(position),
            Place::Awaited | Place::Somewhere => None,
        }
    }

    fn square(&self, position: Position) -> Square {
        let of = |metres: f64| (metres / (self.radius_m * SIDE)).floor() as i64;
        Square { floor: position.floor, column: of(position.x), row: of(position.y) }
    }
}

/// The squares in which somebody stands who may be within the radius of somebody in the middle one, that one included.
fn around(
    squares: &BTreeMap<Square, BTreeSet<PersonIx>>,
    middle: Square,
) -> impl Iterator<Item = (&Square, &BTreeSet<PersonIx>)> {
    let reach = |at: i64| at.saturating_sub(REACH)..=at.saturating_add(REACH);
    reach(middle.column).flat_map(move |column| {
        let (first, last) = reach(middle.row).into_inner();
        let at = |row| Square { floor: middle.floor, column, row };
        squares.range(at(first)..=at(last))
    })
}

#[cfg(test)]
mod tests;
