//! The recording: what went in comes out, in order, whatever the clocks did; the oldest makes room; nothing of another shape
//! is played.

use davy_core::{
    event::{
        Backfill, ClockState, Command, CommandKind, Event, EvidenceKept, Filled, Link, Location, PlatformAsk,
        PlatformCommand, Sample, StorageState, TicketUpdate, VideoSight,
    },
    id::{CameraIx, PersonIx, SourceIx, TagIx, UplinkIx, ZoneIx},
    model::{Position, WorkType},
    quality::Quality,
    time::{Monotonic, Now, UtcTime},
};
use davy_store::recording::{Beginning, FORMAT, Keep, Keeps, Part, Recorder, Recording, Run, Told, open};
use std::{collections::BTreeSet, fs, path::Path};

const PLENTY: Keep = Keep { bytes_max: 1 << 30, days_max: 30 };
const BEGAN: i64 = 1_795_392_000_000;

fn at(ms: u64) -> Now {
    Now { monotonic: Monotonic(ms), utc: UtcTime(BEGAN).after(ms) }
}

fn beginning() -> Beginning {
    Beginning {
        now: at(0),
        epoch: 3,
        head: 41,
        config_version: "0123456789ab".to_owned(),
        files: [("gateway.toml".to_owned(), b"[gateway]".to_vec())].into(),
        saved: [("engine".to_owned(), "{}".to_owned())].into(),
        tags: Vec::new(),
    }
}

fn begin(directory: &Path) -> Recorder {
    record(directory, beginning(), PLENTY)
}

fn record(directory: &Path, beginning: Beginning, recording: Keep) -> Recorder {
    let mut recorder = open(directory, beginning.now.utc).expect("the files can be opened");
    recorder.begin(beginning, Keeps { recording, history: PLENTY });
    recorder
}

fn told(directory: &Path, run: &Run) -> Vec<Told> {
    let mut told = Vec::new();
    let recording = Recording::open(directory).expect("there is a recording");
    let take = |part: Part| {
        told.extend(part.told);
        true
    };
    recording.play(run, take).expect("every block reads");
    told
}

fn samples(ms: u64, count: u32) -> Event {
    let sample = |tag| Sample {
        tag: TagIx(tag),
        value: f64::from(tag) / 3.0,
        quality: Quality::GOOD,
        source_time: Some(at(ms).utc),
        received_time: at(ms).utc,
    };
    Event::Samples((0..count).map(sample).collect())
}

/// One of each kind.
fn each_kind() -> Vec<Event> {
    let (source_time, received_time) = (Some(UtcTime(BEGAN)), UtcTime(BEGAN + 7));
    vec![
        Event::Started,
        samples(1, 2),
        Event::Locations(vec![Location {
            person: PersonIx(1),
            zone: Some(ZoneIx(2)),
            sos: true,
            battery_percent: Some(80),
            position: Some(Position { x: 1.5, y: -2.0, floor: 1 }),
            source_time,
            received_time,
        }]),
        Event::Video(VideoSight {
            camera: CameraIx(0),
            algorithm: "smoke".to_owned(),
            confidence: 0.9,
            picture: None,
            source_time,
            received_time,
        }),
        Event::Source(SourceIx(0), Link::Up),
        Event::Uplink(UplinkIx(0), Link::Down("refused".to_owned())),
        Event::Command(Command {
            request: 1,
            by: "张伟".to_owned(),
            kind: CommandKind::AcknowledgeAlarm { alarm: "LI-1101.HH~1.2".into() },
        }),
        Event::Clock(ClockState { synchronised: Some(true), offset_ms: Some(-3) }),
        Event::Storage(StorageState { used_bytes: 7, budget_bytes: Some(9), free_bytes: None }),
        Event::Journal(Link::Up),
        Event::Tick,
        Event::Evidence(EvidenceKept {
            warning: "RE-1~1.2".into(),
            kept_at: UtcTime(BEGAN),
            sha256: "ab".to_owned(),
            bytes: 7,
        }),
        Event::Backfill(Backfill {
            source: SourceIx(1),
            samples: vec![Sample {
                tag: TagIx(2),
                value: 0.5,
                quality: Quality::UNCERTAIN,
                source_time,
                received_time,
            }],
            filled: Some(Filled { from: UtcTime(BEGAN), until: received_time, values: 1 }),
        }),
        Event::Certificates(None),
        Event::Reconfigured,
        Event::Platform(Box::new(PlatformCommand {
            request: 2,
            by: "李四".to_owned(),
            key: "platform".to_owned(),
            id: "c-1".to_owned(),
            kind: "ticket".to_owned(),
            issued: UtcTime(BEGAN),
            sha256: "ab".to_owned(),
            ask: PlatformAsk::Ticket(Box::new(TicketUpdate::new(
                "DH-1".into(),
                WorkType("01".to_owned()),
                received_time,
            ))),
        })),
        Event::Board(Link::Down("horn".to_owned())),
    ]
}

