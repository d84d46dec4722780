//! `[[line]]`.

use std::collections::BTreeMap;

use super::parse::host_ok;
use super::{Line, NAME, Parity, SerialPort, Transport, name_ok};
use crate::reader::{Section, Value, Word};

/// Adapters on USB give bytes in bursts of 16 ms by their drivers' default: silence on RTU is no shorter.
const RTU_GAP_MS: u64 = 20;

/// What `transport` may say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TransportWord {
    Tcp,
    RtuOverTcp,
    Rtu,
}

impl Word for TransportWord {
    const WORDS: &'static [(&'static str, Self)] =
        &[("tcp", Self::Tcp), ("rtu-over-tcp", Self::RtuOverTcp), ("rtu", Self::Rtu)];
}

impl Word for Parity {
    const WORDS: &'static [(&'static str, Self)] =
        &[("none", Self::None), ("even", Self::Even), ("odd", Self::Odd)];
}

/// `host:port`, an IPv6 host in brackets.
pub(super) fn address_ok(text: &str) -> bool {
    let Some((host, port)) = text.rsplit_once(':') else {
        return false;
    };
    let port_ok = port.bytes().all(|byte| byte.is_ascii_digit())
        && port.parse::<u16>().is_ok_and(|port| port > 0);
    let host = match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        Some(v6) => v6.contains(':') && host_ok(v6),
        None => !host.contains(':') && host_ok(host),
    };
    host && port_ok
}

/// `host:port`.
pub(super) fn address(value: &Value<'_>) -> Option<String> {
    value.name("host:port, such as \"10.0.8.21:502\"", address_ok)
}

/// Every `[[line]]`; `None` where one cannot be read.
pub(super) fn lines<'a>(root: &Section<'a>) -> Option<Vec<(Section<'a>, Line)>> {
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let sections = root.tables("line", "id").into_iter();
    let lines = sections.map(|section| {
        let line = line(&section)?;
        let (key, place) = match &line.transport {
            Transport::Tcp { address } | Transport::RtuOverTcp { address } => {
                ("address", address.clone())
            }
            Transport::Rtu(serial) => ("port", serial.port.display().to_string()),
        };
        if let Some(other) = places.insert(place, section.line()) {
            section.problem(
                key,
                format!("the line in line {other} has the same: two masters would talk at once; put the devices on one line"),
            );
        }
        Some((section, line))
    });
    // Each one is read before one that is wrong makes it `None`.
    let lines: Vec<_> = lines.collect();
    lines.into_iter().collect()
}

fn line(section: &Section<'_>) -> Option<Line> {
    let id = section.must("id", |id| id.name(NAME, name_ok));
    let kind = section.must("transport", Value::word);
    let default_gap_ms = if kind == Some(TransportWord::Tcp) { 0 } else { RTU_GAP_MS };
    let gap_ms = section.or("gap_ms", default_gap_ms, |gap| gap.integer(0..=10_000));
    let pause_after_connect_ms =
        section.or("pause_after_connect_ms", 0, |pause| pause.integer(0..=60_000));
    let keep = section.maybe("keep", Value::boolean);
    let network = section.maybe("address", address);
    let port = section.maybe("port", Value::path);
    let baud = section.maybe("baud", |baud| baud.integer(300..=921_600));
    let parity = section.maybe("parity", Value::word);
    let stop_bits = section.maybe("stop_bits", |bits| bits.integer(1..=2));
    section.finish();
    let (network, port, baud) = (network?, port?, baud?);
    let (parity, stop_bits, keep) = (parity?, stop_bits?, keep?);
    let is_for = |keys: &[(&str, bool)], other: &str| {
        for (key, written) in keys {
            if *written {
                section.problem(key, format!("is for a line with {other} only: leave it out"));
            }
        }
    };
    let missing = |key: &str, what: &str| {
        section.problem(key, format!("is missing: add {what} to this table"));
    };
    let transport = match kind? {
        TransportWord::Rtu => {
            let keys = [("address", network.is_some()), ("keep", keep.is_some())];
            is_for(&keys, "transport = \"tcp\" or \"rtu-over-tcp\"");
            if port.is_none() {
                missing("port", "the port's device file, such as \"/dev/ttyUSB0\",");
            }
            let parity = parity.unwrap_or_default();
            let standard_stop_bits = if parity == Parity::None { 2 } else { 1 };
            Transport::Rtu(SerialPort {
                port: port?,
                baud: baud.unwrap_or(19_200),
                parity,
                stop_bits: stop_bits.unwrap_or(standard_stop_bits),
            })
        }
        kind @ (TransportWord::Tcp | TransportWord::RtuOverTcp) => {
            let keys = [
                ("port", port.is_some()),
                ("baud", baud.is_some()),
                ("parity", parity.is_some()),
                ("stop_bits", stop_bits.is_some()),
            ];
            is_for(&keys, "transport = \"rtu\"");
            if network.is_none() {
                missing("address", "host:port, such as \"10.0.8.21:502\",");
            }
            let address = network?;
            if kind == TransportWord::Tcp {
                Transport::Tcp { address }
            } else {
                Transport::RtuOverTcp { address }
            }
        }
    };
    let (gap_ms, pause_after_connect_ms) = (gap_ms?, pause_after_connect_ms?);
    Some(Line { id: id?, transport, gap_ms, pause_after_connect_ms, keep: keep.unwrap_or(true) })
}
