//! The layer table, as data: which of our crates may know which, who owns which third-party crate, in which order the
//! core's modules stand; and that the field side has no words with which it could write to a DCS, SIS or PLC.

#[path = "layers/source.rs"]
mod source;

use acceptance::places;
use cargo_metadata::{DependencyKind, MetadataCommand, Package};
use source::Source;
use std::collections::BTreeSet;

/// A crate and those of ours it may depend on. Arrows point one way; `field`, `uplink` and `api` never meet.
const LAYERS: [(&str, &[&str]); 14] = [
    ("davy-core", &[]),
    ("davy-access", &["davy-core"]),
    ("davy-config", &["davy-core"]),
    ("davy-field", &["davy-core", "davy-config"]),
    ("davy-store", &["davy-core"]),
    ("davy-uplink", &["davy-core", "davy-config", "davy-store"]),
    ("davy-api", &["davy-core", "davy-access", "davy-config", "davy-store"]),
    ("davy-plant", &["davy-core"]),
    ("davy-board", &["davy-core", "davy-config"]),
    ("davy-web", &[]),
    (
        "davy",
        &[
            "davy-core",
            "davy-access",
            "davy-config",
            "davy-field",
            "davy-store",
            "davy-uplink",
            "davy-api",
            "davy-plant",
            "davy-board",
            "davy-web",
        ],
    ),
    ("xtask", &[]),
    ("davy-fuzz", &["davy-config", "davy-field", "davy-uplink"]),
    (
        "acceptance",
        &[
            "davy-core",
            "davy-config",
            "davy-field",
            "davy-store",
            "davy-uplink",
            "davy-api",
            "davy-plant",
            "davy-board",
        ],
    ),
];

/// Third-party crates that belong to a layer: nobody else may use them in the product.
const OWNERS: &[(&str, &[&str])] = &[
    ("async-opcua", &["davy-field", "davy-plant"]),
    ("argon2", &["davy-access"]),
    ("getrandom", &["davy-access"]),
    ("rsa", &["davy-field"]),
    ("ring", &["davy-uplink"]),
    ("x509-cert", &["davy-field"]),
    ("tokio-modbus", &["davy-field", "davy-plant"]),
    ("tokio-serial", &["davy-field"]),
    ("rumqttc-v4-next", &["davy-field", "davy-uplink", "davy-plant", "acceptance"]),
    ("rumqttc-v5-next", &["davy-field", "davy-uplink"]),
    ("rumqttd", &["davy-plant"]),
    ("gpiocdev", &["davy-board"]),
    ("rppal", &["davy-board"]),
    ("rusqlite", &["davy-store", "acceptance"]),
    ("reqwest", &["davy-api", "davy-uplink", "acceptance"]),
    ("krafka", &["davy-uplink"]),
    ("axum", &["davy-api"]),
    ("tower-http", &["davy-api"]),
    ("hyper", &["davy-api"]),
    ("hyper-util", &["davy-api"]),
    ("minisign-verify", &["davy"]),
    ("tokio-rustls", &["davy-api", "davy"]),
    ("rcgen", &["davy-api", "davy"]),
    ("toml", &["davy-config", "xtask"]),
    ("csv", &["davy-config"]),
    ("calamine", &["davy-config"]),
    ("encoding_rs", &["davy-config"]),
    ("rust_xlsxwriter", &["davy-config"]),
    ("zip", &["davy", "davy-config"]),
    ("winnow", &["davy-config"]),
    ("geo", &["davy-config", "davy-field"]),
    ("wkt", &["davy-config"]),
    ("clap", &["davy", "xtask"]),
    ("tracing-subscriber", &["davy"]),
    ("rust-embed", &["davy-web"]),
    ("fuser", &["acceptance"]),
    ("rppal", &["davy-board"]),
    ("anyhow", &["davy", "xtask", "acceptance"]),
];

/// All that the engine may be built from.
const CORE_OWNS: [&str; 2] = ["serde", "schemars"];

/// Tests of a crate may stand on the configuration, the simulated plant and the harness as well; the product may not.
const TESTS_MAY_USE: [&str; 4] = ["davy-config", "davy-plant", "davy-store", "acceptance"];

