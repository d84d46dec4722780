//! The device's answer as the agent's connection would give it: words, or why there are none.

use std::time::Duration;

use cellwatch_config::profile::Table;
use cellwatch_core::door::{NoReply, Read};
use cellwatch_reactor::faults::{Damage, Reach};
use cellwatch_reactor::reactor::{Reactor, Reply};

/// What a Modbus server of this kind takes to answer, ms.
const LATENCY_MS: u64 = 20;

/// Asks the reactor; gives the milliseconds until the outcome and the outcome.
pub(super) fn ask(
    reactor: &mut Reactor,
    read: Read,
    timeout_ms: u64,
) -> (u64, Result<Vec<u16>, NoReply>) {
    let conduct = reactor.faults().conduct();
    if conduct.accepts_only {
        return (timeout_ms, Err(NoReply::Timeout));
    }
    if conduct.reach != Reach::There {
        return (1, Err(NoReply::NotConnected("connection refused".to_owned())));
    }
    let function = match read.table {
        Table::Coil => 1,
        Table::Discrete => 2,
        Table::Holding => 3,
        Table::Input => 4,
    };
    let [a0, a1] = read.address.to_be_bytes();
    let [c0, c1] = read.count.to_be_bytes();
    match reactor.answer(&[function, a0, a1, c0, c1]) {
        Reply::Silent => (timeout_ms, Err(NoReply::Timeout)),
        Reply::Send { pdu, header, slow, late, damage } => {
            let delay = slow + late.unwrap_or(Duration::ZERO);
            let after_ms =
                LATENCY_MS.saturating_add(u64::try_from(delay.as_millis()).unwrap_or(u64::MAX));
            if after_ms >= timeout_ms {
                return (timeout_ms, Err(NoReply::Timeout));
            }
            match damage {
                // On Modbus TCP pieces are put together, and there is no CRC.
                None | Some(Damage::Split | Damage::Crc) => {}
                Some(Damage::Cut) => return (timeout_ms, Err(NoReply::Timeout)),
                Some(
                    Damage::Merged
                    | Damage::GarbageBefore
                    | Damage::GarbageAfter
                    | Damage::Closed
                    | Damage::Reset,
                ) => {
                    let wrong = "these bytes are no reply to this request".to_owned();
                    return (after_ms, Err(NoReply::Wrong(wrong)));
                }
            }
            if header.transaction != 0 || header.unit != 0 {
                let wrong = NoReply::Wrong("the reply's header is another request's".to_owned());
                return (after_ms, Err(wrong));
            }
            (after_ms, words(&pdu, function, read))
        }
    }
}

/// Modbus Application Protocol V1.1b3, §6.1 to §6.4.
fn words(pdu: &[u8], function: u8, read: Read) -> Result<Vec<u16>, NoReply> {
    let wrong = |what: &str| Err(NoReply::Wrong(what.to_owned()));
    match pdu {
        [code, exception] if *code == function | 0x80 => Err(NoReply::Exception(*exception)),
        [code, count, data @ ..] if *code == function && usize::from(*count) == data.len() => {
            let wanted = usize::from(read.count);
            if read.table.is_bits() {
                if data.len() != wanted.div_ceil(8) {
                    return wrong("the reply holds another number of bits");
                }
                let bit = |index: usize| u16::from(data[index / 8] >> (index % 8) & 1);
                return Ok((0..wanted).map(bit).collect());
            }
            if data.len() != wanted * 2 {
                return wrong("the reply holds another number of registers");
            }
            Ok(data.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect())
        }
        _ => wrong("the reply is to another function"),
    }
}
