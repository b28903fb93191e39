//! Draws the lines of a form, their effect as text, the review and the result.

use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line as TextLine, Span};
use rust_decimal::Decimal;
use unicode_width::UnicodeWidthStr as _;

use super::draw::wrapped;
use super::edit::LineField;
use super::effect::Sums;
use super::line::{Entry, Goods, Line};
use super::place::End;
use super::{Focus, FormScreen};
use crate::domain::{TakenLot, Tracking};
use crate::tui::command::Command;
use crate::tui::text::Words;
use crate::tui::text::form::{FormText, of_kind};
use crate::tui::text::receive_order::ReceiveOrderText;
use crate::tui::theme::Theme;
use crate::tui::view::{Canvas, Hit};
use crate::tui::widgets::panel::panel;
use crate::tui::widgets::table::{Cell, Column, Rows, lines_in, table};

/// The lines below the goods: the fields of the selected one, its effect in two lines, and the total.
const BELOW_LINES: u16 = 4;
/// The width of the column for the quantity before and after, or for what is wrong.
const STATE_WIDTH: u16 = 18;

impl FormScreen {
    pub(super) fn draw_body(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let area = self.draw_expected(area, canvas);
        if self.lines.is_empty() {
            self.draw_outcome(area, canvas);
            return;
        }
        let below = BELOW_LINES.min(area.height.saturating_sub(2));
        let [goods, fields, effect, total] = Layout::vertical([
            Constraint::Min(2),
            Constraint::Length(below.min(1)),
            Constraint::Length(below.saturating_sub(2)),
            Constraint::Length(u16::from(below > 1)),
        ])
        .areas(area);
        self.draw_goods(goods, canvas);
        self.draw_fields(fields, canvas);
        self.draw_effect(effect, canvas);
        self.draw_total(total, canvas);
    }

    fn draw_goods(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let say = |phrase: FormText| canvas.words.say(phrase);
        let columns = [
            Column::figure(say(FormText::Quantity), 8, 0),
            Column::text(say(FormText::Unit), 5, 2),
            Column::text(say(FormText::Sku), 12, 0),
            Column::fill(say(FormText::Name), 14),
            Column::text(say(FormText::Lot), 14, 1),
            Column::text(say(FormText::Expiry), 11, 3),
            Column::figure(say(FormText::Price), 10, 4),
            Column::figure(say(FormText::OnHand), STATE_WIDTH, 0),
        ];
        self.rows = lines_in(area);
        let selected = self.lines.selected_at();
        let lowest = selected.saturating_sub(self.rows.saturating_sub(1));
        self.top = self.top.clamp(lowest, selected.max(lowest));
        let (theme, words) = (canvas.theme, canvas.words);
        let rows = Rows { first: self.top, cursor: Some(selected), focus: canvas.focus };
        let lines = self.lines.all();
        let sums = self.sums();
        table(canvas, area, &columns, rows, |position| {
            lines.get(position).map(|line| self.cells(line, &sums, theme, words))
        });
    }

    fn cells(&self, line: &Line, sums: &Sums, theme: &Theme, words: Words) -> Vec<Cell> {
        let other = |text: String, style| {
            let mut cells = vec![Cell::default(), Cell::default(), Cell::styled(line.text.clone(), style)];
            cells.push(Cell::styled(text, style));
            cells
        };
        let goods = match &line.entry {
            Entry::Looking => return other(words.say(FormText::Looking).to_owned(), theme.dim),
            Entry::Wrong { why, .. } => return other(format!("✗ {why}"), theme.bad),
            Entry::Failed => return other(format!("! {}", words.say(FormText::NotLookedUp)), theme.warning),
            Entry::Goods(goods) => goods,
        };
        let language = words.language;
        let lot = match goods.tracking {
            Tracking::None => String::new(),
            Tracking::Lot => goods.lot.as_ref().map(ToString::to_string).unwrap_or_default(),
            Tracking::Serial => match goods.serials.as_slice() {
                [] => String::new(),
                [one] => one.to_string(),
                [first, .., last] => format!("{first} … {last}"),
            },
        };
        vec![
            Cell::new(language.number(goods.units())),
            Cell::styled(goods.unit.clone(), theme.dim),
            Cell::new(goods.sku.to_string()),
            Cell::new(goods.name.clone()),
            Cell::new(lot),
            Cell::new(goods.expires.map(|day| language.day(day)).unwrap_or_default()),
            Cell::new(goods.unit_price.map(|price| language.money(price.value())).unwrap_or_default()),
            self.state_cell(goods, sums, theme, words),
        ]
    }

