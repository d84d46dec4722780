//! Whatever a crash, a bad disk or a copy at the wrong moment leaves of a journal: it opens by itself, nothing false is
//! taken for true, and what is gone is said.

use std::collections::BTreeMap;
use std::fs;

use cellwatch_core::door::KeepHistory;
use cellwatch_record::sha256;

use super::super::unseal::unseal;
use super::*;

/// Journals damaged, each with a seed of its own.
const SEEDS: u64 = 300;
const SEGMENT: u64 = 36 * 1024;

/// SplitMix64: a few numbers from a seed.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound.max(1) as u64).unwrap()
    }
}

/// Files of a journal by name, without the shared memory, which no crash leaves.
type Image = BTreeMap<String, Vec<u8>>;

fn image(folder: &Path) -> Image {
    let mut files = Image::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if !name.ends_with("-shm") {
            files.insert(name, fs::read(&path).unwrap());
        }
    }
    files
}

/// A journal as it was at several moments while it was written, and each record.
fn moments(bench: &mut Bench) -> (Vec<Image>, Vec<Vec<u8>>) {
    let (writer, committed) = bench.start(SEGMENT, Duration::ZERO);
    let mut images = Vec::new();
    for number in 1..=60 {
        let append = bench.append(true, vec![event(number)]);
        assert!(writer.append(append));
        committed.recv().unwrap();
        if number % 7 == 4 {
            images.push(image(&bench.folder()));
        }
    }
    writer.end();
    images.push(image(&bench.folder()));
    let found = fetched(
        bench.public(),
        &bench.folder(),
        Fetch { first: 1, last: 60, max_bytes: 1 << 20 },
        false,
    );
    (images, found.sealed)
}

/// Where a journal stops being what was written.
#[derive(Clone, Copy)]
enum FirstBad {
    /// With this record.
    Seq(u64),
    /// With this one, or later.
    NotBefore(u64),
}

/// By the bytes that differ: those of a record in a closed file say which one.
fn first_bad(whole: &Image, damaged: &Image, sealed: &[Vec<u8>]) -> FirstBad {
    let number = |name: &str| name.strip_prefix("segment-")?.get(..12)?.parse().ok();
    let mut names: Vec<&String> = whole.keys().chain(damaged.keys()).collect();
    names.sort();
    names.dedup();
    let changed = |name: &&&String| whole.get(**name) != damaged.get(**name);
    let Some(name) = names.iter().find(changed) else {
        // Nothing is: all that was there verifies.
        return FirstBad::NotBefore(
            whole.keys().filter_map(|name| number(name)).max().unwrap_or(1),
        );
    };
    let first: u64 = number(name).unwrap_or(1);
    let wal = format!("{name}-wal");
    let (Some(was), Some(is)) = (whole.get(*name), damaged.get(*name)) else {
        return FirstBad::NotBefore(first);
    };
    if was.len() != is.len() || whole.contains_key(&wal) || name.ends_with("-wal") {
        return FirstBad::NotBefore(first);
    }
    // A copy that SQLite left behind on a page would say nothing.
    let place = |one: &Vec<u8>| {
        let mut found = was.windows(one.len()).enumerate().filter(|(_, at)| *at == &one[..]);
        found.next().filter(|_| found.next().is_none()).map(|(at, _)| at)
    };
    let places: Vec<(u64, std::ops::Range<usize>)> = (1..)
        .zip(sealed)
        .filter(|(seq, _)| *seq >= first)
        .filter_map(|(seq, one)| place(one).map(|at| (seq, at..at + one.len())))
        .collect();
    let mut seqs = Vec::new();
    for at in (0..was.len()).filter(|at| was[*at] != is[*at]) {
        match places.iter().find(|(_, place)| place.contains(&at)) {
            Some((seq, _)) => seqs.push(*seq),
            None => return FirstBad::NotBefore(first),
        }
    }
    seqs.into_iter().min().map_or(FirstBad::NotBefore(first), FirstBad::Seq)
}

/// Each record up to `last` goes out as it was written, or is said to be gone: how many are.
fn given_or_said(
    bench: &Bench,
    folder: &Path,
    last: u64,
    hashes: &BTreeMap<u64, Hash>,
    what: &str,
) -> u64 {
    let (mut next, mut gone) = (1, 0);
    while next <= last {
        let wanted = Fetch { first: next, last, max_bytes: 1 << 20 };
        let found = fetched(bench.public(), folder, wanted, true);
        let end = |end: u64| if end == 0 { last } else { end };
        let is_said =
            |seq: u64| found.damaged.iter().any(|one| (one.first..=end(one.last)).contains(&seq));
        let first = if found.sealed.is_empty() { last + 1 } else { found.first };
        let skipped = (next..first).take_while(|seq| is_said(*seq)).count() as u64;
        for seq in next..next + skipped {
            let there = looked_up(bench, folder, seq);
            let there = there.filter(|one| hashes.get(&seq) == Some(one));
            assert!(there.is_none(), "{what}: seq {seq} is said to be gone, but can be read");
        }
        gone += skipped;
        next += skipped;
        assert!(next == first || skipped > 0, "{what}: seq {next} neither goes out nor is said");
        if next == first {
            for one in &found.sealed {
                let payload = cellwatch_seal::open(one).unwrap().untrusted_payload();
                assert_eq!(Some(&sha256(payload)), hashes.get(&next), "{what}: seq {next}");
                next += 1;
            }
        }
    }
    gone
}

