//! Turns rows into postings: consecutive rows of one document become one posting for each kind, reason and partner
//! among them.
//!
//! Boundary: reads a file and returns what would be posted. It knows nothing of the stock or the database.

use std::ops::Range;
use std::sync::Arc;

use indicatif::ProgressBar;
use rust_decimal::Decimal;

use crate::domain::{
    CodeError, Ends, LINES_MAX, Line, MovementKind, Note, Posting, PostingError, PostingId, Quantity,
    UnitPrice,
};

use super::ImportError;
use super::ids::Ids;
use super::profile::{Direction, MovementField as F, MovementProfile, Presence, Profile, Rule, Sign, fits};
use super::records::{ROW_BYTES_MAX, RecordReader};
use super::rejects::Reject;
use super::row::{Row, RowReader};
use super::source::Source;

/// A document ends when its rows have this many bytes, so that a large file with the same reference on every row is not
/// read into memory as a whole.
const DOCUMENT_BYTES_MAX: usize = 64 * ROW_BYTES_MAX;

/// A row that will be posted.
#[derive(Debug, Clone)]
pub(super) struct PlannedRow {
    pub(super) line: u64,
    pub(super) raw: Range<usize>,
    pub(super) value: Option<Decimal>,
    /// The range of the product's name in the texts, if the row has one.
    pub(super) name: Option<Range<usize>>,
}

/// A posting and the rows that its lines come from, one for each line.
struct PlannedPosting {
    posting: Posting,
    rows: Vec<PlannedRow>,
}

/// A row that will not be posted, with the reason.
#[derive(Debug, Clone)]
pub(super) struct RejectedRow {
    pub(super) reject: Reject,
    pub(super) raw: Range<usize>,
    pub(super) value: Option<Decimal>,
}

/// The postings and rejected rows of one document.
#[derive(Debug, Clone, Default)]
pub(super) struct Document {
    pub(super) postings: Vec<Posting>,
    /// The rows of each posting, one for each of its lines.
    pub(super) rows: Vec<Vec<PlannedRow>>,
    pub(super) rejected: Vec<RejectedRow>,
    /// The raw bytes of its rows.
    pub(super) raw: Vec<u8>,
    /// The reasons and names of its rows, concatenated.
    pub(super) texts: String,
}

/// One row of a document that is still being read.
struct Member {
    line: u64,
    raw: Range<usize>,
    value: Option<Decimal>,
    price: Option<Sign>,
    row: Result<Row, Reject>,
}

#[derive(Default)]
struct Open {
    key: Vec<u8>,
    keyed: bool,
    members: Vec<Member>,
    raw: Vec<u8>,
    texts: String,
    /// The line of a refused row that belongs to the document.
    spoilt_by: Option<u64>,
    /// The line of a row that is too malformed to tell which document it belongs to.
    in_doubt: Option<u64>,
}

/// The decision about a row.
struct Decision {
    kind: MovementKind,
    direction: Option<Direction>,
    takes_reason: bool,
    describes_product: bool,
    without_price: bool,
}

/// Reads a file and returns its documents one by one.
pub(super) struct Planner {
    reader: RecordReader,
    rows: RowReader,
    profile: Arc<MovementProfile>,
    ids: Ids,
    open: Open,
    label: String,
    /// The header as it appears in the file.
    pub(super) header: Vec<u8>,
    done: bool,
}

impl Planner {
    pub(super) fn open(
        source: &Source,
        profile: &Profile,
        movements: &Arc<MovementProfile>,
        progress: &ProgressBar,
    ) -> Result<Self, ImportError> {
        let bytes = source.open(progress)?;
        // The delimiter was checked to be ASCII when the profile was loaded.
        let delimiter = u8::try_from(profile.file.delimiter).unwrap_or(b',');
        let mut reader = RecordReader::new(bytes, delimiter, profile.file.quoting);
        let label = source.label();
        let failed = |source| ImportError::Read { label: label.clone(), source };
        let header = reader.read().map_err(failed)?;
        let header = header.ok_or_else(|| ImportError::Empty { label: label.clone() })?;
        let rows = RowReader::new(profile, movements, &header)?;
        let header = header.raw.to_vec();
        Ok(Self {
            reader,
            rows,
            profile: Arc::clone(movements),
            ids: Ids::new(&profile.name),
            open: Open::default(),
            label,
            header,
            done: false,
        })
    }

