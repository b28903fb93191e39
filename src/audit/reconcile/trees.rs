//! Compares a sealed tree with the signed checkpoints: the tree over what exists, and beside it the tree over the
//! hashes stored at sealing. If the data do not match a checkpoint but the stored hashes do, the checkpoint proves
//! these hashes, and everything after it is compared with the seal as before. If neither matches, nothing after the
//! break can be compared until somebody has accepted the break with everything after it; that is the purpose of a pin.
//!
//! Boundary: hashes in, findings out. What a leaf is and where the hashes come from is not known here.

use sha2::{Digest as _, Sha256};

use crate::audit::findings::{Finding, Kind, Pin, Verdict};
use crate::audit::seal::tree::HASH_BYTES;
use crate::audit::seal::{Checkpoint, Frontier, Tree, root_text};
use crate::store::audit::TreeState;

/// The tree over what exists, and the tree over the stored hashes.
#[derive(Debug, Clone)]
pub struct Trees {
    tree: Tree,
    found: Frontier,
    /// The tree over the stored hashes; `None` while it is the same, which saves half the hashing.
    stored: Option<Frontier>,
    /// The leaf from which on nothing can be compared with the seal.
    broken_at: Option<u64>,
    pins: Vec<Pin>,
    /// The state according to the database, and the root of what exists at its size.
    claimed: Option<(Frontier, Option<[u8; HASH_BYTES]>)>,
}

impl Trees {
    /// Trees that continue from these states.
    pub fn new(tree: Tree, found: Frontier, stored: Option<Frontier>, pins: Vec<Pin>) -> Self {
        let pins = pins.into_iter().filter(|pin| pin.tree == tree).collect();
        Self { tree, found, stored, broken_at: None, pins, claimed: None }
    }

    /// The number of leaves in either tree.
    pub fn size(&self) -> u64 {
        self.found.size()
    }

    /// The states: of the tree over what exists, and of the tree over the stored hashes if it differs.
    pub fn states(&self) -> (Vec<u8>, Option<Vec<u8>>) {
        (self.found.bytes(), self.stored.as_ref().map(Frontier::bytes))
    }

    /// Whether nothing can be compared with the seal at present.
    pub fn is_broken(&self) -> bool {
        self.broken_at.is_some()
    }

