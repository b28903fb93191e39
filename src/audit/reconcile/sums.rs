//! Compares levels and reversals with the ledger. The stock at one verification plus what moved since must be the stock
//! at the next; the first one adds up all movements.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::VerifyError;
use super::analyser::LogAnalyser;
use super::writers::{Posted, Writers};
use crate::audit::findings::{Finding, Kind, Verdict};
use crate::store::Store;
use crate::store::audit::{LevelKey, WrongReversal};

/// The sums of the movements at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sums {
    snapshot: String,
    since: String,
    /// The sums of the movements, without levels whose sum is zero. Not the stored stock: a level that differs and was
    /// accepted must continue to differ, or a correction or revocation would go unnoticed.
    levels: Vec<(LevelKey, Decimal)>,
}

impl Sums {
    /// Compares the levels with what moved since `before`, or ever; returns the present sums.
    pub async fn compare(
        store: &Store,
        before: Option<&Self>,
        writers: &mut Writers,
        analyser: &mut LogAnalyser,
    ) -> Result<Self, VerifyError> {
        let earlier = before.map(|sums| (sums.snapshot.as_str(), sums.since.as_str()));
        let reading = store.audit_levels(earlier).await?;
        let mut expected: BTreeMap<LevelKey, Decimal> =
            before.map(|sums| sums.levels.iter().copied().collect()).unwrap_or_default();
        let mut figures = Figures::default();
        for (key, moved) in &reading.moved {
            if let Some((key, moved)) = figures.read(*key, *moved) {
                *expected.entry(key).or_default() += moved;
            }
        }
        let mut found: BTreeMap<LevelKey, Decimal> = BTreeMap::new();
        for (key, on_hand) in &reading.levels {
            if let Some((key, on_hand)) = figures.read(*key, *on_hand) {
                if found.contains_key(&key) {
                    figures.repeated.insert(key);
                }
                *found.entry(key).or_default() += on_hand;
            }
        }
        figures.report(store, analyser).await?;
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
            // Both keep changing with the stock; the difference between them remains.
            let lot = key.lot.map_or_else(String::new, |lot| lot.to_string());
            let difference = (on_hand - ledger).normalize();
            let former = format!("level {} {} {lot} differs by {difference}", key.product, key.location);
            let what = format!("the level of {place} is {on_hand}, but its movements add up to {ledger}");
            analyser.findings.add(
                Finding::alarm(Kind::LevelDiffers, Verdict::LevelDiffers, what)
                    .change(Some(ledger.to_string()), Some(on_hand.to_string()))
                    .of(key.product)
                    .of(key.location)
                    .of(lot)
                    .of(difference)
                    .whatever_its_values()
                    .formerly(former),
            );
        }
        for wrong in store.wrong_reversals(earlier).await? {
            report_reversal(wrong, writers, analyser);
        }
        report_sums(store, earlier, analyser).await?;
        let levels = expected.into_iter().filter(|(_, quantity)| !quantity.is_zero()).collect();
        Ok(Self { snapshot: reading.snapshot, since: reading.since, levels })
    }
}

/// Reports sums of orders and times of levels that the ledgers do not bear out.
async fn report_sums(
    store: &Store,
    earlier: Option<(&str, &str)>,
    analyser: &mut LogAnalyser,
) -> Result<(), VerifyError> {
    for wrong in store.wrong_order_sums().await? {
        // Both go on changing with the orders; the difference between them stays.
        let difference = wrong
            .found
            .map_or_else(|| "missing".to_owned(), |found| (found - wrong.expected).normalize().to_string());
        let expected = wrong.expected.normalize().to_string();
        let found = wrong.found.map_or_else(|| "missing".to_owned(), |found| found.normalize().to_string());
        let what = format!("{} is {found}, but the ledgers add up to {expected}", wrong.what);
        analyser.findings.add(
            Finding::alarm(Kind::LevelDiffers, Verdict::LevelDiffers, what)
                .of(&wrong.what)
                .of(difference)
                .change(Some(expected), Some(found))
                .whatever_its_values(),
        );
    }
    for wrong in store.levels_moved_later(earlier).await? {
        let place = store.level_name(wrong.key).await?;
        let what = format!(
            "the level of {place} says that nothing moved there after {}, but something did at {}",
            wrong.said, wrong.moved
        );
        let lot = wrong.key.lot.map_or_else(String::new, |lot| lot.to_string());
        analyser.findings.add(
            Finding::alarm(Kind::LevelTimeEarlier, Verdict::LevelDiffers, what)
                .of(wrong.key.product)
                .of(wrong.key.location)
                .of(lot)
                .change(Some(wrong.moved), Some(wrong.said))
                .whatever_its_values(),
        );
    }
    Ok(())
}

