//! The point table as an engineer works with it: out to a spreadsheet program, back with a difference, applied; and the
//! sheet of a loop check beside devices that this project did not write.

use acceptance::{
    folder::Folder,
    peers::{Modbus, Node, OpcUa, float_cdab},
    places,
    watched::Watched,
};
use anyhow::{Context, Result, ensure};
use davy_field::wire::Protocol;
use serde_json::json;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Output,
};
use tokio::process::Command;

/// The template's configuration in a folder of the test's own.
fn template(test: &str) -> Result<(PathBuf, PathBuf)> {
    let folder = places::fresh(test)?;
    let config = folder.join("config");
    let template = places::workspace().join("config/template");
    fs::create_dir_all(config.join("risk"))?;
    for part in ["", "risk"] {
        for entry in fs::read_dir(template.join(part))? {
            let entry = entry?;
            if entry.file_type()?.is_file() {
                fs::copy(entry.path(), config.join(part).join(entry.file_name()))?;
            }
        }
    }
    Ok((folder, config))
}

async fn tags(arguments: &[&str], config: &Path) -> Result<Output> {
    let mut command = Command::new(places::davy()?);
    Ok(command.arg("tags").args(arguments).arg("--config").arg(config).output().await?)
}

async fn good(arguments: &[&str], config: &Path) -> Result<String> {
    let output = tags(arguments, config).await?;
    ensure!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?)
}

