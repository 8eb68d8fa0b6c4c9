//! What a status of the connection means, in plain words with the measured figure. Pure.

use crate::{limits::opcua as bounds, opcua::session};
use opcua::types::StatusCode;

/// What is known of a connection when it fails.
#[derive(Clone, Debug, Default)]
pub(crate) struct Words {
    /// By how many milliseconds the server's clock is ahead of ours.
    pub(super) ahead_ms: i64,
    /// Who the gateway was, `an anonymous user`.
    pub(super) by: String,
    /// SHA-256 of the gateway's own certificate, where it showed one.
    pub(super) own: Option<String>,
}

impl Words {
    /// Says what to look at.
    pub(crate) fn of(&self, status: StatusCode) -> String {
        let known = match (status, &self.own) {
            (
                StatusCode::BadIdentityTokenRejected
                | StatusCode::BadIdentityTokenInvalid
                | StatusCode::BadUserAccessDenied,
                _,
            ) => format!("the server refuses {}", self.by),
            (StatusCode::BadSecurityPolicyRejected | StatusCode::BadSecurityModeRejected, Some(_)) => {
                "the server refuses the security policy or mode; allow it there, or change security and mode of the source"
                    .to_owned()
            }
            (status, Some(own)) if is_about_our_certificate(status) => format!(
                "the server refuses the security of this gateway, most often because its certificate is not trusted there; \
                 trust the certificate with the SHA-256 {} at the server, or look into its log",
                fingerprint(own)
            ),
            _ => return self.with_clock(session::words(status)),
        };
        self.with_clock(format!("{known} ({status})"))
    }

    /// Adds by how much the clocks differ, where that may be the cause.
    pub(super) fn with_clock(&self, reason: String) -> String {
        clock(self.ahead_ms).map_or(reason.clone(), |clock| format!("{reason}; {clock}"))
    }
}

/// What a server answers when it will not have our certificate: most say no more than that a check failed
/// (OPC 10000-4, 6.1.3).
fn is_about_our_certificate(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::BadSecurityChecksFailed
            | StatusCode::BadCertificateInvalid
            | StatusCode::BadCertificateUntrusted
            | StatusCode::BadCertificateTimeInvalid
            | StatusCode::BadCertificateIssuerTimeInvalid
            | StatusCode::BadCertificateUseNotAllowed
            | StatusCode::BadCertificateUriInvalid
            | StatusCode::BadCertificateHostNameInvalid
            | StatusCode::BadCertificatePolicyCheckFailed
            | StatusCode::BadCertificateRevoked
            | StatusCode::BadCertificateChainIncomplete
            | StatusCode::BadNoValidCertificates
            | StatusCode::BadApplicationSignatureInvalid
    )
}

/// How the server's clock stands to ours, where that is worth telling.
pub(crate) fn clock(ahead_ms: i64) -> Option<String> {
    if u128::from(ahead_ms.unsigned_abs()) < bounds::CLOCKS_DIFFER.as_millis() {
        return None;
    }
    let side = if ahead_ms > 0 { "ahead of" } else { "behind" };
    Some(format!("the server's clock is {} {side} this gateway's", span(ahead_ms)))
}

/// `3 d 4 h`, `2 h 3 min`, `5 min 6 s`, `7 s`, without sign.
#[must_use]
pub fn span(ms: i64) -> String {
    let seconds = ms.unsigned_abs().saturating_add(500) / 1_000;
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, _) => format!("{minutes} min {} s", seconds % 60),
        (0, _, _) => format!("{hours} h {minutes} min"),
        (_, _, _) => format!("{days} d {hours} h"),
    }
}

/// In pairs, as other products show it.
#[must_use]
pub fn fingerprint(hexadecimal: &str) -> String {
    let digits: Vec<char> = hexadecimal.to_uppercase().chars().collect();
    let pairs: Vec<String> = digits.chunks(2).map(|pair| pair.iter().collect()).collect();
    pairs.join(":")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_and_clocks() {
        for (ms, words) in
            [(7_000, "7 s"), (-306_000, "5 min 6 s"), (7_380_000, "2 h 3 min"), (-273_600_000, "3 d 4 h")]
        {
            assert_eq!(span(ms), words);
        }
        assert_eq!(clock(7_380_000).as_deref(), Some("the server's clock is 2 h 3 min ahead of this gateway's"));
        assert_eq!(clock(-7_380_000).as_deref(), Some("the server's clock is 2 h 3 min behind this gateway's"));
        assert_eq!(clock(999), None);
    }

    #[test]
    fn a_status_is_told_with_who_we_are_and_how_the_clocks_stand() {
        let words = Words { ahead_ms: 7_380_000, by: "the user operator".to_owned(), own: Some("ab".repeat(32)) };
        let said = words.of(StatusCode::BadUserAccessDenied);
        assert!(said.starts_with("the server refuses the user operator (BadUserAccessDenied)"), "{said}");
        let said = words.of(StatusCode::BadSecurityChecksFailed);
        assert!(said.contains("AB:AB") && said.ends_with("the server's clock is 2 h 3 min ahead of this gateway's"));
        assert!(words.of(StatusCode::BadTimeout).starts_with("timed out"));
        assert_eq!(Words::default().of(StatusCode::BadOutOfMemory), "BadOutOfMemory");
    }
}
