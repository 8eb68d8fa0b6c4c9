//! `config/ammonia`, the example of a whole enterprise: it reads without an error or a warning and has the size that it is to show.

use std::path::PathBuf;

#[test]
fn a_whole_enterprise_has_nothing_wrong_or_odd() {
    let folder: PathBuf = [env!("CARGO_MANIFEST_DIR"), "..", "..", "config", "ammonia"].iter().collect();
    let checked = davy_config::read_dir(&folder).unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!(checked.coverage, [], "warnings");
    let site = &checked.configuration.site;
    let counts = [
        ("units", site.units.len(), 12),
        ("events", site.events.len(), 40),
        ("measures", site.measures.len(), 150),
        ("tags", site.tags.len(), 1_500),
        ("zones", site.zones.len(), 20),
        ("cameras", site.cameras.len(), 20),
        ("people", site.people.len(), 100),
        ("plans", site.plans.len(), 50),
    ];
    for (what, count, least) in counts {
        assert!(count >= least, "{count} {what}, at least {least}");
    }
}
