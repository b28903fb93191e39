//! One product in full: its stock by location and lot, its quantity over the last weeks, its latest movements.

use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Sparkline, Wrap};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use crate::domain::{BlockedBy, Item, LedgerRow, Level, ListedTable, Sku, StockRow, Tracking};
use crate::tui::command::{Command, Scope};
use crate::tui::screens::export::ExportDialog;
use crate::tui::text::stock::StockText;
use crate::tui::text::{Words, ledger};
use crate::tui::view::{Action, Binding, Bindings, Bound, Canvas, Context, Picked, View};
use crate::tui::widgets::panel::cover;
use crate::tui::widgets::{Fetched, lines_wrapped};
use crate::worker::message::{ExportWhat, Failure};
use crate::worker::query::{self, Answer, Ticket};

/// The height of the chart of the quantity, in lines.
const CHART_LINES: u16 = 3;
/// The most locations that are listed before the chart and the movements get their space.
const PLACES_SHARE: u16 = 3;

/// The width from which on the movements are beside the locations.
const TWO_COLUMNS_MIN: u16 = 100;

/// One product in full, as a layer over the stock.
#[derive(Debug)]
pub struct ItemView {
    sku: Sku,
    item: Fetched<Option<Box<Item>>>,
}

impl ItemView {
    /// The view of a product.
    #[must_use]
    pub fn new(sku: Sku) -> Self {
        Self { sku, item: Fetched::default() }
    }

    fn ask(&mut self, context: &mut Context<'_>) {
        self.item.ask(query::Item { sku: self.sku.clone() }, context);
    }

    fn show_movements(&self, context: &mut Context<'_>) {
        context.request(Action::Show(Command::ShowLedger, Picked::new(self.sku.clone())));
    }

    /// Exports the levels of the product.
    fn export(&self, context: &mut Context<'_>) {
        let levels = self.item.value.iter().flat_map(|item| &item.levels);
        ExportDialog::open(self.sku.as_str(), ExportWhat::Table(ListedTable::of(levels)), context);
    }

    /// Opens a form with the product in it.
    fn fill_form(&self, form: Command, context: &mut Context<'_>) {
        if let Some(item) = &self.item.value {
            context.request(Action::Show(form, Picked::new(row_of(item))));
        }
    }
}

/// The product as a row of the stock.
fn row_of(item: &Item) -> StockRow {
    let product = &item.row.product;
    StockRow {
        sku: product.sku.clone(),
        name: product.name.clone(),
        unit: product.unit.clone(),
        decimals: product.decimals,
        category: product.category.clone(),
        tracking: product.tracking,
        reorder_point: product.reorder_point,
        on_hand: item.row.on_hand,
        available: item.row.available,
        places: i64::try_from(item.levels.len()).unwrap_or(i64::MAX),
        expires_on: item.levels.iter().filter_map(|level| level.expires_on).min(),
    }
}

impl Bound for ItemView {
    const TABLES: &'static [Bindings<Self>] = &[&[
        Binding::One(Command::ReceiveThis, |view, context| view.fill_form(Command::Receive, context)),
        Binding::One(Command::IssueThis, |view, context| view.fill_form(Command::Issue, context)),
        Binding::One(Command::TransferThis, |view, context| view.fill_form(Command::Transfer, context)),
        Binding::One(Command::LedgerOfThis, |view, context| view.show_movements(context)),
        Binding::One(Command::Export, |view, context| view.export(context)),
        Binding::One(Command::Copy, |view, context| context.copy(Some(view.sku.to_string()))),
        Binding::One(Command::Open, |view, context| view.show_movements(context)),
        Binding::One(Command::Close, |_, context| context.request(Action::Close)),
    ]];
}

impl View for ItemView {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Item, Scope::Dialog]
    }

    fn hints(&self) -> &'static [Command] {
        &[
            Command::Close,
            Command::ReceiveThis,
            Command::IssueThis,
            Command::TransferThis,
            Command::LedgerOfThis,
        ]
    }

    fn shown(&mut self, context: &mut Context<'_>) {
        self.ask(context);
    }

    fn changed(&mut self, context: &mut Context<'_>) {
        self.ask(context);
    }

    fn answered(
        &mut self,
        ticket: Ticket,
        answer: &Result<Answer, Failure>,
        context: &mut Context<'_>,
    ) -> bool {
        let received = self.item.answered::<query::Item>(ticket, answer, context.now, |shown, item| {
            *shown = Some(item.clone());
        });
        received.is_own()
    }

    fn draw(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let inside = cover(canvas, area, self.sku.as_str());
        match &self.item.value {
            Some(item) => draw_item(item, inside, canvas),
            None => self.item.draw_missing(inside, canvas),
        }
    }
}

