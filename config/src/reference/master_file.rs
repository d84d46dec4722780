//! Every key of a Master File.

use cellwatch_model::{LimitKind, Priority};

use super::Default::{Is, Needed, Says};
use super::Takes::{Date, Flag, Number, Other, Text, Whole, Words};
use super::key::{units, words};
use super::{Document, Key, Repeat, Table};
use crate::master_file::{Activation, AlarmClass, DeviationWord, Entry, RouteKind};

const NAME: &str = "1 to 48 of A-Z a-z 0-9 . _ -";
const LEVEL: &str = "1 to 32 of a-z 0-9 -";
const OWN_UNIT: &str = "the parameter's unit";

/// A Master File.
pub const MASTER_FILE: Document = Document {
    title: "Master File reference",
    says: "The Master File is the extract of the approved master file that a machine judges by. A person writes it as TOML; QA and QP sign its exact bytes. `cellwatch check master-file` finds every problem at once. An unknown key is a problem.",
    tables: &[HEAD, EQUIPMENT, PARAMETER, PHASE, ALARM, DEVIATION, ROUTE],
};

const HEAD: Table = Table {
    name: "master_file",
    repeat: Repeat::Once,
    says: "What the file is and when it holds.",
    chooser: "",
    keys: &[
        Key::new("id", Text(NAME), Needed, "\"MF-CART-001\"", "Stays the same in every version."),
        Key::new(
            "version",
            Whole("no unit", 1, i64::MAX),
            Needed,
            "3",
            "Only a higher version replaces this one.",
        ),
        Key::new(
            "product",
            Text("for people"),
            Needed,
            "\"Autologous CAR-T cells\"",
            "The product.",
        ),
        Key::new(
            "effective",
            Date,
            Needed,
            "2026-06-01T00:00:00+02:00",
            "No batch starts under it before.",
        ),
        Key::new(
            "expires",
            Date,
            Needed,
            "2028-06-01T00:00:00+02:00",
            "No batch starts under it after; a running culture goes on being judged, under an alarm. After `effective`.",
        ),
        Key::new(
            "activation",
            Words(words::<Activation>),
            Is("\"next-batch\""),
            "\"next-batch\"",
            "How it replaces the file in force. `at-once` changes the limits of a running culture and needs a `reason`.",
        ),
        Key::new(
            "reason",
            Text("for people"),
            Is("\"\""),
            "\"Limit corrected after deviation review\"",
            "QA's reason for `at-once`.",
        ),
        Key::new(
            "sites",
            Other("list of site ids, at least one"),
            Needed,
            "[\"barcelona-1\"]",
            "A site that is not listed refuses the file.",
        ),
    ],
};

const EQUIPMENT: Table = Table {
    name: "equipment",
    repeat: Repeat::AnyTimes,
    says: "Equipment that may be used: a device whose profile is not listed is a problem.",
    chooser: "",
    keys: &[
        Key::new("profile", Text(NAME), Needed, "\"rocking-bag-25\"", "Id of the device profile."),
        Key::new(
            "profile_sha256",
            Text("64 hexadecimal digits"),
            Needed,
            "\"7ddc4c2040ea9f1a796267094334f2286bc71bf3ec810b9526d58654eb09d98b\"",
            "SHA-256 of the profile's exact text, as `sha256sum` prints it: another text is not the approved one.",
        ),
        Key::new(
            "serials",
            Other("list of texts"),
            Is("[]"),
            "[\"RB25-0117\"]",
            "Serial numbers qualified for this process; empty allows any. The profile needs a parameter with role `serial`.",
        ),
        Key::new(
            "firmware",
            Other("list of texts"),
            Is("[]"),
            "[\"4.2.1\"]",
            "Firmware versions qualified; empty allows any.",
        ),
        Key::new(
            "protocol_checksum",
            Other("list of texts"),
            Is("[]"),
            "[\"9a0364b9e99bb480dd25e1f0284c8555\"]",
            "Checksums of the approved protocols as the device shows them; empty allows any.",
        ),
    ],
};

