//! The service: `stockroom serve` as a process, asked over HTTP, stopped, killed and doubled.

use std::fs;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use stockroom::metrics::table::Kind;
use stockroom::metrics::{METRICS, metrics_page};
use stockroom::serve::credentials;
use stockroom::store::Store;

use crate::support::commands::{issue, receipt};
use crate::support::database::TestDatabase;
use crate::support::program::Program;
use crate::support::server::TestServer;
use crate::support::wait::{PATIENCE, until_blocking};

/// A service that runs, and is killed with the value.
pub struct Service {
    child: Child,
    address: SocketAddr,
    log: PathBuf,
}

impl Drop for Service {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A site that services run on: a database, the passwords of their logins, and a configuration.
pub struct Site {
    pub program: Program,
    config: PathBuf,
}

impl Site {
    /// For a database, with this configuration besides.
    pub async fn of(database: &TestDatabase, config: &str) -> Self {
        let program = Program::new(&database.url("stock_service"));
        let superuser = Store::new(database.superuser_url().parse().unwrap(), 1).unwrap();
        let secrets = program.state_dir().join("secrets");
        credentials::provide(&superuser, &secrets).await.unwrap();
        let site = Self { config: program.state_dir().join("serve.toml"), program };
        site.configure(config);
        site
    }

    /// Writes the configuration.
    pub fn configure(&self, config: &str) {
        fs::write(&self.config, config).unwrap();
        // It might hold a password, as far as the program can tell.
        fs::set_permissions(&self.config, fs::Permissions::from_mode(0o600)).unwrap();
    }

    /// The configuration file.
    pub fn config(&self) -> &Path {
        &self.config
    }

    /// Starts a service and waits until it answers.
    pub fn start(&self) -> Service {
        let service = self.begin();
        until_blocking("the service answers", || service.get("/healthz").is_some());
        service
    }

    /// Starts a service.
    pub fn begin(&self) -> Service {
        self.begin_with(&[])
    }

    /// Starts a service with these variables in its environment.
    pub fn begin_with(&self, variables: &[(&str, &str)]) -> Service {
        // The port is free again by the time that the service takes it; nobody else asks for just this one.
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let log = self.program.state_dir().join(format!("service-{}.log", address.port()));
        let file = fs::OpenOptions::new().create(true).append(true).open(&log).unwrap();
        let config = self.config.to_str().unwrap();
        let child = self
            .program
            .command(&["serve", "--config", config, "--listen", &address.to_string(), "--log-format", "json"])
            .env("CREDENTIALS_DIRECTORY", self.program.state_dir().join("secrets"))
            .envs(variables.iter().copied())
            .stdout(Stdio::from(file.try_clone().unwrap()))
            .stderr(Stdio::from(file))
            .spawn()
            .unwrap();
        Service { child, address, log }
    }
}

impl Service {
    /// Asks for a page; the code and the text, or nothing when nobody answers.
    pub fn get(&self, path: &str) -> Option<(u16, String)> {
        let mut stream = TcpStream::connect(self.address).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address);
        stream.write_all(request.as_bytes()).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        let (head, body) = answer.split_once("\r\n\r\n")?;
        Some((head.split(' ').nth(1)?.parse().ok()?, body.to_owned()))
    }

    /// The value of a metric with its labels.
    pub fn metric(&self, name: &str) -> Option<f64> {
        let (_, text) = self.get("/metrics")?;
        text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok())
    }

    /// What a part says of itself.
    pub fn part(&self, name: &str) -> Option<Value> {
        let (_, text) = self.get("/status")?;
        let status: Value = serde_json::from_str(&text).unwrap();
        status["parts"].as_array().unwrap().iter().find(|part| part["name"] == name).cloned()
    }

    /// Waits until this one leads.
    pub fn until_leading(&self) {
        until_blocking("the service leads", || {
            self.get("/readyz").is_some_and(|(code, text)| code == 200 && text == "leading\n")
        });
    }

    /// Sends a signal.
    pub fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, signal).unwrap();
    }

    /// Waits for its end and returns the exit code.
    pub fn end(&mut self) -> Option<i32> {
        let mut code = None;
        until_blocking("the service ends", || {
            code = self.child.try_wait().unwrap();
            code.is_some()
        });
        code.unwrap().code()
    }

    /// Stops it as systemd does.
    pub fn stop(mut self) {
        self.signal(rustix::process::Signal::TERM);
        assert_eq!(self.end(), Some(0), "{}", self.log());
    }

    /// What it logged.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }
}

