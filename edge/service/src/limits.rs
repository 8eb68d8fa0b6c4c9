//! Every bound of the loop and its wiring, by name, with what happens beyond it.

use davy_core::time::UtcTime;
use std::time::Duration;

/// Events on their way to the engine; beyond it connectors wait, and their protocols hold back (back-pressure).
pub(crate) const INBOX_MAX: usize = 1_024;

/// Commands on their way to the engine; beyond it they are refused.
pub(crate) const COMMANDS_MAX: usize = 64;

/// Journal rows that wait in memory while the disk fails; beyond it the oldest are given up and a gap record says so.
pub(crate) const UNWRITTEN_ROWS_MAX: usize = 50_000;

/// Pause before a failed write is tried again.
pub(crate) const WRITE_RETRY: Duration = Duration::from_secs(1);

/// A write that takes longer than this is not trusted any more: the disk hangs, and the page and `/readyz` say so.
pub(crate) const WRITE_MAX: Duration = Duration::from_secs(5);

/// … and after so long only a restart helps: watchdogs are fed no more. Flash that moves its blocks stands still for seconds, a link
/// of a disk that is set up anew for ten or twenty.
pub(crate) const WRITE_HUNG: Duration = Duration::from_secs(30);

/// The live state is shown to observers this often at most when it changes; less often where taking it costs more than a tenth of
/// the time, and then …
pub(crate) const SNAPSHOT_CHANGED: Duration = Duration::from_millis(100);
/// … this often whatever it costs …
pub(crate) const SNAPSHOT_COSTLY: Duration = Duration::from_millis(200);
/// … and this often when nothing happens, so that they see the gateway live.
pub(crate) const SNAPSHOT_IDLE: Duration = Duration::from_secs(1);

/// After a stop was asked for, connectors have this long to say goodbye, …
pub(crate) const FIELD_STOP_MAX: Duration = Duration::from_secs(3);
/// … the last rows this long to reach the disk, …
pub(crate) const LAST_WRITE_MAX: Duration = Duration::from_secs(5);
/// The loop stands still while what was before a new configuration is written and read; after this long the configuration is
/// refused.
pub(crate) const RECONFIGURE_DISK_MAX: Duration = Duration::from_secs(2);
/// What was pressed at the box and waits to be carried out; beyond it a further press is lost.
pub(crate) const HEARD_MAX: usize = 32;

/// Changes of the configuration on their way to the loop.
pub(crate) const CHANGES_MAX: usize = 1;
/// … and uplinks and page this long to end; …
pub(crate) const UPLINK_STOP_MAX: Duration = Duration::from_secs(3);
/// … and whatever still holds a thread this long; what has not ended by then ends with the process.
pub(crate) const LAST_WORK_MAX: Duration = Duration::from_secs(1);

/// Of the room there is for the journal: beyond so much in % rows go that every uplink has, below the first alarm of a disk that
/// fills, so that it is raised by what waits to be sent and by nothing else; and beyond so much the others.
pub(crate) const JOURNAL_WANTED_PERCENT: u64 = 60;
/// See above.
pub(crate) const JOURNAL_MOST_PERCENT: u64 = 95;

/// Rows of a portion of the journal that makes room, at most.
pub(crate) const ROOM_ROWS_MAX: usize = 10_000;

/// Portions of the journal that make room at one look.
pub(crate) const ROOM_TURNS_MAX: usize = 100;

/// A day.
pub(crate) const DAY_MS: i64 = 86_400_000;

/// The box is looked at this often: clock and disk change slowly.
pub(crate) const SELF_CHECK: Duration = Duration::from_secs(60);

/// Certificates are looked at this often: what was decided on the command line goes into the journal.
pub(crate) const CERTIFICATES_LOOK: Duration = Duration::from_secs(2);

/// The file of users and tokens is looked at this often, and log-ins that fail are put on record.
pub(crate) const ACCESS_LOOK: Duration = Duration::from_millis(500);

/// A time service that does not answer within this is not waited for: the state of the clock is not known.
pub(crate) const TIME_SERVICE_MAX: Duration = Duration::from_secs(5);

/// Evidence reaches from so long before a warning was raised to so long after it was closed; values until so long after its
/// last condition was gone. Engineering default: the usual time for a process to tell its story.
pub(crate) const EVIDENCE_BEFORE_MS: u64 = 600_000;
/// See above.
pub(crate) const EVIDENCE_AFTER_MS: u64 = 60_000;

/// The last value of a tag from before is looked for so far back; beyond it a note says that none was found.
pub(crate) const EVIDENCE_VALUE_BEFORE_MS: u64 = 3_600_000;

/// Values of a longer time are left out in the middle: so much of its beginning and so much of its end is read.
pub(crate) const EVIDENCE_VALUES_MS: u64 = 2 * 3_600_000;

/// Values of one tag in one packet; beyond it those in the middle are left out and counted.
pub(crate) const EVIDENCE_POINTS_MAX: usize = 4_000;

