//! What may come from an enterprise's broker as a command.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| davy_uplink::commands::fuzz(bytes));
