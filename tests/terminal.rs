//! The real program in a real pseudo-terminal against a real server: what a person at the terminal
//! sees and does.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failure in a test is a failed test")]

mod support;

#[path = "terminal/audit.rs"]
mod audit;
#[path = "terminal/counting.rs"]
mod counting;
#[path = "terminal/frame.rs"]
mod frame;
#[path = "terminal/line.rs"]
mod line;
#[path = "terminal/login.rs"]
mod login;
#[path = "terminal/outcome.rs"]
mod outcome;
#[path = "terminal/posting.rs"]
mod posting;

use support::screen::Screen;

/// Leaves the program, which puts the terminal back as it was.
fn leave(screen: Screen) {
    screen.keys("<c-q>");
    let ended = screen.wait_exit();
    assert_eq!(ended.code, Some(0), "{}", ended.contents);
    ended.assert_restored();
}
