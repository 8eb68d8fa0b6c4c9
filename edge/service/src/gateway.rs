//! The wiring: store, engine, board, connectors, uplinks and page around the loop; and `davy run`.

mod apply;
mod live;
mod page;

use crate::{
    access::{self, Entrance},
    certificates,
    cli::Run,
    clock,
    commands::{Desk, Push},
    configuration::{ForPage, Order, folder},
    connections::{Connections, Starter, join},
    evidence,
    inboxes::Gauge,
    journal::Journal,
    limits, logging, look, output,
    owner::Owner,
    panel,
    recordings::{self, Recordings},
    resources::Meter,
    room::Room,
    selfcheck::SelfCheck,
    tags, tls, update,
    upkeep::Upkeep,
    what_if::WhatIfs,
};
use anyhow::Context as _;
use apply::Record;
use davy_api::{Access, Demo, Identity, JournalHealth, PageFile};
use davy_config::{Checked, Configuration, UplinkConfig};
use davy_core::{Engine, event::Event, id::UplinkId, indicators::Indicators, model::Site, saved::SavedState};
use davy_store::{Opened, Store};
pub(crate) use live::Fixed;
use live::{Hangups, Live};
use page::Page;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::{
    net::TcpListener,
    sync::{mpsc, oneshot, watch},
};
use tokio_util::sync::CancellationToken;

/// `davy run`.
pub(crate) fn command(args: &Run) -> anyhow::Result<()> {
    let made = folder::finish(&args.config).context("end a change of the configuration that was cut short")?;
    let checked = tls::read_dir(&args.config)?;
    for finding in &checked.coverage {
        tracing::warn!("{finding}");
    }
    block_on(async {
        let listener = listen(checked.configuration.web.listen).await?;
        let greeting = vec![format!("Davy: {}", tls::address(&checked.configuration.web, listener.local_addr()?))];
        let stop = CancellationToken::new();
        stop_on_signals(&stop)?;
        let (data, folder, entrance) = (args.data.clone(), Some(args.config.clone()), Entrance::Users);
        run(Setup { checked, data, listener, demo: None, entrance, greeting, folder, made }, stop).await
    })
}

/// What a gateway is made of.
pub(crate) struct Setup {
    pub(crate) checked: Checked,
    pub(crate) data: PathBuf,
    pub(crate) listener: TcpListener,
    pub(crate) demo: Option<watch::Receiver<Demo>>,
    /// Whether people log in.
    pub(crate) entrance: Entrance,
    /// Printed once nothing can go wrong any more; the first line has the page's address.
    pub(crate) greeting: Vec<String>,
    /// The folder from which the configuration is read again when the process is asked to by SIGHUP.
    pub(crate) folder: Option<PathBuf>,
    /// A change of the configuration that the last process may not have put on record.
    pub(crate) made: Option<folder::Made>,
}

