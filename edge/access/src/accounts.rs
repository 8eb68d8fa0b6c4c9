//! Users and tokens, and every change of them with what goes on record about it.

use crate::{
    AccessError,
    limits::{NAME_CHARS_MAX, TOKEN_NETWORKS_MAX, TOKENS_MAX, UNTOLD_MAX, USERS_MAX},
    password::Hash,
    role::{Permission, Role},
    scope::{Network, Permissions},
};
use davy_core::{
    event::{Note, NoteAct},
    time::UtcTime,
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, net::IpAddr};

/// What is kept of a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct User {
    pub(crate) role: Role,
    pub(crate) password: Hash,
    pub(crate) made_at: UtcTime,
    /// When the password was set last.
    pub(crate) password_at: UtcTime,
}

/// What is kept of a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Token {
    pub(crate) role: Role,
    pub(crate) sha256: String,
    pub(crate) made_at: UtcTime,
    pub(crate) made_by: String,
    pub(crate) ends_at: Option<UtcTime>,
    /// What of its role it may; all of it where none is named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) scopes: Vec<Permission>,
    /// From where it may be shown; from anywhere where none is named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) networks: Vec<Network>,
}

/// Something that was done and is to go on record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Act {
    /// When.
    pub at: UtcTime,
    /// Who.
    pub by: String,
    /// What.
    pub note: Note,
}

/// A user as others may see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UserView {
    /// The name.
    pub name: String,
    /// The role.
    pub role: Role,
    /// When it was made.
    pub made_at: UtcTime,
    /// When the password was set last.
    pub password_at: UtcTime,
}

/// A token as others may see it: not itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TokenView {
    /// The name.
    pub name: String,
    /// The role.
    pub role: Role,
    /// When it was made.
    pub made_at: UtcTime,
    /// Who made it.
    pub made_by: String,
    /// When it ends; `None` when it is removed.
    pub ends_at: Option<UtcTime>,
    /// What of its role it may; all of it where none is named.
    pub scopes: Vec<Permission>,
    /// From where it may be shown; from anywhere where none is named.
    pub networks: Vec<Network>,
}

/// A token that is to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewToken {
    /// The name.
    pub name: String,
    /// The role.
    pub role: Role,
    /// SHA-256 of the token, 64 hexadecimal digits.
    pub sha256: String,
    /// When it ends; `None` when it is removed.
    pub ends_at: Option<UtcTime>,
    /// What of its role it may; all of it where none is named.
    pub scopes: Vec<Permission>,
    /// From where it may be shown; from anywhere where none is named.
    pub networks: Vec<Network>,
}

/// A change of users or tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// The first administrator.
    SetUp {
        /// The name.
        name: String,
        /// The password.
        password: Hash,
    },
    /// A new user.
    AddUser {
        /// The name.
        name: String,
        /// The role.
        role: Role,
        /// The password.
        password: Hash,
    },
    /// Another role for a user.
    ChangeRole {
        /// The name.
        name: String,
        /// The role.
        role: Role,
    },
    /// Another password for a user, whose sessions end.
    ChangePassword {
        /// The name.
        name: String,
        /// The password.
        password: Hash,
    },
    /// A user is taken out, and its sessions end.
    RemoveUser {
        /// The name.
        name: String,
    },
    /// A new token.
    AddToken(NewToken),
    /// A token is taken out.
    RemoveToken {
        /// The name.
        name: String,
    },
}

/// All of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Accounts {
    pub(crate) users: BTreeMap<String, User>,
    pub(crate) tokens: BTreeMap<String, Token>,
    /// What was changed at the console and no gateway has put on record yet.
    #[serde(default)]
    pub(crate) untold: Vec<Act>,
}

