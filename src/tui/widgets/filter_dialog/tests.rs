//! The dialog, driven by keys, with fields of every kind.

use jiff::civil::{Date, date};

use super::*;
use crate::domain::samples::{location_row, stock_row};
use crate::domain::{LocationCode, Sku, Suggested, Suggestion};
use crate::tui::key::Code;
use crate::tui::text::ledger::LedgerText;
use crate::tui::view::Effect;
use crate::tui::view::testing::Fixture;
use crate::worker::message::Order;
use crate::worker::query::Question;

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Item(Sku),
    Person(String),
    Since(Date),
    Until(Date),
    Place(LocationCode),
    Receipts(bool),
    /// A condition that the dialog has no field for.
    Session(u8),
}

static FORM: FilterForm<Part, LedgerText> = FilterForm {
    title: LedgerText::FilterTitle,
    fields: &[
        FilterField { label: LedgerText::Kind, input: FilterInput::Choice(choices) },
        FilterField { label: LedgerText::Item, input: FilterInput::Item(Part::Item) },
        FilterField {
            label: LedgerText::Person,
            input: FilterInput::Suggested(Suggested::Login, Part::Person),
        },
        FilterField { label: LedgerText::From, input: FilterInput::Since(Part::Since) },
        FilterField { label: LedgerText::To, input: FilterInput::Until(Part::Until) },
        FilterField { label: LedgerText::Place, input: FilterInput::Location(Part::Place) },
    ],
    text_of: |part| match part {
        Part::Item(sku) => Some((LedgerText::Item, sku.to_string())),
        Part::Person(login) => Some((LedgerText::Person, login.clone())),
        Part::Since(day) => Some((LedgerText::From, day.to_string())),
        Part::Until(day) => Some((LedgerText::To, day.to_string())),
        Part::Place(code) => Some((LedgerText::Place, code.to_string())),
        Part::Receipts(_) | Part::Session(_) => None,
    },
};

fn choices() -> Vec<(LedgerText, Option<Part>)> {
    vec![
        (LedgerText::AllKinds, None),
        (LedgerText::Receipt, Some(Part::Receipts(true))),
        (LedgerText::Issue, Some(Part::Receipts(false))),
    ]
}

struct Driver {
    fixture: Fixture,
    dialog: FilterDialog<Part, LedgerText>,
}

impl Driver {
    fn new(parts: Vec<Part>) -> Self {
        let filter = Parts::default().replaced(parts);
        Self { fixture: Fixture::new(), dialog: FilterDialog::new(&FORM, &filter) }
    }

    /// Types; `>` is Tab, `|` is Enter.
    fn keys(&mut self, text: &str) -> &mut Self {
        let mut context = self.fixture.context();
        for character in text.chars() {
            match character {
                '>' => self.dialog.next_field(),
                '|' => self.dialog.accept(&mut context),
                '↑' => self.dialog.key(Key::plain(Code::Up), &mut context),
                '↓' => self.dialog.key(Key::plain(Code::Down), &mut context),
                _ => self.dialog.key(Key::char(character), &mut context),
            }
        }
        self
    }

    fn answer(&mut self, answer: Result<Answer, Failure>) {
        let asked = self.fixture.effects.iter().rev().find_map(|effect| match effect {
            Effect::Send(Order::Ask(ticket, _)) => Some(*ticket),
            _ => None,
        });
        assert!(self.dialog.answered(asked.unwrap(), &answer, &mut self.fixture.context()));
    }

    fn looked_up(&self) -> Option<&str> {
        self.fixture.effects.iter().rev().find_map(|effect| match effect {
            Effect::Send(Order::Ask(_, Question::Scan(scan))) => Some(scan.text.as_str()),
            _ => None,
        })
    }

    /// The choice, if the dialog was confirmed.
    fn picked(&mut self) -> Option<Vec<Part>> {
        let actions = std::mem::take(&mut self.fixture.actions);
        let picked = actions.into_iter().find_map(|action| match action {
            Action::Picked(picked) => Some(picked),
            _ => None,
        })?;
        Some(picked.downcast::<Parts<Part>>().unwrap().all().to_vec())
    }
}

fn product(sku: &str) -> Answer {
    let row = stock_row(sku, "Lantern");
    Answer::Scan(Box::new(Scanned::Product { row, pack_quantity: rust_decimal::Decimal::ONE }))
}

#[test]
fn every_field_makes_its_part() {
    let mut driver = Driver::new(Vec::new());
    driver.keys(">ann>7d>today>b-02>i|");
    assert_eq!(
        driver.picked(),
        Some(vec![
            Part::Receipts(false),
            Part::Person("ann".to_owned()),
            Part::Since(date(2026, 11, 13)),
            Part::Until(date(2026, 11, 20)),
            Part::Place("B-02".parse().unwrap()),
        ])
    );
    assert_eq!(driver.looked_up(), None, "there is no item to look up");
}

#[test]
fn what_is_set_comes_up_again_and_the_rest_is_kept() {
    let set = vec![
        Part::Session(7),
        Part::Item("W1".parse().unwrap()),
        Part::Until(date(2026, 11, 1)),
        Part::Receipts(true),
    ];
    let mut driver = Driver::new(set.clone());
    driver.keys("|");
    assert_eq!(driver.picked(), Some(set), "in the order in which it was set");
    assert_eq!(driver.looked_up(), None, "the item is the same");
    // An emptied field removes its condition, and a choice of everything removes its own.
    let mut driver =
        Driver::new(vec![Part::Person("ann".to_owned()), Part::Receipts(true), Part::Session(7)]);
    let mut context = driver.fixture.context();
    driver.dialog.go_to(2);
    driver.dialog.key(Key::plain(Code::Backspace), &mut context);
    driver.dialog.go_to(0);
    driver.dialog.key(Key::plain(Code::Left), &mut context);
    driver.dialog.accept(&mut context);
    assert_eq!(driver.picked(), Some(vec![Part::Session(7)]));
}

