//! The demo's site, from the tables in `data/`: its places and suppliers, goods with lots, serial numbers
//! or weight; and headings, costs, reorder points and barcodes for the goods of the sample.

use rust_decimal::Decimal;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::sample::SAMPLE_PLACE;
use super::{CliError, code, table};
use crate::domain::{
    Barcode, Change, CodeError, LocationChange, Name, NewLocation, NewPartner, PackBarcode, Product,
    ProductChange, ProductFilter, Quantity, Refusal, Sku, SupplyTerms, UnitPrice,
};
use crate::service::Service;

/// The places, parents first.
const PLACES: &str = include_str!("data/places.csv");
/// Whom the demo buys from.
const SUPPLIERS: &str = include_str!("data/suppliers.csv");
/// Goods that the sample has none of their kind of.
const GOODS: &str = include_str!("data/goods.csv");
/// Their barcodes: the number of each, and how many units it counts.
const BARCODES: &str = include_str!("data/barcodes.csv");
/// Words in the names of the sample's goods, and the heading that they lead to. The first that fits counts;
/// the last has no words and fits all.
const HEADINGS: &str = include_str!("data/headings.csv");
/// Every how many of the sample's products have barcodes.
const BARCODE_EVERY: usize = 40;
/// How many pieces a carton of the sample's goods holds.
const CARTON: i64 = 12;
/// The number of the carton that the tour invites to scan: that of the sample's first product.
const CARTON_TO_TRY: u64 = 1;
/// What the sample's goods cost, in hundredths of what they sell for.
const COST_PERCENT: i64 = 55;
/// Who supplies the goods of the sample.
const GIFT_SUPPLIERS: [&str; 4] = ["S1010", "S1020", "S1030", "S1040"];
/// Who supplies the food.
const FOOD_SUPPLIER: &str = "S2010";
/// GS1 leaves the numbers that begin with 20 to each shop, so these are nobody else's.
const EAN_BODY_FIRST: u64 = 200_000_710_000;

#[derive(Debug, Deserialize)]
struct Heading {
    heading: Name,
    words: String,
}

#[derive(Debug, Deserialize)]
struct Pack {
    sku: Sku,
    number: u64,
    quantity: i64,
}

/// A number that goes with a text and looks like chance, so that every demo shows the same.
pub(super) fn number_of(text: &str) -> u64 {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&Sha256::digest(text)[..8]);
    u64::from_be_bytes(bytes)
}

/// The EAN-13 of the demo with this number, with its check digit (GS1 General Specifications, 7.9).
fn ean13(number: u64) -> Result<Barcode, CodeError> {
    let body = (EAN_BODY_FIRST + number).to_string();
    let weighted: u32 = body
        .chars()
        .filter_map(|digit| digit.to_digit(10))
        .zip([1, 3].into_iter().cycle())
        .map(|(digit, weight)| digit * weight)
        .sum();
    format!("{body}{}", (10 - weighted % 10) % 10).parse()
}

/// The barcode of the carton that the tour invites to scan.
pub(super) fn carton_to_try() -> String {
    ean13(CARTON_TO_TRY).map(|barcode| barcode.to_string()).unwrap_or_default()
}

/// Makes the master data. What is there already stays, so it can be made again.
pub(super) async fn make(admin: &Service) -> Result<(), CliError> {
    admin.add_locations(&table::<NewLocation>(PLACES)?).await?;
    let main_store = LocationChange {
        code: code(SAMPLE_PLACE)?,
        name: Change::To(code("Main store")?),
        parent: Change::Keep,
        kind: None,
    };
    admin.change_location(&main_store).await?;
    admin.add_partners(&table::<NewPartner>(SUPPLIERS)?).await?;

    let goods: Vec<Product> = table(GOODS)?;
    let known = admin.store().products(&ProductFilter::default()).await?;
    let sample: Vec<&Product> = (known.iter().map(|row| &row.product))
        .filter(|product| goods.iter().all(|goods| goods.sku != product.sku))
        .collect();
    let headings: Vec<Heading> = table(HEADINGS)?;
    let changes =
        sample.iter().map(|product| group(product, &headings)).collect::<Result<Vec<_>, Refusal>>()?;
    admin.change_products(&changes).await?;
    admin.add_products(&goods).await?;
    let mut terms = Vec::new();
    for (product, change) in
        sample.iter().zip(&changes).filter(|(_, change)| change.reorder_point.is_wanted())
    {
        terms.push(supply(product, change)?);
    }
    for product in goods.iter().filter(|product| product.reorder_point.is_some()) {
        let mut food = supply(product, &ProductChange::none(product.sku.clone()))?;
        food.supplier = code(FOOD_SUPPLIER)?;
        food.price = product.unit_cost;
        terms.push(food);
    }
    admin.set_supplies(&terms).await?;
    let mut packs: Vec<Pack> = table(BARCODES)?;
    for (number, product) in (0..).step_by(2).zip(sample.iter().step_by(BARCODE_EVERY)) {
        let sku = product.sku.clone();
        packs.push(Pack { sku: sku.clone(), number, quantity: 1 });
        packs.push(Pack { sku, number: number + 1, quantity: CARTON });
    }
    for pack in packs {
        add_barcode(admin, &pack).await?;
    }
    Ok(())
}

