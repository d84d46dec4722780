//! What the Master File decides of how people handle an alarm.

use cellwatch_alarm::Policy;

/// How people handle an alarm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handling {
    /// Latching and acknowledgement.
    pub policy: Policy,
    /// Whoever acknowledges it must say why.
    pub comment_required: bool,
    /// The longest shelving, milliseconds; none where nobody may put it aside.
    pub shelve_max_ms: Option<u64>,
    /// Calls again when it still stands so long after an acknowledgement, milliseconds.
    pub re_alarm_ms: Option<u64>,
}

impl Default for Handling {
    fn default() -> Self {
        Self {
            policy: Policy { latching: false, ack_required: true },
            comment_required: false,
            shelve_max_ms: None,
            re_alarm_ms: None,
        }
    }
}
