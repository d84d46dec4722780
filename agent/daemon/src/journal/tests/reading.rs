//! What goes out of the journal is what was written, or is said to be gone.

use std::fs;

use cellwatch_core::door::Damage;
use cellwatch_record::RECORD_CONTENT_TYPE;

use super::*;

const ALL: Fetch = Fetch { first: 1, last: 10, max_bytes: 1 << 20 };

fn stored(path: &Path, seq: u64) -> Vec<u8> {
    let connection = rusqlite::Connection::open(path).unwrap();
    let sql = "SELECT sealed FROM records WHERE seq = ?1";
    connection.query_row(sql, [seq.cast_signed()], |row| row.get(0)).unwrap()
}

fn store(path: &Path, seq: u64, sealed: &[u8]) {
    let connection = rusqlite::Connection::open(path).unwrap();
    let sql = "UPDATE records SET sealed = ?2 WHERE seq = ?1";
    assert_eq!(connection.execute(sql, rusqlite::params![seq.cast_signed(), sealed]).unwrap(), 1);
}

fn ranges(damaged: &[Damage]) -> Vec<(u64, u64)> {
    damaged.iter().map(|one| (one.first, one.last)).collect()
}

// Req: LAW-03, LAW-04, JRN-03
#[test]
fn a_flipped_bit_never_goes_out_twice_and_its_neighbours_do() {
    let bench = Bench::written(10, 1 << 20);
    let file = bench.segments().remove(0);
    let (public, folder) = (bench.public(), bench.folder());
    let before = fetched(public, &folder, ALL, true);
    assert_eq!((before.first, before.sealed.len(), &before.damaged[..]), (1, 10, &[][..]));
    let mut noticed_at_once = 0;
    let mut cases = 0;
    for seq in [1, 5, 9, 10] {
        let whole = stored(&file, seq);
        for at in 0..whole.len() {
            let mut flipped = whole.clone();
            flipped[at] ^= 1 << (at % 8);
            store(&file, seq, &flipped);
            let what = format!("byte {at} of seq {seq}");
            let again = fetched(public, &folder, ALL, true);
            assert_eq!(ranges(&again.damaged), [(seq, seq)], "{what}");
            let (first, good) = if seq == 1 { (2, 9) } else { (1, seq - 1) };
            assert_eq!((again.first, again.sealed.len() as u64), (first, good), "{what}");
            assert!(again.sealed.iter().all(|one| before.sealed.contains(one)), "{what}");
            // At first sight what the next record names is compared.
            let at_first = fetched(public, &folder, ALL, false);
            if at_first.damaged.is_empty() {
                assert_eq!((at_first.first, at_first.sealed.len()), (1, 10), "{what}");
            } else {
                assert_eq!(at_first, again, "{what}");
                noticed_at_once += 1;
            }
            cases += 1;
        }
        store(&file, seq, &whole);
    }
    assert!(noticed_at_once * 10 > cases * 5, "{noticed_at_once} of {cases}");
    println!("flipped bits: {cases} cases, {noticed_at_once} noticed at once");
}

// Req: LAW-04, JRN-03
#[test]
fn rows_and_files_that_are_gone_are_said() {
    let bench = Bench::written(60, 36 * 1024);
    let all = Fetch { first: 1, last: 60, max_bytes: 1 << 20 };
    let files = super::super::segment::list(&bench.folder()).unwrap();
    let connection = rusqlite::Connection::open(&files[0].path).unwrap();
    connection.execute("DELETE FROM records WHERE seq BETWEEN 3 AND 5", []).unwrap();
    let found = fetched(bench.public(), &bench.folder(), all, false);
    assert_eq!((found.first, found.sealed.len(), ranges(&found.damaged)), (1, 2, vec![(3, 5)]));
    let from = Fetch { first: 4, ..all };
    let found = fetched(bench.public(), &bench.folder(), from, false);
    assert_eq!((found.first, ranges(&found.damaged)), (6, vec![(4, 5)]));

    let (second, third) = (files[1].first_seq, files[2].first_seq);
    let last_of_first = format!("DELETE FROM records WHERE seq = {}", second - 1);
    connection.execute(&last_of_first, []).unwrap();
    drop(connection);
    fs::remove_file(&files[1].path).unwrap();
    let found = fetched(bench.public(), &bench.folder(), Fetch { first: second - 1, ..all }, true);
    assert_eq!(found.first, third);
    assert_eq!(ranges(&found.damaged), [(second - 1, third - 1)], "row and file");
    println!("gone: 3 cases");
}

