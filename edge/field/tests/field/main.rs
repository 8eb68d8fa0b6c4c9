//! Connectors against real servers that this project did not write: asyncua, pymodbus and Mosquitto.

mod growth;
mod modbus;
mod modbus_blame;
mod modbus_dial;
mod modbus_gateway;
mod modbus_line;
mod modbus_polls;
mod modbus_probe;
mod mqtt;
mod mqtt_again;
mod mqtt_tls;
mod opcua;
mod opcua_bare;
mod opcua_conditions;
mod opcua_security;
mod opcua_history;
mod opcua_notifications;
mod opcua_poll;
mod opcua_probe;
mod opcua_server;
mod opcua_standby;
mod opcua_traps;
mod reconnects;
mod relay;
mod script;
mod stand;
