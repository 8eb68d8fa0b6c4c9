//! From an empty folder to a running gateway with the commands alone: at a terminal, beside a secured OPC UA server and a Modbus
//! device that this project did not write. What stands for the spreadsheet program fills in cells of a CSV file.

#[path = "e2e_first_site/sources.rs"]
mod sources;

use acceptance::{
    broker::Broker,
    gateway::Gateway,
    peers::{Modbus, Node, OpcUa, float_cdab},
    places, terminal,
    waiting::{self, LONG},
    watched::Watched,
};
use anyhow::{Context, Result, ensure};
use davy_field::wire::{Protocol, Sent};
use serde_json::{Value, json};
use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Output,
};
use tokio::process::Command;

const IDENTITY: [&str; 10] = [
    "--company-code",
    "330100123",
    "--gateway-id",
    "gw-1",
    "--name",
    "一号罐区",
    "--author",
    "李工",
    "--listen",
    "127.0.0.1:0",
];
const PASSWORD: &str = "correct-horse";

/// The commands, and the folders that they work on.
struct Bench {
    folder: PathBuf,
    config: String,
    data: String,
}

impl Bench {
    fn new(test: &str) -> Result<Self> {
        let folder = places::fresh(test)?;
        let path =
            |name: &str| Ok::<_, anyhow::Error>(folder.join(name).to_str().context("a path of letters")?.to_owned());
        Ok(Self { config: path("config")?, data: path("data")?, folder })
    }

    async fn davy(&self, words: &[&str]) -> Result<Output> {
        Ok(Command::new(places::davy()?).args(words).current_dir(&self.folder).output().await?)
    }

    /// Standard output of a command that does what it is asked.
    async fn good(&self, words: &[&str]) -> Result<String> {
        let output = self.davy(words).await?;
        ensure!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        Ok(String::from_utf8(output.stdout)?)
    }

    /// Both outputs of a command that ends with this status.
    async fn ends(&self, status: i32, words: &[&str]) -> Result<String> {
        let output = self.davy(words).await?;
        let said = String::from_utf8([output.stdout, output.stderr].concat())?;
        ensure!(output.status.code() == Some(status), "{words:?}: {}: {said}", output.status);
        Ok(said)
    }

    async fn on_config(&self, words: &[&str]) -> Result<String> {
        self.good(&[words, &["--config", &self.config]].concat()).await
    }

    async fn on_both(&self, words: &[&str]) -> Result<String> {
        self.on_config(&[words, &["--data", &self.data]].concat()).await
    }

    fn file(&self, name: &str) -> Result<String> {
        let path = Path::new(&self.config).join(name);
        fs::read_to_string(&path).with_context(|| format!("read {}", path.display()))
    }
}

fn nodes() -> (Vec<Node>, Value) {
    let node = |name: &str, data_type, value| Node { name: name.to_owned(), data_type, value };
    let nodes = vec![
        node("LI-1", "Double", json!(42.5)),
        node("TI-1", "Float", json!(20.5)),
        node("XV-1", "Boolean", json!(true)),
        node("NOTE", "String", json!("text")),
    ];
    let more = json!({
        "LI-1": {"range": [0.0, 100.0], "description": "一号罐液位"},
        "TI-1": {"range": [-20.0, 120.0], "unit": "℃"},
    });
    (nodes, more)
}

