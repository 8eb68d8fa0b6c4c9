//! Whether a server's certificate will do (OPC 10000-4, 6.1.3, table 100), and in plain words why not. Pure.
//!
//! The trust is in the very certificate, so that whoever signed it adds nothing; signatures, issuers and revocation lists
//! are not looked at.

use super::{certificate, endpoint, words};
use crate::limits::opcua as bounds;
use davy_config::OpcUaSecured;
use davy_core::{health::CertificateFacts, time::UtcTime};
use opcua::{crypto::SecurityPolicy, types::EndpointDescription};
use std::net::IpAddr;

/// What is expected of the certificate.
#[derive(Clone, Debug, Default)]
pub(super) struct Expected {
    pub(super) policy: Option<SecurityPolicy>,
    /// The host that is connected to; `None` when it need not be named.
    pub(super) host: Option<String>,
    /// What the server calls itself; `None` when it need not be named.
    pub(super) application_uri: Option<String>,
    pub(super) time_check: bool,
}

impl Expected {
    pub(super) fn new(secured: OpcUaSecured, place: &str, endpoint: &EndpointDescription) -> Self {
        Self {
            policy: Some(endpoint::policy(secured.policy)),
            host: secured.host_check.then(|| host_of(place).to_owned()),
            application_uri: Some(endpoint.server.application_uri.as_ref().to_owned()),
            time_check: secured.time_check,
        }
    }

    /// Each expectation by itself, so that all that is wrong can be told at once.
    pub(super) fn each(&self) -> [Self; 4] {
        [
            Self { policy: self.policy, ..Self::default() },
            Self { time_check: self.time_check, ..Self::default() },
            Self { host: self.host.clone(), ..Self::default() },
            Self { application_uri: self.application_uri.clone(), ..Self::default() },
        ]
    }

    /// A certificate that is used for its key alone.
    pub(super) fn anywhere() -> Self {
        Self { time_check: true, ..Self::default() }
    }
}

/// Judges a certificate that is trusted.
///
/// # Errors
/// In words that say what to do.
pub(super) fn check(facts: &CertificateFacts, expected: &Expected, now: UtcTime) -> Result<(), String> {
    let named = format!("the server's certificate {} ({})", words::fingerprint(&facts.sha256), facts.subject);
    if expected.policy.is_some_and(|policy| !policy.is_valid_keylength(facts.key_bits)) {
        let bits = facts.key_bits;
        return Err(format!(
            "{named} has an RSA key of {bits} bits, which the policy does not allow; renew it at the server"
        ));
    }
    if expected.time_check {
        in_time(&named, facts, now)?;
    }
    if let Some(host) = &expected.host
        && !facts.hosts.iter().any(|named| is_same_host(named, host))
    {
        let hosts = if facts.hosts.is_empty() { "no host at all".to_owned() } else { facts.hosts.join(", ") };
        return Err(format!(
            "{named} is for {hosts} and not for {host}, which this source connects to; write a host of the certificate in \
             endpoint, renew it at the server, or, when this is that server beyond doubt, set certificate_host_check = false"
        ));
    }
    if let Some(uri) = &expected.application_uri
        && !facts.uris.contains(uri)
    {
        let uris = if facts.uris.is_empty() { "no application".to_owned() } else { facts.uris.join(", ") };
        let uri = certificate::plain(uri);
        return Err(format!("{named} is for {uris}, but the server calls itself {uri}; renew it at the server"));
    }
    Ok(())
}

fn in_time(named: &str, facts: &CertificateFacts, now: UtcTime) -> Result<(), String> {
    let advice = "set the clocks, or renew it at the server; certificate_time_check = false takes it as it is";
    if now < facts.not_before {
        let left = words::span(facts.not_before.since(now));
        return Err(format!("{named} is valid only from {}, in {left}; {advice}", facts.not_before));
    }
    if now > facts.not_after {
        let gone = words::span(now.since(facts.not_after));
        return Err(format!("{named} expired on {}, {gone} ago; {advice}", facts.not_after));
    }
    Ok(())
}

/// What is said of a certificate that nobody has trusted yet.
pub(super) fn untrusted(facts: &CertificateFacts) -> String {
    format!(
        "the server's certificate is not trusted: SHA-256 {}, {}, valid until {}; compare the fingerprint with the one at the \
         server, then trust it on the page under sources or with `davy trust accept {}`",
        words::fingerprint(&facts.sha256),
        facts.subject,
        facts.not_after,
        facts.sha256
    )
}

