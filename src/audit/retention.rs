//! How long collected lines are kept. A month is dropped as a whole, from the oldest on. What later checkpoints
//! need of it, the hashes of the largest whole subtrees up to its end, is kept in its place: were they
//! altered, no later checkpoint would match.

use super::seal::{Frontier, SealError, Tree};
use crate::store::Store;

/// Drops the months older than `keep_months` before the present one, as far as `signed` lines are under a
/// checkpoint; returns the partitions that were dropped.
///
/// # Errors
/// [`SealError`] when the database fails or a leaf is missing.
pub async fn prune(store: &Store, keep_months: u16, signed: u64) -> Result<Vec<String>, SealError> {
    let mut dropped = Vec::new();
    for month in store.audit_months().await? {
        let Some(end) = month.end else { continue };
        // What has not been sealed is not dropped: nothing would bear witness to it.
        if month.age_months <= u32::from(keep_months) || end > signed {
            break;
        }
        let (start, frontier) = store.leaves_begin(Tree::Lines.as_str()).await?;
        let damaged = |error: super::seal::tree::DamagedFrontier| SealError::Broken(error.to_string());
        let mut tree = Frontier::resume(Tree::Lines.as_str(), start, &frontier).map_err(damaged)?;
        while tree.size() < end {
            let hashes = store.leaf_hashes(Tree::Lines.as_str(), tree.size()).await?;
            if hashes.is_empty() {
                return Err(SealError::Broken(format!("collected line {} is gone", tree.size())));
            }
            for hash in hashes {
                if tree.size() < end {
                    tree.append(hash);
                }
            }
        }
        store.retire_month(&month.partition, end, &tree.bytes()).await?;
        dropped.push(month.partition);
    }
    Ok(dropped)
}
