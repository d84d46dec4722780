//! Alarms as people see them.

use cellwatch_config::master_file::{Alarm, AlarmClass, MasterFile};
use cellwatch_model::{IsaState, LimitKind, Now, Priority, Quality};

use super::{AlarmView, SaidView, SeenView, utc_ms};
use crate::evaluate::{AlarmPoint, Request};
use crate::serve::{Remarks, Remembered};

/// What an alarm is seen with.
#[derive(Clone, Copy)]
pub(crate) struct AlarmContext<'a> {
    /// Id and name of the unit.
    pub(crate) unit: Option<(&'a str, &'a str)>,
    pub(crate) file: Option<&'a MasterFile>,
    pub(crate) remarks: &'a Remarks,
    pub(crate) now: Now,
}

/// True where acknowledging it needs the password again, and a comment.
pub(crate) fn needs_confirmation(priority: Priority, ruled: Option<&Alarm>) -> bool {
    priority == Priority::Critical
        || ruled.is_some_and(|alarm| alarm.class == AlarmClass::GmpCritical)
}

/// An alarm; none where there is nothing to see.
pub(crate) fn alarm_view(alarm: &AlarmPoint, context: AlarmContext<'_>) -> Option<AlarmView> {
    let AlarmContext { unit, file, remarks, now } = context;
    let state = alarm.state();
    // Suppressed and normal otherwise is no news: most alarms of other phases are.
    let is_quiet = match state {
        IsaState::Normal => true,
        IsaState::SuppressedByDesign => !alarm.is_active() && alarm.is_acknowledged(),
        IsaState::Unacknowledged
        | IsaState::Acknowledged
        | IsaState::ReturnedUnacknowledged
        | IsaState::LatchedUnacknowledged
        | IsaState::LatchedAcknowledged
        | IsaState::Shelved
        | IsaState::OutOfService => false,
    };
    if is_quiet {
        return None;
    }
    let unit_id = unit.map(|(id, _)| id);
    let ruled = file.and_then(|file| file.alarms.iter().find(|one| one.id == alarm.id));
    let measured = file.and_then(|file| file.parameter(&alarm.source)).map(|its| its.unit);
    let by_limit = matches!(
        alarm.kind,
        LimitKind::LowLow
            | LimitKind::Low
            | LimitKind::High
            | LimitKind::HighHigh
            | LimitKind::Deviation
            | LimitKind::Rate
    );
    let calls = alarm.is_standing() && !alarm.is_acknowledged();
    let respond_ms = ruled.map(|one| one.time_to_respond_s.saturating_mul(1000));
    let called = remarks.called(unit_id, alarm);
    let respond_by = respond_ms.filter(|_| calls).map(|ms| called.plus_ms(ms));
    let shelved = alarm.shelved_until();
    let about = remarks.about(unit_id, alarm);
    let said = about.and_then(|about| about.said.as_ref()).map(said_view);
    let acknowledged_by = about.and_then(|about| about.acknowledged.as_ref()).map(seen_view);
    let seen = alarm.is_acknowledged() && alarm.is_active();
    let acknowledged = alarm.acknowledged_at().filter(|at| seen && *at >= alarm.raised());
    Some(AlarmView {
        unit: unit_id.map(str::to_owned),
        unit_name: unit.map(|(_, name)| name.to_owned()),
        id: alarm.id.clone(),
        source: alarm.source.clone(),
        kind: alarm.kind.word(),
        priority: alarm.priority.code(),
        priority_word: alarm.priority.word(),
        class: ruled.map(|one| one.class.word()),
        state: state.word(),
        active: alarm.is_active(),
        acknowledged: alarm.is_acknowledged(),
        latched: alarm.is_latched(),
        raised_ms: utc_ms(alarm.raised(), now),
        called_ms: utc_ms(called, now),
        standing_ms: now.mono.ms_since(alarm.raised()),
        occurrence: alarm.occurrence(),
        value: alarm.value().filter(|_| by_limit),
        limit: by_limit.then_some(alarm.limit.limit),
        unit_of_measure: measured.filter(|_| by_limit).map(|unit| unit.symbol()),
        quality: quality_word(alarm.quality()),
        note: alarm.note().map(str::to_owned),
        cause: ruled.map(|one| one.cause.clone()).unwrap_or_default(),
        consequence: ruled.map(|one| one.consequence.clone()).unwrap_or_default(),
        response: alarm.response.clone(),
        time_to_respond_s: ruled.map(|one| one.time_to_respond_s),
        respond_by_ms: respond_by.map(|at| utc_ms(at, now)),
        acknowledged_ms: acknowledged.map(|at| utc_ms(at, now)),
        acknowledged_by,
        said,
        shelved_until_ms: shelved.map(|(until, _)| utc_ms(until, now)),
        one_shot: shelved.is_some_and(|(_, one_shot)| one_shot),
        shelve_max_ms: alarm.handling.shelve_max_ms,
        suppressed_by: alarm.suppressed_by().map(str::to_owned).collect(),
        comment_required: alarm.handling.comment_required,
        confirm: needs_confirmation(alarm.priority, ruled),
        can: can(alarm),
    })
}

fn said_view(said: &Remembered) -> SaidView {
    SaidView {
        name: said.person.name.clone(),
        role: said.person.role.clone(),
        what: said.what.clone(),
        comment: said.comment.clone(),
        at_ms: said.at.0 / 1_000_000,
    }
}

fn seen_view(said: &Remembered) -> SeenView {
    let SaidView { name, role, comment, at_ms, .. } = said_view(said);
    SeenView { name, role, comment, at_ms }
}

fn can(alarm: &AlarmPoint) -> Vec<&'static str> {
    let shelve = Request::Shelve { one_shot: false, for_ms: 0 };
    let requests = [
        (Request::Acknowledge, "acknowledge"),
        (Request::Reset, "reset"),
        (shelve, "shelve"),
        (Request::Unshelve, "unshelve"),
        (Request::TakeOutOfService, "take-out-of-service"),
        (Request::ReturnToService, "return-to-service"),
    ];
    let possible = requests.into_iter().filter(|(request, _)| alarm.can(*request));
    possible.map(|(_, word)| word).chain(["comment"]).collect()
}

pub(super) const fn quality_word(quality: Quality) -> &'static str {
    match quality {
        Quality::Good => "good",
        Quality::Uncertain(_) => "uncertain",
        Quality::Bad(_) => "bad",
    }
}

/// Unanswered first, then by priority, then the oldest.
pub(crate) fn in_order(alarms: &mut [AlarmView]) {
    alarms.sort_by(|a, b| {
        let rank = |one: &AlarmView| {
            let rank = match one.state {
                "UNACK" | "LTUNK" | "RTNUN" => 0,
                "ACKED" | "LTACK" => 1,
                _ => 2,
            };
            (rank, one.priority, one.raised_ms)
        };
        rank(a).cmp(&rank(b)).then_with(|| (&a.unit, &a.id).cmp(&(&b.unit, &b.id)))
    });
}
