//! The work of the demo's people: planned, written to a file, posted. A start that is cut short finds the
//! plan in the file and carries it on; the ids are in it, so nothing is posted twice.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::orders::{self, StepAct};
use super::script::Script;
use super::{CliError, Context, site};
use crate::domain::{
    Basket, BasketLine, Details, LocationCode, MovementId, NewOrder, Note, Posting, PostingId, Refusal,
    Reversal, Sku,
};
use crate::service::{self, Count, Service};
use crate::store;

/// The file with the plan, beside the server's own.
const PLAN_FILE: &str = "work.json";
/// How far back the work reaches. A start after a longer pause leaves the time before it empty, which
/// keeps a start short however long the demo stood still.
const REACH: SignedDuration = SignedDuration::from_hours(24);
/// A start sooner than this after the last one adds nothing.
const PAUSE_MIN: SignedDuration = SignedDuration::from_hours(1);

/// Who does something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Login {
    Admin,
    Clerk,
}

/// One thing that somebody does.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Act {
    Post { login: Login, posting: Posting },
    Count { login: Login, id: PostingId, sku: Sku, at: LocationCode, counted: Decimal, reason: Note },
    Reverse { login: Login, id: PostingId, target: PostingId, reason: Note },
    Order { login: Login, order: NewOrder },
    Step { login: Login, id: PostingId, act: StepAct },
}

impl Act {
    pub fn login(&self) -> Login {
        match self {
            Self::Post { login, .. }
            | Self::Count { login, .. }
            | Self::Reverse { login, .. }
            | Self::Order { login, .. }
            | Self::Step { login, .. } => *login,
        }
    }

    async fn perform(&self, service: &Service) -> Result<(), service::Error> {
        match self {
            Self::Post { posting, .. } => {
                service.post_basket(&basket(posting)).await?;
            }
            Self::Count { id, sku, at, counted, reason, .. } => {
                let details = Details { id: Some(*id), reason: Some(reason.clone()), ..Details::default() };
                let count =
                    Count { code: sku.to_string(), number: *counted, at: at.clone(), lot: None, details };
                service.count(count).await?;
            }
            Self::Reverse { id, target, reason, .. } => {
                let target = MovementId::try_from(target.uuid()).map_err(Refusal::from)?;
                let reversal =
                    Reversal { target, movement_only: false, reason: reason.clone(), id: Some(*id) };
                service.reverse(reversal).await?;
            }
            Self::Order { order, .. } => {
                service.create_order(order).await?;
            }
            Self::Step { id, act, .. } => act.take(service, *id).await?,
        }
        Ok(())
    }
}

/// The posting as a basket, so that the lots that expire first are taken where it names none.
fn basket(posting: &Posting) -> Basket {
    let goods = posting.lines.iter().map(|line| BasketLine {
        sku: line.sku.clone(),
        quantity: line.quantity,
        lot: line.lot.clone(),
        expires: line.expires,
        unit_price: line.unit_price,
        order_line: line.order_line,
    });
    let first = posting.lines.first();
    Basket {
        kind: posting.kind,
        from: first.and_then(|line| line.from.clone()),
        to: first.and_then(|line| line.to.clone()),
        lines: goods.collect(),
        details: Details {
            id: Some(posting.id),
            reference: posting.reference.clone(),
            reason: posting.reason.clone(),
            partner: posting.partner.clone(),
        },
    }
}

/// What is to be done, and up to which moment it reaches.
#[derive(Debug, Serialize, Deserialize)]
struct Plan {
    until: Timestamp,
    done: bool,
    acts: Vec<Act>,
    /// With which act the script goes on.
    #[serde(default)]
    next: usize,
}

impl Plan {
    fn read(directory: &Path) -> Result<Option<Self>, CliError> {
        match fs::read(directory.join(PLAN_FILE)) {
            Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes)?)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Writes the plan beside the old one and puts it in its place, so that there is always a whole one.
    fn write(&self, directory: &Path) -> Result<(), CliError> {
        let new = directory.join(format!("{PLAN_FILE}.new"));
        let mut file = File::create(&new)?;
        file.write_all(&serde_json::to_vec(self)?)?;
        file.sync_all()?;
        fs::rename(&new, directory.join(PLAN_FILE))?;
        Ok(())
    }

    /// Posts what is planned, in its order, each act by its own login.
    async fn carry_out(
        mut self,
        context: &Context,
        directory: &Path,
        admin: &Service,
        clerk: &Service,
    ) -> Result<(), CliError> {
        let mut refused = 0;
        for act in &self.acts {
            let service = match act.login() {
                Login::Admin => admin,
                Login::Clerk => clerk,
            };
            match act.perform(service).await {
                Ok(()) => {}
                // A visitor who is at work at the same time may have taken the goods. That must not keep the
                // demo from starting.
                Err(service::Error::Store(store::Error::Refused(refusal))) => {
                    tracing::info!(%refusal, "A planned posting of the demo was refused");
                    refused += 1;
                }
                Err(error) => return Err(error.into()),
            }
        }
        if refused > 0 {
            context.output.notice(&format!(
                "{refused} of {} planned postings were refused because the stock has changed since",
                self.acts.len()
            ));
        }
        self.done = true;
        self.acts.clear();
        self.write(directory)
    }
}

/// Makes the site if it is missing, and posts the work of the last hours up to now.
pub(super) async fn catch_up(
    context: &Context,
    directory: &Path,
    admin: &Service,
    clerk: &Service,
) -> Result<(), CliError> {
    let mut last = Plan::read(directory)?;
    if let Some(cut_short) = last.take_if(|plan| !plan.done) {
        let (until, next) = (cut_short.until, cut_short.next);
        context.output.notice("continuing the sample postings of the previous start");
        cut_short.carry_out(context, directory, admin, clerk).await?;
        last = Some(Plan { until, done: true, acts: Vec::new(), next });
    }
    let now = Timestamp::now();
    let reach = now.saturating_sub(REACH).unwrap_or(now);
    let since = last.as_ref().map_or(reach, |plan| plan.until.max(reach));
    if last.is_some() && now.duration_since(since) < PAUSE_MIN {
        return Ok(());
    }
    if last.is_none() {
        context.output.notice("creating locations and products");
        site::make(admin).await?;
    }
    let script = Script::read(admin, now).await?;
    let mut acts = if last.is_none() { script.opening(now)? } else { Vec::new() };
    let (planned, next) =
        script.between(since, now, &TimeZone::system(), last.as_ref().map_or(0, |plan| plan.next))?;
    context.output.notice(&format!(
        "posting the work of the last {} hours ({} postings by admin and clerk)",
        now.duration_since(since).as_hours(),
        planned.len()
    ));
    acts.extend(planned);
    if last.is_none() {
        acts.extend(orders::acts(&script, now)?);
    }
    let plan = Plan { until: now, done: false, acts, next };
    plan.write(directory)?;
    plan.carry_out(context, directory, admin, clerk).await
}
