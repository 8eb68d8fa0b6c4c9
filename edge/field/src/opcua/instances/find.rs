//! Finds the instances of conditions from their sources: Browse, and TranslateBrowsePathsToNodeIds for their parts.

use super::{Absent, Instance, Look, NAME, PART_COUNT, PARTS};
use crate::{
    limits::opcua as bounds,
    opcua::{
        references::references,
        server::{self, Server},
        session::words,
    },
};
use opcua::{
    client::Session,
    types::{
        BrowsePath, BrowsePathResult, NodeId, ReferenceDescription, ReferenceTypeId, RelativePath, RelativePathElement,
        StatusCode, Variant,
    },
};
use std::collections::{HashMap, HashSet};

/// A condition of a source that is looked at.
struct Candidate {
    source: NodeId,
    instance: Instance,
    /// Its ConditionName, by which its events go; where it has none, its own names.
    names: Vec<String>,
}

/// Looks for the instances of those that are lost.
pub(super) async fn find(session: &Session, server: &Server, looks: &mut [Look], lost: &[usize]) -> Result<(), String> {
    let sources: HashSet<NodeId> = lost.iter().filter_map(|at| looks[*at].source.clone()).collect();
    let names: HashSet<String> = lost.iter().map(|at| looks[*at].name.clone()).collect();
    let (candidates, refused) = candidates(session, server, sources, &names).await?;
    for at in lost {
        let look = &mut looks[*at];
        let Some(source) = &look.source else {
            look.found = Err(Absent::Namespace);
            continue;
        };
        let here = || candidates.iter().filter(|candidate| candidate.source == *source);
        let named = here().find(|candidate| candidate.names.contains(&look.name));
        look.instance = named.map(|candidate| candidate.instance.clone());
        look.found = Err(match refused.get(source) {
            Some(status) => Absent::Source(*status),
            None => Absent::Name(
                here().filter_map(|candidate| shown(candidate.names.first()?)).take(bounds::CONDITIONS_NAMED).collect(),
            ),
        });
    }
    Ok(())
}

/// The conditions of sources, and the sources that the server does not browse.
async fn candidates(
    session: &Session,
    server: &Server,
    sources: HashSet<NodeId>,
    names: &HashSet<String>,
) -> Result<(Vec<Candidate>, HashMap<NodeId, StatusCode>), String> {
    if sources.is_empty() {
        return Ok((Vec::new(), HashMap::new()));
    }
    let sources: Vec<NodeId> = sources.into_iter().collect();
    let most = bounds::CONDITION_REFERENCES_MAX;
    let conditions = references(session, server, sources.clone(), ReferenceTypeId::HasCondition, most).await?;
    let components = references(session, server, sources, ReferenceTypeId::HasComponent, most).await?;
    // A source may have many components that are no conditions.
    let components =
        components.found.into_iter().filter(|(_, node)| names_of(node).iter().any(|name| names.contains(name)));
    let nodes = conditions.found.into_iter().chain(components);
    let nodes: Vec<_> = nodes.filter(|(_, node)| node.node_id.server_index == 0).collect();
    let paths: Vec<BrowsePath> = nodes.iter().flat_map(|(_, node)| paths(&node.node_id.node_id)).collect();
    let mut parts = translate(session, paths).await?.into_iter();
    let mut candidates = Vec::new();
    for (source, node) in nodes {
        let instance = Instance(std::array::from_fn(|_| parts.next().flatten()));
        // Without an ActiveState it is a condition that cannot be active, or none at all.
        if instance.0[0].is_some() {
            candidates.push(Candidate { source, instance, names: names_of(&node) });
        }
    }
    name(session, server, &mut candidates).await?;
    Ok((candidates, conditions.refused.into_iter().collect()))
}

/// Reads the ConditionName of those that have one.
async fn name(session: &Session, server: &Server, candidates: &mut [Candidate]) -> Result<(), String> {
    let named: Vec<&mut Candidate> =
        candidates.iter_mut().filter(|candidate| candidate.instance.0[NAME].is_some()).collect();
    let nodes = named.iter().filter_map(|candidate| candidate.instance.0[NAME].clone()).collect();
    let told = server::read(session, nodes, server.limits.nodes_per_read).await?;
    for (candidate, told) in named.into_iter().zip(told) {
        if let Some(Variant::String(name)) = told.value
            && !name.is_empty()
        {
            candidate.names = vec![name.as_ref().to_owned()];
        }
    }
    Ok(())
}

fn shown(name: &str) -> Option<String> {
    Some(name.chars().take(bounds::CONDITION_NAME_CHARS_MAX).collect()).filter(|name: &String| !name.is_empty())
}

fn names_of(node: &ReferenceDescription) -> Vec<String> {
    vec![node.browse_name.name.as_ref().to_owned(), node.display_name.text.as_ref().to_owned()]
}

/// Those to the parts of an instance.
fn paths(instance: &NodeId) -> [BrowsePath; PART_COUNT] {
    PARTS.map(|part| path(instance, part))
}

fn path(from: &NodeId, names: &[&str]) -> BrowsePath {
    let element = |name: &&str| RelativePathElement {
        reference_type_id: ReferenceTypeId::HierarchicalReferences.into(),
        is_inverse: false,
        include_subtypes: true,
        target_name: (*name).into(),
    };
    let elements = Some(names.iter().map(element).collect());
    BrowsePath { starting_node: from.clone(), relative_path: RelativePath { elements } }
}

/// The nodes that paths lead to, in requests as large as the server takes.
async fn translate(session: &Session, paths: Vec<BrowsePath>) -> Result<Vec<Option<NodeId>>, String> {
    let mut most = bounds::PATHS_PER_REQUEST;
    let mut all = Vec::with_capacity(paths.len());
    while let Some(rest) = paths.get(all.len()..).filter(|rest| !rest.is_empty()) {
        let shard = &rest[..most.min(rest.len())];
        match session.translate_browse_paths_to_node_ids(shard).await {
            Ok(told) if told.len() == shard.len() => all.extend(told.into_iter().map(target)),
            Ok(told) => return Err(format!("the server follows {} paths of {}", told.len(), shard.len())),
            // A server that has a limit; it is asked this seldom enough to find out.
            Err(error) if error.status() == StatusCode::BadTooManyOperations && shard.len() > 1 => {
                most = shard.len() / 2;
            }
            Err(error) => return Err(format!("the server follows no paths: {}", words(error.status()))),
        }
    }
    Ok(all)
}

fn target(result: BrowsePathResult) -> Option<NodeId> {
    let target = result.targets?.into_iter().next()?.target_id;
    (result.status_code.is_good() && target.server_index == 0).then_some(target.node_id)
}
