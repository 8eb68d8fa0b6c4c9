//! SIGKILL at random moments, again and again, while levels, gas, people and cameras come and go and an operator acknowledges:
//! whatever was said or acknowledged is in the journal, and the enterprise has every row of it once, in order.
//!
//! `DAVY_KILLS` sets how often, `DAVY_SEED` the moments.

use acceptance::{
    api::Api,
    deliveries, figures,
    folder::{self, CALM, level_rule},
    receiver::Message,
    site::{self, Site, Size},
    waiting::{self, LONG},
};
use anyhow::{Context as _, Result};
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use serde_json::json;
use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use tokio::{
    task::JoinHandle,
    time::{sleep, timeout},
};

/// Of each kind: levels, gas detectors, people, cameras.
const EACH: usize = 12;
const KILLS: usize = 60;
/// After so many kills everything that crossed must have arrived, and goes back to calm.
const KILLS_OF_A_ROUND: usize = 12;
/// A life lasts at most so long after the page listens; connecting to the field takes a part of it.
const LIFE_MAX_MS: u64 = 500;

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_random_moments() -> Result<()> {
    let kills: usize = env::var("DAVY_KILLS").map_or(Ok(KILLS), |kills| kills.parse()).context("DAVY_KILLS")?;
    let seed: u64 = env::var("DAVY_SEED").map_or(Ok(1), |seed| seed.parse()).context("DAVY_SEED")?;
    let size = Size { levels: EACH, gases: EACH, people: EACH, zones: 1, cameras: EACH, ..Size::default() };
    let site = Site::start("kills", size).await?;
    let random = StdRng::seed_from_u64(seed);
    let mut run = Run { site, random, crossed: BTreeSet::new(), times: BTreeMap::new(), lives: Vec::new() };
    let acknowledged = Acknowledged::default();
    run.all(kills, &acknowledged).await.with_context(|| format!("DAVY_SEED={seed}"))?;
    let Run { mut site, times, lives, .. } = run;
    let messages = site.receiver.messages();
    let problems = problems(&messages, &site.gateway.log()?, &acknowledged, &times);
    assert_eq!(problems, Vec::<String>::new(), "DAVY_SEED={seed}");
    report(&messages, &lives, acknowledged.ids().len())?;
    site.end().await?;
    site.gateway.verify().await?;
    let rows = deliveries::of_journal(&messages).len() - deliveries::repeated(&messages);
    let newest = site.gateway.verdict().await?["rows"].as_u64();
    assert!(newest >= Some(rows as u64), "{rows} rows at the enterprise and {newest:?} in the journal");
    Ok(())
}

struct Run {
    site: Site,
    random: StdRng,
    /// The rules that are beyond their limits, or were told so, in this round.
    crossed: BTreeSet<String>,
    /// In how many rounds each rule was.
    times: BTreeMap<String, usize>,
    /// How long the gateway lived after it listened, and how long the next start took.
    lives: Vec<(Duration, Duration)>,
}

impl Run {
    async fn all(&mut self, kills: usize, acknowledged: &Acknowledged) -> Result<()> {
        for round in 0..kills.div_ceil(KILLS_OF_A_ROUND) {
            let begun = Instant::now();
            for _ in 0..KILLS_OF_A_ROUND.min(kills - round * KILLS_OF_A_ROUND) {
                let operator = acknowledged.operator(self.site.gateway.api.clone());
                self.live_and_die().await?;
                operator.abort();
            }
            let operator = acknowledged.operator(self.site.gateway.api.clone());
            self.everything_is_raised(begun).await.with_context(|| format!("round {round}"))?;
            self.calm().await?;
            operator.abort();
        }
        self.site.drained().await
    }

