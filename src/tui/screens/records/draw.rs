//! Draws the master data.

use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use rust_decimal::Decimal;

use super::{RECORDS_MAX, RecordsScreen};
use crate::domain::{FieldEntry, ProductField, Record, RecordField, RecordKind};
use crate::tui::text::records::{self, RecordText};
use crate::tui::view::Canvas;
use crate::tui::widgets::empty::draw_empty;
use crate::tui::widgets::pages::draw_pages;
use crate::tui::widgets::table::{Cell, Column};

/// The columns of a kind: a field, the least width, and its rank for being dropped. The name fills the remaining width.
fn columns(kind: RecordKind) -> &'static [(RecordField, u16, u8)] {
    use RecordField as Field;
    match kind {
        RecordKind::Product => &[
            (Field::Sku, 16, 0),
            (Field::Name, 26, 0),
            (Field::Product(ProductField::Unit), 6, 4),
            (Field::Product(ProductField::Tracking), 15, 5),
            (Field::Product(ProductField::Category), 16, 3),
            (Field::Product(ProductField::ReorderPoint), 17, 2),
            (Field::Product(ProductField::UnitCost), 13, 1),
        ],
        RecordKind::Location => &[
            (Field::LocationCode, 18, 0),
            (Field::Name, 16, 0),
            (Field::LocationKind, 12, 2),
            (Field::Parent, 18, 1),
        ],
        RecordKind::Lot => {
            &[(Field::Sku, 18, 0), (Field::Lot, 18, 0), (Field::Name, 12, 0), (Field::ExpiresOn, 12, 0)]
        }
        RecordKind::Partner => &[
            (Field::PartnerCode, 18, 0),
            (Field::Name, 16, 0),
            (Field::PartnerKind, 12, 0),
            (Field::MinLifeDays, 18, 1),
        ],
        RecordKind::Person => &[(Field::Login, 20, 0), (Field::Group, 16, 0)],
    }
}

/// A field as the list shows it.
fn cell(record: &Record, field: RecordField, canvas: &Canvas<'_, '_>) -> Cell {
    let text = match (record, field) {
        // The form has no field for the name of the product.
        (Record::Lot(row), RecordField::Name) => row.name.to_string(),
        (Record::Lot(row), RecordField::ExpiresOn) => {
            row.expires_on.map(|day| canvas.words.language.day(day)).unwrap_or_default()
        }
        _ => {
            let text = record.text(field);
            let is_choice = record
                .key()
                .kind()
                .fields()
                .iter()
                .any(|rule| rule.field == field && matches!(rule.entry, FieldEntry::Choice(_)));
            match records::word(&text).filter(|_| is_choice) {
                Some(word) => canvas.words.say(word).to_owned(),
                None => text,
            }
        }
    };
    if record.is_out_of_use() { Cell::styled(text, canvas.theme.dim) } else { Cell::new(text) }
}

impl RecordsScreen {
    pub(super) fn draw_screen(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let [pages, search, state, body] = Layout::vertical([
            Constraint::Length(1),
            Constraint::Length(1),
            Constraint::Length(1),
            Constraint::Min(1),
        ])
        .areas(area);
        let titles = RecordKind::ALL.map(|kind| canvas.words.say(records::kind(kind)).to_owned());
        let shown = RecordKind::ALL.iter().position(|kind| *kind == self.kind).unwrap_or_default();
        draw_pages(&titles, shown, pages, canvas);
        self.search.show_as_search(search, canvas, canvas.focus, canvas.words.say(RecordText::SearchHint));
        let rows = self.found.value.rows().len();
        if rows >= usize::from(RECORDS_MAX) {
            let number = canvas.words.language.number(Decimal::from(rows));
            let text = canvas.words.fill(RecordText::First, &[("n", &number)]);
            let line = Line::from(Span::styled(format!("   {text}"), canvas.theme.dim));
            canvas.frame.render_widget(line, state);
        }
        if self.found.value.is_empty() {
            let is_loading = self.found.came_at().is_none();
            let nothing = canvas.words.say(RecordText::Nothing);
            return draw_empty(is_loading, self.found.failure(), nothing, body, canvas);
        }
        let kind = self.kind;
        let on_hand = matches!(kind, RecordKind::Product | RecordKind::Lot);
        let say = |phrase: RecordText| canvas.words.say(phrase);
        let column = |&(field, width, gives_way): &(RecordField, u16, u8)| {
            let (label, _) = records::field(field);
            Column {
                fills: field == RecordField::Name || kind == RecordKind::Person,
                right: matches!(
                    field,
                    RecordField::Product(ProductField::ReorderPoint | ProductField::UnitCost)
                        | RecordField::MinLifeDays
                ),
                ..Column::text(say(label), width, gives_way)
            }
        };
        let mut shown: Vec<Column> = columns(kind).iter().map(column).collect();
        shown.push(Column::figure(say(RecordText::OnHand), if on_hand { 10 } else { 0 }, 0));
        let has_state = matches!(kind, RecordKind::Product | RecordKind::Location | RecordKind::Person);
        shown.push(Column::text("", if has_state { 9 } else { 0 }, 0));
        self.found.value.draw(body, &shown, canvas, |_, record, canvas| {
            let mut cells: Vec<Cell> =
                columns(kind).iter().map(|(field, ..)| cell(record, *field, canvas)).collect();
            let on_hand = match record {
                Record::Product(row) => Some(row.on_hand),
                Record::Lot(row) => Some(row.on_hand),
                Record::Location(_) | Record::Partner(_) | Record::Person(_) => None,
            };
            cells.push(Cell::new(
                on_hand.map(|n| canvas.words.language.number(n.normalize())).unwrap_or_default(),
            ));
            let state = match (record, record.is_out_of_use()) {
                (_, false) => "",
                (Record::Person(_), true) => canvas.words.say(RecordText::Disabled),
                (_, true) => canvas.words.say(RecordText::OutOfUse),
            };
            cells.push(Cell::styled(state, canvas.theme.warning));
            cells
        });
    }
}
