//! The frame around the screens: tabs and the login at the top; banner, messages and keys at the bottom.

use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, Paragraph, Wrap};
use unicode_width::UnicodeWidthStr as _;

use super::commands::is_of_program;
use super::{App, Link, Session};
use crate::domain::SessionFacts;
use crate::tui::command::{Command, Label};
use crate::tui::screens::SCREENS;
use crate::tui::text::common::CommonText;
use crate::tui::view::{Canvas, Hit, Severity, View, fit, sign};

/// The smallest width of the window, in columns.
pub const WIDTH_MIN: u16 = 60;
/// The smallest height of the window, in rows.
pub const HEIGHT_MIN: u16 = 20;

impl App {
    /// Draws everything, and records what a click at each place means.
    pub fn draw(&mut self, frame: &mut Frame<'_>) {
        let area = frame.area();
        let mut hits = std::mem::take(&mut self.hits);
        hits.clear();
        frame.buffer_mut().set_style(area, self.shared.preferences.theme.text);
        if area.width < WIDTH_MIN || area.height < HEIGHT_MIN {
            self.draw_too_small(frame, area);
        } else {
            self.draw_all(frame, area, &mut hits);
            self.front().seen();
        }
        self.hits = hits;
    }

    fn draw_too_small(&self, frame: &mut Frame<'_>, area: Rect) {
        let places = [("width", &*area.width.to_string()), ("height", &*area.height.to_string())];
        let text = self.shared.preferences.words.fill(CommonText::TooSmall, &places);
        frame.render_widget(Paragraph::new(text).wrap(Wrap { trim: true }), area);
    }

    fn draw_all(&mut self, frame: &mut Frame<'_>, area: Rect, hits: &mut Vec<(Rect, Hit)>) {
        let rights = self.rights();
        let mut canvas = Canvas {
            frame,
            theme: &self.shared.preferences.theme,
            words: self.shared.preferences.words,
            keymap: &self.shared.preferences.keymap,
            rights,
            now: self.shared.now,
            zone: &self.shared.preferences.zone,
            people: &self.shared.people,
            notices: &self.shared.notices,
            focus: self.layers.is_empty(),
            hits,
        };
        let banner = banner(&canvas, &self.link, self.leaving.map(|leaving| leaving.until));
        let shown: Vec<(Severity, String)> =
            canvas.notices.shown(canvas.now).map(|notice| (notice.severity, notice.text.clone())).collect();
        let banner_lines =
            banner.as_ref().map_or(0, |text| if text.width() > usize::from(area.width) { 2 } else { 1 });
        let heights = [1, banner_lines, 0, u16::try_from(shown.len()).unwrap_or(0), 1];
        let [top, banner_area, body, messages, foot] = Layout::vertical([
            Constraint::Length(heights[0]),
            Constraint::Length(heights[1]),
            Constraint::Min(1),
            Constraint::Length(heights[3]),
            Constraint::Length(heights[4]),
        ])
        .areas(area);
        let facts = match &self.session {
            Session::In(facts) => Some(facts),
            Session::Out(_) => None,
        };
        draw_tabs(&mut canvas, top, self.screens.shown(), facts, &self.link);
        if let Some(text) = banner {
            let style = canvas.theme.bad;
            canvas
                .frame
                .render_widget(Paragraph::new(text).style(style).wrap(Wrap { trim: true }), banner_area);
        }
        match &mut self.session {
            Session::Out(form) => form.draw(body, &mut canvas),
            Session::In(_) => self.screens.front().draw(body, &mut canvas),
        }
        let layers = self.layers.len();
        for (position, layer) in self.layers.iter_mut().enumerate() {
            canvas.focus = position + 1 == layers;
            // What is below a layer cannot be clicked.
            canvas.hits.clear();
            layer.draw(body, &mut canvas);
        }
        draw_messages(&mut canvas, messages, &shown);
        let front: &dyn View = match (self.layers.last(), &self.session) {
            (Some(layer), _) => layer.as_ref(),
            (None, Session::Out(form)) => form.as_ref(),
            (None, Session::In(_)) => self.screens.front(),
        };
        let mut hints = front.hints().to_vec();
        hints.retain(|hint| front.handles(*hint) || is_of_program(*hint));
        draw_hints(&mut canvas, foot, &hints);
    }
}

/// The text of the banner, which names what prevents work, if something does.
fn banner(canvas: &Canvas<'_, '_>, link: &Link, leaving: Option<Timestamp>) -> Option<String> {
    let seconds = |until: Timestamp| until.duration_since(canvas.now).as_secs().max(0).to_string();
    if let Some(until) = leaving {
        let waiting = canvas.words.fill(CommonText::QuitWaiting, &[("seconds", &seconds(until))]);
        return Some(format!("{waiting} {}", canvas.words.say(CommonText::QuitJournal)));
    }
    match link {
        Link::Up => None,
        Link::Down { message, attempts, retry_at } => Some(canvas.words.fill(
            CommonText::Lost,
            &[
                ("message", message.as_str()),
                ("attempts", &attempts.to_string()),
                ("seconds", &seconds(*retry_at)),
            ],
        )),
    }
}

