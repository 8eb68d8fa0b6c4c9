//! What outlives a session, which begins from scratch otherwise.

use crate::opcua::{convert, gaps::Gaps, wanted::Wanted};
use davy_config::OpcUaSource;
use davy_core::time::UtcTime;
use std::sync::Arc;

/// What outlives a session.
pub(crate) struct Kept {
    pub(crate) wanted: Arc<Wanted>,
    /// `None` when the source's history is not to be asked.
    pub(crate) gaps: Option<Gaps>,
    /// The NamespaceArray of the first session.
    pub(crate) namespaces: Vec<String>,
}

impl Kept {
    /// What was not heard since `heard_until` is missing like what comes to be missed later.
    pub(crate) fn new(config: &OpcUaSource, heard_until: Option<UtcTime>) -> Self {
        let wanted = Arc::new(Wanted::new(config));
        let gaps = config.history.then(|| match heard_until {
            Some(until) => Gaps::since(wanted.len(), convert::ticks_of(until)),
            None => Gaps::new(wanted.len()),
        });
        Self { wanted, gaps, namespaces: Vec::new() }
    }
}
