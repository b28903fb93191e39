//! How the audit is drawn: lights, pages, and the list of the page that is shown.

use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Wrap};
use unicode_width::UnicodeWidthStr as _;

use super::lights::Light;
use super::lists::{self, Judged};
use super::page::Page;
use super::{AuditScreen, CLICK_PARTS, SUMMARY_DAYS};
use crate::tui::app::{Canvas, Hit, Weight, sign};
use crate::tui::command::Command;
use crate::tui::screens::parts::draw_parts;
use crate::tui::text::audit::AuditText;
use crate::tui::text::common::CommonText;
use crate::tui::text::failure;
use crate::tui::theme::Theme;
use crate::tui::widgets::table::{Rows, lines_in};
use crate::worker::message::{Failure, Mode, Verification};

/// The room between two lights.
const LIGHT_GAP: usize = 3;

/// The style of a light or a sign.
pub(super) fn style(weight: Weight, theme: &Theme) -> Style {
    match weight {
        Weight::Good => theme.good,
        Weight::Note => theme.dim,
        Weight::Warning => theme.warning,
        Weight::Bad => theme.bad,
    }
}

/// Which lights stand in which line, so that none is cut.
fn rows_of(lights: &[Light], room: usize) -> Vec<Vec<usize>> {
    let mut rows: Vec<Vec<usize>> = vec![Vec::new()];
    let mut used = 0;
    for (position, light) in lights.iter().enumerate() {
        let width = light.text.width() + 2 + LIGHT_GAP;
        let full = used > 0 && used + width - LIGHT_GAP > room;
        if full {
            rows.push(Vec::new());
            used = 0;
        }
        used += width;
        if let Some(row) = rows.last_mut() {
            row.push(position);
        }
    }
    rows
}

impl AuditScreen {
    pub(super) fn draw_screen(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let lights = self.lights(canvas.words, canvas.now);
        let rows = rows_of(&lights, usize::from(area.width).saturating_sub(2));
        let height = u16::try_from(rows.len()).unwrap_or(u16::MAX);
        let [top, pages, body] =
            Layout::vertical([Constraint::Length(height), Constraint::Length(1), Constraint::Min(1)])
                .areas(area);
        draw_lights(&lights, &rows, top, canvas);
        self.draw_pages(pages, canvas);
        match self.page {
            Page::Records | Page::Logins => self.draw_records(body, canvas),
            Page::People | Page::Findings | Page::Configuration => self.draw_findings(body, canvas),
        }
    }

    fn draw_pages(&self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let mut used = 1;
        for (place, page) in Page::ALL.into_iter().enumerate() {
            let count = match page {
                Page::Findings => self.findings.rows().len(),
                Page::Configuration => self.configuration.rows().len(),
                Page::Records | Page::Logins | Page::People => 0,
            };
            let title = canvas.words.say(page.title());
            let text = if count > 0 { format!(" {title} {count} ") } else { format!(" {title} ") };
            let style = if page == self.page { canvas.theme.tab } else { canvas.theme.dim };
            let width = u16::try_from(text.width()).unwrap_or(u16::MAX);
            let spot = Rect { x: area.x + used, width: width.min(area.width.saturating_sub(used)), ..area };
            used = used.saturating_add(width);
            canvas.frame.render_widget(Line::from(Span::styled(text, style)), spot);
            canvas.hit(spot, Hit::Field(place));
        }
    }