    /// Values come and go while the gateway works; sometimes it is killed once more while it starts.
    async fn live_and_die(&mut self) -> Result<()> {
        let life = Duration::from_millis(self.random.random_range(0..LIFE_MAX_MS));
        let begun = Instant::now();
        while begun.elapsed() < life {
            self.cross().await?;
            let pause = Duration::from_millis(self.random.random_range(0..60));
            sleep(pause.min(life.saturating_sub(begun.elapsed()))).await;
        }
        self.site.gateway.kill().await?;
        if self.random.random_range(0..4) == 0 {
            let soon = Duration::from_millis(self.random.random_range(0..150));
            // What does not finish is dropped, and the process with it, by SIGKILL.
            let _ = timeout(soon, self.site.gateway.start_again()).await;
            self.site.gateway.kill().await?;
        }
        let restarted = Instant::now();
        let gateway = &mut self.site.gateway;
        waiting::until("the gateway starts", LONG, async || gateway.start_again().await.map(Some)).await?;
        self.lives.push((life, restarted.elapsed()));
        Ok(())
    }

    /// Something goes beyond its limit. It stays there until its alarm has arrived, as a danger does.
    async fn cross(&mut self) -> Result<()> {
        let number = self.random.random_range(1..=EACH);
        let rule = match self.random.random_range(0..4) {
            0 => level_rule(number).0,
            1 => format!("{}.H", folder::gas(number)),
            2 => format!("sos-P-{number:03}"),
            _ => format!("smoke-CAM-{number:03}"),
        };
        self.tell(&rule, number).await?;
        self.crossed.insert(rule);
        Ok(())
    }

    async fn tell(&mut self, rule: &str, number: usize) -> Result<()> {
        let Site { opcua, modbus, devices, .. } = &mut self.site;
        match &rule[..2] {
            "LI" => opcua.write(&folder::level(number), level_rule(number).1).await,
            "GT" => site::write_gas(modbus, number, 40.0).await,
            "so" => site::locate(devices, number, "", true).await,
            _ => site::see(devices, number, "smoke", 0.9).await,
        }
    }

    /// Beacons and cameras say again what still is, as they do; whatever is beyond its limit has been raised.
    async fn everything_is_raised(&mut self, since: Instant) -> Result<()> {
        self.site.reads_everything().await?;
        for rule in std::mem::take(&mut self.crossed) {
            if rule.starts_with("smoke") || rule.starts_with("sos") {
                for _ in 0..2 {
                    self.tell(&rule, number_of(&rule)).await?;
                }
            }
            let arrived =
                |message: &Message| message.kind() == "alarm" && message.text("rule") == rule && message.at > since;
            // A camera's alarm is raised again only after its cooldown.
            let known = rule.starts_with("smoke") && self.times.contains_key(&rule);
            if !known {
                self.site.receiver.wait(&format!("the alarm of {rule} arrives"), arrived).await?;
            }
            *self.times.entry(rule).or_default() += 1;
        }
        Ok(())
    }

    async fn calm(&mut self) -> Result<()> {
        for number in 1..=EACH {
            self.site.opcua.write(&folder::level(number), CALM).await?;
            site::write_gas(&mut self.site.modbus, number, 0.0).await?;
            site::locate(&self.site.devices, number, "", false).await?;
        }
        let api = &self.site.gateway.api;
        let over = async || {
            let alarms = api.list("alarms").await?;
            let rules = alarms.iter().filter_map(|alarm| alarm["rule"].as_str());
            Ok(!rules.into_iter().any(|rule| ["LI-", "GT-", "sos-"].iter().any(|kind| rule.starts_with(kind))))
        };
        waiting::until_true("every alarm is over", LONG, over).await
    }
}

/// What the gateway has confirmed to the operator.
#[derive(Clone, Default)]
struct Acknowledged(Arc<Mutex<BTreeSet<String>>>);

impl Acknowledged {
    /// Acknowledges whatever is open, as fast as it comes; who asks while the gateway dies gets no answer.
    fn operator(&self, api: Api) -> JoinHandle<()> {
        let confirmed = self.clone();
        tokio::spawn(async move {
            loop {
                for alarm in api.list("alarms").await.unwrap_or_default() {
                    let Some(id) = alarm["id"].as_str().filter(|_| alarm["acknowledged_by"].is_null()) else {
                        continue;
                    };
                    if api.post(&format!("alarms/{id}/acknowledge"), &json!({"by": "张伟"})).await.is_ok() {
                        confirmed.0.lock().expect("nothing panics while it holds it").insert(id.to_owned());
                    }
                }
                sleep(Duration::from_millis(40)).await;
            }
        })
    }

