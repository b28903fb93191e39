//! The stock: the whole catalogue as a table of which only the part in view is fetched, searched by typing or scanning.

mod draw;
pub(in crate::tui::screens) mod past;
#[cfg(test)]
mod tests;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use self::past::{AsOf, Past};
use crate::domain::{
    Anchor, Found, Item, ListedTable, Page, Sku, StockKey, StockOnly, StockOrder, StockRow, StockSelection,
};
use crate::tui::command::{Command, Scope};
use crate::tui::key::Key;
use crate::tui::keymap::Typing;
use crate::tui::screens::choice::Choice;
use crate::tui::screens::export::ExportDialog;
use crate::tui::screens::item::ItemView;
use crate::tui::text::stock::StockText;
use crate::tui::view::{Action, Binding, Bindings, Bound, Canvas, Context, Hit, Picked, View};
use crate::tui::widgets::paged_list::{NewRows, PageSource, PagedList};
use crate::tui::widgets::{Fetched, Field, List, Received};
use crate::worker::message::{ExportWhat, Failure};
use crate::worker::query::{self, Answer, Query as _, QueryKey, Question, Ticket};

/// How many matches a search shows; typing more narrows it.
const FOUND_MAX: u16 = 100;
/// The shortest interval between two refreshes of a list that adds up all levels, if others post continuously.
const COSTLY_PAUSE: SignedDuration = SignedDuration::from_secs(30);
/// How many days ahead the list of expiring goods looks.
const EXPIRING_DAYS: u16 = 30;

/// The choices in the lists that this screen opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Chosen {
    Order(StockOrder),
    Only(Option<StockOnly>),
}

/// The source of the stock table's rows: the filter and the order.
#[derive(Debug, Default)]
struct Catalogue {
    selection: StockSelection,
}

impl PageSource for Catalogue {
    type Row = StockRow;
    type Id<'a> = &'a str;
    type Key = StockKey;

    const PAGE_ROWS: u16 = 200;
    const NEW_ROWS: NewRows = NewRows::StayAbove;

    fn id(row: &StockRow) -> &str {
        &row.sku
    }

    fn key(&self, row: &StockRow) -> Option<StockKey> {
        Some(StockKey::of(row, self.selection.order))
    }

    fn page(answer: &Answer) -> Option<&Page<StockRow>> {
        query::StockPage::answer(answer)
    }

    fn question(&self, anchor: Anchor<StockKey>, limit: u16, _zone: &TimeZone) -> Question {
        query::StockPage { selection: self.selection.clone(), anchor, limit }.into()
    }

    fn refresh_pause(&self) -> SignedDuration {
        let adds_up = matches!(self.selection.order, StockOrder::OnHandLeast | StockOrder::OnHandMost)
            || self.selection.only.is_some();
        if adds_up { COSTLY_PAUSE } else { SignedDuration::ZERO }
    }
}

/// The stock screen: search field, table of products, and the product under the cursor beside it.
#[derive(Debug, Default)]
pub struct StockScreen {
    search: Field,
    list: PagedList<Catalogue>,
    found: Fetched<List<Found>>,
    /// The search text for which `found` was queried.
    found_for: String,
    /// Whether Enter came before the answer, as after a scan; the best match is opened when it comes.
    open_found: bool,
    estimate: Fetched<Option<u64>>,
    preview: Fetched<Option<Box<Item>>>,
    /// The stock as of a past moment, while it is shown instead of the present stock.
    past: Option<Past>,
    /// Whether there was room for the product beside the list when it was last drawn.
    wide: bool,
}

impl StockScreen {
    fn is_searching(&self) -> bool {
        !self.search.text().trim().is_empty()
    }

    fn is_filtered(&self) -> bool {
        let selection = &self.list.source().selection;
        selection.only.is_some() || selection.location.is_some()
    }

    fn selected(&self) -> Option<&StockRow> {
        if let Some(past) = &self.past {
            past.rows.value.selected()
        } else if self.is_searching() {
            self.found.value.selected().map(|found| &found.row)
        } else {
            self.list.selected()
        }
    }

    fn selected_sku(&self) -> Option<Sku> {
        self.selected().map(|row| row.sku.clone())
    }

