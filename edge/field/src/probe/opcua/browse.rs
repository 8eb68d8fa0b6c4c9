//! The nodes of a server, from one of them downwards.

use super::{Link, read::Told};
use crate::{
    limits::opcua as bounds,
    opcua::{address, references::references, server::Server},
};
use opcua::{
    client::Session,
    types::{NodeClass, NodeId, ObjectId, ReferenceDescription, ReferenceTypeId},
};
use std::collections::{HashMap, HashSet};

/// How far to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Levels below the node that it begins at; 1 for its children alone.
    pub depth: usize,
    /// Nodes; further ones are not looked for.
    pub nodes: usize,
}

/// A node.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// By its namespace's URI, as `tags.csv` takes it: `nsu=…;s=…`.
    pub address: String,
    /// By its namespace's index, which is this server's at this moment: `ns=2;s=…`.
    pub node: String,
    /// The display names from the beginning down to it, joined by `/`.
    pub path: String,
    /// The browse names from the beginning down to it, without their namespaces; its own is the last.
    pub browse_path: Vec<String>,
    /// Its display name.
    pub display_name: String,
    /// Its class, such as `Object`, `Variable` or `Method`.
    pub class: String,
    /// Whether there may be nodes below it, properties aside. Of an object it is not known before somebody looks.
    pub has_below: bool,
    /// What a variable has besides.
    pub variable: Option<Variable>,
}

/// What a variable tells.
#[derive(Clone, Debug, PartialEq)]
pub struct Variable {
    /// Its type, such as `Double`, or the address of a type of its own.
    pub data_type: String,
    /// Whether a tag can be made of it: a single number or switch.
    pub is_number: bool,
    /// What the server says of it, in the language that the server chose.
    pub description: String,
    /// Whether this user may read its value.
    pub readable: bool,
    /// Whether this user may read its history.
    pub has_history: bool,
    /// Its engineering unit; empty without one.
    pub engineering_unit: String,
    /// Its EURange.
    pub range: Option<(f64, f64)>,
    /// Its value.
    pub told: Told,
}

/// Which of the nodes below one are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Of the whole subtree the variables, and not of the level below alone every node.
    pub deep: bool,
    /// What the display name, the browse name or the address contains, in whatever case; empty for every node.
    pub filter: String,
    /// So many of them are left out at the beginning …
    pub skip: usize,
    /// … and so many are wanted from there on.
    pub most: usize,
}

/// A part of the nodes below one.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// Those that were wanted.
    pub found: Vec<Found>,
    /// How many there are altogether, as far as was looked.
    pub matching: usize,
    /// Whether everything was looked at, and not as many nodes as the bounds allow.
    pub is_whole: bool,
}

/// Looks for nodes from an address downwards, nearer ones first; `None` for the Objects folder, of which the server's own
/// object is left out.
///
/// # Errors
/// In words: an address that leads nowhere, or a server that does not answer.
pub async fn browse(link: &mut Link, from: Option<&str>, look: Bounds) -> Result<Vec<Found>, String> {
    let wanted = Wanted { most: usize::MAX, ..Wanted::default() };
    part(link, from, look, wanted).await.map(|part| part.found)
}

/// Looks for nodes from an address downwards as [`browse`] does, and gives a part of them: only of these the values are read.
///
/// # Errors
/// Those of [`browse`].
pub async fn part(link: &mut Link, from: Option<&str>, look: Bounds, wanted: Wanted) -> Result<Part, String> {
    let start = match from {
        None => NodeId::from(ObjectId::ObjectsFolder),
        Some(address) => address::resolve(address, &link.server.namespaces)
            .map_err(|_| format!("{address} leads nowhere; the server has {}", link.server.namespaces.join(", ")))?,
    };
    let (session, server) = (link.session.clone(), link.server.clone());
    link.drive(async move { Look { session: &session, server: &server }.part(start, look, &wanted).await }).await
}

