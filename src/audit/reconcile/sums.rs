//! Levels and reversals against the ledger. What was on hand at one verification and what moved since must be
//! what is on hand at the next; at the first, everything has moved since the beginning.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::VerifyError;
use super::finding::{Finding, Verdict};
use super::judge::Judge;
use crate::store::Store;
use crate::store::audit::LevelKey;

/// The levels at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sums {
    snapshot: String,
    since: String,
    /// What the movements add up to, without the levels that are empty by them. Not what was on hand: a
    /// level that differs and was accepted must go on differing, or nobody would see it put right or taken back.
    levels: Vec<(LevelKey, Decimal)>,
}

impl Sums {
    /// Compares the levels with what moved since `before`, or ever; returns how they are now.
    pub async fn compare(
        store: &Store,
        before: Option<&Self>,
        judge: &mut Judge,
    ) -> Result<Self, VerifyError> {
        let earlier = before.map(|sums| (sums.snapshot.as_str(), sums.since.as_str()));
        let reading = store.audit_levels(earlier).await?;
        let mut expected: BTreeMap<LevelKey, Decimal> =
            before.map(|sums| sums.levels.iter().copied().collect()).unwrap_or_default();
        for (key, moved) in &reading.moved {
            *expected.entry(*key).or_default() += moved;
        }
        let found: BTreeMap<LevelKey, Decimal> = reading.levels.iter().copied().collect();
        let keys: BTreeSet<LevelKey> = expected.keys().chain(found.keys()).copied().collect();
        for key in keys {
            let (ledger, on_hand) = (
                expected.get(&key).copied().unwrap_or_default(),
                found.get(&key).copied().unwrap_or_default(),
            );
            if ledger == on_hand {
                continue;
            }
            let place = store.level_name(key).await?;
            let (ledger, on_hand) = (ledger.normalize(), on_hand.normalize());
            // Both go on moving with the stock; the difference between them stays.
            let lot = key.lot.map_or_else(String::new, |lot| lot.to_string());
            let difference = (on_hand - ledger).normalize();
            let known_by = format!("level {} {} {lot} differs by {difference}", key.product, key.location);
            let what = format!("the level of {place} is {on_hand}, and its movements add up to {ledger}");
            judge.findings.add(
                Finding::alarm(Verdict::LevelDiffers, what)
                    .change(Some(ledger.to_string()), Some(on_hand.to_string()))
                    .known_by(known_by),
            );
        }
        for wrong in store.wrong_reversals(earlier).await? {
            let what = format!("reversal {} and the register of reversals do not agree", wrong.id);
            let told = |id: Option<Uuid>| id.map(|id| format!("reverses {id}"));
            judge.findings.add(
                Finding::alarm(Verdict::LedgerAltered, what)
                    .about(wrong.id)
                    .change(told(wrong.reverses), told(wrong.registered)),
            );
        }
        let levels = expected.into_iter().filter(|(_, quantity)| !quantity.is_zero()).collect();
        Ok(Self { snapshot: reading.snapshot, since: reading.since, levels })
    }
}
