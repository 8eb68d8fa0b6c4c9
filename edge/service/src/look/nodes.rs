//! Nodes of an OPC UA server and their values, for a person or a program.

use crate::{cli::Format, output};
use davy_field::probe::opcua::{Found, Told};
use serde_json::{Value, json};

pub(super) fn print(found: &[Found]) {
    found.iter().for_each(|node| output::line(text(node)));
}

pub(super) fn print_json(found: &[Found]) {
    output::line(Value::Array(found.iter().map(row).collect()));
}

pub(super) fn print_values(told: &[Told], format: Format) {
    match format {
        Format::Json => output::line(Value::Array(told.iter().map(value_row).collect())),
        Format::Text => {
            for told in told {
                let value = told.value.as_deref().unwrap_or("–");
                let time = told.source_time.map(|time| format!(", measured {time}")).unwrap_or_default();
                output::line(format_args!("{}: {value} [{}{time}]", told.address, told.quality));
            }
        }
    }
}

/// `Plant/Tank/LI-1101  nsu=…;s=LI-1101  Double  42.5 % (0 to 100)`.
fn text(node: &Found) -> String {
    let Some(variable) = &node.variable else { return format!("{}/  {}", node.path, node.address) };
    let value = variable.told.value.as_deref().unwrap_or("–");
    let mut text = format!("{}  {}  {}  {value}", node.path, node.address, variable.data_type);
    if !variable.engineering_unit.is_empty() {
        text.push_str(&format!(" {}", variable.engineering_unit));
    }
    if let Some((low, high)) = variable.range {
        text.push_str(&format!(" ({low} to {high})"));
    }
    if !variable.told.quality.is_usable() {
        text.push_str(&format!(" [{}]", variable.told.quality));
    }
    text
}

fn row(node: &Found) -> Value {
    let variable = node.variable.as_ref().map(|variable| {
        json!({
            "data_type": variable.data_type,
            "description": variable.description,
            "readable": variable.readable,
            "has_history": variable.has_history,
            "engineering_unit": variable.engineering_unit,
            "range": variable.range,
            "told": value_row(&variable.told),
        })
    });
    json!({
        "path": node.path,
        "address": node.address,
        "node": node.node,
        "browse_name": node.browse_path.last(),
        "display_name": node.display_name,
        "class": node.class,
        "variable": variable,
    })
}

fn value_row(told: &Told) -> Value {
    json!({
        "address": told.address,
        "value": told.value,
        "number": told.number,
        "quality": told.quality.to_string(),
        "source_time": told.source_time,
    })
}
