//! The nodes of a server, from one of them downwards.

use super::{
    Link,
    read::{Told, told},
};
use crate::{
    limits::opcua as bounds,
    opcua::{
        address,
        references::references,
        server::{self, Server},
    },
};
use opcua::{
    client::Session,
    types::{
        AttributeId, DataTypeId, DataValue, EUInformation, Identifier, NodeClass, NodeId, ObjectId, Range, ReadValueId,
        ReferenceDescription, ReferenceTypeId, Variant,
    },
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

/// Looks for nodes from an address downwards, nearer ones first; `None` for the Objects folder, of which the server's own
/// object is left out.
///
/// # Errors
/// In words: an address that leads nowhere, or a server that does not answer.
pub async fn browse(link: &mut Link, from: Option<&str>, look: Bounds) -> Result<Vec<Found>, String> {
    let start = match from {
        None => NodeId::from(ObjectId::ObjectsFolder),
        Some(address) => address::resolve(address, &link.server.namespaces)
            .map_err(|_| format!("{address} leads nowhere; the server has {}", link.server.namespaces.join(", ")))?,
    };
    let (session, server) = (link.session.clone(), link.server.clone());
    link.drive(async move { Look { session: &session, server: &server }.from(start, look).await }).await
}

struct Look<'a> {
    session: &'a Session,
    server: &'a Server,
}

impl Look<'_> {
    async fn from(&self, start: NodeId, look: Bounds) -> Result<Vec<Found>, String> {
        let most = look.nodes.min(bounds::NODES_FOUND_MAX);
        let mut seen: HashSet<NodeId> = [start.clone(), ObjectId::Server.into()].into();
        let mut level = vec![(start, (String::new(), Vec::new()))];
        let (mut found, mut nodes) = (Vec::new(), Vec::new());
        for _ in 0..look.depth {
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
        self.look_at_variables(&mut found, &nodes).await?;
        Ok(found)
    }

    /// The references of so many nodes, up to a number of them.
    async fn children(
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
            variable: None,
        }
    }

    async fn look_at_variables(&self, found: &mut [Found], nodes: &[(NodeId, bool)]) -> Result<(), String> {
        let variables: Vec<(usize, NodeId)> = nodes
            .iter()
            .enumerate()
            .filter(|(_, (_, is_variable))| *is_variable)
            .map(|(at, (node, _))| (at, node.clone()))
            .collect();
        let attributes = [
            AttributeId::DataType,
            AttributeId::UserAccessLevel,
            AttributeId::Value,
            AttributeId::ValueRank,
            AttributeId::Description,
        ];
        let wanted: Vec<ReadValueId> = variables
            .iter()
            .flat_map(|(_, node)| attributes.map(|attribute| (node.clone(), attribute)))
            .map(|(node_id, attribute)| ReadValueId {
                node_id,
                attribute_id: attribute as u32,
                ..ReadValueId::default()
            })
            .collect();
        let values = server::attributes(self.session, &wanted, self.server.limits.nodes_per_read).await?;
        let mut properties = self.properties(variables.iter().map(|(_, node)| node.clone()).collect()).await?;
        for ((at, node), values) in variables.into_iter().zip(values.chunks_exact(attributes.len())) {
            let (engineering_unit, range) = properties.remove(&node).unwrap_or_default();
            let access = match &values[1].value {
                Some(Variant::Byte(access)) => *access,
                _ => 0,
            };
            let told = told(found[at].address.clone(), &values[2]);
            let data_type = self.data_type(&values[0]);
            // -1 is a scalar, other negative ranks may be one (OPC 10000-3, 5.6.2).
            let may_be_one = !matches!(values[3].value, Some(Variant::Int32(rank)) if rank >= 0);
            let is_array = matches!(values[2].value, Some(Variant::Array(_)));
            let description = match &values[4].value {
                Some(Variant::LocalizedText(text)) => text.text.to_string(),
                _ => String::new(),
            };
            found[at].variable = Some(Variable {
                is_number: may_be_one && !is_array && (told.number.is_some() || NUMBERS.contains(&data_type.as_str())),
                data_type,
                description,
                // Bits of AccessLevelType (OPC 10000-3, 8.57).
                readable: access & 1 != 0,
                has_history: access & 4 != 0,
                engineering_unit,
                range,
                told,
            });
        }
        Ok(())
    }

    fn data_type(&self, told: &DataValue) -> String {
        let Some(Variant::NodeId(node)) = &told.value else { return String::new() };
        let of_standard = match (&node.identifier, node.namespace) {
            (Identifier::Numeric(number), 0) => DataTypeId::try_from(*number).ok(),
            _ => None,
        };
        of_standard.map_or_else(|| address::address_of(node, &self.server.namespaces), |known| format!("{known:?}"))
    }

    /// The engineering unit and the range of variables that have them.
    async fn properties(&self, nodes: Vec<NodeId>) -> Result<HashMap<NodeId, Properties>, String> {
        let most = nodes.len().saturating_mul(PROPERTIES_EACH);
        let children = self.children(nodes, ReferenceTypeId::HasProperty, most).await?;
        let named =
            |child: &ReferenceDescription| matches!(child.browse_name.name.as_ref(), "EURange" | "EngineeringUnits");
        let children: Vec<_> = children.into_iter().filter(|(_, child)| named(child)).collect();
        let nodes = children.iter().map(|(_, child)| child.node_id.node_id.clone()).collect();
        let values = server::read(self.session, nodes, self.server.limits.nodes_per_read).await?;
        let mut properties: HashMap<NodeId, Properties> = HashMap::new();
        for ((variable, _), value) in children.into_iter().zip(values) {
            let Some(Variant::ExtensionObject(value)) = value.value else { continue };
            let (unit, range) = properties.entry(variable).or_default();
            if let Some(told) = value.inner_as::<EUInformation>() {
                *unit = told.display_name.text.to_string();
            } else if let Some(told) = value.inner_as::<Range>() {
                *range = Some((told.low, told.high));
            }
        }
        Ok(properties)
    }
}

/// The path of display names and that of browse names.
type Above = (String, Vec<String>);

/// Types of one number, among them the abstract ones (OPC 10000-3, 8).
const NUMBERS: [&str; 14] = [
    "Boolean", "SByte", "Byte", "Int16", "UInt16", "Int32", "UInt32", "Int64", "UInt64", "Float", "Double", "Number",
    "Integer", "UInteger",
];

type Properties = (String, Option<(f64, f64)>);

/// A variable has a handful of properties; of more only the first are looked at.
const PROPERTIES_EACH: usize = 16;
