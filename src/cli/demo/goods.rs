//! What the demo's site is made of, as tables: places, goods with lots, serial numbers or weight,
//! partners, and how the goods of the sample are grouped.

use super::sample::SAMPLE_PLACE;
use crate::domain::{Barcode, CodeError, LocationKind, PartnerKind, Tracking};

/// The whole site.
pub(super) const SITE: &str = "WH";
/// The product of the tour. Nobody else touches it, so the figures of the tour are those of the README.
pub(super) const TOUR_PRODUCT: &str = "71053";
/// Where deliveries wait to be put away.
pub(super) const DOCK: &str = "WH-DOCK";
/// Where goods wait that may not be used.
pub(super) const QUARANTINE: &str = "WH-QUAR";
/// Where food stands.
pub(super) const FOOD_ZONE: &str = "F";

/// A zone with its aisles and how many bins each has.
pub(super) struct Zone {
    pub code: &'static str,
    pub name: &'static str,
    pub aisles: usize,
    pub bins: usize,
}

pub(super) const ZONES: [Zone; 3] = [
    Zone { code: "A", name: "Hall A: gifts, lights, jewellery", aisles: 2, bins: 6 },
    Zone { code: "B", name: "Hall B: house, kitchen, garden", aisles: 2, bins: 6 },
    Zone { code: FOOD_ZONE, name: "Food store, cool and dry", aisles: 1, bins: 4 },
];

/// One place of the site.
pub(super) struct Place {
    pub code: String,
    pub name: String,
    pub parent: Option<String>,
    pub kind: LocationKind,
}

/// The places of the site, parents first.
pub(super) fn places() -> Vec<Place> {
    let place = |code: &str, name: &str, parent: Option<&str>, kind| Place {
        code: code.to_owned(),
        name: name.to_owned(),
        parent: parent.map(str::to_owned),
        kind,
    };
    let mut places = vec![
        place(SITE, "Warehouse", None, LocationKind::Site),
        place(DOCK, "Goods in", Some(SITE), LocationKind::Dock),
        place(QUARANTINE, "Quarantine, not to be used", Some(SITE), LocationKind::Quarantine),
    ];
    for zone in ZONES {
        places.push(place(zone.code, zone.name, Some(SITE), LocationKind::Zone));
        for number in 1..=zone.aisles {
            let aisle = format!("{}-{number:02}", zone.code);
            places.push(place(
                &aisle,
                &format!("Aisle {} {number}", zone.code),
                Some(zone.code),
                LocationKind::Aisle,
            ));
            for bin in 1..=zone.bins {
                let side = if bin % 2 == 1 { "left" } else { "right" };
                let name = format!("Aisle {} {number}, {side}, bay {}", zone.code, bin.div_ceil(2));
                places.push(place(&format!("{aisle}-{bin:02}"), &name, Some(&aisle), LocationKind::Bin));
            }
        }
    }
    places
}

/// The codes of the bins of a zone.
pub(super) fn bins(zone: &str) -> Vec<String> {
    let prefix = format!("{zone}-");
    places()
        .into_iter()
        .filter(|place| place.kind == LocationKind::Bin && place.code.starts_with(&prefix))
        .map(|place| place.code)
        .collect()
}

/// Whether the demo's people take goods from a place to sell them.
pub(super) fn sells_from(place: &str) -> bool {
    place == SAMPLE_PLACE
        || ZONES.iter().any(|zone| place.strip_prefix(zone.code).is_some_and(|rest| rest.starts_with('-')))
}

