//! Each rule by itself. Req: LAW-01

use cellwatch_config::profile::Table;
use cellwatch_model::Mono;

use super::super::*;
use crate::door::{NoReply, Read};

const READ: Read = Read { modbus_unit: 17, table: Table::Holding, address: 107, count: 3 };
const TIMEOUT_MS: u64 = 200;
const LATE_MS: u64 = 500;
const ASK: Ask =
    Ask { read: READ, instead: None, timeout_ms: TIMEOUT_MS, max_lateness_ms: LATE_MS };

fn at(ms: u64) -> Mono {
    Mono::default().plus_ms(ms)
}

/// A master with nothing before it.
fn master() -> RtuMaster {
    RtuMaster::new(Timing::serial(19_200, 5), 0, at(0))
}

fn reply(unit: u8, function: u8, data: &[u8]) -> Vec<u8> {
    let mut frame = vec![unit, function, u8::try_from(data.len()).unwrap()];
    frame.extend(data);
    with_crc(frame)
}

fn with_crc(mut frame: Vec<u8>) -> Vec<u8> {
    frame.extend(crc16(&frame).to_le_bytes());
    frame
}

fn good() -> Vec<u8> {
    reply(17, 3, &[0xae, 0x41, 0x56, 0x52, 0x43, 0x40])
}

fn outcome(master: &mut RtuMaster) -> Option<Result<Vec<u16>, NoReply>> {
    match master.poll_output()? {
        Output::Reply(outcome) => Some(outcome),
        Output::Send(bytes) => panic!("sent {bytes:?}"),
    }
}

fn sent(master: &mut RtuMaster) -> Option<Vec<u8>> {
    match master.poll_output()? {
        Output::Send(bytes) => Some(bytes),
        Output::Reply(outcome) => panic!("{outcome:?}"),
    }
}

#[test]
fn frames_are_those_of_the_standard() {
    // The catalogue's check value of CRC-16/MODBUS, and the example of the Application Protocol, §6.3.
    assert_eq!(crc16(b"123456789"), 0x4b37);
    assert_eq!(request_frame(READ), [0x11, 0x03, 0x00, 0x6b, 0x00, 0x03, 0x76, 0x87]);
    for (table, function) in
        [(Table::Coil, 1), (Table::Discrete, 2), (Table::Holding, 3), (Table::Input, 4)]
    {
        assert_eq!(request_frame(Read { table, ..READ })[1], function);
    }
    println!("rtu frames: 6 cases");
}

#[test]
fn replies_are_whole_and_alone_or_wrong() {
    let expected = Expected::of(READ);
    let whole = good();
    assert_eq!(expected.reply_bytes(), whole.len());
    for length in 0..whole.len() {
        assert_eq!(expected.look(&whole[..length]), Ok(Received::Part), "{length} bytes");
    }
    assert_eq!(expected.look(&whole), Ok(Received::Words(vec![0xae41, 0x5652, 0x4340])));
    let refused = with_crc(vec![17, 0x83, 2]);
    assert_eq!(expected.look(&refused), Ok(Received::Exception(2)));
    let mut cases = whole.len() + 2;
    for bit in 0..whole.len() * 8 {
        let mut damaged = whole.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        let looked = expected.look(&damaged);
        assert!(!matches!(looked, Ok(Received::Words(_) | Received::Exception(_))), "bit {bit}");
        cases += 1;
    }
    let wrong: [(Vec<u8>, WrongFrame); 5] = [
        (reply(18, 3, &[0; 6]), WrongFrame::Unit { expected: 17, found: 18 }),
        (reply(17, 4, &[0; 6]), WrongFrame::Function { expected: 3, found: 4 }),
        (with_crc(vec![17, 0x84, 2]), WrongFrame::Function { expected: 3, found: 0x84 }),
        (reply(17, 3, &[0; 4]), WrongFrame::ByteCount { expected: 6, found: 4 }),
        ([&whole[..], &[0, 0]].concat(), WrongFrame::Trailing(2)),
    ];
    for (bytes, why) in &wrong {
        assert_eq!(expected.look(bytes), Err(*why));
    }
    let bits = Expected::of(Read { table: Table::Coil, count: 10, ..READ });
    let words = vec![1, 0, 1, 1, 0, 0, 1, 1, 1, 0];
    assert_eq!(bits.look(&reply(17, 1, &[0xcd, 0x01])), Ok(Received::Words(words)));
    println!("rtu replies: {} cases", cases + wrong.len() + 1);
}

#[test]
fn after_a_timeout_the_line_is_quiet_until_nothing_can_come_any_more() {
    let mut master = master();
    master.request(ASK, at(0));
    assert_eq!(sent(&mut master), Some(request_frame(READ)));
    let deadline = master.deadline().unwrap();
    // Request and reply, 8 + 11 bytes of 11 bits at 19 200 baud, come on top.
    assert_eq!(deadline.ms_since(at(0)), TIMEOUT_MS + 10);
    master.elapse(deadline);
    assert_eq!(outcome(&mut master), Some(Err(NoReply::Timeout)));
    master.request(ASK, deadline);
    master.received(&good(), deadline.plus_ms(100));
    master.elapse(deadline.plus_ms(LATE_MS - 1));
    assert_eq!(master.poll_output(), None, "the late reply is nobody's, and nothing is sent");
    // Late bytes at the last moment: silence after them.
    master.received(&good()[..4], deadline.plus_ms(LATE_MS));
    master.elapse(deadline.plus_ms(LATE_MS + 4));
    assert_eq!(master.poll_output(), None);
    master.elapse(deadline.plus_ms(LATE_MS + 5));
    assert_eq!(sent(&mut master), Some(request_frame(READ)));
    println!("rtu quiet: 5 steps");
}

