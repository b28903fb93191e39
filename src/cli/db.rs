//! The commands that prepare and check a server.

use serde_json::json;

use super::args::DbAction;
use super::{CliError, Context, Exit};
use crate::audit::room::LogRoom;
use crate::store::prepare::{self, Finding, Prepared, Weight};

pub(crate) async fn run(context: &Context, action: DbAction) -> Result<Exit, CliError> {
    match action {
        DbAction::Init { database } => {
            let prepared = prepare::init(&context.connection_settings()?, &database).await?;
            context.output.result(&prepared, || prepared_words(&prepared))?;
            Ok(exit_for(&prepared.findings))
        }
        DbAction::Migrate => {
            let migrations = prepare::migrate(&context.store()?).await?;
            context.output.result(&json!({"migrations": migrations}), || migration_words(&migrations))?;
            Ok(Exit::Done)
        }
        DbAction::Check => {
            let store = context.store()?;
            let mut findings = store.check().await?;
            let log = LogRoom::ask(&store).await?;
            findings.extend(log.finding());
            findings.sort_by_key(|finding| finding.weight);
            context.output.result(&json!({"findings": findings, "log": log}), || finding_words(&findings))?;
            Ok(exit_for(&findings))
        }
        DbAction::Describe { diagram } => {
            let catalog = context.store()?.describe().await?;
            context.output.result(&catalog, || {
                let page = if diagram { catalog.diagram() } else { catalog.dictionary() };
                page.trim_end().to_owned()
            })?;
            Ok(Exit::Done)
        }
    }
}

fn exit_for(findings: &[Finding]) -> Exit {
    if findings.iter().any(|finding| finding.weight == Weight::Unsafe) {
        Exit::Discrepancies
    } else {
        Exit::Done
    }
}

fn migration_words(migrations: &[String]) -> String {
    if migrations.is_empty() {
        "The schema is up to date".to_owned()
    } else {
        format!("Ran {} migrations: {}", migrations.len(), migrations.join(", "))
    }
}

fn prepared_words(prepared: &Prepared) -> String {
    let made = if prepared.database_created { "Made" } else { "Found" };
    format!(
        "{made} database {}\n{}\n{}",
        prepared.database,
        migration_words(&prepared.migrations),
        finding_words(&prepared.findings)
    )
}

fn finding_words(findings: &[Finding]) -> String {
    if findings.is_empty() {
        return "Nothing is missing or unsafe".to_owned();
    }
    let words = |finding: &Finding| {
        let weight = match finding.weight {
            Weight::Unsafe => "UNSAFE",
            Weight::Advice => "advice",
        };
        let found = if finding.found.is_empty() { "not set" } else { &finding.found };
        format!("{weight}  {}: {found}\n        {}", finding.subject, finding.remedy)
    };
    findings.iter().map(words).collect::<Vec<_>>().join("\n")
}