/// Fills in a cell of a table, as a person does in a spreadsheet program.
fn fill(table: &str, tag: &str, column: &str, value: &str) -> Result<String> {
    let headers = table.lines().next().context("a header row")?.trim_start_matches('\u{feff}');
    let at =
        headers.split(',').position(|header| header == column).with_context(|| format!("{column} in {headers}"))?;
    let mut lines: Vec<String> = table.lines().map(str::to_owned).collect();
    let line = lines
        .iter_mut()
        .find(|line| line.starts_with(&format!("{tag},")))
        .with_context(|| format!("{tag} in {table}"))?;
    let mut cells: Vec<&str> = line.split(',').collect();
    cells[at] = value;
    *line = cells.join(",");
    Ok(lines.join("\n") + "\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn from_an_empty_folder_to_a_running_gateway() -> Result<()> {
    let bench = Bench::new("first-site")?;
    let security = json!({
        "folder": bench.folder,
        "policies": ["NoSecurity", "Basic256Sha256_SignAndEncrypt", "Aes256Sha256RsaPss_Sign", "Aes256Sha256RsaPss_SignAndEncrypt"],
        "tokens": ["user"],
        "users": {"davy": PASSWORD},
    });
    let (nodes, more) = nodes();
    let mut server = OpcUa::start_described(nodes, more, security, &bench.folder).await?;
    let mut device = Modbus::start(json!({"1": {"holding": [[0, 8]]}}), &bench.folder).await?;
    device.write(1, "holding", 2, &float_cdab(12.5)).await?;

    begun_at_a_terminal(&bench).await?;
    let taps = [
        Watched::open("OPC UA", Protocol::OpcUa, server.port).await?,
        Watched::open("Modbus", Protocol::ModbusTcp, device.port).await?,
    ];
    secured_server(&bench, taps[0].port()).await?;
    modbus_device(&bench, taps[1].port()).await?;
    points(&bench).await?;
    ensure!(bench.on_config(&["check"]).await?.contains("good: 2 sources, 4 tags"));
    no_password_in_the_files(&bench)?;

    let mut gateway = Gateway::start(&bench.folder).await?;
    for (tag, value) in [("LI-1", 42.5), ("TI-1", 20.5), ("XV-1", 1.0), ("GT-1", 12.5)] {
        let is_good = async || {
            let row = gateway.api.find("tags", "tag", tag).await?;
            Ok(row["value"] == value && row["severity"] == "good")
        };
        waiting::until_true(&format!("{tag} is good"), LONG, is_good).await?;
    }
    let level = gateway.api.find("tags", "tag", "LI-1").await?;
    assert_eq!((&level["name"], &level["engineering_unit"]), (&json!("一号罐液位"), &json!("%")));
    server.write("LI-1", 91.0).await?;
    device.write(1, "holding", 2, &float_cdab(30.0)).await?;
    for rule in ["LI-1.H", "GT-1.H"] {
        let is_raised = async || Ok(gateway.api.find("alarms", "rule", rule).await.is_ok());
        waiting::until_true(&format!("{rule} alarms"), LONG, is_raised).await?;
    }
    assert_eq!((server.writes_seen().await?, device.writes_seen().await?), (0, 0));
    taps[1].only_reads()?;
    let counts = taps[0].counts();
    ensure!(counts.contains_key(&Sent::Sealed), "encrypted, so that the server's own count is what tells: {counts:?}");
    ensure!(gateway.stop().await?.success(), "an orderly stop");
    gateway.verify().await
}

/// A person answers what is asked; a second time nothing is overwritten.
async fn begun_at_a_terminal(bench: &Bench) -> Result<()> {
    let init = ["init", &bench.config, "--listen", "127.0.0.1:0"];
    let answers = [["企业编码", "330100123"], ["网关编号", "gw-1"], ["网关名称", "一号罐区"], ["编制人", "李工"]];
    let screen = terminal::davy(&init, &answers, &bench.folder).await?;
    ensure!(screen.contains("gateway.toml") && screen.contains("davy source add"), "{screen}");
    ensure!(bench.on_config(&["check"]).await?.contains("good: 0 sources, 0 tags"), "nothing is wrong, nothing is odd");
    let before = bench.file("gateway.toml")?;
    let again = bench.ends(1, &[&["init", &bench.config][..], &IDENTITY].concat()).await?;
    ensure!(again.contains("already"), "{again}");
    assert_eq!(bench.file("gateway.toml")?, before);
    Ok(())
}

/// What is offered is shown and the strongest taken; the certificate is trusted and the source written by a person's word alone,
/// and the password goes where nobody else reads it.
async fn secured_server(bench: &Bench, port: u16) -> Result<()> {
    let url = format!("opc.tcp://127.0.0.1:{port}/");
    let browsed = bench.ends(1, &["browse", &url]).await?;
    ensure!(browsed.contains("takes no anonymous user"), "{browsed}");
    let add = [
        "source",
        "add",
        "dcs",
        &url,
        "--user",
        "davy",
        "--by",
        "李工",
        "--config",
        &bench.config,
        "--data",
        &bench.data,
    ];
    let unasked = bench.ends(1, &add).await?;
    ensure!(unasked.contains("--password-file FILE"), "without a terminal nobody is asked: {unasked}");

    let before = bench.file("gateway.toml")?;
    let password = ["Password of davy", PASSWORD];
    let again = ["once more", PASSWORD];
    let undecided =
        terminal::davy(&add, &[password, again, ["do you trust it", "n"], ["Write it?", ""]], &bench.folder).await?;
    ensure!(undecided.contains("is not trusted") && undecided.contains("nothing was written"), "{undecided}");
    assert_eq!(bench.file("gateway.toml")?, before);

    let added =
        terminal::davy(&add, &[password, again, ["do you trust it", "y"], ["Write it?", "y"]], &bench.folder).await?;
    for words in [
        "Basic256Sha256 SignAndEncrypt",
        "chosen       Aes256_Sha256_RsaPss SignAndEncrypt, the strongest",
        "CN=Acceptance, signed by itself",
        "left",
        "agrees with this gateway's",
        "connected    a session was made",
        "+ security = \"Aes256_Sha256_RsaPss\"",
    ] {
        ensure!(added.contains(words), "{words}: {added}");
    }
    ensure!(!added.contains(PASSWORD), "it is not shown: {added}");
    ensure!(bench.file("gateway.toml")?.starts_with(&before), "what was there stays as it was");
    let secret = Path::new(&bench.config).join("secrets/dcs-password");
    assert_eq!(
        (fs::read_to_string(&secret)?.as_str(), fs::metadata(&secret)?.permissions().mode() & 0o777),
        (PASSWORD, 0o600)
    );
    let tested = bench.on_both(&["source", "test", "dcs"]).await?;
    ensure!(tested.contains("trusted    yes") && tested.contains("a session was made"), "{tested}");
    Ok(())
}

async fn modbus_device(bench: &Bench, port: u16) -> Result<()> {
    let url = format!("modbus://127.0.0.1:{port}");
    let add = ["source", "add", "gds", &url, "--name", "气体检测系统"];
    let shown = bench.on_config(&add).await?;
    ensure!(shown.contains("the line is open") && shown.contains("add --apply"), "{shown}");
    let added = bench.on_config(&[&add[..], &["--apply"]].concat()).await?;
    ensure!(added.contains("+ address = ") && added.contains("davy read"), "{added}");
    let unbrowsed = bench.ends(1, &["browse", "gds", "--config", &bench.config]).await?;
    ensure!(unbrowsed.contains("davy tags export") && unbrowsed.contains("43/14"), "{unbrowsed}");
    let registers = bench.on_config(&["read", "gds", "1/holding/2"]).await?;
    ensure!(registers.contains("CDAB  f32 12.5"), "{registers}");
    Ok(())
}

/// What the server has becomes the point table, and the rows of the device are filled into the table that is exported.
async fn points(bench: &Bench) -> Result<()> {
    let found = bench.on_both(&["browse", "dcs", "--csv"]).await?;
    let expected = "LI-1,一号罐液位,dcs,nsu=urn:davy:acceptance;s=LI-1,,,,,,,,,%,0,100,";
    ensure!(found.contains(expected) && found.contains(",℃,-20,120,") && !found.contains("NOTE"), "{found}");
    fs::write(bench.folder.join("points.csv"), fill(&found, "LI-1", "高限", "90")?)?;
    let import = ["tags", "import", "points.csv", "--merge"];
    let shown = bench.on_config(&import).await?;
    ensure!(shown.contains("+ LI-1") && shown.contains("3 added, 0 removed"), "{shown}");
    bench.on_config(&[&import[..], &["--apply"]].concat()).await?;

    let again = bench.on_both(&["browse", "dcs", "--csv", "-o", "again.csv"]).await?;
    let same = bench.on_config(&["tags", "import", "again.csv"]).await?;
    ensure!(again.is_empty() && same.contains("nothing to change"), "what is known stays as it is: {same}");

    let exported = bench.on_config(&["tags", "export", "--header", "en"]).await?;
    let empty = "GT-1,一号罐区可燃气体,gds,1/holding/2".to_owned() + &",".repeat(29);
    let mut table = exported.replace("\r\n", "\n") + &empty + "\n";
    for (column, value) in [("data", "f32"), ("order", "CDAB"), ("range_low", "0"), ("range_high", "100"), ("H", "25")]
    {
        table = fill(&table, "GT-1", column, value)?;
    }
    fs::write(bench.folder.join("tags.csv"), table)?;
    let applied = bench.on_config(&["tags", "import", "tags.csv", "--apply"]).await?;
    ensure!(applied.contains("+ GT-1") && applied.contains("1 added, 0 removed, 0 changed"), "{applied}");
    Ok(())
}

/// Every file of the folder that goes under version control.
fn no_password_in_the_files(bench: &Bench) -> Result<()> {
    ensure!(bench.file(".gitignore")?.contains("/secrets/"));
    let mut folders = vec![PathBuf::from(&bench.config)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.ends_with("secrets") {
                assert_eq!(fs::metadata(&path)?.permissions().mode() & 0o777, 0o700);
            } else if path.is_dir() {
                folders.push(path);
            } else {
                ensure!(!fs::read_to_string(&path)?.contains(PASSWORD), "{}", path.display());
            }
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_taken_that_nobody_has_said() -> Result<()> {
    let bench = Bench::new("first-site-open")?;
    let (nodes, more) = nodes();
    let open = OpcUa::start_described(nodes.clone(), more.clone(), Value::Null, &bench.folder).await?;
    let security = json!({"folder": bench.folder, "policies": ["NoSecurity", "Basic256Sha256_SignAndEncrypt"]});
    let secured = OpcUa::start_described(nodes, more, security, &bench.folder).await?;
    let (open, secured) =
        (format!("opc.tcp://127.0.0.1:{}/", open.port), format!("opc.tcp://127.0.0.1:{}/", secured.port));
    let missing = bench.ends(1, &["init", &bench.config]).await?;
    ensure!(missing.contains("--company-code CODE, --gateway-id ID, --name NAME, --author NAME"), "{missing}");
    bench.good(&[&["init", &bench.config][..], &IDENTITY].concat()).await?;
    let before = bench.file("gateway.toml")?;

    for (words, said) in [
        (&["dcs", &open][..], "say --security none"),
        (&["dcs", &secured, "--apply"], "say --data DIR"),
        (&["dcs", &secured, "--data", &bench.data, "--trust", "00:11", "--apply"], "another certificate than 00:11"),
        (&["dcs", "opc.tcp://127.0.0.1:1/"], "davy source add --offline"),
        (&["dcs", "opc.tcp://127.0.0.1:1/", "--offline"], "--offline needs --security"),
        (&["dcs", "tcp://127.0.0.1:502"], "write opc.tcp://"),
        (&["people", "mqtt://127.0.0.1:1"], "say what the broker brings"),
        (&["dcs", &open, "--security", "none", "--location", "a/+"], "--location is for mqtt://"),
    ] {
        let refused = bench.ends(1, &[&["source", "add", "--config", &bench.config][..], words].concat()).await?;
        ensure!(refused.contains(said), "{words:?}: {refused}");
        assert_eq!(bench.file("gateway.toml")?, before, "{words:?}");
    }
    let wrong = bench
        .ends(2, &["source", "add", "d c s", "modbus://127.0.0.1:1", "--config", &bench.config, "--apply"])
        .await?;
    ensure!(wrong.contains("id: \"d c s\"") && wrong.contains("nothing was written"), "{wrong}");
    assert_eq!(bench.file("gateway.toml")?, before);

    let listed = bench.good(&["trust", "list", "--data", &bench.data, "--format", "json"]).await?;
    let listed: Value = serde_json::from_str(&listed)?;
    let sha256 = listed[0]["sha256"].as_str().context("what was shown is listed for a decision")?;
    let added =
        bench.on_both(&["source", "add", "dcs", &secured, "--trust", sha256, "--by", "李工", "--apply"]).await?;
    ensure!(
        added.contains("chosen       Basic256Sha256 SignAndEncrypt") && added.contains("a session was made"),
        "{added}"
    );
    let added = bench.on_config(&["source", "add", "old", &open, "--security", "none", "--apply"]).await?;
    ensure!(added.contains("a session was made"), "{added}");
    let weaker = bench.on_config(&["source", "add", "weak", &secured, "--security", "none"]).await?;
    ensure!(
        weaker.contains("warning      security none was asked for, and the server offers Basic256Sha256"),
        "{weaker}"
    );
    let twice = bench.ends(1, &["source", "add", "dcs", &open, "--config", &bench.config]).await?;
    ensure!(twice.contains("there is a source dcs"), "{twice}");
    let down = bench
        .on_config(&["source", "add", "people", "mqtt://127.0.0.1:1", "--location", "site/location/+", "--apply"])
        .await?;
    ensure!(
        down.contains("not yet") && down.contains("refused"),
        "a source that is not there yet may be added: {down}"
    );
    bench.ends(1, &["source", "test", "people", "--config", &bench.config]).await?;
    let broker = Broker::start("broker", &bench.folder).await?;
    let url = format!("mqtt://127.0.0.1:{}", broker.port);
    let topics = ["--location", "site/location/+", "--video", "site/video/+", "--ticket", "site/ticket/+"];
    let brought = bench.on_config(&[&["source", "add", "cards", &url, "--apply"], &topics[..]].concat()).await?;
    ensure!(brought.contains("connected    ") && brought.contains("+ card = { topic_level = 2 }"), "{brought}");
    let found = bench.on_config(&["browse", "old", "--format", "xlsx", "-o", "points.xlsx"]).await?;
    let shown = bench.on_config(&["tags", "import", "points.xlsx"]).await?;
    ensure!(found.is_empty() && shown.contains("3 added, 0 removed"), "{shown}");
    ensure!(bench.on_config(&["check"]).await?.contains("good: 4 sources"));
    Ok(())
}

/// What a person must know of a server before it is trusted is said at once: the clock, the validity, the host.
#[tokio::test(flavor = "multi_thread")]
async fn all_that_is_odd_with_a_server_is_told_in_plain_words() -> Result<()> {
    let bench = Bench::new("first-site-odd")?;
    let security = json!({"folder": bench.folder, "hosts": ["dcs-server"], "until_s": -60, "clock_ahead_s": 7_230});
    let server = OpcUa::start_described(Vec::new(), Value::Null, security, &bench.folder).await?;
    let url = format!("opc.tcp://127.0.0.1:{}/", server.port);
    bench.good(&[&["init", &bench.config][..], &IDENTITY].concat()).await?;
    let add = ["source", "add", "dcs", &url];
    let shown = bench.on_both(&add).await?;
    for words in [
        "clock        the server's clock is 2 h 0 min ahead of this gateway's",
        "ago; set the clocks, or renew it at the server",
        "is for dcs-server and not for 127.0.0.1",
        "--no-certificate-host-check and --no-certificate-time-check",
        "davy trust accept ",
    ] {
        ensure!(shown.contains(words), "{words}: {shown}");
    }
    let listed = bench.good(&["trust", "list", "--data", &bench.data, "--format", "json"]).await?;
    let listed: Value = serde_json::from_str(&listed)?;
    let sha256 = listed[0]["sha256"].as_str().context("it is listed for a decision")?;
    let trust = ["--trust", sha256, "--by", "李工"];
    let refused = bench.on_both(&[&add[..], &trust].concat()).await?;
    ensure!(refused.contains("not yet"), "trust alone does not make it valid: {refused}");
    let flags = ["--no-certificate-host-check", "--no-certificate-time-check", "--apply"];
    let added = bench.on_both(&[&add[..], &flags].concat()).await?;
    ensure!(added.contains("a session was made") && added.contains("+ certificate_host_check = false"), "{added}");
    Ok(())
}
