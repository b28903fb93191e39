//! The status of single collected lines, for people who watch them arrive: each line is analysed by the same rules as
//! in a verification, but without the lines around it, and what it records as posted is looked up in the present
//! ledger.
//!
//! Boundary: a status describes one line. Only a verification can tell that nothing is missing.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::Serialize;
use uuid::Uuid;

use super::VerifyError;
use super::analyser::{AnalyserState, LogAnalyser};
use super::known::is_ours;
use super::ledger::low_half;
use super::outcomes::outcomes;
use super::records::{Entry, Foreign, Records, fingerprint};
use crate::audit::events::Event;
use crate::audit::findings::{Finding, Kind, Verdict};
use crate::audit::record::{AuditRecord, LogLine, counts_in, movements_in, text};
use crate::domain::MovementKind;
use crate::store::Store;
use crate::store::audit::{
    CountFacts, CountRow, EventRow, Keys, Moment, MovementFacts, Names, SealedMovement, TransactionOutcome,
};

/// The status of a single line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LineStatus {
    /// Not an audit record: a login, a message of the server.
    Message,
    /// A record of something that is not compared row by row, such as a change to a product.
    Recorded,
    /// What Stockroom itself does when it prepares or migrates a database.
    Own,
    /// The statement was refused, or failed.
    Refused,
    /// The reader sees only a part of it, which is not enough for a status.
    Redacted,
    /// A record of a posting; the most serious of the states of its rows.
    Posted(RowState),
    /// The line is a finding by itself.
    Finding(Box<Finding>),
}

impl LineStatus {
    /// The status in one or two English words, as it is listed.
    #[must_use]
    pub fn words(&self) -> &'static str {
        match self {
            Self::Message => "",
            Self::Recorded => "recorded",
            Self::Own => "Stockroom's own",
            Self::Refused => "failed",
            Self::Redacted => "for auditors",
            Self::Posted(state) => state.words(),
            Self::Finding(finding) => finding.verdict.words(),
        }
    }
}

impl RowState {
    /// The state in one or two English words, as it is listed.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Agrees => "agrees",
            Self::RolledBack => "rolled back",
            Self::Open => "under way",
            Self::Missing => "row missing",
            Self::Differs => "content differs",
        }
    }
}

/// The state of a row that a record describes, in order of increasing seriousness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RowState {
    /// It exists, and is as recorded.
    Agrees,
    /// The transaction was rolled back, and the row with it.
    RolledBack,
    /// The transaction has not ended.
    Open,
    /// It does not exist. It may have been removed, or rolled back by a crash or to a savepoint.
    Missing,
    /// It exists, but differs from the record.
    Differs,
}

/// A line with its status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Seen {
    #[serde(flatten)]
    pub event: Event,
    /// The status, which is serialised as its words.
    #[serde(rename = "verdict", serialize_with = "status_words")]
    pub line_status: LineStatus,
}

fn status_words<S: serde::Serializer>(line_status: &LineStatus, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(line_status.words())
}

/// A line in full, beside the rows that it describes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Inspection {
    /// The line and its status.
    pub seen: Seen,
    /// The rows that it records, or if it cannot be read, the rows that its transaction posted.
    pub rows: Vec<InspectedRow>,
}

/// One movement or count: as recorded, and as it is in the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InspectedRow {
    pub id: Uuid,
    /// The state of the row; none if its record cannot be read.
    pub state: Option<RowState>,
    pub recorded: Option<Stated>,
    pub booked: Option<Stated>,
}

/// A movement or count with names instead of keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stated {
    /// The kind of movement; none for a count.
    pub kind: Option<MovementKind>,
    pub product: String,
    pub lot: Option<String>,
    /// Where the goods left; for a count, where they are.
    pub from: Option<String>,
    pub to: Option<String>,
    pub partner: Option<String>,
    pub quantity: Decimal,
    pub unit_price: Option<Decimal>,
    pub reference: Option<String>,
    pub reason: Option<String>,
    pub reverses: Option<Uuid>,
    pub occurred_at: Timestamp,
    pub posted_by: String,
    /// The transaction, as far as the log has its number.
    pub txid: u32,
}

