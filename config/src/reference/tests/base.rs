//! Texts that hold the needed keys only, and those without which another may not be written, and their edits.

/// A text as sections of keys.
#[derive(Clone)]
pub(super) struct Base(Vec<(String, Vec<(String, String)>)>);

impl Base {
    pub(super) fn of(text: &str) -> Self {
        let mut sections: Vec<(String, Vec<(String, String)>)> = Vec::new();
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            match (line.split_once(" = "), sections.last_mut()) {
                (Some((key, value)), Some((_, keys))) => {
                    keys.push((key.to_owned(), value.to_owned()));
                }
                _ => sections.push((line.to_owned(), Vec::new())),
            }
        }
        Self(sections)
    }

    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for (header, keys) in &self.0 {
            text += &format!("{header}\n");
            for (key, value) in keys {
                text += &format!("{key} = {value}\n");
            }
        }
        text
    }

    /// Numbers of the sections of a table.
    pub(super) fn sections(&self, table: &str) -> Vec<usize> {
        let of = |header: &str| header.trim_matches(['[', ']']) == table;
        (0..self.0.len()).filter(|at| of(&self.0[*at].0)).collect()
    }

    pub(super) fn value(&self, at: usize, key: &str) -> Option<String> {
        self.0[at].1.iter().find(|(name, _)| name == key).map(|(_, value)| value.clone())
    }

    pub(super) fn without(&self, at: usize, key: &str) -> Self {
        let mut base = self.clone();
        base.0[at].1.retain(|(name, _)| name != key);
        base
    }

    pub(super) fn with(&self, at: usize, key: &str, value: &str) -> Self {
        let mut base = self.without(at, key);
        base.0[at].1.push((key.to_owned(), value.to_owned()));
        base
    }
}

pub(super) const MASTER_FILE_BASE: &str = r#"
[master_file]
id = "MF-1"
version = 1
product = "p"
effective = 2026-01-01T00:00:00Z
expires = 2027-01-01T00:00:00Z
sites = ["s"]
[[equipment]]
profile = "bag"
profile_sha256 = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
[[parameter]]
name = "TEMP.PV"
unit = "°C"
range = [0.0, 50.0]
critical = true
stale_after_s = 5.0
instrument_response = "r"
[[parameter]]
name = "TEMP.SP"
unit = "°C"
range = [0.0, 50.0]
stale_after_s = 5.0
instrument_response = "r"
[[parameter]]
name = "VIAB"
entry = "manual"
unit = "%"
range = [0.0, 100.0]
stale_after_s = 86400.0
instrument_response = "r"
[[phase]]
id = "expansion"
name = "Expansion"
[[phase]]
id = "harvest"
name = "Harvest"
[[alarm]]
id = "TEMP.HH"
parameter = "TEMP.PV"
kind = "HH"
limit = 39.0
priority = "high"
class = "equipment"
cause = "c"
consequence = "c"
response = "r"
time_to_respond_s = 60
[[alarm]]
id = "TEMP.DEV"
parameter = "TEMP.PV"
kind = "deviation"
reference = "TEMP.SP"
limit = 1.0
priority = "high"
class = "equipment"
cause = "c"
consequence = "c"
response = "r"
time_to_respond_s = 60
[[alarm]]
id = "TEMP.RATE"
parameter = "TEMP.PV"
kind = "rate"
limit = 1.0
window_s = 60.0
priority = "high"
class = "equipment"
cause = "c"
consequence = "c"
response = "r"
time_to_respond_s = 60
[[alarm]]
id = "AGIT.LL"
parameter = "TEMP.SP"
kind = "discrete"
states = ["true"]
priority = "high"
class = "equipment"
cause = "c"
consequence = "c"
response = "r"
time_to_respond_s = 60
[[deviation]]
id = "ACTION"
when = "action-limit"
after_s = 60.0
description = "d"
[[deviation]]
id = "GAP"
when = "data-gap"
after_s = 60.0
description = "d"
[[deviation]]
id = "LATE"
when = "late-acknowledgement"
description = "d"
[[route]]
name = "r"
kind = "e-mail"
to = ["a@example.org"]
priorities = ["low"]
"#;

