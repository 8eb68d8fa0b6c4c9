//! Scenarios that a safety engineer can read and sign: `tests/scenarios/*.txt`, each an input script with everything the
//! engine derives written under the line that caused it. The transcripts are golden; `UPDATE_GOLDEN=1` rewrites them, and
//! the difference is for a person to sign.

#[path = "scenarios/script.rs"]
mod script;
#[path = "scenarios/words.rs"]
mod words;

use acceptance::{desk::Desk, fewer_rules::keep_rules};
use davy_core::{
    model::{Rule, RuleKind, Site},
    record::Record,
    time::{Monotonic, UtcTime},
};
use script::{Line, Step};
use std::{collections::BTreeSet, fs, path::Path, path::PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios")
}

/// The site of a scenario: `site`, or the folder that it names in a line `# site: FOLDER`.
fn site(text: &str) -> Site {
    let named = text.lines().find_map(|line| line.strip_prefix("# site: "));
    let mut site = match davy_config::read_dir(&folder().join(named.unwrap_or("site"))) {
        Ok(checked) => checked.configuration.site,
        Err(errors) => panic!("the scenarios' site does not read:\n{errors}"),
    };
    site.gateway.config_version = "signed".into();
    site
}

/// Every transcript, with its text.
fn transcripts() -> Vec<(PathBuf, String)> {
    let paths =
        fs::read_dir(folder()).expect("the folder of the transcripts").map(|entry| entry.expect("a file").path());
    let mut paths: Vec<PathBuf> = paths.filter(|path| path.extension().is_some()).collect();
    paths.sort();
    assert!(paths.len() >= 60, "sixty scenarios at least");
    let read = |path: PathBuf| (fs::read_to_string(&path).expect("a transcript"), path);
    paths.into_iter().map(read).map(|(text, path)| (path, text)).collect()
}

/// What any site can warn of, some scenario shows; save what takes more tickets than anybody would read: the stories of the
/// core tell it.
#[test]
fn every_kind_of_rule_is_raised_in_a_scenario() {
    let (mut known, mut raised) = (BTreeSet::new(), BTreeSet::new());
    for (_, text) in transcripts() {
        let site = site(&text);
        known.extend(site.rules.iter().map(Rule::kind_name));
        let (_, desk) = play(&site, &text);
        raised.extend(desk.journal.into_iter().filter_map(|record| {
            let Record::Alarm(alarm) = record else { return None };
            alarm.is_active().then(|| alarm.rule_kind.to_string())
        }));
    }
    let missing: Vec<&str> = known.into_iter().filter(|kind| !raised.contains(*kind)).collect();
    assert_eq!(missing, ["tickets_full"]);
}

#[test]
fn transcripts_are_as_signed() {
    let mut differing = Vec::new();
    for (path, signed) in &transcripts() {
        let (played, _) = play(&site(signed), signed);
        if played == *signed {
            continue;
        }
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            fs::write(path, &played).unwrap();
        }
        differing.push(format!("{}\n{}", path.display(), difference(signed, &played)));
    }
    assert!(differing.is_empty() || std::env::var_os("UPDATE_GOLDEN").is_some(), "{}", differing.join("\n"));
}

/// The site as a scenario watches it: of the links, and of the tags that must come in time, only those that it names. The
/// others would be reported as lost in every scenario.
fn watched(site: &Site, text: &str) -> Site {
    let named = |id: &str| text.split_whitespace().any(|word| word == id);
    let (tags, sources, uplinks) = (&site.tags, &site.sources, &site.uplinks);
    #[expect(clippy::wildcard_enum_match_arm, reason = "three kinds are loud, whatever others there are")]
    keep_rules(site, |rule| match &rule.kind {
        RuleKind::Stale { tag } => named(tags[tag.at()].id.as_str()),
        RuleKind::SourceLost { source } => named(sources[source.at()].id.as_str()),
        RuleKind::UplinkLost { uplink } => named(uplinks[uplink.at()].id.as_str()),
        _ => true,
    })
}

/// Plays a script; the result is the script with what the engine derived, and the desk on which it did.
fn play(site: &Site, text: &str) -> (String, Desk) {
    let site = &watched(site, text);
    let mut desk = Desk::new(site.clone(), UtcTime::parse("2026-11-23T08:00:00Z").expect("a time"));
    let mut began = desk.now.utc;
    let mut played = String::new();
    for line in text.lines().filter(|line| !line.starts_with("    ")) {
        let Line::Step { utc, text } = script::parse(line) else {
            played.push_str(line);
            played.push('\n');
            continue;
        };
        let moment = Monotonic(u64::try_from(utc.since(began)).expect("a scenario goes forward in time"));
        let mut derived = tick_until(&mut desk, moment);
        desk.run_to(moment);
        // What time alone brought about stands before the line that came after it.
        played.push_str(&derived);
        derived.clear();
        match script::step(line, &text, &desk, utc) {
            Step::Restart => {
                desk.restart(site.clone());
                began = desk.now.utc;
                derived.push_str(&words::annunciation(desk.now.utc, desk.annunciation));
                derived.push_str(&apply(&mut desk, davy_core::event::Event::Started));
            }
            Step::Away(ms) => {
                desk.now.utc = desk.now.utc.after(ms);
                desk.restart(site.clone());
                began = desk.now.utc;
                derived.push_str(&words::annunciation(desk.now.utc, desk.annunciation));
                derived.push_str(&apply(&mut desk, davy_core::event::Event::Started));
            }
            Step::SetClock(ms) => {
                desk.now.utc = UtcTime(desk.now.utc.0 + ms);
                began = UtcTime(began.0 + ms);
            }
            Step::Event(event) => derived.push_str(&apply(&mut desk, event)),
        }
        played.push_str(line);
        played.push('\n');
        played.push_str(&derived);
    }
    (played, desk)
}

fn tick_until(desk: &mut Desk, moment: Monotonic) -> String {
    let mut derived = String::new();
    while let Some(deadline) = desk.next_tick(moment) {
        desk.run_to(deadline);
        derived.push_str(&apply(desk, davy_core::event::Event::Tick));
    }
    derived
}

fn apply(desk: &mut Desk, event: davy_core::event::Event) -> String {
    let effects = desk.apply(event);
    words::effects(desk.now.utc, &effects)
}

fn difference(signed: &str, played: &str) -> String {
    let (signed, played): (Vec<_>, Vec<_>) = (signed.lines().collect(), played.lines().collect());
    let at = signed.iter().zip(&played).take_while(|(a, b)| a == b).count();
    let show = |lines: &[&str]| lines.iter().skip(at).take(4).map(|line| format!("    {line}\n")).collect::<String>();
    format!("line {}: signed\n{}played\n{}", at + 1, show(&signed), show(&played))
}
