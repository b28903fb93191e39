//! The form of an order, driven by keys and answers as a clerk and as an admin.

use rust_decimal::Decimal;

use super::*;
use crate::domain::samples::{order, parsed, some, stock_row};
use crate::domain::{Group, OrderKind, OrderState, PostingOutcome, Refusal, Scanned, Suggestion};
use crate::tui::app::testing::Desk;
use crate::tui::locale::Language;
use crate::worker::query::{self, QueryKey, Question};

/// The form in front of somebody.
fn form(group: Group) -> Desk {
    let mut desk = Desk::new(group, Language::English);
    desk.keys("<alt-b>");
    desk
}

/// Answers the oldest scan with a product.
fn found(desk: &mut Desk, sku: &str) {
    let row = stock_row(sku, "White metal lantern");
    desk.answer_first(Answer::Scan(Box::new(Scanned::Product { row, pack_quantity: Decimal::ONE })));
}

/// A sales order for ACME with two lines, ready for review.
fn filled(group: Group) -> Desk {
    let mut desk = form(group);
    // Kind, partner, reference, day, ship to, destination, note.
    desk.keys("<tab>acme<tab>w-2207<tab>+7d<tab><tab><tab>by the side gate<tab>");
    desk.asked.clear();
    desk.keys("71053<enter>");
    found(&mut desk, "71053");
    desk.keys("84406b<enter>");
    found(&mut desk, "84406B");
    desk
}

#[test]
fn an_order_is_entered_reviewed_and_saved_once() {
    let mut desk = filled(Group::Clerk);
    insta::assert_snapshot!("filled_80x24", desk.draw(80, 24));
    insta::assert_snapshot!("filled_60x20", desk.draw(60, 20));
    insta::assert_snapshot!("filled_130x38", desk.draw(130, 38));
    // Keys typed ahead open the review and do not save.
    desk.burst("<enter><enter>");
    assert!(desk.written.is_empty());
    insta::assert_snapshot!("review_80x24", desk.draw(80, 24));
    desk.keys("<enter><enter>");
    let [(id, Write::NewOrder { order, confirm: false })] = desk.written.as_slice() else {
        panic!("{:?}", desk.written)
    };
    assert_eq!(order.id.act(), *id, "the id of the act is that of the order");
    assert_eq!((order.kind, order.partner.clone()), (OrderKind::Sales, some("ACME")));
    assert_eq!(order.partner_reference, some("w-2207"));
    assert_eq!((order.due_on, order.note.clone()), (some("2026-11-27"), some("by the side gate")));
    let lines: Vec<_> = order.lines.iter().map(|line| (line.sku.as_str(), line.quantity)).collect();
    assert_eq!(lines, [("71053", parsed("1")), ("84406B", parsed("1"))]);
    desk.end(Ok(Written::OrderSaved { number: parsed("SO-000018") }));
    assert!(desk.notices()[0].text.contains("SO-000018 saved as a draft"), "{:?}", desk.notices());
    assert!(matches!(desk.question(), Question::OrderInFull(_)), "the order is shown");
}

#[test]
fn an_admin_saves_and_confirms_in_one_go_and_a_clerk_does_not() {
    let mut desk = filled(Group::Admin);
    desk.keys("<f12>");
    assert!(desk.draw(80, 24).contains("F12 to save and confirm"));
    desk.keys("<f12>");
    assert!(matches!(desk.written[0].1, Write::NewOrder { confirm: true, .. }), "{:?}", desk.written);
    // Refused, the same content keeps its id, whether it is confirmed or not.
    desk.end(Err(Failure::Refused(Refusal::UnknownPartner(parsed("ACME")))));
    assert!(desk.draw(80, 24).contains("✗ "));
    desk.keys("<f12><enter>");
    assert!(matches!(desk.written[1].1, Write::NewOrder { confirm: false, .. }), "{:?}", desk.written);
    assert_eq!(desk.written[0].0, desk.written[1].0);
    let mut desk = filled(Group::Clerk);
    desk.keys("<f12><f12>");
    assert!(matches!(desk.written[0].1, Write::NewOrder { confirm: false, .. }), "{:?}", desk.written);
}

