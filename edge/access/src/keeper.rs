//! What a running gateway knows of users, tokens and sessions. Nothing here waits for anything but its own lock, save what says
//! that it reads or writes the disk.

use crate::{
    AccessError,
    accounts::{Accounts, Act, Edit, Token, TokenView, UserView},
    credentials::Credentials,
    failures::{Failure, Failures},
    file::{self, Stamp},
    limits::{IDLE_MINUTES, SESSION_HOURS},
    password::Hash,
    secret::Secret,
    sessions::{SessionView, Sessions},
    setup::Setup,
    throttle::{Guesser, Throttle},
    who::Who,
};
use davy_core::{
    event::Note,
    time::{Now, UtcTime},
};
use std::{
    net::IpAddr,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

/// What can be configured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Minutes without activity until the password is asked for again.
    pub idle_minutes: u32,
    /// Hours until a session ends.
    pub session_hours: u32,
    /// From where the live state may be seen without a log-in.
    pub panels: Vec<IpAddr>,
    /// What everybody is told before a log-in.
    pub notice: Option<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { idle_minutes: IDLE_MINUTES, session_hours: SESSION_HOURS, panels: Vec::new(), notice: None }
    }
}

/// See the module.
#[derive(Debug)]
pub struct Keeper {
    data: PathBuf,
    panels: Vec<IpAddr>,
    notice: Option<String>,
    /// Stands in for the hash of a user who is not there: looking takes as long.
    nobody: Hash,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// As last read; why not, when it could not be: then nobody can log in, and nobody can set up.
    accounts: Result<Accounts, AccessError>,
    stamp: Option<Stamp>,
    sessions: Sessions,
    throttle: Throttle,
    failures: Failures,
    setup: Option<Setup>,
}

/// Somebody wants to be known; the password is still to be looked at.
#[derive(Debug)]
pub struct Attempt {
    name: String,
    hash: Hash,
    is_user: bool,
    from: IpAddr,
}

impl Attempt {
    /// Whether the password is right. Takes tens of milliseconds and 19 MiB, also for a user who is not there.
    #[must_use]
    pub fn look(&self, password: &str) -> bool {
        self.hash.is_of(password) && self.is_user
    }

