//! What each question and write means to the service layer.

use std::path::PathBuf;
use std::time::Duration;

use jiff::{ToSpan as _, Zoned};

use super::Settings;
use super::message::{
    Answer, Decide, Failure, Login, PANEL_DAYS, PANEL_EXPIRING_DAYS, PANEL_HOURS, PANEL_ROWS_MAX, Panel,
    Question, Recovered, SessionFacts, Step, Verification, Write, Written,
};
use crate::audit::AuditError;
use crate::audit::decisions::By;
use crate::audit::evidence::Evidence;
use crate::audit::reconcile;
use crate::audit::reconcile::glance::{glance, inspect};
use crate::service::{Journal, Service};
use crate::store::{CONNECTIONS_DEFAULT, Error, Store};

/// How long the server may take for a question before it is given up; the longest, a panel over a
/// large ledger, takes seconds.
const ANSWER_WAIT_MAX: Duration = Duration::from_secs(60);

/// Somebody who has logged in.
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

/// Logs in, and looks through the journal for what an earlier run left behind.
pub(super) async fn connect(settings: Settings, journal: PathBuf, login: Login) -> Result<Entered, Failure> {
    let store = Store::new(settings(&login)?, CONNECTIONS_DEFAULT)?;
    let journal = Journal::open(&journal).map_err(crate::service::Error::from)?;
    let service = Service::new(store, Some(journal));
    let facts = service.store().session_facts().await?;
    let recovered = service.recover().await?;
    Ok(Entered { service, facts, recovered })
}

/// Answers a question, within a time.
pub(super) async fn answer(
    service: Service,
    evidence: Evidence,
    question: Question,
) -> Result<Answer, Failure> {
    match tokio::time::timeout(ANSWER_WAIT_MAX, find_out(&service, &evidence, question)).await {
        Ok(answer) => answer,
        Err(_) => Err(Failure::Unavailable(format!("no answer for {} s", ANSWER_WAIT_MAX.as_secs()))),
    }
}

async fn find_out(service: &Service, evidence: &Evidence, question: Question) -> Result<Answer, Failure> {
    let store = service.store();
    Ok(match question {
        Question::StockPage { selection, anchor, limit } => {
            Answer::StockPage(store.stock_page(&selection, &anchor, limit).await?)
        }
        Question::Search { text, selection, limit } => {
            Answer::Search(store.search(&text, &selection, limit).await?)
        }
        Question::Estimate => Answer::Estimate(store.stock_estimate().await?),
        Question::Item(sku) => Answer::Item(Box::new(store.item(&sku).await?)),
        Question::Scan(text) => Answer::Scan(Box::new(store.scan(&text).await?)),
        Question::OnHand(sku, location) => Answer::OnHand(store.on_hand_at(&sku, &location).await?),
        Question::Places { text, limit } => Answer::Places(store.locations_matching(&text, limit).await?),
        Question::Sheet(location) => Answer::Sheet(store.sheet(&location).await?),
        Question::Ledger(filter) => Answer::Ledger(store.ledger(&filter).await?),
        Question::Posting(id) => Answer::Posting(store.movements(id).await?),
        Question::Panel(panel) => panel_of(store, panel).await?,
        Question::Events(filter) => {
            let rows = store.audit_events(&filter).await?;
            Answer::Events(glance(store, &rows).await.map_err(AuditError::from)?)
        }
        Question::Inspection(line_no) => {
            let found = inspect(store, line_no).await.map_err(AuditError::from)?;
            Answer::Inspection(found.map(Box::new))
        }
        Question::Standing => Answer::Standing(Box::new(evidence.standing(store).await?)),
        Question::Report => Answer::Report(evidence.last_report(store).map(Box::new)),
        Question::Check => Answer::Check(store.check().await?),
        Question::Summary { days, zone } => {
            // Whole days: the first of them would otherwise look quieter than it was.
            let first = Zoned::now().with_time_zone(zone.clone()).date() - i32::from(days).days();
            let since = first.to_zoned(zone.clone()).map(|midnight| midnight.timestamp()).ok();
            Answer::Summary(store.audit_summary(since, &zone).await?)
        }
    })
}

/// Writes a decision down.
pub(super) async fn decide(service: Service, evidence: Evidence, decide: Decide) -> Result<(), Failure> {
    let store = service.store();
    let by = By::of(store).await?;
    let ids = [decide.id];
    let made = if decide.accept {
        evidence.accept(store, &ids, &decide.reason, &by)
    } else {
        evidence.take_back(store, &ids, &decide.reason, &by)
    };
    made.map(drop).map_err(|error| AuditError::from(error).into())
}

/// Verifies, and keeps what was found.
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

async fn panel_of(store: &Store, panel: Panel) -> Result<Answer, Error> {
    Ok(match panel {
        Panel::Hours => Answer::Hours(store.movements_by_hour(PANEL_HOURS).await?),
        Panel::Value => Answer::Value(store.stock_value().await?),
        Panel::Low => {
            let (rows, all) = store.low_stock(PANEL_ROWS_MAX).await?;
            Answer::Low(rows, all)
        }
        Panel::Expiring => Answer::Expiring(store.expiring(PANEL_EXPIRING_DAYS, PANEL_ROWS_MAX).await?),
        Panel::Slow => Answer::Slow(store.slowest_movers(PANEL_ROWS_MAX).await?),
        Panel::Top => Answer::Top(store.top_items(PANEL_DAYS, PANEL_ROWS_MAX).await?),
        Panel::People => Answer::People(store.postings_by_person(PANEL_DAYS).await?),
        Panel::Activity => Answer::Activity(store.database_activity().await?, store.counts()),
    })
}

/// Carries out a write.
pub(super) async fn write(service: Service, write: Write) -> Result<Written, Failure> {
    Ok(match write {
        Write::Basket(basket) => Written::Posted(service.post_basket(&basket).await?),
        Write::Sheet(sheet) => Written::Counted(service.count_sheet(&sheet).await?),
        Write::Reversal(reversal) => Written::Posted(service.reverse(reversal).await?),
    })
}
