//! A gateway in small: engine, journal and recording, told by hand.

use super::super::keeper::Shelf;
use davy_core::{
    Engine,
    effect::Effects,
    event::*,
    id::*,
    model::{Site, TicketStatus, WorkType},
    quality::Quality,
    record::Record,
    time::{Monotonic, Now, UtcTime},
};
use davy_store::{
    Batch, Row, Rows, Store,
    recording::{Beginning, Keep, Keeps, Recorder},
};
use std::{
    path::Path,
    time::{Duration, Instant},
};

const BEGAN: UtcTime = UtcTime(1_795_392_000_000);

/// When the warning of the leak is raised, in seconds since the start.
pub(super) const RAISED: i64 = 1_305;
/// When it is closed: the value is back, its delay over, and somebody resets it.
pub(super) const CLOSED: i64 = 1_407;

/// A moment, in seconds since the start.
pub(super) fn second(second: i64) -> UtcTime {
    UtcTime(BEGAN.0 + second * 1_000)
}

pub(super) struct Stage {
    data: tempfile::TempDir,
    site: Site,
    engine: Engine,
    store: Store,
    recorder: Option<Recorder>,
    runtime: tokio::runtime::Runtime,
    now: Now,
    gas: f64,
    told: u64,
    /// The warning of the leak.
    pub(super) warning: String,
}

impl Stage {
    pub(super) fn new() -> Self {
        let data = tempfile::tempdir().unwrap();
        let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config/demo");
        let configuration = davy_config::read_dir(&config).unwrap().configuration;
        let (site, now) = (configuration.site, Now { monotonic: Monotonic(0), utc: BEGAN });
        let opened = davy_store::open(data.path(), BEGAN).unwrap();
        let beginning = Beginning {
            now,
            epoch: opened.epoch,
            config_version: site.gateway.config_version.to_string(),
            files: configuration.files.0,
            ..Beginning::default()
        };
        let keep = Keep { bytes_max: 1 << 30, days_max: 30 };
        let mut recorder = davy_store::recording::open(data.path(), BEGAN).unwrap();
        recorder.begin(beginning, Keeps { recording: keep, history: keep });
        Self {
            engine: Engine::new(site.clone(), opened.epoch, now),
            recorder: Some(recorder),
            runtime: tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap(),
            store: opened.store,
            gas: 3.0,
            told: 0,
            warning: String::new(),
            data,
            site,
            now,
        }
    }

    /// The whole story: it is on the disk.
    pub(super) fn played() -> Self {
        let mut stage = Self::new();
        stage.until_the_leak();
        stage.until(1_310);
        stage.sight("CAM-01");
        stage.sight("CAM-07");
        stage.until(1_320);
        let alarm = stage.alarm();
        stage.command(CommandKind::AcknowledgeAlarm { alarm });
        stage.until(1_330);
        stage.locate(0, None);
        stage.until(1_400);
        stage.gas = 3.0;
        stage.until(CLOSED as u64);
        let alarm = stage.alarm();
        stage.command(CommandKind::ResetAlarm { alarm });
        stage.until(1_500);
        stage.settle();
        stage
    }

    /// The detector's alarm.
    fn alarm(&self) -> AlarmId {
        let alarms = self.engine.snapshot(self.now.utc).alarms;
        alarms.into_iter().find(|alarm| alarm.rule.as_str() == "GT-1101.L1").unwrap().id.clone()
    }

    fn command(&mut self, kind: CommandKind) {
        self.tell(Event::Command(Command { request: 1, by: "李四".to_owned(), kind }));
    }

    /// People inside, a ticket in force, and then gas.
    pub(super) fn until_the_leak(&mut self) {
        self.tell(Event::Started);
        for at in 0..self.site.sources.len() {
            self.tell(Event::Source(SourceIx::from(at), Link::Up));
        }
        self.until(5);
        self.locate(0, Some("Z-02"));
        self.until(10);
        self.ticket("DH-1", "Z-02");
        self.ticket("DH-2", "Z-07");
        self.until(1_200);
        self.locate(1, Some("Z-02"));
        self.locate(2, Some("Z-07"));
        self.until(1_300);
        self.gas = 30.0;
        self.until(1_305);
    }

    pub(super) fn data(&self) -> &Path {
        self.data.path()
    }

    /// Everything told is on the disk.
    pub(super) fn settle(&mut self) {
        drop(self.recorder.take());
    }

    /// Keeps what is due, and says so to the engine.
    pub(super) fn keep(&mut self, now: UtcTime) {
        let kept = Shelf::default().work(self.data.path(), now).unwrap();
        self.told_of(kept);
    }

    pub(super) fn told_of(&mut self, kept: EvidenceKept) {
        self.tell(Event::Evidence(kept));
    }

