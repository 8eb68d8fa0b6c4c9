//! One question to the device, and what its answer, or none, means for the values that were asked for.

use crate::modbus::{
    device::{Device, Failure},
    plan::Block,
    read_only::Answer,
};
use davy_core::quality::Quality;
use tokio_modbus::ExceptionCode;

/// What became of a block.
pub(crate) enum Outcome {
    Answered(Answer),
    /// One of its values, at least, is refused.
    Refused,
    /// The device has no time for it; its values are bad for this once.
    Busy(Quality),
    /// The device fails for it, and one of its values, at least, is bad.
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

/// Asks for a block, and again so many times when no answer comes or none that can be read; leaves the connection sound.
///
/// # Errors
/// In words, when there is no connection any more.
pub(crate) async fn ask(
    block: &Block,
    device: &mut Device,
    asked: &mut Asked,
    mut retries: u32,
) -> Result<Outcome, String> {
    // A connection may have been closed since it was last used; that says nothing about this block.
    let mut may_be_broken = true;
    loop {
        asked.requests += 1;
        let failure = match device.read(block).await {
            Ok(answer) => {
                asked.answers += 1;
                return Ok(Outcome::Answered(answer));
            }
            Err(failure) => failure,
        };
        device.mend(&failure).await?;
        match failure {
            Failure::Silent | Failure::Garbled(_) if retries > 0 => retries -= 1,
            Failure::Broken(why) => {
                asked.broken = Some(why);
                if !may_be_broken {
                    return Ok(Outcome::Bad(Quality::BAD_NO_COMMUNICATION));
                }
                may_be_broken = false;
            }
            Failure::Refused(exception) => {
                asked.answers += 1;
                let outcome = refusal(exception);
                asked.silences += u32::from(matches!(outcome, Outcome::Silent(_)));
                return Ok(outcome);
            }
            Failure::Silent => {
                asked.silences += 1;
                return Ok(Outcome::Silent(Quality::BAD_TIMEOUT));
            }
            Failure::Garbled(why) => {
                tracing::debug!("unit id {} table {:?} from {}: {why}", block.unit_id, block.table, block.start);
                asked.answers += 1;
                return Ok(Outcome::Bad(Quality::BAD_DECODING));
            }
        }
    }
}

fn refusal(exception: ExceptionCode) -> Outcome {
    match exception {
        ExceptionCode::IllegalFunction | ExceptionCode::IllegalDataAddress | ExceptionCode::IllegalDataValue => {
            Outcome::Refused
        }
        ExceptionCode::GatewayPathUnavailable => Outcome::Silent(Quality::BAD_NO_COMMUNICATION),
        ExceptionCode::GatewayTargetDevice => Outcome::Silent(Quality::BAD_TIMEOUT),
        ExceptionCode::Acknowledge | ExceptionCode::ServerDeviceBusy => Outcome::Busy(Quality::BAD_TIMEOUT),
        ExceptionCode::ServerDeviceFailure | ExceptionCode::MemoryParityError => Outcome::Bad(Quality::BAD_DEVICE),
        ExceptionCode::Custom(_) => Outcome::Bad(Quality::BAD),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_exception_says_what_became_of_the_values() {
        use ExceptionCode::{
            Acknowledge, Custom, GatewayPathUnavailable, GatewayTargetDevice, IllegalDataAddress, IllegalDataValue,
            IllegalFunction, MemoryParityError, ServerDeviceBusy, ServerDeviceFailure,
        };
        for (exception, expected) in [
            (IllegalFunction, "refused"),
            (IllegalDataAddress, "refused"),
            (IllegalDataValue, "refused"),
            (ServerDeviceFailure, "bad BadDeviceFailure"),
            (Acknowledge, "busy BadTimeout"),
            (ServerDeviceBusy, "busy BadTimeout"),
            (MemoryParityError, "bad BadDeviceFailure"),
            (GatewayPathUnavailable, "silent BadNoCommunication"),
            (GatewayTargetDevice, "silent BadTimeout"),
            (Custom(0x15), "bad Bad"),
        ] {
            let told = match refusal(exception) {
                Outcome::Refused => "refused".to_owned(),
                Outcome::Busy(quality) => format!("busy {quality}"),
                Outcome::Bad(quality) => format!("bad {quality}"),
                Outcome::Silent(quality) => format!("silent {quality}"),
                Outcome::Answered(_) => "answered".to_owned(),
            };
            assert_eq!(told, expected, "{exception:?}");
        }
    }
}
