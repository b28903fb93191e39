//! The commands that move stock.

use std::io::{BufRead, Read as _};

use serde::Deserialize;

use super::args::{CountArgs, DetailArgs, IssueArgs, PostArgs, ReceiveArgs, ReverseArgs, TransferArgs};
use super::context::Context;
use super::exit::{CliError, Exit};
use super::free_text::{Named, reason, reference, warn_if_personal};
use super::output::{print_json, print_line};
use super::streams::{is_stream, open_input};
use crate::domain::{
    Details, Line, MovementKind, Note, PartnerCode, Posted, PostedLine, Posting, PostingId, Reference,
    Reversal, Status,
};
use crate::service::{Count, Counted, Issue, Receipt, Service, Transfer, new_id};

/// The longest line of `post`, in bytes: far more than the largest posting needs.
const LINE_BYTES_MAX: u64 = 4 * 1024 * 1024;

impl DetailArgs {
    fn texts(&self) -> [Named<'_>; 2] {
        [reference(self.reference.as_ref()), reason(self.reason.as_ref())]
    }
}

impl From<DetailArgs> for Details {
    fn from(args: DetailArgs) -> Self {
        Self { id: args.id, reference: args.reference, reason: args.reason, partner: args.partner }
    }
}

pub(crate) async fn receive(context: &Context, args: ReceiveArgs) -> Result<Exit, CliError> {
    let service = context.service().await?;
    warn_if_personal(context, &service, args.details.texts()).await;
    let posted = service
        .receive(Receipt {
            code: args.code,
            number: args.quantity,
            to: args.to,
            lot: args.lot,
            expires: args.expires,
            unit_price: args.unit_price,
            details: args.details.into(),
        })
        .await?;
    show(context, &service, &posted)
}

pub(crate) async fn issue(context: &Context, args: IssueArgs) -> Result<Exit, CliError> {
    let service = context.service().await?;
    warn_if_personal(context, &service, args.details.texts()).await;
    let posted = service
        .issue(Issue {
            code: args.code,
            number: args.quantity,
            from: args.from,
            lot: args.lot,
            unit_price: args.unit_price,
            details: args.details.into(),
        })
        .await?;
    show(context, &service, &posted)
}

pub(crate) async fn transfer(context: &Context, args: TransferArgs) -> Result<Exit, CliError> {
    let service = context.service().await?;
    warn_if_personal(context, &service, args.details.texts()).await;
    let posted = service
        .transfer(Transfer {
            code: args.code,
            number: args.quantity,
            from: args.from,
            to: args.to,
            lot: args.lot,
            details: args.details.into(),
        })
        .await?;
    show(context, &service, &posted)
}

pub(crate) async fn count(context: &Context, args: CountArgs) -> Result<Exit, CliError> {
    let service = context.service().await?;
    warn_if_personal(context, &service, args.details.texts()).await;
    let counted = service
        .count(Count {
            code: args.code,
            number: args.quantity,
            at: args.at,
            lot: args.lot,
            details: args.details.into(),
        })
        .await?;
    context.output.result(&counted, || count_words(&counted))?;
    service.told();
    Ok(Exit::Done)
}

pub(crate) async fn reverse(context: &Context, args: ReverseArgs) -> Result<Exit, CliError> {
    let service = context.service().await?;
    warn_if_personal(context, &service, [reason(Some(&args.reason))]).await;
    let posted = service
        .reverse(Reversal {
            target: args.id,
            movement_only: args.movement_only,
            reason: args.reason,
            id: args.reversal_id,
        })
        .await?;
    show(context, &service, &posted)
}

fn show(context: &Context, service: &Service, posted: &Posted) -> Result<Exit, CliError> {
    context.output.result(posted, || posted_words(posted))?;
    service.told();
    Ok(Exit::Done)
}

fn line_words(line: &PostedLine) -> String {
    let lot = line.lot.as_ref().map(|lot| format!(" lot {lot}")).unwrap_or_default();
    let from = line.from.as_ref().map(|code| format!(" from {code}")).unwrap_or_default();
    let to = line.to.as_ref().map(|code| format!(" to {code}")).unwrap_or_default();
    format!("  {} of {} {}{lot}{from}{to}", line.kind, line.quantity, line.sku)
}

fn level_lines(posted: &Posted) -> Vec<String> {
    let words = |level: &crate::domain::Level| {
        let lot = level.lot.as_ref().map(|lot| format!(" lot {lot}")).unwrap_or_default();
        format!("  {}{lot} at {}: {} on hand", level.sku, level.location, level.on_hand)
    };
    posted.levels.iter().map(words).collect()
}