/// Tags in one packet; beyond it a note names the others.
pub(crate) const EVIDENCE_TAGS_MAX: usize = 64;

/// Journal rows of one kind in one packet; beyond it those in the middle are left out and counted.
pub(crate) const EVIDENCE_ROWS_MAX: usize = 1_000;

/// Stays of people, and sights, in one packet; beyond it the rest is counted.
pub(crate) const EVIDENCE_STAYS_MAX: usize = 2_000;

/// Journal rows before the time that are looked through for what stood then; beyond it a note says so.
pub(crate) const EVIDENCE_LOOK_BACK_ROWS_MAX: usize = 50_000;

/// Journal rows of the time itself that are looked through; beyond it a note says so.
pub(crate) const EVIDENCE_ROWS_READ_MAX: usize = 1_000_000;

/// Evidence that is asked for over HTTP is read for so long, then a note says where reading ended. Shorter than a request may
/// take (`REQUEST_MAX` of the API): the document is still to be made and sent.
pub(crate) const EVIDENCE_ANSWER_MAX: Duration = Duration::from_secs(5);

/// Rows read at once while looking backwards.
pub(crate) const EVIDENCE_PAGE_ROWS: usize = 500;

/// The keeper looks for closed warnings this often, …
pub(crate) const EVIDENCE_LOOK: Duration = Duration::from_secs(5);

/// … waits so long after the time of the evidence has passed, because the recording is written in blocks, …
pub(crate) const EVIDENCE_SETTLE_MS: u64 = 10_000;

/// … tries again after so long when the disk did not take a packet, each time after twice as long, …
pub(crate) const EVIDENCE_RETRY_MS: u64 = 60_000;
/// … but never after longer than this, …
pub(crate) const EVIDENCE_RETRY_MAX_MS: u64 = 900_000;

/// … and after a start looks for what closed since the last one that was kept, and for all of so long, …
pub(crate) const EVIDENCE_RECOVER_MS: u64 = 86_400_000;
/// … in so many rows about warnings …
pub(crate) const EVIDENCE_RECOVER_ROWS_MAX: usize = 5_000;
/// … among so many of the journal.
pub(crate) const EVIDENCE_RECOVER_JOURNAL_ROWS_MAX: u64 = 1_000_000;

/// Closed warnings whose evidence waits to be kept, one at each look; beyond it evidence is put together on request only, and
/// the log says so.
pub(crate) const EVIDENCE_WAITING_MAX: usize = 256;

/// Packets kept as files; beyond it the oldest go.
pub(crate) const EVIDENCE_FILES_MAX: usize = 1_000;

/// What they may take together, in bytes; beyond it the oldest go, the newest never.
pub(crate) const EVIDENCE_BYTES_MAX: u64 = 512 << 20;

/// A source that is tried has so long to connect, beyond the connection's own limits.
pub(crate) const TRY_MAX: Duration = Duration::from_secs(15);

/// Levels and nodes that the page's look at a server goes through; beyond it the page is told that there are more.
pub(crate) const LOOK_DEPTH: usize = 20;
/// See above.
pub(crate) const LOOK_NODES_MAX: usize = 20_000;

/// Loops whose check is kept, those of tags that are no more among them; beyond it the oldest of these go.
pub(crate) const LOOPS_KEPT_MAX: usize = 100_000;

/// What the sheet of the loop check takes on the disk at most; a larger file is not read.
pub(crate) const LOOP_SHEET_BYTES_MAX: u64 = 64 << 20;

/// Characters of an answer or a password that is typed; beyond it the rest is not read.
pub(crate) const TYPED_BYTES_MAX: u64 = 4_096;

/// Of zstd, for backups: the default, fast enough for a small box.
pub(crate) const BACKUP_COMPRESSION: i32 = 3;

/// Files in a backup: evidence has its own bound, far below.
pub(crate) const BACKUP_FILES_MAX: usize = 200_000;

/// What the list of its files takes at most.
pub(crate) const BACKUP_MANIFEST_BYTES_MAX: u64 = 64 << 20;

/// Orders of the enterprise platform on their way; beyond it the uplinks' clerks wait.
pub(crate) const ORDERS_MAX: usize = 8;

/// Lines of a receipt, and characters of one; the last says how many more there are.
pub(crate) const RECEIPT_DETAILS_MAX: usize = 200;
/// See above.
pub(crate) const RECEIPT_DETAIL_CHARS_MAX: usize = 300;

/// Names in one line about what a risk model changes.
pub(crate) const MODEL_NAMES_MAX: usize = 20;

/// The page's own certificate is valid so long. Longer than 825 days some systems take none.
pub(crate) const WEB_CERTIFICATE_DAYS: u64 = 730;

/// One that ends sooner is made anew, or said of when it is the site's; milliseconds.
pub(crate) const WEB_CERTIFICATE_LEFT_MIN_MS: i64 = 30 * 86_400_000;

/// The end of the page's certificate is looked at this often.
pub(crate) const WEB_CERTIFICATE_LOOK: Duration = Duration::from_secs(6 * 3_600);

