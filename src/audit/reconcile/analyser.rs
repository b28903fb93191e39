//! Analyses the collected lines one after another, in the order of collection.

mod ends;
mod flood;
mod long;
mod master;
mod pending;
mod places;
mod server;

use std::collections::HashMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use flood::Floods;
use long::LongEntry;
use master::{DATA_KEYS, MASTER_DATA, MASTER_HISTORY};
pub use places::Known;
use places::Places;

use super::attempts::refused_attempt;
use super::context::{at, cut, from_words};
use super::known::{analyse_change, is_ours};
use super::logins::LoginStatements;
use super::records::{Entry, Foreign, Records, fingerprint};
use super::reload::Reloads;
use super::session::{PendingFinding, PendingWrite, Session, began_at, put_back};
use super::statement::{only_locks_rows, spares_guarded_tables};
use super::window::Window;
use crate::audit::collect::note::Note;
use crate::audit::findings::{Finding, Findings, Kind, Verdict};
use crate::audit::record::columns::{columns_of, columns_of_other, record_in};
use crate::audit::record::line::Provenance;
use crate::audit::record::{
    AuditRecord, LogLine, MalformedRecord, NotAPosting, Parameters, RecordKind, counts_in, movements_in, text,
};
use crate::store::audit::{ColumnsDigest, KeptLine};

/// The ledger, and the tables that only its triggers and those of orders write.
const LEDGER: &str = "stock.transactions";
const WRITTEN_BY_LEDGER: [&str; 4] =
    ["stock.stock_levels", "stock.reversals", "stock.allocations", "stock.order_progress"];
const COUNTS: &str = "stock.stock_counts";
/// The ledger of reservations, and the events of orders: both are only added to.
const RESERVATIONS: &str = "stock.reservations";
const ORDER_EVENTS: &str = "stock.order_events";
const HISTORY: &str = "stock.product_history";
/// The tables with the runs of imports.
const IMPORTS: [&str; 2] = ["stock.import_runs", "stock.import_results"];
const MIGRATIONS: &str = "stock.schema_history";
/// The schema with the tables of the collected evidence.
const EVIDENCE: &str = "audit.";
/// How the statement begins with which the migration runner writes into its table.
const MIGRATION_RUN: &str = "INSERT INTO schema_history (version, name, applied_on, checksum) VALUES (";
/// The number of open sessions above which those that are over are removed.
const SESSIONS_MANY: usize = 10_000;
/// How far the times of lines of different processes may differ: a busy process may write its line late.
const APART_SECONDS_MAX: i64 = 10;
/// The state that is carried from one verification to the next.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct AnalyserState {
    sessions: HashMap<String, Session>,
    began_at: Option<i64>,
    clean_shutdown: bool,
    last_at: Option<Timestamp>,
    /// Writes that were not followed by the record of a posting.
    unexplained: Vec<PendingWrite>,
    /// When the server read its configuration.
    #[serde(default)]
    pub reloads: Reloads,
    /// An entry that was collected in pieces, of which more may follow.
    #[serde(default)]
    long: Option<LongEntry>,
    #[serde(default)]
    floods: Floods,
    #[serde(default)]
    places: Places,
}

/// Reads lines in their order, collects what they record, and reports what is wrong with them.
#[derive(Debug)]
pub struct LogAnalyser {
    database: String,
    state: AnalyserState,
    /// Periods in which records may have been lost.
    pub windows: Vec<Window>,
    /// Whether the server crashed within these lines.
    pub crashed: bool,
    /// Whether the clock of the server was set back within these lines, or may have been.
    pub clock_moved: bool,
    /// Transactions that a crash may have interrupted, with the lines that report the crash.
    cut_off: HashMap<u32, Vec<u64>>,
    pub records: Records,
    pub findings: Findings,
    /// Lines whose stored columns are not those that follow from the line.
    pub miscolumned: Vec<u64>,
    /// The recorded statements that change logins.
    pub login_statements: LoginStatements,
}

