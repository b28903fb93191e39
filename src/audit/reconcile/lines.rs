//! Reads the collected lines: each one is hashed again, analysed, and compared with the checkpoints.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use jiff::Timestamp;

use super::analyser::{Known, LogAnalyser};
use super::trees::{Digest, Trees};
use super::{Progress, Step, VerifyError};
use crate::audit::collect::note::Note;
use crate::audit::findings::{Finding, Kind, Verdict};
use crate::audit::record::columns::{columns_of, columns_of_other, record_in};
use crate::audit::record::{LogLine, text};
use crate::audit::seal::{Checkpoint, Tree, leaf_of_line, root_text};
use crate::store::Store;
use crate::store::audit::KeptLine;

/// How many lines are read at a time; limits the memory. Two such parts are in memory at once.
const LINES_PER_READ: u64 = 10_000;
/// How many altered lines are reported individually; the rest is counted.
const ALTERED_NAMED_MAX: u64 = 100;

/// The state of walking through the lines.
#[derive(Debug)]
pub struct LineWalk {
    files: HashMap<i32, String>,
    /// The trees over the lines so far.
    pub trees: Trees,
    /// The first of the lines that are missing just before the next.
    gone_from: Option<u64>,
    altered: u64,
    altered_more: Digest,
    /// When the previous line was collected.
    collected_at: Option<Timestamp>,
}

impl LineWalk {
    /// A walk that begins at the size of the trees.
    pub fn new(trees: Trees) -> Self {
        Self {
            files: HashMap::new(),
            trees,
            gone_from: None,
            altered: 0,
            altered_more: Digest::default(),
            collected_at: None,
        }
    }

    /// Walks through the lines before a number. With `judging` they are analysed; otherwise they are only hashed.
    pub async fn walk(
        mut self,
        store: &Store,
        end: u64,
        mut analyser: LogAnalyser,
        judging: bool,
        checkpoints: &[Checkpoint],
        progress: &Progress<'_>,
    ) -> Result<(Self, LogAnalyser), VerifyError> {
        let first = self.trees.size();
        // Queried again each time: lines up to the end may be in files that did not exist before.
        self.files = store.log_file_names().await?;
        let mut wanted: Vec<Checkpoint> = checkpoints
            .iter()
            .filter(|checkpoint| {
                checkpoint.tree == Tree::Lines && checkpoint.size > first && checkpoint.size <= end
            })
            .cloned()
            .collect();
        wanted.sort_by_key(|checkpoint| checkpoint.size);
        let signed: Arc<[Checkpoint]> = checkpoints.into();
        let part_end = |begin: u64| (begin + LINES_PER_READ).min(end);
        let mut begin = first;
        let mut next = store.kept_lines(begin, part_end(begin)).await?;
        while begin < end {
            let lines = std::mem::take(&mut next);
            let until = part_end(begin);
            let here = |point: &&Checkpoint| point.size > begin && point.size <= until;
            let here =
                Wanted { here: wanted.iter().filter(here).cloned().collect(), signed: Arc::clone(&signed) };
            // While these are analysed, the server reads the next.
            let work = tokio::task::spawn_blocking(move || {
                self.take(begin..until, &lines, &mut analyser, judging, &here);
                (self, analyser)
            });
            if until < end {
                next = store.kept_lines(until, part_end(until)).await?;
            }
            (self, analyser) = work.await.map_err(|error| VerifyError::Internal(error.to_string()))?;
            begin = until;
            progress(Step::Lines, begin - first, end - first);
        }
        Ok((self, analyser))
    }

    fn take(
        &mut self,
        numbers: Range<u64>,
        lines: &[KeptLine],
        analyser: &mut LogAnalyser,
        judging: bool,
        checkpoints: &Wanted,
    ) {
        let mut wanted = checkpoints.here.iter().peekable();
        let mut lines = lines.iter().peekable();
        for number in numbers {
            let grown = match lines.next_if(|line| line.line_no == number) {
                Some(line) => {
                    let follows = self.gone_from.is_none();
                    self.tell_gone(number, analyser);
                    let altered_before = self.altered;
                    let grown = self.take_line(line, analyser, judging);
                    if judging {
                        let file = self.files.get(&line.file_id).map_or("", String::as_str);
                        let known = Known { follows, altered: self.altered > altered_before };
                        analyser.take_place(line, file, known);
                    }
                    grown
                }
                None => {
                    self.gone_from = self.gone_from.or(Some(number));
                    self.trees.append_missing()
                }
            };
            grown.into_iter().for_each(|finding| analyser.findings.add(finding));
            while let Some(checkpoint) = wanted.next_if(|checkpoint| checkpoint.size == number + 1) {
                let found = self.trees.hold(checkpoint, &checkpoints.signed);
                found.into_iter().for_each(|finding| analyser.findings.add(finding));
            }
        }
    }

    /// Reports the lines that are missing just before this one.
    fn tell_gone(&mut self, number: u64, analyser: &mut LogAnalyser) {
        let Some(first) = self.gone_from.take() else { return };
        let (what, former) = match number - 1 {
            last if last == first => {
                (format!("log entry {first} is gone"), format!("collected line {first} is gone"))
            }
            last => (
                format!("log entries {first} to {last} are gone"),
                format!("collected lines {first} to {last} are gone"),
            ),
        };
        let finding = Finding::alarm(Kind::EntriesGone, Verdict::EvidenceAltered, what).at_line(first);
        analyser.findings.add(finding.of(number - 1).formerly(former));
    }

