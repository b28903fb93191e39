//! The history of one record: each version with its author, its time, and the fields that it changed.

use ratatui::layout::Rect;

use crate::domain::display::safe_line;
use crate::domain::{FieldVersion, RecordKey, RecordVersion};
use crate::tui::command::{Command, Scope};
use crate::tui::text::records::{self, RecordText};
use crate::tui::view::{Action, Binding, Bindings, Bound, Canvas, Context, View};
use crate::tui::widgets::panel::{cover, padded};
use crate::tui::widgets::table::{Cell, Column};
use crate::tui::widgets::{Fetched, List};
use crate::worker::message::Failure;
use crate::worker::query::{self, Answer, Ticket};

/// One line: a field of a version, or a version that changed none of the displayed fields.
#[derive(Debug, Clone)]
struct Row {
    version: RecordVersion,
    field: Option<FieldVersion>,
    /// Whether it is the first of its version.
    is_first: bool,
}

/// The versions of one record, newest first, as a layer over the master data.
#[derive(Debug)]
pub struct HistoryView {
    key: RecordKey,
    rows: Fetched<List<Row>>,
}

impl HistoryView {
    /// The history of a record, which is queried.
    #[must_use]
    pub fn new(key: RecordKey, context: &mut Context<'_>) -> Self {
        let mut rows = Fetched::default();
        rows.ask(query::Versions { key: key.clone() }, context);
        Self { key, rows }
    }
}

fn lines(versions: &[RecordVersion]) -> Vec<Row> {
    let of_version = |version: &RecordVersion| {
        let fields: Vec<Option<FieldVersion>> = if version.fields.is_empty() {
            vec![None]
        } else {
            version.fields.iter().cloned().map(Some).collect()
        };
        let row = |(position, field)| Row { version: version.clone(), field, is_first: position == 0 };
        fields.into_iter().enumerate().map(row).collect::<Vec<Row>>()
    };
    versions.iter().flat_map(of_version).collect()
}

impl Bound for HistoryView {
    const TABLES: &'static [Bindings<Self>] = &[&[
        Binding::Several(&[Command::Close, Command::Confirm], |_, _, context| context.request(Action::Close)),
        Binding::Several(Command::LIST, |view, command, _| {
            view.rows.value.command(command);
        }),
    ]];
}

impl View for HistoryView {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Dialog, Scope::List]
    }

    fn hints(&self) -> &'static [Command] {
        &[Command::Close, Command::PageDown]
    }

    fn answered(
        &mut self,
        ticket: Ticket,
        answer: &Result<Answer, Failure>,
        context: &mut Context<'_>,
    ) -> bool {
        let take = |rows: &mut List<Row>, versions: &Vec<RecordVersion>| *rows = List::new(lines(versions));
        self.rows.answered::<query::Versions>(ticket, answer, context.now, take).is_own()
    }

    fn draw(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let title = canvas.words.fill(RecordText::HistoryTitle, &[("key", &self.key.to_string())]);
        let inside = padded(cover(canvas, area, &title));
        if self.rows.came_at().is_none() {
            self.rows.draw_missing(inside, canvas);
            return;
        }
        let say = |phrase: RecordText| canvas.words.say(phrase);
        let columns = [
            Column::text(say(RecordText::When), 12, 0),
            Column::text(say(RecordText::By), 12, 1),
            Column::text(say(RecordText::Change), 16, 0),
            Column::fill(say(RecordText::Was), 12),
            Column::text(say(RecordText::Is), 24, 0),
        ];
        self.rows.value.draw(inside, &columns, canvas, |above, row, canvas| {
            // The first line in view names the author even if its version began above.
            let is_first = row.is_first || above.is_none();
            let version = &row.version;
            let when = canvas.words.language.moment_short(version.changed_at, canvas.now, canvas.zone);
            let shown = |text: &str| if is_first { safe_line(text).into_owned() } else { String::new() };
            let what = match (&row.field, version.operation.as_str()) {
                (Some(field), operation) => {
                    let label = records::column(&field.column);
                    let label =
                        label.map_or(field.column.clone(), |label| canvas.words.say(label).to_owned());
                    match operation {
                        "insert" => format!("+ {label}"),
                        "delete" => format!("− {label}"),
                        _ => label,
                    }
                }
                (None, "insert") => canvas.words.say(RecordText::Added).to_owned(),
                (None, "delete") => canvas.words.say(RecordText::Deleted).to_owned(),
                (None, _) => canvas.words.say(RecordText::Existing).to_owned(),
            };
            let (before, after) = row.field.as_ref().map_or((None, None), |field| {
                let safe = |value: Option<&str>| value.map(|value| safe_line(value).into_owned());
                (safe(field.before.as_deref()), safe(field.after.as_deref()))
            });
            vec![
                Cell::styled(shown(&when), canvas.theme.dim),
                Cell::new(shown(&version.changed_by)),
                Cell::new(what),
                Cell::styled(before.unwrap_or_default(), canvas.theme.dim),
                Cell::new(after.unwrap_or_default()),
            ]
        });
    }
}
