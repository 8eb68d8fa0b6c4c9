//! `[board]` of `gateway.toml`, and the description of a box: a built-in one by its kind, or `board.toml` beside it.

mod lines;
mod roles;

use crate::{
    documents::{Document, Section},
    durations,
    files::{Texts, built_in},
    finding::Sink,
    sources::narrow,
    text::Text,
    types::{BoardConfig, BoardPatterns, COLOURS, OutputRole, Pulse, Thermometer},
    words,
};
use lines::Lines;
use std::{ops::RangeInclusive, path::PathBuf};

/// The descriptions that the product has.
const BUILT_IN: [(&str, &str); 3] = [
    ("simulated", include_str!("../../../config/boards/simulated.toml")),
    ("generic-gpio", include_str!("../../../config/boards/generic-gpio.toml")),
    ("cm4-relay-carrier", include_str!("../../../config/boards/cm4-relay-carrier.toml")),
];

/// The file of an enterprise's own description.
pub(crate) const OWN_FILE: &str = "board.toml";

/// IEC 60073, 4.2.3: the faster of two frequencies is 1.4 to 2.8 Hz, the slower 0.4 to 0.8 Hz, each as long on as off; halves of the period.
const FLASH: RangeInclusive<u64> = 179..=357;
const SLOW_FLASH: RangeInclusive<u64> = 625..=1_250;

/// A segment of a horn lasts 0.3 s at least (ISO 11429), and a pause no longer than a person would take for its end.
const HORN_ON: RangeInclusive<u64> = 300..=60_000;
const HORN_OFF: RangeInclusive<u64> = 0..=5_000;

/// The loop turns once a second at the least and may stand still for two when the configuration changes.
const HUNG_AFTER: RangeInclusive<u64> = 3_000..=60_000;

/// A box without hardware.
pub(crate) fn simulated() -> BoardConfig {
    let sink = Sink::default();
    of_built_in("simulated", &sink)
}

/// Reads the section, and the description that it names.
pub(crate) fn read(section: Option<&Section<'_>>, texts: &Texts<'_>, sink: &Sink) -> BoardConfig {
    let kind = section.and_then(|section| {
        section.knows(&["kind", "file"]);
        let kinds: Vec<_> = BUILT_IN.iter().map(|(kind, _)| *kind).collect();
        let kind = section.text("kind").and_then(Text::given)?;
        let known = kinds.iter().find(|known| **known == kind.text).copied();
        if known.is_none() {
            let suggestion = kind.spot.suggest(kind.text, kinds.iter().copied()).unwrap_or_default();
            kind.wrong(format_args!(
                "{} is no box that the gateway knows{suggestion}; write one of {}, or describe your own in {OWN_FILE} and write file = \"{OWN_FILE}\"",
                crate::text::quoted(kind.text),
                kinds.join(", ")
            ));
        }
        known
    });
    let file = section.and_then(|section| section.text("file")).and_then(Text::given);
    if let Some(file) = file {
        return own(file, section, texts);
    }
    of_built_in(kind.unwrap_or("simulated"), sink)
}

fn own(file: Text<'_>, section: Option<&Section<'_>>, texts: &Texts<'_>) -> BoardConfig {
    if section.is_some_and(|section| section.key("kind").is_some()) {
        file.wrong("stands beside kind, and a gateway is one box; remove one of the two keys");
    }
    if file.text != OWN_FILE {
        file.wrong(format_args!("must be \"{OWN_FILE}\", a file beside this one; rename the file"));
        return simulated();
    }
    let document = Document::parse(texts, OWN_FILE);
    match document.root() {
        Some(root) => describe(&root, "own"),
        None => {
            if texts.is_absent(OWN_FILE) {
                file.wrong(format_args!(
                    "there is no {OWN_FILE} beside this file; copy one of config/boards and adapt it"
                ));
            }
            simulated()
        }
    }
}

fn of_built_in(kind: &str, sink: &Sink) -> BoardConfig {
    let text = BUILT_IN.iter().find(|(name, _)| *name == kind).map_or(BUILT_IN[0].1, |(_, text)| *text);
    let file = built_in(kind, text, sink);
    let document = Document::of(&file);
    let root = document.root().expect("a test reads every description that the product has");
    describe(&root, kind)
}

/// Reads a description. Each stand-in for what is wrong does nothing.
fn describe(root: &Section<'_>, kind: &str) -> BoardConfig {
    root.knows(&[
        "name",
        "driver",
        "chip",
        "hung_after",
        "watchdog",
        "shows",
        "patterns",
        "thermometer",
        "output",
        "input",
    ]);
    let name = root.needed_text("name", "罐区声光报警箱").and_then(Text::name).unwrap_or_default().to_owned();
    let driver = root.needed_text("driver", "gpio").and_then(|text| text.one_of(words::BOARD_DRIVERS));
    let driver = driver.unwrap_or(crate::types::BoardDriver::Simulated);
    let mut lines = Lines::new(driver, root.text("chip"));
    let outputs = roles::outputs(root, &mut lines);
    let inputs = roles::inputs(root, &outputs, &mut lines);
    let shows = shows(root, &outputs);
    BoardConfig {
        kind: kind.to_owned(),
        name,
        driver,
        shows,
        outputs,
        inputs,
        patterns: patterns(root.section("patterns").as_ref()),
        hung_after_ms: root.duration("hung_after", HUNG_AFTER, 5_000),
        watchdog: root.text("watchdog").and_then(device),
        thermometer: root.section("thermometer").as_ref().and_then(thermometer),
    }
}

