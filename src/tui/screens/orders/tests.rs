//! The orders, driven by keys and answers as a clerk.

use jiff::civil::date;

use super::rows::share;
use super::*;
use crate::domain::samples::{order, parsed, some};
use crate::domain::{
    Allocation, Group, OrderFilter, OrderKind, OrderState, PartnerKind, PartnerRow, PickedGoods,
    PostingOutcome, RecordKind, Refusal,
};
use crate::tui::app::testing::Desk;
use crate::tui::locale::Language;
use crate::tui::screens::ledger::tests::receipt;
use crate::worker::message::{ExportWhat, OrderStep, Write, Written};
use crate::worker::orders::OrderChange;
use crate::worker::query::{QueryKey, Question};

fn row(number: &str, kind: OrderKind, state: OrderState) -> OrderRow {
    OrderRow { number: parsed(number), kind, state, ..order().row }
}

fn sample() -> Vec<OrderRow> {
    let mut sent = row("TO-000003", OrderKind::Transfer, OrderState::Picking);
    (sent.partner, sent.to, sent.due_on, sent.late) = (None, some("SHOP"), None, false);
    sent.order_id = parsed("01930000-0000-7000-8000-000000000003");
    let mut bought = row("PO-000007", OrderKind::Purchase, OrderState::Confirmed);
    (bought.due_on, bought.late, bought.moved) = (Some(date(2026, 11, 25)), false, Decimal::ZERO);
    bought.order_id = parsed("01930000-0000-7000-8000-000000000002");
    vec![row("SO-000017", OrderKind::Sales, OrderState::PartlyDone), bought, sent]
}

#[test]
fn orders_are_listed_and_opened() {
    let mut desk = Desk::clerk();
    desk.keys("<alt-c>");
    assert!(asked_filter(&desk).unfinished);
    desk.answer(Answer::Orders(sample()));
    insta::assert_snapshot!("list_60x20", desk.draw(60, 20));
    insta::assert_snapshot!("list_80x24", desk.draw(80, 24));
    insta::assert_snapshot!("list_130x38", desk.draw(130, 38));
    desk.keys("<enter>");
    let Question::OrderInFull(query::OrderInFull { number }) = desk.question() else {
        panic!("{:?}", desk.question())
    };
    assert_eq!(number.as_str(), "SO-000017");
    desk.answer(Answer::OrderInFull(Box::new(order())));
    insta::assert_snapshot!("order_60x20", desk.draw(60, 20));
    insta::assert_snapshot!("order_80x24", desk.draw(80, 24));
    insta::assert_snapshot!("order_130x38", desk.draw(130, 38));
    desk.keys("<ctrl-y>");
    assert_eq!(desk.copied, ["SO-000017"]);
    desk.keys("<esc><esc>");
    assert_eq!(desk.layers(), 0);
}