impl LogAnalyser {
    /// An analyser for a database, which continues from a carried state.
    pub fn new(database: &str, state: AnalyserState, records: Records) -> Self {
        Self {
            database: database.to_owned(),
            state,
            windows: Vec::new(),
            crashed: false,
            clock_moved: false,
            cut_off: HashMap::new(),
            records,
            findings: Findings::default(),
            miscolumned: Vec::new(),
            login_statements: LoginStatements::default(),
        }
    }

    /// The state to carry to the next verification.
    pub fn state(&self) -> &AnalyserState {
        &self.state
    }

    /// Analyses a stored line and the columns beside it.
    pub fn take_kept(&mut self, line: &KeptLine) {
        let columns = self.take(line.line_no, &line.raw);
        if columns != line.columns {
            self.miscolumned.push(line.line_no);
        }
    }

    /// Analyses a line; returns the digest of the columns that it must have.
    pub fn take(&mut self, line_no: u64, raw: &[u8]) -> ColumnsDigest {
        let text = text(raw);
        let Some(line) = LogLine::read(&text) else {
            if !self.take_piece(line_no, raw, &text) {
                self.take_other(line_no, &text);
            }
            return columns_of_other(Note::read(&text).is_some()).digest();
        };
        self.report_long();
        let record = record_in(&line);
        if !matches!(&record, Some(Ok(record)) if record.class == "WRITE") {
            self.count_entry(&line, raw.len());
        }
        let columns = columns_of(&line, record.as_ref()).digest();
        self.take_line(line_no, &line, record);
        columns
    }

    fn take_line(
        &mut self,
        line_no: u64,
        line: &LogLine<'_>,
        record: Option<Result<AuditRecord<'_>, MalformedRecord>>,
    ) {
        let time = line.logged_at();
        if let Some(window) = self.windows.last_mut()
            && window.to.is_none()
        {
            window.to = time;
        }
        // Two processes differ by more than that only if one of them was delayed.
        let back = time.zip(self.state.last_at).map(|(time, last)| last.as_second() - time.as_second());
        self.clock_moved |= back.is_some_and(|seconds| seconds > APART_SECONDS_MAX);
        self.state.began_at = self.state.began_at.or_else(|| time.map(Timestamp::as_second));
        self.take_number(line_no, line);
        match record {
            Some(record) => self.take_record(line_no, line, record),
            None if line.provenance() == Provenance::Forged => self.add(
                line_no,
                line,
                Finding::alarm(
                    Kind::EntryForged,
                    Verdict::Forged,
                    "a message was made to look like a record of pgaudit",
                ),
            ),
            None => self.take_message(line_no, line),
        }
        self.state.last_at = time.or(self.state.last_at);
    }

    /// A line that is not a record of the server.
    fn take_other(&mut self, line_no: u64, text: &str) {
        let finding = match Note::read(text) {
            Some(Note::Truncated { file, read_to, size }) => Finding::alarm(
                Kind::FileTruncated,
                Verdict::Gap,
                format!("log file {file} was truncated from at least {read_to} to {size} bytes"),
            )
            .of(&file)
            .of(read_to)
            .of(size)
            .formerly(format!("log file {file} was cut from at least {read_to} to {size} bytes")),
            Some(Note::Vanished { file, .. }) => Finding::alarm(
                Kind::FileDeleted,
                Verdict::Gap,
                format!("log file {file} was deleted while the server wrote to it"),
            )
            .of(file),
            Some(Note::Replaced { file, first, last }) => Finding::alarm(
                Kind::EntriesReplaced,
                Verdict::EvidenceAltered,
                format!("log entries {first} to {last} are not in log file {file}: something other than the collector stored them"),
            )
            .of(file)
            .of(first)
            .of(last),
            None => {
                self.windows.push(Window { from: self.state.last_at, to: None });
                let mut finding = Finding::alarm(
                    Kind::EntryUnreadable,
                    Verdict::Unknown,
                    "a log entry cannot be read; records around it may be lost",
                )
                .formerly("a line of the log cannot be read; records around it may be lost");
                finding.statement = Some(cut(text));
                finding
            }
        };
        self.findings.add(finding.at_line(line_no));
    }

