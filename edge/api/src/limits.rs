//! Every bound of the API, by name, with what happens beyond it.

use std::time::Duration;

/// Open connections; beyond it new ones wait in the kernel until one closes.
pub(crate) const CONNECTIONS_MAX: usize = 512;

/// Open connections of one address, or of one IPv6 network of 64 bits; beyond it the next is closed. A browser opens six (RFC 9112, 9.4
/// leaves the number to it).
pub(crate) const CONNECTIONS_OF_ADDRESS_MAX: usize = 64;

/// The same for each address of this machine itself: what forwards others' requests comes from there.
pub(crate) const CONNECTIONS_OF_LOOPBACK_MAX: usize = 384;

/// When no connection can be taken, for want of file handles above all, the next try is so much later.
pub(crate) const ACCEPT_AGAIN: Duration = Duration::from_secs(1);

/// From the connection to the end of the TLS handshake; beyond it the connection is closed.
pub(crate) const HANDSHAKE_MAX: Duration = Duration::from_secs(10);

/// From the connection, or the end of the last answer, to the end of a request's header; beyond it the connection is closed. So long a
/// connection may idle.
pub(crate) const HEADERS_MAX: Duration = Duration::from_secs(10);

/// Lines of a request's header; more are refused with 431. Browsers send about twenty.
pub(crate) const HEADER_LINES_MAX: usize = 64;

/// A request's header with its first line, in bytes; larger is refused with 431.
pub(crate) const HEADER_BYTES_MAX: usize = 16 << 10;

/// What is held of a connection's bytes either way.
pub(crate) const BUFFER_BYTES_MAX: usize = 64 << 10;

/// So long the other end may take nothing of an answer or a stream; beyond it the connection is closed.
pub(crate) const STALL_MAX: Duration = Duration::from_secs(10);

/// Open event streams; beyond it a new one is refused with 503. Half of the connections: streams never take the place of commands, and
/// no address has more of them than connections. What a stream has not taken yet it shares with the others of the same moment, and
/// [`STALL_MAX`] ends one that takes nothing, so that all together hold ten seconds of changes at most.
pub(crate) const STREAMS_MAX: usize = CONNECTIONS_MAX / 2;

/// Packets of evidence put together at once; beyond it the next is refused with 503.
pub(crate) const PACKETS_MAX: usize = 2;

/// The body of a command, in bytes; larger is refused with 413. Far above the longest name and note.
pub(crate) const BODY_BYTES_MAX: usize = 16 << 10;

/// The body of a look, in bytes: as many variables as one look finds; larger is refused with 413.
pub(crate) const LOOK_BODY_BYTES_MAX: usize = 1 << 20;

/// Looks at the field under way; beyond it the next is refused with 503. Each is a connection to a server or device.
pub(crate) const LOOKS_AT_ONCE: usize = 2;

/// A look may take so long; beyond it 424. A server of 10 000 nodes is walked through in some seconds.
pub(crate) const LOOK_MAX: Duration = Duration::from_secs(25);

/// A request for a look may take so long until its answer begins, so that the look's own limit is what is told.
pub(crate) const LOOK_REQUEST_MAX: Duration = Duration::from_secs(30);

/// Nodes of a part unless `limit` says otherwise, …
pub(crate) const LOOK_ROWS: usize = 200;
/// … and at most; also what is read or proposed at once. More is refused with 422.
pub(crate) const LOOK_ROWS_MAX: usize = 1_000;

/// Names from the beginning of a look down to a node; more are refused with 422.
pub(crate) const LOOK_DEPTH_MAX: usize = 100;

/// A text that says where to look, in bytes; longer is refused with 422. OPC UA has node ids of up to 4 096 characters.
pub(crate) const LOOK_TEXT_BYTES_MAX: usize = 4_096;

/// Cells of a row of the point table, of which no table has so many columns.
pub(crate) const LOOK_CELLS_MAX: usize = 64;

/// Points of a loop check, up and down the range; more are refused with 422.
pub(crate) const LOOP_POINTS_MAX: usize = 11;

/// What an instrument may be made to show, in % of its range; beyond it the check is refused with 422.
pub(crate) const LOOP_PERCENT_MIN: f64 = -25.0;
/// See above.
pub(crate) const LOOP_PERCENT_MAX: f64 = 125.0;

/// A request may take this long with its body until its answer begins; beyond it 408. Longer than evidence is read for on request
/// (`EVIDENCE_ANSWER_MAX` of the service).
pub(crate) const REQUEST_MAX: Duration = Duration::from_secs(10);