/// Runs a gateway until told to stop. The order of the end: the field first, then the loop with its last rows, then
/// uplinks and page.
pub(crate) async fn run(setup: Setup, stop: CancellationToken) -> anyhow::Result<()> {
    let Setup { checked, data, listener, demo, entrance, greeting, folder, made } = setup;
    let Opened { store, epoch, saved, set_aside, .. } = open(&data).await?;
    if let Some(path) = &set_aside {
        tracing::error!(path = %path.display(), "the journal was corrupt and has been set aside: keep the file for whoever investigates");
    }
    let earlier = open_earlier(&data).await?;
    let (commands, requests) = mpsc::channel(limits::COMMANDS_MAX);
    let record = Record::start((folder, &data), &checked, made.as_ref(), commands.clone()).await;
    let Configuration { site, sources, uplinks, board, samples, files, storage, web, map, update: _ } =
        checked.configuration;
    let access = access::open(entrance, &data, &web).await?;
    let at = listener.local_addr()?;
    let tls = tls::Keeper::open(&web, &site.gateway.gateway_id, &data, at).await?;
    let mut hangups = Hangups::listen(record.folder.is_some())?;
    let proof = tls.iter().flat_map(|tls| tls.greeting());
    greeting.into_iter().chain(proof).for_each(output::line);
    let now = clock::now();
    let site = Arc::new(site);
    let engine = Engine::restore(Arc::clone(&site), epoch, read_saved(&saved), now);
    let heard_until = recordings::told_until(&data).await;
    let mut recordings = Recordings::open(&data, store.clone()).await;
    recordings.begin(&site, files, samples, saved, now);
    let (history, recording) = (recordings.history(), recordings.following());
    let panel = panel::start(&board, &data)?;
    let identity = Identity {
        gateway: site.gateway.clone(),
        epoch,
        version: update::version(),
        started_at: clock::utc(),
        board: board.kind.clone(),
    };
    let (health, journal) = watch::channel(JournalHealth { durable: true, detail: String::new() });
    let (snapshot_sender, snapshot) = watch::channel(Arc::new(engine.snapshot(clock::utc())));
    let mut updating = update::Updating::new(&data, &snapshot.borrow(), epoch, set_aside.is_some());
    let (inbox, events) = mpsc::channel::<Event>(limits::INBOX_MAX);
    let (changes, changed) = mpsc::channel(limits::CHANGES_MAX);
    let (orders, ordered) = mpsc::channel(limits::ORDERS_MAX);
    let (asking, asked) = mpsc::channel(limits::ORDERS_MAX);
    let (pushes, mut pushed) = mpsc::channel(limits::CHANGES_MAX);
    let (applies, mut applied) = mpsc::channel(limits::CHANGES_MAX);
    let owner =
        Owner::new(engine, panel.hand.clone(), Journal::new(store.clone(), health), recordings, snapshot_sender);

    let gauge = Gauge::default();
    gauge.add(&inbox);
    let meter = Meter::new(&data, gauge.clone());
    let resources = meter.follow();
    let meter = tokio::spawn(meter.run(stop.clone()));
    let upkeep = Upkeep::new(&data, record.folder.as_deref(), &site.gateway.gateway_id, resources.clone());
    let observers = CancellationToken::new();
    let pki = Arc::new(davy_field::Pki::new(&data));
    let (cursors, with_cursors) = watch::channel(uplinks_of_records(&site, &uplinks));
    let check = SelfCheck {
        data: data.clone(),
        budget_bytes: storage.budget_bytes,
        journal: journal.clone(),
        inbox: inbox.clone(),
        room: Room { store: store.clone(), days_max: storage.days_max, uplinks: with_cursors },
    };
    let check = tokio::spawn(check.run(stop.clone()));
    let keeper = tokio::spawn(evidence::Keeper::new(&data, inbox.clone()).run(stop.clone()));
    let teller = certificates::Teller { pki: Arc::clone(&pki), commands: commands.clone(), inbox: inbox.clone() };
    let teller = tokio::spawn(teller.run(stop.clone()));
    let guard = match &access {
        Access::Kept(keeper) => {
            let teller = access::Teller { keeper: Arc::clone(keeper), commands: commands.clone() };
            Some(tokio::spawn(teller.run(stop.clone())))
        }
        Access::Demo => None,
    };
    let listener_of_panel = panel::Listener {
        health: panel.health.clone(),
        heard: panel.heard,
        snapshot: snapshot.clone(),
        commands: commands.clone(),
        inbox: inbox.clone(),
    };
    let of_panel = tokio::spawn(listener_of_panel.run(stop.clone()));
    let renewing = tls.clone().map(|tls| tokio::spawn(tls.run(stop.clone())));
    let starter = Starter {
        north: davy_uplink::Context {
            utc: clock::utc,
            inbox: inbox.clone(),
            orders,
            store: store.clone(),
            earlier: earlier.clone(),
            recording,
            now: snapshot.clone(),
            turns: davy_uplink::Turns::default(),
            gateway: site.gateway.clone(),
            stop: observers.clone(),
        },
        field: davy_field::Context {
            utc: clock::utc,
            inbox,
            pki: Arc::clone(&pki),
            panel: Some(panel.health.clone()),
            site: Arc::clone(&site),
            stop: stop.clone(),
            heard_until,
            sent: None,
        },
    };
    let live_state = snapshot.clone();
    let desk = Desk {
        orders: ordered,
        asked: asking,
        pushes,
        store: store.clone(),
        journal: journal.clone(),
        synchronised: Arc::new(move || live_state.borrow().watch.clock?.synchronised),
    };
    let desk = tokio::spawn(desk.run());
    let connections = Connections::start(sources, uplinks, &starter);
    let looks = look::ForPage { in_force: record.in_force.clone(), pki: Arc::clone(&pki) };
    let loops = tags::Sheet::new(record.in_force.clone(), &data);
    let configurations = ForPage {
        folder: record.folder.clone(),
        in_force: record.in_force.clone(),
        shelf: Arc::clone(&record.shelf),
        what_ifs: Arc::new(WhatIfs::open(&data)),
        orders: applies,
    };
    let of_data = data.clone();
    let updates = update::ForPage::new(&data, record.folder.as_deref(), record.in_force.clone());
    let seen = update::Seen {
        commands: commands.clone(),
        snapshot: snapshot.clone(),
        journal: journal.clone(),
        sources: connections.sources(&site),
        page: at,
        clear: tls.is_none(),
        panel: panel.health.clone(),
    };
    let last_state = snapshot.clone();
    let page = davy_api::Context {
        utc: clock::utc,
        snapshot,
        sources: connections.sources(&site),
        uplinks: connections.uplinks(&site),
        commands,
        site: Arc::clone(&site),
        map: page::map(&site, map),
        store: store.clone(),
        history,
        identity,
        indicators: Indicators::new(&site),
        journal,
        demo,
        panel: panel.health.clone(),
        board: Arc::new(panel::ForPage(panel.hand.clone())),
        access,
        clock: Arc::new(clock::now),
        tls: tls.as_ref().map(|tls| tls.follow()),
        names: web.names.iter().cloned().chain(tls::host_name().filter(|_| web.tls)).collect(),
        evidence: Arc::new(move |warning| evidence::answer(&data, warning)),
        certificates: Arc::new(certificates::ForPage(pki)),
        looks: Arc::new(looks),
        loops: Arc::new(loops),
        configurations: Arc::new(configurations),
        resources,
        logs: logging::held(),
        upkeep: Arc::new(upkeep),
        updates: Arc::new(updates),
        page: page_file,
        stop: observers.clone(),
    };
    let page = Page::open(listener.into_std()?, page)?;

    let last = CancellationToken::new();
    let owner = alone(owner.run(events, requests, asked, changed, last.clone()))?;
    record.tell_later(made);
    let of_update = updating.start(seen, &stop);
    let mut live = Live { connections, starter, page, tls, changes, cursors, gauge, record, data: of_data };
    loop {
        tokio::select! {
            biased;
            go_on = hangups.next(&stop) => match go_on {
                true => live.turn_to_folder().await,
                false => break,
            },
            Some(Push { by, model, answer }) = pushed.recv() => drop(answer.send(live.turn_to_model(by, model).await)),
            Some(Order { apply, answer }) = applied.recv() => drop(answer.send(live.apply(apply).await)),
            () = updating.wanted() => {
                updating.begin_to_end(live.sources(), &panel.health.borrow());
                stop.cancel();
                break;
            }
        }
    }
    if !updating.goes_on() {
        panel.hand.stopping();
    }
    // What is asked from here on comes again after the next start.
    desk.abort();
    let (connectors, north) = live.connections.into_tasks();
    join(
        connectors
            .into_iter()
            .chain([check, keeper, teller, of_panel, meter])
            .chain(guard)
            .chain(renewing)
            .chain(of_update),
        limits::FIELD_STOP_MAX,
        "connectors",
    )
    .await;
    last.cancel();
    owner.await.context("the loop ended by a fault: its log line says which")?;
    drop(panel.end);
    observers.cancel();
    join(north.into_iter().chain(live.page.into_tasks()), limits::UPLINK_STOP_MAX, "uplinks and page").await;
    for store in earlier.into_iter().chain([store]) {
        store.close().await;
    }
    updating.ended(&last_state.borrow());
    Ok(())
}

