//! One import in full: the file, the results for its rows, and the paths of its rejects and its report.

use jiff::Timestamp;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use rust_decimal::Decimal;
use unicode_width::UnicodeWidthStr as _;

use super::{duration, feed, outcome_style, outcome_words};
use crate::domain::ImportRun;
use crate::domain::display::safe_line;
use crate::tui::command::{Command, Scope};
use crate::tui::text::imports::ImportText;
use crate::tui::view::{Action, Binding, Bindings, Bound, Canvas, View};
use crate::tui::widgets::Scroll;
use crate::tui::widgets::panel::{cover, padded};

/// One import in full, as a layer over the list.
#[derive(Debug)]
pub struct ImportRunView {
    run: ImportRun,
    scroll: Scroll,
}

impl ImportRunView {
    /// The view of an import.
    #[must_use]
    pub fn new(run: ImportRun) -> Self {
        Self { run, scroll: Scroll::default() }
    }

    /// What is copied: the path of the rejected rows, else of the report, else the number of the run.
    fn to_copy(&self) -> String {
        let file = self.run.rejects_file.as_ref().or(self.run.report_file.as_ref());
        file.cloned().unwrap_or_else(|| self.run.run_id.to_string())
    }
}

impl Bound for ImportRunView {
    const TABLES: &'static [Bindings<Self>] = &[&[
        Binding::One(Command::Copy, |view, context| context.copy(Some(view.to_copy()))),
        Binding::One(Command::Close, |_, context| context.request(Action::Close)),
        Binding::Several(Command::LIST, |view, command, _| {
            view.scroll.command(command);
        }),
    ]];
}

impl View for ImportRunView {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::ImportRun, Scope::List, Scope::Dialog]
    }

    fn hints(&self) -> &'static [Command] {
        &[Command::Close, Command::Copy, Command::PageDown]
    }

    fn draw(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let inside = padded(cover(canvas, area, &safe_line(&self.run.file_name)));
        let lines = lines(&self.run, canvas);
        self.scroll.draw(lines, inside, canvas);
    }
}

/// The details of an import: a label and its text.
fn facts(run: &ImportRun, canvas: &Canvas<'_, '_>) -> Vec<(ImportText, Option<String>)> {
    let words = canvas.words;
    let language = words.language;
    let number = |figure: i64| language.number(Decimal::from(figure));
    let moment = |moment: Timestamp| language.moment(moment, canvas.zone);
    let content = if run.content == "products" { ImportText::Products } else { ImportText::Movements };
    let posted = run.rows_posted.map(|rows| match run.rows_already_posted.filter(|already| *already > 0) {
        Some(already) => {
            words.fill(ImportText::AlreadyPosted, &[("n", &number(rows)), ("already", &number(already))])
        }
        None => number(rows),
    });
    let size = words.fill(ImportText::Bytes, &[("n", &number(run.file_bytes))]);
    vec![
        (ImportText::Message, run.message.as_deref().map(|text| safe_line(text).into_owned())),
        (ImportText::Began, Some(moment(run.started_at))),
        (ImportText::Ended, run.finished_at.map(moment)),
        (ImportText::Duration, run.seconds.map(|seconds| duration(seconds, words))),
        (ImportText::Feed, Some(feed(run, words))),
        (ImportText::Person, Some(safe_line(&run.started_by).into_owned())),
        (ImportText::RowsRead, run.rows_read.map(number)),
        (ImportText::RowsPosted, posted),
        (ImportText::RowsRejected, run.rows_rejected.map(number)),
        (ImportText::Postings, run.postings.map(number)),
        (ImportText::ValueRead, run.value_read.map(|value| language.money(value))),
        (ImportText::ValuePosted, run.value_posted.map(|value| language.money(value))),
        (ImportText::ValueRejected, run.value_rejected.map(|value| language.money(value))),
        (ImportText::RejectsFile, run.rejects_file.as_deref().map(|path| safe_line(path).into_owned())),
        (ImportText::ReportFile, run.report_file.as_deref().map(|path| safe_line(path).into_owned())),
        (ImportText::Content, Some(words.say(content).to_owned())),
        (ImportText::Profile, Some(safe_line(&run.profile).into_owned())),
        (ImportText::Size, Some(size)),
        (ImportText::Hash, Some(run.file_hash.clone())),
        (ImportText::SameAs, run.same_as.map(|run_id| run_id.to_string())),
        (ImportText::Run, Some(run.run_id.to_string())),
    ]
}

fn lines(run: &ImportRun, canvas: &Canvas<'_, '_>) -> Vec<Line<'static>> {
    let (words, theme) = (canvas.words, canvas.theme);
    let facts = facts(run, canvas);
    let width = facts.iter().map(|(label, _)| words.say(*label).width()).max().unwrap_or_default();
    let mut lines = vec![Line::from(Span::styled(outcome_words(run, words), outcome_style(run, canvas)))];
    for (label, text) in facts {
        let Some(text) = text else { continue };
        let label = words.say(label);
        let space = " ".repeat(width.saturating_sub(label.width()) + 2);
        lines.push(Line::from(vec![Span::styled(format!("{label}{space}"), theme.dim), Span::raw(text)]));
    }
    if run.rejects_file.is_some() || run.report_file.is_some() {
        lines.push(Line::from(Span::styled(words.say(ImportText::OnThatMachine), theme.dim)));
    }
    lines
}
