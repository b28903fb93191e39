//! The demo's site: its places, what the sample's goods cost and when to order them, goods with lots,
//! serial numbers or weight, barcodes and suppliers; and the postings that put goods into the bins.

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use rust_decimal::Decimal;
use sha2::{Digest as _, Sha256};

use super::goods::{self, GOODS, Goods};
use super::sample::SAMPLE_PLACE;
use super::shelves::Shelves;
use super::work::Act;
use super::{CliError, code};
use crate::domain::{
    Change, Line, LocationChange, LocationCode, MovementKind, NewLocation, NewPartner, NewProduct,
    PackBarcode, Posting, PostingId, ProductChange, Quantity, Refusal, Sku, UnitPrice,
};
use crate::service::Service;
use crate::store::{ProductFilter, ProductRow};

/// When goods of the sample are put into the bins: after the delivery.
const PUT_AWAY_TIME: &str = "2010-12-11T09:00:00Z";
/// How many products of the sample each bin gets.
const PRODUCTS_PER_BIN: usize = 10;
/// Every how many of the sample's products have barcodes.
const BARCODE_EVERY: usize = 40;
/// How many pieces a carton of the sample's goods holds.
const CARTON: i64 = 12;
/// What the sample's goods cost, in hundredths of what they sell for.
const COST_PERCENT: i64 = 55;
/// Numbers of barcodes of goods beyond the sample, so that they stay when the sample changes.
const GOODS_BARCODES_FIRST: u64 = 1_000;

/// A number that goes with a code and looks like chance, so that every demo shows the same.
pub(super) fn number_of(text: &str) -> u64 {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&Sha256::digest(text)[..8]);
    u64::from_be_bytes(bytes)
}

/// An id that goes with a time and a text, so that the same act has the same id at every start.
fn id_of(time: Timestamp, text: &str) -> PostingId {
    let mut random = [0; 10];
    random.copy_from_slice(&Sha256::digest(text)[..10]);
    PostingId::at(time, random)
}

fn price(text: &str) -> Result<UnitPrice, Refusal> {
    Ok(text.parse()?)
}

/// The carton that the tour invites to scan: that of the sample's first product.
pub(super) fn carton_to_try() -> String {
    goods::ean13(1).map(|barcode| barcode.to_string()).unwrap_or_default()
}

fn carton_barcode(position: u64) -> Result<crate::domain::Barcode, crate::domain::CodeError> {
    goods::ean13(GOODS_BARCODES_FIRST + 2 * position + 1)
}

/// Makes the master data. What is there already stays, so it can be made again.
pub(super) async fn make(admin: &Service) -> Result<(), CliError> {
    let mut places = Vec::new();
    for place in goods::places() {
        places.push(NewLocation {
            code: code(&place.code)?,
            name: Some(code(&place.name)?),
            parent: place.parent.as_deref().map(code).transpose()?,
            kind: place.kind,
        });
    }
    admin.add_locations(&places).await?;
    let bulk = LocationChange {
        code: code(SAMPLE_PLACE)?,
        name: Change::To(code("Main store")?),
        parent: Change::Keep,
        kind: None,
    };
    admin.change_location(&bulk).await?;
    let mut suppliers = Vec::new();
    for (supplier, name) in goods::SUPPLIERS {
        suppliers.push(NewPartner {
            code: code(supplier)?,
            name: Some(code(name)?),
            kind: goods::SUPPLIER_KIND,
        });
    }
    admin.add_partners(&suppliers).await?;

    let sample = admin.store().products(&ProductFilter::default()).await?;
    let sample: Vec<&ProductRow> =
        sample.iter().filter(|row| GOODS.iter().all(|goods| goods.sku != row.sku)).collect();
    let changes = sample.iter().map(|row| group(row)).collect::<Result<Vec<_>, Refusal>>()?;
    admin.change_products(&changes).await?;
    for (position, row) in sample.iter().step_by(BARCODE_EVERY).enumerate() {
        for (offset, pack) in [(0, 1), (1, CARTON)] {
            let number = 2 * position as u64 + offset;
            add_barcode(admin, &row.sku, number, pack).await?;
        }
    }
    let mut new = Vec::new();
    for (position, goods) in (0..).zip(&GOODS) {
        new.push(product(goods, position)?);
    }
    admin.add_products(&new).await?;
    Ok(())
}

async fn add_barcode(admin: &Service, sku: &str, number: u64, pack: i64) -> Result<(), CliError> {
    let barcode = goods::ean13(number).map_err(Refusal::from)?;
    let pack = PackBarcode { barcode, pack_quantity: Quantity::new(pack.into()).map_err(Refusal::from)? };
    match admin.add_barcode(&code(sku)?, &pack).await {
        Err(error) if matches!(error.refusal(), Some(Refusal::BarcodeExists(_))) => Ok(()),
        outcome => Ok(outcome?),
    }
}

/// The heading, the cost and the reorder point of a product of the sample: half of them are ordered when
/// half a dozen is left, a few much earlier.
fn group(row: &ProductRow) -> Result<ProductChange, Refusal> {
    let number = number_of(&row.sku);
    let mut change = ProductChange::none(code(&row.sku)?);
    change.category = Change::To(code(goods::heading(&row.name).0)?);
    if let Some(unit_price) = row.unit_price.filter(|_| !number.is_multiple_of(9)) {
        let cost = (unit_price * Decimal::new(COST_PERCENT, 2)).round_dp(2);
        change.unit_cost = Change::To(UnitPrice::new(cost)?);
    }
    change.reorder_point = match number % 40 {
        0 => Change::To(36.into()),
        rest if rest % 2 == 0 => Change::To(6.into()),
        _ => Change::Keep,
    };
    Ok(change)
}