    /// The journal has the warning's rows once more, under another id.
    pub(super) fn repeat_as(&mut self, id: &str) {
        let rows = Rows::open(self.data.path()).unwrap().warnings_between(0, u64::MAX, 1_000).unwrap();
        let of_it = rows.into_iter().rev().filter(|row| row.body.contains(&self.warning));
        let again =
            of_it.map(|row| Row { utc: row.utc, kind: "warning", body: row.body.replace(&self.warning, id) }).collect();
        self.commit(again);
    }

    /// Appends rows to the journal.
    pub(super) fn commit(&self, rows: Vec<Row>) {
        self.runtime.block_on(self.store.commit(Batch { rows, saved: Vec::new() })).unwrap();
    }

    /// Lets time pass; every five seconds the detectors and the transmitters of the risk event say something.
    fn until(&mut self, until: u64) {
        loop {
            let next_values = Monotonic((self.now.monotonic.0 / 5_000 + 1) * 5_000);
            let deadline = self.engine.next_deadline().filter(|due| *due < next_values);
            let next = deadline.unwrap_or(next_values);
            if next.0 > until * 1_000 {
                break;
            }
            self.now = Now { monotonic: next, utc: BEGAN.after(next.0) };
            if deadline.is_some() { self.tell(Event::Tick) } else { self.values() }
        }
        self.now = Now { monotonic: Monotonic(until * 1_000), utc: BEGAN.after(until * 1_000) };
    }

    fn values(&mut self) {
        let event = self.site.events.iter().position(|event| event.id.as_str() == "RE-0102").unwrap();
        let samples = self.site.watch_of(event.into()).tags.into_iter().map(|tag| {
            let about = &self.site.tags[tag.at()];
            let value = match about.id.as_str() {
                "GT-1101" => self.gas,
                _ if about.engineering_unit == "%LEL" => 2.0,
                _ => 1.0,
            };
            let source_time = Some(UtcTime(self.now.utc.0 - 40));
            Sample { tag, value, quality: Quality::GOOD, source_time, received_time: self.now.utc }
        });
        let samples = samples.collect();
        self.tell(Event::Samples(samples));
    }

    /// Time runs faster here than a disk writes; a recording that cannot keep up leaves blocks out.
    fn wait_for_the_disk(&self) {
        let written = || {
            let recording = davy_store::recording::Recording::open(self.data.path()).unwrap();
            recording.runs().unwrap().iter().map(|run| run.events).sum::<u64>()
        };
        let began = Instant::now();
        while written() + 30 < self.told {
            assert!(began.elapsed() < Duration::from_secs(60), "a block was lost: {} of {}", written(), self.told);
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    fn locate(&mut self, person: u32, zone: Option<&str>) {
        let zone = zone.map(|zone| self.zone(zone));
        self.tell(Event::Locations(vec![Location {
            person: PersonIx(person),
            zone,
            position: None,
            sos: false,
            battery_percent: Some(80),
            source_time: None,
            received_time: self.now.utc,
        }]));
    }

    fn sight(&mut self, camera: &str) {
        let camera = self.site.cameras.iter().position(|each| each.id.as_str() == camera).unwrap();
        self.tell(Event::Video(VideoSight {
            camera: camera.into(),
            algorithm: "smoke".to_owned(),
            confidence: 0.9,
            picture: Some("http://nvr/1310.jpg".to_owned()),
            source_time: None,
            received_time: self.now.utc,
        }));
    }

    fn ticket(&mut self, id: &str, zone: &str) {
        let update = TicketUpdate {
            status: TicketStatus::InWork,
            zone: Some(self.zone(zone)),
            end: Some(self.now.utc.after(8 * 3_600_000)),
            ..TicketUpdate::new(id.into(), WorkType("03".to_owned()), self.now.utc)
        };
        self.tell(Event::Ticket(Box::new(update)));
    }

    fn zone(&self, id: &str) -> ZoneIx {
        self.site.zones.iter().position(|zone| zone.id.as_str() == id).unwrap().into()
    }

    fn tell(&mut self, event: Event) {
        if let Some(recorder) = &mut self.recorder {
            recorder.put(self.now, &event);
            self.told += 1;
            if self.told.is_multiple_of(20) {
                self.wait_for_the_disk();
            }
        }
        let mut effects = Effects::default();
        self.engine.apply(self.now, event, &mut effects);
        for record in &effects.records {
            if let Record::Warning(warning) = record
                && warning.risk_event.as_str() == "RE-0102"
                && self.warning.is_empty()
            {
                self.warning = warning.id.to_string();
            }
        }
        let row = |record: &Record| {
            let body = serde_json::to_string(record).unwrap();
            Row { utc: self.now.utc, kind: record.kind(), body }
        };
        let rows: Vec<Row> = effects.records.iter().map(row).collect();
        if !rows.is_empty() {
            self.commit(rows);
        }
    }
}
