//! The private server, on a real PostgreSQL with pgaudit.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use stockroom::server::{
    AUDIT_CONF, HBA_CONF, LEDGER_CONF, Lifetime, Options, PrivateServer, ServerError, Status,
};

use crate::support::server::{TestServer, psql, psql_at};
use crate::support::wait::{PATIENCE, until_blocking};

/// Set for the process that a test starts in order to kill it; names the instance directory.
const VICTIM_DIR: &str = "STOCKROOM_TEST_VICTIM_DIR";

/// The test that is run in that process.
const VICTIM: &str = "instance::victim_of_a_kill";

/// A user id that owns nothing.
const NOBODY: u32 = 65534;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// A detached server in a new directory, removed at the end of the test.
struct Detached(PathBuf);

impl Detached {
    fn new() -> Self {
        Self(TestServer::options().instance_dir)
    }

    fn options(&self) -> Options {
        Options::new(&self.0, Lifetime::Detached).setting("fsync", "off")
    }
}

impl Drop for Detached {
    fn drop(&mut self) {
        if let Err(error) = PrivateServer::remove(&self.0) {
            eprintln!("{error}");
        }
    }
}

#[test]
fn starts_answers_and_stops() {
    let mut server = TestServer::own(&[]);
    assert_eq!(psql(&server, "SELECT 1").unwrap(), "1");
    let port = server.port();
    assert_eq!(server.status().unwrap(), Status::Running { port });
    server.stop().unwrap();
    assert_eq!(server.status().unwrap(), Status::Stopped);
    assert!(psql(&server, "SELECT 1").is_err());
    let dir = server.instance_dir().to_owned();
    drop(server);
    assert!(!dir.exists());
}

#[test]
fn answers_on_its_socket_and_refuses_a_wrong_password() {
    let server = TestServer::shared();
    let socket =
        server.url().replace("127.0.0.1", &server.socket_dir().to_str().unwrap().replace('/', "%2F"));
    assert_eq!(psql_at(server, &socket, "SELECT 2").unwrap(), "2");
    let wrong = server.url_for("postgres", "wrong/password", "postgres");
    let complaint = psql_at(server, &wrong, "SELECT 1").unwrap_err();
    assert!(complaint.contains("password authentication failed"), "{complaint}");
    assert_eq!(mode(server.socket_dir()), 0o700);
}

#[test]
fn a_detached_server_outlives_its_handle_and_is_found_again() {
    let place = Detached::new();
    assert_eq!(PrivateServer::status_of(&place.0).unwrap(), Status::Absent);
    let url = PrivateServer::start(&place.options()).unwrap().url();
    let mut found = PrivateServer::open(&place.0).unwrap();
    assert_eq!(found.url(), url);
    assert_eq!(psql(&found, "SELECT 1").unwrap(), "1");
    // A second start takes the running server as it is; to own it is refused.
    let again = PrivateServer::start(&place.options()).unwrap();
    assert_eq!(again.postmaster_pid().unwrap(), found.postmaster_pid().unwrap());
    let tied = Options::new(&place.0, Lifetime::Tied { delete_directory: true });
    assert!(matches!(PrivateServer::start(&tied), Err(ServerError::AlreadyRunning { .. })));
    found.stop().unwrap();
    assert_eq!(found.status().unwrap(), Status::Stopped);
    let restarted = PrivateServer::start(&place.options()).unwrap();
    assert_eq!(restarted.url(), url, "password and port are kept");
}

/// A client whose backend never waits for anything, so that it would not notice the loss of its postmaster.
fn start_busy_backend(server: &PrivateServer) -> std::process::Child {
    let busy = Command::new(server.installation().program("psql"))
        .args(["-X", "-d", &server.url(), "-c", "DO $$ BEGIN LOOP END LOOP; END $$"])
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    until_blocking("the busy backend runs", || {
        psql(server, "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'DO %' AND state = 'active'")
            .is_ok_and(|count| count == "1")
    });
    busy
}

