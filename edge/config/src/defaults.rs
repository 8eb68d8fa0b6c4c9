//! Every default that is not the core's own policy. Where no standard fixes a number it is an engineering default, which
//! a process engineer may change; the comments say which is which.

use crate::types::{KeepConfig, SamplesConfig, StorageConfig};
use davy_core::model::Priority;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// Publishing interval of OPC UA. Engineering default: half of the one second that operators accept.
pub const PUBLISHING_INTERVAL_MS: u64 = 500;
/// Queue of an OPC UA item. Engineering default: a publish may be late a few times without losing an excursion.
pub const QUEUE_SIZE: u64 = 10;
/// Below this ServiceLevel an OPC UA server is degraded: OPC 10000-4, 6.6.2.4.2, where "healthy" is 200 to 255.
pub const SERVICE_LEVEL_MIN: u8 = 200;
/// How long an answer of an OPC UA server that is polled may take before its values are old. Engineering default.
pub const OPCUA_ANSWER_MS: u64 = 4_000;
/// Poll interval of Modbus, and of OPC UA without subscriptions. Engineering default.
pub const POLL_INTERVAL_MS: u64 = 1_000;
/// Timeout of one Modbus request. Engineering default.
pub const MODBUS_TIMEOUT_MS: u64 = 1_000;
/// Registers read for nothing to save a request. Engineering default.
pub const GAP_MAX: u16 = 8;
/// Repetitions of a Modbus request without an answer. Engineering default: the next poll is near.
pub const MODBUS_RETRIES: u32 = 0;
/// On-delay of a source's loss. Engineering default; AQ 3064.1-2025 asks only that the connection be reported.
pub const SOURCE_LOST_AFTER_MS: u64 = 5_000;
/// Priority of a lost source. Engineering default: without it the gateway sees nothing.
pub const SOURCE_LOST_PRIORITY: Priority = Priority::High;
/// On-delay of an uplink's loss. Engineering default: what is to be sent is kept and nothing is lost on the spot.
pub const UPLINK_LOST_AFTER_MS: u64 = 60_000;
/// Priority of a lost uplink. Engineering default: it is told, and no horn sounds for it.
pub const UPLINK_LOST_PRIORITY: Priority = Priority::Low;
/// Messages in flight to an uplink. Engineering default.
pub const INFLIGHT_MAX: u64 = 20;
/// Messages in flight to Kafka. Engineering default: a cluster acknowledges only what its replicas have, batch by batch.
pub const KAFKA_INFLIGHT_MAX: u64 = 100;
/// The topic in Kafka.
pub const KAFKA_TOPIC: &str = "davy.v1";
/// Rows of one HTTP batch. Engineering default: some tens of kilobytes before compression.
pub const BATCH_ROWS: u64 = 100;
/// How long an HTTP receiver may take to answer. Engineering default: a batch written to a database takes far less.
pub const HTTP_TIMEOUT_MS: u64 = 10_000;
/// How often an HTTP receiver is asked for commands. Engineering default: soon enough for a person who waits.
pub const COMMANDS_EVERY_MS: u64 = 10_000;
/// Backfill messages a second. Engineering default: a day of records drains beside live traffic.
pub const BACKFILL_PER_S: u64 = 200;
/// What a forwarded value must have changed, in % of the tag's range. Engineering default: the accuracy of most transmitters.
pub const FORWARD_DEADBAND_PERCENT: f64 = 0.5;
/// A tag goes up at most so often. Engineering default: people look at trends, alarms go up by themselves.
pub const FORWARD_MIN_INTERVAL_MS: u64 = 1_000;
/// In such a span a tag's first value goes up in any case. Engineering default.
pub const FORWARD_MAX_INTERVAL_MS: u64 = 600_000;
/// Values of one message. Engineering default: some tens of kilobytes.
pub const FORWARD_BATCH_VALUES: u64 = 500;
/// Messages of samples a second from the backlog. Engineering default: ten thousand values a second, about a megabyte.
pub const FORWARD_BACKFILL_PER_S: u64 = 20;
/// The page listens here.
pub const WEB_LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);
/// A session without activity asks for the password again: NIST SP 800-63B, 4.2.3.
pub const WEB_IDLE_MINUTES: u32 = 30;
/// A session ends: a shift, and NIST SP 800-63B, 4.2.3.
pub const WEB_SESSION_HOURS: u32 = 12;

