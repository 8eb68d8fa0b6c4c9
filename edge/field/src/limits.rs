//! Every bound of the field side, by name, with what happens beyond it.

use std::time::Duration;

/// The first wait before another attempt to reach a source; it doubles up to [`RETRY_MAX`], each shortened at random by
/// up to a half so that sources of one plant are not all asked at once.
pub(crate) const RETRY_FIRST: Duration = Duration::from_millis(500);

/// The longest wait before another attempt: a server that was started again is read within seconds.
pub(crate) const RETRY_MAX: Duration = Duration::from_secs(5);

/// How long making a connection may take, from looking up the name to the first sign of life; then the next attempt.
pub(crate) const CONNECT_MAX: Duration = Duration::from_secs(10);

/// The pause between attempts to replace a connection that is no longer sound: a device that accepts a single one may
/// need a moment to see that the old one is gone.
pub(crate) const RECONNECT_PAUSE: Duration = Duration::from_millis(50);

/// How long an orderly goodbye may take; then the connection is dropped.
pub(crate) const CLOSE_MAX: Duration = Duration::from_secs(2);

/// Bounds of OPC UA.
pub(crate) mod opcua {
    use std::time::Duration;

    /// How long one request may take; then it counts as failed.
    pub(crate) const REQUEST_MAX: Duration = Duration::from_secs(4);

    /// A publish request waits on the server for news; longer than [`KEEP_ALIVE`], so that it is not given up before.
    pub(crate) const PUBLISH_MAX: Duration = Duration::from_secs(30);

    /// How often the server is asked whether it runs.
    pub(crate) const ALIVE_EVERY: Duration = Duration::from_secs(3);

    /// So many failed answers to that in a row, and the session is dropped: the server hangs.
    pub(crate) const ALIVE_FAILED_MAX: u32 = 2;

    /// How long the server keeps a session, with its subscriptions, that nobody uses. A connection that broke leaves one
    /// behind.
    pub(crate) const SESSION_LIFETIME: Duration = Duration::from_secs(30);

    /// How long the server may go without using the connection's token. The library judges its age by both clocks; with
    /// an hour they may differ by a quarter of it before the connection is made anew each hour.
    pub(crate) const CHANNEL_LIFETIME: Duration = Duration::from_secs(3_600);

    /// Nodes of one request to read; the next request takes over. The server may allow fewer.
    pub(crate) const NODES_PER_READ: usize = 500;

    /// Nodes of one request for history; the next request takes over. The server may allow fewer.
    pub(crate) const NODES_PER_HISTORY_READ: usize = 20;

    /// Nodes of one request to browse; the next request takes over. The server may allow fewer.
    pub(crate) const NODES_PER_BROWSE: usize = 50;

    /// References of a node in one answer when a server is looked at; the server is asked to go on.
    pub(crate) const REFERENCES_PER_NODE: u32 = 500;

    /// Nodes that one look finds at most, whatever is asked for.
    pub(crate) const NODES_FOUND_MAX: usize = 200_000;

    /// Characters of a value that is shown.
    pub(crate) const VALUE_CHARS_MAX: usize = 200;

    /// Namespaces that are named when the one that was asked for is not there; a server has a handful.
    pub(crate) const NAMESPACES_NAMED: usize = 20;

    /// Items of one subscription; more make another one. The server may allow fewer.
    pub(crate) const ITEMS_PER_SUBSCRIPTION: usize = 500;

    /// Items of one request to create them; the next request takes over. The server may allow fewer.
    pub(crate) const ITEMS_PER_REQUEST: usize = 100;

    /// Values of one notification; the next one takes over. Servers may ignore it.
    pub(crate) const VALUES_PER_NOTIFICATION: u32 = 800;

    /// Without news a subscription says so after this long.
    pub(crate) const KEEP_ALIVE: Duration = Duration::from_secs(4);

    /// A subscription dies on the server after so many of its keep-alive times without being asked.
    pub(crate) const LIFETIME_KEEP_ALIVES: u32 = 10;

    /// A subscription may be late with its sign of life by this much; then the session is dropped.
    pub(crate) const SILENCE_SLACK: Duration = Duration::from_secs(4);

    /// Notifications between the protocol and the connector. They are taken one by one, so that more than a few are
    /// never there; if it is ever full the session is dropped, because the next one sends every value anew.
    pub(crate) const NOTIFICATIONS_WAITING_MAX: usize = 256;

    /// After a session has begun every item has so long, and one publishing interval, to bring its first value; then it is
    /// read instead.
    pub(crate) const FIRST_VALUES_MAX: Duration = Duration::from_secs(5);

