//! `audit verify`.

use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use jiff::Timestamp;
use serde_json::json;

use super::super::args::audit::{SealArgs, VerifyArgs};
use super::super::context::Context;
use super::super::exit::{CliError, Exit};
use super::super::measured::Measured;
use super::super::streams::{input_paths, is_stream, open_output};
use crate::audit::AuditError;
use crate::audit::decisions::{Acceptance, By};
use crate::audit::evidence::Evidence;
use crate::audit::findings::causes::{Cause, CauseGroup, by_cause};
use crate::audit::floods;
use crate::audit::reconcile::{Finding, Report, Severity, VerifyPlan, verify as run};
use crate::domain::display::{csv_field, safe_line};
use crate::domain::{CheckSeverity, LogFlood};
use crate::metrics::Metrics;
use crate::serve::show_verification;
use crate::store::Store;

pub(super) async fn verify(context: &Context, args: VerifyArgs) -> Result<Exit, CliError> {
    let measured = Measured::begin("verify", args.textfile.as_deref());
    let outcome = verify_now(context, args, &measured.metrics).await;
    measured.end(outcome)
}

async fn verify_now(context: &Context, args: VerifyArgs, metrics: &Metrics) -> Result<Exit, CliError> {
    let store = context.store()?;
    let evidence = args.evidence(context);
    let plan = plan(context, &args, &evidence, &store)?;
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
    show_verification(metrics, &report);
    if let Some(path) = &args.findings {
        write_findings(path, &report)?;
    }
    let printed = args.findings.as_deref().is_some_and(is_stream);
    context.output.beside(printed).result(&report, || words(&report))?;
    Ok(if report.alarms == 0 { Exit::Done } else { Exit::Discrepancies })
}

pub(super) async fn status(context: &Context, seal: &SealArgs) -> Result<Exit, CliError> {
    let store = context.store()?;
    let evidence = seal.evidence(context);
    let standing = evidence.standing(&store).await?;
    let checked = store.check().await?;
    let count =
        |severity: CheckSeverity| checked.iter().filter(|finding| finding.severity == severity).count();
    let (unsafe_findings, unchecked) = (count(CheckSeverity::Unsafe), count(CheckSeverity::Unchecked));
    let health = &standing.health;
    let signed_at = standing.sealed_ledger.as_ref().and_then(|checkpoint| checkpoint.signed_at);
    let report = evidence.last_report(&store);
    let last = report.as_ref();
    let floods = floods::recent(&store).await?;
    let document = json!({
        "collector": health, "floods": floods, "checkpoint_at": signed_at, "verified_at": standing.clean_at,
        "last_verification": last.map(|report| json!({
            "analysed_to": report.analysed_to, "status": report.status, "mode": report.mode,
            "alarms": report.alarms, "accepted": report.accepted, "notices": report.notices,
        })),
        "unsafe_findings": unsafe_findings, "unchecked_findings": unchecked,
    });
    context.output.result(&document, || {
        let time = |value: Option<Timestamp>| {
            value.map_or_else(|| "not known on this machine".to_owned(), |time| time.to_string())
        };
        let collector = match (health.collector_present, health.sealed_seconds_ago) {
            (true, Some(seconds)) => format!("running, last sealed {seconds} s ago"),
            (true, None) => "running, nothing sealed yet".to_owned(),
            (false, Some(seconds)) => format!("NOT running, last sealed {seconds} s ago"),
            (false, None) => "NOT running, nothing ever sealed".to_owned(),
        };
        let last = last.map_or_else(
            || "never on this machine".to_owned(),
            |report| {
                format!(
                    "{} alarms, {} accepted and {} notices at {}",
                    report.alarms, report.accepted, report.notices, report.analysed_to
                )
            },
        );
        let settings = match (unsafe_findings, unchecked) {
            (0, 0) => "none".to_owned(),
            (unsafe_findings, 0) => format!("{unsafe_findings} findings; see `stockroom db check`"),
            (0, _) => "not known: not everything could be checked; see `stockroom db check`".to_owned(),
            (unsafe_findings, _) => {
                format!("{unsafe_findings} findings, and not everything could be checked; see `stockroom db check`")
            }
        };
        let loud = match floods.as_slice() {
            [] => "no login wrote unusually much".to_owned(),
            floods => {
                let told = |flood: &LogFlood| {
                    format!("{}: {} entries, {} bytes since {}", flood.login, flood.entries, flood.bytes, flood.since)
                };
                floods.iter().map(told).collect::<Vec<_>>().join("\n               ")
            }
        };
        format!(
            "collector      {collector}\nlog entries    {}, newest logged at {}\nsealed         {} movements\ncheckpoint     {}\nlast verified  {last}\nlast clean     {}\nunsafe         {settings}\nlast hour      {loud}",
            health.lines,
            time(health.logged_at),
            health.sealed,
            time(signed_at),
            time(standing.clean_at),
        )
    })?;
    Ok(Exit::Done)
}

