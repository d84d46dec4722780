//! The view: what people at the site see, as of one moment. Built while somebody looks, and never otherwise.
//!
//! In JSON as the operator page gets it: every key always there, times in UTC milliseconds, `null` for what is
//! not known. Bounded by the installation and the Master File; of the parameters that no Master File names a
//! unit shows [`VALUES_MAX`] at most.

mod alarms;
mod annunciation;
mod model;
mod room;
mod system;
mod system_model;
mod units;

pub(crate) use alarms::{AlarmContext, alarm_view, in_order, needs_confirmation};
pub use annunciation::{AnnunciationView, LampView, LightView, SilencedView};
pub use model::{
    AlarmView, DeviationView, LimitsView, ManualView, NamedView, PhaseName, PhaseView, ResultView,
    SaidView, SeenView, UnitView, Urgent, ValueView, View,
};
pub(crate) use system::{agent_problem, device_problem};
pub use system_model::{
    ApproverView, CertificateView, ClockView, DeliveryView, DeviceView, JournalView,
    MasterFileView, ProblemView, SystemView, WaitingView,
};
pub(crate) use units::unit_view;

use cellwatch_model::{Mono, Now};

/// Values of a unit in a view, at most: those of the Master File first; what is left out is counted.
pub const VALUES_MAX: usize = 64;

/// A monotonic time as UTC milliseconds, by the clocks of now.
pub(crate) fn utc_ms(at: Mono, now: Now) -> i64 {
    let ago_ns = i128::from(now.mono.0) - i128::from(at.0);
    i64::try_from((i128::from(now.utc.0) - ago_ns) / 1_000_000).unwrap_or_default()
}
