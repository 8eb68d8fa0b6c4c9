//! The launcher beside a release on trial: it hears how far the release is, and when that is not confirmed in time, or says nothing for
//! too long, or ends, it ends it and goes back to what ran before. Signals of the service manager are passed on.

use super::{
    launch::{self, AGAIN, TRIAL},
    state::{Event, Shelf, Trial},
};
use crate::{clock, limits};
use anyhow::Context as _;
use davy_board::ServiceManager;
use rustix::process::{Pid, Signal, kill_process};
use std::{
    os::{fd::OwnedFd, unix::net::UnixStream as StdStream},
    path::Path,
    process::{ExitCode, ExitStatus, Stdio},
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines},
    net::{
        UnixStream,
        unix::{OwnedReadHalf, OwnedWriteHalf},
    },
    process::{Child, Command},
    signal::unix::{SignalKind, signal},
    time::{Instant, Interval, interval, sleep_until},
};

/// What is to be done after it.
pub(super) enum Ended {
    /// The process ends with this.
    With(ExitCode),
    /// The launcher looks anew what is to run.
    Again,
}

/// What the release says, a line each; anything else only shows that it lives.
pub(super) const CONFIRMED: &str = "confirmed ";
/// See above.
pub(super) const FAILED: &str = "failed ";
/// What it hears when its confirmation is on the disk.
pub(super) const WRITTEN: &str = "written";

/// Starts a release and stays until it ends.
pub(super) fn supervise(shelf: &Shelf, trial: &Trial, program: &Path) -> anyhow::Result<Ended> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("start the launcher")?;
    runtime.block_on(async {
        match Watch::begin(shelf, trial, program) {
            Ok(watch) => watch.run().await,
            Err(error) => {
                launch::roll_back(shelf, trial.version, &format!("{error:#}"));
                Ok(Ended::Again)
            }
        }
    })
}

struct Watch<'a> {
    shelf: &'a Shelf,
    trial: &'a Trial,
    child: Child,
    hears: Option<Lines<BufReader<OwnedReadHalf>>>,
    says: OwnedWriteHalf,
    confirmed: bool,
    /// When it must have been confirmed, and when it must have said something.
    until: Instant,
    alive_until: Instant,
    feeds: Interval,
    manager: Option<ServiceManager>,
}

impl<'a> Watch<'a> {
    fn begin(shelf: &'a Shelf, trial: &'a Trial, program: &Path) -> anyhow::Result<Self> {
        let (ours, theirs) = StdStream::pair().context("make the line to the release")?;
        ours.set_nonblocking(true).context("make the line to the release")?;
        let mut command = Command::from(launch::as_release(program, trial.version));
        // The watchdog of the service manager is for whoever alarms, which is the child now.
        command.env(TRIAL, "1").env_remove("WATCHDOG_PID").stdin(Stdio::from(OwnedFd::from(theirs)));
        let child = command.kill_on_drop(true).spawn();
        let child = child.with_context(|| format!("start {}", program.display()))?;
        let (hears, says) = UnixStream::from_std(ours)?.into_split();
        let now = Instant::now();
        Ok(Self {
            shelf,
            trial,
            child,
            hears: Some(BufReader::new(hears).lines()),
            says,
            confirmed: false,
            until: now + Duration::from_secs(trial.confirm_within_s),
            alive_until: now + limits::UPDATE_SILENT_MAX,
            feeds: interval(limits::UPDATE_FEED),
            manager: ServiceManager::of_environment(),
        })
    }

