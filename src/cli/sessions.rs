//! The commands for the sessions on the database.

use serde_json::json;

use super::args::SessionAction;
use super::context::Context;
use super::exit::{CliError, Exit};
use super::output::or_empty;
use crate::domain::Session;

pub(crate) async fn run(context: &Context, action: SessionAction) -> Result<Exit, CliError> {
    let store = context.store()?;
    match action {
        SessionAction::List => {
            let sessions = store.sessions().await?;
            let headers = [
                "session",
                "login",
                "from",
                "program",
                "state",
                "transaction since",
                "waits",
                "blocks others",
            ];
            context.output.list(&sessions, &headers, columns)?;
        }
        SessionAction::End { pid } => {
            let login = store.end_session(pid).await?;
            context.output.result(&json!({"status": "ended", "pid": pid, "login": login}), || {
                format!("Ended session {pid} of {login}")
            })?;
        }
    }
    Ok(Exit::Done)
}

fn columns(session: &Session) -> Vec<String> {
    let yes = |holds: bool| if holds { "yes" } else { "" }.to_owned();
    vec![
        session.pid.to_string(),
        session.login.clone(),
        session.client.clone(),
        session.program.clone(),
        session.state.clone().unwrap_or_default(),
        or_empty(session.transaction_since.as_ref()),
        yes(session.is_waiting),
        yes(session.is_blocking),
    ]
}
