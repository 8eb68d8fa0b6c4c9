//! How the box is doing that shows and sounds alarms on the spot.

use crate::{annunciation::LampColour, time::UtcTime};
use serde::Serialize;

/// Lamp, horn, relays, buttons and watchdogs.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct PanelHealth {
    /// The kind of box.
    pub kind: String,
    /// What it is, in words.
    pub name: String,
    /// Whether lines of hardware are driven; otherwise lamp, horn and relays are on the page and in the log alone.
    pub hardware: bool,
    /// Whether the loop that evaluates alarms is alive; the health relay says the same.
    pub alive: bool,
    /// The outputs.
    pub outputs: Vec<PanelOutput>,
    /// The inputs.
    pub inputs: Vec<PanelInput>,
    /// What restarts the gateway when it hangs.
    pub watchdogs: Vec<WatchdogHealth>,
    /// The box's temperature in degrees Celsius, where it is known.
    pub celsius: Option<i32>,
    /// The test that runs.
    pub test: Option<PanelTest>,
    /// Everything that is wrong, in words for a person: what, and what to do.
    pub troubles: Vec<String>,
}

/// An output.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PanelOutput {
    /// Its name.
    pub name: String,
    /// What it does: `lamp`, `horn`, `health`, `alarm_relay`, `horn_relay`, `alive_led`, `trouble_led`.
    pub role: &'static str,
    /// The colour of a lamp.
    pub colour: Option<LampColour>,
    /// What it does now.
    pub state: OutputState,
    /// What is wrong with it.
    pub trouble: Option<String>,
}

/// What an output does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OutputState {
    /// Off.
    Off,
    /// On.
    On,
    /// On and off, again and again.
    Pulsing,
}

/// An input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PanelInput {
    /// Its name.
    pub name: String,
    /// What it means: `acknowledge`, `silence`, `lamp_test`, `power_fail`, `current`, `contact`.
    pub role: &'static str,
    /// Whether it is active; absent when it cannot be read.
    pub active: Option<bool>,
    /// What is wrong with it.
    pub trouble: Option<String>,
}

/// Something that restarts the gateway when nothing feeds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WatchdogHealth {
    /// `systemd`, or the path of a device.
    pub name: String,
    /// Whether it is fed.
    pub fed: bool,
    /// It acts after so many seconds without, where that is known.
    pub timeout_s: Option<u64>,
    /// Why it is not fed, in words; empty while it is.
    pub detail: String,
}

/// A test of outputs by a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PanelTest {
    /// Who tests.
    pub by: String,
    /// What is set to what meanwhile, by the names of the outputs.
    pub outputs: Vec<TestedOutput>,
    /// When everything is normal again, whatever happens.
    pub ends_at: UtcTime,
}

/// An output under test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TestedOutput {
    /// Its name.
    pub name: String,
    /// Whether it is switched on.
    pub on: bool,
}
