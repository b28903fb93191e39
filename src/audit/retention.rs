//! How long collected lines are kept. Months are dropped as a whole, from the oldest on. What later checkpoints need of
//! a month, the hashes of the largest complete subtrees up to its end, is stored in its place, and a signed checkpoint
//! of just these lines states that they were dropped. Lines that are gone without one are an alarm.

use jiff::Timestamp;

use super::evidence::Evidence;
use super::seal::{Checkpoint, Frontier, Retirement, SealError, SealKey, Tree};
use crate::store::Store;
use crate::store::audit::Month;

/// Drops the months that are more than `keep_months` before the present one, as far as a checkpoint covers them, and
/// signs that they were dropped; returns the partitions.
///
/// # Errors
/// [`SealError`] if the key or the database fails, or if the lines are not those that were signed. Then nothing more is
/// dropped.
pub async fn prune(store: &Store, keep_months: u16, seal: &Evidence) -> Result<Vec<String>, SealError> {
    let (public, directory) = (seal.key()?, seal.directory()?);
    let Some(last) = directory.last(Tree::Lines, &public)? else { return Ok(Vec::new()) };
    let signed =
        |tree| directory.last(tree, &public).map(|last| last.map_or(0, |checkpoint| checkpoint.size));
    let (ledger, rows) = (signed(Tree::Ledger)?, signed(Tree::Rows)?);
    let old: Vec<(Month, u64)> = store
        .audit_months()
        .await?
        .into_iter()
        .filter_map(|month| month.end.map(|end| (month, end)))
        // What has not been signed is not dropped: nothing would prove it.
        .take_while(|(month, end)| month.age_months > u32::from(keep_months) && *end <= last.size)
        .collect();
    if old.is_empty() {
        return Ok(Vec::new());
    }
    let states = states_at(store, &old, &last).await?;
    let key = SealKey::load(seal.private_key())?;
    let mut dropped = Vec::new();
    for ((month, end), state) in old.into_iter().zip(states) {
        let now = Timestamp::now();
        let retirement = Retirement { partition: month.partition.clone(), ledger, rows };
        // Signed first: lines that still exist after a signature are harmless, and the other way round is an alarm.
        directory.append(&[Checkpoint::sign_retirement(&key, &state, now, retirement)?], now)?;
        store.retire_month(&month.partition, end, &state.bytes()).await?;
        dropped.push(month.partition);
    }
    Ok(dropped)
}

/// The tree at the end of each of some months, after comparing it with the last checkpoint.
async fn states_at(
    store: &Store,
    months: &[(Month, u64)],
    last: &Checkpoint,
) -> Result<Vec<Frontier>, SealError> {
    let (start, frontier) = store.leaves_begin(Tree::Lines.as_str()).await?;
    let mut tree = Frontier::resume(Tree::Lines.as_str(), start, &frontier)
        .map_err(|error| SealError::Broken(error.to_string()))?;
    let mut states = Vec::new();
    while tree.size() < last.size {
        let hashes = store.leaf_hashes(Tree::Lines.as_str(), tree.size()).await?;
        if hashes.is_empty() {
            return Err(SealError::Broken(format!("collected line {} is gone", tree.size())));
        }
        let wanted = usize::try_from(last.size - tree.size()).unwrap_or(usize::MAX);
        for hash in hashes.into_iter().take(wanted) {
            tree.append(hash);
            if months.iter().any(|(_, end)| *end == tree.size()) {
                states.push(tree.clone());
            }
        }
    }
    if tree.root() != last.root || states.len() != months.len() {
        return Err(SealError::Broken(format!(
            "the collected lines are not those that were signed with {} leaves; nothing is dropped, run `stockroom audit verify --full`",
            last.size
        )));
    }
    Ok(states)
}
