//! What a scanned code refers to, the stock at a location, and the suggestions while a location is typed.

use stockroom::domain::Scanned;

use super::{day, number, shop};
use crate::support::commands::lot_receipt;
use crate::support::raw::connect;

#[tokio::test]
async fn a_code_is_a_sku_or_a_barcode_or_a_place() {
    let database = shop().await;
    let store = database.store("clerk");
    for (code, sku, pack) in [
        ("BEAN-1", "BEAN-1", "1"),
        (" bean-1\n", "BEAN-1", "1"),
        ("8076809570787", "BEAN-1", "1"),
        ("18076809570784", "BEAN-1", "12"),
    ] {
        let Scanned::Product { row, pack_quantity } = store.scan(code).await.unwrap() else {
            panic!("{code} is no product")
        };
        assert_eq!(
            (row.sku.as_str(), pack_quantity, row.on_hand),
            (sku, number(pack), number("12")),
            "{code}"
        );
    }
    let session = connect(&database.url("admin")).await;
    session.execute("UPDATE stock.locations SET archived_at = now() WHERE code = 'A1'", &[]).await.unwrap();
    session.execute("UPDATE stock.locations SET name = 'By the door' WHERE code = 'B1'", &[]).await.unwrap();
    let expected = Scanned::Location {
        code: "B1".parse().unwrap(),
        name: Some("By the door".parse().unwrap()),
        archived: false,
    };
    assert_eq!(store.scan("b1").await.unwrap(), expected);
    assert!(matches!(store.scan("A1").await.unwrap(), Scanned::Location { archived: true, .. }));
    for nothing in ["", "B9", "807680957078", "é", "'"] {
        assert_eq!(store.scan(nothing).await.unwrap(), Scanned::Nothing, "{nothing:?}");
    }
}

#[tokio::test]
async fn a_sku_precedes_a_barcode_and_a_barcode_a_location() {
    let database = shop().await;
    let admin = database.service("admin");
    let sku = "CUP-1".parse().unwrap();
    for code in ["BEAN-1", "B1", "mixed-Case"] {
        admin.store().add_barcode(&sku, &super::pack(code, "6")).await.unwrap();
    }
    let store = database.store("clerk");
    let scanned = async |code: &str| match store.scan(code).await.unwrap() {
        Scanned::Product { row, pack_quantity } => (row.sku.to_string(), pack_quantity),
        other => panic!("{other:?}"),
    };
    assert_eq!(scanned("BEAN-1").await, ("BEAN-1".to_owned(), number("1")));
    assert_eq!(scanned("b1").await, ("CUP-1".to_owned(), number("6")));
    assert_eq!(scanned("mixed-Case").await, ("CUP-1".to_owned(), number("6")));
}

