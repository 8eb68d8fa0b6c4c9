//! The gateway's HTTP interface, as a client that knows only the outward names.

use crate::waiting::LONG;
use anyhow::{Context, Result, bail, ensure};
use reqwest::{Certificate, Client, ClientBuilder, Method, RequestBuilder};
use serde_json::Value;
use std::time::Duration;

/// A client for one gateway.
#[derive(Clone)]
pub struct Api {
    base: String,
    client: Client,
    token: Option<String>,
}

impl Api {
    /// For the address that the gateway printed, `http://127.0.0.1:40321`, as nobody.
    pub fn new(base: &str) -> Result<Self> {
        Ok(Self { base: base.trim_end_matches('/').to_owned(), client: client().build()?, token: None })
    }

    /// The same, believing whoever shows this certificate, PEM, or one that it signed, and nobody else.
    pub fn trusting(&self, certificate: &str) -> Result<Self> {
        let client = client().add_root_certificate(Certificate::from_pem(certificate.as_bytes())?).build()?;
        Ok(Self { client, ..self.clone() })
    }

    /// The same with a token.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.client.request(method, format!("{}/api/v1/{path}", self.base));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// `GET /api/v1/{path}`.
    pub async fn get(&self, path: &str) -> Result<Value> {
        answer(self.request(Method::GET, path), path).await
    }

    /// Every item of a list, page by page.
    pub async fn list(&self, path: &str) -> Result<Vec<Value>> {
        let (mut items, mut page) = (Vec::new(), path.to_owned());
        loop {
            let mut answer = self.get(&page).await?;
            let Value::Array(mut more) = answer["items"].take() else { bail!("{page} answers no items: {answer}") };
            items.append(&mut more);
            match &answer["next"] {
                Value::Null => return Ok(items),
                Value::String(cursor) => page = format!("{path}?after={cursor}"),
                Value::Number(cursor) => page = format!("{path}?after={cursor}"),
                other @ (Value::Bool(_) | Value::Array(_) | Value::Object(_)) => bail!("{path}: {other} is no cursor"),
            }
        }
    }

    /// A section of the page's stream, as it stands now: its first event of that name.
    pub async fn section(&self, name: &str) -> Result<Value> {
        let request = self.request(Method::GET, "stream");
        let mut response = request.send().await.context("open the stream")?.error_for_status()?;
        let (mut text, begin) = (String::new(), format!("event: {name}\n"));
        loop {
            if let Some(data) = first_event(&text, &begin) {
                return serde_json::from_str(&data).with_context(|| format!("the stream's {name} is `{data}`"));
            }
            let chunk = response.chunk().await.context("read the stream")?;
            text.push_str(&String::from_utf8_lossy(
                &chunk.with_context(|| format!("the stream ended without {name}"))?,
            ));
        }
    }

    /// The item of a list whose `key` is `value`.
    pub async fn find(&self, path: &str, key: &str, value: &str) -> Result<Value> {
        let items = self.list(path).await?;
        items.into_iter().find(|item| item[key] == value).with_context(|| format!("{path} has no {value}"))
    }

    /// `POST /api/v1/{path}`.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        answer(self.request(Method::POST, path).json(body), path).await
    }

    /// A file that is made for `POST /api/v1/{path}`: the name that the gateway gives it, and its bytes.
    pub async fn file(&self, path: &str, body: &Value) -> Result<(String, Vec<u8>)> {
        let response =
            self.request(Method::POST, path).json(body).send().await.with_context(|| format!("ask for {path}"))?;
        let status = response.status();
        let disposition = response.headers().get("content-disposition").and_then(|value| value.to_str().ok());
        let name = disposition.and_then(|value| value.split('"').nth(1)).unwrap_or_default().to_owned();
        let bytes = response.bytes().await.with_context(|| format!("read the answer of {path}"))?.to_vec();
        ensure!(status.is_success(), "{path}: {status}: {}", String::from_utf8_lossy(&bytes));
        Ok((name, bytes))
    }

    /// The same for what takes its time.
    pub async fn post_patiently(&self, path: &str, body: &Value) -> Result<Value> {
        answer(self.request(Method::POST, path).timeout(LONG).json(body), path).await
    }

    /// `POST /api/v1/{path}` with a file as its body.
    pub async fn upload(&self, path: &str, file: Vec<u8>) -> Result<Value> {
        let request = self.request(Method::POST, path).header("content-type", "application/octet-stream");
        answer(request.timeout(LONG).body(file), path).await
    }
}

fn client() -> ClientBuilder {
    Client::builder().timeout(Duration::from_secs(15))
}

/// The data of the first whole event that begins so.
fn first_event(text: &str, begin: &str) -> Option<String> {
    let events = text.replace("\r\n", "\n").replace("event:", "event: ").replace("event:  ", "event: ");
    let (_, event) = events.split_once(begin)?;
    let (event, _) = event.split_once("\n\n")?;
    let lines = event.lines().filter_map(|line| line.strip_prefix("data:"));
    Some(lines.map(str::trim_start).collect::<Vec<_>>().join("\n"))
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

#[cfg(test)]
mod tests {
    use super::first_event;

    #[test]
    fn an_event_is_taken_when_it_is_whole() {
        let begin = "event: lamp\n";
        assert_eq!(first_event("event: a\ndata: 1\n\nevent: lamp\ndata: {\n", begin), None);
        let whole = "event: a\ndata: 1\n\nevent:lamp\r\ndata: {\r\ndata:}\r\n\r\n";
        assert_eq!(first_event(whole, begin).as_deref(), Some("{\n}"));
    }
}
