//! Journals that were set aside are delivered besides the one that is written.
#![allow(clippy::wildcard_enum_match_arm, reason = "a test looks for some outputs")]

mod harness;

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use cellwatch_core::Agent;
use cellwatch_core::door::{BrokerInput, Content, Fork, FormerJournal, Input, Output, Start};
use cellwatch_model::{Clock, ClockSync, Mono, Now, Utc};
use cellwatch_record::{Body, Datum, EventKind, Hash, JournalId, Missing, Receipt, bundle, decode};

const LAST: u64 = 300;
const RECEIVED: u64 = 40;
const FORMER: JournalId = JournalId([9; 16]);

/// A record of the former journal as the shell reads it: its number, and that it is one.
fn stored(seq: u64) -> Vec<u8> {
    [b"former".as_slice(), &seq.to_be_bytes(), &[0; 200]].concat()
}

fn seq_of(stored: &[u8]) -> Option<u64> {
    let number = stored.strip_prefix(b"former".as_slice())?.get(..8)?;
    Some(u64::from_be_bytes(number.try_into().expect("eight bytes")))
}

struct Scene {
    agent: Agent,
    now_ms: u64,
    packet: u16,
    /// What left: numbers of the former journal, or none for something of the one that is written.
    left: Vec<Option<Vec<u64>>>,
    /// Not yet answered, with what they carried.
    open: VecDeque<u16>,
    kept: Vec<u64>,
    /// What cannot be read of it.
    gone: Vec<(u64, u64)>,
    /// What is kept for the next start of losses, forks and ends.
    kept_lost: Vec<(u64, u64)>,
    forks: Vec<u64>,
    done: usize,
    /// What is on record of losses: why, first and last.
    said: Vec<(String, i64, i64)>,
    /// The disk is slow: what waits for it.
    waits_for_disk: Option<Vec<Input>>,
}

impl Scene {
    fn new() -> Self {
        Self::of(FormerJournal {
            journal: FORMER,
            last: LAST,
            end: None,
            through: RECEIVED,
            lost: Vec::new(),
            fork: None,
            is_done: false,
        })
    }

    fn of(former: FormerJournal) -> Self {
        let former = vec![former];
        let start = Start { former, ..harness::start() };
        let mut scene = Self {
            agent: Agent::new(harness::setup(1), start, now(1_000)),
            now_ms: 1_000,
            packet: 0,
            left: Vec::new(),
            open: VecDeque::new(),
            kept: Vec::new(),
            gone: Vec::new(),
            kept_lost: Vec::new(),
            forks: Vec::new(),
            done: 0,
            said: Vec::new(),
            waits_for_disk: None,
        };
        scene.drain();
        scene
    }

    fn input(&mut self, input: Input) {
        self.agent.handle(input, now(self.now_ms));
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(output) = self.agent.poll_output() {
            match output {
                Output::Publish(message) => {
                    let bytes = match message.content {
                        Content::Sealed(bytes) => bytes.to_vec(),
                        Content::ToSeal { payload, .. } | Content::Plain(payload) => payload,
                    };
                    let bundle = if message.topic.ends_with("backfill") {
                        bundle::decode(&bytes).expect("a bundle")
                    } else {
                        Vec::new()
                    };
                    let seqs: Option<Vec<u64>> = bundle.iter().map(|one| seq_of(one)).collect();
                    self.left.push(seqs.filter(|seqs| !seqs.is_empty()));
                    self.packet += 1;
                    self.open.push_back(self.packet);
                    self.input(Input::Broker(BrokerInput::Sent(self.packet)));
                }
                Output::Append(append) => {
                    for (.., payload) in &append.records {
                        self.said.extend(loss(payload));
                    }
                    let numbered = (append.first_seq..).zip(append.records);
                    let durable = numbered.map(|(seq, (.., one))| (seq, Arc::from(one))).collect();
                    match &mut self.waits_for_disk {
                        Some(waits) => waits.push(Input::Durable(durable)),
                        None => self.input(Input::Durable(durable)),
                    }
                }
                Output::FetchFormer { journal, first, last, .. } => {
                    assert_eq!(journal, FORMER);
                    let is_gone =
                        |seq: &u64| self.gone.iter().any(|(from, to)| (*from..=*to).contains(seq));
                    let mut there = (first..=last).skip_while(is_gone).peekable();
                    let from = there.peek().copied().unwrap_or(first);
                    let seqs: Vec<u64> = there.take_while(|seq| !is_gone(seq)).take(50).collect();
                    let records: Vec<Vec<u8>> = seqs.iter().copied().map(stored).collect();
                    let through = from + records.len() as u64 - 1;
                    let met = |(at, to): &(u64, u64)| *at <= through + 1 && *to >= first;
                    let lost = self.gone.iter().filter(|one| met(one));
                    let lost = lost.map(|(at, to)| ((*at).max(first), *to)).collect();
                    let (first, bundle) = (from, bundle::encode(&records));
                    self.input(Input::FormerFetched { journal, first, through, bundle, lost });
                }
                Output::KeepLost { first, last, .. } => self.kept_lost.push((first, last)),
                Output::KeepFork { first, .. } => self.forks.push(first),
                Output::KeepDone { .. } => self.done += 1,
                Output::KeepFormer { journal, through } => {
                    assert_eq!(journal, FORMER);
                    self.kept.push(through);
                }
                _ => {}
            }
        }
    }

