//! How much one gateway carries: very many values over OPC UA and Modbus, each with four limits. `make scale` plays every case
//! against the release build; without `DAVY_SCALE` two short ones show that nothing is missed. Nothing is asserted about time.

#[path = "e2e_scale/field.rs"]
mod field;
#[path = "e2e_scale/folder.rs"]
mod folder;
#[path = "e2e_scale/run.rs"]
mod run;
#[path = "e2e_scale/seen.rs"]
mod seen;
#[path = "e2e_scale/table.rs"]
mod table;

use acceptance::figures;
use anyhow::{Context, Result, bail};
use field::{Kind, Size};
use run::Outcome;
use std::{collections::BTreeMap, env, time::Duration};

/// How long is measured, unless `DAVY_SCALE_SECONDS` says otherwise.
const SECONDS: u32 = 20;
const SHORT_SECONDS: u32 = 5;
/// What a gateway with hardly any tags takes is not the tags' share of its memory.
const HARDLY_ANY: usize = 10;

/// What is measured.
#[derive(Clone, Copy)]
struct Case {
    name: &'static str,
    kind: Kind,
    size: Size,
}

const CASES: [Case; 11] = [
    case("asyncua-1000", Kind::Asyncua, 1_000, 1_000, 1),
    case("asyncua-10000", Kind::Asyncua, 10_000, 1_000, 1),
    case("pymodbus-1000", Kind::Pymodbus, 1_000, 1_000, 1),
    case("pymodbus-10000", Kind::Pymodbus, 10_000, 1_000, 1),
    case("opcua-1000", Kind::Items, 1_000, 1_000, 1),
    case("opcua-10000", Kind::Items, 10_000, 1_000, 1),
    case("opcua-10000-100ms", Kind::Items, 10_000, 100, 1),
    case("opcua-50000", Kind::Items, 50_000, 1_000, 1),
    case("opcua-100000", Kind::Items, 100_000, 1_000, 1),
    case("modbus-10000", Kind::Registers, 10_000, 1_000, 10),
    case("modbus-100000", Kind::Registers, 100_000, 1_000, 100),
];

/// Played when nobody asks for more.
const SHORT: [Case; 2] = [
    case("short-opcua-1000", Kind::Items, 1_000, 1_000, 1),
    case("short-modbus-1000", Kind::Registers, 1_000, 1_000, 2),
];

const fn case(name: &'static str, kind: Kind, tags: usize, period_ms: u64, connections: usize) -> Case {
    Case { name, kind, size: Size { tags, period: Duration::from_millis(period_ms), connections } }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_missed() -> Result<()> {
    let asked = env::var("DAVY_SCALE").ok();
    let (cases, seconds, least_seconds) = match &asked {
        None => (SHORT.to_vec(), SHORT_SECONDS, 1),
        // As long as the cases it stands beside, because some memory comes with time.
        Some(asked) => (chosen(asked)?, seconds()?, seconds()?),
    };
    let (mut lines, mut least) = (table::heading(), BTreeMap::new());
    for Case { name, kind, size } in cases {
        let least_kib = match least.get(&kind) {
            Some(known) => *known,
            None => hardly_any(kind, least_seconds).await?,
        };
        least.insert(kind, least_kib);
        match run::run(name, kind, size, seconds, asked.is_none()).await {
            Ok(outcome) => {
                lines.push(table::row(name, size, least_kib, &outcome));
                if asked.is_none() {
                    check(name, size, &outcome);
                }
            }
            // What the other cases give is worth knowing all the same.
            Err(error) if asked.is_some() => lines.push(format!("| {name} | failed: {error:#} |")),
            Err(error) => return Err(error),
        }
    }
    figures::report("How much one gateway carries", &lines)
}

/// Resident memory of a gateway with hardly any tags, in KiB.
async fn hardly_any(kind: Kind, seconds: u32) -> Result<u64> {
    let size = Size { tags: HARDLY_ANY, period: Duration::from_secs(1), connections: 1 };
    Ok(run::run("hardly-any", kind, size, seconds, false).await?.resident_kib)
}

fn seconds() -> Result<u32> {
    let asked = env::var("DAVY_SCALE_SECONDS").ok();
    asked.map_or(Ok(SECONDS), |text| text.parse().with_context(|| format!("DAVY_SCALE_SECONDS is no number: {text}")))
}

/// `all`, or names of cases with commas between them.
fn chosen(asked: &str) -> Result<Vec<Case>> {
    let known = CASES.iter().map(|case| case.name).collect::<Vec<_>>().join(", ");
    let unknown = asked.split(',').find(|name| *name != "all" && CASES.iter().all(|case| case.name != *name));
    if let Some(unknown) = unknown {
        bail!("DAVY_SCALE has {unknown}; it may be all, or some of {known}");
    }
    let played = |case: &Case| asked.split(',').any(|name| name == "all" || name == case.name);
    Ok(CASES.into_iter().filter(played).collect())
}

fn check(name: &str, size: Size, outcome: &Outcome) {
    let Outcome { made, seen, connections, .. } = outcome;
    assert_eq!((seen.bad, seen.unrecorded), (0, 0), "{name}: values that are bad, events that were not recorded");
    assert!(seen.changes >= size.tags as u64, "{name}: {} changes of {} tags", seen.changes, size.tags);
    match made {
        Some(made) => assert_eq!(seen.changes, *made, "{name}: changes told to the engine, and made by the server"),
        None => assert_eq!(seen.skipped, 0, "{name}: registers read and never told to the engine"),
    }
    assert!(!seen.latencies.is_empty(), "{name}: how long changes took is seen");
    assert_eq!(*connections, size.connections as u64, "{name}: one connection to each");
}