pub(super) struct Look<'a> {
    pub(super) session: &'a Session,
    pub(super) server: &'a Server,
}

impl Look<'_> {
    async fn part(&self, start: NodeId, look: Bounds, wanted: &Wanted) -> Result<Part, String> {
        let most = look.nodes.min(bounds::NODES_FOUND_MAX);
        let (found, nodes) = self.from(start, look.depth, most).await?;
        let is_whole = found.len() < most;
        let filter = wanted.filter.to_lowercase();
        let matching: Vec<(Found, (NodeId, bool))> =
            found.into_iter().zip(nodes).filter(|(found, node)| wanted.has(found, node.1, &filter)).collect();
        let count = matching.len();
        let (mut found, nodes): (Vec<Found>, Vec<(NodeId, bool)>) =
            matching.into_iter().skip(wanted.skip).take(wanted.most).unzip();
        self.look_at_variables(&mut found, &nodes).await?;
        Ok(Part { found, matching: count, is_whole })
    }

    /// Up to so many nodes, each with whether it is a variable.
    async fn from(
        &self,
        start: NodeId,
        depth: usize,
        most: usize,
    ) -> Result<(Vec<Found>, Vec<(NodeId, bool)>), String> {
        let mut seen: HashSet<NodeId> = [start.clone(), ObjectId::Server.into()].into();
        let mut level = vec![(start, (String::new(), Vec::new()))];
        let (mut found, mut nodes) = (Vec::new(), Vec::new());
        for _ in 0..depth {
            let parents = level.iter().map(|(node, _)| node.clone()).collect();
            let paths: HashMap<NodeId, Above> = level.drain(..).collect();
            for (parent, child) in self.children(parents, ReferenceTypeId::HierarchicalReferences, most).await? {
                let is_property = child.reference_type_id == ReferenceTypeId::HasProperty;
                let is_here = child.node_id.server_index == 0;
                let node = child.node_id.node_id.clone();
                if is_property || !is_here || found.len() == most || !seen.insert(node.clone()) {
                    continue;
                }
                let one = self.found(&child, paths.get(&parent));
                level.push((node.clone(), (one.path.clone(), one.browse_path.clone())));
                nodes.push((node, child.node_class == NodeClass::Variable));
                found.push(one);
            }
            if level.is_empty() || found.len() == most {
                break;
            }
        }
        Ok((found, nodes))
    }

    /// The references of so many nodes, up to a number of them.
    pub(super) async fn children(
        &self,
        nodes: Vec<NodeId>,
        kind: ReferenceTypeId,
        most: usize,
    ) -> Result<Vec<(NodeId, ReferenceDescription)>, String> {
        references(self.session, self.server, nodes, kind, most).await.map(|references| references.found)
    }

    fn found(&self, child: &ReferenceDescription, above: Option<&Above>) -> Found {
        let display_name = child.display_name.text.to_string();
        let node = &child.node_id.node_id;
        let (above, mut browse_path) = above.cloned().unwrap_or_default();
        browse_path.push(child.browse_name.name.to_string());
        Found {
            address: address::address_of(node, &self.server.namespaces),
            node: node.to_string(),
            path: if above.is_empty() { display_name.clone() } else { format!("{above}/{display_name}") },
            browse_path,
            display_name,
            class: format!("{:?}", child.node_class),
            has_below: matches!(child.node_class, NodeClass::Object | NodeClass::View),
            variable: None,
        }
    }
}

impl Wanted {
    fn has(&self, found: &Found, is_variable: bool, filter: &str) -> bool {
        let names = || [Some(&found.display_name), found.browse_path.last(), Some(&found.address)];
        (is_variable || !self.deep)
            && (filter.is_empty() || names().into_iter().flatten().any(|name| name.to_lowercase().contains(filter)))
    }
}

/// The path of display names and that of browse names.
type Above = (String, Vec<String>);
