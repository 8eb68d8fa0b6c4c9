//! Another configuration: what it has changed of the master alarm table is told once, whenever the process dies.

use super::*;
use crate::{
    limits::{CHANGES_MAX, CHANGES_SLICE, CHANGES_SLICE_EVERY_MS},
    record::{ChangeRecord, TableChange},
};

/// Enough for every table here.
const SLICES: u64 = 10;

/// What is on the disk of a gateway that only ever starts.
#[derive(Default)]
struct Disk {
    saved: BTreeMap<String, String>,
    journal: Vec<ChangeRecord>,
}

impl Disk {
    /// A start; the process dies before or after its effects are on the disk.
    fn start(&mut self, site: Site, reaches_disk: bool) -> Vec<String> {
        self.start_for(site, reaches_disk, SLICES)
    }

    /// A start of a process that dies before so many slices.
    fn start_for(&mut self, site: Site, reaches_disk: bool, slices: u64) -> Vec<String> {
        let mut saved = SavedState::default();
        for (key, body) in &self.saved {
            saved.insert(key, &mut serde_json::Deserializer::from_str(body)).unwrap();
        }
        let now = Now { monotonic: Monotonic(0), utc: UtcTime(1_795_392_000_000) };
        let mut out = Effects::default();
        let mut engine = Engine::restore(site, 1, saved, now);
        engine.apply(now, Event::Started, &mut out);
        for ms in (1..slices).map(|slice| slice * CHANGES_SLICE_EVERY_MS) {
            let now = Now { monotonic: Monotonic(ms), utc: now.utc.after(ms) };
            engine.apply(now, Event::Tick, &mut out);
        }
        if !reaches_disk {
            return Vec::new();
        }
        for change in out.saved {
            match change.body {
                Some(body) => drop(self.saved.insert(change.key.to_string(), serde_json::to_string(&body).unwrap())),
                None => drop(self.saved.remove(&change.key.to_string())),
            }
        }
        let changes = out.records.into_iter();
        let changes =
            changes.filter_map(|record| if let Record::Change(change) = record { Some(change) } else { None });
        let from = self.journal.len();
        self.journal.extend(changes);
        self.journal[from..].iter().map(told).collect()
    }
}

/// `changed tank.H: limit 80 > 85` or `configuration b after a: 5 rules, 0 added, 0 removed, 1 changed; reason`.
fn told(change: &ChangeRecord) -> String {
    if let Some(counts) = change.counts {
        let why = change.stated.as_ref().map_or("?", |stated| stated.reason.as_str());
        let again = if change.stated_before { " again" } else { "" };
        let before = change.previous_version.as_deref().unwrap_or("-");
        return format!(
            "{} after {before}: {} rules, {} added, {} removed, {} changed, {} later; {why}{again}",
            change.config_version, counts.rules, counts.added, counts.removed, counts.changed, counts.later
        );
    }
    let word = |value| serde_json::to_string(value).unwrap();
    let fields =
        change.fields.iter().map(|field| format!("{} {} > {}", field.field, word(&field.from), word(&field.to)));
    let rule = change.rule.as_ref().map_or("-", RuleId::as_str);
    let is_whole = matches!(change.change, TableChange::Changed | TableChange::Policy);
    let fields = if is_whole { fields.collect::<Vec<_>>().join("; ") } else { "…".to_owned() };
    format!("{:?} {rule}: {fields}", change.change)
}

fn configured(version: &str, reason: Option<&str>) -> Site {
    let mut site = site();
    site.gateway.config_version = version.into();
    site.gateway.change = reason.map(|reason| Change {
        version: None,
        author: "李工".to_owned(),
        reason: reason.to_owned(),
        date: "2026-11-23".to_owned(),
    });
    site
}

/// A higher limit and a longer delay, a rule that is gone and one that is new.
fn other() -> Site {
    let mut site = configured("b", Some("高限上调"));
    site.rules[0].kind = RuleKind::Limit { tag: TANK, limit: Limit { kind: LimitKind::H, trip: 85.0, clear: 84.0 } };
    site.rules[0].on_delay_ms += 1_000;
    site.rules.remove(3);
    site.rules.push(rule("tank.bad", RuleKind::BadQuality { tag: TANK }, None));
    site
}

const CHANGED: [&str; 4] = [
    "Changed tank.H: limit 80.0 > 85.0; clear 79.0 > 84.0; on_delay_ms 0 > 1000",
    "Added tank.bad: …",
    "Removed smoke: …",
    "b after a: 5 rules, 1 added, 1 removed, 1 changed, 0 later; 高限上调",
];

#[test]
fn what_another_configuration_changes_is_told_once_wherever_the_process_dies() {
    // How often the process dies with nothing on the disk before each start that reaches it.
    for (dies_first, dies_changed) in [(0, 0), (1, 0), (0, 1), (2, 3)] {
        let mut disk = Disk::default();
        for _ in 0..dies_first {
            disk.start(configured("a", Some("首次投用")), false);
        }
        assert_eq!(
            disk.start(configured("a", Some("首次投用")), true),
            ["a after -: 5 rules, 0 added, 0 removed, 0 changed, 0 later; 首次投用"]
        );
        assert_eq!(disk.start(configured("a", Some("首次投用")), true), [""; 0], "it is known");
        for _ in 0..dies_changed {
            disk.start(other(), false);
        }
        assert_eq!(disk.start(other(), true), CHANGED);
        assert_eq!(disk.start(other(), true), [""; 0], "it is known");
        assert_eq!(disk.journal.len(), 1 + CHANGED.len());
    }
}