    /// Whose it is.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl Keeper {
    /// Reads the file; where there are no users, a code for the set-up is written into its file. A file that cannot be read stops
    /// no gateway from alarming: see [`Keeper::trouble`].
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn open(data: &Path, settings: Settings, now: UtcTime) -> Result<Self, AccessError> {
        let Settings { idle_minutes, session_hours, panels, notice } = settings;
        let keeper = Self {
            data: data.to_owned(),
            panels: panels.into_iter().map(|panel| panel.to_canonical()).collect(),
            notice,
            nobody: Hash::make(Secret::new()?.expose())?,
            state: Mutex::new(State {
                accounts: Ok(Accounts::default()),
                stamp: None,
                sessions: Sessions::new(u64::from(idle_minutes) * 60_000, u64::from(session_hours) * 3_600_000),
                throttle: Throttle::default(),
                failures: Failures::default(),
                setup: None,
            }),
        };
        let stamp = file::stamp(data);
        let accounts = file::read(data, now);
        let mut state = keeper.state();
        state.stamp = stamp.unwrap_or_default();
        state.accounts = accounts;
        if state.has_no_users() {
            state.setup = match Setup::begin(data) {
                Ok(setup) => Some(setup),
                Err(error) => {
                    state.accounts = Err(error);
                    None
                }
            };
        } else {
            // One of an earlier set-up that could not be removed; it opens nothing.
            drop(Setup::end(data));
        }
        drop(state);
        Ok(keeper)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Why the file cannot be used.
    #[must_use]
    pub fn trouble(&self) -> Option<AccessError> {
        self.state().accounts.as_ref().err().cloned()
    }

    /// What everybody is told before a log-in.
    #[must_use]
    pub fn notice(&self) -> Option<&str> {
        self.notice.as_deref()
    }

    /// Whether the first administrator is still to be made.
    #[must_use]
    pub fn awaits_setup(&self) -> bool {
        self.state().setup.is_some()
    }

    /// Who asks from this address with these credentials.
    #[must_use]
    pub fn who(&self, credentials: &Credentials, from: IpAddr, now: Now) -> Who {
        let state = self.state();
        let known = match (credentials, &state.accounts) {
            (Credentials::Session(hash), Ok(accounts)) => state.sessions.look(hash, now.monotonic).and_then(|view| {
                let role = accounts.users.get(&view.user)?.role;
                Some(Who::Session { user: view.user, role, hash: hash.clone(), idle: view.idle })
            }),
            (Credentials::Token(hash), Ok(accounts)) => {
                let mut tokens = accounts.tokens.iter();
                let found = tokens.find(|(_, token)| token.sha256 == *hash);
                let in_time = |token: &Token| token.ends_at.is_none_or(|end| now.utc < end);
                found.filter(|(_, token)| in_time(token) && token.may_come_from(from)).map(|(name, token)| Who::Token {
                    name: name.clone(),
                    role: token.role,
                    permissions: token.permissions(),
                    hash: hash.clone(),
                })
            }
            _ => None,
        };
        match (known, credentials) {
            (Some(who), _) => who,
            // A program that shows a token means to be known.
            (None, Credentials::Token(_)) => Who::Nobody { showed: true },
            (None, _) if self.panels.contains(&from.to_canonical()) => Who::Panel,
            (None, credentials) => Who::Nobody { showed: *credentials != Credentials::None },
        }
    }

    /// Whether a stream that was begun so may go on.
    #[must_use]
    pub fn goes_on(&self, who: &Who, from: IpAddr, now: Now) -> bool {
        let credentials = match who {
            Who::Session { hash, .. } => Credentials::Session(hash.clone()),
            Who::Token { hash, .. } => Credentials::Token(hash.clone()),
            Who::Demo | Who::Panel | Who::Nobody { .. } => return true,
        };
        self.who(&credentials, from, now).permissions() == who.permissions()
    }

    /// Somebody gives a name and a password.
    ///
    /// # Errors
    /// When he has to wait, whoever he is.
    pub fn attempt(&self, name: &str, from: IpAddr, now: Now) -> Result<Attempt, AccessError> {
        let mut state = self.state();
        let user = state.accounts.as_ref().ok().and_then(|accounts| accounts.users.get(name));
        let (is_user, hash) = (user.is_some(), user.map_or(&self.nobody, |user| &user.password).clone());
        let guessers = guessers(name, from);
        state.may_guess(guessers, now)?;
        for guesser in guessers {
            if let Some(lock_ms) = state.throttle.count(guesser, now.monotonic) {
                let known = is_user.then_some(name);
                state.failures.add(Failure::Locked(lock_ms / 1_000), known, from, now.monotonic);
            }
        }
        Ok(Attempt { name: name.to_owned(), hash, is_user, from })
    }

    /// What came of it. With the right password it is another guess at nothing.
    ///
    /// # Errors
    /// When the password is not right.
    pub fn judge(&self, attempt: &Attempt, is_right: bool, now: Now) -> Result<(), AccessError> {
        let mut state = self.state();
        let users = state.accounts.as_ref().map(|accounts| &accounts.users);
        // The password may have been changed while the old one was looked at.
        let is_still =
            users.is_ok_and(|users| users.get(&attempt.name).is_some_and(|user| user.password == attempt.hash));
        if is_right && is_still {
            guessers(&attempt.name, attempt.from).into_iter().for_each(|guesser| state.throttle.was_right(guesser));
            return Ok(());
        }
        let known = attempt.is_user.then_some(attempt.name.as_str());
        state.failures.add(Failure::Wrong, known, attempt.from, now.monotonic);
        Err(AccessError::Wrong)
    }

    /// Opens a session under an id that nobody has had; the user must be known by his password.
    ///
    /// # Errors
    /// When the user is no more, or the system has no randomness.
    pub fn begin_session(&self, user: &str, now: Now) -> Result<Secret, AccessError> {
        let mut state = self.state();
        if !state.accounts.as_ref().is_ok_and(|accounts| accounts.users.contains_key(user)) {
            return Err(AccessError::Wrong);
        }
        state.sessions.begin(user, now.monotonic)
    }

    /// How a session stands.
    #[must_use]
    pub fn session(&self, hash: &str, now: Now) -> Option<SessionView> {
        self.state().sessions.look(hash, now.monotonic)
    }

    /// The user of a session is there.
    pub fn touch(&self, hash: &str, now: Now) {
        self.state().sessions.touch(hash, now.monotonic);
    }

    /// The password was given again.
    pub fn confirm(&self, hash: &str, now: Now) {
        self.state().sessions.confirm(hash, now.monotonic);
    }

    /// Ends a session.
    pub fn end_session(&self, hash: &str) {
        self.state().sessions.end(hash);
    }

    /// Ends every session of a user.
    pub fn end_sessions_of(&self, user: &str) {
        self.state().sessions.end_of(user);
    }

    /// Whether it is the code of the set-up. Guesses are counted like those of passwords.
    ///
    /// # Errors
    /// When it is not, when one has to wait, when there is nothing to set up.
    pub fn check_setup(&self, code: &str, from: IpAddr, now: Now) -> Result<(), AccessError> {
        let mut state = self.state();
        let Some(setup) = state.setup.clone() else {
            return Err(AccessError::Conflict("this gateway has users already: log in".to_owned()));
        };
        let guesser = [Guesser::Address(from.to_canonical())];
        state.may_guess(guesser, now)?;
        if let Some(lock_ms) = state.throttle.count(guesser[0], now.monotonic) {
            state.failures.add(Failure::Locked(lock_ms / 1_000), None, from, now.monotonic);
        }
        if !setup.is(code) {
            state.failures.add(Failure::Wrong, None, from, now.monotonic);
            return Err(AccessError::Wrong);
        }
        state.throttle.was_right(guesser[0]);
        Ok(())
    }

    /// What would go on record about a change, if it can be made. Nothing is done yet. Reads the disk.
    ///
    /// # Errors
    /// Why it cannot be made.
    pub fn consider(&self, edit: &Edit, by: &str, reason: &str, now: UtcTime) -> Result<Note, AccessError> {
        let mut accounts = file::read(&self.data, now)?;
        accounts.edit(edit, by, reason, now).map(|act| act.note)
    }

    /// Makes a change that is on record. Writes the disk.
    ///
    /// # Errors
    /// Why it cannot be made.
    pub fn carry_out(&self, edit: &Edit, by: &str, now: UtcTime) -> Result<(), AccessError> {
        let ((), accounts) = file::change(&self.data, now, |accounts| accounts.edit(edit, by, "", now).map(drop))?;
        self.take(Ok(accounts), file::stamp(&self.data)?)
    }

    /// Every user.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn users(&self) -> Result<Vec<UserView>, AccessError> {
        self.state().accounts.as_ref().map(Accounts::user_views).map_err(Clone::clone)
    }