/// Has Prometheus' own tool check the format and the names; Debian has it in the package `prometheus`.
fn check_with_promtool(metrics: &str) {
    let started = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut promtool = match started {
        Ok(promtool) => promtool,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            eprintln!("skipped: promtool is not installed");
            return;
        }
        Err(error) => panic!("{error}"),
    };
    promtool.stdin.take().unwrap().write_all(metrics.as_bytes()).unwrap();
    let checked = promtool.wait_with_output().unwrap();
    let complaints = String::from_utf8_lossy(&checked.stderr).into_owned();
    // The name that existing dashboards know it by.
    let others = complaints.lines().filter(|line| !line.starts_with("stockroom_import_last_insert_count "));
    assert_eq!(others.collect::<Vec<_>>(), Vec::<&str>::new(), "{metrics}");
}

/// What a command leaves for the textfile collector, when it succeeds and when it fails.
fn check_textfile(site: &Site, database: &TestDatabase) {
    let textfile = site.program.state_dir().join("stockroom_verify.prom");
    let target = site.program.state_dir().to_str().unwrap();
    let verify =
        |url: &str| site.program.run(&["audit", "verify", "--textfile", target, "--database-url", url]).code;
    assert_eq!(verify(&database.url("auditor")), 0);
    let good = fs::read_to_string(&textfile).unwrap();
    check_with_promtool(&good);
    assert!(good.contains("stockroom_command_success{command=\"verify\"} 1\n"), "{good}");
    assert!(good.contains("stockroom_verification_alarms{mode="), "{good}");
    assert_eq!(verify("postgres://auditor@127.0.0.1:1/nothing"), 4);
    let bad = fs::read_to_string(&textfile).unwrap();
    assert!(bad.contains("stockroom_command_success{command=\"verify\"} 0\n"), "{bad}");
    let last_success = |text: &str| {
        text.lines().find(|line| line.starts_with("stockroom_command_last_success_time")).map(str::to_owned)
    };
    assert!(last_success(&good).is_some() && last_success(&good) == last_success(&bad), "{bad}");
}

#[tokio::test]
async fn a_service_collects_seals_verifies_and_ends() {
    let server = TestServer::own(&[]);
    let database = TestDatabase::on(&server).await.with_catalogue(&["A"], &["X"]).await;
    let site = Site::of(&database, "").await;
    let service = site.start();
    service.until_leading();
    let metrics = service.get("/metrics").unwrap().1;
    for counter in METRICS.iter().filter(|metric| metric.kind == Kind::Counter) {
        let is_import = counter.labels.contains(&"feed");
        let sample = format!("\n{}", counter.name);
        assert!(is_import || metrics.contains(&sample), "{} does not begin at zero: {metrics}", counter.name);
    }
    until_blocking("counting has begun", || {
        service.metric("stockroom_movements_total{kind=\"receipt\"}") == Some(0.0)
    });
    database.service("clerk").receive(receipt("A", "5", "X")).await.unwrap();
    until_blocking("the ledger is under a checkpoint", || {
        service.metric("stockroom_checkpoint_time_seconds{tree=\"ledger\"}").is_some()
    });
    until_blocking("a verification is over", || {
        service.part("verification").is_some_and(|part| !part["last_success_at"].is_null())
    });
    assert_eq!(service.metric("stockroom_leader"), Some(1.0));
    until_blocking("the months ahead have been counted", || {
        service.metric("stockroom_partitions_ahead").is_some_and(|months| months >= 12.0)
    });
    until_blocking("the receipt has been counted", || {
        service.metric("stockroom_movements_total{kind=\"receipt\"}") == Some(1.0)
    });
    until_blocking("the stock has been measured", || service.metric("stockroom_products_on_hand").is_some());
    let _ = database.service("clerk").issue(issue("A", "99", "X")).await.unwrap_err();
    until_blocking("the refusal has been counted", || {
        service
            .metric("stockroom_refusals_total{rule=\"insufficient_stock\"}")
            .is_some_and(|number| number >= 1.0)
    });
    for part in ["collector", "verification", "partitions", "activity", "figures"] {
        until_blocking(part, || {
            service.metric(&format!("stockroom_part_up{{part=\"{part}\"}}")) == Some(1.0)
        });
    }
    let alarms = service.metric("stockroom_verification_alarms{mode=\"full\"}");
    assert_eq!(
        alarms,
        Some(0.0),
        "the first verification reads everything, and the logins are known: {}",
        service.log()
    );

    let listen = service.address.to_string();
    let status = site.program.run(&["serve", "status", "--listen", &listen, "--json"]);
    assert_eq!(status.code, 0, "{status:?}");
    assert_eq!(status.document()["leads"], true);
    let words = site.program.run(&["serve", "status", "--listen", &listen]).stdout;
    assert!(words.contains("collector") && words.contains("leading"), "{words}");
    assert_eq!(service.get("/nothing").unwrap().0, 404);

    check_with_promtool(&service.get("/metrics").unwrap().1);
    check_textfile(&site, &database);
    let log = service.log();
    service.stop();
    for line in log.lines() {
        let event: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert!(event["timestamp"].is_string() && event["level"].is_string(), "{line}");
    }
    let status = site.program.run(&["serve", "status", "--listen", &listen]);
    assert_eq!(status.code, 4, "{status:?}");
}