#[test]
fn scans_are_counted_in_their_order_and_lines_changed_and_removed() {
    let mut desk = filled(Group::Clerk);
    // The same product again counts for its line; a number in front counts as often.
    desk.keys("12*71053<enter>");
    desk.answer_first(Answer::Scan(Box::new(Scanned::Nothing)));
    found(&mut desk, "71053");
    assert_eq!(desk.app.screen::<OrderForm>(Command::NewOrder).lines.rows()[0].quantity, parsed("13"));
    desk.keys("nonsense<enter>");
    desk.answer_first(Answer::Scan(Box::new(Scanned::Nothing)));
    assert!(desk.notices()[0].text.contains("nonsense is not a product"), "{:?}", desk.notices());
    desk.keys("<down>*");
    insta::assert_snapshot!("line_80x24", desk.draw(80, 24));
    desk.keys("2*6<tab>1.85<tab>150<enter>");
    assert!(desk.draw(80, 24).contains("between 0 and 100"));
    desk.keys("5<enter>");
    let rows = desk.app.screen::<OrderForm>(Command::NewOrder).lines.rows().to_vec();
    assert_eq!((rows[1].quantity, rows[1].unit_price), (parsed("12"), some("1.85")));
    assert_eq!(rows[1].over_percent, Decimal::from(5));
    desk.keys("<del>");
    assert_eq!(desk.app.screen::<OrderForm>(Command::NewOrder).lines.rows().len(), 1);
}

#[test]
fn names_are_offered_and_rows_are_pasted() {
    let mut desk = form(Group::Clerk);
    desk.keys("<tab>ac");
    assert!(matches!(desk.question(), Question::Suggest(_)), "{:?}", desk.question());
    let offered = Suggestion { code: "ACME".to_owned(), note: "Acme Ltd".to_owned() };
    desk.answer_on(QueryKey::Suggest, Answer::Suggest(vec![offered]));
    desk.keys("<down><enter>");
    let form = desk.app.screen::<OrderForm>(Command::NewOrder);
    assert_eq!((form.head.text(Position::Partner), form.head.form.focus()), ("ACME", 2));
    desk.keys("<tab><tab><tab><tab><tab>");
    desk.asked.clear();
    desk.paste("71053\t12\n84406B\t6\n");
    let scans = desk.asked.iter().filter(|(_, question)| matches!(question, Question::Scan(_))).count();
    assert_eq!(scans, 4, "each row may be a code as a whole, or a number of a code");
    desk.keys("lan");
    desk.wait(1);
    assert!(matches!(desk.question(), Question::Suggest(query::Suggest { .. })));
}

#[test]
fn a_missing_value_is_reported_at_its_field() {
    let mut desk = form(Group::Clerk);
    desk.keys("<f12>");
    assert!(desk.draw(80, 24).contains("has no lines yet"));
    desk.keys("71053<enter>");
    assert!(matches!(desk.question(), Question::Scan(_)));
    desk.keys("<enter>");
    assert!(desk.draw(80, 24).contains("still being looked up"));
    found(&mut desk, "71053");
    desk.keys("<enter>");
    assert!(desk.draw(80, 24).contains("a sales order needs a customer"));
    assert!(desk.written.is_empty());
    assert_eq!(desk.app.screen::<OrderForm>(Command::NewOrder).lines.rows().len(), 1);
}

