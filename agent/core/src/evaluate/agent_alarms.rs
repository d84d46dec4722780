//! The agent's own health as alarms, through the same engine.

use cellwatch_model::{LimitKind, Mono, Priority};
use cellwatch_record::{AlarmChange, Person, SavedAlarm};

use super::alarm_point::{AlarmPoint, Beside};
use super::request::Request;

/// Id of the alarm on an expired Master File (LAW-05).
pub(crate) const MASTER_FILE_EXPIRED: &str = "AGENT.MASTER-FILE-EXPIRED";
/// Id of the alarm on a Master File that expires soon.
pub(crate) const MASTER_FILE_EXPIRES: &str = "AGENT.MASTER-FILE-EXPIRES-SOON";
/// Id of the alarm on an agent without a Master File.
pub(crate) const NO_MASTER_FILE: &str = "AGENT.NO-MASTER-FILE";
/// Id of the alarm on a wall clock that cannot be trusted (LAW-12).
pub(crate) const CLOCK: &str = "AGENT.CLOCK";
/// Id of the alarm on a wall clock that stepped (LAW-12).
pub(crate) const CLOCK_STEP: &str = "AGENT.CLOCK-STEP";
/// Id of the alarm on a device whose clock is off (LAW-12).
pub(crate) const DEVICE_CLOCK: &str = "AGENT.DEVICE-CLOCK";
/// Id of the alarm on a broker that is away.
pub(crate) const BROKER: &str = "AGENT.BROKER";
/// Id of the alarm on receipts that do not come.
pub(crate) const RECEIPT: &str = "AGENT.RECEIPT";
/// Id of the alarm on a journal that does not keep up.
pub(crate) const JOURNAL: &str = "AGENT.JOURNAL";
/// Id of the alarm on a backlog that grows.
pub(crate) const BACKLOG: &str = "AGENT.BACKLOG";
/// Id of the alarm on a certificate that expires soon.
pub(crate) const CERTIFICATE: &str = "AGENT.CERTIFICATE";
/// Id of the alarm on a disk that fills.
pub(crate) const DISK: &str = "AGENT.DISK";
/// Id of the alarm on a key file that others may read.
pub(crate) const KEY_FILE: &str = "AGENT.KEY-FILE";
/// Id of the alarm on records that no key seals.
pub(crate) const UNSEALED: &str = "AGENT.UNSEALED";

/// Id of the alarm on a site that the Control Site has paused or closed.
pub(crate) const SITE_STATUS: &str = "AGENT.SITE-STATUS";
/// Ids of the alarms on batches that may not have been started begin with this; the unit follows.
const NOT_AUTHORISED: &str = "AGENT.BATCH-NOT-AUTHORISED.";

/// Id of the alarm on a batch in `unit` that may not have been started.
pub(crate) fn not_authorised(unit: &str) -> String {
    format!("{NOT_AUTHORISED}{unit}")
}

/// True of the alarms on batches that may not have been started.
pub(crate) fn is_not_authorised(id: &str) -> bool {
    id.starts_with(NOT_AUTHORISED)
}

/// Id of the alarm on a stack light or horn that does not answer.
pub(crate) const ANNUNCIATOR: &str = "AGENT.ANNUNCIATOR";

/// Id of the alarm on messages that the server does not take.
pub(crate) const NOTIFICATION: &str = "AGENT.NOTIFICATION";

/// Id, what it watches, priority, on-delay in milliseconds, what a person does. What nobody in the room has to see to
/// within minutes is low, and does not sound: nothing is lost, and alarms go on calling here (decision 0036).
const ALARMS: [(&str, &str, Priority, u64, &str); 17] = [
    (
        MASTER_FILE_EXPIRED,
        "master file",
        Priority::High,
        0,
        "Call the Control Site: the Master File has expired. It goes on judging; no new batch may start under it.",
    ),
    (
        MASTER_FILE_EXPIRES,
        "master file",
        Priority::Low,
        0,
        "Ask the Control Site for the next version of the Master File.",
    ),
    (
        NO_MASTER_FILE,
        "master file",
        Priority::High,
        5_000,
        "Call the Control Site: no approved Master File is in force. Readings are recorded, nothing is judged.",
    ),
    (
        SITE_STATUS,
        "site",
        Priority::Low,
        0,
        "Start no batch: the Control Site has paused or closed this site. What runs goes on, recorded and judged.",
    ),
    (
        CLOCK,
        "clock",
        Priority::Low,
        60_000,
        "Tell the site's IT: the clock of this machine is not synchronised. Times are marked so.",
    ),
    (
        CLOCK_STEP,
        "clock",
        Priority::Low,
        0,
        "Tell the site's IT: the clock of this machine was set or jumped. The records say by how much.",
    ),
    (
        DEVICE_CLOCK,
        "device clocks",
        Priority::Low,
        0,
        "Tell maintenance: the clock of a device is wrong. Records have this machine's time; the device's own log and screen do not agree with it.",
    ),
    (
        BROKER,
        "broker",
        Priority::Low,
        60_000,
        "The Control Site does not see this site now. Look at the network; nothing is lost, alarms still sound here.",
    ),
    (
        RECEIPT,
        "control site",
        Priority::Low,
        0,
        "Call the Control Site: records go out, but it does not confirm them. Nothing is lost.",
    ),
    (
        JOURNAL,
        "journal",
        Priority::High,
        0,
        "Tell the site's IT: the disk of this machine does not keep up. Alarms still sound here.",
    ),
    (
        BACKLOG,
        "backlog",
        Priority::Low,
        0,
        "Tell the site's IT: the network is too slow or was away for long. Nothing is lost.",
    ),
    (
        CERTIFICATE,
        "certificate",
        Priority::Low,
        0,
        "Have the certificate replaced that is named here: without it the link to the Control Site ends, or the page, or a device on OPC UA.",
    ),
    (
        ANNUNCIATOR,
        "annunciator",
        Priority::High,
        5_000,
        "Look at the page, not at the lights: a stack light or horn does not answer. See to its power and cable.",
    ),
    (
        NOTIFICATION,
        "messages",
        Priority::Medium,
        60_000,
        "Call who must come by telephone: messages are not taken by the mail server. Tell the site's IT.",
    ),
    (
        DISK,
        "disk",
        Priority::High,
        0,
        "Tell the site's IT: the disk fills. When it is full, readings are no longer recorded; alarms are.",
    ),
    (
        KEY_FILE,
        "key file",
        Priority::High,
        0,
        "Tell the site's IT: others may read the agent's key. Mend its permissions. If it is the agent's signing key or that of the broker, ask the Control Site for a new one; otherwise have it made anew.",
    ),
    (
        UNSEALED,
        "key",
        Priority::High,
        0,
        "Call the Control Site: this agent has no key that the roster names. It judges and records; nothing is sent until a new key seals it.",
    ),
];

