//! The pseudo-terminal of the end-to-end tests: it shows what a program writes, sends what a person types, and notices
//! whether a terminal is restored.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::support::keys::parts;
use crate::support::screen::Screen;

fn shell(script: &str) -> Screen {
    Screen::run("sh", &["-c", script], &[], 60, 10)
}

#[test]
fn keys_are_what_a_terminal_sends() {
    for (notation, expected) in [
        ("a<enter>", vec!["a\r"]),
        ("<lt>é>", vec!["<é>"]),
        ("<tab><s-tab><backspace><del><space>", vec!["\t\x1b[Z\x7f\x1b[3~ "]),
        ("<up><c-up><s-left><c-s-end>", vec!["\x1b[A\x1b[1;5A\x1b[1;2D\x1b[1;6F"]),
        ("<f1><f3><f5><f12><s-f1><c-f5>", vec!["\x1bOP\x1bOR\x1b[15~\x1b[24~\x1b[1;2P\x1b[15;5~"]),
        ("<c-q><c-a><a-x><a-enter><c-space>", vec!["\x11\x01\x1bx\x1b\r\0"]),
        ("<esc>q<esc><esc>", vec!["\x1b", "q\x1b", "\x1b"]),
        ("", vec![]),
    ] {
        let expected: Vec<&[u8]> = expected.iter().map(|part| part.as_bytes()).collect();
        assert_eq!(parts(notation), expected, "{notation}");
    }
    for wrong in ["<entre>", "<c-é>", "<", "<c-enter>", "<s-a>"] {
        assert!(catch_unwind(|| parts(wrong)).is_err(), "{wrong}");
    }
}

#[test]
fn the_program_writes_for_the_width_that_it_is_given() {
    for (columns, words) in [
        (49, "on PostgreSQL,\nwith a ledger that can be audited"),
        (120, "on PostgreSQL, with a ledger that can be audited\n"),
    ] {
        let ended = Screen::start(&["--help"], &[], columns, 100).wait_exit();
        assert_eq!((ended.code, ended.signal.as_deref()), (Some(0), None));
        ended.assert_restored();
        assert!(ended.contents.contains(words), "{}", ended.contents);
    }
}

#[test]
fn typed_text_arrives_and_the_exit_code_is_returned() {
    let cat = Screen::run("cat", &[], &[], 40, 5);
    cat.keys("71053 é<lt><enter>");
    // Once as the echo of the line, once as what the program says.
    cat.wait_until("the line twice", |contents| contents.matches("71053 é<").count() == 2);
    cat.keys("<c-d>");
    let ended = cat.wait_exit();
    assert_eq!(ended.code, Some(0));
    ended.assert_restored();
    assert_eq!(shell("exit 3").wait_exit().code, Some(3));
}

#[test]
fn large_output_and_input_block_nobody() {
    let screen = shell("stty raw -echo; echo begin; head -c 300000 | tr -d '\\r' | wc -c; stty sane");
    screen.wait_for("begin");
    for _ in 0..300 {
        screen.keys(&"x".repeat(1_000));
    }
    screen.wait_for("300000");
    assert_eq!(screen.wait_exit().code, Some(0));
    let flood = shell("seq 1 200000; echo the end");
    assert!(flood.wait_exit().contents.contains("200000\nthe end"));
}

#[test]
fn an_unrestored_terminal_is_noticed() {
    let begin = r"was=$(stty -g); printf '\033[?1049h\033[?25l\033[?2004h\033[?1000h'; stty raw -echo; printf ready; head -c 1 >/dev/null;";
    let end = r#"stty "$was"; printf '\033[?1000l\033[?2004l\033[?25h\033[?1049l'"#;
    let good = shell(&format!("echo before; {begin} {end}"));
    good.wait_for("ready");
    assert!(good.look(|screen| screen.alternate_screen() && screen.hide_cursor()));
    good.keys("q");
    let ended = good.wait_exit();
    ended.assert_restored();
    assert_eq!(ended.contents.trim(), "before");

    let bad = shell(begin);
    bad.wait_for("ready");
    bad.keys("q");
    let ended = bad.wait_exit();
    assert_eq!(ended.not_restored.len(), 5, "{ended:?}");
    assert!(catch_unwind(|| ended.assert_restored()).is_err());
}

