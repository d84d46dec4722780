use super::*;
use crate::testing::{Case, case, run};

const GOOD: &str = r#"[profile]
id = "bag"
model = "Bag"
version = "1"
[modbus]
timeout_ms = 500
[[parameter]]
name = "T"
table = "input"
address = 0
type = "i16"
scale = 0.01
unit = "°C"
range = [0.0, 60.0]
sentinels = [-32768]
[[parameter]]
name = "PH"
table = "input"
address = 2
type = "f32"
word_order = "little"
unit = "pH"
[[parameter]]
name = "PHASE"
table = "input"
address = 4
type = "u16"
unit = "1"
role = "phase"
values = { "0" = "idle", "1" = "expansion" }
[[parameter]]
name = "BEAT"
table = "input"
address = 5
type = "u16"
unit = "1"
role = "heartbeat"
[[parameter]]
name = "SN"
table = "holding"
address = 0
type = "text:8"
unit = "1"
role = "serial"
[[parameter]]
name = "DOOR"
table = "discrete"
address = 0
type = "bit"
unit = "1"
"#;

#[test]
fn defaults_are_those_of_the_documentation() {
    let profile = parse("p.toml", GOOD).expect("good");
    let rules = &profile.modbus;
    assert_eq!((rules.max_registers, rules.max_bits, rules.max_gap), (125, 2000, 8));
    let of = |name: &str| profile.parameter(name).expect("there");
    assert_eq!((of("T").decimals, of("PH").decimals, of("BEAT").decimals), (2, 2, 0));
    assert_eq!((of("PH").word_order, of("T").word_order), (Order::Little, Order::Big));
    assert_eq!(
        (of("T").period_ms, of("T").role, of("T").access),
        (1000, Role::Process, Access::Read)
    );
    assert_eq!(of("SN").data_type, DataType::Text(8));
    assert_eq!(of("PHASE").values[&1], "expansion");
    assert_eq!(profile.with_role(Role::Heartbeat).expect("there").name, "BEAT");

    let little =
        GOOD.replacen("timeout_ms = 500", "word_order = \"little\"\nbyte_order = \"little\"", 1);
    let profile = parse("p.toml", &little).expect("good");
    assert_eq!(profile.parameters[0].byte_order, Order::Little);

    // The hash is of the exact bytes: even a comment changes it.
    let other = parse("p.toml", &format!("{GOOD}# a comment\n")).expect("good");
    assert_ne!(profile.sha256, other.sha256);
    println!("profile defaults: 2 cases");
}

