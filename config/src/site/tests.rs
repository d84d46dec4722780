use super::*;
use crate::testing::{Case, case, run};

const GOOD: &str = r#"[site]
id = "barcelona-1"
name = "Barcelona"
time_zone = "Europe/Madrid"
[agent]
id = "agent-1"
data_dir = "data"
key = "keys/agent"
[trust]
root_keys = ["root.pub"]
roster = "roster.cose"
master_file = "mf.cose"
[broker]
host = "broker.example"
authority = "ca.pem"
certificate = "agent.pem"
private_key = "agent.key"
[[device]]
id = "bx-01"
profile = "p.toml"
address = "10.0.0.1:502"
[[device]]
id = "bx-02"
profile = "p.toml"
address = "10.0.0.2:502"
[[unit]]
id = "BX-01"
name = "left"
devices = ["bx-01"]
[[unit]]
id = "BX-02"
name = "right"
devices = ["bx-02"]
"#;

#[test]
fn defaults_are_those_of_the_documentation() {
    let site = parse("site.toml", GOOD).expect("good");
    assert_eq!(site.agent.clock, ClockSource::Kernel);
    assert_eq!((site.broker.port, site.broker.keep_alive_s), (8883, 30));
    assert_eq!((site.journal.segment_mib, site.journal.commit_delay_ms), (64, 200));
    assert_eq!((site.frames.seconds, site.devices[0].modbus_unit), (5, 1));
    assert_eq!(site.unit("BX-02").expect("there").devices, ["bx-02"]);
    assert_eq!(site.device("bx-02").expect("there").address, "10.0.0.2:502");
    assert_eq!(site.lines.of("device[bx-02].address"), 25);
    assert_eq!(site.lines.of("device[bx-02].modbus_unit"), 22, "left out: the line of its table");
    println!("site defaults: 1 case");
}

#[test]
fn each_mistake_is_found_where_it_stands() {
    #[rustfmt::skip] // one case a line
    let cases: &[Case] = &[
        // Shape
        case("[broker]\n", "[broker #!\n", &[""], "not TOML"),
        case("id = \"barcelona-1\"", "id = \"barcelona-1\"\nid = \"b\" #!", &[""], "duplicate key, at \"id\""),
        case("[site]\nid = \"barcelona-1\"", "[site] #!", &["site.id"], "missing"),
        case("[agent]\nid", "[other]\nid", &["@1 agent", "@5 other"], "[agent] is missing"),
        case("name = \"Barcelona\"", "name = 7 #!", &["site.name"], "text in quotes"),
        case("name = \"Barcelona\"", "name = \"  \" #!", &["site.name"], "empty"),
        case("[trust]", "[agent.x] #!\n[trust]", &["agent.x"], "not a key that is known"),
        case("[trust]", "[agent.clock] #!\n[trust]", &["agent.clock"], "not a TOML table"),
        case("[[device]]\nid = \"bx-01\"", "[device]\nid = \"bx-01\"", &["@22 "], "not TOML"),
        case("data_dir = \"data\"", "data_dir = \"\" #!", &["agent.data_dir"], "no path"),
        case("key = \"keys/agent\"", "key = \"keys/agent\"\nclok = \"kernel\" #!", &["agent.clok"], "did you mean \"clock\""),
        case("key = \"keys/agent\"", "key = \"keys/agent\"\nzzz = 1 #!", &["agent.zzz"], "known here are clock, data_dir, id, key"),
        case("key = \"keys/agent\"", "key = \"keys/agent\"\nclock = \"ntp\" #!", &["agent.clock"], "\"kernel\", \"simulated\""),
        case("[[device]]\nid = \"bx-02\"\n", "[[device]] #!\n", &["device[2].id"], "missing"),
        // Names
        case("id = \"barcelona-1\"", "id = \"Barcelona\" #!", &["site.id"], "a-z"),
        case("id = \"agent-1\"", "id = \"agent/1\" #!", &["agent.id"], "a-z"),
        case("id = \"BX-01\"", "id = \"BX+01\" #!", &["unit[1].id"], "A-Z"),
        case("id = \"BX-01\"", "id = \"down\" #!", &["unit[down].id"], "topic of the agent"),
        case("\"Europe/Madrid\"", "\"CEST now\" #!", &["site.time_zone"], "IANA"),
        case("\"broker.example\"", "\"mqtt://x\" #!", &["broker.host"], "host name"),
        // Ranges
        case("host =", "port = 0 #!\nhost =", &["broker.port"], "1 to 65535"),
        case("host =", "keep_alive_s = 4 #!\nhost =", &["broker.keep_alive_s"], "5 to 300"),
        case("host =", "port = 99999999999999999999 #!\nhost =", &["broker.port"], "too many digits"),
        case("host =", "port = 8883.0 #!\nhost =", &["broker.port"], "whole number"),
        case("[[device]]", "[journal]\nsegment_mib = 257 #!\n[[device]]", &["journal.segment_mib"], "1 to 256"),
        case("[[device]]", "[journal]\ncommit_delay_ms = 1001 #!\n[[device]]", &["journal.commit_delay_ms"], "0 to 1000"),
        case("[[device]]", "[frames]\nseconds = 61 #!\n[[device]]", &["frames.seconds"], "1 to 60"),
        case("\"10.0.0.1:502\"", "\"10.0.0.1:502\"\nmodbus_unit = 256 #!", &["device[bx-01].modbus_unit"], "0 to 255"),
        case("[\"root.pub\"]", "[] #!", &["trust.root_keys"], "at least one"),
        case("[\"root.pub\"]", "[\"a\", \"a\"] #!", &["trust.root_keys[2]"], "twice"),
        case("[\"root.pub\"]", "\"a\" #!", &["trust.root_keys"], "array"),
        // Devices and units
        case("\"10.0.0.1:502\"", "\"10.0.0.1\" #!", &["device[bx-01].address"], "host:port"),
        case("\"10.0.0.1:502\"", "\"10.0.0.1:0\" #!", &["device[bx-01].address"], "host:port"),
        case("\"10.0.0.1:502\"", "\"::1:502\" #!", &["device[bx-01].address"], "host:port"),
        case("\"10.0.0.2:502\"", "\"10.0.0.1:502\" #!", &["device[bx-02].address"], "same address"),
        case("id = \"bx-02\"", "id = \"bx-01\" #!", &["device[2].id", "@33 unit[BX-02].devices[1]"], "used before, in line 18"),
        case("[\"bx-02\"]", "[\"bx-02\", \"bx-03\"] #!", &["unit[BX-02].devices[2]"], "no device \"bx-03\""),
        case("[\"bx-02\"]", "[\"bx-02\", \"bx-01\"] #!", &["unit[BX-02].devices[2]"], "already belongs to unit \"BX-01\""),
        case("[\"bx-02\"]", "[] #!", &["unit[BX-02].devices"], "empty"),
        case("[[unit]]\nid = \"BX-02\"\nname = \"right\"\ndevices = [\"bx-02\"]\n", "", &["@23 device[bx-02].id"], "belongs to no unit"),
    ];
    run("site", GOOD, cases, |text| parse("site.toml", text));
}
