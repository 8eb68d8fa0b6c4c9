//! `davy replay` on what a real gateway recorded: a demo that is killed and started again. The recorded configuration gives
//! the journal again, byte for byte, in both runs; another one tells what it would have changed.

use acceptance::{places, process::Process, waiting::LONG};
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::{
    fs,
    io::ErrorKind,
    net::TcpListener,
    path::{Path, PathBuf},
    time::Duration,
};
use tokio::process::Command;

/// Long enough for the tank of the story to pass its high-high limit, and for blocks to reach the disk.
const SECONDS: u64 = 45;

fn demo(folder: &Path) -> Result<Process> {
    let mut command = Command::new(places::davy()?);
    command.args(["demo", "--listen", "127.0.0.1:0", "--speed", "3", "--for", &SECONDS.to_string(), "--data"]);
    Process::start("davy demo", command.arg(folder.join("data")), &folder.join("demo.log"))
}

async fn replay(folder: &Path, config: &Path) -> Result<Vec<Value>> {
    let mut command = Command::new(places::davy()?);
    command.args(["replay", "--format", "json", "--config"]).arg(config).arg("--data").arg(folder.join("data"));
    let answer = command.output().await?;
    ensure!(answer.status.success(), "{}", String::from_utf8_lossy(&answer.stderr));
    let answer: Value = serde_json::from_slice(&answer.stdout)?;
    Ok(answer["runs"].as_array().context("runs")?.clone())
}

/// A place where a source would be, that notes whoever comes.
struct Field {
    listener: TcpListener,
}

impl Field {
    fn open() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        listener.set_nonblocking(true)?;
        Ok(Self { listener })
    }

    fn nobody_came(&self) -> Result<()> {
        let came = self.listener.accept();
        ensure!(came.is_err_and(|error| error.kind() == ErrorKind::WouldBlock), "a replay connects to nothing");
        Ok(())
    }
}

/// The demo's configuration with another LI-1103: its high limit is gone and its high-high alarm less urgent. Every address is
/// that of the field.
fn changed(folder: &Path, field: &Field) -> Result<PathBuf> {
    let (from, to) = (places::workspace().join("config/demo"), folder.join("changed"));
    for part in ["", "risk"] {
        fs::create_dir_all(to.join(part))?;
        for entry in fs::read_dir(from.join(part))? {
            let entry = entry?;
            if entry.file_type()?.is_file() {
                fs::copy(entry.path(), to.join(part).join(entry.file_name()))?;
            }
        }
    }
    let (gateway, place) = (to.join("gateway.toml"), field.listener.local_addr()?.to_string());
    let mut text = fs::read_to_string(&gateway)?;
    for port in [4840, 5020, 1883, 1884] {
        let configured = format!("127.0.0.1:{port}");
        ensure!(text.contains(&configured), "the demo has a source at {configured}");
        text = text.replace(&configured, &place);
    }
    fs::write(&gateway, text)?;
    let tags = to.join("tags.csv");
    let text = fs::read_to_string(&tags)?;
    let head: Vec<&str> = text.lines().next().context("a head")?.trim_start_matches('\u{feff}').split(',').collect();
    let high = head.iter().position(|name| *name == "高限").context("the column of the high limit")?;
    let priority = head.iter().position(|name| *name == "优先级").context("the column of the priority")?;
    let without = |line: &str| {
        let mut cells: Vec<&str> = line.split(',').collect();
        cells[high] = "";
        cells[priority] = "低";
        cells.join(",")
    };
    let lines = text.lines().map(|line| if line.starts_with("LI-1103,") { without(line) } else { line.to_owned() });
    fs::write(&tags, lines.collect::<Vec<_>>().join("\n"))?;
    Ok(to)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_recorded_gives_the_journal_again() -> Result<()> {
    let folder = places::fresh("replay")?;
    let mut killed = demo(&folder)?;
    killed.line(LONG).await?;
    tokio::time::sleep(Duration::from_secs(SECONDS / 2)).await;
    killed.kill().await?;
    let mut ended = demo(&folder)?;
    ensure!(ended.end(LONG + Duration::from_secs(SECONDS)).await?.success(), "the demo ends by itself");

    let same = replay(&folder, &places::workspace().join("config/demo")).await?;
    assert_eq!(same.len(), 2, "a run for each start");
    for run in &same {
        let (journal, alarms) = (&run["journal"], &run["alarms"]);
        ensure!(journal["same"] == true && journal["rows"].as_u64() > Some(20), "{journal}");
        ensure!(
            !alarms.as_array().context("alarms")?.iter().any(differs),
            "the demo's own rules change nothing: {alarms}"
        );
    }

    let field = Field::open()?;
    let other = replay(&folder, &changed(&folder, &field)?).await?;
    field.nobody_came()?;
    let changes: Vec<&Value> = other.iter().flat_map(|run| run["alarms"].as_array().into_iter().flatten()).collect();
    let high = changes.iter().filter(|change| change["id"] == "LI-1103.H");
    let removed: usize = high.map(|change| change["removed"].as_array().map_or(0, Vec::len)).sum();
    ensure!(removed > 0, "without its high limit LI-1103 raises no high alarm: {changes:?}");
    let ranked = |change: &&&Value| change["id"] == "LI-1103.HH" && change["ranked"] != Value::Array(vec![]);
    let ranks = &changes.iter().find(ranked).context("LI-1103.HH is less urgent")?["ranked"][0];
    assert_ne!(ranks["then"], "low", "{ranks}");
    assert_eq!(ranks["now"], "low");
    let others: Vec<_> = changes.iter().filter(|change| !change["id"].as_str().is_some_and(is_of_it)).collect();
    ensure!(!others.iter().any(|change| differs(change)), "and nothing of other tags: {others:?}");
    let alarms = |side: &str| other.iter().filter_map(|run| run[side]["alarms"].as_u64()).sum::<u64>();
    assert_eq!(alarms("then") - alarms("now"), removed as u64, "and nothing else changes");
    eprintln!("replay: {} rows derived again byte for byte, {removed} alarms removed by the change", rows(&same));
    Ok(())
}

fn is_of_it(rule: &str) -> bool {
    rule.starts_with("LI-1103.")
}

/// Whether a rule did anything else.
fn differs(change: &Value) -> bool {
    ["added", "removed", "moved", "ended", "ranked"].iter().any(|how| change[how] != Value::Array(vec![]))
}

fn rows(runs: &[Value]) -> u64 {
    runs.iter().filter_map(|run| run["journal"]["rows"].as_u64()).sum()
}