    /// Answers everything that is open, one after the other, until nothing more goes out.
    fn answer_all(&mut self) {
        while let Some(packet_id) = self.open.pop_front() {
            self.now_ms += 10;
            self.input(Input::Broker(BrokerInput::Acknowledged { packet_id, reason: 0 }));
        }
    }

    fn run(&mut self, ms: u64) {
        let end = self.now_ms + ms;
        while let Some((due, what)) = self.agent.next_deadline() {
            let at = due.0.div_ceil(1_000_000);
            if at > end {
                break;
            }
            assert!(
                at >= self.now_ms || due.0 == 0 || what != "former journal",
                "{what} is served"
            );
            self.now_ms = self.now_ms.max(at);
            self.input(Input::Deadline);
            self.answer_all();
        }
        self.now_ms = end;
    }

    fn receipt(&mut self, through: u64, missing: Vec<Missing>) {
        let (agent, journal) = ("agent-1".to_owned(), FORMER);
        let issued = Utc(i64::try_from(self.now_ms).expect("short"));
        let hash = Hash([1; 32]);
        let receipt = Receipt { agent, journal, through, hash, missing, highest: LAST, issued };
        self.input(Input::Receipt(receipt));
    }

    fn former(&self) -> Vec<u64> {
        self.left.iter().flatten().flatten().copied().collect()
    }
}

/// Why, first and last record of a loss.
fn loss(payload: &[u8]) -> Option<(String, i64, i64)> {
    let Body::Event(event) = decode(payload).expect("a record").body else { return None };
    let number = |name: &str| match event.details.get(name) {
        Some(Datum::Integer(number)) => *number,
        other => panic!("{name}: {other:?}"),
    };
    let why = match event.details.get("why") {
        Some(Datum::Text(why)) => why.clone(),
        _ => return None,
    };
    (event.kind == EventKind::Loss).then(|| (why, number("first_seq"), number("last_seq")))
}

fn now(ms: u64) -> Now {
    let utc = Utc(harness::EPOCH_NS + i64::try_from(ms * 1_000_000).expect("short"));
    let clock = Clock { sync: ClockSync::Simulated, error_bound_us: 0, offset_us: 0 };
    Now { mono: Mono(ms * 1_000_000), utc, clock }
}

fn up(receive_maximum: u16) -> Input {
    Input::Broker(BrokerInput::Up { receive_maximum, maximum_packet_size: None })
}

// Req: LAW-03, LAW-06, JRN-07
#[test]
fn what_was_not_received_of_a_former_journal_goes_out_behind_everything_else() {
    let mut scene = Scene::new();
    scene.input(up(20));
    let first = scene.left.iter().position(Option::is_some).unwrap_or(usize::MAX);
    scene.run(10_000);
    let sent = scene.former();
    let expected: BTreeSet<u64> = (RECEIVED + 1..=LAST).collect();
    assert_eq!(sent.iter().copied().collect::<BTreeSet<_>>(), expected, "all of it, nothing twice");
    assert_eq!(sent.len(), expected.len());
    assert!(first > 0, "what is written now goes first");
    assert!(scene.left.iter().any(Option::is_none), "the other journal goes on");

    // The broker forgot some: the Control Site names them.
    // A receipt that shows progress lets what was acknowledged be on its way; the same again asks for it.
    scene.receipt(100, vec![Missing { first: 101, last: 120 }]);
    scene.run(10_000);
    scene.receipt(100, vec![Missing { first: 101, last: 120 }]);
    scene.run(30_000);
    assert_eq!(scene.former()[expected.len()..], (101..=120).collect::<Vec<_>>());
    assert_eq!(scene.kept, [100]);

    // A connection that breaks takes what was open back.
    scene.receipt(120, vec![Missing { first: 121, last: 130 }]);
    scene.run(10_000);
    scene.receipt(120, vec![Missing { first: 121, last: 130 }]);
    scene.input(Input::Broker(BrokerInput::Down("cable pulled".to_owned())));
    scene.open.clear();
    let before = scene.former().len();
    scene.run(5_000);
    assert_eq!(scene.former().len(), before, "nothing leaves without a connection");
    scene.input(up(20));
    scene.run(10_000);
    assert!((121..=130).all(|seq| scene.former()[before..].contains(&seq)));

    // All is there: nothing more of it, whatever comes.
    scene.receipt(LAST, Vec::new());
    let done = scene.former().len();
    scene.input(Input::Broker(BrokerInput::Down("once more".to_owned())));
    scene.open.clear();
    scene.input(up(20));
    scene.run(60_000);
    assert_eq!(scene.former().len(), done);
    assert_eq!(scene.kept, [100, 120, LAST]);
    println!("a former journal: {} records delivered, {done} sent", expected.len());
}

