//! `audit collect`, and the password of its login.

use secrecy::ExposeSecret as _;
use serde_json::json;

use super::super::args::PasswordArgs;
use super::super::people::read_password;
use super::super::{CliError, Context, Exit};
use super::args::{CollectArgs, SealArgs};
use crate::audit::collect::{Collected, Plan, Source, collect_once, follow};
use crate::audit::seal::Tree;
use crate::audit::{AuditError, retention};

pub(super) async fn collect(context: &Context, args: CollectArgs) -> Result<Exit, CliError> {
    let store = context.store()?;
    let seal = (!args.no_seal).then(|| args.seal.evidence(context));
    let plan = Plan { source: args.log_dir.map_or(Source::Sql, Source::Directory), seal };
    let tell = |message: &str| context.output.notice(message);
    let collected = if args.follow {
        tell("collecting; interrupt to stop");
        follow(&store, &plan, interrupted(), tell).await
    } else {
        collect_once(&store, &plan, tell).await
    };
    let collected = collected.map_err(AuditError::from)?;
    context.output.result(&collected, || words(&collected))?;
    Ok(Exit::Done)
}

/// Ready when somebody wants the program to end.
pub(crate) async fn interrupted() {
    let terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate());
    match terminate {
        Ok(mut terminate) => {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
        }
        Err(_) => drop(tokio::signal::ctrl_c().await),
    }
}

fn words(collected: &Collected) -> String {
    let mut words = format!(
        "Collected {} lines ({} bytes), sealed {} movements",
        collected.lines, collected.bytes, collected.sealed
    );
    if collected.unreadable > 0 {
        words.push_str(&format!("; {} lines cannot be read", collected.unreadable));
    }
    if collected.forged > 0 {
        words.push_str(&format!("; {} lines only look like audit records", collected.forged));
    }
    words
}

pub(super) async fn prune(context: &Context, keep_months: u16, seal: &SealArgs) -> Result<Exit, CliError> {
    let store = context.store()?;
    let evidence = seal.evidence(context);
    let key = evidence.key().map_err(AuditError::from)?;
    let last =
        evidence.directory().and_then(|files| files.last(Tree::Lines, &key)).map_err(AuditError::from)?;
    let signed = last.map_or(0, |checkpoint| checkpoint.size);
    let dropped = retention::prune(&store, keep_months, signed).await.map_err(AuditError::from)?;
    context.output.result(&json!({"dropped": dropped}), || match dropped.as_slice() {
        [] => "Nothing is old enough to be dropped".to_owned(),
        months => format!("Dropped {}", months.join(", ")),
    })?;
    Ok(Exit::Done)
}

pub(super) async fn password(context: &Context, args: &PasswordArgs) -> Result<Exit, CliError> {
    let secret = read_password(args)?;
    context.store()?.set_collector_password(&secret).await?;
    let shown = args.generate.then(|| secret.expose_secret().to_owned());
    context.output.result(&json!({"status": "changed", "password": shown}), || match &shown {
        Some(text) => {
            format!("The password of stock_collector is {text}, and it is not shown again")
        }
        None => "The password of stock_collector is changed".to_owned(),
    })?;
    Ok(Exit::Done)
}
