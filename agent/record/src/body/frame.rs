//! A frame: every reading of a unit since the last one, by columns.
//!
//! ```text
//! frame   = { 1: from, 2: [track …], 3: [column …], ? 4: [stamps …] }
//! track   = [ms after `from`, ms after the sample before, …]      times that columns share
//! column  = [parameter, type, track, values, raw, quality]
//! type    = 0..9 number with so many decimals | -1 integer | -2 bool | -3 text
//! values  = one item a sample; null where there is none; numbers and integers as the difference
//!           to the value before in the column (the first to 0), numbers × 10^decimals
//! raw     = the words of all samples that have any, big-endian, each sample the same number
//! quality = [] where all are Good, otherwise [count, code, count, code …]
//! stamps  = [column, status, source, server]                      of a column from OPC UA
//! ```
//! Wall time of a sample: the record's UTC less (the record's monotonic time less the sample's).

use cellwatch_model::{MAX_DECIMALS, Mono, Quality, Stamp, Value, Words, from_mantissa, mantissa};

use super::stamps;
use crate::cbor::{DecodeError, MapWriter, Reader, Writer};

const INTEGER: i64 = -1;
const BOOL: i64 = -2;
const TEXT: i64 = -3;

/// Readings of a unit.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// Time from which the tracks count.
    pub from: Mono,
    /// Times that columns share: replies in which several parameters came.
    pub tracks: Vec<Track>,
    /// Parameters.
    pub columns: Vec<Column>,
}

/// Times of samples, milliseconds after the frame's `from`, ascending.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Track(pub Vec<u32>);

/// One parameter's samples.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Index that a configuration event binds to a name.
    pub parameter: u16,
    /// Decimals of its numbers, 0 to 9.
    pub decimals: u8,
    /// Index of its times in the frame's tracks.
    pub track: u16,
    /// One for each time of the track; all values that are there are of one type.
    pub samples: Vec<Sample>,
}

/// One reading in a frame.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// The value, where there is one.
    pub value: Option<Value>,
    /// Its quality, with the cause where it is not Good.
    pub quality: Quality,
    /// The device's words, in each sample of a column the same number; empty where no reply stands
    /// behind it ([`Quality::has_raw_words`]).
    pub raw: Words,
    /// What the server said of it, where it came over OPC UA.
    pub stamp: Option<Box<Stamp>>,
}

impl Frame {
    /// How many readings it holds.
    #[must_use]
    pub fn readings(&self) -> usize {
        self.columns.iter().map(|column| column.samples.len()).sum()
    }

    /// Time of a column's sample.
    #[must_use]
    pub fn time_of(&self, column: &Column, sample: usize) -> Option<Mono> {
        let offset_ms = *self.tracks.get(usize::from(column.track))?.0.get(sample)?;
        Some(self.from.plus_ms(u64::from(offset_ms)))
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        let mut map = MapWriter::begin(out);
        map.key(1).u64(self.from.0);
        let mut writer = map.key(2);
        writer.array(self.tracks.len() as u64);
        for track in &self.tracks {
            writer.array(track.0.len() as u64);
            let mut before = 0;
            for offset in &track.0 {
                writer.u64(u64::from(offset - before));
                before = *offset;
            }
        }
        let mut writer = map.key(3);
        writer.array(self.columns.len() as u64);
        for column in &self.columns {
            column.write(&mut writer);
        }
        if stamps::any(&self.columns) {
            stamps::write(&self.columns, &mut map.key(4));
        }
        map.end();
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut map = reader.map("frame")?;
        let from = Mono(map.required(1)?.u64()?);
        let list = map.required(2)?;
        let tracks: Vec<Track> =
            (0..list.array()?).map(|_| read_track(list)).collect::<Result<_, _>>()?;
        let list = map.required(3)?;
        let mut columns: Vec<Column> =
            (0..list.array()?).map(|_| Column::read(list, &tracks)).collect::<Result<_, _>>()?;
        if let Some(reader) = map.optional(4)? {
            stamps::read(reader, &mut columns)?;
        }
        map.end()?;
        Ok(Self { from, tracks, columns })
    }
}

fn read_track(reader: &mut Reader<'_>) -> Result<Track, DecodeError> {
    let mut at: u32 = 0;
    let length = reader.array()?;
    let offsets = (0..length).map(|_| {
        at = at
            .checked_add(reader.u32()?)
            .ok_or(DecodeError::Inconsistent("a track reaches beyond 2^32 ms"))?;
        Ok(at)
    });
    offsets.collect::<Result<_, _>>().map(Track)
}

impl Column {
    /// The type of all values that are there; numbers where none is.
    fn type_code(&self) -> i64 {
        let first = self.samples.iter().find_map(|sample| sample.value.as_ref());
        match first {
            None | Some(Value::Number(_)) => i64::from(self.decimals),
            Some(Value::Integer(_)) => INTEGER,
            Some(Value::Bool(_)) => BOOL,
            Some(Value::Text(_)) => TEXT,
        }
    }

    fn write(&self, writer: &mut Writer<'_>) {
        let type_code = self.type_code();
        writer.array(6);
        writer.u64(u64::from(self.parameter));
        writer.i64(type_code);
        writer.u64(u64::from(self.track));
        writer.array(self.samples.len() as u64);
        let mut before: i64 = 0;
        for sample in &self.samples {
            write_value(writer, sample.value.as_ref(), type_code, &mut before);
        }
        self.write_raw(writer);
        self.write_quality(writer);
    }