    /// The session of a line, and the line's number in it.
    fn take_number(&mut self, line_no: u64, line: &LogLine<'_>) {
        // Whatever wrote the line before had ended when this server started.
        if line.line_num == 1
            && line.backend_type == "postmaster"
            && let Some(finding) = put_back(self.state.last_at, line.logged_at())
        {
            self.clock_moved = true;
            self.add(line_no, line, finding);
        }
        if line.message.starts_with("starting PostgreSQL") && line.backend_type == "postmaster" {
            self.take_start(line_no, line);
        }
        let id = line.session_id.as_ref();
        if !self.state.sessions.contains_key(id) {
            // A session of the very second in which the log begins may have lines before it.
            let since_beginning = began_at(id) > self.state.began_at;
            if self.state.sessions.len() >= SESSIONS_MANY
                && let Some(now) = line.logged_at()
            {
                self.state.sessions.retain(|_, session| !session.is_over(now));
            }
            let session = Session::new(id, since_beginning, line.line_num);
            self.state.sessions.insert(id.to_owned(), session);
        }
        let finding = self.state.sessions.get_mut(id).and_then(|session| session.line(line));
        if let Some(finding) = finding {
            self.clock_moved |= finding.verdict == Verdict::ClockMoved;
            self.add(line_no, line, finding);
        }
    }

    /// Adds a finding with everything that the line tells.
    fn add(&mut self, line_no: u64, line: &LogLine<'_>, finding: Finding) {
        self.findings.add(at(line_no, line, finding));
    }

    /// A message of the server itself.
    fn take_message(&mut self, line_no: u64, line: &LogLine<'_>) {
        let message = line.message.as_ref();
        if let Some(finding) = refused_attempt(line) {
            self.add(line_no, line, finding);
        }
        if let Some(session) = self.state.sessions.get_mut(line.session_id.as_ref()) {
            session.visitor |= message.starts_with("connection received: ");
            // The process ends with this line and need not say so again: a client that is rejected after authentication
            // began leaves no line about its end.
            if matches!(line.error_severity.as_ref(), "FATAL" | "PANIC") {
                session.client = None;
            }
        }
        match (line.backend_type.as_ref(), line.func_name.as_ref()) {
            ("client backend" | "walsender", "log_disconnections") => {
                self.close(&line.session_id);
            }
            ("client backend" | "walsender", _) if message.contains("connection authorized: ") => {
                if let Some(session) = self.state.sessions.get_mut(line.session_id.as_ref()) {
                    session.client = Some(line.user.as_ref().to_owned());
                }
            }
            ("postmaster", _) => self.take_postmaster(line_no, line),
            _ => {}
        }
    }

    /// The end of a session.
    fn close(&mut self, id: &str) {
        if let Some(session) = self.state.sessions.remove(id) {
            self.state.unexplained.extend(session.pending);
        }
    }

