//! What the demo's people do: a fixed script of receipts, issues, transfers, counts and a reversal, in
//! `data/work.csv`. Its acts follow each other in the hours of a working day, and after the last comes the
//! first again. Goods go out as they come in, so the stock never runs out.

use std::collections::HashMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use rust_decimal::Decimal;
use serde::Deserialize;

use super::work::{Act, Login};
use super::{CliError, site, table};
use crate::domain::{
    Ends, Line, LocationCode, LotRule, MovementKind, Note, OrderKind, PartnerCode, Posting, PostingId,
    ProductFilter, Refusal, Sku, Tracking, UnitPrice,
};
use crate::service::Service;

/// The acts of a day.
const WORK: &str = include_str!("data/work.csv");
/// What goes from the main store into the bins before the first day.
const BINS: &str = include_str!("data/bins.csv");
/// When that is: after the delivery that follows the sample.
const BINS_TIME: &str = "2010-12-11T09:00:00Z";
/// What arrived of goods with lots, serial numbers or weight in the weeks before the first day.
const ARRIVALS: &str = include_str!("data/arrivals.csv");
/// How many acts begin in each hour of the day, in the time zone of whoever looks; 172 a day.
const ACTS_BY_HOUR: [i64; 24] =
    [2, 2, 2, 2, 2, 2, 5, 9, 14, 16, 16, 14, 7, 13, 15, 14, 11, 7, 5, 4, 3, 3, 2, 2];
/// How long before the end the last act is, so that the present hour is never empty.
const LAST_ACT_BEFORE_END: SignedDuration = SignedDuration::from_secs(90);
/// How long after an issue it is undone, if it is: before the end in any case.
const UNDONE_AFTER: SignedDuration = SignedDuration::from_secs(60);
/// How long food keeps that arrives today, in days.
const FOOD_KEEPS_DAYS: i64 = 180;

/// One act of the script.
#[derive(Debug, Deserialize)]
struct Row {
    login: Login,
    /// A count is an adjustment.
    kind: MovementKind,
    from: Option<LocationCode>,
    to: Option<LocationCode>,
    partner: Option<PartnerCode>,
    reason: Option<Note>,
    /// Why it is undone a minute later, if it is.
    undone: Option<Note>,
    /// `SKU*QUANTITY` or `SKU:SERIAL*QUANTITY`, with a space between two. Lots are not named: receipts bring
    /// that of the day, all else takes those that expire first. A count has the quantity that is found.
    goods: String,
}

/// What arrived of one product.
#[derive(Debug, Deserialize)]
struct Arrival {
    sku: String,
    place: LocationCode,
    days_ago: i64,
    lot: Option<String>,
    expires_in_days: Option<i64>,
    quantity: Decimal,
    partner: PartnerCode,
}

/// What a line says about its product besides the quantity.
struct Facts {
    by_lot: bool,
    unit_cost: Option<UnitPrice>,
    unit_price: Option<UnitPrice>,
}

/// The script, with what the catalogue says about its goods.
pub(super) struct Script {
    rows: Vec<Row>,
    catalogue: HashMap<Sku, Facts>,
    /// The day that new lots are named after.
    today: Date,
}

impl Script {
    pub async fn read(service: &Service, now: Timestamp) -> Result<Self, CliError> {
        let mut catalogue = HashMap::new();
        for row in service.store().products(&ProductFilter::default()).await? {
            let product = row.product;
            let facts = Facts {
                by_lot: product.tracking == Tracking::Lot,
                unit_cost: product.unit_cost,
                unit_price: product.unit_price,
            };
            catalogue.insert(product.sku, facts);
        }
        Ok(Self { rows: table(WORK)?, catalogue, today: now.to_zoned(TimeZone::UTC).date() })
    }

    /// The day on which it is played.
    pub fn today(&self) -> Date {
        self.today
    }

    /// What one unit of a product costs on an order of a kind.
    pub fn order_price(&self, sku: &Sku, kind: OrderKind) -> Result<Option<UnitPrice>, Refusal> {
        let facts = self.catalogue.get(sku).ok_or_else(|| Refusal::UnknownProduct(sku.to_string()))?;
        Ok(match kind {
            OrderKind::Purchase => facts.unit_cost,
            OrderKind::Sales => facts.unit_price,
            OrderKind::Transfer => None,
        })
    }

    /// What happened before the first day: the bins are filled, and goods arrive.
    pub fn opening(&self, now: Timestamp) -> Result<Vec<Act>, CliError> {
        let begin: Timestamp =
            BINS_TIME.parse().map_err(|error| CliError::Usage(format!("{BINS_TIME}: {error}")))?;
        let mut acts = Vec::new();
        for (minutes, row) in (0..).step_by(3).zip(table::<Row>(BINS)?) {
            acts.extend(self.acts(&row, begin + minutes.minutes())?);
        }
        let mut arrivals: Vec<Arrival> = table(ARRIVALS)?;
        arrivals.sort_by_key(|arrival| std::cmp::Reverse(arrival.days_ago));
        for arrival in arrivals {
            acts.push(self.arrive(arrival, now)?);
        }
        Ok(acts)
    }