/// Writes the findings to a file, for a log management system.
fn write_findings(path: &Path, report: &Report) -> Result<(), CliError> {
    let mut file = open_output(Some(path))?;
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
        let fields: Vec<String> = headers.iter().map(field).collect();
        let fields = fields.iter().map(|text| csv_field(text).into_owned());
        writer.write_record(fields).map_err(io::Error::from)?;
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

/// What to verify, with the checkpoint files that were named, or else all in the default directory.
fn plan(
    context: &Context,
    args: &VerifyArgs,
    evidence: &Evidence,
    store: &Store,
) -> Result<VerifyPlan, CliError> {
    let patience = Duration::from_secs(args.patience);
    if args.checkpoint.is_empty() {
        if args.checkpoints.is_some() {
            // Ignoring files that were named would look as if they had been compared with the data.
            evidence.key().map_err(AuditError::from)?;
        } else if !evidence.is_at_hand() {
            context
                .output
                .notice("no checkpoints available; sealed data cannot be verified against signatures");
        }
        return Ok(VerifyPlan { patience, ..evidence.plan(store, args.full)? });
    }
    Ok(VerifyPlan {
        full: args.full,
        checkpoints: evidence.signed_in(&input_paths(&args.checkpoint)).map_err(AuditError::from)?,
        state: Some(evidence.state_file(store)),
        patience,
        decisions: evidence.decisions(store).map_err(AuditError::from)?,
    })
}

fn words(report: &Report) -> String {
    let findings = &report.findings;
    let mut lines: Vec<String> =
        by_cause(findings).iter().map(|group| group_words(group, findings)).collect();
    let told = report.findings.len() as u64;
    let all = report.alarms + report.accepted + report.notices;
    if told < all {
        lines.push(format!("and {} more findings", all - told));
    }
    lines.push(format!(
        "{}: {} movements, of which {} agree with their audit records; {} counts, {} log entries, {} checkpoints ({} verification, {} s)",
        if report.alarms == 0 { "No alarms" } else { "DISCREPANCIES" },
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
            "{} alarms have been accepted; `stockroom audit accepted` lists them",
            report.accepted
        ));
    }
    if report.alarms > 0 {
        lines.push(
            "Accept an alarm that has been investigated with `stockroom audit accept ID --reason TEXT`; add --same-cause to accept the others of its group as well"
                .to_owned(),
        );
    }
    lines.push(format!(
        "Covers everything committed before {}; {} log entries and {} movements are not covered by a checkpoint yet",
        report.analysed_to, report.lines_not_sealed, report.movements_not_sealed
    ));
    lines.join("\n")
}

/// The text of a group of findings, with a line about the cause above them if there are several.
fn group_words(group: &CauseGroup, findings: &[Finding]) -> String {
    let members = group
        .members
        .iter()
        .map(|member| finding_words(&findings[member.at], member.deed.and_then(|at| findings.get(at))));
    if group.members.len() == 1 {
        return members.collect();
    }
    let told = format!("{} findings, {} of them alarms", group.members.len(), group.alarms(findings));
    let deed = group.deed(findings);
    let head = match &group.cause {
        Cause::Session(session) => {
            let by = deed.and_then(|deed| deed.who.as_deref()).unwrap_or("an unknown login");
            let from = deed.and_then(|deed| deed.from.as_deref()).map(|from| format!(" from {from}"));
            format!("{told}, from one session: {session} of {by}{}", from.unwrap_or_default())
        }
        Cause::Untold(verdict) => {
            format!("{told}: {verdict}; no statement in the log shows who did it")
        }
        Cause::Own(_) => told,
    };
    let below = members.flat_map(|words| words.lines().map(|line| format!("  {line}")).collect::<Vec<_>>());
    std::iter::once(safe_line(&head).into_owned()).chain(below).collect::<Vec<_>>().join("\n")
}

/// The text of a finding. `deed` is the finding about the statement that altered its row, if known.
fn finding_words(finding: &Finding, deed: Option<&Finding>) -> String {
    let severity = match finding.severity {
        Severity::Alarm => "ALARM",
        Severity::Accepted => "accepted",
        Severity::Notice => "notice",
    };
    let mut lines = vec![format!("{severity:<6}  {}: {}", finding.verdict, safe_line(&finding.what))];
    let detail = |name: &str, value: &Option<String>| {
        value.as_ref().map(|value| format!("        {name:<11}{}", safe_line(value)))
    };
    let line_no = finding.line_no.map(|number| number.to_string());
    let accepted = finding.accepted.as_ref().map(accepted_words);
    let altered = deed.map(|deed| {
        let line = deed.line_no.map(|line| format!(", log entry {line}")).unwrap_or_default();
        format!("{}{line}", deed.who.as_deref().unwrap_or("an unknown login"))
    });
    let id = (finding.severity != Severity::Notice).then(|| finding.id.clone());
    lines.extend(
        [
            detail("altered by", &altered),
            detail(if finding.by_poster { "posted by" } else { "who" }, &finding.who),
            detail("when", &finding.when),
            detail("from", &finding.from),
            detail("session", &finding.session),
            detail("statement", &finding.statement),
            detail("before", &finding.before),
            detail("after", &finding.after),
            detail("log entry", &line_no),
            detail("accepted", &accepted),
            detail("id", &id),
        ]
        .into_iter()
        .flatten(),
    );
    lines.join("\n")
}

/// Who accepted a finding, when and why, as text.
fn accepted_words(accepted: &Acceptance) -> String {
    let By { os_user, login } = &accepted.by;
    format!("by {os_user} as {login} at {}: {}", accepted.at, accepted.reason)
}
