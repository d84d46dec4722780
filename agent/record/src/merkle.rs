//! Merkle tree over payload hashes (RFC 9162 §2.1), folded in memory that grows with the logarithm of its leaves.
//!
//! ```text
//! leaf hash = SHA-256(0x00 || payload hash)        payload hash = SHA-256(payload), as the chain has it
//! node hash = SHA-256(0x01 || left || right)       the left subtree is the largest power of two below the whole
//! ```
//! The two first bytes keep leaves and nodes apart: no node can be shown as a leaf.

use sha2::{Digest, Sha256};

use crate::common::{Hash, sha256};

const LEAF: u8 = 0;
const NODE: u8 = 1;

/// Most peaks of a tree: one for each bit of the number of its leaves.
pub const PEAKS_MAX: usize = 64;

fn leaf_hash(payload_hash: Hash) -> Hash {
    Hash(Sha256::new_with_prefix([LEAF]).chain_update(payload_hash.0).finalize().into())
}

fn node_hash(left: Hash, right: Hash) -> Hash {
    let hasher = Sha256::new_with_prefix([NODE]).chain_update(left.0).chain_update(right.0);
    Hash(hasher.finalize().into())
}

/// A tree that leaves are added to, one after the other.
///
/// It keeps the roots of its complete subtrees, the *peaks*, the largest first: one for each bit that is set in the
/// number of leaves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MerkleTree {
    leaves: u64,
    peaks: Vec<Hash>,
}

impl MerkleTree {
    /// Goes on with a tree of so many leaves; none where the peaks are not as many as such a tree has.
    #[must_use]
    pub fn resumed(leaves: u64, peaks: Vec<Hash>) -> Option<Self> {
        (peaks.len() == leaves.count_ones() as usize).then_some(Self { leaves, peaks })
    }

    /// How many leaves it has.
    #[must_use]
    pub const fn leaves(&self) -> u64 {
        self.leaves
    }

    /// The roots of its complete subtrees, the largest first.
    #[must_use]
    pub fn peaks(&self) -> &[Hash] {
        &self.peaks
    }

    /// Adds the next leaf.
    pub fn push(&mut self, payload_hash: Hash) {
        let mut hash = leaf_hash(payload_hash);
        let mut below = self.leaves;
        while below & 1 == 1 {
            let left = self.peaks.pop().expect("a peak for each bit of the number of leaves");
            hash = node_hash(left, hash);
            below >>= 1;
        }
        self.peaks.push(hash);
        self.leaves += 1;
    }

    /// The root of all leaves so far; of none, the SHA-256 of nothing (RFC 9162 §2.1.1).
    #[must_use]
    pub fn root(&self) -> Hash {
        let all = self.peaks.iter().rev().copied();
        all.reduce(|right, left| node_hash(left, right)).unwrap_or_else(|| sha256(&[]))
    }
}

impl FromIterator<Hash> for MerkleTree {
    fn from_iter<T: IntoIterator<Item = Hash>>(leaves: T) -> Self {
        let mut tree = Self::default();
        leaves.into_iter().for_each(|leaf| tree.push(leaf));
        tree
    }
}

/// Hashes that lead from the leaf at `index` to the root (RFC 9162 §2.1.3.1), the nearest first; none where there is
/// no such leaf.
#[must_use]
pub fn inclusion_path(leaves: &[Hash], index: usize) -> Option<Vec<Hash>> {
    if index >= leaves.len() {
        return None;
    }
    let (mut rest, mut index, mut path) = (leaves, index, Vec::new());
    while rest.len() > 1 {
        let (left, right) = rest.split_at(rest.len().next_power_of_two() / 2);
        let (stays, other) = if index < left.len() { (left, right) } else { (right, left) };
        index -= if index < left.len() { 0 } else { left.len() };
        path.push(other.iter().copied().collect::<MerkleTree>().root());
        rest = stays;
    }
    path.reverse();
    Some(path)
}

/// True where `path` proves that `leaf` is the leaf at `index` of the tree of `leaves` leaves with this root
/// (RFC 9162 §2.1.3.2).
#[must_use]
pub fn proves_inclusion(leaf: Hash, index: u64, leaves: u64, path: &[Hash], root: Hash) -> bool {
    if index >= leaves {
        return false;
    }
    let (mut place, mut last, mut hash) = (index, leaves - 1, leaf_hash(leaf));
    for other in path {
        if last == 0 {
            return false;
        }
        if place & 1 == 1 || place == last {
            hash = node_hash(*other, hash);
            while place & 1 == 0 && place != 0 {
                place >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(hash, *other);
        }
        place >>= 1;
        last >>= 1;
    }
    last == 0 && hash == root
}
