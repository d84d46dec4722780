//! The master of an RTU line: whatever comes and whenever, words are credited to a request only where its reply came,
//! whole and alone, after it was sent.
//!
//! Input: steps, each led by a byte: ask (then unit, function, count, lateness), time passes (then milliseconds), or
//! bytes come (so many of those that follow).

use cellwatch_config::profile::Table;
use cellwatch_core::acquire::rtu::{Ask, Output, RtuMaster, Timing};
use cellwatch_core::door::Read;
use cellwatch_model::Mono;

const TABLES: [(Table, u8); 4] =
    [(Table::Coil, 1), (Table::Discrete, 2), (Table::Holding, 3), (Table::Input, 4)];

struct Line {
    master: RtuMaster,
    now: Mono,
    /// The request that was sent, and all that came since.
    open: Option<(Read, u8, Vec<u8>)>,
    asked: Option<(Read, u8)>,
}

/// Tries one input.
pub(crate) fn run(data: &[u8]) {
    let now = Mono::default();
    let master = RtuMaster::new(Timing::serial(19_200, 0), 0, now);
    let mut line = Line { master, now, open: None, asked: None };
    let mut rest = data.iter().copied();
    while let Some(step) = rest.next() {
        match step % 3 {
            0 => {
                let [unit, table, count, late] = std::array::from_fn(|_| rest.next().unwrap_or(1));
                let (table, function) = TABLES[usize::from(table % 4)];
                let count = u16::from(count % 20) + 1;
                let read = Read { modbus_unit: unit, table, address: 7, count };
                if !line.master.is_busy() {
                    line.asked = Some((read, function));
                    let max_lateness_ms = u64::from(late);
                    let ask = Ask { read, instead: None, timeout_ms: 100, max_lateness_ms };
                    line.master.request(ask, line.now);
                }
            }
            1 => {
                line.now = line.now.plus_ms(u64::from(rest.next().unwrap_or(1)));
                line.elapse();
            }
            _ => {
                let count = usize::from(rest.next().unwrap_or(0) % 64);
                let bytes: Vec<u8> = rest.by_ref().take(count).collect();
                line.elapse();
                line.outputs();
                if let Some((.., came)) = &mut line.open {
                    came.extend(&bytes);
                }
                line.master.received(&bytes, line.now);
            }
        }
        line.outputs();
    }
}

impl Line {
    fn elapse(&mut self) {
        // Each deadline is met when it comes, as the adapter does.
        for _ in 0..8 {
            self.outputs();
            let Some(due) = self.master.deadline().filter(|due| *due <= self.now) else { return };
            self.master.elapse(due.max(self.now));
        }
    }

    fn outputs(&mut self) {
        while let Some(output) = self.master.poll_output() {
            match output {
                Output::Send(_) => {
                    let (read, function) = self.asked.expect("something was asked");
                    self.open = Some((read, function, Vec::new()));
                }
                Output::Reply(Ok(words)) => {
                    let (read, function, came) = self.open.take().expect("it was sent");
                    assert_eq!(words, answer(&came, read, function).expect("its reply came"));
                    assert!(self.asked.take().is_some(), "one outcome for a request");
                }
                Output::Reply(Err(_)) => {
                    self.open = None;
                    assert!(self.asked.take().is_some(), "one outcome for a request");
                }
            }
        }
    }
}

/// The words of the only reply there is, written down once more (Modbus over Serial Line V1.02, §2.3 and §6.2.2).
fn answer(frame: &[u8], read: Read, function: u8) -> Option<Vec<u16>> {
    let data_bytes = if function <= 2 { read.count.div_ceil(8) } else { read.count * 2 };
    let (body, crc) = frame.split_last_chunk::<2>()?;
    let (head, data) = body.split_first_chunk::<3>()?;
    let is_reply = head[..2] == [read.modbus_unit, function]
        && u16::from(head[2]) == data_bytes
        && data.len() == usize::from(data_bytes)
        && crc16(body).to_le_bytes() == *crc;
    let bits = || data.iter().flat_map(|byte| (0..8).map(move |bit| u16::from(byte >> bit & 1)));
    let registers = || data.chunks(2).map(|pair| u16::from(pair[0]) << 8 | u16::from(pair[1]));
    is_reply.then(|| {
        if function <= 2 { bits().take(read.count.into()).collect() } else { registers().collect() }
    })
}

fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xffff, |crc: u16, byte| {
        (0..8).fold(
            crc ^ u16::from(*byte),
            |crc, _| {
                if crc & 1 == 1 { crc >> 1 ^ 0xa001 } else { crc >> 1 }
            },
        )
    })
}
