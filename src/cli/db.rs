//! The commands that prepare and check a server.

use serde_json::json;

use super::args::DbAction;
use super::context::Context;
use super::exit::{CliError, Exit};
use crate::audit::disk_space::LogDiskSpace;
use crate::domain::{CheckFinding, CheckSeverity};
use crate::store::prepare::{self, Prepared};

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
        DbAction::Partitions { first, last } => {
            let last = last.unwrap_or(first);
            if last < first {
                return Err(CliError::Usage(format!(
                    "the last month, {last:.7}, is before the first, {first:.7}"
                )));
            }
            let created = context.store()?.ensure_months(first, last.last_of_month()).await?;
            context.output.result(&json!({"partitions_created": created}), || match created {
                0 => "All of these months have their partition".to_owned(),
                1 => "Created 1 partition".to_owned(),
                created => format!("Created {created} partitions"),
            })?;
            Ok(Exit::Done)
        }
        DbAction::Check => {
            let store = context.store()?;
            let mut findings = store.check().await?;
            let log = LogDiskSpace::ask(&store).await?;
            findings.extend(log.finding());
            findings.sort_by_key(|finding| finding.severity);
            context.output.result(&json!({"findings": findings, "log": log}), || finding_words(&findings))?;
            Ok(exit_for(&findings))
        }
    }
}

fn exit_for(findings: &[CheckFinding]) -> Exit {
    // What could not be checked counts as not in order.
    if findings.iter().any(|finding| finding.severity != CheckSeverity::Advice) {
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
    let made = if prepared.database_created { "Created" } else { "Found" };
    format!(
        "{made} database {}\n{}\n{}",
        prepared.database,
        migration_words(&prepared.migrations),
        finding_words(&prepared.findings)
    )
}

fn finding_words(findings: &[CheckFinding]) -> String {
    if findings.is_empty() {
        return "No missing or unsafe settings".to_owned();
    }
    let words = |finding: &CheckFinding| {
        let severity = match finding.severity {
            CheckSeverity::Unsafe => "UNSAFE",
            CheckSeverity::Unchecked => "NOT CHECKED",
            CheckSeverity::Advice => "advice",
        };
        let found = if finding.found.is_empty() { "not set" } else { &finding.found };
        format!("{severity}  {}: {found}\n        {}", finding.subject, finding.remedy)
    };
    findings.iter().map(words).collect::<Vec<_>>().join("\n")
}
