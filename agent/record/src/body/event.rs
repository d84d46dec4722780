//! Something happened that is neither a reading, an alarm nor a person's action.

use std::collections::BTreeMap;

use cellwatch_model::{Mono, coded};

use super::Datum;
use super::details::{read_details, write_details};
use crate::cbor::{DecodeError, MapWriter, Reader};

macro_rules! event_kinds {
    ($($kinds:tt)*) => {
        coded! {
            /// What happened: `event-kind` of `record.cddl`.
            EventKind { $($kinds)* }
        }
    };
}

event_kinds! {
    /// Seq 1 of a journal: what is known of the journal before (`previous`, `previous_seq`, `previous_hash`).
    JournalBegun = 1 "journal-begun",
    /// The agent started (`version`).
    Start = 2 "start",
    /// The agent ended cleanly.
    Stop = 3 "stop",
    /// Parameter indices of a unit's frames: `parameters` lists [index, name, unit of measure, decimals, device, profile hash, role, [[number, word]]].
    Configuration = 4 "configuration",
    /// A device's link went up or down (`device`, `up`, `cause`).
    Link = 5 "link",
    /// The wall clock stepped (`step_us`).
    ClockStep = 6 "clock-step",
    /// The wall clock's state changed (`from`, `to`).
    ClockState = 7 "clock-state",
    /// A Master File was accepted (`id`, `version`, `sha256`, `approvers`, `origin`).
    MasterFileAccepted = 8 "master-file-accepted",
    /// A Master File was refused (`reason`, `sha256`, `origin`).
    MasterFileRefused = 9 "master-file-refused",
    /// A Master File judges from now on (`index`, `id`, `version`, `sha256`) in `units`; `everywhere` where it does in every unit now.
    MasterFileInForce = 10 "master-file-in-force",
    /// A Master File is beyond its expiry date (`id`, `version`, `sha256`, `was`): one `in-force` goes on judging, one `pending` never will.
    MasterFileExpired = 11 "master-file-expired",
    /// Readings that should be there are not (`parameter` or `device`, `from_mono_ns`, `to_mono_ns`).
    Gap = 12 "gap",
    /// Records or readings were lost (`what`, `count`).
    Loss = 13 "loss",
    /// Something that security should know (`what`).
    Security = 14 "security",
    /// The link to the broker went up or down (`up`, `cause`).
    Broker = 15 "broker",
    /// Something of the agent's own health that its alarms judge became true or false (`alarm`, `holds`, `note`).
    Condition = 16 "condition",
    /// A flood of alarms began or ended (`started`, `in_10_min`).
    AlarmFlood = 17 "alarm-flood",
    /// An accepted Master File waits (`id`, `version`, `sha256`, `waits`: `effective` or `batch`, `effective_utc_ns`, `units` that wait).
    MasterFilePending = 18 "master-file-pending",
    /// A roster was accepted (`version`, `sha256`, `origin`).
    RosterAccepted = 19 "roster-accepted",
    /// A roster was refused (`reason`, `sha256`, `origin`).
    RosterRefused = 20 "roster-refused",
    /// A command of the Control Site was obeyed (`number`, `site_status`, `before`, `reason`, `signer`, `sha256` of its payload).
    CommandAccepted = 21 "command-accepted",
    /// A command was refused (`refusal`, `sha256`; `number` where its seal was good).
    CommandRefused = 22 "command-refused",
    /// A Master File has ended its life on site: a newer one took its place (`id`, `version`, `sha256`, `was`: `in-force` or `pending`, `by`: the newer version).
    MasterFileSuperseded = 23 "master-file-superseded",
    /// The clock is synchronised for the first time since `first_seq`: by how much the wall times from there to
    /// `last_seq` were wrong (`correction_us`), and wall time less monotonic time now (`offset_ns`).
    ClockCorrected = 24 "clock-corrected",
    /// From the next record on another key seals (`old_key`, `new_key`: the public keys; `succession`: sealed by the new one).
    KeyRotated = 25 "key-rotated",
    /// Everything up to `through`, whose payload has the hash `hash`, may be removed from the journal on disk.
    Pruned = 26 "pruned",
    /// A part of the journal on disk cannot be read and was set aside (`file`, `reason`, `first_seq`, `last_seq`).
    Quarantined = 27 "quarantined",
    /// Records are not sealed any more, or are again (`what`: "stopped" or "resumed", `reason`, `key`, `before`: key ids, `first_seq`, `last_seq`: those that were sealed later than recorded).
    Sealing = 28 "sealing",
    /// A message to people who are not in the room was queued, taken by the server, not taken, or given up (`what`, `id`, `route`, `attempt`, `reason`, `message`).
    Notification = 29 "notification",
    /// Something of an OPC UA session: made, its subscription anew, values or messages lost (`device`, `what`).
    OpcUa = 31 "opc-ua",
    /// The Control Site has every record of a sealed batch (`seal_seq`, `root`, `receipt`: its sealed bytes).
    BatchComplete = 36 "batch-complete",
    /// The Control Site misses records of a sealed batch, or has others (`seal_seq`, `found`, `missing`: [first, last] each, `receipt`).
    BatchIncomplete = 37 "batch-incomplete",
    /// A batch ended that cannot be sealed (`batch`, `reason`).
    BatchUnsealed = 38 "batch-unsealed",
}

/// An event.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// What happened.
    pub kind: EventKind,
    /// When.
    pub at: Mono,
    /// In words, for people.
    pub text: String,
    /// The same for programs; the names are those in the kind's description.
    pub details: BTreeMap<String, Datum>,
}

impl Event {
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        let mut map = MapWriter::begin(out);
        map.key(1).u64(u64::from(self.kind.code()));
        map.key(2).u64(self.at.0);
        map.key(3).str(&self.text);
        write_details(&self.details, map.key(4));
        map.end();
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut map = reader.map("event")?;
        let kind = map.required(1)?.code("event kind", EventKind::from_code)?;
        let at = Mono(map.required(2)?.u64()?);
        let text = map.required(3)?.string()?;
        let details = read_details(map.required(4)?)?;
        map.end()?;
        Ok(Self { kind, at, text, details })
    }
}
