//! `audit collect`, and the password of the collector's login.

use secrecy::ExposeSecret as _;
use serde_json::json;

use super::super::args::PasswordArgs;
use super::super::args::audit::{CollectArgs, SealArgs};
use super::super::context::Context;
use super::super::exit::{CliError, Exit};
use super::super::people::read_password;
use crate::audit::collect::{Collected, Plan, Source, collect_once, follow};
use crate::audit::{AuditError, retention};

pub(super) async fn collect(context: &Context, args: CollectArgs) -> Result<Exit, CliError> {
    let store = context.store()?;
    let seal = (!args.no_seal).then(|| args.seal.evidence(context));
    let plan = Plan { source: args.log_dir.map_or(Source::Sql, Source::Directory), seal };
    let tell = |message: &str| context.output.notice(message);
    let collected = if args.follow {
        tell("collecting; press Ctrl-C to stop");
        follow(&store, &plan, interrupted(), tell).await
    } else {
        collect_once(&store, &plan, tell).await
    };
    let collected = collected.map_err(AuditError::from)?;
    context.output.result(&collected, || words(&collected))?;
    Ok(Exit::Done)
}

/// Completes when the program is told to end, by Ctrl-C or SIGTERM.
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
        "Collected {} log entries ({} bytes), sealed {} movements",
        collected.lines, collected.bytes, collected.sealed
    );
    if collected.unreadable > 0 {
        words.push_str(&format!("; {} entries cannot be read", collected.unreadable));
    }
    if collected.forged > 0 {
        words.push_str(&format!("; {} entries are forged audit records", collected.forged));
    }
    words
}

pub(super) async fn prune(context: &Context, keep_months: u16, seal: &SealArgs) -> Result<Exit, CliError> {
    let store = context.store()?;
    let dropped =
        retention::prune(&store, keep_months, &seal.evidence(context)).await.map_err(AuditError::from)?;
    context.output.result(&json!({"dropped": dropped}), || match dropped.as_slice() {
        [] => "No month is old enough to drop".to_owned(),
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
            format!("The password of stock_collector is {text}; it is not shown again")
        }
        None => "The password of stock_collector has been changed".to_owned(),
    })?;
    Ok(Exit::Done)
}
