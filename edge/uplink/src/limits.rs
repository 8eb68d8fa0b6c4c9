//! Every bound of the uplinks, by name, with what happens beyond it.

use std::time::Duration;

/// Bytes of one message. A row that would be larger is passed over, and said so in the log and on the page: a broker
/// that refuses it would otherwise hold up every row behind it for ever.
pub(crate) const MESSAGE_BYTES_MAX: usize = 1 << 20;

/// Bytes of a packet beyond its payload: topic, packet id and headers. Topics are far shorter.
pub(crate) const PACKET_OVERHEAD_BYTES: usize = 4 << 10;

/// Bytes of a packet that the broker may send; nothing is subscribed to, so only answers come. A larger one ends the
/// connection.
pub(crate) const INCOMING_BYTES_MAX: usize = 64 << 10;

/// Rows that one look into the journal brings; the next look takes over.
pub(crate) const READ_ROWS: usize = 256;

/// Packets written together before the socket is flushed.
pub(crate) const WRITES_TOGETHER: usize = 32;

/// Messages beside those of the two lanes: online, offline, and some to spare.
pub(crate) const NOTICES_MAX: u16 = 8;

/// Stretches of the journal that went up live while older rows still waited. Each lost link adds one as long as there
/// is a backlog; beyond it what was written while the link was down goes up live as well, at no bounded rate.
pub(crate) const LIVE_SPANS_MAX: usize = 64;

/// How long reaching the broker may take, from looking up its name to its acceptance; then the next attempt.
pub(crate) const CONNECT_MAX: Duration = Duration::from_secs(10);

/// Without traffic for so long the broker is asked whether it is there.
pub(crate) const KEEP_ALIVE: Duration = Duration::from_secs(10);

/// So long without one acknowledgement while messages wait for theirs, and the link counts as lost: the broker hangs.
pub(crate) const ACKNOWLEDGEMENT_MAX: Duration = Duration::from_secs(10);

/// The first wait before another attempt to reach the broker; it doubles up to [`RETRY_MAX`], each shortened at random
/// by up to a half so that the gateways of a site do not come back all at once.
pub(crate) const RETRY_FIRST: Duration = Duration::from_millis(500);

/// The longest wait before another attempt: a link that is back is used within seconds, because alarms wait for it.
pub(crate) const RETRY_MAX: Duration = Duration::from_secs(5);

/// How often the cursor is saved and the health shown, at most.
pub(crate) const BEAT: Duration = Duration::from_millis(200);

/// How far the backfill lane may run ahead of its rate, in time: a wait shorter than the timer's step costs no rows.
pub(crate) const BACKFILL_BURST: Duration = Duration::from_millis(50);

/// How long an orderly stop waits for the last acknowledgements; what is not acknowledged by then is sent again after
/// the next start.
pub(crate) const STOP_MAX: Duration = Duration::from_secs(2);
