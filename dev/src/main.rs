//! The `stockroom-dev` program: the tools for the development of Stockroom.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use serde::Serialize;
use stockroom_dev::bench::{Kind, Plan, run as bench_load, search, ui};
use stockroom_dev::dictionary::Catalog;
use stockroom_dev::{Error, connect};
use tracing::Level;

/// Tools for the development of Stockroom.
#[derive(Debug, Parser)]
#[command(version, about, max_term_width = 100)]
struct Arguments {
    /// Print results as JSON
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Measure performance against a baseline on a private server
    Bench(BenchArgs),
    /// Describe the structure of a database
    Db {
        #[command(subcommand)]
        action: DbAction,
    },
}

#[derive(Debug, Args)]
struct BenchArgs {
    #[command(subcommand)]
    kind: BenchKind,
    /// Number of sessions that post concurrently
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64))]
    sessions: Option<u16>,
    /// Number of rounds for each side
    #[arg(long, global = true, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=100))]
    rounds: u16,
    /// Length of a round in seconds
    #[arg(long, global = true, value_name = "SECONDS", default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=600))]
    round_seconds: u16,
}

#[derive(Debug, Subcommand)]
enum BenchKind {
    #[command(flatten)]
    Load(Kind),
    /// Search while typing, and pages of the stock table, with a large catalogue
    Search {
        #[command(flatten)]
        catalogue: CatalogueArgs,
    },
    /// The screens with a large catalogue: time from key to frame, and resources used when idle
    Ui {
        #[command(flatten)]
        catalogue: CatalogueArgs,
        /// The program to measure [else: stockroom beside this tool]
        #[arg(long, value_name = "FILE")]
        program: Option<PathBuf>,
    },
}

#[derive(Debug, Args)]
struct CatalogueArgs {
    /// Number of products in the catalogue
    #[arg(long, value_name = "N", default_value_t = 1_000_000, value_parser = clap::value_parser!(u32).range(1_000..=10_000_000))]
    products: u32,
}

#[derive(Debug, Subcommand)]
enum DbAction {
    /// Print the data dictionary as Markdown, generated from the system catalog
    Describe {
        /// URL of the database; the connection is not encrypted
        #[arg(long, env = "STOCKROOM_DATABASE_URL", value_name = "URL", hide_env_values = true)]
        database_url: String,
        /// Print an entity-relationship diagram (Mermaid) instead
        #[arg(long)]
        diagram: bool,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    tracing_subscriber::fmt().with_writer(io::stderr).with_max_level(Level::WARN).init();
    match run(arguments).await {
        Ok(exit) => exit,
        Err(error) => {
            progress(&error.to_string());
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<ExitCode, Error> {
    let json = arguments.json;
    match arguments.command {
        Command::Bench(args) => bench(args, json).await,
        Command::Db { action: DbAction::Describe { database_url, diagram } } => {
            let catalog = Catalog::read(&mut connect(&database_url).await?).await?;
            print(json, &catalog, || if diagram { catalog.diagram() } else { catalog.dictionary() })?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

async fn bench(args: BenchArgs, json: bool) -> Result<ExitCode, Error> {
    let rounds = usize::from(args.rounds);
    let failed = match args.kind {
        BenchKind::Load(kind) => {
            let plan = Plan {
                sessions: args.sessions.map(usize::from),
                rounds,
                round: Duration::from_secs(u64::from(args.round_seconds)),
            };
            let report = bench_load(kind, &plan, progress).await?;
            print(json, &report, || report.words())?;
            report.failed
        }
        BenchKind::Search { catalogue } => {
            let report = search::run(catalogue.products, rounds, progress).await?;
            print(json, &report, || report.words())?;
            report.failed
        }
        BenchKind::Ui { catalogue, program } => {
            let program = program.map_or_else(ui::default_program, Ok)?;
            let report = ui::run(&program, catalogue.products, rounds, progress).await?;
            print(json, &report, || report.words())?;
            0
        }
    };
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn progress(message: &str) {
    eprintln!("stockroom-dev: {message}");
}

/// Prints a result: a JSON document, or the text.
fn print<T: Serialize>(json: bool, value: &T, words: impl FnOnce() -> String) -> Result<(), Error> {
    let text = if json { serde_json::to_string(value)? } else { words() };
    println!("{}", text.trim_end());
    Ok(())
}