    /// The effect of a line on the stock, or what it lacks.
    fn state_cell(&self, goods: &Goods, sums: &Sums, theme: &Theme, words: Words) -> Cell {
        let number = |value: Decimal| words.language.number(value);
        if let Some(phrase) = self.lacks(goods) {
            return Cell::styled(format!("✗ {}", words.say(phrase)), theme.warning);
        }
        if let Some(short) = self.shortage(goods, sums) {
            let places = [("have", &*number(short.have)), ("need", &*number(short.need))];
            let long = format!("✗ {}", words.fill(FormText::Short, &places));
            let text = if long.width() <= usize::from(STATE_WIDTH) {
                long
            } else {
                format!("✗ {} < {}", number(short.have), number(short.need))
            };
            return Cell::styled(text, theme.bad);
        }
        let end = End::of(self.kind).first().copied().unwrap_or(End::To);
        let change = self.change(goods, end, sums);
        Cell::new(
            change
                .map(|(before, after)| format!("{} → {}", number(before), number(after)))
                .unwrap_or_default(),
        )
    }

    fn lacks(&self, goods: &Goods) -> Option<FormText> {
        match goods.tracking {
            Tracking::Lot if self.takes_new_lots() && goods.lot.is_none() => Some(FormText::LotAsked),
            Tracking::Serial if goods.serials.is_empty() => Some(FormText::SerialsAsked),
            _ => None,
        }
    }

    /// Draws the fields of the selected line with their values.
    fn draw_fields(&self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let Some(goods) = self.lines.selected().and_then(Line::goods) else { return };
        let words = canvas.words;
        let first = self.fields().len() - self.line_fields().len();
        let mut x = area.x + 1;
        for (position, field) in self.line_fields().into_iter().enumerate() {
            let (label, value) = field_words(goods, field, words);
            let value = if value.is_empty() { "—".to_owned() } else { value };
            let text = format!("{label} {value}");
            let width = u16::try_from(text.width()).unwrap_or(u16::MAX).min(area.right().saturating_sub(x));
            if width == 0 {
                break;
            }
            let spot = Rect { x, width, ..area };
            let here = self.focus == Focus::Line(field);
            let style = if here { canvas.theme.title } else { canvas.theme.text };
            let line = TextLine::from(vec![
                Span::styled(format!("{label} "), canvas.theme.dim),
                Span::styled(value, style),
            ]);
            canvas.frame.render_widget(line, spot);
            canvas.hit(spot, Hit::Field(first + position));
            x = x.saturating_add(width).saturating_add(3);
        }
    }

    /// Draws the effect of the selected line, as text.
    fn draw_effect(&self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let words = canvas.words;
        let Some(line) = self.lines.selected() else { return };
        let (mut text, style) = match &line.entry {
            Entry::Goods(goods) => (self.sentence(goods, words, &self.sums()), canvas.theme.text),
            Entry::Wrong { why, .. } => (format!("✗ {why}"), canvas.theme.bad),
            Entry::Looking | Entry::Failed => return,
        };
        let chosen = line.goods().is_some_and(|goods| goods.tracking == Tracking::Lot && goods.lot.is_none());
        if chosen && self.kind.rules().lots.first_to_expire() {
            text = format!("{text}. {}", words.say(FormText::FirstToExpire));
            let lots: Vec<String> = (self.lots_there().unwrap_or_default().iter())
                .filter_map(|level| {
                    let lot = level.lot.as_ref()?;
                    let day = level.expires_on.map(|day| format!(" ({})", words.language.day(day)));
                    Some(format!("{lot}{} {}", day.unwrap_or_default(), words.language.number(level.on_hand)))
                })
                .collect();
            if !lots.is_empty() {
                text.push_str(&words.fill(FormText::LotsThere, &[("lots", &lots.join(", "))]));
            }
        }
        for (row, line) in area.rows().zip(wrapped(&text, area.width.saturating_sub(2))) {
            canvas.frame.render_widget(TextLine::from(Span::styled(format!(" {line}"), style)), row);
        }
    }

    fn draw_total(&self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let words = canvas.words;
        let sums = self.sums();
        let attention = |line: &&Line| match &line.entry {
            Entry::Goods(goods) => self.lacks(goods).is_some() || self.shortage(goods, &sums).is_some(),
            Entry::Wrong { .. } | Entry::Failed => true,
            Entry::Looking => false,
        };
        let number = self.lines.all().iter().filter(attention).count();
        let mut spans = vec![Span::styled(format!(" {}", self.total(words)), canvas.theme.title)];
        if number > 0 {
            let number = u64::try_from(number).unwrap_or(u64::MAX);
            let text = words.count(number, FormText::AttentionOne, FormText::AttentionMany);
            spans.push(Span::styled(format!("  ✗ {text}"), canvas.theme.bad));
        }
        canvas.frame.render_widget(TextLine::from(spans), area);
    }

    /// Draws what was posted last, or how to begin.
    fn draw_outcome(&self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let inside = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
        let mut rows = inside.rows().skip(1);
        let Some(outcome) = &self.outcome else {
            let text = self.how_to_begin(canvas.words);
            for (line, row) in wrapped(text, inside.width).into_iter().zip(rows) {
                canvas.frame.render_widget(TextLine::from(Span::styled(line, canvas.theme.dim)), row);
            }
            return;
        };
        for line in wrapped(&format!("✓ {}", outcome.title), inside.width) {
            let Some(row) = rows.next() else { return };
            canvas.frame.render_widget(TextLine::from(Span::styled(line, canvas.theme.good)), row);
        }
        let rows: Vec<Rect> = rows.collect();
        let hidden = outcome.lines.len().saturating_sub(rows.len());
        for (position, (row, line)) in rows.iter().zip(&outcome.lines).enumerate() {
            let more = hidden > 0 && position + 1 == rows.len();
            let text = if more { format!("… +{}", hidden + 1) } else { line.clone() };
            canvas.frame.render_widget(TextLine::from(Span::raw(text)), *row);
        }
    }

