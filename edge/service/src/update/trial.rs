//! A release on trial shows that it alarms, and says so to the launcher. What is shown: the journal was taken up where it ended, every
//! alarm that stood stands, the loop turns and what it does reaches the disk, the program alarms on a small plant of its own, the page
//! answers, every output of the box that worked works, and every source that was connected before is connected again. A source that was not is not waited for; one that is not
//! connected again in time costs the update, because nobody can tell whether it is the source or the release.

use super::{
    proof,
    state::{Before, LAUNCHER, Shelf, Trial},
    supervise::{CONFIRMED, FAILED, WRITTEN},
    version,
};
use crate::{clock, limits};
use anyhow::Context as _;
use davy_api::{JournalHealth, Request};
use davy_core::{
    event::{CommandKind, Note, NoteAct},
    health::{PanelHealth, SourceHealth},
    model::Source,
    snapshot::Snapshot,
    time::UtcTime,
};
use std::{
    collections::BTreeSet,
    io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    os::{fd::AsFd as _, unix::net::UnixStream as StdStream},
    sync::Arc,
};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader, Lines},
    net::{
        TcpStream, UnixStream,
        unix::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::{mpsc, oneshot, watch},
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

/// How the gateway came up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CameUp {
    pub(crate) at: UtcTime,
    pub(crate) epoch: u32,
    /// Whether the journal was set aside, damaged.
    pub(crate) set_aside: bool,
    /// The alarms that were restored.
    pub(crate) alarms: BTreeSet<String>,
}

/// What the trial looks at.
pub(crate) struct Seen {
    pub(crate) commands: mpsc::Sender<Request>,
    pub(crate) snapshot: watch::Receiver<Arc<Snapshot>>,
    pub(crate) journal: watch::Receiver<JournalHealth>,
    pub(crate) sources: Vec<(Source, watch::Receiver<SourceHealth>)>,
    pub(crate) panel: watch::Receiver<Arc<PanelHealth>>,
    /// Where the page listens, and whether in the clear.
    pub(crate) page: SocketAddr,
    pub(crate) clear: bool,
}

/// The line to the launcher.
struct Voice {
    hears: Lines<BufReader<OwnedReadHalf>>,
    says: OwnedWriteHalf,
}

/// Runs the trial until it is confirmed; and ends the gateway when the launcher is gone, which alone would start it again.
pub(crate) async fn run(shelf: Shelf, came_up: CameUp, seen: Seen, stop: CancellationToken) {
    let ended = async {
        let mut voice = Voice::take()?;
        let words = tokio::select! {
            shown = show(&shelf, &came_up, &seen) => shown,
            () = voice.live(&seen) => Err("the launcher is gone".to_owned()),
        };
        match words {
            Ok(words) => voice.confirm(&words).await?,
            Err(words) => voice.say(&format!("{FAILED}{}", line(&words))).await?,
        }
        voice.hears.next_line().await?;
        anyhow::Ok(())
    };
    tokio::select! {
        () = stop.cancelled() => return,
        ended = ended => if let Err(error) = ended {
            tracing::error!("the launcher cannot be told how the trial goes: {error:#}");
        }
    }
    stop.cancel();
}

impl Voice {
    fn take() -> anyhow::Result<Self> {
        let of_launcher = io::stdin().as_fd().try_clone_to_owned().context("take the line to the launcher")?;
        let stream = StdStream::from(of_launcher);
        stream.set_nonblocking(true)?;
        let (hears, says) = UnixStream::from_std(stream)?.into_split();
        Ok(Self { hears: BufReader::new(hears).lines(), says })
    }

    /// Says that it lives for as long as the loop turns; ends when nobody hears it.
    async fn live(&mut self, seen: &Seen) {
        let mut told = UtcTime(i64::MIN);
        loop {
            let turned = seen.snapshot.borrow().at;
            if turned != told && self.say("alive").await.is_err() {
                return;
            }
            told = turned;
            sleep(limits::UPDATE_ALIVE).await;
        }
    }

    async fn say(&mut self, line: &str) -> anyhow::Result<()> {
        self.says.write_all(format!("{line}\n").as_bytes()).await.context("tell the launcher")
    }

    async fn confirm(&mut self, words: &str) -> anyhow::Result<()> {
        self.say(&format!("{CONFIRMED}{}", line(words))).await?;
        let heard = self.hears.next_line().await?;
        anyhow::ensure!(heard.as_deref() == Some(WRITTEN), "the launcher says {heard:?}");
        tracing::info!("the update is confirmed: {words}");
        Ok(())
    }
}

fn line(words: &str) -> String {
    super::install::short(&words.replace('\n', " "))
}

/// Everything that is to be shown, in order.
async fn show(shelf: &Shelf, came_up: &CameUp, seen: &Seen) -> Result<String, String> {
    let of = shelf.clone();
    let trial = tokio::task::spawn_blocking(move || of.read()).await;
    let trial = trial.ok().and_then(Result::ok).and_then(|state| state.trial);
    let trial = trial.ok_or("it does not find itself among the releases")?;
    goes_on(came_up, trial.before.as_ref())?;
    proof::alarms()?;
    reaches_the_disk(seen, &trial).await?;
    page_answers(seen).await?;
    let Before { sources, outputs, .. } = trial.before.clone().unwrap_or_default();
    do_what_they_are_to(seen, &outputs).await;
    are_connected(seen, &sources).await;
    let JournalHealth { durable, detail } = seen.journal.borrow().clone();
    if !durable {
        return Err(format!("what happens does not reach the disk: {detail}"));
    }
    Ok(words(came_up, trial.before.as_ref(), sources.len()))
}

