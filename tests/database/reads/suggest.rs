//! What is offered to complete a field.

use stockroom::domain::Suggested;

use super::shop;

#[tokio::test]
async fn products_partners_and_people_are_found_by_parts_of_their_names() {
    let database = shop().await;
    let admin = database.service("admin");
    for (code, name) in [("ACME", "Acme Lamps"), ("LAMPCO", "")] {
        let partner = stockroom::domain::NewPartner {
            code: code.parse().unwrap(),
            name: name.parse().ok(),
            kind: stockroom::domain::PartnerKind::Supplier,
        };
        admin.add_partner(partner).await.unwrap();
    }
    let store = database.store("clerk");
    for (what, text, expected) in [
        (Suggested::Product, "cup", vec!["CUP-1", "NEVER-1"]),
        (Suggested::Partner, "lamp", vec!["LAMPCO", "ACME"]),
        (Suggested::Partner, "zzz", vec![]),
        (Suggested::Login, "ADM", vec!["admin"]),
        (Suggested::Location, "b1", vec!["B1"]),
    ] {
        let found = store.suggest(what, text, 8).await.unwrap();
        let codes: Vec<&str> = found.iter().map(|found| found.code.as_str()).collect();
        assert_eq!(codes, expected, "{what:?} {text}");
    }
}
