//! How the box is doing, as pages show it.

use crate::{panel::Drive, turn::Turn};
use davy_config::{BoardDriver, InputRole, OutputRole};
use davy_core::{
    annunciation::LampColour,
    health::{OutputState, PanelHealth, PanelInput, PanelOutput, PanelTest, TestedOutput},
    time::Monotonic,
};

impl Turn {
    pub(crate) fn health(&self, now: Monotonic) -> PanelHealth {
        let outputs: Vec<PanelOutput> = (0..self.board.outputs.len()).map(|at| self.output(at)).collect();
        let inputs: Vec<PanelInput> = (0..self.board.inputs.len()).map(|at| self.input(at, now)).collect();
        let watchdogs = self.watchdogs.health();
        let of_outputs = outputs.iter().map(|output| (&output.name, &output.trouble));
        let of_inputs = inputs.iter().map(|input| (&input.name, &input.trouble));
        let of_lines =
            of_outputs.chain(of_inputs).filter_map(|(name, trouble)| Some(format!("{name}: {}", trouble.as_ref()?)));
        // That it is not fed because the loop hangs is no trouble of the watchdog.
        let of_watchdogs = watchdogs.iter().filter(|_| self.panel.is_alive()).filter(|dog| !dog.fed);
        let of_watchdogs = of_watchdogs.map(|dog| dog.detail.clone());
        let troubles = of_lines.chain(of_watchdogs).chain(self.temperature.trouble()).collect();
        PanelHealth {
            kind: self.board.kind.clone(),
            name: self.board.name.clone(),
            hardware: self.board.driver != BoardDriver::Simulated,
            alive: self.panel.is_alive(),
            celsius: self.temperature.celsius(),
            test: self.test(),
            outputs,
            inputs,
            watchdogs,
            troubles,
        }
    }

    fn output(&self, at: usize) -> PanelOutput {
        let output = &self.board.outputs[at];
        let (role, colour) = role_of_output(output.role);
        let state = match self.panel.drive(at) {
            Drive::Off => OutputState::Off,
            Drive::On => OutputState::On,
            Drive::Pulse(_) => OutputState::Pulsing,
        };
        let trouble = self.lines.output_fault(at).map(str::to_owned);
        PanelOutput { name: output.name.clone(), role, colour, state, trouble }
    }

    fn input(&self, at: usize, now: Monotonic) -> PanelInput {
        let input = &self.board.inputs[at];
        let fault = self.lines.input_fault(at).map(str::to_owned);
        PanelInput {
            name: input.name.clone(),
            role: role_of_input(input.role),
            active: self.panel.active(at),
            trouble: fault.or_else(|| self.panel.trouble_of(at, now)),
        }
    }

    fn test(&self) -> Option<PanelTest> {
        let (test, ends_at) = self.panel.running_test()?;
        let outputs = test.outputs.iter().map(|(name, on)| TestedOutput { name: name.clone(), on: *on });
        Some(PanelTest { by: test.by.clone(), outputs: outputs.collect(), ends_at })
    }
}

fn role_of_output(role: OutputRole) -> (&'static str, Option<LampColour>) {
    match role {
        OutputRole::Lamp(colour) => ("lamp", Some(colour)),
        OutputRole::Horn => ("horn", None),
        OutputRole::Health(_) => ("health", None),
        OutputRole::AlarmRelay => ("alarm_relay", None),
        OutputRole::HornRelay => ("horn_relay", None),
        OutputRole::AliveLed => ("alive_led", None),
        OutputRole::TroubleLed => ("trouble_led", None),
    }
}

fn role_of_input(role: InputRole) -> &'static str {
    match role {
        InputRole::Acknowledge => "acknowledge",
        InputRole::Silence => "silence",
        InputRole::LampTest => "lamp_test",
        InputRole::PowerFail { .. } => "power_fail",
        InputRole::Current { .. } => "current",
        InputRole::Contact => "contact",
    }
}
