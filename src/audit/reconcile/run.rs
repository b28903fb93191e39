//! One verification from the mark in the log to the report.

use std::time::{Duration, Instant};

use super::analyser::{AnalyserState, LogAnalyser};
use super::beginning::{Beginning, KnownBeginning};
use super::counts::{ComparedCounts, compare_counts};
use super::ledger::{Compared, LogBegin, older_state};
use super::lines::{LineWalk, report_miscolumned};
use super::logins::{KnownLogin, compare_logins, open_since};
use super::mark::{Mark, Recorded};
use super::outcomes::{Ends, report_foreign, settle};
use super::records::Records;
use super::rows::ComparedRows;
use super::settings::{before_reading, report_settings};
use super::state::{State, VERSION, waiting};
use super::sums::Sums;
use super::trees::Trees;
use super::writers::Writers;
use super::{Mode, Outcome, Progress, Report, Step, VerifyError, VerifyPlan};
use crate::audit::findings::{Finding, Findings, Kind, Verdict};
use crate::audit::record::{LogLine, text};
use crate::audit::seal::{Checkpoint, Frontier, Tree};
use crate::store::Store;
use crate::store::audit::{LedgerScope, Moment};

/// How many of the first lines are searched for the time at which the log begins.
const FIRST_LINES_MAX: u64 = 1_000;
/// How long to wait for the line in which a session reports its end, at first and in total. A session leaves the list
/// of sessions just before it writes that line, and on a server that is short of processor time seconds may pass in
/// between.
const END_PAUSE: Duration = Duration::from_millis(250);
const END_PATIENCE: Duration = Duration::from_secs(5);

/// Verifies a database.
///
/// # Errors
/// [`VerifyError`] if it could not be completed. What is wrong with the data is a finding, not an error.
pub async fn verify(
    store: &Store,
    plan: &VerifyPlan,
    progress: &Progress<'_>,
) -> Result<Report, VerifyError> {
    let began = Instant::now();
    let loaded = before_reading(store).await?;
    let moment = store.audit_moment().await?;
    let mut stored = plan.state.as_ref().and_then(|path| State::load(path, &moment.system, &moment.database));
    // Logins are compared with those of the last clean verification, whatever is read of the log.
    let (known_logins, statements) = stored
        .as_mut()
        .map(|state| (std::mem::take(&mut state.logins), std::mem::take(&mut state.login_statements)))
        .unwrap_or_default();
    // Before the mark: the statements that led to what is read precede it in the log.
    let present_logins = store.logins().await?;
    let previous = stored.filter(|state| !plan.full && state.decisions == *plan.decisions.head());
    let Mark { end, recorded } = Mark::make(store, &moment, plan.patience).await?;
    let mut verification = Verification::begin(store, &moment, previous.as_ref(), plan).await?;
    verification.analyser.login_statements = statements;
    verification.analyse_lines(store, end, &moment, plan, progress).await?;
    report_miscolumned(store, &mut verification.analyser).await?;
    let lines_size = verification.hold_rest(store, plan, progress).await?;
    let scope = scope_after(previous.as_ref(), verification.analyser.clock_moved);
    let begin = verification.log_begin;
    let analyser = &mut verification.analyser;
    report_unrecorded(recorded, analyser);
    analyser.report_unlogged_reload(loaded);
    verification.leaves.claim(&store.tree(Tree::Ledger.as_str()).await?);
    let mut compared = Compared::run(store, &scope, &moment, analyser, begin, progress).await?;
    compared.report_differing(store, analyser).await?;
    let leaves = compared.hold_against(verification.leaves.clone(), &plan.checkpoints, analyser);
    let first_leaf = previous.as_ref().map_or(0, |state| state.rows);
    let (other_rows, counts, row_trees) =
        verification.compare_rows(store, &moment, plan, &scope, first_leaf, &mut compared.writers).await?;
    let analyser = &mut verification.analyser;
    progress(Step::Levels, 0, 0);
    // After a crash numbers of transactions are reused, and an earlier snapshot may take a new one for an old one: then
    // the whole ledger is added up. If the clock was set back, new rows look old.
    let apart = analyser.crashed || analyser.clock_moved;
    let earlier = previous.as_ref().filter(|_| !apart).map(|state| &state.sums);
    let sums = Sums::compare(store, earlier, &mut compared.writers, analyser).await?;
    compared.writers.report(analyser);
    let ends = settle(store, &moment, &compared, &counts, &other_rows, analyser).await?;
    report_foreign(store, &moment, analyser).await?;
    report_older(&compared, begin, analyser);
    analyser.report_floods();
    report_settings(store, analyser).await?;
    if analyser.clock_moved {
        analyser.login_statements.forget_times();
    }
    let logins = compare_logins(
        &known_logins,
        present_logins,
        &analyser.login_statements,
        (begin.at, open_since(&moment)),
        &mut analyser.findings,
    );
    let results =
        Results { compared, leaves, row_trees, counts: counts.judged, sums, ends, lines_size, logins };
    let mode = if previous.is_some() { Mode::Incremental } else { Mode::Full };
    let mut report = conclude(plan, moment, verification, results, mode)?;
    report.seconds = (began.elapsed().as_secs_f64() * 1_000.0).round() / 1_000.0;
    Ok(report)
}

