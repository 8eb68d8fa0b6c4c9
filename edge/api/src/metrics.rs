//! The metrics: only what is really counted.

use crate::{
    app::App,
    figures::{Counts, Figures},
    limits,
    prometheus::{
        CONTENT_TYPE,
        Shape::{self, Counter, Gauge},
        Text,
    },
    resources::Resources,
    rows::{SourceRow, UplinkRow},
    wear,
};
use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use davy_core::time::UtcTime;
use std::sync::Arc;

pub(crate) async fn metrics(State(app): State<Arc<App>>) -> Response {
    ([(header::CONTENT_TYPE, CONTENT_TYPE)], app.metrics()).into_response()
}

impl App {
    pub(crate) fn metrics(&self) -> String {
        let mut text = Text::default();
        self.about(&mut text);
        derived(&mut text, &self.figures());
        sources(&mut text, &self.sources());
        uplinks(&mut text, &self.uplinks());
        self.journal_metrics(&mut text);
        self.panel_metrics(&mut text);
        process(&mut text, &self.resources());
        let streams = limits::STREAMS_MAX - self.streams.available_permits();
        text.single("davy_streams_open", Gauge, "Event streams open.", streams);
        text.into_string()
    }

    fn about(&self, text: &mut Text) {
        let identity = &self.context.identity;
        let (gateway, epoch) = (&identity.gateway, identity.epoch.to_string());
        text.family(
            "davy_build_info",
            Gauge,
            "The version of the product.",
            [(vec![("version", identity.version), ("board", identity.board.as_str())], 1)],
        );
        let who = vec![
            ("company_code", gateway.company_code.as_str()),
            ("gateway_id", &gateway.gateway_id),
            ("config_version", &gateway.config_version),
            ("epoch", &epoch),
        ];
        text.family("davy_gateway_info", Gauge, "The gateway and its configuration in force.", [(who, 1)]);
        text.single("davy_start_time_seconds", Gauge, "When the process started.", seconds(identity.started_at));
        text.single("davy_snapshot_time_seconds", Gauge, "When the live state was taken.", seconds(self.snapshot().at));
    }

    fn panel_metrics(&self, text: &mut Text) {
        let panel = self.context.panel.borrow();
        let alive = u8::from(panel.alive);
        text.single(
            "davy_board_alive",
            Gauge,
            "Whether the health relay is pulled in: the loop that evaluates alarms turns.",
            alive,
        );
        text.single(
            "davy_board_troubles",
            Gauge,
            "What is wrong with lamp, horn, relays, inputs and watchdogs.",
            panel.troubles.len(),
        );
    }

    fn journal_metrics(&self, text: &mut Text) {
        let figures = self.figures().journal;
        text.single(
            "davy_journal_durable",
            Gauge,
            "Whether the journal reaches the disk.",
            u8::from(self.journal().durable),
        );
        text.single("davy_journal_head", Gauge, "The place of the newest durable row.", figures.head);
        text.single("davy_journal_transactions_total", Counter, "Flushes to disk.", figures.transactions);
        text.single("davy_journal_batches_total", Counter, "Batches and cursors in them.", figures.batches);
        text.single("davy_journal_rows_total", Counter, "Journal rows in those.", figures.rows);
        if let Some(written) = wear::written_bytes() {
            text.single(
                "davy_disk_written_bytes_total",
                Counter,
                "Bytes that the process has written to the disk.",
                written,
            );
        }
    }
}

fn derived(text: &mut Text, figures: &Figures) {
    by(text, "davy_alarms_active", "Alarms whose condition holds.", "priority", &figures.alarms_active);
    by(
        text,
        "davy_alarms_unacknowledged",
        "Alarms that nobody has acknowledged.",
        "priority",
        &figures.alarms_unacknowledged,
    );
    by(text, "davy_rules_hidden", "Rules that annunciate nothing now.", "hidden", &figures.rules_hidden);
    by(text, "davy_warnings_open", "Warnings that are not closed.", "level", &figures.warnings_open);
    by(text, "davy_units", "Risk units by live colour.", "colour", &figures.units);
    by(text, "davy_measures", "Control measures by state.", "state", &figures.measures);
    text.single("davy_tasks_open", Gauge, "Inspection tasks that are not done.", figures.tasks_open);
    text.single("davy_tasks_overdue", Gauge, "Of those, past their due time.", figures.tasks_overdue);
    by(
        text,
        "davy_hazards_open",
        "Suspected hazards that a person has to decide on or close.",
        "state",
        &figures.hazards_open,
    );
    text.single("davy_people_located", Gauge, "People with a known place.", figures.people_located);
    text.single("davy_people_calling", Gauge, "People whose SOS is pressed.", figures.people_calling);
    by(text, "davy_tags", "Tags by the severity of their quality.", "severity", &figures.tags);
}

