//! The point at which a broken seal is resumed.

use serde::{Deserialize, Serialize};

use super::{Finding, Kind, Verdict};
use crate::audit::seal::tree::HASH_BYTES;
use crate::audit::seal::{Frontier, Tree, root_text};

/// The size at which a broken tree is resumed, provided that everything up to it is unchanged since the break was
/// accepted, with the state that the database then had for the tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pin {
    pub tree: Tree,
    pub size: u64,
    /// The root of what existed up to this size, without anything in place of what was missing.
    pub root: String,
    /// The hashes of the tree's largest complete subtrees, concatenated, in hexadecimal.
    pub frontier: String,
}

impl Pin {
    /// The point after the break: the root of what exists, and the state according to the database.
    #[must_use]
    pub fn new(tree: Tree, root: [u8; HASH_BYTES], state: &Frontier) -> Self {
        let frontier = state.bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        Self { tree, size: state.size(), root: root_text(root), frontier }
    }

    /// The state that the database had for the tree.
    #[must_use]
    pub fn state(&self) -> Option<Frontier> {
        let digits = self.frontier.as_bytes().chunks(2);
        let bytes: Option<Vec<u8>> = digits
            .map(|pair| std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok()))
            .collect();
        Frontier::resume(self.tree.as_str(), self.size, &bytes?).ok()
    }

    /// The finding that is accepted together with it.
    #[must_use]
    pub fn finding(self, name: &str, from: u64) -> Finding {
        let former = format!("pin {} {} {} {}", self.tree.as_str(), self.size, self.root, self.frontier);
        let what = format!(
            "the {name} numbered {from} to {} can no longer be checked against the seal; accepting this takes them as they are now",
            self.size.saturating_sub(1)
        );
        Finding::alarm(Kind::SealBroken, Verdict::EvidenceAltered, what)
            .change(None, Some(format!("root {}", self.root)))
            .of(self.tree.as_str())
            .of(self.size)
            .of(&self.root)
            .of(&self.frontier)
            .whatever_its_values()
            .formerly(former)
            .with_pin(self)
    }
}