/// Levels whose rows are malformed.
#[derive(Default)]
struct Figures {
    /// Rows that name no product or no location.
    nameless: u64,
    /// Levels whose quantity, or that of their movements, is not a number.
    unreadable: BTreeSet<LevelKey>,
    /// Levels with more than one row.
    repeated: BTreeSet<LevelKey>,
}

impl Figures {
    fn read(&mut self, key: Option<LevelKey>, figure: Option<Decimal>) -> Option<(LevelKey, Decimal)> {
        let Some(key) = key else {
            self.nameless += 1;
            return None;
        };
        if figure.is_none() {
            self.unreadable.insert(key);
        }
        Some((key, figure?))
    }

    async fn report(&self, store: &Store, analyser: &mut LogAnalyser) -> Result<(), VerifyError> {
        let add = |analyser: &mut LogAnalyser, kind: Kind, key: &LevelKey, what: String, former: String| {
            let finding = Finding::alarm(kind, Verdict::LevelDiffers, what).of(key.product).of(key.location);
            let lot = key.lot.map_or_else(String::new, |lot| lot.to_string());
            analyser.findings.add(finding.of(lot).formerly(former));
        };
        if self.nameless > 0 {
            let what = format!("{} stock levels or movements have no product or no location", self.nameless);
            let former = format!("{} levels or movements name no product or no location", self.nameless);
            let finding = Finding::alarm(Kind::LevelsNameless, Verdict::LevelDiffers, what);
            analyser.findings.add(finding.of(self.nameless).formerly(former));
        }
        for key in &self.unreadable {
            let name = store.level_name(*key).await?;
            let what =
                format!("the stock level of {name}, or a quantity that was moved there, is not a number");
            let former = format!("the level of {name}, or what moved there, is not a number");
            add(analyser, Kind::LevelUnreadable, key, what, former);
        }
        for key in &self.repeated {
            let name = store.level_name(*key).await?;
            let what = format!("{name} has more than one stock level");
            let former = format!("there is more than one level of {name}; there can only be one");
            add(analyser, Kind::LevelRepeated, key, what, former);
        }
        Ok(())
    }
}

fn report_reversal(wrong: WrongReversal, writers: &mut Writers, analyser: &mut LogAnalyser) {
    let finding = match wrong {
        WrongReversal::Rewritten { id, writer } => return writers.note(Posted::Reversals, id, writer),
        WrongReversal::Differs { id, reverses, registered } => {
            let what = format!("reversal {id} and the register of reversals disagree");
            let former = format!("reversal {id} and the register of reversals do not agree");
            let told = |id: Option<Uuid>| id.map(|id| format!("reverses {id}"));
            Finding::alarm(Kind::ReversalDiffers, Verdict::LedgerAltered, what)
                .about(id)
                .change(told(reverses), told(registered))
                .formerly(former)
        }
        WrongReversal::Times { id } => {
            let what =
                format!("the register of reversals and the ledger have different times for reversal {id}");
            let former =
                format!("the register of reversals gives other times for reversal {id} than the ledger");
            Finding::alarm(Kind::ReversalTimeDiffers, Verdict::LedgerAltered, what).about(id).formerly(former)
        }
    };
    analyser.findings.add(finding);
}
