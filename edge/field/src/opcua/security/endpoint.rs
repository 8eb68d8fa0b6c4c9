//! The endpoint with the configured security, and the way in which it lets the configured user in. Pure.
//!
//! The list of endpoints comes over a connection without security, so that nothing in it is believed but what the
//! configuration asks for: who changes it on the way can keep the gateway out, and no more.

use super::{certificate::plain, identity::Credential};
use crate::limits::opcua as bounds;
use davy_config::{OpcUaPolicy, OpcUaSecured, OpcUaSecurity, OpcUaSecurityMode};
use opcua::{
    crypto::SecurityPolicy,
    types::{EndpointDescription, MessageSecurityMode, UserTokenPolicy, UserTokenType},
};

/// The endpoint to connect to, with a single user token policy; never one with less security.
///
/// # Errors
/// In words that say what to do.
pub(super) fn choose(
    security: OpcUaSecurity,
    credential: &Credential,
    offered: Vec<EndpointDescription>,
) -> Result<EndpointDescription, String> {
    let (policy, mode) = wanted(security);
    let names: Vec<String> = offered.iter().take(bounds::ENDPOINTS_NAMED_MAX).map(name).collect();
    let fits = |endpoint: &EndpointDescription| {
        endpoint.security_mode == mode && endpoint.security_policy_uri.as_ref() == policy.to_uri()
    };
    let fitting: Vec<_> = offered.into_iter().filter(fits).collect();
    if fitting.is_empty() {
        let names = if names.is_empty() { "nothing".to_owned() } else { names.join(", ") };
        return Err(match security {
            OpcUaSecurity::None => format!(
                "the server offers no connection without security but {names}; allow it there, or configure the source's security \
                 (`davy source add` looks at what is offered and takes the strongest)"
            ),
            OpcUaSecurity::Secured(_) => format!(
                "the server does not offer {policy} {mode} but {names}; allow it there, or change security and mode of the \
                 source: the gateway takes no other by itself"
            ),
        });
    }
    let mut reason = String::new();
    for mut endpoint in fitting {
        match token(&endpoint, policy, credential) {
            Ok(token) => {
                endpoint.user_identity_tokens = Some(vec![token]);
                return Ok(endpoint);
            }
            Err(why) => reason = why,
        }
    }
    Err(reason)
}

/// What the library calls a policy.
pub(super) fn policy(policy: OpcUaPolicy) -> SecurityPolicy {
    match policy {
        OpcUaPolicy::Basic256Sha256 => SecurityPolicy::Basic256Sha256,
        OpcUaPolicy::Aes128Sha256RsaOaep => SecurityPolicy::Aes128Sha256RsaOaep,
        OpcUaPolicy::Aes256Sha256RsaPss => SecurityPolicy::Aes256Sha256RsaPss,
    }
}

fn wanted(security: OpcUaSecurity) -> (SecurityPolicy, MessageSecurityMode) {
    match security {
        OpcUaSecurity::None => (SecurityPolicy::None, MessageSecurityMode::None),
        OpcUaSecurity::Secured(OpcUaSecured { policy: named, mode, .. }) => (
            policy(named),
            match mode {
                OpcUaSecurityMode::Sign => MessageSecurityMode::Sign,
                OpcUaSecurityMode::SignAndEncrypt => MessageSecurityMode::SignAndEncrypt,
            },
        ),
    }
}

