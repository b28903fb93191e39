//! The report at the end of an import, whose figures must add up.

use std::fmt;

use rust_decimal::Decimal;
use serde::{Serialize, Serializer};

use super::ImportError;
use super::rejects::{Reject, RejectCount};
use crate::domain::{FreeTextCheck, NewOrder, Note, Posting, Reference};

/// Amounts always have two decimal places.
const MONEY_DECIMALS: u32 = 2;
/// How many rows that seem to name somebody a report shows one by one.
const NAMING_PEOPLE_SHOWN_MAX: usize = 10;

fn money<S: Serializer>(value: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&money_words(*value))
}

fn money_words(value: Decimal) -> String {
    let mut value = value.normalize();
    if value.scale() < MONEY_DECIMALS {
        value.rescale(MONEY_DECIMALS);
    }
    value.to_string()
}

/// The result of an import. In an import of products, a posted row is a product that is in the catalogue now.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Whether nothing was written, so that the figures are those of a preview.
    pub dry_run: bool,
    /// The rows of the file, without header and empty lines.
    pub rows_read: u64,
    /// The rows that are in the database now.
    pub rows_posted: u64,
    /// Those of them that were in the database before.
    pub rows_already_posted: u64,
    /// The rows that were rejected.
    pub rows_rejected: u64,
    /// The valid rows that were not posted because others were rejected, in an import of all rows or none.
    pub rows_not_posted: u64,
    /// The postings that hold the posted rows.
    pub postings: u64,
    /// The sum of quantity times unit price over all rows, with the signs of the file.
    #[serde(serialize_with = "money")]
    pub value_read: Decimal,
    /// The same sum over the posted rows.
    #[serde(serialize_with = "money")]
    pub value_posted: Decimal,
    /// The same sum over the rejected rows.
    #[serde(serialize_with = "money")]
    pub value_rejected: Decimal,
    /// The same sum over the valid rows that were not posted.
    #[serde(serialize_with = "money")]
    pub value_not_posted: Decimal,
    /// The rows whose quantity or price cannot be read; their value counts as zero.
    pub rows_without_value: u64,
    /// The units of opening stock.
    pub opening_quantity: Decimal,
    /// The value of the opening stock at selling prices; it is in no other figure, and not in the ledger.
    #[serde(serialize_with = "money")]
    pub opening_value: Decimal,
    /// The movements that brought the opening stock.
    pub opening_lines: u64,
    /// The postings that hold them.
    pub opening_postings: u64,
    /// Products that the file names.
    pub products: u64,
    /// Those of them that were added to the catalogue.
    pub products_added: u64,
    /// Partners that the file names.
    pub partners: u64,
    /// Those of them that were added.
    pub partners_added: u64,
    /// How many rows were rejected for which kind of reason.
    pub reject_counts: Vec<RejectCount>,
    pub first_rejects: Vec<Reject>,
    /// The rows whose reference or reason looks as if it named somebody.
    pub rows_naming_people: u64,
    pub first_naming_people: Vec<NamingPeople>,
}

/// A row whose free text looks as if it named somebody. It is posted all the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NamingPeople {
    /// The line that the row begins on.
    pub line: u64,
    pub field: &'static str,
    /// What the text seems to hold, never the text itself.
    pub looks_like: &'static str,
}

impl Report {
    /// Counts a row that was read.
    pub(super) fn read(&mut self, value: Option<Decimal>) {
        self.rows_read += 1;
        self.rows_without_value += u64::from(value.is_none());
        self.value_read += value.unwrap_or_default();
    }

    /// Counts a row as posted.
    pub(super) fn posted(&mut self, value: Decimal, already: bool) {
        self.rows_posted += 1;
        self.rows_already_posted += u64::from(already);
        self.value_posted += value;
    }

    /// Counts a row as rejected.
    pub(super) fn rejected(&mut self, value: Option<Decimal>) {
        self.rows_rejected += 1;
        self.value_rejected += value.unwrap_or_default();
    }

    /// The report of an import of all rows or none, after rows were rejected: nothing was posted.
    pub(super) fn of_nothing(self) -> Self {
        Self {
            rows_posted: 0,
            rows_already_posted: 0,
            rows_not_posted: self.rows_posted,
            postings: 0,
            value_posted: Decimal::ZERO,
            value_not_posted: self.value_posted,
            opening_quantity: Decimal::ZERO,
            opening_value: Decimal::ZERO,
            opening_lines: 0,
            opening_postings: 0,
            ..self
        }
    }

    /// Counts rows of one posting whose reference or reason looks as if it named somebody.
    pub(super) fn check_free_text(&mut self, check: &FreeTextCheck, posting: &Posting, lines: &[u64]) {
        let texts = [
            ("reference", posting.reference.as_ref().map(Reference::as_str)),
            ("reason", posting.reason.as_ref().map(Note::as_str)),
        ];
        self.check_texts(check, texts, lines);
    }

    /// Counts the rows of an order whose reference or note may contain personal data.
    pub(super) fn check_order_text(&mut self, check: &FreeTextCheck, order: &NewOrder, lines: &[u64]) {
        let texts = [
            ("partner_reference", order.partner_reference.as_ref().map(Reference::as_str)),
            ("note", order.note.as_ref().map(Note::as_str)),
        ];
        self.check_texts(check, texts, lines);
    }

