//! Where the collected lines begin: at the first line ever, or after the months that retention has dropped. That they
//! were dropped is not taken from the database, but from a checkpoint that says so.

use crate::audit::findings::{Finding, Kind, Verdict};
use crate::audit::seal::{Checkpoint, Frontier, root_text};
use crate::store::audit::Retired;

/// The lawfully dropped lines that an earlier verification found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct KnownBeginning {
    /// The number of the first line that was not dropped.
    pub line: u64,
    /// How many leaves of the ledger had been signed by then.
    pub ledger: Option<u64>,
    /// How many counts and changes to master data had been signed by then.
    #[serde(default)]
    pub rows: u64,
}

/// Where the lines begin, and what is wrong with that.
#[derive(Debug)]
pub struct Beginning {
    pub known: KnownBeginning,
    /// The tree over the dropped lines.
    pub frontier: Frontier,
    pub findings: Vec<Finding>,
}

impl Beginning {
    /// Checks the months marked as dropped. `first` is the first line that exists, `before` what an earlier
    /// verification found to be lawful.
    pub fn judge(
        retired: &[Retired],
        first: Option<u64>,
        checkpoints: &[Checkpoint],
        before: KnownBeginning,
    ) -> Self {
        let mut beginning =
            Self { known: KnownBeginning::default(), frontier: Frontier::default(), findings: Vec::new() };
        for month in retired {
            beginning.take(month, first, checkpoints, before);
        }
        let below = beginning.known.line;
        if let Some(first) = first.filter(|first| *first < below) {
            let what =
                format!("log entry {first} is still stored, although the entries below {below} were pruned");
            let former = format!(
                "collected line {first} is there, although the lines below {below} were dropped when their time was up"
            );
            let finding =
                Finding::alarm(Kind::PrunedEntryPresent, Verdict::EvidenceAltered, what).at_line(first);
            beginning.findings.push(finding.of(below).formerly(former));
        }
        beginning
    }

    fn take(
        &mut self,
        month: &Retired,
        first: Option<u64>,
        checkpoints: &[Checkpoint],
        before: KnownBeginning,
    ) {
        let below = month.lines_below;
        let Ok(frontier) = Frontier::resume("lines", below, &month.frontier) else {
            let what = format!("the state of the tree that was stored for {} is damaged", month.partition);
            return self.report(Kind::PruneStateDamaged, month, what, String::new());
        };
        let root = frontier.root();
        let signed = checkpoints.iter().find_map(|checkpoint| {
            let retirement = checkpoint.retirement.as_ref()?;
            (checkpoint.size == below && checkpoint.root == root && retirement.partition == month.partition)
                .then_some((retirement.ledger, retirement.rows))
        });
        let known = before.ledger.filter(|_| below <= before.line).map(|ledger| (ledger, before.rows));
        if signed.is_none() && below > before.line {
            let what = format!(
                "the log entries below {below} ({}) are marked as pruned, but no checkpoint confirms it: they were not removed by `stockroom audit prune` with the key of the seal",
                month.partition
            );
            self.report(Kind::PruneNotSigned, month, what, root_text(root));
            // Lines that exist are verified, whatever is recorded about them.
            if first.is_none_or(|first| first < below) {
                return;
            }
        }
        if below >= self.known.line {
            // Without a signature it is not known how much of the ledger had been sealed; every row with a leaf is
            // assumed to have been.
            let (ledger, rows) = signed.or(known).unwrap_or((u64::MAX, u64::MAX));
            self.known = KnownBeginning { line: below, ledger: Some(ledger), rows };
            self.frontier = frontier;
        }
    }

    fn report(&mut self, kind: Kind, month: &Retired, what: String, root: String) {
        let former = format!("retired {} {} {root}", month.partition, month.lines_below);
        let mut finding = Finding::alarm(kind, Verdict::EvidenceAltered, what)
            .of(&month.partition)
            .of(month.lines_below)
            .of(root)
            .formerly(former);
        finding.who = Some(month.by.clone());
        finding.when = Some(month.at.clone());
        self.findings.push(finding);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::seal::tree::leaf_hash;
    use crate::audit::seal::{Retirement, Tree};

    fn tree(size: u8) -> Frontier {
        let mut tree = Frontier::default();
        (0..size).for_each(|number| tree.append(leaf_hash(&[number])));
        tree
    }

    fn month(size: u8) -> Retired {
        Retired {
            partition: format!("lines_2026_{size:02}"),
            lines_below: size.into(),
            frontier: tree(size).bytes(),
            by: "stock_collector".to_owned(),
            at: "2026-11-20 23:00:00+00".to_owned(),
        }
    }

    fn signed(size: u8) -> Checkpoint {
        Checkpoint {
            tree: Tree::Lines,
            signer: "tests".to_owned(),
            size: size.into(),
            root: tree(size).root(),
            signed_at: None,
            retirement: Some(Retirement { partition: month(size).partition, ledger: 40, rows: 0 }),
            note: String::new(),
        }
    }

    fn judge(
        months: &[Retired],
        first: u64,
        checkpoints: &[Checkpoint],
        before: u64,
    ) -> (u64, Option<u64>, usize) {
        let before = KnownBeginning { line: before, ledger: Some(30), rows: 0 };
        let found = Beginning::judge(months, Some(first), checkpoints, before);
        (found.known.line, found.known.ledger, found.findings.len())
    }

    #[test]
    fn only_what_was_signed_or_found_before_is_lawful() {
        assert_eq!(judge(&[], 0, &[], 0), (0, None, 0));
        assert_eq!(judge(&[month(5)], 5, &[signed(5)], 0), (5, Some(40), 0));
        assert_eq!(judge(&[month(5), month(8)], 8, &[signed(5), signed(8)], 0), (8, Some(40), 0));
        assert_eq!(judge(&[month(5)], 5, &[], 5), (5, Some(30), 0), "found lawful before");
        assert_eq!(judge(&[month(5)], 5, &[], 0), (5, Some(u64::MAX), 1), "nobody signed it");
        assert_eq!(judge(&[month(5)], 0, &[], 0), (0, None, 1), "and the lines are there");
        assert_eq!(judge(&[month(5), month(8)], 8, &[signed(5)], 0), (8, Some(u64::MAX), 1));
        assert_eq!(judge(&[month(5)], 3, &[signed(5)], 0), (5, Some(40), 1), "a line was put back");
    }

    #[test]
    fn another_month_state_or_size_than_was_signed_is_found() {
        let changes: [fn(&mut Retired); 4] = [
            |month| month.partition = "lines_2026_06".to_owned(),
            |month| month.frontier = tree(3).bytes(),
            |month| month.frontier[0] ^= 1,
            |month| month.lines_below = 6,
        ];
        for change in changes {
            let mut changed = month(5);
            change(&mut changed);
            assert_eq!(judge(&[changed], 5, &[signed(5)], 0).2, 1);
        }
    }
}
