//! The consumer that enterprises copy from, `docs/consumer`: whatever happens to gateway, broker and consumers, its tables are what
//! the gateway says of itself, and a row that is lost on the way is named.

use acceptance::{
    consumer::{self, Database, How, Member},
    folder::{self, CALM, level_rule},
    places,
    receiver::Publisher,
    site::{Site, Size},
    waiting::{self, LONG},
};
use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use std::{fs, ops::Range};
use tokio::process::Command;

#[path = "e2e_consumer/http.rs"]
mod http;
#[path = "e2e_consumer/run.rs"]
mod run;
use run::{AT_FIRST, AT_ONCE, Run, acknowledged, by_id, missing, restart_without_memory};

/// Levels and detectors, each of which crosses once.
const ALL: usize = 14;
/// The uplink's name after the consumers have joined.
const SINCE_THEN: &str = "platform";
const GARBAGE: usize = 20;

#[tokio::test]
async fn its_own_stories_are_true() -> Result<()> {
    let mut command = Command::new(places::python()?);
    let told = command.args(["-B", "-m", "unittest"]).current_dir(consumer::folder()).output().await?;
    let said = String::from_utf8_lossy(&told.stderr);
    ensure!(told.status.success() && !said.contains("Ran 0 tests"), "{said}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn its_tables_are_what_the_gateway_says() -> Result<()> {
    let size = Size { levels: ALL, gases: ALL, people: 1, zones: 1, ..Size::default() };
    let mut run = Run::start(size).await?;
    run.whoever_joins_late_gets_all_again().await?;
    run.cross(2..5).await?;
    run.people_act().await?;
    run.enterprise_away(5..7).await?;
    run.consumers_and_gateway_killed(7..10).await?;
    run.broker_without_memory(10..12).await?;
    run.settled().await?;
    waiting::until("the tables are what the gateway says", LONG, async || run.same_as_the_gateway().await.map(Some))
        .await?;
    assert_eq!(run.names_what_is_missing().await?, []);
    run.duplicates_change_nothing().await?;
    run.a_deleted_row_is_missed().await?;
    run.what_the_broker_lost_is_missed(12..14).await?;
    run.end().await
}

impl Run {
    /// What went up before is missing. An uplink of another name begins at the first row.
    async fn whoever_joins_late_gets_all_again(&mut self) -> Result<()> {
        self.cross(1..2).await?;
        self.arrived(1).await?;
        let missing = self.names_what_is_missing().await?;
        ensure!(missing.first().is_some_and(|gap| gap.first == 1), "{missing:?}");
        ensure!(self.site.gateway.stop().await?.success(), "an orderly stop");
        let config = self.site.folder.join("config/gateway.toml");
        let text = fs::read_to_string(&config)?;
        fs::write(&config, text.replace(&format!("id = \"{AT_FIRST}\""), &format!("id = \"{SINCE_THEN}\"")))?;
        self.uplink = SINCE_THEN;
        self.site.gateway.start_again().await?;
        self.site.reads_everything().await?;
        self.settled().await?;
        assert_eq!(self.names_what_is_missing().await?, []);
        Ok(())
    }

    /// Alarms are acknowledged, a task is accepted, a value goes back to normal.
    async fn people_act(&mut self) -> Result<()> {
        for number in 1..5 {
            self.arrived(number).await?;
        }
        let api = &self.site.gateway.api;
        let id = |item: &Value| item["id"].as_str().map(str::to_owned).context("it has an id");
        for alarm in api.list("alarms").await?.iter().filter(|alarm| alarm["rule_kind"] == "limit").take(3) {
            api.post(&format!("alarms/{}/acknowledge", id(alarm)?), &json!({"by": "张伟"})).await?;
        }
        let task = id(api.list("tasks").await?.first().context("crossings push tasks")?)?;
        api.post(&format!("tasks/{task}/accept"), &json!({"by": "李强"})).await?;
        self.site.opcua.write(&folder::level(1), CALM).await
    }

    async fn enterprise_away(&mut self, numbers: Range<usize>) -> Result<()> {
        self.site.enterprise.stop().await?;
        self.cross(numbers.clone()).await?;
        let lost = async || self.site.gateway.api.find("alarms", "rule_kind", "uplink_lost").await.map(Some);
        waiting::until("the gateway misses the broker", LONG, lost).await?;
        self.second.kill().await?;
        // Mosquitto forgets shared subscriptions: a gateway that comes before the members would publish to nobody.
        self.site.enterprise.start_again_closed().await?;
        self.second.start_again().await?;
        self.first.subscribed().await?;
        self.site.enterprise.open().await?;
        for number in numbers {
            self.arrived(number).await?;
        }
        Ok(())
    }

    async fn consumers_and_gateway_killed(&mut self, numbers: Range<usize>) -> Result<()> {
        for number in numbers {
            self.cross(number..number + 1).await?;
            self.first.kill().await?;
            self.site.gateway.kill().await?;
            self.site.gateway.start_again().await?;
            self.second.kill().await?;
            self.first.start_again().await?;
            self.second.start_again().await?;
            self.arrived(number).await?;
        }
        Ok(())
    }

    /// It forgets sessions and subscriptions at a moment at which it holds no message.
    async fn broker_without_memory(&mut self, numbers: Range<usize>) -> Result<()> {
        self.settled().await?;
        ensure!(self.site.gateway.stop().await?.success(), "an orderly stop");
        let acknowledged = acknowledged(&self.site.gateway.verdict().await?, self.uplink)?;
        self.has_until(acknowledged).await?;
        restart_without_memory(&mut self.site.enterprise).await?;
        self.first.subscribed().await?;
        self.second.subscribed().await?;
        self.cross(numbers.clone()).await?;
        self.site.gateway.start_again().await?;
        for number in numbers {
            self.arrived(number).await?;
        }
        Ok(())
    }

    /// At a moment at which the gateway adds nothing.
    async fn same_as_the_gateway(&self) -> Result<()> {
        let (api, database) = (&self.site.gateway.api, &self.database);
        let events = database.records(
            "SELECT json_object('id', gateway || '/' || epoch || '/' || seq, 'seq', seq, 'at', time, 'kind', kind, 'record', json(data))
             FROM event ORDER BY seq",
        )?;
        let journal = api.list("journal").await?;
        ensure!(events == journal, "{} rows are not the {} of the journal", events.len(), journal.len());
        for (list, view) in
            [("alarms", "open_alarm"), ("warnings", "open_warning"), ("tasks", "open_task"), ("hazards", "open_hazard")]
        {
            let here = by_id(database.records(&format!("SELECT data FROM {view}"))?, "id");
            let there = by_id(api.list(list).await?, "id");
            ensure!(!here.is_empty() && here == there, "{view}: {here:?} and not {there:?}");
        }
        let units = by_id(database.records("SELECT data FROM unit_colour")?, "unit");
        let coloured = by_id(api.list("units").await?, "unit");
        let as_coloured = |(unit, record): (&String, &Value)| coloured.get(unit) == Some(record);
        ensure!(!units.is_empty() && units.iter().all(as_coloured), "{units:?} and not {coloured:?}");
        let link = database.column::<String>("SELECT link FROM link")?;
        ensure!(link == ["online"], "the gateway is {link:?}");
        Ok(())
    }

    /// Every alarm again in the other lane, the newest first; and what nobody can read.
    async fn duplicates_change_nothing(&mut self) -> Result<()> {
        let before = self.contents()?;
        let publisher = Publisher::start(self.site.enterprise.port).await?;
        let mut alarms = self.site.receiver.of("alarm");
        alarms.reverse();
        ensure!(alarms.len() > ALL, "there are alarms to send again");
        for mut alarm in alarms {
            alarm.event["lane"] = json!("backfill");
            publisher.send_json(&alarm.topic, &alarm.event).await?;
        }
        for _ in 0..GARBAGE {
            publisher.send("davy/v1/330100123/gw-1/live/alarm", "{").await?;
        }
        // The members take turns, and each has its part of the alarms before its part of the garbage.
        let all = async || Ok(self.database.number("SELECT count(*) FROM unreadable")? == GARBAGE as u64);
        waiting::until_true("what cannot be read is kept aside", LONG, all).await?;
        assert_eq!(self.contents()?, before);
        Ok(())
    }

    async fn a_deleted_row_is_missed(&mut self) -> Result<()> {
        let middle = self.database.number("SELECT max(seq) / 2 FROM event")?;
        self.database.change(&format!("DELETE FROM event WHERE seq = {middle}"))?;
        assert_eq!(self.database.gaps(&AT_ONCE).await?, [], "what was looked through is not looked at each time");
        let again = [&AT_ONCE[..], &["--again"]].concat();
        assert_eq!(self.database.gaps(&again).await?, [missing(middle, middle)]);
        Ok(())
    }

    /// The broker has told the gateway that it takes rows, with nobody there who has subscribed.
    async fn what_the_broker_lost_is_missed(&mut self, numbers: Range<usize>) -> Result<()> {
        self.settled_but(1).await?;
        self.first.kill().await?;
        self.second.kill().await?;
        restart_without_memory(&mut self.site.enterprise).await?;
        self.cross(numbers.start..numbers.start + 1).await?;
        let rule = level_rule(numbers.start).0;
        let known = async || self.site.gateway.api.find("alarms", "rule", &rule).await.map(Some);
        waiting::until("the gateway has the alarm", LONG, known).await?;
        self.drained().await?;
        self.first.start_again().await?;
        self.second.start_again().await?;
        self.cross(numbers.start + 1..numbers.end).await?;
        self.arrived(numbers.end - 1).await?;
        self.drained().await?;
        let lost = self.names_what_is_missing().await?;
        ensure!(lost.len() > 1, "the broker has lost something: {lost:?}");
        let accepted = [&AT_ONCE[..], &["--accept"]].concat();
        ensure!(
            self.database.gaps(&accepted).await?.iter().all(|gap| gap.state == "accepted"),
            "a person knows of them"
        );
        Ok(())
    }

    async fn end(mut self) -> Result<()> {
        self.site.end().await?;
        let offline = async || Ok(self.database.column::<String>("SELECT link FROM link")? == ["offline"]);
        waiting::until_true("the gateway is offline", LONG, offline).await?;
        for member in [self.first, self.second] {
            ensure!(member.stop().await?["messages"].as_u64() > Some(0), "each member has its share");
        }
        Ok(())
    }
}

/// Unlike a shared subscription an ordinary one is kept by the broker when it is restarted in order: what gateways publish before the
/// member is back waits for it.
#[tokio::test(flavor = "multi_thread")]
async fn with_a_topic_of_its_own_a_restart_of_the_broker_costs_nothing() -> Result<()> {
    let mut site = Site::start("consumer_topic", Size { levels: 3, gases: 1, zones: 1, ..Size::default() }).await?;
    let database = Database::create(&site.folder).await?;
    let how = How { presence: true, topic: Some("davy/v1/330100123/+/+/+"), ..How::default() };
    let mut member = Member::start("consumer-1", site.enterprise.port, &database, how).await?;
    let alarm = async |number: usize| {
        let sql = format!("SELECT count(*) FROM open_alarm WHERE data ->> 'rule' = '{}'", level_rule(number).0);
        let there = async || Ok(database.number(&sql)? > 0);
        waiting::until_true(&format!("alarm {number} is in the tables"), LONG, there).await
    };
    site.opcua.write(&folder::level(1), level_rule(1).1).await?;
    alarm(1).await?;
    site.drained().await?;
    let before_it_joined = database.gaps(&AT_ONCE).await?;
    member.kill().await?;
    site.enterprise.stop().await?;
    site.enterprise.start_again().await?;
    site.opcua.write(&folder::level(2), level_rule(2).1).await?;
    let raised = async || site.gateway.api.find("alarms", "rule", &level_rule(2).0).await.map(Some);
    waiting::until("the alarm is raised", LONG, raised).await?;
    site.drained().await?;
    member.start_again().await?;
    alarm(2).await?;
    site.opcua.write(&folder::level(3), level_rule(3).1).await?;
    alarm(3).await?;
    assert_eq!(database.gaps(&AT_ONCE).await?, before_it_joined);
    site.end().await
}