/// The way in for the user, with its own policy written out: an empty one means that of the channel
/// (OPC 10000-4, 7.42), which the library forgets for certificates.
fn token(
    endpoint: &EndpointDescription,
    channel: SecurityPolicy,
    credential: &Credential,
) -> Result<UserTokenPolicy, String> {
    let kind = credential.kind();
    let given = endpoint.user_identity_tokens.iter().flatten();
    let tokens: Vec<_> = given.filter(|token| token.token_type == kind).cloned().collect();
    if tokens.is_empty() && kind == UserTokenType::Anonymous && endpoint.user_identity_tokens.is_none() {
        return Ok(UserTokenPolicy::anonymous());
    }
    if tokens.is_empty() {
        return Err(credential.not_taken().to_owned());
    }
    let filled = tokens.into_iter().map(|token| match token.security_policy_uri.is_empty() {
        true => UserTokenPolicy { security_policy_uri: channel.to_uri().into(), ..token },
        false => token,
    });
    filled.into_iter().find(|token| is_safe(token, endpoint.security_mode, credential)).ok_or_else(|| match credential
        .is_password()
    {
        true => "the server would take the password unencrypted, so it is not sent; set security = \"Basic256Sha256\" \
                     (with mode = \"SignAndEncrypt\"), or a policy for user names at the server"
            .to_owned(),
        false => {
            "the server asks for no proof that the user certificate is ours; set security = \"Basic256Sha256\", or \
                      a policy for user certificates at the server"
                .to_owned()
        }
    })
}

/// A password is encrypted, by the channel or for the server's key, and a certificate is proved by a signature.
fn is_safe(token: &UserTokenPolicy, mode: MessageSecurityMode, credential: &Credential) -> bool {
    let strong = matches!(
        SecurityPolicy::from_uri(token.security_policy_uri.as_ref()),
        SecurityPolicy::Basic256Sha256 | SecurityPolicy::Aes128Sha256RsaOaep | SecurityPolicy::Aes256Sha256RsaPss
    );
    match credential.kind() {
        UserTokenType::UserName => {
            let none = SecurityPolicy::from_uri(token.security_policy_uri.as_ref()) == SecurityPolicy::None;
            strong || (none && mode == MessageSecurityMode::SignAndEncrypt)
        }
        UserTokenType::Certificate => strong,
        UserTokenType::Anonymous | UserTokenType::IssuedToken => true,
    }
}

/// A way to connect that a server offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Way {
    /// `Basic256Sha256 SignAndEncrypt`.
    pub(crate) name: String,
    /// As it is configured; `None` for a policy that is withdrawn or unknown, which the gateway does not speak.
    pub(crate) security: Option<OpcUaSecurity>,
    /// Whom it lets in.
    pub(crate) users: Vec<UserTokenType>,
}

/// What an endpoint offers.
pub(crate) fn way(endpoint: &EndpointDescription) -> Way {
    let named = SecurityPolicy::from_uri(endpoint.security_policy_uri.as_ref());
    let named = [OpcUaPolicy::Basic256Sha256, OpcUaPolicy::Aes128Sha256RsaOaep, OpcUaPolicy::Aes256Sha256RsaPss]
        .into_iter()
        .find(|known| policy(*known) == named);
    let mode = match endpoint.security_mode {
        MessageSecurityMode::Sign => Some(OpcUaSecurityMode::Sign),
        MessageSecurityMode::SignAndEncrypt => Some(OpcUaSecurityMode::SignAndEncrypt),
        MessageSecurityMode::None | MessageSecurityMode::Invalid => None,
    };
    let is_open = endpoint.security_policy_uri.as_ref() == SecurityPolicy::None.to_uri();
    let security = match (named, mode) {
        (Some(policy), Some(mode)) => {
            Some(OpcUaSecurity::Secured(OpcUaSecured { policy, mode, host_check: true, time_check: true }))
        }
        (None, None) if is_open => Some(OpcUaSecurity::None),
        _ => None,
    };
    let name = if security == Some(OpcUaSecurity::None) { "None".to_owned() } else { name(endpoint) };
    let mut users: Vec<_> = endpoint.user_identity_tokens.iter().flatten().map(|token| token.token_type).collect();
    users.dedup();
    if endpoint.user_identity_tokens.is_none() {
        users.push(UserTokenType::Anonymous);
    }
    Way { name, security, users }
}

fn name(endpoint: &EndpointDescription) -> String {
    let policy = endpoint.security_policy_uri.as_ref();
    let policy = policy.rsplit('#').next().unwrap_or(policy);
    format!("{} {}", plain(policy), endpoint.security_mode)
}

#[cfg(test)]
mod tests {
    use super::*;
    use davy_config::OpcUaIdentity;

