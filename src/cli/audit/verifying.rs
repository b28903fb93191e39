//! `audit verify`.

use std::fs;
use std::io::{self, BufWriter, IsTerminal as _, Write as _};
use std::path::Path;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use jiff::Timestamp;
use serde_json::json;

use super::super::{CliError, Context, Exit};
use super::args::{SealArgs, VerifyArgs};
use crate::audit::AuditError;
use crate::audit::decisions::{Acceptance, By};
use crate::audit::evidence::Evidence;
use crate::audit::reconcile::{Finding, Report, VerifyPlan, Weight, verify as run};
use crate::audit::seal::Checkpoint;
use crate::store::Store;
use crate::store::prepare::Weight as CheckWeight;

pub(super) async fn verify(context: &Context, args: VerifyArgs) -> Result<Exit, CliError> {
    let store = context.store()?;
    let evidence = args.evidence(context);
    let plan = VerifyPlan {
        full: args.full,
        checkpoints: checkpoints(context, &args, &evidence, &store)?,
        state: Some(evidence.state_file(&store)),
        patience: Duration::from_secs(args.patience),
        decisions: evidence.decisions(&store).map_err(AuditError::from)?,
    };
    let bar = progress_bar(context);
    let report = run(&store, &plan, &|step, done, of| {
        bar.set_message(step.words());
        bar.set_length(of);
        bar.set_position(done);
    })
    .await;
    bar.finish_and_clear();
    let report = report.map_err(AuditError::from)?;
    evidence.keep(&store, &report).map_err(AuditError::from)?;
    if let Some(path) = &args.findings {
        write_findings(path, &report)?;
    }
    context.output.result(&report, || words(&report))?;
    Ok(if report.alarms == 0 { Exit::Done } else { Exit::Discrepancies })
}

pub(super) async fn status(context: &Context, seal: &SealArgs) -> Result<Exit, CliError> {
    let store = context.store()?;
    let evidence = seal.evidence(context);
    let standing = evidence.standing(&store).await?;
    let unsafe_findings =
        store.check().await?.iter().filter(|finding| finding.weight == CheckWeight::Unsafe).count();
    let health = &standing.health;
    let signed_at = standing.sealed_ledger.as_ref().and_then(|checkpoint| checkpoint.signed_at);
    let report = evidence.last_report(&store);
    let last = report.as_ref();
    let document = json!({
        "collector": health, "checkpoint_at": signed_at, "verified_at": standing.clean_at,
        "last_verification": last.map(|report| json!({
            "judged_to": report.judged_to, "status": report.status, "mode": report.mode,
            "alarms": report.alarms, "accepted": report.accepted, "notices": report.notices,
        })),
        "unsafe_findings": unsafe_findings,
    });
    context.output.result(&document, || {
        let time = |value: Option<Timestamp>| {
            value.map_or_else(|| "never, as far as is known here".to_owned(), |time| time.to_string())
        };
        let collector = match (health.collector_present, health.sealed_seconds_ago) {
            (true, Some(seconds)) => format!("at work, sealed {seconds} s ago"),
            (true, None) => "at work, has sealed nothing yet".to_owned(),
            (false, Some(seconds)) => format!("NOT at work; last sealed {seconds} s ago"),
            (false, None) => "NOT at work, and never was".to_owned(),
        };
        let last = last.map_or_else(
            || "no verification was made here".to_owned(),
            |report| {
                format!(
                    "{} alarms, {} accepted and {} notices at {}",
                    report.alarms, report.accepted, report.notices, report.judged_to
                )
            },
        );
        format!(
            "collector      {collector}\nlines          {}, the newest logged at {}\nsealed         {} movements\ncheckpoint     {}\nlast verified  {last}\nlast clean     {}\nunsafe         {unsafe_findings} findings of `stockroom db check`",
            health.lines,
            time(health.logged_at),
            health.sealed,
            time(signed_at),
            time(standing.clean_at),
        )
    })?;
    Ok(Exit::Done)
}

