//! The ledger: every movement, newest first, of which only the part in view is fetched; filtered by a typed or scanned
//! text, and by a dialog.

pub(in crate::tui::screens) mod draw;
pub mod filter;
pub mod posting;
#[cfg(test)]
pub(in crate::tui::screens) mod tests;

use jiff::tz::TimeZone;

use self::filter::{FORM, Filter, Part, question};
use self::posting::PostingView;
use crate::domain::{Anchor, LedgerFilter, LedgerRow, MovementId, Page, Reference, Scanned, Sku};
use crate::tui::command::{Command, Scope};
use crate::tui::key::Key;
use crate::tui::keymap::Typing;
use crate::tui::screens::export::ExportDialog;
use crate::tui::screens::reverse::ReverseDialog;
use crate::tui::view::{Action, Binding, Bindings, Bound, Canvas, Context, Hit, Picked, View};
use crate::tui::widgets::Field;
use crate::tui::widgets::filter_dialog::FilterDialog;
use crate::tui::widgets::paged_list::{NewRows, PageSource, PagedList};
use crate::worker::message::{ExportWhat, Failure};
use crate::worker::query::{self, Answer, Query as _, Question, Ticket};

/// The source of the ledger's rows, with their filter.
#[derive(Debug, Default)]
struct Movements {
    filter: Filter,
}

impl PageSource for Movements {
    type Row = LedgerRow;
    type Id<'a> = MovementId;
    type Key = MovementId;

    const PAGE_ROWS: u16 = 200;
    const NEW_ROWS: NewRows = NewRows::ComeIntoView;

    fn id(row: &LedgerRow) -> MovementId {
        row.id
    }

    fn key(&self, row: &LedgerRow) -> Option<MovementId> {
        Some(row.id)
    }

    fn page(answer: &Answer) -> Option<&Page<LedgerRow>> {
        query::Ledger::answer(answer)
    }

    fn question(&self, anchor: Anchor<MovementId>, limit: u16, zone: &TimeZone) -> Question {
        let filter = LedgerFilter { anchor, limit: Some(limit.into()), ..question(&self.filter, zone) };
        query::Ledger { filter: Box::new(filter) }.into()
    }
}

/// The ledger screen: a list of movements with a quick field and a filter.
#[derive(Debug, Default)]
pub struct LedgerScreen {
    /// The field for an item, location, reference or id, applied with Enter.
    quick: Field,
    list: PagedList<Movements>,
    /// The quick text that is being looked up.
    looking_up: Option<(Ticket, String)>,
    /// The filter with which another screen opened the ledger; going back from it leads there.
    led_by: Option<Filter>,
}

impl LedgerScreen {
    /// Shows the movements of one product.
    fn show_product(&mut self, sku: Sku, context: &mut Context<'_>) {
        self.quick.take();
        let mut filter = Filter::default();
        filter.set(Part::Item(sku));
        self.led_by = Some(filter.clone());
        self.list_those(filter, context);
    }

    fn filter(&self) -> &Filter {
        &self.list.source().filter
    }

    /// Lists the movements that match a filter.
    fn list_those(&mut self, filter: Filter, context: &mut Context<'_>) {
        self.list.relist(|movements| movements.filter = filter, context);
    }

    /// Sets a condition of the filter.
    fn narrow(&mut self, part: Part, context: &mut Context<'_>) {
        self.list.relist(|movements| movements.filter.set(part), context);
    }

    /// Lists the movements of the selected product only.
    fn show_movements(&mut self, context: &mut Context<'_>) {
        if let Some(sku) = self.list.selected().and_then(|row| row.sku.parse().ok()) {
            self.narrow(Part::Item(sku), context);
        }
    }

    fn export(&self, context: &mut Context<'_>) {
        let question = self.list.question(context.zone);
        ExportDialog::open("ledger", ExportWhat::Pages(Box::new(question)), context);
    }

    fn open(&mut self, context: &mut Context<'_>) {
        let text = self.quick.text().trim().to_owned();
        if !text.is_empty() {
            self.look_up(text, context);
        } else if self.looking_up.is_some() {
            // A second Enter after a scan must not open a movement that is about to leave the list.
        } else if let Some(row) = self.list.selected() {
            context.request(Action::Open(Box::new(PostingView::of_row(row))));
        } else {
            context.ring();
        }
    }

    /// Looks up what was typed or scanned. The field is ready for the next scan at once.
    fn look_up(&mut self, text: String, context: &mut Context<'_>) {
        self.quick.take();
        if let Ok(id) = text.parse::<MovementId>() {
            context.request(Action::Open(Box::new(PostingView::new(id))));
            return;
        }
        let ticket = context.ask(query::Scan { text: text.clone() });
        self.looking_up = Some((ticket, text));
    }

