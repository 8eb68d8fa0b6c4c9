//! The evidence of a warning over HTTP: as it is, as a file, a few at once.

use crate::gateway::{Gateway, Options};
use reqwest::StatusCode;
use std::sync::{Arc, Mutex, mpsc};

async fn start(evidence: davy_api::EvidenceOf) -> Gateway {
    Gateway::start_with(Options { evidence, ..Options::default() }).await
}

#[tokio::test]
async fn the_text_comes_unchanged_and_as_a_file() {
    let gateway =
        start(Arc::new(|warning| Ok((warning == "RE/储罐~1.7").then(|| "{ \"a\":  1.50 }".to_owned())))).await;
    let response = gateway.response("/api/v1/warnings/RE%2F%E5%82%A8%E7%BD%90~1.7/evidence").await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["content-type"], "application/json");
    assert_eq!(response.headers()["content-disposition"], "attachment; filename=\"evidence-RE___~1.7.json\"");
    assert_eq!(response.text().await.unwrap(), "{ \"a\":  1.50 }");
    let response = gateway.response("/api/v1/warnings/RE~1.8/evidence").await;
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    let problem: serde_json::Value = response.json().await.unwrap();
    assert_eq!(problem["code"], "no_such_warning");
    assert!(problem["detail"].as_str().unwrap().contains("RE~1.8"));
}

#[tokio::test]
async fn why_it_cannot_be_read_is_said() {
    let gateway = start(Arc::new(|_| Err("open the journal in /data: no such file".to_owned()))).await;
    let response = gateway.response("/api/v1/warnings/RE~1.7/evidence").await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    let problem: serde_json::Value = response.json().await.unwrap();
    assert_eq!(
        (&problem["code"], &problem["detail"]),
        (&"evidence_unreadable".into(), &"open the journal in /data: no such file".into())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_few_are_put_together_at_once() {
    let (begun_sender, begun) = mpsc::channel();
    let (go, wait) = mpsc::channel::<()>();
    let (begun_sender, wait) = (Mutex::new(begun_sender), Mutex::new(wait));
    let gateway = start(Arc::new(move |_| {
        begun_sender.lock().unwrap().send(()).unwrap();
        wait.lock().unwrap().recv().unwrap();
        Ok(Some("{}".to_owned()))
    }))
    .await;
    let ask = || gateway.response("/api/v1/warnings/RE~1.7/evidence");
    let both = async { tokio::join!(ask(), ask()) };
    let third = async {
        let begun = tokio::task::spawn_blocking(move || (0..2).for_each(|_| begun.recv().unwrap()));
        begun.await.unwrap();
        let refused = ask().await;
        (0..2).for_each(|_| go.send(()).unwrap());
        refused
    };
    let ((one, other), refused) = tokio::join!(both, third);
    assert_eq!((one.status(), other.status()), (StatusCode::OK, StatusCode::OK));
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(refused.headers().contains_key("retry-after"));
    let problem: serde_json::Value = refused.json().await.unwrap();
    assert_eq!(problem["code"], "packets_full");
}
