//! Draws the audit: indicators, pages, and the list of the shown page.

use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

use super::indicators::HealthIndicator;
use super::lists::{self, Analysed};
use super::page::Page;
use super::{AuditScreen, CLICK_PARTS, SUMMARY_DAYS};
use crate::audit::findings::{Mode, Report as Verification};
use crate::tui::command::Command;
use crate::tui::text::audit::AuditText;
use crate::tui::text::failure;
use crate::tui::theme::Theme;
use crate::tui::view::{Canvas, Hit, Severity, sign};
use crate::tui::widgets::empty::draw_empty;
use crate::tui::widgets::pages::draw_pages;
use crate::tui::widgets::parts::draw_parts;

/// The gap between two indicators.
const INDICATOR_GAP: usize = 3;

/// The style of an indicator or a sign.
pub(super) fn style(severity: Severity, theme: &Theme) -> Style {
    match severity {
        Severity::Good => theme.good,
        Severity::Note => theme.dim,
        Severity::Warning => theme.warning,
        Severity::Bad => theme.bad,
    }
}

/// Distributes the indicators over lines, so that none is truncated.
fn rows_of(indicators: &[HealthIndicator], room: usize) -> Vec<Vec<usize>> {
    let mut rows: Vec<Vec<usize>> = vec![Vec::new()];
    let mut used = 0;
    for (position, indicator) in indicators.iter().enumerate() {
        let width = indicator.text.width() + 2 + INDICATOR_GAP;
        let full = used > 0 && used + width - INDICATOR_GAP > room;
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
        let indicators = self.indicators(canvas.words, canvas.now);
        let rows = rows_of(&indicators, usize::from(area.width).saturating_sub(2));
        let height = u16::try_from(rows.len()).unwrap_or(u16::MAX);
        let [top, pages, body] =
            Layout::vertical([Constraint::Length(height), Constraint::Length(1), Constraint::Min(1)])
                .areas(area);
        draw_indicators(&indicators, &rows, top, canvas);
        self.draw_pages(pages, canvas);
        match self.page {
            Page::Records | Page::Logins => self.draw_records(body, canvas),
            Page::People | Page::Findings | Page::Configuration => {
                let [state, list] = Layout::vertical([Constraint::Length(1), Constraint::Min(1)]).areas(body);
                match self.page {
                    Page::People => self.draw_people(list, canvas),
                    Page::Findings => self.draw_findings(state, list, canvas),
                    _ => self.draw_configuration(list, canvas),
                }
            }
        }
    }

    fn draw_pages(&self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let title = |page: Page| {
            let count = match page {
                Page::Findings => self.findings.len(),
                Page::Configuration => self.check.value.rows().len(),
                Page::Records | Page::Logins | Page::People => 0,
            };
            let title = canvas.words.say(page.title());
            if count > 0 { format!("{title} {count}") } else { title.to_owned() }
        };
        let titles = Page::ALL.map(title);
        let shown = Page::ALL.iter().position(|page| *page == self.page).unwrap_or_default();
        draw_pages(&titles, shown, area, canvas);
    }

    fn draw_records(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let [quick, parts, body] =
            Layout::vertical([Constraint::Length(1), Constraint::Length(1), Constraint::Min(1)]).areas(area);
        let judged = Analysed(&self.judged);
        let records = match self.page {
            Page::Logins => &mut self.logins,
            _ => &mut self.records,
        };
        let hint = canvas.words.say(AuditText::QuickHint);
        records.quick.show_as_search(quick, canvas, canvas.focus, hint);
        draw_chips(records, parts, canvas);
        let phrase = match records.filter().is_empty() && !records.is_logins() {
            true => AuditText::NoLines,
            false => AuditText::NoLinesFiltered,
        };
        if records.is_logins() {
            lists::logins(records.list.list_mut(), judged, body, canvas);
        } else {
            lists::records(records.list.list_mut(), judged, body, canvas);
        }
        records.list.draw_empty(canvas.words.say(phrase), body, canvas);
    }

    fn draw_people(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        lists::people(&mut self.people.value, area, canvas);
        if self.people.value.is_empty() {
            let days = SUMMARY_DAYS.to_string();
            let nothing = canvas.words.fill(AuditText::NoPeople, &[("days", &days)]);
            let is_loading = self.people.came_at().is_none();
            draw_empty(is_loading, self.people.failure(), &nothing, area, canvas);
        }
    }

    fn draw_findings(&mut self, state: Rect, area: Rect, canvas: &mut Canvas<'_, '_>) {
        if let Some(report) = self.report.value.as_deref() {
            canvas.frame.render_widget(report_line(report, canvas), state);
        }
        lists::findings(&mut self.findings.rows, area, canvas);
        if self.findings.is_empty() {
            let is_loading = self.report.came_at().is_none();
            draw_empty(is_loading, self.report.failure(), &self.no_findings(canvas), area, canvas);
        }
    }

    fn draw_configuration(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        lists::configuration(&mut self.check.value, area, canvas);
        if self.check.value.is_empty() {
            let is_loading = self.check.came_at().is_none();
            let nothing = canvas.words.say(AuditText::NoCheck);
            draw_empty(is_loading, self.check.failure(), nothing, area, canvas);
        }
    }

    /// Why there are no findings to show.
    fn no_findings(&self, canvas: &Canvas<'_, '_>) -> String {
        match self.report.value.as_deref() {
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

/// The figures of a report, for the placeholders of texts.
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
        ("when", canvas.words.language.moment_short(report.analysed_to, canvas.now, canvas.zone)),
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

fn draw_indicators(
    indicators: &[HealthIndicator; 4],
    rows: &[Vec<usize>],
    area: Rect,
    canvas: &mut Canvas<'_, '_>,
) {
    // What a click on each indicator shows: the log, the findings, a verification, the configuration.
    let hits = [Hit::Field(0), Hit::Field(3), Hit::Command(Command::Verify), Hit::Field(Page::ALL.len() - 1)];
    for (row, spot) in rows.iter().zip(area.rows()) {
        let mut used = 1;
        for position in row {
            let indicator = &indicators[*position];
            let text = format!("{} {}", sign(indicator.severity), indicator.text);
            let width = u16::try_from(text.width()).unwrap_or(u16::MAX);
            let place = Rect { x: spot.x + used, width: width.min(spot.width.saturating_sub(used)), ..spot };
            let style = style(indicator.severity, canvas.theme);
            canvas.frame.render_widget(Line::from(Span::styled(text, style)), place);
            canvas.hit(place, hits[*position]);
            used = used.saturating_add(width + u16::try_from(INDICATOR_GAP).unwrap_or(0));
        }
    }
}

/// Draws the filter and the progress of loading. A click on a condition removes it.
fn draw_chips(records: &super::records::Records, area: Rect, canvas: &mut Canvas<'_, '_>) {
    let words = canvas.words;
    if let (Some(error), false) = (records.list.failure(), records.list.is_empty()) {
        let text = format!("   ✗ {}", failure::words(words, error));
        canvas.frame.render_widget(Line::from(Span::styled(text, canvas.theme.bad)), area);
        return;
    }
    let mut notes = Vec::new();
    if records.filter().is_empty() {
        let all = if records.is_logins() { AuditText::EveryLogin } else { AuditText::Everything };
        notes.push(words.say(all));
    }
    notes.push(words.say(if records.list.is_at_start() {
        AuditText::Following
    } else {
        AuditText::NotFollowing
    }));
    let parts: Vec<String> = records.filter().all().iter().map(|part| part.words(words)).collect();
    draw_parts(&parts, CLICK_PARTS, notes.join(" · "), area, canvas);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indicators_go_to_the_next_line_rather_than_be_cut() {
        let indicator = |width: usize| HealthIndicator { severity: Severity::Good, text: "x".repeat(width) };
        let indicators = [indicator(20), indicator(20), indicator(30), indicator(60)];
        assert_eq!(rows_of(&indicators, 140), [vec![0, 1, 2], vec![3]]);
        assert_eq!(rows_of(&indicators, 47), [vec![0, 1], vec![2], vec![3]]);
        assert_eq!(rows_of(&indicators, 10), [vec![0], vec![1], vec![2], vec![3]]);
    }
}
