//! When to ask for what, without drift.
//!
//! Each block is due at its phase and every period after it, whatever became of the polls before. A
//! poll that comes so late that the next is due already is skipped, never queued (LAW-10).

use cellwatch_config::profile::{ModbusRules, Parameter};
use cellwatch_model::Mono;

use super::Block;
use super::spare::spare;

/// First polls are spread over this much at most, milliseconds: what is read once a minute still is
/// known soon after a start.
const SPREAD_MS: u64 = 5_000;

/// The fractions of the plastic number, 2^-16 parts: points (device, block) of this lattice lie evenly
/// for any number of devices and blocks, so that they do not burst together.
const DEVICE_STEP: u64 = 49_472;
const BLOCK_STEP: u64 = 37_345;

/// The blocks of a device with their due times.
#[derive(Debug)]
pub(super) struct Schedule {
    blocks: Vec<(Block, Mono)>,
    /// The earliest of them.
    next: Option<Mono>,
    /// Address and count of a longer read that holds the block, where there is room.
    spares: Vec<Option<(u16, u16)>>,
}

/// A block that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Due {
    pub(super) block: usize,
    /// When it should have been asked for.
    pub(super) due: Mono,
    /// Polls before it that are skipped.
    pub(super) skipped: Option<Skipped>,
}

/// Polls that were not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Skipped {
    pub(super) first: Mono,
    pub(super) last: Mono,
    pub(super) polls: u64,
}

impl Schedule {
    /// Blocks of the device with this number, first due within [`SPREAD_MS`] of `now`.
    pub(super) fn new(device: u16, blocks: Vec<Block>, now: Mono) -> Self {
        let phase = |index: usize, period_ms: u64| {
            let part = (u64::from(device) * DEVICE_STEP + index as u64 * BLOCK_STEP) & 0xffff;
            (part * period_ms.min(SPREAD_MS)) >> 16
        };
        let blocks = blocks.into_iter().enumerate();
        let blocks = blocks.map(|(index, block)| {
            let due = now.floor_ms().plus_ms(phase(index, block.period_ms));
            (block, due)
        });
        let blocks: Vec<(Block, Mono)> = blocks.collect();
        Self { next: earliest(&blocks), blocks, spares: Vec::new() }
    }

    /// Finds the longer reads.
    pub(super) fn with_spares(mut self, parameters: &[Parameter], rules: &ModbusRules) -> Self {
        let blocks: Vec<&Block> = self.blocks.iter().map(|(block, _)| block).collect();
        self.spares = blocks.iter().map(|block| spare(block, &blocks, parameters, rules)).collect();
        self
    }

    /// Address and count of a longer read that holds the block.
    pub(super) fn spare(&self, index: usize) -> Option<(u16, u16)> {
        self.spares.get(index).copied().flatten()
    }

    pub(super) fn block(&self, index: usize) -> &Block {
        &self.blocks[index].0
    }

    /// The block that serves this parameter.
    pub(super) fn serving(&self, parameter: usize) -> Option<usize> {
        self.blocks.iter().position(|(block, _)| block.parameters.contains(&parameter))
    }

    pub(super) const fn next(&self) -> Option<Mono> {
        self.next
    }

    /// The block that is longest overdue; it stays due until [`Self::take`].
    pub(super) fn first_due(&self, now: Mono) -> Option<usize> {
        let due = self.blocks.iter().enumerate().filter(|(_, (_, due))| *due <= now);
        due.min_by_key(|(index, (_, due))| (*due, *index)).map(|(index, _)| index)
    }

    /// Takes a block that is due; its next poll stands at its own time.
    pub(super) fn take(&mut self, index: usize, now: Mono) -> Due {
        let (block, next) = &mut self.blocks[index];
        let first = *next;
        let late_periods = now.ms_since(first) / block.period_ms;
        let due = first.plus_ms(late_periods * block.period_ms);
        let period_ms = block.period_ms;
        *next = due.plus_ms(period_ms);
        self.next = earliest(&self.blocks);
        let skipped = (late_periods > 0).then(|| Skipped {
            first,
            last: first.plus_ms((late_periods - 1) * period_ms),
            polls: late_periods,
        });
        Due { block: index, due, skipped }
    }
}

fn earliest(blocks: &[(Block, Mono)]) -> Option<Mono> {
    blocks.iter().map(|(_, due)| *due).min()
}
