//! The map of the site and its plan.

use crate::gateway::Gateway;
use reqwest::{Method, header};
use serde_json::json;

#[tokio::test]
async fn zones_lie_on_the_plane_and_the_plan_below_them() {
    let gateway = Gateway::start().await;
    let map = gateway.get("/api/v1/map").await;
    assert_eq!(
        map["zones"][0],
        json!({ "zone": "Z1", "floor": null, "rings": [[[0.0, 0.0], [9.0, 0.0], [9.0, 9.0], [0.0, 0.0]]] })
    );
    assert_eq!(map["plan"], json!({ "west": -1.0, "south": -2.0, "east": 30.0, "north": 20.0 }));
    assert_eq!(map["cameras"], json!([{ "camera": "CAM-1", "name": "罐区高点", "zone": "Z1" }]));
    let plan = gateway.response("/api/v1/map/plan").await;
    let head = |name| plan.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(
        (head(header::CONTENT_TYPE), head(header::CONTENT_SECURITY_POLICY), head(header::X_CONTENT_TYPE_OPTIONS)),
        ("image/png".into(), "default-src 'none'; sandbox".into(), "nosniff".into())
    );
    assert_eq!(plan.bytes().await.unwrap().as_ref(), b"\x89PNG\r\n\x1a\n");
}

#[tokio::test]
async fn who_has_it_is_not_sent_it_again() {
    let gateway = Gateway::start().await;
    for path in ["/api/v1/map", "/api/v1/map/plan", "/api/v1/roster", "/api/openapi.json"] {
        let first = gateway.response(path).await;
        let etag = first.headers()[header::ETAG].clone();
        assert_eq!(first.headers()[header::CACHE_CONTROL], "no-cache");
        let again = gateway.request(Method::GET, path).header(header::IF_NONE_MATCH, etag).send().await.unwrap();
        assert_eq!((again.status().as_u16(), again.text().await.unwrap()), (304, String::new()), "{path}");
        let other = gateway.request(Method::GET, path).header(header::IF_NONE_MATCH, "\"old\"").send().await.unwrap();
        assert_eq!(other.status().as_u16(), 200, "{path}");
    }
}
