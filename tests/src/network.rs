//! A network of one test's own, with a cable that loses packets: three network namespaces, the test's own, a router's and the
//! field's. While the router forwards nothing, every packet is dropped and nobody is told, as with a cable that is cut
//! somewhere beyond the next switch. The namespaces go with the processes that stand in them.

use crate::{
    again::{self, is_alone},
    process::Process,
    waiting,
};
use anyhow::{Context, Result, ensure};
use std::{fs, os::unix::fs::MetadataExt as _, path::Path};
use tokio::process::Command;

/// Between the gateway and the router.
const NEAR: &str = "10.73.0.1";
const NEAR_ROUTER: &str = "10.73.0.2";
/// Between the router and the field.
const FAR_ROUTER: &str = "10.73.1.1";
const FAR: &str = "10.73.1.2";

/// Plays one test of the running binary again, by its whole name, in a network of its own; root is not needed where the kernel
/// lets users have namespaces.
///
/// # Errors
/// When the test fails, or there can be no such network.
pub async fn alone(test: &str) -> Result<()> {
    let is_root = fs::metadata("/proc/self")?.uid() == 0;
    let by: &[&str] = if is_root { &["unshare", "--net"] } else { &["unshare", "--user", "--map-root-user", "--net"] };
    again::alone(by, test).await.context(
        "in a network of its own; without root the kernel must let users have namespaces: \
         sysctl kernel.unprivileged_userns_clone=1 kernel.apparmor_restrict_unprivileged_userns=0",
    )
}

/// Where a peer of the field stands.
#[derive(Clone, Debug)]
pub struct Host {
    /// Its address.
    pub address: String,
    /// A process in the network namespace, where that is not the test's own.
    beside: Option<u32>,
}

impl Host {
    /// This machine.
    #[must_use]
    pub fn local() -> Self {
        Self { address: "127.0.0.1".to_owned(), beside: None }
    }

    /// A program that runs there.
    #[must_use]
    pub fn command(&self, program: impl AsRef<Path>) -> Command {
        let program = program.as_ref();
        let Some(beside) = self.beside else { return Command::new(program) };
        let mut command = Command::new("nsenter");
        command.args(["--net", "--target", &beside.to_string()]).arg(program);
        command
    }

    async fn run(&self, words: &str) -> Result<String> {
        let mut words = words.split_whitespace();
        let output = self.command(words.next().context("a program")?).args(words).output().await?;
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        ensure!(output.status.success(), "{}: {said}", output.status);
        Ok(said)
    }
}

/// The cable and what lies at its far end.
pub struct Cable {
    router: Host,
    /// Where the field's peers stand.
    pub field: Host,
    _namespaces: [Process; 2],
}

impl Cable {
    /// Lays it, in a network of the test's own, see [`alone`].
    pub async fn lay(folder: &Path) -> Result<Self> {
        ensure!(is_alone(), "the network is that of the machine");
        let log = folder.join("network.log");
        let (router_process, router) = namespace(NEAR_ROUTER, &log).await?;
        let (field_process, field) = namespace(FAR, &log).await?;
        let near = Host { address: NEAR.to_owned(), beside: None };
        let (of_router, of_field) = (router_process.id()?, field_process.id()?);
        for (host, words) in [
            (&near, "ip link set lo up".to_owned()),
            (&near, format!("ip link add near type veth peer name near netns {of_router}")),
            (&near, format!("ip address add {NEAR}/24 dev near")),
            (&near, "ip link set near up".to_owned()),
            (&router, format!("ip address add {NEAR_ROUTER}/24 dev near")),
            (&router, "ip link set near up".to_owned()),
            (&near, format!("ip link add far type veth peer name far netns {of_field}")),
            (&near, format!("ip link set far netns {of_router}")),
            (&router, format!("ip address add {FAR_ROUTER}/24 dev far")),
            (&router, "ip link set far up".to_owned()),
            (&field, "ip link set lo up".to_owned()),
            (&field, format!("ip address add {FAR}/24 dev far")),
            (&field, "ip link set far up".to_owned()),
            (&near, format!("ip route add {FAR}/32 via {NEAR_ROUTER}")),
            (&field, format!("ip route add {NEAR}/32 via {FAR_ROUTER}")),
        ] {
            host.run(&words).await.with_context(|| words)?;
        }
        let cable = Self { router, field, _namespaces: [router_process, field_process] };
        cable.cut(false).await?;
        Ok(cable)
    }

    /// Cuts it or mends it. A router that does not forward drops what is not for itself and answers nothing.
    pub async fn cut(&self, cut: bool) -> Result<()> {
        let forward = u8::from(!cut);
        let mut command = self.router.command("sh");
        command.args(["-c", &format!("echo {forward} > /proc/sys/net/ipv4/ip_forward")]);
        ensure!(command.status().await?.success(), "the router can be told whether to forward");
        Ok(())
    }

    /// How many packets the router has dropped because it forwarded none: `InAddrErrors` of RFC 4293's counters.
    pub async fn dropped(&self) -> Result<u64> {
        let counters = self.router.run("cat /proc/net/snmp").await?;
        let mut lines = counters.lines().filter_map(|line| line.strip_prefix("Ip: "));
        let (names, values) = lines.next().zip(lines.next()).context("the kernel counts packets")?;
        let mut counted = names.split(' ').zip(values.split(' '));
        let (_, dropped) = counted.find(|(name, _)| *name == "InAddrErrors").context("the kernel counts drops")?;
        Ok(dropped.parse()?)
    }
}

/// Another namespace; it lasts as long as the process, which ends when its input closes.
async fn namespace(address: &str, log: &Path) -> Result<(Process, Host)> {
    let process = Process::start("a network namespace", Command::new("unshare").args(["--net", "cat"]), log)?;
    let id = process.id()?;
    let own = fs::read_link("/proc/self/ns/net")?;
    let is_apart = async || Ok(fs::read_link(format!("/proc/{id}/ns/net"))? != own);
    waiting::until_true("there is another network namespace", waiting::LONG, is_apart).await?;
    Ok((process, Host { address: address.to_owned(), beside: Some(id) }))
}
