//! `davy replay`: what was recorded, through another configuration: which alarms and warnings it would have added, removed
//! or moved, and how often alarms would have come. Beside it the recorded configuration is played as well and must give
//! the journal again, byte for byte: otherwise the comparison would rest on nothing.

mod background;
mod compare;
mod journaled;
mod play;
mod report;
mod same_object;
mod spans;

use crate::{
    cli::{Format, Replay},
    gateway::read_saved,
    output,
};
use anyhow::{Context as _, bail};
use background::Progress;
use compare::{Change, Rate};
use davy_config::Files;
use davy_core::{model::Site, time::UtcTime};
use davy_store::{
    Rows,
    recording::{Recording, Run},
};
use journaled::{Exactness, Journaled};
use play::Played;
use std::process::ExitCode;

/// A run, played and compared.
struct Result {
    run: Run,
    from: UtcTime,
    until: UtcTime,
    events: u64,
    lost: u64,
    commands_without_object: u64,
    exactness: Exactness,
    alarms: Vec<Change>,
    warnings: Vec<Change>,
    then: Rate,
    now: Rate,
}

/// Plays every run that lies in the span and prints the comparison.
pub(crate) fn command(args: &Replay) -> anyhow::Result<ExitCode> {
    if args.background {
        background::begin();
    }
    // What a secret is plays no part: nothing is connected to.
    let checked = davy_config::read(&Files::from_dir(&args.config)?, &stand_in)?;
    let recording = Recording::open(&args.data).with_context(|| {
        format!("open the recording in {}: give the folder that `davy run --data` used", args.data.display())
    })?;
    let (from, until) = (args.from.unwrap_or(UtcTime(i64::MIN)), args.to.unwrap_or(UtcTime(i64::MAX)));
    let runs = recording.runs()?;
    let within: Vec<Run> = runs
        .iter()
        .filter(|run| run.beginning.now.utc <= until && run.until >= from && run.events > 0)
        .cloned()
        .collect();
    if within.is_empty() {
        bail!("nothing is recorded in that span; the recording {}", report::extent(&runs));
    }
    let mut progress = Progress::of(within.iter().filter(|run| unplayable(run).is_none()), args.background);
    let mut results = Vec::new();
    for run in within {
        if let Some(why) = unplayable(&run) {
            report::note(&run, why);
            continue;
        }
        report::progress(&run);
        let span = (from, until);
        results.push(replay(&recording, run, &checked.configuration.site, args, span, &mut progress)?);
    }
    match args.format {
        Format::Json => output::line(report::json(&results)),
        Format::Text => report::print(&results, &checked.configuration.site),
    }
    let differs = results.iter().any(|result| matches!(result.exactness, Exactness::Differs { .. }));
    Ok(if differs || results.is_empty() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn stand_in(_: &str) -> std::result::Result<String, String> {
    Ok(davy_config::STAND_IN.to_owned())
}

fn unplayable(run: &Run) -> Option<&'static str> {
    if run.foreign {
        return Some("another version of davy recorded it in another shape; replay it with that version");
    }
    run.cut.then_some("its beginning has made room for newer blocks; raise megabytes_max or days_max in [recording]")
}

fn replay(
    recording: &Recording,
    run: Run,
    now: &Site,
    args: &Replay,
    (from, until): (UtcTime, UtcTime),
    progress: &mut Progress,
) -> anyhow::Result<Result> {
    let files = Files(run.beginning.files.clone());
    let then = davy_config::read(&files, &stand_in).with_context(|| {
        format!(
            "read the configuration {} that was recorded: replay with the version of davy that ran it",
            run.beginning.config_version
        )
    })?;
    let mut journaled = match Rows::open(&args.data) {
        Ok(rows) if rows.epoch() == run.beginning.epoch => Journaled::new(rows, run.beginning.head),
        Ok(rows) => Journaled::unknown(format!("the journal is of epoch {} now", rows.epoch())),
        Err(error) => Journaled::unknown(error.to_string()),
    };
    let saved = || read_saved(&run.beginning.saved);
    let sites = (then.configuration.site, now.clone());
    let Played { then, now, events, lost, commands_without_object } =
        play::play(recording, &run, sites, saved, (&mut journaled, progress))?;
    if lost > 0 {
        journaled = Journaled::unknown(format!("{lost} events were left out of the recording"));
    }
    let (from, until) = (from.max(run.beginning.now.utc), until.min(run.until));
    let (then, now) = (then.within(from, until), now.within(from, until));
    Ok(Result {
        alarms: compare::changes(&then.alarms, &now.alarms, until),
        warnings: compare::changes(&then.warnings, &now.warnings, until),
        then: compare::rate(&then, from, until),
        now: compare::rate(&now, from, until),
        exactness: journaled.verdict,
        run,
        from,
        until,
        events,
        lost,
        commands_without_object,
    })
}
