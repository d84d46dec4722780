//! What is shown, where, and how much of it.
#![allow(clippy::unwrap_used)] // in tests

use super::{TILE_ASIDE_MAX, TILE_ROWS_MAX, Tile, arrange};
use crate::page::Value;

fn value(parameter: &str, part: Option<&str>) -> Value {
    Value {
        site: "barcelona-1".to_owned(),
        agent: "cw-01".to_owned(),
        unit: "BX-01".to_owned(),
        parameter: parameter.to_owned(),
        value: Some(1.0),
        text: None,
        word: None,
        part: part.map(str::to_owned),
        device: None,
        unit_of_measure: None,
        decimals: None,
        quality: 0,
        quality_words: "good".to_owned(),
        at_utc: String::new(),
        at_ms: 0,
    }
}

fn with_word(parameter: &str, part: &str, word: &str) -> Value {
    Value { word: Some(word.to_owned()), ..value(parameter, Some(part)) }
}

fn bad(mut value: Value) -> Value {
    (value.value, value.word, value.quality) = (None, None, 80);
    value
}

/// A reactor as its profile orders it.
fn reactor() -> Vec<Value> {
    vec![
        value("HEARTBEAT", Some("heartbeat")),
        with_word("PHASE", "phase", "expansion"),
        value("TEMP.PV", Some("process")),
        value("WEIGHT", Some("process")),
        value("SERIAL", Some("serial")),
        with_word("DOOR", "process", "closed"),
        value("TEMP.SP", Some("set-point")),
        value("WEIGHT.SP", Some("set-point")),
        value("GAS.SP", Some("set-point")),
        value("UPTIME", Some("other")),
    ]
}

fn rows(tile: &Tile) -> String {
    let words: Vec<String> = tile
        .rows
        .iter()
        .map(|row| {
            let set = row.set_point.as_ref().map(|set| format!("<{}", set.parameter));
            format!("{}{}", row.value.parameter, set.unwrap_or_default())
        })
        .collect();
    words.join(" ")
}

fn aside(tile: &Tile) -> String {
    tile.aside.iter().map(|value| value.parameter.as_str()).collect::<Vec<_>>().join(" ")
}

#[test]
fn process_values_first_with_their_set_points_and_the_rest_aside() {
    let tile = arrange(reactor(), |_| false).unwrap();
    assert_eq!(rows(&tile), "TEMP.PV<TEMP.SP WEIGHT<WEIGHT.SP");
    assert_eq!(aside(&tile), "HEARTBEAT SERIAL DOOR UPTIME GAS.SP");
    assert_eq!(tile.phase.as_ref().unwrap().word.as_deref(), Some("expansion"));
    assert_eq!((tile.more, tile.more_without_reading), (0, 0));
    assert_eq!(arrange(vec![], |_| false), None);
}

#[test]
fn what_is_alarmed_or_bad_is_shown_in_full_whatever_its_part() {
    let mut cases = 0;
    for index in 0..reactor().len() {
        for trouble in ["alarmed", "bad", "uncertain"] {
            let mut values = reactor();
            let name = values[index].parameter.clone();
            match trouble {
                "bad" => values[index] = bad(values[index].clone()),
                "uncertain" => values[index].quality = 1,
                _ => {}
            }
            let tile =
                arrange(values, |value| trouble == "alarmed" && value.parameter == name).unwrap();
            let shown: Vec<_> = tile.rows.iter().map(|row| row.value.parameter.as_str()).collect();
            assert!(shown.starts_with(&["TEMP.PV", "WEIGHT"]), "{name} {trouble}: {shown:?}");
            assert!(shown.contains(&name.as_str()), "{name} {trouble}: {shown:?}");
            assert_eq!(tile.more, 0);
            cases += 1;
        }
    }
    println!("{cases} cases");
}

#[test]
fn without_parts_everything_is_shown_as_before() {
    let values = vec![value("temperature", None), value("#7", None)];
    let tile = arrange(values, |_| false).unwrap();
    assert_eq!(rows(&tile), "temperature #7");
}

#[test]
fn a_tile_is_bounded_and_urgent_values_come_first() {
    let mut values: Vec<Value> =
        (0..1000).map(|n| value(&format!("T{n:04}.PV"), Some("process"))).collect();
    values.extend((0..1000).map(|n| value(&format!("T{n:04}.SP"), Some("set-point"))));
    values.extend((0..100).map(|n| value(&format!("S{n:03}"), Some("other"))));
    for value in &mut values[900..1000] {
        *value = bad(value.clone());
    }
    let tile = arrange(values, |value| ["T0700.PV", "S050"].contains(&value.parameter.as_str()));
    let tile = tile.unwrap();
    assert_eq!(tile.rows.len(), TILE_ROWS_MAX);
    assert_eq!(tile.aside.len(), TILE_ASIDE_MAX);
    assert_eq!(tile.rows[0].value.parameter, "T0700.PV", "alarmed");
    assert_eq!(tile.rows[1].value.parameter, "T0900.PV", "without a reading");
    assert_eq!(tile.rows.last().unwrap().value.parameter, "S050", "alarmed, no process value");
    assert_eq!(tile.more_without_reading, 100 - (TILE_ROWS_MAX - 2));
    let shown = tile.rows.len() + tile.rows.iter().filter(|row| row.set_point.is_some()).count();
    assert_eq!(shown + tile.aside.len() + tile.more, 2100, "nothing is left uncounted");
}
