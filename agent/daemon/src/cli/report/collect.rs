//! What belongs to a batch.

use std::collections::BTreeMap;

use cellwatch_model::{AlarmTransition, IsaState, Priority, Quality, Utc};
use cellwatch_record::{
    AlarmChange, BatchChange, Body, Datum, Deviation, EnteredResult, Event, EventKind, Frame,
    Record,
};

/// Gaps, losses and steps of the clock that are listed one by one; more are only counted.
const LISTED_MAX: usize = 200;

/// A batch as far as its own records tell.
#[derive(Clone, Debug)]
pub(super) struct Span {
    pub(super) unit: String,
    pub(super) started: Utc,
    pub(super) ended: Option<Utc>,
    first_seq: u64,
    last_seq: Option<u64>,
}

/// The batches of a journal.
#[derive(Default)]
pub(super) struct Known {
    pub(super) batches: BTreeMap<String, Span>,
}

impl Known {
    pub(super) fn take(&mut self, record: &Record) {
        let (common, Body::Batch(change)) = (&record.common, &record.body) else { return };
        let seq = common.identity.seq;
        match change.change {
            // A journal that begins within a batch knows it from its first change.
            BatchChange::Started | BatchChange::Phase => {
                self.batches.entry(change.batch.clone()).or_insert_with(|| Span {
                    unit: common.unit.clone().unwrap_or_default(),
                    started: common.utc,
                    ended: None,
                    first_seq: seq,
                    last_seq: None,
                });
            }
            BatchChange::Ended => {
                if let Some(span) = self.batches.get_mut(&change.batch) {
                    span.ended = Some(common.utc);
                    span.last_seq = Some(seq);
                }
            }
            BatchChange::Sealed => {}
        }
    }
}

/// One alarm over the batch.
#[derive(Clone, Debug)]
pub(super) struct AlarmRow {
    pub(super) priority: Priority,
    /// Raised so often, called for or not.
    pub(super) raised: u64,
    /// Called so often.
    pub(super) called: u64,
    pub(super) first: Utc,
    pub(super) last: Utc,
    pub(super) acknowledged_by: Vec<String>,
    pub(super) stands: bool,
}

/// How many readings of a parameter were what.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Coverage {
    pub(super) good: u64,
    pub(super) uncertain: u64,
    pub(super) bad: u64,
}

/// What a batch was.
pub(super) struct Report {
    pub(super) batch: String,
    pub(super) span: Span,
    /// Phase and when it began.
    pub(super) phases: Vec<(String, Utc)>,
    /// What judged: as the events say it, from when on.
    pub(super) master_files: Vec<(Utc, String)>,
    pub(super) alarms: BTreeMap<String, AlarmRow>,
    /// As they are after their last change.
    pub(super) deviations: BTreeMap<String, Deviation>,
    /// Every step of every result.
    pub(super) results: Vec<(Utc, EnteredResult)>,
    pub(super) notes: Vec<(Utc, String)>,
    pub(super) notes_not_listed: u64,
    pub(super) coverage: BTreeMap<String, Coverage>,
    pub(super) records: u64,
    /// Sequence numbers that are missing within it.
    pub(super) missing: u64,
}

pub(super) struct Collector {
    report: Report,
    names: BTreeMap<u16, String>,
    last_seq: Option<u64>,
    /// What judged when the batch began.
    before: Option<(Utc, String)>,
}

impl Collector {
    pub(super) fn new(batch: String, span: &Span) -> Self {
        let report = Report {
            batch,
            span: span.clone(),
            phases: Vec::new(),
            master_files: Vec::new(),
            alarms: BTreeMap::new(),
            deviations: BTreeMap::new(),
            results: Vec::new(),
            notes: Vec::new(),
            notes_not_listed: 0,
            coverage: BTreeMap::new(),
            records: 0,
            missing: 0,
        };
        Self { report, names: BTreeMap::new(), last_seq: None, before: None }
    }

