//! Every bound of the box, by name, with what happens beyond it.

use std::time::Duration;

/// The panel turns so often: short beside the shortest pulse of a lamp, and a button is noticed by the second turn.
pub(crate) const TURN: Duration = Duration::from_millis(20);

/// Every output is written again after so long, so that a line that somebody else has moved comes right and a chip that is gone is
/// noticed.
pub(crate) const REFRESH_MS: u64 = 1_000;

/// A line that could not be taken is tried again after so long.
pub(crate) const CLAIM_AGAIN_MS: u64 = 10_000;

/// A watchdog is fed this often, and more often where it is impatient.
pub(crate) const FEED_MS: u64 = 1_000;

/// The temperature is read this often.
pub(crate) const THERMOMETER_MS: u64 = 10_000;

/// What was wrong with the temperature is over so many degrees below its limit.
pub(crate) const THERMOMETER_HYSTERESIS: i32 = 5;

/// A lamp or a horn draws its current within so long; before that nothing is made of a current that is missing.
pub(crate) const CURRENT_AFTER_MS: u64 = 80;

/// A button that is held for longer than this is stuck.
pub(crate) const STUCK_MS: u64 = 60_000;

/// A lamp test by its button lasts so long.
pub(crate) const LAMP_TEST_MS: u64 = 5_000;

/// A test ends by itself after so long at the latest.
pub const TEST_SECONDS_MAX: u64 = 60;

/// The same, in words of a refusal.
pub(crate) const TEST_TEXT: &str = "a test lasts 1 to 60 s";

/// The thread of the panel has so long to put every output into its safe state; beyond it the process ends without.
pub(crate) const END_MAX: Duration = Duration::from_secs(1);

/// Orders for the panel that wait at once; beyond it a further test is refused.
pub(crate) const ORDERS_MAX: usize = 8;

/// Bytes that are read of a file of the kernel or of the inputs of a simulated box; what is longer is cut.
pub(crate) const FILE_BYTES_MAX: u64 = 4_096;