#[test]
fn a_busy_backend_does_not_outlive_a_killed_server_and_its_owner() {
    let server = TestServer::own(&[]);
    let mut busy = start_busy_backend(&server);
    server.kill_postmaster().unwrap();
    let dir = server.instance_dir().to_owned();
    drop(server);
    assert!(!busy.wait().unwrap().success());
    assert!(!dir.exists());
}

#[test]
fn recovers_from_a_killed_postmaster_with_a_busy_backend() {
    let mut server = TestServer::own(&[]);
    psql(&server, "CREATE TABLE t AS SELECT 1 AS a").unwrap();
    let mut busy = start_busy_backend(&server);
    server.kill_postmaster().unwrap();
    until_blocking("the postmaster is gone", || server.status().unwrap() == Status::Stopped);
    assert!(server.data_dir().join("postmaster.pid").exists());
    server.restart().unwrap();
    assert_eq!(psql(&server, "SELECT a FROM t").unwrap(), "1");
    assert!(!busy.wait().unwrap().success());
}

#[test]
fn starts_where_the_stale_process_number_is_in_use_again() {
    let place = Detached::new();
    let mut server = PrivateServer::start(&place.options()).unwrap();
    server.stop().unwrap();
    // As after a reboot: the number belongs to another process, here to this test.
    let data = server.data_dir();
    let me = std::process::id();
    let stale = format!("{me}\n{}\n0\n{}\n", data.display(), server.port());
    fs::write(data.join("postmaster.pid"), stale).unwrap();
    let socket_lock = format!(".s.PGSQL.{}.lock", server.port());
    fs::write(server.socket_dir().join(socket_lock), format!("{me}\n")).unwrap();
    assert_eq!(server.status().unwrap(), Status::Stopped);
    server.restart().unwrap();
    assert_eq!(psql(&server, "SELECT 1").unwrap(), "1");
}

#[test]
fn takes_another_port_when_its_own_is_taken() {
    let mut server = TestServer::own(&[]);
    let first = server.port();
    server.stop().unwrap();
    let _squatter = TcpListener::bind(("127.0.0.1", first)).unwrap();
    server.restart().unwrap();
    assert_ne!(server.port(), first);
    assert_eq!(psql(&server, "SELECT 1").unwrap(), "1");
}

#[test]
fn two_servers_run_side_by_side() {
    let (one, two) = thread::scope(|scope| {
        let one = scope.spawn(|| TestServer::own(&[]));
        let two = scope.spawn(|| TestServer::own(&[]));
        (one.join().unwrap(), two.join().unwrap())
    });
    assert_ne!(one.port(), two.port());
    assert_ne!(one.url(), two.url());
    for server in [&one, &two] {
        assert_eq!(psql(server, "SHOW data_directory").unwrap(), server.data_dir().to_str().unwrap());
    }
}

#[test]
fn two_starters_of_one_directory_share_one_server() {
    let place = Detached::new();
    let start = || PrivateServer::start(&place.options()).unwrap();
    let (one, two) = thread::scope(|scope| {
        let one = scope.spawn(start);
        let two = scope.spawn(start);
        (one.join().unwrap(), two.join().unwrap())
    });
    assert_eq!(one.url(), two.url());
    assert!(one.postmaster_pid().unwrap().is_some());
    assert_eq!(one.postmaster_pid().unwrap(), two.postmaster_pid().unwrap());
}

#[test]
fn an_owned_server_is_not_taken_over() {
    let server = TestServer::own(&[]);
    let mut options = TestServer::options();
    options.instance_dir = server.instance_dir().to_owned();
    let begun = Instant::now();
    let error = PrivateServer::start(&options).unwrap_err();
    assert!(matches!(error, ServerError::InUse { .. }), "{error}");
    assert!(begun.elapsed() < Duration::from_secs(10), "it was waited for");
    let text = error.to_string();
    assert!(text.contains(&std::process::id().to_string()), "{text}");
}