    fn name(&self) -> &'static str {
        match self.tree {
            Tree::Lines => "collected lines",
            Tree::Ledger => "movements of the ledger",
            Tree::Rows => "counts and changes to master data",
        }
    }

    /// Sets the state according to the database, unless it is smaller than what has been read. It is trusted only if
    /// somebody accepts it, or if checkpoints confirm it.
    pub fn claim(&mut self, state: &TreeState) {
        let Ok(claimed) = Frontier::resume(self.tree.as_str(), state.size, &state.frontier) else { return };
        let root = (claimed.size() == self.size()).then(|| self.found.root());
        self.claimed = Some((claimed, root));
    }

    /// Adds a leaf: its hash computed from what exists, and the stored one.
    pub fn append(&mut self, found: [u8; HASH_BYTES], stored: [u8; HASH_BYTES]) -> Option<Finding> {
        if found != stored && self.stored.is_none() {
            self.stored = Some(self.found.clone());
        }
        self.found.append(found);
        if let Some(tree) = &mut self.stored {
            tree.append(stored);
        }
        self.grown()
    }

    /// Adds a leaf of which nothing exists any more.
    pub fn append_missing(&mut self) -> Option<Finding> {
        self.broken_at = self.broken_at.or(Some(self.size()));
        self.append([0; HASH_BYTES], [0; HASH_BYTES])
    }

    /// Resumes the tree if a break was accepted; otherwise notes with which state one could be accepted.
    fn grown(&mut self) -> Option<Finding> {
        let from = self.broken_at?;
        let size = self.size();
        if let Some((claimed, root)) = &mut self.claimed
            && claimed.size() == size
        {
            *root = Some(self.found.root());
        }
        if self.pins.iter().all(|pin| pin.size != size) {
            return None;
        }
        let root = root_text(self.found.root());
        let pin = self.pins.iter().find(|pin| pin.size == size && pin.root == root)?;
        let state = pin.state()?;
        let finding = pin.clone().finding(self.name(), from);
        (self.found, self.stored, self.broken_at) = (state, None, None);
        Some(finding)
    }

    /// Compares a checkpoint of this size with both trees; `signed` are all checkpoints that exist.
    pub fn hold(&mut self, checkpoint: &Checkpoint, signed: &[Checkpoint]) -> Vec<Finding> {
        let root = self.found.root();
        if root == checkpoint.root {
            (self.stored, self.broken_at) = (None, None);
            return Vec::new();
        }
        let is_new = self.broken_at.is_none();
        let mut found = Vec::new();
        if is_new {
            found.push(self.mismatch(checkpoint, signed, root));
        }
        if let Some(stored) = self.stored.take_if(|stored| stored.root() == checkpoint.root) {
            (self.found, self.broken_at) = (stored, None);
        } else if is_new {
            self.broken_at = Some(lower_bound(checkpoint, signed));
            // The break that was accepted at this size may have become known through this very checkpoint.
            found.extend(self.grown());
        }
        found
    }

    /// The finding about a checkpoint that the data do not match.
    fn mismatch(&self, checkpoint: &Checkpoint, signed: &[Checkpoint], root: [u8; HASH_BYTES]) -> Finding {
        let name = self.name();
        let (from, to) = (lower_bound(checkpoint, signed), checkpoint.size.saturating_sub(1));
        let what = format!(
            "the {name} do not match a signed checkpoint: at least one of numbers {from} to {to} was changed after it was sealed"
        );
        let former = format!(
            "the {name} are not those that were signed: something among numbers {from} to {to} was changed after it was sealed"
        );
        let mut finding = Finding::alarm(Kind::CheckpointDiffers, Verdict::EvidenceAltered, what)
            .of(self.tree.as_str())
            .of(from)
            .of(to)
            .formerly(former)
            .change(
                Some(format!("root {}", root_text(checkpoint.root))),
                Some(format!("root {}", root_text(root))),
            );
        finding.when = checkpoint.signed_at.map(|time| time.to_string());
        finding
    }

    /// The finding about a break that remains at the end.
    pub fn finish(&self) -> Option<Finding> {
        let from = self.broken_at?;
        if let Some((claimed, Some(root))) = &self.claimed {
            return Some(Pin::new(self.tree, *root, claimed).finding(self.name(), from));
        }
        let what = format!(
            "the {} from number {from} on can no longer be checked against the seal, and the database has no later state of their tree",
            self.name()
        );
        let former = format!(
            "the {} from number {from} on cannot be held against the seal any more, and the database knows no state of their tree behind that",
            self.name()
        );
        let finding =
            Finding::alarm(Kind::SealLost, Verdict::EvidenceAltered, what).of(self.tree.as_str()).of(from);
        Some(finding.formerly(former).change(None, Some(root_text(self.found.root()))))
    }
}

/// The size of the last checkpoint before this one. It does not depend on where a verification began, so that the
/// finding has the same id in each.
fn lower_bound(checkpoint: &Checkpoint, signed: &[Checkpoint]) -> u64 {
    let smaller = |other: &&Checkpoint| other.tree == checkpoint.tree && other.size < checkpoint.size;
    signed.iter().filter(smaller).map(|other| other.size).max().unwrap_or(0)
}

/// A digest of items that are reported only by their number, independent of their order.
#[derive(Debug, Clone, Default)]
pub struct Digest {
    things: Vec<[u8; HASH_BYTES]>,
}

impl Digest {
    /// Adds an item by a text that identifies it.
    pub fn add(&mut self, thing: &str) {
        self.things.push(Sha256::digest(thing).into());
    }

