//! One verification from the mark in the log to the report.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use uuid::Uuid;

use super::finding::{Finding, Findings, Verdict};
use super::judge::{Judge, JudgeState};
use super::ledger::{Compared, LogBegin, compare_counts, is_there, older_state};
use super::lines::LineWalk;
use super::mark::{Mark, Recorded};
use super::records::{Entry, Records};
use super::settings::report_settings;
use super::state::{State, VERSION, waiting};
use super::sums::Sums;
use super::trees::Trees;
use super::{Mode, Outcome, Progress, Report, Step, VerifyError, VerifyPlan};
use crate::audit::decisions::Decisions;
use crate::audit::record::{LogLine, text};
use crate::audit::seal::{Checkpoint, Frontier, Tree};
use crate::store::Store;
use crate::store::audit::{Fate, LedgerScope, Moment};

/// How long a session that has just ended may take to write its last line.
const END_PAUSE: Duration = Duration::from_secs(2);
/// How many transactions are asked about at a time.
const FATES_PER_ASK: usize = 10_000;

/// Verifies a database.
///
/// # Errors
/// [`VerifyError`] when it could not be done. What is wrong with the data is no error but a finding.
pub async fn verify(
    store: &Store,
    plan: &VerifyPlan,
    progress: &Progress<'_>,
) -> Result<Report, VerifyError> {
    let began = Instant::now();
    let moment = store.audit_moment().await?;
    let previous = match &plan.state {
        Some(path) if !plan.full => State::load(path, &moment.system, &moment.database)
            .filter(|state| state.decisions == *plan.decisions.head()),
        _ => None,
    };
    let Mark { end, recorded } = Mark::make(store, &moment, plan.patience).await?;
    let mut verification = Verification::begin(store, &moment, previous.as_ref(), &plan.decisions).await?;
    verification.judge_lines(store, end, &moment, plan, progress).await?;
    let lines_size = verification.hold_rest(store, plan, progress).await?;
    let scope = scope_after(previous.as_ref(), verification.judge.clock_moved);
    let begin = verification.log_begin;
    let judge = &mut verification.judge;
    if recorded == Recorded::No {
        judge.findings.add(Finding::alarm(
            Verdict::ConfigurationChanged,
            "pgaudit is switched off: the mark that this verification made was not recorded",
        ));
    }
    verification.leaves.claim(&store.tree(Tree::Ledger.as_str()).await?);
    let mut compared = Compared::run(store, &scope, &moment, judge, begin, progress).await?;
    compared.report_differing(store, judge).await?;
    compared.report_rewritten(judge);
    let leaves = compared.hold_against(verification.leaves.clone(), &plan.checkpoints, judge);
    let rows = store.audit_counts(&scope, &moment).await?;
    let counts = compare_counts(&rows, judge, begin, &mut compared.young);
    progress(Step::Levels, 0, 0);
    // After a crash numbers of transactions are given out again, and an earlier snapshot may take a new one for
    // an old one: then the whole ledger is added up.
    // A clock that was put back makes new rows look old.
    let apart = judge.crashed || judge.clock_moved;
    let earlier = previous.as_ref().filter(|_| !apart).map(|state| &state.sums);
    let sums = Sums::compare(store, earlier, judge).await?;
    let ends = settle(store, &moment, &compared, judge).await?;
    report_foreign(store, &moment, judge).await?;
    report_older(&compared, begin, judge);
    report_settings(&store.check().await?, judge);
    let results = Results { compared, leaves, counts, sums, ends, lines_size };
    let mode = if previous.is_some() { Mode::Incremental } else { Mode::Full };
    let mut report = conclude(plan, moment, verification, results, mode)?;
    report.seconds = (began.elapsed().as_secs_f64() * 1_000.0).round() / 1_000.0;
    Ok(report)
}

/// What is to be read of the ledger. Where the clock was put back, the time of a row does not tell whether it is new.
fn scope_after(previous: Option<&State>, clock_moved: bool) -> LedgerScope {
    previous.map_or(LedgerScope::All, |state| LedgerScope::Since {
        snapshot: state.snapshot.clone(),
        since: if clock_moved { "-infinity".to_owned() } else { state.since.clone() },
        leaf: state.leaves,
    })
}

/// What the parts of a verification came to.
struct Results {
    compared: Compared,
    leaves: Trees,
    counts: u64,
    sums: Sums,
    ends: Ends,
    lines_size: u64,
}

