//! Only what would be written the same is read (LAW-04).

use minicbor::Decoder;

use super::samples;
use crate::{DecodeError, Kind, decode, encode};

/// Every byte of every kind's sample, changed to every other value.
#[test]
fn a_changed_byte_is_refused_or_is_another_record_written_the_same_way() {
    let (mut refused, mut other) = (0_u32, 0_u32);
    for kind in Kind::ALL {
        let record = samples::record(kind);
        let payload = encode(&record);
        for at in 0..payload.len() {
            for change in 1..=u8::MAX {
                let mut changed = payload.clone();
                changed[at] ^= change;
                match decode(&changed) {
                    Ok(decoded) => {
                        assert_eq!(encode(&decoded), changed, "{kind}, byte {at}");
                        assert_ne!(decoded, record, "{kind}, byte {at}");
                        other += 1;
                    }
                    Err(_) => refused += 1,
                }
            }
        }
    }
    println!("{refused} refused, {other} other records");
}

#[test]
fn a_cut_payload_is_refused_and_so_is_one_with_more_bytes() {
    for kind in Kind::ALL {
        let payload = encode(&samples::record(kind));
        for length in 0..payload.len() {
            assert!(decode(&payload[..length]).is_err(), "{kind}, {length} bytes");
        }
        for more in [0x00, 0xa0, 0xff] {
            let longer = [&payload[..], &[more]].concat();
            assert_eq!(decode(&longer), Err(DecodeError::NotDeterministic), "{kind}");
        }
    }
}

/// A map taken apart into its encoded keys and values.
fn entries(map: &[u8]) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut decoder = Decoder::new(map);
    let count = decoder.map().unwrap().unwrap();
    let mut item = || {
        let begin = decoder.position();
        decoder.skip().unwrap();
        map[begin..decoder.position()].to_vec()
    };
    (0..count).map(|_| (item(), item())).collect()
}

fn map(entries: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = vec![0xa0 | u8::try_from(entries.len()).unwrap()];
    entries.iter().for_each(|(key, value)| bytes.extend(key.iter().chain(value)));
    bytes
}

#[test]
fn missing_and_unknown_keys_are_named() {
    let mut cases = 0;
    for kind in Kind::ALL {
        let payload = encode(&samples::record(kind));
        let all = entries(&payload);
        assert_eq!(map(&all), payload);
        for (index, (key, _)) in all.iter().enumerate() {
            let key = key[0];
            let mut without = all.clone();
            without.remove(index);
            let optional = (11..=13).contains(&key);
            match decode(&map(&without)) {
                Ok(_) => assert!(optional, "{kind} without {key}"),
                error => {
                    assert_eq!(error, Err(DecodeError::MissingKey { key, map: "record" }));
                }
            }
            cases += 1;
        }
        let mut more = all.clone();
        more.push((vec![15], vec![0]));
        let error = decode(&map(&more));
        let at = payload.len();
        assert_eq!(error, Err(DecodeError::UnknownKey { at, key: 15, map: "record" }));
        cases += 1;

        let mut body = entries(&all.last().unwrap().1);
        body.push((vec![23], vec![0]));
        let mut more = all.clone();
        more.last_mut().unwrap().1 = map(&body);
        let error = decode(&map(&more));
        assert!(matches!(error, Err(DecodeError::UnknownKey { key: 23, .. })), "{kind}: {error:?}");
        cases += 1;
    }
    println!("{cases} cases");
}

#[test]
fn keys_in_another_order_or_twice_are_refused() {
    let all = entries(&encode(&samples::record(Kind::Alarm)));
    let mut swapped = all.clone();
    swapped.swap(1, 2);
    assert!(matches!(decode(&map(&swapped)), Err(DecodeError::MissingKey { key: 1, .. })));
    let mut twice = all.clone();
    twice.insert(2, all[1].clone());
    assert!(matches!(decode(&map(&twice)), Err(DecodeError::MissingKey { key: 2, .. })));
    let details = |entries: &[u8]| {
        let mut all = super::strict::entries(&encode(&samples::record(Kind::Health)));
        all.last_mut().unwrap().1 = [&[0xa1, 0x01], entries].concat();
        decode(&map(&all))
    };
    assert!(details(&[0xa2, 0x61, b'a', 0, 0x61, b'b', 0]).is_ok());
    assert!(details(&[0xa2, 0x61, b'z', 0, 0x62, b'a', b'a', 0]).is_ok(), "the shorter one first");
    let wrong = Err(DecodeError::NotDeterministic);
    assert_eq!(details(&[0xa2, 0x61, b'b', 0, 0x61, b'a', 0]), wrong);
    assert_eq!(details(&[0xa2, 0x62, b'a', b'a', 0, 0x61, b'z', 0]), wrong);
    assert_eq!(details(&[0xa2, 0x61, b'a', 0, 0x61, b'a', 0]), wrong);
}