/// Deadband of a temperature's limits as a part of its range: ISA-18.2 suggests 1 % …
pub const TEMPERATURE_DEADBAND: f64 = 0.01;
/// … 2 % for a pressure …
pub const PRESSURE_DEADBAND: f64 = 0.02;
/// … 5 % for a level …
pub const LEVEL_DEADBAND: f64 = 0.05;
/// … and 5 % for a flow.
pub const FLOW_DEADBAND: f64 = 0.05;
/// Deadband of what is none of these. Engineering default: the smallest of them.
pub const DEADBAND_OF_RANGE: f64 = 0.01;
/// Off-delay of the limits of a temperature or a level: ISA-18.2 suggests 60 s …
pub const SLOW_OFF_DELAY_MS: u64 = 60_000;
/// … and 15 s for a pressure or a flow. An on-delay has no default: HH and LL are to be told at once.
pub const FAST_OFF_DELAY_MS: u64 = 15_000;
/// Priority of HH and LL; H and L get one step less. Engineering default in the spirit of EEMUA 191 (5 % high).
pub const LIMIT_PRIORITY: Priority = Priority::High;
/// Combustible gas, first and second stage, % of the lower explosive limit: at most this. GB/T 50493-2019, 5.5.2.
pub const COMBUSTIBLE_LEL: (f64, f64) = (25.0, 50.0);
/// Combustible gas along an open path, first and second stage, LEL·m. GB/T 50493-2019, 5.5.2.
pub const OPEN_PATH_LEL_M: (f64, f64) = (1.0, 2.0);
/// Toxic gas, first and second stage, parts of its occupational exposure limit: at most this. GB/T 50493-2019, 5.5.2.
pub const TOXIC_OF_OEL: (f64, f64) = (1.0, 2.0);
/// … and of its IDLH, where a detector cannot measure so little. GB/T 50493-2019, 5.5.2.
pub const TOXIC_OF_IDLH: (f64, f64) = (0.05, 0.1);
/// Oxygen in air, deficiency and enrichment, % by volume, recommended. GB/T 50493-2019, 5.5.2.
pub const OXYGEN_VOL: (f64, f64) = (19.5, 23.5);
/// The longest on-delay of a gas detector. Engineering default: no standard allows one, and 3 s are a spike.
pub const GAS_ON_DELAY_MAX_MS: u64 = 3_000;
/// Priority of the second stage and of a lack of oxygen; the first stage and too much oxygen get one step less.
/// Engineering default: lives are at stake.
pub const GAS_PRIORITY: Priority = Priority::Critical;
/// Priority of bad and stale quality on a tag that is the evidence of a measure or has limits. Engineering default.
pub const QUALITY_PRIORITY: Priority = Priority::Medium;
/// On-delay of bad quality, so that a switch-over of redundant servers is no alarm. Engineering default.
pub const QUALITY_ON_DELAY_MS: u64 = 10_000;
/// On-delay of uncertain quality, whose priority is one step less than that of bad quality: somebody calibrates, a server
/// starts. Engineering default.
pub const UNCERTAIN_ON_DELAY_MS: u64 = 60_000;
/// A Modbus tag is stale after so many polls …
pub const STALE_POLLS: u64 = 3;
/// … and so many timeouts: a line is called lost after two, and that must come before its tags are stale. Engineering
/// default.
pub const STALE_TIMEOUTS: u64 = 2;

/// On-delay of over-capacity, so that whoever passes through is no crowd. Engineering default.
pub const CAPACITY_ON_DELAY_MS: u64 = 10_000;
/// Priority of over-capacity. Engineering default.
pub const CAPACITY_PRIORITY: Priority = Priority::High;
/// Priority of SOS: a life is at stake. AQ 3064.3-2025 wants it pushed within 5 s, so it has no delay either.
pub const SOS_PRIORITY: Priority = Priority::Critical;

