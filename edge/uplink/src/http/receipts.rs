//! What a receiver says of the rows of a batch, and what follows from it for each of them.

use crate::limits;
use serde::Deserialize;
use std::collections::BTreeMap;

/// What a receiver answers with status 200, or with 400 and 422 where it tells the rows apart.
///
/// Without a body, or with an empty object, everything is taken. Otherwise each row has its receipt; one without is sent
/// again. A receipt for a row that was not sent is ignored.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Receipts {
    /// In any order.
    pub receipts: Vec<Receipt>,
}

/// What became of a row.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Receipt {
    /// The `id` of the event.
    pub id: String,
    /// What became of it. Of several receipts for one row the gravest counts: `refused` before `later` before the others.
    pub status: Status,
    /// Why, for a person; shown where the row is parked.
    #[serde(default)]
    pub reason: Option<String>,
}

/// What became of a row. In the order of gravity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The receiver has it for good.
    Accepted,
    /// It had it already.
    Duplicate,
    /// Not now: send it again.
    Later,
    /// It will not take it: the gateway parks it with the reason and tries it again at growing intervals.
    Refused,
}

/// The rows of a batch told apart, each in one of the lists, in the order of the batch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Judged {
    /// The receiver has them.
    pub(crate) taken: Vec<u64>,
    /// It will not take them, and why.
    pub(crate) refused: Vec<(u64, String)>,
    /// They are due again.
    pub(crate) later: Vec<u64>,
    /// Receipts for rows that were not sent.
    pub(crate) strangers: usize,
}

/// Reads the body of an answer; `None` when it says nothing of single rows.
///
/// # Errors
/// In words, when it is neither. A page that says `welcome` with status 200, as a hotel's network does, has taken nothing.
pub(crate) fn read(body: &[u8]) -> Result<Option<Vec<Receipt>>, String> {
    let body = body.trim_ascii();
    if body.is_empty() {
        return Ok(None);
    }
    let object: serde_json::Map<String, serde_json::Value> =
        serde_json::from_slice(body).map_err(|error| format!("it is no JSON object: {error}"))?;
    if object.is_empty() {
        return Ok(None);
    }
    let Receipts { receipts } = serde_json::from_value(object.into()).map_err(|error| error.to_string())?;
    Ok(Some(receipts))
}

/// Tells rows apart, given as place and id.
pub(crate) fn judge<'a>(sent: impl Iterator<Item = (u64, &'a str)> + Clone, receipts: Option<&[Receipt]>) -> Judged {
    let Some(receipts) = receipts else {
        return Judged { taken: sent.map(|(seq, _)| seq).collect(), ..Judged::default() };
    };
    let mut gravest: BTreeMap<&str, &Receipt> = BTreeMap::new();
    for receipt in receipts {
        let known = gravest.entry(&receipt.id).or_insert(receipt);
        if receipt.status > known.status {
            *known = receipt;
        }
    }
    let mut judged = Judged::default();
    for (seq, id) in sent {
        match gravest.remove(id) {
            Some(Receipt { status: Status::Accepted | Status::Duplicate, .. }) => judged.taken.push(seq),
            Some(Receipt { status: Status::Refused, reason, .. }) => {
                judged.refused.push((seq, words(reason.as_deref())))
            }
            Some(Receipt { status: Status::Later, .. }) | None => judged.later.push(seq),
        }
    }
    judged.strangers = gravest.len();
    judged
}

/// The receiver's words, bounded and in one line.
pub(crate) fn words(said: Option<&str>) -> String {
    let said = said.unwrap_or_default().trim();
    if said.is_empty() {
        return "no reason was given".to_owned();
    }
    let one_line = said.chars().map(|c| if c.is_control() { ' ' } else { c });
    one_line.take(limits::REASON_CHARS_MAX).collect()
}

#[cfg(test)]
mod tests;
