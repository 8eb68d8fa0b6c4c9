//! How a server may be connected to, asked before anybody is sure who it is: nothing that it says is believed, and only what
//! is asked for later can come true.

use crate::{
    Security, Shown,
    limits::opcua as bounds,
    opcua::{
        security::{Way, clock, span, way},
        session::{self, Found},
    },
};
use davy_config::{OpcUaPolicy, OpcUaSecured, OpcUaSecurity, OpcUaSecurityMode, OpcUaSource};
use davy_core::time::UtcTime;
use opcua::types::UserTokenType;

/// What a server offers.
#[derive(Clone, Debug)]
pub struct Offers {
    /// The ways to connect, in the server's order.
    pub all: Vec<Offer>,
    found: Found,
}

/// A way to connect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// `Basic256Sha256 SignAndEncrypt`.
    pub name: String,
    /// As it is configured; `None` for what the gateway does not speak, such as a withdrawn policy.
    pub security: Option<OpcUaSecurity>,
    /// Whom it lets in.
    pub users: Vec<User>,
}

/// Who is let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum User {
    /// Anybody.
    Anonymous,
    /// A user with a password.
    Password,
    /// A user with a certificate.
    Certificate,
}

impl Offers {
    /// Asks a server, which needs no certificate.
    ///
    /// # Errors
    /// In words: unreachable, or no answer in time.
    pub async fn ask(place: &str, utc: fn() -> UtcTime) -> Result<Self, String> {
        let found = session::found(place, utc).await?;
        let all = found.endpoints.iter().take(bounds::ENDPOINTS_NAMED_MAX).map(|endpoint| offer(way(endpoint)));
        Ok(Self { all: all.collect(), found })
    }

    /// The strongest way with certificates that lets such a user in: encrypted before signed only, and of those the newer policy
    /// (OPC 10000-7, 6.6). `None` where there is none; a way without security is never taken by itself.
    #[must_use]
    pub fn strongest(&self, user: User) -> Option<OpcUaSecured> {
        let fitting = self.all.iter().filter(|offer| offer.users.contains(&user));
        let secured = fitting.filter_map(|offer| match offer.security {
            Some(OpcUaSecurity::Secured(secured)) => Some(secured),
            Some(OpcUaSecurity::None) | None => None,
        });
        secured.max_by_key(|secured| rank(*secured))
    }

    /// How the server's clock stands to this gateway's.
    #[must_use]
    pub fn clock(&self) -> String {
        let agrees = || format!("agrees with this gateway's (they are {} apart)", span(self.found.ahead_ms));
        clock(self.found.ahead_ms).unwrap_or_else(agrees)
    }

    /// The certificate that the server shows for the security of a source; `None` where none is needed. One that nobody has
    /// trusted is listed for a decision.
    ///
    /// # Errors
    /// In words: no such endpoint, no certificate, a folder that cannot be written.
    pub fn certificate(&self, config: &OpcUaSource, security: &Security) -> Result<Option<Shown>, String> {
        security.shown(config, &config.endpoint, self.found.endpoints.clone())
    }

    /// The certificate that the server shows for such a security, whoever logs in. One that nobody has trusted is listed for a
    /// decision.
    ///
    /// # Errors
    /// In words: no certificate, a folder that cannot be written.
    pub fn certificate_for(&self, place: &str, secured: OpcUaSecured, security: &Security) -> Result<Shown, String> {
        security.shown_for(secured, place, self.found.endpoints.clone())
    }
}

fn offer(Way { name, security, users }: Way) -> Offer {
    let user = |kind| match kind {
        UserTokenType::Anonymous => Some(User::Anonymous),
        UserTokenType::UserName => Some(User::Password),
        UserTokenType::Certificate => Some(User::Certificate),
        UserTokenType::IssuedToken => None,
    };
    Offer { name, security, users: users.into_iter().filter_map(user).collect() }
}

fn rank(secured: OpcUaSecured) -> (u8, u8) {
    let mode = match secured.mode {
        OpcUaSecurityMode::Sign => 0,
        OpcUaSecurityMode::SignAndEncrypt => 1,
    };
    let policy = match secured.policy {
        OpcUaPolicy::Basic256Sha256 => 0,
        OpcUaPolicy::Aes128Sha256RsaOaep => 1,
        OpcUaPolicy::Aes256Sha256RsaPss => 2,
    };
    (mode, policy)
}

#[cfg(test)]
mod tests {
    use super::*;
    use opcua::{
        crypto::SecurityPolicy,
        types::{EndpointDescription, MessageSecurityMode, UserTokenPolicy},
    };

    fn offers(endpoints: &[(SecurityPolicy, MessageSecurityMode, &[UserTokenType])]) -> Offers {
        let endpoint = |(policy, mode, users): &(SecurityPolicy, MessageSecurityMode, &[UserTokenType])| {
            let token = |kind: &UserTokenType| UserTokenPolicy { token_type: *kind, ..UserTokenPolicy::anonymous() };
            EndpointDescription {
                security_policy_uri: policy.to_uri().into(),
                security_mode: *mode,
                user_identity_tokens: Some(users.iter().map(token).collect()),
                ..EndpointDescription::default()
            }
        };
        let endpoints: Vec<_> = endpoints.iter().map(endpoint).collect();
        Offers {
            all: endpoints.iter().map(|endpoint| offer(way(endpoint))).collect(),
            found: Found { endpoints, ahead_ms: 0 },
        }
    }

    #[test]
    fn the_strongest_is_taken_and_nothing_without_certificates() {
        use MessageSecurityMode as Mode;
        use SecurityPolicy as Policy;
        const ANYBODY: &[UserTokenType] = &[UserTokenType::Anonymous];
        const PASSWORD: &[UserTokenType] = &[UserTokenType::UserName];
        let open = (Policy::None, Mode::None, ANYBODY);
        let withdrawn = (Policy::Basic256, Mode::SignAndEncrypt, ANYBODY);
        let signed = (Policy::Aes256Sha256RsaPss, Mode::Sign, ANYBODY);
        let old = (Policy::Basic256Sha256, Mode::SignAndEncrypt, ANYBODY);
        let newest = (Policy::Aes256Sha256RsaPss, Mode::SignAndEncrypt, PASSWORD);
        for (offered, user, expected) in [
            (&[open, withdrawn][..], User::Anonymous, None),
            (&[signed, open], User::Anonymous, Some((OpcUaPolicy::Aes256Sha256RsaPss, OpcUaSecurityMode::Sign))),
            (
                &[signed, old, open],
                User::Anonymous,
                Some((OpcUaPolicy::Basic256Sha256, OpcUaSecurityMode::SignAndEncrypt)),
            ),
            (&[newest, old], User::Anonymous, Some((OpcUaPolicy::Basic256Sha256, OpcUaSecurityMode::SignAndEncrypt))),
            (
                &[old, newest],
                User::Password,
                Some((OpcUaPolicy::Aes256Sha256RsaPss, OpcUaSecurityMode::SignAndEncrypt)),
            ),
            (&[old, newest], User::Certificate, None),
        ] {
            let strongest = offers(offered).strongest(user).map(|secured| (secured.policy, secured.mode));
            assert_eq!(strongest, expected, "{offered:?} for {user:?}");
        }
        let names: Vec<_> =
            offers(&[open, withdrawn]).all.into_iter().map(|offer| (offer.name, offer.security)).collect();
        assert_eq!(
            names,
            [("None".to_owned(), Some(OpcUaSecurity::None)), ("Basic256 SignAndEncrypt".to_owned(), None)]
        );
    }
}