/// Draws the tabs with their keys, and on the right the login, the database and the state of the connection.
fn draw_tabs(
    canvas: &mut Canvas<'_, '_>,
    area: Rect,
    shown: Command,
    facts: Option<&SessionFacts>,
    link: &Link,
) {
    let Some(facts) = facts else {
        let title = Line::from(Span::styled(" Stockroom ", canvas.theme.tab));
        canvas.frame.render_widget(title, area);
        return;
    };
    let (sign, word, style) = match link {
        Link::Up => ("●", canvas.words.say(CommonText::Online), canvas.theme.good),
        Link::Down { .. } => ("○", canvas.words.say(CommonText::LostShort), canvas.theme.bad),
    };
    let who = format!(" {}@{} ", facts.login, facts.database);
    let state = format!("{sign} {word} ");
    let tabs: Vec<Command> = SCREENS
        .iter()
        .filter(|screen| screen.tab || screen.show == shown)
        .map(|screen| screen.show)
        .collect();
    let tabs: Vec<Command> = tabs.into_iter().filter(|show| canvas.rights.allow(*show)).collect();
    let room = usize::from(area.width);
    let label = |show: Command, long: bool, gap: &str| {
        let key = canvas.key(show).unwrap_or_default().to_uppercase();
        if long { format!(" {key} {}{gap}", canvas.words.say(Label(show))) } else { format!(" {key}{gap}") }
    };
    let fits = |gap: &str| tabs.iter().map(|show| label(*show, true, gap).width()).sum::<usize>() <= room;
    // On a narrow screen the gaps between tabs shrink first, then all tabs but the selected one lose their names; the
    // login is dropped before that.
    let long = fits("");
    let gap = if long && !fits(" ") { "" } else { " " };
    let mut used = 0_u16;
    let mut placed = Vec::with_capacity(tabs.len());
    for show in tabs {
        let text = label(show, long || show == shown, gap);
        let style = if show == shown { canvas.theme.tab } else { canvas.theme.dim };
        let columns = u16::try_from(text.width()).unwrap_or(u16::MAX);
        let spot = Rect { x: area.x + used, width: columns.min(area.width.saturating_sub(used)), ..area };
        used = used.saturating_add(columns);
        placed.push((spot, Line::from(Span::styled(text, style)), show));
    }
    for (spot, line, show) in placed {
        canvas.frame.render_widget(line, spot);
        canvas.hit(spot, Hit::Command(show));
    }
    let left = room.saturating_sub(usize::from(used));
    let mut spans = Vec::new();
    if who.width() + state.width() <= left {
        spans.push(Span::styled(who, canvas.theme.dim));
    }
    if state.width() <= left {
        spans.push(Span::styled(state, style));
    }
    canvas.frame.render_widget(Line::from(spans).right_aligned(), area);
}

fn draw_messages(canvas: &mut Canvas<'_, '_>, area: Rect, shown: &[(Severity, String)]) {
    canvas.frame.render_widget(Clear, area);
    canvas.frame.buffer_mut().set_style(area, canvas.theme.text);
    for (row, (severity, text)) in area.rows().zip(shown) {
        let style = match severity {
            Severity::Good => canvas.theme.good,
            Severity::Note => canvas.theme.text,
            Severity::Warning => canvas.theme.warning,
            Severity::Bad => canvas.theme.bad,
        };
        let cut = text.width() + 3 > usize::from(area.width);
        let key = canvas.key(Command::Messages).filter(|_| cut);
        let mut line = Line::from(Span::styled(format!(" {} {text}", sign(*severity)), style));
        if let Some(key) = key {
            let more = format!(" … {key} ");
            let room = usize::from(area.width).saturating_sub(more.width());
            line = Line::from(vec![
                Span::styled(fit(&format!(" {} {text}", sign(*severity)), room), style),
                Span::styled(more, canvas.theme.key),
            ]);
        }
        canvas.frame.render_widget(line, row);
        canvas.hit(row, Hit::Command(Command::Messages));
    }
}

/// Draws the keys of the view, then help and quit, as far as there is room.
fn draw_hints(canvas: &mut Canvas<'_, '_>, area: Rect, hints: &[Command]) {
    let always = [Command::Help, Command::Quit];
    let wanted: Vec<Command> =
        hints.iter().copied().filter(|command| canvas.rights.allow(*command)).collect();
    let text = |canvas: &Canvas<'_, '_>, command: Command| {
        canvas.key(command).map(|key| (key, canvas.words.say(Label(command))))
    };
    let width = |key: &str, label: &str| key.width() + label.width() + 3;
    let reserved: usize = always
        .iter()
        .filter(|command| !wanted.contains(command))
        .filter_map(|command| text(canvas, *command))
        .map(|(key, label)| width(&key, label))
        .sum();
    let mut used = 0;
    let mut full = false;
    for command in wanted.iter().chain(always.iter().filter(|command| !wanted.contains(command))) {
        let Some((key, label)) = text(canvas, *command) else { continue };
        let columns = width(&key, label);
        let limit = usize::from(area.width)
            - if always.contains(command) { 0 } else { reserved.min(usize::from(area.width)) };
        // The hints are in the order of their usefulness, so the first that does not fit is the last.
        full |= !always.contains(command) && used + columns > limit;
        if used + columns > limit || (full && !always.contains(command)) {
            continue;
        }
        let spot = Rect {
            x: area.x + u16::try_from(used).unwrap_or(u16::MAX),
            width: u16::try_from(columns).unwrap_or(u16::MAX),
            ..area
        };
        let line = Line::from(vec![
            Span::raw(" "),
            Span::styled(key, canvas.theme.key),
            Span::raw(" "),
            Span::styled(label, canvas.theme.dim),
        ]);
        canvas.frame.render_widget(line, spot);
        canvas.hit(spot, Hit::Command(*command));
        used += columns;
    }
}