/// Hash of the record that stands under a number, looked up by nothing but that number.
fn looked_up(bench: &Bench, folder: &Path, seq: u64) -> Option<Hash> {
    let files = super::super::segment::list(folder).unwrap();
    let file = files.iter().rfind(|file| file.first_seq <= seq)?;
    let connection = rusqlite::Connection::open(&file.path).ok()?;
    let sql = "SELECT sealed FROM records WHERE seq = ?1";
    let sealed: Vec<u8> = connection.query_row(sql, [seq.cast_signed()], |row| row.get(0)).ok()?;
    Some(sha256(&unseal(&sealed, &bench.public().into()).ok()?.payload))
}

/// Does one or two things to the files that a disk does.
fn damage(files: &mut Image, images: &[Image], chance: &mut Chance) -> Vec<String> {
    let mut done = Vec::new();
    for _ in 0..=chance.below(2) {
        let names: Vec<String> = files.keys().cloned().collect();
        let Some(name) = names.get(chance.below(names.len())).cloned() else { break };
        let kind = chance.below(7);
        let Some(bytes) = files.get_mut(&name) else { break };
        let length = bytes.len();
        match kind {
            0 | 1 => bytes.truncate(chance.below(length + 1)),
            2 | 3 => {
                for _ in 0..=chance.below(3) {
                    let at = chance.below(length);
                    if let Some(byte) = bytes.get_mut(at) {
                        *byte ^= 1 << chance.below(8);
                    }
                }
            }
            4 => {
                let from = chance.below(length / 4096 + 1) * 4096;
                let to = length.min(from + 4096);
                if from < to {
                    bytes[from..to].fill(0);
                }
            }
            5 => {
                files.remove(&name);
            }
            _ => {
                let other = &images[chance.below(images.len())];
                match other.get(&name) {
                    Some(other) => *bytes = other.clone(),
                    None => bytes.extend(std::iter::repeat_n(0xa5, chance.below(10_000))),
                }
            }
        }
        done.push(format!("{name}: {kind}"));
    }
    done
}

// Req: LAW-04, LAW-10, JRN-03
#[test]
fn torn_writes() {
    let mut bench = Bench::new();
    let (images, sealed) = moments(&mut bench);
    let hash = |sealed: &Vec<u8>| sha256(cellwatch_seal::open(sealed).unwrap().untrusted_payload());
    let hashes: BTreeMap<u64, Hash> = (1..).zip(sealed.iter().map(hash)).collect();
    let journal = bench.chain.as_ref().unwrap().head().journal;
    let first: u64 = std::env::var("CELLWATCH_SEED").ok().and_then(|s| s.parse().ok()).unwrap_or(1);
    let (mut went_on, mut began_anew, mut exact, mut reached, mut lost) = (0, 0, 0, 0, 0);
    for seed in first..first + SEEDS {
        let mut chance = Chance(seed);
        let whole = images[chance.below(images.len())].clone();
        let mut files = whole.clone();
        let done = damage(&mut files, &images, &mut chance);
        let what = format!("CELLWATCH_SEED={seed}: {done:?}");
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("journal");
        fs::create_dir(&folder).unwrap();
        for (name, bytes) in &files {
            fs::write(folder.join(name), bytes).unwrap();
        }
        // Judging the damaged files without mending them: what verifies is what was written, and reaches the damage.
        let first_bad = first_bad(&whole, &files, &sealed);
        let verdict = verify(&folder, &bench.public().into(), Known::default(), &mut |_| {});
        let verified = verdict.as_ref().map_or(0, |verdict| verdict.records);
        match first_bad {
            FirstBad::Seq(seq) => assert_eq!(verified, seq - 1, "{what}: {verdict:?}"),
            FirstBad::NotBefore(seq) => assert!(verified >= seq - 1, "{what}: {verdict:?}"),
        }
        (exact, reached) = (
            exact + u64::from(matches!(first_bad, FirstBad::Seq(_))),
            reached + u64::from(verified > 0),
        );
        if let Some(verdict) = verdict.ok().filter(|verdict| verdict.records > 0) {
            let last = verdict.pruned_through + verdict.records;
            assert_eq!(Some(&verdict.hash), hashes.get(&last), "{what}");
        }
        // The daemon knows the journal's id from the first commit on.
        let known = Known { journal: Some(journal), ..Known::default() };
        let opened = open(&folder, "agent-1", &bench.public().into(), known);
        let opened = opened.unwrap_or_else(|error| panic!("{what}: {error}"));
        let new = opened.new_journal;
        if new {
            began_anew += 1;
            let said = opened.previous.is_some() || !opened.damaged.is_empty() || files.is_empty();
            let nothing = !files.keys().any(|name| name.ends_with(".db"));
            assert!(said || nothing, "{what}: what is gone is said");
        } else {
            went_on += 1;
            assert_eq!(Some(&opened.head.hash), hashes.get(&opened.head.seq), "{what}");
            lost += given_or_said(&bench, &folder, opened.head.seq, &hashes, &what);
        }
        goes_on(&bench, &folder, opened, &what);
    }
    println!(
        "torn writes: {SEEDS} cases, seeds from {first}: {went_on} went on, {began_anew} began anew; {reached} verified up to the damage, {exact} of them to the very record; {lost} records said to be gone"
    );
    assert!(lost > 10, "the damage reaches what it is to reach");
}

