//! Servers of very many values that never rest, to measure what a gateway can carry: one over OPC UA, one over Modbus TCP.
//! Every value stays between 0 and 100, so that limits outside of that are never reached.

mod modbus;
mod opcua;

pub use modbus::{Holds, Registers, STAMP_REGISTERS, serve_registers};
pub use opcua::{Held, Items, serve_items};

/// Values go up by one, so many times, and begin again at 25.
pub const STEPS: u16 = 50;

/// The lowest value that any of the servers gives.
const LOWEST: u16 = 25;

fn value(step: u64) -> u16 {
    LOWEST + u16::try_from(step % u64::from(STEPS)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_go_up_by_one_and_begin_again() {
        let steps: Vec<u16> = [0, 1, 49, 50].into_iter().map(value).collect();
        assert_eq!(steps, [25, 26, 74, 25]);
    }
}
