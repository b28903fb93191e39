//! Reads one row of a file of movements, field by field, by the conventions of a profile.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;
use std::str::FromStr;

use jiff::civil::Date;
use jiff::fmt::strtime::BrokenDownTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;

use crate::domain::{
    LocationCode, LotCode, MovementId, MovementKind, PartnerCode, PostingId, Quantity, Reference, Sku,
    UnitPrice,
};

use super::ImportError;
use super::layout::{self, Layout};
use super::profile::{MovementField as F, MovementProfile, Profile};
use super::records::Record;
use super::rejects::Reject;

/// A row with a higher value is counted without it: sums of many such values would not be exact.
const VALUE_MAX: i64 = 1_000_000_000_000_000;
/// The first day whose movements the ledger accepts.
const EARLIEST: Date = Date::constant(2000, 1, 1);
/// How far another machine's clock may be ahead before a time is regarded as an error.
const AHEAD_MAX: SignedDuration = SignedDuration::from_hours(24);

/// The contents of a valid row. Texts that are needed later are in the buffer of the document.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) posting: Option<PostingId>,
    pub(super) time: Timestamp,
    pub(super) kind: Option<MovementKind>,
    pub(super) reference: Option<Reference>,
    pub(super) sku: Sku,
    pub(super) quantity: Decimal,
    pub(super) unit_price: Option<UnitPrice>,
    pub(super) partner: Option<PartnerCode>,
    pub(super) from: Option<LocationCode>,
    pub(super) to: Option<LocationCode>,
    pub(super) lot: Option<LotCode>,
    pub(super) expires: Option<Date>,
    pub(super) reverses: Option<MovementId>,
    pub(super) reason: Range<usize>,
    pub(super) name: Range<usize>,
}

/// Why a row cannot be posted.
pub(super) struct Refused {
    pub(super) reject: Reject,
    /// Whether the rest of its document can be posted without it.
    pub(super) not_goods: bool,
}

/// Reads the rows of one file.
pub(super) struct RowReader {
    pub(super) layout: Layout,
    profile: MovementProfile,
    comma: bool,
    zone: TimeZone,
    earliest: Timestamp,
    latest: Timestamp,
    last_time: (String, Timestamp),
    not_goods: HashMap<String, String>,
    not_goods_beginnings: Vec<(String, String)>,
}

fn slot(field: F) -> usize {
    field as usize
}

impl RowReader {
    /// Finds the columns of the profile in the header.
    pub(super) fn new(
        profile: &Profile,
        movements: &MovementProfile,
        header: &Record<'_>,
    ) -> Result<Self, ImportError> {
        let mut exact = HashMap::new();
        let mut beginnings = Vec::new();
        for group in &movements.not_goods {
            for code in &group.codes {
                match code.strip_suffix('*') {
                    Some(start) => beginnings.push((start.to_ascii_uppercase(), group.reason.clone())),
                    None => {
                        exact.insert(code.to_ascii_uppercase(), group.reason.clone());
                    }
                }
            }
        }
        Ok(Self {
            layout: Layout::find(header, &movements.columns, &movements.optional, slot)?,
            profile: movements.clone(),
            comma: profile.file.decimal_comma,
            // The profile was checked when it was loaded.
            zone: TimeZone::get(&movements.time_zone).unwrap_or(TimeZone::UTC),
            earliest: EARLIEST.to_zoned(TimeZone::UTC).map_or(Timestamp::UNIX_EPOCH, |day| day.timestamp()),
            latest: Timestamp::now() + AHEAD_MAX,
            last_time: (String::new(), Timestamp::UNIX_EPOCH),
            not_goods: exact,
            not_goods_beginnings: beginnings,
        })
    }

