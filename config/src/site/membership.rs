//! Each device belongs to exactly one unit.

use std::collections::BTreeMap;

/// What is wrong between devices and units: key and message. `units` are ids with their devices.
pub(crate) fn membership<'s>(
    devices: impl IntoIterator<Item = &'s str>,
    units: impl IntoIterator<Item = (&'s str, &'s [String])>,
) -> Vec<(String, String)> {
    let mut owner: BTreeMap<&str, Option<&str>> =
        devices.into_iter().map(|device| (device, None)).collect();
    let mut wrong = Vec::new();
    for (unit, its) in units {
        for (index, device) in its.iter().enumerate() {
            let key = format!("unit[{unit}].devices[{}]", index + 1);
            match owner.get_mut(device.as_str()) {
                None => wrong.push((
                    key,
                    format!("there is no device {device:?}: add a [[device]] or mend the id"),
                )),
                Some(Some(first)) => wrong.push((
                    key,
                    format!("device {device:?} already belongs to unit {first:?}: a device has one unit"),
                )),
                Some(free) => *free = Some(unit),
            }
        }
    }
    for (device, unit) in owner {
        if unit.is_none() {
            wrong.push((
                format!("device[{device}].id"),
                "belongs to no unit, so nobody would watch it: add it to the devices of a [[unit]]"
                    .to_owned(),
            ));
        }
    }
    wrong
}