    /// … and read again this often, until a notification brings one.
    pub(crate) const UNHEARD_AGAIN: Duration = Duration::from_secs(5);

    /// A few items are read this often, or after two publishing intervals, and compared with what was notified last.
    pub(crate) const SPOT_CHECK_EVERY: Duration = Duration::from_secs(10);

    /// … so many at once, the others in turn.
    pub(crate) const SPOT_CHECK_NODES: usize = 100;

    /// Notifications that did not come and are asked for once more; where more are missing, the values are read instead.
    pub(crate) const REPUBLISHED_MAX: usize = 16;

    /// While a server is degraded the others of its list are asked how they are this often.
    pub(crate) const OTHERS_EVERY: Duration = Duration::from_secs(30);

    /// Values of a node in one answer of history; the next request goes on.
    pub(crate) const HISTORY_VALUES_PER_NODE: u32 = 1_000;

    /// Values that fill one gap; what is beyond stays missing.
    pub(crate) const HISTORY_VALUES_MAX: usize = 1_000_000;

    /// How long an answer of history may take, which servers fetch from disk; then the gap stays open.
    pub(crate) const HISTORY_ANSWER_MAX: Duration = Duration::from_secs(30);

    /// Nodes that the server refused are asked for again after so long, because one that has just started may not have
    /// them all yet; the wait doubles up to [`REFUSED_AGAIN_MAX`].
    pub(crate) const REFUSED_AGAIN_FIRST: Duration = Duration::from_secs(5);

    /// The longest wait before refused nodes are asked for again.
    pub(crate) const REFUSED_AGAIN_MAX: Duration = Duration::from_secs(60);

    /// Decoding limits: a message beyond one of them ends the connection. The library's own are so small that browsing a
    /// folder of 1,001 nodes, or one large notification, would end it again and again.
    pub(crate) const ARRAY_MAX: usize = 200_000;
    /// See [`ARRAY_MAX`].
    pub(crate) const MESSAGE_BYTES_MAX: usize = 32 << 20;
    /// See [`ARRAY_MAX`].
    pub(crate) const CHUNKS_MAX: usize = 1_000;
    /// See [`ARRAY_MAX`].
    pub(crate) const STRING_BYTES_MAX: usize = 1 << 20;
    /// See [`ARRAY_MAX`].
    pub(crate) const BYTE_STRING_BYTES_MAX: usize = 4 << 20;
}

/// Bounds of Modbus.
pub(crate) mod modbus {
    use std::time::Duration;

    /// Registers of one request, fixed by the protocol.
    pub(crate) const REGISTERS_PER_REQUEST: u32 = 125;

    /// Bits of one request, fixed by the protocol.
    pub(crate) const BITS_PER_REQUEST: u32 = 2_000;

    /// A unit that stayed silent in so many polls in a row is asked less often, because each time costs a timeout.
    pub(crate) const SILENT_POLLS_MAX: u32 = 2;

    /// A silent unit is asked again after so many polls, and later when other silent units are due: no more than one of
    /// them is waited for in a poll.
    pub(crate) const SILENT_ASKED_EVERY: u64 = 10;

    /// So many silences in a poll without any answer, and the source is lost. Waiting for all its units one after the
    /// other could take longer than their values may be old.
    pub(crate) const SILENCES_LOST: u32 = 2;

    /// A value that the device refused is asked for again this often.
    pub(crate) const REFUSED_AGAIN: Duration = Duration::from_secs(60);

    /// Refused values asked for again in one poll; the next poll takes over.
    pub(crate) const REFUSED_AGAIN_PER_POLL: usize = 4;
}

/// Bounds of MQTT.
pub(crate) mod mqtt {
    use std::time::Duration;

    /// Without traffic for so long the broker is asked whether it is there.
    pub(crate) const KEEP_ALIVE: Duration = Duration::from_secs(10);

    /// Bytes of one payload; a longer one counts as malformed.
    pub(crate) const PAYLOAD_BYTES_MAX: usize = 1 << 20;

    /// Bytes of one packet. A longer one ends the connection, and the next one begins with a new session: the broker
    /// would otherwise deliver it again for ever.
    pub(crate) const PACKET_BYTES_MAX: usize = 16 << 20;

    /// Characters of the reference to a picture; a longer one, such as the picture itself, is left out.
    pub(crate) const PICTURE_CHARS_MAX: usize = 2_000;

    /// Requests between the connector and its connection: the subscription and the goodbye.
    pub(crate) const REQUESTS_MAX: usize = 8;
}