    /// Analyses a record of pgaudit, according to the table that it is about.
    fn take_record(
        &mut self,
        line_no: u64,
        line: &LogLine<'_>,
        record: Result<AuditRecord<'_>, MalformedRecord>,
    ) {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                let what = format!("a record of pgaudit cannot be read: {error}");
                return self.add(
                    line_no,
                    line,
                    Finding::alarm(Kind::RecordUnreadable, Verdict::Unknown, what),
                );
            }
        };
        // The session's own record contains what object auditing adds.
        if record.kind == RecordKind::Object {
            return;
        }
        if let Some(session) = self.state.sessions.get_mut(line.session_id.as_ref()) {
            let finding = session.statement(record.statement_id, &line.session_id);
            if let Some(finding) = finding {
                self.add(line_no, line, finding);
            }
        }
        self.settle_pending(line, &record);
        self.take_beginning(&record);
        if record.class == "ROLE" {
            self.login_statements.take(line.logged_at(), &record.statement);
        }
        if let Some(finding) = analyse_change(line, &record, &self.database) {
            self.add_record(line_no, line, &record, finding);
        } else if record.class == "WRITE" && line.dbname == self.database {
            self.take_write(line_no, line, &record);
        }
    }

    fn take_write(&mut self, line_no: u64, line: &LogLine<'_>, record: &AuditRecord<'_>) {
        if record.command == "UPDATE" && only_locks_rows(&record.statement) {
            return;
        }
        let object = record.object_name.as_ref();
        match (object, record.command.as_ref()) {
            (LEDGER, "INSERT") => self.take_posting(line_no, line, record),
            (COUNTS, "INSERT") => self.take_count(line_no, line, record),
            _ if MASTER_DATA.contains(&object) => {
                if matches!(object, RESERVATIONS | ORDER_EVENTS) && record.command != "INSERT" {
                    self.add_not_posting(line_no, line, record);
                }
                self.take_master(line, line_no, record);
            }
            // A level that does not exist yet is first looked up.
            (table, _) if WRITTEN_BY_LEDGER.contains(&table) && record.rows == Some(0) => {}
            (table, _)
                if WRITTEN_BY_LEDGER.contains(&table)
                    || (matches!(table, HISTORY | MASTER_HISTORY)
                        && record.command == "INSERT"
                        && !is_ours(&record.statement)) =>
            {
                let finding = PendingFinding {
                    command: record.command.as_ref().to_owned(),
                    table: table.to_owned(),
                    line_no,
                    who: line.user.as_ref().to_owned(),
                    when: line.timestamp.as_ref().to_owned(),
                    from: from_words(line),
                    session: line.session_id.as_ref().to_owned(),
                    statement: cut(&record.statement),
                };
                let pending = PendingWrite {
                    statement_id: record.statement_id,
                    txid: line.txid,
                    finding: Box::new(finding),
                };
                if let Some(session) = self.state.sessions.get_mut(line.session_id.as_ref()) {
                    session.pending.push(pending);
                }
            }
            (MIGRATIONS, "INSERT") if record.statement.starts_with(MIGRATION_RUN) => {}
            ("", command) => self.take_nameless(line_no, line, record, command),
            // A migration writes the first rows of its tables.
            _ if is_ours(&record.statement) => {}
            (DATA_KEYS, command) => {
                let what = format!("{command} of {DATA_KEYS} past the functions that keep it");
                let finding = Finding::alarm(Kind::WriteOfLedger, Verdict::LedgerAltered, what);
                self.add_record(line_no, line, record, finding.of(command).of(DATA_KEYS));
            }
            (table, command) if table.starts_with(EVIDENCE) => {
                let what = format!("{command} of {table}, which holds the collected evidence");
                let finding = Finding::alarm(Kind::WriteOfEvidence, Verdict::EvidenceAltered, what);
                self.add_record(line_no, line, record, finding.of(command).of(table));
            }
            (table, command) if IMPORTS.contains(&table) && command != "INSERT" => {
                let what = format!("{command} of {table}, which only grows");
                let finding = Finding::alarm(Kind::WriteOfLedger, Verdict::LedgerAltered, what);
                self.add_record(line_no, line, record, finding.of(command).of(table));
            }
            (table, _) if is_ledger(table) => {
                self.add_not_posting(line_no, line, record);
            }
            _ => {}
        }
    }

    /// Reports a write of a table that only postings write.
    fn add_not_posting(&mut self, line_no: u64, line: &LogLine<'_>, record: &AuditRecord<'_>) {
        let (command, table) = (record.command.as_ref(), record.object_name.as_ref());
        let what = format!("{command} of {table}, which is not a posting");
        let former = format!("{command} of {table}, which is no posting");
        let finding = Finding::alarm(Kind::WriteOfLedger, Verdict::LedgerAltered, what).of(command).of(table);
        self.add_record(line_no, line, record, finding.formerly(former));
    }

    /// A record of TRUNCATE, COPY and the like, which does not name the table.
    fn take_nameless(&mut self, line_no: u64, line: &LogLine<'_>, record: &AuditRecord<'_>, command: &str) {
        // Neither runs the statement; if EXPLAIN does, the statement has a record of its own.
        if matches!(command, "PREPARE" | "EXPLAIN") {
            return;
        }
        if spares_guarded_tables(&record.statement, command) {
            return self.take_master(line, line_no, record);
        }
        let what = format!("{command} of a table that pgaudit does not name; it may be the ledger");
        let former = format!("{command}; pgaudit does not say of which table, so it may be of the ledger");
        let finding = Finding::alarm(Kind::WriteOfUnnamedTable, Verdict::LedgerAltered, what).of(command);
        self.add_record(line_no, line, record, finding.formerly(former));
    }

    fn take_posting(&mut self, line_no: u64, line: &LogLine<'_>, record: &AuditRecord<'_>) {
        let login = self.records.login(&line.user);
        let txid = u32::try_from(line.txid).unwrap_or(0);
        match movements_in(record) {
            Ok(movements) => {
                for facts in movements {
                    let entry = Entry { line_no, content: fingerprint(&facts), txid, login, matched: false };
                    self.records.add_movement(facts.id, entry);
                }
            }
            // What says which rows it inserted must have inserted them; anything else may have inserted none.
            Err(_) if record.rows == Some(0) => {}
            Err(NotAPosting::OtherStatement) => self.add_foreign(line_no, record, txid, login),
            Err(error @ NotAPosting::Value(_)) => {
                let what = match record.parameters {
                    Parameters::Values(_) => format!("the record of a posting cannot be read: {error}"),
                    _ => "the record of a posting holds no values; the server was told not to record them"
                        .to_owned(),
                };
                self.add_foreign(line_no, record, txid, login);
                let finding = Finding::alarm(Kind::PostingUnreadable, Verdict::Unknown, what);
                self.add_record(line_no, line, record, finding);
            }
        }
    }

    fn take_count(&mut self, line_no: u64, line: &LogLine<'_>, record: &AuditRecord<'_>) {
        let login = self.records.login(&line.user);
        let txid = u32::try_from(line.txid).unwrap_or(0);
        match counts_in(record) {
            Ok(counts) => {
                for facts in counts {
                    let entry = Entry { line_no, content: fingerprint(&facts), txid, login, matched: false };
                    self.records.add_count(facts.id, entry);
                }
            }
            Err(_) if record.rows == Some(0) => {}
            Err(_) => self.add_foreign(line_no, record, txid, login),
        }
    }

    /// Stores a record whose values cannot be read.
    fn add_foreign(&mut self, line_no: u64, record: &AuditRecord<'_>, txid: u32, login: u32) {
        let foreign = Foreign { line_no, rows: record.rows.unwrap_or(0), login, found: 0 };
        self.records.foreign.entry(txid).or_default().push(foreign);
    }

    fn add_record(&mut self, line_no: u64, line: &LogLine<'_>, record: &AuditRecord<'_>, finding: Finding) {
        let mut finding = at(line_no, line, finding);
        finding.statement = Some(cut(&record.statement));
        self.findings.add(finding);
    }
}

/// Whether a table is the ledger, one of its partitions under any name that they have had, or depends on it.
fn is_ledger(table: &str) -> bool {
    table.starts_with("stock.transactions") || [COUNTS, HISTORY, MASTER_HISTORY, MIGRATIONS].contains(&table)
}
