//! Commands back: what the enterprise platform asks for, over MQTT or by polling.
//!
//! A command is a JWS in compact serialisation (RFC 7515), signed with Ed25519 (RFC 8037) by a key that was provisioned on
//! site. What cannot be authenticated is counted, put on record and never answered. Everything else is answered by a
//! [`Receipt`], which is sent when its audit is on the disk and not before.
//!
//! `envelope` finds out who signed, [`claims`] whether it is for this gateway, of this hour and allowed, [`asks`] what it says:
//! all three are pure. A `clerk` takes one command after the other through them and hands each to the gateway as an [`Order`];
//! `intake` and `poll` are the two ways by which commands arrive. An order can be one of three things (see [`asks::Ask`]): what a
//! person could ask for on the page, a ticket, or the files of `risk/`. There is none among them that a connector of the field
//! side could be told, and this crate knows none.

pub mod asks;
pub mod claims;
mod clerk;
mod envelope;
mod intake;
pub mod poll;
pub mod receipt;
mod strangers;

pub use claims::Claimed;
pub use receipt::Receipt;

pub(crate) use intake::Intake;

use crate::{Context, cloudevent::Message, limits};
use clerk::Clerk;
use davy_config::UplinkConfig;
use tokio::sync::{mpsc, oneshot};
use tokio_util::task::AbortOnDropHandle;

/// A command of somebody known, on its way to the gateway. One that is not answered, because the gateway stops or its disk
/// fails, has not been done, or is not known to have been: it comes again.
#[derive(Debug)]
pub struct Order {
    /// What is asked, and whether it may be.
    pub command: Claimed,
    /// Where the receipt goes.
    pub answer: oneshot::Sender<Receipt>,
}

/// The commands of an uplink, which outlive its connections.
pub(crate) struct Commands {
    /// Where an MQTT connection puts what it hears; `None` where commands are polled for.
    pub(crate) intake: Option<Intake>,
    /// What an MQTT connection is to publish.
    pub(crate) replies: mpsc::Receiver<Message>,
    _task: AbortOnDropHandle<()>,
}

impl Commands {
    /// Begins to listen, when the uplink is configured to.
    pub(crate) fn start(config: &UplinkConfig, name: &str, context: &Context) -> Option<Self> {
        let wanted = config.commands()?;
        let clerk = Clerk::new(wanted.clone(), name, context);
        let (sender, replies) = mpsc::channel(limits::REPLIES_MAX);
        let (intake, task) = match (config, &wanted.poll) {
            (UplinkConfig::Http(http), Some(poll)) => {
                (None, tokio::spawn(poll::run(http.clone(), poll.clone(), clerk)))
            }
            (
                UplinkConfig::Mqtt(_) | UplinkConfig::Http(_) | UplinkConfig::Kafka(_) | UplinkConfig::Sparkplug(_),
                _,
            ) => {
                let (intake, heard) = Intake::new(clerk.bytes_max(), clerk.topic());
                let dropped = intake.dropped();
                (Some(intake), tokio::spawn(intake::run(heard, clerk, sender, dropped)))
            }
        };
        Some(Self { intake, replies, _task: AbortOnDropHandle::new(task) })
    }
}

/// What a fuzzer calls: bytes in, and nothing but a panic is a failure. The first byte chooses whether the rest is a whole command,
/// or the claims of one whose signature was good.
pub fn fuzz(bytes: &[u8]) {
    let Some((choice, rest)) = bytes.split_first() else { return };
    let keys = [davy_config::CommandKey { id: "platform".to_owned(), public: envelope::KEY_OF_TESTS }];
    let expected = claims::Expected {
        audience: "330100123/gw-1",
        topic: Some("task"),
        kinds: &davy_config::AskKind::ALL,
        now: davy_core::time::UtcTime(1_795_392_000_000),
    };
    let payload = if choice % 2 == 0 {
        let Ok(signed) = envelope::open(rest, &keys) else { return };
        signed.payload
    } else {
        rest.to_vec()
    };
    let _ = claims::read("platform", &payload, &expected);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn whatever_comes_is_read_without_harm(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            super::fuzz(&bytes);
        }

        #[test]
        fn whatever_is_claimed_is_read_without_harm(
            iat in any::<f64>(), exp in any::<i64>(), kind in "task|stop|ticket|x", data in ".{0,40}",
        ) {
            let claims = serde_json::json!({
                "jti": "c-1", "aud": "330100123/gw-1", "iat": iat, "exp": exp, "kind": kind, "by": data, "data": { "action": data },
            });
            super::fuzz(&[&[1], claims.to_string().as_bytes()].concat());
        }
    }
}
