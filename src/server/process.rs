//! The server's processes: whether it is running, and cleaning up after one that was killed.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};

use super::account::Account;
use super::error::ServerError;
use super::program::output;

/// How long backends without a postmaster may take to exit after a signal.
const ORPHAN_EXIT_TIMEOUT: Duration = Duration::from_secs(5);

/// How often that is checked.
const POLL_INTERVAL: Duration = Duration::from_millis(100);

/// Signals every server process that works in the data directory $1 with $2, and prints how many there are.
///
/// The logging process is not signalled: it holds no shared memory, exits by itself after the last backend, and still
/// has to write the backends' last audit records. The script runs as the server's account because only that account
/// (and not root in a container) can read `/proc` for its processes.
pub(super) const SIGNAL_ORPHANS: &str = r#"
count=0
for process in /proc/[0-9]*; do
    [ "$(readlink "$process/cwd" 2>/dev/null)" = "$1" ] || continue
    case "$(readlink "$process/exe" 2>/dev/null)" in
        */postgres | */"postgres (deleted)") ;;
        *) continue ;;
    esac
    case "$(tr '\0' ' ' <"$process/cmdline" 2>/dev/null)" in
        *logger*) continue ;;
    esac
    kill -"$2" "${process#/proc/}" 2>/dev/null && count=$((count + 1))
done
echo "$count"
"#;

/// Process id of the running postmaster of a data directory, if there is one.
///
/// The file `postmaster.pid` alone is not sufficient: a killed server leaves it behind, and its id may since have been
/// assigned to another process.
pub(super) fn postmaster(data: &Path) -> Result<Option<Pid>, ServerError> {
    let Some(pid) = recorded_pid(data)? else {
        return Ok(None);
    };
    Ok(is_postmaster_of(pid, data).then_some(pid))
}

fn pid_file(data: &Path) -> PathBuf {
    data.join("postmaster.pid")
}

fn recorded_pid(data: &Path) -> Result<Option<Pid>, ServerError> {
    let path = pid_file(data);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(ServerError::file("read", path)(error)),
    };
    let number = text.lines().next().and_then(|line| line.trim().parse().ok());
    Ok(number.and_then(Pid::from_raw))
}

fn is_postmaster_of(pid: Pid, data: &Path) -> bool {
    let pid = pid.as_raw_nonzero();
    if cfg!(target_os = "linux") {
        let Ok(line) = fs::read(format!("/proc/{pid}/cmdline")) else {
            return false;
        };
        let mut words = line.split(|byte| *byte == 0);
        return words.any(|word| word == data.as_os_str().as_encoded_bytes());
    }
    let mut ps = std::process::Command::new("ps");
    match output(ps.args(["-o", "args=", "-p", &pid.to_string()])) {
        Ok(answer) => String::from_utf8_lossy(&answer.stdout).contains(&*data.to_string_lossy()),
        Err(_) => false,
    }
}

/// Kills the postmaster with SIGKILL, as the kernel does when memory runs out.
pub(super) fn kill_postmaster(pid: Pid) -> std::io::Result<()> {
    kill_process(pid, Signal::KILL).map_err(std::io::Error::from)
}

/// Removes what a killed server left behind, so that the next one can start.
///
/// To be called under the instance lock, and only when no postmaster is running.
pub(super) fn clean_up_after_crash(
    data: &Path,
    socket_dir: &Path,
    account: &Account,
) -> Result<(), ServerError> {
    remove_sockets(socket_dir)?;
    let Some(pid) = recorded_pid(data)? else {
        return Ok(());
    };
    // Busy backends notice that their postmaster is gone only when they next wait for something, and until then
    // their shared memory keeps a new server from starting.
    for signal in ["QUIT", "KILL"] {
        let deadline = Instant::now() + ORPHAN_EXIT_TIMEOUT;
        let mut running = signal_orphans(data, signal, account)?;
        while running > 0 && Instant::now() < deadline {
            thread::sleep(POLL_INTERVAL);
            running = signal_orphans(data, "0", account)?;
        }
        if running == 0 {
            break;
        }
    }
    // PostgreSQL removes a stale file by itself, unless another process has the id.
    if test_kill_process(pid).is_ok() {
        let path = pid_file(data);
        fs::remove_file(&path).map_err(ServerError::file("remove", path))?;
    }
    Ok(())
}

fn signal_orphans(data: &Path, signal: &str, account: &Account) -> Result<u32, ServerError> {
    if !cfg!(target_os = "linux") {
        return Ok(0);
    }
    let mut command = account.command("/bin/sh");
    command.args(["-c", SIGNAL_ORPHANS, "sh"]).arg(data).arg(signal);
    let answer = output(&mut command)?;
    Ok(String::from_utf8_lossy(&answer.stdout).trim().parse().unwrap_or(0))
}

/// Removes sockets and their lock files, whose process ids could keep a server from starting as well.
fn remove_sockets(socket_dir: &Path) -> Result<(), ServerError> {
    let Ok(entries) = fs::read_dir(socket_dir) else {
        return Ok(());
    };
    for entry in entries.flatten() {
        if entry.file_name().to_string_lossy().starts_with(".s.PGSQL.") {
            let path = entry.path();
            fs::remove_file(&path).map_err(ServerError::file("remove", path))?;
        }
    }
    Ok(())
}