const PARAMETER: Table = Table {
    name: "parameter",
    repeat: Repeat::AtLeastOnce,
    says: "What is judged, in which unit, how old it may be.",
    chooser: "entry",
    keys: &[
        Key::new(
            "name",
            Text(NAME),
            Needed,
            "\"TEMP.PV\"",
            "As in the device profile, or for `manual` any.",
        ),
        Key::new(
            "entry",
            Words(words::<Entry>),
            Is("\"device\""),
            "\"device\"",
            "Polled from a device, or measured and entered by a person.",
        ),
        Key::new(
            "unit",
            Words(units),
            Needed,
            "\"°C\"",
            "Unit of measure; the profile must give the same.",
        ),
        Key::new(
            "range",
            Other("[low, high], the parameter's unit"),
            Needed,
            "[0.0, 50.0]",
            "Values that can be meant, ends included; within the sensor's own range.",
        ),
        Key::new(
            "set_point",
            Number(OWN_UNIT, None, None),
            Says("none"),
            "37.0",
            "Where the normal value lies: within `range` and inside every limit. Leave it out where it differs by phase.",
        ),
        Key::new("critical", Flag, Is("false"), "true", "A critical process parameter."),
        Key::new(
            "sampling_s",
            Number("s", Some(0.1), None),
            Says("as the profile polls"),
            "1.0",
            "A value is wanted at least this often: a poll, or a result by hand. Up to 86400 s for a device, 1209600 s by hand.",
        ),
        Key::new(
            "stale_after_s",
            Number("s", Some(0.1), None),
            Needed,
            "5.0",
            "Older than this is no value any more; about five polls. Not below `sampling_s`; up to 86400 s for a device, 1209600 s by hand.",
        ),
        Key::new(
            "max_rate_per_min",
            Number("the parameter's unit per minute, above 0", None, None),
            Says("none"),
            "2.0",
            "A change faster than this is none of the process: the value is not believed.",
        )
        .only(&["device"]),
        Key::new(
            "second_person",
            Flag,
            Says("`true` where critical and entered by hand"),
            "true",
            "A value entered by hand counts only when a second person has confirmed it.",
        )
        .only(&["manual"]),
        Key::new(
            "instrument_delay_s",
            Number("s", Some(0.0), Some(3600.0)),
            Is("10"),
            "10.0",
            "Without a believable value for this long, the instrument alarm is raised.",
        ),
        Key::new(
            "instrument_response",
            Text("for people"),
            Needed,
            "\"Measure with the hand probe; call maintenance.\"",
            "What a person does when the instrument alarm is raised.",
        ),
        Key::new(
            "instrument_priority",
            Words(words::<Priority>),
            Is("\"medium\""),
            "\"high\"",
            "Priority of the instrument alarm.",
        ),
    ],
};

const PHASE: Table = Table {
    name: "phase",
    repeat: Repeat::AtLeastOnce,
    says: "Phases in their order. Every one must be reachable from the first.",
    chooser: "",
    keys: &[
        Key::new(
            "id",
            Text(LEVEL),
            Needed,
            "\"expansion\"",
            "As the device says it; never `idle`, which means that no batch runs.",
        ),
        Key::new("name", Text("for people"), Needed, "\"Expansion\"", "On pages and in reports."),
        Key::new(
            "min_duration_h",
            Number("h", Some(0.001), Some(8760.0)),
            Says("none"),
            "72.0",
            "A shorter phase is an alarm.",
        ),
        Key::new(
            "max_duration_h",
            Number("h", Some(0.001), Some(8760.0)),
            Says("none"),
            "216.0",
            "A longer phase is an alarm. Not below `min_duration_h`.",
        ),
        Key::new(
            "after_h",
            Number("h", Some(0.001), Some(8760.0)),
            Says("never by itself"),
            "24.0",
            "Begins by itself when a phase that it may follow has lasted so long; only where no device says the phase.",
        ),
        Key::new(
            "next",
            Other("list of phase ids"),
            Is("[]"),
            "[\"harvest\"]",
            "What may follow; empty means the next in the file.",
        ),
    ],
};

const BY_LIMIT: &[&str] = &["LL", "L", "H", "HH", "deviation", "rate"];

