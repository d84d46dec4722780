//! Whom alarms are sent to.

use super::*;

fn routed() -> String {
    good()
        + "[[route]]\nname = \"on-call\"\nkind = \"e-mail\"\nto = [\"oncall@example.org\", \"qa.lead@example.org\"]\npriorities = [\"critical\", \"high\"]\nescalate_after_s = 600\n"
}

#[test]
fn a_route_is_in_the_model() {
    let file =
        parse("mf.toml", routed().as_bytes()).unwrap_or_else(|problems| panic!("{problems}"));
    let route = Route {
        name: "on-call".to_owned(),
        kind: RouteKind::EMail,
        to: vec!["oncall@example.org".to_owned(), "qa.lead@example.org".to_owned()],
        priorities: vec![Priority::Critical, Priority::High],
        escalate_after_ms: Some(600_000),
    };
    assert_eq!(file.routes, [route]);
    let at_once = routed().replacen("escalate_after_s = 600\n", "", 1);
    let file = parse("mf.toml", at_once.as_bytes()).expect("good");
    assert_eq!(file.routes[0].escalate_after_ms, None);
    println!("routes: 2 cases");
}

#[test]
fn each_mistake_is_found() {
    const TO: &str = "to = [\"oncall@example.org\", \"qa.lead@example.org\"]";
    #[rustfmt::skip] // one case a line
    let cases: &[Case] = &[
        case("name = \"on-call\"", "name = \"on call\" #!", &["route[1].name"], "letters"),
        case("kind = \"e-mail\"", "kind = \"sms\" #!", &["route[on-call].kind"], "\"e-mail\""),
        case("kind = \"e-mail\"\n", "#!\n", &["@62 route[on-call].kind"], "missing"),
        case(TO, "to = [] #!", &["route[on-call].to"], "at least one person"),
        case(TO, "to = \"oncall@example.org\" #!", &["route[on-call].to"], "array"),
        case(TO, "to = [\"oncall\"] #!", &["route[on-call].to[1]"], "an address"),
        case(TO, "to = [\"@example.org\"] #!", &["route[on-call].to[1]"], "an address"),
        case(TO, "to = [\"a@\"] #!", &["route[on-call].to[1]"], "an address"),
        case(TO, "to = [\"a@b@example.org\"] #!", &["route[on-call].to[1]"], "an address"),
        case(TO, "to = [\"a..b@example.org\"] #!", &["route[on-call].to[1]"], "an address"),
        case(TO, "to = [\"a@-example.org\"] #!", &["route[on-call].to[1]"], "an address"),
        case(TO, "to = [\"a@example.org\\r\\nBcc: x@example.org\"] #!", &["route[on-call].to[1]"], "an address"),
        case(TO, "to = [\"a@example.org\",\n\"a@example.org\"] #!", &["route[on-call].to[2]"], "twice"),
        case("[\"critical\", \"high\"]", "[] #!", &["route[on-call].priorities"], "nothing would ever be sent"),
        case("[\"critical\", \"high\"]", "[\"urgent\"] #!", &["route[on-call].priorities[1]"], "\"critical\""),
        case("escalate_after_s = 600", "escalate_after_s = 0 #!", &["route[on-call].escalate_after_s"], "1 to 86400"),
        case("escalate_after_s = 600", "escalate_after_s = 86401 #!", &["route[on-call].escalate_after_s"], "1 to 86400"),
        case("escalate_after_s", "escalates_after_s #!\nescalate_after_s", &[""], "not TOML"),
        case("escalate_after_s", "escalate_after", &["@67 route[on-call].escalate_after"], "did you mean \"escalate_after_s\""),
    ];
    run("routes", &routed(), cases, |text| parse("mf.toml", text.as_bytes()));
}
