//! Which values share a request. Pure.

use davy_config::{ModbusData, ModbusItem, ModbusSource, ModbusTable};

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

/// The requests that read some items, in the order of unit, table and address. Values are merged over gaps, as far as the
/// limits of their unit allow, and never split.
pub(crate) fn plan(source: &ModbusSource, wanted: impl IntoIterator<Item = usize>) -> Vec<Block> {
    let items = &source.items;
    let mut order: Vec<usize> = wanted.into_iter().collect();
    order.sort_by_key(|&at| (items[at].unit_id, items[at].table, items[at].address, at));
    let mut blocks: Vec<Vec<usize>> = Vec::new();
    let mut end = 0;
    for at in order {
        let joins = blocks.last().is_some_and(|block| may_join(source, block, end, at));
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
    let bit = if let ModbusData::Bit(bit) = item.data { format!(".{bit}") } else { String::new() };
    format!("{}/{}/{}{bit}", item.unit_id, item.table.name(), item.address)
}

fn may_join(source: &ModbusSource, block: &[usize], end: u32, at: usize) -> bool {
    let (first, next) = (&source.items[block[0]], &source.items[at]);
    let (start, joined_end) = (u32::from(first.address), end.max(end_of(next)));
    let limits = source.limits_of(first.unit_id);
    first.unit_id == next.unit_id
        && first.table == next.table
        && !limits.one_by_one
        && u32::from(next.address) <= end + u32::from(limits.gap_max)
        && joined_end - start <= limits.longest(next.table)
        && !limits.forbids(next.table, start, joined_end)
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
pub(crate) mod tests {
    use super::*;
    use davy_config::{
        ByteOrder, ModbusFraming, ModbusLimits, ModbusLink, ModbusPace, ModbusSpan, ModbusUnit, NetworkAddress,
    };
    use davy_core::id::{SourceIx, TagIx};
    use proptest::prelude::*;

    pub(crate) fn item(unit_id: u8, table: ModbusTable, address: u16, data: ModbusData) -> ModbusItem {
        let order = ByteOrder::Abcd;
        ModbusItem {
            tag: TagIx(0),
            unit_id,
            table,
            address,
            data,
            order,
            scale: 1.0,
            offset: 0.0,
            texts: None,
            poll_ms: 1_000,
        }
    }

    pub(crate) fn source(items: Vec<ModbusItem>) -> ModbusSource {
        ModbusSource {
            source: SourceIx(0),
            link: ModbusLink::Connect { address: NetworkAddress::default(), backup: None, framing: ModbusFraming::Tcp },
            poll_interval_ms: 1_000,
            pace: ModbusPace {
                timeout_ms: 1_000,
                late_ms: 1_000,
                retries: 0,
                pause_after_connect_ms: 0,
                pause_between_requests_ms: 0,
            },
            limits: limits(),
            units: Vec::new(),
            identify: false,
            items,
        }
    }

    fn limits() -> ModbusLimits {
        ModbusLimits { gap_max: 8, registers_max: 125, bits_max: 2_000, one_by_one: false, forbidden: Vec::new() }
    }

    fn all(source: &ModbusSource) -> Vec<Block> {
        plan(source, 0..source.items.len())
    }

    fn spans(items: &[ModbusItem], limits: ModbusLimits) -> Vec<(u8, u16, u16)> {
        let source = ModbusSource { limits, ..source(items.to_vec()) };
        all(&source).iter().map(|block| (block.unit_id, block.start, block.count)).collect()
    }

    fn over(gap_max: u16) -> ModbusLimits {
        ModbusLimits { gap_max, ..limits() }
    }

    fn words(addresses: impl IntoIterator<Item = u16>) -> Vec<ModbusItem> {
        addresses.into_iter().map(|at| item(1, ModbusTable::Holding, at, ModbusData::U16)).collect()
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
        assert_eq!(spans(&items, over(8)), [(1, 0, 12), (1, 0, 2), (2, 0, 1)]);
        assert_eq!(spans(&items, over(7)), [(1, 0, 1), (1, 9, 3), (1, 0, 2), (2, 0, 1)]);
        assert_eq!(spans(&[], over(8)), []);
    }

    #[test]
    fn overlapping_values_share_their_registers() {
        let items = [
            item(1, ModbusTable::Holding, 4, ModbusData::F64),
            item(1, ModbusTable::Holding, 5, ModbusData::U16),
            item(1, ModbusTable::Holding, 4, ModbusData::Bool),
        ];
        assert_eq!(spans(&items, over(0)), [(1, 4, 4)]);
    }

    #[test]
    fn a_request_is_as_long_as_is_allowed_and_no_value_is_cut() {
        let pairs: Vec<_> = (0..125).map(|at| item(1, ModbusTable::Input, at * 2, ModbusData::F32)).collect();
        assert_eq!(spans(&pairs, over(0)), [(1, 0, 124), (1, 124, 124), (1, 248, 2)]);
        let short = ModbusLimits { registers_max: 5, ..limits() };
        assert_eq!(spans(&pairs[..4], short), [(1, 0, 4), (1, 4, 4)]);
        let bits: Vec<_> = (0..2_001).map(|at| item(1, ModbusTable::Coil, at, ModbusData::Bool)).collect();
        assert_eq!(spans(&bits, over(0)), [(1, 0, 2_000), (1, 2_000, 1)]);
        assert_eq!(spans(&[item(1, ModbusTable::Holding, 65_532, ModbusData::F64)], over(0)), [(1, 65_532, 4)]);
    }

    #[test]
    fn what_is_forbidden_is_never_covered() {
        let forbidden = vec![ModbusSpan { table: ModbusTable::Holding, first: 3, last: 4 }];
        assert_eq!(spans(&words([0, 2, 5, 6]), ModbusLimits { forbidden, ..limits() }), [(1, 0, 3), (1, 5, 2)]);
        let elsewhere = vec![ModbusSpan { table: ModbusTable::Input, first: 3, last: 4 }];
        assert_eq!(spans(&words([0, 2, 5, 6]), ModbusLimits { forbidden: elsewhere, ..limits() }), [(1, 0, 7)]);
    }

    #[test]
    fn one_by_one_each_value_has_its_request_and_a_unit_may_have_limits_of_its_own() {
        let alone = ModbusLimits { one_by_one: true, ..limits() };
        assert_eq!(spans(&words([0, 1]), alone.clone()), [(1, 0, 1), (1, 1, 1)]);
        let mut items = words([0, 1]);
        items.extend(words([0, 1]).into_iter().map(|item| ModbusItem { unit_id: 2, ..item }));
        let source = ModbusSource { units: vec![ModbusUnit { unit_id: 2, limits: alone }], ..source(items) };
        let counts: Vec<_> = all(&source).iter().map(|block| (block.unit_id, block.count)).collect();
        assert_eq!(counts, [(1, 2), (2, 1), (2, 1)]);
    }

    #[test]
    fn halving_ends_at_single_values() {
        let items: Vec<_> = words([0, 2, 4]);
        let blocks = all(&source(items.clone()));
        let [first, second] = halves(&items, &blocks[0]).unwrap();
        assert_eq!((first.items.as_slice(), first.start, first.count), ([0].as_slice(), 0, 1));
        assert_eq!((second.items.as_slice(), second.start, second.count), ([1, 2].as_slice(), 2, 3));
        assert_eq!(halves(&items, &first), None);
        assert_eq!(single(&items, 0), first);
    }

    prop_compose! {
        fn any_limits()(
            gap_max in 0u16..121,
            registers_max in 4u16..126,
            bits_max in 1u16..2_001,
            one_by_one: bool,
            forbidden in prop::collection::vec((0usize..4, 0u16..600, 0u16..20), 0..4),
        ) -> ModbusLimits {
            let forbidden = forbidden.into_iter();
            let forbidden = forbidden.map(|(table, first, more)| ModbusSpan { table: TABLES[table], first, last: first + more });
            ModbusLimits { gap_max, registers_max, bits_max, one_by_one, forbidden: forbidden.collect() }
        }
    }

    const TABLES: [ModbusTable; 4] =
        [ModbusTable::Coil, ModbusTable::Discrete, ModbusTable::Holding, ModbusTable::Input];

    proptest! {
        /// A value is torn when its registers come in two answers: here each lies whole in exactly one request.
        #[test]
        fn every_value_lies_whole_in_exactly_one_request_that_its_unit_allows(
            wanted in prop::collection::vec((0u8..3, 0usize..4, 0u16..600, 0usize..4), 0..200),
            limits in any_limits(),
            of_unit_1 in any_limits(),
        ) {
            let units = vec![ModbusUnit { unit_id: 1, limits: of_unit_1 }];
            let source = ModbusSource { limits, units, ..source(Vec::new()) };
            let items = wanted.iter().map(|&(unit, table, address, data)| {
                let table = TABLES[table];
                let data = [ModbusData::U16, ModbusData::F32, ModbusData::I64, ModbusData::Bit(3)][data];
                item(unit, table, address, if table.is_of_bits() { ModbusData::Bool } else { data })
            });
            // The configuration refuses values that are forbidden.
            let items = items.filter(|item| {
                !source.limits_of(item.unit_id).forbids(item.table, item.address.into(), end_of(item))
            });
            let source = ModbusSource { items: items.collect(), ..source.clone() };
            let mut seen = vec![0; source.items.len()];
            for block in all(&source) {
                let (limits, end) = (source.limits_of(block.unit_id), u32::from(block.start) + u32::from(block.count));
                prop_assert!(u32::from(block.count) <= limits.longest(block.table) && block.count > 0);
                prop_assert!(!limits.forbids(block.table, block.start.into(), end));
                prop_assert!(!limits.one_by_one || block.items.len() == 1);
                let mut wanted = vec![false; usize::from(block.count)];
                for &at in &block.items {
                    let item = &source.items[at];
                    seen[at] += 1;
                    prop_assert_eq!((item.unit_id, item.table), (block.unit_id, block.table));
                    prop_assert!(item.address >= block.start && end_of(item) <= end);
                    let from = usize::from(item.address - block.start);
                    wanted[from..from + usize::from(item.data.registers())].fill(true);
                }
                let longest = wanted.split(|wanted| *wanted).map(<[bool]>::len).max().unwrap_or_default();
                prop_assert!(longest <= usize::from(limits.gap_max));
            }
            prop_assert!(seen.iter().all(|&times| times == 1));
        }
    }
}
