//! Resolves the codes of a posting to the keys of the database, with one query for all that are not cached.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::domain::{Line, LocationCode, LotCode, LotRule, MovementKind, Posting, PostingId, Refusal, Sku};
use crate::store::master_data::statements::ADD_LOTS;
use crate::store::serializable::LevelKey;
use crate::store::{Error, Store};

/// A posting in terms of the database: the values that are the same for all lines, and one list per column. A list that
/// would contain only nulls is left empty; `unnest` fills it up.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Resolved {
    pub id: PostingId,
    pub occurred_at: Timestamp,
    pub kind: MovementKind,
    pub partner: Option<i64>,
    pub reference: Option<String>,
    pub reason: Option<String>,
    pub ids: Vec<Uuid>,
    pub products: Vec<i64>,
    pub lots: Vec<Option<i64>>,
    /// The codes of the lots, for messages.
    pub lot_codes: Vec<Option<LotCode>>,
    pub from: Vec<Option<i64>>,
    pub to: Vec<Option<i64>>,
    pub quantities: Vec<Decimal>,
    pub prices: Vec<Option<Decimal>>,
    pub reverses: Vec<Option<Uuid>>,
    pub order_lines: Vec<Option<Uuid>>,
    /// Why the posting would be refused today if it is new. One that was posted before its lot expired is still the
    /// same posting when it is sent again.
    pub refused_if_new: Option<Refusal>,
}

fn empty_if_all_null<T>(list: Vec<Option<T>>) -> Vec<Option<T>> {
    if list.iter().all(Option::is_none) { Vec::new() } else { list }
}

/// The value at a position of a list that may have been left empty.
pub(super) fn at<T: Copy>(list: &[Option<T>], position: usize) -> Option<T> {
    list.get(position).copied().flatten()
}

impl Resolved {
    /// The levels that the posting touches, each once.
    pub fn levels(&self) -> Vec<LevelKey> {
        let keys: BTreeSet<LevelKey> = (0..self.ids.len())
            .flat_map(|line| {
                let key =
                    |location| LevelKey { product: self.products[line], location, lot: at(&self.lots, line) };
                [at(&self.from, line).map(key), at(&self.to, line).map(key)]
            })
            .flatten()
            .collect();
        keys.into_iter().collect()
    }

    /// Whether any line carries out an order.
    pub fn carries_out_order(&self) -> bool {
        !self.order_lines.is_empty()
    }

    /// The change of one level by the posting.
    pub fn delta(&self, level: LevelKey) -> Decimal {
        (0..self.ids.len())
            .filter(|line| self.products[*line] == level.product && at(&self.lots, *line) == level.lot)
            .map(|line| {
                let arrives = if at(&self.to, line) == Some(level.location) {
                    self.quantities[line]
                } else {
                    Decimal::ZERO
                };
                let leaves = if at(&self.from, line) == Some(level.location) {
                    self.quantities[line]
                } else {
                    Decimal::ZERO
                };
                arrives - leaves
            })
            .sum()
    }
}

/// A lot with its key, as the database has it.
#[derive(Debug, Clone, Copy)]
pub(in crate::store) struct KnownLot {
    pub id: i64,
    expires_on: Option<Date>,
}

/// Lots by product and code.
pub(in crate::store) type KnownLots = HashMap<(i64, LotCode), KnownLot>;

impl Store {
    /// Looks up every code of the posting. Lots that a receipt brings are created here, before the posting: a lot
    /// without stock has no effect, so one that remains after a refusal does no harm.
    pub(super) async fn resolve(&self, posting: &Posting) -> Result<Resolved, Error> {
        posting.validate().map_err(Refusal::from)?;
        let skus: Vec<&Sku> = posting.lines.iter().map(|line| &line.sku).collect();
        let locations: Vec<&LocationCode> =
            posting.lines.iter().flat_map(|line| line.from.iter().chain(&line.to)).collect();
        self.learn(&skus, &locations, posting.partner.as_ref()).await?;
        let (lots, refused_if_new) = self.resolve_lots(posting).await?;
        let count = posting.lines.len();
        let mut resolved = Resolved {
            id: posting.id,
            occurred_at: posting.id.occurred_at(),
            kind: posting.kind,
            partner: posting.partner.as_ref().map(|code| self.keys.partner(code)).transpose()?,
            reference: posting.reference.as_ref().map(ToString::to_string),
            reason: posting.reason.as_ref().map(ToString::to_string),
            ids: Vec::with_capacity(count),
            products: Vec::with_capacity(count),
            lots: Vec::with_capacity(count),
            lot_codes: posting.lines.iter().map(|line| line.lot.clone()).collect(),
            from: Vec::with_capacity(count),
            to: Vec::with_capacity(count),
            quantities: Vec::with_capacity(count),
            prices: Vec::with_capacity(count),
            reverses: Vec::with_capacity(count),
            order_lines: Vec::with_capacity(count),
            refused_if_new,
        };
        for (position, line) in posting.lines.iter().enumerate() {
            let product = self.keys.product(&line.sku)?;
            let lot = line.lot.as_ref().and_then(|code| lots.get(&(product, code.clone())));
            resolved.ids.push(posting.id.line(position).uuid());
            resolved.products.push(product);
            resolved.lots.push(lot.map(|known| known.id));
            resolved.from.push(line.from.as_ref().map(|code| self.keys.location(code)).transpose()?);
            resolved.to.push(line.to.as_ref().map(|code| self.keys.location(code)).transpose()?);
            resolved.quantities.push(line.quantity.value());
            resolved.prices.push(line.unit_price.map(|price| price.value()));
            resolved.reverses.push(line.reverses.map(|id| id.uuid()));
            resolved.order_lines.push(line.order_line.map(|id| id.uuid()));
        }
        resolved.lots = empty_if_all_null(resolved.lots);
        resolved.from = empty_if_all_null(resolved.from);
        resolved.to = empty_if_all_null(resolved.to);
        resolved.prices = empty_if_all_null(resolved.prices);
        resolved.reverses = empty_if_all_null(resolved.reverses);
        resolved.order_lines = empty_if_all_null(resolved.order_lines);
        Ok(resolved)
    }