/// Keeps the state, if all is well, and makes the report.
fn conclude(
    plan: &VerifyPlan,
    moment: Moment,
    verification: Verification,
    results: Results,
    mode: Mode,
) -> Result<Report, VerifyError> {
    let Results { compared, leaves, counts, sums, ends, lines_size } = results;
    let judge = verification.judge;
    let alarms = judge.findings.alarms();
    if let (Some(path), 0) = (&plan.state, alarms) {
        let (lines_frontier, lines_stored) = verification.judged_trees.states();
        let (leaves_frontier, leaves_stored) = leaves.states();
        State {
            version: VERSION,
            system: moment.system.clone(),
            database: moment.database.clone(),
            snapshot: moment.snapshot.clone(),
            since: moment.since.clone(),
            lines: verification.judged_trees.size(),
            lines_frontier,
            lines_stored,
            leaves: leaves.size(),
            leaves_frontier,
            leaves_stored,
            decisions: plan.decisions.head().clone(),
            verified_at: moment.taken_at.to_string(),
            sums,
            judge: judge.state().clone(),
            records: waiting(&judge.records, &ends.waiting),
        }
        .save(path)?;
    }
    let sealed = |tree: Tree| {
        plan.checkpoints.iter().filter(|point| point.tree == tree).map(|point| point.size).max().unwrap_or(0)
    };
    Ok(Report {
        status: if alarms == 0 { Outcome::Clean } else { Outcome::Discrepancies },
        mode,
        database: moment.database,
        judged_to: moment.taken_at,
        lines: verification.judged_trees.size() - verification.first,
        movements: compared.rows,
        matched: compared.matched,
        counts,
        rolled_back: ends.rolled_back,
        not_over: ends.waiting.len() as u64,
        older_than_log: compared.older,
        checkpoints: plan.checkpoints.len() as u64,
        lines_not_sealed: lines_size.saturating_sub(sealed(Tree::Lines)),
        movements_not_sealed: leaves.size().saturating_sub(sealed(Tree::Ledger)),
        alarms,
        accepted: judge.findings.accepted_ids().len() as u64,
        notices: judge.findings.notices(),
        seconds: 0.0,
        decisions: plan.decisions.head().clone(),
        findings: judge.findings.into_list(),
    })
}

/// A verification under way.
struct Verification {
    judge: Judge,
    walk: Option<LineWalk>,
    /// The trees over the rows that had been judged before.
    leaves: Trees,
    log_begin: LogBegin,
    /// The first line that is judged.
    first: u64,
    /// The trees over the lines that were judged.
    judged_trees: Trees,
}

impl Verification {
    async fn begin(
        store: &Store,
        moment: &Moment,
        previous: Option<&State>,
        decisions: &Decisions,
    ) -> Result<Self, VerifyError> {
        let (start, frontier) = store.leaves_begin("lines").await?;
        let (trees, leaves, state, records) = match previous {
            Some(state) => (
                state.line_trees(decisions.pins())?,
                state.ledger_trees(decisions.pins())?,
                state.judge.clone(),
                state.records.clone(),
            ),
            None => {
                let lines = Frontier::resume("lines", start, &frontier)?;
                (
                    Trees::new(Tree::Lines, lines, None, decisions.pins()),
                    Trees::new(Tree::Ledger, Frontier::default(), None, decisions.pins()),
                    JudgeState::default(),
                    Records::default(),
                )
            }
        };
        let first_line = store.kept_lines(start, start + 1).await?.pop();
        let first_time = first_line.and_then(|line| LogLine::read(&text(&line.raw))?.logged_at());
        let mut judge = Judge::new(&moment.database, state, records);
        judge.findings = Findings::decided_by(decisions.clone());
        if let Some(damage) = decisions.damage() {
            let what = format!("the decisions about findings are not what they were: {damage}");
            judge.findings.add(Finding::alarm(Verdict::EvidenceAltered, what));
        }
        Ok(Self {
            judge,
            leaves,
            log_begin: LogBegin { at: first_time, retired: start > 0 },
            first: trees.size(),
            judged_trees: trees.clone(),
            walk: Some(LineWalk::new(trees)),
        })
    }

    /// Judges the lines up to the mark, and a little further when sessions ended just then.
    async fn judge_lines(
        &mut self,
        store: &Store,
        end: u64,
        moment: &Moment,
        plan: &VerifyPlan,
        progress: &Progress<'_>,
    ) -> Result<(), VerifyError> {
        self.walk_to(store, end, true, &plan.checkpoints, progress).await?;
        let alive = |id: &str| moment.sessions.contains(id);
        let since = moment.taken_at.as_second();
        if !self.judge.without_end(alive, since).is_empty() {
            tokio::time::sleep(END_PAUSE).await;
            let later = Mark::make(store, moment, plan.patience).await?;
            self.walk_to(store, later.end, true, &plan.checkpoints, progress).await?;
            let suspects = self.judge.without_end(alive, since);
            self.judge.report_without_end(&suspects);
        }
        if let Some(walk) = &self.walk {
            self.judged_trees = walk.trees.clone();
        }
        Ok(())
    }