/// Words in the names of the sample's goods, and the heading and hall they lead to. The first that fits
/// counts.
const HEADINGS: [(&str, &str, &[&str]); 10] = [
    ("Christmas", "A", &["CHRISTMAS", "XMAS", "ADVENT", "REINDEER", "SANTA", "SNOWMAN"]),
    (
        "Candles and lights",
        "A",
        &["CANDLE", "CANDLES", "T-LIGHT", "T-LIGHTS", "LANTERN", "LIGHT", "LIGHTS", "LAMP", "CANDLESTICK"],
    ),
    (
        "Jewellery",
        "A",
        &["NECKLACE", "BRACELET", "EARRINGS", "RING", "CHARM", "BLING", "BANGLE", "BROOCH", "DIAMANTE"],
    ),
    ("Bags", "A", &["BAG", "BAGS", "PURSE", "SHOPPER", "SUITCASE", "CASES"]),
    (
        "Paper and cards",
        "A",
        &["CARD", "CARDS", "WRAP", "NOTEBOOK", "PAPER", "STICKERS", "PENCIL", "PENCILS", "LETTER"],
    ),
    ("Party", "A", &["PARTY", "BUNTING", "BALLOON", "BALLOONS", "GARLAND", "BIRTHDAY", "CONES"]),
    (
        "Kitchen and table",
        "B",
        &[
            "MUG", "MUGS", "CUP", "CUPS", "BOWL", "PLATE", "PLATES", "TEA", "CAKE", "EGG", "TIN", "BOTTLE",
            "TRAY", "JUG", "KITCHEN", "NAPKINS", "TEAPOT", "SPOON", "LUNCH", "JAM", "COASTER",
        ],
    ),
    ("Garden", "B", &["GARDEN", "FLOWER", "BIRD", "PLANT", "POT", "WATERING", "BUTTERFLY"]),
    (
        "House",
        "B",
        &[
            "CLOCK", "SIGN", "MIRROR", "FRAME", "HOOK", "WALL", "CUSHION", "DOORMAT", "HANGER", "DRAWER",
            "CABINET", "STAND", "CURTAIN", "QUILT", "KNOB",
        ],
    ),
    ("Toys", "A", &["TOY", "DOLL", "DOLLY", "GAME", "GAMES", "PUZZLE", "SPACEBOY", "JIGSAW", "FELTCRAFT"]),
];
/// The heading and hall of what no word leads elsewhere.
const HEADING_OTHER: (&str, &str) = ("Gifts", "A");
/// The headings of the goods that the sample does not have.
const FOOD: &str = "Food";
const SHOP_FITTINGS: &str = "Shop fittings";

/// The heading and the hall of goods, by their name.
pub(super) fn heading(name: &str) -> (&'static str, &'static str) {
    let has = |words: &[&str]| name.split_whitespace().any(|word| words.contains(&word));
    HEADINGS
        .iter()
        .find(|(_, _, words)| has(words))
        .map_or(HEADING_OTHER, |(heading, hall, _)| (*heading, *hall))
}

/// The hall of goods, by their heading; none for headings that are not the demo's.
pub(super) fn hall(category: &str) -> Option<&'static str> {
    match category {
        FOOD => Some(FOOD_ZONE),
        SHOP_FITTINGS => Some("B"),
        other if other == HEADING_OTHER.0 => Some(HEADING_OTHER.1),
        other => HEADINGS.iter().find(|(heading, _, _)| *heading == other).map(|(_, hall, _)| *hall),
    }
}

/// What arrives of new goods: so many days ago, and for lots so many days before or after today as the last
/// day of use.
pub(super) struct Arrival {
    pub lot: Option<&'static str>,
    pub expires_in_days: Option<i64>,
    pub days_ago: i64,
    pub quantity: &'static str,
}

/// Goods that the sample has none of their kind of.
pub(super) struct Goods {
    pub sku: &'static str,
    pub name: &'static str,
    pub unit: &'static str,
    pub decimals: u8,
    pub category: &'static str,
    pub tracking: Tracking,
    pub reorder_point: i64,
    pub unit_cost: &'static str,
    pub unit_price: &'static str,
    /// How many a carton holds, for goods that come in cartons.
    pub carton: Option<i64>,
    pub bin: &'static str,
    pub arrivals: &'static [Arrival],
}

const fn lot(lot: &'static str, expires_in_days: i64, days_ago: i64, quantity: &'static str) -> Arrival {
    Arrival { lot: Some(lot), expires_in_days: Some(expires_in_days), days_ago, quantity }
}

const fn serial(number: &'static str) -> Arrival {
    Arrival { lot: Some(number), expires_in_days: None, days_ago: 16, quantity: "1" }
}