/// A warning some days before the end.
pub(super) fn ends_soon(what: &str, facts: &CertificateFacts, now: UtcTime) -> Option<String> {
    let left = facts.not_after.since(now);
    let soon = bounds::CERTIFICATE_ENDS_SOON.as_millis();
    if i128::from(left) > i128::try_from(soon).unwrap_or(i128::MAX) {
        return None;
    }
    let when = if left < 0 { "expired" } else { "expires" };
    let span = words::span(left);
    let side = if left < 0 { format!("{span} ago") } else { format!("in {span}") };
    Some(format!("{what} {when} {side}, on {}; renew it", facts.not_after))
}

/// The host of `opc.tcp://host:port/path`.
fn host_of(place: &str) -> &str {
    let rest = place.strip_prefix("opc.tcp://").unwrap_or(place);
    let authority = rest.split('/').next().unwrap_or(rest);
    match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, _)) => host,
        None => authority.split(':').next().unwrap_or(authority),
    }
}

/// Names without regard to case, addresses by value.
fn is_same_host(named: &str, host: &str) -> bool {
    match (named.parse::<IpAddr>(), host.parse::<IpAddr>()) {
        (Ok(named), Ok(host)) => named == host,
        _ => named.trim_end_matches('.').eq_ignore_ascii_case(host.trim_end_matches('.')),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400_000;
    const NOW: UtcTime = UtcTime(1_795_392_000_000);

    fn facts(from: i64, until: i64) -> CertificateFacts {
        CertificateFacts {
            sha256: "ab".repeat(32),
            sha1: "cd".repeat(20),
            subject: "CN=DCS".to_owned(),
            issuer: "CN=DCS".to_owned(),
            not_before: UtcTime(NOW.0 + from),
            not_after: UtcTime(NOW.0 + until),
            uris: vec!["urn:dcs".to_owned()],
            hosts: vec!["DCS-1.plant".to_owned(), "10.0.0.7".to_owned(), "::1".to_owned()],
            key_bits: 2048,
        }
    }

    fn expected(host: Option<&str>) -> Expected {
        Expected {
            policy: Some(SecurityPolicy::Basic256Sha256),
            host: host.map(str::to_owned),
            application_uri: Some("urn:dcs".to_owned()),
            time_check: true,
        }
    }

    #[test]
    fn a_certificate_for_today_this_host_and_this_application_will_do() {
        for place in ["opc.tcp://dcs-1.PLANT:4840/", "opc.tcp://10.0.0.7", "opc.tcp://[0:0:0:0:0:0:0:1]:4840/x"] {
            assert_eq!(check(&facts(-DAY, DAY), &expected(Some(host_of(place))), NOW), Ok(()), "{place}");
        }
        assert_eq!(check(&facts(-DAY, DAY), &expected(None), NOW), Ok(()));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_measure() {
        let weak = CertificateFacts { key_bits: 1024, ..facts(-DAY, DAY) };
        let other = Expected { application_uri: Some("urn:other".to_owned()), ..expected(None) };
        for (facts, expected, words) in [
            (facts(2 * 3_600_000, DAY), expected(None), "in 2 h 0 min"),
            (facts(-9 * DAY, -3 * DAY), expected(None), "expired on 2026-11-20T00:00:00.000Z, 3 d 0 h ago"),
            (facts(-DAY, DAY), expected(Some("10.0.0.8")), "for DCS-1.plant, 10.0.0.7, ::1 and not for 10.0.0.8"),
            (facts(-DAY, DAY), other, "the server calls itself urn:other"),
            (weak, expected(None), "1024 bits"),
        ] {
            let said = check(&facts, &expected, NOW).unwrap_err();
            assert!(said.contains(words), "{said}");
        }
        let expired = facts(-9 * DAY, -3 * DAY);
        assert_eq!(check(&expired, &Expected { time_check: false, ..expected(None) }, NOW), Ok(()));
    }

    #[test]
    fn the_end_is_told_thirty_days_before() {
        let ends = |days: i64| ends_soon("it", &facts(-99 * DAY, days * DAY), NOW);
        assert_eq!(ends(31), None);
        assert_eq!(ends(20).as_deref(), Some("it expires in 20 d 0 h, on 2026-12-13T00:00:00.000Z; renew it"));
        assert!(ends(-1).unwrap().starts_with("it expired 1 d 0 h ago"));
    }
}