/// On-delay of a zone breach, so that a position beside the line is none; AQ 3064.3-2025 wants the alarm within 5 s.
pub const BREACH_ON_DELAY_MS: u64 = 3_000;
/// A zone breach that lasts for so long is an event to be recorded: AQ 3064.3-2025, at most this.
pub const BREACH_LASTING_MS: u64 = 30_000;
/// Priority of a zone breach. Engineering default.
pub const BREACH_PRIORITY: Priority = Priority::High;
/// A person who does not move in a hazardous zone is immobile after so long. AQ 3064.3-2025 has the rule, the number is an
/// engineering default.
pub const IMMOBILE_AFTER_MS: u64 = 5 * 60_000;
/// Moving by no more than this is no movement, in metres. Engineering default.
pub const IMMOBILE_WITHIN_M: f64 = 1.0;
/// Priority of an immobile person: they may be unconscious. Engineering default.
pub const IMMOBILE_PRIORITY: Priority = Priority::Critical;
/// How near to one of them the others of a gathering are, in metres: AQ 3064.3-2025, 5.2.3, at most this.
pub const GATHERING_RADIUS_M: f64 = 15.0;
/// People who make a gathering of the yellow level: AQ 3064.3-2025, 5.2.3.
pub const GATHERING_YELLOW: u64 = 3;
/// … of the orange one, 4 to 6 …
pub const GATHERING_ORANGE: u64 = 4;
/// … and of the red one, more than 6.
pub const GATHERING_RED: u64 = 7;
/// On-delay of a gathering: AQ 3064.3-2025, 5.2.3, longer than a minute.
pub const GATHERING_ON_DELAY_MS: u64 = 60_000;
/// Nobody stays in a hazardous zone for longer than this. AQ 3064.3-2025 has the rule, the number is an engineering default.
pub const HAZARDOUS_STAY_MAX_MS: u64 = 120 * 60_000;
/// On-delay of understaffing: a shift is handed over, somebody fetches water. Engineering default.
pub const UNDERSTAFFED_ON_DELAY_MS: u64 = 120_000;
/// On-delay of a wrong post, so that whoever passes through is none. Engineering default.
pub const WRONG_POST_ON_DELAY_MS: u64 = 10_000;
/// A person is off post after so long. AQ 3064.3-2025 has the rule, the number is an engineering default.
pub const OFF_POST_AFTER_MS: u64 = 5 * 60_000;
/// Priority of understaffing, overstay, wrong and off post. Engineering default.
pub const PRESENCE_PRIORITY: Priority = Priority::Medium;
/// A card is offline after so long; it is to say where it is 30 times a minute (AQ 3064.3-2025). Engineering default.
pub const CARD_OFFLINE_AFTER_MS: u64 = 30_000;
/// Priority of a card that is offline: nobody knows where the person is. Engineering default.
pub const CARD_OFFLINE_PRIORITY: Priority = Priority::Medium;
/// A battery is low below so many percent. Engineering default.
pub const CARD_BATTERY_BELOW: u64 = 20;
/// … and no longer low so many percent above that. Engineering default.
pub const CARD_BATTERY_HYSTERESIS: u64 = 5;
/// Priority of a low battery. Engineering default.
pub const CARD_BATTERY_PRIORITY: Priority = Priority::Low;

/// The least confidence of a video sight. Engineering default.
pub const CONFIDENCE_MIN: f64 = 0.6;
/// Qualifying sights before an alarm: one frame is no evidence. Common practice of video analytics.
pub const FRAMES_MIN: u64 = 3;
/// Sights further apart than this do not belong to one row. Engineering default: a few looks of a slow algorithm.
pub const FRAME_GAP_MS: u64 = 10_000;
/// A video condition ends so long after its last sight. Common practice of video analytics.
pub const COOLDOWN_MS: u64 = 120_000;
/// Priority of video. Engineering default.
pub const VIDEO_PRIORITY: Priority = Priority::High;

/// On-delay of a rate of change, so that one odd value is no alarm. Control systems have the like as a minimum duration of
/// 3 s.
pub const RATE_ON_DELAY_MS: u64 = 3_000;
/// Window of a rate of change. Engineering default; the rate itself has none, it is the process's own.
pub const RATE_WINDOW_MS: u64 = 60_000;
/// How far two redundant transmitters may differ, as a part of the range. Engineering default; GB 17681-2024 asks for
/// redundant levels and not for a number.
pub const DEVIATION_OF_RANGE: f64 = 0.03;
/// On-delay of a deviation: two taps of one vessel do not follow each other at once. Engineering default.
pub const DEVIATION_ON_DELAY_MS: u64 = 60_000;
/// Below it a signal is a fault and no value, in % of the range: 3.6 mA of 4–20 mA, NAMUR NE 43.
pub const BELOW_PERCENT: f64 = -2.5;
/// Above it a signal is a fault, in % of the range: NAMUR NE 43 ends the measured value at 20.5 mA, which is 103 %.
pub const ABOVE_PERCENT: f64 = 103.0;
/// On-delay of out of range, so that a spike is no broken wire. Engineering default.
pub const OUT_OF_RANGE_ON_DELAY_MS: u64 = 5_000;
/// A value is frozen after so long. Engineering default, for a tag that is known to move.
pub const FROZEN_AFTER_MS: u64 = 30 * 60_000;
/// On-delay of a mismatch of command and feedback: valves and pumps take their time. Engineering default; GB/T 41261
/// has the term (discrepancy) and no number.
pub const MISMATCH_ON_DELAY_MS: u64 = 10_000;
/// Priority of what the process does: rate of change, mismatch. Engineering default.
pub const PROCESS_PRIORITY: Priority = Priority::High;
/// Priority of what an instrument does: deviation, out of range, frozen. Engineering default, as of bad quality.
pub const INSTRUMENT_PRIORITY: Priority = Priority::Medium;
/// Priority of overdue inspections. Engineering default: a person is to be reminded, the process is as it was.
pub const OVERDUE_PRIORITY: Priority = Priority::Medium;