    fn draw_records(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let [quick, parts, body] =
            Layout::vertical([Constraint::Length(1), Constraint::Length(1), Constraint::Min(1)]).areas(area);
        let judged = Judged(&self.judged);
        let records = match self.page {
            Page::Logins => &mut self.logins,
            _ => &mut self.records,
        };
        let hint = canvas.words.say(AuditText::QuickHint);
        records.quick.show_as_search(quick, canvas, canvas.focus, hint);
        draw_chips(records, parts, canvas);
        records.lines = lines_in(body);
        records.list.drawn(records.lines);
        let rows = Rows {
            first: records.list.first_drawn(records.lines),
            cursor: (!records.list.rows().is_empty()).then(|| records.list.cursor()),
            focus: canvas.focus,
        };
        if records.is_logins() {
            lists::logins(records.list.rows(), judged, body, rows, records.lines, canvas);
        } else {
            lists::records(records.list.rows(), judged, body, rows, records.lines, canvas);
        }
        if records.list.rows().is_empty() {
            let phrase = if records.filter.is_empty() && !records.is_logins() {
                AuditText::NoLines
            } else {
                AuditText::NoLinesFiltered
            };
            let nothing = canvas.words.say(phrase).to_owned();
            draw_emptiness(records.is_loading(), records.failure.as_ref(), nothing, body, canvas);
        }
    }

    fn draw_findings(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let [state, body] = Layout::vertical([Constraint::Length(1), Constraint::Min(1)]).areas(area);
        self.lines = lines_in(body);
        let (loading, failure, nothing) = match self.page {
            Page::People => {
                let days = SUMMARY_DAYS.to_string();
                let nothing = canvas.words.fill(AuditText::NoPeople, &[("days", &days)]);
                (self.summary.at.is_none(), &self.summary.failure, nothing)
            }
            Page::Findings => (self.report.at.is_none(), &self.report.failure, self.no_findings(canvas)),
            _ => (
                self.check.at.is_none(),
                &self.check.failure,
                canvas.words.say(AuditText::NoCheck).to_owned(),
            ),
        };
        let (loading, failure) = (loading && self.report.value.is_none(), failure.clone());
        let lines = self.lines;
        let empty = match self.page {
            Page::People => {
                lists::people(&mut self.people, body, lines, canvas);
                self.people.rows().is_empty()
            }
            Page::Findings => {
                if let Some(report) = self.report.value.as_ref().and_then(Option::as_deref) {
                    canvas.frame.render_widget(report_line(report, canvas), state);
                }
                lists::findings(&mut self.findings, body, lines, canvas);
                self.findings.rows().is_empty()
            }
            _ => {
                lists::configuration(&mut self.configuration, body, lines, canvas);
                self.configuration.rows().is_empty()
            }
        };
        if empty {
            draw_emptiness(loading, failure.as_ref(), nothing, body, canvas);
        }
    }

    /// Why there are no findings to see.
    fn no_findings(&self, canvas: &Canvas<'_, '_>) -> String {
        match self.report.value.as_ref().and_then(Option::as_deref) {
            None => {
                let key = canvas.key(Command::Verify).unwrap_or_default();
                canvas.words.fill(AuditText::NoReport, &[("key", &key)])
            }
            Some(report) => canvas.words.fill(
                AuditText::NoFindings,
                &places(report, canvas).each_ref().map(|(name, value)| (*name, value.as_str())),
            ),
        }
    }
}

/// The figures of a report for the phrases that name them.
fn places(report: &Verification, canvas: &Canvas<'_, '_>) -> [(&'static str, String); 8] {
    let number = |count: u64| canvas.words.language.number(rust_decimal::Decimal::from(count));
    let mode = match report.mode {
        Mode::Full => AuditText::ModeFull,
        Mode::Incremental => AuditText::ModeIncremental,
    };
    [
        ("alarms", canvas.words.count(report.alarms, AuditText::AlarmsOne, AuditText::Alarms)),
        (
            "accepted",
            canvas.words.count(report.accepted, AuditText::AcceptedCountOne, AuditText::AcceptedCount),
        ),
        ("notices", canvas.words.count(report.notices, AuditText::NoticesOne, AuditText::Notices)),
        ("movements", number(report.movements)),
        ("lines", number(report.lines)),
        ("checkpoints", number(report.checkpoints)),
        ("mode", canvas.words.say(mode).to_owned()),
        ("when", canvas.words.language.moment_short(report.judged_to, canvas.now, canvas.zone)),
    ]
}

fn report_line(report: &Verification, canvas: &Canvas<'_, '_>) -> Line<'static> {
    let told = report.findings.len() as u64;
    let text = if told < report.alarms + report.accepted + report.notices {
        let told = canvas.words.language.number(rust_decimal::Decimal::from(told));
        canvas.words.fill(AuditText::FindingsCut, &[("n", &told)])
    } else {
        let places = places(report, canvas);
        let places = places.each_ref().map(|(name, value)| (*name, value.as_str()));
        canvas.words.fill(AuditText::ReportLine, &places)
    };
    Line::from(Span::styled(format!("   {text}"), canvas.theme.dim))
}