#[test]
fn what_went_in_comes_out() {
    let directory = tempfile::tempdir().unwrap();
    let mut expected = Vec::new();
    for _ in 0..2 {
        let mut recorder = begin(directory.path());
        for ms in 0..2_000 {
            // The wall clock is set back by an hour in between.
            let now = Now { utc: UtcTime(at(ms).utc.0 - if ms > 900 { 3_600_000 } else { 0 }), ..at(ms) };
            let event = if ms % 5 == 0 { samples(ms, 400) } else { each_kind()[(ms % 15) as usize].clone() };
            recorder.put(now, &event);
            expected.push(Told { now, event });
        }
    }
    let runs = Recording::open(directory.path()).unwrap().runs().unwrap();
    let found: Vec<_> = runs.iter().flat_map(|run| told(directory.path(), run)).collect();
    assert!(found == expected, "{} events for {}", found.len(), expected.len());
    for run in &runs {
        assert_eq!((&run.beginning, run.events, run.cut, run.foreign), (&beginning(), 2_000, false, false));
    }
    assert_eq!(runs.len(), 2);
}

#[test]
fn a_span_of_time_is_found_across_runs() {
    let directory = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        let mut recorder = begin(directory.path());
        (0..60).for_each(|second| recorder.put(at(second * 1_000), &samples(second, 1)));
    }
    let (from, until) = (at(20_000).utc, at(24_000).utc);
    let mut seen = Vec::new();
    let recording = Recording::open(directory.path()).unwrap();
    let mut runs = Vec::new();
    let take = |run, part: Part| {
        runs.push(run);
        seen.extend(part.told.iter().map(|told| told.now.utc));
        true
    };
    recording.between(from, until, take).unwrap();
    let within = recording.runs_between(from, until).unwrap();
    assert_eq!(runs.iter().collect::<BTreeSet<_>>(), within.iter().map(|run| &run.id).collect());
    let (began, version) = (at(0).utc, beginning().config_version);
    assert!(within.iter().all(|run| run.began == began && run.config_version == version && !run.foreign));
    assert!(within.iter().all(|run| recording.files(run.id).unwrap() == beginning().files));
    let mut backwards = Vec::new();
    recording
        .between_backwards(from, until, |run, _| {
            backwards.push(run);
            backwards.len() < runs.len()
        })
        .unwrap();
    assert!(backwards.iter().eq(runs.iter().rev()), "{backwards:?} is {runs:?} backwards");
    assert_eq!(recording.reaches_back_to().unwrap(), Some(at(0).utc));
    assert_eq!(recording.runs_between(at(100_000).utc, at(200_000).utc).unwrap(), []);
    for second in 20..=24 {
        assert_eq!(
            seen.iter().filter(|utc| **utc == at(second * 1_000).utc).count(),
            2,
            "second {second} of both runs"
        );
    }
    assert!(seen.len() < 40, "and little else: {}", seen.len());
}

