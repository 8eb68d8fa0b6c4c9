//! What an OPC UA source is.

use crate::types::{Credentials, Secret};
use davy_core::id::{SourceIx, TagIx};

/// An OPC UA server, read by subscription.
#[derive(Clone, Debug)]
pub struct OpcUaSource {
    /// Its place in `site.sources`.
    pub source: SourceIx,
    /// `opc.tcp://host:port/path`; connected to as written, whatever the server advertises.
    pub endpoint: String,
    /// The security of the connection. There is no fall-back to a weaker one.
    pub security: OpcUaSecurity,
    /// Who the gateway is to the server.
    pub identity: OpcUaIdentity,
    /// Publishing interval asked for.
    pub publishing_interval_ms: u32,
    /// Sampling interval asked for.
    pub sampling_interval_ms: u32,
    /// Queue of each item on the server; more than one, so that a short excursion between two publishes is seen.
    pub queue_size: u32,
    /// What to read.
    pub items: Vec<OpcUaItem>,
}

/// The security of an OPC UA connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpcUaSecurity {
    /// Policy None: neither signed nor encrypted, said on purpose, for a network that is separated otherwise.
    None,
    /// Certificates on both sides; the server's must be trusted by a person.
    Secured(OpcUaSecured),
}

/// A connection with certificates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpcUaSecured {
    /// The algorithms.
    pub policy: OpcUaPolicy,
    /// What is done to each message.
    pub mode: OpcUaSecurityMode,
    /// Whether the server's certificate must name the host of the endpoint (OPC 10000-4, table 100, Host Name).
    pub host_check: bool,
    /// Whether the server's certificate must be valid today (the same table, Validity Period).
    pub time_check: bool,
}

/// A security policy of OPC 10000-7 that is not withdrawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpcUaPolicy {
    /// Basic256Sha256.
    Basic256Sha256,
    /// Aes128_Sha256_RsaOaep.
    Aes128Sha256RsaOaep,
    /// Aes256_Sha256_RsaPss.
    Aes256Sha256RsaPss,
}

/// A message security mode of OPC 10000-4, 7.20.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpcUaSecurityMode {
    /// Messages cannot be changed on the way; whoever listens can read them.
    Sign,
    /// Nor can they be read.
    SignAndEncrypt,
}

/// Who the gateway is to an OPC UA server.
#[derive(Clone, Debug, Default)]
pub enum OpcUaIdentity {
    /// Nobody in particular.
    #[default]
    Anonymous,
    /// A user with a password.
    User(Credentials),
    /// A user with a certificate (OPC 10000-4, 7.40.5).
    Certificate {
        /// The certificate, PEM.
        certificate_pem: Vec<u8>,
        /// Its private key, PEM.
        key_pem: Secret,
    },
}

/// A monitored item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpcUaItem {
    /// The tag.
    pub tag: TagIx,
    /// `ns=2;s=…`, `ns=2;i=…`; its syntax has been checked.
    pub node: String,
}