    fn check_texts(
        &mut self,
        check: &FreeTextCheck,
        texts: [(&'static str, Option<&str>); 2],
        lines: &[u64],
    ) {
        let hint = |(field, text): (&'static str, Option<&str>)| Some((field, check.hint(text?)?));
        let Some((field, hint)) = texts.into_iter().find_map(hint) else { return };
        self.rows_naming_people += lines.len() as u64;
        let shown = NAMING_PEOPLE_SHOWN_MAX - self.first_naming_people.len();
        self.first_naming_people.extend(lines.iter().take(shown).map(|&line| NamingPeople {
            line,
            field,
            looks_like: hint.words(),
        }));
    }

    /// Checks that no row and no amount was lost between reading and posting.
    ///
    /// # Errors
    /// [`ImportError::DoesNotAddUp`], which is a defect of the program, not of the file.
    pub fn check(&self) -> Result<(), ImportError> {
        let rows = self.rows_read == self.rows_posted + self.rows_rejected + self.rows_not_posted;
        let value = self.value_read == self.value_posted + self.value_rejected + self.value_not_posted;
        if rows && value {
            return Ok(());
        }
        Err(ImportError::DoesNotAddUp { report: Box::new(self.clone()) })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.dry_run {
            writeln!(
                f,
                "Dry run: nothing was posted, and rules that only the database checks were not applied."
            )?;
        }
        let mut row = |name: &str, rows: u64, value: Decimal| {
            writeln!(f, "{name:<14}{rows:>12} rows{:>20}", money_words(value))
        };
        row("read", self.rows_read, self.value_read)?;
        row("posted", self.rows_posted, self.value_posted)?;
        row("rejected", self.rows_rejected, self.value_rejected)?;
        if self.rows_not_posted > 0 {
            row("not posted", self.rows_not_posted, self.value_not_posted)?;
        }
        if self.rows_already_posted > 0 {
            writeln!(f, "{} of these rows had been posted before.", self.rows_already_posted)?;
        }
        if self.rows_without_value > 0 {
            let rows = self.rows_without_value;
            writeln!(f, "{rows} rows have an unreadable quantity or price; their value counts as zero.")?;
        }
        if self.postings > 0 {
            writeln!(f, "postings      {:>12}", self.postings)?;
        }
        if self.opening_lines > 0 {
            writeln!(
                f,
                "opening stock {:>12} products, {} units, value {} at sales prices (not included above)",
                self.opening_lines,
                self.opening_quantity.normalize(),
                money_words(self.opening_value)
            )?;
        }
        for (what, named, added) in [
            ("products", self.products, self.products_added),
            ("partners", self.partners, self.partners_added),
        ] {
            if named > 0 {
                writeln!(f, "{what:<14}{named:>12} in the file, {added} added")?;
            }
        }
        if !self.reject_counts.is_empty() {
            writeln!(f, "\nreasons for rejection")?;
        }
        for count in &self.reject_counts {
            writeln!(f, "{:>10}  {}", count.rows, count.reason)?;
        }
        if !self.first_rejects.is_empty() {
            writeln!(f, "\nfirst rejected rows")?;
        }
        for reject in &self.first_rejects {
            let field = if reject.field.is_empty() { "the row" } else { &reject.field };
            writeln!(f, "  line {}, {field}: {}", reject.line, reject.reason)?;
        }
        if self.rows_naming_people > 0 {
            writeln!(
                f,
                "\n{} rows seem to name somebody. Postings are kept for ever, so they should not name anybody.",
                self.rows_naming_people
            )?;
        }
        for row in &self.first_naming_people {
            writeln!(f, "  line {}, {}: {}", row.line, row.field, row.looks_like)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_adds_up_or_says_so() {
        let mut report = Report::default();
        report.read(Some(Decimal::new(255, 2)));
        report.read(None);
        report.posted(Decimal::new(255, 2), false);
        assert!(report.check().is_err());
        report.rejected(None);
        assert!(report.check().is_ok());
        let json = serde_json::to_value(&report).unwrap();
        assert_eq!((&json["rows_read"], &json["value_posted"]), (&2.into(), &"2.55".into()));
        assert_eq!(json["value_rejected"], "0.00");
    }

    #[test]
    fn rows_that_seem_to_name_somebody_are_counted_without_their_text() {
        let posting = |reference: &str| {
            let line = r#"{"sku":"W1","quantity":"1","to":"MAIN"}"#;
            let id = uuid::Uuid::now_v7();
            let json = format!(
                r#"{{"id":"{id}","kind":"receipt","reference":"{reference}","reason":"as agreed","lines":[{line}]}}"#
            );
            serde_json::from_str::<Posting>(&json).unwrap()
        };
        let check = FreeTextCheck::default();
        let mut report = Report::default();
        report.check_free_text(&check, &posting("PO-1042"), &[2]);
        report.check_free_text(&check, &posting("ann@example.com"), &[3, 4]);
        report.check_free_text(&check, &posting("ann@example.com"), &(5..30).collect::<Vec<_>>());
        assert_eq!(report.rows_naming_people, 27);
        assert_eq!(report.first_naming_people.len(), NAMING_PEOPLE_SHOWN_MAX);
        let words = report.to_string();
        assert!(words.contains("27 rows seem to name somebody"), "{words}");
        assert!(words.contains("  line 3, reference: an e-mail address"), "{words}");
        assert!(!words.contains("ann@") && !serde_json::to_string(&report).unwrap().contains("ann@"));
    }
}
