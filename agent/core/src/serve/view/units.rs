//! Units as people see them.

use cellwatch_config::master_file::{MasterFile, Phase};
use cellwatch_config::profile::Role;
use cellwatch_model::{LimitKind, Now, Quality};
use cellwatch_record::{Deviation, EnteredResult, Person};

use super::alarms::quality_word;
use super::{
    DeviationView, LimitsView, ManualView, NamedView, PhaseName, PhaseView, ResultView, UnitView,
    VALUES_MAX, ValueView, utc_ms,
};
use crate::evaluate::{ParameterState, Unit};
use crate::serve::json::value_json;

/// A unit.
pub(crate) fn unit_view(unit: &Unit, devices: Vec<String>, now: Now) -> UnitView {
    let file = unit.file();
    let mut shown: Vec<(u8, &ParameterState)> =
        unit.parameters().iter().filter_map(|one| Some((rank(one, file)?, one))).collect();
    shown.sort_by_key(|(rank, _)| *rank);
    let values_left_out = shown.len().saturating_sub(VALUES_MAX);
    shown.truncate(VALUES_MAX);
    let values: Vec<ValueView> =
        shown.into_iter().map(|(_, one)| value_view(one, unit, now)).collect();
    let standing = || unit.standing();
    let unanswered = standing().any(|alarm| !alarm.is_acknowledged());
    let mut critical = values.iter().filter(|value| value.critical).peekable();
    let blind = critical.peek().is_some() && critical.all(|value| value.quality == "bad");
    let state = match (unanswered, standing().next().is_some()) {
        (true, _) => "unanswered",
        (false, true) => "answered",
        (false, false) if file.is_none() => "not-judged",
        (false, false) if blind => "no-data",
        (false, false) => "normal",
    };
    let open = unit.batch.open.as_ref();
    let name = |phase: &Phase| PhaseName { id: phase.id.clone(), name: phase.name.clone() };
    let mut results: Vec<_> = unit.results().map(|one| result_view(one, now)).collect();
    results.reverse();
    UnitView {
        id: unit.id.clone(),
        name: unit.name.clone(),
        state,
        worst_priority: standing().map(|alarm| alarm.priority.code()).min(),
        batch: open.map(|open| open.batch.clone()),
        batch_started_ms: open.map(|open| utc_ms(open.started, now)),
        led_by: if unit.is_led_by_device() { "device" } else { "people" },
        phase: open.map(|open| {
            let ruled = file.and_then(|file| file.phase(&open.phase));
            let next = file.map(|file| file.following(&open.phase)).unwrap_or_default();
            let known = |id: &str| file.and_then(|file| file.phase(id)).map(name);
            PhaseView {
                id: open.phase.clone(),
                name: ruled.map_or_else(|| open.phase.clone(), |phase| phase.name.clone()),
                since_ms: utc_ms(open.since, now),
                lasts_ms: now.mono.ms_since(open.since),
                min_ms: ruled.and_then(|phase| phase.min_duration_ms),
                max_ms: ruled.and_then(|phase| phase.max_duration_ms),
                next: next.into_iter().filter_map(known).collect(),
            }
        }),
        phases: file.map(|file| file.phases.iter().map(name).collect()).unwrap_or_default(),
        values,
        values_left_out,
        manual: file.map(|file| manual(unit, file, now)).unwrap_or_default(),
        deviations: unit.deviations().map(|one| deviation_view(one, now)).collect(),
        results,
        devices,
        file: unit.shared_file().cloned(),
    }
}

/// Critical parameters of the Master File first, then its others, then what else is of the process.
fn rank(parameter: &ParameterState, file: Option<&MasterFile>) -> Option<u8> {
    match file.and_then(|file| file.parameter(parameter.name())) {
        Some(ruled) if ruled.critical => Some(0),
        Some(_) => Some(1),
        None if parameter.known().role == Role::Process => Some(2),
        None => None,
    }
}

