//! The plant as data: every instrument with what moves it, where it is read and which limits watch it; zones, cameras,
//! people and the risk model. The simulation and the rendered configuration both read it, so they cannot disagree.

mod gas;
mod loading;
mod point;
mod reactors;
pub(crate) mod risk;
pub(crate) mod site;
mod tanks;
mod utilities;

pub(crate) use gas::Gas;
pub(crate) use point::*;
pub(crate) use reactors::{REACTORS, ReactorSpec};
pub(crate) use tanks::{Duty, TANKS, TankSpec};

/// All instruments, OPC UA first, in a fixed order.
pub(crate) fn points() -> Vec<Point> {
    let mut points = tanks::points();
    points.extend(reactors::points());
    points.extend(utilities::points());
    points.extend(gas::points());
    points.extend(loading::points());
    points
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn registers(table: &[Table]) -> usize {
        let taken = |point: &Point| match &point.place {
            Place::Modbus(register) if table.contains(&register.table) => register.data.registers().max(1),
            Place::Modbus(_) | Place::OpcUa { .. } => 0,
        };
        points().iter().map(|point| usize::from(taken(point))).sum()
    }

    #[test]
    fn the_plant_is_as_large_as_promised() {
        let variables = points().iter().filter(|point| matches!(point.place, Place::OpcUa { .. })).count();
        assert!(variables >= 300, "{variables} OPC UA variables");
        assert!(
            registers(&[Table::Holding, Table::Input]) >= 200,
            "{} registers",
            registers(&[Table::Holding, Table::Input])
        );
        assert!(registers(&[Table::Coil]) > 0 && registers(&[Table::Discrete]) > 0);
        assert!(site::PEOPLE.len() >= 30 && site::ZONES.len() >= 8 && site::CAMERAS.len() >= 8);
    }

    #[test]
    fn no_tag_and_no_register_is_used_twice() {
        let (mut tags, mut places) = (BTreeSet::new(), BTreeSet::new());
        for point in points() {
            assert!(tags.insert(point.tag.clone()), "{} twice", point.tag);
            let Place::Modbus(register) = point.place else { continue };
            for word in 0..register.data.registers().max(1) {
                let place = (register.unit_id, register.table, register.address + word);
                assert!(places.insert(place), "{} overlaps at {place:?}", point.tag);
            }
        }
    }

    #[test]
    fn limits_are_ordered_and_inside_the_range() {
        for point in points() {
            let Some(watch) = &point.watch else { continue };
            let (low, high) = point.range.expect("a watched instrument has a range");
            let limits = [watch.limits.low_low, watch.limits.low, watch.limits.high, watch.limits.high_high];
            let row: Vec<f64> = [Some(low)].into_iter().chain(limits).chain([Some(high)]).flatten().collect();
            assert!(row.is_sorted_by(|one, next| one < next), "{}: {row:?}", point.tag);
        }
    }
}
