//! What an administrator takes away from a gateway over HTTP, and what he hands out: a backup that another box goes on from, a support
//! bundle without secrets, the log, tokens that reach no further than they were made for.

use acceptance::{
    api::Api,
    gateway::{Gateway, PASSWORD},
    places,
    site::{Site, Size},
    waiting::{self, LONG},
};
use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};
use tokio::process::Command;

/// Of the gateway at the enterprise's broker, which lets everybody in.
const PASSWORD_OF_BROKER: &str = "geheim-3f9a1c7e";

#[tokio::test(flavor = "multi_thread")]
async fn what_is_taken_away_over_the_network_is_whole_and_keeps_its_secrets() -> Result<()> {
    let mut site = Site::start("upkeep", Size { levels: 4, gases: 4, people: 2, zones: 1, ..Size::default() }).await?;
    give_a_secret(&site).await?;
    site.gateway.add_user("陈静", "operator").await?;
    site.cross(1..=2).await?;
    bundle_has_no_secret(&site).await?;
    log_is_read_and_narrowed(&site).await?;
    let token = scopes_and_networks(&site).await?;
    let file = backup(&site).await?;
    let before = open_rules(&site.gateway).await?;
    ensure!(before.len() >= 4, "alarms are open: {before:?}");
    site.gateway.kill().await?;

    let second = site.folder.join("second");
    restore(&file, &second).await?;
    site.gateway = Gateway::start(&second).await?;
    site.reads_everything().await?;
    let kept = site.gateway.api.list("tokens").await?;
    ensure!(kept.iter().any(|kept| kept["name"] == "read-only"), "the tokens are those of the first box: {kept:?}");
    site.gateway.api.with_token(&token).get("tags").await.context("a token of the first box")?;
    let open = open_rules(&site.gateway).await?;
    ensure!(before.is_subset(&open), "open before and not after it: {:?}", before.difference(&open));
    site.end().await?;
    site.gateway.verify().await
}

/// The uplink logs in, though nobody asks it to.
async fn give_a_secret(site: &Site) -> Result<()> {
    let config = site.folder.join("config");
    fs::write(config.join("broker.txt"), PASSWORD_OF_BROKER)?;
    let path = config.join("gateway.toml");
    let text = fs::read_to_string(&path)?;
    let place = "lost_priority = \"low\"\n";
    ensure!(text.contains(place), "the uplink is where it was");
    fs::write(&path, text.replace(place, &format!("{place}user = \"davy\"\npassword_file = \"broker.txt\"\n")))?;
    site.gateway.reload().await?;
    let in_force = async || Ok(site.gateway.log()?.contains("the configuration is in force"));
    waiting::until_true("the uplink has a password", LONG, in_force).await
}

/// Nothing that lets anybody in anywhere is in it, and nobody's name.
async fn bundle_has_no_secret(site: &Site) -> Result<()> {
    let api = &site.gateway.api;
    let body = json!({ "by": "张伟", "reason": "找故障" });
    let (name, bytes) = api.file("system/support-bundle", &body).await?;
    ensure!(Path::new(&name).extension().is_some_and(|end| end == "zip"), "{name}");
    let path = site.folder.join(&name);
    fs::write(&path, bytes)?;
    let parts = unpacked(&path, &site.folder.join("bundle")).await?;
    for name in ["README.txt", "system.json", "log.jsonl", "journal.jsonl", "config/gateway.toml", "metrics.txt"] {
        ensure!(parts.iter().any(|(part, _)| part == name), "{name} is missing");
    }
    let token = fs::read_to_string(site.folder.join("davy-token"))?;
    let secrets = [PASSWORD_OF_BROKER, PASSWORD, token.trim(), "PRIVATE KEY", "$argon2"];
    let people = ["人员1", "C-001", "陈静", "李工"];
    for (name, text) in &parts {
        for word in secrets.into_iter().chain(people) {
            ensure!(!text.contains(word), "{name} has {word}");
        }
    }
    ensure!(
        parts.iter().any(|(_, text)| text.contains("password_file = \"broker.txt\"")),
        "where the secret is, is said"
    );
    let with_names = api.file("system/support-bundle", &json!({ "by": "张伟", "names": true })).await?;
    fs::write(&path, with_names.1)?;
    let parts = unpacked(&path, &site.folder.join("bundle-with-names")).await?;
    ensure!(parts.iter().any(|(_, text)| text.contains("人员1")), "names are in it where they were asked for");
    ensure!(!parts.iter().any(|(_, text)| text.contains(PASSWORD_OF_BROKER)), "secrets are not, even then");
    let audits = api.list("journal").await?;
    let made = audits.iter().filter(|row| row["record"]["action"] == "make_support_bundle").count();
    assert_eq!(made, 2, "both are on record");
    Ok(())
}

