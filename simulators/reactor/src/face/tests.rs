#![allow(clippy::unwrap_used)]

use std::time::Duration;

use cellwatch_config::profile::{self, Profile};

use super::{Face, Moment, Sent, decode_number, encode};
use crate::culture::{Culture, Parameters, Signal, StartState};

/// A profile with these parameters, one of each line: name, then the rest of its keys.
fn profile(parameters: &[(&str, &str)]) -> Profile {
    let mut text =
        "[profile]\nid = \"t\"\nmodel = \"test\"\nversion = \"1\"\n\n[modbus]\n".to_owned();
    for (name, keys) in parameters {
        text += &format!("\n[[parameter]]\nname = \"{name}\"\n{}\n", keys.replace("; ", "\n"));
        if !keys.contains("unit =") {
            text += "unit = \"1\"\n";
        }
        if !keys.contains("period_ms =") {
            text += "period_ms = 1000\n";
        }
    }
    profile::parse("t.toml", &text).unwrap_or_else(|problems| panic!("{problems}\n{text}"))
}

fn culture() -> Culture {
    let parameters = Parameters::parse("p", Parameters::EXAMPLE).unwrap();
    Culture::new(parameters, 1, StartState::Warmed)
}

#[test]
fn every_type_and_order_is_encoded() {
    let number = Sent::Number;
    let text = |text: &str| Sent::Text(text.to_owned());
    let little = "; word_order = \"little\"; byte_order = \"little\"";
    let cases: Vec<(String, Sent, Vec<u16>)> = [
        ("type = \"u16\"; scale = 0.01; decimals = 2", number(37.0), vec![3700]),
        ("type = \"u16\"; byte_order = \"little\"", number(258.0), vec![0x0201]),
        ("type = \"u16\"", number(-5.0), vec![0]),
        ("type = \"u16\"", number(1e9), vec![0xffff]),
        ("type = \"u16\"; sentinels = [65535]", number(1e9), vec![0xfffe]),
        ("type = \"u16\"; sentinels = [65535]", Sent::NoValue, vec![0xffff]),
        ("type = \"i16\"; scale = 0.1; offset = -10.0; decimals = 1", number(-12.5), vec![0xffe7]),
        ("type = \"i16\"; sentinels = [-32768]", Sent::NoValue, vec![0x8000]),
        ("type = \"i16\"; sentinels = [-32768]", number(-1e6), vec![0x8001]),
        ("type = \"u32\"", number(65538.0), vec![1, 2]),
        ("type = \"u32\"; word_order = \"little\"", number(65538.0), vec![2, 1]),
        ("type = \"i32\"", number(-2.0), vec![0xffff, 0xfffe]),
        ("type = \"u64\"", Sent::Raw(0x0001_0002_0003_0004), vec![1, 2, 3, 4]),
        (
            "type = \"i64\"; word_order = \"little\"",
            Sent::Raw(-2),
            vec![0xfffe, 0xffff, 0xffff, 0xffff],
        ),
        ("type = \"f32\"", number(37.0), vec![0x4214, 0]),
        ("type = \"f32\"; word_order = \"little\"", number(37.0), vec![0, 0x4214]),
        ("type = \"f32\"; byte_order = \"little\"", number(37.0), vec![0x1442, 0]),
        ("type = \"f32\"", Sent::NoValue, vec![0x7fc0, 0]),
        ("type = \"f64\"", number(1.0), vec![0x3ff0, 0, 0, 0]),
        ("type = \"text:3\"", text("RB25"), vec![0x5242, 0x3235, 0]),
        ("type = \"text:2\"", text("RB25-0001"), vec![0x5242, 0x3235]),
        ("type = \"text:2\"; byte_order = \"little\"", text("RB25"), vec![0x4252, 0x3532]),
        ("type = \"bit:3\"", number(1.0), vec![8]),
        ("type = \"bit:3\"", number(0.0), vec![0]),
        ("type = \"u16\"; values = { \"0\" = \"idle\", \"7\" = \"on\" }", Sent::Raw(7), vec![7]),
    ]
    .into_iter()
    .map(|(keys, sent, words)| (keys.to_owned(), sent, words))
    .chain([
        (format!("type = \"i32\"{little}"), number(0x0102_0304.into()), vec![0x0403, 0x0201]),
        (format!("type = \"f32\"{little}"), number(37.0), vec![0, 0x1442]),
    ])
    .collect();
    for (keys, sent, words) in &cases {
        let profile = profile(&[("X", &format!("table = \"holding\"; address = 0; {keys}"))]);
        assert_eq!(encode(&profile.parameters[0], sent), *words, "{keys} {sent:?}");
    }
    println!("cases: {}", cases.len());
}

#[test]
fn what_is_encoded_comes_back() {
    let mut cases = 0;
    for kind in ["u16", "i16", "u32", "i32", "u64", "i64", "f32", "f64"] {
        for orders in ["big", "little"] {
            for value in [0.0, 1.5, 36.9, 60.0] {
                let keys = format!(
                    "table = \"holding\"; address = 0; type = \"{kind}\"; scale = 0.1; \
                     offset = -4.0; decimals = 1; word_order = \"{orders}\"; byte_order = \"{orders}\""
                );
                let profile = profile(&[("X", &keys)]);
                let words = encode(&profile.parameters[0], &Sent::Number(value));
                let back = decode_number(&profile.parameters[0], &words).unwrap();
                assert!((back - value).abs() < 1e-5, "{kind} {orders} {value}: {back}");
                cases += 1;
            }
        }
    }
    println!("cases: {cases}");
}