    /// The lots that the posting names, by product and code; and the refusal if their last days of use forbid it.
    async fn resolve_lots(&self, posting: &Posting) -> Result<(KnownLots, Option<Refusal>), Error> {
        let named: Vec<(&Line, &LotCode)> =
            posting.lines.iter().filter_map(|line| line.lot.as_ref().map(|lot| (line, lot))).collect();
        if named.is_empty() {
            return Ok((HashMap::new(), None));
        }
        let mut products = Vec::with_capacity(named.len());
        for (line, _) in &named {
            products.push(self.keys.product(&line.sku)?);
        }
        let codes: Vec<&str> = named.iter().map(|(_, code)| code.as_str()).collect();
        if posting.kind.rules().lots == LotRule::New {
            let expiries: Vec<Option<Date>> = named.iter().map(|(line, _)| line.expires).collect();
            self.add_lots(&products, &codes, &expiries).await?;
        }
        let known = self.find_lots(&products, &codes).await?;
        let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
        let mut refused = None;
        for ((line, code), product) in named.iter().zip(&products) {
            let Some(lot) = known.get(&(*product, (*code).clone())) else {
                return Err(Refusal::UnknownLot { sku: line.sku.clone(), lot: (*code).clone() }.into());
            };
            if refused.is_none() {
                refused = check_expiry(posting.kind, line, code, *lot, today).err();
            }
        }
        Ok((known, refused))
    }

    async fn add_lots(
        &self,
        products: &[i64],
        codes: &[&str],
        expiries: &[Option<Date>],
    ) -> Result<(), Error> {
        let connection = self.connection().await?;
        // Only tracked products get lots; for the others the posting itself is refused.
        let statement = connection.prepare_cached(ADD_LOTS).await?;
        connection.execute(&statement, &[&products, &codes, &expiries]).await?;
        Ok(())
    }

    pub(in crate::store) async fn find_lots(
        &self,
        products: &[i64],
        codes: &[&str],
    ) -> Result<KnownLots, Error> {
        let connection = self.connection().await?;
        let statement = connection.prepare_cached(include_str!("find_lots.sql")).await?;
        let rows = connection.query(&statement, &[&products, &codes]).await?;
        rows.iter()
            .map(|row| {
                let lot = KnownLot { id: row.try_get("lot_id")?, expires_on: row.try_get("expires_on")? };
                Ok(((row.try_get("product_id")?, row.try_get("code")?), lot))
            })
            .collect()
    }
}

/// Refuses an issue of expired goods, and a receipt that contradicts the recorded expiry date of the lot.
fn check_expiry(
    kind: MovementKind,
    line: &Line,
    code: &LotCode,
    lot: KnownLot,
    today: Date,
) -> Result<(), Refusal> {
    let sku: Sku = line.sku.clone();
    match (kind.rules().lots, line.expires, lot.expires_on) {
        (LotRule::Unexpired, _, Some(expired_on)) if expired_on < today => {
            Err(Refusal::LotExpired { sku, lot: code.clone(), expired_on })
        }
        (LotRule::New, Some(given), known) if known != Some(given) => {
            Err(Refusal::LotExpiryDiffers { sku, lot: code.clone(), known, given })
        }
        (LotRule::New | LotRule::Unexpired | LotRule::OnHand | LotRule::Named, _, _) => Ok(()),
    }
}
