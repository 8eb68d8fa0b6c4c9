use super::*;
use crate::{
    accounts::NewToken,
    role::{Needs, Permission, Role},
    secret::new_token,
    setup::SETUP_FILE,
    who::Denied,
};
use davy_core::time::Monotonic;
use std::fs;

const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);
const GOOD: &str = "罐区夜班交接清楚了吗";

fn at(ms: u64) -> Now {
    Now { monotonic: Monotonic(ms), utc: UtcTime(0).after(ms) }
}

fn add(data: &Path, name: &str, role: Role) {
    let password = Hash::of(GOOD, name).unwrap();
    file::edit(data, &Edit::AddUser { name: name.to_owned(), role, password }, "root", UtcTime(0)).unwrap();
}

fn open(data: &Path) -> Keeper {
    let panels = vec!["10.0.0.9".parse().unwrap()];
    Keeper::open(data, Settings { panels, ..Settings::default() }, UtcTime(0)).unwrap()
}

fn log_in(keeper: &Keeper, name: &str, password: &str, now: Now) -> Result<Secret, AccessError> {
    let attempt = keeper.attempt(name, HERE, now)?;
    keeper.judge(&attempt, attempt.look(password), now)?;
    keeper.begin_session(attempt.name(), now)
}

fn session(id: &Secret) -> Credentials {
    Credentials::Session(id.sha256())
}

#[test]
fn the_first_administrator_needs_the_code_and_there_is_only_one_first() {
    let data = tempfile::tempdir().unwrap();
    let keeper = open(data.path());
    assert!(keeper.awaits_setup() && keeper.trouble().is_none());
    let code = fs::read_to_string(data.path().join(SETUP_FILE)).unwrap();
    assert_eq!(keeper.check_setup("AAAAA-AAAAA-AAAAA-AAAAA", HERE, at(0)), Err(AccessError::Wrong));
    keeper.check_setup(&code, HERE, at(0)).unwrap();
    let edit = Edit::SetUp { name: "李工".to_owned(), password: Hash::of(GOOD, "李工").unwrap() };
    assert_eq!(keeper.consider(&edit, "李工", "", UtcTime(0)).unwrap().after.as_deref(), Some("administrator"));
    assert!(keeper.users().unwrap().is_empty(), "nothing is done yet");
    keeper.carry_out(&edit, "李工", UtcTime(0)).unwrap();
    assert!(!keeper.awaits_setup() && !data.path().join(SETUP_FILE).exists());
    assert!(matches!(keeper.check_setup(&code, HERE, at(0)), Err(AccessError::Conflict(_))));
    keeper.carry_out(&edit, "李工", UtcTime(0)).unwrap_err();
    assert_eq!(keeper.refresh(UtcTime(0)).unwrap(), [], "what went through the gateway is on record already");
    log_in(&keeper, "李工", GOOD, at(0)).unwrap();
    assert!(!open(data.path()).awaits_setup(), "nor after the next start");
}

#[test]
fn a_session_follows_its_user() {
    let data = tempfile::tempdir().unwrap();
    add(data.path(), "李工", Role::Administrator);
    add(data.path(), "陈静", Role::Operator);
    let keeper = open(data.path());
    let id = log_in(&keeper, "陈静", GOOD, at(0)).unwrap();
    assert_ne!(log_in(&keeper, "陈静", GOOD, at(0)).unwrap(), id, "another id at each log-in");
    let who = |now| keeper.who(&session(&id), HERE, now);
    assert!(who(at(0)).check(Needs::May(Permission::Respond), true).is_ok());
    let began = who(at(0));
    let edit = |edit| file::edit(data.path(), &edit, "root", UtcTime(0)).unwrap();
    let name = || "陈静".to_owned();
    edit(Edit::ChangeRole { name: name(), role: Role::Viewer });
    assert_eq!(keeper.refresh(UtcTime(0)).unwrap().len(), 3, "all three go on record");
    keeper.told(3, UtcTime(0)).unwrap();
    assert_eq!(keeper.refresh(UtcTime(0)).unwrap(), []);
    assert_eq!(who(at(0)).check(Needs::May(Permission::Respond), true), Err(Denied::Role), "at once");
    assert!(!keeper.goes_on(&began, HERE, at(0)), "a stream begins anew with what may be seen now");
    edit(Edit::ChangePassword { name: name(), password: Hash::of("另外一个足够长的密码", &name()).unwrap() });
    keeper.refresh(UtcTime(0)).unwrap();
    assert_eq!(who(at(0)), Who::Nobody { showed: true });
    let id = log_in(&keeper, "陈静", "另外一个足够长的密码", at(0)).unwrap();
    edit(Edit::RemoveUser { name: name() });
    keeper.refresh(UtcTime(0)).unwrap();
    assert_eq!(keeper.who(&session(&id), HERE, at(0)), Who::Nobody { showed: true });
    assert_eq!(log_in(&keeper, "陈静", GOOD, at(0)), Err(AccessError::Wrong));
}