#[test]
fn a_configuration_that_went_and_came_back_is_told_both_times() {
    let mut disk = Disk::default();
    disk.start(configured("a", Some("首次投用")), true);
    disk.start(other(), true);
    let back = disk.start(configured("a", Some("恢复")), true);
    let expected = [
        "Changed tank.H: limit 85.0 > 80.0; clear 84.0 > 79.0; on_delay_ms 1000 > 0",
        "Added smoke: …",
        "Removed tank.bad: …",
        "a after b: 5 rules, 1 added, 1 removed, 1 changed, 0 later; 恢复",
    ];
    assert_eq!(back, expected);
}

#[test]
fn a_change_that_touches_no_rule_is_told_and_so_is_one_that_nobody_has_given_a_reason_for() {
    let mut disk = Disk::default();
    disk.start(configured("a", Some("首次投用")), true);
    let nothing = |version: &str, before: &str, why: &str| {
        format!("{version} after {before}: 5 rules, 0 added, 0 removed, 0 changed, 0 later; {why}")
    };
    assert_eq!(disk.start(configured("b", Some("首次投用")), true), [nothing("b", "a", "首次投用 again")]);
    assert_eq!(disk.start(configured("c", None), true), [nothing("c", "b", "?")]);
    assert_eq!(disk.start(configured("d", Some("换人")), true), [nothing("d", "c", "换人")]);
}

/// A state that an older version has saved knows no policy, and says nothing of what it was.
#[test]
fn another_policy_is_told_once_and_to_whoever_knows_what_it_was() {
    let policed = |version: &str, reason: &str| {
        let mut site = configured(version, Some(reason));
        site.policy.location_max_age_ms = 60_000;
        site.policy.escalate_after.blue = Some(3_600_000);
        site
    };
    let mut disk = Disk::default();
    disk.start(configured("a", Some("首次投用")), true);
    disk.start(policed("b", "定位时限收紧"), false);
    let expected = [
        "Policy -: escalate_after_blue_ms null > 3600000; location_max_age_ms 300000 > 60000",
        "b after a: 5 rules, 0 added, 0 removed, 0 changed, 0 later; 定位时限收紧",
    ];
    assert_eq!(disk.start(policed("b", "定位时限收紧"), true), expected);
    assert_eq!(disk.start(policed("b", "定位时限收紧"), true), [""; 0], "it is known");

    let table = disk.saved.get_mut("table").unwrap();
    let mut body: serde_json::Value = serde_json::from_str(table).unwrap();
    body.as_object_mut().unwrap().remove("policy").unwrap();
    *table = body.to_string();
    let told = disk.start(configured("c", Some("恢复")), true);
    assert_eq!(told, ["c after b: 5 rules, 0 added, 0 removed, 0 changed, 0 later; 恢复"]);
}

#[test]
fn where_more_rules_change_than_may_be_told_the_next_start_tells_the_others() {
    let many = |limit: f64| {
        let mut site = configured(&limit.to_string(), Some("整定"));
        let kind = RuleKind::Limit { tag: TANK, limit: Limit { kind: LimitKind::H, trip: limit, clear: limit } };
        site.rules = (0..CHANGES_MAX + 2).map(|at| rule(&format!("r{at}"), kind.clone(), None)).collect();
        site
    };
    let mut disk = Disk::default();
    disk.start(many(80.0), true);
    let first = disk.start(many(85.0), true);
    assert_eq!(first[CHANGES_MAX], "85 after 80: 5002 rules, 0 added, 0 removed, 5002 changed, 2 later; 整定 again");
    let rest = disk.start(many(85.0), true);
    assert_eq!((first.len(), rest.len()), (1 + CHANGES_MAX, 3));
    assert_eq!(rest[0], "Changed r5000: limit 80.0 > 85.0; clear 80.0 > 85.0");
    assert_eq!(rest[2], "85 after 85: 5002 rules, 0 added, 0 removed, 2 changed, 0 later; 整定", "for the same reason");
    assert_eq!(disk.start(many(85.0), true), [""; 0]);
}

#[test]
fn a_large_table_is_compared_a_slice_at_a_time_and_a_death_amid_it_tells_nothing_twice() {
    let many = |limit: f64| {
        let mut site = configured(&limit.to_string(), Some("整定"));
        let kind = RuleKind::Limit { tag: TANK, limit: Limit { kind: LimitKind::H, trip: limit, clear: limit } };
        site.rules = (0..2 * CHANGES_SLICE + 1).map(|at| rule(&format!("r{at}"), kind.clone(), None)).collect();
        site
    };
    let mut disk = Disk::default();
    assert_eq!(disk.start_for(many(80.0), true, 1), [""; 0], "the table is told when it is whole");
    assert_eq!(disk.saved.keys().filter(|key| key.starts_with("table")).count(), CHANGES_SLICE);
    let whole = "80 after -: 2001 rules, 0 added, 0 removed, 0 changed, 0 later; 整定";
    assert_eq!(disk.start(many(80.0), true), [whole]);
    let first = disk.start_for(many(85.0), true, 2);
    assert_eq!(
        (first.len(), first[0].as_str()),
        (2 * CHANGES_SLICE, "Changed r0: limit 80.0 > 85.0; clear 80.0 > 85.0")
    );
    let rest = disk.start(many(85.0), true);
    assert_eq!(rest[0], "Changed r2000: limit 80.0 > 85.0; clear 80.0 > 85.0");
    assert_eq!(rest[1..], ["85 after 80: 2001 rules, 0 added, 0 removed, 1 changed, 0 later; 整定 again"]);
    assert_eq!(disk.start(many(85.0), true), [""; 0]);
}
