//! CycloneDX 1.6 (ECMA-424) as JSON. The same sources and compiler give the same bytes.

use super::{APPLIANCE, PRODUCT, Part, Parts, said};
use anyhow::{Context, Result};
use chrono::DateTime;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{env, process::Command};

/// The document of a target.
pub(super) fn text(target: &str, parts: &Parts) -> Result<String> {
    let product = parts.values().find(|part| part.name == PRODUCT).context("the parts are those of davy")?;
    let others = parts.values().filter(|part| part.name != PRODUCT);
    let mut document = json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": metadata(target, product)?,
        "components": others.map(|part| component(part, "library")).collect::<Vec<_>>(),
        "dependencies": parts.values().map(|part| json!({ "ref": part.purl, "dependsOn": part.needs })).collect::<Vec<_>>(),
    });
    document["serialNumber"] = serial(&serde_json::to_vec(&document)?).into();
    Ok(serde_json::to_string_pretty(&document)? + "\n")
}

fn metadata(target: &str, product: &Part) -> Result<Value> {
    let mut component = component(product, "application");
    component["properties"] = json!([
        { "name": "davy:target", "value": target },
        { "name": "davy:features", "value": APPLIANCE.join(" ") },
    ]);
    let tool = json!({ "type": "application", "name": "davy cargo xtask sbom", "version": env!("CARGO_PKG_VERSION") });
    Ok(json!({
        "timestamp": timestamp()?,
        "lifecycles": [{ "phase": "build" }],
        "tools": { "components": [tool] },
        "component": component,
    }))
}

fn component(part: &Part, kind: &str) -> Value {
    let mut value = json!({
        "type": kind,
        "bom-ref": part.purl,
        "name": part.name,
        "version": part.version,
        "scope": if part.while_building { "excluded" } else { "required" },
        "licenses": [{ "expression": part.licence }],
        "purl": part.purl,
    });
    if let Some((algorithm, digits)) = &part.hash {
        value["hashes"] = json!([{ "alg": algorithm, "content": digits }]);
    }
    if let Some(cpe) = &part.cpe {
        value["cpe"] = cpe.as_str().into();
    }
    if let Some(repository) = &part.repository {
        value["externalReferences"] = json!([{ "type": "vcs", "url": repository }]);
    }
    value
}

/// `SOURCE_DATE_EPOCH`, or the time of the last commit: what was built, not when.
fn timestamp() -> Result<String> {
    let seconds = match env::var("SOURCE_DATE_EPOCH") {
        Ok(seconds) => seconds,
        Err(_) => said(
            "git log (set SOURCE_DATE_EPOCH where there is no git)",
            Command::new("git").args(["log", "-1", "--format=%ct"]),
        )?,
    };
    let seconds = seconds.trim().parse().context("SOURCE_DATE_EPOCH is not a number of seconds since 1970")?;
    let time = DateTime::from_timestamp(seconds, 0).context("SOURCE_DATE_EPOCH is past all calendars")?;
    Ok(time.format("%Y-%m-%dT%H:%M:%SZ").to_string())
}

/// A number for this very content, in the form of a UUID of own making (RFC 9562, version 8).
fn serial(content: &[u8]) -> String {
    let mut bytes: [u8; 32] = Sha256::digest(content).into();
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let digits: String = bytes[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    let groups = [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]];
    format!("urn:uuid:{}", groups.join("-"))
}
