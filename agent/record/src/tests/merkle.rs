//! The folded tree against a naive one, and against what stands in RFC 9162.

use proptest::prelude::*;
use sha2::{Digest, Sha256};

use crate::{BatchTree, Hash, Kind, MerkleTree, inclusion_path, proves_inclusion};

fn sha(parts: &[&[u8]]) -> Hash {
    let hasher = parts.iter().fold(Sha256::new(), |hasher, part| hasher.chain_update(part));
    Hash(hasher.finalize().into())
}

/// RFC 9162 §2.1.1, word for word: MTH({}), MTH({d[0]}), MTH(D[0:k]) and MTH(D[k:n]).
fn naive(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => sha(&[]),
        [one] => sha(&[&[0], &one.0]),
        many => {
            let mut k = 1;
            while k * 2 < many.len() {
                k *= 2;
            }
            let (left, right) = (naive(&many[..k]), naive(&many[k..]));
            sha(&[&[1], &left.0, &right.0])
        }
    }
}

fn leaves(number: usize) -> Vec<Hash> {
    (0..number).map(|index| sha(&[&index.to_be_bytes()])).collect()
}

// Req: BAT-01
#[test]
fn every_size_has_the_root_of_the_definition() {
    let all = leaves(600);
    let mut tree = MerkleTree::default();
    for size in 0..=all.len() {
        assert_eq!(tree.root(), naive(&all[..size]), "{size} leaves");
        assert_eq!(tree.leaves(), size as u64);
        assert_eq!(
            tree.peaks().len(),
            size.count_ones() as usize,
            "memory grows with the logarithm"
        );
        let resumed = MerkleTree::resumed(size as u64, tree.peaks().to_vec());
        assert_eq!(resumed.as_ref(), Some(&tree), "{size} leaves");
        assert_eq!(MerkleTree::resumed(size as u64 + 1, tree.peaks().to_vec()).is_some(), {
            (size + 1).count_ones() == size.count_ones()
        });
        if let Some(next) = all.get(size) {
            tree.push(*next);
        }
    }
    println!("{} sizes", all.len() + 1);
}

/// Every leaf is proven, and no other one in its place.
// Req: BAT-01
#[test]
fn every_leaf_is_proven_to_be_in() {
    let mut cases = 0;
    for size in 1..=70 {
        let all = leaves(size);
        let root = naive(&all);
        assert_eq!(inclusion_path(&all, size), None);
        for (index, leaf) in all.iter().enumerate() {
            let path = inclusion_path(&all, index).unwrap();
            let proves = |leaf: Hash, index: usize, path: &[Hash], root: Hash| {
                proves_inclusion(leaf, index as u64, size as u64, path, root)
            };
            assert!(proves(*leaf, index, &path, root), "leaf {index} of {size}");
            assert!(!proves(sha(&[b"other"]), index, &path, root));
            assert!(!proves(*leaf, index, &path, sha(&[b"other"])));
            assert!(!proves(*leaf, size, &path, root), "beyond the end");
            if size > 1 {
                assert!(!proves(*leaf, (index + 1) % size, &path, root), "leaf {index} of {size}");
                assert!(!proves(*leaf, index, &path[1..], root));
            }
            assert!(!proves(*leaf, index, &[&path[..], &[root]].concat(), root));
            cases += 1;
        }
    }
    println!("{cases} proofs");
}

proptest! {
    /// Whatever is done to one record of a batch shows in the root or in the counts.
    // Req: BAT-01
    #[test]
    fn a_dropped_exchanged_doubled_or_changed_record_shows(
        size in 2..300_usize, at in any::<prop::sample::Index>(), to in any::<prop::sample::Index>(),
        bit in 0..256_usize,
    ) {
        let all = leaves(size);
        let (at, to) = (at.index(size), to.index(size));
        let tree = |leaves: &[Hash]| leaves.iter().copied().collect::<MerkleTree>().root();
        let whole = tree(&all);
        let mut dropped = all.clone();
        dropped.remove(at);
        prop_assert_ne!(tree(&dropped), whole);
        let mut doubled = all.clone();
        doubled.insert(at, all[to]);
        prop_assert_ne!(tree(&doubled), whole);
        if at != to {
            let mut exchanged = all.clone();
            exchanged.swap(at, to);
            prop_assert_ne!(tree(&exchanged), whole);
        }
        let mut changed = all.clone();
        changed[at].0[bit / 8] ^= 1 << (bit % 8);
        prop_assert_ne!(tree(&changed), whole);
        // A node shown as a leaf is another tree: leaves and nodes are hashed apart.
        let mut grafted = all.clone();
        let node = naive(&all[size - 2..]);
        grafted.truncate(size - 2);
        grafted.push(node);
        prop_assert_ne!(tree(&grafted), whole);
    }
}

/// Of its unit or of none, from its first record on, each once.
// Req: BAT-01
#[test]
fn a_batch_takes_what_belongs_to_it() {
    let all = leaves(8);
    let mut tree = BatchTree::new("BX-01", "B-1", 3);
    let records = [
        (2, Kind::Action, Some("BX-01")),
        (3, Kind::Batch, Some("BX-01")),
        (4, Kind::Telemetry, Some("BX-02")),
        (5, Kind::Event, None),
        (5, Kind::Event, None),
        (6, Kind::Telemetry, Some("BX-01")),
        (7, Kind::Telemetry, Some("BX-02")),
    ];
    for (seq, kind, unit) in records {
        tree.take(seq, kind, unit, all[usize::try_from(seq).unwrap()]);
    }
    let seal = tree.seal();
    assert_eq!((seal.first, seal.last, seal.records()), (3, 6, 3));
    let each_once = [(Kind::Telemetry, 1), (Kind::Batch, 1), (Kind::Event, 1)];
    assert_eq!(seal.counts, each_once.into());
    assert_eq!(seal.root, naive(&[all[3], all[5], all[6]]));
}
