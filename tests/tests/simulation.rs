//! The seeded simulation: a random plant with its operators, a wall clock that is stepped, a gateway that dies at any
//! moment. A seed that fails is the bug report: it is printed, and `DAVY_SEED=n` plays it alone. `DAVY_SEEDS=n` plays more.

#[path = "simulation/absence.rs"]
mod absence;
#[path = "simulation/command.rs"]
mod command;
#[path = "simulation/compare.rs"]
mod compare;
#[path = "simulation/coverage.rs"]
mod coverage;
#[path = "simulation/deaths.rs"]
mod deaths;
#[path = "simulation/invariants.rs"]
mod invariants;
#[path = "simulation/life.rs"]
mod life;
#[path = "simulation/places.rs"]
mod places;
#[path = "simulation/random.rs"]
mod random;
#[path = "simulation/step.rs"]
mod step;
#[path = "simulation/tickets.rs"]
mod tickets;
#[path = "simulation/watch.rs"]
mod watch;
#[path = "simulation/world.rs"]
mod world;

use acceptance::fewer_rules::keep_rules;
use compare::{Told, assert_same, bodies, timeless};
use coverage::Coverage;
use davy_core::model::{Hours, PeopleRule, Priority, RuleKind, SignalRule, Site, TicketKind, TicketRule};
use places::Places;
use random::Plan;
use std::{cell::RefCell, env, path::Path, thread};
use step::Step;
use watch::Watch;
use world::{World, start};

const SEEDS: u64 = 6;
const STEPS: usize = 600;

/// The process dies amid one step in so many.
const AMID: usize = 7;

/// What takes longer than so few steps do, or more tickets: each has scenarios of its own.
const TOO_LONG: [&str; 5] =
    ["tickets_full", "ticket_record_overdue", "ticket_interruption", "ticket_next_day", "sis_bypass_overdue"];

#[test]
fn the_same_seed_gives_the_same_journal() {
    for_each_seed(|site, seed| {
        let steps = random::steps(site, seed, STEPS, Plan { clock_steps: true, restarts: true });
        let play = || {
            let mut world = World::new(site.clone(), start(seed));
            steps.iter().for_each(|step| drop(world.apply(step)));
            world.desk
        };
        let (once, again) = (play(), play());
        assert_same(&bodies(&once.journal), &bodies(&again.journal), || "the two journals".to_owned());
        assert_eq!(once.saved, again.saved);
        assert!(once.journal.len() > STEPS / 4, "the plant is lively: {} records", once.journal.len());
    });
}

#[test]
fn the_invariants_hold_after_every_event() {
    for_each_seed(|site, seed| {
        let mut world = World::watched(site.clone(), start(seed), Some(Watch::new(seed, 1)));
        for step in random::steps(site, seed, STEPS, Plan { clock_steps: true, restarts: true }) {
            world.apply(&step);
        }
    });
}

/// The plant is random enough: every kind of event is told, every kind of command is obeyed and refused, every kind of rule
/// stands in one of the sites and is raised, and every kind of record is journaled. Half way another configuration comes into force,
/// as the master alarm table changes by nothing else. `--nocapture` prints how often.
#[test]
fn everything_that_can_happen_does() {
    let played = RefCell::new(Coverage::default());
    for_each_seed(|site, seed| {
        let mut played = played.borrow_mut();
        played.configured(site);
        let mut world = World::new(site.clone(), start(seed));
        played.take(&world.began, site);
        for (at, step) in
            random::steps(site, seed, STEPS, Plan { clock_steps: true, restarts: true }).iter().enumerate()
        {
            if at == STEPS / 2 {
                world.configure(Places::of(site, site), with_other_priorities(site), true);
            }
            played.take(&world.apply(step), site);
        }
    });
    let played = played.into_inner();
    eprintln!("{played}");
    if env::var_os("DAVY_SEED").is_none() {
        assert_eq!(played.missing(&TOO_LONG), Vec::<String>::new(), "never played");
    }
}

