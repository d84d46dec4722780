//! What people see: built while somebody looks, at once when an alarm changes (LAW-06).

use std::sync::Arc;

use cellwatch_model::{Mono, Now};
use cellwatch_record::{Hash, Person};

use super::Agent;
use crate::door::{MasterFileOffer, Offered, Output};
use crate::serve::{
    AlarmContext, AlarmView, CertificateView, ClockView, DeliveryView, DeviceView, JournalView,
    MasterFileView, NamedView, ProblemView, SystemView, Urgent, View, WaitingView, agent_problem,
    alarm_view, device_problem, in_order, unit_view, utc_ms,
};

/// A view comes this often while nothing changes but values, milliseconds.
const VIEW_PERIOD_MS: u64 = 500;
/// Views of changes come no closer than this, milliseconds: a flood of alarms is shown as one.
const VIEW_APART_MS: u64 = 20;

/// Offered Master Files whose approvers are remembered: the latest.
const APPROVED_MAX: usize = 16;

/// Whether somebody looks, and when the next view is due.
#[derive(Debug)]
pub(super) struct Viewing {
    started: Mono,
    /// When the last view was shown; none while nobody looks.
    shown: Option<Mono>,
    /// Who approved the Master Files that were offered last.
    approved: Vec<(Hash, Vec<NamedView>)>,
    /// When a change was last shown: the first one after a calm is shown at once.
    shown_change: Option<Mono>,
    is_watched: bool,
    has_changed: bool,
}

impl Viewing {
    pub(super) fn new(now: Now) -> Self {
        Self {
            started: now.mono,
            shown: None,
            approved: Vec::new(),
            shown_change: None,
            is_watched: false,
            has_changed: false,
        }
    }

    /// People begin or cease to look; who comes sees the present at once.
    pub(super) const fn watched(&mut self, watched: bool) {
        self.is_watched = watched;
        self.shown = None;
        self.shown_change = None;
    }

    /// Something that must be seen at once.
    pub(super) const fn has_changed(&mut self) {
        self.has_changed = true;
    }

    /// Remembers who approved a Master File that is offered.
    pub(super) fn offered(&mut self, offer: &MasterFileOffer) {
        let Offered::Approved { approvers, .. } = &offer.offered else { return };
        let named = |one: &Person| NamedView { name: one.name.clone(), role: one.role.clone() };
        self.approved.retain(|(sha256, _)| *sha256 != offer.sha256);
        if self.approved.len() == APPROVED_MAX {
            self.approved.remove(0);
        }
        self.approved.push((offer.sha256, approvers.iter().map(named).collect()));
    }

    fn approvers_of(&self, sha256: Hash) -> Vec<NamedView> {
        let found = self.approved.iter().find(|(its, _)| *its == sha256);
        found.map(|(_, approvers)| approvers.clone()).unwrap_or_default()
    }

    pub(super) fn next_deadline(&self) -> Option<Mono> {
        let (shown, period_ms) = if self.has_changed {
            (self.shown_change, VIEW_APART_MS)
        } else {
            (self.shown, VIEW_PERIOD_MS)
        };
        let due = shown.map_or(Mono::default(), |shown| shown.plus_ms(period_ms));
        self.is_watched.then_some(due)
    }
}

impl Agent {
    /// Shows a view where one is due.
    pub(super) fn show(&mut self, now: Now) {
        if self.viewing.next_deadline().is_some_and(|due| due <= now.mono) {
            self.viewing.shown = Some(now.mono);
            if std::mem::take(&mut self.viewing.has_changed) {
                self.viewing.shown_change = Some(now.mono);
            }
            let view = Arc::new(self.view(now));
            self.outputs.push_back(Output::View(view));
        }
    }

