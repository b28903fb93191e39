//! `stockroom bench`: speed against a baseline.

use std::time::Duration;

use super::args::{BenchArgs, BenchKind};
use super::{CliError, Context, Exit};
use crate::bench::{Plan, run as measure, search, ui};

pub(crate) async fn run(context: &Context, args: BenchArgs) -> Result<Exit, CliError> {
    let kind = match args.kind {
        BenchKind::Load(kind) => kind,
        BenchKind::Search { products } => {
            let rounds = usize::from(args.rounds);
            let report = search::run(products, rounds, |message| context.output.notice(message)).await?;
            context.output.result(&report, || report.words())?;
            return Ok(if report.failed == 0 { Exit::Done } else { Exit::Unexpected });
        }
        BenchKind::Ui { products } => {
            let rounds = usize::from(args.rounds);
            let report = ui::run(products, rounds, |message| context.output.notice(message)).await?;
            context.output.result(&report, || report.words())?;
            return Ok(Exit::Done);
        }
    };
    let plan = Plan {
        sessions: args.sessions.map(usize::from),
        rounds: usize::from(args.rounds),
        round: Duration::from_secs(u64::from(args.round_seconds)),
    };
    let report = measure(kind, &plan, |message| context.output.notice(message)).await?;
    context.output.result(&report, || report.words())?;
    Ok(if report.failed == 0 { Exit::Done } else { Exit::Unexpected })
}
