//! The program proves on a small plant of its own, in memory, that it alarms: a value passes its limit, the alarm is raised and
//! annunciated, a person acknowledges it, the value comes back and the alarm is over. The same reader of configurations and the same
//! engine do it as on the site.

use davy_config::Files;
use davy_core::{
    Engine,
    annunciation::Annunciation,
    effect::Effects,
    event::{Command, CommandKind, Event, Link, Sample},
    id::{SourceIx, TagIx},
    quality::Quality,
    record::AlarmState,
    time::{Monotonic, Now, UtcTime},
};

/// One source, one tag, one limit.
const GATEWAY: &str = r#"
[gateway]
company_code = "000000000"
gateway_id = "proof"
name = "proof"

[[source.modbus]]
id = "field"
name = "field"
address = "127.0.0.1:502"
"#;
const TAGS: &str = "tag,name,source,address,data_type,engineering_unit,range_low,range_high,H,deadband,on_delay,off_delay,priority,guidance\n\
    LI-1,level,field,1/holding/0,u16,%,0,100,80.00,1,0s,0s,high,stop filling\n";

/// A value on the good side of the limit, and one beyond it.
const CALM: f64 = 50.0;
const BEYOND: f64 = 95.0;

/// 2026-01-01; the proof has its own time.
const BEGINS: UtcTime = UtcTime(1_767_225_600_000);

/// Proves it.
///
/// # Errors
/// What did not happen.
pub(crate) fn alarms() -> Result<(), String> {
    prove(GATEWAY, TAGS)
}

fn prove(gateway: &str, tags: &str) -> Result<(), String> {
    let mut plant = Plant::build(gateway, tags)?;
    plant.happen(Event::Started);
    plant.happen(Event::Source(SourceIx(0), Link::Up));
    plant.read(CALM);
    ensure(plant.states().is_empty(), "an alarm is raised by a value within its limits")?;
    let calm = plant.engine.annunciation();
    plant.read(BEYOND);
    ensure(plant.states() == [AlarmState::Unacknowledged], "no alarm is raised by a value beyond its limit")?;
    let alarmed = plant.engine.annunciation();
    ensure(alarmed.horn && alarmed != calm, "an alarm does not reach lamp and horn")?;
    plant.acknowledge()?;
    ensure(plant.states() == [AlarmState::Acknowledged], "an alarm cannot be acknowledged")?;
    ensure(!plant.engine.annunciation().horn, "the horn goes on after the acknowledgement")?;
    plant.read(CALM);
    ensure(plant.states().is_empty(), "an alarm is not over when its value is within its limits again")?;
    let after = plant.engine.annunciation();
    ensure(Annunciation { silenced_until: calm.silenced_until, ..after } == calm, "lamp and horn do not come to rest")
}

fn ensure(holds: bool, otherwise: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(format!("its proof that it alarms fails: {otherwise}")) }
}

struct Plant {
    engine: Engine,
    now: Now,
}

impl Plant {
    fn build(gateway: &str, tags: &str) -> Result<Self, String> {
        let files = [("gateway.toml", gateway), ("tags.csv", tags)];
        let files = Files(files.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec())).into());
        let checked = davy_config::read(&files, &|name| Err(format!("{name} is no secret of the proof")));
        let checked = checked.map_err(|errors| format!("its proof cannot be read: {errors}"))?;
        let now = Now { monotonic: Monotonic(0), utc: BEGINS };
        Ok(Self { engine: Engine::new(checked.configuration.site, 1, now), now })
    }

    fn happen(&mut self, event: Event) -> Effects {
        let mut effects = Effects::default();
        self.engine.apply(self.now, event, &mut effects);
        self.now = Now { monotonic: Monotonic(self.now.monotonic.0 + 1_000), utc: UtcTime(self.now.utc.0 + 1_000) };
        effects
    }

    fn read(&mut self, value: f64) {
        let (utc, quality) = (self.now.utc, Quality::GOOD);
        self.happen(Event::Samples(vec![Sample {
            tag: TagIx(0),
            value,
            quality,
            source_time: Some(utc),
            received_time: utc,
        }]));
        self.happen(Event::Tick);
    }

    /// Of the alarms that are about the tag.
    fn states(&self) -> Vec<AlarmState> {
        self.engine.snapshot(self.now.utc).alarms.iter().map(|alarm| alarm.state).collect()
    }

    fn acknowledge(&mut self) -> Result<(), String> {
        let alarms = self.engine.snapshot(self.now.utc).alarms;
        let alarm = alarms.first().map(|alarm| alarm.id.clone()).ok_or("there is no alarm to acknowledge")?;
        let kind = CommandKind::AcknowledgeAlarm { alarm };
        let effects = self.happen(Event::Command(Command { request: 1, by: "proof".to_owned(), kind }));
        let refused = effects.answers.into_iter().find_map(|answer| answer.result.err());
        refused.map_or(Ok(()), |refused| Err(format!("an alarm cannot be acknowledged: {}", refused.words())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_program_alarms() {
        assert_eq!(alarms(), Ok(()));
    }

    #[test]
    fn a_program_that_does_not_is_found_out() {
        for (changed, why) in [
            (TAGS.replace(",80.00,", ",99.00,"), "no alarm is raised"),
            (TAGS.replace(",80.00,", ",20.00,"), "within its limits"),
            (TAGS.replace(",80.00,", ",,"), "no alarm is raised"),
            (TAGS.replace("LI-1,", ","), "cannot be read"),
        ] {
            let said = prove(GATEWAY, &changed).expect_err(why);
            assert!(said.contains(why), "{said}");
        }
    }
}
