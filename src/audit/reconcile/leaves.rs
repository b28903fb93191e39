//! The leaves of a tree over rows, collected from rows that are read in no particular order, and compared with the
//! seal.

use super::analyser::LogAnalyser;
use super::ledger::older_state;
use super::trees::Trees;
use crate::audit::findings::{Finding, Kind, Verdict};
use crate::audit::seal::{Checkpoint, Tree};

/// The names of such a tree in a finding: its rows, and the list of what was sealed.
fn names(tree: Tree) -> (&'static str, &'static str) {
    match tree {
        Tree::Lines => ("lines were sealed", "lines"),
        Tree::Ledger => ("movements were sealed", "ledger"),
        Tree::Rows => ("counts and changes to master data were sealed", "tree of counts and master data"),
    }
}

/// The leaf of a row: its number, its stored hash, and the hash of the row as it is.
#[derive(Debug, Clone, Copy)]
pub struct Leaf {
    pub number: u64,
    pub stored: [u8; 32],
    pub found: [u8; 32],
}

impl Leaf {
    /// Whether the row is as it was sealed.
    pub fn agrees(&self) -> bool {
        self.stored == self.found
    }
}

/// The hashes of the leaves, as computed from the rows and as stored.
#[derive(Debug, Default)]
pub struct Leaves {
    base: u64,
    hashes: Vec<Option<([u8; 32], [u8; 32])>>,
}

impl Leaves {
    /// An empty list of leaves that begins at a number.
    pub fn from(base: u64) -> Self {
        Self { base, hashes: Vec::new() }
    }

    /// Adds a leaf; those before the first number were verified earlier.
    pub fn note(&mut self, leaf: Leaf) {
        let place = leaf.number.checked_sub(self.base).and_then(|place| usize::try_from(place).ok());
        let Some(place) = place else { return };
        if self.hashes.len() <= place {
            self.hashes.resize(place + 1, None);
        }
        self.hashes[place] = Some((leaf.found, leaf.stored));
    }

    /// Compares the trees over the leaves with the checkpoints, and returns them as far as they reach.
    pub fn hold_against(
        self,
        tree: Tree,
        mut trees: Trees,
        checkpoints: &[Checkpoint],
        analyser: &mut LogAnalyser,
    ) -> Trees {
        let (were_sealed, list) = names(tree);
        let mut wanted: Vec<&Checkpoint> = checkpoints
            .iter()
            .filter(|checkpoint| checkpoint.tree == tree && checkpoint.size > trees.size())
            .collect();
        wanted.sort_by_key(|checkpoint| checkpoint.size);
        let mut wanted = wanted.into_iter().peekable();
        let mut gone_from = None;
        for leaf in self.hashes {
            let number = trees.size();
            let grown = if let Some((found, stored)) = leaf {
                tell_gone(list, gone_from.take(), number, analyser);
                trees.append(found, stored)
            } else {
                gone_from = gone_from.or(Some(number));
                trees.append_missing()
            };
            grown.into_iter().for_each(|finding| analyser.findings.add(finding));
            while let Some(checkpoint) = wanted.next_if(|checkpoint| checkpoint.size == trees.size()) {
                let found = trees.hold(checkpoint, checkpoints);
                found.into_iter().for_each(|finding| analyser.findings.add(finding));
            }
        }
        if let Some(checkpoint) = wanted.next() {
            analyser.findings.add(older_state(were_sealed, trees.size(), checkpoint));
        }
        trees.finish().into_iter().for_each(|finding| analyser.findings.add(finding));
        trees
    }
}

/// Reports leaves that are missing just before this one. A leaf of which only the row is missing is not among them.
fn tell_gone(list: &str, first: Option<u64>, number: u64, analyser: &mut LogAnalyser) {
    let Some(first) = first else { return };
    let what = match number - 1 {
        last if last == first => {
            format!("leaf {first} of the {list} is gone from the list of what was sealed")
        }
        last => format!("leaves {first} to {last} of the {list} are gone from the list of what was sealed"),
    };
    let finding = Finding::alarm(Kind::LeavesGone, Verdict::EvidenceAltered, what);
    analyser.findings.add(finding.of(list).of(first).of(number - 1));
}