/// A restart gives the engine back as it was: what is shown and what is open, whatever the step.
#[test]
fn a_restart_at_any_step_finds_everything_again() {
    for_each_seed(|site, seed| {
        let mut world = World::new(site.clone(), start(seed));
        for (at, step) in
            random::steps(site, seed, STEPS, Plan { clock_steps: true, restarts: false }).iter().enumerate()
        {
            drop(world.apply(step));
            world.desk.journal.clear();
            if at % 5 == 0 {
                invariants::restarts::check_restart(&world.desk, site);
            }
        }
    });
}

/// A configuration that is put in force while the gateway runs leaves everything as it is, whatever the step. What was saved with
/// the time of a wall clock that has been set since is rebased as after a restart, so that it is not set here; rules over the past
/// of a tag or a person begin anew and are left out.
#[test]
fn another_configuration_at_any_step_changes_nothing_that_is_shown() {
    for_each_seed(|site, seed| {
        let site = &without_past(site);
        let mut world = World::new(site.clone(), start(seed));
        for (at, step) in
            random::steps(site, seed, STEPS, Plan { clock_steps: false, restarts: false }).iter().enumerate()
        {
            drop(world.apply(step));
            world.desk.journal.clear();
            if at % 5 == 0 {
                invariants::restarts::check_reconfigured(&world.desk, site);
            }
        }
    });
}

/// Two gateways on one plant; one of them dies again and again, between two steps or amid one, with or without the event that
/// was on its way to the disk. After each death the connectors tell both what is there
/// now, as they do after every start. All that follows is equal, save for the record of the start itself, the times since
/// when a measure and a unit are what they are (both were unknown for a moment), and what the saved state does not hold:
/// since when a link is down, when a beacon last repeated what was known, and the last value of a tag that has said
/// nothing since. Stale countdowns begin anew, for both, with the value told. Rules over a tag's past are left out:
/// theirs does not survive.
#[test]
fn a_restart_anywhere_has_the_same_future() {
    for_each_seed(|site, seed| {
        let site = &without_past(site);
        let (mut living, mut dying) = (World::new(site.clone(), start(seed)), World::new(site.clone(), start(seed)));
        let (mut told_living, mut told_dying) = (Told::default(), Told::default());
        for (at, step) in
            random::steps(site, seed, STEPS, Plan { clock_steps: false, restarts: false }).iter().enumerate()
        {
            let is_death = at % AMID == 0 && deaths::can_come_amid(step);
            let is_restart = is_death || matches!(step, Step::TellAgain);
            let (died, lived) = if is_death {
                deaths::play(&mut dying, &mut living, step, at / AMID)
            } else {
                let started = if is_restart { dying.restart() } else { Vec::new() };
                ([started, dying.apply(step)].concat(), living.apply(step))
            };
            let got = told_dying.take(&world::records(&died), is_restart);
            let expected = told_living.take(&world::records(&lived), is_restart);
            assert_same(&got, &expected, || format!("step {at}, {step:?}"));
            assert_eq!(dying.desk.annunciation, living.desk.annunciation, "step {at}, {step:?}");
            dying.desk.journal.clear();
            living.desk.journal.clear();
        }
    });
}

/// The process dies, and stays away while the plant changes: without a value nothing begins and nothing ends, and with
/// the first values only what they say.
#[test]
fn after_an_absence_only_inputs_decide() {
    for_each_seed(|site, seed| {
        let mut world = World::new(site.clone(), start(seed));
        for (at, step) in
            random::steps(site, seed, STEPS, Plan { clock_steps: true, restarts: false }).iter().enumerate()
        {
            drop(world.apply(step));
            world.desk.journal.clear();
            if at % 5 == 0 {
                absence::check(&world, site, seed ^ at as u64);
            }
        }
    });
}