    fn looked_up(&mut self, scanned: &Scanned, text: &str, context: &mut Context<'_>) {
        let part = match scanned {
            Scanned::Product { row, .. } => Some(Part::Item(row.sku.clone())),
            Scanned::Location { code, .. } => Some(Part::Place(code.clone())),
            // A lot or serial number that only one product has stands for that product.
            Scanned::Lots(lots) if lots.len() == 1 => lots.first().map(|lot| Part::Item(lot.row.sku.clone())),
            Scanned::Lots(_) | Scanned::Nothing => {
                // A text that is not a code may be a reference.
                text.parse::<Reference>().ok().map(|reference| Part::Reference(reference.to_string()))
            }
        };
        if let Some(part) = part {
            self.narrow(part, context);
        }
    }

    /// Goes back one step: clears the typed text, then removes the conditions, the latest first; and with the filter
    /// that another screen set, returns to that screen.
    fn back(&mut self, context: &mut Context<'_>) {
        if !self.quick.is_empty() {
            self.quick.take();
        } else if self.looking_up.take().is_some() {
        } else if self.led_by.as_ref() == Some(self.filter()) {
            self.led_by = None;
            context.request(Action::Back);
        } else if !self.filter().is_empty() {
            self.list.relist(|movements| _ = movements.filter.pop(), context);
        } else {
            context.dismiss_messages();
        }
    }
}

impl Bound for LedgerScreen {
    const TABLES: &'static [Bindings<Self>] = &[&[
        Binding::One(Command::Open, |view, context| view.open(context)),
        Binding::One(Command::Filter, |view, context| {
            context.request(Action::Open(Box::new(FilterDialog::new(&FORM, view.filter()))));
        }),
        Binding::One(Command::Reverse, |view, context| ReverseDialog::offer(view.list.selected(), context)),
        Binding::One(Command::LedgerOfThis, |view, context| view.show_movements(context)),
        Binding::One(Command::AuditOfThis, |view, context| {
            posting::show_records(view.list.selected(), context)
        }),
        Binding::One(Command::Export, |view, context| view.export(context)),
        Binding::One(Command::Copy, |view, context| {
            context.copy(view.list.selected().map(|row| row.id.to_string()));
        }),
        Binding::One(Command::Refresh, |view, context| view.list.changed(context)),
        Binding::One(Command::Close, |view, context| view.back(context)),
        Binding::Several(Command::LIST, |view, command, context| {
            view.list.command(command, context);
        }),
    ]];
}

impl View for LedgerScreen {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Ledger, Scope::List]
    }

    fn typing(&self) -> Typing {
        if self.quick.is_empty() { Typing::Empty } else { Typing::Text }
    }

    fn hints(&self) -> &'static [Command] {
        &[
            Command::Open,
            Command::Filter,
            Command::Reverse,
            Command::LedgerOfThis,
            Command::AuditOfThis,
            Command::Close,
            Command::Palette,
        ]
    }

    fn shown(&mut self, context: &mut Context<'_>) {
        self.list.shown(context);
    }

    fn key(&mut self, key: Key, _context: &mut Context<'_>) {
        self.quick.key(key);
    }

    fn picked(&mut self, picked: Picked, context: &mut Context<'_>) {
        match picked.downcast::<Sku>() {
            Ok(sku) => self.show_product(sku, context),
            Err(picked) => {
                if let Ok(filter) = picked.downcast::<Filter>()
                    && *self.filter() != filter
                {
                    self.list_those(filter, context);
                }
            }
        }
    }

    fn clicked(&mut self, hit: Hit, context: &mut Context<'_>) {
        match hit {
            Hit::Row(position) => {
                if self.list.click(position, context) && self.quick.is_empty() {
                    self.open(context);
                }
            }
            Hit::Field(position) => {
                self.list.relist(|movements| movements.filter.remove(position), context);
            }
            Hit::Command(_) => {}
        }
    }

    fn answered(
        &mut self,
        ticket: Ticket,
        answer: &Result<Answer, Failure>,
        context: &mut Context<'_>,
    ) -> bool {
        if let Some((_, text)) = self.looking_up.take_if(|(asked, _)| *asked == ticket) {
            match answer {
                Ok(Answer::Scan(scanned)) => self.looked_up(scanned, &text, context),
                Ok(_) => {}
                Err(failure) => {
                    context.fail(failure);
                    context.ring();
                }
            }
            return true;
        }
        self.list.answered(ticket, answer, context)
    }

    fn changed(&mut self, context: &mut Context<'_>) {
        self.list.changed(context);
    }

    fn draw(&mut self, area: ratatui::layout::Rect, canvas: &mut Canvas<'_, '_>) {
        self.draw_screen(area, canvas);
    }
}
