//! A counter that advances while the device lives: a living network card in front of a hung controller
//! goes on answering with its last values.

use cellwatch_model::Mono;

/// Watches the heartbeat of a device.
#[derive(Debug)]
pub(super) struct Heartbeat {
    after_ms: u64,
    count: Option<i64>,
    /// When it advanced last, or the device came back.
    advanced: Option<Mono>,
}

impl Heartbeat {
    pub(super) const fn new(after_ms: u64) -> Self {
        Self { after_ms, count: None, advanced: None }
    }

    /// The device answers again: it has its time to show an advance.
    pub(super) const fn came_up(&mut self, at: Mono) {
        self.advanced = Some(at);
    }

    /// Takes the counter. Any change is an advance: it wraps, and begins anew after a restart.
    pub(super) fn take(&mut self, count: i64, at: Mono) {
        if self.count.replace(count) != Some(count) {
            self.advanced = Some(at);
        }
    }

    /// True if no advance was seen for too long, be it that the counter stands or cannot be read.
    pub(super) fn has_stopped(&self, at: Mono) -> bool {
        self.advanced.is_some_and(|advanced| at.ms_since(advanced) >= self.after_ms)
    }
}