/// Draws a product: in two columns if there is room.
pub fn draw_item(item: &Item, area: Rect, canvas: &mut Canvas<'_, '_>) {
    let head = head(item, canvas);
    let places = places(&item.levels, canvas);
    let head_width = if area.width >= TWO_COLUMNS_MIN { area.width * 45 / 100 } else { area.width };
    let head_height = u16::try_from(lines_wrapped(&head, head_width)).unwrap_or(u16::MAX);
    let history = history(&item.history, canvas);
    if area.width >= TWO_COLUMNS_MIN {
        let [left, right] =
            Layout::horizontal([Constraint::Percentage(45), Constraint::Min(1)]).spacing(2).areas(area);
        let [top, middle] =
            Layout::vertical([Constraint::Length(head_height), Constraint::Min(1)]).areas(left);
        let [chart, bottom] =
            Layout::vertical([Constraint::Length(2 * CHART_LINES + 2), Constraint::Min(1)]).areas(right);
        canvas.frame.render_widget(Paragraph::new(head).wrap(Wrap { trim: true }), top);
        draw_list(canvas, middle, StockText::Where, places);
        draw_chart(item, Rect { height: chart.height - 1, ..chart }, canvas);
        draw_list(canvas, bottom, StockText::History, history);
        return;
    }
    let places_height = u16::try_from(places.len()).unwrap_or(u16::MAX).saturating_add(1);
    let places_height = places_height.min((area.height / PLACES_SHARE).max(4));
    let [top, middle, chart, bottom] = Layout::vertical([
        Constraint::Length(head_height),
        Constraint::Length(places_height),
        Constraint::Length(CHART_LINES + 1),
        Constraint::Min(1),
    ])
    .areas(area);
    canvas.frame.render_widget(Paragraph::new(head).wrap(Wrap { trim: true }), top);
    draw_list(canvas, middle, StockText::Where, places);
    draw_chart(item, chart, canvas);
    draw_list(canvas, bottom, StockText::History, history);
}

fn draw_list(canvas: &mut Canvas<'_, '_>, area: Rect, title: StockText, lines: Vec<Line<'static>>) {
    let Some(row) = area.rows().next() else { return };
    canvas.frame.render_widget(Line::from(Span::styled(canvas.words.say(title), canvas.theme.title)), row);
    let rest = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    let hidden = lines.len().saturating_sub(usize::from(rest.height));
    canvas.frame.render_widget(Paragraph::new(lines), rest);
    if hidden > 0 {
        let more = Line::from(Span::styled(format!(" +{hidden} "), canvas.theme.dim)).right_aligned();
        canvas.frame.render_widget(more, row);
    }
}

fn head(item: &Item, canvas: &Canvas<'_, '_>) -> Vec<Line<'static>> {
    let (words, theme, product) = (canvas.words, canvas.theme, &item.row.product);
    let on_hand = item.row.on_hand;
    let number = |value: Decimal| words.language.number(value);
    let available = item.row.available;
    let have = format!("{} {}", number(on_hand), product.unit);
    let (mut state, style) = match product.reorder_point {
        Some(point) => {
            let low = available <= point;
            let phrase = if low { StockText::LowState } else { StockText::FineState };
            let text = words.fill(phrase, &[("have", &have), ("point", &number(point))]);
            (text, if low { theme.warning } else { theme.good })
        }
        None => (words.fill(StockText::NoPoint, &[("have", &have)]), theme.text),
    };
    if available != on_hand {
        let available = words.fill(StockText::AvailableOf, &[("n", &number(available))]);
        state = format!("{state} · {available}");
    }
    let mut lines = vec![
        Line::from(Span::styled(product.name.to_string(), theme.title)),
        Line::from(Span::styled(state, style)),
    ];
    let mut facts = vec![product.sku.to_string()];
    if let Some(category) = &product.category {
        facts.push(category.to_string());
    }
    let tracking = match product.tracking {
        Tracking::Lot => StockText::TrackingLot,
        Tracking::Serial => StockText::TrackingSerial,
        Tracking::None => StockText::TrackingNone,
    };
    facts.push(format!("{} {}", words.say(StockText::Tracking), words.say(tracking)));
    for (phrase, value) in [(StockText::Cost, product.unit_cost), (StockText::Price, product.unit_price)] {
        if let Some(value) = value {
            facts.push(format!("{} {}", words.say(phrase), words.language.money(value.value())));
        }
    }
    lines.push(Line::from(Span::styled(facts.join(" · "), theme.dim)));
    if !product.barcodes.is_empty() {
        let codes: Vec<String> = product
            .barcodes
            .iter()
            .map(|pack| {
                if pack.pack_quantity.value() == Decimal::ONE {
                    pack.barcode.to_string()
                } else {
                    let places =
                        [("code", pack.barcode.as_str()), ("n", &*number(pack.pack_quantity.value()))];
                    words.fill(StockText::PackOf, &places)
                }
            })
            .collect();
        let text = format!("{} {}", words.say(StockText::Barcodes), codes.join(", "));
        lines.push(Line::from(Span::styled(text, theme.dim)));
    }
    lines.push(Line::default());
    lines
}

