//! Collects the readings of a unit into a frame.

use cellwatch_model::{Mono, Quality, Reading, Value, Words};
use cellwatch_record::{Column, Frame, Sample, Track};

/// Most readings in a frame; at this many it is cut early.
const READINGS_MAX: usize = 65_536;

/// Words that a reading keeps beside it: those of a 64-bit number.
const WORDS: usize = 4;

/// The frame of a unit that is being filled.
///
/// A hall fills frames of half a million readings at a time, so they lie side by side as they came, each as small as it
/// can be, in memory that the next frame uses again.
#[derive(Debug)]
pub(crate) struct FrameBuilder {
    /// Decimals of the unit's parameters.
    decimals: Vec<u8>,
    frame_ms: u64,
    from: Option<Mono>,
    /// Time and parameter of the last reading.
    last: Option<(Mono, usize)>,
    /// Times, milliseconds after `from`, each with how many readings there were until its end.
    times: Vec<(u32, usize)>,
    held: Vec<Held>,
    /// Those that need more room: texts, long ones, what an OPC UA server says.
    whole: Vec<Sample>,
}

/// A reading.
#[derive(Clone, Copy, Debug)]
enum Held {
    Nothing(Origin),
    Number(Origin, f64),
    Integer(Origin, i64),
    Bool(Origin, bool),
    /// Of this parameter, the next of `whole`.
    Whole(u16),
}

/// Where a value comes from.
#[derive(Clone, Copy, Debug)]
struct Origin {
    raw: [u16; WORDS],
    words: u8,
    parameter: u16,
    quality: Quality,
}

impl FrameBuilder {
    pub(crate) const fn new(decimals: Vec<u8>, frame_ms: u64) -> Self {
        Self {
            decimals,
            frame_ms,
            from: None,
            last: None,
            times: Vec::new(),
            held: Vec::new(),
            whole: Vec::new(),
        }
    }

    /// When it is to be cut; none while it is empty.
    pub(crate) fn due(&self) -> Option<Mono> {
        let from = self.from?;
        let is_full = self.held.len() >= READINGS_MAX;
        Some(if is_full { from } else { from.plus_ms(self.frame_ms) })
    }

    /// True where a frame gives this reading back after those that it has: by time, then by parameter, then as they came. One that
    /// does not follow begins a new frame, so that a replay judges in the same order (LAW-08).
    pub(crate) fn follows(&self, at: Mono, parameter: usize) -> bool {
        self.last.is_none_or(|last| last <= (at, parameter))
    }

    pub(crate) fn push(&mut self, parameter: usize, reading: &Reading) {
        let from = *self.from.get_or_insert(reading.at);
        let offset_ms = u32::try_from(reading.at.ms_since(from)).unwrap_or(u32::MAX);
        let held = Held::new(u16::try_from(parameter).unwrap_or(u16::MAX), reading);
        if matches!(held, Held::Whole(_)) {
            self.whole.push(sample(reading));
        }
        self.held.push(held);
        match self.times.last_mut() {
            Some((last, until)) if *last == offset_ms => *until = self.held.len(),
            Some(_) | None => self.times.push((offset_ms, self.held.len())),
        }
        self.last = Some((reading.at, parameter));
    }

    /// The frame so far; none if it is empty.
    pub(crate) fn cut(&mut self) -> Option<Frame> {
        let from = self.from.take()?;
        self.last = None;
        let mut columns: Vec<Filling> = Vec::new();
        columns.resize_with(self.decimals.len(), Filling::default);
        for held in &self.held {
            columns[usize::from(held.parameter())].expected += 1;
        }
        let mut whole = self.whole.drain(..);
        let mut begin = 0;
        for (offset_ms, end) in self.times.drain(..) {
            for held in &self.held[begin..end] {
                let filling = &mut columns[usize::from(held.parameter())];
                filling.offsets_ms.reserve_exact(filling.expected);
                filling.samples.reserve_exact(filling.expected);
                filling.expected -= 1;
                filling.offsets_ms.push(offset_ms);
                filling.samples.extend(held.sample().or_else(|| whole.next()));
            }
            begin = end;
        }
        drop(whole);
        self.held.clear();
        Some(self.joined(from, columns))
    }

    /// Columns with equal times share them.
    fn joined(&self, from: Mono, fillings: Vec<Filling>) -> Frame {
        let mut tracks: Vec<Track> = Vec::new();
        let mut columns = Vec::new();
        for (index, filling) in fillings.into_iter().enumerate() {
            if filling.samples.is_empty() {
                continue;
            }
            let track = Track(filling.offsets_ms);
            let known = tracks.iter().position(|one| *one == track);
            let track = known.unwrap_or_else(|| {
                tracks.push(track);
                tracks.len() - 1
            });
            columns.push(Column {
                parameter: u16::try_from(index).unwrap_or(u16::MAX),
                decimals: self.decimals[index],
                track: u16::try_from(track).unwrap_or(u16::MAX),
                samples: filling.samples,
            });
        }
        Frame { from, tracks, columns }
    }
}

/// A parameter's part of a frame that is cut.
#[derive(Debug, Default)]
struct Filling {
    /// Readings that are still to come.
    expected: usize,
    offsets_ms: Vec<u32>,
    samples: Vec<Sample>,
}