/// What the list asked last.
fn asked_filter(desk: &Desk) -> OrderFilter {
    match desk.question() {
        Question::Orders(query::Orders { filter }) => (**filter).clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_list_is_filtered_by_typing_and_by_the_dialog() {
    let mut desk = Desk::clerk();
    desk.keys("<alt-c>");
    desk.answer(Answer::Orders(sample()));
    // A number opens the order, any other text narrows the list.
    desk.keys("so-17<enter>");
    assert!(
        matches!(desk.question(), Question::OrderInFull(query::OrderInFull { number }) if number.as_str() == "SO-000017")
    );
    desk.keys("<esc>lantern<enter>");
    assert_eq!(asked_filter(&desk).text.as_deref(), Some("lantern"));
    desk.answer(Answer::Orders(sample()));
    desk.keys("<ctrl-f>");
    insta::assert_snapshot!("filter_80x24", desk.draw(80, 24));
    // Late ones, of the kind sales, that are partly done.
    desk.keys("<tab><right><tab><right><right><tab><right><right><right><right><right><right><enter>");
    let filter = asked_filter(&desk);
    assert!(filter.late && filter.unfinished, "{filter:?}");
    assert_eq!((filter.kind, filter.state), (Some(OrderKind::Sales), Some(OrderState::PartlyDone)));
    desk.answer(Answer::Orders(sample()));
    assert!(desk.draw(110, 24).contains("[with lantern ✕] [late ✕] [kind: sales ✕] [state: partly done ✕]"));
    desk.keys("<esc>");
    assert_eq!(asked_filter(&desk).state, None, "Esc takes the latest part away");
    desk.keys("<esc><esc><esc>");
    desk.answer(Answer::Orders(sample()));
    desk.keys("<esc>");
    assert_eq!(desk.layers(), 0);
}

#[test]
fn what_is_done_is_listed_when_it_is_asked_for() {
    let asked = |parts: Vec<Part>| {
        let mut filter = Filter::default();
        parts.into_iter().for_each(|part| filter.set(part));
        question(&filter, 7)
    };
    assert!(asked(Vec::new()).unfinished);
    assert!(!asked(vec![Part::Which(filter::Only::All)]).unfinished);
    assert!(!asked(vec![Part::State(OrderState::Cancelled)]).unfinished);
    assert!(asked(vec![Part::State(OrderState::Picking)]).unfinished);
    assert_eq!(asked(Vec::new()).limit, Some(7));
}

#[test]
fn a_list_that_ends_at_its_limit_says_so() {
    let mut desk = Desk::clerk();
    desk.keys("<alt-c>");
    assert_eq!(asked_filter(&desk).limit, Some(ORDERS_MAX + 1));
    let many = |count: u32| Answer::Orders((0..count).map(|_| sample()[0].clone()).collect());
    desk.answer(many(ORDERS_MAX));
    assert!(!desk.draw(80, 24).contains("Only the first"));
    desk.keys("<ctrl-t>");
    desk.answer(many(ORDERS_MAX + 1));
    assert!(desk.draw(80, 24).contains("Only the first 500 are listed"));
}

/// An admin or clerk at an order in a state.
fn at(group: Group, kind: OrderKind, state: OrderState) -> Desk {
    let mut desk = Desk::new(group, Language::English);
    desk.keys("<alt-c>");
    desk.answer(Answer::Orders(sample()));
    desk.keys("<enter>");
    let mut order = order();
    (order.row.kind, order.row.state) = (kind, state);
    desk.answer(Answer::OrderInFull(Box::new(order)));
    desk
}

#[test]
fn a_step_is_asked_about_seen_and_posted_once() {
    let mut desk = at(Group::Clerk, OrderKind::Sales, OrderState::Confirmed);
    // Keys typed ahead choose the step, and do not confirm it.
    desk.burst("<f12>1<enter>");
    assert!(desk.written.is_empty());
    assert!(desk.draw(80, 24).contains("Reserve available stock? Enter to go ahead"));
    desk.keys("<enter><enter>");
    let [(_, Write::Order { number, step: OrderStep::Reserve, .. })] = desk.written.as_slice() else {
        panic!("{:?}", desk.written)
    };
    assert_eq!(number.as_str(), "SO-000017");
    desk.end(Ok(Written::Order { moved: false, short: 1 }));
    assert!(desk.notices()[0].text.contains("except 1 line for which not enough"), "{:?}", desk.notices());
    assert!(matches!(desk.question(), Question::OrderInFull(_)), "the order is read again");
}

#[test]
fn refusals_are_reported_and_unknown_outcomes_checked() {
    let mut desk = at(Group::Clerk, OrderKind::Sales, OrderState::Reserved);
    ask_to_ship(&mut desk, vec![ready("A-01", "10", false)]);
    desk.keys("<enter>");
    assert!(matches!(desk.written[0].1, Write::Order { step: OrderStep::Ship, .. }), "{:?}", desk.written);
    desk.end(Err(Failure::Refused(Refusal::NothingReserved(parsed("SO-000017")))));
    assert!(desk.draw(80, 24).contains("✗ "));
    ask_to_ship(&mut desk, vec![ready("A-01", "10", false)]);
    desk.keys("<enter>");
    let id = desk.written[1].0;
    assert_eq!(id, desk.written[0].0, "the same act keeps its id");
    let message = "connection closed".to_owned();
    desk.end(Err(Failure::OutcomeUnknown { posting: id, message }));
    assert!(desk.draw(80, 24).contains("the outcome is being checked"));
    desk.keys("<f12>");
    assert_eq!(desk.layers(), 2, "no other step meanwhile");
    desk.resolve(PostingOutcome::Posted);
    assert!(desk.notices()[0].text.contains("SO-000017 shipped"), "{:?}", desk.notices());
}

/// Goods that are reserved for the order.
fn ready(place: &str, quantity: &str, picked: bool) -> Allocation {
    let (row, line) = (order().row, order().lines[0].clone());
    Allocation {
        number: row.number,
        line_no: line.line_no,
        order_line_id: line.order_line_id,
        sku: line.sku,
        name: line.name,
        unit: line.unit,
        location: parsed(place),
        lot: None,
        expires_on: None,
        open: parsed(quantity),
        picked,
        due_on: None,
        confirmed_at: None,
    }
}

/// Chooses the step that ships, and answers what there is to ship.
fn ask_to_ship(desk: &mut Desk, list: Vec<Allocation>) {
    desk.asked.clear();
    desk.keys("<f12>2");
    desk.answer(Answer::PickList(list));
}

#[test]
fn what_is_shipped_is_what_was_shown() {
    let mut desk = at(Group::Clerk, OrderKind::Sales, OrderState::Reserved);
    desk.keys("<f12>2");
    assert!(desk.draw(80, 24).contains("Looking up the goods to ship"));
    desk.keys("<enter>");
    assert!(desk.written.is_empty(), "nothing was shown yet");
    let dock = ready("DOCK-1", "4", true);
    desk.answer_on(QueryKey::PickList, Answer::PickList(vec![ready("A-01", "6", false), dock.clone()]));
    assert!(desk.draw(80, 24).contains("Ship 4 71053 at DOCK-1? Enter to go ahead"), "{}", desk.draw(80, 24));
    // Somebody else picks more: that is shown, and has to be seen.
    desk.keys("<ctrl-t>");
    let more = ready("DOCK-1", "10", true);
    desk.answer_on(QueryKey::PickList, Answer::PickList(vec![more.clone()]));
    desk.burst("<enter>");
    assert!(desk.written.is_empty(), "other goods than those that were seen");
    assert!(desk.draw(80, 24).contains("Ship 10 71053 at DOCK-1?"));
    desk.keys("<enter>");
    let [(_, Write::Order { goods, .. })] = desk.written.as_slice() else { panic!("{:?}", desk.written) };
    assert_eq!(*goods, PickedGoods::to_ship(&[more]).unwrap());
    desk.end(Ok(Written::Order { moved: true, short: 0 }));
    ask_to_ship(&mut desk, Vec::new());
    assert!(desk.draw(80, 24).contains("nothing is reserved for SO-000017"));
}

/// What the list says that F12 opens.
fn offered(group: Group, kind: OrderKind, state: OrderState) -> String {
    let mut desk = at(group, kind, state);
    desk.keys("<f12>");
    if desk.layers() == 3 { desk.draw(100, 30) } else { String::new() }
}

#[test]
fn steps_depend_on_state_kind_and_person() {
    for (group, kind, state, first) in [
        (Group::Admin, OrderKind::Sales, OrderState::Draft, "1 Confirm the order"),
        (Group::Clerk, OrderKind::Transfer, OrderState::PartlyDone, "1 Reserve available stock"),
        (Group::Clerk, OrderKind::Sales, OrderState::Reserved, "1 Pick the reserved goods"),
    ] {
        assert!(offered(group, kind, state).contains(first), "{group:?} {kind:?} {state:?}");
    }
    let admin = offered(Group::Admin, OrderKind::Sales, OrderState::PartlyDone);
    for act in ["Release all reservations", "Add a line", "Close the order"] {
        assert!(admin.contains(act), "{act}: {admin}");
    }
    // Something has been delivered, so it is closed and not cancelled; and it is not over.
    assert!(!admin.contains("Cancel the order") && !admin.contains("Reopen"), "{admin}");
    let clerk = offered(Group::Clerk, OrderKind::Sales, OrderState::PartlyDone);
    assert!(clerk.contains("Release all reservations") && !clerk.contains("Close the order"), "{clerk}");
    assert_eq!(offered(Group::Auditor, OrderKind::Sales, OrderState::Reserved), "");
    let mut desk = at(Group::Clerk, OrderKind::Sales, OrderState::Reserved);
    desk.keys("<f12>1<esc>");
    assert!(!desk.draw(80, 24).contains("Enter does it"), "Esc takes the question back");
    assert!(desk.written.is_empty());
}

#[test]
fn a_line_is_reserved_released_changed_and_closed() {
    // Line 2: 5 ordered, 2 reserved, nothing moved.
    for (choice, typed, expected) in [
        ('1', "<enter>", OrderChange::ReserveLine { line_no: 2, quantity: parsed("3") }),
        (
            '2',
            "1<tab>not needed<enter>",
            OrderChange::ReleaseLine { line_no: 2, quantity: parsed("1"), reason: parsed("not needed") },
        ),
        (
            '3',
            "2*4<tab>customer asked<enter>",
            OrderChange::ChangeLine { line_no: 2, quantity: parsed("8"), reason: parsed("customer asked") },
        ),
        (
            '4',
            "no longer made<enter>",
            OrderChange::CloseLine { line_no: 2, reason: parsed("no longer made") },
        ),
    ] {
        let mut desk = at(Group::Admin, OrderKind::Sales, OrderState::PartlyDone);
        desk.keys("<down><enter>");
        desk.keys(&choice.to_string());
        desk.draw(80, 24);
        desk.keys(typed);
        let [(_, Write::OrderChange { number, change, .. })] = desk.written.as_slice() else {
            panic!("{choice}: {:?}", desk.written)
        };
        assert_eq!((number.as_str(), change), ("SO-000017", &expected));
        desk.end(Ok(Written::Order { moved: false, short: 0 }));
        assert!(matches!(desk.question(), Question::OrderInFull(_)), "the order is read again");
        assert_eq!(desk.layers(), 2, "the dialog is closed");
    }
}

#[test]
fn an_act_needs_its_reason_and_is_posted_once() {
    let mut desk = at(Group::Admin, OrderKind::Sales, OrderState::PartlyDone);
    desk.keys("<f12>");
    // Release all reservations.
    desk.keys("4");
    insta::assert_snapshot!("release_60x20", desk.draw(60, 20));
    desk.keys("<enter>");
    assert!(desk.written.is_empty(), "without a reason nothing is sent");
    desk.keys("stock count<enter>");
    desk.end(Err(Failure::Refused(Refusal::NothingReserved(parsed("SO-000017")))));
    assert!(desk.draw(80, 24).contains("✗ "));
    desk.keys("<enter><enter>");
    assert_eq!(desk.written.len(), 2, "one is under way");
    assert_eq!(desk.written[0].0, desk.written[1].0, "the same act keeps its id");
    desk.end(Ok(Written::Order { moved: false, short: 0 }));
    assert!(desk.notices()[0].text.contains("SO-000017: reservation released"), "{:?}", desk.notices());
}

#[test]
fn a_line_is_added_with_its_price() {
    let mut desk = at(Group::Admin, OrderKind::Purchase, OrderState::PartlyDone);
    desk.keys("<f12>");
    let list = desk.draw(100, 30);
    assert!(list.contains("2 Add a line"), "{list}");
    desk.keys("2");
    insta::assert_snapshot!("add_line_80x24", desk.draw(80, 24));
    desk.keys("84406b<tab>2*6<tab>1.85<tab>5<enter>");
    let [(_, Write::OrderChange { change: OrderChange::AddLine { line, reason: None }, .. })] =
        desk.written.as_slice()
    else {
        panic!("{:?}", desk.written)
    };
    assert_eq!((line.sku.as_str(), line.quantity), ("84406B", parsed("12")));
    assert_eq!((line.unit_price, line.over_percent), (some("1.85"), Decimal::from(5)));
}

#[test]
fn the_pages_of_an_order_show_its_movements_and_decisions() {
    let mut desk = at(Group::Auditor, OrderKind::Sales, OrderState::PartlyDone);
    desk.keys("<tab>");
    let Question::OrderMovements(query::OrderMovements { lines }) = desk.question() else {
        panic!("{:?}", desk.question())
    };
    assert_eq!(lines.len(), 2);
    let rows = vec![receipt(2), receipt(1)];
    let posting = rows[0].posting_id;
    desk.answer(Answer::OrderMovements(rows));
    insta::assert_snapshot!("movements_80x24", desk.draw(80, 24));
    desk.keys("<enter>");
    assert!(matches!(desk.question(), Question::Posting(query::Posting { id }) if *id == posting.line(0)));
    desk.keys("<esc><tab>");
    insta::assert_snapshot!("events_60x20", desk.draw(60, 20));
    // An auditor opens the product of a line at once.
    desk.keys("<tab><enter>");
    assert!(matches!(desk.question(), Question::Item(_)), "{:?}", desk.question());
}

#[test]
fn orders_in_french_and_none() {
    let mut desk = Desk::new(Group::Auditor, Language::French);
    desk.keys("<alt-c>");
    desk.answer(Answer::Orders(sample()));
    insta::assert_snapshot!("list_french", desk.draw(80, 24));
    desk.keys("<enter>");
    desk.answer(Answer::OrderInFull(Box::new(order())));
    insta::assert_snapshot!("order_french", desk.draw(100, 24));
    desk.keys("<esc><ctrl-t>");
    desk.answer(Answer::Orders(Vec::new()));
    assert!(desk.draw(80, 24).contains("Aucune commande en cours."));
    desk.keys("<ctrl-f>");
    insta::assert_snapshot!("filter_french", desk.draw(80, 24));
    desk.keys("<esc><ctrl-t>");
    desk.answer(Answer::Orders(sample()));
    desk.keys("<alt-p>");
    desk.answer(acme());
    insta::assert_snapshot!("partner_french", desk.draw(80, 24));
}

#[test]
fn what_is_listed_is_exported() {
    let mut desk = Desk::clerk();
    desk.keys("<alt-c>");
    desk.answer(Answer::Orders(sample()));
    desk.keys("lantern<enter>");
    desk.answer(Answer::Orders(sample()));
    desk.keys("<alt-w><enter>");
    let export = desk.exports.pop().unwrap();
    assert!(export.path.to_str().unwrap().starts_with("orders-2026-11-20-"), "{export:?}");
    let ExportWhat::Pages(question) = export.what else { panic!("{export:?}") };
    let Question::Orders(query::Orders { filter }) = *question else { panic!("{question:?}") };
    assert_eq!((filter.text.as_deref(), filter.limit), (Some("lantern"), Some(OrderFilter::LIMIT_MAX)));
    desk.keys("<enter>");
    desk.answer(Answer::OrderInFull(Box::new(order())));
    for (name, first) in [("lines", "line"), ("movements", "occurred_at"), ("decisions", "at")] {
        if name == "movements" {
            desk.answer(Answer::OrderMovements(vec![receipt(1)]));
        }
        desk.keys("<alt-w><enter>");
        let export = desk.exports.pop().unwrap();
        assert!(export.path.to_str().unwrap().starts_with(&format!("SO-000017-{name}-")), "{export:?}");
        let ExportWhat::Table(table) = export.what else { panic!("{export:?}") };
        assert_eq!(table.columns[0], first);
        assert!(!table.rows.is_empty());
        desk.keys("<tab>");
    }
}

/// The customer of the sample, as the database knows it.
fn acme() -> Answer {
    let partner = PartnerRow {
        code: parsed("ACME"),
        name: some("Acme Ltd"),
        kind: PartnerKind::Customer,
        min_life_days: Some(60),
    };
    Answer::PartnerInFull(Box::new((Some(partner), vec![sample()[0].clone()])))
}

#[test]
fn the_partner_of_an_order_is_opened() {
    let mut desk = at(Group::Admin, OrderKind::Sales, OrderState::PartlyDone);
    desk.keys("<alt-p>");
    let Question::PartnerInFull(query::PartnerInFull { code, .. }) = desk.question() else {
        panic!("{:?}", desk.question())
    };
    assert_eq!(code.as_str(), "ACME");
    desk.answer(acme());
    insta::assert_snapshot!("partner_60x20", desk.draw(60, 20));
    insta::assert_snapshot!("partner_80x24", desk.draw(80, 24));
    insta::assert_snapshot!("partner_130x38", desk.draw(130, 38));
    desk.keys("<enter>");
    assert!(matches!(desk.question(), Question::OrderInFull(_)), "{:?}", desk.question());
    desk.answer(Answer::OrderInFull(Box::new(order())));
    // The list of what can be done leads there too, and from there an admin to the master data.
    desk.keys("<f12><end><enter>");
    desk.answer(acme());
    desk.keys("<alt-0>");
    assert_eq!(desk.layers(), 0);
    let Question::Records(query::Records { kind, text, .. }) = desk.question() else {
        panic!("{:?}", desk.question())
    };
    assert_eq!((*kind, text.as_str()), (RecordKind::Partner, "ACME"));
    // A transfer order has no partner.
    let mut desk = Desk::clerk();
    desk.keys("<alt-c>");
    desk.answer(Answer::Orders(sample()));
    desk.keys("<end><alt-p>");
    assert_eq!((desk.layers(), desk.bells), (1, 1));
    desk.keys("<home><alt-p>");
    desk.answer(Answer::PartnerInFull(Box::new((None, Vec::new()))));
    assert!(desk.draw(80, 24).contains("no such partner"), "{}", desk.draw(80, 24));
    desk.keys("<alt-l>");
    let question = desk.question();
    assert!(
        matches!(question, Question::Ledger(query::Ledger { filter }) if filter.partner.is_some()),
        "{question:?}"
    );
}

#[test]
fn whoever_decided_is_followed_into_the_ledger() {
    let mut desk = at(Group::Auditor, OrderKind::Sales, OrderState::PartlyDone);
    desk.keys("<tab><tab><enter>");
    let question = desk.question();
    assert!(
        matches!(question, Question::Ledger(query::Ledger { filter }) if filter.posted_by.is_some()),
        "{question:?}"
    );
}

#[test]
fn a_share_is_never_rounded_up_to_all() {
    assert_eq!(share(Decimal::new(9_999, 1), Decimal::from(1_000)), "99 %");
    assert_eq!(share(Decimal::ONE, Decimal::ZERO), "0 %");
    assert_eq!(share(Decimal::from(1_000), Decimal::from(1_000)), "100 %");
}
