//! A Master File with one alarm for each ISA-18.2 state, and what brings each into it.

use std::fmt::Write;

use cellwatch_tests::{MasterFile, SITE};
use jiff::Timestamp;

/// On-delay of the alarm `DELAYED`, seconds.
pub(crate) const ON_DELAY_S: u16 = 15;
/// A raw number beyond every limit.
pub(crate) const BEYOND: i64 = 500;
/// One within.
pub(crate) const WITHIN: i64 = 5;

/// An alarm: its id, the parameter that it watches, and what it has beside the others.
pub(crate) const ALARMS: [(&str, &str, &str); 11] = [
    ("NORMAL", "U16", ""),
    ("UNACKNOWLEDGED", "U32", ""),
    ("ACKNOWLEDGED", "U32.WL", ""),
    ("RETURNED", "I32", ""),
    ("LATCHED", "I32.BL", "latching = true\n"),
    ("LATCHED-SEEN", "I32.WBL", "latching = true\n"),
    ("SHELVED", "U64", ""),
    ("SHELVED-ONCE", "U64.WL", ""),
    ("SUPPRESSED", "I64", "suppressed_by = [\"UNACKNOWLEDGED\"]\n"),
    ("OUT-OF-SERVICE", "I64.WBL", ""),
    ("DELAYED", "WORD", "on_delay_s = 15.0\n"),
];

/// The alarms that are seen, and the state in which each is killed.
pub(crate) const STATES: [(&str, &str); 9] = [
    ("UNACKNOWLEDGED", "UNACK"),
    ("ACKNOWLEDGED", "ACKED"),
    ("RETURNED", "RTNUN"),
    ("LATCHED", "LTUNK"),
    ("LATCHED-SEEN", "LTACK"),
    ("SHELVED", "SHLVD"),
    ("SHELVED-ONCE", "SHLVD"),
    ("SUPPRESSED", "DSUPR"),
    ("OUT-OF-SERVICE", "OOSRV"),
];

/// The parameter of an alarm.
pub(crate) fn watched(alarm: &str) -> &'static str {
    let found = ALARMS.iter().find(|(id, ..)| *id == alarm);
    found.map(|(_, parameter, _)| *parameter).expect("an alarm of the file")
}

/// The file's text.
pub(crate) fn text(version: u32, effective: Timestamp, profile: &str) -> String {
    let dates = MasterFile { version, effective, ..MasterFile::version_1(profile) };
    let MasterFile { expires, profile_sha256, .. } = dates;
    let mut text = format!(
        r#"[master_file]
id = "MF-STATES"
version = {version}
product = "Test product"
effective = {effective:.0}
expires = {expires:.0}
activation = "next-batch"
sites = ["{SITE}"]

[[equipment]]
profile = "every-type"
profile_sha256 = "{profile_sha256}"

[[phase]]
id = "culture"
name = "Culture"
"#
    );
    for (alarm, parameter, more) in ALARMS {
        write!(
            text,
            r#"
[[parameter]]
name = "{parameter}"
unit = "1"
range = [0.0, 1000.0]
stale_after_s = 60.0
instrument_delay_s = 60.0
instrument_response = "Look at the panel."

[[alarm]]
id = "{alarm}"
parameter = "{parameter}"
kind = "H"
limit = 100.0
priority = "medium"
class = "equipment"
cause = "The test has set it."
consequence = "None."
response = "Look at the panel."
time_to_respond_s = 600
{more}"#
        )
        .expect("a string takes everything");
    }
    text
}
