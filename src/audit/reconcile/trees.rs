//! A sealed tree as the data have it, held against what was signed: the tree over what is there, and beside
//! it the tree over the hashes that were stored when it was sealed. Where the data do not bear out a
//! checkpoint and the stored hashes do, the checkpoint itself proves these hashes, and what comes behind is
//! held against the seal as before. Where neither does, nothing behind the break can be held against it until
//! somebody has accepted the break with all that lies behind it; that is what a pin is.
//!
//! Boundary: hashes in, findings out. What a leaf is and where the hashes come from is not known here.

use sha2::{Digest as _, Sha256};

use crate::audit::findings::{Finding, Kind, Pin, Verdict};
use crate::audit::seal::tree::HASH_BYTES;
use crate::audit::seal::{Checkpoint, Frontier, Tree, root_text};
use crate::store::audit::TreeState;

/// Both trees.
#[derive(Debug, Clone)]
pub struct Trees {
    tree: Tree,
    found: Frontier,
    /// Over the hashes that were stored with it; `None` while it is the same tree, which saves half the hashing.
    stored: Option<Frontier>,
    /// The leaf from which on nothing can be held against the seal.
    broken_at: Option<u64>,
    pins: Vec<Pin>,
    /// The state that the database gives for the tree, and the root of what is there at its size.
    claimed: Option<(Frontier, Option<[u8; HASH_BYTES]>)>,
}

impl Trees {
    /// Trees that go on from these states.
    pub fn new(tree: Tree, found: Frontier, stored: Option<Frontier>, pins: Vec<Pin>) -> Self {
        let pins = pins.into_iter().filter(|pin| pin.tree == tree).collect();
        Self { tree, found, stored, broken_at: None, pins, claimed: None }
    }

    /// How many leaves there are.
    pub fn size(&self) -> u64 {
        self.found.size()
    }

    /// The states: over what is there, and over what was stored where that is another tree.
    pub fn states(&self) -> (Vec<u8>, Option<Vec<u8>>) {
        (self.found.bytes(), self.stored.as_ref().map(Frontier::bytes))
    }

    /// Whether nothing can be held against the seal at present.
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

    /// Takes what the database gives as the state of the tree, as long as it is not smaller than what has been
    /// walked. It is believed only if somebody accepts it, or if checkpoints bear it out.
    pub fn claim(&mut self, state: &TreeState) {
        let Ok(claimed) = Frontier::resume(self.tree.as_str(), state.size, &state.frontier) else { return };
        let root = (claimed.size() == self.size()).then(|| self.found.root());
        self.claimed = Some((claimed, root));
    }

    /// Adds a leaf: its hash from what is there, and the one that was stored.
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

    /// Adds a leaf of which nothing is left.
    pub fn append_missing(&mut self) -> Option<Finding> {
        self.broken_at = self.broken_at.or(Some(self.size()));
        self.append([0; HASH_BYTES], [0; HASH_BYTES])
    }

    /// Takes the tree up again where a break was accepted; otherwise notes what one could be accepted with.
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

    /// Holds a checkpoint of this size against both; `signed` are all checkpoints that there are.
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
            // The break that this size was accepted with may have become known by this very checkpoint.
            found.extend(self.grown());
        }
        found
    }

    /// A checkpoint that the data do not bear out.
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

    /// What is still broken at the end.
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

/// The size of the last checkpoint before this one. It does not depend on where a verification began, so that
/// what is found has the same identity in each.
fn lower_bound(checkpoint: &Checkpoint, signed: &[Checkpoint]) -> u64 {
    let smaller = |other: &&Checkpoint| other.tree == checkpoint.tree && other.size < checkpoint.size;
    signed.iter().filter(smaller).map(|other| other.size).max().unwrap_or(0)
}

/// A digest of things that are told by their number alone, whatever order they come in.
#[derive(Debug, Clone, Default)]
pub struct Digest {
    things: Vec<[u8; HASH_BYTES]>,
}

impl Digest {
    /// Adds a thing by a text that tells it from others.
    pub fn add(&mut self, thing: &str) {
        self.things.push(Sha256::digest(thing).into());
    }

    /// How many there are, and the digest as a text; `None` when there are none.
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
    fn what_is_as_it_was_raises_nothing_and_keeps_one_tree() {
        let (found, trees) = walk(&leaves(20), &[5, 8, 20], &[]);
        assert!(found.is_empty() && trees.stored.is_none() && !trees.is_broken());
    }

    #[test]
    fn a_stored_hash_that_a_checkpoint_bears_out_stands_in_for_what_was_changed() {
        let mut changed = leaves(20);
        changed[6] = Some((99, 6));
        let (found, trees) = walk(&changed, &[5, 8, 12, 20], &[]);
        assert_eq!(found.len(), 1);
        assert!(found[0].what.contains("one of numbers 5 to 7"), "{found:?}");
        assert!(trees.stored.is_none() && !trees.is_broken());
        // A second one is found behind the first, though both its hashes were changed.
        changed[15] = Some((98, 98));
        let (found, _) = walk(&changed, &[5, 8, 12, 20], &[]);
        assert_eq!(found.len(), 3, "{found:?}");
        // A stored hash alone was changed: what is there is borne out.
        let mut changed = leaves(20);
        changed[6] = Some((6, 99));
        assert!(walk(&changed, &[5, 8, 20], &[]).0.is_empty());
    }

    #[test]
    fn behind_a_break_nothing_is_held_until_it_is_accepted_as_it_is() {
        for changed in [None, Some((99, 99))] {
            let mut broken = leaves(20);
            broken[6] = changed;
            let (found, trees) = walk(&broken, &[8, 12, 20], &[]);
            assert!(trees.is_broken());
            let pin = found.last().and_then(|finding| finding.pin.clone()).unwrap();
            assert_eq!(pin.size, 20);
            // As it was accepted, with more behind it.
            let mut more = broken.clone();
            more.extend((20..30).map(|number| Some((number, number))));
            let (found, trees) = walk(&more, &[8, 12, 20, 25, 30], std::slice::from_ref(&pin));
            assert!(!trees.is_broken());
            assert!(
                found
                    .iter()
                    .all(|finding| finding.what.contains("to 7 ") || finding.pin.as_ref() == Some(&pin))
            );
            // Changed behind it, and changed before it.
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