/// What is kept of the journal: personnel and tickets for a year at least (AQ 3064.2-2025, 4.2, and AQ 3064.3-2025), and some days
/// more.
pub const STORAGE: StorageConfig = StorageConfig { budget_bytes: None, days_max: 400 };

/// What is kept of recording and history. Engineering default for the sizes; thirty days is what monitoring data of major
/// hazards must be kept for (《危险化学品重大危险源监督管理暂行规定》 article 13).
pub const SAMPLES: SamplesConfig = SamplesConfig {
    recording: KeepConfig { megabytes_max: 2_000, days_max: 30 },
    history: KeepConfig { megabytes_max: 8_000, days_max: 30 },
};

/// Alarms that a rule over tickets may have at once; beyond it the last one is shared. Engineering default.
pub const TICKET_ALARMS: u64 = 8;
/// Gas is analysed no longer than this before work begins: GB 30871-2022, 5.3 and 6.3.
pub const ANALYSIS_BEFORE_MS: u64 = 30 * 60_000;
/// After an interruption longer than this, hot work of the special and first class needs a new analysis: GB 30871-2022.
pub const INTERRUPTION_MAJOR_MS: u64 = 30 * 60_000;
/// The same for hot work of the second class and for confined space: GB 30871-2022.
pub const INTERRUPTION_MINOR_MS: u64 = 60 * 60_000;
/// Readings in a confined space are written down this often: GB 30871-2022, 6.5.
pub const SPACE_RECORD_EVERY_MS: u64 = 2 * 3_600_000;
/// On-delay of a supervisor who is away. Engineering default: three positions, five seconds apart.
pub const SUPERVISOR_ON_DELAY_MS: u64 = 15_000;
/// Of a detector's high limit so much is allowed during hot work. Engineering default: 10 %LEL of 25.
pub const HOT_WORK_FACTOR: f64 = 0.4;
/// The high limit of a detector that has none, in %LEL: the greatest that GB/T 50493-2019 allows.
pub const GAS_HIGH_LEL: f64 = 25.0;
/// The most, in % vol, of a gas whose lower explosive limit is 4 % or more: GB 30871-2022, 5.3.2.
pub const HIGH_LEL_MAX: f64 = 0.5;
/// The most of any other gas, in % vol: GB 30871-2022, 5.3.2.
pub const LOW_LEL_MAX: f64 = 0.2;
/// Gases whose lower explosive limit is 4 % or more, as tickets name them. General knowledge of the field; a gas that is
/// missing here is held to the lower limit.
pub const HIGH_LEL_GASES: &[&str] =
    &["甲烷", "CH4", "天然气", "氢气", "H2", "氨", "氨气", "NH3", "一氧化碳", "CO", "硫化氢", "H2S", "甲醇", "CH3OH"];
/// Gases that are no fuel, or that tickets give in another unit than % vol. None by default.
pub const OTHER_GASES: &[&str] = &[];
/// What tickets call oxygen.
pub const OXYGEN_NAMES: &[&str] = &["氧", "氧气", "氧含量", "O2", "oxygen"];
/// The least oxygen in a confined space, in % vol: GB 30871-2022, 6.3.
pub const OXYGEN_MIN: f64 = 19.5;
/// The most oxygen in a confined space: GB 30871-2022, 6.3.
pub const OXYGEN_MAX: f64 = 21.0;
/// The most in enriched air, whatever is configured: GB 30871-2022, 6.3.
pub const OXYGEN_ENRICHED_MAX: f64 = 23.5;

/// Priority of compound rules and votes. Engineering default: they are made for what must not be missed.
pub const COMPOUND_PRIORITY: Priority = Priority::High;

