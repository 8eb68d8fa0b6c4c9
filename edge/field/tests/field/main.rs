//! Connectors against real servers that this project did not write: asyncua, pymodbus and Mosquitto.

mod modbus;
mod modbus_gateway;
mod mqtt;
mod opcua;
mod opcua_notifications;
mod opcua_poll;
mod opcua_server;
mod opcua_standby;
mod opcua_traps;
mod script;
mod stand;