/// Whether it goes on where the program before it ended.
fn goes_on(came_up: &CameUp, before: Option<&Before>) -> Result<(), String> {
    if came_up.set_aside {
        return Err("it did not take up the journal and began another".to_owned());
    }
    let Some(before) = before else { return Ok(()) };
    if before.epoch != came_up.epoch {
        return Err(format!("it began the epoch {} where {} was", came_up.epoch, before.epoch));
    }
    let missing: Vec<&str> =
        before.alarms.iter().filter(|alarm| !came_up.alarms.contains(*alarm)).map(String::as_str).collect();
    match missing.is_empty() {
        true => Ok(()),
        false => Err(format!("alarms that stood are missing: {}", missing.join(", "))),
    }
}

/// A row goes through the loop to the disk and back.
async fn reaches_the_disk(seen: &Seen, trial: &Trial) -> Result<(), String> {
    let note = Note {
        act: NoteAct::TryUpdate,
        object: Some(version::text().to_owned()),
        before: None,
        after: None,
        note: format!("start {} of {}", trial.attempts, limits::UPDATE_ATTEMPTS_MAX),
    };
    let (answer, answered) = oneshot::channel();
    let request = Request { by: LAUNCHER.to_owned(), kind: CommandKind::Note(note), answer };
    let stands = || "its loop does not answer".to_owned();
    seen.commands.send(request).await.map_err(|_| stands())?;
    match timeout(limits::UPDATE_ANSWER_MAX, answered).await {
        Ok(Ok(Ok(()))) => Ok(()),
        Ok(Ok(Err(refused))) => Err(format!("what happens does not reach the disk: {refused:?}")),
        Ok(Err(_)) | Err(_) => Err(stands()),
    }
}

/// In the clear it says that it lives; over TLS it takes the connection.
async fn page_answers(seen: &Seen) -> Result<(), String> {
    let at = seen.page;
    let at = match at {
        SocketAddr::V4(at) if at.ip().is_unspecified() => SocketAddr::from((Ipv4Addr::LOCALHOST, at.port())),
        SocketAddr::V6(at) if at.ip().is_unspecified() => SocketAddr::from((Ipv6Addr::LOCALHOST, at.port())),
        SocketAddr::V4(_) | SocketAddr::V6(_) => at,
    };
    let asks = async {
        let mut stream = TcpStream::connect(at).await?;
        if !seen.clear {
            return io::Result::Ok(true);
        }
        let ask = format!("GET /healthz HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\n\r\n");
        stream.write_all(ask.as_bytes()).await?;
        let mut head = [0; 12];
        stream.read_exact(&mut head).await?;
        Ok(&head == b"HTTP/1.1 200")
    };
    match timeout(limits::UPDATE_ANSWER_MAX, asks).await {
        Ok(Ok(true)) => Ok(()),
        Ok(Ok(false)) => Err(format!("the page at {at} does not say that it lives")),
        Ok(Err(error)) => Err(format!("the page at {at} does not answer: {error}")),
        Err(_) => Err(format!("the page at {at} does not answer")),
    }
}

/// Waits for all that were connected before; the launcher knows for how long.
async fn are_connected(seen: &Seen, before: &[String]) {
    for (source, health) in &seen.sources {
        if before.iter().any(|id| *id == source.id.to_string()) {
            // Its connector has ended: then it will never be, and the time runs out.
            if health.clone().wait_for(|health| health.up).await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }
}

/// Waits for every output of the box that worked before: lamp, horn and relays belong to alarming.
async fn do_what_they_are_to(seen: &Seen, before: &[String]) {
    let works = |panel: &PanelHealth, name: &str| {
        panel.outputs.iter().any(|output| output.name == name && output.trouble.is_none())
    };
    let all_work = |panel: &Arc<PanelHealth>| before.iter().all(|name| works(panel, name));
    if seen.panel.clone().wait_for(all_work).await.is_err() {
        std::future::pending::<()>().await;
    }
}

fn words(came_up: &CameUp, before: Option<&Before>, sources: usize) -> String {
    let Some(before) = before else { return "it alarms".to_owned() };
    format!(
        "it alarms; {} alarms stood before and stand, {sources} sources are connected again; nobody evaluated alarms for {} ms and the field was not heard for {} ms at most",
        before.alarms.len(),
        came_up.at.since(before.at).max(0),
        clock::utc().since(before.at).max(0),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn before() -> Before {
        Before { at: UtcTime(1_000), epoch: 3, alarms: vec!["a~1".to_owned(), "b~2".to_owned()], ..Before::default() }
    }

    fn came_up(epoch: u32, alarms: &[&str]) -> CameUp {
        let alarms = alarms.iter().map(|alarm| (*alarm).to_owned()).collect();
        CameUp { at: UtcTime(1_700), epoch, set_aside: false, alarms }
    }

    #[test]
    fn it_goes_on_when_journal_and_alarms_are_those_from_before() {
        assert_eq!(goes_on(&came_up(3, &["b~2", "a~1", "c~3"]), Some(&before())), Ok(()));
        assert_eq!(goes_on(&came_up(9, &[]), None), Ok(()), "after a power cut nobody has said what stood");
        let wrong = [(came_up(4, &["a~1", "b~2"]), "epoch 4"), (came_up(3, &["a~1"]), "missing: b~2")];
        for (came_up, why) in wrong {
            assert!(goes_on(&came_up, Some(&before())).expect_err(why).contains(why));
        }
        let aside = CameUp { set_aside: true, ..came_up(3, &["a~1", "b~2"]) };
        assert!(goes_on(&aside, None).is_err());
        assert!(words(&came_up(3, &[]), Some(&before()), 2).contains("for 700 ms"));
    }
}
