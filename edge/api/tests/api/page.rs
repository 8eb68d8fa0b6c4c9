//! The page and how browsers keep it.

use crate::gateway::{Gateway, Options};
use reqwest::{Method, header};

#[tokio::test]
async fn the_page_is_asked_for_every_time_and_its_files_never_again() {
    let gateway = Gateway::start().await;
    for (path, text, etag, caching) in [
        ("/", "<!doctype html>davy", "\"p1\"", "no-cache"),
        ("/tasks", "<!doctype html>davy", "\"p1\"", "no-cache"),
        ("/units/U1", "<!doctype html>davy", "\"p1\"", "no-cache"),
        ("/assets/a.js", "let a", "\"a1\"", "public, max-age=31536000, immutable"),
    ] {
        let response = gateway.response(path).await;
        assert_eq!(
            (
                response.headers()[header::ETAG].to_str().unwrap(),
                response.headers()[header::CACHE_CONTROL].to_str().unwrap()
            ),
            (etag, caching),
            "{path}"
        );
        assert_eq!(response.text().await.unwrap(), text, "{path}");
        for known in [etag.to_owned(), format!("\"x\", W/{etag}"), "*".to_owned()] {
            let again = gateway.request(Method::GET, path).header(header::IF_NONE_MATCH, known).send().await.unwrap();
            assert_eq!(again.status().as_u16(), 304, "{path}");
            assert_eq!(again.headers()[header::ETAG], etag);
            assert_eq!(again.text().await.unwrap(), "");
        }
        let changed = gateway.request(Method::GET, path).header(header::IF_NONE_MATCH, "\"old\"").send().await.unwrap();
        assert_eq!(changed.status().as_u16(), 200, "{path}");
    }
    let head = gateway.request(Method::HEAD, "/").send().await.unwrap();
    assert_eq!(
        (head.status().as_u16(), head.headers()[header::CONTENT_TYPE].to_str().unwrap()),
        (200, "text/html; charset=utf-8")
    );
}

#[tokio::test]
async fn a_page_that_was_not_built_says_what_to_do() {
    let gateway = Gateway::start_with(Options { page: |_| None, ..Options::default() }).await;
    let response = gateway.response("/").await;
    assert_eq!(response.status().as_u16(), 503);
    assert_eq!(response.headers()[header::CONTENT_TYPE], "text/plain; charset=utf-8");
    assert!(response.text().await.unwrap().contains("npm --prefix web-ui run build"));
    assert_eq!(gateway.response("/api/v1/alarms").await.status().as_u16(), 200);
}
