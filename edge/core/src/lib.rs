//! The engine of Davy: a pure function with memory, `apply(now, event) -> effects`.
//!
//! No IO, no clock, no async, no randomness, no hash-map iteration. So it can be simulated with a seed, restarted
//! anywhere and replayed exactly. The modules form a line; each imports only what stands before it.

pub mod time;
pub mod words;
pub mod id;
pub mod limits;
pub mod quality;
pub mod calendar;
pub mod model;
pub mod table;
pub mod event;
pub mod trigger;
pub mod record;
pub mod saved;
mod timers;
pub mod rules;
mod trend;
mod quiet;
mod index;
mod memory;
mod tickets;
mod compounds;
mod gatherings;
mod watch;
mod inputs;
mod alarms;
mod hiding;
mod measures;
mod warnings;
mod units;
pub mod tasks;
pub mod indicators;
mod hazards;
pub mod annunciation;
pub mod effect;
pub mod snapshot;
pub mod health;
mod engine;

pub use engine::Engine;
