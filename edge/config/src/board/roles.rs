//! What the outputs and inputs of a box do.

use super::{DEBOUNCE, HOLD_UP, lines::Lines};
use crate::{
    documents::Section,
    limits,
    text::{Text, quoted},
    types::{BoardInput, BoardOutput, InputBias, InputRole, OutputRole, Pulse},
    words::{self, BoardRole, InputWord},
};

/// Shorter than this no relay follows; longer, and one that falls off by itself would.
const HEALTH_PULSE: std::ops::RangeInclusive<u64> = 50..=1_000;

/// A gateway ends its connections and writes its last rows within so long at the most.
const ORDERLY_STOP_MS: u64 = 12_000;

pub(super) fn outputs(root: &Section<'_>, lines: &mut Lines) -> Vec<BoardOutput> {
    let mut outputs: Vec<BoardOutput> = Vec::new();
    for section in bounded(root.sections("output")) {
        section.knows(&["name", "role", "colour", "line", "chip", "offset", "active", "safe", "pulse"]);
        let name = name(&section, outputs.iter().map(|output| output.name.as_str()));
        let Some(role) = output_role(&section) else { continue };
        let safe_on = section.one_of("safe", words::ON_OFF, false);
        let spot = section.key("safe").unwrap_or_else(|| section.spot());
        if safe_on && matches!(role, OutputRole::Health(_)) {
            spot.error("safe: the health relay says that the gateway alarms, so it is off when nobody drives it; remove the key");
        }
        if let Some(other) = outputs.iter().find(|output| is_one_of_its_kind(role) && output.role == role) {
            section.spot().error(format_args!("{name} does what {} does; a box has one of these", other.name));
        }
        let line = lines.of(&section, &name);
        let active_low = section.one_of("active", words::ACTIVE, false);
        outputs.push(BoardOutput { name, role, line, active_low, safe_on });
    }
    for (missing, what) in [
        (!outputs.iter().any(|output| output.role == OutputRole::Horn), "no horn: alarms are not heard"),
        (
            !outputs.iter().any(|output| matches!(output.role, OutputRole::Lamp(_))),
            "no lamp: alarms are not seen beside the plant",
        ),
        (
            !outputs.iter().any(|output| matches!(output.role, OutputRole::Health(_))),
            "no health relay: nobody outside hears when the gateway cannot alarm",
        ),
    ] {
        if missing {
            root.spot().warn(format_args!("the box has {what}; add it as an [[output]] if it is wired"));
        }
    }
    outputs
}

fn output_role(section: &Section<'_>) -> Option<OutputRole> {
    let word = section.needed_text("role", "lamp").and_then(|text| text.one_of(words::BOARD_ROLES))?;
    if !matches!(word, BoardRole::Lamp)
        && let Some(spot) = section.key("colour")
    {
        spot.error("colour: only a lamp has one; remove the key");
    }
    if !matches!(word, BoardRole::Health)
        && let Some(spot) = section.key("pulse")
    {
        spot.error("pulse: only the health relay has one, lamp and horn have theirs in [patterns]; remove the key");
    }
    Some(match word {
        BoardRole::Lamp => {
            OutputRole::Lamp(section.needed_text("colour", "red").and_then(|text| text.one_of(words::LAMP_COLOURS))?)
        }
        BoardRole::Horn => OutputRole::Horn,
        BoardRole::Health => {
            let pulse = section.key("pulse").map(|_| section.duration("pulse", HEALTH_PULSE, *HEALTH_PULSE.start()));
            OutputRole::Health(pulse.map(|ms| Pulse { on_ms: ms, off_ms: ms }))
        }
        BoardRole::AlarmRelay => OutputRole::AlarmRelay,
        BoardRole::HornRelay => OutputRole::HornRelay,
        BoardRole::AliveLed => OutputRole::AliveLed,
        BoardRole::TroubleLed => OutputRole::TroubleLed,
    })
}

fn is_one_of_its_kind(role: OutputRole) -> bool {
    matches!(role, OutputRole::Lamp(_))
}