/// The result of analysing one line by itself.
struct Alone {
    finding: Option<Finding>,
    /// The id, the record, and whether it is a count.
    posted: Vec<(Uuid, Entry, bool)>,
    foreign: Option<(u32, Foreign)>,
    recorder: String,
}

impl Alone {
    fn of(row: &EventRow, database: &str) -> Self {
        let mut analyser = LogAnalyser::new(database, AnalyserState::default(), Records::default());
        analyser.take(row.line_no, &row.raw);
        analyser.report_long();
        let foreign = analyser
            .records
            .foreign
            .iter()
            .next()
            .and_then(|(txid, records)| records.first().map(|record| (*txid, record.clone())));
        Self {
            posted: analyser.records.unmatched().collect(),
            foreign,
            recorder: analyser.records.name(0).to_owned(),
            finding: analyser.findings.into_list().into_iter().next(),
        }
    }

    fn txids(&self) -> impl Iterator<Item = u32> + '_ {
        let posted = self.posted.iter().map(|(_, entry, _)| entry.txid);
        posted.chain(self.foreign.iter().map(|(txid, _)| *txid))
    }
}

/// What the ledger and the counts contain for some records.
struct Books {
    /// `None` for a row that cannot be read.
    movements: HashMap<Uuid, Option<SealedMovement>>,
    counts: HashMap<Uuid, CountRow>,
    outcomes: HashMap<u32, TransactionOutcome>,
}

impl Books {
    async fn open(store: &Store, lines: &[Alone], moment: &Moment) -> Result<Self, VerifyError> {
        let ids = |counts: bool| -> Vec<Uuid> {
            let posted = lines.iter().flat_map(|line| &line.posted);
            posted.filter(|(_, _, is_count)| *is_count == counts).map(|(id, ..)| *id).collect()
        };
        let (movements, counts) = (ids(false), ids(true));
        let txids: HashSet<u32> = lines.iter().flat_map(Alone::txids).collect();
        let mut books = Self { movements: HashMap::new(), counts: HashMap::new(), outcomes: HashMap::new() };
        if !movements.is_empty() {
            books.movements = store.ledger_rows(&movements).await?;
        }
        if !counts.is_empty() {
            let rows = store.counts_of(&counts, moment).await?;
            books.counts = rows.into_iter().map(|row| (row.facts.id, row)).collect();
        }
        if !txids.is_empty() {
            books.outcomes = outcomes(store, txids, moment).await?;
        }
        Ok(books)
    }

    fn state(&self, id: Uuid, entry: &Entry, is_count: bool, recorder: &str) -> RowState {
        let found = if is_count {
            self.counts.get(&id).map(|row| (fingerprint(&row.facts), &row.posted_by, row.xid))
        } else {
            match self.movements.get(&id) {
                Some(None) => return RowState::Differs,
                Some(Some(row)) => Some((fingerprint(&row.facts), &row.posted_by, row.xid)),
                None => None,
            }
        };
        match found {
            Some((content, login, xid)) if low_half(xid) == entry.txid => {
                let agrees = content == entry.content && login == recorder;
                if agrees { RowState::Agrees } else { RowState::Differs }
            }
            // The row comes from another transaction: this one was rolled back, and the posting was sent again.
            Some(_) => match self.outcomes.get(&entry.txid) {
                Some(TransactionOutcome::RolledBack) => RowState::RolledBack,
                Some(TransactionOutcome::Later) => RowState::Open,
                Some(TransactionOutcome::Committed | TransactionOutcome::Forgotten) | None => {
                    RowState::Differs
                }
            },
            None => match self.outcomes.get(&entry.txid) {
                Some(TransactionOutcome::RolledBack) => RowState::RolledBack,
                Some(TransactionOutcome::Later) => RowState::Open,
                Some(TransactionOutcome::Committed | TransactionOutcome::Forgotten) | None => {
                    RowState::Missing
                }
            },
        }
    }
}