const ALARM: Table = Table {
    name: "alarm",
    repeat: Repeat::AnyTimes,
    says: "One alarm for each limit, with its rationale. In every phase LL < L < H < HH, and one of a kind at a time.",
    chooser: "kind",
    keys: &[
        Key::new("id", Text(NAME), Needed, "\"TEMP.HH\"", "Stays the same in every version: a standing alarm carries over by it. Not `….BAD` of a parameter, `….DIFFERS`, `….LINK` or `….IDENTITY` of a device, `AGENT.…` or `PHASE.…`, which the agent uses."),
        Key::new("parameter", Text("name of a parameter"), Needed, "\"TEMP.PV\"", "What it watches."),
        Key::new("kind", Words(words::<LimitKind>), Needed, "\"HH\"", "LL, HH: action limits; L, H: alert limits; `deviation`: distance from a set-point; `rate`: speed of change either way; `discrete`: a state."),
        Key::new("limit", Number("the parameter's unit, for `rate` per minute", None, None), Needed, "38.0", "A value beyond it is in alarm. Inside the range; above 0 for `deviation` and `rate`.").only(BY_LIMIT),
        Key::new("reference", Text("name of a parameter"), Says("the parameter's `set_point`"), "\"TEMP.SP\"", "The parameter that holds the set-point, in the same unit of measure.").only(&["deviation"]),
        Key::new("window_s", Number("s", Some(1.0), Some(3600.0)), Needed, "600.0", "The rate is the change over this time: 2 to 4096 polls.").only(&["rate"]),
        Key::new("states", Other("list of texts, at least one"), Needed, "[\"open\"]", "States that must not be: words of the profile's enumeration, or `true`, `false` for a bit.").only(&["discrete"]),
        Key::new("deadband", Number(OWN_UNIT, None, None), Is("0.0"), "0.1", "The value must come back by this much to clear: at least the noise. Not below 0; states have none."),
        Key::new("on_delay_s", Number("s", Some(0.0), Some(3600.0)), Is("0"), "60.0", "The condition must hold this long: noise and handling raise nothing. None for results by hand."),
        Key::new("off_delay_s", Number("s", Some(0.0), Some(3600.0)), Is("0"), "60.0", "The condition must be clear this long before it returns. None for results by hand."),
        Key::new("priority", Words(words::<Priority>), Needed, "\"high\"", "How soon a person must act, by consequence and time to respond."),
        Key::new("class", Words(words::<AlarmClass>), Needed, "\"gmp-critical\"", "Which rules of handling hold. A `gmp-critical` alarm is never put aside."),
        Key::new("phases", Other("list of phase ids"), Is("[]"), "[\"expansion\"]", "Where it is judged; elsewhere it is suppressed by design. Empty: always, also outside a batch."),
        Key::new("suppressed_by", Other("list of alarm ids"), Is("[]"), "[\"AGIT.LL\"]", "Alarms of the same unit that explain this one: while one of them is active it does not call."),
        Key::new("latching", Flag, Is("false"), "true", "Stays until a person resets it although the value is back."),
        Key::new("ack_required", Flag, Is("true"), "true", "Returns to normal only when a person has acknowledged it."),
        Key::new("comment_required", Flag, Says("`true` for `gmp-critical`, else `false`"), "true", "Whoever acknowledges it must say why and what was done."),
        Key::new("shelve_max_s", Number("s", Some(0.0), Some(28_800.0)), Says("28800; none for `gmp-critical`"), "0", "The longest time for which a person may put it aside; 0 forbids it."),
        Key::new("re_alarm_s", Number("s", Some(60.0), Some(86_400.0)), Says("never"), "1800.0", "Calls again when it still stands so long after an acknowledgement."),
        Key::new("cause", Text("for people"), Needed, "\"Heater relay stuck.\"", "Likely cause."),
        Key::new("consequence", Text("for people"), Needed, "\"Above 40 °C cells die within the hour.\"", "What happens when nobody responds."),
        Key::new("response", Text("for people"), Needed, "\"Switch the heater off at the panel; call the supervisor.\"", "What a person does."),
        Key::new("time_to_respond_s", Whole("s", 1, 86_400), Needed, "600", "From the alarm until the consequence can no longer be avoided."),
    ],
};

const DEVIATION: Table = Table {
    name: "deviation",
    repeat: Repeat::AnyTimes,
    says: "When a deviation candidate is opened for QA, with its evidence. It decides nothing: QA does.",
    chooser: "when",
    keys: &[
        Key::new("id", Text(NAME), Needed, "\"TEMP.ACTION\"", "Stays the same in every version."),
        Key::new(
            "when",
            Words(words::<DeviationWord>),
            Needed,
            "\"action-limit\"",
            "`action-limit`: an LL or HH alarm stands, or the one that `alarm` names; `data-gap`: a parameter has no believable value; `late-acknowledgement`: nobody took notice.",
        ),
        Key::new(
            "parameter",
            Text("name of a parameter"),
            Says("every critical parameter"),
            "\"TEMP.PV\"",
            "Its action limits, or its gaps.",
        ),
        Key::new(
            "alarm",
            Text("id of an alarm"),
            Says("by `parameter`"),
            "\"TEMP.HH\"",
            "This alarm only; not together with `parameter`. For `action-limit` of any kind but L and H: its limit is one that calls for action. `PHASE.ORDER` and `PHASE.OVERRUN` may stand here as well, for `late-acknowledgement` also `PHASE.UNDERRUN`, with `after_s`.",
        )
        .only(&["action-limit", "late-acknowledgement"]),
        Key::new(
            "after_s",
            Number("s", Some(0.0), Some(604_800.0)),
            Says("needed; for `late-acknowledgement` the alarm's `time_to_respond_s`"),
            "300.0",
            "How long it must last.",
        ),
        Key::new(
            "description",
            Text("for people"),
            Needed,
            "\"Temperature beyond its action limit for five minutes.\"",
            "What it means, for QA.",
        ),
    ],
};

const ROUTE: Table = Table {
    name: "route",
    repeat: Repeat::AnyTimes,
    says: "Whom alarms are sent to beyond the room. The stack light, the horn and the page need none.",
    chooser: "",
    keys: &[
        Key::new("name", Text(NAME), Needed, "\"on-call\"", "For records and messages."),
        Key::new("kind", Words(words::<RouteKind>), Needed, "\"e-mail\"", "How it is sent."),
        Key::new(
            "to",
            Other("list of addresses, at least one"),
            Needed,
            "[\"oncall@example.org\"]",
            "To whom.",
        ),
        Key::new(
            "priorities",
            Other("list of priorities, at least one"),
            Needed,
            "[\"critical\", \"high\"]",
            "Alarms of these priorities.",
        ),
        Key::new(
            "escalate_after_s",
            Number("s", Some(1.0), Some(86_400.0)),
            Says("sent at once"),
            "600.0",
            "Only when nobody has acknowledged for this long.",
        ),
    ],
};
