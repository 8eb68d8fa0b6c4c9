//! The site as a map: where zones lie, and the plan of the site. Who asks again without a change of the configuration gets 304.

use crate::{
    app::App,
    problem::{Kind, Problem},
    validator::unless_configured,
};
use axum::{
    Json,
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use davy_core::id::{CameraId, ZoneId};
use serde::Serialize;
use std::sync::Arc;

/// Where zones lie, in metres to the east and to the north on the local plane.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct SiteMap {
    /// Zones with an outline, the largest first.
    pub zones: Vec<MapZone>,
    /// What is drawn below them.
    pub plan: Option<Plan>,
    /// What looks at them.
    pub cameras: Vec<MapCamera>,
}

/// A camera.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MapCamera {
    /// The camera.
    pub camera: CameraId,
    /// Its name.
    pub name: String,
    /// The zone that it looks at.
    pub zone: Option<ZoneId>,
}

/// A zone as it is drawn.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MapZone {
    /// The zone.
    pub zone: ZoneId,
    /// Its floor; absent for all floors.
    pub floor: Option<i32>,
    /// Closed rings of x and y: what lies within an odd number of them is in the zone.
    pub rings: Vec<Vec<(f64, f64)>>,
}

/// The plan of the site, by its edges; the picture itself has an address of its own.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Plan {
    /// The least x.
    pub west: f64,
    /// The least y.
    pub south: f64,
    /// The greatest x.
    pub east: f64,
    /// The greatest y.
    pub north: f64,
    /// The value of `Content-Type`.
    #[serde(skip)]
    pub media_type: &'static str,
    /// The picture.
    #[serde(skip)]
    pub bytes: Bytes,
}

/// Nothing of a picture may do more than be seen, wherever it is opened.
const PICTURE_POLICY: &str = "default-src 'none'; sandbox";

pub(crate) async fn map(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    unless_configured(&app, &headers, || Json(&*app.context.map).into_response())
}

pub(crate) async fn plan(State(app): State<Arc<App>>, headers: HeaderMap) -> Result<Response, Problem> {
    let plan = app.context.map.plan.as_ref();
    let plan = plan.ok_or_else(|| Kind::NoSuchPlan.with("the configuration has no plan of the site"))?;
    Ok(unless_configured(&app, &headers, || {
        let about = [(header::CONTENT_TYPE, plan.media_type), (header::CONTENT_SECURITY_POLICY, PICTURE_POLICY)];
        (about, plan.bytes.clone()).into_response()
    }))
}