    pub(super) fn take(&mut self, record: Record) {
        let Record { common, body } = record;
        let (seq, utc) = (common.identity.seq, common.utc);
        let span = &self.report.span;
        let is_within = seq >= span.first_seq && span.last_seq.is_none_or(|last| seq <= last);
        if is_within && let Some(last) = self.last_seq.replace(seq) {
            self.report.missing += seq - last - 1;
        }
        let is_own = common.batch.as_deref() == Some(&self.report.batch);
        let of_unit = common.unit.as_deref() == Some(&span.unit);
        self.report.records += u64::from(is_own);
        match body {
            Body::Event(event) => self.event(event, utc, is_within, of_unit, common.unit.is_none()),
            Body::Batch(change) if change.batch == self.report.batch => {
                self.report.phases.extend(change.to.map(|phase| (phase, utc)));
            }
            Body::Telemetry(frame) if is_own => self.frame(&frame),
            Body::Alarm(change) if is_own => self.alarm(change, utc),
            Body::Deviation(deviation)
                if is_own || self.report.deviations.contains_key(&deviation.id) =>
            {
                self.report.deviations.insert(deviation.id.clone(), deviation);
            }
            Body::Result(result) if is_own => self.report.results.push((utc, result)),
            Body::Batch(_)
            | Body::Telemetry(_)
            | Body::Alarm(_)
            | Body::Deviation(_)
            | Body::Result(_)
            | Body::Action(_)
            | Body::State(_)
            | Body::Health(_) => {}
        }
    }

    pub(super) fn finish(mut self) -> Report {
        self.report.master_files.splice(0..0, self.before);
        self.report
    }

    fn event(&mut self, event: Event, utc: Utc, is_within: bool, of_unit: bool, of_agent: bool) {
        if event.kind == EventKind::Configuration && of_unit {
            self.configuration(&event);
        }
        if event.kind == EventKind::MasterFileInForce {
            if is_within {
                self.report.master_files.push((utc, event.text.clone()));
            } else if utc <= self.report.span.started {
                self.before = Some((utc, event.text.clone()));
            }
        }
        let matters = matches!(
            event.kind,
            EventKind::Gap | EventKind::Loss | EventKind::ClockStep | EventKind::Start
        );
        if is_within && matters && (of_unit || of_agent) {
            if self.report.notes.len() < LISTED_MAX {
                self.report.notes.push((utc, event.text));
            } else {
                self.report.notes_not_listed += 1;
            }
        }
    }

    fn configuration(&mut self, event: &Event) {
        let Some(Datum::List(parameters)) = event.details.get("parameters") else { return };
        for parameter in parameters {
            if let Datum::List(items) = parameter
                && let (Some(Datum::Integer(index)), Some(Datum::Text(name))) =
                    (items.first(), items.get(1))
                && let Ok(index) = u16::try_from(*index)
            {
                self.names.insert(index, name.clone());
            }
        }
    }

    fn frame(&mut self, frame: &Frame) {
        for column in &frame.columns {
            let name = self.names.get(&column.parameter);
            let name = name.cloned().unwrap_or_else(|| format!("parameter {}", column.parameter));
            let coverage = self.report.coverage.entry(name).or_default();
            for sample in &column.samples {
                match sample.quality {
                    Quality::Good => coverage.good += 1,
                    Quality::Uncertain(_) => coverage.uncertain += 1,
                    Quality::Bad(_) => coverage.bad += 1,
                }
            }
        }
    }

    fn alarm(&mut self, change: AlarmChange, utc: Utc) {
        let row = self.report.alarms.entry(change.alarm).or_insert_with(|| AlarmRow {
            priority: change.priority,
            raised: 0,
            called: 0,
            first: utc,
            last: utc,
            acknowledged_by: Vec::new(),
            stands: false,
        });
        row.last = utc;
        row.stands = change.state != IsaState::Normal && change.regions & 1 != 0;
        row.raised += u64::from(change.transition == AlarmTransition::Raised);
        row.called += u64::from(change.state == IsaState::Unacknowledged);
        if change.transition == AlarmTransition::Acknowledged
            && let Some(person) = change.person
            && !row.acknowledged_by.contains(&person.name)
        {
            row.acknowledged_by.push(person.name);
        }
    }
}