fn by(text: &mut Text, name: &str, help: &str, label: &str, counts: &Counts) {
    text.family(name, Gauge, help, counts.iter().map(|(value, count)| (vec![(label, *value)], count)));
}

fn sources(text: &mut Text, rows: &[SourceRow]) {
    let mut each = |name: &str, shape: Shape, help: &str, value: fn(&SourceRow) -> u64| {
        text.family(name, shape, help, rows.iter().map(|row| (vec![("source", row.source.as_str())], value(row))));
    };
    each("davy_source_up", Gauge, "Whether data flows.", |row| u64::from(row.health.up));
    each("davy_source_connects_total", Counter, "Times the connection was made.", |row| row.health.connects);
    each("davy_source_taken_total", Counter, "Values, positions and sights taken.", |row| row.health.taken);
    each("davy_source_malformed_total", Counter, "Messages that could not be read.", |row| row.health.malformed.count);
    each("davy_source_unknown_total", Counter, "Cards, cameras, tags and nodes not known.", |row| {
        row.health.unknown.count
    });
    each("davy_source_outdated_total", Counter, "Positions and sights older than what was told, or the same.", |row| {
        row.health.outdated.count
    });
    each("davy_source_bad_quality_total", Counter, "Values with bad quality.", |row| row.health.bad_quality);
}

fn uplinks(text: &mut Text, rows: &[UplinkRow]) {
    let mut each = |name: &str, shape: Shape, help: &str, value: fn(&UplinkRow) -> u64| {
        text.family(name, shape, help, rows.iter().map(|row| (vec![("uplink", row.uplink.as_str())], value(row))));
    };
    each("davy_uplink_up", Gauge, "Whether the far side acknowledges.", |row| u64::from(row.health.up));
    each("davy_uplink_connects_total", Counter, "Times the connection was made.", |row| row.health.connects);
    each("davy_uplink_acknowledged_total", Counter, "Journal rows acknowledged since the start.", |row| {
        row.health.acknowledged
    });
    each("davy_uplink_backlog", Gauge, "Journal rows not yet acknowledged.", |row| row.health.backlog);
    each(
        "davy_uplink_earlier",
        Gauge,
        "Rows not yet acknowledged of the journals from which the gateway goes on.",
        |row| row.health.earlier,
    );
    each("davy_uplink_parked", Gauge, "Journal rows that the receiver refused and that are tried again.", |row| {
        row.health.parked
    });
}

/// Names that begin with `process_` are those that every client library of Prometheus uses.
fn process(text: &mut Text, used: &Resources) {
    let mut told = |name: &str, shape: Shape, help: &str, value: Option<u64>| {
        if let Some(value) = value {
            text.single(name, shape, help, value);
        }
    };
    let Resources { inbox, disk, .. } = used;
    told("process_resident_memory_bytes", Gauge, "Resident memory of the process.", used.memory_bytes);
    told("process_threads", Gauge, "Threads of the process.", used.threads);
    told("process_open_fds", Gauge, "Files and connections that it has open.", used.open_files);
    told("process_max_fds", Gauge, "As many as it may have.", used.open_files_max);
    told("davy_inbox_waiting", Gauge, "Events that wait for the loop.", Some(inbox.waiting as u64));
    told("davy_inbox_room", Gauge, "The most that may wait.", Some(inbox.room as u64));
    told("davy_disk_free_bytes", Gauge, "What the disk has left for the gateway.", disk.free_bytes);
    told("davy_disk_total_bytes", Gauge, "The file system of the data folder.", disk.total_bytes);
    if let Some(cpu_s) = used.cpu_s {
        text.single("process_cpu_seconds_total", Counter, "Seconds of all cores since the start.", cpu_s);
    }
    let files = [
        ("journal", disk.journal_bytes),
        ("recording", disk.recording_bytes),
        ("history", disk.history_bytes),
        ("evidence", disk.evidence_bytes),
    ];
    let files = files.into_iter().map(|(kind, bytes)| (vec![("kind", kind)], bytes));
    text.family("davy_data_bytes", Gauge, "What the data folder takes, by kind.", files);
}

fn seconds(time: UtcTime) -> String {
    let (whole, ms) = (time.0.div_euclid(1_000), time.0.rem_euclid(1_000));
    format!("{whole}.{ms:03}")
}
