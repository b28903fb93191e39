//! `audit accept`, `audit accepted` and `audit unaccept`.

use serde_json::json;

use super::super::args::audit::AcceptArgs;
use super::super::context::Context;
use super::super::exit::{CliError, Exit};
use crate::audit::AuditError;
use crate::audit::decisions::{Act, By, Decision, DecisionError, stands_for};
use crate::audit::evidence::Evidence;
use crate::audit::findings::causes::by_cause;
use crate::audit::reconcile::{Report, Severity};

fn evidence(context: &Context) -> Evidence {
    Evidence::at(&context.settings.state_dir())
}

pub(super) async fn accept(context: &Context, args: AcceptArgs) -> Result<Exit, CliError> {
    let store = context.store()?;
    let evidence = evidence(context);
    let mut untold = 0;
    let report = || evidence.last_report(&store).ok_or(DecisionError::NoReport).map_err(AuditError::from);
    let ids = if args.all {
        let report = report()?;
        let alarms = report.findings.iter().filter(|finding| finding.severity == Severity::Alarm);
        let ids: Vec<String> = alarms.map(|finding| finding.id.clone()).collect();
        untold = report.alarms.saturating_sub(ids.len() as u64);
        ids
    } else if args.same_cause {
        with_same_cause(&report()?, args.ids)
    } else {
        args.ids
    };
    let by = By::of(&store).await?;
    let made = evidence.accept(&store, &ids, &args.reason, &by).map_err(AuditError::from)?;
    tell(context, &made)?;
    if untold > 0 {
        context
            .output
            .notice(&format!("{untold} more alarms were counted but not listed; verify again to list them"));
    }
    Ok(Exit::Done)
}

/// These findings and every other alarm with the cause of one of them. An id that is in no finding is kept, so that the
/// decision refuses it by name.
fn with_same_cause(report: &Report, ids: Vec<String>) -> Vec<String> {
    let findings = &report.findings;
    let mut all = ids.clone();
    for group in by_cause(findings) {
        let members = || group.members.iter().map(|member| &findings[member.at]);
        let is_meant = ids.iter().any(|id| members().any(|finding| stands_for(id, &finding.id)));
        let alarms = members().filter(|finding| finding.severity == Severity::Alarm);
        if is_meant {
            all.extend(alarms.map(|finding| finding.id.clone()));
        }
    }
    all
}

pub(super) async fn take_back(context: &Context, ids: &[String], reason: &str) -> Result<Exit, CliError> {
    let store = context.store()?;
    let by = By::of(&store).await?;
    let made = evidence(context).take_back(&store, ids, reason, &by).map_err(AuditError::from)?;
    tell(context, &made)?;
    Ok(Exit::Done)
}

fn tell(context: &Context, made: &[Decision]) -> Result<(), CliError> {
    context.output.result(&json!({"decisions": made}), || {
        if made.is_empty() {
            return "There are no alarms to accept".to_owned();
        }
        let line = |decision: &Decision| {
            format!("{} {}  {}: {}", act_words(decision.act), decision.id, decision.verdict, decision.what)
        };
        made.iter().map(line).collect::<Vec<_>>().join("\n")
    })
}

pub(super) fn list(context: &Context) -> Result<Exit, CliError> {
    let store = context.store()?;
    let evidence = evidence(context);
    let decisions = evidence.decisions(&store).map_err(AuditError::from)?;
    let headers = ["when", "", "id", "verdict", "by", "as", "what", "why"];
    context.output.list(decisions.list(), &headers, |decision| {
        vec![
            decision.at.strftime("%Y-%m-%d %H:%M:%S").to_string(),
            act_words(decision.act).to_owned(),
            decision.id.clone(),
            decision.verdict.to_string(),
            decision.os_user.clone(),
            decision.login.clone(),
            decision.what.clone(),
            decision.reason.replace('\n', " "),
        ]
    })?;
    let Some(damage) = decisions.damage() else { return Ok(Exit::Done) };
    let path = evidence.decisions_file(&store);
    context.output.notice(&format!("{} has been altered: {damage}", path.display()));
    Ok(Exit::Discrepancies)
}

fn act_words(act: Act) -> &'static str {
    match act {
        Act::Accepted => "accepted",
        Act::TakenBack => "revoked",
    }
}
