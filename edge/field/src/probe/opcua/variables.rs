//! What variables tell besides where they are: type, value, unit, range, and whether there is something below them.

use super::{
    browse::{Found, Look, Variable},
    read::told,
};
use crate::opcua::{address, server};
use opcua::types::{
    AttributeId, DataTypeId, DataValue, EUInformation, Identifier, NodeId, Range, ReadValueId, ReferenceDescription,
    ReferenceTypeId, Variant,
};
use std::collections::HashMap;

impl Look<'_> {
    /// Fills in the variables among nodes that were found; `nodes` are those of `found`, and whether each is one.
    pub(super) async fn look_at_variables(&self, found: &mut [Found], nodes: &[(NodeId, bool)]) -> Result<(), String> {
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
            let Properties { engineering_unit, range, has_below } = properties.remove(&node).unwrap_or_default();
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
            found[at].has_below = has_below;
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

    /// What stands directly below variables: the engineering unit and the range of those that have them, and whether there are
    /// further nodes.
    async fn properties(&self, nodes: Vec<NodeId>) -> Result<HashMap<NodeId, Properties>, String> {
        let most = nodes.len().saturating_mul(PROPERTIES_EACH);
        let children = self.children(nodes, ReferenceTypeId::HierarchicalReferences, most).await?;
        let is_property = |child: &ReferenceDescription| child.reference_type_id == ReferenceTypeId::HasProperty;
        let mut properties: HashMap<NodeId, Properties> = HashMap::new();
        for (variable, _) in children.iter().filter(|(_, child)| !is_property(child)) {
            properties.entry(variable.clone()).or_default().has_below = true;
        }
        let named =
            |child: &ReferenceDescription| matches!(child.browse_name.name.as_ref(), "EURange" | "EngineeringUnits");
        let children: Vec<_> = children.into_iter().filter(|(_, child)| is_property(child) && named(child)).collect();
        let nodes = children.iter().map(|(_, child)| child.node_id.node_id.clone()).collect();
        let values = server::read(self.session, nodes, self.server.limits.nodes_per_read).await?;
        for ((variable, _), value) in children.into_iter().zip(values) {
            let Some(Variant::ExtensionObject(value)) = value.value else { continue };
            let properties = properties.entry(variable).or_default();
            if let Some(told) = value.inner_as::<EUInformation>() {
                properties.engineering_unit = told.display_name.text.to_string();
            } else if let Some(told) = value.inner_as::<Range>() {
                properties.range = Some((told.low, told.high));
            }
        }
        Ok(properties)
    }
}

/// Types of one number, among them the abstract ones (OPC 10000-3, 8).
const NUMBERS: [&str; 14] = [
    "Boolean", "SByte", "Byte", "Int16", "UInt16", "Int32", "UInt32", "Int64", "UInt64", "Float", "Double", "Number",
    "Integer", "UInteger",
];

#[derive(Default)]
struct Properties {
    engineering_unit: String,
    range: Option<(f64, f64)>,
    has_below: bool,
}

/// A variable has a handful of nodes directly below it, most of them properties; of more only the first are looked at.
const PROPERTIES_EACH: usize = 16;
