//! Every bound of the uplinks, by name, with what happens beyond it.

use std::time::Duration;

/// Bytes of one message. A row that would be larger is passed over, and said so in the log and on the page: a broker
/// that refuses it would otherwise hold up every row behind it for ever.
pub(crate) const MESSAGE_BYTES_MAX: usize = 1 << 20;

/// Bytes of a packet beyond its payload: topic, packet id and headers. Topics are far shorter.
pub(crate) const PACKET_OVERHEAD_BYTES: usize = 4 << 10;

/// Bytes of a packet that the broker may send where no commands are listened to: only answers come. A larger one ends the
/// connection.
pub(crate) const INCOMING_BYTES_MAX: usize = 64 << 10;

/// Rows that one look into the journal brings; the next look takes over.
pub(crate) const READ_ROWS: usize = 256;

/// Blocks of the recording that one look brings, where they bring no samples to forward; the next look takes over.
pub(crate) const BLOCKS_PER_LOOK: usize = 16;

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

/// Bytes of one batch before it is compressed; a batch is cut before the row that would pass it.
pub(crate) const BATCH_BYTES_MAX: usize = 4 << 20;

/// Bytes of an event beside its row, at most: ids, names of topic and kind.
pub(crate) const ENVELOPE_BYTES_MAX: usize = 1 << 10;

/// Looks into the journal for one batch; where so many bring nothing that goes up, other work has its turn before the next.
pub(crate) const LOOKS_PER_BATCH: usize = 8;

/// Of zstd: the default, fast enough for a small box.
pub(crate) const ZSTD_LEVEL: i32 = 3;

/// Bytes of an answer: a thousand receipts with reasons. With a longer one nothing counts as taken.
pub(crate) const ANSWER_BYTES_MAX: usize = 1 << 20;

/// Characters of the receiver's words that are kept and shown.
pub(crate) const REASON_CHARS_MAX: usize = 500;

/// Connections kept open between batches: one for each lane and one for what is tried again.
pub(crate) const IDLE_CONNECTIONS_MAX: usize = 3;

/// When nothing was heard for so long, the receiver is asked whether it is there.
pub(crate) const ASK_EVERY: Duration = Duration::from_secs(30);

/// The longest that a receiver may ask to wait; a longer wait is cut to it.
pub(crate) const RETRY_AFTER_MAX: Duration = Duration::from_secs(600);

/// A receiver that asks to wait longer than this counts as lost; what is written meanwhile goes up as backfill.
pub(crate) const PAUSE_MAX: Duration = Duration::from_secs(60);

/// The wait where only a person can mend things: a token that is refused, an address that is wrong.
pub(crate) const MISCONFIGURED_RETRY: Duration = Duration::from_secs(30);

/// Rows that an uplink may have parked. Beyond it nothing is passed over any more: the uplink stops at the row that is refused and
/// says so.
pub(crate) const PARKED_MAX: u64 = 10_000;

/// A refused row is tried again after this; then after twice as long each time, …
pub(crate) const PARKED_RETRY_FIRST: Duration = Duration::from_secs(60);
/// … up to this.
pub(crate) const PARKED_RETRY_MAX: Duration = Duration::from_secs(3_600);

/// How often parked rows are looked at, for one that is due or that a person wants tried.
pub(crate) const PARKED_LOOK: Duration = Duration::from_secs(1);

/// Of Kafka.
#[cfg(feature = "kafka")]
pub(crate) mod kafka {
    use std::time::Duration;

    /// How long reaching one broker of Kafka may take, TLS included.
    pub(crate) const CONNECT_MAX: Duration = Duration::from_secs(5);

    /// How long a broker of Kafka may take to answer one request; then it is sent again.
    pub(crate) const REQUEST_MAX: Duration = Duration::from_secs(10);

    /// How long the producer tries to get one record acknowledged, by every leader of its partition; then the link counts as lost.
    pub(crate) const DELIVERY_MAX: Duration = Duration::from_secs(20);

