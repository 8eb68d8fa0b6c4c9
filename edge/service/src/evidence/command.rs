//! `davy evidence`: prints the packet of a warning, or says whether a file is still what was written.

use super::{assemble, folder, on_request, patience::Patience, seal};
use crate::{
    cli::{Evidence as Args, Format},
    clock, output,
};
use anyhow::{Context as _, bail};
use davy_core::record::EvidencePacket;
use davy_store::Rows;
use serde_json::json;
use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

/// Exits 0 when the packet was printed or the file holds, 1 when not.
pub(crate) fn command(args: &Args) -> anyhow::Result<ExitCode> {
    if let Some(file) = &args.verify {
        return verify(file, args);
    }
    let (Some(data), Some(warning)) = (&args.data, &args.warning) else {
        bail!("give the warning's id and --data, or --verify and a file");
    };
    let text = match args.anew {
        true => assemble(data, warning, clock::utc(), None, Patience::ENDLESS)?.map(|sealed| sealed.text),
        false => on_request(data, warning, Patience::ENDLESS)?,
    };
    let Some(text) = text else {
        bail!("there is no warning {warning} in the journal; its id is as log and page show it, such as RE-0101~1.7");
    };
    match args.format {
        Format::Json => output::line(text.trim_end()),
        Format::Text => summary(&read(&text)?).iter().for_each(output::line),
    }
    Ok(ExitCode::SUCCESS)
}

fn read(text: &str) -> anyhow::Result<EvidencePacket> {
    serde_json::from_str(text)
        .context("read the packet: it comes from another version of davy; see it with --format json")
}

fn summary(packet: &EvidencePacket) -> Vec<String> {
    let EvidencePacket { warning, samples, people, sights, alarms, audits, tickets, notes, .. } = packet;
    let closed = packet.closed_at.map_or_else(|| "open".to_owned(), |at| format!("closed {at}"));
    let versions: Vec<&str> = packet.configurations.iter().map(|seen| seen.config_version.as_str()).collect();
    let values = samples.iter().map(|tag| tag.points.len()).sum();
    let mut lines = vec![
        format!(
            "warning {} {} ({}): raised {}, {closed}",
            warning.id, warning.name, warning.unit_name, warning.raised_at
        ),
        format!("  time           {} to {}", packet.from, packet.until),
        format!("  configuration  {}", versions.join(", ")),
        format!("  samples        {} of {}", output::count(values, "value"), output::count(samples.len(), "tag")),
        format!("  alarms         {}", output::count(alarms.rows.len(), "change")),
        format!("  answers        {}", output::count(audits.rows.len(), "action")),
        format!("  people         {}", output::count(people.len(), "stay")),
        format!("  sights         {}", sights.len()),
        format!("  tickets        {}", output::count(tickets.rows.len(), "state")),
        format!("  sha256         {}", packet.sha256),
    ];
    lines.extend(notes.iter().map(|note| format!("  note: {note}")));
    lines.push("--format json prints the document".to_owned());
    lines
}

/// What the journal says of a file whose own hash holds.
enum Journal {
    NotAsked,
    Same(u64),
    Other(u64, String),
    Silent,
}

fn verify(file: &PathBuf, args: &Args) -> anyhow::Result<ExitCode> {
    let text = fs::read_to_string(file).with_context(|| format!("read {}", file.display()))?;
    let (holds, words) = match seal::check(&text) {
        Err(why) => (false, format!("{}: {why}", file.display())),
        Ok(hash) => {
            let journal = args.data.as_ref().map_or(Ok(Journal::NotAsked), |data| in_journal(data, &text, &hash))?;
            let (holds, words) = journal_words(&journal);
            (holds, format!("{}: its content matches its hash {hash}; {words}", file.display()))
        }
    };
    match args.format {
        Format::Json => output::line(json!({"holds": holds, "detail": words})),
        Format::Text => output::line(words),
    }
    Ok(if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn in_journal(data: &Path, text: &str, hash: &str) -> anyhow::Result<Journal> {
    let rows = Rows::open(data).with_context(|| format!("open the journal in {}", data.display()))?;
    Ok(match folder::journaled(&rows, read(text)?.warning.id.as_str())? {
        Some((sequence, record)) if record.sha256 == hash => Journal::Same(sequence),
        Some((sequence, record)) => Journal::Other(sequence, record.sha256),
        None => Journal::Silent,
    })
}

fn journal_words(journal: &Journal) -> (bool, String) {
    match journal {
        Journal::NotAsked => (true, "give --data as well to compare it with the journal".to_owned()),
        Journal::Same(sequence) => (
            true,
            format!("row {sequence} of the journal names the same (`davy verify` says whether the journal is whole)"),
        ),
        Journal::Other(sequence, sha256) => {
            (false, format!("but row {sequence} of the journal names {sha256}: this is not the packet that was kept"))
        }
        Journal::Silent => (false, "but the journal names no kept evidence of this warning".to_owned()),
    }
}
