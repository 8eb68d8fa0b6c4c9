//! What a row of the point table would read before it is in the table: exactly as the source would read it for the gateway.

use super::{
    for_page::{ForPage, no_values, of_the_box},
    target,
};
use davy_api::{LookFailure, NodeValue, Readings, Where};
use davy_config::{ModbusSource, SourceConfig, exchange};
use davy_core::quality::Quality;
use davy_field::probe::modbus;
use std::collections::BTreeMap;

/// One value, of the address that the row names.
pub(super) async fn read(
    looks: &ForPage,
    place: &Where,
    row: &BTreeMap<String, String>,
) -> Result<Readings, LookFailure> {
    let Where::Source(id) = place else {
        return Err(LookFailure::Senseless("a row belongs to a source; say which in `source`".to_owned()));
    };
    match looks.source(id)? {
        SourceConfig::OpcUa(_) => looks.nodes(place, &[address(row)]).await,
        SourceConfig::Modbus(source) => item(&source, row).await.map(|value| Readings::Nodes { values: vec![value] }),
        SourceConfig::Mqtt(_) => Err(no_values(id)),
        SourceConfig::Board(_) => Err(of_the_box(id)),
    }
}

async fn item(source: &ModbusSource, row: &BTreeMap<String, String>) -> Result<NodeValue, LookFailure> {
    let (link, pace) = target::beside(source).map_err(LookFailure::Senseless)?;
    let item = exchange::modbus_item(row, source).map_err(|errors| LookFailure::Senseless(words(&errors)))?;
    let one = ModbusSource { link, pace, items: vec![item], ..source.clone() };
    let measured = modbus::read_items(&one).await.map_err(LookFailure::Unreachable)?;
    let none = modbus::Measured { raw: None, value: None, quality: Quality::BAD_NO_COMMUNICATION };
    let modbus::Measured { value, quality, .. } = measured.into_iter().next().unwrap_or(none);
    let number = value.filter(|number| number.is_finite());
    Ok(NodeValue::new(address(row), (number.map(|number| number.to_string()), number), quality))
}

/// The place is a row that stands nowhere: what is wrong tells enough.
fn words(errors: &davy_config::Errors) -> String {
    errors.0.iter().map(|finding| finding.message.as_str()).collect::<Vec<_>>().join("; ")
}

fn address(row: &BTreeMap<String, String>) -> String {
    let headers = ["address", "地址"];
    let cell = row.iter().find(|(header, _)| headers.contains(&header.trim())).map(|(_, text)| text.trim());
    cell.unwrap_or_default().to_owned()
}
