//! What is to be done outside, handed out.

use cellwatch_core::door::{Append, Content, Input, Message, NoReply, Output, UaInput};
use cellwatch_core::serve::escalation::Notification;
use cellwatch_record::{Kind, bundle};
use serde_json::json;

use super::said::{log_event, show};
use super::{Event, Shell};
use crate::journal::Fetch;
use crate::modbus::Ask;
use crate::opcua_trust;
use crate::page::PageHandle;
use crate::state::Keep;

impl Shell {
    /// Hands all outputs out.
    pub(in crate::run) fn drain(&mut self) {
        while let Some(output) = self.agent.poll_output() {
            self.out(output);
        }
    }

    fn out(&mut self, output: Output) {
        match output {
            Output::Request {
                line,
                device,
                request,
                read,
                instead,
                timeout_ms,
                max_lateness_ms,
            } => {
                self.request(
                    line,
                    Ask { device, request, read, instead, timeout_ms, max_lateness_ms },
                );
            }
            Output::UaRead { device, request, timeout_ms } => {
                self.say_ready();
                if !self.adapters.sessions.read(device, request, timeout_ms) {
                    let outcome =
                        Err(NoReply::NotConnected("its task takes no request".to_owned()));
                    let what = UaInput::Read { request, outcome };
                    self.later(Input::OpcUa { device, what });
                }
            }
            Output::UaReconnect { device, why } => {
                tracing::warn!("device {}: {why}", device.0);
                if !self.adapters.sessions.reconnect(device, why) {
                    tracing::error!("device {}: its task takes no request", device.0);
                }
            }
            Output::TrustCertificate { server, thumbprint } => self.trust(&server, &thumbprint),
            Output::Append(append) => self.append(append),
            Output::Fetch { first, last, max_bytes } => {
                let keys = self.known_keys();
                if !self.adapters.reader.fetch(Fetch { first, last, max_bytes }, keys) {
                    let through = first.saturating_sub(1);
                    let bundle = bundle::encode::<Vec<u8>>(&[]);
                    self.later(Input::Fetched { first, through, bundle });
                }
            }
            Output::FetchFormer { journal, first, last, max_bytes } => {
                let reader = &self.adapters.reader;
                let former = self.adapters.set_aside.iter().find(|one| one.journal == journal);
                let fetch = Fetch { first, last, max_bytes };
                let asked = former
                    .zip(self.reseal())
                    .is_some_and(|(former, reseal)| reader.fetch_former(former, fetch, reseal));
                if !asked {
                    let through = first.saturating_sub(1);
                    let bundle = bundle::encode::<Vec<u8>>(&[]);
                    let lost = Vec::new();
                    self.later(Input::FormerFetched { journal, first, through, bundle, lost });
                }
            }
            Output::KeepFormer { journal, through } => {
                self.adapters.keeper.keep(Keep::Former(journal, through));
            }
            Output::KeepLost { journal, first, last } => {
                self.adapters.keeper.keep(Keep::Lost(journal, first, last));
            }
            Output::KeepFork { journal, first } => {
                self.adapters.keeper.keep(Keep::Fork(journal, first));
            }
            Output::KeepDone { journal } => self.adapters.keeper.keep(Keep::Done(journal)),
            Output::Publish(message) => self.publish(message),
            Output::Reconnect { why } => {
                tracing::warn!("{why}");
                self.publisher = None;
                self.adapters.broker.give_up();
            }
            Output::KeepMasterFiles { files, highest_version } => {
                if let Some(files) = self.offers.held(&files, self.now()) {
                    self.adapters.keeper.keep(Keep::MasterFiles(files, highest_version));
                }
            }
            Output::KeepSite(site) => self.adapters.keeper.keep(Keep::Site(site)),
            Output::KeepReceipt { through } => {
                self.receipt_through = through;
                self.keep_receipt(through);
            }
            Output::Prune { through } => self.adapters.reader.prune(through),
            Output::BeginJournal { why, fork } => {
                tracing::error!("{why}: another journal is begun");
                self.adapters.keeper.keep(Keep::GiveUp(self.start.head.journal, fork));
                self.again = true;
            }
            Output::Annunciate { annunciator, coils } => self.annunciate(annunciator, coils),
            Output::Notify(message) => self.notify(message),
            Output::Show(shown) => show(&shown),
            Output::View(view) => {
                if let Some(page) = &self.adapters.page {
                    page.show(view);
                }
            }
            Output::Metrics(text) => {
                if let Some(page) = &self.adapters.page {
                    page.measured(text);
                }
            }
            Output::Stopped => self.stopped = Some(self.now().mono),
        }
    }

