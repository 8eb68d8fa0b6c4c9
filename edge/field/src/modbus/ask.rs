//! One question to the device, and what its answer, or none, means for the values that were asked for.

use crate::modbus::{
    device::{Answer, Device, Failure},
    plan::Block,
};
use davy_core::quality::Quality;
use tokio_modbus::ExceptionCode;

/// What became of a block.
pub(crate) enum Outcome {
    Answered(Answer),
    /// One of its values, at least, is refused.
    Refused,
    /// Its values are bad for this once.
    Bad(Quality),
    /// Nobody answers, and this is what that makes of the values.
    Silent(Quality),
}

/// What has been asked and answered in a round.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    pub(crate) requests: u32,
    pub(crate) answers: u32,
    /// Questions that stayed without an answer; each has cost a timeout.
    pub(crate) silences: u32,
    /// What ended the last connection, in words.
    pub(crate) broken: Option<String>,
}

/// Asks for a block; leaves the connection sound.
///
/// # Errors
/// In words, when there is no connection any more.
pub(crate) async fn ask(block: &Block, device: &mut Device, asked: &mut Asked) -> Result<Outcome, String> {
    // A connection may have been closed since it was last used; that says nothing about this block.
    for _ in 0..2 {
        asked.requests += 1;
        let failure = match device.read(block).await {
            Ok(answer) => {
                asked.answers += 1;
                return Ok(Outcome::Answered(answer));
            }
            Err(failure) => failure,
        };
        match failure {
            Failure::Refused(exception) => {
                asked.answers += 1;
                let outcome = refusal(exception);
                asked.silences += u32::from(matches!(outcome, Outcome::Silent(_)));
                return Ok(outcome);
            }
            Failure::Silent => {
                asked.silences += 1;
                device.reconnect().await?;
                return Ok(Outcome::Silent(Quality::BAD_TIMEOUT));
            }
            Failure::Garbled(why) => {
                tracing::debug!("unit id {} table {:?} from {}: {why}", block.unit_id, block.table, block.start);
                asked.answers += 1;
                device.reconnect().await?;
                return Ok(Outcome::Bad(Quality::BAD_DECODING));
            }
            Failure::Broken(why) => {
                device.reconnect().await?;
                asked.broken = Some(why);
            }
        }
    }
    Ok(Outcome::Bad(Quality::BAD_NO_COMMUNICATION))
}

fn refusal(exception: ExceptionCode) -> Outcome {
    match exception {
        ExceptionCode::IllegalFunction | ExceptionCode::IllegalDataAddress | ExceptionCode::IllegalDataValue => {
            Outcome::Refused
        }
        ExceptionCode::GatewayPathUnavailable => Outcome::Silent(Quality::BAD_NO_COMMUNICATION),
        ExceptionCode::GatewayTargetDevice => Outcome::Silent(Quality::BAD_TIMEOUT),
        ExceptionCode::Acknowledge | ExceptionCode::ServerDeviceBusy => Outcome::Bad(Quality::BAD_TIMEOUT),
        ExceptionCode::ServerDeviceFailure | ExceptionCode::MemoryParityError => Outcome::Bad(Quality::BAD_DEVICE),
        ExceptionCode::Custom(_) => Outcome::Bad(Quality::BAD),
    }
}
