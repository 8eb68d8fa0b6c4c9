//! Which values share a request. Pure.

use crate::limits::modbus::{BITS_PER_REQUEST, REGISTERS_PER_REQUEST};
use davy_config::{ModbusItem, ModbusTable};

/// One request: a span of one table of one unit, and the values that lie in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) unit_id: u8,
    pub(crate) table: ModbusTable,
    pub(crate) start: u16,
    pub(crate) count: u16,
    /// Places in the list of items, sorted by address.
    pub(crate) items: Vec<usize>,
}

/// The requests that read all items, in the order of unit, table and address. Values are merged over gaps of up to
/// `gap_max` entries, never split, and no request is longer than the protocol allows.
pub(crate) fn plan(items: &[ModbusItem], gap_max: u16) -> Vec<Block> {
    let mut order: Vec<usize> = (0..items.len()).collect();
    order.sort_by_key(|&at| (items[at].unit_id, items[at].table, items[at].address, at));
    let mut blocks: Vec<Vec<usize>> = Vec::new();
    let mut end = 0;
    for at in order {
        let joins = blocks.last().is_some_and(|block| may_join(items, block, end, at, gap_max));
        if joins {
            blocks.last_mut().into_iter().for_each(|block| block.push(at));
            end = end.max(end_of(&items[at]));
        } else {
            blocks.push(vec![at]);
            end = end_of(&items[at]);
        }
    }
    blocks.into_iter().map(|block| spanning(items, block)).collect()
}

/// The two halves of a block that was refused; `None` when it holds a single value.
pub(crate) fn halves(items: &[ModbusItem], block: &Block) -> Option<[Block; 2]> {
    let (first, second) = block.items.split_at(block.items.len() / 2);
    (!first.is_empty()).then(|| [spanning(items, first.to_vec()), spanning(items, second.to_vec())])
}

/// A block for one value alone.
pub(crate) fn single(items: &[ModbusItem], at: usize) -> Block {
    spanning(items, vec![at])
}

/// Where a value stands, as it is written in the point table.
pub(crate) fn place(item: &ModbusItem) -> String {
    let table = match item.table {
        ModbusTable::Coil => "coil",
        ModbusTable::Discrete => "discrete",
        ModbusTable::Holding => "holding",
        ModbusTable::Input => "input",
    };
    format!("{}/{table}/{}", item.unit_id, item.address)
}

fn may_join(items: &[ModbusItem], block: &[usize], end: u32, at: usize, gap_max: u16) -> bool {
    let (first, next) = (&items[block[0]], &items[at]);
    let start = u32::from(first.address);
    first.unit_id == next.unit_id
        && first.table == next.table
        && u32::from(next.address) <= end + u32::from(gap_max)
        && end.max(end_of(next)) - start <= longest(next.table)
}

fn longest(table: ModbusTable) -> u32 {
    match table {
        ModbusTable::Coil | ModbusTable::Discrete => BITS_PER_REQUEST,
        ModbusTable::Holding | ModbusTable::Input => REGISTERS_PER_REQUEST,
    }
}

/// One beyond the last entry of a value; beyond 65,535 no table goes, and no value of a checked configuration does.
fn end_of(item: &ModbusItem) -> u32 {
    u32::from(item.address) + u32::from(item.data.registers())
}

/// The block around values that are sorted by address.
fn spanning(items: &[ModbusItem], block: Vec<usize>) -> Block {
    let first = &items[block[0]];
    let end = block.iter().map(|&at| end_of(&items[at])).max().unwrap_or_default();
    let count = u16::try_from(end - u32::from(first.address)).unwrap_or(u16::MAX);
    Block { unit_id: first.unit_id, table: first.table, start: first.address, count, items: block }
}

#[cfg(test)]
mod tests {
    use super::*;
    use davy_config::{ByteOrder, ModbusData};
    use davy_core::id::TagIx;
    use proptest::prelude::*;

    fn item(unit_id: u8, table: ModbusTable, address: u16, data: ModbusData) -> ModbusItem {
        ModbusItem { tag: TagIx(0), unit_id, table, address, data, order: ByteOrder::Abcd, scale: 1.0, offset: 0.0 }
    }

