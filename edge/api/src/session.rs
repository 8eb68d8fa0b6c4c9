//! Sessions: who is there, logging in and out, the password again, the first administrator.

use crate::{
    access::{Access, Caller},
    app::App,
    extract::Body,
    problem::{Kind, Problem},
};
use axum::{
    Json,
    extract::State,
    http::{HeaderName, StatusCode, header},
};
use davy_access::{AccessError, COOKIE, Edit, Hash, Keeper, Permission, Role, Secret, Who};
use davy_core::{
    event::{CommandKind, Note, NoteAct},
    time::Now,
};
use serde::{Deserialize, Serialize};
use std::{net::IpAddr, sync::Arc};

/// Who asks, on the wire.
#[derive(Debug, Serialize)]
pub(crate) struct Session {
    /// `demo`, `nobody`, `panel`, `user` or `token`.
    who: &'static str,
    name: Option<String>,
    role: Option<Role>,
    permissions: Vec<Permission>,
    /// Whether the password is needed before the next command.
    password_again: bool,
    /// Seconds until it is, and until the session ends.
    idle_in_s: Option<u64>,
    ends_in_s: Option<u64>,
    /// Whether the first administrator is still to be made.
    awaits_setup: bool,
    /// What everybody is told before a log-in, in the site's own words.
    notice: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LogIn {
    name: String,
    password: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetUp {
    code: String,
    name: String,
    password: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LogOut {
    #[serde(default)]
    everywhere: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Confirm {
    password: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OwnPassword {
    old: String,
    new: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Empty {}

/// A session with its cookie.
type Opened = Result<([(HeaderName, String); 1], Json<Session>), Problem>;

pub(crate) async fn session(State(app): State<Arc<App>>, caller: Caller) -> Json<Session> {
    Json(app.session_of(&caller))
}

pub(crate) async fn log_in(State(app): State<Arc<App>>, caller: Caller, Body(body): Body<LogIn>) -> Opened {
    let LogIn { name, password } = body;
    let keeper = app.keeper()?;
    app.know(&keeper, &name, password, caller.from).await?;
    app.open_session(&keeper, &caller, &name).await
}

pub(crate) async fn set_up(State(app): State<Arc<App>>, caller: Caller, Body(body): Body<SetUp>) -> Opened {
    let SetUp { code, name, password } = body;
    let keeper = app.keeper()?;
    keeper.check_setup(&code, caller.from, app.now())?;
    let password = app.hash(password, &name).await?;
    app.edit(&keeper, Edit::SetUp { name: name.clone(), password }, name.clone(), String::new()).await?;
    app.open_session(&keeper, &caller, &name).await
}

pub(crate) async fn log_out(
    State(app): State<Arc<App>>,
    caller: Caller,
    Body(LogOut { everywhere }): Body<LogOut>,
) -> Result<(StatusCode, [(HeaderName, String); 1]), Problem> {
    let (keeper, user, hash) = app.own(&caller)?;
    let words = if everywhere { "everywhere" } else { "" };
    app.note(&user, about(NoteAct::LogOut, caller.from, words)).await?;
    if everywhere {
        keeper.end_sessions_of(&user);
    }
    keeper.end_session(&hash);
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, app.cookie("", 0))]))
}

pub(crate) async fn confirm(
    State(app): State<Arc<App>>,
    caller: Caller,
    Body(Confirm { password }): Body<Confirm>,
) -> Result<Json<Session>, Problem> {
    let (keeper, user, hash) = app.own(&caller)?;
    app.know(&keeper, &user, password, caller.from).await?;
    keeper.confirm(&hash, app.now());
    Ok(Json(app.session_of(&caller)))
}

pub(crate) async fn activity(
    State(app): State<Arc<App>>,
    caller: Caller,
    Body(Empty {}): Body<Empty>,
) -> Result<StatusCode, Problem> {
    let (keeper, _, hash) = app.own(&caller)?;
    keeper.touch(&hash, app.now());
    if keeper.session(&hash, app.now()).is_some_and(|view| view.idle) {
        return Err(Kind::PasswordAgain.with("the session idles"));
    }
    Ok(StatusCode::NO_CONTENT)
}

pub(crate) async fn password(State(app): State<Arc<App>>, caller: Caller, Body(body): Body<OwnPassword>) -> Opened {
    let (keeper, user, _) = app.own(&caller)?;
    let OwnPassword { old, new } = body;
    app.know(&keeper, &user, old, caller.from).await?;
    let password = app.hash(new, &user).await?;
    app.edit(&keeper, Edit::ChangePassword { name: user.clone(), password }, user.clone(), String::new()).await?;
    app.open_session(&keeper, &caller, &user).await
}

impl App {
    pub(crate) fn now(&self) -> Now {
        (self.context.clock)()
    }

    /// Users and sessions; the demonstration has none.
    pub(crate) fn keeper(&self) -> Result<Arc<Keeper>, Problem> {
        match &self.context.access {
            Access::Kept(keeper) => Ok(Arc::clone(keeper)),
            Access::Demo => Err(Kind::Conflict.with("this is a demonstration, in which nobody logs in")),
        }
    }

    /// Whether the one who listens still may see what he sees.
    pub(crate) fn goes_on(&self, caller: &Caller) -> bool {
        match &self.context.access {
            Access::Kept(keeper) => keeper.goes_on(&caller.who, caller.from, self.now()),
            Access::Demo => true,
        }
    }

    fn own(&self, caller: &Caller) -> Result<(Arc<Keeper>, String, String), Problem> {
        match &caller.who {
            Who::Session { user, hash, .. } => Ok((self.keeper()?, user.clone(), hash.clone())),
            Who::Demo | Who::Nobody { .. } | Who::Panel | Who::Token { .. } => {
                Err(Kind::LogIn.with("this is about a person who is logged in"))
            }
        }
    }

    /// Looks whether the password is the user's; an answer takes as long for a name that nobody has.
    async fn know(&self, keeper: &Keeper, name: &str, password: String, from: IpAddr) -> Result<(), Problem> {
        let attempt = keeper.attempt(name, from, self.now())?;
        let (attempt, is_right) = self
            .heavy(move || {
                let is_right = attempt.look(&password);
                (attempt, is_right)
            })
            .await?;
        Ok(keeper.judge(&attempt, is_right, self.now())?)
    }

    /// The hash of a new password, if it is fit for the user.
    pub(crate) async fn hash(&self, password: String, name: &str) -> Result<Hash, Problem> {
        let name = name.to_owned();
        Ok(self.heavy(move || Hash::of(&password, &name)).await??)
    }

    /// Hashing, off the loop and so many at once.
    async fn heavy<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
        let full = || Kind::LogInsFull.with("as many passwords are being looked at as may wait");
        let _waits = self.log_ins_waiting.try_acquire().map_err(|_| full())?;
        // Goes with the work: one that has been given up still takes its core until it is through.
        let place = Arc::clone(&self.log_ins).acquire_owned().await.map_err(|_| full())?;
        let worked = tokio::task::spawn_blocking(move || {
            let done = work();
            drop(place);
            done
        });
        worked.await.map_err(|_| Kind::Internal.with("the work on a password was broken off"))
    }

    /// A session under an id that nobody has had: one that somebody brought along ends.
    async fn open_session(&self, keeper: &Keeper, caller: &Caller, user: &str) -> Opened {
        self.note(user, about(NoteAct::LogIn, caller.from, "")).await?;
        if let Who::Session { hash, .. } = &caller.who {
            keeper.end_session(hash);
        }
        let id = keeper.begin_session(user, self.now())?;
        let view = keeper.session(&id.sha256(), self.now());
        let lasts_s = view.map_or(0, |view| view.ends_in_ms / 1_000);
        let cookie = self.cookie(id.expose(), lasts_s);
        Ok(([(header::SET_COOKIE, cookie)], Json(self.session_of(&self.caller_of(keeper, &id, caller.from)))))
    }

    fn caller_of(&self, keeper: &Keeper, id: &Secret, from: IpAddr) -> Caller {
        let credentials = davy_access::Credentials::Session(id.sha256());
        Caller { who: keeper.who(&credentials, from, self.now()), from }
    }

    fn cookie(&self, value: &str, lasts_s: u64) -> String {
        let secure = if self.context.tls.is_some() { "; Secure" } else { "" };
        format!("{COOKIE}={value}; Path=/; HttpOnly; SameSite=Strict; Max-Age={lasts_s}{secure}")
    }

    /// Puts on record what does not wait for the disk: nobody is kept out of the page of alarms because it is full.
    async fn note(&self, by: &str, note: Note) -> Result<(), Problem> {
        match self.ask(by.to_owned(), CommandKind::Note(note)).await {
            Err(problem) if !problem.is(Kind::NotDurable) && !problem.is(Kind::Unanswered) => Err(problem),
            Ok(_) | Err(_) => Ok(()),
        }
    }

    /// Changes users or tokens: on record first, then done.
    pub(crate) async fn edit(
        &self,
        keeper: &Arc<Keeper>,
        edit: Edit,
        by: String,
        reason: String,
    ) -> Result<StatusCode, Problem> {
        let _alone = self.editing.lock().await;
        let (edit, now) = (Arc::new(edit), self.now().utc);
        let work = (Arc::clone(keeper), Arc::clone(&edit), by.clone());
        let note = on_disk(move || work.0.consider(&work.1, &work.2, &reason, now)).await?;
        self.ask(by.clone(), CommandKind::Note(note)).await?;
        let keeper = Arc::clone(keeper);
        on_disk(move || keeper.carry_out(&edit, &by, now)).await?;
        Ok(StatusCode::NO_CONTENT)
    }

    fn session_of(&self, caller: &Caller) -> Session {
        let (who, name, role) = match &caller.who {
            Who::Demo => ("demo", None, Some(Role::Administrator)),
            Who::Nobody { .. } => ("nobody", None, None),
            Who::Panel => ("panel", None, None),
            Who::Session { user, role, .. } => ("user", Some(user.clone()), Some(*role)),
            Who::Token { name, role, .. } => ("token", Some(name.clone()), Some(*role)),
        };
        let keeper = self.keeper().ok();
        let view = match (&caller.who, &keeper) {
            (Who::Session { hash, .. }, Some(keeper)) => keeper.session(hash, self.now()),
            _ => None,
        };
        Session {
            who,
            name,
            role,
            permissions: caller.who.permissions().iter().collect(),
            password_again: view.as_ref().is_some_and(|view| view.idle),
            idle_in_s: view.as_ref().map(|view| view.idle_in_ms / 1_000),
            ends_in_s: view.as_ref().map(|view| view.ends_in_ms / 1_000),
            awaits_setup: keeper.as_ref().is_some_and(|keeper| keeper.awaits_setup()),
            notice: keeper.and_then(|keeper| keeper.notice().map(str::to_owned)),
        }
    }
}

fn about(act: NoteAct, from: IpAddr, words: &str) -> Note {
    Note { act, object: Some(from.to_string()), before: None, after: None, note: words.to_owned() }
}

async fn on_disk<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, AccessError> + Send + 'static,
) -> Result<T, Problem> {
    let worked = tokio::task::spawn_blocking(work).await;
    Ok(worked.map_err(|_| Kind::Internal.with("the work on the users was broken off"))??)
}
