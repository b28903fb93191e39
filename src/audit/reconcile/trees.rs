//! A sealed tree as the data have it, held against what was signed: the tree over what is there, and beside
//! it the tree over the hashes that were stored when it was sealed. Where the data do not bear out a
//! checkpoint and the stored hashes do, the checkpoint itself proves these hashes, and what comes behind is
//! held against the seal as before. Where neither does, nothing behind the break can be held against it until
//! somebody has accepted the break with all that lies behind it; that is what a pin is.
//!
//! Boundary: hashes in, findings out. What a leaf is and where the hashes come from is not known here.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::finding::{Finding, Verdict};
use crate::audit::seal::tree::HASH_BYTES;
use crate::audit::seal::{Checkpoint, Frontier, Tree, root_text};
use crate::store::audit::TreeState;

/// Where a broken tree is taken up again: at a size, if what is there up to it is still what it was when the
/// break was accepted, with the state that the database then gave for the tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pin {
    /// The tree.
    pub tree: Tree,
    /// The size.
    pub size: u64,
    /// The root of what was there up to this size, with nothing in place of what was missing.
    pub root: String,
    /// The hashes of the tree's largest whole subtrees, one behind the other, hexadecimal.
    pub frontier: String,
}

impl Pin {
    fn new(tree: Tree, root: [u8; HASH_BYTES], state: &Frontier) -> Self {
        let frontier = state.bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        Self { tree, size: state.size(), root: root_text(root), frontier }
    }

    fn state(&self) -> Option<Frontier> {
        let digits = self.frontier.as_bytes().chunks(2);
        let bytes: Option<Vec<u8>> = digits
            .map(|pair| std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok()))
            .collect();
        Frontier::resume(self.tree.as_str(), self.size, &bytes?).ok()
    }

    fn finding(self, name: &str, from: u64) -> Finding {
        let key = format!("pin {} {} {} {}", self.tree.as_str(), self.size, self.root, self.frontier);
        let what = format!(
            "the {name} from number {from} to {} cannot be held against the seal any more; whoever accepts this takes them as they are now",
            self.size.saturating_sub(1)
        );
        Finding::alarm(Verdict::EvidenceAltered, what)
            .change(None, Some(format!("root {}", self.root)))
            .known_by(key)
            .with_pin(self)
    }
}

/// Both trees.
#[derive(Debug, Clone)]
pub struct Trees {
    tree: Tree,
    /// Over what is there.
    found: Frontier,
    /// Over the hashes that were stored with it.
    stored: Frontier,
    /// The leaf from which on nothing can be held against the seal.
    broken_at: Option<u64>,
    pins: Vec<Pin>,
    /// The state that the database gives for the tree, and the root of what is there at its size.
    claimed: Option<(Frontier, Option<[u8; HASH_BYTES]>)>,
}

impl Trees {
    /// Trees that go on from these states.
    pub fn new(tree: Tree, found: Frontier, stored: Frontier, pins: Vec<Pin>) -> Self {
        let pins = pins.into_iter().filter(|pin| pin.tree == tree).collect();
        Self { tree, found, stored, broken_at: None, pins, claimed: None }
    }

    /// How many leaves there are.
    pub fn size(&self) -> u64 {
        self.found.size()
    }

    /// The states: over what is there, and over what was stored.
    pub fn states(&self) -> (Vec<u8>, Vec<u8>) {
        (self.found.bytes(), self.stored.bytes())
    }

    /// Whether nothing can be held against the seal at present.
    pub fn is_broken(&self) -> bool {
        self.broken_at.is_some()
    }

    fn name(&self) -> &'static str {
        match self.tree {
            Tree::Lines => "collected lines",
            Tree::Ledger => "movements of the ledger",
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
        self.found.append(found);
        self.stored.append(stored);
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
        (self.found, self.stored, self.broken_at) = (state.clone(), state, None);
        Some(finding)
    }

    /// Holds a checkpoint of this size against both; `signed` are all checkpoints that there are.
    pub fn hold(&mut self, checkpoint: &Checkpoint, signed: &[Checkpoint]) -> Option<Finding> {
        let root = self.found.root();
        if root == checkpoint.root {
            (self.stored, self.broken_at) = (self.found.clone(), None);
            return None;
        }
        let is_new = self.broken_at.is_none();
        let finding = self.mismatch(checkpoint, signed, root);
        if self.stored.root() == checkpoint.root {
            (self.found, self.broken_at) = (self.stored.clone(), None);
        } else if is_new {
            self.broken_at = Some(lower_bound(checkpoint, signed));
        }
        is_new.then_some(finding)
    }

    /// A checkpoint that the data do not bear out.
    fn mismatch(&self, checkpoint: &Checkpoint, signed: &[Checkpoint], root: [u8; HASH_BYTES]) -> Finding {
        let name = self.name();
        let (from, to) = (lower_bound(checkpoint, signed), checkpoint.size.saturating_sub(1));
        let what = format!(
            "the {name} are not those that were signed: something among numbers {from} to {to} was changed after it was sealed"
        );
        let mut finding = Finding::alarm(Verdict::EvidenceAltered, what).change(
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
            "the {} from number {from} on cannot be held against the seal any more, and the database knows no state of their tree behind that",
            self.name()
        );
        Some(Finding::alarm(Verdict::EvidenceAltered, what).change(None, Some(root_text(self.found.root()))))
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