    fn spans(items: &[ModbusItem], gap_max: u16) -> Vec<(u8, u16, u16)> {
        plan(items, gap_max).iter().map(|block| (block.unit_id, block.start, block.count)).collect()
    }

    #[test]
    fn values_are_merged_over_small_gaps_only() {
        use ModbusTable::{Holding, Input};
        let items = [
            item(1, Holding, 10, ModbusData::F32),
            item(1, Holding, 0, ModbusData::U16),
            item(1, Holding, 9, ModbusData::U16),
            item(1, Input, 0, ModbusData::F32),
            item(2, Holding, 0, ModbusData::U16),
        ];
        assert_eq!(spans(&items, 8), [(1, 0, 12), (1, 0, 2), (2, 0, 1)]);
        assert_eq!(spans(&items, 7), [(1, 0, 1), (1, 9, 3), (1, 0, 2), (2, 0, 1)]);
        assert_eq!(spans(&[], 8), []);
    }

    #[test]
    fn overlapping_values_share_their_registers() {
        let items = [
            item(1, ModbusTable::Holding, 4, ModbusData::F64),
            item(1, ModbusTable::Holding, 5, ModbusData::U16),
            item(1, ModbusTable::Holding, 4, ModbusData::Bool),
        ];
        assert_eq!(spans(&items, 0), [(1, 4, 4)]);
    }

    #[test]
    fn a_request_is_as_long_as_the_protocol_allows_and_no_value_is_cut() {
        let words: Vec<_> = (0..125).map(|at| item(1, ModbusTable::Input, at * 2, ModbusData::F32)).collect();
        assert_eq!(spans(&words, 0), [(1, 0, 124), (1, 124, 124), (1, 248, 2)]);
        let bits: Vec<_> = (0..2_001).map(|at| item(1, ModbusTable::Coil, at, ModbusData::Bool)).collect();
        assert_eq!(spans(&bits, 0), [(1, 0, 2_000), (1, 2_000, 1)]);
        assert_eq!(spans(&[item(1, ModbusTable::Holding, 65_532, ModbusData::F64)], 0), [(1, 65_532, 4)]);
    }

    #[test]
    fn halving_ends_at_single_values() {
        let items: Vec<_> = (0..3).map(|at| item(1, ModbusTable::Holding, at * 2, ModbusData::U16)).collect();
        let blocks = plan(&items, 8);
        let [first, second] = halves(&items, &blocks[0]).unwrap();
        assert_eq!((first.items.as_slice(), first.start, first.count), ([0].as_slice(), 0, 1));
        assert_eq!((second.items.as_slice(), second.start, second.count), ([1, 2].as_slice(), 2, 3));
        assert_eq!(halves(&items, &first), None);
        assert_eq!(single(&items, 0), first);
    }

    proptest! {
        #[test]
        fn every_value_lies_in_exactly_one_block_of_legal_length(
            wanted in prop::collection::vec((0u8..3, 0usize..4, 0u16..600, 0usize..3), 0..200),
            gap_max in 0u16..121,
        ) {
            use ModbusTable::{Coil, Discrete, Holding, Input};
            let items: Vec<_> = wanted.iter().map(|&(unit, table, address, data)| {
                let table = [Coil, Discrete, Holding, Input][table];
                let bits = matches!(table, Coil | Discrete);
                let data = if bits { ModbusData::Bool } else { [ModbusData::U16, ModbusData::F32, ModbusData::I64][data] };
                item(unit, table, address, data)
            }).collect();
            let blocks = plan(&items, gap_max);
            let mut seen = vec![0; items.len()];
            for block in &blocks {
                prop_assert!(u32::from(block.count) <= longest(block.table) && block.count > 0);
                for &at in &block.items {
                    seen[at] += 1;
                    prop_assert_eq!((items[at].unit_id, items[at].table), (block.unit_id, block.table));
                    prop_assert!(items[at].address >= block.start);
                    prop_assert!(end_of(&items[at]) <= u32::from(block.start) + u32::from(block.count));
                }
            }
            prop_assert!(seen.iter().all(|&times| times == 1));
        }
    }
}
