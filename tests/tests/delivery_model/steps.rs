//! What may happen next.

use std::sync::Arc;

use cellwatch_core::door::{Append, BrokerInput, Content, Message as Publish, Output};
use cellwatch_core::publish::Receipted;
use cellwatch_model::Mono;
use cellwatch_record::{Kind, Receipt, bundle};

use super::control_site::{ControlSite, Sealed};
use super::state::{
    AGENT, Delivery, INBOX_MAX, JOURNAL, LATE_MAX, Message, Mutant, State, WINDOW, outbox,
};

/// Origin of time: every step happens at it, and [`Step::Elapse`] moves it.
const NOW: Mono = Mono(0);
const TICK: Mono = Mono(1_000_000);

/// Something that happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    Append,
    Commit,
    Connect,
    Elapse,
    Fetched,
    Unreadable,
    Acknowledge(usize),
    Refuse(usize),
    Deliver(usize),
    Repeat(usize),
    Forget(usize),
    Store(usize),
    Receipt,
    DelayReceipt,
    LateReceipt,
    Disconnect { lost: bool },
    CrashAgent { keeps_receipt: bool },
    CrashControlSite,
}

/// All that may happen in a state.
pub fn possible(model: &Delivery, state: &State) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut may = |possible: bool, step: Step| {
        if possible {
            steps.push(step);
        }
    };
    let faults = &state.faults;
    may(state.pending.is_empty() && state.disk.len() < model.records, Step::Append);
    may(!state.pending.is_empty(), Step::Commit);
    may(!state.up, Step::Connect);
    let unanswered = state.messages.iter().any(|one| one.packet_id.is_some());
    may(state.up && (!unanswered || faults.silence > 0), Step::Elapse);
    may(state.fetching.is_some(), Step::Fetched);
    may(state.fetching.is_some() && faults.unreadable > 0, Step::Unreadable);
    let is_late = |one: &&Message| one.packet_id.is_none() && one.to_deliver;
    let late = state.messages.iter().filter(is_late).count();
    let room = state.site.inbox.len() < INBOX_MAX;
    for (index, message) in state.messages.iter().enumerate() {
        let open = message.packet_id.is_some();
        may(open && (!message.to_deliver || late < LATE_MAX), Step::Acknowledge(index));
        may(open && message.to_deliver && faults.refuse > 0, Step::Refuse(index));
        may(message.to_deliver && room, Step::Deliver(index));
        may(message.to_deliver && room && faults.repeat > 0, Step::Repeat(index));
        may(message.to_deliver && faults.forget > 0, Step::Forget(index));
    }
    for index in 0..state.site.inbox.len() {
        may(true, Step::Store(index));
    }
    may(state.up, Step::Receipt);
    may(faults.late_receipt > 0 && state.site.through() > 0, Step::DelayReceipt);
    may(state.up && state.late_receipt.is_some(), Step::LateReceipt);
    may(state.up && faults.disconnect > 0, Step::Disconnect { lost: false });
    may(state.up && faults.disconnect > 0 && unanswered, Step::Disconnect { lost: true });
    may(faults.agent_crash > 0, Step::CrashAgent { keeps_receipt: true });
    may(faults.agent_crash > 0 && state.kept > 0, Step::CrashAgent { keeps_receipt: false });
    may(faults.site_crash > 0 && !state.site.inbox.is_empty(), Step::CrashControlSite);
    steps
}