    fn arrive(&self, arrival: Arrival, now: Timestamp) -> Result<Act, Refusal> {
        let code = match &arrival.lot {
            Some(lot) => format!("{}:{lot}*{}", arrival.sku, arrival.quantity),
            None => format!("{}*{}", arrival.sku, arrival.quantity),
        };
        let row = Row {
            login: Login::Admin,
            kind: MovementKind::Receipt,
            from: None,
            to: Some(arrival.place),
            partner: Some(arrival.partner),
            reason: None,
            undone: None,
            goods: code,
        };
        let mut posting = self.posting(&row, now - (24 * arrival.days_ago).hours())?;
        for line in &mut posting.lines {
            line.expires = arrival.expires_in_days.map(|days| self.today.saturating_add(days.days()));
        }
        Ok(Act::Post { login: Login::Admin, posting })
    }

    /// What happens between two moments, if the script goes on with the act at `next`; and where it goes on
    /// after that.
    pub fn between(
        &self,
        since: Timestamp,
        until: Timestamp,
        zone: &TimeZone,
        next: usize,
    ) -> Result<(Vec<Act>, usize), Refusal> {
        let moments = moments(since, until, zone);
        let mut acts = Vec::with_capacity(moments.len());
        for (row, moment) in self.rows.iter().cycle().skip(next).zip(&moments) {
            acts.extend(self.acts(row, *moment)?);
        }
        Ok((acts, (next + moments.len()) % self.rows.len().max(1)))
    }

    fn acts(&self, row: &Row, moment: Timestamp) -> Result<Vec<Act>, Refusal> {
        let posting = self.posting(row, moment)?;
        let (login, id) = (row.login, posting.id);
        if row.kind == MovementKind::Adjustment {
            let count = |line: Line| {
                let (at, reason) = (row.from.clone()?, row.reason.clone()?);
                Some(Act::Count { login, id, sku: line.sku, at, counted: line.quantity.value(), reason })
            };
            return Ok(posting.lines.into_iter().filter_map(count).collect());
        }
        let undone = row.undone.clone().map(|reason| Act::Reverse {
            login: Login::Admin,
            id: new_id(moment.saturating_add(UNDONE_AFTER).unwrap_or(moment)),
            target: id,
            reason,
        });
        Ok([Act::Post { login, posting }].into_iter().chain(undone).collect())
    }

    fn posting(&self, row: &Row, moment: Timestamp) -> Result<Posting, Refusal> {
        let lines = row.goods.split_whitespace().map(|goods| self.line(row, goods));
        // References go on from start to start, because a minute never comes back.
        let number = moment.as_second().div_euclid(60) % 1_000_000;
        let reference = match row.kind.rules().ends {
            Ends::To => Some(format!("PO-{number:06}")),
            Ends::From => Some(format!("SO-{number:06}")),
            Ends::Both if row.reason.is_none() => Some(format!("PUT-{number:06}")),
            Ends::Both | Ends::Either | Ends::Reversed => None,
        };
        Ok(Posting {
            id: new_id(moment),
            kind: row.kind,
            reference: reference.map(|text| text.parse()).transpose()?,
            reason: row.reason.clone(),
            partner: row.partner.clone(),
            lines: lines.collect::<Result<_, Refusal>>()?,
        })
    }

    fn line(&self, row: &Row, goods: &str) -> Result<Line, Refusal> {
        let (code, quantity) = goods.split_once('*').unwrap_or((goods, "1"));
        let (sku, lot) = code.split_once(':').map_or((code, None), |(sku, lot)| (sku, Some(lot)));
        let sku: Sku = sku.parse()?;
        let facts = self.catalogue.get(&sku).ok_or_else(|| Refusal::UnknownProduct(sku.to_string()))?;
        let rules = row.kind.rules();
        let mut line = Line {
            quantity: quantity.parse()?,
            from: row.from.clone(),
            to: row.to.clone(),
            lot: lot.map(str::parse).transpose()?,
            expires: None,
            unit_price: match rules.ends {
                Ends::To => facts.unit_cost,
                Ends::From => facts.unit_price,
                Ends::Both | Ends::Either | Ends::Reversed => None,
            },
            reverses: None,
            order_line: None,
            sku,
        };
        if rules.lots == LotRule::New && facts.by_lot && line.lot.is_none() {
            // The day is in the code, so a lot never comes with two last days.
            line.lot = Some(format!("R{}", self.today.strftime("%y%m%d")).parse()?);
            line.expires = Some(self.today.saturating_add(FOOD_KEEPS_DAYS.days()));
        }
        Ok(line)
    }
}