/// A clock that shows an earlier time has not been set yet: the page's certificate is made for this one, 2026-01-01, and still holds
/// when it has been.
pub(crate) const WEB_CLOCK_EARLIEST: UtcTime = UtcTime(1_767_225_600_000);

/// Lines around one that differs.
pub(crate) const DIFFERENCE_AROUND: usize = 3;

/// Lines of the difference of one file, and characters of one; what is beyond is counted, or cut.
pub(crate) const DIFFERENCE_LINES_MAX: usize = 2_000;
/// See above.
pub(crate) const DIFFERENCE_CHARS_MAX: usize = 1_000;

/// The shortest difference of two files is looked for so long; beyond it a longer one is taken.
pub(crate) const DIFFERENCE_TIME_MAX: Duration = Duration::from_secs(1);

/// Configurations that were in force and are kept; beyond it the oldest go.
pub(crate) const VERSIONS_MAX: usize = 200;

/// What they may take together, in bytes; beyond it the oldest go, the one in force never.
pub(crate) const VERSIONS_BYTES_MAX: u64 = 128 << 20;

/// What one may unpack to, in bytes; a larger one is no version.
pub(crate) const VERSION_BYTES_MAX: u64 = 256 << 20;

/// A what-if may take so long; beyond it it is ended.
pub(crate) const WHAT_IF_MAX: Duration = Duration::from_secs(2 * 3_600);

/// Bytes of its result; a larger one is no use on a page, and a shorter span is to be asked for.
pub(crate) const WHAT_IF_BYTES_MAX: u64 = 8 << 20;

/// Bytes of its news and complaints on standard error that are looked at.
pub(crate) const WHAT_IF_WORDS_MAX: u64 = 1 << 20;

/// The signature of a release, in bytes; what minisign writes has some three hundred.
pub(crate) const UPDATE_SIGNATURE_BYTES_MAX: u64 = 4_096;

/// What a release says of itself, in bytes.
pub(crate) const UPDATE_MANIFEST_BYTES_MAX: u64 = 65_536;

/// The program of a release, in bytes: some times the size budget, so that a build for tests fits.
pub(crate) const UPDATE_BYTES_MAX: u64 = 384 << 20;

/// A release on trial is started so often: a power cut is not its fault, two are not believed.
pub(crate) const UPDATE_ATTEMPTS_MAX: u32 = 2;

/// What was done about updates and is not in the journal yet; beyond it the oldest are given up.
pub(crate) const UPDATE_UNTOLD_MAX: usize = 32;

/// A new program has so long to say what it is and to read the configuration …
pub(crate) const UPDATE_LOOK_MAX: Duration = Duration::from_secs(60);
/// … and is looked at this often …
pub(crate) const UPDATE_LOOK_PAUSE: Duration = Duration::from_millis(50);
/// … and started so often while its file is still busy.
pub(crate) const UPDATE_BUSY_TRIES: usize = 20;
/// What is read of it.
pub(crate) const UPDATE_SAID_BYTES_MAX: u64 = 65_536;

/// A confirmed release that was started so often without ever running for …
pub(crate) const UPDATE_STARTS_MAX: u32 = 8;
/// … so long makes way for the one before it.
pub(crate) const UPDATE_RUNS: Duration = Duration::from_secs(60);
/// A release on trial says this often that its loop turns …
pub(crate) const UPDATE_ALIVE: Duration = Duration::from_millis(500);
/// … and is ended when it has not for so long, its start included: nobody is alarmed meanwhile.
pub(crate) const UPDATE_SILENT_MAX: Duration = Duration::from_secs(20);
/// The service manager hears so often that all is well, until the release says it itself.
pub(crate) const UPDATE_FEED: Duration = Duration::from_secs(2);
/// It has so long to answer a question of its own …
pub(crate) const UPDATE_ANSWER_MAX: Duration = Duration::from_secs(10);
/// … and, when it is told to end, so long to end in order.
pub(crate) const UPDATE_END_MAX: Duration = Duration::from_secs(12);

/// What was done about updates is looked for this often.
pub(crate) const UPDATE_TELL: Duration = Duration::from_secs(1);

/// Process and box are measured this often, …
pub(crate) const RESOURCES_LOOK: Duration = Duration::from_secs(5);

/// … the disk and the curves this often, …
pub(crate) const RESOURCES_SAMPLE_MS: u64 = 60_000;

/// … and the curves reach so many samples back, a shift of eight hours; beyond it the oldest go.
pub(crate) const RESOURCES_SAMPLES_MAX: usize = 480;

/// Bytes that the disk must have left when a backup or a support bundle has been made beside the data; otherwise none is made.
pub(crate) const UPKEEP_ROOM_BYTES: u64 = 256 << 20;

/// Bytes of one file of the configuration in a support bundle; a larger one is left out and named.
pub(crate) const BUNDLE_FILE_BYTES_MAX: u64 = 16 << 20;

/// Files of the data folder that a support bundle names; beyond it the rest is not.
pub(crate) const BUNDLE_LISTED_MAX: usize = 5_000;