    fn trust(&self, server: &str, thumbprint: &str) {
        let Some(known) = self.adapters.installation.site.opcua_server(server) else { return };
        let folder = self.adapters.installation.opcua_trust_dir(known);
        let unknown = self.adapters.installation.opcua_unknown_dir();
        match opcua_trust::accept(&unknown, server, thumbprint, &folder) {
            Ok(()) => {
                tracing::info!("certificate {thumbprint} of OPC UA server {server} is trusted")
            }
            Err(cause) => tracing::error!("the certificate could not be put there: {cause}"),
        }
    }

    pub(super) fn say_ready(&mut self) {
        if self.json_ready {
            self.json_ready = false;
            println!(
                "{}",
                json!({
                    "ready": true,
                    "site": self.identity.site,
                    "agent": self.identity.agent,
                    "journal": self.start.head.journal.to_string(),
                    "seq": self.start.head.seq,
                    "pid": std::process::id(),
                    "page": self.adapters.page.as_ref().map(PageHandle::address),
                })
            );
        }
    }

    fn request(&mut self, line: usize, ask: Ask) {
        self.say_ready();
        let asked = self.adapters.lines.get(line).is_some_and(|line| line.try_send(ask).is_ok());
        if !asked {
            let outcome = Err(NoReply::NotConnected("its task takes no request".to_owned()));
            let Ask { device, request, .. } = ask;
            self.later(Input::Reply { device, request, outcome });
        }
    }

    fn annunciate(&mut self, annunciator: usize, coils: Vec<bool>) {
        let task = self.adapters.annunciators.get(annunciator);
        if task.is_none_or(|(writes, _)| writes.try_send(coils).is_err()) {
            let outcome = Err("its task takes no write".to_owned());
            self.later(Input::Annunciated { annunciator, outcome });
        }
    }

    fn notify(&mut self, message: Notification) {
        let id = message.id;
        if self.adapters.mail.try_send(message).is_err() {
            let outcome = Err("too many messages wait for the mail server".to_owned());
            self.later(Input::Notified { id, outcome });
        }
    }

    fn append(&mut self, append: Append) {
        let last = append.first_seq + append.records.len() as u64;
        self.appended_seq = last.saturating_sub(1).max(self.appended_seq);
        self.answering.appended(&append);
        for (kind, _, payload) in &append.records {
            if *kind == Kind::Event {
                log_event(payload);
            }
        }
        if !self.write(append) && self.failed.is_none() {
            let why = "the journal cannot be written and no more fits into memory: see to the disk, and cellwatch goes on where the journal ends";
            self.failed = Some(why.to_owned());
        }
    }

    fn publish(&mut self, message: Message) {
        let Message { topic, retain, content } = message;
        let payload = match content {
            Content::Sealed(bytes) => bytes.to_vec(),
            Content::ToSeal { content_type, payload } => {
                let Some(sealed) = self.sealed(content_type, &payload) else {
                    // The core publishes nothing without a key; if it did, its book would wait for this one for ever.
                    self.publisher = None;
                    return self.adapters.broker.give_up();
                };
                sealed
            }
            Content::Plain(bytes) => bytes,
        };
        // Without a connection, the core hears of its end before it publishes anything new.
        let Some(publisher) = &self.publisher else { return };
        if publisher.publish(&topic, retain, payload) {
            self.handed += 1;
        } else {
            self.publisher = None;
            self.adapters.broker.give_up();
        }
    }

    pub(super) fn keep_receipt(&self, through: u64) {
        self.adapters.keeper.keep(Keep::Receipt(self.start.head.journal, through));
    }

    /// An input that an output causes at once comes like any other event.
    fn later(&self, input: Input) {
        let events = self.adapters.events.clone();
        tokio::spawn(async move {
            let _ = events.send(Event::Core(input)).await;
        });
    }
}
