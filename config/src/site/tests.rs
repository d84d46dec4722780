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
    let reach = &site.device("bx-02").expect("there").reach;
    assert_eq!(*reach, Reach::Address("10.0.0.2:502".to_owned()));
    assert_eq!(site.lines.of("device[bx-02].address"), 25);
    assert_eq!(site.lines.of("device[bx-02].modbus_unit"), 22, "left out: the line of its table");
    println!("site defaults: 1 case");
}

/// Two devices of [`GOOD`] on one serial line.
fn on_a_line() -> String {
    let line = "[[line]]\nid = \"bus\"\ntransport = \"rtu\"\nport = \"/dev/ttyUSB0\"\n[[device]]";
    GOOD.replacen("[[device]]", line, 1)
        .replace("address = \"10.0.0.1:502\"", "line = \"bus\"\nmodbus_unit = 7")
        .replace("address = \"10.0.0.2:502\"", "line = \"bus\"\nmodbus_unit = 8")
}

#[test]
fn lines_are_read_with_the_standards_defaults() {
    let site = parse("site.toml", &on_a_line()).expect("good");
    let serial = |port: &str, baud, parity, stop_bits| {
        Transport::Rtu(SerialPort { port: port.into(), baud, parity, stop_bits })
    };
    let bus = site.shared_line("bus").expect("there");
    assert_eq!(bus.transport, serial("/dev/ttyUSB0", 19_200, Parity::Even, 1));
    assert_eq!((bus.gap_ms, bus.pause_after_connect_ms, bus.keep), (20, 0, true));
    assert_eq!(site.devices[1].reach, Reach::Line("bus".to_owned()));
    let variants = [
        (
            "transport = \"rtu\"\nparity = \"none\"\nport = \"p\"",
            serial("p", 19_200, Parity::None, 2),
        ),
        (
            "transport = \"rtu\"\nparity = \"odd\"\nbaud = 9600\nstop_bits = 2\nport = \"p\"",
            serial("p", 9600, Parity::Odd, 2),
        ),
        (
            "transport = \"tcp\"\naddress = \"gateway:502\"\nkeep = false",
            Transport::Tcp { address: "gateway:502".to_owned() },
        ),
        (
            "transport = \"rtu-over-tcp\"\naddress = \"[::1]:4001\"",
            Transport::RtuOverTcp { address: "[::1]:4001".to_owned() },
        ),
    ];
    for (text, transport) in &variants {
        let text = on_a_line().replace("transport = \"rtu\"\nport = \"/dev/ttyUSB0\"", text);
        let site = parse("site.toml", &text).unwrap_or_else(|problems| panic!("{problems}"));
        let line = &site.shared_lines[0];
        assert_eq!(line.transport, *transport);
        assert_eq!(line.keep, !text.contains("keep = false"));
        assert_eq!(line.gap_ms, if transport.is_rtu() { 20 } else { 0 });
    }
    println!("lines: {} cases", variants.len() + 1);
}

#[test]
fn mistakes_of_lines_are_found_where_they_stand() {
    let port = "port = \"/dev/ttyUSB0\"";
    let rtu = "transport = \"rtu\"";
    #[rustfmt::skip] // one case a line
    let cases: &[Case] = &[
        case(port, "#!", &["@18 line[bus].port"], "/dev/ttyUSB0"),
        case(rtu, "#!", &["@18 line[bus].transport"], "missing"),
        case(rtu, "transport = \"udp\" #!", &["line[bus].transport"], "\"tcp\", \"rtu-over-tcp\", \"rtu\""),
        case(rtu, "transport = \"tcp\"\naddress = \"a:1\"", &["@22 line[bus].port"], "transport = \"rtu\" only"),
        case(port, "port = \"p\"\naddress = \"a:1\" #!", &["line[bus].address"], "leave it out"),
        case(port, "port = \"p\"\nkeep = true #!", &["line[bus].keep"], "rtu-over-tcp"),
        case(port, "port = \"p\"\nbaud = 299 #!", &["line[bus].baud"], "300 to 921600"),
        case(port, "port = \"p\"\nparity = \"mark\" #!", &["line[bus].parity"], "\"none\", \"even\", \"odd\""),
        case(port, "port = \"p\"\nstop_bits = 3 #!", &["line[bus].stop_bits"], "1 to 2"),
        case(port, "port = \"p\"\ngap_ms = 10001 #!", &["line[bus].gap_ms"], "0 to 10000"),
        case(port, "port = \"p\"\npause_after_connect_ms = -1 #!", &["line[bus].pause_after_connect_ms"], "0 to 60000"),
        case(port, "port = \"p\"\nbits = 7 #!", &["line[bus].bits"], "known here are"),
        case("modbus_unit = 8", "modbus_unit = 7 #!", &["device[bx-02].modbus_unit"], "same line and modbus_unit"),
        case("modbus_unit = 8", "modbus_unit = 248 #!", &["device[bx-02].modbus_unit"], "1 to 247"),
        case("modbus_unit = 8", "modbus_unit = 8\naddress = \"a:1\"", &["@30 device[bx-02].line"], "leave one out"),
        case("line = \"bus\"\nmodbus_unit = 8", "line = \"buss\" #!", &["device[bx-02].line"], "no line \"buss\""),
        case("line = \"bus\"\nmodbus_unit = 8", "", &["@27 device[bx-02].address"], "line = …"),
        case("[[device]]", "[[line]]\nid = \"other\" #!\ntransport = \"tcp\"\naddress = \"a:1\"\n[[device]]", &["line[other].id"], "no device"),
        case("line = \"bus\"\nmodbus_unit = 8", "line = \"two\"\n[[line]]\nid = \"two\"\ntransport = \"rtu\"\nport = \"/dev/ttyUSB0\" #!", &["line[two].port"], "two masters"),
        case("line = \"bus\"\nmodbus_unit = 8", "address = \"a:1\" #!\n[[device]]\nid = \"x\"\nprofile = \"p\"\nline = \"two\"\n[[unit]]\nid = \"X\"\nname = \"x\"\ndevices = [\"x\"]\n[[line]]\nid = \"two\"\ntransport = \"tcp\"\naddress = \"a:1\"", &["device[bx-02].address"], "line = \"two\""),
    ];
    run("site lines", &on_a_line(), cases, |text| parse("site.toml", text));
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
