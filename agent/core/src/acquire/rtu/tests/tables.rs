//! How long things last, and which shape a request has: as tables. Req: LAW-01

use cellwatch_config::profile::{ModbusRules, Table};

use crate::acquire::rtu::shapes::Shapes;
use crate::acquire::rtu::{Expected, Timing};
use crate::door::Read;

#[test]
fn a_line_is_as_fast_as_its_baud_rate_and_as_patient_as_the_standard() {
    // baud, gap in ms; a byte, the silence before a request, the longest pause within a reply, ns.
    let cases = [
        // No rate at all is as slow as one bit a second, not a division by zero.
        ((0, 0), (11_000_000_000, 38_500_000_000, 16_600_000_000)),
        ((9_600, 0), (1_145_833, 4_010_415, 101_718_749)),
        ((9_600, 4), (1_145_833, 4_010_415, 101_718_749)),
        ((9_600, 5), (1_145_833, 5_000_000, 101_718_749)),
        ((19_200, 0), (572_916, 2_005_206, 100_859_374)),
        ((19_201, 0), (572_886, 1_750_000, 100_750_000)),
        ((115_200, 1), (95_486, 1_750_000, 100_750_000)),
        ((115_200, 2), (95_486, 2_000_000, 100_750_000)),
    ];
    for ((baud, gap_ms), (byte_ns, silence_ns, pause_ns)) in cases {
        let expected = Timing { byte_ns, silence_ns, pause_ns };
        assert_eq!(Timing::serial(baud, gap_ms), expected, "{baud} baud, {gap_ms} ms");
    }
    let tunnelled = [(0, 1_750_000), (1, 1_750_000), (2, 2_000_000), (16, 16_000_000)];
    for (gap_ms, silence_ns) in tunnelled {
        let expected = Timing { byte_ns: 0, silence_ns, pause_ns: 1_000_000_000 };
        assert_eq!(Timing::tunnelled(gap_ms), expected, "{gap_ms} ms");
    }
    println!("timing: {} cases", cases.len() + tunnelled.len());
}

#[test]
fn a_former_request_is_answered_within_the_time_of_the_latest_device() {
    let rules = |timeout_ms, max_lateness_ms, max_registers, max_bits| ModbusRules {
        max_registers,
        max_bits,
        max_gap: 0,
        timeout_ms,
        max_lateness_ms,
        no_read: Vec::new(),
    };
    // 9600 baud: 8 bytes of the request, 5 around the data of the reply, and the data.
    let cases = [
        (vec![], 0),
        (vec![rules(1_000, 3_000, 1, 1)], 4_000 + 18),
        (vec![rules(1_000, 3_000, 125, 1)], 4_000 + 302),
        (vec![rules(1_000, 3_000, 1, 2_000)], 4_000 + 302),
        (vec![rules(1_000, 3_000, 1, 17)], 4_000 + 19),
        (vec![rules(900, 0, 1, 1), rules(100, 5_000, 1, 1), rules(2_000, 500, 1, 1)], 5_100 + 18),
    ];
    for (devices, within_ms) in &cases {
        let serial = Timing::serial(9_600, 0);
        assert_eq!(serial.reply_within_ms(devices), *within_ms, "{devices:?}");
    }
    // Behind a serial server the time on the wire is a part of the timeout.
    assert_eq!(Timing::tunnelled(0).reply_within_ms(&cases[2].0), 4_000);
    println!("former requests: {} cases", cases.len() + 1);
}

#[test]
fn after_a_failure_another_length_is_asked_for_where_it_holds_the_same_words() {
    let read = |modbus_unit, table, address, count| Read { modbus_unit, table, address, count };
    let wanted = read(1, Table::Input, 10, 4);
    let longer = read(1, Table::Input, 10, 5);
    let cases = [
        ("longer", wanted, Some(longer), true),
        ("begins before", wanted, Some(read(1, Table::Input, 9, 5)), true),
        ("nothing else is there", wanted, None, false),
        ("of the same length", wanted, Some(read(1, Table::Input, 10, 4)), false),
        ("begins after", wanted, Some(read(1, Table::Input, 11, 5)), false),
        ("ends before", wanted, Some(read(1, Table::Input, 0, 13)), false),
        ("ends one before", wanted, Some(read(1, Table::Input, 8, 5)), false),
        ("of another unit", wanted, Some(read(2, Table::Input, 10, 5)), false),
        ("of another table", wanted, Some(read(1, Table::Holding, 10, 5)), false),
    ];
    for (name, wanted, instead, is_taken) in cases {
        let mut shapes = Shapes::default();
        assert_eq!(shapes.choose(wanted, instead), wanted, "{name}: nothing has failed");
        shapes.failed(Expected::of(longer));
        assert_eq!(shapes.choose(wanted, instead), wanted, "{name}: another length has failed");
        shapes.failed(Expected::of(wanted));
        let expected = instead.filter(|_| is_taken).unwrap_or(wanted);
        assert_eq!(shapes.choose(wanted, instead), expected, "{name}");
        shapes.answered(Expected::of(wanted));
        assert_eq!(shapes.choose(wanted, instead), wanted, "{name}: it was answered since");
    }
    println!("shapes: {} cases", cases.len());
}