    /// The words of all samples that have any. If those differ in number, none are written: a
    /// reader could not tell whose they are.
    fn write_raw(&self, writer: &mut Writer<'_>) {
        let with_raw = || self.samples.iter().filter(|sample| sample.quality.has_raw_words());
        let width = with_raw().next().map_or(0, |sample| sample.raw.len());
        if with_raw().any(|sample| sample.raw.len() != width) {
            writer.bytes(&[]);
            return;
        }
        writer.bytes_head(2 * (width * with_raw().count()) as u64);
        for word in with_raw().flat_map(|sample| &sample.raw) {
            writer.0.extend_from_slice(&word.to_be_bytes());
        }
    }

    fn write_quality(&self, writer: &mut Writer<'_>) {
        if self.samples.iter().all(|sample| sample.quality == Quality::Good) {
            writer.array(0);
            return;
        }
        let mut runs: Vec<(u64, u8)> = Vec::new();
        for sample in &self.samples {
            let code = sample.quality.code();
            match runs.last_mut() {
                Some((count, last)) if *last == code => *count += 1,
                _ => runs.push((1, code)),
            }
        }
        writer.array(2 * runs.len() as u64);
        for (count, code) in runs {
            writer.u64(count);
            writer.u64(u64::from(code));
        }
    }

    fn read(reader: &mut Reader<'_>, tracks: &[Track]) -> Result<Self, DecodeError> {
        reader.array_of(6, "a column has six items")?;
        let parameter = reader.u16()?;
        let type_code = reader.i64()?;
        let decimals = u8::try_from(type_code).unwrap_or(0);
        if decimals > MAX_DECIMALS || type_code < TEXT {
            let code = type_code.unsigned_abs();
            return Err(DecodeError::UnknownCode { what: "column type", code });
        }
        let track = reader.u16()?;
        let length = tracks
            .get(usize::from(track))
            .ok_or(DecodeError::Inconsistent("a column names a track that is not there"))?
            .0
            .len();
        reader.array_of(length as u64, "a column has one value for each time of its track")?;
        let mut before: i64 = 0;
        let mut samples = Vec::with_capacity(length);
        for _ in 0..length {
            let value = read_value(reader, type_code, decimals, &mut before)?;
            samples.push(Sample { value, quality: Quality::Good, raw: Words::new(), stamp: None });
        }
        let raw = reader.bytes()?;
        read_quality(reader, &mut samples)?;
        give_words(raw, &mut samples)?;
        Ok(Self { parameter, decimals, track, samples })
    }
}

/// A value of another type than the column's has no place in it.
fn write_value(writer: &mut Writer<'_>, value: Option<&Value>, type_code: i64, before: &mut i64) {
    let mut difference = |writer: &mut Writer<'_>, value: i64| {
        writer.i64(value.wrapping_sub(*before));
        *before = value;
    };
    match (value, u8::try_from(type_code)) {
        (Some(Value::Number(number)), Ok(decimals)) => match mantissa(*number, decimals) {
            Some(mantissa) => difference(writer, mantissa),
            None => writer.null(),
        },
        (Some(Value::Integer(integer)), _) if type_code == INTEGER => difference(writer, *integer),
        (Some(Value::Bool(flag)), _) if type_code == BOOL => writer.bool(*flag),
        (Some(Value::Text(text)), _) if type_code == TEXT => writer.str(text),
        (Some(_) | None, _) => writer.null(),
    }
}

fn read_value(
    reader: &mut Reader<'_>,
    type_code: i64,
    decimals: u8,
    before: &mut i64,
) -> Result<Option<Value>, DecodeError> {
    if reader.null()? {
        return Ok(None);
    }
    Ok(Some(match type_code {
        BOOL => Value::Bool(reader.bool()?),
        TEXT => Value::Text(reader.string()?),
        _ => {
            *before = before.wrapping_add(reader.i64()?);
            if type_code == INTEGER {
                Value::Integer(*before)
            } else {
                Value::Number(from_mantissa(*before, decimals))
            }
        }
    }))
}

/// The qualities of samples that are Good so far.
fn read_quality(reader: &mut Reader<'_>, samples: &mut [Sample]) -> Result<(), DecodeError> {
    let items = reader.array()?;
    if items == 0 {
        return Ok(());
    }
    let mut rest = samples.iter_mut();
    for _ in 0..items / 2 {
        let count = reader.u64()?;
        let quality = reader.code("quality", |code| Quality::from_code(code).ok())?;
        if count > rest.len() as u64 {
            return Err(DecodeError::Inconsistent("a column has more qualities than values"));
        }
        for _ in 0..count {
            rest.next().into_iter().for_each(|sample| sample.quality = quality);
        }
    }
    if rest.len() == 0 {
        Ok(())
    } else {
        Err(DecodeError::Inconsistent("a column has fewer qualities than values"))
    }
}

/// Gives the words to the samples that have any, each the same number.
fn give_words(raw: &[u8], samples: &mut [Sample]) -> Result<(), DecodeError> {
    let with_raw = samples.iter().filter(|sample| sample.quality.has_raw_words()).count();
    let width = (raw.len() / 2).checked_div(with_raw).unwrap_or(0);
    if width * with_raw * 2 != raw.len() {
        return Err(DecodeError::Inconsistent("a column's raw words do not fit its samples"));
    }
    let mut words = raw.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
    for sample in samples.iter_mut().filter(|sample| sample.quality.has_raw_words()) {
        sample.raw = words.by_ref().take(width).collect();
    }
    Ok(())
}