    fn ids(&self) -> BTreeSet<String> {
        self.0.lock().expect("nothing panics while it holds it").clone()
    }
}

fn number_of(rule: &str) -> usize {
    rule.rsplit('-').next().and_then(|number| number.parse().ok()).expect("rules end with a number")
}

/// Whatever was said on standard error or confirmed to the operator must be in the journal, which the enterprise has whole.
fn problems(
    messages: &[Message],
    log: &str,
    acknowledged: &Acknowledged,
    times: &BTreeMap<String, usize>,
) -> Vec<String> {
    let mut problems = deliveries::problems(messages);
    for (kind, word) in [("alarm", ": raised"), ("warning", " open, "), ("task", " issued"), ("hazard", " suspected")] {
        let of_kind: Vec<&Message> = messages.iter().filter(|message| message.kind() == kind).collect();
        for (time, id) in log.lines().filter_map(|line| said(line, kind, word)) {
            let again = |message: &&Message| {
                message.text("id") == id || (cause(message.text("id")) == cause(id) && message.time() >= time)
            };
            if !of_kind.iter().any(again) {
                problems.push(format!("{time}: {kind} {id} was said and neither it nor its like is in the journal"));
            }
        }
    }
    let confirmed: BTreeSet<&str> = messages
        .iter()
        .filter(|message| message.kind() == "alarm" && !message.text("acknowledged_by").is_empty())
        .map(|message| message.text("id"))
        .collect();
    let ids = acknowledged.ids();
    let unknown = ids.iter().filter(|id| !confirmed.contains(id.as_str()));
    problems.extend(unknown.map(|id| format!("the acknowledgement of {id} was confirmed and is nowhere")));
    let alarms = deliveries::objects(messages, "alarm", "rule");
    for (rule, times) in times.iter().filter(|(rule, _)| rule.starts_with("LI") || rule.starts_with("GT")) {
        let raised = alarms.get(rule).map_or(0, BTreeSet::len);
        if raised != *times {
            problems.push(format!("{rule} was beyond its limit {times} times and raised {raised} alarms"));
        }
    }
    problems
}

/// Time and id in a line such as `2026-11-23T08:00:00.123456Z  INFO alarm LI-001.HH~1.3 液位1: raised, …`.
fn said<'a>(line: &'a str, kind: &str, word: &str) -> Option<(&'a str, &'a str)> {
    let (time, said) = line.split_once(&format!("Z  INFO {kind} "))?;
    let (id, rest) = said.split_once(' ')?;
    // To the millisecond, as records have it.
    format!(" {rest}").contains(word).then_some((time.get(..23)?, id))
}

/// What an id belongs to. Lamp and log do not wait for the disk: killed in between, the gateway finds the danger again after its
/// start, and gives it the next number.
fn cause(id: &str) -> &str {
    id.split('~').next().unwrap_or_default()
}

fn report(messages: &[Message], lives: &[(Duration, Duration)], acknowledged: usize) -> Result<()> {
    let (lived, restarts): (Vec<_>, Vec<_>) = lives.iter().copied().unzip();
    let rows = deliveries::of_journal(messages).len() - deliveries::repeated(messages);
    figures::report(
        "SIGKILL at random moments",
        &[
            format!(
                "- {} kills, each {} ms after the page listened at the median; listening again after {} ms (p99 {} ms)",
                lives.len(),
                figures::percentile(&lived, 50).as_millis(),
                figures::percentile(&restarts, 50).as_millis(),
                figures::percentile(&restarts, 99).as_millis()
            ),
            format!(
                "- {rows} rows of the journal at the enterprise, none missing, none doubled by id, none out of order in its lane; \
                 {} repeated deliveries; {acknowledged} confirmed acknowledgements, all there",
                deliveries::repeated(messages)
            ),
        ],
    )
}
