//! Connectors against real servers that this project did not write: asyncua, pymodbus and Mosquitto.

mod modbus;
mod modbus_gateway;
mod mqtt;
mod opcua;
mod opcua_security;
mod script;
mod stand;