#[test]
fn guessing_is_slow_and_disturbs_nobody_who_is_in() {
    let data = tempfile::tempdir().unwrap();
    add(data.path(), "陈静", Role::Administrator);
    let keeper = open(data.path());
    let id = log_in(&keeper, "陈静", GOOD, at(0)).unwrap();
    for name in ["陈静", "nobody"] {
        for n in 0..5 {
            let attempt = keeper.attempt(name, HERE, at(n)).unwrap();
            assert_eq!(keeper.judge(&attempt, false, at(n)), Err(AccessError::Wrong), "{name}");
        }
        let locked = Err(AccessError::Locked { wait_s: 30 });
        assert_eq!(keeper.attempt(name, HERE, at(5)).map(drop), locked, "{name}: right or wrong, there or not");
        assert!(keeper.attempt(name, HERE, at(30_005)).is_ok(), "{name}");
    }
    assert!(keeper.who(&session(&id), HERE, at(6)).check(Needs::May(Permission::Respond), true).is_ok());
    let told = keeper.failures(false, at(6));
    let who: Vec<&str> = told.iter().map(|(by, _)| by.as_str()).collect();
    assert!(who.contains(&"陈静") && who.contains(&"unknown") && !who.contains(&"nobody"), "{who:?}");
}

#[test]
fn nobody_is_no_user_even_by_chance() {
    let data = tempfile::tempdir().unwrap();
    add(data.path(), "陈静", Role::Administrator);
    let keeper = open(data.path());
    let attempt = keeper.attempt("nobody", HERE, at(0)).unwrap();
    let attempt = Attempt { hash: Hash::of(GOOD, "").unwrap(), ..attempt };
    assert!(!attempt.look(GOOD));
}

#[test]
fn tokens_end_and_panels_only_look() {
    let data = tempfile::tempdir().unwrap();
    let (token, sha256) = new_token().unwrap();
    let ends_at = Some(UtcTime(1_000));
    let name = "scada".to_owned();
    let (scopes, networks) = (vec![Permission::Live], vec!["127.0.0.0/8".parse().unwrap()]);
    let new = NewToken { name, role: Role::Viewer, sha256, ends_at, scopes, networks };
    file::edit(data.path(), &Edit::AddToken(new), "root", UtcTime(0)).unwrap();
    let keeper = open(data.path());
    let shown = Credentials::read([Some(&*format!("Bearer {token}"))], []);
    let who = keeper.who(&shown, HERE, at(999));
    assert!(matches!(&who, Who::Token { name, role: Role::Viewer, .. } if name == "scada"));
    assert_eq!(who.check(Needs::Session, true), Err(Denied::NoPerson));
    assert_eq!(who.check(Needs::May(Permission::Read), false), Err(Denied::Role), "its role may, the token may not");
    assert!(who.may(Permission::Live));
    let away = "10.1.2.3".parse().unwrap();
    assert_eq!(keeper.who(&shown, away, at(0)), Who::Nobody { showed: true }, "it may not come from there");
    assert!(keeper.goes_on(&who, HERE, at(999)) && !keeper.goes_on(&who, away, at(999)));
    let panel: IpAddr = "::ffff:10.0.0.9".parse().unwrap();
    assert_eq!(keeper.who(&shown, panel, at(1_000)), Who::Nobody { showed: true }, "it has ended");
    for credentials in [Credentials::None, Credentials::Odd, Credentials::Session("x".to_owned())] {
        let who = keeper.who(&credentials, panel, at(0));
        assert_eq!(who, Who::Panel);
        assert!(who.check(Needs::May(Permission::Live), false).is_ok());
        assert_eq!(who.check(Needs::May(Permission::Read), false), Err(Denied::LogIn));
        assert!(matches!(keeper.who(&credentials, HERE, at(0)), Who::Nobody { .. }));
    }
}

#[test]
fn a_session_that_idles_looks_on_and_asks_before_it_does_anything() {
    let data = tempfile::tempdir().unwrap();
    add(data.path(), "陈静", Role::Administrator);
    let keeper = open(data.path());
    let id = log_in(&keeper, "陈静", GOOD, at(0)).unwrap();
    let later = at(30 * 60_000);
    let who = keeper.who(&session(&id), HERE, later);
    assert!(who.check(Needs::May(Permission::Read), false).is_ok() && who.check(Needs::Session, true).is_ok());
    assert_eq!(who.check(Needs::May(Permission::Respond), true), Err(Denied::PasswordAgain));
    assert!(keeper.goes_on(&who, HERE, later));
    keeper.confirm(&id.sha256(), later);
    assert!(keeper.who(&session(&id), HERE, later).check(Needs::May(Permission::Respond), true).is_ok());
    assert_eq!(keeper.who(&session(&id), HERE, at(12 * 3_600_000)), Who::Nobody { showed: true });
}

#[test]
fn a_file_that_cannot_be_read_lets_nobody_in_and_nobody_set_up() {
    let data = tempfile::tempdir().unwrap();
    fs::write(data.path().join(file::FILE), "{").unwrap();
    let keeper = open(data.path());
    assert!(keeper.trouble().is_some() && !keeper.awaits_setup());
    assert_eq!(log_in(&keeper, "陈静", GOOD, at(0)), Err(AccessError::Wrong));
    fs::remove_file(data.path().join(file::FILE)).unwrap();
    add(data.path(), "陈静", Role::Administrator);
    keeper.refresh(UtcTime(0)).unwrap();
    let id = log_in(&keeper, "陈静", GOOD, at(0)).unwrap();
    fs::write(data.path().join(file::FILE), "{").unwrap();
    keeper.refresh(UtcTime(0)).unwrap_err();
    assert!(matches!(keeper.who(&session(&id), HERE, at(0)), Who::Session { .. }), "whoever is in stays in");
}
