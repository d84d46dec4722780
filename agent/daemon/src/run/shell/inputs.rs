//! What happens outside, handed in.

use cellwatch_core::door::{Asked, BrokerInput, Input, OperatorAction};
use cellwatch_core::evaluate::Role;
use cellwatch_record::{Person, Receipt, SavedAlarm, SavedBatch, SavedMasterFile};
use serde_json::json;
use tokio::sync::oneshot;

use super::{Event, Shell};
use crate::broker;
use crate::control::{Answer, Call, Request};
use crate::opcua_trust;
use crate::people::{Act, at_the_socket};
use crate::state::Keep;

impl Shell {
    pub(in crate::run) fn ask_clock(&mut self) {
        let was_trusted = self.now().clock.sync.is_trusted();
        let state = self.clocks.ask();
        self.input(Input::Clock(state));
        if !was_trusted && state.sync.is_trusted() {
            self.judge_again();
        }
    }

    /// What was refused because nobody could trust the clock is judged by the one of now.
    fn judge_again(&mut self) {
        self.offers.judge_again();
        for (what, payload) in std::mem::take(&mut self.untimely) {
            self.drain();
            self.came_down(&what, &payload);
        }
        self.drain();
        self.offer_file();
    }

    pub(in crate::run) fn deadline(&mut self) {
        self.input(Input::Deadline);
    }

    pub(in crate::run) fn stop(&mut self, why: &str) {
        if self.stop_asked {
            return;
        }
        tracing::info!("{why}: cellwatch ends");
        self.stop_asked = true;
        self.input(Input::Stop);
    }

    pub(super) fn offer_file(&mut self) {
        if let Some(offer) = self.offers.of_site_file(self.now()) {
            self.input(Input::MasterFile(offer));
        }
    }

    /// Hands an event in.
    pub(in crate::run) fn take(&mut self, event: Event) {
        match event {
            Event::Core(Input::Durable(records)) => {
                if let Some((last, _)) = records.last() {
                    self.durable_seq = *last;
                    self.answering.durable(*last);
                    self.keys_durable(*last);
                }
                if !self.journal_kept {
                    self.journal_kept = true;
                    self.keep_receipt(self.receipt_through);
                }
                self.input(Input::Durable(records));
            }
            Event::Core(Input::Receipt(receipt)) => {
                if receipt.journal == self.start.head.journal {
                    self.compared = Some((receipt.through, receipt.hash));
                }
                self.input(Input::Receipt(receipt));
            }
            Event::Core(input) => self.input(input),
            Event::Broker(event) => self.broker(event),
            Event::Call(call) => self.call(call),
            Event::Act(act) => self.act(act),
            Event::MasterFileChanged => self.offer_file(),
            Event::KeyFilesChanged => self.look_at_keys(),
            Event::Sealed(late) => {
                self.sealed_late(late);
                self.drain();
                self.look_at_keys();
            }
        }
    }

    fn broker(&mut self, event: broker::Event) {
        let input = match event {
            broker::Event::Up { publisher, receive_maximum, maximum_packet_size } => {
                tracing::info!("connected to the broker");
                self.publisher = Some(publisher);
                (self.handed, self.acknowledged) = (0, 0);
                BrokerInput::Up { receive_maximum, maximum_packet_size }
            }
            broker::Event::Down(why) => {
                tracing::warn!("{why}");
                self.publisher = None;
                (self.handed, self.acknowledged) = (0, 0);
                BrokerInput::Down(why)
            }
            broker::Event::Sent(packet_id) => BrokerInput::Sent(packet_id),
            broker::Event::Acknowledged { packet_id, reason } => {
                self.acknowledged += 1;
                self.published += u64::from(reason < 0x80);
                BrokerInput::Acknowledged { packet_id, reason }
            }
            broker::Event::FromAbove { what, payload } => return self.came_down(&what, &payload),
        };
        self.input(Input::Broker(input));
    }

    fn came_down(&mut self, what: &str, payload: &[u8]) {
        if payload.is_empty() {
            // The Control Site has taken back what was retained.
            return;
        }
        // One for each topic, and the broker sends none larger than a packet: that bounds them.
        if ["master-file", "command"].contains(&what) && !self.now().clock.sync.is_trusted() {
            self.untimely.insert(what.to_owned(), payload.to_vec());
        }
        let levels: Vec<&str> = what.split('/').collect();
        match levels.as_slice() {
            ["receipt", of, rest @ ..] => {
                let agent = &self.identity.agent;
                let ours = self.start.head.journal;
                let set_aside = self.adapters.set_aside.iter().map(|one| one.journal);
                let mut known = std::iter::once(ours).chain(set_aside);
                let Some(journal) = known.find(|journal| *of == journal.to_string()) else {
                    tracing::debug!("down/{what} is for another journal");
                    return;
                };
                let trust = self.offers.trust();
                let taken = match rest {
                    [] => trust.receipt(payload, agent, journal).map(Input::Receipt),
                    ["batch", _] if journal != ours => return,
                    ["batch", _] => trust.completeness(payload, agent, journal),
                    _ => Err(format!("down/{what} is not known to this version")),
                };
                match taken {
                    Ok(Input::Receipt(receipt)) => self.receipt(receipt),
                    Ok(input) => self.input(input),
                    Err(reason) => tracing::warn!("a receipt was not taken: {reason}"),
                }
            }
            ["master-file"] => {
                if let Some(offer) = self.offers.of_control_site(payload, self.now()) {
                    self.input(Input::MasterFile(offer));
                }
            }
            ["command"] => {
                if let Some(offer) = self.offers.command(payload) {
                    self.input(Input::Command(offer));
                }
            }
            ["roster"] => {
                if let Some(offer) = self.offers.roster(payload, self.now()) {
                    self.adapters.keeper.keep(Keep::Roster(self.offers.trust().kept()));
                    self.input(Input::Roster(offer));
                    self.drain();
                    self.look_at_keys();
                }
            }
            _ => tracing::debug!("down/{what} is not known to this version"),
        }
    }

