//! Each device belongs to exactly one unit.

use std::collections::BTreeMap;

/// Where the fault is; indices count from 0.
pub(crate) enum Place {
    /// The device with this index.
    Device(usize),
    /// The unit with this index, the entry with this index of its `devices`.
    Entry(usize, usize),
}

/// What is wrong between devices and units: place and message. `units` are ids with their devices.
pub(crate) fn membership<'s>(
    devices: impl IntoIterator<Item = &'s str>,
    units: impl IntoIterator<Item = (&'s str, &'s [String])>,
) -> Vec<(Place, String)> {
    // Device → its number and its unit.
    let mut owner: BTreeMap<&str, (usize, Option<&str>)> = BTreeMap::new();
    for (index, device) in devices.into_iter().enumerate() {
        owner.entry(device).or_insert((index, None));
    }
    let mut wrong = Vec::new();
    for (unit_index, (unit, its)) in units.into_iter().enumerate() {
        for (entry, device) in its.iter().enumerate() {
            let place = Place::Entry(unit_index, entry);
            match owner.get_mut(device.as_str()) {
                None => wrong.push((
                    place,
                    format!("there is no device {device:?}: add a [[device]] or mend the id"),
                )),
                Some((_, Some(first))) => wrong.push((
                    place,
                    format!(
                        "device {device:?} already belongs to unit {first:?}: a device has one unit"
                    ),
                )),
                Some((_, free)) => *free = Some(unit),
            }
        }
    }
    for (index, unit) in owner.into_values() {
        if unit.is_none() {
            let message =
                "belongs to no unit, so nobody would watch it: add it to the devices of a [[unit]]";
            wrong.push((Place::Device(index), message.to_owned()));
        }
    }
    wrong
}