impl Held {
    fn new(parameter: u16, reading: &Reading) -> Self {
        let mut origin = Origin { raw: [0; WORDS], words: 0, parameter, quality: reading.quality };
        let Some(raw) = origin.raw.get_mut(..reading.raw.len()) else {
            return Self::Whole(parameter);
        };
        raw.copy_from_slice(&reading.raw);
        origin.words = u8::try_from(reading.raw.len()).unwrap_or(u8::MAX);
        match &reading.value {
            _ if reading.stamp.is_some() => Self::Whole(parameter),
            Ok(Value::Text(_)) => Self::Whole(parameter),
            Ok(Value::Number(number)) => Self::Number(origin, *number),
            Ok(Value::Integer(integer)) => Self::Integer(origin, *integer),
            Ok(Value::Bool(flag)) => Self::Bool(origin, *flag),
            Err(_) => Self::Nothing(origin),
        }
    }

    const fn parameter(&self) -> u16 {
        match self {
            Self::Nothing(origin)
            | Self::Number(origin, _)
            | Self::Integer(origin, _)
            | Self::Bool(origin, _) => origin.parameter,
            Self::Whole(parameter) => *parameter,
        }
    }

    /// The reading as it stands in a frame; none where it is kept whole.
    fn sample(&self) -> Option<Sample> {
        let (origin, value) = match self {
            Self::Nothing(origin) => (origin, None),
            Self::Number(origin, number) => (origin, Some(Value::Number(*number))),
            Self::Integer(origin, integer) => (origin, Some(Value::Integer(*integer))),
            Self::Bool(origin, flag) => (origin, Some(Value::Bool(*flag))),
            Self::Whole(_) => return None,
        };
        let raw = origin.raw.iter().take(usize::from(origin.words));
        let raw: Words = raw.copied().collect();
        Some(Sample { value, quality: origin.quality, raw, stamp: None })
    }
}

fn sample(reading: &Reading) -> Sample {
    Sample {
        value: reading.value.as_ref().ok().cloned(),
        quality: reading.quality,
        raw: reading.raw.clone(),
        stamp: reading.stamp.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cellwatch_model::{Cause, NoData, Stamp};

    fn reading(value: Result<Value, NoData>, raw: &[u16], at_ms: u64) -> Reading {
        let quality = match &value {
            Ok(_) => Quality::Good,
            Err(NoData(cause)) => Quality::Bad(*cause),
        };
        Reading {
            value,
            quality,
            raw: Words::from_slice(raw),
            at: Mono(at_ms * 1_000_000),
            stamp: None,
        }
    }

    /// A reading is small: a hall holds half a million of them.
    #[test]
    fn a_reading_that_waits_for_its_frame_takes_24_bytes() {
        assert_eq!(size_of::<Held>(), 24);
    }

    #[test]
    fn a_frame_gives_back_what_was_pushed_whatever_it_is() {
        let stamp = Stamp { status: 0x408f_0000, source: None, server: None };
        let stamped = Reading {
            stamp: Some(Box::new(stamp)),
            ..reading(Ok(Value::Number(7.1)), &[1, 2], 20)
        };
        let pushed = [
            (0, reading(Ok(Value::Number(37.25)), &[1, 2], 10)),
            (1, reading(Ok(Value::Integer(-5)), &[65_531], 10)),
            (2, reading(Ok(Value::Bool(true)), &[1], 10)),
            (3, reading(Ok(Value::Text("AB-1".to_owned())), &[0x4142, 0x2d31], 10)),
            (4, reading(Ok(Value::Integer(1)), &[1, 2, 3, 4, 5], 10)),
            (0, stamped),
            (1, reading(Err(NoData(Cause::Timeout)), &[], 20)),
            (3, reading(Ok(Value::Text("AB-2".to_owned())), &[0x4142, 0x2d32], 20)),
            (4, reading(Ok(Value::Integer(2)), &[1, 2, 3, 4], 25)),
        ];
        let mut builder = FrameBuilder::new(vec![2; 6], 5_000);
        for round in 0..2 {
            for (parameter, reading) in &pushed {
                assert!(builder.follows(reading.at, *parameter));
                builder.push(*parameter, reading);
            }
            let frame = builder.cut().expect("a frame");
            assert_eq!(builder.cut(), None, "empty again, round {round}");
            assert_eq!(frame.from, Mono(10_000_000));
            let tracks: Vec<&[u32]> = frame.tracks.iter().map(|one| one.0.as_slice()).collect();
            assert_eq!(tracks, [&[0, 10][..], &[0], &[0, 15]]);
            let mut given = Vec::new();
            for column in &frame.columns {
                assert_eq!(column.decimals, 2);
                for (place, sample) in column.samples.iter().enumerate() {
                    let at = frame.time_of(column, place).expect("a time");
                    given.push((usize::from(column.parameter), at, sample.clone()));
                }
            }
            let mut wanted: Vec<_> = pushed
                .iter()
                .map(|(parameter, reading)| (*parameter, reading.at, super::sample(reading)))
                .collect();
            wanted.sort_by_key(|(parameter, at, _)| (*parameter, *at));
            assert_eq!(given, wanted);
        }
    }
}
