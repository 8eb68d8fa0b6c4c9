//! Bounds of Modbus.

use std::time::Duration;

/// Registers of one request, fixed by the protocol.
pub(crate) const REGISTERS_PER_REQUEST: u16 = 125;

/// Bits of one request, fixed by the protocol.
pub(crate) const BITS_PER_REQUEST: u16 = 2_000;

/// A unit that stayed silent in so many polls in a row is asked less often, because each time costs a timeout.
pub(crate) const SILENT_POLLS_MAX: u32 = 2;

/// A silent unit is asked again after so many polls, and later when other silent units are due: no more than one of
/// them is waited for in a poll.
pub(crate) const SILENT_ASKED_EVERY: u64 = 10;

/// A silent unit is not asked again before so many times what its silence costs: polled often, it would hold up the line.
pub(crate) const SILENT_REST: u32 = 9;

/// Pieces that what is silent is asked in, to find what it is silent for; each is asked once before they become smaller.
pub(crate) const SILENT_PIECES_MAX: usize = 8;

/// So many silences in a poll without any answer, and the source is lost. Waiting for all its units one after the
/// other could take longer than their values may be old.
pub(crate) const SILENCES_LOST: u32 = 2;

/// Bytes of the shortest answer in RTU: unit id, function code, exception code and checksum.
pub(crate) const RTU_SHORTEST: usize = 5;

/// What came before a question is thrown away in so many reads of 256 bytes; a line that never stops talking is asked
/// all the same, and its answer is garbled.
pub(crate) const STALE_READS_MAX: u32 = 64;

/// Connections of devices that have not said who they are; one more drops them all, and the newest has its turn.
pub(crate) const REGISTERING_MAX: usize = 8;

/// How long a device that has dialled in may take to say who it is; then it is hung up on.
pub(crate) const REGISTERING: Duration = Duration::from_secs(10);

/// Requests for the basic identification of one unit, which is three short texts; what has not come by then is left out.
pub(crate) const IDENTIFY_REQUESTS_MAX: usize = 3;

/// Characters of each of those texts; the rest is cut off.
pub(crate) const IDENTITY_CHARS_MAX: usize = 64;

/// Requests of one search for the values that a device fails for; what is left waits for another search.
pub(crate) const SEARCH_REQUESTS_MAX: u32 = 32;

/// So many of them without any answer, which are both halves and all quarters, and the device is ill: the search ends.
pub(crate) const SEARCH_IN_VAIN_MAX: u32 = 6;

/// So many, both halves, where each failure costs a new connection.
pub(crate) const SEARCH_IN_VAIN_COSTLY_MAX: u32 = 2;

/// A block that was searched in vain is not searched again for so long.
pub(crate) const SEARCH_AGAIN: Duration = Duration::from_secs(60);

/// Searches of one poll; other blocks that fail have their turn in the next one.
pub(crate) const SEARCHES_PER_POLL: usize = 1;

/// A value that the device refuses or fails for is asked for again this often.
pub(crate) const REFUSED_AGAIN: Duration = Duration::from_secs(60);

/// Refused values asked for again in one poll; the next poll takes over.
pub(crate) const REFUSED_AGAIN_PER_POLL: usize = 4;
