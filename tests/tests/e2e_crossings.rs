//! Two hundred crossings over OPC UA, Modbus, beacons and video: none missed, none false, each with its task where its
//! measure asks for one. The time from the write at the source to the message at the enterprise is printed.

use acceptance::{
    deliveries,
    figures::{self, latency_row},
    folder::{self, PEOPLE_MAX, POLL_MS, PUBLISHING_MS},
    peers::{Modbus, OpcUa},
    receiver::{Message, Publisher, Receiver},
    site::{self, Site, Size},
};
use anyhow::Result;
use rand::{Rng, SeedableRng, rngs::SmallRng};
use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};
use tokio::time::sleep;

const LEVELS: usize = 70;
const GASES: usize = 70;
const CALLS: usize = 30;
const CROWDS: usize = 8;
const CAMERAS: usize = 22;
/// Beside the numbered ones that cross: those that come close and must stay quiet.
const QUIET: usize = 10;

type Latencies = Result<Vec<Duration>>;

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_crossings() -> Result<()> {
    assert_eq!(LEVELS + GASES + CALLS + CROWDS + CAMERAS, 200);
    let size = Size {
        levels: LEVELS + QUIET,
        gases: GASES + QUIET,
        people: CALLS + (PEOPLE_MAX + 1) * CROWDS,
        zones: CROWDS,
        cameras: CAMERAS + QUIET,
        ..Size::default()
    };
    let mut site = Site::start("crossings", size).await?;
    let Site { opcua, modbus, devices, receiver, .. } = &mut site;
    let (levels, gases, beacons, sights) = tokio::join!(
        cross_levels(opcua, receiver),
        cross_gases(modbus, receiver),
        cross_beacons(devices, receiver),
        cross_sights(devices, receiver),
    );
    let rows = [
        latency_row("OPC UA, publishing", &levels?, Some(Duration::from_millis(PUBLISHING_MS))),
        latency_row("Modbus, polling", &gases?, Some(Duration::from_millis(POLL_MS))),
        latency_row("beacons over MQTT", &beacons?, None),
        latency_row("video over MQTT", &sights?, None),
    ];
    site.drained().await?;
    let messages = site.receiver.messages();
    let (alarms, tasks) = (check_alarms(&messages), check_tasks(&messages));
    assert_eq!(deliveries::problems(&messages), Vec::<String>::new());
    site.end().await?;
    let mut lines = vec![figures::LATENCY_HEADING.to_owned()];
    lines.extend(rows);
    lines
        .push(format!("\n200 crossings: {alarms} alarms, 0 missed, 0 false; {tasks} tasks asked for, {tasks} issued."));
    figures::report("From the write at the source to the message at the enterprise broker", &lines)
}

/// The writes fall at a random moment of the source's interval, or the latency would be that of one phase of it.
fn phase(random: &mut SmallRng, interval_ms: u64) -> Duration {
    Duration::from_millis(random.random_range(0..interval_ms))
}

async fn cross_levels(opcua: &mut OpcUa, receiver: &Receiver) -> Latencies {
    let (mut random, mut latencies) = (SmallRng::seed_from_u64(1), Vec::new());
    for number in 1..=LEVELS {
        let (rule, beyond) = folder::level_rule(number);
        sleep(phase(&mut random, PUBLISHING_MS)).await;
        let written = Instant::now();
        opcua.write(&folder::level(number), beyond).await?;
        latencies.push(receiver.wait_for_alarm(&rule).await?.at - written);
        // Close to its limit, and back: no alarm.
        let quiet = LEVELS + 1 + number % QUIET;
        let inside = if folder::level_rule(quiet).1 > folder::CALM { 79.9 } else { 20.1 };
        opcua.write(&folder::level(quiet), inside).await?;
    }
    Ok(latencies)
}

async fn cross_gases(modbus: &mut Modbus, receiver: &Receiver) -> Latencies {
    let (mut random, mut latencies) = (SmallRng::seed_from_u64(2), Vec::new());
    for number in 1..=GASES {
        sleep(phase(&mut random, POLL_MS)).await;
        let written = Instant::now();
        site::write_gas(modbus, number, 25.5).await?;
        latencies.push(receiver.wait_for_alarm(&format!("{}.H", folder::gas(number))).await?.at - written);
        site::write_gas(modbus, GASES + 1 + number % QUIET, 24.9).await?;
    }
    Ok(latencies)
}