#[test]
fn codes_without_a_meaning_are_named() {
    let cases: [(Kind, u8, Option<u8>, &str); 11] = [
        (Kind::Alarm, 0, None, "format version"),
        (Kind::Alarm, 5, None, "record kind"),
        (Kind::Alarm, 14, Some(3), "alarm kind"),
        (Kind::Alarm, 14, Some(4), "alarm transition"),
        (Kind::Alarm, 14, Some(5), "alarm state"),
        (Kind::Alarm, 14, Some(6), "priority"),
        (Kind::Alarm, 14, Some(11), "quality"),
        (Kind::Alarm, 14, Some(14), "alarm regions"),
        (Kind::Deviation, 14, Some(2), "deviation change"),
        (Kind::Batch, 14, Some(1), "batch change"),
        (Kind::Event, 14, Some(1), "event kind"),
    ];
    for (kind, key, inner, expected) in cases {
        for (code, bytes) in [(255_u64, vec![0x18, 0xff]), (300, vec![0x19, 0x01, 0x2c])] {
            let mut all = entries(&encode(&samples::record(kind)));
            let (_, value) = all.iter_mut().find(|(found, _)| found == &[key]).unwrap();
            match inner {
                None => *value = bytes,
                Some(inner) => {
                    let mut body = entries(value);
                    body.iter_mut().find(|(found, _)| found == &[inner]).unwrap().1 = bytes;
                    *value = map(&body);
                }
            }
            let wrong = Err(DecodeError::UnknownCode { what: expected, code });
            assert_eq!(decode(&map(&all)), wrong, "{expected}");
        }
    }
    println!("{} codes", 2 * cases.len());
}

/// The same value, written longer than needed: everywhere where a number, a length or a float stands.
#[test]
fn longer_forms_are_refused() {
    let replace = |kind: Kind, key: u8, bytes: &[u8]| {
        let mut all = entries(&encode(&samples::record(kind)));
        all.iter_mut().find(|(found, _)| found == &[key]).unwrap().1 = bytes.to_vec();
        decode(&map(&all))
    };
    let wrong = Err(DecodeError::NotDeterministic);
    let longer: [(u8, &[u8]); 9] = [
        (0, &[0x18, 0x01]),
        (3, &[0x18, 0x02]),
        (3, &[0x19, 0x00, 0x02]),
        (3, &[0x1a, 0, 0, 0, 2]),
        (3, &[0x1b, 0, 0, 0, 0, 0, 0, 0, 2]),
        (9, &[0x83, 0x18, 0x02, 0x00, 0x00]),
        (9, &[0x98, 0x03, 0x02, 0x00, 0x00]),
        (11, &[0x78, 0x01, b'x']),
        (1, &[0x79, 0x00, 0x01, b'x']),
    ];
    for (key, bytes) in longer {
        assert_eq!(replace(Kind::Alarm, key, bytes), wrong, "key {key}: {bytes:02x?}");
    }
    let indefinite: [(u8, &[u8]); 2] =
        [(9, &[0x9f, 0x02, 0x00, 0x00, 0xff]), (14, &[0xbf, 0x01, 0xa0, 0xff])];
    for (key, bytes) in indefinite {
        assert_eq!(replace(Kind::Health, key, bytes), wrong, "key {key}: {bytes:02x?}");
    }
    // Indefinite text is no text to a strict reader.
    assert!(replace(Kind::Alarm, 11, &[0x7f, 0x61, b'x', 0xff]).is_err());
    let floats: [&[u8]; 2] =
        [&[0xfa, 0x3f, 0xc0, 0x00, 0x00], &[0xfb, 0x3f, 0xf8, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00]];
    for float in floats {
        let body = [&[0xa1, 0x01, 0xa1, 0x61, b'x'], float].concat();
        assert_eq!(replace(Kind::Health, 14, &body), wrong, "{float:02x?}");
    }
    for float in [&[0xf9, 0x7e, 0x00], &[0xf9, 0x7c, 0x00], &[0xf9, 0xfc, 0x00]] {
        let body = [&[0xa1, 0x01, 0xa1, 0x61, b'x'], &float[..]].concat();
        let error = replace(Kind::Health, 14, &body);
        assert!(matches!(error, Err(DecodeError::Malformed { .. })), "{float:02x?}: {error:?}");
    }
    println!("{} forms", longer.len() + indefinite.len() + floats.len() + 4);
}

#[test]
fn huge_lengths_are_refused_before_memory_is_asked_for() {
    let frame = |tracks: &[u8]| {
        let mut all = entries(&encode(&samples::record(Kind::Telemetry)));
        all.last_mut().unwrap().1 = [&[0xa3, 0x01, 0x00, 0x02], tracks].concat();
        decode(&map(&all))
    };
    for head in
        [&[0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff][..], &[0x9a, 0, 0x20, 0, 0]]
    {
        assert!(matches!(frame(head), Err(DecodeError::Malformed { .. })));
    }
}
