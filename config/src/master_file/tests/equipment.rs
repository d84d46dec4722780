//! Equipment that may be used.

use super::*;

#[test]
fn what_is_allowed_is_in_the_model_and_empty_allows_any() {
    let text = good().replacen(
        "[[parameter]]",
        "serials = [\"S1\"]\nfirmware = [\"2.1\", \"2.2\"]\nprotocol_checksum = [\"d41d8cd9\"]\n[[parameter]]",
        1,
    );
    let file = parse("mf.toml", text.as_bytes()).unwrap_or_else(|problems| panic!("{problems}"));
    let equipment = file.equipment("bag").expect("there");
    assert_eq!(equipment.serials, ["S1"]);
    assert_eq!(equipment.firmware, ["2.1", "2.2"]);
    assert_eq!(equipment.protocol_checksum, ["d41d8cd9"]);
    let file = parse("mf.toml", good().as_bytes()).expect("good");
    let equipment = file.equipment("bag").expect("there");
    assert!(equipment.firmware.is_empty() && equipment.protocol_checksum.is_empty());
    println!("equipment: 2 cases");
}

#[test]
fn each_mistake_is_found() {
    const AT: &str = "[[parameter]]";
    #[rustfmt::skip] // one case a line
    let cases: &[Case] = &[
        case("profile = \"bag\"", "profile = \"a bag\" #!", &["equipment[1].profile"], "letters"),
        case("profile = \"bag\"\n", "#!\n", &["@8 equipment[1].profile"], "missing"),
        case(AT, "firmware = \"2.1\" #!\n[[parameter]]", &["equipment[bag].firmware"], "array"),
        case(AT, "firmware = [2.1] #!\n[[parameter]]", &["equipment[bag].firmware[1]"], "text"),
        case(AT, "firmware = [\"\"] #!\n[[parameter]]", &["equipment[bag].firmware[1]"], "empty"),
        case(AT, "protocol_checksum = [\"a\", \"a\"] #!\n[[parameter]]", &["equipment[bag].protocol_checksum[2]"], "twice"),
        case(AT, "protocol_checksum = 5 #!\n[[parameter]]", &["equipment[bag].protocol_checksum"], "array"),
        case(AT, "[[equipment]]\nprofile = \"bag\" #!\nprofile_sha256 = \"0011223344556677889900112233445566778899001122334455667788990011\"\n[[parameter]]", &["equipment[2].profile"], "used before"),
    ];
    run("equipment", &good(), cases, |text| parse("mf.toml", text.as_bytes()));
}