#[tokio::test]
async fn lots_in_a_place_come_in_the_order_of_their_expiry() {
    let database = shop().await;
    let clerk = database.service("clerk");
    clerk.receive(lot_receipt("MILK-1", "3", "B3", "PAST", &day(-2))).await.unwrap();
    clerk.receive(lot_receipt("MILK-1", "3", "B3", "EVER", "")).await.unwrap();
    clerk.receive(lot_receipt("MILK-1", "3", "B4", "ELSE", "")).await.unwrap();
    let at = async |sku: &str, place: &str| {
        let levels = clerk.store().on_hand_at(&sku.parse().unwrap(), &place.parse().unwrap()).await.unwrap();
        levels.into_iter().map(|level| level.lot.unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(at("MILK-1", "B3").await, ["PAST", "SOON", "LATE", "EVER"]);
    assert_eq!(at("MILK-1", "A2").await, [""; 0], "only the very place");
    assert_eq!(at("ZERO-1", "B2").await, [""; 0]);
    assert_eq!(at("NO", "B2").await, [""; 0]);
}

#[tokio::test]
async fn locations_are_offered_by_code_and_by_name() {
    let database = shop().await;
    let session = connect(&database.url("admin")).await;
    for (name, code) in [("Quai d'arrivée", "B4"), ("By the door", "A1")] {
        session
            .execute("UPDATE stock.locations SET name = $1 WHERE code = $2", &[&name, &code])
            .await
            .unwrap();
    }
    let store = database.store("clerk");
    let offered = async |text: &str, limit: u16| {
        let rows = store.locations_matching(text, limit).await.unwrap();
        rows.into_iter().map(|row| row.code).collect::<Vec<_>>()
    };
    assert_eq!(offered("b", 10).await, ["B1", "B2", "B3", "B4", "A1"], "codes first, then names");
    assert_eq!(offered("b", 2).await, ["B1", "B2"]);
    assert_eq!(offered("ARRIVEE", 10).await, ["B4"]);
    assert_eq!(offered("", 10).await, ["A1", "A2", "B1", "B2", "B3", "B4", "S"]);
    assert_eq!(offered("zz", 10).await, [""; 0]);
}

#[tokio::test]
async fn a_sheet_lists_the_recorded_stock_of_a_location() {
    let database = shop().await;
    let clerk = database.service("clerk");
    let lines = async |place: &str| clerk.store().sheet(&place.parse().unwrap()).await.unwrap();
    let keys: Vec<_> = lines("S")
        .await
        .into_iter()
        .map(|line| {
            let lot = line.lot.as_deref().unwrap_or_default().to_owned();
            (line.location.to_string(), line.sku.to_string(), lot, line.on_hand)
        })
        .collect();
    let line = |location: &str, sku: &str, lot: &str, on_hand: &str| {
        (location.to_owned(), sku.to_owned(), lot.to_owned(), number(on_hand))
    };
    assert_eq!(
        keys,
        [
            line("B1", "BEAN-1", "", "12"),
            line("B1", "CUP-1", "", "3"),
            line("B2", "CUP-1", "", "4"),
            line("B3", "MILK-1", "SOON", "2"),
            line("B3", "MILK-1", "LATE", "5"),
            line("B4", "YOG-1", "OLD", "1"),
        ]
    );
    assert!(lines("B1").await.iter().all(|line| line.last_counted_at.is_none()));
    let counted = clerk.count(crate::support::commands::count("CUP-1", "3", "B1")).await.unwrap();
    let at = lines("B1").await.into_iter().find(|line| line.sku == "CUP-1").unwrap().last_counted_at;
    assert_eq!(at, Some(counted.posting_id.occurred_at()));
    assert_eq!(lines("B2").await[0].last_counted_at, None, "counted elsewhere");
    let error = clerk.store().sheet(&"NO".parse().unwrap()).await.unwrap_err();
    assert!(error.to_string().contains("no location NO"), "{error}");
}

#[tokio::test]
async fn a_sheet_that_is_too_long_is_refused_with_the_figures() {
    let database = shop().await;
    super::crowd(&database, "A1", 5_001).await;
    let error = database.store("clerk").sheet(&"A1".parse().unwrap()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "A1 has 5004 lines, more than the 5000 of one count sheet; count the locations within it one at a time"
    );
}

#[tokio::test]
async fn a_lot_code_is_found_with_its_product_and_locations() {
    let database = shop().await;
    let clerk = database.service("clerk");
    clerk.receive(lot_receipt("MILK-1", "3", "B4", "SOON", "")).await.unwrap();
    clerk.receive(lot_receipt("YOG-1", "3", "B1", "Soon", "")).await.unwrap();
    let Scanned::Lots(found) = clerk.store().scan(" soon ").await.unwrap() else { panic!("no lots") };
    let told: Vec<_> = found
        .iter()
        .map(|found| {
            let places: Vec<&str> = found.held_at.iter().map(|place| place.as_str()).collect();
            (found.row.sku.as_str(), found.lot.as_str(), places)
        })
        .collect();
    assert_eq!(told, [("MILK-1", "SOON", vec!["B3", "B4"]), ("YOG-1", "Soon", vec!["B1"])]);
    assert_eq!((found[0].expires_on.is_some(), found[1].expires_on), (true, None));
    // What is issued is held nowhere.
    let session = connect(&database.url("admin")).await;
    session
        .execute("INSERT INTO stock.lots (product_id, code) SELECT product_id, 'NEW-1' FROM stock.products WHERE sku = 'MILK-1'", &[])
        .await
        .unwrap();
    let Scanned::Lots(found) = clerk.store().scan("NEW-1").await.unwrap() else { panic!("no lots") };
    assert!(found.len() == 1 && found[0].held_at.is_empty());
}