#[test]
fn an_item_is_looked_up_and_what_it_is_counts() {
    let mut driver = Driver::new(Vec::new());
    driver.keys("4006381333931|");
    assert_eq!(driver.looked_up(), Some("4006381333931"));
    assert_eq!(driver.picked(), None);
    driver.answer(Ok(product("71053")));
    assert_eq!(driver.picked(), Some(vec![Part::Item("71053".parse().unwrap())]));

    let mut driver = Driver::new(Vec::new());
    driver.keys("nix|");
    driver.answer(Ok(Answer::Scan(Box::new(Scanned::Nothing))));
    assert_eq!(driver.dialog.fault.as_deref(), Some("There is no product nix."));
    driver.keys("B-1|");
    let location = Scanned::Location { code: "B-1".parse().unwrap(), name: None, archived: false };
    driver.answer(Ok(Answer::Scan(Box::new(location))));
    assert_eq!(driver.dialog.fault.as_deref(), Some("B-1 is a location; enter it in the Location field."));
    driver.keys("W1|");
    driver.answer(Err(Failure::Other("no answer".to_owned())));
    assert!(driver.dialog.fault.is_some());
    assert_eq!((driver.dialog.entries.focus(), driver.picked()), (1, None));
}

#[test]
fn what_is_typed_after_confirming_is_not_what_was_looked_up() {
    let mut driver = Driver::new(Vec::new());
    driver.keys("W1|2");
    let asked = driver.fixture.effects.iter().find_map(|effect| match effect {
        Effect::Send(Order::Ask(ticket, Question::Scan(_))) => Some(*ticket),
        _ => None,
    });
    assert!(!driver.dialog.answered(asked.unwrap(), &Ok(product("W1")), &mut driver.fixture.context()));
    assert_eq!(driver.picked(), None);
}

#[test]
fn the_field_at_fault_gets_the_cursor_and_says_why() {
    for (typed, field, fault) in [
        (">>99|", 3, "This is not a date. Write today, 7d, 3112, 31/12/2026 or 2026-12."),
        (">>today>1d|", 4, "The end date is before the start date."),
        (">>>>\u{20ac}\u{20ac}|", 5, "This is not a location code."),
    ] {
        let mut driver = Driver::new(Vec::new());
        driver.keys(typed);
        assert_eq!(driver.dialog.fault.as_deref(), Some(fault));
        assert_eq!((driver.dialog.entries.focus(), driver.picked()), (field, None), "{typed}");
        assert!(driver.fixture.effects.iter().any(|effect| matches!(effect, Effect::Bell)));
    }
}

#[test]
fn locations_are_offered_while_one_is_typed() {
    let offer = || Ok(Answer::Places(vec![location_row("B-01"), location_row("B-02")]));
    let mut driver = Driver::new(Vec::new());
    driver.keys(">>>>b-");
    driver.answer(offer());
    // The first Enter takes the location, the second one confirms the dialog.
    driver.keys("↓↓|");
    assert_eq!(driver.picked(), None);
    driver.keys("|");
    assert_eq!(driver.picked(), Some(vec![Part::Place("B-02".parse().unwrap())]));
    // Tab takes the first one and goes on; Esc first closes the suggestions, then the dialog.
    let mut driver = Driver::new(Vec::new());
    driver.keys(">>>>b-");
    driver.answer(offer());
    driver.keys(">");
    assert_eq!((driver.dialog.text(5), driver.dialog.entries.focus()), (Some("B-01"), 0));
    driver.keys("↑x");
    driver.answer(offer());
    driver.dialog.close(&mut driver.fixture.context());
    assert!(driver.fixture.actions.is_empty());
    driver.dialog.close(&mut driver.fixture.context());
    assert!(matches!(driver.fixture.actions.as_slice(), [Action::Close]));
}

#[test]
fn choices_are_stepped_through_or_taken_by_their_letter() {
    let mut driver = Driver::new(Vec::new());
    let chosen = |driver: &Driver| match driver.dialog.entries.entry(0) {
        Some(Entry::Chosen { at, .. }) => *at,
        other => panic!("the field is one of choices: {other:?}"),
    };
    driver.keys("↑");
    for (key, at) in [(' ', 1), (' ', 2), (' ', 0), ('I', 2), ('r', 1), ('a', 0), ('z', 1)] {
        driver.keys(&key.to_string());
        assert_eq!(chosen(&driver), at, "{key}");
    }
    driver.dialog.clicked(Hit::Field(0), &mut driver.fixture.context());
    assert_eq!(chosen(&driver), 2, "a click on the field with the cursor goes on, too");
}

#[test]
fn products_and_logins_are_offered_by_their_names() {
    let suggestion = |code: &str, note: &str| Suggestion { code: code.to_owned(), note: note.to_owned() };
    let mut driver = Driver::new(Vec::new());
    driver.keys("lant");
    driver.answer(Ok(Answer::Suggest(vec![suggestion("71053", "White metal lantern")])));
    driver.keys("↓|");
    assert_eq!(driver.dialog.text(1), Some("71053"));
    // A part of a login is a valid condition, so Tab does not change it.
    driver.keys(">an");
    driver.answer(Ok(Answer::Suggest(vec![suggestion("ann", ""), suggestion("joanna", "")])));
    driver.keys(">");
    assert_eq!(driver.dialog.text(2), Some("an"));
}