impl Accounts {
    /// Changes it, and gives what goes on record. Nothing is changed when it fails.
    pub(crate) fn edit(&mut self, edit: &Edit, by: &str, reason: &str, now: UtcTime) -> Result<Act, AccessError> {
        let (act, object, before, after) = match edit {
            Edit::SetUp { name, password } => {
                if !self.users.is_empty() {
                    return Err(AccessError::Conflict("this gateway has users already: log in".to_owned()));
                }
                self.add_user(name, Role::Administrator, password, now)?;
                (NoteAct::SetUp, name, None, Some(Role::Administrator.code().to_owned()))
            }
            Edit::AddUser { name, role, password } => {
                self.add_user(name, *role, password, now)?;
                (NoteAct::AddUser, name, None, Some(role.code().to_owned()))
            }
            Edit::ChangeRole { name, role } => {
                let before = self.user(name)?.role;
                if before == *role {
                    return Err(AccessError::Conflict(format!("{name} is {} already", role.code())));
                }
                if !role.may(Permission::Administer) {
                    self.keep_an_administrator(name)?;
                }
                self.user(name)?.role = *role;
                (NoteAct::ChangeRole, name, Some(before.code().to_owned()), Some(role.code().to_owned()))
            }
            Edit::ChangePassword { name, password } => {
                let user = self.user(name)?;
                (user.password, user.password_at) = (password.clone(), now);
                (NoteAct::ChangePassword, name, None, None)
            }
            Edit::RemoveUser { name } => {
                let before = self.user(name)?.role;
                self.keep_an_administrator(name)?;
                self.users.remove(name);
                (NoteAct::RemoveUser, name, Some(before.code().to_owned()), None)
            }
            Edit::AddToken(token) => {
                let after = self.add_token(token, by, now)?;
                (NoteAct::AddToken, &token.name, None, Some(after))
            }
            Edit::RemoveToken { name } => {
                let token = self.tokens.remove(name);
                let token = token.ok_or_else(|| AccessError::Unknown(format!("there is no token {name}")))?;
                (NoteAct::RemoveToken, name, Some(token.words()), None)
            }
        };
        let note = Note { act, object: Some(object.clone()), before, after, note: reason.to_owned() };
        Ok(Act { at: now, by: by.to_owned(), note })
    }

    /// Keeps what was done at the console until a gateway takes it.
    pub(crate) fn leave(&mut self, act: Act) -> Result<(), AccessError> {
        if self.untold.len() >= UNTOLD_MAX {
            let why = "too many changes are not on record yet; start the gateway, which puts them there, and try again";
            return Err(AccessError::Conflict(why.to_owned()));
        }
        self.untold.push(act);
        Ok(())
    }

    pub(crate) fn user_views(&self) -> Vec<UserView> {
        let view = |(name, user): (&String, &User)| UserView {
            name: name.clone(),
            role: user.role,
            made_at: user.made_at,
            password_at: user.password_at,
        };
        self.users.iter().map(view).collect()
    }

    pub(crate) fn token_views(&self) -> Vec<TokenView> {
        let view = |(name, token): (&String, &Token)| TokenView {
            name: name.clone(),
            role: token.role,
            made_at: token.made_at,
            made_by: token.made_by.clone(),
            ends_at: token.ends_at,
            scopes: token.scopes.clone(),
            networks: token.networks.clone(),
        };
        self.tokens.iter().map(view).collect()
    }

    fn add_user(&mut self, name: &str, role: Role, password: &Hash, now: UtcTime) -> Result<(), AccessError> {
        check_name(name)?;
        if self.users.contains_key(name) {
            return Err(AccessError::Conflict(format!("there is a user {name} already")));
        }
        if self.users.len() >= USERS_MAX {
            return Err(AccessError::Conflict(format!("there are {USERS_MAX} users, as many as there may be")));
        }
        let user = User { role, password: password.clone(), made_at: now, password_at: now };
        self.users.insert(name.to_owned(), user);
        Ok(())
    }

    /// Gives what it may, in words.
    fn add_token(&mut self, new: &NewToken, by: &str, now: UtcTime) -> Result<String, AccessError> {
        let NewToken { name, role, sha256, ends_at, scopes, networks } = new.clone();
        check_name(&name)?;
        if self.tokens.contains_key(&name) {
            return Err(AccessError::Conflict(format!("there is a token {name} already; remove it first")));
        }
        if self.tokens.len() >= TOKENS_MAX {
            return Err(AccessError::Conflict(format!("there are {TOKENS_MAX} tokens, as many as there may be")));
        }
        if let Some(beyond) = scopes.iter().find(|scope| !role.may(**scope)) {
            let (beyond, role) = (beyond.code(), role.code());
            return Err(AccessError::Unfit(format!("`{beyond}` is not for {role}: a scope lies within the role")));
        }
        if networks.len() > TOKEN_NETWORKS_MAX {
            return Err(AccessError::Unfit(format!("a token may have at most {TOKEN_NETWORKS_MAX} networks")));
        }
        let made_by = by.to_owned();
        // In their order, and each once.
        let scopes = Permissions::of(&scopes).iter().collect();
        let token = Token { role, sha256, made_at: now, made_by, ends_at, scopes, networks };
        let words = token.words();
        self.tokens.insert(name, token);
        Ok(words)
    }

    fn user(&mut self, name: &str) -> Result<&mut User, AccessError> {
        self.users.get_mut(name).ok_or_else(|| AccessError::Unknown(format!("there is no user {name}")))
    }

