//! Connectors against real servers that this project did not write: asyncua, pymodbus and Mosquitto.

mod modbus;
mod modbus_dial;
mod modbus_gateway;
mod modbus_line;
mod modbus_polls;
mod modbus_probe;
mod mqtt;
mod opcua;
mod script;
mod stand;
