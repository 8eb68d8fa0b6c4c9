//! A look at what a source offers, for a person who has no configuration yet.

pub mod opcua;
