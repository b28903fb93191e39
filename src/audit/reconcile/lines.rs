//! Reading the collected lines: every one is hashed anew, judged, and held against the checkpoints.

use std::collections::HashMap;

use super::finding::{Finding, Verdict};
use super::judge::Judge;
use super::{Progress, Step, VerifyError};
use crate::audit::seal::{Checkpoint, Frontier, Tree, leaf_of_line};
use crate::store::Store;
use crate::store::audit::KeptLine;

/// How many lines are read at a time; bounds the memory. Two such parts are in memory at once.
const LINES_PER_READ: u64 = 10_000;
/// How many altered lines are named; the rest is counted in the checkpoints that do not match.
const ALTERED_NAMED_MAX: u64 = 100;

/// The walk over the lines.
#[derive(Debug)]
pub struct LineWalk {
    files: HashMap<i32, String>,
    /// The tree over the lines so far, from their bytes.
    pub tree: Frontier,
    /// Whether a line is gone, so that no root can be computed any more.
    broken: bool,
    altered: u64,
    last_agreed: u64,
}

impl LineWalk {
    /// A walk from a size of the tree on.
    pub fn new(tree: Frontier) -> Self {
        let last_agreed = tree.size();
        Self { files: HashMap::new(), tree, broken: false, altered: 0, last_agreed }
    }

    /// Walks up to below a line. With `judging`, the lines are judged; otherwise only hashed.
    pub async fn walk(
        mut self,
        store: &Store,
        end: u64,
        mut judge: Judge,
        judging: bool,
        checkpoints: &[Checkpoint],
        progress: &Progress<'_>,
    ) -> Result<(Self, Judge), VerifyError> {
        let first = self.tree.size();
        // Asked anew each time: lines up to the end may be in files that were not there before.
        self.files = store.log_file_names().await?;
        let mut wanted: Vec<Checkpoint> = checkpoints
            .iter()
            .filter(|checkpoint| {
                checkpoint.tree == Tree::Lines && checkpoint.size > first && checkpoint.size <= end
            })
            .cloned()
            .collect();
        wanted.sort_by_key(|checkpoint| checkpoint.size);
        let part_end = |begin: u64| (begin + LINES_PER_READ).min(end);
        let mut begin = first;
        let mut next = store.kept_lines(begin, part_end(begin)).await?;
        while begin < end {
            let lines = std::mem::take(&mut next);
            let until = part_end(begin);
            let here: Vec<Checkpoint> =
                wanted.iter().filter(|point| point.size > begin && point.size <= until).cloned().collect();
            // While these are judged, the server reads the next.
            let work = tokio::task::spawn_blocking(move || {
                self.take(begin, until, &lines, &mut judge, judging, &here);
                (self, judge)
            });
            if until < end {
                next = store.kept_lines(until, part_end(until)).await?;
            }
            (self, judge) = work.await.map_err(|error| VerifyError::Internal(error.to_string()))?;
            begin = until;
            progress(Step::Lines, begin - first, end - first);
        }
        Ok((self, judge))
    }

    fn take(
        &mut self,
        begin: u64,
        end: u64,
        lines: &[KeptLine],
        judge: &mut Judge,
        judging: bool,
        checkpoints: &[Checkpoint],
    ) {
        let mut checkpoints = checkpoints.iter().peekable();
        let mut lines = lines.iter().peekable();
        for number in begin..end {
            match lines.next_if(|line| line.line_no == number) {
                Some(line) => self.take_line(line, judge, judging),
                None => {
                    if !self.broken {
                        let what = format!("collected line {number} is gone, perhaps more behind it");
                        judge.findings.add(Finding::alarm(Verdict::EvidenceAltered, what).at_line(number));
                    }
                    self.broken = true;
                    self.tree.append([0; 32]);
                }
            }
            while let Some(checkpoint) = checkpoints.next_if(|checkpoint| checkpoint.size == number + 1) {
                self.hold_against(checkpoint, judge);
            }
        }
    }

    fn take_line(&mut self, line: &KeptLine, judge: &mut Judge, judging: bool) {
        let file = self.files.get(&line.file_id).map_or("", String::as_str);
        let hash = leaf_of_line(file, line.file_offset, &line.raw);
        self.tree.append(hash);
        if line.leaf_hash != hash {
            self.altered += 1;
            if self.altered <= ALTERED_NAMED_MAX {
                let what = format!(
                    "collected line {} is not what was collected: its hash is not the one that was stored with it",
                    line.line_no
                );
                let mut finding = Finding::alarm(Verdict::EvidenceAltered, what).at_line(line.line_no);
                finding.statement = Some(String::from_utf8_lossy(&line.raw).into_owned());
                judge.findings.add(finding);
            }
        }
        if judging {
            judge.take(line.line_no, &line.raw);
        }
    }

    fn hold_against(&mut self, checkpoint: &Checkpoint, judge: &mut Judge) {
        if self.tree.root() == checkpoint.root {
            self.last_agreed = checkpoint.size;
        } else if !self.broken {
            judge.findings.add(mismatch("collected lines", self.last_agreed, checkpoint));
            // What follows differs for the same reason.
            self.broken = true;
        }
    }
}

/// A checkpoint that the data do not bear out.
pub fn mismatch(what: &str, agreed: u64, checkpoint: &Checkpoint) -> Finding {
    let when = checkpoint.signed_at.map(|time| time.to_string());
    let mut finding = Finding::alarm(
        Verdict::EvidenceAltered,
        format!(
            "the {what} are not those that were signed: something among numbers {agreed} to {} was changed after it was sealed",
            checkpoint.size.saturating_sub(1)
        ),
    );
    finding.when = when;
    finding
}
