//! A simulated plant with a story: a tank farm and a reaction unit, over the real protocols and nothing else.
//!
//! An OPC UA server, a Modbus TCP server and two MQTT brokers listen on loopback; people's beacons and cameras publish;
//! things go wrong by a table ([`start`] plays it, some minutes a cycle) and an enterprise receiver keeps a ledger of what
//! a gateway makes of it. It drives the demo and tests, shares no code with the gateway but the core's plain types, and
//! must never be a part of the appliance.

mod broker;
pub mod bulk;
mod cameras;
mod configuration;
mod description;
mod director;
mod field;
mod image;
mod limits;
mod link;
mod modbus;
mod noise;
mod opcua;
mod people;
mod physics;
mod plant;
mod receiver;
mod settings;
mod story;
mod switch;
mod view;

pub use configuration::configuration;
pub use plant::{Plant, start};
pub use receiver::{ReceivedMessage, ReceiverView};
pub use settings::{Endpoints, PlantError, Settings};
pub use view::PlantView;