/// The body of a request about the configuration, in bytes; larger is refused with 413. The largest file that a configuration may
/// have, in base64.
pub(crate) const CONFIG_BODY_BYTES_MAX: usize = 24 << 20;

/// Such a request may take this long; beyond it 408, and what was begun is still done. A large point table is read twice.
pub(crate) const CONFIG_REQUEST_MAX: Duration = Duration::from_secs(120);

/// Whole configurations worked on at once, because of the memory …
pub(crate) const CONFIGS_AT_ONCE: usize = 1;
/// … the next waits so long for its turn; beyond it 503.
pub(crate) const CONFIG_TURN_MAX: Duration = Duration::from_secs(10);

/// Edits of one proposal; more are refused with 422.
pub(crate) const CONFIG_EDITS_MAX: usize = 2_000;

/// A command may wait this long for the loop and the disk; beyond it 503. Shorter than what the page waits.
pub(crate) const ANSWER_MAX: Duration = Duration::from_secs(5);

/// Rows on a page of a list unless `limit` says otherwise.
pub(crate) const PAGE_ROWS: usize = 1_000;

/// The greatest `limit`; beyond it the query is refused with 400.
pub(crate) const PAGE_ROWS_MAX: usize = 5_000;

/// Journal rows looked at for one page when a kind is asked for; beyond it the page is cut short and `next` goes on.
pub(crate) const JOURNAL_SCAN_MAX: usize = 20_000;

/// Journal rows read at once while looking for a kind.
pub(crate) const JOURNAL_CHUNK: usize = 1_000;

/// Local days of the indicators unless `days` says otherwise; at most as many as the core keeps.
pub(crate) const INDICATOR_DAYS: u32 = 7;

/// The first wait before the journal is read again for the indicators after that has failed; doubled each time.
pub(crate) const COUNT_AGAIN_MIN: Duration = Duration::from_secs(1);

/// The longest such wait.
pub(crate) const COUNT_AGAIN_MAX: Duration = Duration::from_secs(60);

/// Between two beats of the stream. The sections that differ every time (system, tags, sources, uplinks) wait for one.
pub(crate) const BEAT: Duration = Duration::from_secs(1);

/// How long a browser waits before it opens a lost stream again, in milliseconds.
pub(crate) const STREAM_RETRY_MS: u64 = 1_000;

/// A snapshot older than this says that the loop stands still; then the gateway is not ready. Milliseconds.
pub(crate) const SNAPSHOT_AGE_MAX_MS: i64 = 5_000;

/// After a refusal for want of room, a client should wait this long before it tries again, in seconds.
pub(crate) const RETRY_AFTER_SECONDS: u64 = 2;

/// After a stop, open requests have this long to end; then their connections are left to the end of the process.
pub(crate) const STOP_MAX: Duration = Duration::from_secs(2);

/// A trend shows so long when nobody says from when.
pub(crate) const TREND_MS: i64 = 3_600_000;

/// Values or steps of a trend: as many as a picture has columns, and at most; more is refused.
pub(crate) const TREND_POINTS: usize = 1_000;
pub(crate) const TREND_POINTS_MAX: usize = 10_000;

/// Passwords looked at, at once: each takes a core and 19 MiB for tens of milliseconds, and alarming needs both …
pub(crate) const LOG_INS_AT_ONCE: usize = 2;
/// … and those that wait for it; beyond it the next is refused with 503.
pub(crate) const LOG_INS_WAITING: usize = 16;

/// Lines of the log that are held; beyond it the oldest go. As many as one page of a list may have.
pub(crate) const LOG_LINES_MAX: usize = PAGE_ROWS_MAX;

/// Bytes that they take; beyond it the oldest go.
pub(crate) const LOG_BYTES_MAX: usize = 2 << 20;

/// Characters of one line; beyond it the rest is cut off.
pub(crate) const LOG_CHARS_MAX: usize = 2_000;

/// A backup or a support bundle may take this long to be made; beyond it 408. Copying a journal of gigabytes on flash takes minutes.
pub(crate) const FILE_MAX: Duration = Duration::from_secs(900);

/// Of a file on its way so much is in memory.
pub(crate) const FILE_PIECE_BYTES: usize = 64 << 10;

/// Journal rows in a support bundle, the newest.
pub(crate) const BUNDLE_ROWS_MAX: usize = 2_000;

/// The file of a release, in bytes; beyond it 413.
pub(crate) const UPDATE_BYTES_MAX: usize = 400 << 20;
