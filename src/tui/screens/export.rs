//! Dialog that asks for the file to which the list on the screen is exported.

use std::path::PathBuf;

use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Wrap};

use crate::tui::command::{Command, Scope};
use crate::tui::key::Key;
use crate::tui::keymap::Typing;
use crate::tui::text::common::CommonText;
use crate::tui::view::{Action, Binding, Bindings, Bound, Canvas, Context, View};
use crate::tui::widgets::panel::dialog;
use crate::tui::widgets::{Field, lines_wrapped};
use crate::worker::message::{Export, ExportWhat};

/// The width of the dialog, in columns.
const WIDTH: u16 = 80;

/// The export dialog, with the list that is to be exported.
#[derive(Debug)]
pub struct ExportDialog {
    what: ExportWhat,
    file: Field,
    missing: bool,
}

impl ExportDialog {
    /// Opens the dialog, unless there is nothing to export. The suggested file name consists of the name of the list
    /// and the time.
    pub fn open(name: &str, what: ExportWhat, context: &mut Context<'_>) {
        if matches!(&what, ExportWhat::Table(table) if table.rows.is_empty()) {
            context.ring();
            return;
        }
        let when = context.zone.to_datetime(context.now).strftime("%Y-%m-%d-%H%M%S");
        let mut file = Field::with(&format!("{name}-{when}.csv"));
        file.preselect();
        context.request(Action::Open(Box::new(Self { what, file, missing: false })));
    }

    fn confirm(&mut self, context: &mut Context<'_>) {
        let path = self.file.text().trim();
        self.missing = path.is_empty();
        if self.missing {
            context.ring();
            return;
        }
        context.export(Export { path: PathBuf::from(path), what: self.what.clone() });
        context.request(Action::Close);
    }
}

impl Bound for ExportDialog {
    const TABLES: &'static [Bindings<Self>] = &[&[
        Binding::One(Command::Confirm, |view, context| view.confirm(context)),
        Binding::One(Command::Close, |_, context| context.request(Action::Close)),
    ]];
}

impl View for ExportDialog {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Dialog]
    }

    fn asks(&self) -> bool {
        true
    }

    fn typing(&self) -> Typing {
        if self.file.is_empty() { Typing::Empty } else { Typing::Text }
    }

    fn hints(&self) -> &'static [Command] {
        &[Command::Confirm, Command::Close]
    }

    fn key(&mut self, key: Key, _context: &mut Context<'_>) {
        self.missing = false;
        self.file.key(key);
    }

    fn draw(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let words = canvas.words;
        let lines = vec![Line::from(Span::styled(words.say(CommonText::ExportMeans), canvas.theme.dim))];
        let height = lines_wrapped(&lines, WIDTH.min(area.width).saturating_sub(4));
        let height = u16::try_from(height).unwrap_or(u16::MAX);
        let inside =
            dialog(canvas, area, WIDTH, height.saturating_add(5), words.say(CommonText::ExportTitle));
        let [file, fault, text] =
            Layout::vertical([Constraint::Length(1), Constraint::Length(1), Constraint::Length(height)])
                .areas(inside);
        self.file.show(file, canvas, canvas.focus, words.say(CommonText::ExportHint));
        if self.missing {
            let text = format!("✗ {}", words.say(CommonText::ExportNoFile));
            canvas.frame.render_widget(Line::from(Span::styled(text, canvas.theme.bad)), fault);
        }
        canvas.frame.render_widget(Paragraph::new(lines).wrap(Wrap { trim: true }), text);
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::samples::stock_row;
    use crate::domain::{Anchor, Found, Group, Matched, StockOnly};
    use crate::tui::app::testing::{Desk, whole};
    use crate::tui::locale::Language;
    use crate::worker::message::{ExportWhat, Exported, Failure, Report};
    use crate::worker::query::{self, Answer, Question};

    /// The stock screen with one product.
    fn stock() -> Desk {
        let mut desk = Desk::new(Group::Clerk, Language::English);
        desk.keys("<f2>");
        desk.answer_first(Answer::StockPage(whole(vec![stock_row("W1", "Lantern")])));
        desk
    }

    #[test]
    fn all_pages_of_a_list_are_exported_with_its_filter() {
        let mut desk = stock();
        desk.keys("<ctrl-f>2<alt-w>");
        insta::assert_snapshot!("export", desk.draw(80, 24));
        desk.keys("low.csv<enter>");
        let export = desk.exports.pop().unwrap();
        assert_eq!(export.path.to_str(), Some("low.csv"));
        let ExportWhat::Pages(question) = export.what else { panic!("{export:?}") };
        let Question::StockPage(query::StockPage { selection, anchor, .. }) = *question else {
            panic!("{question:?}")
        };
        assert_eq!((selection.only, anchor), (Some(StockOnly::Low), Anchor::Start));
        let path = "/tmp/low.csv".into();
        desk.report(Report::Exported(Ok(Exported { path, rows: 1 })));
        assert!(desk.draw(80, 24).contains("1 row written to /tmp/low.csv"), "{}", desk.draw(80, 24));
        desk.report(Report::Exported(Err(Failure::Other("File exists".to_owned()))));
        assert!(desk.draw(80, 24).contains("The list was not exported: File exists"));
    }

    #[test]
    fn what_was_found_is_exported_as_it_stands_and_nothing_is_not() {
        let mut desk = stock();
        desk.keys("lan");
        let row = stock_row("W1", "Lantern");
        let found = Found { row, matched: Matched::Name, matched_stock: None };
        desk.answer(Answer::Search(vec![found]));
        desk.keys("<alt-w><enter>");
        let export = desk.exports.pop().unwrap();
        assert!(export.path.to_str().unwrap().starts_with("stock-2026-11-20-"), "{export:?}");
        let ExportWhat::Table(table) = export.what else { panic!("{export:?}") };
        assert_eq!((table.columns[0], &*table.rows[0][0]), ("sku", "W1"));
        desk.keys("zzz");
        desk.answer(Answer::Search(Vec::new()));
        let bells = desk.bells;
        desk.keys("<alt-w>");
        assert_eq!((desk.layers(), desk.bells), (0, bells + 1), "there is nothing to export");
        desk.keys("<esc><alt-w><backspace><enter>");
        assert!(desk.draw(80, 24).contains("✗ Enter a file name."));
        assert!(desk.exports.is_empty());
    }
}
