//! A look at a source before there is a configuration. Like everything on the field side it can only read.

pub mod modbus;
pub mod opcua;