#[test]
fn the_page_of_metrics_matches_the_table() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/metrics.md");
    let fresh = metrics_page();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, fresh).unwrap();
        return;
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(written == fresh, "docs/metrics.md is stale, run `make docs`");
    assert!(METRICS.iter().all(|metric| written.contains(&format!("| `{}` |", metric.name))));
}

#[tokio::test]
async fn other_machines_are_told_nothing_without_tls_and_a_token() {
    let database = TestDatabase::new().await;
    let site = Site::of(&database, "").await;
    let config = site.config().to_str().unwrap().to_owned();
    let serve = |listen: &str| site.program.run(&["serve", "--config", &config, "--listen", listen]);
    let refused = serve("0.0.0.0:0");
    assert_eq!(refused.code, 2, "{refused:?}");
    assert!(refused.stderr.contains("tls_certificate, tls_key and token_file"), "{refused:?}");

    let at = |name: &str| site.program.state_dir().join(name);
    let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
    let made = rcgen::generate_simple_self_signed(names).unwrap();
    fs::write(at("cert.pem"), made.cert.pem()).unwrap();
    fs::write(at("key.pem"), made.signing_key.serialize_pem()).unwrap();
    fs::write(at("token"), "a token for tests\n").unwrap();
    site.configure(&format!(
        "[serve]\ntls_certificate = {:?}\ntls_key = {:?}\ntoken_file = {:?}\n",
        at("cert.pem"),
        at("key.pem"),
        at("token")
    ));
    let mut service = site.begin();
    let listen = service.address.to_string();
    let status =
        |config: &str| site.program.run(&["serve", "status", "--config", config, "--listen", &listen]);
    until_blocking("the service tells its status", || status(&config).code != 4);
    let told = status(&config);
    assert!(told.stdout.contains("service"), "{told:?} {}", service.log());
    assert!(service.get("/metrics").is_none(), "without TLS nothing is told");
    fs::write(at("other"), "another token\n").unwrap();
    let other = fs::read_to_string(&config).unwrap().replace("/token\"", "/other\"");
    fs::write(at("other.toml"), other).unwrap();
    let refused = status(at("other.toml").to_str().unwrap());
    assert!(refused.code == 2 && refused.stderr.contains("401"), "{refused:?}");

    // A key that is wrong in the configuration changes nothing, and is told.
    site.configure("[serve.verify]\nschedule = 'at night'\n");
    service.signal(rustix::process::Signal::HUP);
    until_blocking("the mistake is in the log", || service.log().contains("is not a cron expression"));
    site.configure("[serve.verify]\nschedule = '0 4 * * *'\n");
    service.signal(rustix::process::Signal::HUP);
    until_blocking("what takes a restart is told", || service.log().contains("token_file"));
    service.signal(rustix::process::Signal::TERM);
    assert_eq!(service.end(), Some(0));
    site.configure("[serve]\nlistne = '127.0.0.1:1'\n");
    let wrong = serve("127.0.0.1:0");
    assert!(wrong.code == 2 && wrong.stderr.contains("listne"), "{wrong:?}");
}

#[test]
fn systemd_is_told_that_the_service_is_ready_alive_and_stopping() {
    // Without a database it is alive, too, and waits for one.
    let program = Program::new("postgres://stock_service@127.0.0.1:1/nothing");
    let path = program.state_dir().join("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let child = program
        .command(&["serve", "--listen", "127.0.0.1:0"])
        .env("NOTIFY_SOCKET", &path)
        .env("WATCHDOG_USEC", "300000")
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let address = SocketAddr::from(([127, 0, 0, 1], 0));
    let mut service = Service { child, address, log: path };
    let until_told = |wanted: &[&str]| {
        let mut missing = wanted.to_vec();
        while !missing.is_empty() {
            let mut bytes = [0; 512];
            let length = socket.recv(&mut bytes).unwrap();
            let told = String::from_utf8_lossy(&bytes[..length]).into_owned();
            missing.retain(|word| !told.lines().any(|line| line == *word));
        }
    };
    until_told(&["READY=1", "WATCHDOG=1"]);
    until_told(&["WATCHDOG=1"]);
    service.signal(rustix::process::Signal::TERM);
    until_told(&["STOPPING=1"]);
    assert_eq!(service.end(), Some(0));
}
