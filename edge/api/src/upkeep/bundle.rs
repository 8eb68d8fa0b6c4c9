//! What the running gateway has to say in a support bundle: how it and its links are doing, its log, the end of its journal. Where
//! names are left out, so are rows of the journal and messages of the field side that are about people by what they are.

use super::{BundlePart, Names};
use crate::{app::App, journal, limits, problem::Problem};
use davy_core::health::SourceHealth;
use serde::Serialize;
use serde_json::{Value, json};

/// Kinds of journal rows that are about people.
const ABOUT_PEOPLE: [&str; 3] = ["person", "ticket", "evidence"];

impl App {
    pub(super) async fn bundle_parts(&self, names: &Names) -> Result<Vec<BundlePart>, Problem> {
        let rows = journal::last(self, limits::BUNDLE_ROWS_MAX).await?;
        let snapshot = self.snapshot();
        let people = *names == Names::Kept;
        let out = Out { names };
        let part = |name, about, text| BundlePart { name, about, text };
        let told = rows.iter().filter(|row| people || !ABOUT_PEOPLE.contains(&row.kind()));
        Ok(vec![
            part(
                "system.json",
                "the gateway, its version, its configuration's version, its journal",
                out.whole(&self.system()),
            ),
            part(
                "resources.json",
                "processor, memory, files and disk, now and over the last hours",
                out.whole(&self.resources()),
            ),
            part(
                "watch.json",
                "the alarm system itself: flood, nuisance alarms, clock, disk",
                out.whole(&snapshot.watch),
            ),
            part("sources.json", "every source of the field side and how it is doing", out.whole(&self.sources())),
            part(
                "quarantine.json",
                "by source, its latest messages that could not be used",
                out.whole(&self.quarantines(people)),
            ),
            part("uplinks.json", "every uplink and how it is doing", out.whole(&self.uplinks())),
            part("alarms.json", "alarms that are not normal", out.whole(&snapshot.alarms)),
            part("metrics.txt", "all metrics, as Prometheus reads them", names.in_text(&self.metrics())),
            part(
                "log.jsonl",
                "the gateway's log as far back as memory holds it, a line of JSON each",
                out.lines(self.context.logs.all()),
            ),
            part("journal.jsonl", "the newest rows of the journal, a line of JSON each", out.lines(told)),
        ])
    }

    /// Where people are left out, of a message only what is wrong with it is told: its payload may be about them.
    fn quarantines(&self, people: bool) -> Value {
        let of_source = |health: &SourceHealth| -> Value {
            let told = health.quarantine.latest().map(|message| match people {
                true => json!(message),
                false => json!({ "received_time": message.received_time, "reason": message.reason }),
            });
            told.collect()
        };
        let sources = self.context.sources.iter();
        sources.map(|(source, health)| (source.id.to_string(), of_source(&health.borrow()))).collect()
    }

    /// Everything by which a person of the site is known here: numbers, names and cards of people, users, who made tokens, who wrote
    /// the configuration.
    pub(super) fn people_names(&self) -> Vec<String> {
        let people = self.context.site.people.iter();
        let mut names: Vec<String> =
            people.flat_map(|person| [person.id.to_string(), person.name.clone(), person.card.clone()]).collect();
        // Who changed the configuration need be no user here; the log tells of him.
        names.extend(self.context.site.gateway.change.iter().map(|change| change.author.clone()));
        if let Ok(keeper) = self.keeper() {
            names.extend(keeper.users().unwrap_or_default().into_iter().map(|user| user.name));
            names.extend(keeper.tokens().unwrap_or_default().into_iter().map(|token| token.made_by));
        }
        names
    }
}

/// How a value is written.
struct Out<'a> {
    names: &'a Names,
}

impl Out<'_> {
    fn whole(&self, value: &impl Serialize) -> String {
        self.written(value, serde_json::to_string_pretty)
    }

    fn lines<T: Serialize>(&self, rows: impl IntoIterator<Item = T>) -> String {
        let lines = rows.into_iter().map(|row| self.written(&row, serde_json::to_string));
        lines.flat_map(|line| [line, "\n".to_owned()]).collect()
    }

    /// A part that cannot be written says why: the others are worth having.
    fn written(&self, value: &impl Serialize, write: impl Fn(&Value) -> serde_json::Result<String>) -> String {
        let written = serde_json::to_value(value).and_then(|mut value| {
            self.names.in_value(&mut value);
            write(&value)
        });
        written.unwrap_or_else(|error| format!("this cannot be written: {error}"))
    }
}