    /// Hashes what was collected since, so that every checkpoint can be held against it.
    async fn hold_rest(
        &mut self,
        store: &Store,
        plan: &VerifyPlan,
        progress: &Progress<'_>,
    ) -> Result<u64, VerifyError> {
        let state = store.tree(Tree::Lines.as_str()).await?;
        let size = state.size;
        let points = || plan.checkpoints.iter().filter(|point| point.tree == Tree::Lines);
        if let Some(walk) = &mut self.walk {
            walk.trees.claim(&state);
        }
        let judged = self.judged_trees.size();
        if self.judged_trees.is_broken() || points().any(|point| point.size > judged) {
            self.walk_to(store, size, false, &plan.checkpoints, progress).await?;
        }
        if let Some(walk) = &mut self.walk {
            walk.finish(&mut self.judge);
        }
        let largest: Option<&Checkpoint> = points().max_by_key(|point| point.size);
        if let Some(point) = largest.filter(|point| point.size > size) {
            self.judge.findings.add(older_state("lines were signed", size, point));
        }
        Ok(size)
    }

    async fn walk_to(
        &mut self,
        store: &Store,
        end: u64,
        judging: bool,
        checkpoints: &[Checkpoint],
        progress: &Progress<'_>,
    ) -> Result<(), VerifyError> {
        let Some(walk) = self.walk.take() else { return Ok(()) };
        let empty = Judge::new("", JudgeState::default(), Records::default());
        let judge = std::mem::replace(&mut self.judge, empty);
        let (walk, judge) = walk.walk(store, end, judge, judging, checkpoints, progress).await?;
        self.walk = Some(walk);
        self.judge = judge;
        Ok(())
    }
}

/// What became of the records without a row.
struct Ends {
    rolled_back: u64,
    waiting: Vec<(Uuid, Entry, bool)>,
}

/// The number of a transaction with its epoch, from the half of it that the log shows: the one nearest to
/// now.
fn whole_xid(txid: u32, next: u64) -> u64 {
    let epoch = next & !u64::from(u32::MAX);
    let candidates = [epoch.checked_sub(1 << 32), Some(epoch), epoch.checked_add(1 << 32)];
    candidates
        .into_iter()
        .flatten()
        .map(|epoch| epoch | u64::from(txid))
        .min_by_key(|xid| xid.abs_diff(next))
        .unwrap_or_else(|| u64::from(txid))
}

pub async fn fates(
    store: &Store,
    txids: HashSet<u32>,
    moment: &Moment,
) -> Result<HashMap<u32, Fate>, VerifyError> {
    let xids: Vec<(u32, u64)> =
        txids.into_iter().map(|txid| (txid, whole_xid(txid, moment.next_xid))).collect();
    let mut found = HashMap::with_capacity(xids.len());
    for part in xids.chunks(FATES_PER_ASK) {
        let numbers: Vec<u64> = part.iter().map(|(_, xid)| *xid).collect();
        let known = store.fates(&numbers, moment).await?;
        for (txid, xid) in part {
            found.insert(*txid, known.get(xid).copied().unwrap_or(Fate::Forgotten));
        }
    }
    Ok(found)
}

/// Finds out what became of records that no row was found for.
async fn settle(
    store: &Store,
    moment: &Moment,
    compared: &Compared,
    judge: &mut Judge,
) -> Result<Ends, VerifyError> {
    let unmatched: Vec<(Uuid, Entry, bool)> = judge.records.unmatched().collect();
    let mut asked: HashSet<u32> = unmatched.iter().map(|(_, entry, _)| entry.txid).collect();
    asked.extend(judge.pending_transactions());
    let fates = fates(store, asked, moment).await?;
    let mut ends = Ends { rolled_back: 0, waiting: Vec::new() };
    for (id, entry, is_count) in unmatched {
        // Its row is there, and younger than the moment: the next verification judges both.
        if compared.young.contains(&id) {
            ends.waiting.push((id, entry, is_count));
            continue;
        }
        let recorder = judge.records.name(entry.login).to_owned();
        let may_be_there = matches!(fates.get(&entry.txid), Some(Fate::Committed));
        if may_be_there && is_there(store, moment, id, &entry, is_count, &recorder).await? {
            continue;
        }
        if judge.is_cut_off(entry.txid, entry.line_no) {
            // Were it sealed and gone, that would be reported with its leaf.
            ends.rolled_back += 1;
            continue;
        }
        let kind = if is_count { "count" } else { "movement" };
        let (verdict, what) = match fates.get(&entry.txid) {
            Some(Fate::RolledBack) => {
                ends.rolled_back += 1;
                continue;
            }
            Some(Fate::Later) => {
                ends.waiting.push((id, entry, is_count));
                continue;
            }
            // Reported with its leaf. Only movements have one; a count bears the id of its adjustment.
            _ if !is_count && compared.is_gone(id) => {
                tell_record(store, id, entry.line_no, judge).await?;
                continue;
            }
            Some(Fate::Committed) => (
                Verdict::CommittedWithoutRow,
                format!(
                    "{kind} {id} was recorded and its transaction was committed, but it is not there: it was removed, or taken back to a savepoint while the guard against that was off"
                ),
            ),
            Some(Fate::Forgotten) | None => (
                Verdict::Unknown,
                format!(
                    "{kind} {id} was recorded and is not there; the server has forgotten whether its transaction was committed"
                ),
            ),
        };
        let mut finding = Finding::alarm(verdict, what).about(id).at_line(entry.line_no);
        finding.who = Some(recorder);
        let line = store.kept_lines(entry.line_no, entry.line_no + 1).await?.pop();
        let before = line.and_then(|line| super::ledger::facts_of(&line.raw, id));
        judge.findings.add(finding.change(before.map(|facts| super::ledger::facts_words(&facts)), None));
    }
    judge.report_pending(&fates);
    Ok(ends)
}

