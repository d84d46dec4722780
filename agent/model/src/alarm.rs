//! Alarm words after ISA-18.2 / IEC 62682.

use crate::coded;

coded! {
    /// How soon a person must respond; 1 is the most urgent (ISA-18.2, rationalisation).
    Priority {
        /// Likely loss of the batch within minutes.
        Critical = 1 "critical",
        /// Action limit: respond within the time to respond.
        High = 2 "high",
        /// Alert limit.
        Medium = 3 "medium",
        /// Little consequence, still needs a response.
        Low = 4 "low",
    }
}

coded! {
    /// What an alarm watches.
    LimitKind {
        /// Low-low: action limit.
        LowLow = 1 "LL",
        /// Low: alert limit.
        Low = 2 "L",
        /// High: alert limit.
        High = 3 "H",
        /// High-high: action limit.
        HighHigh = 4 "HH",
        /// The instrument gives no believable value (LAW-02).
        Instrument = 5 "instrument",
        /// The agent's own health: links, clock, Master File.
        Agent = 6 "agent",
        /// Distance from the set-point.
        Deviation = 7 "deviation",
        /// Rate of change.
        Rate = 8 "rate",
        /// A discrete state that must not be.
        Discrete = 9 "discrete",
        /// A device of the unit does not answer.
        Communication = 10 "communication",
        /// Order or duration of the batch's phases.
        Phase = 11 "phase",
    }
}

coded! {
    /// What happened to an alarm: the log words of its life cycle.
    AlarmTransition {
        /// The condition held for the on-delay.
        Raised = 1 "raised",
        /// The condition was clear for the off-delay.
        Returned = 2 "returned",
        /// A person has seen it.
        Acknowledged = 3 "acknowledged",
        /// A person cleared the latch.
        Reset = 4 "reset",
        /// Called for attention again.
        ReAlarmed = 5 "re-alarmed",
        /// A person put it aside for a limited time.
        Shelved = 6 "shelved",
        /// Back from the shelf.
        Unshelved = 7 "unshelved",
        /// Suppressed by a rule of the Master File.
        Suppressed = 8 "suppressed",
        /// The rule no longer holds.
        Unsuppressed = 9 "unsuppressed",
        /// Taken out of service by maintenance.
        OutOfService = 10 "out-of-service",
        /// Returned to service.
        ReturnedToService = 11 "returned-to-service",
        /// A new Master File has no counterpart.
        Closed = 12 "closed",
    }
}

coded! {
    /// The nine states of ISA-18.2 Figure 2, derived from the orthogonal regions.
    IsaState {
        /// A: normal.
        Normal = 1 "NORM",
        /// B: unacknowledged alarm.
        Unacknowledged = 2 "UNACK",
        /// C: acknowledged alarm.
        Acknowledged = 3 "ACKED",
        /// D: returned to normal, unacknowledged.
        ReturnedUnacknowledged = 4 "RTNUN",
        /// E: latched, unacknowledged.
        LatchedUnacknowledged = 5 "LTUNK",
        /// F: latched, acknowledged.
        LatchedAcknowledged = 6 "LTACK",
        /// G: shelved.
        Shelved = 7 "SHLVD",
        /// H: suppressed by design.
        SuppressedByDesign = 8 "DSUPR",
        /// I: out of service.
        OutOfService = 9 "OOSRV",
    }
}
