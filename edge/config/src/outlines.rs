//! Where zones lie, for the map and so that a position without a zone finds one: `polygon` and `floor` of `zones.csv`.
//!
//! An outline has the coordinates of position messages as they come, metres or degrees; CGCS2000 and WGS 84 are one for it.

use crate::{
    limits::POLYGON_CHARS_MAX,
    places::{Places, ZoneRow},
    sources::{SourceRow, Sources},
    table::Row,
    text::Text,
    types::{LocationMapping, PositionMapping, SourceConfig, ZoneArea},
};
use davy_core::id::ZoneIx;
use geo::{Area, CoordsIter, Geometry, MultiPolygon, Validation};
use wkt::TryFromWkt;

/// Outlines in degrees lie within so many degrees of their origin, about 100 km: farther away a metre is no metre, and
/// metres or swapped degrees are seen.
const FROM_ORIGIN_MAX_DEGREES: f64 = 1.0;

/// The smallest zone in metres; what is smaller was meant in degrees.
pub(crate) const AREA_MIN_M2: f64 = 1.0;

const FLOORS: std::ops::RangeInclusive<i32> = -1_000..=1_000;

/// Where a zone lies.
pub(crate) struct Outline<'a> {
    pub(crate) cell: Text<'a>,
    pub(crate) floor: Option<i32>,
    pub(crate) shape: MultiPolygon,
}

/// A floor as a number or as on a lift button: `2`, `2F`, `F2`, `2层`, and `B1`, the first below the ground, as −1.
#[must_use]
pub fn floor(text: &str) -> Option<i32> {
    let text = text.trim().to_ascii_uppercase();
    let below = text.strip_prefix('B').and_then(|digits| digits.parse::<u16>().ok()).map(|floor| -i32::from(floor));
    let above = text.strip_prefix('F').or(text.strip_suffix('F')).or(text.strip_suffix('层')).unwrap_or(&text);
    below.or(above.parse().ok()).filter(|floor| FLOORS.contains(floor))
}

/// The equatorial radius of CGCS2000 (GB 22021-2008) and WGS 84 (NGA.STND.0036), in metres. Their flattening differs from the
/// ninth digit on, which is 0.1 mm at the poles. CGCS2000 stands still at the year 2000 while WGS 84 follows the ITRF, in which
/// China moves by some 3 cm a year: they are less than a metre apart, and for the position of a person they are one.
const EARTH_RADIUS_M: f64 = 6_378_137.0;

/// Degrees east and north as metres east and north of an origin. The plane touches the earth at the origin: within 10 km
/// of it a metre is true to half a percent, and two receivers beside each other stay as far apart as they are. `None` for
/// what are no degrees.
#[must_use]
pub fn metres((longitude, latitude): (f64, f64), origin: (f64, f64)) -> Option<(f64, f64)> {
    if longitude.abs() > 180.0 || latitude.abs() > 90.0 {
        return None;
    }
    let (east, north) = ((longitude - origin.0).to_radians(), (latitude - origin.1).to_radians());
    Some((EARTH_RADIUS_M * origin.1.to_radians().cos() * east, EARTH_RADIUS_M * north))
}

/// Reads the outline of a row.
pub(crate) fn read<'a>(row: Row<'a>) -> Option<Outline<'a>> {
    let (cell, floor_cell) = (row.cell("polygon"), row.cell("floor"));
    let floor = floor_cell.given().and_then(|text| {
        text.parse(|text| floor(text).ok_or_else(|| "is no floor; write a number, 2F or B1".to_owned()))
    });
    if let (Some(floor), None) = (floor_cell.given(), cell.given()) {
        floor.wrong("needs a polygon, or it says nothing; fill in polygon (边界) or leave it empty");
    }
    Some(Outline { cell, floor, shape: cell.given()?.parse(shape)? })
}

/// Well-known text (OGC 06-103r4) of one polygon or several.
fn shape(text: &str) -> Result<MultiPolygon, String> {
    const ADVICE: &str = "write POLYGON ((x y, x y, x y, x y)) with the first point again at the end";
    let begins = |word: &str| text.get(..word.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(word));
    if !begins("POLYGON") && !begins("MULTIPOLYGON") {
        return Err(format!("is no polygon; {ADVICE}"));
    }
    if text.chars().count() > POLYGON_CHARS_MAX {
        return Err(format!("is longer than {POLYGON_CHARS_MAX} characters; leave out points"));
    }
    let shape = match Geometry::<f64>::try_from_wkt_str(text) {
        Ok(Geometry::Polygon(polygon)) => MultiPolygon::from(polygon),
        Ok(Geometry::MultiPolygon(polygons)) => polygons,
        Ok(_) => return Err(format!("is no polygon; {ADVICE}")),
        Err(error) => return Err(format!("cannot be read ({error}); {ADVICE}")),
    };
    shape
        .check_validation()
        .map_err(|problem| format!("encloses no area that is clear: {problem}; correct its points"))?;
    if shape.unsigned_area() > 0.0 { Ok(shape) } else { Err(format!("encloses nothing; {ADVICE}")) }
}

