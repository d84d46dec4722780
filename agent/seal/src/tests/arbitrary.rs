//! Whatever comes in, nothing panics and nothing verifies.

use std::sync::LazyLock;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use super::people::{NOW, People};
use crate::{
    MASTER_FILE_CONTENT_TYPE, PublicKey, ROSTER_CONTENT_TYPE, Roster, Sealer, document, open, seal,
    verify_master_file,
};

static PEOPLE: LazyLock<People> = LazyLock::new(People::new);

/// A seal, an approved Master File, a roster.
static GOOD: LazyLock<[Vec<u8>; 3]> = LazyLock::new(|| {
    let people = &*PEOPLE;
    let roster = people.roster.to_toml();
    [
        seal(&people.agent, "text/plain", b"payload"),
        document::sign_new(MASTER_FILE_CONTENT_TYPE, b"text", &[&people.qa, &people.qp]),
        document::sign_new(ROSTER_CONTENT_TYPE, roster.as_bytes(), &[&people.root]),
    ]
});

/// Whether anything verifies.
fn any_verifies(bytes: &[u8]) -> bool {
    let people = &*PEOPLE;
    let key: PublicKey = people.agent.public();
    let sealed = open(bytes).is_ok_and(|sealed| sealed.verify("text/plain", &key).is_ok());
    let _ = document::untrusted_payload(bytes);
    let _ = document::add_signature(bytes, &people.agent);
    sealed
        || verify_master_file(bytes, &people.roster, Some(NOW)).is_ok()
        || Roster::open(bytes, &[people.root.public()], Some(NOW)).is_ok()
}

#[test]
fn the_undamaged_ones_verify() {
    assert!(GOOD.iter().all(|bytes| any_verifies(bytes)));
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2048,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_bytes(bytes in vec(any::<u8>(), 0..400)) {
        prop_assert!(!any_verifies(&bytes));
    }

    #[test]
    fn damaged_ones(
        which in any::<Index>(),
        edits in vec((any::<Index>(), 0..3_u8, any::<u8>()), 1..6),
    ) {
        let good = which.get(&*GOOD);
        let mut bytes = good.clone();
        for (at, edit, byte) in edits {
            let at = at.index(bytes.len());
            match edit {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                _ => { bytes.remove(at); }
            }
        }
        prop_assert!(&bytes == good || !any_verifies(&bytes));
    }

    #[test]
    fn any_text_as_a_roster(text in "\\PC{0,200}") {
        prop_assert!(Roster::from_toml(&text).is_err());
    }
}
