//! Who has seen it: the orthogonal regions of an alarm and the ISA-18.2 state that follows from them.

/// What of an alarm the Master File decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Stays until reset although the condition is false again.
    pub latching: bool,
    /// Returns to normal only when a person has acknowledged it.
    pub ack_required: bool,
}

/// Put aside by a person for a limited time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shelving {
    /// Not put aside.
    #[default]
    Unshelved,
    /// Until the condition is false, at the latest at this time (milliseconds).
    OneShot {
        /// The latest time.
        until_ms: u64,
    },
    /// Until this time (milliseconds).
    Timed {
        /// The time.
        until_ms: u64,
    },
}

/// The regions of one alarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Regions {
    /// The condition is true.
    pub active: bool,
    /// A person has seen it; true also while there is nothing to see.
    pub acknowledged: bool,
    /// Held until reset.
    pub latched: bool,
    /// Put aside by a person.
    pub shelving: Shelving,
    /// Suppressed by a rule of the Master File.
    pub suppressed: bool,
    /// Taken out of service by maintenance.
    pub out_of_service: bool,
}

impl Default for Regions {
    fn default() -> Self {
        Self {
            active: false,
            acknowledged: true,
            latched: false,
            shelving: Shelving::Unshelved,
            suppressed: false,
            out_of_service: false,
        }
    }
}

/// The nine states of ISA-18.2 Figure 2, by their letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// A: normal.
    Normal,
    /// B: unacknowledged alarm.
    Unacknowledged,
    /// C: acknowledged alarm.
    Acknowledged,
    /// D: returned to normal, unacknowledged.
    ReturnedUnacknowledged,
    /// E: latched, unacknowledged.
    LatchedUnacknowledged,
    /// F: latched, acknowledged.
    LatchedAcknowledged,
    /// G: shelved.
    Shelved,
    /// H: suppressed by design.
    SuppressedByDesign,
    /// I: out of service.
    OutOfService,
}

/// Something that happens to an alarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The condition became true.
    Rise,
    /// The condition became false.
    Fall,
    /// A person has seen it.
    Acknowledge,
    /// A person clears the latch.
    Reset,
    /// Calls for attention again.
    ReAlarm,
    /// A person puts it aside.
    Shelve(Shelving),
    /// The shelving ends, by a person or by time.
    Unshelve,
    /// A rule of the Master File suppresses it.
    Suppress,
    /// The rule no longer holds.
    Unsuppress,
    /// Maintenance takes it out of service.
    TakeOutOfService,
    /// It returns to service.
    ReturnToService,
}

impl Regions {
    /// The ISA state; precedence I > H > G > B, C > E, F > D > A.
    #[must_use]
    pub const fn state(&self) -> State {
        if self.out_of_service {
            State::OutOfService
        } else if self.suppressed {
            State::SuppressedByDesign
        } else if !matches!(self.shelving, Shelving::Unshelved) {
            State::Shelved
        } else if self.active {
            if self.acknowledged { State::Acknowledged } else { State::Unacknowledged }
        } else if self.latched {
            if self.acknowledged {
                State::LatchedAcknowledged
            } else {
                State::LatchedUnacknowledged
            }
        } else if self.acknowledged {
            State::Normal
        } else {
            State::ReturnedUnacknowledged
        }
    }

    /// The regions as bits: active 1, acknowledged 2, latched 4, suppressed 8, out of service 16, one-shot
    /// shelved 32, timed shelved 64. The end of a shelving stands beside ([`Self::until_ms`]).
    #[must_use]
    pub const fn bits(&self) -> u8 {
        let shelved = match self.shelving {
            Shelving::Unshelved => 0,
            Shelving::OneShot { .. } => 32,
            Shelving::Timed { .. } => 64,
        };
        self.active as u8
            | (self.acknowledged as u8) << 1
            | (self.latched as u8) << 2
            | (self.suppressed as u8) << 3
            | (self.out_of_service as u8) << 4
            | shelved
    }

    /// The reverse of [`Self::bits`]; none for bits that no regions have.
    #[must_use]
    pub const fn from_bits(bits: u8, until_ms: u64) -> Option<Self> {
        let shelving = match bits & 0xe0 {
            0 => Shelving::Unshelved,
            32 => Shelving::OneShot { until_ms },
            64 => Shelving::Timed { until_ms },
            _ => return None,
        };
        Some(Self {
            active: bits & 1 != 0,
            acknowledged: bits & 2 != 0,
            latched: bits & 4 != 0,
            shelving,
            suppressed: bits & 8 != 0,
            out_of_service: bits & 16 != 0,
        })
    }

    /// When a shelving ends by itself, milliseconds.
    #[must_use]
    pub const fn until_ms(&self) -> Option<u64> {
        match self.shelving {
            Shelving::Unshelved => None,
            Shelving::OneShot { until_ms } | Shelving::Timed { until_ms } => Some(until_ms),
        }
    }

    /// True while the people on site are called: not put aside, suppressed or out of service.
    #[must_use]
    pub const fn is_annunciated(&self) -> bool {
        !self.out_of_service && !self.suppressed && matches!(self.shelving, Shelving::Unshelved)
    }

    /// Takes a step; false, and nothing changed, if it is not possible in this state.
    pub const fn take(&mut self, step: Step, policy: Policy) -> bool {
        match step {
            Step::Rise => {
                if self.active {
                    return false;
                }
                self.active = true;
                // What nobody is called for, nobody has to acknowledge, unless it is held until reset; if it still
                // stands when it comes back, it calls then.
                self.acknowledged &= !(self.is_annunciated() || policy.latching);
                self.latched = policy.latching;
                true
            }
            Step::Fall => {
                if !self.active {
                    return false;
                }
                self.active = false;
                if !policy.ack_required && !self.latched {
                    self.acknowledged = true;
                }
                if matches!(self.shelving, Shelving::OneShot { .. }) {
                    self.shelving = Shelving::Unshelved;
                }
                true
            }
            Step::Acknowledge => {
                let possible = self.is_annunciated() && !self.acknowledged;
                self.acknowledged |= possible;
                possible
            }
            Step::Reset => {
                let possible =
                    self.is_annunciated() && self.latched && !self.active && self.acknowledged;
                self.latched &= !possible;
                possible
            }
            Step::ReAlarm => {
                let possible = self.is_annunciated() && self.active && self.acknowledged;
                self.acknowledged &= !possible;
                possible
            }
            Step::Shelve(shelving) => {
                let possible = self.is_annunciated() && !matches!(shelving, Shelving::Unshelved);
                if possible {
                    self.shelving = shelving;
                }
                possible
            }
            Step::Unshelve => {
                let possible = !matches!(self.shelving, Shelving::Unshelved);
                self.shelving = Shelving::Unshelved;
                self.annunciate_again(possible)
            }
            Step::Suppress => {
                let possible = !self.suppressed;
                self.suppressed = true;
                possible
            }
            Step::Unsuppress => {
                let possible = self.suppressed;
                self.suppressed = false;
                self.annunciate_again(possible)
            }
            Step::TakeOutOfService => {
                let possible = !self.out_of_service;
                self.out_of_service = true;
                possible
            }
            Step::ReturnToService => {
                let possible = self.out_of_service;
                self.out_of_service = false;
                self.annunciate_again(possible)
            }
        }
    }

    /// What comes back while active calls for a person again, once nothing else keeps it aside.
    const fn annunciate_again(&mut self, came_back: bool) -> bool {
        if came_back && self.active && self.is_annunciated() {
            self.acknowledged = false;
        }
        came_back
    }
}