#[test]
fn our_arrows_are_those_of_the_table() {
    let packages = workspace();
    let names: BTreeSet<&str> = packages.iter().map(|package| package.name.as_str()).collect();
    let known: BTreeSet<&str> = LAYERS.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, known, "the table names every crate of the workspace");
    let mut wrong = Vec::new();
    for package in &packages {
        let (_, may) = LAYERS.iter().find(|(name, _)| *name == package.name.as_str()).unwrap();
        for dependency in package.dependencies.iter().filter(|dependency| names.contains(dependency.name.as_str())) {
            let for_tests = dependency.kind == DependencyKind::Development;
            // Of itself a crate's tests may want other features.
            let allowed = may.contains(&dependency.name.as_str())
                || for_tests && package.name == dependency.name
                || for_tests && package.name != "davy-core" && TESTS_MAY_USE.contains(&dependency.name.as_str());
            if !allowed {
                wrong.push(format!("{} must not depend on {}", package.name, dependency.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn third_party_crates_stay_with_their_owners() {
    let mut wrong = Vec::new();
    for package in workspace() {
        for dependency in package.dependencies.iter().filter(|each| each.kind != DependencyKind::Development) {
            let owners = OWNERS.iter().find(|(name, _)| *name == dependency.name).map(|(_, owners)| *owners);
            let owned = owners.is_none_or(|owners| owners.contains(&package.name.as_str()));
            let pure = package.name != "davy-core" || CORE_OWNS.contains(&dependency.name.as_str());
            if !owned || !pure {
                wrong.push(format!("{} must not use {}", package.name, dependency.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_core_is_a_line_of_modules() {
    let src = places::workspace().join("edge/core/src");
    let lib = Source::read(&src.join("lib.rs"));
    let line = lib.declared_modules();
    assert!(line.len() >= 20, "the module line was read: {line:?}");
    let mut wrong = Vec::new();
    for (at, module) in line.iter().enumerate() {
        for file in source::files_of_module(&src, module) {
            for import in Source::read(&file).without_tests().imports_of_crate() {
                // A name that is no module is what lib.rs exports of the last one.
                let place = line.iter().position(|known| *known == import).unwrap_or(line.len() - 1);
                if place > at {
                    wrong.push(format!("{} stands before {import} and imports it", file.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The three libraries of the field side could write. So the product's sources there must not contain the words that it
/// takes: the write functions of Modbus (and its escape hatch, custom requests), the Write and Call services of OPC UA and
/// its history updates, publishing over MQTT. The end-to-end tests see the same on the wire.
const WRITES: &[&[&str]] = &[
    &["Writer"],
    &["write_single_coil"],
    &["write_multiple_coils"],
    &["write_single_register"],
    &["write_multiple_registers"],
    &["masked_write_register"],
    &["read_write_multiple_registers"],
    &["WriteSingleCoil"],
    &["WriteMultipleCoils"],
    &["WriteSingleRegister"],
    &["WriteMultipleRegisters"],
    &["MaskWriteRegister"],
    &["ReadWriteMultipleRegisters"],
    &["Request", ":", ":", "Custom"],
    &[".", "write", "("],
    &[".", "call", "("],
    &[".", "history_update", "("],
    &["WriteValue"],
    &["WriteRequest"],
    &["CallMethodRequest"],
    &["CallRequest"],
    &["HistoryUpdate"],
    &["HistoryUpdateAction"],
    &["HistoryUpdateRequest"],
    &["AddNodes"],
    &["AddNodesRequest"],
    &["add_nodes"],
    &["AddReferences"],
    &["AddReferencesRequest"],
    &["add_references"],
    &["DeleteNodes"],
    &["DeleteNodesRequest"],
    &["delete_nodes"],
    &["DeleteReferences"],
    &["DeleteReferencesRequest"],
    &["delete_references"],
    &[".", "publish", "("],
    &[".", "try_publish", "("],
    &["publish_tracked"],
    &["publish_bytes"],
];

#[test]
fn the_field_side_has_no_words_to_write_with() {
    let files = source::files_under(&places::workspace().join("edge/field/src"));
    assert!(!files.is_empty());
    let mut wrong = Vec::new();
    for file in files {
        let source = Source::read(&file).without_tests();
        wrong.extend(
            WRITES
                .iter()
                .filter(|words| source.has(words))
                .map(|words| format!("{}: {}", file.display(), words.concat())),
        );
    }
    assert!(wrong.is_empty(), "the field side can read and nothing else:\n{}", wrong.join("\n"));
}

fn workspace() -> Vec<Package> {
    let mut command = MetadataCommand::new();
    let metadata = command.manifest_path(places::workspace().join("Cargo.toml")).no_deps().exec();
    metadata.expect("cargo describes the workspace").packages
}
