//! What the process and the box have in use, now and over the last hours. It is measured elsewhere; here it goes out.

use crate::app::App;
use axum::{Json, extract::State};
use davy_core::time::UtcTime;
use serde::Serialize;
use std::sync::Arc;

/// What is in use; `None` where the system does not tell.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Resources {
    /// When it was measured.
    pub at: UtcTime,
    /// Seconds since the process started, by the monotonic clock.
    pub up_s: u64,
    /// Seconds since the box started.
    pub box_up_s: Option<u64>,
    /// Of one core, in percent, over the last moments: two cores that are busy are 200.
    pub cpu_percent: Option<f64>,
    /// Seconds of all cores since the start.
    pub cpu_s: Option<f64>,
    /// Cores of the box.
    pub cores: u32,
    /// The load of the box over one, five and fifteen minutes.
    pub load: Option<[f64; 3]>,
    /// Resident memory of the process, in bytes.
    pub memory_bytes: Option<u64>,
    /// The most that it has been.
    pub memory_peak_bytes: Option<u64>,
    /// Memory of the box, in bytes.
    pub box_memory_bytes: Option<u64>,
    /// What of it is still to be had.
    pub box_memory_available_bytes: Option<u64>,
    /// Threads of the process.
    pub threads: Option<u64>,
    /// Files and connections that it has open …
    pub open_files: Option<u64>,
    /// … and may have.
    pub open_files_max: Option<u64>,
    /// The inbox of the loop that evaluates alarms.
    pub inbox: InboxUse,
    /// The disk.
    pub disk: DiskUse,
    /// The last hours, the oldest first.
    pub history: Vec<ResourceSample>,
}

/// What waits for the loop that evaluates alarms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct InboxUse {
    /// Events that wait.
    pub waiting: usize,
    /// The most that may; then connectors wait.
    pub room: usize,
}

/// Bytes on the disk of the data folder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct DiskUse {
    /// Of the whole file system.
    pub total_bytes: Option<u64>,
    /// What it has left for the gateway.
    pub free_bytes: Option<u64>,
    /// The journal, with those that were set aside and those that a restored gateway goes on from.
    pub journal_bytes: u64,
    /// The recording of all inputs.
    pub recording_bytes: u64,
    /// The history of the tags.
    pub history_bytes: u64,
    /// Kept evidence.
    pub evidence_bytes: u64,
}

/// What was in use at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ResourceSample {
    /// When.
    pub at: UtcTime,
    /// Over the time since the sample before, of one core in percent.
    pub cpu_percent: Option<f64>,
    /// Resident memory of the process, in bytes.
    pub memory_bytes: Option<u64>,
    /// The most events that waited for the loop in that time.
    pub waiting: usize,
    /// What the disk had left, in bytes.
    pub free_bytes: Option<u64>,
}

pub(crate) async fn resources(State(app): State<Arc<App>>) -> Json<Arc<Resources>> {
    Json(app.resources())
}

impl App {
    pub(crate) fn resources(&self) -> Arc<Resources> {
        Arc::clone(&self.context.resources.borrow())
    }
}
