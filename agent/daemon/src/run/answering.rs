//! Answers to people wait until the record of what they did is on disk (LAW-11).

use std::collections::BTreeMap;

use cellwatch_core::door::Append;
use cellwatch_record::{Body, Kind, decode};
use tokio::sync::oneshot;

use crate::control::Answer;

/// Answers that wait.
#[derive(Debug, Default)]
pub(super) struct Answering {
    /// The request that the core handles right now.
    asking: Option<(String, oneshot::Sender<Answer>)>,
    /// By the sequence number of the action's record.
    waiting: BTreeMap<u64, (Answer, oneshot::Sender<Answer>)>,
}

impl Answering {
    /// A request is about to be handled; its action is in the next append.
    pub(super) fn ask(&mut self, by: String, answer: oneshot::Sender<Answer>) {
        self.asking = Some((by, answer));
    }

    /// The core appends records.
    pub(super) fn appended(&mut self, append: &Append) {
        if self.asking.is_none() {
            return;
        }
        let mut records = (append.first_seq..).zip(&append.records);
        let action = records.find(|(_, (kind, _, _))| *kind == Kind::Action);
        let Some((seq, (_, _, payload))) = action else { return };
        let Some((by, answer)) = self.asking.take() else { return };
        let refusal = match decode(payload).map(|record| record.body) {
            Ok(Body::Action(action)) => action.refusal,
            Ok(_) | Err(_) => None,
        };
        self.waiting.insert(seq, (Answer::Recorded { seq, by, refusal }, answer));
    }

    /// The action was handled and everything handed out: what has no record has no place in the journal.
    pub(super) fn asked(&mut self) {
        if let Some((_, answer)) = self.asking.take() {
            let words = "the action could not be recorded: the journal takes nothing more";
            let _ = answer.send(Answer::Error(words.to_owned()));
        }
    }

    /// Everything up to here is on disk.
    pub(super) fn durable(&mut self, through: u64) {
        while let Some(first) = self.waiting.first_entry() {
            if *first.key() > through {
                return;
            }
            let (answer, asker) = first.remove();
            // Who went away has it in the record.
            let _ = asker.send(answer);
        }
    }
}