#[test]
fn each_mistake_is_found_where_it_stands() {
    #[rustfmt::skip] // one case a line
    let cases: &[Case] = &[
        // Head and rules
        case("id = \"bag\"", "id = \"the bag\" #!", &["profile.id"], "letters"),
        case("version = \"1\"", "version = 1 #!", &["profile.version"], "text in quotes"),
        case("timeout_ms = 500", "max_registers = 126 #!", &["modbus.max_registers"], "1 to 125"),
        case("timeout_ms = 500", "max_bits = 2001 #!", &["modbus.max_bits"], "1 to 2000"),
        case("timeout_ms = 500", "max_gap = -1 #!", &["modbus.max_gap"], "0 to 124"),
        case("timeout_ms = 500", "timeout_ms = 9 #!", &["modbus.timeout_ms"], "10 to 60000"),
        case("timeout_ms = 500", "word_order = \"middle\" #!", &["modbus.word_order"], "\"big\", \"little\""),
        case("timeout_ms = 500", "timeout = 500 #!", &["modbus.timeout"], "known here are"),
        case("timeout_ms = 500", "max_registers = 7", &["@42 parameter[SN].type"], "at most 7"),
        case("timeout_ms = 500", "torn_guard = 1 #!", &["modbus.torn_guard"], "true or false"),
        case("timeout_ms = 500", "no_read = [[\"holding\", 9]] #!", &["modbus.no_read[1]"], "a table and two addresses"),
        case("timeout_ms = 500", "no_read = [[\"holding\", 9, 8]] #!", &["modbus.no_read[1]"], "swap"),
        case("timeout_ms = 500", "no_read = [[\"holdings\", 8, 65536]] #!", &["modbus.no_read[1][1]", "modbus.no_read[1][3]"], "\"holding\""),
        case("timeout_ms = 500", "no_read = [[\"input\", 3, 3]]", &["@19 parameter[PH].address"], "forbids to read"),
        // Belief
        case("sentinels = [-32768]", "frozen_after_s = 2 #!", &["parameter[T].frozen_after_s"], "three polls, 3 s"),
        case("sentinels = [-32768]", "frozen_after_s = 0.5 #!", &["parameter[T].frozen_after_s"], "1 to 604800"),
        case("sentinels = [-32768]", "noise = 0.1 #!", &["parameter[T].noise"], "add frozen_after_s"),
        case("sentinels = [-32768]", "noise = -0.1 #!", &["parameter[T].noise"], "out of range: use 0 or more"),
        case("sentinels = [-32768]", "max_rate_per_s = 0 #!", &["parameter[T].max_rate_per_s"], "above 0"),
        case("sentinels = [-32768]", "torn_guard = true #!", &["parameter[T].torn_guard"], "cannot be torn"),
        case("sentinels = [-32768]", "heartbeat_after_s = 9 #!", &["parameter[T].heartbeat_after_s"], "belongs to a heartbeat"),
        case("address = 5", "heartbeat_after_s = 1 #!\naddress = 5", &["parameter[BEAT].heartbeat_after_s"], "two polls, 2 s"),
        case("address = 5", "frozen_after_s = 60 #!\naddress = 5", &["parameter[BEAT].frozen_after_s"], "counters may stand still"),
        case("role = \"serial\"", "role = \"serial\"\nmax_rate_per_s = 1 #!", &["parameter[SN].max_rate_per_s"], "measured numbers"),
        case("type = \"bit\"", "type = \"bit\"\nread_alone = 1 #!", &["parameter[DOOR].read_alone"], "true or false"),
        // What the device says of itself
        case("role = \"serial\"", "role = \"alarm-word\" #!", &["parameter[SN].role"], "names for its bits"),
        case("role = \"heartbeat\"", "role = \"alarm-word\"", &["@31 parameter[BEAT].bits"], "name what each bit means"),
        case("role = \"heartbeat\"", "role = \"alarm-word\"\nbits = { \"16\" = \"x\" } #!", &["parameter[BEAT].bits"], "its last is 15"),
        case("role = \"heartbeat\"", "role = \"alarm-word\"\nbits = { \"64\" = \"x\" } #!", &["parameter[BEAT].bits.64"], "no bit"),
        case("role = \"heartbeat\"", "role = \"alarm-word\"\nbits = { \"0\" = \"x\", \"1\" = \"x\" } #!", &["parameter[BEAT].bits.1"], "its own name"),
        case("role = \"heartbeat\"", "bits = { \"0\" = \"x\" } #!", &["parameter[BEAT].bits"], "belong to an alarm word"),
        case("role = \"heartbeat\"", "role = \"state\"", &["@37 parameter[BEAT].role"], "words for its numbers"),
        case("role = \"serial\"", "role = \"local-mode\" #!", &["parameter[SN].role"], "zero for remote"),
        case("role = \"serial\"", "role = \"uptime\" #!", &["parameter[SN].role"], "plain counter"),
        case("role = \"heartbeat\"", "role = \"uptime\" #!\ndecimals = 1", &["parameter[BEAT].role"], "plain counter"),
        case("role = \"heartbeat\"", "role = \"firmware\" #!\ndecimals = 1", &["parameter[BEAT].role"], "plain integers"),
        case("role = \"heartbeat\"", "role = \"protocol-checksum\" #!\noffset = 1", &["parameter[BEAT].role"], "plain integers"),
        case("role = \"heartbeat\"", "role = \"local-mode\" #!\ndecimals = 2", &["parameter[BEAT].role"], "leave scale, offset and decimals out"),
        case("role = \"heartbeat\"", "role = \"alarm-word\" #!\ndecimals = 1\nbits = { \"0\" = \"x\" }", &["parameter[BEAT].role"], "plain integer"),
        case("type = \"u16\"\nunit = \"1\"\nrole = \"heartbeat\"", "type = \"u32\"\nunit = \"1\"\nrole = \"clock\" #!\ndecimals = 1", &["parameter[BEAT].role"], "seconds since"),
        case("type = \"text:8\"", "type = \"u32\"\ndecimals = 1", &["@45 parameter[SN].role"], "plain integer"),
        case("type = \"text:8\"", "type = \"u32\"\nscale = 2", &["@45 parameter[SN].role"], "plain integer"),
        case("type = \"text:8\"", "type = \"u32\"\noffset = 2", &["@45 parameter[SN].role"], "plain integer"),
        case("role = \"heartbeat\"", "role = \"limit\"", &["@31 parameter[BEAT].of"], "alarm whose limit"),
        case("role = \"heartbeat\"", "role = \"set-point\"", &["@31 parameter[BEAT].of"], "parameter that this"),
        case("role = \"heartbeat\"", "of = \"T\" #!", &["parameter[BEAT].of"], "belongs to a set-point"),
        // Place
        case("address = 2", "address = 65536 #!", &["parameter[PH].address"], "0 to 65535"),
        case("address = 2", "address = 65535 #!", &["parameter[PH].address"], "beyond address 65535"),
        case("table = \"discrete\"", "table = \"coils\" #!", &["parameter[DOOR].table"], "\"coil\""),
        case("table = \"discrete\"", "table = \"input\"", &["@48 parameter[DOOR].address", "@49 parameter[DOOR].type"], "overlaps T"),
        case("type = \"bit\"", "type = \"u16\" #!", &["parameter[DOOR].type"], "holds bits"),
        case("address = 4", "address = 3 #!", &["parameter[PHASE].address"], "overlaps PH"),
        case("address = 2\ntype = \"f32\"", "address = 0 #!\ntype = \"f32\"", &["parameter[PH].address"], "overlaps T"),
        case("address = 5", "address = 5\naccess = \"panel\" #!", &["parameter[BEAT].access"], "nothing can write"),
        // Type
        case("\"i16\"", "\"int16\" #!", &["parameter[T].type"], "is no type"),
        case("\"text:8\"", "\"text:126\" #!", &["parameter[SN].type"], "text:1 to text:125"),
        case("\"text:8\"", "\"text:0\" #!", &["parameter[SN].type"], "text:1"),
        case("\"text:8\"", "\"bit:16\" #!", &["parameter[SN].type"], "bit:0 to bit:15"),
        // Numbers
        case("scale = 0.01", "scale = 0 #!", &["parameter[T].scale"], "every value"),
        case("scale = 0.01", "scale = nan #!", &["parameter[T].scale"], "finite"),
        case("scale = 0.01", "scale = 1e999 #!", &["parameter[T].scale"], "finite"),
        case("scale = 0.01", "offset = -inf #!", &["parameter[T].offset"], "finite"),
        case("scale = 0.01", "decimals = 10 #!", &["parameter[T].decimals"], "0 to 9"),
        case("[0.0, 60.0]", "[60.0, 0.0] #!", &["parameter[T].range"], "swap"),
        case("[0.0, 60.0]", "[1, 1] #!", &["parameter[T].range"], "below the high end"),
        case("[0.0, 60.0]", "[0] #!", &["parameter[T].range"], "two numbers"),
        case("[0.0, 60.0]", "[\"0\", #!\ninf] #!", &["parameter[T].range[1]", "parameter[T].range[2]"], "a number"),
        case("[-32768]", "[0, #!!\n-32769] #!", &["@16 parameter[T].sentinels[2]"], "-32768 to 32767"),
        case("[-32768]", "[1.5] #!", &["parameter[T].sentinels[1]"], "whole number"),
        case("address = 2\n", "address = 2\nsentinels = [16777217] #!\n", &["parameter[PH].sentinels[1]"], "f32"),
        case("type = \"text:8\"\n", "type = \"text:8\"\nsentinels = [0] #!\n", &["parameter[SN].sentinels[1]"], "leave sentinels out"),
        case("type = \"text:8\"\n", "type = \"text:8\"\nrange = [0, 1] #!\n", &["parameter[SN].range"], "leave it out"),
        case("type = \"text:8\"\n", "type = \"text:8\"\nscale = 2 #!\ndecimals = 0\n", &["parameter[SN].scale"], "not scaled"),
        case("type = \"text:8\"\n", "type = \"text:8\"\ndecimals = 1 #!\n", &["parameter[SN].decimals"], "no decimals"),
        case("address = 5", "address = 5\nperiod_ms = 49 #!", &["parameter[BEAT].period_ms"], "50 to 3600000"),
        case("address = 5", "address = 5\nperiod_ms = 3600001 #!", &["parameter[BEAT].period_ms"], "50 to 3600000"),
        // Words and units
        case("\"°C\"", "\"C\" #!", &["parameter[T].unit"], "known are"),
        case("type = \"text:8\"\nunit = \"1\"", "type = \"text:8\"\nunit = \"g\" #!", &["parameter[SN].unit"], "use \"1\""),
        case("unit = \"1\"\nrole = \"phase\"", "unit = \"g\" #!\nrole = \"phase\"", &["parameter[PHASE].unit"], "use \"1\""),
        case("\"1\" = \"expansion\"", "\"one\" = \"x\" #!\n", &["parameter[PHASE].values.one"], "no whole number"),
        case("\"1\" = \"expansion\"", "\"1\" = \"idle\" #!\n", &["parameter[PHASE].values.1"], "its own word"),
        case("\"1\" = \"expansion\"", "\"+0\" = \"x\" #!\n", &["parameter[PHASE].values.0"], "twice"),
        case("\"1\" = \"expansion\"", "\"70000\" = \"x\" #!\n", &["parameter[PHASE].values"], "0 to 65535"),
        case("word_order = \"little\"", "values = { \"0\" = \"off\" } #!", &["parameter[PH].values", "@22 parameter[PH].unit"], "integer"),
        // Roles
        case("\"0\" = \"idle\", ", "\"0\" = \"off\", #!\n", &["parameter[PHASE].values"], "\"idle\" among them"),
        case("\"expansion\"", "\"Expansion 1\" #!\n", &["parameter[PHASE].values"], "no id of a phase"),
        case("values = { \"0\" = \"idle\", \"1\" = \"expansion\" }", "#!", &["@23 parameter[PHASE].values"], "idle"),
        case("address = 5\ntype = \"u16\"", "address = 5\ntype = \"i16\"\nscale = 2", &["@38 parameter[BEAT].role"], "plain counter"),
        case("address = 5", "address = 5\ndecimals = 1", &["@38 parameter[BEAT].role"], "plain counter"),
        case("type = \"f32\"", "role = \"serial\" #!\ntype = \"f32\"", &["parameter[PH].role", "@45 parameter[SN].role"], "text:N"),
        case("role = \"serial\"", "role = \"batch\" #!", &["parameter[SN].role"], "\"heartbeat\""),
        // Names
        case("name = \"PH\"", "name = \"T\" #!", &["parameter[2].name"], "used before, in line 7"),
        case("name = \"PH\"", "name = \"p H\" #!", &["parameter[2].name"], "letters"),
    ];
    run("profile", GOOD, cases, |text| parse("p.toml", text));
}