async fn cross_beacons(devices: &Publisher, receiver: &Receiver) -> Latencies {
    let mut latencies = Vec::new();
    for number in 1..=CALLS {
        site::locate(devices, number, "", false).await?;
        let written = Instant::now();
        site::locate(devices, number, "", true).await?;
        latencies.push(receiver.wait_for_alarm(&format!("sos-P-{number:03}")).await?.at - written);
    }
    for number in 1..=CROWDS {
        let zone = format!("Z-{number:03}");
        let mut people = (0..=PEOPLE_MAX).map(|more| CALLS + 1 + (number - 1) * (PEOPLE_MAX + 1) + more);
        // As many as are allowed: no alarm. One more is too many.
        for person in people.by_ref().take(PEOPLE_MAX) {
            site::locate(devices, person, &zone, false).await?;
        }
        let written = Instant::now();
        for person in people {
            site::locate(devices, person, &zone, false).await?;
        }
        let crowded = |message: &Message| message.kind() == "alarm" && key(message) == format!("crowd {zone}");
        latencies.push(receiver.wait(&format!("{zone} is too full"), crowded).await?.at - written);
    }
    Ok(latencies)
}

async fn cross_sights(devices: &Publisher, receiver: &Receiver) -> Latencies {
    let mut latencies = Vec::new();
    for number in 1..=CAMERAS {
        // Too weak, something else, one frame alone: no alarm.
        let quiet = CAMERAS + 1 + number % QUIET;
        site::see(devices, quiet, "smoke", 0.5).await?;
        site::see(devices, quiet, "helmet", 0.9).await?;
        site::see(devices, number, "smoke", 0.8).await?;
        let written = Instant::now();
        site::see(devices, number, "smoke", 0.9).await?;
        latencies.push(receiver.wait_for_alarm(&format!("smoke-CAM-{number:03}")).await?.at - written);
    }
    Ok(latencies)
}

/// What crossed: the rule; for a zone its id, because its rule's name is the configuration's affair.
fn key(alarm: &Message) -> String {
    let trigger = &alarm.data()["trigger"];
    match trigger["observed"].as_str() {
        Some("crowd") => format!("crowd {}", trigger["zone"].as_str().unwrap_or_default()),
        _ => alarm.text("rule").to_owned(),
    }
}

fn check_alarms(messages: &[Message]) -> usize {
    let levels = (1..=LEVELS).map(|number| folder::level_rule(number).0);
    let gases = (1..=GASES).map(|number| format!("{}.H", folder::gas(number)));
    let calls = (1..=CALLS).map(|number| format!("sos-P-{number:03}"));
    let crowds = (1..=CROWDS).map(|number| format!("crowd Z-{number:03}"));
    let sights = (1..=CAMERAS).map(|number| format!("smoke-CAM-{number:03}"));
    let expected: BTreeSet<String> = levels.chain(gases).chain(calls).chain(crowds).chain(sights).collect();
    let alarms = messages.iter().filter(|message| message.kind() == "alarm");
    // So many within seconds are a flood, and the alarm system says so of itself.
    let (floods, alarms): (Vec<&Message>, Vec<&Message>) =
        alarms.partition(|alarm| alarm.text("rule") == "system-flood");
    assert!(!floods.is_empty(), "a flood is told");
    let raised: BTreeSet<String> = alarms.iter().map(|alarm| key(alarm)).collect();
    assert_eq!(raised.difference(&expected).collect::<Vec<_>>(), Vec::<&String>::new(), "false alarms");
    assert_eq!(expected.difference(&raised).collect::<Vec<_>>(), Vec::<&String>::new(), "missed alarms");
    let ids: BTreeSet<&str> = alarms.iter().map(|alarm| alarm.text("id")).collect();
    assert_eq!(ids.len(), expected.len(), "one occurrence for each crossing");
    assert!(alarms.iter().all(|alarm| alarm.data()["raised_count"] == 1), "raised once");
    ids.len()
}

fn check_tasks(messages: &[Message]) -> usize {
    let levels = (1..=LEVELS).filter(|number| folder::pushes_task(*number)).map(|number| folder::level_rule(number).0);
    let gases = (1..=GASES).filter(|number| folder::pushes_task(*number));
    let expected: BTreeSet<String> = levels.chain(gases.map(|number| format!("{}.H", folder::gas(number)))).collect();
    let issued = deliveries::objects(messages, "task", "rule");
    assert_eq!(issued.keys().cloned().collect::<BTreeSet<_>>(), expected);
    assert!(issued.values().all(|ids| ids.len() == 1), "one task for each cause: {issued:?}");
    expected.len()
}
