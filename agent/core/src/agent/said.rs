//! What machines say becomes records, and is shown to people at once.

use cellwatch_model::Now;
use cellwatch_record::{
    AlarmChange, AlarmSummary, BatchChange, Body, Datum, EventKind, SUMMARY_CONTENT_TYPE,
    StandingAlarm,
};

use super::{Agent, VALUES_PARTS, VALUES_PERIOD_MS};
use crate::door::{Content, Output, Shown};
use crate::evaluate::{AlarmPoint, FloodChange, UnitOutput, is_annunciation};
use crate::journal::{Context, Said};
use crate::serve::{alarms_json, values_json};

impl Agent {
    /// Records what a unit says, in its order; alarms are shown without waiting for the disk (LAW-06).
    pub(super) fn unit_said(&mut self, index: usize, said: Vec<UnitOutput>, now: Now) {
        let mut ended = None;
        for UnitOutput { body, response, batch, phase } in said {
            if let Body::Batch(change) = &body
                && change.change == BatchChange::Ended
            {
                ended = Some(change.clone());
            }
            if let Body::Alarm(change) = &body {
                let unit = Some(self.units[index].id.as_str());
                self.outputs.push_back(Output::Show(shown(unit, change, response)));
                self.annunciation.changed(unit, change);
                self.remarks.changed(unit, change, change.at);
                self.escalate(Some(index), change, now);
            }
            let unit = &self.units[index];
            let context =
                Context { unit: Some(&unit.id), batch: batch.as_deref(), phase: phase.as_deref() };
            let flood = match &body {
                Body::Alarm(change) => {
                    self.metrics.alarm(Some(&unit.id), batch.as_deref(), change, now.utc)
                }
                Body::Telemetry(_)
                | Body::Deviation(_)
                | Body::Action(_)
                | Body::Result(_)
                | Body::Batch(_)
                | Body::Event(_)
                | Body::State(_)
                | Body::Health(_) => None,
            };
            let is_alarm = matches!(body, Body::Alarm(_));
            let turned = match &body {
                Body::Batch(change) => Some(change.clone()),
                Body::Telemetry(_)
                | Body::Alarm(_)
                | Body::Deviation(_)
                | Body::Action(_)
                | Body::Result(_)
                | Body::Event(_)
                | Body::State(_)
                | Body::Health(_) => None,
            };
            if is_alarm || matches!(body, Body::Batch(_) | Body::Result(_)) {
                self.viewing.has_changed();
            }
            let seq = self.recorder.record(body, context, now);
            if let Some(seq) = seq.filter(|_| is_alarm) {
                self.summaries.push((Some(index), seq));
            }
            if let Some(flood) = flood {
                self.say_flood(flood, now);
            }
            if let Some(change) = turned {
                self.metrics.batch(&self.units[index].id, &change, change.at, now.utc);
                self.judge_start(index, &change, now);
            }
        }
        if let Some(ended) = ended {
            self.seal_batch(index, &ended, now);
        }
    }

    /// Records and shows changes of the agent's own alarms.
    pub(super) fn agent_changed(
        &mut self,
        changes: impl IntoIterator<Item = AlarmChange>,
        now: Now,
    ) {
        for change in changes {
            self.viewing.has_changed();
            let response = self.alarms.response_to(&change.alarm);
            let flood = self.metrics.alarm(None, None, &change, now.utc);
            self.outputs.push_back(Output::Show(shown(None, &change, response)));
            self.annunciation.changed(None, &change);
            self.remarks.changed(None, &change, change.at);
            self.escalate(None, &change, now);
            let seq = self.recorder.record(Body::Alarm(change), Context::default(), now);
            self.summaries.extend(seq.map(|seq| (None, seq)));
            if let Some(flood) = flood {
                self.say_flood(flood, now);
            }
        }
    }

    /// Records that a flood of alarms began or ended.
    pub(super) fn say_flood(&mut self, flood: FloodChange, now: Now) {
        let FloodChange { started, at, in_10_min } = flood;
        let text = if started {
            format!("a flood of alarms began: {in_10_min} in 10 minutes")
        } else {
            format!("the flood of alarms is over: {in_10_min} in 10 minutes")
        };
        let said = Said::new(EventKind::AlarmFlood, at, text)
            .with("started", Datum::Bool(started))
            .with("in_10_min", in_10_min as u64);
        self.recorder.record(said.into(), Context::default(), now);
    }

