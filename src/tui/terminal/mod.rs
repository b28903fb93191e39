//! The real terminal: takes it over, reads keys, draws frames, and restores it in any case.
//!
//! Boundary: the only module that names crossterm. The loop only awaits events: signals, keys, reports of the worker,
//! and the time of the next frame.

mod clipboard;
mod drafts;
mod guard;
mod input;

use std::io::{self, Stdout, Write as _};
use std::time::{Duration, Instant};

use crossterm::event::EventStream;
use crossterm::style::Print;
use crossterm::terminal::{BeginSynchronizedUpdate, EndSynchronizedUpdate};
use crossterm::{execute, queue};
use futures_util::StreamExt as _;
use jiff::Timestamp;
use rand::rngs::SmallRng;
use ratatui::Terminal;
use ratatui::backend::{Backend as _, ClearType, CrosstermBackend};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc::error::TrySendError;

use self::drafts::Drafts;
use super::app::{App, Message, Preferences};
use super::view::Effect;
use crate::worker::Worker;
use crate::worker::message::Login;

/// The shortest interval between two frames. Keys that come faster, as from a scanner, share a frame.
const FRAME_PAUSE: Duration = Duration::from_millis(8);
/// How many messages are handled before the screen is drawn again, so that a flood of reports cannot prevent drawing.
const MESSAGES_MAX: usize = 64;

type Screen = Terminal<CrosstermBackend<Stdout>>;

/// Runs the terminal until the person quits.
///
/// # Errors
/// If the terminal cannot be taken over, read or drawn on.
pub async fn run(preferences: Preferences, login: Login, worker: Worker) -> io::Result<()> {
    guard::restore_on_panic();
    let mouse = preferences.mouse;
    let random: SmallRng = rand::make_rng();
    let drafts = Drafts::new(&preferences.drafts);
    let app = App::new(preferences, login, Timestamp::now(), random);
    guard::take(mouse)?;
    let guard = guard::Guard;
    let screen = Terminal::new(CrosstermBackend::new(io::stdout()))?;
    let outcome =
        Session { app, screen, worker, drafts, drawn_at: None, dirty: true, over: false }.work().await;
    drop(guard);
    outcome
}

/// The state of the event loop.
struct Session {
    app: App,
    screen: Screen,
    worker: Worker,
    drafts: Drafts,
    drawn_at: Option<Instant>,
    dirty: bool,
    over: bool,
}

impl Session {
    async fn work(mut self) -> io::Result<()> {
        let mut keys = EventStream::new();
        let mut terminate = signal(SignalKind::terminate())?;
        let mut hang_up = signal(SignalKind::hangup())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let effects = self.app.start();
        self.apply(effects)?;
        while !self.over {
            self.draw_if_due()?;
            let wake = self.wake_at();
            tokio::select! {
                biased;
                _ = terminate.recv() => self.update(Message::Terminate)?,
                _ = hang_up.recv() => self.update(Message::Terminate)?,
                _ = interrupt.recv() => self.update(Message::Terminate)?,
                event = keys.next() => match event {
                    Some(event) => {
                        if let Some(message) = input::message(event?) {
                            self.update(message)?;
                        }
                    }
                    // The terminal is gone.
                    None => self.over = true,
                },
                report = self.worker.reports.recv() => match report {
                    Some(report) => {
                        self.update(Message::Report(report))?;
                        self.take_more_reports()?;
                    }
                    None => return Err(io::Error::other("the worker ended")),
                },
                () = tokio::time::sleep_until(wake.into()) => self.update(Message::Tick)?,
            }
        }
        self.worker.stop();
        Ok(())
    }

    /// Handles messages that have arrived meanwhile, up to a limit, before drawing.
    fn take_more_reports(&mut self) -> io::Result<()> {
        for _ in 0..MESSAGES_MAX {
            match self.worker.reports.try_recv() {
                Ok(report) => self.update(Message::Report(report))?,
                Err(_) => break,
            }
        }
        Ok(())
    }

    fn update(&mut self, message: Message) -> io::Result<()> {
        let effects = self.app.update(message, Timestamp::now());
        self.dirty = true;
        self.apply(effects)
    }

    fn apply(&mut self, effects: Vec<Effect>) -> io::Result<()> {
        for effect in effects {
            match effect {
                Effect::Send(order) => match self.worker.orders.try_send(order) {
                    Ok(()) => {}
                    // The worker only queues orders, so a full queue means that it does not run at all; continuing
                    // would lose input.
                    Err(TrySendError::Full(_) | TrySendError::Closed(_)) => {
                        return Err(io::Error::other("the worker takes no more orders"));
                    }
                },
                Effect::Quit => self.over = true,
                Effect::Suspend => self.suspend()?,
                Effect::Redraw => self.forget_drawn()?,
                Effect::Mouse(on) => guard::set_mouse(on)?,
                Effect::Bell => execute!(io::stdout(), Print('\u{7}'))?,
                Effect::KeepDraft { owner, screen, draft } => {
                    let kept = self.drafts.keep(&owner, screen, draft.as_ref(), Timestamp::now());
                    self.tell_of_drafts(kept)?;
                }
                Effect::FindDrafts { owner } => {
                    let found = self.drafts.find(&owner);
                    self.update(Message::Drafts(found))?;
                }
                Effect::DropDraft(path) => {
                    let dropped = self.drafts.drop(&path);
                    self.tell_of_drafts(dropped)?;
                }
                Effect::Copy(text) => execute!(io::stdout(), Print(clipboard::sequence(&text)))?,
            }
        }
        Ok(())
    }

    /// Reports that drafts cannot be saved; work continues without them.
    fn tell_of_drafts(&mut self, outcome: io::Result<()>) -> io::Result<()> {
        match outcome {
            Ok(()) => Ok(()),
            Err(error) => self.update(Message::DraftNotKept(error.to_string())),
        }
    }

    /// When the loop must continue without an event: for the next frame, or for what changes with time.
    fn wake_at(&mut self) -> Instant {
        let now = Instant::now();
        if self.dirty {
            return self.drawn_at.map_or(now, |drawn| drawn + FRAME_PAUSE);
        }
        let change = self.app.next_change().map(|at| at.duration_since(Timestamp::now()));
        // If nothing changes by itself the loop sleeps until an event, at most for an hour.
        let wait = change
            .map_or(Duration::from_secs(3_600), |wait| Duration::try_from(wait).unwrap_or(Duration::ZERO));
        now + wait
    }

    fn draw_if_due(&mut self) -> io::Result<()> {
        let due = self.drawn_at.is_none_or(|drawn| drawn.elapsed() >= FRAME_PAUSE);
        if !self.dirty || !due {
            return Ok(());
        }
        queue!(io::stdout(), BeginSynchronizedUpdate)?;
        self.screen.draw(|frame| self.app.draw(frame))?;
        execute!(io::stdout(), EndSynchronizedUpdate)?;
        self.drawn_at = Some(Instant::now());
        self.dirty = false;
        Ok(())
    }

    /// Makes the next frame draw everything. Ratatui's own method of clearing queries the cursor position, and the
    /// answer would be consumed by the reader of keys.
    fn forget_drawn(&mut self) -> io::Result<()> {
        self.screen.backend_mut().clear_region(ClearType::All)?;
        self.screen.swap_buffers();
        self.dirty = true;
        Ok(())
    }

    /// Suspends the program until the shell brings it to the foreground again.
    fn suspend(&mut self) -> io::Result<()> {
        guard::give_back()?;
        io::stdout().flush()?;
        rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::STOP)?;
        guard::take(false)?;
        self.forget_drawn()
    }
}
