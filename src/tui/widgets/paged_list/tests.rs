//! A paged list on a table that changes: pages come late, in part, out of date or not at all.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use rand::SeedableRng as _;
use rand::rngs::SmallRng;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use super::*;
use crate::domain::samples::stock_row;
use crate::domain::{PeopleNames, StockRow};
use crate::tui::keymap::{Keymap, Rights};
use crate::tui::locale::Language;
use crate::tui::text::Words;
use crate::tui::view::{Effect, Notices};
use crate::worker::message::Order;
use crate::worker::query;

/// The policies, by the numbers of the sources below.
const POLICIES: [NewRows; 3] = [NewRows::StayAbove, NewRows::ComeIntoView, NewRows::AreFollowed];
/// More queries than this for one refresh would never end.
const QUESTIONS_MAX: usize = 60;

/// The position of a row: rows are ordered by a number, and by their id if that is equal.
type Key = (i64, String);

/// The source of the list under test, with the policy of its number.
#[derive(Debug, Default)]
struct Source<const POLICY: usize> {
    asked: RefCell<Option<(Anchor<Key>, u16)>>,
}

impl<const POLICY: usize> PageSource for Source<POLICY> {
    type Row = StockRow;
    type Id<'a> = &'a str;
    type Key = Key;

    const PAGE_ROWS: u16 = 200;
    const NEW_ROWS: NewRows = POLICIES[POLICY];

    fn id(row: &StockRow) -> &str {
        &row.sku
    }

    fn key(&self, row: &StockRow) -> Option<Key> {
        Some(key_of(row))
    }

    fn page(answer: &Answer) -> Option<&Page<StockRow>> {
        if let Answer::StockPage(page) = answer { Some(page) } else { None }
    }

    fn question(&self, anchor: Anchor<Key>, limit: u16, _zone: &TimeZone) -> Question {
        *self.asked.borrow_mut() = Some((anchor, limit));
        Question::Estimate(query::Estimate {})
    }
}

fn key_of(row: &StockRow) -> Key {
    (row.on_hand.to_i64().unwrap(), row.sku.to_string())
}

/// The rows of a database, each with a version, in their order.
#[derive(Debug, Clone, Default)]
struct Table {
    rows: BTreeMap<Key, i64>,
    made: usize,
    /// The most rows of a page, whatever is asked for.
    page_rows_max: usize,
}

impl Table {
    fn new(rows: i64, page_rows_max: usize) -> Self {
        let mut table = Self { page_rows_max, ..Self::default() };
        (0..rows).for_each(|number| table.insert(number * 10));
        table
    }

    fn insert(&mut self, number: i64) {
        self.made += 1;
        self.rows.insert((number, format!("{:05}", self.made)), 0);
    }

    fn pick(&self, at: usize) -> Option<Key> {
        self.rows.keys().nth(at.checked_rem(self.rows.len())?).cloned()
    }

    fn row((number, id): &Key, version: i64) -> StockRow {
        StockRow { on_hand: Decimal::from(*number), places: version, ..stock_row(id, "goods") }
    }

    fn page(&self, anchor: &Anchor<Key>, limit: u16) -> Page<StockRow> {
        let limit = usize::from(limit).min(self.page_rows_max);
        let all: Vec<&Key> = self.rows.keys().collect();
        let (from, to) = match anchor {
            Anchor::Start => (0, limit),
            Anchor::End => (all.len().saturating_sub(limit), all.len()),
            Anchor::After(key) => {
                let from = all.partition_point(|row| *row <= key);
                (from, from + limit)
            }
            Anchor::Before(key) => {
                let to = all.partition_point(|row| *row < key);
                (to.saturating_sub(limit), to)
            }
            Anchor::From(key) => {
                let from = all.partition_point(|row| *row < key);
                (from, from + limit)
            }
        };
        let to = to.min(all.len());
        Page {
            rows: all[from..to].iter().map(|key| Self::row(key, self.rows[*key])).collect(),
            // Whoever begins in the middle may not know whether there is anything before.
            more_before: from > 0 || matches!(anchor, Anchor::After(_) | Anchor::From(_)),
            more_after: to < all.len() || matches!(anchor, Anchor::Before(_)),
        }
    }
}

/// A question, and the answer as it was when it was asked.
struct Asked {
    ticket: Ticket,
    anchor: Anchor<Key>,
    limit: u16,
    then: Page<StockRow>,
}

/// A list with the table that answers its queries.
struct Reader<const POLICY: usize> {
    list: PagedList<Source<POLICY>>,
    table: Table,
    asked: Vec<Asked>,
    questions: u64,
}

