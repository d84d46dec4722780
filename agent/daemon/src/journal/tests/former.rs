//! Journals that were set aside: found, and removed only when they are received and more than enough.

use std::fs;
use std::time::UNIX_EPOCH;

use cellwatch_core::door::Input;
use cellwatch_record::{RECORD_CONTENT_TYPE, bundle};

use super::super::former::SET_ASIDE;
use super::*;

// Req: LAW-03, LAW-10, JRN-07
#[test]
fn nothing_of_a_former_journal_goes_before_it_is_received() {
    let dir = tempfile::tempdir().unwrap();
    let (mut journals, mut keys) = (Vec::new(), AgentKeys::default());
    for number in 1..=SET_ASIDE_MAX + 3 {
        let bench = Bench::written(4, 1 << 20);
        keys.extend([bench.public()]);
        let to = dir.path().join(format!("{SET_ASIDE}{number}"));
        fs::rename(bench.folder(), &to).unwrap();
        journals.push(bench.chain.unwrap().head().journal);
    }
    let newest_first: Vec<_> = journals.iter().rev().copied().collect();
    let found = former_journals(dir.path(), "agent-1", &keys);
    assert_eq!(found.iter().map(|one| one.journal).collect::<Vec<_>>(), newest_first);
    assert!(found.iter().all(|one| one.last == 4));
    assert!(former_journals(dir.path(), "agent-2", &keys).is_empty(), "of another agent");
    let bundle = fetched(
        keys.clone(),
        &found[0].folder,
        Fetch { first: 2, last: 4, max_bytes: 1 << 20 },
        false,
    );
    assert_eq!(bundle.sealed.len(), 3, "they are read as the one that is written");

    // What is damaged at the end is not delivered, what stands before it is.
    let file = found[1].folder.join("segment-000000000001.db");
    let database = rusqlite::Connection::open(&file).unwrap();
    database.execute("UPDATE records SET sealed = x'd200' WHERE seq = 4", []).unwrap();
    drop(database);
    assert_eq!(former_journals(dir.path(), "agent-1", &keys)[1].last, 3);

    // Of the three that are too many, the second is not wholly received.
    let received = |journal| Received::Through(if journal == journals[1] { 3 } else { 4 });
    assert_eq!(forget_received(dir.path(), "agent-1", &keys, received).unwrap(), 2);
    let left: Vec<_> =
        former_journals(dir.path(), "agent-1", &keys).iter().map(|one| one.journal).collect();
    assert_eq!(left.len(), SET_ASIDE_MAX + 1);
    assert!(left.contains(&journals[1]) && !left.contains(&journals[0]));
    assert_eq!(
        forget_received(dir.path(), "agent-1", &keys, |_| Received::Through(0)).unwrap(),
        0,
        "nothing is received"
    );

    // The same of segments in quarantine: their names say what they held.
    let quarantine = dir.path().join("journal-quarantine");
    fs::create_dir(&quarantine).unwrap();
    for number in 0..QUARANTINED_MAX + 2 {
        let journal = journals[number % 2];
        let name = format!("segment-{:012}-{:012}-{journal}-{number}.db", 1, 9);
        let file = fs::File::create(quarantine.join(name)).unwrap();
        let at = UNIX_EPOCH + Duration::from_secs(u64::try_from(number).unwrap());
        file.set_modified(at).unwrap();
    }
    fs::write(quarantine.join("somebody's.txt"), b"?").unwrap();
    let received = |journal| Received::Through(if journal == journals[0] { 9 } else { 8 });
    let removed = forget_received(dir.path(), "agent-1", &keys, received).unwrap();
    assert_eq!(
        removed, 2,
        "the older of the two that are too many, and the journal that is received now"
    );
    let of_second = |name: &str| name.contains(&journals[1].to_string());
    let names: Vec<String> = fs::read_dir(&quarantine)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    assert_eq!(names.iter().filter(|name| of_second(name)).count(), QUARANTINED_MAX / 2 + 1);
    println!("former journals: {} set aside", journals.len());
}

// Req: LAW-03, JRN-07
#[test]
fn a_folder_in_which_something_cannot_be_read_stays() {
    let dir = tempfile::tempdir().unwrap();
    let mut keys = AgentKeys::default();
    for number in 1..=SET_ASIDE_MAX + 2 {
        let bench = Bench::written(60, 36 * 1024);
        keys.extend([bench.public()]);
        let to = dir.path().join(format!("{SET_ASIDE}{number}"));
        fs::rename(bench.folder(), &to).unwrap();
        if number == 1 {
            // Who knows what it held?
            fs::write(segment_files(&to).pop().unwrap(), vec![0x55; 8192]).unwrap();
        }
    }
    let folder = |number: usize| dir.path().join(format!("{SET_ASIDE}{number}"));
    let forget = |received| forget_received(dir.path(), "agent-1", &keys, |_| received).unwrap();
    let removed = forget(Received::Through(u64::MAX));
    assert_eq!((removed, folder(1).exists(), folder(2).exists()), (1, true, false));

    // What cannot be read is on record, and the Control Site has the rest; of a fork it has nothing.
    assert_eq!((forget(Received::Fork), folder(1).exists()), (0, true));
    assert_eq!((forget(Received::All), folder(1).exists(), folder(3).exists()), (1, false, true));
    println!("not to be read: 4 cases");
}

// Req: LAW-03, LAW-04, SEAL-06
#[test]
fn what_no_usable_key_has_sealed_is_sealed_on_its_way_and_stays_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let now: SharedSealer = Arc::new(SealingKey::generate().unwrap().0);
    let mut cases = 0;
    for has_key in [false, true] {
        let mut bench = if has_key { Bench::written(3, 1 << 20) } else { Bench::new() };
        if !has_key {
            let (writer, told) = bench.start_without_key(1 << 20);
            let append = bench.append(true, (1..=3).map(event).collect());
            assert!(writer.append(append));
            while !matches!(told.recv().unwrap(), Told::Durable(all) if all.last().unwrap().0 == 3)
            {
            }
            writer.end();
        }
        let aside = dir.path().join(format!("{SET_ASIDE}{}", u8::from(has_key)));
        fs::rename(bench.folder(), &aside).unwrap();
        let file = aside.join("segment-000000000001.db");
        let before = fs::read(&file).unwrap();
        let former = former_journals(dir.path(), "agent-1", &bench.public().into()).remove(0);

        let (tell, told) = channel();
        let told_all = move |input| tell.send(input).unwrap();
        let other = Bench::written(1, 1 << 20);
        let reader = reader(&other, told_all);
        // A key that is still usable keeps its seal.
        for usable in [vec![], vec![bench.public().id(), now.public().id()]] {
            let keeps = has_key && !usable.is_empty();
            let reseal = Reseal { key: Arc::clone(&now), usable };
            let all = Fetch { first: 1, last: 3, max_bytes: 1 << 20 };
            assert!(reader.fetch_former(&former, all, reseal));
            let fetched = loop {
                if let Input::FormerFetched { first: 1, through: 3, bundle, .. } =
                    told.recv().unwrap()
                {
                    break bundle;
                }
            };
            let records = bundle::decode(&fetched).unwrap();
            assert_eq!(records.len(), 3);
            let key = if keeps { bench.public() } else { now.public() };
            for one in records {
                let opened = cellwatch_seal::open(one).unwrap();
                opened.verify(RECORD_CONTENT_TYPE, &key).unwrap();
            }
            cases += 1;
        }
        assert_eq!(fs::read(&file).unwrap(), before, "the evidence is not touched");
    }
    println!("sealed on the way: {cases} cases");
}
