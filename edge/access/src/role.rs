//! The roles and what each may do: the one table of it.

use serde::{Deserialize, Serialize};

/// What a person or a program is at this gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Looks: control room screens, managers, metrics.
    Viewer,
    /// 操作工: answers alarms and does tasks.
    Operator,
    /// 仪表工程师: commissions; takes alarms out of service; does not judge hazards.
    InstrumentEngineer,
    /// 安全员: judges hazards, takes out of service; does not commission.
    SafetyOfficer,
    /// 管理员: everything, users among it.
    Administrator,
}

/// What can be allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// See the live state: alarms, warnings, units, zones, tags, measures, links, the gateway itself.
    Live,
    /// See everything else: people, tasks, hazards, journal, evidence, history, indicators, metrics.
    Read,
    /// Answer: acknowledge, reset, silence the horn, take and finish tasks.
    Respond,
    /// Shelve a rule for a limited time, and end it.
    Shelve,
    /// Take a rule out of service, stop a unit, and end both.
    Suspend,
    /// Decide on suspected hazards.
    Review,
    /// Commission: certificates, sources, uplinks, configuration.
    Configure,
    /// Users and tokens.
    Administer,
}

use Permission::{Administer, Configure, Live, Read, Respond, Review, Shelve, Suspend};

impl Role {
    /// Every role, in their order.
    pub const ALL: [Self; 5] =
        [Self::Viewer, Self::Operator, Self::InstrumentEngineer, Self::SafetyOfficer, Self::Administrator];

    /// What it may, in the order of the permissions.
    #[must_use]
    pub const fn permissions(self) -> &'static [Permission] {
        match self {
            Self::Viewer => &[Live, Read],
            Self::Operator => &[Live, Read, Respond, Shelve],
            Self::InstrumentEngineer => &[Live, Read, Respond, Shelve, Suspend, Configure],
            Self::SafetyOfficer => &[Live, Read, Respond, Shelve, Suspend, Review],
            Self::Administrator => &Permission::ALL,
        }
    }

    /// Whether it may.
    #[must_use]
    pub fn may(self, permission: Permission) -> bool {
        self.permissions().contains(&permission)
    }

    /// Its name on the wire, on the command line and in the file.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Operator => "operator",
            Self::InstrumentEngineer => "instrument_engineer",
            Self::SafetyOfficer => "safety_officer",
            Self::Administrator => "administrator",
        }
    }

    /// The role of a code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.code() == code)
    }
}

impl Permission {
    /// Every permission, in their order.
    pub const ALL: [Self; 8] = [Live, Read, Respond, Shelve, Suspend, Review, Configure, Administer];

    /// Its name on the wire.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Read => "read",
            Self::Respond => "respond",
            Self::Shelve => "shelve",
            Self::Suspend => "suspend",
            Self::Review => "review",
            Self::Configure => "configure",
            Self::Administer => "administer",
        }
    }

    /// Whether it lets one look and nothing more.
    #[must_use]
    pub const fn only_looks(self) -> bool {
        matches!(self, Self::Live | Self::Read)
    }
}

/// What a request needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Nothing: it is open to everybody who reaches the gateway.
    Nothing,
    /// A session, whatever its role: it is about the caller himself.
    Session,
    /// This permission.
    May(Permission),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn engineers_and_safety_officers_are_not_above_each_other() {
        assert!(Role::InstrumentEngineer.may(Configure) && !Role::InstrumentEngineer.may(Review));
        assert!(Role::SafetyOfficer.may(Review) && !Role::SafetyOfficer.may(Configure));
        for role in Role::ALL {
            assert_eq!(role.may(Administer), role == Role::Administrator);
            assert!(role.may(Live) && role.may(Read), "whoever has a name may look");
        }
        assert!(Role::Viewer.permissions().iter().all(|permission| permission.only_looks()));
    }

    #[test]
    fn the_codes_are_what_is_written() {
        for role in Role::ALL {
            assert_eq!(serde_json::to_value(role).unwrap(), role.code());
            assert_eq!(Role::parse(role.code()), Some(role));
        }
        for permission in Permission::ALL {
            assert_eq!(serde_json::to_value(permission).unwrap(), permission.code());
        }
        assert_eq!(Role::parse("root"), None);
    }
}