impl<const POLICY: usize> Reader<POLICY> {
    fn new(table: Table) -> Self {
        let mut reader = Self { list: PagedList::default(), table, asked: Vec::new(), questions: 0 };
        reader.act(|list, context| list.shown(context));
        reader.list.list_mut().view(20, true);
        reader
    }

    fn act<R>(&mut self, act: impl FnOnce(&mut PagedList<Source<POLICY>>, &mut Context<'_>) -> R) -> R {
        let (mut effects, mut actions, mut notices) = (Vec::<Effect>::new(), Vec::new(), Notices::default());
        let keymap = Keymap::new(&BTreeMap::new()).unwrap();
        let mut context = Context {
            now: "2026-11-20T09:30:00Z".parse().unwrap(),
            zone: &TimeZone::UTC,
            words: Words::new(Language::English),
            rights: Rights::default(),
            people: &PeopleNames::default(),
            keymap: &keymap,
            effects: &mut effects,
            actions: &mut actions,
            notices: &mut notices,
            questions: &mut self.questions,
            random: &mut SmallRng::seed_from_u64(1),
        };
        let result = act(&mut self.list, &mut context);
        for effect in effects {
            let Effect::Send(Order::Ask(ticket, _)) = effect else { panic!("{effect:?}") };
            let (anchor, limit) = self.list.source().asked.take().expect("one question at a time");
            assert!((1..=PAGE_ROWS_MAX).contains(&limit));
            let then = self.table.page(&anchor, limit);
            self.asked.push(Asked { ticket, anchor, limit, then });
        }
        result
    }

    fn answer(&mut self, ticket: Ticket, answer: Result<Page<StockRow>, Failure>) -> bool {
        self.act(|list, context| list.answered(ticket, &answer.map(Answer::StockPage), context))
    }

    /// Answers the latest query, and drops the others, which it superseded.
    fn answer_latest(&mut self, as_then: bool) {
        let Some(asked) = self.asked.pop() else { return };
        let page = if as_then { asked.then } else { self.table.page(&asked.anchor, asked.limit) };
        self.asked.clear();
        self.answer(asked.ticket, Ok(page));
    }

    /// Reports a change, and answers all queries that follow.
    fn settle(&mut self) {
        self.act(|list, context| list.changed(context));
        for _ in 0..QUESTIONS_MAX {
            if self.asked.is_empty() {
                return;
            }
            self.answer_latest(false);
        }
        panic!("the list asks without end");
    }

    fn selected(&self) -> Option<Key> {
        self.list.selected().map(key_of)
    }

    fn selected_id(&self) -> Option<String> {
        self.list.selected().map(|row| row.sku.to_string())
    }

    /// Checks that no row appears twice, and all are in their order.
    fn check_order(&self) {
        let rows = self.list.rows();
        let ids: BTreeSet<&str> = rows.iter().map(|row| row.sku.as_str()).collect();
        assert_eq!(ids.len(), rows.len(), "a row stands there twice");
        assert!(rows.is_sorted_by_key(key_of), "the rows are out of order");
        assert!(rows.len() <= KEPT_ROWS_MAX + MARGIN_ROWS + usize::from(PAGE_ROWS_MAX));
    }

    /// Checks that the rows are those of the table without a gap, as they are now.
    fn check_settled(&self) {
        let rows = self.list.rows();
        let all: Vec<StockRow> =
            self.table.rows.iter().map(|(key, version)| Table::row(key, *version)).collect();
        let Some(first) = rows.first() else {
            assert!(all.is_empty(), "rows are missing");
            return;
        };
        let from = all.iter().position(|row| row.sku == first.sku).expect("a row that is gone is shown");
        assert_eq!(rows, &all[from..(from + rows.len()).min(all.len())], "rows are missing or out of date");
        assert!(self.list.more_before || from == 0, "rows before are forgotten");
        assert!(self.list.more_after || from + rows.len() == all.len(), "rows behind are forgotten");
        assert_eq!(self.list.wanted(), None, "the cursor is near the end of what is fetched");
    }
}

#[derive(Debug, Clone)]
enum Event {
    Insert(i64),
    Grow(i64),
    Delete(usize, usize),
    Touch(usize),
    Move(usize, i64),
    Step(isize),
    Command(Command),
    Click(usize),
    Changed,
    /// The answer comes, as of the time of the query or as of now.
    Answer(bool),
    /// An answer comes to a superseded query.
    Superseded,
    Fail,
}

fn event(moves: bool) -> impl Strategy<Value = Event> {
    prop_oneof![
        2 => (-50_i64..15_000).prop_map(Event::Insert),
        1 => prop_oneof![1_i64..5, 1_i64..700].prop_map(Event::Grow),
        2 => (any::<usize>(), prop_oneof![1_usize..3, 1_usize..400]).prop_map(|(at, n)| Event::Delete(at, n)),
        3 => (any::<usize>(), -50_i64..15_000)
            .prop_map(move |(at, to)| if moves { Event::Move(at, to) } else { Event::Touch(at) }),
        4 => prop_oneof![-30_isize..30, -300_isize..300].prop_map(Event::Step),
        3 => prop::sample::select(vec![
            Command::First, Command::Last, Command::PageUp, Command::PageDown, Command::Up, Command::Down,
        ]).prop_map(Event::Command),
        1 => (0_usize..900).prop_map(Event::Click),
        4 => Just(Event::Changed),
        8 => any::<bool>().prop_map(Event::Answer),
        1 => Just(Event::Superseded),
        1 => Just(Event::Fail),
    ]
}

impl<const POLICY: usize> Reader<POLICY> {
    fn change(&mut self, event: &Event) {
        let table = &mut self.table;
        match event {
            Event::Insert(number) => table.insert(*number),
            Event::Grow(rows) => {
                let first = table.rows.keys().next().map_or(0, |(number, _)| *number);
                (1..=*rows).for_each(|back| table.insert(first - back));
            }
            Event::Delete(at, rows) => {
                for _ in 0..*rows {
                    if let Some(key) = table.pick(*at) {
                        table.rows.remove(&key);
                    }
                }
            }
            Event::Touch(at) => {
                if let Some(version) = table.pick(*at).and_then(|key| table.rows.get_mut(&key)) {
                    *version += 1;
                }
            }
            Event::Move(at, number) => {
                if let Some(key) = table.pick(*at)
                    && let Some(version) = table.rows.remove(&key)
                {
                    table.rows.insert((*number, key.1), version + 1);
                }
            }
            _ => {}
        }
    }