/// Steps of the wall clock neither raise nor lose nor shorten anything: without its times the journal is the same. Rules
/// that hold in certain hours of the day hold always here, and planned tasks and the rule about a ticket's next day are left
/// out: which hours and which day it is, and when a plan falls due, is what the wall clock does decide.
#[test]
fn the_wall_clock_decides_nothing() {
    for_each_seed(|site, seed| {
        let site = &without_calendar(&without_hours(site));
        // The plant's clocks are the gateway's here, so that a step changes which of two source times is the first.
        let site = &Site { plans: Vec::new(), first_out: Vec::new(), ..site.clone() };
        let (mut steady, mut stepped) = (World::new(site.clone(), start(0)), World::new(site.clone(), start(0)));
        for (at, step) in
            random::steps(site, seed, STEPS, Plan { clock_steps: true, restarts: false }).iter().enumerate()
        {
            let expected = if matches!(step, Step::SetClock(_)) { Vec::new() } else { steady.apply(step) };
            let got = stepped.apply(step);
            let (got, expected) = (timeless(&world::records(&got)), timeless(&world::records(&expected)));
            assert_same(&got, &expected, || format!("step {at}, {step:?}"));
        }
    });
}

/// The site with each rule of a priority that it did not have.
fn with_other_priorities(site: &Site) -> Site {
    let mut site = site.clone();
    for rule in &mut site.rules {
        rule.priority = if rule.priority == Priority::Low { Priority::High } else { Priority::Low };
    }
    site
}

/// The site without the rules that remember more of a tag or a person than the last value and the stay.
fn without_past(site: &Site) -> Site {
    let has_past = |kind: &RuleKind| {
        matches!(
            kind,
            RuleKind::RateOfChange { .. }
                | RuleKind::Frozen { .. }
                | RuleKind::Signal(SignalRule::Forecast { .. })
                | RuleKind::People(PeopleRule::Immobile { .. })
        )
    };
    keep_rules(site, |rule| !has_past(&rule.kind))
}

fn without_hours(site: &Site) -> Site {
    let mut site = site.clone();
    site.zones.iter_mut().flat_map(|zone| &mut zone.access).for_each(|access| access.hours = Hours::default());
    for rule in &mut site.rules {
        if let RuleKind::People(PeopleRule::Understaffed { hours, .. } | PeopleRule::OffPost { hours, .. }) =
            &mut rule.kind
        {
            *hours = Hours::default();
        }
    }
    site
}

/// The site without the rule that asks for the day.
fn without_calendar(site: &Site) -> Site {
    let asks = |kind: &RuleKind| matches!(kind, RuleKind::Ticket(TicketRule { kind: TicketKind::NextDay { .. }, .. }));
    let tables = |site: &Site| -> Vec<u32> {
        site.rules
            .iter()
            .filter_map(|rule| if let RuleKind::Ticket(rule) = &rule.kind { Some(rule.table) } else { None })
            .collect()
    };
    let mut site = keep_rules(site, |rule| !asks(&rule.kind));
    // The tables are counted without gaps.
    let mut kept = tables(&site);
    kept.dedup();
    for rule in &mut site.rules {
        if let RuleKind::Ticket(rule) = &mut rule.kind {
            let at = kept.iter().position(|table| *table == rule.table).unwrap_or_default();
            rule.table = u32::try_from(at).expect("a handful of tables");
        }
    }
    site
}

fn for_each_seed(test: impl Fn(&Site, u64)) {
    for folder in [
        "scenarios/site",
        "scenarios/site-rules",
        "scenarios/site-life",
        "scenarios/site-people",
        "scenarios/site-tickets",
        "scenarios/site-compound",
        "scenarios/site-signals",
        "scenarios/site-tasks",
        "scenarios/site-watch",
        "scenarios/site-escalation",
    ] {
        for_each_seed_of(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &test);
    }
}

fn for_each_seed_of(folder: &Path, test: impl Fn(&Site, u64)) {
    let site = match davy_config::read_dir(folder) {
        Ok(checked) => checked.configuration.site,
        Err(errors) => panic!("{} does not read:\n{errors}", folder.display()),
    };
    let number = |name| env::var(name).ok().map(|text| text.parse::<u64>().expect("a number"));
    let seeds = match number("DAVY_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("DAVY_SEEDS").unwrap_or(SEEDS),
    };
    for seed in seeds {
        let _named = Named(seed);
        test(&site, seed);
    }
}

/// Names the seed when its test fails.
struct Named(u64);

impl Drop for Named {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("the seed is {}: play it alone with DAVY_SEED={}", self.0, self.0);
        }
    }
}