    /// The next document; none at the end of the file.
    pub(super) fn next_document(&mut self) -> Result<Option<Document>, ImportError> {
        loop {
            if self.done {
                return Ok(None);
            }
            let failed = |source| ImportError::Read { label: self.label.clone(), source };
            let Some(record) = self.reader.read().map_err(failed)? else {
                self.done = true;
                let last = std::mem::take(&mut self.open);
                return Ok((!last.members.is_empty()).then(|| self.close(last)));
            };
            let key = self.rows.key(&record);
            let unreadable = key.is_none() && record.fault.is_some();
            let full = self.open.members.len() >= LINES_MAX || self.open.raw.len() >= DOCUMENT_BYTES_MAX;
            let same = unreadable || (self.open.keyed && key == Some(self.open.key.as_slice()));
            let finished = if (same && !full) || self.open.members.is_empty() {
                None
            } else {
                Some(std::mem::take(&mut self.open))
            };
            let open = &mut self.open;
            if !unreadable {
                open.keyed = key.is_some();
                open.key.clear();
                open.key.extend_from_slice(key.unwrap_or_default());
                // A row that cannot be assigned is part of the document if the document continues after it.
                open.spoilt_by = open.spoilt_by.or(open.in_doubt.take().filter(|_| same));
            }
            let start = open.raw.len();
            open.raw.extend_from_slice(record.raw);
            let (price, value) = self.rows.figures(&record);
            let row = self.rows.read(&record, &mut open.texts).map_err(|refused| {
                if unreadable {
                    open.in_doubt = open.in_doubt.or(Some(record.line));
                } else if !refused.not_goods {
                    open.spoilt_by = open.spoilt_by.or(Some(record.line));
                }
                refused.reject
            });
            let raw = start..open.raw.len();
            open.members.push(Member { line: record.line, raw, value, price: price.map(sign), row });
            if let Some(finished) = finished {
                return Ok(Some(self.close(finished)));
            }
        }
    }

    fn close(&mut self, open: Open) -> Document {
        let mut document = Document { raw: open.raw, texts: open.texts, ..Document::default() };
        let every_price = common_sign(&open.members);
        let mut sound = Vec::with_capacity(open.members.len());
        for Member { line, raw, value, row, .. } in open.members {
            match row {
                Ok(row) => sound.push(Sound { line, raw, value, row }),
                Err(reject) => document.rejected.push(RejectedRow { reject, raw, value }),
            }
        }
        let mut fault = open.spoilt_by.map(|line| (line, None));
        if fault.is_none() {
            match self.build(&sound, every_price, &document.texts) {
                Ok(planned) => {
                    (document.postings, document.rows) =
                        planned.into_iter().map(|planned| (planned.posting, planned.rows)).unzip();
                }
                Err(reject) => fault = Some((reject.line, Some(reject))),
            }
        }
        if let Some((at, mut own)) = fault {
            for Sound { line, raw, value, .. } in sound {
                let own = own.take_if(|own| own.line == line);
                document.rejected.push(RejectedRow {
                    reject: own.unwrap_or_else(|| beside(line, at)),
                    raw,
                    value,
                });
            }
            document.rejected.sort_by_key(|rejected| rejected.reject.line);
        }
        document
    }

    /// Makes the postings of a document, or says which row prevents it.
    fn build(
        &mut self,
        sound: &[Sound],
        every_price: Option<Sign>,
        texts: &str,
    ) -> Result<Vec<PlannedPosting>, Reject> {
        let mut postings: Vec<PlannedPosting> = Vec::new();
        for member in sound {
            let decision = self.decide(member, every_price)?;
            let reason = self.reason(member, &decision, texts)?;
            let line = self.line(member, &decision)?;
            let row = &member.row;
            let planned = PlannedRow {
                line: member.line,
                raw: member.raw.clone(),
                value: member.value,
                name: decision.describes_product.then(|| row.name.clone()),
            };
            let fitting = postings.iter_mut().find(|planned| {
                let posting = &planned.posting;
                posting.kind == decision.kind
                    && posting.reason == reason
                    && posting.partner == row.partner
                    && posting.reference == row.reference
            });
            if let Some(posting) = fitting {
                posting.posting.lines.push(line);
                posting.rows.push(planned);
                continue;
            }
            if row.posting.is_some() && !postings.is_empty() {
                let text = "the rows of one posting must have the same kind, reference, reason and partner";
                return Err(self.rows.reject(
                    member.line,
                    F::Posting,
                    "the rows of one posting differ",
                    text.into(),
                ));
            }
            let posting = Posting {
                id: row.posting.unwrap_or_else(|| PostingId::at(row.time, [0; 10])),
                kind: decision.kind,
                reference: row.reference.clone(),
                reason,
                partner: row.partner.clone(),
                lines: vec![line],
            };
            postings.push(PlannedPosting { posting, rows: vec![planned] });
        }
        for planned in &mut postings {
            planned.posting.validate().map_err(|error| self.malformed(planned, &error))?;
            if sound.first().is_some_and(|first| first.row.posting.is_none()) {
                planned.posting.id = self.ids.make(planned.posting.id.occurred_at(), &planned.posting);
            }
        }
        Ok(postings)
    }

    fn decide(&self, member: &Sound, every_price: Option<Sign>) -> Result<Decision, Reject> {
        let row = &member.row;
        if self.profile.rules.is_empty() {
            let missing = || {
                let text = "the row has no kind of movement".to_owned();
                self.rows.reject(member.line, F::Kind, "the kind of movement is missing", text)
            };
            let kind = row.kind.ok_or_else(missing)?;
            let direction = if row.quantity.is_sign_negative() { Direction::Out } else { Direction::In };
            return Ok(Decision {
                kind,
                direction: Some(direction),
                takes_reason: true,
                describes_product: true,
                without_price: false,
            });
        }
        let rule = self.profile.rules.iter().find(|rule| holds(rule, row, every_price)).ok_or_else(|| {
            let text = "no rule of the profile applies to this row".to_owned();
            self.rows.reject(member.line, F::Quantity, "no rule of the profile applies", text)
        })?;
        Ok(Decision {
            kind: rule.kind,
            direction: rule.direction,
            takes_reason: rule.takes_reason,
            describes_product: rule.describes_product,
            without_price: rule.without_price,
        })
    }

