//! A counter that goes back: the device started again without saying so.

/// Watches the uptime of a device.
#[derive(Debug)]
pub(super) struct Uptime {
    /// The largest number of its type.
    most: i64,
    last: Option<i64>,
}

/// The device started again: its uptime went back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Restarted {
    pub(crate) from: i64,
    pub(crate) to: i64,
}

impl Uptime {
    pub(super) const fn new(most: i64) -> Self {
        Self { most, last: None }
    }

    /// Takes the counter. From the last sixteenth of its type to the first is a wrap, no restart.
    pub(super) fn take(&mut self, to: i64) -> Option<Restarted> {
        let from = self.last.replace(to).filter(|from| to < *from)?;
        let edge = self.most / 16;
        let wrapped = from > self.most - edge && (0..edge).contains(&to);
        (!wrapped).then_some(Restarted { from, to })
    }
}
