//! The agent's own health in words.

use cellwatch_model::{Now, Priority};

use super::{ProblemView, utc_ms};
use crate::evaluate::{
    ANNUNCIATOR, AlarmPoint, BACKLOG, BROKER, CERTIFICATE, CLOCK, CLOCK_STEP, DEVICE_CLOCK, DISK,
    JOURNAL, KEY_FILE, MASTER_FILE_EXPIRED, MASTER_FILE_EXPIRES, NO_MASTER_FILE, NOTIFICATION,
    RECEIPT, SITE_STATUS, UNSEALED, is_not_authorised,
};

/// What is wrong, by the alarm that watches it.
const WORDS: [(&str, &str); 17] = [
    (MASTER_FILE_EXPIRED, "The Master File has expired; it goes on judging"),
    (MASTER_FILE_EXPIRES, "The Master File expires soon"),
    (NO_MASTER_FILE, "No Master File is in force: nothing is judged"),
    (CLOCK, "The clock of this machine is not synchronised"),
    (CLOCK_STEP, "The clock of this machine was set or jumped"),
    (DEVICE_CLOCK, "The clock of a device is wrong"),
    (BROKER, "The link to the Control Site is down"),
    (RECEIPT, "The Control Site does not confirm records"),
    (JOURNAL, "The journal does not keep up"),
    (BACKLOG, "Many records wait to be sent"),
    (CERTIFICATE, "A certificate of the agent ends soon"),
    (DISK, "The disk fills"),
    (KEY_FILE, "Others may read a key of the agent"),
    (ANNUNCIATOR, "A stack light or horn does not answer"),
    (NOTIFICATION, "Messages to people who are away do not go out"),
    (UNSEALED, "Records are not sealed and not sent"),
    (SITE_STATUS, "The Control Site has paused or closed this site"),
];

/// What is wrong by an alarm of the agent's own, without what was found out about it: no batch, no address, no path.
pub(super) fn plain_words(id: &str) -> Option<&'static str> {
    if is_not_authorised(id) {
        return Some("A batch runs here that may not have been started");
    }
    WORDS.iter().find(|(known, _)| *known == id).map(|(_, words)| *words)
}

/// An alarm of the agent's own as a problem; none where nothing is wrong. The condition is told as soon as it
/// holds, before the alarm's delay is over.
pub(crate) fn agent_problem(alarm: &AlarmPoint, holds: bool, now: Now) -> Option<ProblemView> {
    if !holds && !alarm.is_standing() {
        return None;
    }
    let words = plain_words(&alarm.id).unwrap_or(&alarm.source);
    let over = if holds { "" } else { " (over, not yet acknowledged)" };
    let note = alarm.note().map(|note| format!(": {note}")).unwrap_or_default();
    Some(ProblemView {
        text: format!("{words}{note}{over}"),
        room_text: format!("{words}{over}"),
        response: alarm.response.clone(),
        priority: alarm.priority.code(),
        since_ms: alarm.is_standing().then(|| utc_ms(alarm.raised(), now)),
        alarm: Some(alarm.id.clone()),
        unit: None,
        device: None,
    })
}

/// A device that does not answer.
pub(crate) fn device_problem(device: &str, unit: Option<&str>) -> ProblemView {
    let text = format!("The device {device} does not answer; it is asked again and again");
    ProblemView {
        room_text: text.clone(),
        text,
        response: "Look at the device, its power and its cable.".to_owned(),
        priority: Priority::High.code(),
        since_ms: None,
        alarm: unit.map(|_| format!("{device}.LINK")),
        unit: unit.map(str::to_owned),
        device: Some(device.to_owned()),
    }
}