impl State {
    /// Does a step; the outputs of the outbox are done with it.
    pub fn step(&mut self, mutant: Mutant, step: Step) {
        match step {
            Step::Append => {
                self.append(mutant);
                // With no crash to come, it makes no difference when it comes to the disk.
                if self.faults.agent_crash == 0 {
                    self.commit(mutant);
                }
            }
            Step::Commit => self.commit(mutant),
            Step::Connect => {
                self.up = true;
                let up = BrokerInput::Up { receive_maximum: WINDOW, maximum_packet_size: None };
                self.outbox.broker(&up, NOW);
            }
            Step::Elapse => {
                let unanswered = self.messages.iter().any(|one| one.packet_id.is_some());
                self.faults.silence -= u8::from(unanswered);
                self.outbox.rebase(TICK);
            }
            Step::Fetched => self.fetched(),
            Step::Unreadable => {
                self.faults.unreadable -= 1;
                let (first, _) = self.fetching.take().unwrap();
                let nothing = bundle::encode::<Vec<u8>>(&[]);
                self.outbox.fetched(first, first - 1, nothing, NOW);
            }
            Step::Acknowledge(index) => self.answer(mutant, index, 0),
            Step::Refuse(index) => {
                self.faults.refuse -= 1;
                self.messages[index].to_deliver = false;
                self.answer(mutant, index, 0x83);
            }
            Step::Deliver(index) => {
                self.messages[index].to_deliver = false;
                self.arrives(mutant, index);
            }
            Step::Repeat(index) => {
                self.faults.repeat -= 1;
                self.arrives(mutant, index);
            }
            Step::Forget(index) => {
                self.faults.forget -= 1;
                self.messages[index].to_deliver = false;
            }
            Step::Store(index) => self.site.store(mutant, index),
            Step::Receipt => self.receipt(&self.site.receipt(mutant)),
            Step::DelayReceipt => {
                self.faults.late_receipt -= 1;
                let late = ControlSite { inbox: Vec::new(), ..self.site.clone() };
                self.late_receipt = Some(late);
            }
            Step::LateReceipt => {
                let late = self.late_receipt.as_ref().unwrap().receipt(mutant);
                self.receipt(&late);
            }
            Step::Disconnect { lost } => {
                self.faults.disconnect -= 1;
                self.disconnect(mutant, lost);
            }
            Step::CrashAgent { keeps_receipt } => self.crash_agent(keeps_receipt),
            Step::CrashControlSite => {
                self.faults.site_crash -= 1;
                self.site.resume();
            }
        }
        self.drain(mutant);
        self.messages.retain(|one| one.packet_id.is_some() || one.to_deliver);
        self.messages.sort();
        // Left over from earlier connections, one of a kind stands for all: taking in twice changes nothing.
        self.messages.dedup_by(|a, b| a == b && a.packet_id.is_none());
        while self.outbox.take_notice().is_some() {}
        self.outbox.rebase(NOW);
    }

    fn arrives(&mut self, mutant: Mutant, index: usize) {
        self.site.arrives(self.messages[index].records.clone());
        // With no crash to come, storing later is the same as arriving later.
        if self.faults.site_crash == 0 {
            while !self.site.inbox.is_empty() {
                self.site.store(mutant, 0);
            }
        }
    }

    /// Which start made a record of the journal; 0 before the first one.
    fn made_by(&self, seq: u64) -> u8 {
        let made = self.disk.iter().chain(&self.pending);
        made.take(usize::try_from(seq).unwrap()).last().copied().unwrap_or_default()
    }

    fn append(&mut self, mutant: Mutant) {
        self.pending.push(self.start);
        let seq = (self.disk.len() + self.pending.len()) as u64;
        let kind = if seq == 2 { Kind::Alarm } else { Kind::Telemetry };
        let records = vec![(kind, None, Vec::new())];
        self.outbox.appended(&Append { first_seq: seq, records, urgent: false });
        if mutant == Mutant::SendBeforeDurable {
            self.outbox.durable(vec![(seq, sealed((seq, self.start, self.made_by(seq - 1))))]);
        }
    }

    fn commit(&mut self, mutant: Mutant) {
        let made_by = self.pending.remove(0);
        self.disk.push(made_by);
        let seq = self.disk.len() as u64;
        if mutant != Mutant::SendBeforeDurable {
            self.outbox.durable(vec![(seq, sealed((seq, made_by, self.made_by(seq - 1))))]);
        }
    }

    fn fetched(&mut self) {
        let (first, last) = self.fetching.take().unwrap();
        let on_disk = |seq: &u64| index(*seq) < self.disk.len();
        let records = (first..=last).filter(on_disk);
        let records = records.map(|seq| (seq, self.made_by(seq), self.made_by(seq - 1)));
        let records: Vec<_> = records.map(sealed).collect();
        let through = first + records.len() as u64 - 1;
        self.outbox.fetched(first, through, bundle::encode(&records), NOW);
    }

