use crate::site::{Outputs, parse};
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
[[line]]
id = "bus"
transport = "tcp"
address = "10.0.0.1:502"
[[device]]
id = "bx-01"
profile = "p.toml"
line = "bus"
[[device]]
id = "bx-02"
profile = "p.toml"
address = "10.0.0.2:502"
[[unit]]
id = "BX-01"
name = "both"
devices = ["bx-01", "bx-02"]
[[annunciator]]
id = "light"
address = "10.0.0.40:502"
lamps = ["red", "green", "horn"]
"#;

// Req: ANN-03, LAW-09
#[test]
fn mistakes_of_annunciators_are_found_where_they_stand() {
    let lamps = "lamps = [\"red\", \"green\", \"horn\"]";
    let place = "address = \"10.0.0.40:502\"";
    #[rustfmt::skip] // one case a line
    let cases: &[Case] = &[
        case(place, "line = \"bus\" #!", &["@34 annunciator[light].address", "annunciator[light].line"], "missing"),
        case(place, "address = \"10.0.0.40:502\"\nline = \"bus\" #!", &["annunciator[light].line"], "would wait for their polls"),
        case(place, "address = \"10.0.0.1:502\" #!", &["annunciator[light].address"], "of line \"bus\", which devices share"),
        case(place, "address = \"10.0.0.2:502\" #!", &["annunciator[light].address"], "writes to no device that it watches"),
        case(lamps, "lamps = [\"green\"] #!", &["annunciator[light].lamps"], "nobody would be called"),
        case(lamps, "lamps = [\"red\", \"red\"] #!", &["annunciator[light].lamps[2]"], "twice"),
        case(lamps, "lamps = [\"red\", \"siren\"] #!", &["annunciator[light].lamps[2]"], "\"horn\""),
        case(lamps, "lamps = [\"red\"]\nunits = [] #!", &["annunciator[light].units"], "leave it out for all"),
        case(lamps, "lamps = [\"red\"]\nunits = [\"BX-02\"] #!", &["annunciator[light].units[1]"], "no unit \"BX-02\""),
        case(lamps, "lamps = [\"red\", \"horn\"]\nfirst_coil = 65535 #!", &["annunciator[light].first_coil"], "no room"),
        case(lamps, "lamps = [\"red\", \"horn\"]\nfirst_register = 65535 #!", &["annunciator[light].first_register"], "the last register is 65535"),
        case(lamps, "lamps = [\"red\"]\nfirst_register = -1 #!", &["annunciator[light].first_register"], "0 to 65535"),
        case(lamps, "lamps = [\"red\"]\nfirst_coil = 0\nfirst_register = 0 #!", &["annunciator[light].first_register"], "by coils or by registers"),
        case(lamps, "lamps = [\"red\"]\n[[annunciator]]\nid = \"two\"\naddress = \"10.0.0.40:502\" #!\nlamps = [\"red\"]", &["annunciator[two].address"], "the other's lamps"),
    ];
    run("annunciators", GOOD, cases, |text| parse("site.toml", text));
}

// Req: ANN-03, LAW-09
#[test]
fn lamps_are_switched_by_the_coils_or_registers_that_are_declared() {
    let cases = [
        ("", Outputs::Coils(0)),
        ("first_coil = 16", Outputs::Coils(16)),
        ("first_register = 0", Outputs::Registers(0)),
        ("first_register = 512", Outputs::Registers(512)),
    ];
    for (written, expected) in cases {
        let text = format!("{GOOD}{written}\n");
        let site = parse("site.toml", &text).unwrap_or_else(|problems| panic!("{problems}"));
        assert_eq!(site.annunciators[0].outputs, expected, "{written}");
    }
    println!("outputs: {} cases", cases.len());
}