    /// Offers the alarm documents whose last record is durable.
    pub(super) fn offer_summaries(&mut self, now: Now) {
        let durable = self.recorder.durable();
        let mut due = self.summaries.extract_if(.., |(_, seq)| *seq <= durable).collect::<Vec<_>>();
        due.sort_unstable_by_key(|(unit, _)| *unit);
        due.dedup_by_key(|(unit, _)| *unit);
        for (unit, _) in due {
            self.offer_alarms(unit, now);
        }
    }

    /// Offers the alarm documents of all units and of the agent: after a connection.
    pub(super) fn offer_all_alarms(&mut self, now: Now) {
        self.offer_alarms(None, now);
        self.offer_alarms_of_gone(now);
        for unit in 0..self.units.len() {
            self.offer_alarms(Some(unit), now);
        }
    }

    fn offer_alarms(&mut self, unit: Option<usize>, now: Now) {
        let (name, standing, json) = if let Some(unit) = unit {
            let unit = &self.units[unit];
            let standing: Vec<StandingAlarm> = unit.standing().map(AlarmPoint::standing).collect();
            (Some(unit.id.clone()), standing, alarms_json(Some(&unit.id), unit.standing(), now))
        } else {
            let standing = self.alarms.standing().map(AlarmPoint::standing).collect();
            (None, standing, alarms_json(None, self.alarms.standing(), now))
        };
        self.offer_documents(name.as_deref(), standing, json, now);
    }

    /// Offers the alarm documents of one unit, or of the agent.
    pub(super) fn offer_documents(
        &mut self,
        name: Option<&str>,
        mut standing: Vec<StandingAlarm>,
        json: Vec<u8>,
        now: Now,
    ) {
        standing.sort_by(|a, b| {
            (a.priority, a.raised, &a.alarm).cmp(&(b.priority, b.raised, &b.alarm))
        });
        let head = self.recorder.head();
        let summary = AlarmSummary {
            agent: self.setup.agent.clone(),
            journal: head.journal,
            unit: name.unwrap_or_default().to_owned(),
            as_of_seq: self.recorder.durable(),
            utc: now.utc,
            mono: now.mono,
            standing,
        };
        let topics = self.outbox.topics();
        let (signed, plain) = (topics.alarms(name), topics.alarms_json(name));
        let payload = summary.encode();
        let content = Content::ToSeal { content_type: SUMMARY_CONTENT_TYPE, payload };
        self.outbox.document(signed, content, true);
        self.outbox.document(plain, Content::Plain(json), true);
    }

    /// Offers the latest values of the units whose turn it is.
    pub(super) fn offer_values(&mut self, now: Now) {
        let units = self.units.len();
        let at_once = units.div_ceil(VALUES_PARTS).max(1);
        let through = (self.values_from + at_once).min(units);
        for unit in &self.units[self.values_from.min(through)..through] {
            let topic = self.outbox.topics().values(&unit.id);
            let content = Content::Plain(values_json(unit, now));
            self.outbox.document(topic, content, false);
        }
        self.values_from = if through == units { 0 } else { through };
        let parts = units.div_ceil(at_once).max(1) as u64;
        self.next_values = now.mono.plus_ms(VALUES_PERIOD_MS / parts);
    }

    /// Says that the agent is there.
    pub(super) fn offer_presence(&mut self, now: Now) {
        let online = serde_json::json!({
            "online": true,
            "agent": self.setup.agent,
            "version": self.setup.version,
            "since_utc_ns": now.utc.0,
        });
        let topic = self.outbox.topics().presence();
        self.outbox.document(topic, Content::Plain(online.to_string().into_bytes()), true);
    }
}

pub(super) fn shown(unit: Option<&str>, change: &AlarmChange, response: String) -> Shown {
    let of = unit.map_or_else(|| "agent".to_owned(), str::to_owned);
    let value = match (change.value, change.limit) {
        (Some(value), Some(limit)) => format!(", value {value}, limit {limit}"),
        _ => String::new(),
    };
    let comment = change.comment.as_ref().map(|text| format!(" ({text})")).unwrap_or_default();
    let text = format!("{of} {} {}{value}{comment}", change.alarm, change.transition);
    let raised = is_annunciation(change);
    Shown {
        unit: unit.map(str::to_owned),
        priority: raised.then_some(change.priority),
        text,
        response: if raised { response } else { String::new() },
    }
}