/// The status of each of some lines.
///
/// # Errors
/// [`VerifyError::Store`] if the database cannot be read.
pub async fn line_status(store: &Store, rows: &[EventRow]) -> Result<Vec<Seen>, VerifyError> {
    let moment = store.audit_moment().await?;
    let lines: Vec<Alone> = rows.iter().map(|row| Alone::of(row, &moment.database)).collect();
    let books = Books::open(store, &lines, &moment).await?;
    Ok(rows.iter().zip(lines).map(|(row, line)| seen(row, line, &books)).collect())
}

fn seen(row: &EventRow, line: Alone, books: &Books) -> Seen {
    let event = Event::of(row);
    let gravest = line
        .posted
        .iter()
        .map(|(id, entry, is_count)| books.state(*id, entry, *is_count, &line.recorder))
        .max();
    let line_status = match (line.finding, gravest, line.foreign) {
        _ if event.redacted => plain(&event),
        (Some(finding), ..) => LineStatus::Finding(Box::new(finding)),
        (None, Some(state), _) => LineStatus::Posted(state),
        (None, None, Some((txid, foreign))) => foreign_status(&event, &foreign, books.outcomes.get(&txid)),
        (None, None, None) => plain(&event),
    };
    Seen { event, line_status }
}

fn foreign_status(event: &Event, foreign: &Foreign, outcome: Option<&TransactionOutcome>) -> LineStatus {
    match outcome {
        Some(TransactionOutcome::RolledBack) => LineStatus::Posted(RowState::RolledBack),
        Some(TransactionOutcome::Later) => LineStatus::Posted(RowState::Open),
        Some(TransactionOutcome::Committed | TransactionOutcome::Forgotten) | None => {
            let what = format!(
                "{} rows were posted by a statement that is not Stockroom's; its values cannot be compared",
                foreign.rows
            );
            let mut finding =
                Finding::alarm(Kind::ForeignStatement, Verdict::ForeignWriter, what).at_line(foreign.line_no);
            finding.who.clone_from(&event.login);
            LineStatus::Finding(Box::new(finding))
        }
    }
}

fn plain(event: &Event) -> LineStatus {
    if event.class.is_some() && event.redacted {
        return LineStatus::Redacted;
    }
    if event.class.is_some() {
        let own = event.class.as_deref() != Some("WRITE") && event.statement.as_deref().is_some_and(is_ours);
        return if own { LineStatus::Own } else { LineStatus::Recorded };
    }
    match event.severity.as_deref() {
        Some("ERROR" | "FATAL" | "PANIC") => LineStatus::Refused,
        _ => LineStatus::Message,
    }
}

/// A line in full, beside the rows that it describes; `None` if it no longer exists.
///
/// # Errors
/// As [`line_status`].
pub async fn inspect(store: &Store, line_no: u64) -> Result<Option<Inspection>, VerifyError> {
    let Some(row) = store.audit_event(line_no).await? else { return Ok(None) };
    let moment = store.audit_moment().await?;
    let line = Alone::of(&row, &moment.database);
    let books = Books::open(store, std::slice::from_ref(&line), &moment).await?;
    let (movements, counts) = recorded_in(&row.raw);
    let others = match (&line.foreign, Event::of(&row).logged_at) {
        (Some((txid, _)), Some(near)) => store.posted_by_transaction(*txid, near).await?,
        _ => Vec::new(),
    };
    let names = store.names_of(&keys(&movements, &counts, &books, &others)).await?;
    let mut rows = Vec::new();
    for (id, entry, is_count) in &line.posted {
        let stated = |facts: Option<&MovementFacts>| facts.map(|facts| movement_words(facts, &names));
        let counted = |facts: Option<&CountFacts>| facts.map(|facts| count_words(facts, &names));
        let (recorded, booked) = if *is_count {
            let row = books.counts.get(id);
            let booked = counted(row.map(|row| &row.facts)).zip(row);
            (
                counted(counts.iter().find(|facts| facts.id == *id)),
                booked.map(|(stated, row)| stated.by(&row.posted_by, low_half(row.xid))),
            )
        } else {
            let row = books.movements.get(id).and_then(Option::as_ref);
            let booked = stated(row.map(|row| &row.facts)).zip(row);
            (
                stated(movements.iter().find(|facts| facts.id == *id)),
                booked.map(|(stated, row)| stated.by(&row.posted_by, low_half(row.xid))),
            )
        };
        rows.push(InspectedRow {
            id: *id,
            state: Some(books.state(*id, entry, *is_count, &line.recorder)),
            recorded: recorded.map(|stated| stated.by(&line.recorder, entry.txid)),
            booked,
        });
    }
    // In the order of the posting's lines, which is that of the ids.
    rows.sort_by_key(|row| row.id);
    rows.extend(others.iter().map(|row| InspectedRow {
        id: row.facts.id,
        state: None,
        recorded: None,
        booked: Some(movement_words(&row.facts, &names).by(&row.posted_by, low_half(row.xid))),
    }));
    Ok(Some(Inspection { seen: seen(&row, line, &books), rows }))
}

