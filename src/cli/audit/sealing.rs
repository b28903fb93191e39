//! `audit checkpoint`, `audit prove` and `audit check-proof`.

use std::fs;
use std::path::Path;

use serde_json::json;

use super::super::args::audit::{ProveArgs, PublicKeyArgs, SealArgs};
use super::super::context::Context;
use super::super::exit::{CliError, Exit};
use super::super::output::print_line;
use super::super::streams::{is_stream, read_input};
use crate::audit::AuditError;
use crate::audit::seal::{
    Checkpoint, Proof, PublicKey, SealError, SealKey, Sealer, Tree, prove as make_proof, root_text,
};

/// The largest file that is read as a proof. A path has at most 64 hashes.
const PROOF_BYTES_MAX: u64 = 1 << 20;

/// The largest file of checkpoints that is read: each has a few hundred bytes.
const CHECKPOINTS_BYTES_MAX: u64 = 1 << 30;

pub(super) async fn checkpoint(context: &Context, args: &SealArgs) -> Result<Exit, CliError> {
    let store = context.store()?;
    let evidence = args.evidence(context);
    let (key, made) = SealKey::load_or_make(evidence.private_key()).map_err(AuditError::from)?;
    if made {
        context.output.notice(&format!("created the key of the seal: {}", evidence.private_key().display()));
    }
    let public = evidence.key().map_err(AuditError::from)?;
    let directory = evidence.directory().map_err(AuditError::from)?;
    let mut sealer = Sealer::open(&store, key, &public, directory.clone()).await.map_err(AuditError::from)?;
    sealer.seal(&store, None).await.map_err(AuditError::from)?;
    for tree in Tree::ALL {
        let Some(last) = directory.last(tree, &public).map_err(AuditError::from)? else { continue };
        let document = json!({
            "tree": tree, "size": last.size, "root": root_text(last.root), "signed_at": last.signed_at,
            "note": last.note,
        });
        context.output.result(&document, || last.note.trim_end().to_owned())?;
    }
    Ok(Exit::Done)
}

/// The checkpoint on which the proof is based.
fn ledger_checkpoint(context: &Context, args: &ProveArgs, key: &PublicKey) -> Result<Checkpoint, CliError> {
    let found = match &args.checkpoint {
        Some(file) => Checkpoint::read_all(&read_input(file, CHECKPOINTS_BYTES_MAX)?, key)
            .map_err(AuditError::from)?
            .into_iter()
            .rev()
            .find(|checkpoint| checkpoint.tree == Tree::Ledger),
        None => args
            .evidence(context)
            .directory()
            .and_then(|directory| directory.last(Tree::Ledger, key))
            .map_err(AuditError::from)?,
    };
    let missing = || {
        SealError::Missing(
            "there is no checkpoint of the ledger yet; make one with `stockroom audit checkpoint`".to_owned(),
        )
    };
    Ok(found.ok_or_else(missing).map_err(AuditError::from)?)
}

pub(super) async fn prove(context: &Context, args: ProveArgs) -> Result<Exit, CliError> {
    let key = args.evidence(context).key().map_err(AuditError::from)?;
    let checkpoint = ledger_checkpoint(context, &args, &key)?;
    let proof = make_proof(&context.store()?, args.id.uuid(), &checkpoint).await.map_err(AuditError::from)?;
    let text = serde_json::to_string_pretty(&proof)?;
    match &args.output {
        Some(file) if !is_stream(file) => {
            fs::write(file, text + "\n")?;
            context.output.notice(&format!("proof written to {}", file.display()));
        }
        _ => print_line(&text)?,
    }
    Ok(Exit::Done)
}

pub(super) fn check_proof(context: &Context, file: &Path, public: &PublicKeyArgs) -> Result<Exit, CliError> {
    let key = public.evidence(context).key().map_err(AuditError::from)?;
    let proof: Proof = serde_json::from_str(&read_input(file, PROOF_BYTES_MAX)?)
        .map_err(|error| CliError::Usage(format!("{} is not a proof: {error}", file.display())))?;
    let (movement, checkpoint) = proof.check(&key).map_err(AuditError::from)?;
    let document = json!({
        "status": "proved", "movement": movement, "leaf_no": proof.leaf_no, "size": checkpoint.size,
        "signed_by": checkpoint.signer, "signed_at": checkpoint.signed_at,
    });
    context.output.result(&document, || {
        format!(
            "Movement {} by {} at {} is leaf {} of the ledger of {} movements signed by {}{}",
            movement.facts.id,
            movement.posted_by,
            movement.posted_at,
            proof.leaf_no,
            checkpoint.size,
            checkpoint.signer,
            checkpoint.signed_at.map(|time| format!(" at {time}")).unwrap_or_default()
        )
    })?;
    Ok(Exit::Done)
}
