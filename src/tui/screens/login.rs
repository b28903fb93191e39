//! The login form: server, user, and the password, which is never displayed and not part of any text.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Wrap};
use secrecy::SecretString;

use crate::tui::command::{Command, Scope};
use crate::tui::key::Key;
use crate::tui::keymap::Typing;
use crate::tui::text::common::CommonText;
use crate::tui::text::login::LoginText;
use crate::tui::view::{Action, Binding, Bindings, Bound, Canvas, Context, Hit, View};
use crate::tui::widgets::Field;
use crate::tui::widgets::panel::dialog;
use crate::worker::message::Login;

/// The labels of the fields, in their order.
const LABELS: [LoginText; 3] = [LoginText::Server, LoginText::User, LoginText::Password];
const SERVER: usize = 0;
const USER: usize = 1;
const PASSWORD: usize = 2;
/// The place of the switch below the fields.
const KEEP: usize = 3;
/// The server shown if none is configured.
const SERVER_DEFAULT: &str = "localhost:5432/stock_management";
/// The width of the labels.
const LABEL_WIDTH: u16 = 14;

/// Form for the server, the login and the password, shown until somebody is logged in.
#[derive(Debug)]
pub struct LoginForm {
    url: String,
    fields: [Field; 3],
    /// Whether the password is kept on this machine.
    keep: bool,
    focus: usize,
    message: Option<String>,
    connecting: bool,
}

impl Default for LoginForm {
    fn default() -> Self {
        Self::new(&Login { url: String::new(), user: None, password: None, keep: false })
    }
}

impl LoginForm {
    /// The form with the known data; the cursor is in the first empty field.
    #[must_use]
    pub fn new(login: &Login) -> Self {
        let server = shown(&login.url).unwrap_or_else(|| SERVER_DEFAULT.to_owned());
        let user = login.user.clone().unwrap_or_default();
        let focus = if user.is_empty() { USER } else { PASSWORD };
        let fields = [Field::with(&server), Field::with(&user), Field::masked()];
        Self { url: login.url.clone(), fields, keep: login.keep, focus, message: None, connecting: false }
    }

    /// Shows why the login failed and accepts another attempt.
    pub fn refused(&mut self, message: String) {
        self.message = Some(message);
        self.connecting = false;
        self.focus = if self.fields[USER].is_empty() { USER } else { PASSWORD };
    }

    fn go_to(&mut self, field: usize) {
        self.focus = field % (KEEP + 1);
    }

    fn confirm(&mut self, context: &mut Context<'_>) {
        if self.connecting {
            return;
        }
        if self.focus < PASSWORD && !self.fields[self.focus].is_empty() {
            self.focus += 1;
        } else {
            self.submit(context);
        }
    }

    fn submit(&mut self, context: &mut Context<'_>) {
        let user = self.fields[USER].text().trim().to_owned();
        if user.is_empty() {
            self.message = Some(context.words.say(LoginText::NoUser).to_owned());
            self.focus = USER;
            return;
        }
        let server = self.fields[SERVER].text().trim();
        // The URL of the configuration may contain more than the field shows, such as the TLS mode.
        let url = if shown(&self.url).as_deref() == Some(server) {
            self.url.clone()
        } else {
            format!("postgres://{server}")
        };
        let password = self.fields[PASSWORD].take();
        let password = (!password.is_empty()).then(|| SecretString::from(password));
        self.message = None;
        self.connecting = true;
        context.request(Action::LogIn(Login { url, user: Some(user), password, keep: self.keep }));
    }
}

/// The part `host:port/database` of a URL, if it can be parsed.
fn shown(url: &str) -> Option<String> {
    let url = url::Url::parse(url).ok()?;
    let host = url.host_str()?;
    let port = url.port().unwrap_or(5432);
    Some(format!("{host}:{port}{}", url.path()))
}

impl Bound for LoginForm {
    const TABLES: &'static [Bindings<Self>] = &[&[
        Binding::One(Command::NextField, |view, _| view.go_to(view.focus + 1)),
        Binding::One(Command::PreviousField, |view, _| view.go_to(view.focus + KEEP)),
        Binding::One(Command::Confirm, |view, context| view.confirm(context)),
    ]];
}

impl View for LoginForm {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Dialog]
    }

    fn asks(&self) -> bool {
        true
    }

    fn typing(&self) -> Typing {
        match self.fields.get(self.focus) {
            Some(field) if field.is_empty() => Typing::Empty,
            _ => Typing::Text,
        }
    }

    fn hints(&self) -> &'static [Command] {
        &[Command::Confirm, Command::NextField]
    }

    fn shown(&mut self, _context: &mut Context<'_>) {
        self.connecting = true;
    }

    fn key(&mut self, key: Key, _context: &mut Context<'_>) {
        if self.connecting {
            return;
        }
        match self.fields.get_mut(self.focus) {
            Some(field) => {
                field.key(key);
            }
            None => self.keep ^= key == Key::char(' '),
        }
    }

    fn clicked(&mut self, hit: Hit, _context: &mut Context<'_>) {
        if let Hit::Field(position) = hit {
            // A click on the switch is one on its box.
            self.keep ^= position == KEEP;
            self.focus = position.min(KEEP);
        }
    }

    fn draw(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let inside = dialog(canvas, area, 64, 15, canvas.words.say(LoginText::Title));
        let explain = Paragraph::new(canvas.words.say(LoginText::Explain))
            .style(canvas.theme.dim)
            .wrap(Wrap { trim: true });
        canvas.frame.render_widget(explain, Rect { height: inside.height.min(3), ..inside });
        for (position, (label, row)) in LABELS.iter().zip(inside.rows().skip(4)).enumerate() {
            canvas.frame.render_widget(Line::from(canvas.words.say(*label)), row);
            let spot = Rect { x: row.x + LABEL_WIDTH, width: row.width.saturating_sub(LABEL_WIDTH), ..row };
            let focus = canvas.focus && position == self.focus && !self.connecting;
            let hint = if position == SERVER { canvas.words.say(LoginText::ServerHint) } else { "" };
            self.fields[position].show(spot, canvas, focus, hint);
            canvas.hit(spot, Hit::Field(position));
        }
        if let Some(row) = inside.rows().nth(4 + KEEP) {
            let marked = if self.keep { "[x] " } else { "[ ] " };
            let style =
                if canvas.focus && self.focus == KEEP { canvas.theme.field_focus } else { canvas.theme.text };
            let spot = Rect { x: row.x + LABEL_WIDTH, width: row.width.saturating_sub(LABEL_WIDTH), ..row };
            let text = format!("{marked}{}", canvas.words.say(LoginText::Keep));
            canvas.frame.render_widget(Line::from(Span::styled(text, style)), spot);
            canvas.hit(spot, Hit::Field(KEEP));
        }
        let below =
            Rect { y: inside.y + 9.min(inside.height), height: inside.height.saturating_sub(9), ..inside };
        if self.connecting {
            let database = self.fields[SERVER].text();
            let text = canvas.words.fill(CommonText::Connecting, &[("database", database)]);
            canvas.frame.render_widget(Line::from(text), below);
        } else if let Some(message) = &self.message {
            let text = Line::from(Span::styled(format!("✗ {message}"), canvas.theme.bad));
            canvas.frame.render_widget(Paragraph::new(text).wrap(Wrap { trim: true }), below);
        }
    }
}
