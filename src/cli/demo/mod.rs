//! `stockroom demo`: a private server with sample data and one login each for clerk, admin and auditor.
//!
//! What the demo holds beside the sample is in the tables in `data/`: `site` reads places, goods and
//! partners, `script` the work of the last hours, `orders` the orders. `work` posts it, once, whatever cuts a start short.
//! `collector` keeps its audit alive.

mod collector;
mod orders;
mod sample;
mod script;
mod site;
mod work;

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{IsTerminal as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use secrecy::{ExposeSecret as _, SecretString};
use serde::de::DeserializeOwned;
use serde_json::json;

use super::args::{DemoAction, DemoArgs};
use super::context::Context;
use super::exit::{CliError, Exit};
use super::terminal;
use crate::domain::{CodeError, Group, Refusal};
use crate::server::{Lifetime, Options, PrivateServer, Status, default_instance_dir};
use crate::service::{Service, generate_password};
use crate::store::audit::COLLECTOR_LOGIN;
use crate::store::{ConnectionSettings, Store, prepare};
use collector::Following;

/// The logins of the demo: the name says what each may do.
const LOGINS: [(&str, Group); 3] =
    [("admin", Group::Admin), ("clerk", Group::Clerk), ("auditor", Group::Auditor)];
/// The file with the passwords of the logins, beside the server's own.
const LOGINS_FILE: &str = "logins.json";

/// The rows of a table of the demo.
fn table<T: DeserializeOwned>(text: &str) -> Result<Vec<T>, CliError> {
    let rows: Result<_, csv::Error> = csv::Reader::from_reader(text.as_bytes()).into_deserialize().collect();
    Ok(rows.map_err(std::io::Error::from)?)
}

/// A code of the demo's own.
fn code<T: FromStr<Err = CodeError>>(text: &str) -> Result<T, Refusal> {
    Ok(text.parse()?)
}

pub(crate) async fn run(context: &Context, args: DemoArgs) -> Result<Exit, CliError> {
    let directory = args.data_dir.clone().or_else(default_instance_dir).ok_or_else(|| {
        CliError::Usage(
            "there is no home directory for the demo; choose a directory with --data-dir".to_owned(),
        )
    })?;
    match args.action {
        Some(DemoAction::Start) => start(context, &directory, args.empty).await,
        Some(DemoAction::Stop) => stop(context, &directory),
        Some(DemoAction::Reset) => reset(context, &directory),
        Some(DemoAction::Status) => status(context, &directory),
        Some(DemoAction::Collect) => collector::run(&directory).await,
        None => show_around(context, &directory, args.empty).await,
    }
}

/// A demo server that runs, and how to reach it.
struct Demo {
    server: PrivateServer,
    passwords: BTreeMap<String, String>,
}

impl Demo {
    /// The demo of a server that has been made, with the passwords that lie beside it.
    fn of(server: PrivateServer) -> Result<Self, CliError> {
        let passwords = read_passwords(server.instance_dir())?;
        Ok(Self { server, passwords })
    }

    fn url(&self, login: &str) -> String {
        let password = self.passwords.get(login).map_or("", String::as_str);
        self.server.url_for(login, password, prepare::DATABASE_DEFAULT)
    }

    /// The service layer as one of the people, over connections of their own.
    fn service(&self, login: &str) -> Result<Service, CliError> {
        let settings: ConnectionSettings = self.url(login).parse()?;
        Ok(Service::new(Store::new(settings, 2)?, None))
    }

    fn superuser_url(&self) -> Result<String, CliError> {
        let mut url =
            url::Url::parse(&self.server.url()).map_err(|error| CliError::Usage(error.to_string()))?;
        url.set_path(prepare::DATABASE_DEFAULT);
        Ok(url.into())
    }

    fn document(&self) -> Result<serde_json::Value, CliError> {
        let mut urls = serde_json::Map::new();
        urls.insert("superuser".to_owned(), self.superuser_url()?.into());
        for (login, _) in LOGINS {
            urls.insert(login.to_owned(), self.url(login).into());
        }
        let directory = self.server.instance_dir();
        Ok(json!({"data_dir": directory, "state_dir": collector::state_dir(directory), "urls": urls}))
    }
}

/// Starts the server if it does not run, and prepares what is missing: schema, logins, sample.
async fn bring_up(
    context: &Context,
    directory: &Path,
    lifetime: Lifetime,
    empty: bool,
) -> Result<(Demo, Option<Following>), CliError> {
    context.output.notice(&format!("starting the private server in {}", directory.display()));
    let options = Options::new(directory, lifetime);
    let status = PrivateServer::status_of(directory)?;
    let fresh = !matches!(status, Status::Running { .. });
    let server = match status {
        Status::Running { .. } => PrivateServer::open(directory)?,
        Status::Absent | Status::Stopped => {
            // Starting waits for other processes, which must not hold up the runtime.
            tokio::task::spawn_blocking(move || PrivateServer::start(&options))
                .await
                .map_err(|error| std::io::Error::other(error.to_string()))??
        }
    };
    let superuser: ConnectionSettings = server.url().parse()?;
    prepare::init(&superuser, prepare::DATABASE_DEFAULT).await?;
    let store = Store::new(superuser.with_database(prepare::DATABASE_DEFAULT), 2)?;
    let passwords = make_logins(&store, directory).await?;
    let demo = Demo { server, passwords };
    if !empty {
        let (admin, clerk) = (demo.service("admin")?, demo.service("clerk")?);
        sample::load(context, &demo, &admin).await?;
        work::catch_up(context, demo.server.instance_dir(), &admin, &clerk).await?;
    }
    // Last, so that nobody waits for the log of all that to be collected, sealed and verified.
    let following = collector::begin(&demo, lifetime, fresh)?;
    Ok((demo, following))
}

/// The passwords that are known.
fn read_passwords(directory: &Path) -> Result<BTreeMap<String, String>, CliError> {
    match fs::read(directory.join(LOGINS_FILE)) {
        Ok(bytes) => Ok(serde_json::from_slice(&bytes)?),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(BTreeMap::new()),
        Err(error) => Err(error.into()),
    }
}

/// Makes the logins that are missing. The file is written first: a login whose password nobody knows
/// would be worse than a password whose login is made at the next start.
async fn make_logins(store: &Store, directory: &Path) -> Result<BTreeMap<String, String>, CliError> {
    let path = directory.join(LOGINS_FILE);
    let mut passwords = read_passwords(directory)?;
    let collector_is_new = !passwords.contains_key(COLLECTOR_LOGIN);
    let all = || LOGINS.iter().map(|(login, _)| *login).chain([COLLECTOR_LOGIN]);
    if all().any(|login| !passwords.contains_key(login)) {
        for login in all() {
            passwords
                .entry(login.to_owned())
                .or_insert_with(|| generate_password().expose_secret().to_owned());
        }
        let mut file = OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(&path)?;
        file.write_all(&serde_json::to_vec_pretty(&passwords)?)?;
        file.sync_all()?;
    }
    let known = store.people().await?;
    for (login, group) in LOGINS {
        if !known.iter().any(|person| person.login == login) {
            let password = passwords.get(login).cloned().unwrap_or_default();
            store.add_person(login, group, &SecretString::from(password)).await?;
        }
    }
    let password = SecretString::from(passwords.get(COLLECTOR_LOGIN).cloned().unwrap_or_default());
    let settings = store.settings().clone().with_user(COLLECTOR_LOGIN).with_password(&password);
    // A start may have been cut short in between. It is asked by logging in, because every change of a password
    // is a line of the log that an auditor reads.
    if collector_is_new || Store::new(settings, 1)?.session_facts().await.is_err() {
        store.set_collector_password(&password).await?;
    }
    Ok(passwords)
}

async fn start(context: &Context, directory: &Path, empty: bool) -> Result<Exit, CliError> {
    let (demo, _) = bring_up(context, directory, Lifetime::Detached, empty).await?;
    let document = demo.document()?;
    context.output.result(&document, || format!("{}\n\n{}", connection_words(&demo), tour(&demo)))?;
    Ok(Exit::Done)
}

fn stop(context: &Context, directory: &Path) -> Result<Exit, CliError> {
    let stopped = match PrivateServer::status_of(directory)? {
        Status::Running { .. } => {
            let mut server = PrivateServer::open(directory)?;
            server.stop()?;
            collector::wait_for_end(server.instance_dir())?;
            true
        }
        Status::Absent | Status::Stopped => false,
    };
    context.output.result(&json!({"status": "stopped", "was_running": stopped}), || {
        if stopped {
            "The demo server has been stopped; its data is kept"
        } else {
            "The demo server was not running"
        }
        .to_owned()
    })?;
    Ok(Exit::Done)
}

fn reset(context: &Context, directory: &Path) -> Result<Exit, CliError> {
    if matches!(PrivateServer::status_of(directory)?, Status::Running { .. }) {
        let mut server = PrivateServer::open(directory)?;
        server.stop()?;
        // It would go on writing into what is being deleted.
        collector::wait_for_end(server.instance_dir())?;
    }
    PrivateServer::remove(directory)?;
    context.output.result(&json!({"status": "removed", "data_dir": directory}), || {
        format!("Deleted the demo server and its data in {}", directory.display())
    })?;
    Ok(Exit::Done)
}

fn status(context: &Context, directory: &Path) -> Result<Exit, CliError> {
    let (word, running) = match PrivateServer::status_of(directory)? {
        Status::Absent => ("absent", false),
        Status::Stopped => ("stopped", false),
        Status::Running { .. } => ("running", true),
    };
    if !running {
        context.output.result(&json!({"status": word, "data_dir": directory}), || {
            format!("The demo server in {} is {word}", directory.display())
        })?;
        return Ok(Exit::Done);
    }
    let demo = Demo::of(PrivateServer::open(directory)?)?;
    let mut document = demo.document()?;
    if let Some(fields) = document.as_object_mut() {
        fields.insert("status".to_owned(), word.into());
        fields.insert("collecting".to_owned(), collector::is_at_work(demo.server.instance_dir())?.into());
    }
    context.output.result(&document, || connection_words(&demo))?;
    Ok(Exit::Done)
}

/// Bare `demo`: the screens, on a server for as long as the person looks around.
async fn show_around(context: &Context, directory: &Path, empty: bool) -> Result<Exit, CliError> {
    let tied = Lifetime::Tied { delete_directory: false };
    let (demo, following) = bring_up(context, directory, tied, empty).await?;
    if context.output.is_json() || !std::io::stdin().is_terminal() || !std::io::stdout().is_terminal() {
        context
            .output
            .result(&demo.document()?, || format!("{}\n\n{}", connection_words(&demo), tour(&demo)))?;
        end(following).await;
        return Ok(Exit::Done);
    }
    let state = collector::state_dir(demo.server.instance_dir());
    let shown = terminal::show(&context.with_state_dir(state), Some(&demo.url("admin"))).await;
    end(following).await;
    context
        .output
        .notice("stopping the demo server; its data is kept (to keep it running: stockroom demo start)");
    drop(demo);
    shown
}

/// Lets the collector end before its server does.
async fn end(following: Option<Following>) {
    if let Some(following) = following {
        following.end().await;
    }
}

fn connection_words(demo: &Demo) -> String {
    let mut lines = vec![format!("The demo server is running in {}", demo.server.instance_dir().display())];
    lines.extend(LOGINS.iter().map(|(login, _)| format!("  {login:<8} {}", demo.url(login))));
    let state = collector::state_dir(demo.server.instance_dir());
    lines.push(format!("The audit evidence is in {}", state.join("audit").display()));
    lines.join("\n")
}

fn tour(demo: &Demo) -> String {
    let program = std::env::current_exe().unwrap_or_else(|_| PathBuf::from("stockroom"));
    let program = program.display();
    format!(
        "Try, in another terminal:\n\
         \n  export STOCKROOM_DATABASE_URL='{url}'\
         \n  export STOCKROOM_STATE_DIR='{state}'\n\
         \n  {program}                                 the screens\
         \n  {program} product list lantern            search products\
         \n  {program} product list --low              products to reorder\
         \n  {program} location list                   halls, aisles, bins, dock, quarantine\
         \n  {program} stock 71053                     stock of a product by location\
         \n  {program} stock --location F              the food store, with lots and expiry dates\
         \n  {program} receive 71053 24 --to MAIN      receive goods\
         \n  {program} receive {carton} 2 --to WH-DOCK   two cartons, by barcode\
         \n  {program} issue CHOC-D100 50 --from F-01-03   takes the lots that expire first\
         \n  {program} issue SWEET-MIX 0.275 --from F-01-04   by weight\
         \n  {program} issue 71053 99999 --from MAIN   refused: not enough on hand\
         \n  {program} count 71053 20 --at MAIN        count, and adjust the difference\
         \n  {program} location archive WH-DOCK        refused: the location is not empty\
         \n  {program} order list                      orders: late, short of stock, picked, done\
         \n  {program} order list --late               orders whose due date has passed\
         \n  {program} order reorder                   what to order, by supplier\
         \n  {program} ledger --limit 20               the latest movements\
         \n  {program} audit status                    collector, seal and last verification\
         \n  {program} audit events --object stock.transactions   who posted what, as recorded by the server\
         \n  {program} audit verify --full             verify ledger, stock levels, audit records and seal\
         \n  {program} --help                          all commands",
        url = demo.url("admin"),
        state = collector::state_dir(demo.server.instance_dir()).display(),
        carton = site::carton_to_try(),
    )
}