#[test]
fn the_same_registers_may_be_read_alike_more_than_once() {
    let registers = |one: &str, other: &str| {
        format!(
            "[profile]\nid=\"a\"\nmodel=\"a\"\nversion=\"1\"\n[[parameter]]\nname=\"A\"\ntable=\"input\"\nunit=\"1\"\n{one}\n[[parameter]]\nname=\"B\"\ntable=\"input\"\nunit=\"1\"\n{other}\n"
        )
    };
    let cases = [
        ("address=1\ntype=\"u16\"", "address=1\ntype=\"u16\"\nscale=2", true),
        ("address=1\ntype=\"bit:0\"", "address=1\ntype=\"bit:9\"", true),
        ("address=1\ntype=\"u32\"", "address=3\ntype=\"u32\"", true),
        ("address=1\ntype=\"u16\"", "address=1\ntype=\"i16\"", false),
        ("address=1\ntype=\"u16\"", "address=1\ntype=\"bit:0\"", false),
        ("address=1\ntype=\"u32\"", "address=2\ntype=\"u32\"", false),
        ("address=2\ntype=\"u32\"", "address=1\ntype=\"u64\"", false),
        ("address=1\ntype=\"u32\"", "address=1\ntype=\"u32\"\nword_order=\"little\"", false),
    ];
    for (one, other, allowed) in cases {
        let parsed = parse("p.toml", &registers(one, other));
        assert_eq!(parsed.is_ok(), allowed, "{one} and {other}: {parsed:?}");
    }
    println!("profile overlaps: {} cases", cases.len());
}

