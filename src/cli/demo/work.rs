//! The work of the demo's people: planned, written to a file, posted. A start that is cut short finds the
//! plan in the file and carries it on; the ids are in it, so nothing is posted twice.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::shelves::Shelves;
use super::today::{self, Partners};
use super::{CliError, Context, site};
use crate::domain::{LocationCode, MovementId, Note, Posting, PostingId, Refusal, Sku};
use crate::service::{self, Count, Details, Reversal, Service};
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
}

impl Act {
    pub fn admin(posting: Posting) -> Self {
        Self::Post { login: Login::Admin, posting }
    }

    pub fn clerk(posting: Posting) -> Self {
        Self::Post { login: Login::Clerk, posting }
    }

    pub fn login(&self) -> Login {
        match self {
            Self::Post { login, .. } | Self::Count { login, .. } | Self::Reverse { login, .. } => *login,
        }
    }

    async fn perform(&self, service: &Service) -> Result<(), service::Error> {
        match self {
            Self::Post { posting, .. } => {
                service.post(posting).await?;
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
        }
        Ok(())
    }
}

/// What is to be done, and up to which moment it reaches.
#[derive(Debug, Serialize, Deserialize)]
struct Plan {
    until: Timestamp,
    done: bool,
    acts: Vec<Act>,
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
                    tracing::info!(%refusal, "A planned act of the demo was refused");
                    refused += 1;
                }
                Err(error) => return Err(error.into()),
            }
        }
        if refused > 0 {
            context.output.notice(&format!(
                "{refused} of {} planned acts were refused, because the stock has changed meanwhile",
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
        let until = cut_short.until;
        context.output.notice("carrying on with the work of the demo's people");
        cut_short.carry_out(context, directory, admin, clerk).await?;
        last = Some(Plan { until, done: true, acts: Vec::new() });
    }
    let now = Timestamp::now();
    let reach = now.saturating_sub(REACH).unwrap_or(now);
    let since = last.as_ref().map_or(reach, |plan| plan.until.max(reach));
    if last.is_some() && now.duration_since(since) < PAUSE_MIN {
        return Ok(());
    }
    let mut acts = Vec::new();
    let mut shelves;
    if last.is_none() {
        context.output.notice("laying out the warehouse");
        site::make(admin).await?;
        shelves = Shelves::read(admin).await?;
        acts = site::fill(now, &mut shelves)?;
    } else {
        shelves = Shelves::read(admin).await?;
    }
    let partners = Partners::read(admin).await?;
    let planned = today::plan(since, now, &TimeZone::system(), shelves, partners)?;
    context.output.notice(&format!(
        "posting the work of the last {} hours: {} postings by admin and clerk",
        now.duration_since(since).as_hours(),
        planned.len()
    ));
    acts.extend(planned);
    let plan = Plan { until: now, done: false, acts };
    plan.write(directory)?;
    plan.carry_out(context, directory, admin, clerk).await
}