pub(super) fn inputs(root: &Section<'_>, outputs: &[BoardOutput], lines: &mut Lines) -> Vec<BoardInput> {
    let mut inputs: Vec<BoardInput> = Vec::new();
    for section in bounded(root.sections("input")) {
        section.knows(&["name", "role", "of", "hold_up", "line", "chip", "offset", "active", "bias", "debounce"]);
        let taken = outputs.iter().map(|output| output.name.as_str());
        let name = name(&section, taken.chain(inputs.iter().map(|input| input.name.as_str())));
        let Some(role) = input_role(&section, outputs) else { continue };
        let line = lines.of(&section, &name);
        let active_low = section.one_of("active", words::ACTIVE, false);
        let bias = section.one_of("bias", words::BIASES, InputBias::AsIs);
        let debounce_ms = section.duration("debounce", DEBOUNCE, if is_button(role) { 50 } else { 20 });
        inputs.push(BoardInput { name, role, line, active_low, bias, debounce_ms });
    }
    inputs
}

fn is_button(role: InputRole) -> bool {
    matches!(role, InputRole::Acknowledge | InputRole::Silence | InputRole::LampTest)
}

fn input_role(section: &Section<'_>, outputs: &[BoardOutput]) -> Option<InputRole> {
    let word = section.needed_text("role", "acknowledge").and_then(|text| text.one_of(words::INPUT_ROLES))?;
    if !matches!(word, InputWord::Current)
        && let Some(spot) = section.key("of")
    {
        spot.error("of: only an input of the role current has it; remove the key");
    }
    if !matches!(word, InputWord::PowerFail)
        && let Some(spot) = section.key("hold_up")
    {
        spot.error("hold_up: only an input of the role power_fail has it; remove the key");
    }
    Some(match word {
        InputWord::Acknowledge => InputRole::Acknowledge,
        InputWord::Silence => InputRole::Silence,
        InputWord::LampTest => InputRole::LampTest,
        InputWord::Contact => InputRole::Contact,
        InputWord::PowerFail => {
            let hold_up_ms = section.duration("hold_up", HOLD_UP, ORDERLY_STOP_MS);
            if hold_up_ms < ORDERLY_STOP_MS {
                let spot = section.key("hold_up").unwrap_or_else(|| section.spot());
                spot.warn("hold_up: an orderly stop may take up to 12s; the record of the power failure is on the disk well before, and the rest of the stop may be cut off");
            }
            InputRole::PowerFail { hold_up_ms }
        }
        InputWord::Current => InputRole::Current { output: watched(section, outputs)? },
    })
}

/// The lamp or horn whose current is sensed.
fn watched(section: &Section<'_>, outputs: &[BoardOutput]) -> Option<usize> {
    let of = section.needed_text("of", "lamp_red")?;
    let can_be = |role| matches!(role, OutputRole::Lamp(_) | OutputRole::Horn);
    let found = outputs.iter().position(|output| can_be(output.role) && output.name == of.text);
    if found.is_none() {
        of.wrong(format_args!("{} is no lamp and no horn of this box; name one", quoted(of.text)));
    }
    found
}

fn bounded(sections: Vec<Section<'_>>) -> Vec<Section<'_>> {
    if let Some(beyond) = sections.get(limits::BOARD_LINES_MAX) {
        beyond.spot().error(format_args!("a box has at most {} of these; remove the rest", limits::BOARD_LINES_MAX));
    }
    sections.into_iter().take(limits::BOARD_LINES_MAX).collect()
}

fn name<'t>(section: &Section<'_>, mut taken: impl Iterator<Item = &'t str>) -> String {
    let text = section.needed_text("name", "lamp_red");
    let name = text.and_then(Text::code).unwrap_or_default();
    if let Some(text) = text
        && !name.is_empty()
        && taken.any(|taken| taken == name)
    {
        text.wrong(format_args!("{} is there already; each output and input has a name of its own", quoted(name)));
    }
    name.to_owned()
}
