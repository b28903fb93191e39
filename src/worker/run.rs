//! Carries out each order that is not a question with the service layer.

use std::path::PathBuf;

use rust_decimal::Decimal;

use super::message::{self, Decide, Failure, Login, Write, Written};
use super::{Settings, orders};
use crate::audit::AuditError;
use crate::audit::evidence::Evidence;
use crate::audit::findings::Report as Verification;
use crate::audit::findings::decisions::By;
use crate::audit::reconcile::{self, Step};
use crate::domain::{PartnerCode, PartnerContacts, PeopleNames, RecordChange, Recovered, SessionFacts};
use crate::privacy::KeyringSource;
use crate::service::{Journal, Service, ShortPick};
use crate::store::{CONNECTIONS_DEFAULT, Store};

/// The result of a successful login.
pub(super) struct Entered {
    pub service: Service,
    pub facts: SessionFacts,
    pub recovered: Vec<Recovered>,
}

impl std::fmt::Debug for Entered {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Entered").field("facts", &self.facts).finish_non_exhaustive()
    }
}

/// Logs in, and looks up the commands that an earlier run left in the journal.
pub(super) async fn connect(settings: Settings, journal: PathBuf, login: Login) -> Result<Entered, Failure> {
    let store = Store::new(settings(&login)?, CONNECTIONS_DEFAULT)?;
    let journal = Journal::open(&journal).map_err(crate::service::Error::from)?;
    let service = Service::new(store, Some(journal.until_told()));
    let facts = service.store().session_facts().await?;
    let recovered = service.recover().await?;
    Ok(Entered { service, facts, recovered })
}

/// Reads the names of people that the login may see, with the keyring.
pub(super) async fn read_names(service: Service, source: KeyringSource) -> Result<PeopleNames, Failure> {
    let loaded = source.load().map_err(crate::service::Error::from)?;
    let people = service.person_names(Some(&loaded.keyring)).await?;
    Ok(PeopleNames::new(people).with_contacts(service.contact_names(&loaded.keyring).await?))
}

/// Changes the master data; the keyring is read only if it is needed.
pub(super) async fn change_record(
    service: Service,
    source: Option<KeyringSource>,
    change: RecordChange,
) -> Result<(), Failure> {
    let source = source.filter(|_| change.is_personal());
    let loaded = source.map(KeyringSource::load).transpose().map_err(crate::service::Error::from)?;
    service.change_record(&change, loaded.as_ref().map(|loaded| &loaded.keyring)).await.map_err(Failure::from)
}

/// The personal fields of a partner, or why they cannot be entered with this keyring.
pub(super) async fn contacts(
    service: &Service,
    source: Option<KeyringSource>,
    code: Option<&PartnerCode>,
) -> Result<PartnerContacts, Failure> {
    let keyring = match source.map(KeyringSource::load).transpose() {
        Ok(loaded) => loaded.map(|loaded| loaded.keyring),
        Err(error) => {
            return Ok(PartnerContacts { locked: Some(error.into()), ..PartnerContacts::default() });
        }
    };
    Ok(service.partner_contacts(code, keyring.as_ref()).await?)
}

/// Records a decision about a finding, under the login and the account of the operating system.
pub(super) async fn decide(service: Service, evidence: Evidence, decide: Decide) -> Result<(), Failure> {
    let store = service.store();
    let by = By::of(store).await?;
    let Decide { ids, accept, reason } = decide;
    let made = if accept {
        evidence.accept(store, &ids, &reason, &by)
    } else {
        evidence.take_back(store, &ids, &reason, &by)
    };
    made.map(drop).map_err(|error| AuditError::from(error).into())
}

/// Verifies, and stores the report.
pub(super) async fn verify(
    service: Service,
    evidence: Evidence,
    full: bool,
    progress: impl Fn(Step, u64, u64) + Sync,
) -> Result<Box<Verification>, Failure> {
    let store = service.store();
    let plan = evidence.plan(store, full)?;
    let report = reconcile::verify(store, &plan, &progress).await.map_err(AuditError::from)?;
    evidence.keep(store, &report).map_err(AuditError::from)?;
    Ok(Box::new(report))
}

/// Carries out a write with the service and returns its result.
pub(super) async fn write(service: Service, write: Write) -> Result<Written, Failure> {
    Ok(match write {
        Write::Basket(basket) => Written::Posted(service.post_basket(&basket).await?),
        Write::Sheet(sheet) => Written::Counted(service.count_sheet(&sheet).await?),
        Write::Reversal(reversal) => Written::Posted(service.reverse(reversal).await?),
        Write::Order { number, step, goods, id } => orders::step(&service, number, (step, goods), id).await?,
        Write::NewOrder { order, confirm } => orders::save(&service, &order, confirm).await?,
        Write::NewOrders(new) => orders::save_all(&service, &new).await?,
        Write::EditOrder { number, shown, order } => orders::edit(&service, &number, &shown, &order).await?,
        Write::OrderChange { number, change, id } => orders::change(&service, number, change, id).await?,
        Write::Pick { goods, to, id } => Written::Posted(service.pick(&goods, &to, id).await?),
        Write::ShortPick(short) => short_pick(&service, short).await?,
    })
}

/// Releases what a picker did not find, and reserves it elsewhere as far as possible.
async fn short_pick(service: &Service, short: message::ShortPick) -> Result<Written, Failure> {
    let message::ShortPick { allocation, missing, reason, id } = short;
    let reserved = service.short_pick(&ShortPick { allocation, missing, reason, id: Some(id) }).await?;
    let instead = reserved.reservations.into_iter().filter(|line| line.change > Decimal::ZERO);
    Ok(Written::ShortPicked {
        instead: instead.map(|line| (line.location, line.lot, line.change)).collect(),
        missing: reserved.short.iter().map(|line| line.missing).sum(),
    })
}
