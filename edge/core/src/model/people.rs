//! What is watched of people 人员定位, by the position of the cards they carry (AQ 3064.3-2025).
//!
//! Rules of a person stand once for each person and look at the zone where the person is, so that they are as many as the
//! people and not as many as people times zones.

use super::{Priority, Watched};
use crate::{id::*, limits::POSITION_MAX_M};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A position on the local plane of the site: metres east and north of its origin.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Position {
    /// Metres to the east.
    pub x: f64,
    /// Metres to the north.
    pub y: f64,
    /// The floor, as the location system counts; 0 where it does not say.
    pub floor: i32,
}

impl Position {
    /// The distance in the plane, in metres; `None` for another floor.
    pub(crate) fn distance_m(self, other: Self) -> Option<f64> {
        let (dx, dy) = (self.x - other.x, self.y - other.y);
        (self.floor == other.floor).then(|| (dx * dx + dy * dy).sqrt())
    }

    /// Whether it can be a position of this site.
    pub(crate) fn makes_sense(self) -> bool {
        [self.x, self.y].into_iter().all(|metres| metres.abs() <= POSITION_MAX_M)
    }
}

/// A rule over people.
#[derive(Clone, Debug, PartialEq)]
pub enum PeopleRule {
    /// 越界: the person is in a zone that does not allow it now, see [`Access`]. AQ 3064.3-2025: alarm within 5 s.
    ZoneBreach {
        /// Who.
        person: PersonIx,
        /// A breach that lasts for so long is an event to be recorded; AQ 3064.3-2025 wants it from 30 s on.
        lasting_ms: u64,
    },
    /// 静止: the person's position has not moved in a hazardous zone. Unknown without a position.
    Immobile {
        /// Who.
        person: PersonIx,
        /// Moving by no more than this from where the rest began is no movement, in metres.
        within_m: f64,
        /// For so long, from the first position of the rest to the last.
        after_ms: u64,
    },
    /// 缺员: fewer people in a zone than it needs, or one who must be there is not.
    Understaffed {
        /// The zone.
        zone: ZoneIx,
        /// The fewest it needs.
        people_min: u32,
        /// Those who must be there.
        named: Vec<PersonIx>,
        /// When.
        hours: Hours,
    },
    /// 聚集: so many people stand together. The largest number of people within `radius_m` of one of them counts, that one
    /// included, both in a zone of the rule and on one floor: a circle is drawn around each person, and not around every
    /// point. People whose place is not known, or is on another floor, are not in it. Unknown while somebody without a
    /// position could make it one. AQ 3064.3-2025, 5.2.3: a radius of no more than 15 m, for more than 60 s.
    Gathering {
        /// Wherever in these zones.
        zones: Vec<ZoneIx>,
        /// How near to one of them the others are, in metres.
        radius_m: f64,
        /// How many make it.
        counts: GatheringCounts,
    },
    /// 滞留: the person has been in a zone for longer than its `stay_max_ms`.
    Overstay {
        /// Who.
        person: PersonIx,
    },
    /// 串岗: the person is in a zone that is the post of others.
    WrongPost {
        /// Who.
        person: PersonIx,
    },
    /// 离岗: the person is on duty and in none of the zones of their post.
    OffPost {
        /// Who.
        person: PersonIx,
        /// When on duty.
        hours: Hours,
    },
    /// A card in a zone that has not been heard of for so long, while its broker is up.
    CardOffline {
        /// Whose.
        person: PersonIx,
        /// How long.
        after_ms: u64,
    },
    /// A card whose battery runs down.
    CardBattery {
        /// Whose.
        person: PersonIx,
        /// Below it the condition is true, in percent.
        below: u8,
        /// From it on the condition is false.
        clear: u8,
    },
}

impl PeopleRule {
    /// The person whose rule it is.
    #[must_use]
    pub fn person(&self) -> Option<PersonIx> {
        match self {
            Self::ZoneBreach { person, .. }
            | Self::Immobile { person, .. }
            | Self::Overstay { person }
            | Self::WrongPost { person }
            | Self::OffPost { person, .. }
            | Self::CardOffline { person, .. }
            | Self::CardBattery { person, .. } => Some(*person),
            Self::Understaffed { .. } | Self::Gathering { .. } => None,
        }
    }

