//! Who the gateway is to the server.

use davy_config::{ClientCertificate, Credentials, OpcUaIdentity};
use opcua::{
    client::IdentityToken,
    crypto::{PrivateKey, X509},
    types::UserTokenType,
};

/// A user as the library wants it.
#[derive(Clone, Debug)]
pub(super) struct Credential {
    pub(super) token: IdentityToken,
}

impl Credential {
    /// # Errors
    /// In words, when certificate or key cannot be read.
    pub(super) fn of(identity: &OpcUaIdentity) -> Result<Self, String> {
        let token = match identity {
            OpcUaIdentity::Anonymous => IdentityToken::Anonymous,
            OpcUaIdentity::User(Credentials { user, password }) => {
                IdentityToken::new_user_name(user.as_str(), password.0.as_str())
            }
            OpcUaIdentity::Certificate(ClientCertificate { certificate_pem, key_pem }) => {
                let certificate = X509::from_pem(certificate_pem)
                    .map_err(|_| "user_certificate_file cannot be read; name a PEM file with one X.509 certificate")?;
                let key = PrivateKey::from_pem(key_pem.0.as_bytes())
                    .map_err(|_| "user_key_file cannot be read; name a PEM file with an RSA key, not encrypted")?;
                IdentityToken::new_x509(certificate, key)
            }
        };
        Ok(Self { token })
    }

    pub(super) fn kind(&self) -> UserTokenType {
        match self.token {
            IdentityToken::Anonymous => UserTokenType::Anonymous,
            IdentityToken::UserName(..) => UserTokenType::UserName,
            IdentityToken::X509(..) => UserTokenType::Certificate,
            IdentityToken::IssuedToken(_) => UserTokenType::IssuedToken,
        }
    }

    pub(super) fn is_password(&self) -> bool {
        self.kind() == UserTokenType::UserName
    }

    pub(super) fn is_certificate(&self) -> bool {
        self.kind() == UserTokenType::Certificate
    }

    /// Who was refused, and what to do.
    pub(super) fn words(&self) -> String {
        match &self.token {
            IdentityToken::UserName(user, _) => {
                format!(
                    "the user {user} or the password; correct user and password of the source, or the account there"
                )
            }
            IdentityToken::X509(..) => "the user certificate; trust it at the server, or give another one".to_owned(),
            IdentityToken::Anonymous | IdentityToken::IssuedToken(_) => {
                "an anonymous user; allow one that may only read, or give the source a user".to_owned()
            }
        }
    }

    /// What is said when the endpoint has no way in for such a user.
    pub(super) fn not_taken(&self) -> &'static str {
        match self.token {
            IdentityToken::UserName(..) => {
                "the server takes no user with a password here; allow one that may only read"
            }
            IdentityToken::X509(..) => "the server takes no user with a certificate here; allow one that may only read",
            IdentityToken::Anonymous | IdentityToken::IssuedToken(_) => {
                "the server takes no anonymous user; allow one that may only read"
            }
        }
    }

    #[cfg(test)]
    pub(super) fn user(user: &str, password: &str) -> Self {
        Self { token: IdentityToken::new_user_name(user, password) }
    }
}
