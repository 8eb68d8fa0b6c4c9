//! Who may do what at a gateway: roles and what each may, people with passwords, tokens for programs, sessions, and how often a
//! password may be guessed. It knows nothing of alarms, of HTTP or of the journal: what is to go on record it hands out as
//! [`Act`]s. Time is always an input.
//!
//! What is kept stands in `access.json` in the data folder: hashes only. Sessions are kept in memory; a restart ends them.

mod accounts;
mod common;
mod credentials;
mod failures;
mod file;
mod keeper;
mod limits;
mod password;
mod role;
mod scope;
mod secret;
mod sessions;
mod setup;
mod throttle;
mod who;

pub use accounts::{Act, Edit, NewToken, TokenView, UserView};
pub use credentials::{COOKIE, Credentials};
pub use file::{FILE, edit, list};
pub use keeper::{Attempt, Keeper, Settings};
pub use limits::*;
pub use password::{Hash, Unfit, check as check_password};
pub use role::{Needs, Permission, Role};
pub use scope::{Network, Permissions};
pub use secret::{Secret, new_token};
pub use sessions::SessionView;
pub use setup::SETUP_FILE;
pub use who::{Denied, Who};

/// Why something about access was not done, in words for a person.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccessError {
    /// There is no such user or token.
    #[error("{0}")]
    Unknown(String),
    /// It cannot be done now.
    #[error("{0}")]
    Conflict(String),
    /// A name or password is not fit.
    #[error("{0}")]
    Unfit(String),
    /// Name and password, or the set-up code, are not right. It never says which.
    #[error("the name or the password is not right")]
    Wrong,
    /// Guessed too often: not before so many seconds.
    #[error("too many wrong passwords; try again in {wait_s} s")]
    Locked {
        /// Seconds to wait, rounded up.
        wait_s: u64,
    },
    /// The file cannot be read or written.
    #[error("{0}")]
    File(String),
}
