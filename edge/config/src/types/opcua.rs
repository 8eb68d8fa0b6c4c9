//! What an OPC UA source is.

use crate::types::{ClientCertificate, Credentials};
use davy_core::id::{SourceIx, TagIx};

/// An OPC UA server, or several that show the same address space.
#[derive(Clone, Debug, PartialEq)]
pub struct OpcUaSource {
    /// Its place in `site.sources`.
    pub source: SourceIx,
    /// `opc.tcp://host:port/path`; connected to as written, whatever the server advertises.
    pub endpoint: String,
    /// Further servers with the same nodes, written like `endpoint`, tried in turn.
    pub backup: Vec<String>,
    /// Below this ServiceLevel a server is degraded and another of the list is looked for: 200 is where "healthy" begins
    /// (OPC 10000-4, 6.6.2.4.2).
    pub service_level_min: u8,
    /// The security of the connection. There is no fall-back to a weaker one.
    pub security: OpcUaSecurity,
    /// Who the gateway is to the server.
    pub identity: OpcUaIdentity,
    /// How values are come by.
    pub mode: OpcUaMode,
    /// Publishing interval asked for.
    pub publishing_interval_ms: u32,
    /// Sampling interval asked for.
    pub sampling_interval_ms: u32,
    /// Queue of each item on the server; more than one, so that a short excursion between two publishes is seen.
    pub queue_size: u32,
    /// Whether a gap is filled from the server's history.
    pub history: bool,
    /// What to read.
    pub items: Vec<OpcUaItem>,
}

impl OpcUaSource {
    /// A server with every default and nothing to read.
    #[must_use]
    pub fn new(source: SourceIx, endpoint: String) -> Self {
        let publishing_interval_ms = u32::try_from(crate::defaults::PUBLISHING_INTERVAL_MS).unwrap_or(u32::MAX);
        Self {
            source,
            endpoint,
            backup: Vec::new(),
            service_level_min: crate::defaults::SERVICE_LEVEL_MIN,
            security: OpcUaSecurity::None,
            identity: OpcUaIdentity::Anonymous,
            mode: OpcUaMode::Subscribe,
            publishing_interval_ms,
            sampling_interval_ms: publishing_interval_ms / 2,
            queue_size: u32::try_from(crate::defaults::QUEUE_SIZE).unwrap_or(u32::MAX),
            history: false,
            items: Vec::new(),
        }
    }
}

/// How values are come by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpcUaMode {
    /// The server sends what has changed.
    Subscribe,
    /// Everything is read again and again: for a server without subscriptions.
    Poll {
        /// From the beginning of one round to that of the next.
        interval_ms: u32,
    },
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
#[derive(Clone, Debug, Default, PartialEq)]
pub enum OpcUaIdentity {
    /// Nobody in particular.
    #[default]
    Anonymous,
    /// A user with a password.
    User(Credentials),
    /// A user with a certificate (OPC 10000-4, 7.40.5).
    Certificate(ClientCertificate),
}

/// What is read for a tag.
#[derive(Clone, Debug, PartialEq)]
pub struct OpcUaItem {
    /// The tag.
    pub tag: TagIx,
    /// `nsu=http://vendor/plant;s=…` or `ns=2;s=…`, with `i`, `g` or `b` instead of `s`; or `alarm(<node>)/<name>` for an
    /// alarm condition, see [`crate::opcua_condition`]. Its syntax has been checked.
    pub node: String,
    /// How much a value must change before the server sends it; `None` for every change, and for an alarm condition.
    pub deadband: Option<OpcUaDeadband>,
}

/// A deadband filter (OPC 10000-4, 7.22.2).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum OpcUaDeadband {
    /// In the tag's own unit, above 0.
    Absolute(f64),
    /// Of the node's EURange, above 0 and at most 100 (OPC 10000-8, 6.2).
    Percent(f64),
}