    /// Every token.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn tokens(&self) -> Result<Vec<TokenView>, AccessError> {
        self.state().accounts.as_ref().map(Accounts::token_views).map_err(Clone::clone)
    }

    /// Takes what was changed at the console, and gives what of it is not on record yet. Reads the disk.
    ///
    /// # Errors
    /// When the file cannot be read; those who are logged in stay so, with the users as they were known.
    pub fn refresh(&self, now: UtcTime) -> Result<Vec<Act>, AccessError> {
        let stamp = file::stamp(&self.data)?;
        if stamp != self.state().stamp {
            let accounts = file::read(&self.data, now);
            if let (Err(error), true) = (&accounts, self.state().accounts.is_ok()) {
                return Err(error.clone());
            }
            self.take(accounts, stamp)?;
        }
        self.state().accounts.as_ref().map(|accounts| accounts.untold.clone()).map_err(Clone::clone)
    }

    /// The first of them are on record. Writes the disk.
    ///
    /// # Errors
    /// When the file cannot be written: they are told once more.
    pub fn told(&self, count: usize, now: UtcTime) -> Result<(), AccessError> {
        let ((), accounts) = file::change(&self.data, now, |accounts| {
            accounts.untold.drain(..count.min(accounts.untold.len()));
            Ok(())
        })?;
        self.take(Ok(accounts), file::stamp(&self.data)?)
    }

    /// Failed log-ins that are to go on record by now, or all of them at the end.
    pub fn failures(&self, all: bool, now: Now) -> Vec<(String, Note)> {
        let failures = &mut self.state().failures;
        if all { failures.take_all() } else { failures.take_due(now.monotonic) }
    }

    /// Sessions of users who are no more, or have another password, end; the set-up ends with the first user.
    fn take(&self, accounts: Result<Accounts, AccessError>, stamp: Option<Stamp>) -> Result<(), AccessError> {
        let mut state = self.state();
        let before = std::mem::replace(&mut state.accounts, accounts);
        state.stamp = stamp;
        let (Ok(before), Ok(after)) = (&before, &state.accounts) else { return Ok(()) };
        let same = |name: &str, password: &Hash| after.users.get(name).is_some_and(|user| user.password == *password);
        let ended = before.users.iter().filter(|(name, user)| !same(name, &user.password));
        let ended: Vec<String> = ended.map(|(name, _)| name.clone()).collect();
        ended.iter().for_each(|name| state.sessions.end_of(name));
        if !state.has_no_users() && state.setup.take().is_some() {
            Setup::end(&self.data)?;
        }
        Ok(())
    }
}

impl State {
    fn has_no_users(&self) -> bool {
        self.accounts.as_ref().is_ok_and(|accounts| accounts.users.is_empty())
    }

    fn may_guess(&self, guessers: impl IntoIterator<Item = Guesser>, now: Now) -> Result<(), AccessError> {
        let waits = guessers.into_iter().map(|guesser| self.throttle.wait_ms(guesser, now.monotonic));
        match waits.max().unwrap_or(0) {
            0 => Ok(()),
            wait_ms => Err(AccessError::Locked { wait_s: wait_ms.div_ceil(1_000) }),
        }
    }
}

fn guessers(name: &str, from: IpAddr) -> [Guesser; 2] {
    [Guesser::user(name), Guesser::Address(from.to_canonical())]
}

#[cfg(test)]
mod tests;