/// Whoever looks at a span of time reads no saved state, and a configuration only when it asks for it: both are long.
#[test]
fn a_span_of_time_does_not_read_what_its_runs_began_with() {
    let directory = tempfile::tempdir().unwrap();
    let mut recorder = begin(directory.path());
    assert_eq!(Recording::open(directory.path()).unwrap().told_until().unwrap(), None, "nothing was told yet");
    recorder.put(at(0), &Event::Started);
    drop(recorder);
    let connection = rusqlite::Connection::open(directory.path().join("recording.db")).unwrap();
    let recording = Recording::open(directory.path()).unwrap();
    let runs = || recording.runs_between(at(0).utc, at(1).utc).unwrap();
    connection.execute_batch("UPDATE run SET saved = x'00'").unwrap();
    assert_eq!(recording.files(runs()[0].id).unwrap(), beginning().files);
    connection.execute_batch("UPDATE run SET files = x'00'").unwrap();
    assert!(recording.files(runs()[0].id).is_err() && recording.runs().is_err());
}

#[test]
fn the_oldest_makes_room_and_the_run_says_so() {
    let directory = tempfile::tempdir().unwrap();
    let keep = Keep { bytes_max: 40_000, days_max: 30 };
    let mut recorder = record(directory.path(), beginning(), keep);
    // The run itself is begun by the thread that writes.
    let written_until = || Recording::open(directory.path()).unwrap().runs().unwrap().first().map(|run| run.until);
    for second in 0..3_000 {
        recorder.put(at(second * 1_000), &samples(second, 200));
        // Time runs faster here than a disk writes; a recording that cannot keep up leaves blocks out.
        while second % 100 == 99 && written_until() < Some(at((second - 60) * 1_000).utc) {
            std::thread::yield_now();
        }
    }
    drop(recorder);
    let runs = Recording::open(directory.path()).unwrap().runs().unwrap();
    let kept = told(directory.path(), &runs[0]);
    assert!(runs[0].cut && kept.len() < 2_000, "{} events are left", kept.len());
    assert_eq!(kept.last().unwrap().now, at(2_999_000), "the newest stays");
    assert_eq!(Recording::open(directory.path()).unwrap().told_until().unwrap(), Some(at(2_999_000).utc));
    let size = fs::metadata(directory.path().join("recording.db")).unwrap().len();
    assert!(size < 400_000, "deleted pages are given back: {size} bytes");

    let later = Beginning { now: at(31 * 86_400_000), ..beginning() };
    let mut recorder = record(directory.path(), later.clone(), PLENTY);
    recorder.put(later.now, &Event::Started);
    drop(recorder);
    let runs = Recording::open(directory.path()).unwrap().runs().unwrap();
    assert_eq!(runs.len(), 1, "what is older than its days goes, with its run");
    assert_eq!(runs[0].beginning.now, later.now);
}

#[test]
fn a_damaged_file_is_set_aside_and_recording_goes_on() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(
        directory.path().join("recording.db"),
        "no database at all, but long enough to look like one: ".repeat(50),
    )
    .unwrap();
    begin(directory.path()).put(at(0), &Event::Started);
    assert_eq!(Recording::open(directory.path()).unwrap().runs().unwrap()[0].events, 1);
    let names = fs::read_dir(directory.path()).unwrap().map(|entry| entry.unwrap().file_name());
    assert_eq!(names.filter(|name| name.to_string_lossy().contains("set-aside")).count(), 1);
}

/// Whoever changes the shape of an event sees it here: count `FORMAT` up, and write the new bytes with `UPDATE_GOLDEN=1`.
#[test]
fn the_shape_has_a_number() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/told-{FORMAT}.txt"));
    let lines = each_kind().into_iter().map(|event| {
        let bytes = postcard::to_stdvec(&Told { now: at(5), event }).unwrap();
        bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>() + "\n"
    });
    let written: String = lines.collect();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, &written).unwrap();
    }
    let golden = fs::read_to_string(&path).unwrap_or_default();
    assert!(golden == written, "{} differs: count FORMAT up if an event changed its shape", path.display());
}
