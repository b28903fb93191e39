//! Passwords in the keyring of the desktop (the Secret Service of freedesktop.org), by way of the program `secret-tool` of
//! libsecret.
//!
//! A password is passed on standard input and read from standard output: arguments and environment can be seen by others.

use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use secrecy::{ExposeSecret as _, SecretString};

use super::pgpass::Target;

const PROGRAM: &str = "secret-tool";
/// How long the keyring may take; while it is locked, the desktop asks the person to unlock it.
const ANSWER_MAX: Duration = Duration::from_secs(60);
/// The pause between looking whether the program has ended.
const PAUSE: Duration = Duration::from_millis(10);

/// Whether this session has a desktop whose keyring can be asked: a session bus. Over ssh there is usually none.
fn is_there() -> bool {
    let named = std::env::var_os("DBUS_SESSION_BUS_ADDRESS").is_some_and(|address| !address.is_empty());
    let runtime = std::env::var_os("XDG_RUNTIME_DIR");
    named || runtime.is_some_and(|directory| Path::new(&directory).join("bus").exists())
}

/// The password that the keyring has for a connection.
pub(super) fn find(target: Target<'_>) -> Option<SecretString> {
    let output = run("lookup", target, &[], None)?;
    let found = output.status.success() && !output.stdout.is_empty();
    let text = String::from_utf8(output.stdout).ok().filter(|_| found)?;
    Some(SecretString::from(text))
}

/// Puts the password of a connection into the keyring. Returns whether it is there now.
pub(super) fn keep(target: Target<'_>, password: &SecretString) -> bool {
    let label = format!("--label=Stockroom: {} on {}", target.user, target.host);
    let stored = run("store", target, &[&label], Some(password));
    let found = stored.filter(|output| output.status.success()).and_then(|_| find(target));
    found.is_some_and(|found| found.expose_secret() == password.expose_secret())
}

/// Removes the password of a connection from the keyring. Returns whether one was there.
pub(super) fn forget(target: Target<'_>) -> bool {
    find(target).is_some() && run("clear", target, &[], None).is_some_and(|output| output.status.success())
}

/// Runs the program; none if there is no desktop, no such program, or no answer.
fn run(
    action: &str,
    target: Target<'_>,
    options: &[&str],
    password: Option<&SecretString>,
) -> Option<Output> {
    if !is_there() {
        return None;
    }
    let port = target.port.to_string();
    let attributes = [
        ("application", "stockroom"),
        ("host", target.host),
        ("port", &port),
        ("database", target.database),
        ("user", target.user),
    ];
    let mut command = Command::new(PROGRAM);
    command.arg(action).args(options).args(attributes.iter().flat_map(|(name, value)| [name, value]));
    let input = if password.is_some() { Stdio::piped() } else { Stdio::null() };
    let mut child = command.stdin(input).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?;
    if let (Some(mut input), Some(password)) = (child.stdin.take(), password) {
        // It reads to the end; dropping the pipe is the end.
        input.write_all(password.expose_secret().as_bytes()).ok()?;
    }
    wait(child)
}

fn wait(mut child: Child) -> Option<Output> {
    let until = Instant::now() + ANSWER_MAX;
    while child.try_wait().ok()?.is_none() {
        if Instant::now() > until {
            let _ = child.kill();
            let _ = child.wait();
            return None;
        }
        thread::sleep(PAUSE);
    }
    child.wait_with_output().ok()
}
