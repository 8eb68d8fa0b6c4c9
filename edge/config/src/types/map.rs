//! The site as a map.

use davy_core::id::ZoneIx;

/// Where zones lie, and what is drawn below them. Coordinates are those of positions: metres to the east and to the north on the
/// local plane.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SiteMap {
    /// Zones with an outline, the largest first.
    pub zones: Vec<MapZone>,
    /// The plan of the site.
    pub plan: Option<PlanPicture>,
}

/// A zone as it is drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct MapZone {
    /// The zone.
    pub zone: ZoneIx,
    /// Its floor; `None` for all floors.
    pub floor: Option<i32>,
    /// Closed rings of x and y, outer ones and holes: what lies within an odd number of them is in the zone.
    pub rings: Vec<Vec<(f64, f64)>>,
}

/// A picture of the site.
#[derive(Clone, Debug, PartialEq)]
pub struct PlanPicture {
    /// `image/png`, `image/jpeg` or `image/webp`, as its first bytes say.
    pub media_type: &'static str,
    /// The file.
    pub bytes: Vec<u8>,
    /// Its edges: west, south, east, north.
    pub edges: [f64; 4],
}
