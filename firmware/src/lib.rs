//! The box: what shows and sounds alarms on the spot, what a person presses beside it, and what restarts a gateway that hangs.
//!
//! Three storeys. [`DigitalIo`] moves lines: of a Raspberry Pi, of the kernel's GPIO character device, or of nothing at all. The panel
//! above it is pure: what is to be shown, what the inputs say and the time go in, and what each line must be comes out. A plain
//! thread turns between the two, apart from the gateway's other work, so that it can tell when that work has come to a stop.
//!
//! It must never decide what to show (that is the engine's), never make its caller wait, and never write toward the plant's
//! control systems.

mod bench;
mod hand;
mod io;
mod limits;
mod lines;
mod panel;
mod thermometer;
mod turn;
mod view;
mod watchdogs;
mod words;

pub use bench::Bench;
pub use hand::{Hand, Refusal, Test};
pub use io::{DigitalIo, Fault};
pub use limits::TEST_SECONDS_MAX;
pub use panel::{Heard, TestEnd};
pub use turn::{Setup, Systemd, Told, start};
pub use watchdogs::ServiceManager;
