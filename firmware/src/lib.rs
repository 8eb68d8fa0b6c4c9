//! The box: what shows and sounds alarms on the spot. It must never decide anything (what to show is the engine's), never
//! wait and never write toward the plant's control systems.

mod simulated;

pub use simulated::Simulated;

use davy_core::annunciation::Annunciation;

/// What a box can do with its lamp, horn and alarm relay.
pub trait Board: Send {
    /// What kind of board it is, as in `board.kind` of the configuration.
    fn kind(&self) -> &'static str;

    /// Shows this from now on. Called at once when it changes and once after every start, before anything else.
    ///
    /// # Errors
    /// When an output cannot be driven; the gateway then goes on alarming by every other way and says so.
    fn show(&mut self, annunciation: Annunciation) -> std::io::Result<()>;
}