/// Reports that the mark of this verification was not recorded.
fn report_unrecorded(recorded: Recorded, analyser: &mut LogAnalyser) {
    if recorded == Recorded::No {
        analyser.findings.add(Finding::alarm(
            Kind::RecordingOff,
            Verdict::ConfigurationChanged,
            "pgaudit is switched off: the mark that this verification made was not recorded",
        ));
    }
}

/// Which rows of the ledger to read. If the clock was set back, the time of a row does not tell whether it is new.
fn scope_after(previous: Option<&State>, clock_moved: bool) -> LedgerScope {
    previous.map_or(LedgerScope::All, |state| LedgerScope::Since {
        snapshot: state.snapshot.clone(),
        since: if clock_moved { "-infinity".to_owned() } else { state.since.clone() },
        leaf: state.leaves,
    })
}

/// The results of the parts of a verification.
struct Results {
    compared: Compared,
    leaves: Trees,
    row_trees: Trees,
    counts: u64,
    sums: Sums,
    ends: Ends,
    lines_size: u64,
    logins: Vec<KnownLogin>,
}

/// Stores the state if everything is in order, and makes the report.
fn conclude(
    plan: &VerifyPlan,
    moment: Moment,
    verification: Verification,
    results: Results,
    mode: Mode,
) -> Result<Report, VerifyError> {
    let Results { compared, leaves, row_trees, counts, sums, ends, lines_size, logins } = results;
    let analyser = verification.analyser;
    let alarms = analyser.findings.alarms();
    if let (Some(path), 0) = (&plan.state, alarms) {
        let (lines_frontier, lines_stored) = verification.analysed_trees.states();
        let (leaves_frontier, leaves_stored) = leaves.states();
        let (rows_frontier, rows_stored) = row_trees.states();
        State {
            version: VERSION,
            system: moment.system.clone(),
            database: moment.database.clone(),
            snapshot: moment.snapshot.clone(),
            since: moment.since.clone(),
            lines: verification.analysed_trees.size(),
            lines_frontier,
            lines_stored,
            leaves: leaves.size(),
            leaves_frontier,
            leaves_stored,
            rows: row_trees.size(),
            rows_frontier,
            rows_stored,
            decisions: plan.decisions.head().clone(),
            beginning: verification.beginning,
            verified_at: moment.taken_at.to_string(),
            sums,
            analyser: analyser.state().clone(),
            records: waiting(&analyser.records, &ends.waiting),
            logins,
            login_statements: analyser.login_statements.since(open_since(&moment)),
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
        analysed_to: moment.taken_at,
        lines: verification.analysed_trees.size() - verification.first,
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
        accepted: analyser.findings.accepted_ids().len() as u64,
        notices: analyser.findings.notices(),
        seconds: 0.0,
        decisions: plan.decisions.head().clone(),
        findings: analyser.findings.into_list(),
    })
}

/// A verification in progress: the lines it has read, and the trees it compares.
struct Verification {
    analyser: LogAnalyser,
    walk: Option<LineWalk>,
    /// The trees over the rows that were verified earlier.
    leaves: Trees,
    /// The trees over counts and changes to master data that were verified earlier.
    rows: Trees,
    log_begin: LogBegin,
    beginning: KnownBeginning,
    /// The first line to be analysed.
    first: u64,
    /// The trees over the lines that were analysed.
    analysed_trees: Trees,
}

