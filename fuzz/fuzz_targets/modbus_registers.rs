//! What a Modbus device may answer.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| davy_field::fuzz::modbus_registers(bytes));
