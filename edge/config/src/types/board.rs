//! A box: how its lamp, horn, relays, lights and inputs are wired, and how they behave.

use davy_core::{
    annunciation::LampColour,
    id::{SourceIx, TagIx},
};
use std::path::PathBuf;

/// A box, checked: every place points somewhere, and each colour that an alarm may have is lit by some lamp, if there is one.
#[derive(Clone, Debug, PartialEq)]
pub struct BoardConfig {
    /// The name of a built-in description, or `own`.
    pub kind: String,
    /// What it is, for people.
    pub name: String,
    /// By what its lines are reached.
    pub driver: BoardDriver,
    /// Its outputs.
    pub outputs: Vec<BoardOutput>,
    /// Its inputs.
    pub inputs: Vec<BoardInput>,
    /// Which outputs light for each colour, in the order of [`COLOURS`].
    pub shows: [Vec<usize>; 5],
    /// How lamp and horn pulse.
    pub patterns: BoardPatterns,
    /// The loop that evaluates alarms counts as hung when it has not turned for so long.
    pub hung_after_ms: u64,
    /// The hardware watchdog.
    pub watchdog: Option<PathBuf>,
    /// The box's temperature.
    pub thermometer: Option<Thermometer>,
}

impl BoardConfig {
    /// A box without hardware.
    #[must_use]
    pub fn simulated() -> Self {
        crate::board::simulated()
    }
}

/// The colours of a lamp, as in [`BoardConfig::shows`].
pub const COLOURS: [(LampColour, &str); 5] = [
    (LampColour::Green, "green"),
    (LampColour::Blue, "blue"),
    (LampColour::Yellow, "yellow"),
    (LampColour::Amber, "amber"),
    (LampColour::Red, "red"),
];

/// By what the lines of a box are reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BoardDriver {
    /// There are none: lamp, horn and relays on the page and in the log.
    Simulated,
    /// The Linux GPIO character device.
    Gpio,
    /// The registers of a Raspberry Pi Compute Module.
    RaspberryPi,
}

/// A line of the processor or of an extender.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BoardLine {
    /// By its name in the device tree, on this chip or on any.
    Named {
        /// `/dev/gpiochip0`.
        chip: Option<PathBuf>,
        /// `GPIO17`.
        name: String,
    },
    /// By its number on a chip.
    Numbered {
        /// `/dev/gpiochip0`.
        chip: PathBuf,
        /// From 0.
        offset: u32,
    },
    /// Of a simulated box.
    Simulated,
}

/// An output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoardOutput {
    /// Unique among outputs and inputs.
    pub name: String,
    /// What it does.
    pub role: OutputRole,
    /// Where it is.
    pub line: BoardLine,
    /// Whether it is on when the line is low.
    pub active_low: bool,
    /// Whether it is on while nobody drives it: before the gateway runs and after it has ended.
    pub safe_on: bool,
}

/// What an output does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutputRole {
    /// Shines in this colour.
    Lamp(LampColour),
    /// Sounds.
    Horn,
    /// Is pulled in while the loop that evaluates alarms is alive. With pulses for a relay that falls off by itself without them.
    Health(Option<Pulse>),
    /// Is pulled in while an alarm of its priority is active.
    AlarmRelay,
    /// Is pulled in while the horn sounds, without its pulses.
    HornRelay,
    /// A light on the box that blinks while the loop is alive.
    AliveLed,
    /// A light on the box that shines while something is wrong with the box.
    TroubleLed,
}

/// An input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoardInput {
    /// Unique among outputs and inputs.
    pub name: String,
    /// What it means.
    pub role: InputRole,
    /// Where it is.
    pub line: BoardLine,
    /// Whether it is active when the line is low.
    pub active_low: bool,
    /// Its resistor.
    pub bias: InputBias,
    /// It has changed when it has been so for so long.
    pub debounce_ms: u64,
}

/// What an input means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputRole {
    /// A button: silence the horn.
    Silence,
    /// A button: silence the horn and acknowledge every alarm that is shown.
    Acknowledge,
    /// A button: light every lamp.
    LampTest,
    /// The supply fails; the box runs on for so many milliseconds.
    PowerFail {
        /// Milliseconds.
        hold_up_ms: u64,
    },
    /// Current flows through this lamp or horn, by its place among the outputs.
    Current {
        /// Its place.
        output: usize,
    },
    /// A dry contact, shown on the page.
    Contact,
}

/// The resistor of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputBias {
    /// As the hardware has it.
    AsIs,
    /// None.
    None,
    /// Toward the supply.
    PullUp,
    /// Toward ground.
    PullDown,
}

/// On and off, again and again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pulse {
    /// Milliseconds on, at least 1.
    pub on_ms: u64,
    /// Milliseconds off; 0 for steady.
    pub off_ms: u64,
}

/// How lamp and horn pulse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BoardPatterns {
    /// Active and unacknowledged.
    pub flash: Pulse,
    /// Gone and unacknowledged.
    pub slow_flash: Pulse,
    /// The horn while the lamp is red.
    pub horn_danger: Pulse,
    /// The horn otherwise.
    pub horn_warning: Pulse,
}

/// Where a temperature is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thermometer {
    /// Holds thousandths of a degree Celsius, as the kernel's thermal zones do.
    pub file: PathBuf,
    /// Above it something is wrong, in degrees Celsius.
    pub celsius_max: u32,
}

/// Inputs of the box that are tags: 1 while a contact is active, 0 while it is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoardSource {
    /// Its place in `site.sources`.
    pub source: SourceIx,
    /// The inputs that the box has, by their names.
    pub inputs: Vec<String>,
    /// Which of them are tags.
    pub items: Vec<BoardItem>,
}

/// A tag at an input of the box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoardItem {
    /// The tag.
    pub tag: TagIx,
    /// The place of the input in the box's list.
    pub input: usize,
}
