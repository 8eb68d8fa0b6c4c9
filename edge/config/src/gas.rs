//! Gas detectors of the point table: the set points that GB/T 50493-2019, 5.5.2 gives them, the unit each is measured in, and
//! own set points, which may be stricter.

use crate::{
    defaults::{COMBUSTIBLE_LEL, GAS_ON_DELAY_MAX_MS, OPEN_PATH_LEL_M, OXYGEN_VOL, TOXIC_OF_IDLH, TOXIC_OF_OEL},
    durations,
    table::Row,
    text::{Text, quoted},
    trips::{self, Given, tidy},
    words,
};
use davy_core::model::{Gas, Limit, LimitKind};

const CLAUSE: &str = "GB/T 50493-2019, 5.5.2";

/// What the detector of a row measures; `None` for a tag that is none.
pub(crate) fn read(row: Row<'_>) -> Option<Gas> {
    let gas = row.cell("gas").given().and_then(|text| text.one_of(words::GASES));
    if gas != Some(Gas::Toxic) {
        for cell in ["oel", "idlh"].into_iter().filter_map(|column| row.cell(column).given()) {
            cell.wrong("belongs to a detector of toxic gas alone; write toxic (有毒) as gas (气体) or clear the cell");
        }
    }
    gas
}

/// The set points of a detector, from the highest to the lowest: its own where they are no laxer than the standard's.
pub(crate) fn set_points(row: Row<'_>, gas: Gas, range: Option<(f64, f64)>) -> Vec<Limit> {
    check_unit(row, gas);
    check_delay(row);
    let own = trips::given(row);
    let of_standard = standard(row, gas);
    for limit in own.iter().filter(|limit| kinds(gas).iter().all(|kind| *kind != limit.kind)) {
        limit.cell.wrong(format_args!("a detector of {} has no such set point; {}", called(gas), advice(gas)));
    }
    let stages = kinds(gas).into_iter().enumerate();
    let points: Vec<Given<'_>> = stages
        .filter_map(|(stage, kind)| {
            let of_standard = of_standard.as_ref().map(|standard| (standard.origin, standard.at[stage]));
            let own = own.iter().find(|limit| limit.kind == kind).copied();
            let own = own.filter(|own| may_stand(*own, of_standard.map(|(_, at)| at), gas));
            own.or(of_standard.map(|(cell, trip)| Given { cell, kind, trip }))
        })
        .collect();
    let has_exposure = ["oel", "idlh"].into_iter().any(|column| row.cell(column).given().is_some());
    if !has_exposure && of_standard.is_none() && points.len() < 2 {
        row.cell("gas").wrong("the set points of a toxic gas follow from its exposure limit; fill in oel (职业接触限值) in the unit of the tag, or idlh (直接致害浓度) where the detector cannot measure so little, or both H and HH");
    }
    trips::checked(row, &points, range, None)
}

/// The set points of the standard, and the cell that they follow from.
struct Standard<'a> {
    origin: Text<'a>,
    /// In the order of `kinds`.
    at: [f64; 2],
}

/// The limits that stand for the set points, from the highest to the lowest.
fn kinds(gas: Gas) -> [LimitKind; 2] {
    match gas {
        Gas::Combustible | Gas::Toxic | Gas::OpenPath => [LimitKind::HH, LimitKind::H],
        Gas::Oxygen => [LimitKind::H, LimitKind::L],
    }
}

fn standard<'a>(row: Row<'a>, gas: Gas) -> Option<Standard<'a>> {
    let origin = row.cell("gas");
    let of = |(first, second): (f64, f64)| Some(Standard { origin, at: [second, first] });
    match gas {
        Gas::Combustible => of(COMBUSTIBLE_LEL),
        Gas::OpenPath => of(OPEN_PATH_LEL_M),
        Gas::Oxygen => of(OXYGEN_VOL),
        Gas::Toxic => of_exposure(row),
    }
}

fn of_exposure<'a>(row: Row<'a>) -> Option<Standard<'a>> {
    let (oel, idlh) = (row.cell("oel").given(), row.cell("idlh").given());
    if let (Some(_), Some(idlh)) = (oel, idlh) {
        idlh.wrong("the set points follow from oel (职业接触限值) already; clear one of the two");
    }
    let (origin, (first, second)) = match (oel, idlh) {
        (Some(oel), _) => (oel, TOXIC_OF_OEL),
        (None, Some(idlh)) => (idlh, TOXIC_OF_IDLH),
        (None, None) => return None,
    };
    let limit = origin.number()?;
    if limit <= 0.0 {
        origin.wrong(format_args!("{limit} is not above 0; write the concentration in the unit of the tag"));
        return None;
    }
    Some(Standard { origin, at: [tidy(limit * second), tidy(limit * first)] })
}

/// Whether an own set point may stand; one that is laxer than the standard allows is reported.
fn may_stand(own: Given<'_>, standard: Option<f64>, gas: Gas) -> bool {
    let trip = own.trip;
    if trip <= 0.0 {
        own.cell.wrong(format_args!("{trip} is not above 0, so the alarm would never clear; write the set point"));
        return false;
    }
    let is_laxer = |standard: &f64| if own.kind.is_high() { trip > *standard } else { trip < *standard };
    let Some(standard) = standard.filter(is_laxer) else { return true };
    if gas == Gas::Oxygen {
        own.cell.warn(format_args!("{trip} is laxer than the {standard} %vol that {CLAUSE} recommends"));
    } else {
        own.cell
            .wrong(format_args!("{trip} is laxer than {CLAUSE} allows; write at most {standard} or clear the cell"));
    }
    gas == Gas::Oxygen
}

fn check_unit(row: Row<'_>, gas: Gas) {
    let cell = row.cell("engineering_unit");
    let plain: String = cell.text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect();
    let (known, example): (&[&str], &str) = match gas {
        Gas::Combustible => (&["%lel", "lel%"], "%LEL"),
        Gas::OpenPath => (&["lel·m", "lel.m", "lel*m", "lel-m", "lelm"], "LEL·m"),
        Gas::Oxygen => (&["%vol", "vol%", "%"], "%vol"),
        Gas::Toxic => (&["ppm", "ppb", "mg/m3", "mg/m³", "μmol/mol", "umol/mol"], "ppm or mg/m3"),
    };
    if !known.contains(&plain.as_str()) {
        cell.wrong(format_args!(
            "{} is no unit of {}; write {example}, and let the tag be measured in it",
            quoted(cell.text),
            called(gas)
        ));
    }
}

fn check_delay(row: Row<'_>) {
    let cell = row.cell("on_delay");
    let given = cell.given().and_then(|text| durations::parse(text.text, &durations::ANY).ok());
    if let Some(given) = given.filter(|given| *given > GAS_ON_DELAY_MAX_MS) {
        cell.wrong(format_args!(
            "{} is too long for gas; write at most {}",
            durations::show(given),
            durations::show(GAS_ON_DELAY_MAX_MS)
        ));
    }
}

fn called(gas: Gas) -> &'static str {
    match gas {
        Gas::Combustible => "combustible gas",
        Gas::Toxic => "toxic gas",
        Gas::Oxygen => "oxygen",
        Gas::OpenPath => "gas along an open path",
    }
}

fn advice(gas: Gas) -> &'static str {
    match gas {
        Gas::Combustible | Gas::Toxic | Gas::OpenPath => "write H for the first stage and HH for the second",
        Gas::Oxygen => "write L for deficiency and H for enrichment",
    }
}