// Req: LAW-03
#[test]
fn what_cannot_be_read_now_is_no_damage() {
    let bench = Bench::written(60, 36 * 1024);
    let files = super::super::segment::list(&bench.folder()).unwrap();
    // Nothing that is damaged, nothing to be read: a folder in its place.
    fs::rename(&files[1].path, bench.dir.path().join("elsewhere")).unwrap();
    fs::create_dir(&files[1].path).unwrap();
    let all = Fetch { first: 1, last: 60, max_bytes: 1 << 20 };
    let found = fetched(bench.public(), &bench.folder(), all, false);
    assert_eq!((found.sealed.len() as u64, found.damaged.len()), (files[1].first_seq - 1, 0));
    let from = Fetch { first: files[1].first_seq, ..all };
    let found = fetched(bench.public(), &bench.folder(), from, false);
    assert_eq!((found.sealed.len(), found.damaged.len()), (0, 0), "it is asked for again");
    println!("not to be read now: 2 cases");
}

// Req: LAW-03, LAW-04, JRN-03
#[test]
fn a_record_that_is_wanted_again_is_verified_and_its_damage_told() {
    let bench = Bench::written(10, 1 << 20);
    let file = bench.segments().remove(0);
    let mut flipped = stored(&file, 4);
    *flipped.last_mut().unwrap() ^= 1;
    store(&file, 4, &flipped);
    let (tell, told) = channel();
    let reader = reader(&bench, move |input| tell.send(input).unwrap());
    let mut looks = 0;
    for (round, first) in [(1, 1), (2, 4)] {
        assert!(reader.fetch(Fetch { first, ..ALL }, AgentKeys::default()));
        let found = loop {
            #[allow(clippy::wildcard_enum_match_arm, reason = "nothing else is told")]
            match told.recv().unwrap() {
                Input::Fetched { first, through, .. } => break (first, through),
                Input::Journal(_) => looks += 1,
                other => panic!("{other:?}"),
            }
        };
        // Of the seal nothing but the seal itself tells.
        assert_eq!(found, if round == 1 { (1, 10) } else { (5, 10) });
    }
    assert_eq!(looks, 1, "the look at the start");
    let Input::Journal(state) = told.recv().unwrap() else { panic!("a look") };
    assert_eq!(ranges(&state.damaged), [(4, 4)]);
    assert!(!state.damaged[0].of_former);
    println!("wanted again: 2 cases");
}

// Req: LAW-04, JRN-07
#[test]
fn what_is_damaged_in_a_former_journal_is_not_sealed_anew() {
    let bench = Bench::written(10, 1 << 20);
    let file = bench.segments().remove(0);
    let payload = |stored: &[u8]| {
        let opened = cellwatch_seal::open(stored).unwrap();
        opened.untrusted_payload().to_vec()
    };
    let mut bare = payload(&stored(&file, 4));
    let at = bare.len() - 20;
    bare[at] ^= 1;
    store(&file, 4, &bare);
    let (key, _) = SealingKey::generate().unwrap();
    let key: SharedSealer = Arc::new(key);
    let reseal = Reseal { key: Arc::clone(&key), usable: vec![key.public().id()] };
    let folder = bench.folder();
    let journal = bench.chain.as_ref().unwrap().head().journal;
    let former = FormerFolder { journal, folder, last: 10 };
    let (tell, told) = channel();
    let reader = reader(&bench, move |input| tell.send(input).unwrap());
    assert!(reader.fetch_former(&former, ALL, reseal));
    let (through, bundle, lost) = loop {
        if let Input::FormerFetched { through, bundle, lost, .. } = told.recv().unwrap() {
            break (through, bundle, lost);
        }
    };
    assert_eq!((through, lost), (3, vec![(4, 4)]));
    for one in cellwatch_record::bundle::decode(&bundle).unwrap() {
        let opened = cellwatch_seal::open(one).unwrap();
        opened.verify(RECORD_CONTENT_TYPE, &key.public()).unwrap();
    }
    println!("not sealed anew: 1 case");
}