pub(super) const PROFILE_BASE: &str = r#"
[profile]
id = "p"
model = "m"
version = "1"
[modbus]
[opcua]
[[parameter]]
name = "T"
table = "holding"
address = 10
type = "u16"
unit = "1"
[[parameter]]
name = "U"
table = "input"
address = 20
type = "i16"
unit = "1"
[[parameter]]
name = "F"
table = "input"
address = 30
type = "f32"
unit = "1"
frozen_after_s = 60.0
[[parameter]]
name = "PHASE"
table = "input"
address = 40
type = "u16"
unit = "1"
values = { "0" = "idle", "1" = "expansion" }
role = "phase"
[[parameter]]
name = "BEAT"
table = "input"
address = 41
type = "u16"
unit = "1"
role = "heartbeat"
[[parameter]]
name = "SN"
table = "input"
address = 50
type = "text:8"
unit = "1"
role = "serial"
[[parameter]]
name = "ALARMS"
table = "input"
address = 60
type = "u16"
unit = "1"
role = "alarm-word"
bits = { "3" = "lid-open" }
[[parameter]]
name = "STATE"
table = "input"
address = 61
type = "u16"
unit = "1"
role = "state"
values = { "0" = "stopped" }
[[parameter]]
name = "LOCAL"
table = "input"
address = 62
type = "bit:0"
unit = "1"
role = "local-mode"
[[parameter]]
name = "T.SP"
table = "input"
address = 63
type = "i16"
unit = "1"
role = "set-point"
of = "T"
[[parameter]]
name = "T.HH"
table = "input"
address = 64
type = "i16"
unit = "1"
role = "limit"
of = "T.HH"
[[parameter]]
name = "UPTIME"
table = "input"
address = 66
type = "u32"
unit = "1"
role = "uptime"
[[parameter]]
name = "CLOCK"
table = "input"
address = 68
type = "u32"
unit = "1"
role = "clock"
"#;

pub(super) const SITE_BASE: &str = r#"
[site]
id = "s"
name = "n"
time_zone = "UTC"
[agent]
id = "a"
data_dir = "d"
key = "k"
[trust]
root_keys = ["r"]
roster = "r"
master_file = "m"
[broker]
host = "h"
authority = "a"
certificate = "c"
private_key = "p"
[journal]
[frames]
[page]
certificate = "c"
private_key = "p"
[[device]]
id = "bx-01"
profile = "p"
address = "h:1"
[[device]]
id = "bx-02"
profile = "p"
line = "bench"
[[device]]
id = "bx-03"
profile = "p"
line = "gateway"
[[device]]
id = "bx-04"
profile = "p"
line = "server"
[[device]]
id = "bx-05"
profile = "p"
opcua = "cfc-server"
[[device]]
id = "bx-06"
profile = "p"
opcua = "user-server"
[[device]]
id = "bx-07"
profile = "p"
opcua = "certificate-server"
[[device]]
id = "bx-08"
profile = "p"
opcua = "open-server"
[[opcua]]
id = "cfc-server"
endpoint = "opc.tcp://h:4"
[[opcua]]
id = "user-server"
endpoint = "opc.tcp://h:5"
user = "u"
password_file = "p"
[[opcua]]
id = "certificate-server"
endpoint = "opc.tcp://h:6"
user_certificate = "u"
user_key = "k"
[[opcua]]
id = "open-server"
endpoint = "opc.tcp://h:7"
security = "none"
[[line]]
id = "bench"
transport = "rtu"
port = "/dev/ttyS0"
[[line]]
id = "gateway"
transport = "tcp"
address = "h:2"
[[line]]
id = "server"
transport = "rtu-over-tcp"
address = "h:3"
[[unit]]
id = "BX-01"
name = "n"
devices = ["bx-01"]
[[unit]]
id = "V"
name = "n"
devices = ["bx-02", "bx-03", "bx-04", "bx-05", "bx-06", "bx-07", "bx-08"]
[[annunciator]]
id = "light"
address = "h:4"
lamps = ["red", "horn"]
[mail]
host = "h"
from = "a@h"
user = "u"
password_file = "p"
"#;