/// Runs the work of the whole process. What then still holds a thread, such as evidence that is being put together, ends with
/// the process.
pub(crate) fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().context("start the runtime")?;
    let result = runtime.block_on(work);
    runtime.shutdown_timeout(limits::LAST_WORK_MAX);
    result
}

/// Runs the loop on a thread of its own, so that whatever keeps the others busy, a page of very many alarms or a slow disk, does not
/// keep it from its turn, nor it them.
fn alone(work: impl Future<Output = ()> + Send + 'static) -> anyhow::Result<oneshot::Receiver<()>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().context("start the loop")?;
    let (ended, end) = oneshot::channel();
    let run = move || {
        runtime.block_on(work);
        // Nobody waits for it when the gateway could not be started to its end.
        let _ = ended.send(());
    };
    std::thread::Builder::new().name("davy-loop".to_owned()).spawn(run).context("start the thread of the loop")?;
    Ok(end)
}

/// Listens for the page.
pub(crate) async fn listen(address: std::net::SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        format!("listen on {address} for the page: choose another address or end the program that holds it")
    })
}

/// An orderly stop on SIGTERM and Ctrl-C.
pub(crate) fn stop_on_signals(stop: &CancellationToken) -> anyhow::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut term, mut int) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let stop = stop.clone();
    tokio::spawn(async move {
        tokio::select! { _ = term.recv() => {}, _ = int.recv() => {} }
        tracing::info!("stopping");
        update::told_to_stop();
        stop.cancel();
    });
    Ok(())
}

