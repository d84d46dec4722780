//! A person mends a file once, not once per mistake: every problem is told at once, in the order of the lines.

use cellwatch_config::{Problems, master_file, profile, site};

fn told(problems: &Problems) -> Vec<String> {
    problems.to_string().lines().map(str::to_owned).collect()
}

fn starts_with(told: &[String], wanted: &[&str]) {
    assert_eq!(told.len(), wanted.len(), "{}", told.join("\n"));
    for (line, start) in told.iter().zip(wanted) {
        assert!(line.starts_with(start), "{line}\ndoes not start with {start}");
    }
}

#[test]
fn a_site_file() {
    let text = r#"[site]
id = "Barcelona"
name = ""
timezone = "Europe/Madrid"
[agent]
id = "agent-1"
data_dir = "data"
key = 5
[trust]
root_keys = ["r"]
roster = "roster.cose"
master_file = "mf.cose"
[broker]
host = "broker.example"
port = 70000
certificate = "a.pem"
private_key = "a.key"
[frames]
seconds = 0
[[device]]
id = "bx-01"
profile = "p.toml"
address = "nowhere"
[[unit]]
id = "presence"
name = "x"
devices = ["bx-01", "bx-01"]
"#;
    let problems = site::parse("site.toml", text).expect_err("nine mistakes");
    starts_with(
        &told(&problems),
        &[
            "site.toml:1: site.time_zone: is missing",
            "site.toml:2: site.id: \"Barcelona\" does not fit",
            "site.toml:3: site.name: is empty",
            "site.toml:4: site.timezone: \"timezone\" is not a key that is known here: did you mean \"time_zone\"?",
            "site.toml:8: agent.key: must be a text in quotes, not a TOML integer",
            "site.toml:13: broker.authority: is missing",
            "site.toml:15: broker.port: 70000 is out of range: use 1 to 65535",
            "site.toml:19: frames.seconds: 0 is out of range: use 1 to 60",
            "site.toml:23: device[bx-01].address: \"nowhere\" does not fit: use host:port",
            "site.toml:25: unit[presence].id: \"presence\" is a topic of the agent itself",
            "site.toml:27: unit[presence].devices[2]: is in the list twice",
        ],
    );
    println!("site, all at once: 11 problems");
}

#[test]
fn a_profile() {
    let text = r#"[profile]
id = "bag"
model = "Bag"
[[parameter]]
name = "T"
table = "input"
address = 65535
type = "f32"
unit = "C"
[[parameter]]
name = "T"
table = "inputs"
adress = 4
type = "i16"
unit = "°C"
range = [5, 1]
period_ms = 1
"#;
    let problems = profile::parse("p.toml", text).expect_err("eight mistakes");
    starts_with(
        &told(&problems),
        &[
            "p.toml:1: profile.version: is missing",
            "p.toml:9: parameter[T].unit: unit of measure \"C\" is not known",
            "p.toml:10: parameter[2].address: is missing",
            "p.toml:11: parameter[2].name: \"T\" is used before, in line 4",
            "p.toml:12: parameter[2].table: \"inputs\" is not known",
            "p.toml:13: parameter[2].adress: \"adress\" is not a key that is known here: did you mean \"address\"?",
            "p.toml:16: parameter[2].range: the low end 5 must be below",
            "p.toml:17: parameter[2].period_ms: 1 is out of range",
        ],
    );
    println!("profile, all at once: 8 problems");
}

#[test]
fn a_master_file() {
    let text = r#"[master_file]
id = "MF-1"
version = 0
product = "CAR-T"
effective = 2026-03-01T00:00:00Z
expires = 2026-01-01T00:00:00Z
activation = "at-once"
sites = []
[[parameter]]
name = "T"
unit = "°C"
range = [0, 50]
set_point = 37
stale_after_s = 5
instrument_response = "Look."
[[phase]]
id = "rest"
name = "Rest"
next = ["rest"]
[[phase]]
id = "grow"
name = "Grow"
[[alarm]]
id = "T.H"
parameter = "T"
kind = "H"
limit = 60
priority = "high"
class = "equipment"
phases = ["gro"]
cause = "c"
consequence = "d"
response = ""
time_to_respond_s = 60
"#;
    let problems = master_file::parse("mf.toml", text.as_bytes()).expect_err("eight mistakes");
    starts_with(
        &told(&problems),
        &[
            "mf.toml:1: master_file.reason: activation = \"at-once\" needs QA's reason",
            "mf.toml:3: master_file.version: 0 is out of range",
            "mf.toml:6: master_file.expires: is not after effective",
            "mf.toml:8: master_file.sites: is empty",
            "mf.toml:21: phase[grow].id: cannot be reached",
            "mf.toml:27: alarm[T.H].limit: 60 is not inside the parameter's range [0, 50]",
            "mf.toml:30: alarm[T.H].phases[1]: there is no phase \"gro\"",
            "mf.toml:33: alarm[T.H].response: is empty",
        ],
    );
    println!("master file, all at once: 8 problems");
}