fn draw_lights(lights: &[Light; 4], rows: &[Vec<usize>], area: Rect, canvas: &mut Canvas<'_, '_>) {
    // What a click on a light shows: the lines, the findings, a verification, the configuration.
    let hits = [Hit::Field(0), Hit::Field(3), Hit::Command(Command::Verify), Hit::Field(Page::ALL.len() - 1)];
    for (row, spot) in rows.iter().zip(area.rows()) {
        let mut used = 1;
        for position in row {
            let light = &lights[*position];
            let text = format!("{} {}", sign(light.weight), light.text);
            let width = u16::try_from(text.width()).unwrap_or(u16::MAX);
            let place = Rect { x: spot.x + used, width: width.min(spot.width.saturating_sub(used)), ..spot };
            let style = style(light.weight, canvas.theme);
            canvas.frame.render_widget(Line::from(Span::styled(text, style)), place);
            canvas.hit(place, hits[*position]);
            used = used.saturating_add(width + u16::try_from(LIGHT_GAP).unwrap_or(0));
        }
    }
}

/// What is filtered, and what goes on. A click on a part takes it away.
fn draw_chips(records: &super::records::Records, area: Rect, canvas: &mut Canvas<'_, '_>) {
    let words = canvas.words;
    if let (Some(error), false) = (&records.failure, records.list.rows().is_empty()) {
        let text = format!("   ✗ {}", failure::words(words, error));
        canvas.frame.render_widget(Line::from(Span::styled(text, canvas.theme.bad)), area);
        return;
    }
    let mut notes = Vec::new();
    if records.filter.is_empty() {
        let all = if records.is_logins() { AuditText::EveryLogin } else { AuditText::Everything };
        notes.push(words.say(all));
    }
    notes.push(words.say(if records.follows() { AuditText::Following } else { AuditText::NotFollowing }));
    let parts: Vec<String> = records.filter.all().iter().map(|part| part.words(words)).collect();
    draw_parts(&parts, CLICK_PARTS, notes.join(" · "), area, canvas);
}

/// Why there is nothing to see, and what to do about it.
fn draw_emptiness(
    loading: bool,
    error: Option<&Failure>,
    nothing: String,
    area: Rect,
    canvas: &mut Canvas<'_, '_>,
) {
    let text = match error {
        Some(error) => format!("✗ {}", failure::words(canvas.words, error)),
        None if loading => canvas.words.say(CommonText::Loading).to_owned(),
        None => nothing,
    };
    let spot = Rect {
        x: area.x + 2,
        y: area.y + 2.min(area.height),
        width: area.width.saturating_sub(4),
        height: area.height.saturating_sub(2),
    };
    canvas.frame.render_widget(Paragraph::new(text).wrap(Wrap { trim: true }), spot);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lights_go_to_the_next_line_rather_than_be_cut() {
        let light = |width: usize| Light { weight: Weight::Good, text: "x".repeat(width) };
        let lights = [light(20), light(20), light(30), light(60)];
        assert_eq!(rows_of(&lights, 140), [vec![0, 1, 2], vec![3]]);
        assert_eq!(rows_of(&lights, 47), [vec![0, 1], vec![2], vec![3]]);
        assert_eq!(rows_of(&lights, 10), [vec![0], vec![1], vec![2], vec![3]]);
    }
}
