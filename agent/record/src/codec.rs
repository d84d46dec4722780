//! A record's payload and back (`record.cddl`, `record`).

use cellwatch_model::{Clock, ClockSync, Mono, Utc};

use crate::cbor::{DecodeError, MapWriter, Reader};
use crate::common::{Common, Hash, Identity, JournalId, Record};
use crate::{Body, Kind};

/// Version of every payload's format. Version 1 is frozen: whatever would change a byte of it, or what a byte means, is
/// another version with a decoder of its own (`docs/format-v01.md`).
pub const FORMAT_VERSION: u64 = 1;

const VERSION: u8 = 0;
const AGENT: u8 = 1;
const JOURNAL: u8 = 2;
const SEQ: u8 = 3;
const PREV: u8 = 4;
const KIND: u8 = 5;
const BOOT: u8 = 6;
const UTC: u8 = 7;
const MONO: u8 = 8;
const CLOCK: u8 = 9;
const MASTER_FILE: u8 = 10;
const UNIT: u8 = 11;
const BATCH: u8 = 12;
const PHASE: u8 = 13;
const BODY: u8 = 14;

/// The payload of a record: the bytes that are chained, stored, sealed and sent.
#[must_use]
pub fn encode(record: &Record) -> Vec<u8> {
    encode_within(record, 512)
}

/// As [`encode`], with room for so many bytes made at once.
fn encode_within(record: &Record, room: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(room);
    let Common { identity, prev, boot, utc, mono, clock, master_file, unit, batch, phase } =
        &record.common;
    let mut map = MapWriter::begin(&mut out);
    map.key(VERSION).u64(FORMAT_VERSION);
    map.key(AGENT).str(&identity.agent);
    map.key(JOURNAL).bytes(&identity.journal.0);
    map.key(SEQ).u64(identity.seq);
    map.key(PREV).bytes(&prev.0);
    map.key(KIND).u64(u64::from(record.body.kind().code()));
    map.key(BOOT).u64(u64::from(*boot));
    map.key(UTC).i64(utc.0);
    map.key(MONO).u64(mono.0);
    let mut writer = map.key(CLOCK);
    writer.array(3);
    writer.u64(u64::from(clock.sync.code()));
    writer.u64(u64::from(clock.error_bound_us));
    writer.i64(i64::from(clock.offset_us));
    map.key(MASTER_FILE).u64(u64::from(*master_file));
    map.opt_str(UNIT, unit.as_deref());
    map.opt_str(BATCH, batch.as_deref());
    map.opt_str(PHASE, phase.as_deref());
    record.body.write(map.key(BODY).0);
    map.end();
    out
}

/// The record that a payload holds.
///
/// # Errors
/// Anything that this version would not have written byte for byte the same: the payload is then
/// evidence of a newer sender, of damage or of forgery, and must be kept, not repaired.
pub fn decode(payload: &[u8]) -> Result<Record, DecodeError> {
    let mut reader = Reader::new(payload);
    let mut map = reader.map("record")?;
    let version = map.required(VERSION)?.u64()?;
    if version != FORMAT_VERSION {
        return Err(DecodeError::UnknownCode { what: "format version", code: version });
    }
    let identity_agent = map.required(AGENT)?.string()?;
    let journal = JournalId(map.required(JOURNAL)?.fixed()?);
    let seq = map.required(SEQ)?.u64()?;
    let prev = Hash(map.required(PREV)?.fixed()?);
    let kind = map.required(KIND)?.code("record kind", Kind::from_code)?;
    let boot = map.required(BOOT)?.u32()?;
    let utc = Utc(map.required(UTC)?.i64()?);
    let mono = Mono(map.required(MONO)?.u64()?);
    let clock = read_clock(map.required(CLOCK)?)?;
    let master_file = map.required(MASTER_FILE)?.u32()?;
    let unit = map.opt_string(UNIT)?;
    let batch = map.opt_string(BATCH)?;
    let phase = map.opt_string(PHASE)?;
    let body = Body::read(kind, map.required(BODY)?)?;
    map.end()?;
    reader.end(payload.len())?;
    let identity = Identity { agent: identity_agent, journal, seq };
    let common = Common { identity, prev, boot, utc, mono, clock, master_file, unit, batch, phase };
    let record = Record { common, body };
    if encode_within(&record, payload.len()) == payload {
        Ok(record)
    } else {
        Err(DecodeError::NotDeterministic)
    }
}

fn read_clock(reader: &mut Reader<'_>) -> Result<Clock, DecodeError> {
    reader.array_of(3, "a clock has three items")?;
    let sync = reader.code("clock state", ClockSync::from_code)?;
    let error_bound_us = reader.u32()?;
    let offset_us = i32::try_from(reader.i64()?)
        .map_err(|_| DecodeError::Inconsistent("a clock's offset has 32 bits of microseconds"))?;
    Ok(Clock { sync, error_bound_us, offset_us })
}

/// Identity, `prev` and kind of a payload, without judging the rest: for finding one's way in a
/// journal, not for trusting it.
///
/// # Errors
/// The payload does not begin like a record of this format version.
pub fn peek_identity(payload: &[u8]) -> Result<(Identity, Hash, Kind), DecodeError> {
    let mut reader = Reader::new(payload);
    let mut map = reader.map("record")?;
    let version = map.required(VERSION)?.u64()?;
    if version != FORMAT_VERSION {
        return Err(DecodeError::UnknownCode { what: "format version", code: version });
    }
    let agent = map.required(AGENT)?.string()?;
    let journal = JournalId(map.required(JOURNAL)?.fixed()?);
    let seq = map.required(SEQ)?.u64()?;
    let prev = Hash(map.required(PREV)?.fixed()?);
    let kind = map.required(KIND)?.code("record kind", Kind::from_code)?;
    Ok((Identity { agent, journal, seq }, prev, kind))
}
