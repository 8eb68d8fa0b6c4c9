//! Every bound of access, by name, with what happens beyond it.

/// Users; one more is refused.
pub const USERS_MAX: usize = 200;

/// Tokens; one more is refused.
pub const TOKENS_MAX: usize = 100;

/// Characters of a name; more are refused.
pub const NAME_CHARS_MAX: usize = 40;

/// Characters of a password at least, and at most: NIST SP 800-63B, 5.1.1.2 asks for 8 and for taking 64.
pub const PASSWORD_CHARS_MIN: usize = 10;
/// See above; longer ones are refused, so that nobody has the gateway hash a book.
pub const PASSWORD_CHARS_MAX: usize = 128;

/// Sessions of one user; beyond it the one that was active least lately ends.
pub const SESSIONS_OF_USER_MAX: usize = 16;

/// Sessions of all; beyond it the one that was active least lately ends.
pub const SESSIONS_MAX: usize = 256;

/// A session that shows no activity for so long is asked for the password again before its next command: NIST SP 800-63B,
/// 4.2.3 asks for it after 30 minutes at AAL2.
pub const IDLE_MINUTES: u32 = 30;

/// A session ends after so long in any case: a shift, and what the same clause asks for.
pub const SESSION_HOURS: u32 = 12;

/// Wrong passwords in a row for one user before he has to wait.
pub const USER_GUESSES: u32 = 5;

/// Wrong passwords in a row from one address before it has to wait: more people may sit behind it.
pub const ADDRESS_GUESSES: u32 = 20;

/// The first wait, doubled with every further wrong password, …
pub const LOCK_FIRST_MS: u64 = 30_000;
/// … and the longest: at most a hundred guesses a day (NIST SP 800-63B, 5.2.2 allows a hundred in a row).
pub const LOCK_MAX_MS: u64 = 900_000;

/// Wrong passwords are forgotten after so long without one.
pub const GUESSES_FORGOTTEN_MS: u64 = 3_600_000;

/// Users and addresses whose wrong passwords are counted; beyond it the one that was wrong longest ago is forgotten.
pub const GUESSERS_MAX: usize = 1_024;

/// Failed log-ins of one user from one address are put on record at once, and then once for so long together.
pub const FAILURES_TOLD_EVERY_MS: u64 = 60_000;

/// Users and addresses whose failed log-ins are summed up apart; beyond it the others are summed up together.
pub const FAILURES_APART_MAX: usize = 64;

/// Changes made at the console that wait for a gateway to put them on record; one more is refused.
pub const UNTOLD_MAX: usize = 1_000;

/// Bytes of `access.json`; a longer one is not read.
pub const FILE_BYTES_MAX: u64 = 4 << 20;

/// Days that a token may be valid for at most, where it is limited.
pub const TOKEN_DAYS_MAX: u32 = 3_650;

/// Networks from which one token may be shown; more are refused.
pub const TOKEN_NETWORKS_MAX: usize = 16;
