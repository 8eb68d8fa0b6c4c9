//! The gateway's HTTP interface, as a client that knows only the outward names.

use anyhow::{Context, Result, ensure};
use reqwest::{Client, RequestBuilder};
use serde_json::Value;
use std::time::Duration;

/// A client for one gateway.
#[derive(Clone)]
pub struct Api {
    base: String,
    client: Client,
}

impl Api {
    /// For the address that the gateway printed, `http://127.0.0.1:40321`.
    pub fn new(base: &str) -> Result<Self> {
        let client = Client::builder().timeout(Duration::from_secs(15)).build()?;
        Ok(Self { base: base.trim_end_matches('/').to_owned(), client })
    }

    /// `GET /api/v1/{path}`.
    pub async fn get(&self, path: &str) -> Result<Value> {
        answer(self.client.get(format!("{}/api/v1/{path}", self.base)), path).await
    }

    /// The items of a list that fits on one page.
    pub async fn list(&self, path: &str) -> Result<Vec<Value>> {
        let answer = self.get(path).await?;
        Ok(answer["items"].as_array().with_context(|| format!("{path} answers no items: {answer}"))?.clone())
    }

    /// The item of a list whose `key` is `value`.
    pub async fn find(&self, path: &str, key: &str, value: &str) -> Result<Value> {
        let items = self.list(path).await?;
        items.into_iter().find(|item| item[key] == value).with_context(|| format!("{path} has no {value}"))
    }

    /// `POST /api/v1/{path}`.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        answer(self.client.post(format!("{}/api/v1/{path}", self.base)).json(body), path).await
    }
}

async fn answer(request: RequestBuilder, path: &str) -> Result<Value> {
    let response = request.send().await.with_context(|| format!("ask for {path}"))?;
    let status = response.status();
    let body = response.text().await.with_context(|| format!("read the answer of {path}"))?;
    ensure!(status.is_success(), "{path}: {status}: {body}");
    if body.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_str(&body).with_context(|| format!("{path} answered `{body}`"))
}