    /// So long without an acknowledgement while records wait for theirs, and the cluster is asked whether it is there.
    pub(crate) const DOUBT: Duration = Duration::from_secs(2);

    /// Bytes of an answer of a broker: the list of all topics of a large cluster. A longer one ends the connection.
    pub(crate) const ANSWER_BYTES_MAX: usize = 16 << 20;

    /// Bytes of records on their way to Kafka. Where they are more, sending waits.
    pub(crate) const BUFFER_BYTES_MAX: usize = 8 << 20;
}

/// Of Sparkplug.
pub(crate) mod sparkplug {
    use std::time::Duration;

    /// Batches of values of a lane that may wait for their acknowledgement at once; each is a message for each of its devices.
    pub(crate) const ROWS_IN_FLIGHT_MAX: u16 = 20;

    /// From one birth to the next that a host asks for, at least; what is asked meanwhile is one birth, then.
    pub(crate) const REBIRTH_EVERY: Duration = Duration::from_secs(5);

    /// How often it is looked which devices are connected.
    pub(crate) const LOOK_EVERY: Duration = Duration::from_secs(1);

    /// Devices whose clock was set back are born again so often at most.
    pub(crate) const SET_BACK_EVERY: Duration = Duration::from_secs(60);

    /// A device dies when it has been lost for so long and has nothing more to say: what was heard of it last is on its way through
    /// the recording, for some five seconds.
    pub(crate) const DEATH_AFTER: Duration = Duration::from_secs(7);

    /// Commands that are dropped are said in the log so often at most.
    pub(crate) const DROPPED_LOG_EVERY: Duration = Duration::from_secs(60);

    /// Characters of a dropped command's name that are kept for the log.
    pub(crate) const NAME_CHARS_MAX: usize = 100;
}

/// Bytes of a command; a larger one is not looked at, and counts as from nobody known.
pub(crate) const COMMAND_BYTES_MAX: usize = 64 << 10;

/// Bytes of a command over an uplink that brings risk models: some ten thousand measures.
pub(crate) const RISK_MODEL_BYTES_MAX: usize = 4 << 20;

/// Commands of an uplink that wait, beside twice the bytes of the largest; further ones are dropped, and sent again.
pub(crate) const COMMANDS_WAITING_MAX: usize = 64;

/// Replies that wait for the link, and that wait for the broker's acknowledgement; they are among [`NOTICES_MAX`].
pub(crate) const REPLIES_MAX: usize = 64;
/// See above.
pub(crate) const REPLIES_IN_FLIGHT_MAX: usize = 4;

/// Characters of a command's id; one with a longer id cannot be answered.
pub(crate) const COMMAND_ID_CHARS_MAX: usize = 64;

/// Characters of the name of a person or ticket in a command; a longer one is invalid.
pub(crate) const COMMAND_NAME_CHARS_MAX: usize = 100;

/// From `iat` to `exp` at most; a command that is to be valid for longer is invalid.
pub(crate) const COMMAND_VALID_MAX_MS: i64 = 7 * 86_400_000;

/// How far the clocks of platform and gateway may be apart.
pub(crate) const COMMAND_CLOCK_MAX_MS: i64 = 120_000;

/// Commands of nobody known are said in the log so often at most, …
pub(crate) const STRANGERS_LOG_EVERY: Duration = Duration::from_secs(60);
/// … and in the journal.
pub(crate) const STRANGERS_RECORD_EVERY: Duration = Duration::from_secs(3_600);

/// After a command that was so large that it ended the connection none is listened to for so long.
pub(crate) const DEAF: Duration = Duration::from_secs(600);

/// Commands of one answer of a receiver that is polled; the others are taken from the next answer.
pub(crate) const COMMANDS_PER_ANSWER: usize = 32;

/// Bytes of such an answer beside the largest command.
pub(crate) const COMMANDS_ANSWER_BYTES: usize = 1 << 20;
