//! The only place that reads the clocks. Everything else takes the time as an input.

use davy_core::time::{Monotonic, Now, UtcTime};
use std::{
    sync::OnceLock,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

static STARTED: OnceLock<Instant> = OnceLock::new();

/// Sets the monotonic clock's zero: the start of the process.
pub(crate) fn start() {
    STARTED.get_or_init(Instant::now);
}

/// Both clocks, read once for each event.
pub(crate) fn now() -> Now {
    let elapsed = started().elapsed().as_millis();
    Now { monotonic: Monotonic(u64::try_from(elapsed).unwrap_or(u64::MAX)), utc: utc() }
}

/// The wall clock.
pub(crate) fn utc() -> UtcTime {
    let ms = |length: Duration| i64::try_from(length.as_millis()).unwrap_or(i64::MAX);
    UtcTime(match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(after) => ms(after),
        Err(before) => -ms(before.duration()),
    })
}

/// When a deadline of the engine falls, for a timer. Rounded up: a timer must not fire a moment before it is due.
pub(crate) fn instant(deadline: Monotonic) -> tokio::time::Instant {
    (started() + Duration::from_millis(deadline.0.saturating_add(1).min(FAR_MS))).into()
}

/// A hundred years: what lies beyond is never.
const FAR_MS: u64 = 100 * 365 * 86_400_000;

fn started() -> Instant {
    *STARTED.get_or_init(Instant::now)
}
