//! Golden vectors that another language checks too (`tests/vectors/decode.py`).
//! Req: LAW-01

use cellwatch_config::profile::{self, Order, Parameter};
use cellwatch_core::acquire::decode;
use cellwatch_model::{Cause, Mono, NoData, Quality, Value};
use serde_json::Value as Json;

const VECTORS: &str = include_str!("../../../tests/vectors/decoding.jsonl");

fn number(json: &Json) -> f64 {
    json.as_str().and_then(|text| text.parse().ok()).expect("a number in quotes")
}

fn whole(json: &Json) -> i64 {
    json.as_str().and_then(|text| text.parse().ok()).expect("a whole number in quotes")
}

fn order(json: &Json) -> Order {
    match json.as_str() {
        None | Some("big") => Order::Big,
        Some("little") => Order::Little,
        Some(other) => panic!("{other:?} is no order"),
    }
}

fn parameter(vector: &Json) -> Parameter {
    let kind = vector["type"].as_str().expect("a type");
    let table = if kind == "bit" { "discrete" } else { "input" };
    let text = format!(
        "[profile]\nid = \"v\"\nmodel = \"v\"\nversion = \"1\"\n[[parameter]]\nname = \"V\"\ntable = \"{table}\"\naddress = 0\ntype = \"{kind}\"\nunit = \"1\"\n"
    );
    let profile = profile::parse("vector", &text).unwrap_or_else(|problems| panic!("{problems}"));
    let mut parameter = profile.parameters[0].clone();
    parameter.word_order = order(&vector["word_order"]);
    parameter.byte_order = order(&vector["byte_order"]);
    parameter.scale = vector.get("scale").map_or(1.0, number);
    parameter.offset = vector.get("offset").map_or(0.0, number);
    let decimals = vector.get("decimals").map_or(0, |json| json.as_u64().expect("decimals"));
    parameter.decimals = u8::try_from(decimals).expect("at most 9");
    let list = |key: &str| vector.get(key).and_then(Json::as_array).cloned().unwrap_or_default();
    parameter.sentinels = list("sentinels").iter().map(whole).collect();
    parameter.range = list("range").first_chunk().map(|[low, high]| (number(low), number(high)));
    let values = vector.get("values").and_then(Json::as_object).cloned().unwrap_or_default();
    let word = |(raw, word): (String, Json)| {
        (raw.parse().expect("a number"), word.as_str().expect("a word").to_owned())
    };
    parameter.values = values.into_iter().map(word).collect();
    parameter
}

fn expected(vector: &Json) -> Result<Value, Cause> {
    let expect = &vector["expect"];
    let (kind, of) = expect.as_object().and_then(|one| one.iter().next()).expect("one key");
    match kind.as_str() {
        "number" => Ok(Value::Number(number(of))),
        "integer" => Ok(Value::Integer(whole(of))),
        "bool" => Ok(Value::Bool(of.as_bool().expect("a bool"))),
        "text" => Ok(Value::Text(of.as_str().expect("a text").to_owned())),
        "bad" => Err(match of.as_str() {
            Some("wrong-reply") => Cause::WrongReply,
            Some("sensor-failure") => Cause::SensorFailure,
            Some("configuration") => Cause::Configuration,
            Some("out-of-range") => Cause::OutOfRange,
            other => panic!("{other:?} is no cause"),
        }),
        other => panic!("{other:?} is no expectation"),
    }
}

#[test]
fn every_vector_decodes_to_its_value_or_cause() {
    let mut wrong = Vec::new();
    let mut cases = 0;
    for (line, text) in VECTORS.lines().enumerate() {
        let vector: Json = serde_json::from_str(text).expect("JSON");
        let words: Vec<u16> = vector["words"]
            .as_str()
            .expect("words")
            .split_whitespace()
            .map(|word| u16::from_str_radix(word, 16).expect("a word in hex"))
            .collect();
        let reading = decode(&parameter(&vector), &words, Mono(1));
        cases += 1;
        let found = reading.value.clone().map_err(|NoData(cause)| cause);
        if found != expected(&vector) {
            let name = &vector["name"];
            wrong.push(format!(
                "line {}, {name}: {found:?}, expected {:?}",
                line + 1,
                expected(&vector)
            ));
        }
        // A reading holds together: Good has a value, Bad has none, raw words stand where they must.
        match (&reading.value, reading.quality) {
            (Ok(_), Quality::Good) => {}
            (Err(NoData(cause)), Quality::Bad(same)) => assert_eq!(*cause, same),
            other => panic!("line {}: {other:?}", line + 1),
        }
        assert_eq!(!reading.raw.is_empty(), reading.quality.has_raw_words(), "line {}", line + 1);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    println!("decoding vectors in Rust: {cases} cases");
    assert!(cases >= 150);
}