// Req: LAW-10
#[test]
fn a_broker_with_no_room_to_spare_is_left_to_the_journal_that_is_written() {
    let mut scene = Scene::new();
    scene.input(up(1));
    scene.run(60_000);
    assert!(scene.former().is_empty());
    assert!(!scene.left.is_empty());
    println!("a broker with room for one: 1 case");
}

// Req: LAW-03, LAW-04, JRN-07
#[test]
fn a_former_journal_with_a_hole_comes_to_its_end() {
    let mut scene = Scene::new();
    scene.gone = vec![(61, 70), (200, 200)];
    scene.input(up(20));
    scene.run(10_000);
    let sent: BTreeSet<u64> = scene.former().into_iter().collect();
    let gone = |seq: &u64| (61..=70).contains(seq) || *seq == 200;
    let expected: BTreeSet<u64> = (RECEIVED + 1..=LAST).filter(|seq| !gone(seq)).collect();
    assert_eq!(sent, expected, "what can be read goes out, around what is gone");
    let lost = |first, last| ("unreadable".to_owned(), first, last);
    assert_eq!(scene.said, [lost(61, 70), lost(200, 200)], "each is on record once");
    assert_eq!(scene.kept_lost, [(61, 70), (200, 200)]);

    // Something else is still missing: it goes out again, what is gone is never asked for again.
    let holes = vec![Missing { first: 61, last: 70 }, Missing { first: 200, last: 200 }];
    let more = [Missing { first: 101, last: 103 }];
    scene.receipt(60, [&holes[..1], &more, &holes[1..]].concat());
    scene.run(10_000);
    scene.receipt(60, [&holes[..1], &more, &holes[1..]].concat());
    scene.run(120_000);
    assert_eq!((scene.done, &scene.kept), (0, &vec![60]));
    assert_eq!(scene.former()[expected.len()..], [101, 102, 103]);
    scene.receipt(60, holes.clone());
    assert_eq!(scene.done, 1, "nothing is missing but what is gone");
    let sent = scene.former().len();
    scene.input(Input::Broker(BrokerInput::Down("once more".to_owned())));
    scene.open.clear();
    scene.input(up(20));
    scene.receipt(60, holes.clone());
    scene.run(120_000);
    assert_eq!((scene.former().len(), scene.done, scene.said.len()), (sent, 1, 2));

    // The next start, had this one ended before: what is on record is neither said nor asked for again.
    let mut scene = Scene::of(FormerJournal {
        journal: FORMER,
        last: LAST,
        end: None,
        through: 60,
        lost: vec![(61, 70), (200, 200)],
        fork: None,
        is_done: false,
    });
    scene.gone = vec![(61, 70), (200, 200)];
    scene.input(up(20));
    scene.run(10_000);
    assert!(scene.said.is_empty() && !scene.former().is_empty());
    scene.receipt(60, holes);
    assert_eq!(scene.done, 1);
    println!("a former journal with holes: {} records delivered", expected.len());
}