pub(super) fn new_id(moment: Timestamp) -> PostingId {
    PostingId::at(moment, rand::random())
}

/// When something begins between two moments.
fn moments(since: Timestamp, until: Timestamp, zone: &TimeZone) -> Vec<Timestamp> {
    let mut moments = Vec::new();
    let mut hour = since.as_second().div_euclid(3_600) * 3_600;
    while let Ok(begin) = Timestamp::from_second(hour)
        && begin < until
    {
        let local = begin.to_zoned(zone.clone()).hour();
        let acts = usize::try_from(local).map_or(0, |local| ACTS_BY_HOUR[local]);
        for act in 0..acts {
            // Somewhere in its part of the hour, and always there, so that an hour that is cut in two has
            // the same acts.
            let part = 3_600_000 / acts;
            let offset = site::number_of(&format!("{local} {act}")) % part.unsigned_abs();
            moments.push(begin + (act * part + i64::try_from(offset).unwrap_or(0)).milliseconds());
        }
        hour += 3_600;
    }
    moments.push(until.saturating_sub(LAST_ACT_BEFORE_END).unwrap_or(until));
    moments.retain(|moment| *moment > since && *moment < until);
    moments.sort_unstable();
    moments
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quantities(row: &Row) -> impl Iterator<Item = (&str, Decimal)> {
        let parts = row.goods.split_whitespace().map(|goods| goods.split_once('*').unwrap());
        parts.map(|(code, quantity)| (code, quantity.parse().unwrap()))
    }

    #[test]
    fn each_day_of_the_script_issues_what_it_receives() {
        let mut moved: HashMap<(&str, LocationCode), Decimal> = HashMap::new();
        let rows: Vec<Row> = table(WORK).unwrap();
        let lasting = |row: &&Row| row.kind != MovementKind::Adjustment && row.undone.is_none();
        for row in rows.iter().filter(lasting) {
            for (code, quantity) in quantities(row) {
                for (place, change) in [(&row.from, -quantity), (&row.to, quantity)] {
                    let Some(place) = place else { continue };
                    *moved.entry((code, place.clone())).or_default() += change;
                }
            }
        }
        for ((code, place), sum) in moved {
            assert!(
                sum.is_zero() || (place.as_str() == "WH-QUAR" && sum == Decimal::ONE),
                "{code} {place}: {sum}"
            );
        }
        assert_eq!(i64::try_from(rows.len()).unwrap(), ACTS_BY_HOUR.iter().sum::<i64>());
        assert_eq!(rows.iter().filter(|row| row.undone.is_some()).count(), 1);
    }

    #[test]
    fn the_first_count_agrees_and_nothing_else_moves_what_is_counted() {
        let (bins, work): (Vec<Row>, Vec<Row>) = (table(BINS).unwrap(), table(WORK).unwrap());
        let counts = work.iter().filter(|row| row.kind == MovementKind::Adjustment);
        let differences = counts.map(|count| {
            let (code, counted) = quantities(count).next().unwrap();
            let bin = bins.iter().find(|bin| bin.to == count.from).unwrap();
            let moved = work.iter().filter(|row| row.kind != MovementKind::Adjustment);
            assert!(moved.flat_map(quantities).all(|(other, _)| other != code), "{code}");
            counted - quantities(bin).find(|(other, _)| *other == code).unwrap().1
        });
        assert_eq!(differences.collect::<Vec<_>>(), [0, -1, 2, -2].map(Decimal::from));
    }

    #[test]
    fn the_hours_are_those_of_a_working_day() {
        let until: Timestamp = "2026-03-11T15:20:00Z".parse().unwrap();
        let moments = moments(until - 24.hours(), until, &TimeZone::UTC);
        assert_eq!(moments.len(), 173);
        assert!(moments.is_sorted());
        let in_hour = |hour: &str| {
            let begin: Timestamp = hour.parse().unwrap();
            moments.iter().filter(|moment| **moment >= begin && **moment < begin + 1.hours()).count()
        };
        assert_eq!((in_hour("2026-03-11T09:00:00Z"), in_hour("2026-03-11T03:00:00Z")), (16, 2));
        assert!(until.duration_since(*moments.last().unwrap()) <= LAST_ACT_BEFORE_END);
    }

    #[test]
    fn a_short_pause_gets_few_acts() {
        let until: Timestamp = "2026-03-11T15:20:00Z".parse().unwrap();
        let moments = moments(until - 90.minutes(), until, &TimeZone::UTC);
        assert!((10..=40).contains(&moments.len()), "{}", moments.len());
    }
}
