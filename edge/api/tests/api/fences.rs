//! Who is kept out, and what is at no address.

use crate::gateway::Gateway;
use reqwest::{Method, header};
use serde_json::{Value, json};

#[tokio::test]
async fn a_foreign_host_is_refused_on_every_address() {
    let gateway = Gateway::start().await;
    for path in ["/", "/api/v1/alarms", "/api/v1/stream", "/metrics", "/healthz"] {
        let response =
            gateway.request(Method::GET, path).header(header::HOST, "davy.example.com").send().await.unwrap();
        assert_eq!(response.status().as_u16(), 421, "{path}");
        assert_eq!(response.json::<Value>().await.unwrap()["code"], "misdirected_host");
    }
    let local = format!("localhost:{}", gateway.address.port());
    let response = gateway.request(Method::GET, "/healthz").header(header::HOST, local).send().await.unwrap();
    assert!(response.status().is_success());
}

#[tokio::test]
async fn a_foreign_page_cannot_send_commands() {
    let gateway = Gateway::start().await;
    let send = |origin: String| {
        let request = gateway.request(Method::POST, "/api/v1/horn/silence").json(&json!({ "by": "a" }));
        request.header(header::ORIGIN, origin).send()
    };
    let response = send("http://example.com".to_owned()).await.unwrap();
    assert_eq!(
        (response.status().as_u16(), response.json::<Value>().await.unwrap()["code"].clone()),
        (403, "foreign_origin".into())
    );
    let own = send(format!("http://{}", gateway.address)).await.unwrap();
    assert_eq!(own.status().as_u16(), 204);
}

#[tokio::test]
async fn what_is_not_there_says_so() {
    let gateway = Gateway::start().await;
    for (method, path, status, code) in [
        (Method::GET, "/api/v1/nothing", 404, "no_such_route"),
        (Method::GET, "/api/v1/tags/LI-1101/future", 404, "no_such_route"),
        (Method::POST, "/api/v1/nothing", 404, "no_such_route"),
        (Method::GET, "/assets/missing.js", 404, "no_such_route"),
        (Method::POST, "/api/v1/alarms", 405, "method_not_allowed"),
        (Method::GET, "/api/v1/horn/silence", 405, "method_not_allowed"),
        (Method::DELETE, "/units", 405, "method_not_allowed"),
    ] {
        let response = gateway.request(method.clone(), path).send().await.unwrap();
        let allow = response.headers().contains_key(header::ALLOW);
        let media = response.headers()[header::CONTENT_TYPE].to_str().unwrap().to_owned();
        let problem: Value = response.json().await.unwrap();
        assert_eq!((&problem["status"], &problem["code"]), (&status.into(), &code.into()), "{method} {path}");
        assert_eq!((allow, media.as_str()), (status == 405, "application/problem+json"), "{method} {path}");
    }
}

#[tokio::test]
async fn every_documented_route_is_routed_and_takes_no_other_method() {
    let gateway = Gateway::start().await;
    let document = gateway.get("/api/openapi.json").await;
    for (path, operations) in document["paths"].as_object().unwrap() {
        let takes = |method: &str| operations.get(method).is_some();
        let other = match (takes("get"), takes("post")) {
            (true, true) => Method::PUT,
            (true, false) => Method::POST,
            (false, _) => Method::GET,
        };
        let response =
            gateway.request(other, &path.replace("{id}", "x").replace("{number}", "1")).send().await.unwrap();
        assert_eq!(response.status().as_u16(), 405, "{path}");
    }
}

#[tokio::test]
async fn browsers_are_told_to_be_careful_with_every_answer() {
    let gateway = Gateway::start().await;
    for path in ["/", "/api/v1/alarms", "/api/v1/nothing", "/healthz"] {
        let response = gateway.response(path).await;
        let header = |name: &str| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        assert!(header("content-security-policy").unwrap().contains("frame-ancestors 'none'"), "{path}");
        assert_eq!(header("x-content-type-options").as_deref(), Some("nosniff"), "{path}");
        assert_eq!(header("referrer-policy").as_deref(), Some("no-referrer"), "{path}");
        assert_eq!(header("cross-origin-resource-policy").as_deref(), Some("same-origin"), "{path}");
        assert_eq!(header("cross-origin-opener-policy").as_deref(), Some("same-origin"), "{path}");
        assert_eq!(header("x-frame-options").as_deref(), Some("DENY"), "{path}");
        assert!(header("permissions-policy").unwrap().contains("camera=()"), "{path}");
        assert!(!header("content-security-policy").unwrap().contains("unsafe"), "{path}");
    }
    assert_eq!(gateway.response("/api/v1/alarms").await.headers()["cache-control"], "no-store");
}