    /// Without one nobody could ever make another.
    fn keep_an_administrator(&self, but: &str) -> Result<(), AccessError> {
        let others = self.users.iter().filter(|(name, user)| *name != but && user.role.may(Permission::Administer));
        let is_one = self.users.get(but).is_some_and(|user| user.role.may(Permission::Administer));
        if is_one && others.count() == 0 {
            return Err(AccessError::Conflict(format!("{but} is the last administrator; make another one first")));
        }
        Ok(())
    }
}

impl Token {
    /// What it may: never more than its role.
    pub(crate) fn permissions(&self) -> Permissions {
        let of_role = Permissions::of(self.role.permissions());
        if self.scopes.is_empty() { of_role } else { of_role.and(Permissions::of(&self.scopes)) }
    }

    /// Whether it may be shown from there.
    pub(crate) fn may_come_from(&self, address: IpAddr) -> bool {
        self.networks.is_empty() || self.networks.iter().any(|network| network.has(address))
    }

    /// `operator (live, respond) from 10.1.2.0/24 until 2027-…` or `viewer`.
    fn words(&self) -> String {
        let scopes: Vec<&str> = self.scopes.iter().map(|scope| scope.code()).collect();
        let scopes = if scopes.is_empty() { String::new() } else { format!(" ({})", scopes.join(", ")) };
        let networks: Vec<String> = self.networks.iter().map(ToString::to_string).collect();
        let from = if networks.is_empty() { String::new() } else { format!(" from {}", networks.join(", ")) };
        let until = self.ends_at.map(|ends_at| format!(" until {ends_at}"));
        format!("{}{scopes}{from}{}", self.role.code(), until.unwrap_or_default())
    }
}

/// Under these names the gateway itself stands in the journal: for its box, for the buttons of it, and for what it noticed.
const RESERVED: [&str; 3] = ["board", "button", "davy"];

