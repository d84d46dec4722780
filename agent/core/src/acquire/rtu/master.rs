//! The master of a line: one request at a time.

use std::collections::VecDeque;

use cellwatch_model::Mono;

use super::frame::REQUEST_BYTES;
use super::shapes::Shapes;
use super::{Expected, Received, Timing, request_frame};
use crate::door::{NoReply, Read};

/// What to ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ask {
    /// What is wanted.
    pub read: Read,
    /// A read that holds all of `read` and more, with another number of data bytes.
    pub instead: Option<Read>,
    /// How long the device may take, milliseconds, beside the time that the bytes need on the wire.
    pub timeout_ms: u64,
    /// So much after the timeout a reply may still come, milliseconds.
    pub max_lateness_ms: u64,
}

/// What is to be done outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Send these bytes now.
    Send(Vec<u8>),
    /// The outcome of the request: exactly one for each.
    Reply(Result<Vec<u16>, NoReply>),
}

#[derive(Clone, Debug)]
enum State {
    Idle,
    /// Accepted, and waiting for silence; given up then.
    Waiting {
        ask: Ask,
        give_up: Mono,
    },
    /// Sent, and waiting for the reply.
    Open(Open),
}

#[derive(Clone, Debug)]
struct Open {
    ask: Ask,
    sent: Read,
    expected: Expected,
    received: Vec<u8>,
    deadline: Mono,
    /// The end of a pause within the reply.
    pause_ends: Option<Mono>,
}

/// The master of a line. See the module for what it guarantees.
#[derive(Clone, Debug)]
pub struct RtuMaster {
    timing: Timing,
    state: State,
    /// The last request has had no whole answer: it may still come.
    unanswered: bool,
    /// Nothing is sent before this.
    quiet_until: Mono,
    /// Until then bytes that the last request caused may come.
    late_until: Mono,
    /// Bytes that nobody asked for, since the last request was sent.
    stray_bytes: usize,
    shapes: Shapes,
    outputs: VecDeque<Output>,
}

impl RtuMaster {
    /// The master of a line that was opened just now: what an earlier master asked for may still come for `former_ms`,
    /// which is [`Timing::reply_within_ms`] of all devices on it. Which of them was asked last nobody knows.
    #[must_use]
    pub fn new(timing: Timing, former_ms: u64, now: Mono) -> Self {
        let late_until = now.plus_ms(former_ms);
        Self {
            timing,
            state: State::Idle,
            unanswered: true,
            quiet_until: late_until,
            late_until,
            stray_bytes: 0,
            shapes: Shapes::default(),
            outputs: VecDeque::new(),
        }
    }

    /// True while a request has no outcome yet.
    #[must_use]
    pub const fn is_busy(&self) -> bool {
        !matches!(self.state, State::Idle)
    }

    /// The port was opened just now. What came while nobody had it open was held back, in a serial server or in the
    /// system, and comes at once: after a request without an answer that is waited for.
    pub fn opened(&mut self, now: Mono) {
        if self.unanswered {
            let held_back_until = plus_ns(now, self.timing.pause_ns);
            self.quiet_until = self.quiet_until.max(held_back_until);
        }
    }

    /// Asks. While another request has no outcome this one is refused at once: a line carries one.
    pub fn request(&mut self, ask: Ask, now: Mono) {
        if self.is_busy() {
            let text = "another request is open on the line".to_owned();
            return self.outputs.push_back(Output::Reply(Err(NoReply::NotConnected(text))));
        }
        // Noise that never ends must not hold the request for ever.
        let give_up = self.quiet_until.max(now).plus_ms(ask.timeout_ms);
        self.state = State::Waiting { ask, give_up };
        self.elapse(now);
    }

