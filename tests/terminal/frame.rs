//! The frame around the screens: help, palette, languages, themes, sizes, mouse, leaving.

use rustix::process::Signal;

use super::leave;
use crate::support::database::TestDatabase;
use crate::support::screen::Screen;

async fn catalogue() -> TestDatabase {
    TestDatabase::new().await.with_catalogue(&["W1", "W2", "X9"], &["A", "B"]).await
}

fn start(database: &TestDatabase, environment: &[(&str, &str)], columns: u16, rows: u16) -> Screen {
    let screen = Screen::start(&["--database-url", &database.url("admin")], environment, columns, rows);
    screen.wait_for("Product W1");
    screen
}

#[tokio::test(flavor = "multi_thread")]
async fn search_help_and_palette() {
    let database = catalogue().await;
    let screen = start(&database, &[], 100, 30);
    screen.keys("x9");
    screen.wait_until("the match alone", |contents| {
        contents.contains("1 match") && !contents.contains("Product W1")
    });
    // A scan ends with Enter; the product opens whether or not the answer was there already.
    screen.keys("<enter>").wait_for("Stock by location");
    screen.keys("<esc>").wait_gone("Stock by location");
    screen.keys("<esc>").wait_for("Product W1");
    screen.keys("?").wait_for("Choose the sort order");
    screen.keys("<esc>").wait_gone("Choose the sort order");
    screen.keys(":").wait_for("type part of a name");
    screen.keys("ledg<enter>").wait_gone("type part of a name");
    screen.keys("<f2><c-o>").wait_for("By name");
    screen.keys("2").wait_gone("By name");
    leave(screen);
}

#[tokio::test(flavor = "multi_thread")]
async fn screens_in_french_without_colour() {
    let database = catalogue().await;
    let screen = start(&database, &[("LANG", "fr_FR.UTF-8"), ("NO_COLOR", "1")], 100, 30);
    screen.wait_for("En stock");
    screen.keys("<f1>").wait_for("Choisir l'ordre");
    let colored = screen.look(|screen| {
        let (rows, columns) = screen.size();
        (0..rows.get()).any(|row| {
            (0..columns.get()).any(|column| {
                screen.cell(row, column).is_some_and(|cell| {
                    cell.fgcolor() != vt100::Color::Default || cell.bgcolor() != vt100::Color::Default
                })
            })
        })
    });
    assert!(!colored, "there is colour although NO_COLOR is set");
    screen.keys("<esc>");
    leave(screen);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_screens_fit_every_size() {
    let database = catalogue().await;
    let screen = start(&database, &[], 60, 20);
    screen.wait_for("F2 Stock");
    screen.resize(50, 18);
    screen.wait_for("too small: 50 × 18");
    screen.resize(140, 40);
    screen.wait_for("Stock by location");
    screen.resize(60, 20);
    screen.wait_for("Product W1");
    leave(screen);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_key_is_lost_in_a_resize_or_a_burst() {
    let database = catalogue().await;
    let screen = start(&database, &[], 100, 30);
    for number in 1..=40 {
        screen.resize(if number % 2 == 0 { 100 } else { 120 }, 30);
        screen.keys("x");
        screen.wait_for(&"x".repeat(number));
    }
    // More than any reader takes at once, and nothing behind it that would wake the reader again.
    screen.keys("<esc>").wait_for("Product W1");
    screen.keys("<f3>A<enter>").keys(&"W1<enter>".repeat(1_500)).wait_for("1,500 units");
    screen.keys("<c-x>");
    screen.wait_gone("1,500 units");
    leave(screen);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_mouse_selects_opens_and_is_switched_off() {
    let database = catalogue().await;
    let screen = start(&database, &[], 100, 30);
    let row_of = |contents: &str, text: &str| {
        u16::try_from(contents.lines().position(|line| line.contains(text)).unwrap()).unwrap()
    };
    let row = row_of(&screen.contents(), "Product X9");
    screen.click(10, row).wait_until("the row selected", |contents| {
        contents.lines().any(|line| line.contains('▸') && line.contains("Product X9"))
    });
    screen.click(10, row).wait_for("Stock by location");
    screen.keys("<esc><c-g>").wait_for("The mouse is off");
    screen.look(|screen| assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None));
    leave(screen);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_terminal_is_restored_on_a_signal() {
    let database = catalogue().await;
    for signal in [Signal::TERM, Signal::HUP, Signal::INT] {
        let screen = start(&database, &[], 80, 24);
        screen.signal(signal);
        let ended = screen.wait_exit();
        assert_eq!(ended.code, Some(0), "{signal:?}");
        ended.assert_restored();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_can_be_suspended_and_comes_back() {
    let database = catalogue().await;
    let program = env!("CARGO_BIN_EXE_stockroom");
    let shell = Screen::run("bash", &["--norc", "-i"], &[("PS1", "ready> ")], 100, 30);
    shell.wait_for("ready>");
    shell.keys(&format!("{program} --database-url '{}'<enter>", database.url("admin")));
    shell.wait_for("Product W1");
    shell.keys("<c-z>").wait_for("Stopped");
    shell.keys("echo in the $((1+1))nd shell<enter>").wait_for("in the 2nd shell");
    shell.keys("fg<enter>").wait_until("the stock again", |contents| {
        contents.contains("Product W1") && contents.contains("F2 Stock") && !contents.contains("2nd shell")
    });
    shell.keys("<c-q>").wait_for("2nd shell");
    shell.keys("exit<enter>");
    shell.wait_exit().assert_restored();
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_of_the_command_line_fit_the_terminal_and_are_paged() {
    let database = catalogue().await;
    let list = |environment: &[(&str, &str)], columns: u16, rows: u16| {
        let url = database.url("clerk");
        Screen::start(&["--database-url", &url, "product", "list"], environment, columns, rows).wait_exit()
    };
    let pager = [("STOCKROOM_PAGER", "sed 's/^/paged: /'")];
    let long = list(&pager, 80, 4);
    assert_eq!(long.code, Some(0));
    assert!(long.contents.contains("paged: "), "{}", long.contents);
    // What fits on the screen is not paged; and without the pager it is printed all the same.
    let short = list(&pager, 80, 200);
    assert!(!short.contents.contains("paged: ") && short.contents.contains("sku"), "{}", short.contents);
    let missing = list(&[("STOCKROOM_PAGER", "no-such-pager-anywhere")], 80, 4);
    assert_eq!(missing.code, Some(0));
    assert!(missing.contents.lines().any(|line| line.contains("Product")), "{}", missing.contents);
}
