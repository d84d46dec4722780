//! A device as its line sees it.

use cellwatch_model::Mono;

use crate::acquire::sign::{Sign, sign};
use crate::door::NoReply;

/// So many failures in a row and the device goes off-scan: as many as make its link go down.
pub(super) const FAILURES: u32 = 3;
/// The first pause before a retry, milliseconds …
pub(super) const PAUSE_FIRST_MS: u64 = 5_000;
/// … doubles with each retry that fails, up to this.
pub(super) const PAUSE_MAX_MS: u64 = 60_000;

/// A device went off-scan, or came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ScanChange {
    /// It is only retried from now on.
    OffScan,
    /// It answers and is asked at its own pace again.
    OnScan,
}

/// A device on a line.
#[derive(Debug)]
pub(super) struct Member {
    /// Its index in the agent.
    pub(super) device: usize,
    /// The number of the request that it was asked last.
    pub(super) last_turn: u64,
    failures: u32,
    off_scan: Option<OffScan>,
}

#[derive(Clone, Copy, Debug)]
struct OffScan {
    retry_at: Mono,
    pause_ms: u64,
}

impl Member {
    pub(super) const fn new(device: usize) -> Self {
        Self { device, last_turn: 0, failures: 0, off_scan: None }
    }

    pub(super) const fn is_off_scan(&self) -> bool {
        self.off_scan.is_some()
    }

    /// Not asked before this.
    pub(super) fn not_before(&self) -> Mono {
        self.off_scan.map_or(Mono::default(), |off_scan| off_scan.retry_at)
    }

    pub(super) fn outcome(
        &mut self,
        outcome: &Result<Vec<u16>, NoReply>,
        now: Mono,
    ) -> Option<ScanChange> {
        match sign(outcome) {
            Sign::Answers => {
                self.failures = 0;
                self.off_scan.take().map(|_| ScanChange::OnScan)
            }
            Sign::Fails => {
                self.failures = self.failures.saturating_add(1);
                let before = self.off_scan;
                if self.failures >= FAILURES {
                    let pause_ms = before.map_or(PAUSE_FIRST_MS, |off_scan| {
                        (off_scan.pause_ms * 2).min(PAUSE_MAX_MS)
                    });
                    self.off_scan = Some(OffScan { retry_at: now.plus_ms(pause_ms), pause_ms });
                }
                (before.is_none() && self.off_scan.is_some()).then_some(ScanChange::OffScan)
            }
            Sign::NotAsked => {
                if let Some(off_scan) = &mut self.off_scan {
                    off_scan.retry_at = now.plus_ms(off_scan.pause_ms);
                }
                None
            }
        }
    }
}