    fn ask_search(&mut self, context: &mut Context<'_>) {
        if self.past.is_some() {
            return self.ask_past(context);
        }
        let text = self.search.text().trim().to_owned();
        if text.is_empty() {
            self.found = Fetched::default();
            self.found_for.clear();
            self.list.ask_due(context);
            self.ask_preview(context);
            return;
        }
        let selection = self.list.source().selection.clone();
        self.found.ask(query::Search { text, selection, limit: FOUND_MAX }, context);
    }

    /// Queries the product under the cursor to show it beside the list, if there is room.
    fn ask_preview(&mut self, context: &mut Context<'_>) {
        let Some(sku) = self.selected_sku() else {
            self.preview.value = None;
            return;
        };
        if self.wide && self.past.is_none() {
            self.preview.ask(query::Preview { sku }, context);
        }
    }

    /// Whether the window has become wide enough for the product since the list was fetched.
    fn lacks_preview(&self) -> bool {
        let asked = self.preview.is_asked() || self.preview.failure().is_some();
        self.wide
            && self.past.is_none()
            && self.preview.value.is_none()
            && !asked
            && self.selected_sku().is_some()
    }

    /// Moves the cursor of the list or of the matches.
    fn scroll(&mut self, command: Command, context: &mut Context<'_>) {
        let moved = if let Some(past) = &mut self.past {
            past.rows.value.command(command)
        } else if self.is_searching() {
            self.found.value.command(command)
        } else {
            self.list.command(command, context)
        };
        if moved {
            self.ask_preview(context);
        }
    }

    fn open(&mut self, context: &mut Context<'_>) {
        // A scan ends with Enter before its answer can have come.
        if self.past.is_none() && self.is_searching() && self.found_for != self.search.text().trim() {
            self.open_found = true;
            return;
        }
        if let Some(sku) = self.selected_sku() {
            context.request(Action::Open(Box::new(ItemView::new(sku))));
        } else {
            context.ring();
        }
    }

    /// Opens a form with the product in it.
    fn fill_form(&self, form: Command, context: &mut Context<'_>) {
        if let Some(row) = self.selected() {
            context.request(Action::Show(form, Picked::new(row.clone())));
        }
    }

    fn answered_page(&mut self, ticket: Ticket, answer: &Result<Answer, Failure>, context: &mut Context<'_>) {
        let before = self.selected_sku();
        self.list.answered(ticket, answer, context);
        if self.selected_sku() != before {
            self.ask_preview(context);
        }
    }

    fn answered_search(
        &mut self,
        ticket: Ticket,
        answer: &Result<Answer, Failure>,
        context: &mut Context<'_>,
    ) {
        let text = self.search.text().trim();
        let again = self.found_for == text;
        let received = self.found.answered::<query::Search>(ticket, answer, context.now, |found, rows| {
            if again {
                found.replace(rows.clone(), |old, new| old.row.sku == new.row.sku);
            } else {
                *found = List::new(rows.clone());
            }
        });
        if received != Received::Value {
            return;
        }
        self.found_for = text.to_owned();
        if std::mem::take(&mut self.open_found) {
            self.open(context);
        }
        self.ask_preview(context);
    }

    fn choose_filter(&self, context: &mut Context<'_>) {
        let only = |phrase: StockText, only: Option<StockOnly>| {
            (context.words.say(phrase).to_owned(), Chosen::Only(only))
        };
        let options = vec![
            only(StockText::FilterAll, None),
            only(StockText::FilterLow, Some(StockOnly::Low)),
            only(StockText::FilterExpiring, Some(StockOnly::Expiring { within_days: EXPIRING_DAYS })),
            only(StockText::FilterZero, Some(StockOnly::Zero)),
        ];
        let title = context.words.say(StockText::FilterTitle);
        let current = Chosen::Only(self.list.source().selection.only);
        context.request(Action::Open(Box::new(Choice::new(title, options, &current))));
    }