impl Verification {
    async fn begin(
        store: &Store,
        moment: &Moment,
        previous: Option<&State>,
        plan: &VerifyPlan,
    ) -> Result<Self, VerifyError> {
        let VerifyPlan { checkpoints, decisions, .. } = plan;
        let (retired, first) = store.retired().await?;
        let before = previous.map_or_else(KnownBeginning::default, |state| state.beginning);
        let Beginning { known, frontier, findings } = Beginning::judge(&retired, first, checkpoints, before);
        let start = known.line;
        let (trees, leaves, rows, state, records) = match previous {
            Some(state) => (
                state.line_trees(decisions.pins())?,
                state.ledger_trees(decisions.pins())?,
                state.row_trees(decisions.pins())?,
                state.analyser.clone(),
                state.records.clone(),
            ),
            None => (
                Trees::new(Tree::Lines, frontier, None, decisions.pins()),
                Trees::new(Tree::Ledger, Frontier::default(), None, decisions.pins()),
                Trees::new(Tree::Rows, Frontier::default(), None, decisions.pins()),
                AnalyserState::default(),
                Records::default(),
            ),
        };
        let first_lines = store.kept_lines(start, start + FIRST_LINES_MAX).await?;
        let first_time = first_lines.iter().find_map(|line| LogLine::read(&text(&line.raw))?.logged_at());
        let mut analyser = LogAnalyser::new(&moment.database, state, records);
        analyser.findings = Findings::decided_by(decisions.clone());
        findings.into_iter().for_each(|finding| analyser.findings.add(finding));
        if let Some(damage) = decisions.damage() {
            let what = format!("the file of accepted findings was altered: {damage}");
            let former = format!("the decisions about findings are not what they were: {damage}");
            let finding = Finding::alarm(Kind::DecisionsDamaged, Verdict::EvidenceAltered, what);
            analyser.findings.add(finding.of(damage).formerly(former));
        }
        Ok(Self {
            analyser,
            leaves,
            rows,
            log_begin: LogBegin { at: first_time, sealed_by_then: known.ledger, rows_by_then: known.rows },
            beginning: known,
            first: trees.size(),
            analysed_trees: trees.clone(),
            walk: Some(LineWalk::new(trees)),
        })
    }

    /// Analyses the lines up to the mark, and further while sessions that have just ended have not reported it.
    async fn analyse_lines(
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
        let (began, mut pause) = (Instant::now(), END_PAUSE);
        while !self.analyser.without_end(alive, since).is_empty() {
            if began.elapsed() >= END_PATIENCE {
                let suspects = self.analyser.without_end(alive, since);
                self.analyser.report_without_end(&suspects);
                break;
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(END_PAUSE * 4);
            let later = Mark::make(store, moment, plan.patience).await?;
            self.walk_to(store, later.end, true, &plan.checkpoints, progress).await?;
        }
        if let Some(walk) = &self.walk {
            self.analysed_trees = walk.trees.clone();
        }
        Ok(())
    }

    /// Hashes what was collected since, so that every checkpoint can be compared.
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
        let judged = self.analysed_trees.size();
        if self.analysed_trees.is_broken() || points().any(|point| point.size > judged) {
            self.walk_to(store, size, false, &plan.checkpoints, progress).await?;
        }
        if let Some(walk) = &mut self.walk {
            walk.finish(&mut self.analyser);
        }
        let largest: Option<&Checkpoint> = points().max_by_key(|point| point.size);
        if let Some(point) = largest.filter(|point| point.size > size) {
            self.analyser.findings.add(older_state("lines were signed", size, point));
        }
        Ok(size)
    }

    /// Compares counts and changes to master data with their records and with their seal.
    async fn compare_rows(
        &mut self,
        store: &Store,
        moment: &Moment,
        plan: &VerifyPlan,
        scope: &LedgerScope,
        first_leaf: u64,
        writers: &mut Writers,
    ) -> Result<(ComparedRows, ComparedCounts, Trees), VerifyError> {
        let (analyser, begin) = (&mut self.analyser, self.log_begin);
        let counts = store.audit_counts(scope, moment).await?;
        let mut rows = ComparedRows::run(store, scope, moment, first_leaf, analyser, begin, writers).await?;
        let counts = compare_counts(&counts, analyser, begin, &rows.counts, writers);
        self.rows.claim(&store.tree(Tree::Rows.as_str()).await?);
        let trees = rows.hold_against(self.rows.clone(), &plan.checkpoints, analyser);
        Ok((rows, counts, trees))
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
        let empty = LogAnalyser::new("", AnalyserState::default(), Records::default());
        let analyser = std::mem::replace(&mut self.analyser, empty);
        let (walk, analyser) = walk.walk(store, end, analyser, judging, checkpoints, progress).await?;
        self.walk = Some(walk);
        self.analyser = analyser;
        Ok(())
    }
}

fn report_older(compared: &Compared, begin: LogBegin, analyser: &mut LogAnalyser) {
    if compared.older == 0 {
        return;
    }
    let what = format!(
        "{} movements were posted before the collected log begins and cannot be compared with records",
        compared.older
    );
    // Lines that retention dropped had been verified before.
    let finding = if begin.sealed_by_then.is_some() {
        Finding::notice(Kind::MovementsOlderThanLog, Verdict::Unknown, what)
    } else {
        Finding::alarm(Kind::MovementsOlderThanLog, Verdict::Unknown, what)
    };
    analyser.findings.add(finding.of(compared.older));
}
