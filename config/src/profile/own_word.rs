//! What a device says of itself: the roles for it, names of bits, what is compared with the Master File.

use std::collections::BTreeMap;

use super::{DataType, OwnWord, Parameter, Role};
use crate::reader::{Section, Value, Word};
use crate::site::{NAME, name_ok};

/// `role` of a parameter.
#[derive(Clone, Copy)]
pub(crate) struct RoleWord(Role, Option<OwnWord>);

impl Word for RoleWord {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("process", Self(Role::Process, None)),
        ("phase", Self(Role::Phase, None)),
        ("heartbeat", Self(Role::Heartbeat, None)),
        ("serial", Self(Role::Serial, None)),
        ("alarm-word", Self(Role::Process, Some(OwnWord::AlarmWord))),
        ("state", Self(Role::Process, Some(OwnWord::State))),
        ("local-mode", Self(Role::Process, Some(OwnWord::LocalMode))),
        ("set-point", Self(Role::Process, Some(OwnWord::SetPoint))),
        ("limit", Self(Role::Process, Some(OwnWord::Limit))),
        ("uptime", Self(Role::Process, Some(OwnWord::Uptime))),
        ("clock", Self(Role::Process, Some(OwnWord::Clock))),
        ("firmware", Self(Role::Process, Some(OwnWord::Firmware))),
        ("protocol-checksum", Self(Role::Process, Some(OwnWord::ProtocolChecksum))),
    ];
}

pub(super) fn role(section: &Section<'_>) -> Option<(Role, Option<OwnWord>)> {
    let read = section.or("role", RoleWord(Role::Process, None), Value::word);
    read.map(|RoleWord(role, own_word)| (role, own_word))
}

#[expect(clippy::option_option, reason = "outer: readable; inner: written at all")]
pub(super) fn of(section: &Section<'_>) -> Option<Option<String>> {
    section.maybe("of", |of| of.name(NAME, name_ok))
}

pub(super) fn bits(section: &Section<'_>) -> Option<BTreeMap<u8, String>> {
    let table = section.table_or_empty("bits")?;
    let mut bits = BTreeMap::new();
    let mut whole = true;
    for (key, value) in table.entries() {
        let (Ok(bit @ 0..=63), Some(name)) = (key.parse::<u8>(), value.text()) else {
            whole = false;
            let _: Option<()> = value.problem(format!(
                "{key:?} is no bit with a name: write the bit in quotes, \"0\" = \"over-temperature\""
            ));
            continue;
        };
        if bits.values().any(|other| *other == name) {
            whole = false;
            let _: Option<()> =
                value.problem(format!("{name:?} names another bit too: give each its own name"));
        } else if bits.insert(bit, name).is_some() {
            whole = false;
            let _: Option<()> = value.problem(format!("bit {bit} is there twice"));
        }
    }
    whole.then_some(bits)
}

/// Notes what does not fit a device's word of itself.
pub(super) fn check_own_word(section: &Section<'_>, parameter: &Parameter) {
    let Parameter { data_type, own_word, .. } = *parameter;
    let plain = parameter.is_plain();
    let counts = data_type.is_integer() && plain && parameter.values.is_empty();
    let is_text = matches!(data_type, DataType::Text(_));
    let is_bit = matches!(data_type, DataType::Bit | DataType::RegisterBit(_));
    match own_word {
        Some(OwnWord::AlarmWord) if !counts => section.problem(
            "role",
            "an alarm word is a plain integer type, without scale, offset, decimals or values, with names for its bits",
        ),
        Some(OwnWord::AlarmWord) if parameter.bits.is_empty() => section.problem(
            "bits",
            "is missing: name what each bit means, bits = { \"0\" = \"over-temperature\", … }",
        ),
        Some(OwnWord::State) if parameter.values.is_empty() => section
            .problem("role", "a state needs words for its numbers: values = { \"0\" = \"stopped\", … }"),
        Some(OwnWord::LocalMode)
            if !(is_bit || data_type.is_integer() && plain) =>
        {
            section.problem("role", "a local mode is a bit or a plain integer, zero for remote: leave scale, offset and decimals out");
        }
        Some(OwnWord::SetPoint | OwnWord::Limit)
            if !(data_type.is_integer() || data_type.is_float()) || !parameter.values.is_empty() =>
        {
            section.problem("role", "set-points and limits are numbers");
        }
        Some(OwnWord::Uptime) if !counts => section.problem(
            "role",
            "an uptime is a plain counter: use an integer type without scale, offset, decimals or values",
        ),
        Some(OwnWord::Clock) if !counts || data_type.width() < 2 => section.problem(
            "role",
            "a clock tells seconds since 1970-01-01 UTC: use an integer type of 32 or 64 bits without scale, offset, decimals or values",
        ),
        Some(OwnWord::Firmware | OwnWord::ProtocolChecksum) if !counts && !is_text => section
            .problem("role", "firmware and protocol checksum are text:N or plain integers, without scale, offset, decimals or values"),
        Some(_) | None => {}
    }
    match (own_word, &parameter.of) {
        (Some(OwnWord::SetPoint), None) => section.problem(
            "of",
            "is missing: name the Master File's parameter that this set-point is for, of = \"TEMP.PV\"",
        ),
        (Some(OwnWord::Limit), None) => section.problem(
            "of",
            "is missing: name the Master File's alarm whose limit this is, of = \"TEMP.HH\"",
        ),
        (Some(OwnWord::SetPoint | OwnWord::Limit), Some(_)) | (_, None) => {}
        (_, Some(_)) => {
            section.problem("of", "belongs to a set-point or limit: give it that role or leave it out");
        }
    }
    let width = u32::from(data_type.width()) * 16;
    if own_word != Some(OwnWord::AlarmWord) && !parameter.bits.is_empty() {
        section.problem("bits", "belong to an alarm word: role = \"alarm-word\"");
    } else if let Some(bit) = parameter.bits.keys().find(|bit| u32::from(**bit) >= width) {
        section.problem("bits", format!("{data_type} has no bit {bit}: its last is {}", width - 1));
    }
}