    fn choose_order(&self, context: &mut Context<'_>) {
        let options = [
            (StockText::SortSku, StockOrder::Sku),
            (StockText::SortName, StockOrder::Name),
            (StockText::SortLeast, StockOrder::OnHandLeast),
            (StockText::SortMost, StockOrder::OnHandMost),
            (StockText::SortExpiry, StockOrder::Expiry),
        ]
        .map(|(phrase, order)| (context.words.say(phrase).to_owned(), Chosen::Order(order)));
        let title = context.words.say(StockText::SortTitle);
        let current = Chosen::Order(self.list.source().selection.order);
        context.request(Action::Open(Box::new(Choice::new(title, options.into(), &current))));
    }

    /// Exports the list: the results of the search, or else all pages.
    fn export(&self, context: &mut Context<'_>) {
        let what = if self.is_searching() {
            ExportWhat::Table(ListedTable::of(self.found.value.rows().iter().map(|found| &found.row)))
        } else {
            ExportWhat::Pages(Box::new(self.list.question(context.zone)))
        };
        ExportDialog::open("stock", what, context);
    }

    fn show_movements(&self, context: &mut Context<'_>) {
        if let Some(sku) = self.selected_sku() {
            context.request(Action::Show(Command::ShowLedger, Picked::new(sku)));
        }
    }

    /// The name of the filter of the list, if it has one.
    fn only(&self) -> Option<StockText> {
        self.list.source().selection.only.map(|only| match only {
            StockOnly::Low => StockText::ChipLow,
            StockOnly::Expiring { .. } => StockText::ChipExpiring,
            StockOnly::Zero => StockText::ChipZero,
        })
    }

    /// Removes the filter of the list, or returns from the past to the present.
    fn widen(&mut self, context: &mut Context<'_>) {
        if self.past.is_some() {
            self.leave_past(context);
        } else if self.is_filtered() {
            self.list.relist(|catalogue| catalogue.selection.only = None, context);
            if self.is_searching() {
                self.ask_search(context);
            }
        }
    }

    /// Goes back one step: clears the search, then removes the filter.
    fn back(&mut self, context: &mut Context<'_>) {
        if self.is_searching() {
            self.search.take();
            self.open_found = false;
            self.ask_search(context);
        } else if self.is_filtered() {
            let unfiltered = |catalogue: &mut Catalogue| {
                catalogue.selection.only = None;
                catalogue.selection.location = None;
            };
            self.list.relist(unfiltered, context);
        } else {
            context.dismiss_messages();
        }
    }
}

impl StockScreen {
    /// Keys in the present stock.
    const NOW: Bindings<Self> = &[
        Binding::One(Command::Filter, |view, context| view.choose_filter(context)),
        Binding::One(Command::Sort, |view, context| view.choose_order(context)),
        Binding::One(Command::ReceiveThis, |view, context| view.fill_form(Command::Receive, context)),
        Binding::One(Command::IssueThis, |view, context| view.fill_form(Command::Issue, context)),
        Binding::One(Command::TransferThis, |view, context| view.fill_form(Command::Transfer, context)),
        Binding::One(Command::Export, |view, context| view.export(context)),
        Binding::One(Command::Refresh, |view, context| {
            view.list.expire();
            view.changed(context);
        }),
        Binding::One(Command::Close, |view, context| view.back(context)),
    ];

    /// Keys in past stock, which is read-only.
    const PAST: Bindings<Self> = &[
        Binding::One(Command::Export, |view, context| view.export_past(context)),
        Binding::One(Command::Refresh, |view, context| view.ask_past(context)),
        Binding::One(Command::Close, |view, context| view.leave_past(context)),
    ];

    /// Keys in both.
    const ALWAYS: Bindings<Self> = &[
        Binding::One(Command::Open, |view, context| view.open(context)),
        Binding::One(Command::AsOf, |view, context| view.ask_moment(context)),
        Binding::One(Command::LedgerOfThis, |view, context| view.show_movements(context)),
        Binding::One(Command::Copy, |view, context| {
            context.copy(view.selected_sku().map(|sku| sku.to_string()));
        }),
        Binding::Several(Command::LIST, |view, command, context| view.scroll(command, context)),
    ];
}

impl Bound for StockScreen {
    const TABLES: &'static [Bindings<Self>] = &[Self::NOW, Self::PAST, Self::ALWAYS];

    fn bindings(&self) -> &'static [Bindings<Self>] {
        if self.past.is_some() { &[Self::PAST, Self::ALWAYS] } else { &[Self::NOW, Self::ALWAYS] }
    }
}