fn recorded_in(raw: &[u8]) -> (Vec<MovementFacts>, Vec<CountFacts>) {
    let text = text(raw);
    let Some(line) = LogLine::read(&text) else { return Default::default() };
    let Ok(record) = AuditRecord::read(&line.message) else { return Default::default() };
    (movements_in(&record).unwrap_or_default(), counts_in(&record).unwrap_or_default())
}

fn keys(
    movements: &[MovementFacts],
    counts: &[CountFacts],
    books: &Books,
    others: &[SealedMovement],
) -> Keys {
    let mut keys = Keys::default();
    let booked = books.movements.values().flatten().chain(others).map(|row| &row.facts);
    for facts in movements.iter().chain(booked) {
        keys.products.push(facts.product_id);
        keys.lots.extend(facts.lot_id);
        keys.locations.extend(facts.from_location_id.into_iter().chain(facts.to_location_id));
        keys.partners.extend(facts.partner_id);
    }
    for facts in counts.iter().chain(books.counts.values().map(|row| &row.facts)) {
        keys.products.push(facts.product_id);
        keys.lots.extend(facts.lot_id);
        keys.locations.push(facts.location_id);
    }
    keys
}

/// The name of a key, or the key itself if there is none.
fn name(names: &HashMap<i64, String>, key: i64) -> String {
    names.get(&key).cloned().unwrap_or_else(|| format!("#{key}"))
}

impl Stated {
    fn by(self, login: &str, txid: u32) -> Self {
        Self { posted_by: login.to_owned(), txid, ..self }
    }
}

fn movement_words(facts: &MovementFacts, names: &Names) -> Stated {
    let place = |key: Option<i64>| key.map(|key| name(&names.locations, key));
    Stated {
        kind: Some(facts.kind),
        product: name(&names.products, facts.product_id),
        lot: facts.lot_id.map(|key| name(&names.lots, key)),
        from: place(facts.from_location_id),
        to: place(facts.to_location_id),
        partner: facts.partner_id.map(|key| name(&names.partners, key)),
        quantity: facts.quantity,
        unit_price: facts.unit_price,
        reference: facts.reference.clone(),
        reason: facts.reason.clone(),
        reverses: facts.reverses,
        occurred_at: facts.occurred_at,
        posted_by: String::new(),
        txid: 0,
    }
}

fn count_words(facts: &CountFacts, names: &Names) -> Stated {
    Stated {
        kind: None,
        product: name(&names.products, facts.product_id),
        lot: facts.lot_id.map(|key| name(&names.lots, key)),
        from: Some(name(&names.locations, facts.location_id)),
        to: None,
        partner: None,
        quantity: facts.counted,
        unit_price: None,
        reference: None,
        reason: None,
        reverses: None,
        occurred_at: facts.counted_at,
        posted_by: String::new(),
        txid: 0,
    }
}
