//! What an outcome says of the device: one answer for its link, its readings and its line.

use cellwatch_model::Cause;

use crate::door::NoReply;

/// A gateway that speaks for a device that does not (Modbus Application Protocol V1.1b3, §7): it has no way to it …
const GATEWAY_PATH: u8 = 0x0a;
/// … or the device did not answer it.
const GATEWAY_TARGET: u8 = 0x0b;

/// What an outcome says of the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    /// It answers, be it with a refusal.
    Answers,
    /// It did not answer, or not to this request.
    Fails,
    /// It could not be asked: there is no connection.
    NotAsked,
}

/// What the outcome says of the device.
pub(super) const fn sign(outcome: &Result<Vec<u16>, NoReply>) -> Sign {
    match outcome {
        Ok(_) => Sign::Answers,
        Err(NoReply::Exception(GATEWAY_PATH | GATEWAY_TARGET))
        | Err(NoReply::Timeout | NoReply::Wrong(_)) => Sign::Fails,
        Err(NoReply::Exception(_)) => Sign::Answers,
        Err(NoReply::NotConnected(_)) => Sign::NotAsked,
    }
}

/// The cause on readings that were asked for.
pub(super) const fn cause(no_reply: &NoReply) -> Cause {
    match no_reply {
        NoReply::NotConnected(_) | NoReply::Exception(GATEWAY_PATH) => Cause::NoCommunication,
        NoReply::Timeout | NoReply::Exception(GATEWAY_TARGET) => Cause::Timeout,
        NoReply::Wrong(_) => Cause::WrongReply,
        NoReply::Exception(_) => Cause::DeviceException,
    }
}

/// In words for people; empty for a reply.
pub(super) fn words(outcome: &Result<Vec<u16>, NoReply>, timeout_ms: u64) -> String {
    match outcome {
        Ok(_) => String::new(),
        Err(NoReply::Exception(GATEWAY_PATH)) => {
            "the gateway says that it has no way to its target (Modbus exception 10)".to_owned()
        }
        Err(NoReply::Exception(GATEWAY_TARGET)) => {
            "the gateway says that its target does not answer (Modbus exception 11)".to_owned()
        }
        Err(NoReply::Exception(code)) => format!("Modbus exception {code}"),
        Err(NoReply::NotConnected(why)) => format!("not connected: {why}"),
        Err(NoReply::Timeout) => format!("no answer within {timeout_ms} ms"),
        Err(NoReply::Wrong(why)) => format!("wrong reply: {why}"),
    }
}
