#![allow(clippy::unwrap_used)]

use cellwatch_config::profile::Table;

use super::{ExceptionCode, Request, exception, other_function, parse, read_reply, within};

#[test]
fn requests_are_read_or_refused_by_the_standard() {
    let read = |table, address, count| Ok(Request::Read { table, address, count });
    let cases: [(&[u8], Result<Request, ExceptionCode>); 17] = [
        (&[1, 0, 5, 0, 9], read(Table::Coil, 5, 9)),
        (&[2, 1, 0, 7, 0xd0], read(Table::Discrete, 256, 2000)),
        (&[2, 1, 0, 7, 0xd1], Err(ExceptionCode::IllegalDataValue)),
        (&[3, 0, 0, 0, 125], read(Table::Holding, 0, 125)),
        (&[3, 0, 0, 0, 126], Err(ExceptionCode::IllegalDataValue)),
        (&[3, 0, 0, 0, 0], Err(ExceptionCode::IllegalDataValue)),
        (&[4, 0xff, 0xff, 0, 1], read(Table::Input, 65535, 1)),
        (&[4, 0, 0, 0], Err(ExceptionCode::IllegalDataValue)),
        (&[4, 0, 0, 0, 1, 0], Err(ExceptionCode::IllegalDataValue)),
        (&[5, 0, 0, 0xff, 0], Err(ExceptionCode::IllegalFunction)),
        (&[15, 0, 0, 0, 1, 1, 1], Err(ExceptionCode::IllegalFunction)),
        (&[23, 0, 0, 0, 1], Err(ExceptionCode::IllegalFunction)),
        (&[], Err(ExceptionCode::IllegalFunction)),
        (&[6, 0, 9, 1, 2], Ok(Request::Write { address: 9, words: vec![0x0102] })),
        (
            &[16, 0, 9, 0, 2, 4, 1, 2, 3, 4],
            Ok(Request::Write { address: 9, words: vec![0x0102, 0x0304] }),
        ),
        (&[16, 0, 9, 0, 2, 4, 1, 2, 3], Err(ExceptionCode::IllegalDataValue)),
        (&[16, 0, 9, 0, 0, 0], Err(ExceptionCode::IllegalDataValue)),
    ];
    for (bytes, expected) in &cases {
        assert_eq!(parse(bytes), *expected, "{bytes:?}");
    }
    println!("cases: {}", cases.len());
}

#[test]
fn replies_hold_the_registers_and_bits_that_were_asked_for() {
    assert_eq!(read_reply(Table::Holding, &[0x0102, 3]), [3, 4, 1, 2, 0, 3]);
    assert_eq!(read_reply(Table::Input, &[]), [4, 0]);
    // The example of the standard, §6.1: coils 20 to 38.
    let bits = [1, 0, 1, 1, 0, 0, 1, 1, 1, 1, 0, 1, 0, 1, 1, 0, 1, 0, 1];
    assert_eq!(read_reply(Table::Coil, &bits), [1, 3, 0xcd, 0x6b, 0x05]);
    assert_eq!(exception(3, 2), [0x83, 2]);
    assert_eq!(other_function(vec![3, 2, 0, 0]), [4, 2, 0, 0]);
}

#[test]
fn reads_end_where_the_map_ends() {
    let map = [1, 2, 3];
    assert_eq!(within(&map, 1, 2), Ok(&map[1..]));
    for (address, count) in [(1, 3), (3, 1), (65535, 125)] {
        assert_eq!(within(&map, address, count), Err(ExceptionCode::IllegalDataAddress));
    }
}