    /// A receipt whose hash nobody has compared yet goes by the journal.
    fn receipt(&mut self, receipt: Receipt) {
        if receipt.journal != self.start.head.journal {
            let mut set_aside = self.adapters.set_aside.iter();
            let former = set_aside.find(|one| one.journal == receipt.journal);
            return match former.filter(|one| (1..=one.last).contains(&receipt.through)) {
                Some(former) => self.adapters.reader.compare(Some(former), receipt),
                None => self.input(Input::Receipt(receipt)),
            };
        }
        let named = (receipt.through, receipt.hash);
        let is_known = self.compared == Some(named);
        if is_known || receipt.through == 0 || receipt.through > self.durable_seq {
            self.input(Input::Receipt(receipt));
        } else {
            self.adapters.reader.compare(None, receipt);
        }
    }

    /// A person at this machine asks: what needs the accounts is answered aside.
    fn call(&mut self, call: Call) {
        let Call { by, uid, request, answer } = call;
        if let Request::Status {} = request {
            let _ = answer.send(Answer::Status(self.status()));
            return;
        }
        if let Request::TrustCertificate { server, thumbprint, by: given, comment } = request {
            let at_machine = format!("{by} (uid {uid})");
            return self.trust_certificate(
                (given, at_machine, answer),
                server,
                &thumbprint,
                comment,
            );
        }
        let (people, to) = (self.adapters.people.clone(), self.adapters.acts.clone());
        tokio::spawn(async move {
            let _ = answer.send(at_the_socket(&people, &to, (by, uid), request).await);
        });
    }

    /// Whoever keeps this machine accepts a certificate that an OPC UA server has shown.
    fn trust_certificate(
        &self,
        (by, at_machine, answer): (String, String, oneshot::Sender<Answer>),
        server: String,
        thumbprint: &str,
        comment: String,
    ) {
        let thumbprint = thumbprint.to_ascii_lowercase();
        let installation = &self.adapters.installation;
        let found = match installation.site.opcua_server(&server) {
            None => Err(format!("the site file has no [[opcua]] {server}")),
            Some(_) => {
                let unknown = installation.opcua_unknown_dir();
                opcua_trust::find_unknown(&unknown, &server, &thumbprint)
            }
        };
        let certificate = match found {
            Ok(certificate) => certificate,
            Err(reason) => {
                let _ = answer.send(Answer::Error(reason));
                return;
            }
        };
        let person = Person { name: by, role: Role::Administrator.word().to_owned() };
        let what = Asked::TrustCertificate { server, thumbprint, certificate, at_machine };
        let action = OperatorAction { person, what, comment, confirmed: true.into() };
        let to = self.adapters.acts.clone();
        tokio::spawn(async move {
            let _ = answer.send(to.act(action).await);
        });
    }

    /// Hands an act in; its answer waits for the disk.
    fn act(&mut self, act: Act) {
        match act {
            Act::Watched(watched) => self.input(Input::Watched(watched)),
            Act::Person(action, answer) => {
                self.answering.ask(action.person.name.clone(), answer);
                self.input(Input::Operator(*action));
                self.drain();
                self.answering.asked();
            }
        }
    }

    fn status(&self) -> serde_json::Value {
        let state = self.agent.state();
        json!({
            "site": self.identity.site,
            "agent": self.identity.agent,
            "journal": self.start.head.journal.to_string(),
            "boot": self.start.boot,
            "up_s": self.now().mono.ms_since(self.began) / 1000,
            "seq": self.appended_seq,
            "durable_seq": self.durable_seq,
            "receipt_through": self.receipt_through,
            "key": self.sealing_key().map(|id| id.to_string()),
            "broker_up": self.publisher.is_some(),
            "published": self.published,
            "roster": self.offers.trust().roster.version,
            "site_status": state.site.status.word(),
            "command": state.site.command,
            "master_files": state.master_files.iter().map(master_file).collect::<Vec<_>>(),
            "batches": state.batches.iter().map(batch).collect::<Vec<_>>(),
            "alarms": state.alarms.iter().map(alarm).collect::<Vec<_>>(),
        })
    }
}

fn master_file(file: &SavedMasterFile) -> serde_json::Value {
    json!({
        "id": file.id,
        "version": file.version,
        "sha256": file.sha256.to_string(),
        "waits": file.waits.word(),
        "units": file.units,
    })
}

fn batch(batch: &SavedBatch) -> serde_json::Value {
    json!({ "unit": batch.unit, "batch": batch.batch, "phase": batch.phase })
}

/// An alarm that is not in its first state; `regions` as in alarm records.
fn alarm(alarm: &SavedAlarm) -> serde_json::Value {
    json!({
        "unit": alarm.unit,
        "alarm": alarm.alarm,
        "regions": alarm.regions,
        "occurrence": alarm.occurrence,
        "is_shelved": alarm.until.is_some(),
    })
}
