//! At which names the gateway answers. A page of the web that has its own name resolved to the gateway's address (DNS rebinding) shows
//! itself by its `Host`, a foreign page that sends a command from the operator's browser by its `Origin`.

use crate::{
    app::App,
    connections::Peer,
    problem::{Kind, Problem},
};
use axum::{
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, Method, header, uri::Authority},
    middleware::Next,
    response::{IntoResponse, Response},
};
use std::{net::IpAddr, sync::Arc};

pub(crate) async fn guard(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let at = request.extensions().get::<ConnectInfo<Peer>>().map(|ConnectInfo(peer)| peer.at);
    let fence = Fence { names: &app.context.names, at, tls: app.context.tls.is_some() };
    match fence.check(request.method(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

struct Fence<'a> {
    names: &'a [String],
    /// Where the request has come in.
    at: Option<IpAddr>,
    tls: bool,
}

impl Fence<'_> {
    fn check(&self, method: &Method, headers: &HeaderMap) -> Result<(), Problem> {
        let host = text(headers, &header::HOST);
        if !host.is_some_and(|host| self.is_own(host)) {
            let said = host.map_or("no host".to_owned(), |host| format!("the host `{host}`"));
            return Err(Kind::MisdirectedHost.with(format!("the request names {said}, which is not this gateway's")));
        }
        let origin = headers.get(header::ORIGIN);
        if method.is_safe() || origin.is_none() {
            return Ok(());
        }
        let origin = text(headers, &header::ORIGIN);
        if origin.and_then(|origin| self.authority(origin)) == host {
            return Ok(());
        }
        Err(Kind::ForeignOrigin.with(format!("the command comes from `{}`", origin.unwrap_or("an unreadable origin"))))
    }

    fn is_own(&self, host: &str) -> bool {
        let Ok(authority) = host.parse::<Authority>() else { return false };
        if host.contains('@') {
            return false;
        }
        let name = authority.host();
        let bare = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
        if let Ok(address) = bare.parse::<IpAddr>()
            && (address.is_loopback() || self.at == Some(address.to_canonical()))
        {
            return true;
        }
        name.eq_ignore_ascii_case("localhost") || self.names.iter().any(|own| own.eq_ignore_ascii_case(bare))
    }

    /// A page that came in the clear is not the gateway's own where that speaks TLS; where it does not, something before it may.
    fn authority<'o>(&self, origin: &'o str) -> Option<&'o str> {
        let plain = if self.tls { None } else { origin.strip_prefix("http://") };
        plain.or(origin.strip_prefix("https://"))
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &header::HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fence(names: &[String], tls: bool) -> Fence<'_> {
        Fence { names, at: Some(IpAddr::from([192, 168, 1, 20])), tls }
    }

    #[test]
    fn only_the_gateway_by_name_or_address() {
        let names = ["gw-1.example.com".to_owned(), "10.9.9.9".to_owned(), "fd00::7".to_owned()];
        for host in [
            "localhost",
            "LocalHost:8080",
            "127.0.0.1",
            "127.0.0.1:1",
            "127.9.9.9:80",
            "[::1]",
            "[::1]:8080",
            "192.168.1.20:8443",
            "GW-1.example.com:8443",
            "10.9.9.9",
            "[fd00::7]:8443",
        ] {
            assert!(fence(&names, true).is_own(host), "{host}");
        }
        for host in [
            "",
            "gateway",
            "example.com:8080",
            "192.168.1.21",
            "10.0.0.1",
            "0.0.0.0",
            "localhost.example.com",
            "127.0.0.1.example.com",
            "gw-1.example.com.evil.org",
            "evil.gw-1.example.com",
            "me@localhost",
            "me@gw-1.example.com",
            "[::2]",
            "::1x",
        ] {
            assert!(!fence(&names, true).is_own(host), "{host}");
        }
    }

    #[test]
    fn a_command_comes_from_the_own_page_or_from_no_page() {
        let check = |tls: bool, method: Method, origin: Option<&str>| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, "127.0.0.1:8080".parse().unwrap());
            if let Some(origin) = origin {
                headers.insert(header::ORIGIN, origin.parse().unwrap());
            }
            fence(&[], tls).check(&method, &headers).is_ok()
        };
        for tls in [false, true] {
            assert!(check(tls, Method::POST, None));
            assert!(check(tls, Method::POST, Some("https://127.0.0.1:8080")));
            assert_eq!(check(tls, Method::POST, Some("http://127.0.0.1:8080")), !tls);
            assert!(check(tls, Method::GET, Some("http://example.com")), "reading is fenced by the browser itself");
            for origin in [
                "null",
                "http://example.com",
                "http://127.0.0.1:8081",
                "http://127.0.0.1:8080.example.com",
                "127.0.0.1:8080",
            ] {
                assert!(!check(tls, Method::POST, Some(origin)), "{origin}");
            }
        }
    }
}
