//! What holds for every sequence of commands and for every text.

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use stockroom::domain::{
    Barcode, Details, LocationCode, LotCode, MovementId, MovementKind, Note, PartnerCode, Posting, PostingId,
    Quantity, Reference, Reversal, Sku, StockFilter, Tracking, UnitPrice,
};
use stockroom::service::{Count, Error, Issue, Receipt, Service, Transfer};

use crate::support::commands::{count, issue, receipt, transfer};
use crate::support::database::{TestDatabase, line, posting_with_id, product};
use crate::support::raw::{assert_books_balance, connect};

const SKUS: [&str; 4] = ["A", "B", "FINE", "LOT"];
const PLACES: [&str; 3] = ["X", "Y", "Z"];
const LOTS: [&str; 2] = ["L1", "L2"];

/// One command drawn at random. Some are refused, and that is part of it.
async fn act(service: &Service, random: &mut StdRng, posted: &mut Vec<PostingId>) -> Result<(), Error> {
    let sku = SKUS[random.random_range(0..SKUS.len())];
    let place = random.random_range(0..PLACES.len());
    let (from, to) = (PLACES[place], PLACES[(place + random.random_range(1..PLACES.len())) % PLACES.len()]);
    let mut quantity = random.random_range(1..12).to_string();
    if sku == "FINE" {
        quantity.push_str(&format!(".{:03}", random.random_range(0..1000)));
    }
    let lot: Option<LotCode> = (sku == "LOT").then(|| LOTS[random.random_range(0..2)].parse().unwrap());
    let back = SignedDuration::from_millis(random.random_range(0..40 * 86_400_000_i64));
    let id = match posted.get(random.random_range(0..posted.len().max(1))) {
        // Now and then an id that has been used.
        Some(used) if random.random_range(0..12) == 0 => *used,
        _ => PostingId::at(Timestamp::now() - back, random.random()),
    };
    let details = Details { id: Some(id), ..Details::default() };
    let outcome = match random.random_range(0..10) {
        0..=3 => service.receive(Receipt { lot, details, ..receipt(sku, &quantity, to) }).await.map(|_| ()),
        4 | 5 => {
            let lot = lot.filter(|_| random.random());
            service.issue(Issue { lot, details, ..issue(sku, &quantity, from) }).await.map(|_| ())
        }
        6 => service
            .transfer(Transfer { lot, details, ..transfer(sku, &quantity, from, to) })
            .await
            .map(|_| ()),
        7 => service.count(Count { lot, details, ..count(sku, &quantity, from) }).await.map(|_| ()),
        8 => {
            let lines = vec![line("A", "2", from, to), line("B", "3", from, to)];
            service.post(&posting_with_id(id, MovementKind::Transfer, lines)).await.map(|_| ())
        }
        _ => {
            let Some(target) = posted.get(random.random_range(0..posted.len().max(1))) else { return Ok(()) };
            let reason = "drawn at random".parse().unwrap();
            let reversal =
                Reversal { target: target.line(0), movement_only: random.random(), reason, id: Some(id) };
            service.reverse(reversal).await.map(|_| ())
        }
    };
    if outcome.is_ok() {
        posted.push(id);
    }
    outcome
}

#[tokio::test(flavor = "multi_thread")]
async fn levels_are_the_sum_of_the_ledger_after_any_commands() {
    let seed: u64 = rand::random();
    println!("seed {seed}");
    let database = TestDatabase::new().await.with_catalogue(&["A", "B"], &PLACES).await;
    let admin = database.service("admin");
    let mut fine = product("FINE", Tracking::None);
    fine.decimals = 3;
    admin.add_product(fine).await.unwrap();
    admin.add_product(product("LOT", Tracking::Lot)).await.unwrap();
    let sessions: Vec<_> = (0..4)
        .map(|number| {
            let service = database.service(if number == 0 { "admin" } else { "clerk" });
            let mut random = StdRng::seed_from_u64(seed.wrapping_add(number));
            tokio::spawn(async move {
                let mut posted = Vec::new();
                let mut refused = 0;
                for _ in 0..80 {
                    if let Err(error) = act(&service, &mut random, &mut posted).await {
                        assert!(error.refusal().is_some(), "{error:?}");
                        refused += 1;
                    }
                }
                (posted.len(), refused)
            })
        })
        .collect();
    for session in sessions {
        let (posted, refused) = session.await.unwrap();
        assert!(posted > 20 && refused > 0, "{posted} posted, {refused} refused");
    }
    assert_books_balance(&database).await;

    let raw = connect(database.superuser_url()).await;
    let mut random = StdRng::seed_from_u64(seed);
    for _ in 0..12 {
        let back = random.random_range(0..41 * 86_400_000_i64);
        let time = Timestamp::from_millisecond(Timestamp::now().as_millisecond() - back).unwrap();
        let filter = StockFilter { as_of: Some(time), ..StockFilter::default() };
        let mut told: Vec<(String, String, Option<String>, String)> = admin
            .store()
            .stock(&filter)
            .await
            .unwrap()
            .into_iter()
            .map(|level| {
                let lot = level.lot.map(String::from);
                (level.sku.into(), level.location.into(), lot, level.on_hand.to_string())
            })
            .collect();
        let rows = raw
            .query(
                "SELECT p.sku, l.code, lot.code, trim_scale(sum(m.delta))::text
                 FROM (SELECT product_id, to_location_id AS location_id, lot_id, quantity AS delta, occurred_at FROM stock.transactions
                       UNION ALL
                       SELECT product_id, from_location_id, lot_id, -quantity, occurred_at FROM stock.transactions) AS m
                 JOIN stock.products p USING (product_id) JOIN stock.locations l USING (location_id)
                 LEFT JOIN stock.lots lot ON lot.lot_id = m.lot_id
                 WHERE m.occurred_at <= $1 GROUP BY p.sku, l.code, lot.code HAVING sum(m.delta) <> 0",
                &[&time],
            )
            .await
            .unwrap();
        let mut replayed: Vec<_> =
            rows.iter().map(|row| (row.get(0), row.get(1), row.get(2), row.get(3))).collect();
        told.sort();
        replayed.sort();
        assert_eq!(told, replayed, "as of {time}");
    }
}

