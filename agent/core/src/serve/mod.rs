//! Serve: what people and dashboards see and hear: stack lights and horns; messages to who is away; the view of the
//! operator page; latest values and standing alarms as plain JSON, a convenience and no evidence.

pub mod annunciation;
pub mod escalation;
mod json;
mod metrics;
mod remarks;
mod view;

pub(crate) use annunciation::{
    AlarmKey, Annunciator, EVERY, Lit, SILENCE_MS, Silenced, Silences, Standing, signal,
};

pub(crate) use json::{alarms_json, values_json};
pub(crate) use metrics::Metrics;
pub(crate) use remarks::{Remarks, Remembered};
pub(crate) use view::{
    AlarmContext, agent_problem, alarm_view, device_problem, in_order, needs_confirmation,
    unit_view, utc_ms,
};
pub use view::{
    AlarmView, AnnunciationView, ApproverView, CertificateView, ClockView, DeliveryView,
    DeviationView, DeviceView, JournalView, LampView, LightView, LimitsView, ManualView,
    MasterFileView, NamedView, PhaseName, PhaseView, ProblemView, ResultView, SaidView, SeenView,
    SilencedView, SystemView, UnitView, Urgent, VALUES_MAX, ValueView, View, WaitingView,
};
