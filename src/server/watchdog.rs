//! Stops a server when the process that it is tied to ends, however it ends.
//!
//! A small shell reads a pipe whose other end this process holds. Even after a SIGKILL the system closes
//! that end, and the shell then stops the server. A second shell, which runs as the invoker and not as the
//! server's account, waits for the first and deletes the directory when that was asked for.

use std::io::{PipeWriter, pipe};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::account::Account;
use super::binaries::Installation;
use super::error::ServerError;
use super::instance::Layout;
use super::lock::InstanceLock;
use super::process::SIGNAL_ORPHANS;

/// $1 is pg_ctl, $2 the data directory, $3 the script that ends what a killed postmaster left behind.
///
/// pg_ctl trusts the process number in `postmaster.pid`; where the system can tell, it is checked first
/// that the number is still the server's.
const STOP_AT_END: &str = r#"
trap '' HUP INT TERM QUIT
cat >/dev/null
pid=$(head -n 1 "$2/postmaster.pid" 2>/dev/null) || exit 0
[ -n "$pid" ] || exit 0
if [ -d /proc/self ] && ! tr '\0' '\n' <"/proc/$pid/cmdline" 2>/dev/null | grep -Fxq -e "$2"; then
    sh -c "$3" sh "$2" QUIT >/dev/null
    exit 0
fi
"$1" stop -D "$2" -m fast -w -t 60 >/dev/null 2>&1 ||
    "$1" stop -D "$2" -m immediate -w -t 30 >/dev/null 2>&1
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

/// The watching shells; dropping this makes them act and waits for them.
#[derive(Debug)]
pub(super) struct Watchdog {
    alive: Option<PipeWriter>,
    children: Vec<Child>,
}

impl Watchdog {
    /// Starts to watch over this process.
    pub(super) fn spawn(
        layout: &Layout,
        socket_dir: &Path,
        delete: bool,
        installation: &Installation,
        account: &Account,
        lock: &InstanceLock,
    ) -> Result<Self, ServerError> {
        let mut children = Vec::new();
        // The lock is held by the last shell to end, so nobody starts the server in between.
        let mut last_stream = lock.share(layout)?;
        if delete {
            let (ended, end) = pipe().map_err(ServerError::file("open a pipe for", "/bin/sh"))?;
            let mut command = Command::new("/bin/sh");
            command
                .args(["-c", DELETE_AT_END, "stockroom-watchdog"])
                .arg(layout.root())
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
            .arg(layout.data())
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

/// Starts a shell in a process group of its own: Ctrl-C on the terminal must not end it before its work.
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
