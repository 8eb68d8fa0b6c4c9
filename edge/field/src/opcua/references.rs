//! The references of nodes (Browse and BrowseNext).

use crate::{
    limits::opcua as bounds,
    opcua::{server::Server, session::words},
};
use futures::{StreamExt, pin_mut};
use opcua::{
    client::{
        Session,
        browser::{BrowseFilter, NoneBrowserPolicy},
    },
    types::{BrowseDirection, NodeId, ReferenceDescription, ReferenceTypeId, StatusCode},
};
use tokio_util::sync::CancellationToken;

/// What a server answered.
#[derive(Debug, Default)]
pub(crate) struct References {
    /// Nodes, each with one that it refers to.
    pub(crate) found: Vec<(NodeId, ReferenceDescription)>,
    /// Nodes that the server does not browse, with its status.
    pub(crate) refused: Vec<(NodeId, StatusCode)>,
}

/// The references of a kind from so many nodes, none of them twice, up to a number of references; the rest of the server's
/// answers is released.
///
/// # Errors
/// In words, when the server does not browse.
pub(crate) async fn references(
    session: &Session,
    server: &Server,
    nodes: Vec<NodeId>,
    kind: ReferenceTypeId,
    most: usize,
) -> Result<References, String> {
    let mut per_request = server.limits.nodes_per_browse.min(nodes.len()).max(1);
    loop {
        match once(session, nodes.clone(), kind, most, per_request).await {
            // A server that has a limit and does not tell it.
            Err(StatusCode::BadTooManyOperations) if per_request > 1 => per_request /= 2,
            told => return told.map_err(|status| format!("the server cannot be browsed: {}", words(status))),
        }
    }
}

async fn once(
    session: &Session,
    nodes: Vec<NodeId>,
    kind: ReferenceTypeId,
    most: usize,
    per_request: usize,
) -> Result<References, StatusCode> {
    let filter = BrowseFilter::new(BrowseDirection::Forward, kind, true);
    let token = CancellationToken::new();
    let browser = session.browser().handler(NoneBrowserPolicy).token(token.clone());
    let browser = browser.max_nodes_per_request(per_request).max_references_per_node(bounds::REFERENCES_PER_NODE);
    let stream = browser.run(nodes.into_iter().map(|node| filter.new_description_from_node(node)).collect());
    pin_mut!(stream);
    let mut references = References::default();
    while let Some(result) = stream.next().await {
        let result = result.map_err(|error| error.status())?;
        let status = result.status();
        let (parent, found) = result.into_results();
        if status.is_bad() {
            references.refused.push((parent, status));
        } else if references.found.len() < most {
            references.found.extend(found.into_iter().map(|reference| (parent.clone(), reference)));
        } else {
            token.cancel();
        }
    }
    Ok(references)
}