// Req: LAW-04, JRN-03
#[test]
fn a_flipped_bit_is_found_at_the_very_record() {
    let mut bench = Bench::new();
    let (images, sealed) = moments(&mut bench);
    let hash = |sealed: &Vec<u8>| sha256(cellwatch_seal::open(sealed).unwrap().untrusted_payload());
    let hashes: BTreeMap<u64, Hash> = (1..).zip(sealed.iter().map(hash)).collect();
    let whole = images.last().unwrap();
    let last = sealed.len() as u64;
    for (seq, one) in (1..).zip(&sealed) {
        let mut files = whole.clone();
        let place = files.values_mut().find_map(|bytes| {
            let at = bytes.windows(one.len()).rposition(|at| at == &one[..])?;
            Some(&mut bytes[at + one.len() / 2])
        });
        *place.unwrap_or_else(|| panic!("seq {seq} stands in no file")) ^= 1;
        let what = format!("seq {seq}");
        let dir = tempfile::tempdir().unwrap();
        for (name, bytes) in &files {
            fs::write(dir.path().join(name), bytes).unwrap();
        }
        let verdict = verify(dir.path(), &bench.public().into(), Known::default(), &mut |_| {});
        let verdict = verdict.unwrap();
        assert_eq!(verdict.records, seq - 1, "{what}: {verdict:?}");
        assert_eq!(verdict.fault.map(|fault| fault.first_bad_seq), Some(seq), "{what}");
        assert_eq!(given_or_said(&bench, dir.path(), last, &hashes, &what), 1, "{what}");
    }
    println!("flipped bits: {last} records");
}

/// The next records are written and can be read back, whatever the older ones are like.
fn goes_on(bench: &Bench, folder: &Path, opened: Opened, what: &str) {
    let mut chain = Chain::new("agent-1".to_owned(), opened.head);
    let settings = WriterSettings {
        folder: folder.to_owned(),
        agent: "agent-1".to_owned(),
        segment_bytes: SEGMENT,
        commit_delay: Duration::ZERO,
    };
    let (durable, committed) = channel();
    let tell = move |told| {
        if let Told::Durable(records) = told {
            durable.send(records).unwrap();
        }
    };
    let key = Arc::<SealingKey>::clone(&bench.key);
    let reserve = Reserve::of(folder.parent().unwrap(), 1 << 20);
    let writer = Writer::start(settings, opened, Some(key), reserve, tell).unwrap();
    let mut last = 0;
    for number in 0..3 {
        let (seq, payload) = chain.append(common(None), event(number));
        let records = vec![(Kind::Event, None, payload)];
        assert!(writer.append(Append { first_seq: seq, records, urgent: true }), "{what}");
        let told = committed.recv_timeout(Duration::from_secs(60));
        assert_eq!(
            seqs(&told.unwrap_or_else(|_| panic!("{what}: seq {seq} is not durable"))),
            [seq]
        );
        last = seq;
    }
    writer.end();
    let fetched =
        fetched(bench.public(), folder, Fetch { first: last, last, max_bytes: 1 << 20 }, true);
    let sealed = fetched.sealed.first();
    let sealed = sealed.unwrap_or_else(|| panic!("{what}: seq {last} cannot be read back"));
    assert!(unseal(sealed, &bench.public().into()).is_ok(), "{what}");
    let state = survey(folder, KeepHistory { age_s: 0, bytes: 0 });
    assert!(state.is_ok(), "{what}: {state:?}");
}
