//! `[[equipment]]` of a Master File.

use super::Equipment;
use crate::reader::{Section, Value};
use crate::site::{NAME, name_ok};

pub(super) fn equipment(root: &Section<'_>) -> Option<Vec<Equipment>> {
    let equipment: Vec<Option<Equipment>> = root
        .tables("equipment", "profile")
        .into_iter()
        .map(|section| {
            let profile = section.must("profile", |id| id.name(NAME, name_ok));
            let profile_sha256 = section.must("profile_sha256", sha256);
            let serials = section.or("serials", Vec::new(), |serials| serials.set(Value::text));
            let firmware = section.or("firmware", Vec::new(), |list| list.set(Value::text));
            let protocol_checksum =
                section.or("protocol_checksum", Vec::new(), |list| list.set(Value::text));
            section.finish();
            Some(Equipment {
                profile: profile?,
                profile_sha256: profile_sha256?,
                serials: serials?,
                firmware: firmware?,
                protocol_checksum: protocol_checksum?,
            })
        })
        .collect();
    equipment.into_iter().collect()
}

fn sha256(value: &Value<'_>) -> Option<[u8; 32]> {
    let text = value.any_text()?;
    let digits: Vec<u8> = text
        .chars()
        .filter_map(|digit| digit.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect();
    let hash: Vec<u8> = digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect();
    match <[u8; 32]>::try_from(hash) {
        Ok(hash) if text.len() == 64 && digits.len() == 64 => Some(hash),
        Ok(_) | Err(_) => value.problem(
            "must be the 64 hexadecimal digits of the profile's SHA-256, as sha256sum prints them",
        ),
    }
}