#[test]
fn what_is_not_written_of_belief_has_its_default() {
    let profile = parse("p.toml", GOOD).expect("good");
    let of = |name: &str| profile.parameter(name).expect("there");
    assert_eq!(of("T").belief, Belief::default());
    assert_eq!(of("BEAT").belief.heartbeat_after_ms, Some(10_000));
    assert!(profile.modbus.no_read.is_empty() && !of("T").read_alone);
    let guarded = GOOD.replacen(
        "timeout_ms = 500",
        "torn_guard = true\nno_read = [[\"holding\", 20, 29], [\"input\", 65535, 65535]]",
        1,
    );
    let guarded = guarded.replacen("address = 5", "address = 5\nperiod_ms = 3000", 1);
    let profile = parse("p.toml", &guarded).expect("good");
    let of = |name: &str| profile.parameter(name).expect("there");
    let guard = ["T", "PH", "SN", "DOOR"].map(|name| of(name).belief.torn_guard);
    assert_eq!(guard, [false, true, false, false], "numbers of several registers only");
    assert_eq!(of("BEAT").belief.heartbeat_after_ms, Some(15_000), "five polls");
    let forbidden = profile.modbus.no_read[0];
    let touches =
        [(19, 1), (19, 2), (29, 1), (30, 1), (0, 100)].map(|(a, w)| forbidden.touches(a, w));
    assert_eq!(touches, [false, true, true, false, true]);
    assert!(
        profile.modbus.no_read[1].touches(65535, 1) && !profile.modbus.no_read[1].touches(65534, 1)
    );
    println!("profile belief: 9 cases");
}