    /// Draws the whole effect as text, to be confirmed.
    pub(super) fn draw_review(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let words = canvas.words;
        let name = |end: End| self.place(end).code().map(ToString::to_string).unwrap_or_default();
        let (from, to, total) = (name(End::From), name(End::To), self.total(words));
        let of_kind =
            words.fill(of_kind(self.kind).review, &[("total", &total), ("from", &from), ("to", &to)]);
        let title = self.for_order(ReceiveOrderText::Review, words).unwrap_or(of_kind);
        let inside = panel(canvas, area, &title, canvas.focus);
        let [list, keys] = Layout::vertical([Constraint::Min(1), Constraint::Length(1)]).areas(inside);
        let sums = self.sums();
        let mut lines = Vec::new();
        if let Some(place) = self.issues_from_quarantine() {
            let text = words.fill(FormText::FromQuarantine, &[("place", place.as_str())]);
            for line in wrapped(&format!("! {text}"), list.width.saturating_sub(2)) {
                lines.push(TextLine::from(Span::styled(format!(" {line}"), canvas.theme.warning)));
            }
        }
        let mut taken = self.lots_taken();
        for (key, goods) in self.lines.goods() {
            let mut text = self.sentence(goods, words, &sums);
            if let Some(lots) = taken.remove(&key) {
                text.push_str(&words.fill(FormText::Takes, &[("lots", &lots_words(&lots, words))]));
            }
            let mut style = canvas.theme.text;
            if let Some(short) = self.shortage(goods, &sums) {
                let (have, need) = (words.language.number(short.have), words.language.number(short.need));
                let places = [("have", &*have), ("need", &*need)];
                let mut why = words.fill(FormText::Short, &places);
                if !short.expired.is_zero() {
                    let more = words.language.number(short.expired);
                    why.push_str(&words.fill(FormText::MoreExpired, &[("n", &more)]));
                }
                if let Some(missing) = self.missing_words(goods, words) {
                    why = missing;
                }
                text = format!("✗ {text} ({why})");
                style = canvas.theme.bad;
            }
            for (position, line) in wrapped(&text, list.width.saturating_sub(4)).into_iter().enumerate() {
                let mark = if position == 0 { "·" } else { " " };
                lines.push(TextLine::from(Span::styled(format!(" {mark} {line}"), style)));
            }
        }
        if let Some(text) = self.stays_open(words) {
            for line in wrapped(&text, list.width.saturating_sub(2)) {
                lines.push(TextLine::from(Span::styled(format!(" {line}"), canvas.theme.dim)));
            }
        }
        self.review.fit(lines.len(), list.height);
        let below = self.review.below();
        for (row, line) in list.rows().zip(lines.into_iter().skip(self.review.first())) {
            canvas.frame.render_widget(line, row);
        }
        let key = |command: Command| canvas.key(command).unwrap_or_default();
        let (accept, post, close) = (key(Command::Accept), key(Command::Post), key(Command::Close));
        let places = [("accept", &*accept), ("post", &*post), ("close", &*close)];
        let mut text = format!(" {}", words.fill(FormText::ReviewKeys, &places));
        if below > 0 {
            text = format!("{text} · ↓ +{below}");
        }
        canvas.frame.render_widget(TextLine::from(Span::styled(text, canvas.theme.key)), keys);
    }
}

/// The lots that a line takes, each with its quantity, as a list in one text.
fn lots_words(lots: &[TakenLot], words: Words) -> String {
    let each = lots.iter().map(|taken| format!("{} {}", taken.lot, words.language.number(taken.quantity)));
    each.collect::<Vec<_>>().join(", ")
}

/// A field of a line with its value.
fn field_words(goods: &Goods, field: LineField, words: Words) -> (&'static str, String) {
    let language = words.language;
    let (label, value) = match field {
        LineField::Code => (FormText::Sku, goods.sku.to_string()),
        LineField::Quantity => (FormText::Quantity, language.number(goods.quantity)),
        LineField::Lot => (FormText::Lot, goods.lot.as_ref().map(ToString::to_string).unwrap_or_default()),
        LineField::Expiry => {
            (FormText::Expiry, goods.expires.map(|day| language.day(day)).unwrap_or_default())
        }
        LineField::Serials => (FormText::Serials, language.number(Decimal::from(goods.serials.len()))),
        LineField::Price => {
            (FormText::Price, goods.unit_price.map(|price| language.money(price.value())).unwrap_or_default())
        }
    };
    (words.say(label), value)
}
