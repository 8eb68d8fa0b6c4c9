//! Nodes of an OPC UA server and their values, for a person or a program.

use crate::{
    cli::{Format, TableFormat},
    output,
};
use davy_field::probe::opcua::{Found, Told};
use serde_json::{Value, json};

pub(super) fn print(found: &[Found], format: TableFormat) {
    match format {
        TableFormat::Json => output::line(Value::Array(found.iter().map(row).collect())),
        TableFormat::Csv => {
            output::line(
                "path,address,class,data_type,engineering_unit,range_low,range_high,value,quality,readable,has_history",
            );
            found.iter().for_each(|node| output::line(csv(node)));
        }
        TableFormat::Text => found.iter().for_each(|node| output::line(text(node))),
    }
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

fn csv(node: &Found) -> String {
    let variable = node.variable.as_ref();
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let number = |number: Option<f64>| number.map(|number| number.to_string()).unwrap_or_default();
    let cells = [
        node.path.clone(),
        node.address.clone(),
        node.class.clone(),
        text(variable.map(|variable| variable.data_type.as_str())),
        text(variable.map(|variable| variable.engineering_unit.as_str())),
        number(variable.and_then(|variable| Some(variable.range?.0))),
        number(variable.and_then(|variable| Some(variable.range?.1))),
        text(variable.and_then(|variable| variable.told.value.as_deref())),
        variable.map(|variable| variable.told.quality.to_string()).unwrap_or_default(),
        variable.map(|variable| variable.readable.to_string()).unwrap_or_default(),
        variable.map(|variable| variable.has_history.to_string()).unwrap_or_default(),
    ];
    cells.map(|cell| quoted(&cell)).join(",")
}

/// A cell of RFC 4180. What a spreadsheet program would take for a formula is only a text there.
fn quoted(cell: &str) -> String {
    let cell = if cell.starts_with(['=', '+', '@']) { format!("'{cell}") } else { cell.to_owned() };
    if cell.contains([',', '"', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell }
}

fn row(node: &Found) -> Value {
    let variable = node.variable.as_ref().map(|variable| {
        json!({
            "data_type": variable.data_type,
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
        "browse_name": node.browse_name,
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