/// Writes the findings into a file, for a log store.
fn write_findings(path: &Path, report: &Report) -> Result<(), CliError> {
    let mut file = BufWriter::new(fs::File::create(path)?);
    if path.extension().is_none_or(|ending| ending != "csv") {
        for finding in &report.findings {
            serde_json::to_writer(&mut file, finding)?;
            file.write_all(b"\n")?;
        }
        return Ok(file.flush()?);
    }
    let mut writer = csv::Writer::from_writer(file);
    let headers = [
        "verdict",
        "weight",
        "what",
        "who",
        "when",
        "from",
        "session",
        "statement",
        "line_no",
        "movement",
        "before",
        "after",
        "id",
        "accepted",
    ];
    writer.write_record(headers).map_err(io::Error::from)?;
    for finding in &report.findings {
        let document = serde_json::to_value(finding)?;
        let field = |name: &&str| match &document[*name] {
            serde_json::Value::Null => String::new(),
            serde_json::Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        writer.write_record(headers.iter().map(field)).map_err(io::Error::from)?;
    }
    Ok(writer.flush()?)
}

fn progress_bar(context: &Context) -> ProgressBar {
    if context.output.is_json() || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("verifying {msg}: {human_pos} of {human_len} [{elapsed}]")
    {
        bar.set_style(style);
    }
    bar
}

/// The checkpoints to verify against: those that were named, else all that lie in the usual place.
fn checkpoints(
    context: &Context,
    args: &VerifyArgs,
    evidence: &Evidence,
    store: &Store,
) -> Result<Vec<Checkpoint>, CliError> {
    if !args.checkpoint.is_empty() {
        return Ok(evidence.signed_in(&args.checkpoint).map_err(AuditError::from)?);
    }
    if args.checkpoints.is_none() && !evidence.is_at_hand() {
        context.output.notice("no checkpoints are at hand; what was sealed cannot be verified");
        return Ok(Vec::new());
    }
    Ok(evidence.plan(store, args.full)?.checkpoints)
}

fn words(report: &Report) -> String {
    let mut lines: Vec<String> = report.findings.iter().map(finding_words).collect();
    let told = report.findings.len() as u64;
    let all = report.alarms + report.accepted + report.notices;
    if told < all {
        lines.push(format!("and {} more findings", all - told));
    }
    lines.push(format!(
        "{}: {} movements, {} of them agree with their records; {} counts, {} lines of the log, {} checkpoints ({} verification, {} s)",
        if report.alarms == 0 { "Nothing is wrong" } else { "DISCREPANCIES" },
        report.movements,
        report.matched,
        report.counts,
        report.lines,
        report.checkpoints,
        report.mode,
        report.seconds
    ));
    if report.accepted > 0 {
        lines.push(format!(
            "{} findings would be alarms and were accepted; `stockroom audit accepted` lists them",
            report.accepted
        ));
    }
    if report.alarms > 0 {
        lines.push(
            "What has been looked into is accepted with `stockroom audit accept ID --reason TEXT`".to_owned(),
        );
    }
    lines.push(format!(
        "Judged is what was committed before {}; {} lines and {} movements are not under a checkpoint yet",
        report.judged_to, report.lines_not_sealed, report.movements_not_sealed
    ));
    lines.join("\n")
}

fn finding_words(finding: &Finding) -> String {
    let weight = match finding.weight {
        Weight::Alarm => "ALARM",
        Weight::Accepted => "accepted",
        Weight::Notice => "notice",
    };
    let mut lines = vec![format!("{weight:<6}  {}: {}", finding.verdict, finding.what)];
    let detail = |name: &str, value: &Option<String>| {
        value.as_ref().map(|value| format!("        {name:<10}{}", value.replace('\n', " ")))
    };
    let line_no = finding.line_no.map(|number| number.to_string());
    let accepted = finding.accepted.as_ref().map(accepted_words);
    let id = (finding.weight != Weight::Notice).then(|| finding.id.clone());
    lines.extend(
        [
            detail("who", &finding.who),
            detail("when", &finding.when),
            detail("from", &finding.from),
            detail("session", &finding.session),
            detail("statement", &finding.statement),
            detail("before", &finding.before),
            detail("after", &finding.after),
            detail("line", &line_no),
            detail("accepted", &accepted),
            detail("id", &id),
        ]
        .into_iter()
        .flatten(),
    );
    lines.join("\n")
}

/// Who accepted a finding, when and why.
fn accepted_words(accepted: &Acceptance) -> String {
    let By { os_user, login } = &accepted.by;
    format!("by {os_user} as {login} at {}: {}", accepted.at, accepted.reason)
}
