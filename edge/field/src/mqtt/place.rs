//! From coordinates to a place on the local plane and to a zone. Pure.

use super::{message::Message, values};
use davy_config::{LocationMapping, Pick, PositionMapping, ZoneArea};
use davy_core::{id::ZoneIx, model::Position};
use geo::{Intersects, Point};

/// Where a message says that a beacon is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Place {
    /// On the local plane.
    pub(super) on_plane: Position,
    /// As the message gives it, in metres or degrees: so are the outlines of zones.
    given: Point,
    floor: Option<i32>,
}

/// Reads it; a pair of which one cannot be read is none.
pub(super) fn read(mapping: &LocationMapping, message: Message<'_>) -> Option<Place> {
    let number = |pick: &Pick| message.pick(Some(pick)).and_then(|value| values::number(&value));
    let (given, (x, y)) = match mapping.position.as_ref()? {
        PositionMapping::Plane { x, y } => {
            let plane = (number(x)?, number(y)?);
            (plane, plane)
        }
        PositionMapping::Geographic { longitude, latitude, origin } => {
            let degrees = (number(longitude)?, number(latitude)?);
            (degrees, davy_config::metres(degrees, *origin)?)
        }
    };
    let floor = message.pick(mapping.floor.as_ref()).and_then(|floor| values::floor(&floor));
    Some(Place { on_plane: Position { x, y, floor: floor.unwrap_or(0) }, given: given.into(), floor })
}

impl Place {
    /// The zone where it lies, its edge included. Areas come from the smallest to the largest, so that the first is the one
    /// that says most; one with a floor holds nobody of whom the floor is not known.
    pub(super) fn zone(&self, areas: &[ZoneArea]) -> Option<ZoneIx> {
        let holds = |area: &&ZoneArea| {
            area.floor.is_none_or(|floor| self.floor == Some(floor)) && area.outline.intersects(&self.given)
        };
        areas.iter().find(holds).map(|area| area.zone)
    }
}
