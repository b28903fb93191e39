//! A tree that only grows, stored as the hashes of its largest complete subtrees; and what a leaf is.

use tlog_tiles::tlog::{
    EMPTY_HASH, Error as TreeError, Hash, HashReader, record_hash, stored_hashes_for_record_hash, tree_hash,
};

/// The length of a hash in bytes.
pub const HASH_BYTES: usize = 32;

/// The hashes of the largest complete subtrees of a tree, from left to right.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Frontier {
    size: u64,
    hashes: Vec<Hash>,
}

/// The crate requests hashes by index; when a leaf is added or the root is computed, those are always the last ones of
/// the frontier, or all of them, from left to right.
impl HashReader for Frontier {
    fn read_hashes(&self, places: &[u64]) -> Result<Vec<Hash>, TreeError> {
        let first = self.hashes.len().checked_sub(places.len()).ok_or(TreeError::BadMath)?;
        Ok(self.hashes[first..].to_vec())
    }
}

/// The error for a frontier that does not fit its size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the stored state of the tree over the {0} is damaged")]
pub struct DamagedFrontier(pub &'static str);

impl Frontier {
    /// Restores a tree from its stored size and hashes.
    ///
    /// # Errors
    /// [`DamagedFrontier`] if the number of hashes does not fit the size.
    pub fn resume(name: &'static str, size: u64, bytes: &[u8]) -> Result<Self, DamagedFrontier> {
        let (hashes, rest) = bytes.as_chunks::<HASH_BYTES>();
        if !rest.is_empty() || hashes.len() != size.count_ones() as usize {
            return Err(DamagedFrontier(name));
        }
        Ok(Self { size, hashes: hashes.iter().map(|bytes| Hash(*bytes)).collect() })
    }

    /// The number of leaves in the tree.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The hashes of the frontier, concatenated from left to right.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        self.hashes.iter().flat_map(|hash| hash.0).collect()
    }

    /// Adds a leaf by its hash.
    pub fn append(&mut self, leaf_hash: [u8; HASH_BYTES]) {
        // The reader above fails only for a frontier that does not fit its size, and none is ever created.
        let Ok(mut new) = stored_hashes_for_record_hash(self.size, Hash(leaf_hash), self) else { return };
        // The leaf completes one subtree for each hash after its own; these replace the hashes they consist of.
        self.hashes.truncate(self.hashes.len() + 1 - new.len());
        self.hashes.extend(new.pop());
        self.size += 1;
    }

    /// The hash of the root.
    #[must_use]
    pub fn root(&self) -> [u8; HASH_BYTES] {
        tree_hash(self.size, self).unwrap_or(EMPTY_HASH).0
    }
}

/// A hash in the form that checkpoints use.
#[must_use]
pub fn root_text(hash: [u8; HASH_BYTES]) -> String {
    Hash(hash).to_string()
}

/// The hash of a leaf with these bytes (RFC 9162, 2.1.1).
#[must_use]
pub fn leaf_hash(bytes: &[u8]) -> [u8; HASH_BYTES] {
    record_hash(bytes).0
}

/// The hash of the leaf of a collected line: over its position and all its bytes.
#[must_use]
pub fn leaf_of_line(file: &str, offset: u64, raw: &[u8]) -> [u8; HASH_BYTES] {
    let mut leaf = Vec::with_capacity(file.len() + raw.len() + 32);
    leaf.extend_from_slice(file.as_bytes());
    leaf.push(b'\n');
    leaf.extend_from_slice(offset.to_string().as_bytes());
    leaf.push(b'\n');
    leaf.extend_from_slice(raw);
    leaf_hash(&leaf)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sha2::{Digest, Sha256};

    use super::*;

    /// The root straight from the definition in RFC 9162, 2.1.1.
    fn defined(leaves: &[Vec<u8>]) -> [u8; 32] {
        match leaves.len() {
            0 => Sha256::digest(b"").into(),
            1 => Sha256::new().chain_update([0]).chain_update(&leaves[0]).finalize().into(),
            count => {
                let split = 1 << (count - 1).ilog2();
                let (left, right) = (defined(&leaves[..split]), defined(&leaves[split..]));
                Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
            }
        }
    }

    #[test]
    fn the_roots_are_those_of_the_definition() {
        let leaves: Vec<Vec<u8>> = (0..70_u8).map(|number| vec![number; usize::from(number)]).collect();
        let mut tree = Frontier::default();
        assert_eq!(tree.root(), defined(&[]));
        for (count, leaf) in leaves.iter().enumerate() {
            tree.append(leaf_hash(leaf));
            assert_eq!(tree.root(), defined(&leaves[..=count]), "{count}");
        }
    }

    #[test]
    fn the_published_vector() {
        // RFC 6962 test vectors of the Certificate Transparency project: eight leaves.
        let leaves = [
            "",
            "00",
            "10",
            "2021",
            "3031",
            "40414243",
            "5051525354555657",
            "606162636465666768696a6b6c6d6e6f",
        ];
        let bytes = |hex: &str| -> Vec<u8> {
            (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
        };
        let mut tree = Frontier::default();
        leaves.iter().for_each(|leaf| tree.append(leaf_hash(&bytes(leaf))));
        assert_eq!(
            tree.root().to_vec(),
            bytes("5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328")
        );
    }

    #[test]
    fn a_damaged_state_is_not_taken_up() {
        assert!(Frontier::resume("lines", 3, &[0; 64]).is_ok());
        for (size, bytes) in [(3, 32), (3, 63), (0, 32), (1, 0), (4, 64)] {
            assert!(Frontier::resume("lines", size, &vec![0; bytes]).is_err(), "{size} {bytes}");
        }
    }

    proptest! {
        #[test]
        fn pausing_and_resuming_changes_nothing(count in 0u64..300, pause in 0u64..300) {
            let (mut whole, mut parts) = (Frontier::default(), Frontier::default());
            for number in 0..count {
                let hash = leaf_hash(&number.to_be_bytes());
                whole.append(hash);
                if number == pause {
                    parts = Frontier::resume("lines", parts.size(), &parts.bytes()).unwrap();
                }
                parts.append(hash);
            }
            prop_assert_eq!(whole.root(), parts.root());
        }
    }
}
