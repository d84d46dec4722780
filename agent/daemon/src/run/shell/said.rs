//! The log, for the people on site.

use cellwatch_core::door::Shown;
use cellwatch_record::{Body, EventKind, decode};

/// Shows at once what the core wants people to see.
pub(super) fn show(shown: &Shown) {
    // The text names the unit.
    let Shown { unit: _, priority, text, response } = shown;
    let response = if response.is_empty() { String::new() } else { format!(". {response}") };
    match priority {
        Some(priority) => {
            tracing::warn!("ALARM ({}) {text}{response}", priority.word());
        }
        None => tracing::info!("{text}{response}"),
    }
}

/// The log tells people what the records tell the Control Site.
pub(super) fn log_event(payload: &[u8]) {
    let Ok(Body::Event(event)) = decode(payload).map(|record| record.body) else { return };
    match event.kind {
        EventKind::MasterFileRefused
        | EventKind::MasterFileExpired
        | EventKind::RosterRefused
        | EventKind::CommandAccepted
        | EventKind::CommandRefused
        | EventKind::ClockStep
        | EventKind::Gap
        | EventKind::Loss
        | EventKind::Condition
        | EventKind::Notification
        | EventKind::AlarmFlood
        | EventKind::BatchIncomplete
        | EventKind::BatchUnsealed
        | EventKind::ClockCorrected
        | EventKind::Quarantined
        | EventKind::KeyRotated
        | EventKind::Sealing
        | EventKind::OpcUa
        | EventKind::Security => tracing::warn!("{}", event.text),
        // What the broker does not take; that it comes and goes the shell has said itself, with more.
        EventKind::Broker if event.details.contains_key("what") => tracing::warn!("{}", event.text),
        EventKind::Broker => {}
        EventKind::JournalBegun
        | EventKind::Start
        | EventKind::Stop
        | EventKind::Configuration
        | EventKind::Link
        | EventKind::ClockState
        | EventKind::Pruned
        | EventKind::MasterFileAccepted
        | EventKind::MasterFilePending
        | EventKind::MasterFileInForce
        | EventKind::MasterFileSuperseded
        | EventKind::RosterAccepted
        | EventKind::BatchComplete => tracing::info!("{}", event.text),
    }
}