/// One lot is past its last day, some end within thirty days, the others later.
pub(super) const GOODS: [Goods; 7] = [
    Goods {
        sku: "TEA-EG250",
        name: "EARL GREY TEA, TIN 250 G",
        unit: "each",
        decimals: 0,
        category: FOOD,
        tracking: Tracking::Lot,
        reorder_point: 24,
        unit_cost: "2.1",
        unit_price: "4.25",
        carton: Some(12),
        bin: "F-01-01",
        arrivals: &[lot("L1042", 18, 25, "36"), lot("L1077", 210, 9, "72")],
    },
    Goods {
        sku: "JAM-STR340",
        name: "STRAWBERRY JAM 340 G",
        unit: "each",
        decimals: 0,
        category: FOOD,
        tracking: Tracking::Lot,
        reorder_point: 24,
        unit_cost: "1.2",
        unit_price: "2.95",
        carton: Some(6),
        bin: "F-01-02",
        arrivals: &[lot("J0815", -9, 27, "14"), lot("J0932", 95, 20, "60")],
    },
    Goods {
        sku: "CHOC-D100",
        name: "DARK CHOCOLATE BAR 100 G",
        unit: "each",
        decimals: 0,
        category: FOOD,
        tracking: Tracking::Lot,
        reorder_point: 48,
        unit_cost: "0.85",
        unit_price: "1.95",
        carton: Some(24),
        bin: "F-01-03",
        arrivals: &[lot("C2210", 6, 26, "40"), lot("C2304", 27, 17, "96"), lot("C2391", 150, 5, "120")],
    },
    Goods {
        sku: "HONEY-A500",
        name: "ACACIA HONEY 500 G",
        unit: "each",
        decimals: 0,
        category: FOOD,
        tracking: Tracking::Lot,
        reorder_point: 60,
        unit_cost: "3.4",
        unit_price: "6.5",
        carton: Some(6),
        bin: "F-01-02",
        arrivals: &[lot("H0071", 400, 22, "48")],
    },
    Goods {
        sku: "FUDGE-200",
        name: "BUTTER FUDGE, BOX 200 G",
        unit: "each",
        decimals: 0,
        category: FOOD,
        tracking: Tracking::Lot,
        reorder_point: 24,
        unit_cost: "1.6",
        unit_price: "3.75",
        carton: None,
        bin: "F-01-01",
        arrivals: &[lot("F0519", 12, 24, "30"), lot("F0533", 40, 4, "60")],
    },
    Goods {
        sku: "SWEET-MIX",
        name: "BOILED SWEETS, LOOSE",
        unit: "kg",
        decimals: 3,
        category: FOOD,
        tracking: Tracking::None,
        reorder_point: 15,
        unit_cost: "4.9",
        unit_price: "11.5",
        carton: None,
        bin: "F-01-04",
        arrivals: &[Arrival { lot: None, expires_in_days: None, days_ago: 12, quantity: "62.5" }],
    },
    Goods {
        sku: "TILL-RETRO",
        name: "RETRO CASH REGISTER, GREEN",
        unit: "each",
        decimals: 0,
        category: SHOP_FITTINGS,
        tracking: Tracking::Serial,
        reorder_point: 2,
        unit_cost: "118",
        unit_price: "189",
        carton: None,
        bin: "B-02-06",
        arrivals: &[
            serial("SN10041"),
            serial("SN10042"),
            serial("SN10043"),
            serial("SN10044"),
            serial("SN10045"),
            serial("SN10046"),
        ],
    },
];

/// Whom the demo buys from: code and what they make.
pub(super) const SUPPLIERS: [(&str, &str); 5] = [
    ("S1010", "Giftware importer"),
    ("S1020", "Candle works"),
    ("S1030", "Pottery and glass"),
    ("S1040", "Paper mill"),
    (FOOD_SUPPLIER, "Food wholesaler"),
];
pub(super) const FOOD_SUPPLIER: &str = "S2010";
pub(super) const SUPPLIER_KIND: PartnerKind = PartnerKind::Supplier;

/// GS1 leaves the numbers that begin with 20 to each shop, so these are nobody else's.
const EAN_BODY_FIRST: u64 = 200_000_710_000;

/// The EAN-13 of the demo with this number, with its check digit (GS1 General Specifications, 7.9).
pub(super) fn ean13(number: u64) -> Result<Barcode, CodeError> {
    let body = (EAN_BODY_FIRST + number).to_string();
    let weighted: u32 = body
        .chars()
        .filter_map(|digit| digit.to_digit(10))
        .zip([1, 3].into_iter().cycle())
        .map(|(digit, weight)| digit * weight)
        .sum();
    format!("{body}{}", (10 - weighted % 10) % 10).parse()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn barcodes_have_their_check_digit() {
        for number in 0..200 {
            let barcode = ean13(number).unwrap();
            assert!(barcode.has_gtin_check_digit() && barcode.as_str().len() == 13, "{barcode}");
        }
    }

    #[test]
    fn every_place_stands_after_its_parent_and_all_goods_have_a_bin() {
        let places = places();
        for (position, place) in places.iter().enumerate() {
            let known = |parent: &String| places[..position].iter().any(|earlier| earlier.code == *parent);
            assert!(place.parent.as_ref().is_none_or(known), "{}", place.code);
        }
        for goods in GOODS {
            assert!(places.iter().any(|place| place.code == goods.bin), "{}", goods.sku);
            assert!(hall(goods.category).is_some(), "{}", goods.category);
        }
        assert_eq!(bins("A").len(), 12);
        assert!(sells_from("MAIN") && sells_from("A-01-01") && !sells_from(DOCK) && !sells_from(QUARANTINE));
    }

    #[test]
    fn a_name_leads_to_a_heading_and_its_hall() {
        assert_eq!(heading("WHITE METAL LANTERN"), ("Candles and lights", "A"));
        assert_eq!(heading("CREAM CUPID HEARTS COAT HANGER"), ("House", "B"));
        assert_eq!(heading("SOMETHING"), HEADING_OTHER);
        assert_eq!(hall("House"), Some("B"));
        assert_eq!(hall("Something of a visitor"), None);
    }
}