    fn reason(&self, member: &Sound, decision: &Decision, texts: &str) -> Result<Option<Note>, Reject> {
        let text = texts.get(member.row.reason.clone()).unwrap_or_default().trim();
        if decision.takes_reason && !text.is_empty() {
            let wrong = |error: CodeError| {
                self.rows.reject(member.line, F::Reason, "a field is malformed", error.to_string())
            };
            return text.parse().map(Some).map_err(wrong);
        }
        let needed = decision.kind.rules().needs_reason;
        match &self.profile.empty_reason {
            _ if !needed => Ok(None),
            Some(reason) => Ok(Some(reason.clone())),
            None => {
                let text = format!("this {} needs a reason", decision.kind);
                Err(self.rows.reject(member.line, F::Reason, "the reason is missing", text))
            }
        }
    }

    fn line(&self, member: &Sound, decision: &Decision) -> Result<Line, Reject> {
        let row = &member.row;
        let quantity = Quantity::new(row.quantity.abs()).map_err(|error| {
            let group = "the quantity is malformed";
            self.rows.reject(member.line, F::Quantity, group, error.to_string())
        })?;
        let default = || self.profile.location.clone();
        let (mut from, mut to) = (row.from.clone(), row.to.clone());
        match (decision.kind.rules().ends, decision.direction) {
            (Ends::To, _) => to = to.or_else(default),
            (Ends::From, _) => from = from.or_else(default),
            (Ends::Either, Some(Direction::In)) if from.is_none() => to = to.or_else(default),
            (Ends::Either, Some(Direction::Out)) if to.is_none() => from = from.or_else(default),
            (Ends::Either | Ends::Both | Ends::Reversed, _) => {}
        }
        Ok(Line {
            sku: row.sku.clone(),
            quantity,
            from,
            to,
            lot: row.lot.clone(),
            expires: row.expires,
            unit_price: row.unit_price.filter(|_| !decision.without_price),
            reverses: row.reverses,
            // Orders belong to one database; a file cannot refer to their lines.
            order_line: None,
        })
    }

    /// The rejection for the row that makes a posting malformed.
    fn malformed(&self, planned: &PlannedPosting, error: &PostingError) -> Reject {
        let (position, text) = match error {
            PostingError::WrongEnds { line, kind, sku, needed } => {
                (*line, format!("{kind} of {sku} needs {needed}"))
            }
            PostingError::ReversesMisplaced { line } => {
                (*line, "a reversal, and no other kind, must name the movement that it reverses".to_owned())
            }
            other => (1, other.to_string()),
        };
        let row = planned.rows.get(position.saturating_sub(1));
        let line = row.map_or(0, |row| row.line);
        self.rows.reject(line, F::Kind, "the row does not fit its kind of movement", text)
    }
}

/// A row of a document that is valid by itself.
struct Sound {
    line: u64,
    raw: Range<usize>,
    value: Option<Decimal>,
    row: Row,
}

fn beside(line: u64, at: u64) -> Reject {
    Reject {
        line,
        field: String::new(),
        group: "another row of the same document was rejected".into(),
        reason: format!(
            "line {at} of the same document was rejected; a document is posted as a whole or not at all"
        ),
    }
}

fn sign(value: Decimal) -> Sign {
    match value.cmp(&Decimal::ZERO) {
        std::cmp::Ordering::Less => Sign::Negative,
        std::cmp::Ordering::Equal => Sign::Zero,
        std::cmp::Ordering::Greater => Sign::Positive,
    }
}

fn price_sign(row: &Row) -> Sign {
    sign(row.unit_price.map_or(Decimal::ZERO, UnitPrice::value))
}

/// The sign that the prices of all rows have in common. Rows that are not goods count as well: goods given away against
/// an amount on another row are sold.
fn common_sign(members: &[Member]) -> Option<Sign> {
    let first = members.first()?.price?;
    members.iter().all(|member| member.price == Some(first)).then_some(first)
}

fn holds(rule: &Rule, row: &Row, every_price: Option<Sign>) -> bool {
    let reference = row.reference.as_ref().map_or("", |reference| reference.as_str());
    let partner = if row.partner.is_some() { Presence::Present } else { Presence::Absent };
    rule.quantity.is_none_or(|wanted| wanted == sign(row.quantity))
        && rule.price.is_none_or(|wanted| wanted == price_sign(row))
        && rule.partner.is_none_or(|wanted| wanted == partner)
        && rule.every_price.is_none_or(|wanted| every_price == Some(wanted))
        && rule.reference.as_ref().is_none_or(|pattern| fits(pattern, reference))
}
