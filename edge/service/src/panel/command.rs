//! `davy board`: how the box is wired, and a try of every line while no gateway runs on it.

use super::SIMULATED_INPUTS;
use crate::{
    cli::{Board, BoardAct, BoardTest, Format},
    clock, gateway, output, tls,
};
use anyhow::bail;
use davy_board::Bench;
use davy_config::{BoardConfig, BoardDriver, BoardLine, OutputRole};
use serde_json::json;
use std::{process::ExitCode, time::Duration};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

/// Inputs are looked at this often.
const LOOK: Duration = Duration::from_millis(50);

/// 0, or 1 when a line cannot be driven or read.
pub(crate) fn board(args: &Board) -> anyhow::Result<ExitCode> {
    match &args.act {
        BoardAct::Show { config, format } => {
            show(&tls::read_dir(config)?.configuration.board, *format);
            Ok(ExitCode::SUCCESS)
        }
        BoardAct::Test(args) => {
            let board = tls::read_dir(&args.config)?.configuration.board;
            let places = places(&board, &args.outputs)?;
            let good = gateway::block_on(test(board, places, args))?;
            Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
    }
}

fn show(board: &BoardConfig, format: Format) {
    let outputs = board.outputs.iter().map(|output| (&output.name, role(output.role), &output.line, output.active_low));
    let inputs =
        board.inputs.iter().map(|input| (&input.name, format!("{:?}", input.role), &input.line, input.active_low));
    match format {
        Format::Json => {
            let row = |(name, role, line, low): (&String, String, &BoardLine, bool)| json!({"name": name, "role": role, "line": place(line), "active_low": low});
            output::line(json!({
                "kind": board.kind,
                "name": board.name,
                "hardware": board.driver != BoardDriver::Simulated,
                "outputs": outputs.map(row).collect::<Vec<_>>(),
                "inputs": inputs.map(row).collect::<Vec<_>>(),
            }));
        }
        Format::Text => {
            output::line(format_args!("{} {}", board.kind, board.name));
            for (name, role, line, low) in outputs.chain(inputs) {
                let polarity = if low { " (active low)" } else { "" };
                output::line(format_args!("  {name:<20} {role:<24} {}{polarity}", place(line)));
            }
        }
    }
}

fn role(role: OutputRole) -> String {
    match role {
        OutputRole::Lamp(colour) => format!("lamp {colour:?}").to_lowercase(),
        OutputRole::Horn => "horn".to_owned(),
        OutputRole::Health(_) => "health relay".to_owned(),
        OutputRole::AlarmRelay => "alarm relay".to_owned(),
        OutputRole::HornRelay => "horn relay".to_owned(),
        OutputRole::AliveLed => "light of life".to_owned(),
        OutputRole::TroubleLed => "light of trouble".to_owned(),
    }
}

fn place(line: &BoardLine) -> String {
    match line {
        BoardLine::Named { chip: Some(chip), name } => format!("{} {name}", chip.display()),
        BoardLine::Named { chip: None, name } => name.clone(),
        BoardLine::Numbered { chip, offset } => format!("{} {offset}", chip.display()),
        BoardLine::Simulated => "simulated".to_owned(),
    }
}

/// The outputs to be tried, by their places; all of them unless some are named.
fn places(board: &BoardConfig, names: &[String]) -> anyhow::Result<Vec<usize>> {
    if names.is_empty() {
        return Ok((0..board.outputs.len()).collect());
    }
    let mut places = Vec::new();
    for name in names {
        let Some(at) = board.outputs.iter().position(|output| output.name == *name) else {
            let all: Vec<&str> = board.outputs.iter().map(|output| output.name.as_str()).collect();
            bail!("the box has no output {name}; it has {}", all.join(", "));
        };
        places.push(at);
    }
    Ok(places)
}

/// Each output alone for a while, then the inputs; whether every line did what it was to do. Ctrl-C ends it with every output safe.
async fn test(board: BoardConfig, places: Vec<usize>, args: &BoardTest) -> anyhow::Result<bool> {
    let stop = CancellationToken::new();
    gateway::stop_on_signals(&stop)?;
    let file = args.data.as_deref().unwrap_or(&args.config).join(SIMULATED_INPUTS);
    let mut bench = Bench::open(board, &file, clock::now().monotonic);
    let tried = async {
        let good = outputs(&mut bench, &places, args.seconds).await;
        inputs(&mut bench, args.watch).await && good
    };
    Ok(tokio::select! { good = tried => good, () = stop.cancelled() => false })
}

async fn outputs(bench: &mut Bench, places: &[usize], seconds: u64) -> bool {
    let mut good = true;
    for at in places {
        bench.set(*at, true, clock::now().monotonic);
        let name = bench.board().outputs[*at].name.clone();
        match bench.output_fault(*at) {
            Some(why) => {
                output::line(format_args!("{name}: FAILED: {why}"));
                good = false;
            }
            None => {
                output::line(format_args!("{name}: on for {seconds} s"));
                sleep(Duration::from_secs(seconds)).await;
                bench.set(*at, false, clock::now().monotonic);
            }
        }
    }
    good
}

/// Prints each input, and then each change.
async fn inputs(bench: &mut Bench, seconds: u64) -> bool {
    let names: Vec<String> = bench.board().inputs.iter().map(|input| input.name.clone()).collect();
    let mut known = vec![None; names.len()];
    let mut good = true;
    let until = tokio::time::Instant::now() + Duration::from_secs(seconds);
    loop {
        for (at, name) in names.iter().enumerate() {
            let now = bench.get(at);
            if known[at].as_ref() != Some(&now) {
                match &now {
                    Ok(active) => {
                        output::line(format_args!("{name}: {}", if *active { "active" } else { "not active" }))
                    }
                    Err(why) => output::line(format_args!("{name}: FAILED: {why}")),
                }
                good &= now.is_ok();
                known[at] = Some(now);
            }
        }
        if tokio::time::Instant::now() >= until {
            return good;
        }
        sleep(LOOK).await;
    }
}
