//! Signs checkpoints one after another, and never two that contradict each other.

use jiff::Timestamp;

use super::SealError;
use super::checkpoint::{Checkpoint, CheckpointDir, Tree};
use super::key::{PublicKey, SealKey};
use super::tree::Frontier;
use crate::store::Store;
use crate::store::audit::TreeState;

/// Signs checkpoints of the trees of one database into one directory.
#[derive(Debug)]
pub struct Sealer {
    key: SealKey,
    directory: CheckpointDir,
    sizes: [u64; Tree::ALL.len()],
}

impl Sealer {
    /// Resumes sealing: the database must still match what was signed last.
    ///
    /// # Errors
    /// [`SealError::Broken`] if it does not; then nothing is signed until somebody has investigated.
    pub async fn open(
        store: &Store,
        key: SealKey,
        public: &PublicKey,
        directory: CheckpointDir,
    ) -> Result<Self, SealError> {
        let mut sizes = [0; Tree::ALL.len()];
        for (tree, size) in Tree::ALL.into_iter().zip(&mut sizes) {
            let Some(last) = directory.last(tree, public)? else { continue };
            let state = store.tree(tree.as_str()).await?;
            check_against(store, tree, &state, &last, |size| directory.retirement(size, public)).await?;
            *size = last.size;
        }
        Ok(Self { key, directory, sizes })
    }

    /// How many collected lines have been signed.
    #[must_use]
    pub fn signed_lines(&self) -> u64 {
        Tree::ALL
            .into_iter()
            .zip(self.sizes)
            .find(|(tree, _)| *tree == Tree::Lines)
            .map_or(0, |(_, size)| size)
    }

    /// Signs what has been added since the last time; returns what was signed. A collector passes the tree over the
    /// lines that it has stored itself: nothing else is signed, because until then whoever can write the tables can
    /// replace lines together with their hashes.
    ///
    /// # Errors
    /// [`SealError`] if the database or a file fails, a tree has become smaller, or the lines are not those collected.
    pub async fn seal(
        &mut self,
        store: &Store,
        collected: Option<&Frontier>,
    ) -> Result<Vec<Checkpoint>, SealError> {
        let now = Timestamp::now();
        let mut signed = Vec::new();
        for (tree, size) in Tree::ALL.into_iter().zip(&mut self.sizes) {
            let state = resume(tree, &store.tree(tree.as_str()).await?)?;
            if tree == Tree::Lines && collected.is_some_and(|collected| *collected != state) {
                return Err(SealError::Broken(
                    "the stored log entries are not those that were collected: something else wrote them; they are compared with the log before anything is signed".to_owned(),
                ));
            }
            if state.size() < *size {
                return Err(SealError::Broken(format!(
                    "the tree over the {} has {} leaves and {size} have been signed: an older state of the database was put back",
                    tree.as_str(),
                    state.size()
                )));
            }
            if state.size() > *size {
                signed.push(Checkpoint::sign(&self.key, tree, &state, now)?);
                *size = state.size();
            }
        }
        if !signed.is_empty() {
            self.directory.append(&signed, now)?;
        }
        Ok(signed)
    }
}

fn resume(tree: Tree, state: &TreeState) -> Result<Frontier, SealError> {
    Frontier::resume(tree.as_str(), state.size, &state.frontier)
        .map_err(|error| SealError::Broken(error.to_string()))
}

/// Checks that a tree is still what was signed: by the hashes of its leaves up to the signed size, and from there to
/// its stored state.
async fn check_against(
    store: &Store,
    tree: Tree,
    state: &TreeState,
    last: &Checkpoint,
    retirement: impl FnOnce(u64) -> Result<Option<Checkpoint>, SealError>,
) -> Result<(), SealError> {
    let broken = |what: String| Err(SealError::Broken(what));
    let name = tree.as_str();
    if state.size < last.size {
        return broken(format!(
            "the tree over the {name} has {} leaves and {} were signed at {}: an older state of the database was put back",
            state.size,
            last.size,
            time_words(last)
        ));
    }
    let (start, frontier) = store.leaves_begin(name).await?;
    let mut grown =
        Frontier::resume(name, start, &frontier).map_err(|error| SealError::Broken(error.to_string()))?;
    if start > last.size {
        // No month is dropped without a signature, so retention cannot be the cause.
        return broken(format!(
            "the first {start} leaves of the tree over the {name} are marked as dropped, and only {} were ever signed",
            last.size
        ));
    }
    // Before retention was signed, there was only a state that led to the last checkpoint.
    if start > 0
        && let Some(dropped) = retirement(start)?
        && dropped.root != grown.root()
    {
        return broken(format!(
            "the first {start} leaves of the tree over the {name} are not those that were dropped"
        ));
    }
    let mut agrees = start == last.size && grown.root() == last.root;
    while grown.size() < state.size {
        let hashes = store.leaf_hashes(name, grown.size()).await?;
        if hashes.is_empty() {
            return broken(format!("leaf {} of the tree over the {name} is gone", grown.size()));
        }
        for hash in hashes {
            if grown.size() < state.size {
                grown.append(hash);
            }
            if grown.size() == last.size {
                agrees = grown.root() == last.root;
            }
        }
    }
    if last.size > 0 && !agrees {
        return broken(format!(
            "the tree over the {name} is not the one that was signed at {} with {} leaves",
            time_words(last),
            last.size
        ));
    }
    if grown.bytes() != state.frontier {
        return broken(format!("the stored state of the tree over the {name} is not that of its leaves"));
    }
    Ok(())
}

fn time_words(checkpoint: &Checkpoint) -> String {
    checkpoint.signed_at.map_or_else(|| "an unknown time".to_owned(), |time| time.to_string())
}
