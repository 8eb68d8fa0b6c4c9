//! Schemathesis makes requests of all kinds from the OpenAPI document, sensible and senseless ones, as an administrator and as nobody. No answer is a
//! server error, and each is as the document says: status, media type, headers, body.

use super::seconds;
use acceptance::{
    places,
    site::{Site, Size},
};
use anyhow::{Context as _, Result, ensure};
use std::{fs, path::Path, process::Stdio, time::Duration};
use tokio::process::Command;

/// The same requests in every run, as far as the time reaches.
const SEED: &str = "20261130";
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
    response_headers_conformance,response_schema_conformance";
/// It has no end.
const STREAM: &str = "/api/v1/stream";

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_is_as_the_document_says() -> Result<()> {
    let size = Size { levels: 4, gases: 4, people: 2, zones: 2, cameras: 1, ..Size::default() };
    let mut site = Site::start("api-document", size).await?;
    site.cross(1..=2).await?;
    let budget = seconds("DAVY_API_SECONDS", 40)?;
    let token = fs::read_to_string(site.folder.join("davy-token")).context("the token of the tests")?;
    let asked = format!("Authorization: Bearer {}", token.trim());
    make_up("an administrator", &site.gateway.address, &site.folder, Some(&asked), budget).await?;
    make_up("nobody", &site.gateway.address, &site.folder, None, budget / 4).await?;
    // It alarms as before.
    site.cross(3..=3).await?;
    ensure!(!site.gateway.log()?.contains("panicked"), "nothing panicked");
    site.end().await
}

#[expect(clippy::print_stdout, reason = "how much was asked is what one wants to know")]
async fn make_up(who: &str, address: &str, folder: &Path, header: Option<&str>, budget: Duration) -> Result<()> {
    let mut command = Command::new(places::python()?.with_file_name("schemathesis"));
    command
        .args([
            "run",
            &format!("{}/api/openapi.json", address.trim_end_matches('/')),
            "--exclude-path",
            STREAM,
            "--checks",
            CHECKS,
        ])
        .args([
            "--phases",
            "examples,coverage,fuzzing",
            "--seed",
            SEED,
            "--max-examples",
            "20",
            "--continue-on-failure",
        ])
        .args(["--request-timeout", "30", "--generation-database", "none", "--no-color", "--warnings", "off"])
        .args(["--max-time", &budget.as_secs().max(1).to_string()])
        .args(header.iter().flat_map(|header| ["--header", header]))
        .current_dir(folder)
        .stdin(Stdio::null());
    let done = command.output().await.context("run schemathesis: see scripts/setup.sh test")?;
    let said = String::from_utf8_lossy(&done.stdout);
    fs::write(folder.join("schemathesis.log"), &*said)?;
    let cases = said.lines().find(|line| line.contains("generated")).unwrap_or("  no requests").trim();
    println!("made up from the document as {who}: {cases}");
    ensure!(done.status.success(), "{who}: {}\n{said}\n{}", done.status, String::from_utf8_lossy(&done.stderr));
    ensure!(cases.contains("generated"), "{who}: requests were made");
    Ok(())
}