    fn view(&self, now: Now) -> View {
        let mut alarms: Vec<AlarmView> = Vec::new();
        for unit in &self.units {
            let context = AlarmContext {
                unit: Some((&unit.id, &unit.name)),
                file: unit.file(),
                remarks: &self.remarks,
                now,
            };
            alarms.extend(unit.alarms().filter_map(|alarm| alarm_view(alarm, context)));
        }
        let context = AlarmContext { unit: None, file: None, remarks: &self.remarks, now };
        alarms.extend(self.alarms.iter().filter_map(|(alarm, _)| alarm_view(alarm, context)));
        in_order(&mut alarms);
        let calls = alarms.first().filter(|one| matches!(one.state, "UNACK" | "LTUNK" | "RTNUN"));
        let units = self.units.iter().zip(&self.setup.units).map(|(unit, known)| {
            let devices = known.devices.iter().map(|index| self.setup.devices[*index].id.clone());
            unit_view(unit, devices.collect(), now)
        });
        View {
            room: false,
            now_ms: utc_ms(now.mono, now),
            site: self.setup.site.clone(),
            agent: self.setup.agent.clone(),
            urgent: calls.map(|one| Urgent { unit: one.unit.clone(), alarm: one.id.clone() }),
            units: units.collect(),
            alarms,
            annunciation: self.annunciation_view(now),
            system: self.system(now),
        }
    }

    fn system(&self, now: Now) -> SystemView {
        let own = self.alarms.iter();
        let mut problems: Vec<ProblemView> =
            own.filter_map(|(alarm, holds)| agent_problem(alarm, holds, now)).collect();
        let mut devices = Vec::new();
        for (index, device) in self.devices.iter().enumerate() {
            let unit = self.places[index].map(|(unit, _)| self.units[unit].id.as_str());
            if device.answers() == Some(false) {
                problems.push(device_problem(device.name(), unit));
            }
            let counters = device.counters();
            devices.push(DeviceView {
                id: device.name().to_owned(),
                unit: unit.map(str::to_owned),
                line: self.setup.lines[device.line()].id.clone(),
                profile: self.setup.devices[index].profile.id.clone(),
                answers: device.answers(),
                polls: counters.polls,
                replies: counters.replies,
                timeouts: counters.timeouts,
                errors: counters.errors,
                skipped: counters.skipped,
            });
        }
        problems.sort_by_key(|one| (one.priority, one.since_ms));
        let head = self.recorder.head();
        let durable = self.recorder.durable();
        SystemView {
            problems,
            devices,
            journal: Some(JournalView {
                id: head.journal.to_string(),
                seq: head.seq,
                durable,
                waiting: head.seq.saturating_sub(durable),
            }),
            delivery: DeliveryView {
                broker_up: self.outbox.is_up(),
                receipt_through: Some(self.outbox.through()),
                backlog: Some(self.outbox.backlog()),
                last_receipt_ms: self.progress.received.map(|at| utc_ms(at, now)),
                undeliverable: Some(self.outbox.undeliverable()),
            },
            clock: ClockView {
                sync: now.clock.sync.to_string(),
                trusted: now.clock.sync.is_trusted(),
                error_bound_us: now.clock.error_bound_us,
            },
            master_file: self.master_file_view(),
            certificate: Some(CertificateView {
                expires_ms: self.progress.certificate.as_ref().map(|(at, _)| at.0 / 1_000_000),
                name: self.progress.certificate.as_ref().map(|(_, name)| name.clone()),
            }),
            version: self.setup.version.clone(),
            started_ms: utc_ms(self.viewing.started, now),
        }
    }

    /// The newest Master File that judges, and the newest that waits.
    fn master_file_view(&self) -> Option<MasterFileView> {
        let entries = || self.master_files.entries().iter();
        let judging = entries().filter(|one| one.judges()).max_by_key(|one| one.version)?;
        let waiting = entries().filter(|one| !one.judges()).max_by_key(|one| one.version);
        let file = judging.file.as_ref()?;
        Some(MasterFileView {
            id: file.id.clone(),
            version: file.version,
            product: file.product.clone(),
            sha256: judging.sha256.to_string(),
            approvers: self.viewing.approvers_of(judging.sha256),
            effective_ms: file.effective.0 / 1_000_000,
            expires_ms: file.expires.0 / 1_000_000,
            waiting: waiting.map(|one| WaitingView { id: one.id.clone(), version: one.version }),
        })
    }
}