    fn take_line(&mut self, line: &KeptLine, analyser: &mut LogAnalyser, judging: bool) -> Option<Finding> {
        let file = self.files.get(&line.file_id).map_or("", String::as_str);
        let hash = leaf_of_line(file, line.file_offset, &line.raw);
        // One of another length cannot be a hash; any wrong value will do in its place.
        let stored = <[u8; 32]>::try_from(line.leaf_hash.as_slice()).unwrap_or_default();
        if stored != hash {
            self.tell_altered(line, stored, hash, analyser);
        }
        if judging {
            analyser.take_kept(line);
            // It never decreases: an older line was given another time.
            if line.collected_at.is_none() || line.collected_at < self.collected_at {
                analyser.miscolumned.push(line.line_no);
            }
            self.collected_at = line.collected_at.max(self.collected_at);
        }
        self.trees.append(hash, stored)
    }

    fn tell_altered(
        &mut self,
        line: &KeptLine,
        stored: [u8; 32],
        hash: [u8; 32],
        analyser: &mut LogAnalyser,
    ) {
        self.altered += 1;
        let (stored, hash) = (root_text(stored), root_text(hash));
        if self.altered > ALTERED_NAMED_MAX {
            return self.altered_more.add(&format!("{} {stored} {hash}", line.line_no));
        }
        let what = format!(
            "log entry {} differs from what was collected: its hash is not the one that was stored with it",
            line.line_no
        );
        let former = format!(
            "collected line {} is not what was collected: its hash is not the one that was stored with it",
            line.line_no
        );
        let mut finding = Finding::alarm(Kind::EntryAltered, Verdict::EvidenceAltered, what)
            .formerly(former)
            .at_line(line.line_no)
            .change(Some(format!("hash {stored}")), Some(format!("hash {hash}")));
        finding.statement = Some(String::from_utf8_lossy(&line.raw).into_owned());
        analyser.findings.add(finding);
    }

    /// Reports what is known only at the end.
    pub fn finish(&mut self, analyser: &mut LogAnalyser) {
        self.tell_gone(self.trees.size(), analyser);
        if let Some((count, digest)) = self.altered_more.told() {
            let what = format!("{count} more log entries differ from what was collected");
            let finding = Finding::alarm(Kind::MoreEntriesAltered, Verdict::EvidenceAltered, what)
                .of(count)
                .formerly(format!("{count} more collected lines are not what was collected"));
            analyser.findings.add(finding.change(None, Some(format!("all of them together {digest}"))));
        }
        self.trees.finish().into_iter().for_each(|finding| analyser.findings.add(finding));
    }
}

/// Reports the lines whose stored columns are not those that follow from them.
pub async fn report_miscolumned(store: &Store, analyser: &mut LogAnalyser) -> Result<(), VerifyError> {
    let mut lines = std::mem::take(&mut analyser.miscolumned);
    lines.dedup();
    let named = lines.len().min(ALTERED_NAMED_MAX as usize);
    for line_no in &lines[..named] {
        let raw =
            store.kept_lines(*line_no, line_no + 1).await?.pop().map(|line| line.raw).unwrap_or_default();
        let text = text(&raw);
        let line = LogLine::read(&text);
        let record = line.as_ref().and_then(record_in);
        let said = match &line {
            Some(line) => columns_of(line, record.as_ref()),
            None => columns_of_other(Note::read(&text).is_some()),
        };
        let stored = store.line_columns(*line_no).await?;
        let words = |columns: &[(&'static str, Option<String>); 10],
                     others: &[(&'static str, Option<String>); 10]| {
            let differing = columns.iter().zip(others).filter(|(column, other)| column != other);
            let words =
                differing.map(|((name, value), _)| format!("{name} {}", value.as_deref().unwrap_or("none")));
            words.collect::<Vec<_>>().join(", ")
        };
        let said = said.by_name();
        let what = format!("the columns by which log entry {line_no} is found differ from the entry");
        let former =
            format!("the columns by which collected line {line_no} is found do not say what the line says");
        let finding = Finding::alarm(Kind::ColumnsAltered, Verdict::EvidenceAltered, what)
            .at_line(*line_no)
            .formerly(former);
        analyser.findings.add(finding.change(Some(words(&said, &stored)), Some(words(&stored, &said))));
    }
    let mut more = Digest::default();
    lines[named..].iter().for_each(|line_no| more.add(&line_no.to_string()));
    if let Some((count, digest)) = more.told() {
        let what = format!("{count} more log entries have columns that differ from them");
        let finding =
            Finding::alarm(Kind::MoreColumnsAltered, Verdict::EvidenceAltered, what).of(count).formerly(
                format!("{count} more collected lines have columns that do not say what the lines say"),
            );
        analyser.findings.add(finding.change(None, Some(format!("all of them together {digest}"))));
    }
    Ok(())
}

/// The checkpoints to compare a part of the lines with.
struct Wanted {
    here: Vec<Checkpoint>,
    signed: Arc<[Checkpoint]>,
}
