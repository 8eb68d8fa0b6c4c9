//! What a server has, as a point table.

use crate::{cli::Browse, output, tags};
use anyhow::bail;
use davy_api::FoundNode;
use davy_config::{
    Files,
    exchange::{self, Format, Proposal},
};
use davy_field::probe::opcua::{Found, Variable};
use std::io::{self, IsTerminal as _};

/// Writes a row for every number that may be read; those of the present table stand there as they are.
pub(super) fn write(args: &Browse, source: &str, found: &[Found], format: Format) -> anyhow::Result<()> {
    if format == Format::Xlsx && args.output.is_none() && io::stdout().is_terminal() {
        bail!("a workbook is nothing for a terminal; name a file with -o");
    }
    let files = match &args.secured.place.config {
        Some(config) if !source.is_empty() => Files::from_dir(config)?,
        Some(_) | None => Files::default(),
    };
    let variables = || found.iter().filter_map(|node| Some((node, node.variable.as_ref()?)));
    let proposals: Vec<Proposal> = variables()
        .filter(|(_, variable)| is_point(variable))
        .map(|(node, variable)| proposal(node, variable))
        .collect();
    let (bytes, known) = exchange::propose(&files, source, &proposals, (format, tags::header(args.header)))?;
    tags::put(&bytes, args.output.as_deref())?;
    let left_out = output::count(variables().count() - proposals.len(), "variable");
    tracing::info!(
        "{}, {known} of them in the point table already; left out, as no single number or not readable: {left_out}",
        output::count(proposals.len(), "point"),
    );
    if source.is_empty() {
        tracing::warn!("the column source (数据源) is empty: browse a source of a configuration to have it filled in");
    }
    Ok(())
}

pub(super) fn is_point(variable: &Variable) -> bool {
    variable.is_number && variable.readable
}

/// A variable that the page has found.
pub(super) fn of_page(found: FoundNode) -> Proposal {
    let FoundNode { path, name, address, node, engineering_unit, range } = found;
    Proposal { path, name, address, also: node, engineering_unit, range }
}

fn proposal(node: &Found, variable: &Variable) -> Proposal {
    let name = if variable.description.is_empty() { &node.display_name } else { &variable.description };
    Proposal {
        path: node.browse_path.clone(),
        name: name.clone(),
        address: node.address.clone(),
        also: node.node.clone(),
        engineering_unit: variable.engineering_unit.clone(),
        range: variable.range,
    }
}