fn value_view(parameter: &ParameterState, unit: &Unit, now: Now) -> ValueView {
    let ruled = unit.file().and_then(|file| file.parameter(parameter.name()));
    let last = parameter.last.as_ref();
    let quality = last.map_or("bad", |last| quality_word(last.quality));
    let cause = match last.map(|last| last.quality) {
        Some(Quality::Good) => None,
        Some(Quality::Uncertain(cause) | Quality::Bad(cause)) => Some(cause.words()),
        None => Some(cellwatch_model::Cause::WaitingForInitialData.words()),
    };
    let believed = last.filter(|_| quality != "bad").and_then(|last| last.value.as_ref().ok());
    let mut limits = LimitsView::default();
    let mut worst = None;
    for alarm in unit.alarms().filter(|alarm| alarm.source == parameter.name()) {
        if !alarm.is_out_of_phase() {
            let limit = Some(alarm.limit.limit);
            match alarm.kind {
                LimitKind::LowLow => limits.ll = limit,
                LimitKind::Low => limits.l = limit,
                LimitKind::High => limits.h = limit,
                LimitKind::HighHigh => limits.hh = limit,
                LimitKind::Instrument
                | LimitKind::Agent
                | LimitKind::Deviation
                | LimitKind::Rate
                | LimitKind::Discrete
                | LimitKind::Communication
                | LimitKind::Phase => {}
            }
        }
        if alarm.is_standing() {
            let call = (alarm.is_acknowledged(), alarm.priority, &alarm.id);
            worst = Some(worst.map_or(call, |before| call.min(before)));
        }
    }
    let lost = (quality == "bad").then_some(parameter.valued_at).flatten();
    ValueView {
        parameter: parameter.name().to_owned(),
        device: parameter.device().to_owned(),
        critical: ruled.is_some_and(|ruled| ruled.critical),
        unit: parameter.known().unit.symbol(),
        decimals: parameter.known().decimals,
        value: believed.map_or(serde_json::Value::Null, |value| value_json(parameter, value)),
        quality,
        cause,
        at_ms: last.map(|last| utc_ms(last.at, now)),
        age_ms: last.map(|last| now.mono.ms_since(last.at)),
        stale_after_ms: parameter.stale_after_ms,
        no_value_since_ms: lost.map(|at| utc_ms(at, now)),
        range: ruled.map(|ruled| ruled.range),
        set_point: ruled.and_then(|ruled| ruled.set_point),
        limits,
        alarm: worst.map(|(_, _, id)| id.clone()),
    }
}

fn manual(unit: &Unit, file: &MasterFile, now: Now) -> Vec<ManualView> {
    let view = |(name, due, overdue, latest): (&str, Option<_>, bool, Option<&EnteredResult>)| {
        let ruled = file.parameter(name)?;
        Some(ManualView {
            parameter: name.to_owned(),
            unit: ruled.unit.symbol(),
            range: ruled.range,
            second_person: ruled.second_person,
            due_ms: due.map(|due| utc_ms(due, now)),
            overdue,
            latest: latest.map(|one| result_view(one, now)),
        })
    };
    unit.entered().filter_map(view).collect()
}

pub(super) fn named(person: &Person) -> NamedView {
    NamedView { name: person.name.clone(), role: person.role.clone() }
}

fn result_view(result: &EnteredResult, now: Now) -> ResultView {
    ResultView {
        id: result.id.clone(),
        parameter: result.parameter.clone(),
        value: result.value,
        unit: result.unit.symbol(),
        counts: result.counts,
        at_ms: utc_ms(result.at, now),
        sampled_ms: result.sampled.map(|at| at.0 / 1_000_000),
        entered_by: named(&result.entered_by),
        confirmed_by: result.confirmed_by.as_ref().map(named),
        old: result.old,
        reason: result.reason.clone(),
    }
}

fn deviation_view(deviation: &Deviation, now: Now) -> DeviationView {
    DeviationView {
        id: deviation.id.clone(),
        alarm: deviation.alarm.clone(),
        source: deviation.source.clone(),
        rules: deviation.rules.iter().map(|(_, words)| words.clone()).collect(),
        since_ms: utc_ms(deviation.since, now),
        until_ms: deviation.until.map(|at| utc_ms(at, now)),
        limit: deviation.limit,
        lowest: deviation.lowest,
        highest: deviation.highest,
        area: deviation.area,
    }
}