/// Overwrites the pages on which these records stand with zeros: which records are on each.
fn zero_the_pages_of(path: &Path, seqs: &[u64]) -> Vec<Vec<u64>> {
    let all: Vec<(u64, Vec<u8>)> = {
        let connection = rusqlite::Connection::open(path).unwrap();
        let mut rows = connection.prepare("SELECT seq, sealed FROM records ORDER BY seq").unwrap();
        let each =
            |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?.cast_unsigned(), row.get(1)?));
        rows.query_map([], each).unwrap().map(Result::unwrap).collect()
    };
    let mut bytes = fs::read(path).unwrap();
    let place = |sealed: &[u8]| bytes.windows(sealed.len()).rposition(|at| at == sealed).unwrap();
    let pages: Vec<(u64, usize)> =
        all.iter().map(|(seq, sealed)| (*seq, place(sealed) / 4096)).collect();
    let mut gone = Vec::new();
    for seq in seqs {
        let page = pages.iter().find(|(one, _)| one == seq).unwrap().1;
        gone.push(pages.iter().filter(|(_, at)| *at == page).map(|(seq, _)| *seq).collect());
        bytes[page * 4096..(page + 1) * 4096].fill(0);
    }
    fs::write(path, bytes).unwrap();
    gone
}

// Req: LAW-03, LAW-04, JRN-03
#[test]
fn a_bad_page_costs_its_own_records_and_none_behind_it() {
    let mut cases = 0;
    for segment_bytes in [1 << 20, 72 * 1024] {
        let bench = Bench::written(200, segment_bytes);
        let file = bench.segments().remove(0);
        let [one, other]: [Vec<u64>; 2] = zero_the_pages_of(&file, &[30, 50]).try_into().unwrap();
        let gone: Vec<u64> = one.iter().chain(&other).copied().collect();
        assert!(one.len() > 1 && other[0] > one[one.len() - 1] + 1, "{gone:?}");
        let (mut next, mut given, mut said) = (1, Vec::new(), Vec::new());
        // A look at the whole folder leaves it where it is.
        let looked = survey(&bench.folder(), KeepHistory::default()).unwrap();
        assert_eq!((&looked.damaged[..], file.exists()), (&[][..], true));
        while next <= 200 {
            let wanted = Fetch { first: next, last: 200, max_bytes: 1 << 20 };
            let found = fetched(bench.public(), &bench.folder(), wanted, true);
            next = found.first + found.sealed.len() as u64;
            given.extend(found.first..next);
            said.extend(ranges(&found.damaged));
        }
        said.sort_unstable();
        said.dedup();
        assert_eq!(said, [(one[0], one[one.len() - 1]), (other[0], other[other.len() - 1])]);
        let expected: Vec<u64> = (1..=200).filter(|seq| !gone.contains(seq)).collect();
        assert_eq!(given, expected, "all that can be read");
        cases += 1;
    }
    println!("bad pages: {cases} cases");
}

// Req: LAW-04, LAW-10, JRN-03
#[test]
fn a_hole_is_told_once_wherever_it_is_met() {
    let bench = Bench::written(60, 1 << 20);
    let hole = zero_the_pages_of(&bench.segments().remove(0), &[30]).remove(0);
    let last = hole[hole.len() - 1];
    let (tell, told) = channel();
    let reader = reader(&bench, move |input| tell.send(input).unwrap());
    for first in [1, hole[0], hole[1], last, 1] {
        let wanted = Fetch { first, last: 60, max_bytes: 1 << 20 };
        assert!(reader.fetch(wanted, AgentKeys::default()));
    }
    drop(reader);
    let looks = told.iter().filter_map(|input| {
        if let Input::Journal(state) = input { Some(ranges(&state.damaged)) } else { None }
    });
    assert_eq!(looks.collect::<Vec<_>>(), [vec![], vec![(hole[0], last)]]);
    println!("told: 1 of 5 cases");
}

// Req: LAW-03, JRN-03
#[test]
fn what_was_removed_is_no_damage() {
    let bench = Bench::written(60, 36 * 1024);
    let files = super::super::segment::list(&bench.folder()).unwrap();
    let there = files[1].first_seq;
    fs::remove_file(&files[0].path).unwrap();
    let all = Fetch { first: 2, last: 60, max_bytes: 1 << 20 };
    let found = fetched(bench.public(), &bench.folder(), all, false);
    assert_eq!((found.first, ranges(&found.damaged)), (there, vec![(2, there - 1)]));
    assert!(found.damaged[0].is_removed);
    println!("removed: 1 case");
}