/// What a person does about a batch that may not have been started.
const NOT_AUTHORISED_RESPONSE: &str = "Call the Control Site now: this batch may not have been started. It is recorded and judged; quality assurance decides.";

/// The agent's own alarms.
#[derive(Debug)]
pub(crate) struct AgentAlarms {
    points: Vec<Own>,
}

#[derive(Debug)]
struct Own {
    alarm: AlarmPoint,
    /// Whether its condition holds, without delays; none before it was looked at for the first time.
    holds: Option<bool>,
}

impl AgentAlarms {
    /// The alarms of an agent with these units, in their normal state.
    pub(crate) fn new<'a>(units: impl Iterator<Item = &'a str>) -> Self {
        let own = |(id, source, priority, on_delay_ms, response): (&str, &str, _, _, _)| {
            let (id, source) = (id.to_owned(), source.to_owned());
            let alarm =
                AlarmPoint::on_condition(id, source, LimitKind::Agent, priority, on_delay_ms, 0);
            Own { alarm: alarm.with_response(response), holds: None }
        };
        let not_authorised = units.map(|unit| {
            let (id, source) = (not_authorised(unit), unit.to_owned());
            let alarm =
                AlarmPoint::on_condition(id, source, LimitKind::Agent, Priority::High, 0, 0);
            Own { alarm: alarm.with_response(NOT_AUTHORISED_RESPONSE), holds: None }
        });
        Self { points: ALARMS.into_iter().map(own).chain(not_authorised).collect() }
    }

    /// True where this is news: it is to be recorded, then given to [`Self::set`].
    pub(crate) fn is_news(&self, id: &str, holds: bool) -> bool {
        let own = self.points.iter().find(|own| own.alarm.id == id);
        own.is_some_and(|own| match own.holds {
            Some(known) => known != holds,
            // What stood before a restart has to be told that it is over.
            None => holds || own.alarm.is_active(),
        })
    }

    /// True once its condition was looked at since the start.
    pub(crate) fn was_judged(&self, id: &str) -> bool {
        self.points.iter().any(|own| own.alarm.id == id && own.holds.is_some())
    }

    /// Whether a condition holds, as far as is known.
    pub(crate) fn holds(&self, id: &str) -> bool {
        self.points.iter().any(|own| own.alarm.id == id && own.holds == Some(true))
    }

    /// A condition became true or false.
    pub(crate) fn set(
        &mut self,
        id: &str,
        holds: bool,
        note: Option<String>,
        at: Mono,
    ) -> Option<AlarmChange> {
        let own = self.points.iter_mut().find(|own| own.alarm.id == id)?;
        own.holds = Some(holds);
        own.alarm.set(holds, note, at)
    }

    pub(crate) fn next_deadline(&self) -> Option<Mono> {
        self.points.iter().filter_map(|own| own.alarm.due()).min()
    }

    pub(crate) fn elapse(&mut self, now: Mono) -> Vec<AlarmChange> {
        self.points.iter_mut().flat_map(|own| own.alarm.elapse(now)).collect()
    }

    pub(crate) fn request(
        &mut self,
        id: &str,
        request: Request,
        person: Person,
        comment: String,
        at: Mono,
    ) -> Result<AlarmChange, String> {
        let found = self.points.iter_mut().find(|own| own.alarm.id == id);
        let found = found.ok_or_else(|| format!("the agent has no alarm {id}"))?;
        found.alarm.request(request, person, comment, at)
    }

    pub(crate) fn save(&self) -> impl Iterator<Item = SavedAlarm> {
        self.points.iter().filter_map(|own| own.alarm.save(None))
    }

    pub(crate) fn restore(&mut self, saved: &[SavedAlarm]) {
        for Own { alarm, .. } in &mut self.points {
            if let Some(one) = saved.iter().find(|one| one.unit.is_none() && one.alarm == alarm.id)
            {
                *alarm = alarm.clone().restored(one, &Beside::default());
            }
        }
    }

    pub(crate) fn response_to(&self, id: &str) -> String {
        let found = self.points.iter().find(|own| own.alarm.id == id);
        found.map(|own| own.alarm.response.clone()).unwrap_or_default()
    }

    /// Every alarm, with whether its condition holds now: before its delay is over as well.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&AlarmPoint, bool)> {
        self.points.iter().map(|own| (&own.alarm, own.holds == Some(true)))
    }

    pub(crate) fn standing(&self) -> impl Iterator<Item = &AlarmPoint> {
        self.points.iter().map(|own| &own.alarm).filter(|alarm| alarm.is_standing())
    }
}