    async fn run(mut self) -> anyhow::Result<Ended> {
        let (mut term, mut int) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        let mut hangup = signal(SignalKind::hangup())?;
        loop {
            let first = self.until.min(self.alive_until);
            tokio::select! {
                biased;
                _ = term.recv() => return self.stop().await,
                _ = int.recv() => return self.stop().await,
                _ = hangup.recv() => self.signal(Signal::HUP),
                status = self.child.wait() => return self.ended(status?),
                line = next(&mut self.hears) => {
                    if let Some(why) = self.hear(line).await {
                        return self.roll_back(&why).await;
                    }
                }
                _ = self.feeds.tick(), if !self.confirmed => self.feed(),
                () = sleep_until(first), if !self.confirmed => {
                    let why = match first == self.until {
                        true => format!("it has not shown within {} s that it alarms", self.trial.confirm_within_s),
                        false => format!("it has said nothing for {} s", limits::UPDATE_SILENT_MAX.as_secs()),
                    };
                    return self.roll_back(&why).await;
                }
            }
        }
    }

    /// Why it is to be rolled back, if it is.
    async fn hear(&mut self, line: Option<String>) -> Option<String> {
        let Some(line) = line else {
            self.hears = None;
            return None;
        };
        self.alive_until = Instant::now() + limits::UPDATE_SILENT_MAX;
        if let Some(why) = line.strip_prefix(FAILED).filter(|_| !self.confirmed) {
            return Some(why.to_owned());
        }
        let words = line.strip_prefix(CONFIRMED)?.to_owned();
        match self.shelf.happen(Event::Confirmed { at: clock::utc(), words }) {
            Ok(_) => {
                self.confirmed = true;
                tracing::info!(event = "update_confirmed", version = %self.trial.version, "the update is confirmed");
                // Where it has ended meanwhile its end says so.
                let _ = self.says.write_all(format!("{WRITTEN}\n").as_bytes()).await;
                None
            }
            Err(error) => Some(format!("that it is confirmed cannot be written: {error:#}")),
        }
    }

    fn ended(&mut self, status: ExitStatus) -> anyhow::Result<Ended> {
        if !self.confirmed {
            launch::roll_back(self.shelf, self.trial.version, &format!("it ended before it was confirmed: {status}"));
            return Ok(Ended::Again);
        }
        let code = status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1);
        Ok(if code == AGAIN { Ended::Again } else { Ended::With(ExitCode::from(code)) })
    }

    async fn roll_back(&mut self, why: &str) -> anyhow::Result<Ended> {
        // Before it is done, so that a power cut or the service manager in between finds it.
        launch::roll_back(self.shelf, self.trial.version, why);
        self.end().await?;
        Ok(Ended::Again)
    }

    /// The whole is to end; a trial goes on at the next start.
    async fn stop(&mut self) -> anyhow::Result<Ended> {
        let status = self.end().await?;
        let code = status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1);
        Ok(Ended::With(ExitCode::from(if code == AGAIN { 0 } else { code })))
    }

    /// Asks it to end, and makes it end when it does not.
    async fn end(&mut self) -> anyhow::Result<ExitStatus> {
        self.signal(Signal::TERM);
        // One that was stopped hears nothing else.
        self.signal(Signal::CONT);
        let until = Instant::now() + limits::UPDATE_END_MAX;
        loop {
            tokio::select! {
                biased;
                status = self.child.wait() => return Ok(status?),
                () = sleep_until(until) => {
                    self.child.start_kill().context("end the release")?;
                    return Ok(self.child.wait().await?);
                }
                _ = self.feeds.tick() => self.feed(),
            }
        }
    }

    /// Until the release alarms its patience is the launcher's, whose own deadlines hold.
    fn feed(&self) {
        self.manager.iter().for_each(ServiceManager::feed);
    }

    fn signal(&self, signal: Signal) {
        let id = self.child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        if let Some(Err(error)) = id.map(|id| kill_process(id, signal)) {
            tracing::warn!(%error, "the release cannot be told");
        }
    }
}

/// The next line; never, when there is none any more.
async fn next(hears: &mut Option<Lines<BufReader<OwnedReadHalf>>>) -> Option<String> {
    match hears {
        Some(lines) => lines.next_line().await.ok().flatten(),
        None => std::future::pending().await,
    }
}