/// A configuration that is refused is an error in the log, which is found by its level and by its words.
async fn log_is_read_and_narrowed(site: &Site) -> Result<()> {
    let api = &site.gateway.api;
    let table = site.folder.join("config/tags.csv");
    let good = fs::read_to_string(&table)?;
    fs::write(&table, good.replace(",0,100,M-", ",100,0,M-"))?;
    site.gateway.reload().await?;
    let errors =
        async || Ok(api.get("system/logs?level=error").await?["items"].as_array().is_some_and(|all| !all.is_empty()));
    waiting::until_true("the refusal is in the log", LONG, errors).await?;
    fs::write(&table, good)?;
    let items = async |query: &str| {
        let page = api.get(&format!("system/logs?{query}")).await?;
        page["items"].as_array().cloned().context("rows")
    };
    let (all, grave) = (items("limit=1000").await?, items("level=error&limit=1000").await?);
    ensure!(grave.iter().all(|row| row["level"] == "error") && grave.len() < all.len(), "{grave:?}");
    let found = items("contains=is%20refused").await?;
    ensure!(!found.is_empty() && found.iter().all(|row| text(row).contains("is refused")), "{found:?}");
    assert_eq!(items("contains=no-such-word-anywhere").await?, Vec::<Value>::new());
    let first = items("limit=1").await?;
    let after = first[0]["seq"].to_string();
    let next = items(&format!("limit=1&after={after}")).await?;
    ensure!(next[0]["seq"].as_u64() > first[0]["seq"].as_u64(), "page by page: {first:?} {next:?}");
    ensure!(!all.iter().any(|row| text(row).contains(PASSWORD_OF_BROKER)), "no secret in the log");
    Ok(())
}

fn text(row: &Value) -> &str {
    row["text"].as_str().unwrap_or_default()
}

/// Gives the token that may only read.
async fn scopes_and_networks(site: &Site) -> Result<String> {
    let api = &site.gateway.api;
    let add = async |name: &str, scopes: Value, networks: Value| {
        let body =
            json!({ "by": "张伟", "name": name, "role": "administrator", "scopes": scopes, "networks": networks });
        let made = api.post("tokens/add", &body).await?;
        made["token"].as_str().map(str::to_owned).context("a token")
    };
    let narrow = add("read-only", json!(["live", "read"]), json!([])).await?;
    let own = add("own-network", json!([]), json!(["127.0.0.0/8"])).await?;
    let away = add("away", json!([]), json!(["10.1.2.0/24"])).await?;
    let horn = json!({ "by": "张伟" });
    let nobody = Api::new(&site.gateway.address)?;
    let with = |token: &str| nobody.with_token(token);

    with(&narrow).get("tags").await.context("within its scopes")?;
    with(&narrow).get("journal").await.context("within its scopes")?;
    for told in [
        with(&narrow).post("horn/silence", &horn).await,
        with(&narrow).get("system/logs").await,
        with(&narrow).post("system/backup", &horn).await,
        with(&narrow).post("tokens/add", &json!({ "name": "more", "role": "administrator" })).await,
    ] {
        let words = told.err().context("beyond its scopes it is refused")?.to_string();
        ensure!(words.contains("403") && words.contains("not_allowed") && words.contains("read-only"), "{words}");
    }
    with(&own).get("system/logs").await.context("from its network")?;
    let words = with(&away).get("tags").await.err().context("from another network it is nobody's")?.to_string();
    ensure!(words.contains("401") && words.contains("session_over"), "{words}");
    Ok(narrow)
}

/// Taken over HTTP, and on record before it goes out.
async fn backup(site: &Site) -> Result<PathBuf> {
    let api = &site.gateway.api;
    let (name, bytes) = api.file("system/backup", &json!({ "by": "张伟", "reason": "换箱" })).await?;
    ensure!(name.ends_with(".tar.zst") && !bytes.is_empty(), "{name}, {} bytes", bytes.len());
    let path = site.folder.join(&name);
    let length = bytes.len();
    fs::write(&path, bytes)?;
    let rows = api.list("journal").await?;
    let said = rows.iter().find(|row| row["record"]["action"] == "take_backup").context("it is on record")?;
    ensure!(said["record"].to_string().contains(&format!("{length} bytes")), "{said}");
    let last = api.get("system").await?["last_backup"]["bytes"].as_u64();
    assert_eq!(last, Some(length as u64), "the page tells of it");
    Ok(path)
}

async fn restore(file: &Path, folder: &Path) -> Result<()> {
    fs::create_dir(folder)?;
    let mut command = Command::new(places::davy()?);
    command.arg("restore").arg(file).arg("--data").arg(folder.join("data")).arg("--config").arg(folder.join("config"));
    let output = command.args(["--by", "张伟"]).output().await?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let kept = fs::read_to_string(folder.join("config/broker.txt"))?;
    assert_eq!(kept, PASSWORD_OF_BROKER, "a backup, unlike a bundle, is whole");
    Ok(())
}

async fn open_rules(gateway: &Gateway) -> Result<BTreeSet<String>> {
    let alarms = gateway.api.list("alarms").await?;
    Ok(alarms.iter().filter_map(|alarm| alarm["rule"].as_str()).map(str::to_owned).collect())
}

/// The files of an archive as text, by their names in it.
async fn unpacked(archive: &Path, folder: &Path) -> Result<Vec<(String, String)>> {
    let mut command = Command::new(places::python()?);
    let output = command.args(["-m", "zipfile", "-e"]).arg(archive).arg(folder).output().await?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let (mut found, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(folder)?.to_string_lossy().into_owned();
            found.push((name, String::from_utf8_lossy(&fs::read(&path)?).into_owned()));
        }
    }
    Ok(found)
}
