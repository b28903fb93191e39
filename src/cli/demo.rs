//! `stockroom demo`: a private server with sample data and one login each for clerk, admin and auditor.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;

use super::args::{DemoAction, DemoArgs};
use super::output::print_line;
use super::{CliError, Context, Exit};
use crate::domain::{LINES_MAX, Line, LocationCode, MovementKind, Posting, PostingId, Quantity, Refusal};
use crate::import::{self, ImportError, MovementOptions, Profile, Source};
use crate::server::{Lifetime, Options, PrivateServer, Status, default_instance_dir};
use crate::service::{Service, generate_password};
use crate::store::{ConnectionSettings, Group, ProductFilter, Store, prepare};

/// The logins of the demo: the name says what each may do.
const LOGINS: [(&str, Group); 3] =
    [("admin", Group::Admin), ("clerk", Group::Clerk), ("auditor", Group::Auditor)];
/// The file with the passwords of the logins, beside the server's own.
const LOGINS_FILE: &str = "logins.json";
/// The file that says that the sample has been loaded.
const SAMPLE_MARK: &str = "sample-loaded";
/// When the delivery after the sample comes: the morning after its last day.
const DELIVERY_TIME: &str = "2010-12-11T08:00:00Z";
/// How the sample is laid out.
const SAMPLE_PROFILE: &str = "online-retail";

pub(crate) async fn run(context: &Context, args: DemoArgs) -> Result<Exit, CliError> {
    let directory = args.data_dir.clone().or_else(default_instance_dir).ok_or_else(|| {
        CliError::Usage(
            "there is no home directory to keep the demo in; name a directory with --data-dir".to_owned(),
        )
    })?;
    match args.action {
        Some(DemoAction::Start) => start(context, &directory, args.empty).await,
        Some(DemoAction::Stop) => stop(context, &directory),
        Some(DemoAction::Reset) => reset(context, &directory),
        Some(DemoAction::Status) => status(context, &directory),
        None => show_around(context, &directory, args.empty).await,
    }
}

/// A demo server that runs, and how to reach it.
struct Demo {
    server: PrivateServer,
    passwords: BTreeMap<String, String>,
}

impl Demo {
    fn url(&self, login: &str) -> String {
        let password = self.passwords.get(login).map_or("", String::as_str);
        self.server.url_for(login, password, prepare::DATABASE_DEFAULT)
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
        Ok(json!({"data_dir": self.server.instance_dir(), "urls": urls}))
    }
}

/// Starts the server if it does not run, and prepares what is missing: schema, logins, sample.
async fn bring_up(
    context: &Context,
    directory: &Path,
    lifetime: Lifetime,
    empty: bool,
) -> Result<Demo, CliError> {
    context.output.notice(&format!("starting the private server in {}", directory.display()));
    let options = Options::new(directory, lifetime);
    let server = match PrivateServer::status_of(directory)? {
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
        load_sample(context, &demo).await?;
    }
    Ok(demo)
}

