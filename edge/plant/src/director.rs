//! The director: the one task that reads the time, tells everything in the plant where the story stands, and shows it.

use crate::{
    cameras::Cameras,
    description::Point,
    field::Field,
    image::Image,
    limits,
    people::People,
    physics::Process,
    receiver::SharedLedger,
    story::{self, Fault},
    view::PlantView,
};
use davy_core::time::UtcTime;
use std::sync::Arc;
use tokio::{
    sync::watch,
    time::{Instant, MissedTickBehavior, interval},
};
use tokio_util::sync::CancellationToken;

/// The same walk and the same noise in every demo.
const SEED: u64 = 20_260_713;

/// What the director moves.
pub(crate) struct Stage {
    process: Process,
    people: People,
    cameras: Cameras,
    image: watch::Sender<Arc<Image>>,
    server_up: watch::Sender<bool>,
    link_up: watch::Sender<bool>,
    utc: fn() -> UtcTime,
}

impl Stage {
    /// The plant before the story begins.
    pub(crate) fn new(points: Arc<[Point]>, utc: fn() -> UtcTime) -> Self {
        let process = Process::new(points, SEED);
        let image = Image { at: utc(), readings: process.readings().to_vec() };
        Self {
            process,
            people: People::new(SEED + 1),
            cameras: Cameras::new(SEED + 2),
            image: watch::Sender::new(Arc::new(image)),
            server_up: watch::Sender::new(true),
            link_up: watch::Sender::new(true),
            utc,
        }
    }

    pub(crate) fn images(&self) -> watch::Receiver<Arc<Image>> {
        self.image.subscribe()
    }

    pub(crate) fn server(&self) -> watch::Receiver<bool> {
        self.server_up.subscribe()
    }

    pub(crate) fn link(&self) -> watch::Receiver<bool> {
        self.link_up.subscribe()
    }

    fn advance(&mut self, story_s: f64, field: &mut Field) {
        let utc = (self.utc)();
        self.process.advance(story_s);
        self.image.send_replace(Arc::new(Image { at: utc, readings: self.process.readings().to_vec() }));
        self.people.advance(story_s);
        field.beacons(self.people.walkers(), utc);
        field.sights(&self.cameras.look(story_s), utc);
        turn(&self.server_up, !holds(story_s, Fault::ServerDown));
        turn(&self.link_up, !holds(story_s, Fault::LinkDown));
    }
}

/// Plays the story at a speed until `stop`.
pub(crate) async fn run(
    mut stage: Stage,
    mut field: Field,
    ledger: SharedLedger,
    view: watch::Sender<PlantView>,
    speed: f64,
    stop: CancellationToken,
) {
    let begin = Instant::now();
    let mut tick = interval(limits::TICK.div_f64(speed).clamp(limits::TICK_MIN, limits::TICK));
    tick.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = tick.tick() => {}
        }
        let story_s = begin.elapsed().as_secs_f64() * speed;
        stage.advance(story_s, &mut field);
        let now = PlantView::new(story_s, ledger.view());
        view.send_if_modified(|shown| {
            let changed = *shown != now;
            *shown = now;
            changed
        });
    }
}

fn holds(story_s: f64, fault: Fault) -> bool {
    story::active(story_s).any(|row| row.fault == fault)
}

fn turn(switch: &watch::Sender<bool>, up: bool) {
    switch.send_if_modified(|now| std::mem::replace(now, up) != up);
}