#[test]
fn an_escape_is_read_before_the_next_key_is_sent() {
    // Each read gives what has arrived by then.
    let screen = shell(
        "stty raw -echo; printf ready; for i in 1 2; do dd bs=9 count=1 2>/dev/null | od -An -c; done; stty sane",
    );
    screen.wait_for("ready");
    screen.keys("<esc>q<esc>");
    let seen = screen.wait_exit().contents;
    assert_eq!(seen.matches("033").count(), 2, "{seen}");
    assert!(!seen.contains("033   q"), "the Escape came with the key behind it:\n{seen}");
}

#[test]
fn the_terminal_answers_where_its_cursor_is() {
    let screen =
        shell(r"stty raw -echo; printf 'ab\033[6n'; dd bs=20 count=1 2>/dev/null | od -An -c; stty sane");
    assert!(screen.wait_exit().contents.contains("033   [   1   ;   3   R"));
}

#[test]
fn size_and_signals_reach_the_program() {
    let script =
        "trap 'stty size' WINCH; trap 'echo asked; exit 7' TERM; stty size; while :; do sleep 0.05; done";
    let screen = shell(script);
    screen.wait_for("10 60");
    screen.resize(100, 30);
    screen.wait_for("30 100");
    assert_eq!(screen.look(|screen| screen.size().1.get()), 100);
    screen.signal(Signal::TERM);
    let ended = screen.wait_exit();
    assert_eq!(ended.code, Some(7));
    assert!(ended.contents.contains("asked"));

    let killed = shell("echo up; exec sleep 600");
    killed.wait_for("up");
    let ended = killed.kill();
    assert_eq!((ended.code, ended.signal.as_deref()), (None, Some("Killed")));
}

#[test]
fn a_terminal_of_size_zero_does_no_harm() {
    let screen = Screen::run("sh", &["-c", "echo a; exit 0"], &[], 0, 0);
    screen.resize(1, 1);
    assert_eq!(screen.wait_exit().code, Some(0));
}

#[test]
fn a_partly_drawn_frame_is_ignored() {
    let screen =
        shell(r"printf '\033[?2026hhalf'; read line; printf '\033[2J\033[Hwhole\033[?2026l'; read line");
    let deadline = Instant::now() + Duration::from_secs(20);
    while !screen.contents().contains("half") {
        assert!(Instant::now() < deadline, "nothing was drawn");
        std::thread::yield_now();
    }
    let wait = || screen.wait_within(Duration::from_millis(50), "half", |contents| contents.contains("half"));
    assert!(catch_unwind(AssertUnwindSafe(wait)).is_err(), "the half was judged");
    screen.keys("<enter>");
    screen.wait_for("whole");
    screen.keys("<enter>");
    assert_eq!(screen.wait_exit().code, Some(0));
}

#[test]
fn the_environment_is_that_of_the_test() {
    let environment = [("NO_COLOR", "1"), ("LANG", "fr_FR.UTF-8")];
    let screen = Screen::run("sh", &["-c", "env | sort; pwd; echo done"], &environment, 200, 40);
    let home = screen.home().to_str().unwrap().to_owned();
    let seen = screen.wait_exit().contents;
    for line in
        ["NO_COLOR=1", "LANG=fr_FR.UTF-8", "TERM=xterm-256color", "TZ=UTC", &format!("HOME={home}"), &home]
    {
        assert!(seen.lines().any(|found| found == line), "{line} is missing:\n{seen}");
    }
    assert!(!seen.contains("STOCKROOM"), "{seen}");
}

#[test]
fn a_wait_that_times_out_shows_the_screen() {
    let screen = shell("echo something else; sleep 600");
    screen.wait_for("something else");
    let wait =
        || screen.wait_within(Duration::from_millis(50), "never", |contents| contents.contains("never"));
    let failure = catch_unwind(AssertUnwindSafe(wait)).unwrap_err();
    let message = failure.downcast_ref::<String>().unwrap();
    assert!(message.contains("something else") && message.contains("60 by 10"), "{message}");
}
