//! A password that is kept on the machine: in the keyring of the desktop, or in the password file.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tempfile::TempDir;

use crate::support::database::{PASSWORD, TestDatabase};
use crate::support::program::{Program, Ran};

/// A program for a login without its password, with a home directory of its own.
struct Machine {
    program: Program,
    home: TempDir,
    desktop: bool,
}

/// A `secret-tool` that keeps one password in a file, and notes with which arguments it was called.
const SECRET_TOOL: &str = r#"#!/bin/sh
here=$(dirname "$0")
echo "$@" >> "$here/calls"
case $1 in
    store) cat > "$here/secret" ;;
    lookup) cat "$here/secret" 2>/dev/null ;;
    clear) rm "$here/secret" ;;
esac
"#;

impl Machine {
    fn new(database: &TestDatabase, desktop: bool) -> Self {
        let mut url = url::Url::parse(&database.url("clerk")).unwrap();
        url.set_password(None).unwrap();
        let home = tempfile::tempdir().unwrap();
        let tool = home.path().join("secret-tool");
        fs::write(&tool, SECRET_TOOL).unwrap();
        fs::set_permissions(&tool, fs::Permissions::from_mode(0o755)).unwrap();
        Self { program: Program::new(url.as_str()), home, desktop }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    fn run(&self, arguments: &[&str], input: &str) -> Ran {
        let mut command = self.program.command(arguments);
        command.env("HOME", self.home.path()).env_remove("PGPASSFILE").env_remove("PGPASSWORD");
        command.env_remove("XDG_RUNTIME_DIR").env_remove("DBUS_SESSION_BUS_ADDRESS");
        if self.desktop {
            let path = format!("{}:{}", self.home.path().display(), std::env::var("PATH").unwrap());
            command.env("PATH", path).env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent");
        }
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        Ran::of(&child.wait_with_output().unwrap())
    }

    fn log_in(&self, password: &str) -> Ran {
        self.run(&["login", "--password-stdin"], &format!("{password}\n"))
    }
}

fn holds(directory: &Path, secret: &str) -> bool {
    fs::read_dir(directory).is_ok_and(|entries| {
        entries.map(|entry| entry.unwrap().path()).any(|path| match path.is_dir() {
            true => holds(&path, secret),
            false => String::from_utf8_lossy(&fs::read(path).unwrap()).contains(secret),
        })
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_desktop_the_password_is_kept_in_the_password_file() {
    let database = TestDatabase::new().await.with_catalogue(&["W1"], &["A"]).await;
    let machine = Machine::new(&database, false);
    let others = "# mine\n*:*:*:bob:x\n";
    fs::write(machine.path(".pgpass"), others).unwrap();
    assert_eq!(machine.run(&["stock"], "").code, 4, "no password is known");
    let wrong = machine.log_in("wrong");
    assert_eq!(wrong.code, 4, "{wrong:?}");
    assert_eq!(fs::read_to_string(machine.path(".pgpass")).unwrap(), others);

    let kept = machine.log_in(PASSWORD);
    assert_eq!(kept.code, 0, "{kept:?}");
    assert!(kept.stdout.contains(".pgpass") && !format!("{kept:?}").contains(PASSWORD), "{kept:?}");
    let text = fs::read_to_string(machine.path(".pgpass")).unwrap();
    assert!(text.ends_with(others) && text.lines().count() == 3, "{text}");
    let mode = fs::metadata(machine.path(".pgpass")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(machine.run(&["stock"], "").code, 0);
    assert!(!holds(machine.program.state_dir(), PASSWORD), "the log has the password");
    // Kept again, there is still one line.
    let again = machine.run(&["login", "--password-stdin", "--json"], PASSWORD).document();
    assert_eq!((&again["status"], &again["login"]), (&"kept".into(), &"clerk".into()), "{again}");
    assert_eq!(fs::read_to_string(machine.path(".pgpass")).unwrap(), text);

    let gone = machine.run(&["logout"], "");
    assert!(gone.code == 0 && gone.stdout.contains("was removed from"), "{gone:?}");
    assert_eq!(fs::read_to_string(machine.path(".pgpass")).unwrap(), others);
    assert_eq!(machine.run(&["stock"], "").code, 4);
    assert!(machine.run(&["logout"], "").stdout.contains("No password of clerk was kept"));
    assert_eq!(machine.run(&["logout", "--json"], "").document()["status"], "not_kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_desktop_the_password_is_kept_in_its_keyring() {
    let database = TestDatabase::new().await.with_catalogue(&["W1"], &["A"]).await;
    let machine = Machine::new(&database, true);
    let kept = machine.log_in(PASSWORD);
    assert!(kept.code == 0 && kept.stdout.contains("the keyring of the desktop"), "{kept:?}");
    assert!(!machine.path(".pgpass").exists());
    assert_eq!(machine.run(&["stock"], "").code, 0);
    let calls = fs::read_to_string(machine.path("calls")).unwrap();
    assert!(calls.contains("store") && calls.contains("user clerk"), "{calls}");
    assert!(!calls.contains(PASSWORD), "a password is no argument: {calls}");
    assert_eq!(machine.run(&["logout"], "").code, 0);
    assert!(!machine.path("secret").exists());
    assert_eq!(machine.run(&["stock"], "").code, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_keyring_that_fails_gives_way_to_the_password_file() {
    let database = TestDatabase::new().await.with_catalogue(&["W1"], &["A"]).await;
    let machine = Machine::new(&database, true);
    fs::write(machine.path("secret-tool"), "#!/bin/sh\nexit 1\n").unwrap();
    let kept = machine.log_in(PASSWORD);
    assert!(kept.code == 0 && kept.stdout.contains(".pgpass"), "{kept:?}");
    assert_eq!(machine.run(&["stock"], "").code, 0);
}
