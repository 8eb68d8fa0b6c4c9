//! What an OPC UA source is.

use davy_core::id::{SourceIx, TagIx};

/// An OPC UA server, read by subscription.
#[derive(Clone, Debug)]
pub struct OpcUaSource {
    /// Its place in `site.sources`.
    pub source: SourceIx,
    /// `opc.tcp://host:port/path`; connected to as written, whatever the server advertises.
    pub endpoint: String,
    /// The security policy. There is no fall-back to a weaker one.
    pub security: OpcUaSecurity,
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
    /// Policy None, anonymous: said on purpose, for a network that is separated otherwise.
    None,
}

/// A monitored item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpcUaItem {
    /// The tag.
    pub tag: TagIx,
    /// `ns=2;s=…`, `ns=2;i=…`; its syntax has been checked.
    pub node: String,
}