/// Gives the outlines to every source that says positions.
pub(crate) fn give(places: &Places<'_>, sources: &mut Sources<'_>) {
    let outlines = || places.zones.iter().filter_map(|row| row.outline.as_ref());
    let areas = areas(&places.zones);
    let (mut in_degrees, mut says_floor) = (None, false);
    for row in &mut sources.rows {
        let spot = row.spot;
        let Some((location, position)) = located(row) else { continue };
        if location.zone.is_none() && areas.is_empty() && places.zones_complete {
            spot.error("[source.mqtt.location] names no zone and no zone has a polygon, so nobody would ever be in one; add zone, or fill in polygon (边界) in zones.csv");
        }
        let degrees = matches!(position, PositionMapping::Geographic { .. });
        if !areas.is_empty() && *in_degrees.get_or_insert(degrees) != degrees {
            spot.error("says positions in other coordinates than the source before it, and polygons of zones.csv can be in metres or in degrees; bring both sources to one of the two");
        } else {
            outlines().for_each(|outline| check(outline, &position));
        }
        says_floor |= location.floor.is_some();
        location.areas.clone_from(&areas);
    }
    if let (Some(_), false, Some(outline)) =
        (in_degrees, says_floor, outlines().find(|outline| outline.floor.is_some()))
    {
        outline.cell.warn("has a floor, and no source says on which floor people are, so nobody is ever in it; add floor to [source.mqtt.location]");
    }
}

/// The smallest first, so that of zones that overlap it counts.
fn areas(zones: &[ZoneRow<'_>]) -> Vec<ZoneArea> {
    let area = |(at, row): (usize, &ZoneRow<'_>)| {
        let Outline { floor, shape, .. } = row.outline.as_ref()?;
        Some(ZoneArea { zone: ZoneIx::from(at), floor: *floor, outline: shape.clone() })
    };
    let mut areas: Vec<ZoneArea> = zones.iter().enumerate().filter_map(area).collect();
    areas.sort_by(|a, b| a.outline.unsigned_area().total_cmp(&b.outline.unsigned_area()));
    areas
}

fn located<'a>(row: &'a mut SourceRow<'_>) -> Option<(&'a mut LocationMapping, PositionMapping)> {
    let SourceConfig::Mqtt(mqtt) = &mut row.config else { return None };
    let location = mqtt.location.as_mut()?;
    let position = location.position.clone()?;
    Some((location, position))
}

fn check(outline: &Outline<'_>, position: &PositionMapping) {
    match position {
        PositionMapping::Plane { .. } if outline.shape.unsigned_area() < AREA_MIN_M2 => {
            outline
                .cell
                .wrong("encloses less than 1 m²; its source says positions in metres (x and y), so write metres");
        }
        PositionMapping::Geographic { origin, .. } => {
            let is_far = |(longitude, latitude): (f64, f64)| {
                (longitude - origin.0).abs().max((latitude - origin.1).abs()) > FROM_ORIGIN_MAX_DEGREES
            };
            if outline.shape.coords_iter().any(|point| is_far(point.x_y())) {
                outline.cell.wrong("lies more than 1 degree from the origin of its source; write degrees, the longitude before the latitude");
            }
        }
        PositionMapping::Plane { .. } => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floors_as_on_a_lift() {
        for (written, read) in [
            ("2", Some(2)),
            ("-1", Some(-1)),
            ("3F", Some(3)),
            ("f2", Some(2)),
            ("B1", Some(-1)),
            ("2层", Some(2)),
            ("roof", None),
            ("99999", None),
            ("", None),
        ] {
            assert_eq!(floor(written), read, "{written}");
        }
    }

    /// A second of latitude is 30.9 m everywhere, a second of longitude 26.8 m at 30° north.
    #[test]
    fn degrees_are_metres_from_the_origin() {
        let second = 1.0 / 3_600.0;
        let (x, y) = metres((121.5 + second, 30.0 + second), (121.5, 30.0)).unwrap();
        assert!((x - 26.8).abs() < 0.1 && (y - 30.9).abs() < 0.1, "{x} {y}");
        assert_eq!(metres((121.5, 30.0), (121.5, 30.0)), Some((0.0, 0.0)));
        assert_eq!(metres((181.0, 30.0), (121.5, 30.0)), None);
        assert_eq!(metres((121.5, -91.0), (121.5, 30.0)), None);
    }

    #[test]
    fn polygons_enclose_something() {
        for (text, area) in [
            ("POLYGON ((0 0, 4 0, 4 3, 0 3, 0 0))", 12.0),
            ("polygon((0 0,4 0,4 3,0 3))", 12.0),
            ("POLYGON ((0 0, 4 0, 4 3, 0 3, 0 0), (1 1, 2 1, 2 2, 1 2, 1 1))", 11.0),
            ("MULTIPOLYGON (((0 0, 1 0, 1 1, 0 1, 0 0)), ((5 5, 6 5, 6 6, 5 6, 5 5)))", 2.0),
        ] {
            let shape = shape(text).unwrap();
            assert!((shape.unsigned_area() - area).abs() < 1e-9, "{text}");
        }
        for wrong in [
            "",
            "罐区",
            "POINT (1 2)",
            "POLYGON",
            "POLYGON EMPTY",
            "POLYGON ((0 0, 1 1))",
            "POLYGON ((0 0, 1 0, 2 0, 0 0))",
            "POLYGON ((0 0, 2 2, 2 0, 0 2, 0 0))",
            "POLYGON ((0 0, 1 0, 1 x, 0 0))",
            "GEOMETRYCOLLECTION (POLYGON ((0 0, 1 0, 1 1, 0 0)))",
        ] {
            assert!(shape(wrong).is_err(), "{wrong}");
        }
        assert!(shape(&format!("POLYGON (({}0 0))", "0 0, ".repeat(POLYGON_CHARS_MAX))).is_err());
    }
}