pub(super) fn posted_words(posted: &Posted) -> String {
    let head = match posted.status {
        Status::Posted => format!("Posted {}", posted.posting_id),
        Status::AlreadyPosted => {
            format!("{} was already posted; nothing was posted", posted.posting_id)
        }
    };
    let mut lines = vec![head];
    lines.extend(posted.transactions.iter().map(line_words));
    lines.extend(level_lines(posted));
    lines.join("\n")
}

fn count_words(counted: &Counted) -> String {
    let difference = counted.counted - counted.expected;
    let agreed =
        if difference.is_zero() { "no difference".to_owned() } else { format!("difference {difference:+}") };
    let head = match counted.status {
        Status::Posted => format!("Counted {}", counted.posting_id),
        Status::AlreadyPosted => {
            format!("{} was already posted; nothing was posted", counted.posting_id)
        }
    };
    let mut lines =
        vec![head, format!("  expected {}, counted {}: {agreed}", counted.expected, counted.counted)];
    lines.extend(counted.transactions.iter().map(line_words));
    lines.extend(level_lines(&counted.posted()));
    lines.join("\n")
}

/// A posting as `post` reads it: like [`Posting`], but with an optional id.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PostingLine {
    id: Option<PostingId>,
    kind: MovementKind,
    #[serde(default)]
    reference: Option<Reference>,
    #[serde(default)]
    reason: Option<Note>,
    #[serde(default)]
    partner: Option<PartnerCode>,
    lines: Vec<Line>,
}

fn texts_of(posting: &Posting) -> [Named<'_>; 2] {
    [reference(posting.reference.as_ref()), reason(posting.reason.as_ref())]
}

fn parse_line(number: usize, text: &str) -> Result<Posting, CliError> {
    let line: PostingLine =
        serde_json::from_str(text).map_err(|error| CliError::Usage(format!("line {number}: {error}")))?;
    let posting = Posting {
        id: line.id.unwrap_or_else(new_id),
        kind: line.kind,
        reference: line.reference,
        reason: line.reason,
        partner: line.partner,
        lines: line.lines,
    };
    posting.validate().map_err(|error| CliError::Usage(format!("line {number}: {error}")))?;
    Ok(posting)
}

/// Reads one line, without its line break; none at the end of the input.
pub(super) fn read_line(reader: &mut impl BufRead, number: usize) -> Result<Option<String>, CliError> {
    let mut bytes = Vec::new();
    let read = reader.take(LINE_BYTES_MAX + 1).read_until(b'\n', &mut bytes)?;
    if read == 0 {
        return Ok(None);
    }
    if bytes.len() as u64 > LINE_BYTES_MAX {
        return Err(CliError::Usage(format!("line {number} is longer than {LINE_BYTES_MAX} bytes")));
    }
    let text = String::from_utf8(bytes)
        .map_err(|error| CliError::Usage(format!("line {number} is not UTF-8: {error}")))?;
    Ok(Some(text.trim().to_owned()))
}

pub(crate) async fn post(context: &Context, args: &PostArgs) -> Result<Exit, CliError> {
    let mut reader = open_input(&args.file)?;
    if is_stream(&args.file) {
        let service = context.service().await?;
        let mut exit = Exit::Done;
        for number in 1.. {
            let Some(text) = read_line(&mut reader, number)? else { break };
            if !text.is_empty() {
                let posting = parse_line(number, &text)?;
                warn_if_personal(context, &service, texts_of(&posting)).await;
                exit = post_one(context, &service, &posting, exit).await?;
            }
        }
        return Ok(exit);
    }
    let mut postings = Vec::new();
    for number in 1.. {
        let Some(text) = read_line(&mut reader, number)? else { break };
        if !text.is_empty() {
            postings.push(parse_line(number, &text)?);
        }
    }
    let service = context.service().await?;
    warn_if_personal(context, &service, postings.iter().flat_map(texts_of)).await;
    let mut exit = Exit::Done;
    for posting in &postings {
        exit = post_one(context, &service, posting, exit).await?;
    }
    Ok(exit)
}

/// Posts one line. A refusal is printed and the next line follows; any other failure ends the run.
async fn post_one(
    context: &Context,
    service: &Service,
    posting: &Posting,
    so_far: Exit,
) -> Result<Exit, CliError> {
    match service.post(posting).await {
        Ok(posted) => {
            context.output.result(&posted, || posted_words(&posted))?;
            service.told();
            Ok(so_far)
        }
        Err(error) => match error.refusal() {
            Some(refusal) => {
                let document = serde_json::json!({
                    "status": "refused", "posting_id": posting.id, "rule": refusal.rule(), "message": refusal.to_string()
                });
                if context.output.is_json() {
                    print_json(&document.to_string())?;
                } else {
                    print_line(&format!("Refused {}: {refusal}", posting.id))?;
                }
                Ok(Exit::Refused)
            }
            None => Err(error.into()),
        },
    }
}
