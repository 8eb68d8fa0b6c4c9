//! The reference consumer of `docs/consumer`, run as an enterprise runs it: members of a group over one database.

use crate::{broker::CONSUMER, places, process::Process, waiting::LONG};
use anyhow::{Context, Result, bail, ensure};
use rusqlite::{Connection, OpenFlags, types::FromSql};
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
};
use tokio::process::Command;

/// The database that consumers fill.
#[derive(Clone, Debug)]
pub struct Database {
    path: PathBuf,
}

/// A member of a group.
pub struct Member {
    name: String,
    port: u16,
    database: Database,
    how: How,
    process: Process,
}

/// How a member is run.
#[derive(Clone, Copy, Debug, Default)]
pub struct How {
    /// Whether it keeps who is online.
    pub presence: bool,
    /// Whether it writes down in `NAME.times`, beside the database, when each row was committed; see
    /// `tests/peers/timed_consumer.py`.
    pub timed: bool,
    /// What it subscribes to, if not what it shares with the others.
    pub topic: Option<&'static str>,
}

/// A gap as `gaps.py` prints it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gap {
    /// `{company}/{gateway}/{epoch}`.
    pub stream: String,
    /// First missing row.
    pub first: u64,
    /// Last missing row.
    pub last: u64,
    /// `waiting`, `missing` or `accepted`.
    pub state: String,
}

impl Database {
    /// Makes the tables in `FOLDER/consumer.db`.
    pub async fn create(folder: &Path) -> Result<Self> {
        let path = folder.join("consumer.db");
        let made = script("store.py")?.arg(&path).output().await?;
        ensure!(made.status.success(), "store.py: {}", String::from_utf8_lossy(&made.stderr));
        Ok(Self { path })
    }

    /// The first column of every row of a query.
    pub fn column<T: FromSql>(&self, sql: &str) -> Result<Vec<T>> {
        let connection = Connection::open_with_flags(&self.path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        connection.busy_timeout(LONG)?;
        let mut statement = connection.prepare(sql)?;
        let rows = statement.query_map([], |row| row.get(0))?;
        rows.collect::<rusqlite::Result<_>>().with_context(|| sql.to_owned())
    }

    /// One number.
    pub fn number(&self, sql: &str) -> Result<u64> {
        self.column::<i64>(sql)?.first().copied().and_then(|number| u64::try_from(number).ok()).context("no number")
    }

    /// Records as JSON.
    pub fn records(&self, sql: &str) -> Result<Vec<Value>> {
        self.column::<String>(sql)?.iter().map(|text| Ok(serde_json::from_str(text)?)).collect()
    }

    /// Changes something behind the consumers' back.
    pub fn change(&self, sql: &str) -> Result<usize> {
        let connection = Connection::open(&self.path)?;
        connection.busy_timeout(LONG)?;
        Ok(connection.execute(sql, [])?)
    }

    /// What `gaps.py` says, with its arguments.
    pub async fn gaps(&self, arguments: &[&str]) -> Result<Vec<Gap>> {
        let said = script("gaps.py")?.arg(&self.path).args(arguments).output().await?;
        let text = String::from_utf8_lossy(&said.stdout).into_owned();
        let gaps = text.lines().map(gap).collect::<Result<Vec<_>>>()?;
        let missing = gaps.iter().any(|gap| gap.state == "missing");
        ensure!(
            said.status.code() == Some(i32::from(missing)),
            "gaps.py: {}: {text}{}",
            said.status,
            String::from_utf8_lossy(&said.stderr)
        );
        Ok(gaps)
    }
}

impl Member {
    /// Starts it and waits until the broker has granted its subscription.
    pub async fn start(name: &str, port: u16, database: &Database, how: How) -> Result<Self> {
        let process = launch(name, port, database, how)?;
        let mut member = Self { name: name.to_owned(), port, database: database.clone(), how, process };
        member.subscribed().await?;
        Ok(member)
    }

    /// Waits until a subscription is granted; where one was before, the next one.
    pub async fn subscribed(&mut self) -> Result<()> {
        loop {
            let line = self.process.line(LONG).await?;
            if line == "subscribed" {
                return Ok(());
            }
            ensure!(line.starts_with("no connection"), "{}: {line}", self.name);
        }
    }

    /// SIGKILL.
    pub async fn kill(&mut self) -> Result<()> {
        self.process.kill().await
    }

    /// Starts it again under its name.
    pub async fn start_again(&mut self) -> Result<()> {
        *self = Self::start(&self.name, self.port, &self.database, self.how).await?;
        Ok(())
    }

    /// `STOP` or `CONT`.
    pub async fn signal(&self, signal: &str) -> Result<()> {
        self.process.signal(signal).await
    }

    /// The process id.
    pub fn id(&self) -> Result<u32> {
        self.process.id()
    }

    /// SIGTERM; what it counted, `{"messages": …, "batches": …, "in_database_s": …}`.
    pub async fn stop(mut self) -> Result<Value> {
        self.process.signal("TERM").await?;
        let lines = self.process.remaining_lines(LONG).await?;
        ensure!(self.process.end(LONG).await?.success(), "{} ended badly: {lines:?}", self.name);
        serde_json::from_str(lines.last().context("it says what it counted")?).context("what it counted")
    }
}

/// A script of `docs/consumer`.
pub fn script(name: &str) -> Result<Command> {
    let mut command = Command::new(places::python()?);
    command.arg("-B").arg(folder().join(name)).kill_on_drop(true);
    Ok(command)
}

/// `docs/consumer`.
#[must_use]
pub fn folder() -> PathBuf {
    places::workspace().join("docs/consumer")
}

fn launch(name: &str, port: u16, database: &Database, how: How) -> Result<Process> {
    let timed_script = places::workspace().join("tests/peers/timed_consumer.py");
    let mut command = Command::new(places::python()?);
    command.arg("-B").arg(if how.timed { timed_script } else { folder().join("consumer.py") });
    command.env("TIMES", database.path.with_file_name(format!("{name}.times")));
    command.args(["--broker", "127.0.0.1", "--port", &port.to_string(), "--name", name, "--database"]);
    command.arg(&database.path);
    let password = database.path.with_file_name("password");
    fs::write(&password, CONSUMER.1).context("write the password")?;
    command.args(["--user", CONSUMER.0, "--password-file"]).arg(password);
    if how.presence {
        command.arg("--presence");
    }
    if let Some(topic) = how.topic {
        command.args(["--topic", topic]);
    }
    Process::start(name, &mut command, &database.path.with_file_name(format!("{name}.log")))
}

fn gap(line: &str) -> Result<Gap> {
    let [stream, rows, state] = line.split(' ').collect::<Vec<_>>()[..] else { bail!("gaps.py says `{line}`") };
    let (first, last) = rows.split_once('-').with_context(|| format!("gaps.py says `{line}`"))?;
    Ok(Gap { stream: stream.to_owned(), first: first.parse()?, last: last.parse()?, state: state.to_owned() })
}