fn product(goods: &Goods, position: u64) -> Result<NewProduct, Refusal> {
    let pack = |barcode, quantity: i64| -> Result<PackBarcode, Refusal> {
        Ok(PackBarcode { barcode, pack_quantity: Quantity::new(quantity.into())? })
    };
    let mut barcodes = vec![pack(goods::ean13(GOODS_BARCODES_FIRST + 2 * position)?, 1)?];
    if let Some(carton) = goods.carton {
        barcodes.push(pack(carton_barcode(position)?, carton)?);
    }
    Ok(NewProduct {
        sku: code(goods.sku)?,
        name: code(goods.name)?,
        unit: code(goods.unit)?,
        decimals: goods.decimals,
        category: Some(code(goods.category)?),
        reorder_point: Some(goods.reorder_point.into()),
        unit_cost: Some(price(goods.unit_cost)?),
        unit_price: Some(price(goods.unit_price)?),
        tracking: goods.tracking,
        barcodes,
    })
}

/// The postings that fill the bins: half of what some products have goes from the main store into them, and
/// the new goods arrive in the weeks before `now`.
pub(super) fn fill(now: Timestamp, shelves: &mut Shelves) -> Result<Vec<Act>, CliError> {
    let mut acts = put_away(shelves)?;
    let mut arrivals: Vec<Posting> = Vec::new();
    for goods in &GOODS {
        for arrival in goods.arrivals {
            arrivals.push(arrive(goods, arrival, now)?);
        }
    }
    arrivals.sort_by_key(|posting| posting.id);
    for posting in arrivals {
        shelves.apply(&posting);
        acts.push(Act::admin(posting));
    }
    Ok(acts)
}

fn put_away(shelves: &mut Shelves) -> Result<Vec<Act>, CliError> {
    let begin: Timestamp =
        PUT_AWAY_TIME.parse().map_err(|error| CliError::Usage(format!("{PUT_AWAY_TIME}: {error}")))?;
    let main: LocationCode = code(SAMPLE_PLACE)?;
    let mut acts = Vec::new();
    for zone in goods::ZONES.iter().filter(|zone| zone.code != goods::FOOD_ZONE) {
        let mut products: Vec<(Sku, Decimal)> = shelves
            .shelves
            .iter()
            .filter(|shelf| shelf.place == main && shelf.lot.is_none() && shelf.on_hand >= Decimal::TWO)
            .filter(|shelf| shelves.products.get(&shelf.sku).is_some_and(|facts| facts.hall == zone.code))
            .map(|shelf| (shelf.sku.clone(), (shelf.on_hand / Decimal::TWO).floor()))
            .collect();
        products.sort_by_key(|(sku, _)| number_of(sku.as_str()));
        for (bin, goods) in goods::bins(zone.code).iter().zip(products.chunks(PRODUCTS_PER_BIN)) {
            let time = begin + (3 * i64::try_from(acts.len()).unwrap_or(0)).minutes();
            let posting = Posting {
                id: id_of(time, bin),
                kind: MovementKind::Transfer,
                reference: Some(code(&format!("PUT-{bin}"))?),
                reason: None,
                partner: None,
                lines: goods
                    .iter()
                    .map(|(sku, quantity)| line(sku.clone(), *quantity, Some(&main), Some(&code(bin)?)))
                    .collect::<Result<_, Refusal>>()?,
            };
            shelves.apply(&posting);
            acts.push(Act::clerk(posting));
        }
    }
    Ok(acts)
}

fn arrive(goods: &Goods, arrival: &goods::Arrival, now: Timestamp) -> Result<Posting, Refusal> {
    let time = now - (24 * arrival.days_ago).hours();
    let today = now.to_zoned(TimeZone::UTC).date();
    let quantity: Quantity = arrival.quantity.parse()?;
    let mut line = line(code(goods.sku)?, quantity.value(), None, Some(&code(goods.bin)?))?;
    line.lot = arrival.lot.map(code).transpose()?;
    line.expires = arrival.expires_in_days.map(|days| today.saturating_add(days.days()));
    line.unit_price = Some(price(goods.unit_cost)?);
    Ok(Posting {
        id: id_of(time, &format!("{} {}", goods.sku, arrival.lot.unwrap_or_default())),
        kind: MovementKind::Receipt,
        reference: Some(code(&format!("PO-{}", 7_000 + 3 * arrival.days_ago))?),
        reason: None,
        partner: Some(code(goods::FOOD_SUPPLIER)?),
        lines: vec![line],
    })
}

/// One line of a posting.
pub(super) fn line(
    sku: Sku,
    quantity: Decimal,
    from: Option<&LocationCode>,
    to: Option<&LocationCode>,
) -> Result<Line, Refusal> {
    Ok(Line {
        sku,
        quantity: Quantity::new(quantity)?,
        from: from.cloned(),
        to: to.cloned(),
        lot: None,
        expires: None,
        unit_price: None,
        reverses: None,
    })
}
