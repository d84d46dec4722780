//! What events say of Master Files, for the state after a restart.

use cellwatch_record::{Datum, Event, EventKind, Hash, SavedMasterFile, Waits};

/// Takes an event into what is known of Master Files.
pub(crate) fn fold_event(files: &mut Vec<SavedMasterFile>, event: &Event) {
    let Some(sha256) = hash(event) else { return };
    let known = files.iter().position(|one| one.sha256 == sha256);
    #[expect(clippy::wildcard_enum_match_arm, reason = "a few kinds are about Master Files")]
    match event.kind {
        EventKind::MasterFileAccepted if known.is_none() => {
            let (id, version) = (text(event, "id").to_owned(), number(event, "version"));
            let (waits, units) = (Waits::Effective, Vec::new());
            files.push(SavedMasterFile { sha256, id, version, waits, units });
            files.sort_by_key(|one| one.version);
        }
        EventKind::MasterFilePending => {
            if let (Some(at), Some(waits)) = (known, Waits::from_word(text(event, "waits"))) {
                files[at].waits = waits;
            }
        }
        EventKind::MasterFileInForce => {
            let units = texts(event, "units");
            let Some(at) = known else { return };
            for (index, file) in files.iter_mut().enumerate() {
                file.units.retain(|unit| !units.contains(unit));
                if index == at {
                    file.units.extend(units.iter().cloned());
                    file.units.sort();
                    if event.details.get("everywhere") == Some(&Datum::Bool(true)) {
                        file.waits = Waits::No;
                    }
                }
            }
        }
        EventKind::MasterFileSuperseded => gone(files, known, text(event, "was") == "pending"),
        EventKind::MasterFileExpired if text(event, "was") == "pending" => gone(files, known, true),
        _ => {}
    }
}

/// It judges no more; or, where it was pending, it does only where it does now.
fn gone(files: &mut Vec<SavedMasterFile>, known: Option<usize>, was_pending: bool) {
    let Some(at) = known else { return };
    files[at].waits = Waits::No;
    if !was_pending || files[at].units.is_empty() {
        files.remove(at);
    }
}

fn hash(event: &Event) -> Option<Hash> {
    match event.details.get("sha256") {
        Some(Datum::Bytes(bytes)) => bytes.as_slice().try_into().ok().map(Hash),
        Some(_) | None => None,
    }
}

fn text<'a>(event: &'a Event, name: &str) -> &'a str {
    match event.details.get(name) {
        Some(Datum::Text(text)) => text,
        Some(_) | None => "",
    }
}

fn number(event: &Event, name: &str) -> u64 {
    match event.details.get(name) {
        Some(Datum::Integer(number)) => u64::try_from(*number).unwrap_or(0),
        Some(_) | None => 0,
    }
}

/// A list of words.
pub(crate) fn texts(event: &Event, name: &str) -> Vec<String> {
    let Some(Datum::List(list)) = event.details.get(name) else { return Vec::new() };
    let text = |datum: &Datum| match datum {
        Datum::Text(text) => Some(text.clone()),
        Datum::Integer(_)
        | Datum::Number(_)
        | Datum::Bool(_)
        | Datum::Bytes(_)
        | Datum::List(_) => None,
    };
    list.iter().filter_map(text).collect()
}