#[test]
fn an_image_holds_the_culture_the_gaps_and_shared_bits() {
    let phases = "values = { \"0\" = \"idle\", \"1\" = \"setup\", \"2\" = \"activation\", \
                  \"3\" = \"transduction\", \"4\" = \"expansion\", \"5\" = \"harvest\" }";
    let profile = profile(&[
        ("WEIGHT", "table = \"input\"; address = 2; type = \"f32\"; unit = \"kg\"; decimals = 3"),
        (
            "PHASE",
            &format!("table = \"input\"; address = 6; type = \"u16\"; role = \"phase\"; {phases}"),
        ),
        ("DOOR", "table = \"input\"; address = 8; type = \"bit:2\""),
        ("OTHER", "table = \"input\"; address = 8; type = \"bit:0\""),
        ("HEARTBEAT", "table = \"input\"; address = 9; type = \"u16\"; role = \"heartbeat\""),
        ("SERIAL", "table = \"holding\"; address = 0; type = \"text:5\"; role = \"serial\""),
        ("LAMP", "table = \"discrete\"; address = 3; type = \"bit\""),
        ("CLOCK", "table = \"holding\"; address = 5; type = \"u32\"; role = \"clock\""),
    ]);
    let mut culture = culture();
    culture.door_open = true;
    let face = Face::new(profile, &culture, "RB25-0001", 1).unwrap();
    let at = |seconds| {
        let device_time = Duration::from_secs(seconds);
        let clock = Duration::from_secs(1_700_000_000) + device_time;
        face.image(Moment { culture: &culture, device_time, clock }, |_, _| None)
    };
    let image = at(41);
    let input = image.table(cellwatch_config::profile::Table::Input);
    assert_eq!(input.len(), 10, "to the end of the map and no further");
    assert_eq!((input[0], input[1], input[4], input[5], input[7]), (0, 0, 0, 0, 0));
    let weight = decode_number(&face.profile().parameters[0], &input[2..4]).unwrap();
    assert!((0.99..1.02).contains(&weight), "{weight} kg");
    assert_eq!((input[6], input[8], input[9]), (1, 4, 42));
    assert_eq!(at(65535 + 41).words(&face.profile().parameters[4]).len(), 1);
    let serial = encode(&face.profile().parameters[5], &Sent::Text("RB25-0001".to_owned()));
    assert_eq!(image.words(&face.profile().parameters[5]), serial);
    let clock =
        decode_number(&face.profile().parameters[7], image.words(&face.profile().parameters[7]));
    assert_eq!(clock, Some(1_700_000_041.0));
    let twice = at(41);
    assert_eq!(image, twice, "the same moment gives the same image");
}

#[test]
fn the_heartbeat_moves_on_every_second_where_it_wraps_too() {
    let keys = "table = \"input\"; address = 0; type = \"i16\"; role = \"heartbeat\"";
    let culture = culture();
    let face = Face::new(profile(&[("HB", keys)]), &culture, "", 1).unwrap();
    let beat = |seconds| {
        let device_time = Duration::from_secs(seconds);
        let moment = Moment { culture: &culture, device_time, clock: device_time };
        face.image(moment, |_, _| None).words(&face.profile().parameters[0]).to_vec()
    };
    let seconds = [0_u64, 1, 32765, 32766, 32767, 32768, 65534, 65535, 65536];
    for second in seconds {
        assert_ne!(beat(second), beat(second + 1), "at {second} s");
        assert!(beat(second)[0] <= 0x7fff);
    }
    println!("cases: {}", seconds.len());
}

#[test]
fn a_profile_that_the_model_cannot_tell_is_refused_with_reasons() {
    let profile = profile(&[
        ("TEMP.PV", "table = \"input\"; address = 0; type = \"f32\"; unit = \"mbar\""),
        (
            "PHASE",
            "table = \"input\"; address = 2; type = \"u16\"; role = \"phase\"; values = { \"0\" = \"idle\" }",
        ),
        ("SN", "table = \"input\"; address = 4; type = \"text:2\"; role = \"serial\""),
    ]);
    let problems = Face::new(profile, &culture(), "RB25-0001", 1).unwrap_err().to_string();
    for expected in [
        "profile t: TEMP.PV: the model tells it in °C, which does not become mbar",
        "PHASE: its values have no number for the phase \"setup\"",
        "SN: the serial number \"RB25-0001\" is longer than 4 bytes",
    ] {
        assert!(problems.contains(expected), "{problems}");
    }
}

#[test]
fn names_are_signals_and_back() {
    for &signal in Signal::ALL {
        assert_eq!(Signal::from_name(signal.name()), Some(signal));
    }
    println!("cases: {}", Signal::ALL.len());
}