#[test]
fn a_directory_with_other_things_in_it_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("letter.txt"), "keep me").unwrap();
    let options = Options::new(dir.path(), Lifetime::Detached);
    assert!(matches!(PrivateServer::start(&options), Err(ServerError::NotAnInstance { .. })));
    assert!(matches!(PrivateServer::remove(dir.path()), Err(ServerError::NotAnInstance { .. })));
    assert!(dir.path().join("letter.txt").exists());
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn root_does_not_trust_a_directory_that_somebody_else_made() {
    if !is_root() {
        eprintln!("skipped: only root can make a directory for somebody else");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
    std::os::unix::fs::chown(dir.path(), Some(NOBODY), None).unwrap();
    let error = PrivateServer::start(&Options::new(dir.path(), Lifetime::Detached)).unwrap_err();
    assert!(matches!(error, ServerError::OtherOwner { owner: NOBODY, .. }), "{error}");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn root_is_told_which_directory_the_server_cannot_reach() {
    if !is_root() {
        eprintln!("skipped: only root runs the server as somebody else");
        return;
    }
    let closed = tempfile::tempdir().unwrap();
    fs::set_permissions(closed.path(), fs::Permissions::from_mode(0o700)).unwrap();
    let dir = closed.path().join("below/instance");
    let error = PrivateServer::start(&Options::new(&dir, Lifetime::Detached)).unwrap_err();
    let text = error.to_string();
    assert!(matches!(error, ServerError::Unreachable { .. }), "{text}");
    assert!(text.contains(closed.path().to_str().unwrap()), "{text}");
    assert!(text.contains("/var/lib/stockroom"), "{text}");
    assert!(!dir.parent().unwrap().exists(), "nothing is left behind");
}

#[test]
fn a_long_path_still_has_a_socket() {
    let mut options = TestServer::options();
    options.instance_dir = options.instance_dir.join("deep, and wide ".repeat(7));
    let parent = options.instance_dir.parent().unwrap().to_owned();
    let server = PrivateServer::start(&options).unwrap();
    let socket_dir = server.socket_dir().to_owned();
    assert!(socket_dir.starts_with("/tmp"), "{}", socket_dir.display());
    assert_eq!(psql(&server, "SELECT 1").unwrap(), "1");
    drop(server);
    assert!(!socket_dir.exists(), "the socket directory goes too");
    fs::remove_dir(parent).unwrap();
}

#[test]
fn a_setting_that_the_server_refuses_is_named() {
    let options = TestServer::options().setting("shared_buffers", "a lot");
    let dir = options.instance_dir.clone();
    let text = PrivateServer::start(&options).unwrap_err().to_string();
    assert!(text.contains("shared_buffers"), "{text}");
    assert!(!dir.exists(), "a tied directory is deleted after a failed start");
}

#[test]
fn files_are_private() {
    let server = TestServer::shared();
    assert_eq!(mode(&server.credentials_file()), 0o600);
    assert_eq!(mode(&server.data_dir()), 0o700);
    assert_eq!(mode(&server.log_dir()), 0o700);
    for file in fs::read_dir(server.log_dir()).unwrap() {
        assert_eq!(mode(&file.unwrap().path()), 0o600);
    }
    let names: Vec<String> = fs::read_dir(server.instance_dir())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(!names.iter().any(|name| name.contains("partial")), "{names:?}");
}

/// The settings of a configuration file, as name and value without quotes.
fn settings_of(text: &str) -> Vec<(&str, &str)> {
    text.lines()
        .filter(|line| !line.starts_with([' ', '#']))
        .filter_map(|line| line.split_once(" = "))
        .map(|(name, rest)| {
            let value = match rest.strip_prefix('\'') {
                Some(quoted) => quoted.split('\'').next().unwrap(),
                None => rest.split_whitespace().next().unwrap(),
            };
            (name, value)
        })
        .collect()
}

#[test]
fn the_server_runs_with_the_files_of_pgaudit_unchanged() {
    let server = TestServer::shared();
    let settings = [settings_of(AUDIT_CONF), settings_of(LEDGER_CONF)].concat();
    assert!(settings.len() > 25, "{settings:?}");
    for (name, value) in settings {
        assert_eq!(psql(server, &format!("SHOW {name}")).unwrap(), value, "{name}");
    }
    let rules = psql(server, "SELECT count(*), min(auth_method), max(auth_method) FROM pg_hba_file_rules");
    let written = HBA_CONF.lines().filter(|line| !line.starts_with('#')).count();
    assert_eq!(rules.unwrap(), format!("{written}|scram-sha-256|scram-sha-256"));
    let faults = "SELECT count(*) FROM pg_file_settings WHERE error IS NOT NULL";
    assert_eq!(psql(server, faults).unwrap(), "0");
    assert_eq!(psql(server, "SHOW data_checksums").unwrap(), "on");
    assert_eq!(psql(server, "SHOW server_encoding").unwrap(), "UTF8");
}

#[test]
fn pgaudit_records_an_insert_in_the_json_log() {
    let server = TestServer::shared();
    let marker = format!("marker-{}", std::process::id());
    psql(server, "CREATE TABLE audited (a text)").unwrap();
    psql(server, &format!("INSERT INTO audited VALUES ('{marker}')")).unwrap();
    let record = || {
        fs::read_dir(server.log_dir())
            .unwrap()
            .map(|file| file.unwrap().path())
            .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
            .flat_map(|path| {
                let text = fs::read_to_string(path).unwrap();
                text.lines().map(str::to_owned).collect::<Vec<_>>()
            })
            .find(|line| line.contains(&marker) && line.contains("AUDIT: "))
    };
    until_blocking("the record is written", || record().is_some());
    let record: serde_json::Value = serde_json::from_str(&record().unwrap()).unwrap();
    let message = record["message"].as_str().unwrap();
    assert!(message.starts_with("AUDIT: SESSION,1,1,WRITE,INSERT,TABLE,public.audited,"), "{message}");
    assert!(message.ends_with(",<none>,1"), "{message}");
    assert_eq!(record["func_name"], "log_audit_event");
    assert_eq!(record["error_severity"], "LOG");
    assert_ne!(record["txid"], 0);
}

/// Not a test of its own: the process that the next test kills.
#[test]
fn victim_of_a_kill() {
    let Some(dir) = std::env::var_os(VICTIM_DIR) else {
        return;
    };
    let mut options = TestServer::options();
    options.instance_dir = dir.into();
    let _server = PrivateServer::start(&options).unwrap();
    // Until it is killed, or whoever was to kill it has given up.
    thread::sleep(PATIENCE * 10);
}

fn spawn_victim(dir: &Path) -> std::process::Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", VICTIM, "--nocapture"])
        .env(VICTIM_DIR, dir)
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

/// Whether any process was started with the directory among its arguments.
fn is_named_by_a_process(dir: &Path) -> bool {
    let ps = Command::new("sh")
        .args(["-c", "cat /proc/[0-9]*/cmdline 2>/dev/null || ps axww -o args="])
        .output()
        .unwrap();
    String::from_utf8_lossy(&ps.stdout).contains(dir.to_str().unwrap())
}

#[test]
fn nothing_is_left_when_the_owner_is_killed() {
    let dir = TestServer::options().instance_dir;
    let mut victim = spawn_victim(&dir);
    until_blocking("the victim's server runs", || {
        matches!(PrivateServer::status_of(&dir), Ok(Status::Running { .. }))
    });
    victim.kill().unwrap();
    victim.wait().unwrap();
    until_blocking("the directory is deleted", || !dir.exists());
    until_blocking("no process is left", || !is_named_by_a_process(&dir));
}

#[test]
fn nothing_is_left_when_the_owner_is_killed_while_starting() {
    // Kills at several moments between the first directory and the first answer.
    for milliseconds in [20, 200, 600, 1000, 1400] {
        let dir = TestServer::options().instance_dir;
        let mut victim = spawn_victim(&dir);
        until_blocking("the victim has begun", || dir.join("instance.toml").exists());
        // How far the start has come by now is what differs from round to round.
        thread::sleep(Duration::from_millis(milliseconds));
        victim.kill().unwrap();
        victim.wait().unwrap();
        until_blocking("no process is left", || !is_named_by_a_process(&dir));
        if milliseconds > 20 {
            until_blocking("the directory is deleted", || !dir.exists());
        }
        PrivateServer::remove(&dir).unwrap();
    }
}
