//! The imports, by the service and by command: a list, newest first, and one of them in full.

pub mod run;
#[cfg(test)]
mod tests;

use ratatui::layout::Rect;
use ratatui::style::Style;
use rust_decimal::Decimal;

use self::run::ImportRunView;
use crate::domain::display::safe_line;
use crate::domain::{COMMAND_FEED, ImportOutcome, ImportRun, ListedTable};
use crate::tui::command::{Command, Scope};
use crate::tui::screens::export::ExportDialog;
use crate::tui::text::Words;
use crate::tui::text::imports::{ImportText, outcome};
use crate::tui::view::{Action, Binding, Bindings, Bound, Canvas, Context, Hit, View};
use crate::tui::widgets::panel::cover;
use crate::tui::widgets::table::{Cell, Column};
use crate::tui::widgets::{Fetched, List};
use crate::worker::message::{ExportWhat, Failure};
use crate::worker::query::{self, Answer, Ticket};

/// How many imports are listed; `stockroom import runs` lists more.
const RUNS_MAX: u32 = 500;
/// The decimal places of a duration in seconds.
const DURATION_DECIMALS: u32 = 1;

/// The list of imports, as a layer over a screen.
#[derive(Debug, Default)]
pub struct ImportsView {
    runs: Fetched<List<ImportRun>>,
}

impl ImportsView {
    fn ask(&mut self, context: &mut Context<'_>) {
        self.runs.ask(query::Imports { limit: RUNS_MAX }, context);
    }

    fn export(&self, context: &mut Context<'_>) {
        let table = ListedTable::of(self.runs.value.rows());
        ExportDialog::open("imports", ExportWhat::Table(table), context);
    }

    fn open(&self, context: &mut Context<'_>) {
        match self.runs.value.selected() {
            Some(run) => context.request(Action::Open(Box::new(ImportRunView::new(run.clone())))),
            None => context.ring(),
        }
    }
}

impl Bound for ImportsView {
    const TABLES: &'static [Bindings<Self>] = &[&[
        Binding::One(Command::Open, |view, context| view.open(context)),
        Binding::One(Command::Export, |view, context| view.export(context)),
        Binding::One(Command::Refresh, |view, context| view.ask(context)),
        // The key that opened it also closes it.
        Binding::Several(&[Command::Close, Command::Imports], |_, _, context| {
            context.request(Action::Close);
        }),
        Binding::Several(Command::LIST, |view, command, _| {
            view.runs.value.command(command);
        }),
    ]];
}

impl View for ImportsView {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Imports, Scope::List, Scope::Dialog]
    }

    fn hints(&self) -> &'static [Command] {
        &[Command::Close, Command::Open, Command::Refresh]
    }

    fn shown(&mut self, context: &mut Context<'_>) {
        self.ask(context);
    }

    fn changed(&mut self, context: &mut Context<'_>) {
        self.ask(context);
    }

    fn clicked(&mut self, hit: Hit, context: &mut Context<'_>) {
        if let Hit::Row(position) = hit
            && self.runs.value.click(position)
        {
            self.open(context);
        }
    }

    fn answered(
        &mut self,
        ticket: Ticket,
        answer: &Result<Answer, Failure>,
        context: &mut Context<'_>,
    ) -> bool {
        self.runs.listed::<query::Imports>(ticket, answer, context.now, |old, new| old.run_id == new.run_id)
    }

    fn draw(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let words = canvas.words;
        let whole = self.runs.value.rows().len() < RUNS_MAX as usize;
        let title = if whole {
            words.say(ImportText::Title).to_owned()
        } else {
            words.fill(ImportText::Latest, &[("n", &words.language.number(Decimal::from(RUNS_MAX)))])
        };
        let inside = cover(canvas, area, &title);
        let say = |phrase: ImportText| words.say(phrase);
        let columns = [
            Column::text(say(ImportText::Began), 12, 0),
            Column::text(say(ImportText::Outcome), 12, 0),
            Column::fill(say(ImportText::File), 12),
            Column::text(say(ImportText::Feed), 14, 3),
            Column::text(say(ImportText::Person), 14, 4),
            Column::figure(say(ImportText::Posted), 9, 1),
            Column::figure(say(ImportText::Rejected), 8, 0),
            Column::figure(say(ImportText::Duration), 8, 2),
        ];
        let nothing = words.say(ImportText::Nothing);
        self.runs.draw(inside, &columns, canvas, |_, run, canvas| cells(run, canvas), nothing);
    }
}

fn cells(run: &ImportRun, canvas: &Canvas<'_, '_>) -> Vec<Cell> {
    let (words, dim) = (canvas.words, canvas.theme.dim);
    let number = |figure: Option<i64>| figure.map(|figure| words.language.number(Decimal::from(figure)));
    vec![
        Cell::styled(words.language.moment_short(run.started_at, canvas.now, canvas.zone), dim),
        Cell::styled(outcome_words(run, words), outcome_style(run, canvas)),
        Cell::new(safe_line(&run.file_name)),
        Cell::styled(feed(run, words), dim),
        Cell::styled(safe_line(&run.started_by), dim),
        Cell::new(number(run.rows_posted).unwrap_or_default()),
        Cell::new(number(run.rows_rejected.filter(|rows| *rows > 0)).unwrap_or_default()),
        Cell::styled(run.seconds.map(|seconds| duration(seconds, words)).unwrap_or_default(), dim),
    ]
}

/// The outcome with a sign, so that it is not conveyed by colour alone.
fn outcome_words(run: &ImportRun, words: Words) -> String {
    let sign = match run.outcome {
        Some(ImportOutcome::Posted) => "✓",
        Some(ImportOutcome::Rejects) => "!",
        Some(ImportOutcome::Duplicate) => "=",
        Some(ImportOutcome::Failed) => "✗",
        None => "…",
    };
    format!("{sign} {}", words.say(outcome(run.outcome)))
}

fn outcome_style(run: &ImportRun, canvas: &Canvas<'_, '_>) -> Style {
    match run.outcome {
        Some(ImportOutcome::Posted) => canvas.theme.good,
        Some(ImportOutcome::Rejects) => canvas.theme.warning,
        Some(ImportOutcome::Failed) => canvas.theme.bad,
        Some(ImportOutcome::Duplicate) | None => canvas.theme.dim,
    }
}

fn feed(run: &ImportRun, words: Words) -> String {
    if run.feed == COMMAND_FEED {
        words.say(ImportText::ByCommand).to_owned()
    } else {
        safe_line(&run.feed).into_owned()
    }
}

fn duration(seconds: Decimal, words: Words) -> String {
    format!("{} s", words.language.number(seconds.round_dp(DURATION_DECIMALS)))
}