    /// The published name of the kind.
    pub(crate) fn kind_name(&self) -> &'static str {
        match self {
            Self::ZoneBreach { .. } => "zone_breach",
            Self::Immobile { .. } => "immobile",
            Self::Understaffed { .. } => "understaffed",
            Self::Gathering { .. } => "gathering",
            Self::Overstay { .. } => "overstay",
            Self::WrongPost { .. } => "wrong_post",
            Self::OffPost { .. } => "off_post",
            Self::CardOffline { .. } => "card_offline",
            Self::CardBattery { .. } => "card_battery",
        }
    }

    /// Names everything that the rule watches.
    pub(super) fn watches(&self, mut each: impl FnMut(Watched)) {
        each(Watched::Beacons);
        self.person().into_iter().for_each(|person| each(Watched::Person(person)));
        match self {
            Self::Understaffed { zone, named, .. } => {
                each(Watched::Zone(*zone));
                named.iter().for_each(|person| each(Watched::Person(*person)));
                each(Watched::Clock);
            }
            Self::ZoneBreach { .. } | Self::OffPost { .. } => each(Watched::Clock),
            // Where people stand is looked at once for all positions that come together; see `engine::people`.
            Self::Gathering { .. }
            | Self::Immobile { .. }
            | Self::Overstay { .. }
            | Self::WrongPost { .. }
            | Self::CardOffline { .. }
            | Self::CardBattery { .. } => {}
        }
    }
}

/// How many people make a gathering, and of which level; each more than the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GatheringCounts {
    /// So many make one, at least 2.
    pub yellow: u32,
    /// From so many on it is worse …
    pub orange: u32,
    /// … and from so many on the worst, no more than `limits::GATHERING_PEOPLE_MAX`.
    pub red: u32,
}

impl GatheringCounts {
    /// How fast someone must act: what the level's colour comes from; `None` for no gathering.
    #[must_use]
    pub fn priority(&self, people_count: u32) -> Option<Priority> {
        let levels = [(self.red, Priority::Critical), (self.orange, Priority::High), (self.yellow, Priority::Medium)];
        levels.into_iter().find(|(count, _)| people_count >= *count).map(|(_, priority)| priority)
    }
}

/// Who may be in a zone, and when that matters. A zone may have several; whoever one of them that is in force does not
/// name must not be there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Access {
    /// These people may.
    pub people: BTreeSet<PersonIx>,
    /// Everybody with one of these posts may.
    pub posts: BTreeSet<String>,
    /// When it is in force.
    pub hours: Hours,
    /// How fast someone must act; `None` for the rule's own priority.
    pub priority: Option<Priority>,
}

/// Times of the local day. Empty is always.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hours(pub Vec<Window>);

/// A part of the local day, in minutes since midnight: from one, inclusive, until another, exclusive. One that ends
/// before it begins goes over midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// 0 to 1439.
    pub from: u16,
    /// 0 to 1439, never the same as `from`.
    pub until: u16,
}

impl Hours {
    /// Whether a minute of the local day lies in them.
    #[must_use]
    pub fn hold(&self, minute: u16) -> bool {
        self.0.is_empty() || self.0.iter().any(|window| window.holds(minute))
    }
}

impl Window {
    fn holds(self, minute: u16) -> bool {
        if self.from <= self.until {
            (self.from..self.until).contains(&minute)
        } else {
            minute >= self.from || minute < self.until
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_go_over_midnight_and_none_are_always() {
        let hours = |windows: &[(u16, u16)]| {
            Hours(windows.iter().map(|(from, until)| Window { from: *from, until: *until }).collect())
        };
        for (windows, minute, expected) in [
            (&[][..], 0, true),
            (&[(480, 1080)], 479, false),
            (&[(480, 1080)], 480, true),
            (&[(480, 1080)], 1079, true),
            (&[(480, 1080)], 1080, false),
            (&[(1320, 360)], 1439, true),
            (&[(1320, 360)], 0, true),
            (&[(1320, 360)], 360, false),
            (&[(480, 720), (840, 1080)], 780, false),
            (&[(480, 720), (840, 1080)], 900, true),
        ] {
            assert_eq!(hours(windows).hold(minute), expected, "{windows:?} {minute}");
        }
    }
}
