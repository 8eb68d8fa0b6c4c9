//! The evidence of a warning: what was measured before, during and after it, with quality and both times, who was in the
//! unit, what cameras saw, what was derived and what people did, as one JSON document with a hash. Assembled on request
//! from journal and recording; kept as a file when the warning closes, and the journal then names its hash, so that a file
//! changed later shows.

mod derived;
mod keeper;
mod told;

pub(crate) use keeper::{Keeper, start};

use crate::{
    cli::{Evidence as Args, Format},
    limits, output,
};
use anyhow::Context as _;
use davy_core::{record::WarningRecord, time::UtcTime};
use davy_store::{Rows, recording::Recording};
use derived::Derived;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::{path::Path, process::ExitCode};

/// `davy evidence`.
pub(crate) fn command(args: &Args) -> anyhow::Result<ExitCode> {
    let Some(packet) = assemble(&args.data, &args.warning)? else {
        anyhow::bail!(
            "there is no warning {} in the journal; its id is as `davy` and the page show it, such as RE-0101~1.7",
            args.warning
        );
    };
    match args.format {
        Format::Json => output::line(packet.text),
        Format::Text => output::line(format_args!("{}", summary(&packet.document, &packet.hash))),
    }
    Ok(ExitCode::SUCCESS)
}

/// A packet.
pub(crate) struct Packet {
    pub(crate) document: Value,
    /// The document as text, the hash included.
    pub(crate) text: String,
    /// SHA-256 over the document's text without the hash, in hexadecimal digits.
    pub(crate) hash: String,
}

/// The packet of a warning; `None` when the journal knows no such warning.
pub(crate) fn assemble(data: &Path, warning: &str) -> anyhow::Result<Option<Packet>> {
    let rows = Rows::open(data).with_context(|| format!("open the journal in {}", data.display()))?;
    let Some(found) = derived::warning(&rows, warning)? else { return Ok(None) };
    let window = window(&found);
    let Derived { records, left_out } = derived::read(&rows, &found, window)?;
    let told = match Recording::open(data) {
        Ok(recording) => told::read(&recording, &found, window)?,
        Err(error) => told::nothing(&error.to_string()),
    };
    let document = json!({
        "type": "davy.evidence.v1",
        "warning": found,
        "epoch": rows.epoch(),
        "from": window.0,
        "until": window.1,
        "config_version": found.config_version,
        "records": records,
        "records_left_out": left_out,
        "samples": told.samples,
        "people": told.people,
        "sights": told.sights,
        "notes": told.notes,
    });
    Ok(Some(seal(document)))
}

/// From a while before the warning was raised to a while after its last condition was gone.
fn window(warning: &WarningRecord) -> (UtcTime, UtcTime) {
    let until = warning.cleared_at.map_or(UtcTime(i64::MAX), |cleared| cleared.after(limits::EVIDENCE_AFTER_MS));
    (UtcTime(warning.raised_at.0.saturating_sub(limits::EVIDENCE_BEFORE_MS)), until)
}

/// Keys are in alphabetical order, so the same content has the same text and the same hash.
fn seal(mut document: Value) -> Packet {
    let digest = Sha256::digest(document.to_string().as_bytes());
    let hash: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    document["sha256"] = json!(hash);
    Packet { text: document.to_string(), document, hash }
}

fn summary(document: &Value, hash: &str) -> String {
    let count = |key: &str| document[key].as_array().map_or(0, Vec::len);
    let samples = document["samples"].as_array().into_iter().flatten();
    let points: usize = samples.map(|tag| tag["points"].as_array().map_or(0, Vec::len)).sum();
    format!(
        "warning {} “{}”\n  records {}, tags {} with {points} values, moves of people {}, sights {}\n  sha256 {hash}\n  --format json prints the document",
        document["warning"]["id"].as_str().unwrap_or_default(),
        document["warning"]["name"].as_str().unwrap_or_default(),
        count("records"),
        count("samples"),
        count("people"),
        count("sights"),
    )
}
