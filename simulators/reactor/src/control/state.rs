//! The state of a reactor as JSON.

use serde_json::{Map, Value, json};

use crate::culture::Signal;
use crate::reactor::Reactor;

/// The state: what is true, what the registers show, what is broken, what was served.
pub(super) fn state(reactor: &mut Reactor) -> Value {
    let now = reactor.device_time();
    let truth: Map<String, Value> = Signal::ALL
        .iter()
        .map(|&signal| {
            let value = reactor.culture().truth(signal);
            let unit = signal.unit().symbol();
            (signal.name().to_owned(), json!({ "value": value, "unit": unit }))
        })
        .collect();
    let names: Vec<(String, &'static str)> = reactor
        .face()
        .parameters()
        .map(|(parameter, source)| (parameter.name.clone(), source.words()))
        .collect();
    let registers: Map<String, Value> = names
        .into_iter()
        .map(|(name, source)| {
            let words = reactor.words_of(&name);
            (name, json!({ "words": words, "source": source }))
        })
        .collect();
    let faults: Vec<Value> = reactor
        .faults()
        .active()
        .iter()
        .map(|active| {
            let mut fault = json!(active.fault);
            fault["id"] = json!(active.id);
            if let Some(until) = active.until {
                fault["remaining_s"] = json!(until.saturating_sub(now).as_secs_f64());
            }
            fault
        })
        .collect();
    let culture = reactor.culture();
    json!({
        "profile": reactor.face().profile().id,
        "serial": reactor.face().serial(),
        "seed": reactor.seed(),
        "speed": reactor.speed(),
        "device_s": now.as_secs_f64(),
        "age_h": culture.age_h(),
        "phase": culture.phase(),
        "phase_h": culture.phase_h(),
        "truth": truth,
        "registers": registers,
        "faults": faults,
        "served": reactor.counters,
    })
}