impl View for StockScreen {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Stock, Scope::List]
    }

    fn typing(&self) -> Typing {
        if self.search.is_empty() { Typing::Empty } else { Typing::Text }
    }

    fn hints(&self) -> &'static [Command] {
        if self.past.is_some() {
            return &[Command::Close, Command::AsOf, Command::Open, Command::LedgerOfThis, Command::Export];
        }
        &[
            Command::Open,
            Command::Filter,
            Command::Sort,
            Command::Orders,
            Command::ReceiveThis,
            Command::IssueThis,
            Command::TransferThis,
            Command::LedgerOfThis,
            Command::Palette,
        ]
    }

    fn shown(&mut self, context: &mut Context<'_>) {
        if self.list.is_empty() {
            self.list.shown(context);
            self.estimate.ask(query::Estimate {}, context);
        } else {
            self.changed(context);
        }
    }

    fn key(&mut self, key: Key, context: &mut Context<'_>) {
        let before = self.search.text().trim().to_owned();
        if self.search.key(key) && self.search.text().trim() != before {
            self.open_found = false;
            self.ask_search(context);
        }
    }

    fn picked(&mut self, picked: Picked, context: &mut Context<'_>) {
        let picked = match picked.downcast::<AsOf>() {
            Ok(AsOf(moment)) => return self.show_past(moment, context),
            Err(picked) => picked,
        };
        let Ok(chosen) = picked.downcast() else { return };
        let select = |catalogue: &mut Catalogue| match chosen {
            Chosen::Order(order) => catalogue.selection.order = order,
            Chosen::Only(only) => catalogue.selection.only = only,
        };
        self.list.relist(select, context);
        if self.is_searching() {
            self.ask_search(context);
        }
    }

    fn clicked(&mut self, hit: Hit, context: &mut Context<'_>) {
        let position = match hit {
            Hit::Row(position) => position,
            Hit::Field(_) => return self.widen(context),
            Hit::Command(_) => return,
        };
        let again = if let Some(past) = &mut self.past {
            past.rows.value.click(position)
        } else if self.is_searching() {
            self.found.value.click(position)
        } else {
            self.list.click(position, context)
        };
        if again {
            self.open(context);
        } else {
            self.ask_preview(context);
        }
    }

    fn answered(
        &mut self,
        ticket: Ticket,
        answer: &Result<Answer, Failure>,
        context: &mut Context<'_>,
    ) -> bool {
        match ticket.query_key {
            QueryKey::StockPage => self.answered_page(ticket, answer, context),
            QueryKey::Search => self.answered_search(ticket, answer, context),
            QueryKey::PastStock => self.answered_past(ticket, answer, context),
            QueryKey::Estimate => {
                let take = |estimate: &mut Option<u64>, rows: &u64| *estimate = Some(*rows);
                self.estimate.answered::<query::Estimate>(ticket, answer, context.now, take);
            }
            QueryKey::Preview => {
                self.preview.answered::<query::Preview>(ticket, answer, context.now, |shown, item| {
                    *shown = Some(item.clone());
                });
            }
            _ => return false,
        }
        true
    }

    fn changed(&mut self, context: &mut Context<'_>) {
        self.list.invalidate();
        // The past stays as it was.
        if self.past.is_some() {
            return;
        }
        if !self.is_searching() {
            self.list.ask_due(context);
            self.ask_preview(context);
        } else if !self.found.is_asked() {
            self.ask_search(context);
        }
        self.estimate.ask(query::Estimate {}, context);
    }

    fn next_change(&self, now: Timestamp) -> Option<Timestamp> {
        match self.list.due_at() {
            _ if self.lacks_preview() => Some(now),
            _ if self.is_searching() || self.past.is_some() => None,
            due => due,
        }
    }

    fn ticked(&mut self, context: &mut Context<'_>) {
        if self.lacks_preview() {
            self.ask_preview(context);
        }
        if !self.is_searching() && self.past.is_none() {
            self.list.ask_due(context);
        }
    }

    fn draw(&mut self, area: ratatui::layout::Rect, canvas: &mut Canvas<'_, '_>) {
        self.draw_screen(area, canvas);
    }
}
