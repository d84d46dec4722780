use super::{Coils, answer};

#[test]
fn coils_are_read_and_written_and_nothing_else() {
    let mut coils = Coils::new(16, 5);
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
