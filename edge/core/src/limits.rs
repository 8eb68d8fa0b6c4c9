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

/// A position further than this from the origin of the local plane, in metres, is none.
pub const POSITION_MAX_M: f64 = 1_000_000.0;

/// A person's rest is saved once it has lasted so long, so that whoever walks about is not written with every step. A
/// shorter one begins anew after a restart.
pub const REST_SAVED_AFTER_MS: u64 = 10_000;

/// The most people that the levels of a gathering may ask for; the configuration refuses more. A move looks at no more than
/// 50 times the square of what they ask for.
pub const GATHERING_PEOPLE_MAX: u32 = 50;

/// The greatest radius of a gathering, in metres (AQ 3064.3-2025, 5.2.3); the configuration refuses more.
pub const GATHERING_RADIUS_MAX_M: f64 = 15.0;

/// A step of the wall clock is noticed within this time even when nothing else happens, where rules have hours.
pub const CLOCK_LOOK_MS: u64 = 60_000;

/// Special-work tickets that are watched. Of those that are finished and have no open alarm the one heard of longest ago
/// makes room; when there is none a new one is journaled and not watched, and an alarm says so while all are open.
pub const TICKETS_MAX: usize = 512;

/// Analyses and records of one ticket; the oldest are left out.
pub const TICKET_ENTRIES_MAX: usize = 32;

/// A ticket that would be good for longer than this has no end that means anything: GB 30871-2022 gives 72 h at most.
pub const TICKET_SPAN_MAX_MS: i64 = 31 * 86_400_000;

/// A rate of change is measured over its window to within one part in so many: so many values are remembered for it.
pub const RATE_SLOTS: usize = 12;

/// A forecast needs this many slots of its window filled, the half of them; with fewer it says nothing. Engineering
/// default.
pub const FORECAST_SLOTS_MIN: usize = 6;

/// A forecast ends when the time that is left exceeds the time it was asked for by this factor. Engineering default.
pub const FORECAST_CLEAR: f64 = 1.25;

/// The longest stop of a unit that ends by itself; a longer one is left open and resumed by a person. Engineering default.
pub const STOP_MAX_MS: u64 = 366 * 86_400_000;

/// What is left of a shelf or a stop is saved this often: so much longer at most may it last when the process dies and the
/// wall clock has been set back meanwhile. Engineering default.
pub const TERM_SAVED_EVERY_MS: u64 = 60_000;

/// An active rule whose inputs went unknown goes on suppressing others for so long; then they annunciate again, because
/// what nobody knows must hide nothing. Engineering default, as long as a start may take to bring first values.
pub const SUPPRESSOR_UNKNOWN_MAX_MS: u64 = INITIAL_WAIT_MS;

/// Compounds over compounds, so deep; the configuration refuses more.
pub const COMPOUND_NESTING_MAX: u8 = 8;

/// Nodes of one compound rule's expression; the configuration refuses more.
pub const COMPOUND_NODES_MAX: usize = 256;

/// How often something may have to repeat in a compound rule: so many activations are remembered.
pub const COMPOUND_REPEATS_MAX: u16 = 100;

/// Local days of which the indicators are kept, today included; older ones are forgotten.
pub const INDICATOR_DAYS_MAX: i64 = 35;

/// Weeks of which the indicators are kept: as many as may overlap the days.
pub const INDICATOR_WEEKS_MAX: usize = 6;

/// Notes and photos of one task; one more is refused.
pub const ATTACHMENTS_MAX: usize = 20;

/// An overdue task goes one role up no sooner than after this, however short its window is.
pub const ESCALATION_STEP_MIN_MS: u64 = 60_000;

/// The wall clock is looked at this often for planned tasks, because it may be set forward at any moment.
pub const PLAN_LOOK_MS: u64 = 60_000;

/// A planned task issued later than this after its time is marked late.
pub const PLAN_LATE_MS: i64 = 120_000;

/// How far the wall clock may be off from what was expected and still decide about planned tasks.
pub const CLOCK_STEP_MAX_MS: i64 = 2 * 3_600_000;

/// How far the wall clock may be ahead of the last saved time after a start and still decide about planned tasks.
pub const CLOCK_AWAY_MAX_MS: i64 = 31 * 86_400_000;

/// A wall clock that is further off must go on steadily for this long before it decides about planned tasks.
pub const CLOCK_SETTLE_MS: u64 = 3_600_000;

/// The time until which plans have been looked at is saved this often.
pub const PLAN_SAVE_MS: i64 = 3_600_000;

/// Days that are searched for an occurrence of a plan, or for a day of its kind; a plan with none has none.
pub const PLAN_DAYS_MAX: i64 = 4_000;

/// Rules named in one report on nuisance alarms; beyond it only the count goes on.
pub const OFFENDERS_MAX: usize = 10;

/// Rules that are compared with the saved ones at a time after a start: some milliseconds of work.
pub const CHANGES_SLICE: usize = 1_000;
/// Between two slices, so that the disk keeps up and what waits for it stays small.
pub const CHANGES_SLICE_EVERY_MS: u64 = 20;
/// Rules whose change is told at one start; the others are told at the next.
pub const CHANGES_MAX: usize = 5_000;

/// Silences of the horn that are remembered one by one; beyond it the oldest are added up.
pub const SILENCES_MAX: usize = 64;
