//! What is asked for, checked before anything is connected to.

use super::LookUser;
use crate::{
    limits,
    problem::{Kind, Problem},
};
use serde::Deserialize;
use std::collections::BTreeMap;

/// What is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Where {
    /// A source of the configuration in force, with its own security, user and certificates.
    Source(String),
    /// A server or device that is not configured yet, as anybody may see it.
    Url(String),
}

/// A question for what a server offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OffersAsk {
    /// `opc.tcp://…`, `modbus://…`, `modbus-rtu://…`, `mqtt://…` or `mqtts://…`.
    pub url: String,
    /// The id that the source is to have, by which a certificate is listed; empty when there is none yet.
    pub id: String,
    /// As whom the gateway would log in; `None` for whoever is let in with security.
    pub user: Option<LookUser>,
}

/// A question for nodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrowseAsk {
    /// Whose.
    pub place: Where,
    /// Below which one; `None` for the Objects folder.
    pub node: Option<String>,
    /// Of the whole subtree the variables, and not of the level below alone every node.
    pub deep: bool,
    /// What its name or address contains; empty for every node.
    pub filter: String,
    /// So many are left out at the beginning …
    pub skip: usize,
    /// … and so many are wanted.
    pub most: usize,
}

/// What is to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// Nodes of an OPC UA server, by their addresses.
    Nodes(Vec<String>),
    /// So many registers or bits of a Modbus device, from an address of the point table on.
    Registers(String, u16),
    /// What a row of the point table would read that is in no table yet: its cells by the header of their column.
    Row(BTreeMap<String, String>),
}

/// A question for values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadAsk {
    /// Whose.
    pub place: Where,
    /// Which.
    pub which: Which,
}

/// A variable for which a row of the point table is wanted.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FoundNode {
    /// The browse names down to it, its own last.
    pub path: Vec<String>,
    /// What people call it.
    pub name: String,
    /// Where it is read.
    pub address: String,
    /// The same by the index of its namespace, where it is known.
    #[serde(default)]
    pub node: String,
    /// Its unit; empty without one.
    #[serde(default)]
    pub engineering_unit: String,
    /// Its range.
    #[serde(default)]
    pub range: Option<(f64, f64)>,
}

/// A question for rows.
#[derive(Clone, Debug, PartialEq)]
pub struct ProposeAsk {
    /// The source that they are of.
    pub source: String,
    /// What was found.
    pub found: Vec<FoundNode>,
    /// Ids that are given already, to rows on their way into the table.
    pub taken: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AskedOffers {
    url: String,
    #[serde(default)]
    id: String,
    user: Option<LookUser>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AskedBrowse {
    source: Option<String>,
    url: Option<String>,
    node: Option<String>,
    #[serde(default)]
    deep: bool,
    #[serde(default)]
    filter: String,
    cursor: Option<String>,
    limit: Option<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AskedRead {
    source: Option<String>,
    url: Option<String>,
    nodes: Option<Vec<String>>,
    registers: Option<String>,
    count: Option<u16>,
    row: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AskedPropose {
    source: String,
    found: Vec<FoundNode>,
    #[serde(default)]
    taken: Vec<String>,
}

impl AskedOffers {
    pub(crate) fn checked(self) -> Result<OffersAsk, Problem> {
        let Self { url, id, user } = self;
        Ok(OffersAsk { url: short("url", url)?, id: short("id", id)?, user })
    }
}

impl AskedBrowse {
    pub(crate) fn checked(self) -> Result<BrowseAsk, Problem> {
        let Self { source, url, node, deep, filter, cursor, limit } = self;
        let most = limit.unwrap_or(limits::LOOK_ROWS);
        if !(1..=limits::LOOK_ROWS_MAX).contains(&most) {
            return Err(wrong(format!("`limit` is {most} and must be 1 to {}", limits::LOOK_ROWS_MAX)));
        }
        let skip = cursor.map_or(Ok(0), |cursor| cursor.parse());
        let skip = skip.map_err(|_| wrong("`cursor` is not the `next` of a page before"))?;
        let node = node.map(|node| short("node", node)).transpose()?;
        Ok(BrowseAsk { place: place(source, url)?, node, deep, filter: short("filter", filter)?, skip, most })
    }
}

impl AskedRead {
    pub(crate) fn checked(self) -> Result<ReadAsk, Problem> {
        let Self { source, url, nodes, registers, count, row } = self;
        let which = match (nodes, registers, row) {
            (Some(nodes), None, None) if count.is_none() => Which::Nodes(few("nodes", nodes)?),
            (None, Some(from), None) => Which::Registers(short("registers", from)?, count.unwrap_or(2)),
            (None, None, Some(row)) if count.is_none() => Which::Row(cells(row)?),
            _ => return Err(wrong("say either `nodes`, or `registers` with a `count`, or a `row`")),
        };
        Ok(ReadAsk { place: place(source, url)?, which })
    }
}

impl AskedPropose {
    pub(crate) fn checked(self) -> Result<ProposeAsk, Problem> {
        let Self { source, found, taken } = self;
        let deepest = found.iter().map(|found| found.path.len()).max().unwrap_or_default();
        if deepest > limits::LOOK_DEPTH_MAX {
            return Err(wrong(format!("a `path` of {deepest} names; at most {}", limits::LOOK_DEPTH_MAX)));
        }
        Ok(ProposeAsk { source: short("source", source)?, found: few("found", found)?, taken })
    }
}

fn place(source: Option<String>, url: Option<String>) -> Result<Where, Problem> {
    match (source, url) {
        (Some(source), None) => Ok(Where::Source(short("source", source)?)),
        (None, Some(url)) => Ok(Where::Url(short("url", url)?)),
        (Some(_), Some(_)) | (None, None) => Err(wrong("say either `source` or `url`")),
    }
}

fn short(field: &str, text: String) -> Result<String, Problem> {
    if text.len() > limits::LOOK_TEXT_BYTES_MAX || text.chars().any(char::is_control) {
        let most = limits::LOOK_TEXT_BYTES_MAX;
        return Err(wrong(format!("`{field}` has control characters or more than {most} bytes")));
    }
    Ok(text)
}

/// Never more than a row has columns, by far.
fn cells(row: BTreeMap<String, String>) -> Result<BTreeMap<String, String>, Problem> {
    if row.len() > limits::LOOK_CELLS_MAX {
        return Err(wrong(format!("`row` has {} cells; at most {}", row.len(), limits::LOOK_CELLS_MAX)));
    }
    row.into_iter().map(|(header, text)| Ok((short("row", header)?, short("row", text)?))).collect()
}

fn few<T>(field: &str, list: Vec<T>) -> Result<Vec<T>, Problem> {
    if !(1..=limits::LOOK_ROWS_MAX).contains(&list.len()) {
        return Err(wrong(format!(
            "`{field}` has {} entries and must have 1 to {}",
            list.len(),
            limits::LOOK_ROWS_MAX
        )));
    }
    Ok(list)
}

fn wrong(words: impl Into<String>) -> Problem {
    Kind::Invalid.with(words)
}