async fn open(data: &Path) -> anyhow::Result<Opened> {
    let data = data.to_owned();
    let opened = tokio::task::spawn_blocking(move || davy_store::open(&data, clock::utc())).await;
    Ok(opened.context("open the journal")??)
}

/// The journals from which a restored gateway goes on. One that cannot be opened keeps nobody from alarming.
async fn open_earlier(data: &Path) -> anyhow::Result<Vec<Store>> {
    let mut stores = Vec::new();
    for directory in davy_store::backup::earlier(data)? {
        match open(&directory).await {
            Ok(opened) => stores.push(opened.store),
            Err(error) => tracing::error!(
                event = "earlier_journal_unusable",
                path = %directory.display(),
                "what it had not sent stays where it is: {error:#}"
            ),
        }
    }
    Ok(stores)
}

/// The saved state. A row that cannot be read is left out and said loudly: the gateway must alarm rather than not start.
pub(crate) fn read_saved(rows: &BTreeMap<String, String>) -> SavedState {
    let mut saved = SavedState::default();
    for (key, body) in rows {
        match saved.insert(key, &mut serde_json::Deserializer::from_str(body)) {
            Ok(true) => {}
            Ok(false) => {
                tracing::warn!(key, "saved state of an unknown kind is left alone: it comes from another version")
            }
            Err(error) => {
                tracing::error!(key, %error, "saved state cannot be read and is left out: this object begins anew")
            }
        }
    }
    saved
}

/// The uplinks of a site: each has a cursor in the journal.
/// The uplinks whose cursors stand in the journal.
fn uplinks_of_records(site: &Site, uplinks: &[UplinkConfig]) -> Vec<UplinkId> {
    let of_records = uplinks.iter().filter(|config| config.samples().is_none());
    of_records.map(|config| site.uplinks[config.uplink().at()].id.clone()).collect()
}

fn page_file(path: &str) -> Option<PageFile> {
    let davy_web::Asset { bytes, content_type, etag, immutable } = davy_web::asset(path)?;
    Some(PageFile { bytes, content_type, etag, immutable })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        sync::mpsc,
        time::{Duration, Instant},
    };

    #[test]
    fn the_process_ends_though_a_thread_is_at_work() {
        let (held, hold) = mpsc::channel::<()>();
        let began = Instant::now();
        let ended = block_on(async {
            // Long, but not for ever: a failure is to be one, not a test that hangs.
            tokio::task::spawn_blocking(move || hold.recv_timeout(Duration::from_secs(60)));
            Ok(7)
        });
        assert_eq!(ended.expect("the work's own result"), 7);
        assert!(began.elapsed() < limits::LAST_WORK_MAX + Duration::from_secs(20), "{:?}", began.elapsed());
        drop(held);
    }
}
