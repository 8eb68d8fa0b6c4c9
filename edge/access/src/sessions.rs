//! Sessions, in memory: a random id that only the browser has, and here its hash.

use crate::{
    AccessError,
    limits::{SESSIONS_MAX, SESSIONS_OF_USER_MAX},
    secret::Secret,
};
use davy_core::time::Monotonic;
use std::collections::BTreeMap;

/// How a session stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionView {
    /// Whose it is.
    pub user: String,
    /// Whether it has shown no activity for so long that the password is asked for before the next command.
    pub idle: bool,
    /// Milliseconds until that; 0 when it is.
    pub idle_in_ms: u64,
    /// Milliseconds until it ends in any case.
    pub ends_in_ms: u64,
}

#[derive(Debug)]
struct Session {
    user: String,
    begun: Monotonic,
    active: Monotonic,
}

/// All of them, by the hashes of their ids.
#[derive(Debug)]
pub(crate) struct Sessions {
    idle_ms: u64,
    last_ms: u64,
    open: BTreeMap<String, Session>,
}

impl Sessions {
    pub(crate) fn new(idle_ms: u64, last_ms: u64) -> Self {
        Self { idle_ms, last_ms, open: BTreeMap::new() }
    }

    /// Opens one under an id that nobody has had before.
    pub(crate) fn begin(&mut self, user: &str, now: Monotonic) -> Result<Secret, AccessError> {
        let last_ms = self.last_ms;
        self.open.retain(|_, session| now.since(session.begun) < last_ms);
        let of_user = |session: &Session| session.user == user;
        if self.open.values().filter(|session| of_user(session)).count() >= SESSIONS_OF_USER_MAX {
            self.end_stalest(of_user);
        }
        if self.open.len() >= SESSIONS_MAX {
            self.end_stalest(|_| true);
        }
        let id = Secret::new()?;
        self.open.insert(id.sha256(), Session { user: user.to_owned(), begun: now, active: now });
        Ok(id)
    }

    fn end_stalest(&mut self, of: impl Fn(&Session) -> bool) {
        let stalest = self.open.iter().filter(|(_, session)| of(session)).min_by_key(|(_, session)| session.active);
        if let Some(hash) = stalest.map(|(hash, _)| hash.clone()) {
            self.open.remove(&hash);
        }
    }

    /// How it stands; `None` when it is over or never was.
    pub(crate) fn look(&self, hash: &str, now: Monotonic) -> Option<SessionView> {
        let session = self.open.get(hash)?;
        let ends_in_ms = self.last_ms.checked_sub(now.since(session.begun)).filter(|left| *left > 0)?;
        let idle_in_ms = self.idle_ms.saturating_sub(now.since(session.active));
        Some(SessionView { user: session.user.clone(), idle: idle_in_ms == 0, idle_in_ms, ends_in_ms })
    }

    /// Its user is there. One that is idle stays so: that needs the password.
    pub(crate) fn touch(&mut self, hash: &str, now: Monotonic) {
        let is_idle = self.look(hash, now).is_none_or(|view| view.idle);
        if let Some(session) = self.open.get_mut(hash).filter(|_| !is_idle) {
            session.active = now;
        }
    }

    /// The password was given again.
    pub(crate) fn confirm(&mut self, hash: &str, now: Monotonic) {
        if let Some(session) = self.open.get_mut(hash) {
            session.active = now;
        }
    }

    pub(crate) fn end(&mut self, hash: &str) {
        self.open.remove(hash);
    }

    pub(crate) fn end_of(&mut self, user: &str) {
        self.open.retain(|_, session| session.user != user);
    }

    #[cfg(test)]
    fn of(&self, user: &str) -> usize {
        self.open.values().filter(|session| session.user == user).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: fn(u64) -> Monotonic = Monotonic;

    #[test]
    fn one_idles_and_ends() {
        let mut sessions = Sessions::new(100, 1_000);
        let hash = sessions.begin("陈静", AT(0)).unwrap().sha256();
        let view = |user: &str, idle_in_ms, ends_in_ms| {
            Some(SessionView { user: user.to_owned(), idle: idle_in_ms == 0, idle_in_ms, ends_in_ms })
        };
        assert_eq!(sessions.look(&hash, AT(99)), view("陈静", 1, 901));
        sessions.touch(&hash, AT(99));
        assert_eq!(sessions.look(&hash, AT(198)), view("陈静", 1, 802));
        assert_eq!(sessions.look(&hash, AT(199)), view("陈静", 0, 801));
        sessions.touch(&hash, AT(199));
        assert_eq!(sessions.look(&hash, AT(200)), view("陈静", 0, 800), "activity does not wake it");
        sessions.confirm(&hash, AT(200));
        assert_eq!(sessions.look(&hash, AT(200)), view("陈静", 100, 800), "the password does");
        sessions.confirm(&hash, AT(950));
        assert_eq!(sessions.look(&hash, AT(999)), view("陈静", 51, 1));
        assert_eq!(sessions.look(&hash, AT(1_000)), None, "it ends though its user is there");
        sessions.end(&hash);
        sessions.confirm(&hash, AT(0));
        assert_eq!(sessions.look(&hash, AT(0)), None, "what has ended does not come back");
    }

    #[test]
    fn there_are_only_so_many() {
        let mut sessions = Sessions::new(10_000, 100_000);
        let mut first = Vec::new();
        for n in 0..=SESSIONS_OF_USER_MAX as u64 {
            first.push(sessions.begin("陈静", AT(n)).unwrap().sha256());
        }
        assert_eq!(sessions.of("陈静"), SESSIONS_OF_USER_MAX);
        assert_eq!((sessions.look(&first[0], AT(20)), sessions.look(&first[1], AT(20)).is_some()), (None, true));
        for n in 0..2 * SESSIONS_MAX as u64 {
            sessions.begin(&format!("u{}", n / 8), AT(100 + n)).unwrap();
        }
        assert_eq!((sessions.open.len(), sessions.of("陈静")), (SESSIONS_MAX, 0));
        sessions.end_of("u63");
        assert_eq!(sessions.of("u63"), 0);
        sessions.begin("u", AT(200_000)).unwrap();
        assert_eq!(sessions.open.len(), 1, "those that are over make room");
    }
}
