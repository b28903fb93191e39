//! Takes over the terminal and restores it, in any case.

use std::io::{self, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::cursor::Show;
use crossterm::event::{
    DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture,
};
use crossterm::execute;
use crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, SetTitle, disable_raw_mode, enable_raw_mode,
};

/// Whether the terminal is taken over. Global, because a panic may occur on any thread.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// Takes over the terminal: raw mode, the alternate screen, and the mouse if wanted.
pub(super) fn take(mouse: bool) -> io::Result<()> {
    enable_raw_mode()?;
    TAKEN.store(true, Ordering::SeqCst);
    execute!(io::stdout(), EnterAlternateScreen, EnableBracketedPaste, SetTitle("Stockroom"))?;
    set_mouse(mouse)
}

/// Handles the mouse, or leaves it to the terminal, whose own text selection then works.
pub(super) fn set_mouse(on: bool) -> io::Result<()> {
    if on { execute!(io::stdout(), EnableMouseCapture) } else { execute!(io::stdout(), DisableMouseCapture) }
}

/// Restores the terminal, once. Tries everything even if a part fails; returns the first failure.
pub(super) fn give_back() -> io::Result<()> {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return Ok(());
    }
    let screen =
        execute!(io::stdout(), DisableMouseCapture, DisableBracketedPaste, LeaveAlternateScreen, Show);
    let raw = disable_raw_mode();
    io::stdout().flush()?;
    screen.and(raw)
}

/// Restores the terminal when it is dropped.
#[derive(Debug)]
pub(super) struct Guard;

impl Drop for Guard {
    fn drop(&mut self) {
        if let Err(error) = give_back() {
            tracing::error!(%error, "Could not restore the terminal");
        }
    }
}

/// Makes a panic restore the terminal before its message is printed, so that it can be read.
pub(super) fn restore_on_panic() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let _ = give_back();
        tracing::error!(panic = %info, "Stockroom panicked");
        before(info);
    }));
}