    fn endpoint(policy: SecurityPolicy, mode: MessageSecurityMode, tokens: &[UserTokenPolicy]) -> EndpointDescription {
        EndpointDescription {
            security_policy_uri: policy.to_uri().into(),
            security_mode: mode,
            user_identity_tokens: Some(tokens.to_vec()),
            ..EndpointDescription::default()
        }
    }

    fn token(kind: UserTokenType, policy: Option<SecurityPolicy>) -> UserTokenPolicy {
        let uri = policy.map_or("", |policy| policy.to_uri());
        UserTokenPolicy { token_type: kind, security_policy_uri: uri.into(), ..UserTokenPolicy::anonymous() }
    }

    fn secured(mode: OpcUaSecurityMode) -> OpcUaSecurity {
        let policy = OpcUaPolicy::Basic256Sha256;
        OpcUaSecurity::Secured(OpcUaSecured { policy, mode, host_check: true, time_check: true })
    }

    fn anonymous() -> Credential {
        Credential::of(&OpcUaIdentity::Anonymous).unwrap()
    }

    #[test]
    fn the_configured_endpoint_is_taken_and_no_other() {
        let anyone = [token(UserTokenType::Anonymous, None)];
        let named = [token(UserTokenType::UserName, None)];
        let none = |tokens| endpoint(SecurityPolicy::None, MessageSecurityMode::None, tokens);
        let strong = |mode| endpoint(SecurityPolicy::Basic256Sha256, mode, &anyone);
        let choose = |security, offered: &[EndpointDescription]| choose(security, &anonymous(), offered.to_vec());

        let all = [
            strong(MessageSecurityMode::Sign),
            none(&named),
            none(&anyone),
            strong(MessageSecurityMode::SignAndEncrypt),
            endpoint(SecurityPolicy::Aes256Sha256RsaPss, MessageSecurityMode::SignAndEncrypt, &anyone),
        ];
        for (security, expected) in [
            (OpcUaSecurity::None, &all[2]),
            (secured(OpcUaSecurityMode::Sign), &all[0]),
            (secured(OpcUaSecurityMode::SignAndEncrypt), &all[3]),
        ] {
            let chosen = choose(security, &all).unwrap();
            assert_eq!(name(&chosen), name(expected));
        }
        for (security, offered, words) in [
            (OpcUaSecurity::None, vec![all[0].clone()], "Basic256Sha256 Sign"),
            (OpcUaSecurity::None, vec![all[1].clone()], "takes no anonymous user"),
            (
                secured(OpcUaSecurityMode::SignAndEncrypt),
                vec![all[0].clone(), all[2].clone()],
                "takes no other by itself",
            ),
            (secured(OpcUaSecurityMode::Sign), vec![all[3].clone()], "Basic256Sha256 SignAndEncrypt"),
            (secured(OpcUaSecurityMode::Sign), vec![], "nothing"),
        ] {
            let refused = choose(security, &offered).unwrap_err();
            assert!(refused.contains(words), "{refused}");
        }
    }

    #[test]
    fn a_password_goes_out_encrypted_or_not_at_all() {
        use MessageSecurityMode as Mode;
        use SecurityPolicy as Policy;
        let user = Credential::user("operator", "secret");
        let strong = Some(Policy::Aes128Sha256RsaOaep);
        for (channel, mode, of_token, safe) in [
            (Policy::None, Mode::None, None, false),
            (Policy::None, Mode::None, Some(Policy::None), false),
            (Policy::None, Mode::None, Some(Policy::Basic128Rsa15), false),
            (Policy::None, Mode::None, strong, true),
            (Policy::Basic256Sha256, Mode::Sign, Some(Policy::None), false),
            (Policy::Basic256Sha256, Mode::Sign, None, true),
            (Policy::Basic256Sha256, Mode::SignAndEncrypt, Some(Policy::None), true),
            (Policy::Basic256Sha256, Mode::SignAndEncrypt, None, true),
        ] {
            let offered = endpoint(channel, mode, &[token(UserTokenType::UserName, of_token)]);
            let chosen = super::token(&offered, channel, &user);
            assert_eq!(chosen.is_ok(), safe, "{channel} {mode} {of_token:?}: {chosen:?}");
        }
    }
}