/// Names of the files in a folder that begin with `tags.csv`, hidden ones too.
fn tables(config: &Path) -> Result<Vec<String>> {
    let names = fs::read_dir(config)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
    let mut names = names.collect::<Result<Vec<_>>>()?;
    names.retain(|name| name.contains("tags.csv"));
    names.sort();
    Ok(names)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_goes_out_and_comes_back() -> Result<()> {
    let (folder, config) = template("tags")?;
    let before = fs::read(config.join("tags.csv"))?;
    let file = folder.join("out");
    let path = file.to_str().context("a path of letters")?;
    for shape in [
        &["--format", "csv"][..],
        &["--format", "csv", "--header", "en"],
        &["--format", "csv", "--encoding", "gbk"],
        &["--format", "csv", "--encoding", "gbk", "--header", "en"],
        &["--format", "xlsx"],
        &["--format", "xlsx", "--header", "en"],
    ] {
        good(&[&["export", "-o", path], shape].concat(), &config).await?;
        let said = good(&["import", path, "--apply"], &config).await?;
        ensure!(
            said.contains("0 added, 0 removed, 0 changed") && said.contains("nothing to change"),
            "{shape:?}: {said}"
        );
    }
    assert_eq!(fs::read(config.join("tags.csv"))?, before);
    assert_eq!(tables(&config)?, ["tags.csv"]);

    let exported = good(&["export", "--header", "en"], &config).await?;
    ensure!(exported.starts_with("\u{feff}tag,name,source,"), "{exported}");
    let changed = exported.replace(",40,50,1,5s,5s,", ",45,50,1,5s,5s,");
    assert_ne!(changed, exported);
    fs::write(&file, &changed)?;
    let said = good(&["import", path], &config).await?;
    ensure!(said.contains("~ TI-1101: H (高限): 40 → 45") && said.contains("add --apply"), "{said}");
    assert_eq!(fs::read(config.join("tags.csv"))?, before, "without --apply nothing changes");

    let said = good(&["import", path, "--apply"], &config).await?;
    let tables = tables(&config)?;
    ensure!(tables.len() == 2 && tables[0] == "tags.csv" && said.contains(&tables[1]), "{tables:?}: {said}");
    assert_eq!(fs::read(config.join(&tables[1]))?, before, "the old table is kept");
    let line = fs::read_to_string(config.join("tags.csv"))?;
    let line = line.lines().find(|line| line.starts_with("TI-1101,")).context("TI-1101")?.to_owned();
    ensure!(line.starts_with("TI-1101,1101罐温度,dcs,") && line.contains(",45,50,1,5s,5s,"), "{line}");
    let check = Command::new(places::davy()?).args(["check", "--config"]).arg(&config).output().await?;
    ensure!(check.status.success(), "{}", String::from_utf8_lossy(&check.stdout));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_table_is_refused_at_its_place() -> Result<()> {
    let (folder, config) = template("tags-refused")?;
    let before = fs::read(config.join("tags.csv"))?;
    let exported = good(&["export", "--header", "en"], &config).await?;
    let file = folder.join("wrong.csv");
    let path = file.to_str().context("a path of letters")?;
    let swapped = exported.replace(",40,50,1,5s,5s,", ",60,50,1,5s,5s,");
    let without: String =
        exported.lines().filter(|line| !line.starts_with("XS-2101.BYP,")).map(|line| line.to_owned() + "\n").collect();
    for (text, words) in
        [(swapped, "wrong.csv:4:"), (without, "rules.toml:"), ("PK\u{3}\u{4}".to_owned(), "wrong.csv:1:1: ")]
    {
        fs::write(&file, text)?;
        let refused = tags(&["import", path, "--apply"], &config).await?;
        let said = String::from_utf8(refused.stderr)?;
        ensure!(refused.status.code() == Some(2) && said.contains(words), "{words}: {said}");
        assert_eq!(fs::read(config.join("tags.csv"))?, before);
        assert_eq!(tables(&config)?, ["tags.csv"]);
    }
    let missing = tags(&["import", "/nowhere/tags.csv"], &config).await?;
    assert_eq!(missing.status.code(), Some(2));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_loop_check_without_the_field() -> Result<()> {
    let (_, config) = template("loops-offline")?;
    let sheet = good(&["loop-check", "--offline"], &config).await?;
    ensure!(
        sheet.contains("LI-1101,1101罐液位,dcs,ns=2;s=LI-1101,,,%,,5,10,80,90,,,,,0,100,\r\n"),
        "blank values, written limits and range: {sheet}"
    );
    let set_points = sheet.lines().find(|line| line.starts_with("GT-2101,")).context("the gas detector")?;
    ensure!(set_points.contains(",,,%LEL,,,,25,50,"), "the set points of a standard: {set_points}");
    let page = good(&["loop-check", "--offline", "--format", "html"], &config).await?;
    ensure!(page.starts_with("<!DOCTYPE html>") && page.contains("<td>LI-1101</td>") && page.contains("A4 landscape"));
    ensure!(page.contains("检查人<span>checked by</span>") && page.contains("values not read"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_loop_check_reads_every_source_once() -> Result<()> {
    let folder = places::fresh("loops")?;
    let node = |name: &str| Node { name: name.to_owned(), data_type: "Double", value: json!(42.5) };
    let opcua = OpcUa::start(vec![node("LI-001")], &folder).await?;
    let mut modbus = Modbus::start(json!({"1": {"holding": [[0, 8]]}}), &folder).await?;
    modbus.write(1, "holding", 2, &float_cdab(25.5)).await?;
    modbus.write(1, "holding", 6, &[123]).await?;
    let taps = [
        Watched::open("OPC UA", Protocol::OpcUa, opcua.port).await?,
        Watched::open("Modbus", Protocol::ModbusTcp, modbus.port).await?,
    ];
    let scaled = "TI-900,温度,gds,1/holding/6,i16,,℃,0,100,,,,,,,,,,,";
    let beyond = "TI-901,没有的寄存器,gds,1/holding/60000,i16,,℃,0,100,,,,,,,,,,,";
    let mut site = Folder {
        opcua: taps[0].port(),
        modbus: taps[1].port(),
        field: 1,
        enterprise: 1,
        levels: 2,
        gases: 1,
        people: 1,
        zones: 1,
        cameras: 1,
        more_tags: vec![scaled.to_owned(), beyond.to_owned()],
        ..Folder::default()
    };
    let config = folder.join("config");
    fs::create_dir_all(&config)?;
    site.write(&folder)?;
    scale(&config, "TI-900", "0.1")?;
    let sheet = good(&["loop-check"], &config).await?;
    for row in [
        "LI-001,液位1,dcs,ns=2;s=LI-001,42.5,42.5,%,Good,",
        "LI-002,液位2,dcs,ns=2;s=LI-002,,,%,BadNodeIdUnknown,",
        "GT-001,气体1,gds,1/holding/2,25.5,25.5,%LEL,Good,,,25,,",
        "TI-900,温度,gds,1/holding/6,123,12.3",
        "TI-901,没有的寄存器,gds,1/holding/60000,,,℃,Bad",
    ] {
        ensure!(sheet.contains(row), "{row}: {sheet}");
    }

    taps.iter().try_for_each(Watched::only_reads)?;

    // A source that is away costs its own tags their values, and the sheet says why.
    site.modbus = modbus.port;
    modbus.stop().await?;
    site.more_tags.clear();
    site.write(&folder)?;
    let sheet = good(&["loop-check"], &config).await?;
    let gas = sheet.lines().find(|line| line.starts_with("GT-001,")).context("GT-001")?;
    ensure!(gas.contains(",,,%LEL,BadNoCommunication,") && gas.contains("refused"), "{gas}");
    ensure!(sheet.contains("LI-001,液位1,dcs,ns=2;s=LI-001,42.5,42.5,%,Good,"), "{sheet}");
    Ok(())
}

/// Adds the column 系数 with one value.
fn scale(config: &Path, tag: &str, factor: &str) -> Result<()> {
    let path = config.join("tags.csv");
    let mut text = String::new();
    for (at, line) in fs::read_to_string(&path)?.lines().enumerate() {
        let cell = if at == 0 {
            "系数"
        } else if line.starts_with(&format!("{tag},")) {
            factor
        } else {
            ""
        };
        text.extend([line, ",", cell, "\n"]);
    }
    Ok(fs::write(&path, text)?)
}