/// Tells, with the finding about a row that is gone, who had posted what it said.
async fn tell_record(store: &Store, id: Uuid, line_no: u64, judge: &mut Judge) -> Result<(), VerifyError> {
    let Some(kept) = store.kept_lines(line_no, line_no + 1).await?.pop() else { return Ok(()) };
    let text = text(&kept.raw);
    let Some(line) = LogLine::read(&text) else { return Ok(()) };
    let before = super::ledger::facts_of(&kept.raw, id).map(|facts| super::ledger::facts_words(&facts));
    judge
        .findings
        .tell_more(id, |finding| super::telling::at(line_no, &line, finding).change(before.clone(), None));
    Ok(())
}

/// Reports postings by other programs, once for each record.
async fn report_foreign(store: &Store, moment: &Moment, judge: &mut Judge) -> Result<(), VerifyError> {
    let foreign = std::mem::take(&mut judge.records.foreign);
    let fates = fates(store, foreign.keys().copied().collect(), moment).await?;
    for (txid, records) in foreign {
        for record in records {
            let fate = fates.get(&txid);
            let cut_off = judge.is_cut_off(txid, record.line_no);
            if record.found == 0 && (cut_off || matches!(fate, Some(Fate::RolledBack))) {
                continue;
            }
            if matches!(fate, Some(Fate::Later)) {
                judge.records.foreign.entry(txid).or_default().push(record);
                continue;
            }
            let mut what = format!(
                "{} rows were posted by a statement that is not Stockroom's; its values cannot be compared",
                record.rows
            );
            if record.found < record.rows {
                what.push_str(&format!("; only {} of them are there", record.found));
            }
            let mut finding = Finding::alarm(Verdict::ForeignWriter, what).at_line(record.line_no);
            finding.who = Some(judge.records.name(record.login).to_owned());
            if let Some(line) = store.kept_lines(record.line_no, record.line_no + 1).await?.pop() {
                let text = text(&line.raw);
                if let Some(line) = LogLine::read(&text) {
                    finding.when = Some(line.timestamp.as_ref().to_owned());
                    finding.from = Some(super::telling::from_words(&line));
                    finding.session = Some(line.session_id.as_ref().to_owned());
                    finding.statement = Some(line.message.as_ref().to_owned());
                }
            }
            judge.findings.add(finding);
        }
    }
    Ok(())
}

fn report_older(compared: &Compared, begin: LogBegin, judge: &mut Judge) {
    if compared.older == 0 {
        return;
    }
    let what = format!(
        "{} movements were posted before the collected log begins and cannot be compared with records",
        compared.older
    );
    // Lines that were dropped when their time was up had been judged before.
    let finding = if begin.retired {
        Finding::notice(Verdict::Unknown, what)
    } else {
        Finding::alarm(Verdict::Unknown, what)
    };
    judge.findings.add(finding);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_epoch_of_a_transaction() {
        assert_eq!(whole_xid(700, 800), 700);
        assert_eq!(whole_xid(900, 800), 900);
        let next = (5 << 32) + 10;
        assert_eq!(whole_xid(u32::MAX, next), (4 << 32) + u64::from(u32::MAX));
        assert_eq!(whole_xid(3, next), (5 << 32) + 3);
        assert_eq!(whole_xid(2, (5 << 32) - 1), (5 << 32) + 2);
    }
}
