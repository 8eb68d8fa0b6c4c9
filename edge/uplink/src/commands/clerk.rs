//! One command after the other: who sent it, whether it may be asked, and what came of it.

use super::{
    Order, Receipt,
    claims::{self, Claimed, Expected},
    envelope::{self, Stranger},
    strangers::Strangers,
};
use crate::{Context, cloudevent::Origin, limits};
use davy_config::{AskKind, CommandsConfig};
use davy_core::{id::UplinkId, time::UtcTime};
use tokio::{
    sync::{mpsc, oneshot},
    time::Instant,
};

/// Who takes the commands of an uplink.
pub(crate) struct Clerk {
    config: CommandsConfig,
    audience: String,
    utc: fn() -> UtcTime,
    orders: mpsc::Sender<Order>,
    strangers: Strangers,
    pub(super) origin: Origin,
}

impl Clerk {
    pub(crate) fn new(config: CommandsConfig, name: &str, context: &Context) -> Self {
        let gateway = &context.gateway;
        Self {
            config,
            audience: format!("{}/{}", gateway.company_code, gateway.gateway_id),
            utc: context.utc,
            orders: context.orders.clone(),
            strangers: Strangers::new(UplinkId::from(name), context.inbox.clone()),
            origin: Origin::new(gateway, context.store.epoch()),
        }
    }

    /// Bytes of a command that is looked at: a whole risk model is larger than anything else.
    pub(super) fn bytes_max(&self) -> usize {
        let whole = self.config.kinds.contains(&AskKind::RiskModel);
        if whole { limits::RISK_MODEL_BYTES_MAX } else { limits::COMMAND_BYTES_MAX }
    }

    /// The topic under which commands come, without its last level.
    pub(super) fn topic(&self) -> String {
        format!("davy/v1/{}/command", self.audience)
    }

    /// What to tell the sender of a command; `None` for nobody known, and while the gateway cannot say what came of it.
    pub(super) async fn answer(&mut self, topic: Option<&str>, jws: &[u8]) -> Option<Receipt> {
        match self.read(topic, jws) {
            Ok(command) => {
                let (answer, answered) = oneshot::channel();
                self.orders.send(Order { command, answer }).await.ok()?;
                answered.await.ok()
            }
            Err(stranger) => {
                self.strangers.heard(stranger, Instant::now());
                None
            }
        }
    }

    /// Says what is due of those that nobody knows.
    pub(super) fn look(&mut self) {
        self.strangers.say(Instant::now());
    }

    fn read(&self, topic: Option<&str>, jws: &[u8]) -> Result<Claimed, Stranger> {
        if jws.len() > self.bytes_max() {
            return Err(Stranger::TooLarge(self.bytes_max()));
        }
        let signed = envelope::open(jws, &self.config.keys)?;
        let expected = Expected { audience: &self.audience, topic, kinds: &self.config.kinds, now: (self.utc)() };
        claims::read(&signed.key.id, &signed.payload, &expected)
    }
}
