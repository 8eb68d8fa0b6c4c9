//! What may come from a field broker.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| davy_field::fuzz::mqtt_message(bytes));
