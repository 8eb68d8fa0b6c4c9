//! A gateway with users: one of each role, under one password, and a clock that the test turns.

use crate::{
    gateway::{Gateway, Options},
    site::NOW,
};
use davy_access::{Edit, Hash, Keeper, NewToken, Role, Settings, new_token};
use davy_api::Access;
use davy_core::time::{Monotonic, Now, UtcTime};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode, header};
use serde_json::{Value, json};
use std::{
    net::IpAddr,
    path::Path,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// Everybody's.
pub(crate) const PASSWORD: &str = "罐区夜班交接清楚了吗";
/// What everybody is told before a log-in.
pub(crate) const NOTICE: &str = "仅限授权人员使用，操作均留痕";
/// From there the live state may be seen.
pub(crate) const PANEL: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(127, 0, 0, 9));

/// The gateway and its people.
pub(crate) struct People {
    pub(crate) gateway: Gateway,
    pub(crate) keeper: Arc<Keeper>,
    pub(crate) data: tempfile::TempDir,
    ms: Arc<AtomicU64>,
}

/// What a request shows of itself.
#[derive(Clone, Debug)]
pub(crate) enum Shows {
    Nothing,
    Cookie(String),
    Token(String),
}

/// The hash costs time, and is the same for all.
fn hash() -> Hash {
    static HASH: OnceLock<Hash> = OnceLock::new();
    HASH.get_or_init(|| Hash::of(PASSWORD, "").unwrap()).clone()
}

/// Makes a user as `davy user add` does.
pub(crate) fn add_user(data: &Path, name: &str, role: Role) {
    davy_access::edit(data, &Edit::AddUser { name: name.to_owned(), role, password: hash() }, "console", NOW).unwrap();
}

/// Makes a token as `davy token add` does.
pub(crate) fn add_token(data: &Path, name: &str, role: Role, ends_at: Option<UtcTime>) -> String {
    add_narrow_token(data, NewToken { ends_at, ..new(name, role) })
}

/// One that may everything its role may, from anywhere, for ever.
pub(crate) fn new(name: &str, role: Role) -> NewToken {
    let (scopes, networks) = (Vec::new(), Vec::new());
    NewToken { name: name.to_owned(), role, sha256: String::new(), ends_at: None, scopes, networks }
}

/// The same with limits.
pub(crate) fn add_narrow_token(data: &Path, new: NewToken) -> String {
    let (token, sha256) = new_token().unwrap();
    davy_access::edit(data, &Edit::AddToken(NewToken { sha256, ..new }), "console", NOW).unwrap();
    token
}

impl People {
    /// With a user of each role, whose name is the role's.
    pub(crate) async fn start() -> Self {
        let data = tempfile::tempdir().unwrap();
        Role::ALL.into_iter().for_each(|role| add_user(data.path(), role.code(), role));
        Self::start_on(data).await
    }

    /// The same where something else of the gateway differs.
    pub(crate) async fn start_with(options: Options) -> Self {
        let data = tempfile::tempdir().unwrap();
        Role::ALL.into_iter().for_each(|role| add_user(data.path(), role.code(), role));
        Self::start_of(data, options).await
    }

    pub(crate) async fn start_on(data: tempfile::TempDir) -> Self {
        Self::start_of(data, Options::default()).await
    }

    async fn start_of(data: tempfile::TempDir, options: Options) -> Self {
        let settings = Settings { panels: vec![PANEL], notice: Some(NOTICE.to_owned()), ..Settings::default() };
        let keeper = Arc::new(Keeper::open(data.path(), settings, NOW).unwrap());
        let ms = Arc::new(AtomicU64::new(0));
        let time = Arc::clone(&ms);
        let clock = move || {
            let ms = time.load(Ordering::Relaxed);
            Now { monotonic: Monotonic(ms), utc: NOW.after(ms) }
        };
        let access = Access::Kept(Arc::clone(&keeper));
        let gateway = Gateway::start_with(Options { access, clock: Arc::new(clock), ..options }).await;
        Self { gateway, keeper, data, ms }
    }

    pub(crate) fn pass(&self, time: Duration) {
        self.ms.fetch_add(u64::try_from(time.as_millis()).unwrap(), Ordering::Relaxed);
    }

    pub(crate) fn request(&self, method: Method, path: &str, shows: &Shows) -> RequestBuilder {
        self.request_by(&self.gateway.client, method, path, shows)
    }

    pub(crate) fn request_by(&self, client: &Client, method: Method, path: &str, shows: &Shows) -> RequestBuilder {
        let request = client.request(method, format!("http://{}{path}", self.gateway.address));
        match shows {
            Shows::Nothing => request,
            Shows::Cookie(cookie) => request.header(header::COOKIE, cookie),
            Shows::Token(token) => request.bearer_auth(token),
        }
    }

    pub(crate) async fn get(&self, path: &str, shows: &Shows) -> (StatusCode, Value) {
        answer(self.request(Method::GET, path, shows).send().await.unwrap()).await
    }

    pub(crate) async fn post(&self, path: &str, shows: &Shows, body: Value) -> (StatusCode, Value) {
        answer(self.request(Method::POST, path, shows).json(&body).send().await.unwrap()).await
    }

    pub(crate) async fn try_log_in(&self, name: &str, password: &str, shows: &Shows) -> Response {
        let body = json!({ "name": name, "password": password });
        self.request(Method::POST, "/api/v1/session/log-in", shows).json(&body).send().await.unwrap()
    }

    /// The cookie of a new session.
    pub(crate) async fn log_in(&self, name: &str) -> Shows {
        let response = self.try_log_in(name, PASSWORD, &Shows::Nothing).await;
        assert_eq!(response.status(), StatusCode::OK, "{name}");
        cookie(&response)
    }

    /// The records of the audit, and the whole journal as text.
    pub(crate) async fn audits(&self) -> (Vec<Value>, String) {
        let rows = self.gateway.store.read(0, u64::MAX, 10_000).await.unwrap();
        let text = rows.iter().map(|row| row.body.as_str()).collect();
        let audits = rows.iter().filter(|row| row.kind == "audit");
        (audits.map(|row| serde_json::from_str(&row.body).unwrap()).collect(), text)
    }
}

/// What the browser would send from now on.
pub(crate) fn cookie(response: &Response) -> Shows {
    let set = response.headers()[header::SET_COOKIE].to_str().unwrap();
    Shows::Cookie(set.split(';').next().unwrap().to_owned())
}

pub(crate) async fn answer(response: Response) -> (StatusCode, Value) {
    let status = response.status();
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}
