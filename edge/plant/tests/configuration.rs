//! The rendered configuration: its golden copy, and that a gateway can run on it.

use davy_config::Files;
use davy_core::model::{RuleKind, SourceKind};
use davy_plant::{Endpoints, configuration};
use std::{
    collections::BTreeMap,
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
};

fn rendered() -> BTreeMap<String, Vec<u8>> {
    configuration(&Endpoints::default(), SocketAddr::from(([127, 0, 0, 1], 8080)))
}

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config/demo")
}

#[test]
fn config_demo_is_what_the_plant_renders() {
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::create_dir_all(golden().join("risk")).unwrap();
        for (name, bytes) in rendered() {
            fs::write(golden().join(name), bytes).unwrap();
        }
    }
    let there = Files::from_dir(&golden()).unwrap().0;
    assert_eq!(there.keys().collect::<Vec<_>>(), rendered().keys().collect::<Vec<_>>());
    for (name, bytes) in rendered() {
        let same = there[&name] == bytes;
        assert!(same, "config/demo/{name} is not what the plant renders; look at the difference after UPDATE_GOLDEN=1");
    }
}

#[test]
fn a_gateway_reads_it_without_an_error_or_a_warning() {
    let read = davy_config::read(&Files(rendered()), &|name| Err(format!("{name} is not there")));
    let checked = read.unwrap_or_else(|errors| panic!("{errors}"));
    let findings: Vec<String> = checked.coverage.iter().map(ToString::to_string).collect();
    assert!(findings.is_empty(), "{}", findings.join("\n"));

    let site = &checked.configuration.site;
    let tags = |kind| site.tags.iter().filter(|tag| site.sources[tag.source.at()].kind == kind).count();
    assert!(tags(SourceKind::OpcUa) >= 300 && tags(SourceKind::Modbus) >= 100);
    assert!(site.people.len() >= 30 && site.cameras.len() >= 8 && site.zones.len() >= 8);
    let rules = |kind: fn(&RuleKind) -> bool| site.rules.iter().filter(|rule| kind(&rule.kind)).count();
    assert_eq!(rules(|kind| matches!(kind, RuleKind::Video { .. })), site.cameras.len());
    assert_eq!(rules(|kind| matches!(kind, RuleKind::Sos { .. })), site.people.len());
    assert_eq!(rules(|kind| matches!(kind, RuleKind::OverCapacity { .. })), site.zones.len());
    for automatic in site.measures.iter().filter(|measure| measure.automatic && measure.hazard_on_failure) {
        assert!(automatic.inspection.is_some(), "{} pushes its inspection", automatic.id);
    }
}
