//! What outlives a session, which begins from scratch otherwise.

use crate::opcua::{gaps::Gaps, wanted::Wanted};
use davy_config::OpcUaSource;
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
    pub(crate) fn new(config: &OpcUaSource) -> Self {
        let wanted = Arc::new(Wanted::new(config));
        let gaps = config.history.then(|| Gaps::new(wanted.len()));
        Self { wanted, gaps, namespaces: Vec::new() }
    }
}
