#![allow(clippy::unwrap_used)]

use cellwatch_record::{Hash, JournalId};

use super::{AcceptedMasterFile, Keep, Keeper, State};
use crate::journal::Known;

#[test]
fn state_survives_the_process() {
    let dir = tempfile::tempdir().unwrap();
    assert!(State::open_to_read(dir.path()).unwrap().is_none());
    let state = State::open(dir.path()).unwrap();
    assert_eq!(state.count_start().unwrap(), 1);
    assert_eq!(state.known().unwrap(), Known::default());
    assert_eq!(state.master_file().unwrap(), None);
    state.keep_roster(b"roster").unwrap();
    let file = AcceptedMasterFile { version: 7, sha256: Hash([3; 32]), signed: vec![1, 2, 3] };
    let journal = JournalId([9; 16]);
    let keeper = Keeper::start(state).unwrap();
    keeper.keep(Keep::Receipt(journal, 4));
    keeper.keep(Keep::MasterFile(file.clone()));
    keeper.keep(Keep::Receipt(journal, 5));
    keeper.end();

    let state = State::open(dir.path()).unwrap();
    assert_eq!(state.count_start().unwrap(), 2);
    assert_eq!(state.known().unwrap(), Known { journal: Some(journal), receipt_through: 5 });
    assert_eq!(state.master_file().unwrap(), Some(file));
    assert_eq!(state.roster().unwrap().as_deref(), Some(&b"roster"[..]));
    println!("state: 9 cases");
}
