//! Which certificates a secured connection to a broker rests on, so that their end is told before it comes.
//!
//! Whether a broker's certificate will do is judged by the library, as without this; here it is only seen.

use crate::opcua::security::Security;
use davy_config::Broker;
use rumqttc::{
    TlsConfiguration,
    tokio_rustls::rustls::{
        ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
        client::{
            WebPkiServerVerifier,
            danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        },
        crypto::ring,
        pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime, pem::PemObject},
    },
};
use std::sync::Arc;

/// The TLS of a broker whose certificate is seen; `None` where it has none, or where its files are such that the library has to say
/// what is wrong with them.
pub(super) fn tls(broker: &Broker, security: &Security) -> Option<TlsConfiguration> {
    let mut roots = RootCertStore::empty();
    let authorities = CertificateDer::pem_slice_iter(broker.ca_pem.as_deref()?).filter_map(Result::ok);
    roots.add_parsable_certificates(authorities);
    let provider = Arc::new(ring::default_provider());
    let judge = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)).build().ok()?;
    let (own, key) = match broker.client_pem() {
        None => (Vec::new(), None),
        Some((chain, key)) => (
            CertificateDer::pem_slice_iter(&chain).collect::<Result<Vec<_>, _>>().ok()?,
            Some(PrivateKeyDer::from_pem_slice(&key).ok()?),
        ),
    };
    let seen = Seen { judge, own: own.first().cloned(), security: security.clone() };
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().ok()?;
    let config = config.dangerous().with_custom_certificate_verifier(Arc::new(seen));
    Some(TlsConfiguration::Rustls(Arc::new(match key {
        None => config.with_no_client_auth(),
        Some(key) => config.with_client_auth_cert(own, key).ok()?,
    })))
}

/// Hands every question on to the library's own judge.
#[derive(Debug)]
struct Seen {
    judge: Arc<WebPkiServerVerifier>,
    own: Option<CertificateDer<'static>>,
    security: Security,
}

impl ServerCertVerifier for Seen {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let judged = self.judge.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)?;
        self.security.rests_on(std::iter::once(end_entity).chain(&self.own).map(AsRef::as_ref));
        Ok(judged)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.judge.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.judge.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.judge.supported_verify_schemes()
    }
}
