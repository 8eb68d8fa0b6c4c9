//! Every bound of the engine, by name, with what happens beyond it.

/// Text that a person sends with a command (name, note), in characters; longer is refused.
pub const TEXT_MAX: usize = 500;

/// Alarms, tasks and rules named in one record; beyond it the oldest that are over make room, the first-out stays.
pub const REASONS_MAX: usize = 16;

/// People named in one record; beyond it only the count goes on.
pub const PEOPLE_NAMED_MAX: usize = 50;

/// A source time further ahead of the received time than this is absurd and is replaced by the received time.
pub const SOURCE_TIME_AHEAD_MAX_MS: i64 = 3_600_000;

/// A source time before 2001-01-01 comes from a device that lost its clock (1970 and 2000 are the usual ones).
pub const SOURCE_TIME_EARLIEST_MS: i64 = 978_307_200_000;

/// After a start or a reconnect a tag has this long to bring its first value before its rules are unknown.
pub const INITIAL_WAIT_MS: u64 = 30_000;

/// A tick later than this says that the process stood still: what seems silent may only wait to be read.
pub const LATE_TICK_MS: u64 = 2_000;

/// After a late tick whatever seems silent has this long to be heard; longer than a source's usual polling period.
pub const LATE_TICK_GRACE_MS: u64 = 5_000;

/// A place that no position has repeated for this long is unknown. No standard fixes it; beacons report every few seconds.
pub const LOCATION_MAX_AGE_MS: u64 = 300_000;

/// A rate of change is measured over its window to within one part in so many: so many values are remembered for it.
pub const RATE_SLOTS: usize = 12;

/// Qualifying video frames further apart than this do not belong to the same sight.
pub const VIDEO_FRAME_GAP_MS: u64 = 10_000;

/// The longest stop of a unit that ends by itself; a longer one is left open and resumed by a person. Engineering default.
pub const STOP_MAX_MS: u64 = 366 * 86_400_000;

/// Alarms of a first-out group that come within this time are ordered by their source times. Engineering default: longer
/// than the scan of a fast controller, shorter than the time between two faults that people would tell apart.
pub const FIRST_OUT_WINDOW_MS: u64 = 100;

/// What is left of a shelf or a stop is saved this often: so much longer at most may it last when the process dies and the
/// wall clock has been set back meanwhile. Engineering default.
pub const TERM_SAVED_EVERY_MS: u64 = 60_000;

/// An active rule whose inputs went unknown goes on suppressing others for so long; then they annunciate again, because
/// what nobody knows must hide nothing. Engineering default, as long as a start may take to bring first values.
pub const SUPPRESSOR_UNKNOWN_MAX_MS: u64 = INITIAL_WAIT_MS;

/// Rules named in one report on nuisance alarms; beyond it only the count goes on.
pub const OFFENDERS_MAX: usize = 10;

/// Silences of the horn that are remembered one by one; beyond it the oldest are added up.
pub const SILENCES_MAX: usize = 64;