    /// The key by which rows are grouped: the id of the posting, else the document. None if the row has neither.
    pub(super) fn key<'r>(&self, record: &Record<'r>) -> Option<&'r [u8]> {
        [F::Posting, F::Reference]
            .into_iter()
            .filter_map(|field| self.layout.column(slot(field)))
            .filter_map(|column| record.bytes(column))
            .map(<[u8]>::trim_ascii)
            .find(|key| !key.is_empty())
    }

    /// The price of one unit as it is in the file, and quantity times price with the signs of the file. Either is none
    /// if it cannot be read; a row without a price counts as one with the price zero.
    pub(super) fn figures(&self, record: &Record<'_>) -> (Option<Decimal>, Option<Decimal>) {
        if record.fault.is_some() {
            return (None, None);
        }
        let price = match self.text(record, F::UnitPrice) {
            "" => Some(Decimal::ZERO),
            text => layout::decimal(text, self.comma),
        };
        let quantity = layout::decimal(self.text(record, F::Quantity), self.comma);
        let value = quantity.zip(price).and_then(|(quantity, price)| quantity.checked_mul(price));
        let places_max = Quantity::DECIMALS_MAX + UnitPrice::DECIMALS_MAX;
        let sums_up =
            |value: &Decimal| value.abs() <= Decimal::from(VALUE_MAX) && value.scale() <= places_max;
        (price, value.map(|value| value.normalize()).filter(sums_up))
    }

    fn text<'r>(&self, record: &Record<'r>, field: F) -> &'r str {
        self.layout.text(record, slot(field))
    }

    /// A rejection of a field of the row on `line`.
    pub(super) fn reject(&self, line: u64, field: F, group: &'static str, reason: String) -> Reject {
        Reject { line, field: self.layout.name(slot(field)).to_owned(), group: group.into(), reason }
    }

    /// Reads a row. Reason and name are appended to `texts`.
    pub(super) fn read(&mut self, record: &Record<'_>, texts: &mut String) -> Result<Row, Box<Refused>> {
        let refused = |reject| Box::new(Refused { reject, not_goods: false });
        if let Some(fault) = &record.fault {
            return Err(refused(self.layout.reject_form(record.line, fault)));
        }
        let sku = self.sku(record)?;
        self.read_sound(record, sku, texts).map_err(refused)
    }

    fn sku(&self, record: &Record<'_>) -> Result<Sku, Box<Refused>> {
        let text = self.text(record, F::Sku);
        let upper = text.to_ascii_uppercase();
        let begins = || self.not_goods_beginnings.iter().find(|(start, _)| upper.starts_with(start.as_str()));
        let reason = self.not_goods.get(&upper).or_else(|| begins().map(|(_, reason)| reason));
        if let Some(reason) = reason {
            let mut reject = self.reject(record.line, F::Sku, "", reason.clone());
            reject.group = Cow::Owned(reason.clone());
            return Err(Box::new(Refused { reject, not_goods: true }));
        }
        Sku::from_str(&upper).map_err(|error| {
            let reject = self.reject(record.line, F::Sku, "the product code is malformed", error.to_string());
            Box::new(Refused { reject, not_goods: false })
        })
    }

    fn read_sound(&mut self, record: &Record<'_>, sku: Sku, texts: &mut String) -> Result<Row, Reject> {
        let posting = self.parse(record, F::Posting)?;
        let time = self.time(record, posting)?;
        let partner_text = self.text(record, F::Partner);
        let suffix = self.profile.partner_suffix.as_str();
        let partner_text = partner_text.strip_suffix(suffix).unwrap_or(partner_text);
        let mut keep = |text: &str| {
            let start = texts.len();
            texts.push_str(text);
            start..texts.len()
        };
        let (reason, name) = (keep(self.text(record, F::Reason)), keep(self.text(record, F::Name)));
        Ok(Row {
            posting,
            time,
            kind: self.kind(record)?,
            reference: self.parse(record, F::Reference)?,
            sku,
            quantity: self.quantity(record)?,
            unit_price: self.unit_price(record)?,
            partner: self.parse_text(record.line, F::Partner, partner_text)?,
            from: self.parse(record, F::From)?,
            to: self.parse(record, F::To)?,
            lot: self.parse(record, F::Lot)?,
            expires: self.parse(record, F::Expires)?,
            reverses: self.parse(record, F::Reverses)?,
            reason,
            name,
        })
    }

    /// Reads a field that may be empty.
    fn parse<T: FromStr>(&self, record: &Record<'_>, field: F) -> Result<Option<T>, Reject>
    where
        T::Err: std::fmt::Display,
    {
        self.parse_text(record.line, field, self.text(record, field))
    }

    fn parse_text<T: FromStr>(&self, line: u64, field: F, text: &str) -> Result<Option<T>, Reject>
    where
        T::Err: std::fmt::Display,
    {
        if text.is_empty() {
            return Ok(None);
        }
        let refused = |error: T::Err| self.reject(line, field, "a field is malformed", error.to_string());
        text.parse().map(Some).map_err(refused)
    }

    fn kind(&self, record: &Record<'_>) -> Result<Option<MovementKind>, Reject> {
        let text = self.text(record, F::Kind);
        if text.is_empty() {
            return Ok(self.profile.kind);
        }
        if let Some(kind) = self.profile.kinds.get(text) {
            return Ok(Some(*kind));
        }
        self.parse(record, F::Kind)
    }

    fn quantity(&self, record: &Record<'_>) -> Result<Decimal, Reject> {
        let text = self.text(record, F::Quantity);
        let wrong = |reason| self.reject(record.line, F::Quantity, "the quantity is malformed", reason);
        let value =
            layout::decimal(text, self.comma).ok_or_else(|| wrong(format!("\"{text}\" is not a number")))?;
        let meant = if self.profile.signed_quantity { value.abs() } else { value };
        Quantity::new(meant).map(|_| value).map_err(|error| wrong(error.to_string()))
    }

    fn unit_price(&self, record: &Record<'_>) -> Result<Option<UnitPrice>, Reject> {
        let text = self.text(record, F::UnitPrice);
        if text.is_empty() {
            return Ok(None);
        }
        let wrong = |reason| self.reject(record.line, F::UnitPrice, "the price is malformed", reason);
        let value =
            layout::decimal(text, self.comma).ok_or_else(|| wrong(format!("\"{text}\" is not a number")))?;
        UnitPrice::new(value).map(Some).map_err(|error| wrong(error.to_string()))
    }

    fn time(&mut self, record: &Record<'_>, posting: Option<PostingId>) -> Result<Timestamp, Reject> {
        let line = record.line;
        let wrong =
            |reader: &Self, reason| reader.reject(line, F::OccurredAt, "the time is malformed", reason);
        let text = self.text(record, F::OccurredAt);
        if text.is_empty() {
            let missing = || wrong(self, "the row has no time".to_owned());
            return posting.map(PostingId::occurred_at).ok_or_else(missing);
        }
        // Neighbouring rows mostly have the same time, and comparing the text is faster than parsing it.
        if self.last_time.0 != text {
            let time = self.parse_time(text).map_err(|reason| wrong(self, reason))?;
            self.last_time = (text.to_owned(), time);
        }
        let time = self.last_time.1;
        match posting.map(PostingId::occurred_at) {
            Some(inside) if inside.as_millisecond() != time.as_millisecond() => Err(wrong(
                self,
                format!("the id of the posting contains the time {inside}, but this column has {time}"),
            )),
            _ => Ok(time),
        }
    }

    fn parse_time(&self, text: &str) -> Result<Timestamp, String> {
        let format = self.profile.date_format.as_str();
        let time = if format == "rfc3339" {
            text.parse::<Timestamp>()
                .map_err(|_| format!("\"{text}\" is not a time such as 2010-12-01T08:26:00Z"))?
        } else {
            self.parse_pattern(format, text)
                .map_err(|error| format!("\"{text}\" is not a time of the form {format}: {error}"))?
        };
        // The ledger has no earlier months; an older date is a typing error.
        if time < self.earliest {
            return Err(format!("{time} is before {EARLIEST}"));
        }
        if time > self.latest {
            return Err(format!("{time} is in the future"));
        }
        Ok(time)
    }

    fn parse_pattern(&self, format: &str, text: &str) -> Result<Timestamp, jiff::Error> {
        let parts = BrokenDownTime::parse(format, text)?;
        if parts.offset().is_some() {
            return parts.to_timestamp();
        }
        let civil = parts.to_datetime().or_else(|_| parts.to_date().map(|day| day.at(0, 0, 0, 0)))?;
        civil.to_zoned(self.zone.clone()).map(|zoned| zoned.timestamp())
    }
}