/// Makes the logins that are missing. The file is written first: a login whose password nobody knows
/// would be worse than a password whose login is made at the next start.
async fn make_logins(store: &Store, directory: &Path) -> Result<BTreeMap<String, String>, CliError> {
    let path = directory.join(LOGINS_FILE);
    let mut passwords: BTreeMap<String, String> = match fs::read(&path) {
        Ok(bytes) => serde_json::from_slice(&bytes)?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => BTreeMap::new(),
        Err(error) => return Err(error.into()),
    };
    if LOGINS.iter().any(|(login, _)| !passwords.contains_key(*login)) {
        for (login, _) in LOGINS {
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
    Ok(passwords)
}

/// Loads the sample, as the admin. A load that was cut short is carried on: the import posts nothing
/// twice, and the mark is set when all of it stands.
async fn load_sample(context: &Context, demo: &Demo) -> Result<(), CliError> {
    let mark = demo.server.instance_dir().join(SAMPLE_MARK);
    if mark.exists() {
        return Ok(());
    }
    let settings: ConnectionSettings = demo.url("admin").parse()?;
    let service = Service::new(Store::new(settings, 2)?, None);
    context.output.notice("posting the sample: the first ten days of December 2010 of a real retailer");
    let options = MovementOptions {
        source: Source::Bytes(import::sample()),
        profile: Profile::load(SAMPLE_PROFILE, None).map_err(ImportError::from)?,
        rejects: None,
        location: None,
        progress: !context.output.is_json(),
    };
    let report = import::movements(&service, &options).await?;
    context
        .output
        .notice(&format!("{} movements posted in {} postings", report.rows_posted, report.postings));
    deliver(&service).await?;
    fs::write(&mark, "")?;
    Ok(())
}

/// The sample opens with just what its sales need, so its last day ends with empty shelves. A delivery on
/// the next morning leaves something to look at. Its id is fixed, so that it arrives once.
async fn deliver(service: &Service) -> Result<(), CliError> {
    let to: LocationCode = "MAIN".parse().map_err(Refusal::from)?;
    let morning =
        DELIVERY_TIME.parse().map_err(|error| CliError::Usage(format!("{DELIVERY_TIME}: {error}")))?;
    let products = service.store().products(&ProductFilter::default()).await?;
    let mut lines = Vec::with_capacity(products.len());
    for product in products.iter().take(LINES_MAX) {
        // One to eight dozen, by the code, so that every demo shows the same.
        let dozens = 1 + product.sku.bytes().map(u32::from).sum::<u32>() % 8;
        lines.push(Line {
            sku: product.sku.parse().map_err(Refusal::from)?,
            quantity: Quantity::new((12 * dozens).into()).map_err(Refusal::from)?,
            from: None,
            to: Some(to.clone()),
            lot: None,
            expires: None,
            unit_price: None,
            reverses: None,
        });
    }
    let posting = Posting {
        id: PostingId::at(morning, [0; 10]),
        kind: MovementKind::Receipt,
        reference: Some("DELIVERY".parse().map_err(Refusal::from)?),
        reason: None,
        partner: None,
        lines,
    };
    service.post(&posting).await?;
    Ok(())
}

async fn start(context: &Context, directory: &Path, empty: bool) -> Result<Exit, CliError> {
    let demo = bring_up(context, directory, Lifetime::Detached, empty).await?;
    let document = demo.document()?;
    context.output.result(&document, || format!("{}\n\n{}", connection_words(&demo), tour(&demo)))?;
    Ok(Exit::Done)
}

fn stop(context: &Context, directory: &Path) -> Result<Exit, CliError> {
    let stopped = match PrivateServer::status_of(directory)? {
        Status::Running { .. } => {
            PrivateServer::open(directory)?.stop()?;
            true
        }
        Status::Absent | Status::Stopped => false,
    };
    context.output.result(&json!({"status": "stopped", "was_running": stopped}), || {
        if stopped {
            "The demo server has stopped; its data are kept"
        } else {
            "The demo server was not running"
        }
        .to_owned()
    })?;
    Ok(Exit::Done)
}

fn reset(context: &Context, directory: &Path) -> Result<Exit, CliError> {
    PrivateServer::remove(directory)?;
    context.output.result(&json!({"status": "removed", "data_dir": directory}), || {
        format!("The demo server and its data in {} are gone", directory.display())
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
    let passwords = serde_json::from_slice(&fs::read(directory.join(LOGINS_FILE))?)?;
    let demo = Demo { server: PrivateServer::open(directory)?, passwords };
    let mut document = demo.document()?;
    if let Some(fields) = document.as_object_mut() {
        fields.insert("status".to_owned(), word.into());
    }
    context.output.result(&document, || connection_words(&demo))?;
    Ok(Exit::Done)
}

/// Bare `demo`: a server for as long as the person looks around.
async fn show_around(context: &Context, directory: &Path, empty: bool) -> Result<Exit, CliError> {
    let demo = bring_up(context, directory, Lifetime::Tied { delete_directory: false }, empty).await?;
    context.output.result(&demo.document()?, || format!("{}\n\n{}", connection_words(&demo), tour(&demo)))?;
    if std::io::stdin().is_terminal() && !context.output.is_json() {
        print_line(
            "\nThe server stops when you press Enter here. To keep one running: stockroom demo start",
        )?;
        let wait = tokio::task::spawn_blocking(|| std::io::stdin().lock().read_line(&mut String::new()));
        tokio::select! {
            _ = wait => {}
            _ = tokio::signal::ctrl_c() => {}
        }
    }
    drop(demo);
    Ok(Exit::Done)
}

fn connection_words(demo: &Demo) -> String {
    let mut lines = vec![format!(
        "The demo server is running; its files are in {}",
        demo.server.instance_dir().display()
    )];
    lines.extend(LOGINS.iter().map(|(login, _)| format!("  {login:<8} {}", demo.url(login))));
    lines.join("\n")
}

fn tour(demo: &Demo) -> String {
    let program = std::env::current_exe().unwrap_or_else(|_| PathBuf::from("stockroom"));
    let program = program.display();
    format!(
        "Try, in another terminal:\n\
         \n  export STOCKROOM_DATABASE_URL='{url}'\n\
         \n  {program} product list lantern            what there is\
         \n  {program} stock 71053                     where it stands\
         \n  {program} receive 71053 24 --to MAIN      goods come in\
         \n  {program} issue 71053 99999 --from MAIN   refused, with the figures\
         \n  {program} count 71053 20 --at MAIN        the books follow the shelf\
         \n  {program} ledger --sku 71053 --limit 5    what happened, newest first\
         \n  {program} --help                          everything else",
        url = demo.url("admin"),
    )
}
