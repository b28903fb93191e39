//! `stockroom audit`: collecting, sealing, verifying, decisions about findings, and queries of the log.

mod collecting;
mod deciding;
mod events;
mod evidence;
mod sealing;
mod verifying;

pub(crate) use collecting::interrupted;

use super::args::audit::AuditAction;
use super::context::Context;
use super::exit::{CliError, Exit};

pub(crate) async fn run(context: &Context, action: AuditAction) -> Result<Exit, CliError> {
    match action {
        AuditAction::Collect(args) => collecting::collect(context, args).await,
        AuditAction::Prune { keep_months, seal } => collecting::prune(context, keep_months, &seal).await,
        AuditAction::Password { password } => collecting::password(context, &password).await,
        AuditAction::Verify(args) => verifying::verify(context, args).await,
        AuditAction::Accept(args) => deciding::accept(context, args).await,
        AuditAction::Accepted => deciding::list(context),
        AuditAction::Unaccept { ids, reason } => deciding::take_back(context, &ids, &reason).await,
        AuditAction::Status { seal } => verifying::status(context, &seal).await,
        AuditAction::Events(args) => events::events(context, args).await,
        AuditAction::Record { line } => events::record(context, line).await,
        AuditAction::Summary { since } => events::summary(context, since).await,
        AuditAction::Export(args) => events::export(context, args).await,
        AuditAction::Checkpoint { seal } => sealing::checkpoint(context, &seal).await,
        AuditAction::Prove(args) => sealing::prove(context, args).await,
        AuditAction::CheckProof { file, public } => sealing::check_proof(context, &file, &public),
    }
}
