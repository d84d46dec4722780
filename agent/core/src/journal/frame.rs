//! Collects the readings of a unit into a frame.

use cellwatch_model::{Mono, Reading};
use cellwatch_record::{Column, Frame, Sample, Track};

/// Most readings in a frame; at this many it is cut early.
const READINGS_MAX: usize = 65_536;

/// Room for so many readings of a parameter is made at once, at most.
const EXPECTED_MAX: usize = 64;

/// The frame of a unit that is being filled.
#[derive(Debug)]
pub(crate) struct FrameBuilder {
    /// Decimals of the unit's parameters.
    decimals: Vec<u8>,
    frame_ms: u64,
    from: Option<Mono>,
    /// Time and parameter of the last reading.
    last: Option<(Mono, usize)>,
    readings: usize,
    columns: Vec<Filling>,
}

#[derive(Clone, Debug, Default)]
struct Filling {
    offsets_ms: Vec<u32>,
    samples: Vec<Sample>,
    /// As many as the frame before had: room is made for these at once.
    expected: usize,
}

impl FrameBuilder {
    pub(crate) fn new(decimals: Vec<u8>, frame_ms: u64) -> Self {
        let columns = vec![Filling::default(); decimals.len()];
        Self { decimals, frame_ms, from: None, last: None, readings: 0, columns }
    }

    /// When it is to be cut; none while it is empty.
    pub(crate) fn due(&self) -> Option<Mono> {
        let from = self.from?;
        if self.readings >= READINGS_MAX { Some(from) } else { Some(from.plus_ms(self.frame_ms)) }
    }

    /// True where a frame gives this reading back after those that it has: by time, then by parameter, then as they came. One that
    /// does not follow begins a new frame, so that a replay judges in the same order (LAW-08).
    pub(crate) fn follows(&self, at: Mono, parameter: usize) -> bool {
        self.last.is_none_or(|last| last <= (at, parameter))
    }

    pub(crate) fn push(&mut self, parameter: usize, reading: &Reading) {
        let from = *self.from.get_or_insert(reading.at);
        let filling = &mut self.columns[parameter];
        let offset_ms = u32::try_from(reading.at.ms_since(from)).unwrap_or(u32::MAX);
        if filling.samples.is_empty() {
            filling.offsets_ms.reserve_exact(filling.expected);
            filling.samples.reserve_exact(filling.expected);
        }
        filling.offsets_ms.push(offset_ms);
        filling.samples.push(Sample {
            value: reading.value.as_ref().ok().cloned(),
            quality: reading.quality,
            raw: reading.raw.clone(),
            stamp: reading.stamp.clone(),
        });
        self.readings += 1;
        self.last = Some((reading.at, parameter));
    }

    /// The frame so far; none if it is empty.
    pub(crate) fn cut(&mut self) -> Option<Frame> {
        let from = self.from.take()?;
        self.readings = 0;
        self.last = None;
        let mut tracks: Vec<Track> = Vec::new();
        let mut columns = Vec::new();
        for (index, filling) in self.columns.iter_mut().enumerate() {
            if filling.samples.is_empty() {
                continue;
            }
            filling.expected = filling.samples.len().min(EXPECTED_MAX);
            let track = Track(std::mem::take(&mut filling.offsets_ms));
            let known = tracks.iter().position(|one| *one == track);
            let track = known.unwrap_or_else(|| {
                tracks.push(track);
                tracks.len() - 1
            });
            columns.push(Column {
                parameter: u16::try_from(index).unwrap_or(u16::MAX),
                decimals: self.decimals[index],
                track: u16::try_from(track).unwrap_or(u16::MAX),
                samples: std::mem::take(&mut filling.samples),
            });
        }
        Some(Frame { from, tracks, columns })
    }
}