/// Priority of a trip of the SIS: what it protects from was about to happen. Engineering default.
pub const TRIP_PRIORITY: Priority = Priority::Critical;
/// Priority of a bypass of the SIS; its reminder gets one step more, and one that is overdue is critical, which makes its
/// unit red. Engineering default.
pub const BYPASS_PRIORITY: Priority = Priority::Medium;
/// A bypass is reminded of after a shift. Engineering default.
pub const BYPASS_REMIND_AFTER_MS: u64 = 8 * 3_600_000;
/// A bypass is overdue after a day. Engineering default.
pub const BYPASS_OVERDUE_AFTER_MS: u64 = 24 * 3_600_000;
/// A forecast warns of what will be reached within so long. Engineering default: time to look and to act.
pub const FORECAST_WITHIN_MS: u64 = 10 * 60_000;
/// The trend of a forecast is taken over so long. Engineering default.
pub const FORECAST_WINDOW_MS: u64 = 10 * 60_000;
/// A value that changes over the window by less than this part of its range has no trend. Engineering default.
pub const FORECAST_CHANGE_OF_RANGE: f64 = 0.01;
/// On-delay of a forecast. Engineering default.
pub const FORECAST_ON_DELAY_MS: u64 = 30_000;
/// Priority of a forecast: the limit's own alarm is yet to come. Engineering default.
pub const FORECAST_PRIORITY: Priority = Priority::Medium;

/// A flood begins with so many alarms …
pub const FLOOD_BEGINS: u64 = 10;
/// … and ends with fewer than so many …
pub const FLOOD_ENDS_BELOW: u64 = 5;
/// … within so long. EEMUA 191.
pub const FLOOD_WINDOW_MS: u64 = 600_000;
/// Priority of a flood. Engineering default: the alarms of the flood have priorities of their own.
pub const FLOOD_PRIORITY: Priority = Priority::Medium;
/// A rule chatters that is raised so often …
pub const CHATTERING_COUNT: u64 = 3;
/// … within so long, as alarm management after EEMUA 191 commonly has it …
pub const CHATTERING_WINDOW_MS: u64 = 60_000;
/// … until it has been quiet for so long. Engineering default.
pub const CHATTERING_QUIET_MS: u64 = 600_000;
/// An alarm that lasts less than this is fleeting. Engineering default: nobody can act within it.
pub const FLEETING_SHORTER_MS: u64 = 2_000;
/// Fleeting alarms of one rule that make it a nuisance …
pub const FLEETING_COUNT: u64 = 3;
/// … within so long, and until it has been quiet for so long. Engineering defaults.
pub const FLEETING_WINDOW_MS: u64 = 3_600_000;
/// An alarm that is active for longer is standing (stale). EEMUA 191, ISA-18.2.
pub const STANDING_AFTER_MS: u64 = 24 * 3_600_000;
/// Priority of nuisance alarms and of the clock: within the shift. Engineering default.
pub const NUISANCE_PRIORITY: Priority = Priority::Low;
/// The wall clock may be off by so much. Engineering default.
pub const CLOCK_OFFSET_MAX_MS: u64 = 1_000;
/// The wall clock may be without a time service for so long. Engineering default.
pub const CLOCK_UNSYNCHRONISED_MS: u64 = 3_600_000;
/// The disk warns from so much on, in % of its room. Engineering default.
pub const STORAGE_WARN_PERCENT: u64 = 70;
/// The disk alarms from so much on. Engineering default.
pub const STORAGE_ALARM_PERCENT: u64 = 90;
/// It is over so much below. Engineering default.
pub const STORAGE_HYSTERESIS_PERCENT: u64 = 5;
/// Priority of a disk that is nearly full. Engineering default: what happens next may not be kept.
pub const STORAGE_ALARM_PRIORITY: Priority = Priority::High;
/// Priority of a journal that does not reach the disk. Engineering default: nothing is sent and nothing survives.
pub const JOURNAL_PRIORITY: Priority = Priority::Critical;
/// Priority of a lamp, a horn, a relay or a watchdog that does not do its work. Engineering default: the page still tells of alarms, and
/// somebody must look at it meanwhile.
pub const BOARD_PRIORITY: Priority = Priority::High;
/// The horn may be silenced by hand for so long in total …
pub const HORN_SILENCED_LONGER_MS: u64 = 600_000;
/// … within so long. Engineering defaults, after 2018-11-28 Zhangjiakou, where the sound of the gas alarm was kept off.
pub const HORN_SILENCED_WINDOW_MS: u64 = 3_600_000;
/// A certificate is told about so many days before its end. Engineering default: time to get another one from a vendor.
pub const CERTIFICATE_BEFORE_DAYS: u64 = 30;
/// Priority of a horn that is silenced for too long: it sounds again. Engineering default.
pub const HORN_SILENCED_PRIORITY: Priority = Priority::Medium;
