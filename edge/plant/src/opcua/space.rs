//! The address space: one folder for each part of the plant, one variable for each instrument.

use super::Value;
use crate::{
    description::{Kind, Place, Point},
    image::Image,
    physics::Reading,
};
use chrono::DateTime;
use opcua::{
    nodes::VariableBuilder,
    server::{
        SubscriptionCache,
        address_space::AddressSpace,
        diagnostics::NamespaceMetadata,
        node_manager::{
            NodeManagerBuilder,
            memory::{SimpleNodeManager, simple_node_manager},
        },
    },
    types::{DataTypeId, DataValue, DateTime as OpcUaTime, NodeId, ObjectId, StatusCode, VariableTypeId, Variant},
};
use std::collections::BTreeSet;

/// The namespace of the plant's nodes.
pub(super) const NAMESPACE: &str = "urn:davy:plant:tags";
/// After the standard's own and that of the server's diagnostics.
pub(super) const NAMESPACE_INDEX: u16 = 2;

/// The address space without nodes.
pub(super) fn manager() -> impl NodeManagerBuilder {
    let namespace = NamespaceMetadata { namespace_uri: NAMESPACE.to_owned(), ..NamespaceMetadata::default() };
    simple_node_manager(namespace, "plant")
}

/// The variables, each with the place of its point.
pub(super) struct Space(Vec<(usize, Kind, NodeId)>);

impl Space {
    /// Adds the folders and variables.
    pub(super) fn fill(manager: &SimpleNodeManager, points: &[Point]) -> Self {
        let address_space = manager.address_space();
        let mut address_space = address_space.write();
        let (mut folders, mut variables) = (BTreeSet::new(), Vec::new());
        for (at, point) in points.iter().enumerate() {
            let Place::OpcUa { folder } = point.place else { continue };
            let folder_id = NodeId::new(NAMESPACE_INDEX, folder);
            if folders.insert(folder) {
                address_space.add_folder(&folder_id, folder, folder, &ObjectId::ObjectsFolder.into());
            }
            let id = NodeId::new(NAMESPACE_INDEX, point.tag.as_str());
            add_variable(&mut address_space, point, &id, folder_id);
            variables.push((at, point.kind, id));
        }
        Self(variables)
    }

    /// Sets every variable and tells the subscribers of those that changed.
    pub(super) fn set(
        &self,
        manager: &SimpleNodeManager,
        subscriptions: &SubscriptionCache,
        image: &Image,
    ) -> Result<(), String> {
        let at = time(image);
        let values = self
            .0
            .iter()
            .map(|(point, kind, id)| -> Value<'_> { (id, None, value(*kind, image.readings[*point], at)) });
        manager.set_values(subscriptions, values).map_err(|status| format!("set the variables: {status}"))
    }
}

fn add_variable(address_space: &mut AddressSpace, point: &Point, id: &NodeId, folder: NodeId) {
    let data_type = match point.kind {
        Kind::Analog => DataTypeId::Double,
        Kind::State => DataTypeId::Boolean,
    };
    VariableBuilder::new(id, point.tag.as_str(), point.tag.as_str())
        .description(point.name.as_str())
        .data_type(data_type)
        .has_type_definition(VariableTypeId::BaseDataVariableType)
        .organized_by(folder)
        .insert(address_space);
}

fn value(kind: Kind, reading: Reading, at: OpcUaTime) -> DataValue {
    let value = match kind {
        // The stack tells a subscriber without a filter of a new value only, not of a new status with the same value, and
        // forgets the status where there is no value at all; so a failed sensor has an empty one.
        _ if reading.bad => Variant::Empty,
        Kind::Analog => Variant::Double(reading.value),
        Kind::State => Variant::Boolean(reading.value != 0.0),
    };
    let status = if reading.bad { StatusCode::BadSensorFailure } else { StatusCode::Good };
    DataValue {
        value: Some(value),
        status: Some(status),
        source_timestamp: Some(at),
        server_timestamp: Some(at),
        ..DataValue::default()
    }
}

fn time(image: &Image) -> OpcUaTime {
    OpcUaTime::from(DateTime::from_timestamp_millis(image.at.0).unwrap_or_default())
}