/// Which outputs light for each colour. Where a lamp is, no alarm may leave it dark.
fn shows(root: &Section<'_>, outputs: &[crate::types::BoardOutput]) -> [Vec<usize>; 5] {
    let lamp_of = |name: &str| {
        let is_lamp = |role| matches!(role, OutputRole::Lamp(_));
        outputs.iter().position(|output| is_lamp(output.role) && output.name == name)
    };
    let own = |colour| outputs.iter().position(|output| output.role == OutputRole::Lamp(colour));
    let section = root.section("shows");
    section.iter().for_each(|section| section.knows(&COLOURS.map(|(_, name)| name)));
    let has_lamp = outputs.iter().any(|output| matches!(output.role, OutputRole::Lamp(_)));
    COLOURS.map(|(colour, name)| {
        let named = section.iter().flat_map(|section| section.texts(name));
        let named: Vec<usize> = named
            .filter_map(|text| {
                let found = lamp_of(text.text);
                if found.is_none() {
                    text.wrong(format_args!(
                        "{} is no output with role = \"lamp\"; name one",
                        crate::text::quoted(text.text)
                    ));
                }
                found
            })
            .collect();
        let written = section.as_ref().and_then(|section| section.key(name));
        match (written, own(colour)) {
            (Some(spot), _) if named.is_empty() && name != "green" => {
                spot.error(format_args!("{name}: an alarm of this colour would leave the lamp dark; name a lamp"));
            }
            (None, None) if has_lamp && name != "green" => root.missing(
                &format!("a lamp for {name}"),
                format_args!(
                    "an output with colour = \"{name}\", or [shows] {name} = [\"…\"] with the lamps that light for it"
                ),
            ),
            (Some(_), _) | (None, _) => {}
        }
        if written.is_some() { named } else { own(colour).into_iter().collect() }
    })
}

fn patterns(section: Option<&Section<'_>>) -> BoardPatterns {
    section.iter().for_each(|section| section.knows(&["flash", "slow_flash", "horn_danger", "horn_warning"]));
    let pulse = |key, on: RangeInclusive<u64>, off: RangeInclusive<u64>, default: Pulse| {
        let Some(table) = section.and_then(|section| section.section(key)) else { return default };
        table.knows(&["on", "off"]);
        Pulse { on_ms: table.duration("on", on, default.on_ms), off_ms: table.duration("off", off, default.off_ms) }
    };
    let half = |ms| Pulse { on_ms: ms, off_ms: ms };
    BoardPatterns {
        flash: pulse("flash", FLASH, FLASH, half(250)),
        slow_flash: pulse("slow_flash", SLOW_FLASH, SLOW_FLASH, half(1_000)),
        horn_danger: pulse("horn_danger", HORN_ON, HORN_OFF, half(500)),
        horn_warning: pulse("horn_warning", HORN_ON, HORN_OFF, half(1_500)),
    }
}

fn thermometer(section: &Section<'_>) -> Option<Thermometer> {
    section.knows(&["file", "celsius_max"]);
    let file = section.needed_text("file", "/sys/class/thermal/thermal_zone0/temp").and_then(device);
    Some(Thermometer { celsius_max: narrow(section.whole("celsius_max", 40..=120, 85)), file: file? })
}

/// An absolute path: what the working folder is must not decide what is driven.
fn device(text: Text<'_>) -> Option<PathBuf> {
    let path = PathBuf::from(text.given()?.text);
    if !path.is_absolute() {
        text.wrong("is no path from the root; write it as \"/dev/…\" or \"/sys/…\"");
        return None;
    }
    Some(path)
}

/// How long a thing may last that a person would notice.
const DEBOUNCE: RangeInclusive<u64> = 10..=2_000;

/// So long a supply holds up at most.
const HOLD_UP: RangeInclusive<u64> = 100..=*durations::ANY.end();

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_description_of_the_product_is_right() {
        for (kind, text) in BUILT_IN {
            let sink = Sink::default();
            let file = built_in(kind, text, &sink);
            let root = Document::of(&file);
            let board = describe(&root.root().expect("it is TOML"), kind);
            let (errors, warnings) = {
                drop(root);
                drop(file);
                sink.into_findings()
            };
            assert_eq!((errors, warnings), (vec![], vec![]), "{kind}");
            for role in [OutputRole::Horn, OutputRole::AlarmRelay] {
                assert!(board.outputs.iter().any(|output| output.role == role), "{kind} has {role:?}");
            }
            assert!(board.outputs.iter().any(|output| matches!(output.role, OutputRole::Health(_))), "{kind}");
            assert!(board.shows[1..].iter().all(|lamps| !lamps.is_empty()), "{kind} shows every alarm");
        }
    }
}