    /// Takes bytes as they come.
    pub fn received(&mut self, bytes: &[u8], now: Mono) {
        if bytes.is_empty() {
            return;
        }
        if matches!(self.state, State::Open(_)) {
            // Nothing may be sent here: these bytes would be taken for its reply.
            self.elapse(now);
        }
        self.quiet_until = self.quiet_until.max(plus_ns(now, self.timing.silence_ns));
        let State::Open(open) = &mut self.state else {
            // They may be a part of something late, and the rest is still to come.
            self.stray_bytes += bytes.len();
            self.quiet_until = self.quiet_until.max(self.late_until);
            return self.elapse(now);
        };
        open.received.extend_from_slice(bytes);
        open.pause_ends = Some(plus_ns(now, self.timing.pause_ns));
        match open.expected.look(&open.received) {
            Ok(Received::Part) => {}
            Ok(Received::Words(words)) => {
                let skipped = usize::from(open.ask.read.address - open.sent.address);
                let count = usize::from(open.ask.read.count);
                let wanted = words.into_iter().skip(skipped).take(count).collect();
                self.answered(Ok(wanted));
            }
            Ok(Received::Exception(code)) => self.answered(Err(NoReply::Exception(code))),
            Err(wrong) => self.failed(NoReply::Wrong(wrong.to_string())),
        }
    }

    /// When [`Self::elapse`] is to be called at the latest.
    #[must_use]
    pub fn deadline(&self) -> Option<Mono> {
        match &self.state {
            State::Idle => None,
            State::Waiting { give_up, .. } => Some(self.quiet_until.min(*give_up)),
            State::Open(open) => Some(open.pause_ends.unwrap_or(open.deadline).min(open.deadline)),
        }
    }

    /// Lets time pass.
    pub fn elapse(&mut self, now: Mono) {
        match &self.state {
            State::Idle => {}
            State::Waiting { ask, .. } if self.quiet_until <= now => {
                let ask = *ask;
                self.send(ask, now);
            }
            State::Waiting { give_up, .. } if *give_up <= now => {
                let text = format!(
                    "the line does not fall silent: {} bytes came that nobody asked for; see to wiring, termination, and that the line has one master",
                    self.stray_bytes
                );
                self.state = State::Idle;
                self.stray_bytes = 0;
                self.outputs.push_back(Output::Reply(Err(NoReply::Wrong(text))));
            }
            State::Waiting { .. } => {}
            State::Open(open) if open.deadline <= now => {
                let no_reply = match open.received.len() {
                    0 => NoReply::Timeout,
                    found => incomplete(found, open.expected),
                };
                self.failed(no_reply);
            }
            State::Open(open) if open.pause_ends.is_some_and(|ends| ends <= now) => {
                let no_reply = incomplete(open.received.len(), open.expected);
                self.failed(no_reply);
            }
            State::Open(_) => {}
        }
    }

    /// The connection or port broke: the open request has this outcome, and quiet is kept.
    pub fn broke(&mut self, why: NoReply) {
        match self.state {
            State::Idle => {}
            State::Waiting { .. } => {
                self.state = State::Idle;
                self.outputs.push_back(Output::Reply(Err(why)));
            }
            State::Open(_) => self.failed(why),
        }
    }

    /// The next thing to do outside.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    fn send(&mut self, ask: Ask, now: Mono) {
        let sent = self.shapes.choose(ask.read, ask.instead);
        let expected = Expected::of(sent);
        let bytes = REQUEST_BYTES + expected.reply_bytes() as u64;
        let deadline = plus_ns(now.plus_ms(ask.timeout_ms), bytes * self.timing.byte_ns);
        self.late_until = deadline.plus_ms(ask.max_lateness_ms);
        self.stray_bytes = 0;
        let received = Vec::with_capacity(expected.reply_bytes());
        self.state =
            State::Open(Open { ask, sent, expected, received, deadline, pause_ends: None });
        self.outputs.push_back(Output::Send(request_frame(sent)));
    }

    fn answered(&mut self, outcome: Result<Vec<u16>, NoReply>) {
        if let State::Open(open) = std::mem::replace(&mut self.state, State::Idle) {
            self.unanswered = false;
            self.shapes.answered(open.expected);
            self.outputs.push_back(Output::Reply(outcome));
        }
    }

    fn failed(&mut self, no_reply: NoReply) {
        if let State::Open(open) = std::mem::replace(&mut self.state, State::Idle) {
            self.unanswered = true;
            self.shapes.failed(open.expected);
            self.quiet_until = self.quiet_until.max(self.late_until);
            self.outputs.push_back(Output::Reply(Err(no_reply)));
        }
    }
}

fn incomplete(found: usize, expected: Expected) -> NoReply {
    let whole = expected.reply_bytes();
    NoReply::Wrong(format!("{found} of {whole} bytes of the reply came"))
}

const fn plus_ns(at: Mono, ns: u64) -> Mono {
    Mono(at.0.saturating_add(ns))
}
