//! Master Files: for the foreign device of `foreign/every-type.toml`, and the example's.

use std::fs;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::{SITE, root};

/// What a Master File says, as far as tests change it.
#[derive(Clone, Debug)]
pub struct MasterFile {
    /// Version.
    pub version: u32,
    /// Valid from.
    pub effective: Timestamp,
    /// Valid until.
    pub expires: Timestamp,
    /// Sites that it is for.
    pub sites: Vec<String>,
    /// SHA-256 of the device profile, hexadecimal digits.
    pub profile_sha256: String,
    /// What to do on the temperature alarm; empty is a mistake.
    pub response: String,
}

impl MasterFile {
    /// Version 1, for the rigs' site, valid now, for the profile with this text.
    ///
    /// # Panics
    /// The clock is beyond the year 9000.
    #[must_use]
    pub fn version_1(profile: &str) -> Self {
        let now = Timestamp::now();
        let hour = jiff::Span::new().hours(1);
        Self {
            version: 1,
            effective: now.checked_sub(hour).expect("a time"),
            expires: now.checked_add(hour * 24).expect("a time"),
            sites: vec![SITE.to_owned()],
            profile_sha256: Self::sha256_of(profile),
            response: "Switch the heater off at the panel.".to_owned(),
        }
    }

    /// SHA-256 of a profile's text, hexadecimal digits.
    #[must_use]
    pub fn sha256_of(profile: &str) -> String {
        let digest = Sha256::digest(profile.as_bytes());
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The example Master File, for `site`, any serial number and all dates.
    ///
    /// # Panics
    /// The example is not what it was.
    #[must_use]
    pub fn of_the_example(site: &str) -> String {
        let path = root().join("config/examples/master-file.toml");
        let mut text = fs::read_to_string(path).expect("the example");
        for (key, value) in [
            ("sites", format!("[\"{site}\"]")),
            ("serials", "[]".to_owned()),
            ("effective", "2020-01-01T00:00:00Z".to_owned()),
            ("expires", "2200-01-01T00:00:00Z".to_owned()),
        ] {
            let begin = text.find(&format!("\n{key} = ")).expect("a key of the example") + 1;
            let end = begin + text[begin..].find('\n').expect("lines");
            text.replace_range(begin..end, &format!("{key} = {value}"));
        }
        text
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> String {
        let Self { version, effective, expires, sites, profile_sha256, response } = self;
        format!(
            r#"[master_file]
id = "MF-TEST-1"
version = {version}
product = "Test product"
effective = {effective:.0}
expires = {expires:.0}
activation = "next-batch"
sites = {sites:?}

[[equipment]]
profile = "every-type"
profile_sha256 = "{profile_sha256}"

[[parameter]]
name = "TEMP.PV"
unit = "°C"
range = [0.0, 50.0]
set_point = 37.0
critical = true
stale_after_s = 5.0
instrument_delay_s = 5.0
instrument_response = "Read the temperature at the panel."
instrument_priority = "high"

[[phase]]
id = "culture"
name = "Culture"

[[alarm]]
id = "TEMP.HH"
parameter = "TEMP.PV"
kind = "HH"
limit = 38.0
deadband = 0.1
priority = "high"
class = "gmp-critical"
cause = "Heater relay stuck."
consequence = "Cells die above 40 °C."
response = "{response}"
time_to_respond_s = 600
"#
        )
    }
}