// Req: LAW-03, LAW-04
#[test]
fn of_a_fork_nothing_goes_out_and_the_loss_is_on_record() {
    let fork = |lost| FormerJournal {
        journal: FORMER,
        last: LAST,
        end: None,
        through: RECEIVED,
        lost,
        fork: Some(Fork { first: 101, utc: Some((Utc(7), Utc(9))) }),
        is_done: false,
    };
    let said = ("forked".to_owned(), 101, LAST.cast_signed());
    let mut scene = Scene::of(fork(Vec::new()));
    scene.input(up(20));
    scene.run(10_000);
    // The Control Site's records under these numbers are others, however far they reach.
    scene.receipt(LAST + 50, Vec::new());
    scene.receipt(LAST - 50, vec![Missing { first: LAST - 49, last: LAST }]);
    scene.run(120_000);
    assert_eq!((scene.former().len(), scene.kept.len(), scene.done), (0, 0, 0));
    assert_eq!(scene.said, std::slice::from_ref(&said));
    assert_eq!(scene.kept_lost, [(101, LAST)]);
    let scene = Scene::of(fork(vec![(101, LAST)]));
    assert!(scene.said.is_empty(), "said at an earlier start");

    // Found only now: a receipt names another record than is here.
    let mut scene = Scene::new();
    scene.input(up(20));
    scene.run(10_000);
    scene.receipt(100, vec![Missing { first: 101, last: LAST }]);
    let sent = scene.former().len();
    for _ in 0..2 {
        let (agent, issued) = ("agent-1".to_owned(), Utc(99_999_999));
        let (hash, missing) = (Hash([2; 32]), Vec::new());
        let (journal, through, highest) = (FORMER, 150, 150);
        let receipt = Receipt { agent, journal, through, hash, missing, highest, issued };
        scene.input(Input::ReceiptContradicts { receipt, ours: Hash([3; 32]) });
    }
    scene.receipt(100, vec![Missing { first: 101, last: LAST }]);
    scene.run(120_000);
    assert_eq!((scene.former().len(), &scene.forks), (sent, &vec![101]));
    assert_eq!(scene.said, [said]);
    println!("forks: 3 cases");
}

// Req: LAW-03, LAW-04, JRN-07
#[test]
fn a_former_journal_is_done_only_when_its_losses_are_on_disk() {
    let mut scene = Scene::new();
    scene.gone = vec![(61, 70)];
    scene.waits_for_disk = Some(Vec::new());
    scene.input(up(20));
    scene.run(10_000);
    let holes = vec![Missing { first: 61, last: 70 }];
    scene.receipt(60, holes);
    assert_eq!((scene.said.len(), scene.done, scene.kept_lost.len()), (1, 0, 0), "not on disk");
    for durable in scene.waits_for_disk.take().into_iter().flatten() {
        scene.input(durable);
    }
    assert_eq!((scene.kept_lost.clone(), scene.done), (vec![(61, 70)], 1), "it is, and done");
    println!("on disk: 2 cases");
}

// Req: LAW-03, LAW-04
#[test]
fn a_receipt_beyond_an_end_that_was_whole_speaks_of_other_records() {
    let former = |end| FormerJournal {
        journal: FORMER,
        last: LAST,
        end,
        through: RECEIVED,
        lost: Vec::new(),
        fork: None,
        is_done: false,
    };
    let mut scene = Scene::of(former(Some(LAST)));
    scene.input(up(20));
    scene.run(10_000);
    for _ in 0..2 {
        scene.receipt(LAST + 300, Vec::new());
    }
    assert_eq!((&scene.forks[..], scene.kept.len()), (&[RECEIVED + 1][..], 0), "not received");
    let said = ("forked".to_owned(), RECEIVED.cast_signed() + 1, LAST.cast_signed());
    assert_eq!(scene.said, [said]);

    // Its end was damaged, or is now: what was there before was received.
    for end in [None, Some(LAST + 300)] {
        let mut scene = Scene::of(former(end));
        scene.input(up(20));
        scene.receipt(LAST + 300, Vec::new());
        assert_eq!((scene.forks.len(), &scene.kept[..]), (0, &[LAST + 300][..]));
    }
    println!("beyond the end: 3 cases");
}

// Req: LAW-03, LAW-04, JRN-07
#[test]
fn what_was_received_and_removed_is_not_called_unreceived() {
    let former = FormerJournal {
        journal: FORMER,
        last: LAST,
        end: None,
        through: 200,
        lost: Vec::new(),
        fork: None,
        is_done: false,
    };
    let mut scene = Scene::of(former.clone());
    scene.gone = vec![(1, 180), (190, 210)];
    scene.input(up(20));
    // The Control Site was restored from an older copy.
    let missing = vec![Missing { first: 101, last: LAST }];
    scene.receipt(100, missing.clone());
    scene.run(60_000);
    let said = |why: &str, first, last| (why.to_owned(), first, last);
    let mut found = scene.said.clone();
    found.sort();
    let expected =
        [said("removed", 101, 180), said("removed", 190, 200), said("unreadable", 201, 210)];
    assert_eq!(found, expected);
    // The next start neither says nor asks for it again.
    let lost = scene.kept_lost.clone();
    let mut scene = Scene::of(FormerJournal { lost, ..former });
    scene.gone = vec![(1, 180), (190, 210)];
    scene.input(up(20));
    scene.receipt(100, missing);
    scene.run(60_000);
    assert!(scene.said.is_empty(), "{:?}", scene.said);
    println!("received and removed: 2 cases");
}
