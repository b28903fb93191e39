//! Proofs that a movement is in the signed ledger, which can be checked without the database.

use serde::{Deserialize, Serialize};
use tlog_tiles::tlog::{
    Error as TreeError, Hash, HashReader, check_record, prove_record, stored_hashes_for_record_hash,
};
use uuid::Uuid;

use super::SealError;
use super::checkpoint::{Checkpoint, Tree};
use super::key::PublicKey;
use super::tree::leaf_hash;
use crate::store::Store;
use crate::store::audit::SealedMovement;

/// The name of the format.
const FORMAT: &str = "stockroom-proof-v1";

/// A proof that one movement is a leaf of a signed tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    pub format: String,
    /// The row of the ledger as it was sealed, byte for byte: JSON.
    pub leaf: String,
    pub leaf_no: u64,
    /// The hashes on the path from the leaf to the root, in base64.
    pub path: Vec<String>,
    pub checkpoint: String,
}

/// All hashes of a tree, in the order in which they become known.
struct Stored(Vec<Hash>);

impl HashReader for Stored {
    fn read_hashes(&self, places: &[u64]) -> Result<Vec<Hash>, TreeError> {
        let hash = |place: &u64| usize::try_from(*place).ok().and_then(|place| self.0.get(place)).copied();
        places.iter().map(|place| hash(place).ok_or(TreeError::IndexesNotInTree)).collect()
    }
}

/// Makes the proof for one movement from a checkpoint that covers it.
///
/// # Errors
/// [`SealError::Missing`] if the movement does not exist, is not sealed, or is not covered by the checkpoint;
/// [`SealError::Broken`] if its row is not what was sealed, or the tree not what was signed.
pub async fn prove(store: &Store, id: Uuid, checkpoint: &Checkpoint) -> Result<Proof, SealError> {
    let missing = |what: &str| SealError::Missing(format!("movement {id} {what}"));
    if checkpoint.tree != Tree::Ledger {
        return Err(SealError::Missing("the checkpoint is not one of the ledger".to_owned()));
    }
    let sealed =
        store.sealed_leaf(id).await?.ok_or_else(|| missing("is not sealed; is the collector running?"))?;
    let movement =
        store.ledger_row(id).await?.ok_or_else(|| missing("was sealed and is no longer in the ledger"))?;
    if sealed.leaf_no >= checkpoint.size {
        return Err(missing("was sealed after the checkpoint; use a later one"));
    }
    let leaf = leaf_text(&movement)?;
    if leaf_hash(leaf.as_bytes()) != sealed.leaf_hash {
        return Err(SealError::Broken(format!("movement {id} is not as it was sealed")));
    }
    let mut stored = Stored(Vec::new());
    let mut size = 0;
    let failed = |error: TreeError| SealError::Broken(error.to_string());
    while size < checkpoint.size {
        let hashes = store.leaf_hashes(Tree::Ledger.as_str(), size).await?;
        if hashes.is_empty() {
            return Err(SealError::Broken(format!("leaf {size} of the tree over the ledger is gone")));
        }
        for hash in hashes.into_iter().take(usize::try_from(checkpoint.size - size).unwrap_or(usize::MAX)) {
            let new = stored_hashes_for_record_hash(size, Hash(hash), &stored).map_err(failed)?;
            stored.0.extend(new);
            size += 1;
        }
    }
    let path = prove_record(checkpoint.size, sealed.leaf_no, &stored).map_err(failed)?;
    let proof = Proof {
        format: FORMAT.to_owned(),
        leaf,
        leaf_no: sealed.leaf_no,
        path: path.iter().map(ToString::to_string).collect(),
        checkpoint: checkpoint.note.clone(),
    };
    proof.run(checkpoint)?;
    Ok(proof)
}

fn leaf_text(movement: &SealedMovement) -> Result<String, SealError> {
    let bytes = movement.leaf().map_err(|error| SealError::Broken(error.to_string()))?;
    String::from_utf8(bytes).map_err(|error| SealError::Broken(error.to_string()))
}

impl Proof {
    /// Checks the proof with only the public key, and returns the movement and the checkpoint.
    ///
    /// # Errors
    /// [`SealError`] if anything about it is wrong.
    pub fn check(&self, key: &PublicKey) -> Result<(SealedMovement, Checkpoint), SealError> {
        if self.format != FORMAT {
            return Err(SealError::Broken(format!("{} is not a known format of proofs", self.format)));
        }
        let checkpoint = Checkpoint::read(&self.checkpoint, key)?;
        if checkpoint.tree != Tree::Ledger {
            return Err(SealError::Broken("the checkpoint is not one of the ledger".to_owned()));
        }
        self.run(&checkpoint)?;
        let movement = serde_json::from_str(&self.leaf)
            .map_err(|error| SealError::Broken(format!("the leaf is not a movement: {error}")))?;
        Ok((movement, checkpoint))
    }

    fn run(&self, checkpoint: &Checkpoint) -> Result<(), SealError> {
        let broken =
            || SealError::Broken("the proof does not lead from the movement to the signed root".to_owned());
        let path = self
            .path
            .iter()
            .map(|hash| Hash::parse_hash(hash).map_err(|_| broken()))
            .collect::<Result<Vec<_>, _>>()?;
        let leaf = Hash(leaf_hash(self.leaf.as_bytes()));
        check_record(&path, checkpoint.size, Hash(checkpoint.root), self.leaf_no, leaf).map_err(|_| broken())
    }
}