fn places(levels: &[Level], canvas: &Canvas<'_, '_>) -> Vec<Line<'static>> {
    let (words, theme) = (canvas.words, canvas.theme);
    if levels.is_empty() {
        return vec![Line::from(Span::styled(words.say(StockText::Nowhere), theme.dim))];
    }
    levels
        .iter()
        .map(|level| {
            let mut spans = vec![
                Span::raw(format!("{:>8}", words.language.number(level.on_hand))),
                Span::raw(format!("  {:<10}", level.location)),
            ];
            if let Some(lot) = &level.lot {
                spans.push(Span::styled(format!(" {} {lot}", words.say(StockText::Lot)), theme.dim));
            }
            if let Some(day) = level.expires_on {
                let shown = words.language.day(day);
                spans.push(if level.blocked_by == Some(BlockedBy::Expired) {
                    let text = words.fill(StockText::Expired, &[("day", &shown)]);
                    Span::styled(format!(" ✗ {text}"), theme.bad)
                } else {
                    Span::styled(format!(" → {shown}"), theme.dim)
                });
            }
            if level.blocked_by == Some(BlockedBy::Quarantine) {
                spans.push(Span::styled(format!(" ✗ {}", words.say(StockText::Quarantine)), theme.warning));
            }
            Line::from(spans)
        })
        .collect()
}

fn draw_chart(item: &Item, area: Rect, canvas: &mut Canvas<'_, '_>) {
    let Some(row) = area.rows().next() else { return };
    let title = Span::styled(canvas.words.say(StockText::Level), canvas.theme.title);
    let (least, most) = item.days.iter().fold((Decimal::MAX, Decimal::ZERO), |(least, most), day| {
        (least.min(day.on_hand), most.max(day.on_hand))
    });
    let mut spans = vec![title];
    if !item.days.is_empty() {
        let range =
            format!("  {} – {}", canvas.words.language.number(least), canvas.words.language.number(most));
        spans.push(Span::styled(range, canvas.theme.dim));
    }
    canvas.frame.render_widget(Line::from(spans), row);
    let rest = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    // A bar is as high as its share of the largest level; thousandths are precise enough for any screen.
    let share = |value: Decimal| -> u64 {
        if most.is_zero() {
            return 0;
        }
        (value * Decimal::ONE_THOUSAND / most).to_u64().unwrap_or(0)
    };
    // If there is no room for every day, the latest ones are shown.
    let hidden = item.days.len().saturating_sub(usize::from(rest.width));
    let bars: Vec<u64> = item.days.iter().skip(hidden).map(|day| share(day.on_hand)).collect();
    let sparkline = Sparkline::default().data(bars).max(1_000).style(canvas.theme.chart);
    canvas.frame.render_widget(sparkline, rest);
}

fn history(rows: &[LedgerRow], canvas: &Canvas<'_, '_>) -> Vec<Line<'static>> {
    if rows.is_empty() {
        return vec![Line::from(Span::styled(canvas.words.say(StockText::NoHistory), canvas.theme.dim))];
    }
    rows.iter().map(|row| movement_line(row, canvas.words, canvas)).collect()
}

/// One movement in a line: when, how much, what and where, by whom.
fn movement_line(row: &LedgerRow, words: Words, canvas: &Canvas<'_, '_>) -> Line<'static> {
    let sign = match (row.from.is_some(), row.to.is_some()) {
        (false, true) => "+",
        (true, false) => "−",
        _ => "→",
    };
    let place = match (&row.from, &row.to) {
        (Some(from), Some(to)) => format!("{from} → {to}"),
        (Some(place), None) | (None, Some(place)) => place.to_string(),
        (None, None) => String::new(),
    };
    Line::from(vec![
        Span::styled(
            format!("{:<12}", words.language.moment_short(row.occurred_at, canvas.now, canvas.zone)),
            canvas.theme.dim,
        ),
        Span::raw(format!(" {sign}{:<9}", words.language.number(row.quantity.value()))),
        Span::raw(format!(" {:<11}", words.say(ledger::kind(row.kind)))),
        Span::raw(format!(" {place} ")),
        Span::styled(canvas.people.shown(&row.posted_by).to_owned(), canvas.theme.dim),
    ])
}
