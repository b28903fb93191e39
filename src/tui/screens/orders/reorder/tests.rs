//! The proposal, driven by keys and answers as an admin.

use super::*;
use crate::domain::samples::{parsed, some};
use crate::domain::{Group, Refusal};
use crate::tui::app::testing::{Desk, NOW};
use crate::tui::locale::Language;
use crate::worker::query::Question;

fn proposal(sku: &str, supplier: Option<&str>, quantity: i64) -> ReorderProposal {
    ReorderProposal {
        sku: parsed(sku),
        name: parsed("White metal lantern"),
        supplier: supplier.and_then(some),
        their_code: Some("X-1".to_owned()),
        price: some("1.85"),
        pack: Decimal::from(12),
        lead_days: Some(7),
        reorder_point: Decimal::from(24),
        available: Decimal::from(5),
        on_order: Decimal::ZERO,
        demand: Decimal::from(31),
        quantity: Decimal::from(quantity),
    }
}

fn sample() -> Vec<ReorderProposal> {
    let mut slow = proposal("84406B", Some("S1010"), 48);
    slow.lead_days = Some(21);
    vec![
        proposal("71053", Some("S1010"), 36),
        slow,
        proposal("22752", Some("S1020"), 12),
        proposal("21730", None, 24),
    ]
}

fn shown(language: Language) -> Desk {
    let mut desk = Desk::new(Group::Admin, language);
    desk.keys("<alt-g>");
    assert!(matches!(desk.question(), Question::Reorder(_)), "{:?}", desk.question());
    desk.answer(Answer::Reorder(sample()));
    desk
}

#[test]
fn one_draft_is_made_for_each_supplier_after_a_review() {
    let mut desk = shown(Language::English);
    insta::assert_snapshot!("list_60x20", desk.draw(60, 20));
    insta::assert_snapshot!("list_80x24", desk.draw(80, 24));
    insta::assert_snapshot!("list_130x38", desk.draw(130, 38));
    // Keys typed ahead open the review and do not save.
    desk.burst("<f12><enter>");
    assert!(desk.written.is_empty());
    insta::assert_snapshot!("review_80x24", desk.draw(80, 24));
    desk.keys("<enter><enter>");
    let [(id, Write::NewOrders(orders))] = desk.written.as_slice() else { panic!("{:?}", desk.written) };
    let [first, second] = orders.as_slice() else { panic!("{orders:?}") };
    assert_eq!((&first.partner, &second.partner), (&some("S1010"), &some("S1020")));
    assert_eq!((first.due_on, second.due_on), (some("2026-12-11"), some("2026-11-27")), "the slowest line");
    assert_eq!(first.id.act(), *id);
    let lines: Vec<_> = first.lines.iter().map(|line| (line.sku.as_str(), line.quantity)).collect();
    assert_eq!(lines, [("71053", parsed("36")), ("84406B", parsed("48"))]);
    assert!(orders.iter().all(|order| order.validate() == Ok(())));
    // The ids of the lines of one order are none of the next.
    assert!(first.id.line(LINES_MAX).uuid() < second.id.line(1).uuid());
    let refused = vec![(parsed("S1020"), Refusal::UnknownPartner(parsed("S1020")))];
    desk.end(Ok(Written::OrdersSaved { numbers: vec![parsed("PO-000009")], refused }));
    let said: Vec<&str> = desk.notices().iter().map(|notice| notice.text.as_str()).collect();
    assert!(said.iter().any(|text| text.contains("Saved as drafts: PO-000009")), "{said:?}");
    assert!(said.iter().any(|text| text.contains("No order for S1020")), "{said:?}");
    assert!(matches!(desk.question(), Question::Reorder(_)), "the proposal is made anew");
}

#[test]
fn the_proposal_speaks_french_and_is_exported_as_it_was_changed() {
    let mut desk = shown(Language::French);
    insta::assert_snapshot!("list_french", desk.draw(80, 24));
    desk.keys("*2*12<tab>s1020<enter><alt-w><enter>");
    let export = desk.exports.pop().unwrap();
    let ExportWhat::Table(table) = export.what else { panic!("{export:?}") };
    let value = |column: &str| {
        let at = table.columns.iter().position(|known| *known == column).unwrap();
        table.rows[0][at].as_str()
    };
    assert_eq!((value("sku"), value("supplier"), value("quantity")), ("71053", "S1020", "24"));
    desk.keys("<f12>");
    insta::assert_snapshot!("review_french", desk.draw(80, 24));
}

#[test]
fn quantities_and_suppliers_are_changed_and_products_left_out() {
    let mut desk = shown(Language::English);
    desk.keys("*");
    insta::assert_snapshot!("dialog_80x24", desk.draw(80, 24));
    desk.keys("2*12<tab>s1020<enter>");
    // The second is left out; the last gets a supplier.
    desk.keys("<down><del><end><enter><tab>s1030<enter>");
    // A fresh proposal leaves what was changed by hand.
    desk.keys("<ctrl-t>");
    desk.answer(Answer::Reorder(sample()));
    desk.keys("<f12><enter>");
    let [(_, Write::NewOrders(orders))] = desk.written.as_slice() else { panic!("{:?}", desk.written) };
    let said: Vec<_> = orders
        .iter()
        .map(|order| {
            let lines = order.lines.iter().map(|line| format!("{}*{}", line.sku, line.quantity));
            (order.partner.clone().unwrap().to_string(), lines.collect::<Vec<_>>().join(" "))
        })
        .collect();
    let expected = [("S1020", "71053*24 22752*12"), ("S1030", "21730*24")];
    assert_eq!(said, expected.map(|(supplier, lines)| (supplier.to_owned(), lines.to_owned())));
    // The price was that of another supplier.
    assert_eq!(orders[0].lines[0].unit_price, None);
    assert_eq!(orders[1].lines[0].unit_price, some("1.85"));
}

#[test]
fn a_quantity_of_zero_is_not_ordered_and_only_admins_reorder() {
    let mut desk = Desk::new(Group::Admin, Language::French);
    desk.keys("<alt-g>");
    desk.answer(Answer::Reorder(Vec::new()));
    insta::assert_snapshot!("nothing_french", desk.draw(80, 24));
    desk.keys("<f12>");
    assert!(desk.written.is_empty() && desk.notices()[0].text.contains("rien à commander"));
    let mut clerk = Desk::clerk();
    clerk.keys("<alt-g>");
    assert_eq!(clerk.layers(), 0);
    assert!(
        orders(&[], NOW.parse::<jiff::Timestamp>().unwrap().to_zoned(jiff::tz::TimeZone::UTC).date())
            .is_empty()
    );
}
