#![allow(clippy::unwrap_used)]

use cellwatch_model::Utc;
use cellwatch_record::{Hash, JournalId, SavedSite, SiteStatus};
use cellwatch_seal::PublicKey;

use super::{AcceptedMasterFile, Keep, Keeper, KeptRoster, State};
use crate::journal::Known;

#[test]
fn state_survives_the_process() {
    let dir = tempfile::tempdir().unwrap();
    assert!(State::open_to_read(dir.path()).unwrap().is_none());
    let state = State::open(dir.path()).unwrap();
    assert_eq!(state.count_start().unwrap(), 1);
    assert_eq!(state.known().unwrap(), Known::default());
    assert_eq!(state.master_files().unwrap(), (Vec::new(), 0));
    assert_eq!(state.site().unwrap(), SavedSite::default());
    assert_eq!(state.roster().unwrap(), None);
    let file = |version: u8| AcceptedMasterFile {
        version: version.into(),
        sha256: Hash([version; 32]),
        accepted: Utc(1_000 + i64::from(version)),
        signed: vec![version; 3].into(),
    };
    let roster = KeptRoster {
        signed: b"roster".to_vec(),
        roots: vec![PublicKey([1; 32]), PublicKey([2; 32])],
        anchor: Hash([5; 32]),
    };
    let site = SavedSite { status: SiteStatus::Paused, command: 12, sha256: Hash([6; 32]) };
    let journal = JournalId([9; 16]);
    let keeper = Keeper::start(state).unwrap();
    keeper.keep(Keep::Receipt(journal, 4));
    keeper.keep(Keep::MasterFiles(vec![file(6), file(7)], 7));
    keeper.keep(Keep::MasterFiles(vec![file(7), file(11)], 11));
    keeper.keep(Keep::Roster(roster.clone()));
    keeper.keep(Keep::Site(site.clone()));
    keeper.keep(Keep::Receipt(journal, 5));
    keeper.end();

    let state = State::open(dir.path()).unwrap();
    assert_eq!(state.count_start().unwrap(), 2);
    assert_eq!(
        state.known().unwrap(),
        Known { journal: Some(journal), receipt_through: 5, ..Known::default() }
    );
    assert_eq!(state.master_files().unwrap(), (vec![file(7), file(11)], 11));
    assert_eq!(state.roster().unwrap(), Some(roster));
    assert_eq!(state.site().unwrap(), site);
    println!("state: 12 cases");
}
