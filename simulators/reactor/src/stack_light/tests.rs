use super::{Outputs, answer};

#[test]
fn coils_are_read_and_written_and_nothing_else() {
    let mut coils = Outputs::coils(16, 5);
    // Request, reply, whether it wrote, the coils afterwards.
    type Case = (&'static [u8], &'static [u8], bool, [bool; 5]);
    let cases: &[Case] = &[
        (&[1, 0, 16, 0, 5], &[1, 1, 0], false, [false; 5]),
        (
            &[15, 0, 16, 0, 5, 1, 0b1_0001],
            &[15, 0, 16, 0, 5],
            true,
            [true, false, false, false, true],
        ),
        (&[1, 0, 16, 0, 5], &[1, 1, 0b1_0001], false, [true, false, false, false, true]),
        (&[5, 0, 17, 0xff, 0], &[5, 0, 17, 0xff, 0], true, [true, true, false, false, true]),
        (&[5, 0, 17, 0, 0], &[5, 0, 17, 0, 0], true, [true, false, false, false, true]),
        (&[5, 0, 17, 0, 1], &[0x85, 3], false, [true, false, false, false, true]),
        (&[15, 0, 16, 0, 6, 1, 0], &[0x8f, 2], false, [true, false, false, false, true]),
        (&[15, 0, 15, 0, 1, 1, 0], &[0x8f, 2], false, [true, false, false, false, true]),
        (&[15, 0, 16, 0, 5, 2, 0], &[0x8f, 3], false, [true, false, false, false, true]),
        (&[15, 0, 16, 0, 0, 0], &[0x8f, 3], false, [true, false, false, false, true]),
        (&[16, 0, 16, 0, 1, 2, 0, 1], &[0x90, 1], false, [true, false, false, false, true]),
        (&[6, 0, 16, 0, 1], &[0x86, 1], false, [true, false, false, false, true]),
        (&[], &[0x80, 1], false, [true, false, false, false, true]),
    ];
    for (request, reply, wrote, after) in cases {
        assert_eq!(answer(&mut coils, request), (reply.to_vec(), *wrote), "{request:?}");
        assert_eq!(coils.on(), after, "{request:?}");
    }
    coils.clear();
    assert_eq!(coils.on(), [false; 5]);
    println!("coils: {} cases", cases.len() + 1);
}

#[test]
fn registers_are_read_and_written_and_nothing_else() {
    let mut registers = Outputs::registers(512, 3);
    // Request, reply, whether it wrote, what is on afterwards.
    type Case = (&'static [u8], &'static [u8], bool, [bool; 3]);
    let cases: &[Case] = &[
        (&[3, 2, 0, 0, 3], &[3, 6, 0, 0, 0, 0, 0, 0], false, [false; 3]),
        (&[16, 2, 0, 0, 3, 6, 0, 1, 0, 0, 0, 1], &[16, 2, 0, 0, 3], true, [true, false, true]),
        (&[3, 2, 0, 0, 3], &[3, 6, 0, 1, 0, 0, 0, 1], false, [true, false, true]),
        (&[6, 2, 1, 0, 1], &[6, 2, 1, 0, 1], true, [true; 3]),
        (&[6, 2, 1, 0, 0], &[6, 2, 1, 0, 0], true, [true, false, true]),
        (&[6, 2, 1, 0, 2], &[0x86, 3], false, [true, false, true]),
        (&[16, 2, 0, 0, 1, 2, 0, 2], &[0x90, 3], false, [true, false, true]),
        (&[16, 2, 0, 0, 2, 2, 0, 0], &[0x90, 3], false, [true, false, true]),
        (&[16, 2, 1, 0, 3, 6, 0, 0, 0, 0, 0, 0], &[0x90, 2], false, [true, false, true]),
        (&[15, 2, 0, 0, 3, 1, 0], &[0x8f, 1], false, [true, false, true]),
        (&[1, 2, 0, 0, 3], &[0x81, 1], false, [true, false, true]),
    ];
    for (request, reply, wrote, after) in cases {
        assert_eq!(answer(&mut registers, request), (reply.to_vec(), *wrote), "{request:?}");
        assert_eq!(registers.on(), after, "{request:?}");
    }
    println!("registers: {} cases", cases.len());
}