/// A name goes into the journal and beside a token's name: it must be one line, and not look like something else.
fn check_name(name: &str) -> Result<(), AccessError> {
    let odd = |letter: char| letter.is_control() || "()（）:/\\\"<>,;\u{2028}\u{2029}".contains(letter);
    let chars = name.chars().count();
    let what = if chars == 0 || name.trim() != name {
        "is empty or begins or ends with a space".to_owned()
    } else if chars > NAME_CHARS_MAX {
        format!("has more than {NAME_CHARS_MAX} characters")
    } else if name.contains(odd) {
        "has a character that a name may not have: ( ) : / \\ \" < > , ; or one that cannot be seen".to_owned()
    } else if RESERVED.iter().any(|taken| name.eq_ignore_ascii_case(taken)) {
        "is the gateway's own in the journal; take another one".to_owned()
    } else {
        return Ok(());
    };
    Err(AccessError::Unfit(format!("the name {what}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_has_a_name_of_the_gateway_itself() {
        for name in ["button", "Button", "board", "davy"] {
            let refused = Accounts::default().edit(&add(name, Role::Viewer), "李工", "", UtcTime(0)).unwrap_err();
            assert!(refused.to_string().contains("the gateway's own"), "{refused}");
        }
        assert!(Accounts::default().edit(&add("buttons", Role::Viewer), "李工", "", UtcTime(0)).is_ok());
    }

    fn hash() -> Hash {
        serde_json::from_str("\"$argon2id$x\"").unwrap()
    }

    fn add(name: &str, role: Role) -> Edit {
        Edit::AddUser { name: name.to_owned(), role, password: hash() }
    }

    #[test]
    fn every_change_says_what_was_before_and_after() {
        let mut accounts = Accounts::default();
        let name = |name: &str| name.to_owned();
        let new = || NewToken {
            name: name("scada"),
            role: Role::Viewer,
            sha256: "ab".repeat(32),
            ends_at: None,
            scopes: Vec::new(),
            networks: Vec::new(),
        };
        let token = |ends_at| Edit::AddToken(NewToken { ends_at, ..new() });
        let narrow = NewToken {
            name: name("mes"),
            role: Role::Operator,
            scopes: vec![Permission::Respond, Permission::Live, Permission::Live],
            networks: vec!["10.1.2.0/24".parse().unwrap(), "10.9.9.9".parse().unwrap()],
            ..new()
        };
        let told: Vec<String> = [
            Edit::SetUp { name: name("李工"), password: hash() },
            add("陈静", Role::Viewer),
            Edit::ChangeRole { name: name("陈静"), role: Role::Operator },
            Edit::ChangePassword { name: name("陈静"), password: hash() },
            Edit::RemoveUser { name: name("陈静") },
            token(Some(UtcTime(0))),
            Edit::RemoveToken { name: name("scada") },
            token(None),
            Edit::AddToken(narrow),
        ]
        .iter()
        .map(|edit| {
            let Act { by, note, .. } = accounts.edit(edit, "李工", "", UtcTime(0)).unwrap();
            let or = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
            format!("{by} {:?} {}: {} → {}", note.act, or(note.object), or(note.before), or(note.after))
        })
        .collect();
        assert_eq!(
            told,
            [
                "李工 SetUp 李工: - → administrator",
                "李工 AddUser 陈静: - → viewer",
                "李工 ChangeRole 陈静: viewer → operator",
                "李工 ChangePassword 陈静: - → -",
                "李工 RemoveUser 陈静: operator → -",
                "李工 AddToken scada: - → viewer until 1970-01-01T00:00:00.000Z",
                "李工 RemoveToken scada: viewer until 1970-01-01T00:00:00.000Z → -",
                "李工 AddToken scada: - → viewer",
                "李工 AddToken mes: - → operator (live, respond) from 10.1.2.0/24, 10.9.9.9",
            ]
        );
        assert_eq!(accounts.users.keys().collect::<Vec<_>>(), ["李工"]);
        assert_eq!(accounts.token_views()[0].made_by, "李工");
    }

    #[test]
    fn what_makes_no_sense_changes_nothing() {
        let mut accounts = Accounts::default();
        accounts.edit(&add("李工", Role::Administrator), "console", "", UtcTime(0)).unwrap();
        let name = |name: &str| name.to_owned();
        for (edit, why) in [
            (add("李工", Role::Viewer), "there is a user 李工 already"),
            (add("", Role::Viewer), "empty"),
            (add(" 李", Role::Viewer), "space"),
            (add("李 (scada)", Role::Viewer), "may not have"),
            (add("platform:x", Role::Viewer), "may not have"),
            (add("a\nb", Role::Viewer), "may not have"),
            (add(&"名".repeat(41), Role::Viewer), "more than 40"),
            (Edit::SetUp { name: name("王"), password: hash() }, "has users already"),
            (Edit::RemoveUser { name: name("王") }, "no user 王"),
            (Edit::RemoveUser { name: name("李工") }, "last administrator"),
            (Edit::ChangeRole { name: name("李工"), role: Role::Operator }, "last administrator"),
            (Edit::ChangeRole { name: name("李工"), role: Role::Administrator }, "already"),
            (Edit::ChangePassword { name: name("王"), password: hash() }, "no user 王"),
            (Edit::RemoveToken { name: name("x") }, "no token x"),
        ] {
            let before = accounts.clone();
            let refused = accounts.edit(&edit, "console", "", UtcTime(0)).unwrap_err().to_string();
            assert!(refused.contains(why), "{edit:?}: {refused}");
            assert_eq!(accounts, before);
        }
    }

    #[test]
    fn a_token_never_reaches_beyond_its_role() {
        let mut accounts = Accounts::default();
        let new = |scopes: &[Permission], networks: usize| {
            Edit::AddToken(NewToken {
                name: "mes".to_owned(),
                role: Role::Operator,
                sha256: "ab".repeat(32),
                ends_at: None,
                scopes: scopes.to_vec(),
                networks: vec!["10.9.9.9".parse().unwrap(); networks],
            })
        };
        for (edit, why) in [
            (new(&[Permission::Live, Permission::Configure], 0), "`configure` is not for operator"),
            (new(&[], TOKEN_NETWORKS_MAX + 1), "at most 16 networks"),
        ] {
            let refused = accounts.edit(&edit, "console", "", UtcTime(0)).unwrap_err().to_string();
            assert!(refused.contains(why), "{refused}");
        }
        accounts.edit(&new(&[Permission::Respond], TOKEN_NETWORKS_MAX), "console", "", UtcTime(0)).unwrap();
        // Whatever the file says.
        let mut token = accounts.tokens["mes"].clone();
        token.scopes.push(Permission::Administer);
        assert_eq!(token.permissions(), Permissions::of(&[Permission::Respond]));
        assert!(token.may_come_from("::ffff:10.9.9.9".parse().unwrap()));
        assert!(!token.may_come_from("10.9.9.8".parse().unwrap()));
    }

    #[test]
    fn there_are_only_so_many() {
        let mut accounts = Accounts::default();
        for n in 0..USERS_MAX {
            accounts.edit(&add(&format!("u{n}"), Role::Viewer), "console", "", UtcTime(0)).unwrap();
        }
        accounts.edit(&add("one more", Role::Viewer), "console", "", UtcTime(0)).unwrap_err();
        let act = accounts.edit(&Edit::RemoveUser { name: "u0".to_owned() }, "console", "", UtcTime(0)).unwrap();
        for _ in 0..UNTOLD_MAX {
            accounts.leave(act.clone()).unwrap();
        }
        accounts.leave(act).unwrap_err();
    }
}
