//! A look at a server before there is a configuration.

use crate::{
    opcua_server::{NAMESPACE, Server, levels},
    stand::utc,
};
use anyhow::{Result, anyhow, ensure};
use davy_core::{model::Gateway, quality::Quality};
use davy_field::{
    Pki, Security,
    probe::opcua::{Bounds, Found, Link, browse, read},
};
use serde_json::json;
use std::sync::Arc;

const ALL: Bounds = Bounds { depth: 5, nodes: 10_000 };

fn variable<'a>(found: &'a [Found], name: &str) -> Result<&'a Found> {
    found
        .iter()
        .find(|found| found.browse_path.last().is_some_and(|last| last == name))
        .ok_or_else(|| anyhow!("{name} is not found: {found:?}"))
}

/// More children than the library's own limit of 1,000 elements, and by continuation points.
#[tokio::test(flavor = "multi_thread")]
async fn every_node_is_found_whatever_the_server_gives_at_once() -> Result<()> {
    for more in [json!({}), json!({"references": 300, "limits": {"browse": 2, "read": 100}})] {
        let server = Server::start_levels("field_opcua_browse", 1_100, more).await?;
        let mut link = Link::open(&server.opcua(&[]), &security()).await.map_err(|words| anyhow!(words))?;
        ensure!(link.namespaces().iter().any(|uri| uri == NAMESPACE), "{link:?}");
        let found = browse(&mut link, None, ALL).await.map_err(|words| anyhow!(words))?;
        let names = levels(1_100);
        let variables: Vec<_> = found.iter().filter(|found| found.class == "Variable").collect();
        assert_eq!(
            variables.iter().map(|found| found.browse_path.clone()).collect::<Vec<_>>(),
            names.iter().map(|name| vec!["Plant".to_owned(), name.clone()]).collect::<Vec<_>>()
        );
        assert_eq!(variables[7].address, format!("nsu={NAMESPACE};s=LI-0007"));
        assert_eq!((variables[7].node.as_str(), variables[7].path.as_str()), ("ns=2;s=LI-0007", "Plant/LI-0007"));
        let few = browse(&mut link, None, Bounds { nodes: 20, ..ALL }).await.map_err(|words| anyhow!(words))?;
        assert_eq!(few.len(), 20);
        let folders = browse(&mut link, None, Bounds { depth: 1, ..ALL }).await.map_err(|words| anyhow!(words))?;
        ensure!(folders.iter().all(|found| found.class == "Object"), "{folders:?}");
        link.close().await;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_variable_tells_its_type_unit_range_and_value() -> Result<()> {
    let nodes = json!([
        {"node": "TI-1", "type": "Float", "value": 20.5, "range": [-50.0, 150.0], "description": "反应釜温度"},
        {"node": "XI-2", "type": "Double", "value": 0.0, "status": Quality::BAD_SENSOR.0},
        {"node": "XI-3", "type": "Double", "value": [1.0, 2.0]},
        {"node": "XI-1", "type": "String", "value": "open", "status": Quality::BAD_SENSOR.0},
    ]);
    let server = Server::start_with("field_opcua_variable", &[], json!({"nodes": nodes, "history": true})).await?;
    let mut link = Link::open(&server.opcua(&[]), &security()).await.map_err(|words| anyhow!(words))?;
    let plant = format!("nsu={NAMESPACE};s=Plant");
    let found = browse(&mut link, Some(&plant), ALL).await.map_err(|words| anyhow!(words))?;
    assert_eq!(found.len(), 4, "properties are told with their variable: {found:?}");
    let temperature = variable(&found, "TI-1")?.variable.as_ref().ok_or_else(|| anyhow!("no variable"))?;
    assert_eq!((temperature.data_type.as_str(), temperature.engineering_unit.as_str()), ("Float", "%"));
    assert_eq!(temperature.description, "反应釜温度");
    for (name, is_number) in [("TI-1", true), ("XI-1", false), ("XI-2", true), ("XI-3", false)] {
        let found = variable(&found, name)?.variable.as_ref().ok_or_else(|| anyhow!("no variable"))?;
        assert_eq!(found.is_number, is_number, "{name}");
    }
    assert_eq!((temperature.range, temperature.readable, temperature.has_history), (Some((-50.0, 150.0)), true, true));
    assert_eq!((temperature.told.number, temperature.told.value.as_deref()), (Some(20.5), Some("20.5")));
    ensure!(temperature.told.source_time.is_some(), "{temperature:?}");

    let asked = ["TI-1", "XI-1", "NOWHERE"].map(|name| format!("nsu={NAMESPACE};s={name}"));
    let asked = [&asked[..], &["nsu=urn:elsewhere;s=TI-1".to_owned()]].concat();
    let told = read(&mut link, &asked).await.map_err(|words| anyhow!(words))?;
    let seen: Vec<_> = told.iter().map(|told| (told.number, told.value.as_deref(), told.quality)).collect();
    let (unknown, none) = (Quality::BAD_NODE_UNKNOWN, None);
    assert_eq!(seen[0], (Some(20.5), Some("20.5"), Quality::GOOD));
    assert_eq!(
        (seen[1].0, seen[1].2, seen[2], seen[3]),
        (None, Quality::BAD_SENSOR, (None, none, unknown), (None, none, unknown))
    );
    let nowhere = browse(&mut link, Some("nsu=urn:elsewhere;s=Plant"), ALL).await;
    ensure!(nowhere.is_err_and(|words| words.contains(NAMESPACE)));
    link.close().await;
    Ok(())
}

/// Of a source without any.
fn security() -> Security {
    let pki = Arc::new(Pki::new("/nonexistent".as_ref()));
    Security { pki, source: "dcs".to_owned(), gateway: Gateway::default(), utc }
}
