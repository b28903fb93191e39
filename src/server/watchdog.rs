//! Stops a server when the process that it is tied to ends, in whatever way.
//!
//! A shell reads a pipe whose other end this process holds. Even after a SIGKILL the system closes that end, and
//! the shell then stops the server. If the directory is to be deleted, a second shell, which runs as the invoker
//! and not as the server's account, waits for the first and deletes it.

use std::io::{PipeWriter, pipe};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::account::Account;
use super::error::ServerError;
use super::installation::Installation;
use super::lock::InstanceLock;
use super::paths::InstancePaths;
use super::process::SIGNAL_ORPHANS;

/// $1 is pg_ctl, $2 the data directory, $3 the script that signals the backends of a killed postmaster.
///
/// pg_ctl trusts the process id in `postmaster.pid`; where there is a `/proc`, the script checks first that the id
/// is still the server's. The backends are signalled in any case: a postmaster that is killed after that check
/// leaves them behind, and pg_ctl does not tell.
const STOP_AT_END: &str = r#"
trap '' HUP INT TERM QUIT
cat >/dev/null
pid=$(head -n 1 "$2/postmaster.pid" 2>/dev/null) || exit 0
[ -n "$pid" ] || exit 0
if ! [ -d /proc/self ] || tr '\0' '\n' <"/proc/$pid/cmdline" 2>/dev/null | grep -Fxq -e "$2"; then
    "$1" stop -D "$2" -m fast -w -t 60 >/dev/null 2>&1 ||
        "$1" stop -D "$2" -m immediate -w -t 30 >/dev/null 2>&1
fi
sh -c "$3" sh "$2" QUIT >/dev/null
"#;

/// $1 is the instance directory, $2 the socket directory.
///
/// The last processes of a server that was killed may still write, so one try may not be enough.
const DELETE_AT_END: &str = r#"
trap '' HUP INT TERM QUIT
cat >/dev/null
for attempt in 1 2 3 4 5 6 7 8 9 10; do
    rm -rf -- "$1" "$2" 2>/dev/null && exit 0
    sleep 0.2
done
"#;

/// The running shells; dropping this triggers them and waits for them.
#[derive(Debug)]
pub(super) struct Watchdog {
    alive: Option<PipeWriter>,
    children: Vec<Child>,
}

impl Watchdog {
    /// Starts the shell that stops the server, and the one that deletes the directory if requested.
    pub(super) fn spawn(
        paths: &InstancePaths,
        socket_dir: &Path,
        delete: bool,
        installation: &Installation,
        account: &Account,
        lock: &InstanceLock,
    ) -> Result<Self, ServerError> {
        let mut children = Vec::new();
        // The last shell to end holds the lock, so that nobody starts the server in between.
        let mut last_stream = lock.share(paths)?;
        if delete {
            let (ended, end) = pipe().map_err(ServerError::file("open a pipe for", "/bin/sh"))?;
            let mut command = Command::new("/bin/sh");
            command
                .args(["-c", DELETE_AT_END, "stockroom-watchdog"])
                .arg(paths.root())
                .arg(socket_dir)
                .current_dir("/")
                .stdin(ended)
                .stdout(last_stream);
            children.push(start(&mut command)?);
            last_stream = Stdio::from(end);
        }
        let (ended, alive) = pipe().map_err(ServerError::file("open a pipe for", "/bin/sh"))?;
        let mut command = account.command("/bin/sh");
        command
            .args(["-c", STOP_AT_END, "stockroom-watchdog"])
            .arg(installation.program("pg_ctl"))
            .arg(paths.data())
            .arg(SIGNAL_ORPHANS)
            .stdin(ended)
            .stdout(last_stream);
        children.insert(0, start(&mut command)?);
        Ok(Self { alive: Some(alive), children })
    }

    /// This process's end of the pipe, for a child that must finish before the server may be stopped.
    pub(super) fn share(&self) -> Option<Stdio> {
        let alive = self.alive.as_ref()?;
        alive.try_clone().ok().map(Stdio::from)
    }
}

/// Starts a shell in its own process group, so that Ctrl-C in the terminal does not reach it.
fn start(command: &mut Command) -> Result<Child, ServerError> {
    command
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .map_err(|source| ServerError::Spawn { program: "/bin/sh".into(), source })
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        drop(self.alive.take());
        for child in &mut self.children {
            // Nothing can be done about a shell that cannot be waited for.
            let _ = child.wait();
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn backends_are_signalled_even_when_the_postmaster_was_found_alive() {
        let dir = tempfile::tempdir().unwrap();
        // What the script regards as the postmaster: a process with the data directory among its arguments.
        let mut postmaster = Command::new("/bin/sh")
            .args(["-c", "read line"])
            .arg(dir.path())
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        fs::write(dir.path().join("postmaster.pid"), format!("{}\n", postmaster.id())).unwrap();
        let mut script = Command::new("/bin/sh");
        script.args(["-c", STOP_AT_END, "stockroom-watchdog", "/bin/false"]).arg(dir.path());
        script.arg(r#"echo "$2" >"$1/signalled""#).stdin(Stdio::null()).status().unwrap();
        assert_eq!(fs::read_to_string(dir.path().join("signalled")).unwrap(), "QUIT\n");
        drop(postmaster.stdin.take());
        postmaster.wait().unwrap();
    }
}
