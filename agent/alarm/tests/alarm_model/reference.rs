//! The reference: the flat table of states, and the condition from the whole history.
//!
//! The letters are those of ISA-18.2 Figure 2. A to F are what the alarm is in itself; G, H and I lie over it while
//! a person, a rule or maintenance keeps it aside, and it goes on underneath.

/// A letter of Figure 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Letter {
    A,
    B,
    C,
    D,
    E,
    F,
    G,
    H,
    I,
}

/// Something that happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    True,
    False,
    Acknowledge,
    Reset,
    ReAlarm,
    ShelveOnce,
    ShelveTimed,
    Unshelve,
    Suppress,
    Unsuppress,
    TakeOut,
    Return,
}

/// What the Master File decides.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    pub(crate) latching: bool,
    pub(crate) ack_required: bool,
}

/// A guard of a row: what it asks of latching and of acknowledgement.
type Guard = (Option<bool>, Option<bool>);

const ANY: Guard = (None, None);
const PLAIN: Guard = (Some(false), None);
const LATCHING: Guard = (Some(true), None);

/// From, event, guard, to: while nothing keeps it aside.
#[rustfmt::skip]
const TABLE: &[(Letter, Event, Guard, Letter)] = &[
    (Letter::A, Event::True,        ANY,                       Letter::B),
    (Letter::B, Event::Acknowledge, ANY,                       Letter::C),
    (Letter::B, Event::False,       (Some(false), Some(true)),  Letter::D),
    (Letter::B, Event::False,       (Some(false), Some(false)), Letter::A),
    (Letter::B, Event::False,       LATCHING,                  Letter::E),
    (Letter::C, Event::False,       PLAIN,                     Letter::A),
    (Letter::C, Event::False,       LATCHING,                  Letter::F),
    (Letter::C, Event::ReAlarm,     ANY,                       Letter::B),
    (Letter::D, Event::Acknowledge, ANY,                       Letter::A),
    (Letter::D, Event::True,        ANY,                       Letter::B),
    (Letter::E, Event::Acknowledge, ANY,                       Letter::F),
    (Letter::E, Event::True,        ANY,                       Letter::B),
    (Letter::F, Event::True,        ANY,                       Letter::B),
    (Letter::F, Event::Reset,       ANY,                       Letter::A),
];

/// The same underneath a shelving, a suppression or out of service: nobody is called, so that there is nothing to
/// acknowledge, unless it is held until reset or had called before.
#[rustfmt::skip]
const HIDDEN: &[(Letter, Event, Guard, Letter)] = &[
    (Letter::A, Event::True,  PLAIN,                     Letter::C),
    (Letter::A, Event::True,  LATCHING,                  Letter::B),
    (Letter::D, Event::True,  ANY,                       Letter::B),
    (Letter::E, Event::True,  ANY,                       Letter::B),
    (Letter::F, Event::True,  ANY,                       Letter::B),
    (Letter::B, Event::False, (Some(false), Some(true)),  Letter::D),
    (Letter::B, Event::False, (Some(false), Some(false)), Letter::A),
    (Letter::B, Event::False, LATCHING,                  Letter::E),
    (Letter::C, Event::False, PLAIN,                     Letter::A),
    (Letter::C, Event::False, LATCHING,                  Letter::F),
];

/// An alarm by the flat table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FlatAlarm {
    rules: Rules,
    under: Letter,
    /// Some(true) for one-shot.
    shelved: Option<bool>,
    suppressed: bool,
    out: bool,
}

impl FlatAlarm {
    pub(crate) const fn new(rules: Rules) -> Self {
        Self { rules, under: Letter::A, shelved: None, suppressed: false, out: false }
    }

    /// The letter that people see.
    pub(crate) const fn letter(&self) -> Letter {
        if self.out {
            Letter::I
        } else if self.suppressed {
            Letter::H
        } else if self.shelved.is_some() {
            Letter::G
        } else {
            self.under
        }
    }