/// Parses a text as a type; what is taken must read back as itself.
fn round_trip<T: std::str::FromStr + ToString + PartialEq + std::fmt::Debug>(text: &str)
where
    T::Err: std::fmt::Debug,
{
    if let Ok(value) = text.parse::<T>() {
        assert_eq!(value.to_string().parse::<T>().unwrap(), value);
    }
}

fn all_types(text: &str) {
    round_trip::<Sku>(text);
    round_trip::<LocationCode>(text);
    round_trip::<LotCode>(text);
    round_trip::<PartnerCode>(text);
    round_trip::<Barcode>(text);
    round_trip::<Reference>(text);
    round_trip::<Note>(text);
    round_trip::<Quantity>(text);
    round_trip::<UnitPrice>(text);
    round_trip::<PostingId>(text);
    round_trip::<MovementId>(text);
    round_trip::<MovementKind>(text);
    let _ = Quantity::parse_counted(text);
}

proptest! {
    #[test]
    fn any_text_is_taken_or_refused(text in ".*") {
        all_types(&text);
    }

    #[test]
    fn texts_that_look_right_are_taken_or_refused(text in "[ ]?-?[0-9A-Za-z._/+-]{0,45}[ ]?") {
        all_types(&text);
    }

    #[test]
    fn quantities_are_exact(units in 1_i64..=99_999_999_999_999, scale in 0_u32..=3) {
        let value = rust_decimal::Decimal::new(units, scale);
        let outcome = value.to_string().parse::<Quantity>();
        prop_assert_eq!(outcome.is_ok(), value <= Quantity::largest());
        if let Ok(quantity) = outcome {
            prop_assert_eq!(quantity.value(), value);
            let json = serde_json::to_string(&quantity).unwrap();
            prop_assert!(json.starts_with('"'), "{}", json);
            prop_assert_eq!(serde_json::from_str::<Quantity>(&json).unwrap(), quantity);
        }
    }

    #[test]
    fn any_bytes_are_a_posting_or_are_not(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = serde_json::from_slice::<Posting>(&bytes);
    }

    #[test]
    fn anything_in_a_field_is_taken_or_refused(
        kind in "receipt|issue|transfer|adjustment|reversal|[a-z]{0,9}",
        quantity in "\"[^\"\\\\]{0,12}\"|-?[0-9]{1,25}(\\.[0-9]{1,5})?(e[0-9]{1,3})?|null|\\[\\]",
        text in "[^\"\\\\\\x00-\\x1f]{0,50}",
    ) {
        let json = format!(
            r#"{{"id":"01930000-0000-7000-8000-000000000001","kind":"{kind}","reference":"{text}","lines":[{{"sku":"A","quantity":{quantity},"to":"X"}}]}}"#
        );
        if let Ok(posting) = serde_json::from_str::<Posting>(&json) {
            let _ = posting.validate();
            let again: Posting = serde_json::from_str(&serde_json::to_string(&posting).unwrap()).unwrap();
            prop_assert_eq!(again, posting);
        }
    }

    #[test]
    fn the_lines_of_an_id_count_up_and_keep_its_time(milliseconds in 0_i64..253_000_000_000_000, random in any::<[u8; 10]>(), position in 0_usize..5_000) {
        let time = Timestamp::from_millisecond(milliseconds).unwrap();
        let id = PostingId::at(time, random);
        prop_assert_eq!(id.line(position).occurred_at(), time);
        prop_assert!(id.last_line() >= id.line(0));
        prop_assert_eq!(id.line(position).uuid().get_version_num(), 7);
    }
}
