//! The site as a map: the outlines of `zones.csv` on the local plane, and a plan of the site below them, `plan.png`, `plan.jpg`
//! or `plan.webp`, whose edges `[map]` of `gateway.toml` gives.
//!
//! Pictures of points only: an SVG may hold scripts and addresses.

use crate::{
    documents::Section,
    files::Files,
    finding::Sink,
    limits::PLAN_BYTES_MAX,
    outlines,
    places::{Places, ZoneRow},
    types::{LocationMapping, MapZone, PlanPicture, PositionMapping, SiteMap, SourceConfig},
};
use davy_core::id::ZoneIx;
use geo::{Area, Coord, MultiPolygon};

/// The names that the picture may have.
pub(crate) const PLANS: [&str; 3] = ["plan.png", "plan.jpg", "plan.webp"];

/// The edges, as written in `[map]`.
const EDGES: [&str; 4] = ["west", "south", "east", "north"];

/// From the coordinates of the files to the local plane.
#[derive(Clone, Copy)]
enum Projection {
    Plane,
    /// Degrees, with the origin of the plane.
    Degrees((f64, f64)),
}

/// Reads the map.
pub(crate) fn read(
    root: Option<&Section<'_>>,
    files: &Files,
    places: &Places<'_>,
    sources: &[SourceConfig],
    sink: &Sink,
) -> SiteMap {
    let projection = projection(&places.zones, sources);
    let plan = plan(root.and_then(|root| root.section("map")).as_ref(), files, projection, sink);
    SiteMap { zones: zones(&places.zones, projection), plan }
}

/// Of the source that says positions. Where none does, what encloses less than a square metre was meant in degrees.
fn projection(zones: &[ZoneRow<'_>], sources: &[SourceConfig]) -> Projection {
    let said = sources.iter().find_map(|source| match source {
        SourceConfig::Mqtt(mqtt) => mqtt.location.as_ref().and_then(projection_of),
        SourceConfig::OpcUa(_) | SourceConfig::Modbus(_) | SourceConfig::Board(_) => None,
    });
    let first = || {
        let shape = &zones.iter().find_map(|row| row.outline.as_ref())?.shape;
        let small = shape.unsigned_area() < outlines::AREA_MIN_M2;
        small.then(|| shape.0.first().and_then(|polygon| polygon.exterior().0.first()).copied()).flatten()
    };
    said.unwrap_or_else(|| first().map_or(Projection::Plane, |origin| Projection::Degrees(origin.x_y())))
}

fn projection_of(location: &LocationMapping) -> Option<Projection> {
    Some(match location.position.as_ref()? {
        PositionMapping::Plane { .. } => Projection::Plane,
        PositionMapping::Geographic { origin, .. } => Projection::Degrees(*origin),
    })
}

impl Projection {
    fn metres(self, Coord { x, y }: Coord) -> (f64, f64) {
        match self {
            Self::Plane => (x, y),
            Self::Degrees(origin) => outlines::metres((x, y), origin).unwrap_or_default(),
        }
    }
}

/// The largest first: what lies in another zone is drawn over it.
fn zones(rows: &[ZoneRow<'_>], projection: Projection) -> Vec<MapZone> {
    let mut drawn: Vec<(f64, MapZone)> = Vec::new();
    for (at, row) in rows.iter().enumerate() {
        let Some(outline) = &row.outline else { continue };
        let zone = MapZone { zone: ZoneIx::from(at), floor: outline.floor, rings: rings(&outline.shape, projection) };
        drawn.push((outline.shape.unsigned_area(), zone));
    }
    drawn.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    drawn.into_iter().map(|(_, zone)| zone).collect()
}

fn rings(shape: &MultiPolygon, projection: Projection) -> Vec<Vec<(f64, f64)>> {
    let of = shape.iter().flat_map(|polygon| std::iter::once(polygon.exterior()).chain(polygon.interiors()));
    of.map(|ring| ring.coords().map(|point| projection.metres(*point)).collect()).collect()
}

fn plan(section: Option<&Section<'_>>, files: &Files, projection: Projection, sink: &Sink) -> Option<PlanPicture> {
    let mut pictures = PLANS.iter().filter_map(|name| Some((*name, files.0.get(*name)?)));
    let (picture, second) = (pictures.next(), pictures.next());
    if let (Some((first, _)), Some((second, _))) = (picture, second) {
        sink.file_error(second, format_args!("the site has one plan and {first} is there too; remove one of the two"));
    }
    let edges = section.and_then(|section| edges(section, projection));
    let Some((name, bytes)) = picture else {
        if let Some(section) = section {
            section.spot().error(format_args!(
                "[map] gives the edges of a plan and there is none; put {} into this folder or remove [map]",
                PLANS.join(" or ")
            ));
        }
        return None;
    };
    if section.is_none() {
        sink.file_error(name, "nobody says where its edges lie; write [map] with west, south, east and north into gateway.toml, in the coordinates of the polygons of zones.csv");
    }
    if bytes.len() > PLAN_BYTES_MAX {
        let most = PLAN_BYTES_MAX >> 20;
        sink.file_error(name, format_args!("the picture is larger than {most} MiB; save it smaller or as WebP"));
        return None;
    }
    let Some(media_type) = media_type(bytes) else {
        sink.file_error(
            name,
            "the file is no PNG, JPEG or WebP picture, whatever its name says; save it as one of them",
        );
        return None;
    };
    Some(PlanPicture { media_type, bytes: bytes.clone(), edges: edges? })
}

fn edges(section: &Section<'_>, projection: Projection) -> Option<[f64; 4]> {
    section.knows(&EDGES);
    let given = EDGES.map(|edge| {
        if section.key(edge).is_none() {
            section.missing(edge, format_args!("{edge} = 0, the coordinate of that edge of the plan"));
        }
        section.number(edge).map(|(_, number)| number)
    });
    let [west, south, east, north] = given;
    let (west, south, east, north) = (west?, south?, east?, north?);
    if !(west < east && south < north) {
        section.spot().error("[map] encloses nothing; east must be greater than west, and north greater than south");
        return None;
    }
    let ((west, south), (east, north)) =
        (projection.metres(Coord { x: west, y: south }), projection.metres(Coord { x: east, y: north }));
    Some([west, south, east, north])
}

/// By the first bytes: PNG (ISO/IEC 15948, 5.2), JPEG (ITU-T T.81, B.1), WebP (RFC 9649, 2.4).
fn media_type(bytes: &[u8]) -> Option<&'static str> {
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        return Some("image/png");
    }
    if bytes.starts_with(b"\xff\xd8\xff") {
        return Some("image/jpeg");
    }
    let is_webp = bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP");
    is_webp.then_some("image/webp")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_known_by_their_first_bytes() {
        for (bytes, known) in [
            (&b"\x89PNG\r\n\x1a\n..."[..], Some("image/png")),
            (b"\xff\xd8\xff\xe0", Some("image/jpeg")),
            (b"RIFF\0\0\0\0WEBPVP8 ", Some("image/webp")),
            (b"RIFF\0\0\0\0WAVE", None),
            (b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>", None),
            (b"", None),
        ] {
            assert_eq!(media_type(bytes), known);
        }
    }
}