    pub(crate) const fn is_hidden(&self) -> bool {
        self.out || self.suppressed || self.shelved.is_some()
    }

    /// False if the event is not possible.
    pub(crate) fn happen(&mut self, event: Event) -> bool {
        let visible = !self.is_hidden();
        let done = match event {
            Event::ShelveOnce | Event::ShelveTimed => {
                if visible {
                    self.shelved = Some(event == Event::ShelveOnce);
                }
                return visible;
            }
            Event::Unshelve => self.shelved.take().is_some(),
            Event::Suppress => return !std::mem::replace(&mut self.suppressed, true),
            Event::Unsuppress => std::mem::take(&mut self.suppressed),
            Event::TakeOut => return !std::mem::replace(&mut self.out, true),
            Event::Return => std::mem::take(&mut self.out),
            Event::True | Event::False => {
                let done = self.look_up(if visible { TABLE } else { HIDDEN }, event);
                if event == Event::False && self.shelved == Some(true) {
                    self.shelved = None;
                }
                return done;
            }
            Event::Acknowledge | Event::Reset | Event::ReAlarm => {
                return visible && self.look_up(TABLE, event);
            }
        };
        // Back in view: B if it is active, else what it was.
        if done && !self.is_hidden() && self.under == Letter::C {
            self.under = Letter::B;
        }
        done
    }

    fn look_up(&mut self, table: &[(Letter, Event, Guard, Letter)], event: Event) -> bool {
        let fits = |asked: Option<bool>, is: bool| asked.is_none_or(|asked| asked == is);
        let row = table.iter().find(|(from, on, (latching, ack), _)| {
            *from == self.under
                && *on == event
                && fits(*latching, self.rules.latching)
                && fits(*ack, self.rules.ack_required)
        });
        if let Some((.., to)) = row {
            self.under = *to;
        }
        row.is_some()
    }
}

/// The condition, from everything that was read. Numbers are whole, so that nothing is rounded.
#[derive(Clone, Debug)]
pub(crate) struct FullHistory {
    pub(crate) high: bool,
    pub(crate) limit: i64,
    pub(crate) deadband: i64,
    pub(crate) on_ms: u64,
    pub(crate) off_ms: u64,
    pub(crate) active: bool,
    readings: Vec<(u64, Option<i64>)>,
}

impl FullHistory {
    pub(crate) const fn new(
        high: bool,
        limit: i64,
        deadband: i64,
        on_ms: u64,
        off_ms: u64,
    ) -> Self {
        let readings = Vec::new();
        Self { high, limit, deadband, on_ms, off_ms, active: false, readings }
    }

    fn is_beyond(&self, value: i64) -> bool {
        if self.high { value > self.limit } else { value < self.limit }
    }

    fn is_back(&self, value: i64) -> bool {
        if self.high {
            value <= self.limit - self.deadband
        } else {
            value >= self.limit + self.deadband
        }
    }

    /// When the running delay is over: of the unbroken run of readings up to now that speak for a change.
    pub(crate) fn due(&self) -> Option<u64> {
        let speaks = |reading: &&(u64, Option<i64>)| match reading.1 {
            // Silence lets an on-delay go on, and breaks an off-delay.
            None => !self.active,
            Some(value) if self.active => self.is_back(value),
            Some(value) => self.is_beyond(value),
        };
        let run = self.readings.iter().rev().take_while(speaks);
        let first = run.filter(|(_, value)| value.is_some()).last()?;
        Some(first.0 + if self.active { self.off_ms } else { self.on_ms })
    }

    /// Lets time come to `now`; gives the change and its time.
    pub(crate) fn pass(&mut self, now: u64) -> Option<(bool, u64)> {
        let due = self.due().filter(|due| *due <= now)?;
        self.active = !self.active;
        // What was read before speaks for what is now.
        self.readings.clear();
        Some((self.active, due))
    }

    pub(crate) fn read(&mut self, now: u64, value: Option<i64>) -> Option<(bool, u64)> {
        self.readings.push((now, value));
        self.pass(now)
    }
}
