//! Every bound of the field side, by name, with what happens beyond it.

pub(crate) mod modbus;

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
    use davy_core::time::UtcTime;
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

    /// A session that ends sooner counts as a failed attempt, and the wait before the next one grows: each leaves a session behind
    /// on the server for [`SESSION_LIFETIME`], of which a PLC has a handful.
    pub(crate) const STEADY_AFTER: Duration = Duration::from_secs(5);

    /// How long the server may go without using the connection's token, unless the clocks are far apart.
    pub(crate) const CHANNEL_LIFETIME: Duration = Duration::from_secs(3_600);

    /// The longest such time. Clocks more than half of it apart cost a renewal with each request or a new connection
    /// each day.
    pub(crate) const CHANNEL_LIFETIME_MAX: Duration = Duration::from_secs(24 * 3_600);

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

    /// Events that the server keeps for one notification; more are lost, which a server tells by an event of its own. It may
    /// keep fewer.
    pub(crate) const EVENTS_QUEUED: u32 = 1_000;

    /// The states of alarm conditions are read this often beside their events, and those without an instance looked for.
    pub(crate) const CONDITIONS_AGAIN: Duration = Duration::from_secs(60);

    /// References of the sources of alarm conditions that are looked at, all together; conditions beyond are not found.
    pub(crate) const CONDITION_REFERENCES_MAX: usize = 20_000;

    /// Paths of one request to find the parts of instances; the next request takes over, and smaller where the server
    /// takes fewer.
    pub(crate) const PATHS_PER_REQUEST: usize = 200;

    /// Conditions of a source that are named when the one that was asked for is not among them; the rest is left out.
    pub(crate) const CONDITIONS_NAMED: usize = 20;

    /// Characters of such a name; the rest is cut off.
    pub(crate) const CONDITION_NAME_CHARS_MAX: usize = 200;

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

    /// Endpoints that are named when none of them fits; the rest is left out.
    pub(crate) const ENDPOINTS_NAMED_MAX: usize = 20;

    /// Bytes of a server's certificate; a longer one is refused and not kept.
    pub(crate) const CERTIFICATE_BYTES_MAX: usize = 16 << 10;

    /// Characters of a name in a certificate that are shown; the rest is cut off.
    pub(crate) const CERTIFICATE_TEXT_CHARS_MAX: usize = 300;

    /// Alternative names of a certificate that are looked at; what follows does not count.
    pub(crate) const CERTIFICATE_NAMES_MAX: usize = 64;

    /// Certificates in the list of rejected ones; beyond it the one that was seen first makes room.
    pub(crate) const REJECTED_MAX: usize = 50;

    /// Files of a folder of certificates that are looked at; what follows is not seen.
    pub(crate) const PKI_FILES_MAX: usize = 2_000;

    /// Bytes read of one of these files; the rest makes it unreadable.
    pub(crate) const PKI_FILE_BYTES_MAX: u64 = 64 << 10;

    /// Characters of the name of whoever decides about a certificate; a longer one is refused.
    pub(crate) const DECIDER_CHARS_MAX: usize = 100;

    /// Decisions of the command line told to the journal at once; the next look takes over.
    pub(crate) const ACTS_AT_ONCE: usize = 20;

    /// Bits of the gateway's own key. The policies allow 2048 to 4096; this is to last as long as the certificate.
    pub(crate) const OWN_KEY_BITS: usize = 3_072;

    /// How long the gateway's own certificate is valid: longer than the box lives.
    pub(crate) const OWN_CERTIFICATE_LIFETIME: Duration = Duration::from_secs(20 * 365 * 24 * 3_600);

    /// It is valid from so long before it was made, for servers whose clock is behind.
    pub(crate) const OWN_CERTIFICATE_BEGINS_BEFORE: Duration = Duration::from_secs(24 * 3_600);

    /// A clock before this, 2026-01-01, has not been set since the box was switched on.
    pub(crate) const CLOCK_EARLIEST: UtcTime = UtcTime(1_767_225_600_000);

    /// A certificate that ends within this is told about.
    pub(crate) const CERTIFICATE_ENDS_SOON: Duration = Duration::from_secs(30 * 24 * 3_600);

    /// Clocks that differ by less are not worth a word.
    pub(crate) const CLOCKS_DIFFER: Duration = Duration::from_secs(10);

    /// How often it is looked whether the server of a running connection is still trusted.
    pub(crate) const TRUST_AGAIN: Duration = Duration::from_secs(2);
}

/// Bounds of MQTT.
pub(crate) mod mqtt {
    use std::time::Duration;

    /// Without traffic for so long the broker is asked whether it is there; after as long again without an answer it is lost. A
    /// call for help may be behind it.
    pub(crate) const KEEP_ALIVE: Duration = Duration::from_secs(5);

    /// Bytes of one payload; a longer one counts as malformed.
    pub(crate) const PAYLOAD_BYTES_MAX: usize = 1 << 20;

    /// Bytes of one packet. A longer one ends the connection, and the next one begins with a new session: the broker
    /// would otherwise deliver it again for ever.
    pub(crate) const PACKET_BYTES_MAX: usize = 16 << 20;

    /// How long a broker of version 5 keeps what is sent while the gateway is away: a week. Older than that nothing is news,
    /// and a gateway that was taken away does not fill the broker for ever.
    pub(crate) const SESSION_KEPT_S: u32 = 7 * 24 * 3_600;

    /// Records of one message; those beyond are not read, which is counted.
    pub(crate) const RECORDS_MAX: usize = 10_000;

    /// A position or sight that is older than the last one by no more than this is not told. Older still, and the source's
    /// clock was set back: a new beginning.
    pub(crate) const CLOCK_BACK_MAX_MS: i64 = 300_000;

    /// Messages that are known again when the broker gives them out a second time; more than a broker has on the way.
    pub(crate) const MESSAGES_REMEMBERED_MAX: usize = 1_000;

    /// Pairs of camera and algorithm of which the last sight is known; one more, and all are forgotten.
    pub(crate) const SIGHTS_REMEMBERED_MAX: usize = 10_000;

    /// Cards that messages have given to others than `people.csv` does; of further ones each message must say so.
    pub(crate) const CARDS_GIVEN_MAX: usize = 10_000;

    /// Characters of such a card; a longer one is not remembered.
    pub(crate) const CARD_CHARS_MAX: usize = 64;

    /// Characters of the reference to a picture; a longer one, such as the picture itself, is left out.
    pub(crate) const PICTURE_CHARS_MAX: usize = 2_000;

    /// Requests between the connector and its connection: the subscription and the goodbye.
    pub(crate) const REQUESTS_MAX: usize = 8;
}