#[test]
fn what_follows_a_good_reply_makes_the_line_quiet() {
    let mut master = master();
    master.request(ASK, at(0));
    sent(&mut master).unwrap();
    // Until then what the request caused may come.
    let bound = master.deadline().unwrap().plus_ms(LATE_MS);
    master.received(&good(), at(20));
    assert!(matches!(outcome(&mut master), Some(Ok(_))));
    master.received(&[0], at(23));
    master.request(ASK, at(30));
    assert_eq!(master.poll_output(), None, "a part of something: the rest may come");
    let mut steps = 0;
    for ms in 31.. {
        if ms == 400 {
            master.received(&good(), at(ms));
        }
        if at(ms) >= bound {
            break;
        }
        master.elapse(at(ms));
        assert_eq!(master.poll_output(), None, "{ms} ms: what is late may come until {bound:?}");
        steps += 1;
    }
    assert_eq!(master.deadline(), Some(bound));
    master.elapse(bound);
    assert_eq!(sent(&mut master), Some(request_frame(READ)), "silent, and nothing can be late");
    println!("rtu trailing: {steps} steps");
}

#[test]
fn after_a_failure_the_shape_is_another_until_an_answer_comes() {
    let wide = Read { address: 106, count: 4, ..READ };
    let ask = Ask { instead: Some(wide), ..ASK };
    let mut master = master();
    let mut now = at(0);
    let mut shapes = Vec::new();
    for answers in [false, false, false, true, false] {
        master.request(ask, now);
        now = master.deadline().unwrap().max(now);
        let bytes = loop {
            if let Some(bytes) = sent(&mut master) {
                break bytes;
            }
            now = master.deadline().unwrap();
            master.elapse(now);
        };
        let count = bytes[5];
        shapes.push(count);
        if answers {
            let data = if count == 4 { &[9, 9, 0, 1, 0, 2, 0, 3][..] } else { &[0, 1, 0, 2, 0, 3] };
            now = now.plus_ms(5);
            master.received(&reply(17, 3, data), now);
            assert_eq!(outcome(&mut master), Some(Ok(vec![1, 2, 3])), "as asked");
        } else {
            now = master.deadline().unwrap();
            master.elapse(now);
            assert_eq!(outcome(&mut master), Some(Err(NoReply::Timeout)));
        }
    }
    assert_eq!(shapes, [3, 4, 3, 4, 3]);
    println!("rtu shapes: {} requests", shapes.len());
}

#[test]
fn a_reply_that_stops_is_given_up_and_noise_for_ever_too() {
    let mut master = master();
    master.request(ASK, at(0));
    sent(&mut master).unwrap();
    master.received(&good()[..7], at(10));
    let pause = master.deadline().unwrap();
    assert!(pause < at(TIMEOUT_MS));
    master.elapse(pause);
    assert!(
        matches!(outcome(&mut master), Some(Err(NoReply::Wrong(text))) if text.contains("7 of 11"))
    );
    // From now on the line babbles.
    let mut now = pause;
    master.request(ASK, now);
    let mut steps = 0;
    let babble = loop {
        now = now.plus_ms(2);
        master.received(&[0x55], now);
        steps += 1;
        if let Some(outcome) = outcome(&mut master) {
            break outcome;
        }
        assert!(now < at(10_000), "given up in a bounded time");
    };
    let told = format!("{steps} bytes came");
    assert!(
        matches!(babble, Err(NoReply::Wrong(text)) if text.contains("fall silent") && text.contains(&told))
    );
    println!("rtu babble: {steps} steps");
}

#[test]
fn one_request_at_a_time_and_a_broken_port_keeps_the_quiet() {
    let mut master = master();
    master.request(ASK, at(0));
    sent(&mut master).unwrap();
    master.request(ASK, at(1));
    assert!(matches!(outcome(&mut master), Some(Err(NoReply::NotConnected(_)))));
    master.broke(NoReply::Wrong("unplugged".to_owned()));
    assert!(matches!(outcome(&mut master), Some(Err(NoReply::Wrong(_)))));
    master.request(ASK, at(2));
    assert_eq!(master.poll_output(), None);
    master.broke(NoReply::NotConnected("unplugged".to_owned()));
    assert!(matches!(outcome(&mut master), Some(Err(NoReply::NotConnected(_)))));
    assert!(!master.is_busy());
    println!("rtu broken: 3 cases");
}

#[test]
fn what_was_held_back_while_the_port_was_closed_is_waited_for() {
    let mut master = master();
    // After an answer nothing can have been held back: a port may be opened for each request.
    master.request(ASK, at(0));
    master.request(ASK, at(0));
    sent(&mut master).unwrap();
    master.poll_output().unwrap();
    master.received(&good(), at(20));
    assert!(matches!(outcome(&mut master), Some(Ok(_))));
    master.opened(at(100));
    master.request(ASK, at(100));
    assert!(sent(&mut master).is_some(), "at once");
    master.elapse(master.deadline().unwrap());
    assert_eq!(outcome(&mut master), Some(Err(NoReply::Timeout)));
    // Long after the quiet the port is opened again, and a serial server gives what it has kept.
    master.opened(at(60_000));
    master.request(ASK, at(60_000));
    assert_eq!(master.poll_output(), None);
    master.received(&good(), at(60_050));
    master.elapse(at(60_100));
    assert_eq!(master.poll_output(), None);
    master.elapse(at(60_102));
    assert!(sent(&mut master).is_some(), "the old reply is nobody's");
    println!("rtu opened: 3 cases");
}