async fn add_barcode(admin: &Service, pack: &Pack) -> Result<(), CliError> {
    let barcode = ean13(pack.number).map_err(Refusal::from)?;
    let pack_quantity = Quantity::new(pack.quantity.into()).map_err(Refusal::from)?;
    match admin.add_barcode(&pack.sku, &PackBarcode { barcode, pack_quantity }).await {
        Err(error) if matches!(error.refusal(), Some(Refusal::BarcodeExists(_))) => Ok(()),
        outcome => Ok(outcome?),
    }
}

fn heading<'a>(name: &str, headings: &'a [Heading]) -> Option<&'a Name> {
    let fits = |heading: &&Heading| {
        let has = |word: &str| name.split_whitespace().any(|other| other == word);
        heading.words.is_empty() || heading.words.split(' ').any(has)
    };
    headings.iter().find(fits).map(|heading| &heading.heading)
}

/// The heading, the cost and the reorder point of a product of the sample: half of them are ordered when
/// half a dozen is left, a few much earlier.
fn group(product: &Product, headings: &[Heading]) -> Result<ProductChange, Refusal> {
    let number = number_of(&product.sku);
    let mut change = ProductChange::none(product.sku.clone());
    change.category = heading(&product.name, headings).map_or(Change::Keep, |name| Change::To(name.clone()));
    if let Some(unit_price) = product.unit_price.filter(|_| !number.is_multiple_of(9)) {
        let cost = (unit_price.value() * Decimal::new(COST_PERCENT, 2)).round_dp(2);
        change.unit_cost = Change::To(UnitPrice::new(cost)?);
    }
    change.reorder_point = match number % 40 {
        0 => Change::To(36.into()),
        rest if rest % 2 == 0 => Change::To(6.into()),
        _ => Change::Keep,
    };
    Ok(change)
}

/// Who supplies a product of the sample, and on which terms: in packs of half a dozen, one or two dozen.
fn supply(product: &Product, change: &ProductChange) -> Result<SupplyTerms, Refusal> {
    let number = number_of(&format!("supply {}", product.sku));
    let pick = |choices: &[i64]| choices[usize::try_from(number % choices.len() as u64).unwrap_or(0)];
    Ok(SupplyTerms {
        sku: product.sku.clone(),
        supplier: code(GIFT_SUPPLIERS[usize::try_from(number % 4).unwrap_or(0)])?,
        their_code: Some(code(&format!("{}-{}", number / 7 % 900 + 100, product.sku))?),
        price: change.unit_cost.value().copied(),
        pack: Quantity::new(pick(&[12, 6, 24]).into())?,
        minimum: pick(&[0, 24, 12, 0, 48]).into(),
        lead_days: i32::try_from(pick(&[3, 5, 7, 10, 14, 21])).ok(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::LocationCode;

    #[test]
    fn barcodes_have_their_check_digit() {
        for number in 0..200 {
            let barcode = ean13(number).unwrap();
            assert!(barcode.has_gtin_check_digit() && barcode.as_str().len() == 13, "{barcode}");
        }
    }

    #[test]
    fn every_place_stands_after_its_parent_and_all_goods_have_a_barcode() {
        let places: Vec<NewLocation> = table(PLACES).unwrap();
        for (position, place) in places.iter().enumerate() {
            let known =
                |parent: &LocationCode| places[..position].iter().any(|earlier| earlier.code == *parent);
            assert!(place.parent.as_ref().is_none_or(known), "{}", place.code);
        }
        let packs: Vec<Pack> = table(BARCODES).unwrap();
        for goods in table::<Product>(GOODS).unwrap() {
            assert!(packs.iter().any(|pack| pack.sku == goods.sku), "{}", goods.sku);
        }
        assert_eq!(table::<NewPartner>(SUPPLIERS).unwrap().len(), 5);
    }

    #[test]
    fn a_name_leads_to_a_heading() {
        let headings: Vec<Heading> = table(HEADINGS).unwrap();
        let heading = |name| heading(name, &headings).unwrap().as_str();
        assert_eq!(heading("WHITE METAL LANTERN"), "Candles and lights");
        assert_eq!(heading("CREAM CUPID HEARTS COAT HANGER"), "House");
        assert_eq!(heading("SOMETHING"), "Gifts");
    }
}
