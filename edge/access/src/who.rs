//! Who asks, and whether what he asks for is his.

use crate::{
    role::{Needs, Permission, Role},
    scope::Permissions,
};

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// The demonstration, in which everything is simulated and everybody may do everything.
    Demo,
    /// Nobody who is known; whether a session or a token was shown that is over or never was.
    Nobody {
        /// See above.
        showed: bool,
    },
    /// The panel beside the lamp, by its address.
    Panel,
    /// A person.
    Session {
        /// Who.
        user: String,
        /// As what.
        role: Role,
        /// The hash of the session's id.
        hash: String,
        /// Whether the password is to be given again before the next command.
        idle: bool,
    },
    /// A program.
    Token {
        /// The token's name.
        name: String,
        /// As what.
        role: Role,
        /// What of its role it may.
        permissions: Permissions,
        /// The token's hash.
        hash: String,
    },
}

/// Why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denied {
    /// Nobody is logged in.
    LogIn,
    /// What was shown is over or never was.
    Over,
    /// The role, or what of it a token has, does not reach so far.
    Role,
    /// It is for people, not for programs.
    NoPerson,
    /// The session idles.
    PasswordAgain,
}

impl Who {
    /// What it may.
    #[must_use]
    pub fn permissions(&self) -> Permissions {
        match self {
            Self::Demo => Permissions::of(Role::Administrator.permissions()),
            Self::Nobody { .. } => Permissions::NONE,
            Self::Panel => Permissions::of(&[Permission::Live]),
            Self::Session { role, .. } => Permissions::of(role.permissions()),
            Self::Token { permissions, .. } => *permissions,
        }
    }

    /// Whether it may, idle or not.
    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        self.permissions().has(permission)
    }

    /// Judges a request, that asks for something to be done or only looks. A session that idles may look on: a page of alarms never
    /// goes blank because nobody clicked.
    ///
    /// # Errors
    /// Why it is refused.
    pub fn check(&self, needs: Needs, acts: bool) -> Result<(), Denied> {
        let permission = match needs {
            Needs::Nothing => return Ok(()),
            Needs::Session => {
                return match self {
                    Self::Session { .. } => Ok(()),
                    Self::Token { .. } | Self::Demo => Err(Denied::NoPerson),
                    Self::Nobody { showed: true } => Err(Denied::Over),
                    Self::Nobody { showed: false } | Self::Panel => Err(Denied::LogIn),
                };
            }
            Needs::May(permission) => permission,
        };
        match self {
            Self::Nobody { showed: true } => Err(Denied::Over),
            Self::Nobody { showed: false } => Err(Denied::LogIn),
            Self::Panel if !self.may(permission) => Err(Denied::LogIn),
            _ if !self.may(permission) => Err(Denied::Role),
            Self::Session { idle: true, .. } if acts => Err(Denied::PasswordAgain),
            Self::Demo | Self::Panel | Self::Session { .. } | Self::Token { .. } => Ok(()),
        }
    }
}