    /// The number of items, and the digest as text; `None` if there are none.
    pub fn told(&mut self) -> Option<(usize, String)> {
        self.things.sort_unstable();
        let hash = Sha256::digest(self.things.as_flattened());
        (!self.things.is_empty()).then(|| (self.things.len(), root_text(hash.into())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::seal::tree::leaf_hash;

    fn hash(number: u8) -> [u8; HASH_BYTES] {
        leaf_hash(&[number])
    }

    /// The tree over leaves that were numbered from 0 on.
    fn signed_tree(size: u8) -> Frontier {
        let mut tree = Frontier::default();
        (0..size).for_each(|number| tree.append(hash(number)));
        tree
    }

    fn checkpoints(sizes: &[u8]) -> Vec<Checkpoint> {
        let checkpoint = |size: &u8| Checkpoint {
            signer: "tests".to_owned(),
            tree: Tree::Lines,
            size: u64::from(*size),
            root: signed_tree(*size).root(),
            signed_at: None,
            retirement: None,
            note: String::new(),
        };
        sizes.iter().map(checkpoint).collect()
    }

    /// What is found when these leaves (what is there, what is stored; nothing when both are gone) are held
    /// against checkpoints, and how the trees are then.
    fn walk(leaves: &[Option<(u8, u8)>], sizes: &[u8], pins: &[Pin]) -> (Vec<Finding>, Trees) {
        let signed = checkpoints(sizes);
        let mut trees = Trees::new(Tree::Lines, Frontier::default(), None, pins.to_vec());
        let claimed = signed_tree(u8::try_from(leaves.len()).unwrap());
        trees.claim(&TreeState { size: claimed.size(), frontier: claimed.bytes() });
        let mut found = Vec::new();
        for leaf in leaves {
            found.extend(match leaf {
                Some((there, stored)) => trees.append(hash(*there), hash(*stored)),
                None => trees.append_missing(),
            });
            let size = trees.size();
            for checkpoint in signed.iter().filter(|checkpoint| checkpoint.size == size) {
                found.extend(trees.hold(checkpoint, &signed));
            }
        }
        found.extend(trees.finish());
        (found, trees)
    }

    fn leaves(size: u8) -> Vec<Option<(u8, u8)>> {
        (0..size).map(|number| Some((number, number))).collect()
    }

    #[test]
    fn unchanged_data_raises_nothing_and_keeps_one_tree() {
        let (found, trees) = walk(&leaves(20), &[5, 8, 20], &[]);
        assert!(found.is_empty() && trees.stored.is_none() && !trees.is_broken());
    }

    #[test]
    fn a_stored_hash_confirmed_by_a_checkpoint_replaces_altered_data() {
        let mut changed = leaves(20);
        changed[6] = Some((99, 6));
        let (found, trees) = walk(&changed, &[5, 8, 12, 20], &[]);
        assert_eq!(found.len(), 1);
        assert!(found[0].what.contains("one of numbers 5 to 7"), "{found:?}");
        assert!(trees.stored.is_none() && !trees.is_broken());
        // A second one is found after the first, although both its hashes were changed.
        changed[15] = Some((98, 98));
        let (found, _) = walk(&changed, &[5, 8, 12, 20], &[]);
        assert_eq!(found.len(), 3, "{found:?}");
        // Only a stored hash was changed: the row is confirmed.
        let mut changed = leaves(20);
        changed[6] = Some((6, 99));
        assert!(walk(&changed, &[5, 8, 20], &[]).0.is_empty());
    }

    #[test]
    fn nothing_after_a_break_is_verified_until_the_break_is_accepted() {
        for changed in [None, Some((99, 99))] {
            let mut broken = leaves(20);
            broken[6] = changed;
            let (found, trees) = walk(&broken, &[8, 12, 20], &[]);
            assert!(trees.is_broken());
            let pin = found.last().and_then(|finding| finding.pin.clone()).unwrap();
            assert_eq!(pin.size, 20);
            // As it was accepted, with more after it.
            let mut more = broken.clone();
            more.extend((20..30).map(|number| Some((number, number))));
            let (found, trees) = walk(&more, &[8, 12, 20, 25, 30], std::slice::from_ref(&pin));
            assert!(!trees.is_broken());
            assert!(
                found
                    .iter()
                    .all(|finding| finding.what.contains("to 7 ") || finding.pin.as_ref() == Some(&pin))
            );
            // Changed after it, and changed before it.
            let mut behind = more.clone();
            behind[27] = Some((98, 98));
            let mut within = more.clone();
            within[15] = Some((98, 98));
            for again in [behind, within] {
                let (found, trees) = walk(&again, &[8, 12, 20, 25, 30], std::slice::from_ref(&pin));
                let other =
                    found.iter().filter_map(|finding| finding.pin.as_ref()).find(|other| **other != pin);
                assert!(other.is_some() && trees.is_broken(), "{found:?}");
            }
        }
    }
}