#[test]
fn a_draft_is_changed_by_the_form() {
    let mut desk = Desk::new(Group::Clerk, Language::English);
    let mut draft = order();
    (draft.row.state, draft.events) = (OrderState::Draft, Vec::new());
    desk.keys("<alt-c>so-17<enter>");
    desk.answer(Answer::OrderInFull(Box::new(draft)));
    desk.keys("<f12>");
    assert!(desk.draw(80, 24).contains("1 Change the draft"));
    desk.keys("1");
    insta::assert_snapshot!("draft_80x24", desk.draw(80, 24));
    // Its first line is removed, and another one added.
    desk.keys("<tab><tab><tab><tab><tab><tab><del>");
    desk.asked.clear();
    desk.keys("22752<enter>");
    found(&mut desk, "22752");
    desk.keys("<f12>");
    insta::assert_snapshot!("draft_review_80x24", desk.draw(80, 24));
    desk.keys("<enter>");
    let [(_, Write::EditOrder { number, shown, order: wanted })] = desk.written.as_slice() else {
        panic!("{:?}", desk.written)
    };
    let skus = |order: &NewOrder| order.lines.iter().map(|line| line.sku.to_string()).collect::<Vec<_>>();
    assert_eq!((number.as_str(), skus(wanted)), ("SO-000017", vec!["84406B".into(), "22752".into()]));
    assert_eq!((**shown).clone(), order().entered());
    assert_eq!(wanted.id, order().row.order_id);
    desk.end(Err(Failure::Refused(Refusal::DraftChanged(parsed("SO-000017")))));
    assert!(desk.draw(80, 24).contains("by another session"));
    desk.keys("<f12><enter>");
    desk.end(Ok(Written::OrderSaved { number: parsed("SO-000017") }));
    assert!(desk.notices()[0].text.contains("SO-000017: draft changed"), "{:?}", desk.notices());
}

#[test]
fn what_is_entered_is_kept_and_taken_up_again() {
    let mut desk = filled(Group::Clerk);
    let draft = desk.drafts[&Command::NewOrder].clone().unwrap();
    assert_eq!(draft.lines, 2);
    let mut other = Desk::clerk();
    other.find_draft(Command::NewOrder, draft.clone());
    other.keys("<enter>");
    let drawn = other.draw(80, 24);
    assert!(
        drawn.contains("acme") && drawn.contains("84406B") && drawn.contains("by the side gate"),
        "{drawn}"
    );
    // It was on its way when the terminal ended: the same content goes under the same id.
    desk.keys("<f12><enter>");
    let sent = desk.drafts[&Command::NewOrder].clone().unwrap();
    let mut other = Desk::clerk();
    other.find_draft(Command::NewOrder, sent);
    other.keys("<enter><f12><enter>");
    assert_eq!(other.written[0].0, desk.written[0].0);
    desk.end(Ok(Written::OrderSaved { number: parsed("SO-000018") }));
    assert_eq!(desk.drafts[&Command::NewOrder], None, "what is saved is no longer kept");
}

#[test]
fn an_unknown_outcome_is_waited_for_and_a_form_discarded_only_on_purpose() {
    let mut desk = filled(Group::Clerk);
    desk.keys("<f12><enter>");
    let id = desk.written[0].0;
    desk.end(Err(Failure::OutcomeUnknown { posting: id, message: "connection closed".to_owned() }));
    assert!(desk.draw(80, 24).contains("the outcome is being checked"));
    desk.keys("<enter><ctrl-x>");
    assert_eq!(desk.written.len(), 1);
    desk.resolve(PostingOutcome::Posted);
    assert!(desk.app.screen::<OrderForm>(Command::NewOrder).lines.is_empty());
    let mut desk = filled(Group::Clerk);
    desk.keys("<ctrl-x>");
    assert_eq!(desk.app.screen::<OrderForm>(Command::NewOrder).lines.rows().len(), 2);
    desk.keys("<ctrl-x>");
    assert!(desk.app.screen::<OrderForm>(Command::NewOrder).lines.is_empty());
}

#[test]
fn a_transfer_has_a_destination_and_no_partner_and_the_form_speaks_french() {
    let mut desk = Desk::new(Group::Clerk, Language::French);
    desk.keys("<alt-b><right>");
    insta::assert_snapshot!("transfer_french", desk.draw(80, 24));
    desk.keys("<tab>acme<tab><tab><tab><tab>shop<tab><tab>");
    desk.asked.clear();
    desk.keys("71053<enter>");
    found(&mut desk, "71053");
    insta::assert_snapshot!("filled_french", desk.draw(60, 20));
    desk.keys("<f12>");
    insta::assert_snapshot!("review_french", desk.draw(80, 24));
    desk.keys("<enter>");
    let [(_, Write::NewOrder { order, .. })] = desk.written.as_slice() else { panic!("{:?}", desk.written) };
    assert_eq!((order.kind, order.to.clone()), (OrderKind::Transfer, some("SHOP")));
    assert_eq!(order.partner, None, "what the kind does not have is left out");
}