    fn happen(&mut self, event: &Event) {
        self.change(event);
        match event {
            Event::Step(rows) => self.act(|list, context| {
                list.list_mut().step(*rows);
                list.go_on(context);
            }),
            Event::Command(command) => {
                assert!(self.act(|list, context| list.command(*command, context)));
            }
            Event::Click(position) => {
                self.act(|list, context| list.click(*position, context));
            }
            Event::Changed => self.act(|list, context| list.changed(context)),
            Event::Answer(as_then) => self.answer_latest(*as_then),
            Event::Superseded if self.asked.len() > 1 => {
                let old = self.asked.remove(0);
                let rows = self.list.rows().to_vec();
                assert!(!self.answer(old.ticket, Ok(old.then)));
                assert_eq!(self.list.rows(), rows);
            }
            Event::Fail => {
                if let Some(asked) = self.asked.pop() {
                    self.answer(asked.ticket, Err(Failure::Other("not today".to_owned())));
                    assert!(self.list.failure().is_some());
                }
            }
            _ => {}
        }
        self.list.list_mut().view(20, true);
    }

    /// Whether the next answer moves the cursor, as requested.
    fn moves_cursor(&self) -> bool {
        match self.list.asked {
            Some((_, Request::Start | Request::End)) => true,
            _ => POLICIES[POLICY] == NewRows::AreFollowed && self.list.is_at_start(),
        }
    }
}

fn run<const POLICY: usize>(rows: i64, page_rows_max: usize, events: &[Event]) {
    let mut reader = Reader::<POLICY>::new(Table::new(rows, page_rows_max));
    for event in events {
        let (before, moves) = (reader.selected(), reader.moves_cursor());
        reader.happen(event);
        reader.check_order();
        let is_own = matches!(event, Event::Step(_) | Event::Command(_) | Event::Click(_));
        if let Some(key) = before.filter(|key| reader.table.rows.contains_key(key))
            && !moves
            && !is_own
        {
            assert_eq!(reader.selected(), Some(key), "the cursor left its row after {event:?}");
        }
    }
    // What was requested is answered first, so that it cannot move the cursor any more.
    while !reader.asked.is_empty() {
        reader.answer_latest(true);
    }
    let (before, moves) = (reader.selected(), reader.moves_cursor());
    reader.settle();
    reader.check_order();
    reader.check_settled();
    if let Some(key) = before.filter(|key| !moves && reader.table.rows.contains_key(key)) {
        assert_eq!(reader.selected(), Some(key), "the cursor left its row");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_cursor_stays_on_its_row_whatever_changes(
        policy in 0_usize..3,
        rows in prop_oneof![Just(0_i64), 1_i64..300, 300_i64..1_500],
        page_rows_max in prop::sample::select(vec![40, 150, 500, 10_000]),
        events in prop::collection::vec(event(false), 1..60),
    ) {
        match policy {
            0 => run::<0>(rows, page_rows_max, &events),
            1 => run::<1>(rows, page_rows_max, &events),
            _ => run::<2>(rows, page_rows_max, &events),
        }
    }

    #[test]
    fn rows_that_change_their_place_are_shown_once(
        rows in 1_i64..1_500,
        page_rows_max in prop::sample::select(vec![40, 500]),
        events in prop::collection::vec(event(true), 1..60),
    ) {
        let mut reader = Reader::<0>::new(Table::new(rows, page_rows_max));
        for event in &events {
            reader.happen(event);
            reader.check_order();
        }
        reader.settle();
        reader.check_order();
        reader.check_settled();
    }
}

#[test]
fn a_cursor_that_moves_during_a_refresh_stays_where_it_went() {
    let answer = || Event::Answer(false);
    let before = [answer(), answer(), Event::Click(40), Event::Changed, answer(), answer(), answer()];
    let events = before.into_iter().chain([Event::Step(40), answer()]);
    run::<0>(551, 40, &events.collect::<Vec<_>>());
}

/// A list with its cursor far down, and all rows up to there fetched.
fn far_down(rows: i64, cursor: usize, page_rows_max: usize) -> Reader<0> {
    let mut reader = Reader::<0>::new(Table::new(rows, page_rows_max));
    reader.answer_latest(false);
    while reader.list.cursor() < cursor && reader.selected().is_some_and(|key| key.0 < cursor as i64 * 10) {
        reader.happen(&Event::Step(50));
        while !reader.asked.is_empty() {
            reader.answer_latest(false);
        }
    }
    reader
}

#[test]
fn a_refresh_reaches_the_cursor_wherever_it_is() {
    for page_rows_max in [30, 99, 150, 300, 500, 10_000] {
        for cursor in [0, 99, 250, 350, 499, 500, 501, 700, 1_300] {
            let mut reader = far_down(2_000, cursor, page_rows_max);
            let before = (reader.selected(), reader.list.list_mut().view(20, true).first);
            let line = reader.list.cursor() - before.1;
            reader.settle();
            assert_eq!(reader.selected(), before.0, "cursor {cursor}, pages of {page_rows_max}");
            if page_rows_max >= 300 {
                let first = reader.list.list_mut().view(20, true).first;
                assert_eq!(reader.list.cursor() - first, line, "the view moved");
            }
            reader.check_settled();
        }
    }
}

#[test]
fn a_refresh_asks_for_no_more_than_may_be_answered() {
    let mut reader = far_down(2_000, 700, 500);
    reader.act(|list, context| list.changed(context));
    let asked = reader.asked.last().unwrap();
    assert!(matches!(asked.anchor, Anchor::From(_)));
    assert_eq!(usize::from(asked.limit), MARGIN_ROWS + REFRESH_ROWS);
}

#[test]
fn a_row_that_is_gone_gives_the_cursor_to_its_neighbour_at_once() {
    let mut reader = far_down(2_000, 150, 500);
    let (number, id) = reader.selected().unwrap();
    reader.table.rows.remove(&(number, id));
    reader.act(|list, context| list.changed(context));
    reader.answer_latest(false);
    assert_eq!(reader.selected().unwrap().0, number + 10);
    assert!(reader.asked.is_empty(), "one question was enough");
    // Everything from the cursor on is gone.
    reader.table.rows.retain(|key, _| key.0 < 20);
    reader.settle();
    assert_eq!(reader.selected().unwrap().0, 10);
    reader.table.rows.clear();
    reader.settle();
    assert_eq!(reader.selected_id(), None);
    reader.check_settled();
}

#[test]
fn new_rows_before_the_first_come_as_the_policy_says() {
    fn first_in_view<const POLICY: usize>() -> (i64, i64) {
        let mut reader = Reader::<POLICY>::new(Table::new(100, 500));
        reader.answer_latest(false);
        reader.list.list_mut().view(20, true);
        reader.change(&Event::Grow(3));
        reader.settle();
        let first = reader.list.list_mut().view(20, true).first;
        (key_of(&reader.list.rows()[first]).0, reader.selected().unwrap().0)
    }
    assert_eq!(first_in_view::<0>(), (0, 0), "they stay above");
    assert_eq!(first_in_view::<1>(), (-3, 0), "they come into view");
    assert_eq!(first_in_view::<2>(), (-3, -3), "they are followed");
}

#[test]
fn a_failure_is_not_repeated_until_something_happens() {
    let mut reader = Reader::<0>::new(Table::new(1_000, 500));
    reader.happen(&Event::Fail);
    assert!(reader.asked.is_empty() && reader.list.is_empty());
    reader.act(|list, context| list.ask_due(context));
    assert!(reader.asked.is_empty());
    reader.settle();
    assert!(reader.list.failure().is_none());
    reader.check_settled();
}
