//! The program in a real pseudo-terminal against a real server: what a person at the terminal sees and does. Also the
//! worker, and the page of keys.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failure in a test is a failed test")]

#[path = "../support/mod.rs"]
mod support;

mod audit;
mod connection;
mod counting;
mod drafts;
mod frame;
mod keys_page;
mod login;
mod names;
mod ordering;
mod orders;
mod outcome;
mod picking;
mod posting;
mod pseudo_terminal;
mod records;
mod stock;
mod tasks;
mod worker;

use support::screen::Screen;

/// Leaves the program, which puts the terminal back as it was.
fn leave(screen: Screen) {
    screen.keys("<c-q>");
    let ended = screen.wait_exit();
    assert_eq!(ended.code, Some(0), "{}", ended.contents);
    ended.assert_restored();
}