    fn answer(&mut self, mutant: Mutant, index: usize, reason: u8) {
        let packet_id = self.messages[index].packet_id.take().unwrap();
        self.outbox.broker(&BrokerInput::Acknowledged { packet_id, reason }, NOW);
        if mutant == Mutant::PubackIsReceipt && reason == 0 {
            self.acknowledged.extend(self.messages[index].records.iter().map(|(seq, ..)| *seq));
            let through = (1..).take_while(|seq| self.acknowledged.contains(seq)).count() as u64;
            let receipt = Receipt { through, missing: Vec::new(), ..self.site.receipt(mutant) };
            self.receipt(&receipt);
        }
    }

    fn receipt(&mut self, receipt: &Receipt) {
        assert_eq!((receipt.agent.as_str(), receipt.journal), (AGENT, JOURNAL));
        for missing in &receipt.missing {
            self.dropped.retain(|seq| !(missing.first..=missing.last).contains(seq));
        }
        match self.outbox.receipt(receipt, NOW) {
            Receipted::Through(through) => self.kept = through,
            Receipted::Same => {}
            Receipted::NotOurs(_) => self.receipt_refused = true,
        }
    }

    fn disconnect(&mut self, mutant: Mutant, lost: bool) {
        self.up = false;
        for message in &mut self.messages {
            if message.packet_id.take().is_some() {
                message.to_deliver &= !lost;
                if mutant == Mutant::DropInFlight {
                    self.dropped.extend(message.records.iter().map(|(seq, ..)| *seq));
                }
            }
        }
        self.outbox.broker(&BrokerInput::Down("gone".to_owned()), NOW);
    }

    fn crash_agent(&mut self, keeps_receipt: bool) {
        self.faults.agent_crash -= 1;
        self.up = false;
        for message in &mut self.messages {
            message.packet_id = None;
        }
        self.pending.clear();
        self.dropped.clear();
        self.fetching = None;
        self.start += 1;
        if !keeps_receipt {
            self.kept = 0;
        }
        self.outbox = outbox(self.disk.len() as u64, self.kept);
    }

    fn drain(&mut self, mutant: Mutant) {
        while let Some(output) = self.outbox.next(NOW) {
            #[allow(clippy::wildcard_enum_match_arm, reason = "an outbox gives no others")]
            match output {
                Output::Publish(publish) => self.publish(&publish),
                Output::Fetch { first, last, .. } => self.fetching = Some((first, last)),
                Output::Reconnect { .. } => self.disconnect(mutant, false),
                other => panic!("the outbox asks for {other:?}"),
            }
            let (in_flight, bundles) = self.outbox.in_flight();
            self.window_exceeded |= in_flight > usize::from(WINDOW) || bundles > 1;
        }
    }

    fn publish(&mut self, publish: &Publish) {
        let Content::Sealed(bytes) = &publish.content else { panic!("no documents are offered") };
        let mut records = if publish.topic.ends_with("backfill") {
            bundle::decode(bytes).unwrap().into_iter().map(opened).collect()
        } else {
            vec![opened(bytes)]
        };
        let on_disk = |(seq, made_by, _): &Sealed| self.disk.get(index(*seq)) == Some(made_by);
        self.sent_before_durable |= !records.iter().all(on_disk);
        records.retain(|(seq, ..)| !self.dropped.contains(seq));
        // The lowest identifier that is free: they are used again as soon as they can be.
        let taken = |id: &u16| self.messages.iter().any(|one| one.packet_id == Some(*id));
        let packet_id = (1..).find(|id| !taken(id)).unwrap();
        let to_deliver = !records.is_empty();
        self.messages.push(Message { records, packet_id: Some(packet_id), to_deliver });
        self.outbox.broker(&BrokerInput::Sent(packet_id), NOW);
    }
}

fn index(seq: u64) -> usize {
    usize::try_from(seq).unwrap() - 1
}

fn sealed((seq, made_by, before): Sealed) -> Arc<[u8]> {
    Arc::from([u8::try_from(seq).unwrap(), made_by, before])
}

fn opened(bytes: &[u8]) -> Sealed {
    (u64::from(bytes[0]), bytes[1], bytes[2])
}
