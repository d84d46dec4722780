use crate::modbus::{Expectation, WrongReply};

/// Transaction 7, unit 3, two input registers.
const REQUEST: [u8; 12] = [0, 7, 0, 0, 0, 6, 3, 4, 0, 10, 0, 2];

#[test]
fn only_the_whole_reply_completes() {
    let expected = Expectation::of(&REQUEST).unwrap();
    let reply = [0, 7, 0, 0, 0, 7, 3, 4, 4, 1, 2, 3, 4];
    for end in 0..reply.len() {
        assert_eq!(expected.complete(&reply[..end]), Ok(false), "{end} bytes");
    }
    assert_eq!(expected.complete(&reply), Ok(true));
    let exception = [0, 7, 0, 0, 0, 3, 3, 0x84, 2];
    assert_eq!(expected.complete(&exception), Ok(true));
    assert_eq!(expected.complete(&exception[..8]), Ok(false));
    assert_eq!(expected.reply_bytes(), reply.len());

    // Every byte of the frame is looked at; only data may differ.
    let mut refused = 0;
    for index in 0..reply.len() {
        let mut changed = reply;
        changed[index] ^= 0x10;
        let outcome = expected.complete(&changed);
        assert_eq!(outcome.is_ok(), index >= 9, "byte {index}: {outcome:?}");
        refused += usize::from(outcome.is_err());
    }
    let longer = [&reply[..], &[0]].concat();
    assert_eq!(expected.complete(&longer), Err(WrongReply::Trailing(1)));
    println!("expectation: {} cases", reply.len() + 4 + refused);
}

#[test]
fn nothing_but_reads_may_go_out() {
    // Req: LAW-09
    let mut refused = 0;
    for function in 0..=255u8 {
        let mut request = REQUEST;
        request[7] = function;
        let outcome = Expectation::of(&request);
        assert_eq!(outcome.is_ok(), (1..=4).contains(&function), "function {function}");
        refused += usize::from(outcome.is_err());
    }
    for (function, count, allowed) in [
        (1, 2000, true),
        (1, 2001, false),
        (2, 0, false),
        (3, 125, true),
        (3, 126, false),
        (4, 0, false),
    ] {
        let [high, low] = u16::to_be_bytes(count);
        let request = [0, 7, 0, 0, 0, 6, 3, function, 0, 10, high, low];
        assert_eq!(Expectation::of(&request).is_ok(), allowed, "{count} by function {function}");
        refused += 1;
    }
    assert_eq!(Expectation::of(&REQUEST[..11]), Err(WrongReply::NotARead));
    println!("requests: {} cases", refused + 5);
}

#[test]
fn what_is_expected_grows_with_what_is_asked_for() {
    let mut cases = 0;
    for (function, count, data_bytes) in
        [(1, 1, 1), (1, 8, 1), (1, 9, 2), (2, 2000, 250), (3, 1, 2), (3, 5, 10), (4, 125, 250)]
    {
        let [c1, c0] = u16::to_be_bytes(count);
        let request = [0, 7, 0, 0, 0, 6, 3, function, 0, 10, c1, c0];
        let expected = Expectation::of(&request).unwrap();
        assert_eq!(expected.reply_bytes(), 9 + data_bytes, "function {function}, {count}");
        let length = u8::try_from(3 + data_bytes).unwrap();
        let mut reply = vec![0, 7, 0, 0, 0, length, 3, function, length - 3];
        reply.resize(9 + data_bytes, 0);
        assert_eq!(expected.complete(&reply), Ok(true), "function {function}, {count}");
        reply.extend([0; 5]);
        assert_eq!(expected.complete(&reply), Err(WrongReply::Trailing(5)));
        cases += 3;
    }
    println!("expected replies: {cases} cases");
}
