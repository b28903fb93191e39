//! The questions that the terminal can ask, one line each: the question, its answer, which questions are answered, and
//! how the answer is found.
//!
//! Boundary: reads only. A new query is a line in the table and the function that it calls.

use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _, Zoned};

use super::message::Failure;
use super::run::contacts;
use crate::audit::AuditError;
use crate::audit::evidence::{self, Evidence};
use crate::audit::findings;
use crate::audit::reconcile::line_status::{self, Seen, inspect};
use crate::domain::{
    self, Anchor, CheckFinding, DatabaseActivity, DaySum, EventFilter, ExpiringLot, Found, HourCount,
    ImportRun, LedgerFilter, LedgerRow, Level, LocationCode, LocationRow, MovementId, Page, PersonActivity,
    Record, RecordKey, RecordKind, RecordVersion, Scanned, SheetLine, Sku, SlowMover, StockKey, StockRow,
    StockSelection, StockValue, StoreCounts, Suggested, Suggestion, TopItem, TurnoverInBrief,
};
use crate::domain::{
    Allocation, LateOrders, Order, OrderFilter, OrderKind, OrderLineId, OrderNumber, OrderRow, PartnerCode,
    PartnerContacts, PartnerRow, PersonPicks, ReorderProposal, WaitingOrder,
};
use crate::privacy::KeyringSource;
use crate::service::Service;
use crate::store::Store;

/// The period of the dashboard's panel of movements, in hours.
pub const PANEL_HOURS: u16 = 24;
/// The period of the panels of most issued products and of postings by person, in days.
pub const PANEL_DAYS: u16 = 7;
/// The period of the panel of turnover, in days: a month, because shorter periods say little.
pub const PANEL_REPORT_DAYS: u16 = 30;
/// How far ahead the panel of expiring lots looks, in days.
pub const PANEL_EXPIRING_DAYS: u16 = 30;
/// The most rows of a panel of the dashboard; the stock and the ledger show more.
pub const PANEL_ROWS_MAX: u16 = 200;
/// How long the server may take to answer a question; the longest, a panel over a large ledger, takes seconds.
const ANSWER_WAIT_MAX: Duration = Duration::from_secs(60);

/// Which questions with the same query key are answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answered {
    /// Only the latest: a newer question supersedes the earlier ones.
    Latest,
    /// All questions, in the order in which they were asked.
    All,
}

/// A kind of question, with the type of its answers.
pub trait Query: Into<Question> {
    /// The type of the answer.
    type Answer;

    /// The answer, if it answers this kind of question.
    fn answer(answer: &Answer) -> Option<&Self::Answer>;
}

/// Declares the queries: for each a struct, its query key, and how it is answered.
macro_rules! queries {
    ($service:ident, $store:ident, $evidence:ident, $keyring:ident; $(
        $(#[$doc:meta])*
        $query:ident { $($field:ident: $type:ty),* } -> $answer:ty, $answered:ident = $found:expr;
    )*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, PartialEq)]
            pub struct $query {
                $(pub $field: $type,)*
            }

            impl From<$query> for Question {
                fn from(query: $query) -> Self {
                    Self::$query(query)
                }
            }

            impl Query for $query {
                type Answer = $answer;

                fn answer(answer: &Answer) -> Option<&$answer> {
                    match answer {
                        Answer::$query(answer) => Some(answer),
                        _ => None,
                    }
                }
            }
        )*

        /// The query that a question belongs to, by which questions supersede each other.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum QueryKey {
            $($(#[$doc])* $query,)*
        }

        impl QueryKey {
            pub(super) fn answered(self) -> Answered {
                match self {
                    $(Self::$query => Answered::$answered,)*
                }
            }
        }

        /// A question of any query.
        #[derive(Debug, Clone, PartialEq)]
        pub enum Question {
            $($(#[$doc])* $query($query),)*
        }

        impl Question {
            /// The query that it belongs to.
            #[must_use]
            pub fn key(&self) -> QueryKey {
                match self {
                    $(Self::$query(_) => QueryKey::$query,)*
                }
            }
        }

        /// The answer to a question of any query.
        #[derive(Debug, Clone, PartialEq)]
        pub enum Answer {
            $($(#[$doc])* $query($answer),)*
        }

        async fn find(
            $service: &Service,
            $evidence: &Evidence,
            $keyring: Option<KeyringSource>,
            question: Question,
        ) -> Result<Answer, Failure> {
            let $store = $service.store();
            Ok(match question {
                $(Question::$query($query { $($field),* }) => Answer::$query($found),)*
            })
        }
    };
}

queries! {
    service, store, evidence, keyring;
    /// A page of the stock.
    StockPage { selection: StockSelection, anchor: Anchor<StockKey>, limit: u16 } -> Page<StockRow>, Latest =
        store.stock_page(&selection, &anchor, limit).await?;
    /// The best matches for a text, as it is typed.
    Search { text: String, selection: StockSelection, limit: u16 } -> Vec<Found>, Latest =
        store.search(&text, &selection, limit).await?;
    /// Stock on hand per product as of a past moment.
    PastStock { as_of: Timestamp, text: String, limit: u16 } -> Vec<StockRow>, Latest =
        store.stock_as_of(as_of, &text, limit).await?;
    /// The approximate number of products.
    Estimate {} -> u64, Latest = store.stock_estimate().await?;
    /// The product under the cursor.
    Preview { sku: Sku } -> Box<domain::Item>, Latest = Box::new(store.item(&sku).await?);
    /// The product that is open.
    Item { sku: Sku } -> Box<domain::Item>, Latest = Box::new(store.item(&sku).await?);
    /// The product on a line of a count sheet, for its cost.
    Cost { sku: Sku } -> Box<domain::Item>, All = Box::new(store.item(&sku).await?);
    /// What a scanned text refers to.
    Scan { text: String } -> Box<Scanned>, All = Box::new(store.scan(&text).await?);
    /// The stock of a product, by lot, at the location of a line.
    OnHand { sku: Sku, location: LocationCode } -> Vec<Level>, All =
        store.on_hand_at(&sku, &location).await?;
    /// Locations whose code or name begins with the typed text.
    Places { text: String, limit: u16 } -> Vec<LocationRow>, Latest =
        store.locations_matching(&text, limit).await?;
    /// Suggestions for a text typed into a field for a product, partner or person.
    Suggest { what: Suggested, text: String, limit: u16 } -> Vec<Suggestion>, Latest =
        store.suggest(what, &text, limit).await?;
    /// Locations for a scanned text that may be one within a count sheet.
    PlacesWithin { text: String, limit: u16 } -> Vec<LocationRow>, All =
        store.locations_matching(&text, limit).await?;
    /// The lines of the count sheet of a location.
    Sheet { location: LocationCode } -> Vec<SheetLine>, Latest = store.sheet(&location).await?;
    /// A page of the ledger.
    Ledger { filter: Box<LedgerFilter> } -> Page<LedgerRow>, Latest = store.ledger_page(&filter).await?;
    /// The movements of the posting that is open.
    Posting { id: MovementId } -> Vec<LedgerRow>, Latest = store.movements(id).await?;
    /// Movements per hour and kind, for the dashboard.
    Hours {} -> Vec<HourCount>, Latest = store.movements_by_hour(PANEL_HOURS).await?;
    /// The value of the stock.
    Value {} -> StockValue, Latest = store.stock_value().await?;
    /// Products at or below their reorder point, and how many there are in all.
    Low {} -> (Vec<StockRow>, u64), Latest = store.low_stock(PANEL_ROWS_MAX).await?;
    /// Lots that have expired or will soon, for the dashboard.
    Expiring {} -> Vec<ExpiringLot>, Latest =
        store.expiring(PANEL_EXPIRING_DAYS, PANEL_ROWS_MAX).await?;
    /// Products with the longest time since their last issue or transfer.
    Slow {} -> Vec<SlowMover>, Latest = store.slowest_movers(PANEL_ROWS_MAX).await?;
    /// Products with the most issues in the last days.
    Top {} -> Vec<TopItem>, Latest = store.top_items(PANEL_DAYS, PANEL_ROWS_MAX).await?;
    /// The turnover report in brief.
    Turnover {} -> Box<TurnoverInBrief>, Latest =
        Box::new(store.turnover_in_brief(PANEL_REPORT_DAYS, PANEL_ROWS_MAX).await?);
    /// What each login posted in the last days.
    People {} -> Vec<PersonActivity>, Latest = store.postings_by_person(PANEL_DAYS).await?;
    /// The late orders, and how many recent ones were shipped on time.
    Late {} -> Box<LateOrders>, Latest = Box::new(store.late_orders(PANEL_REPORT_DAYS, PANEL_ROWS_MAX).await?);
    /// Orders that need more than is available, up to a limit, and their total number.
    Waiting {} -> (Vec<WaitingOrder>, u64), Latest = store.waiting_orders(PANEL_ROWS_MAX).await?;
    /// Today's picks per person.
    Picks {} -> Vec<PersonPicks>, Latest = match midnight_before(0, &TimeZone::system()) {
        Some(midnight) => store.picks_by_person(midnight).await?,
        None => Vec::new(),
    };
    /// Commits, rollbacks and conflicts, of the database and of this terminal.
    Activity {} -> (DatabaseActivity, StoreCounts), Latest =
        (store.database_activity().await?, store.counts());
    /// A page of the collected log, newest first, with the status of each line.
    Events { filter: Box<EventFilter> } -> Page<Seen>, Latest = events(store, &filter).await?;
    /// A page of the logins in the collected log.
    Logins { filter: Box<EventFilter> } -> Page<Seen>, Latest = events(store, &filter).await?;
    /// One line of the log in full; none if it no longer exists.
    Inspection { line_no: u64 } -> Option<Box<line_status::Inspection>>, Latest =
        inspect(store, line_no).await.map_err(AuditError::from)?.map(Box::new);
    /// The orders, the most urgent first.
    Orders { filter: Box<OrderFilter> } -> Vec<OrderRow>, Latest = store.orders(&filter).await?;
    /// Purchase orders that goods can be received for, the most urgent first.
    OrdersToReceive { limit: u32 } -> Vec<OrderRow>, Latest = store
        .orders(&OrderFilter {
            kind: Some(OrderKind::Purchase),
            unfinished: true,
            limit: Some(limit),
            ..OrderFilter::default()
        })
        .await?;
    /// The order that goods are received for.
    OrderToReceive { number: OrderNumber } -> Box<Order>, Latest = Box::new(store.order(&number).await?);
    /// Orders for which goods are reserved, to be picked or shipped, the most urgent first.
    OrdersToPick { limit: u32 } -> Vec<OrderRow>, Latest = store
        .orders(&OrderFilter { to_pick: true, limit: Some(limit), ..OrderFilter::default() })
        .await?;
    /// The pick list of some orders, in walking order.
    PickList { numbers: Vec<OrderNumber> } -> Vec<Allocation>, Latest = store.allocations(&numbers).await?;
    /// The docks, where picked goods wait to be shipped.
    Docks {} -> Vec<LocationCode>, Latest = store.docks().await?;
    /// Where stock of a product can be reserved for an order, in the order in which it is.
    ToReserve { number: OrderNumber, sku: Sku } -> Vec<Level>, Latest =
        store.levels_to_reserve(&number, &[sku]).await?;
    /// The order that is shown in full.
    OrderInFull { number: OrderNumber } -> Box<Order>, Latest = Box::new(store.order(&number).await?);
    /// A partner, unless there is none of this code, with its open orders, the most urgent first.
    PartnerInFull { code: PartnerCode, limit: u32 } -> Box<(Option<PartnerRow>, Vec<OrderRow>)>, Latest =
        Box::new(partner_in_full(store, code, limit).await?);
    /// What should be ordered, by supplier.
    Reorder {} -> Vec<ReorderProposal>, Latest = store.reorder_proposals().await?;
    /// What moved for the lines of an order, oldest first.
    OrderMovements { lines: Vec<OrderLineId> } -> Vec<LedgerRow>, Latest =
        store.order_movements(&lines).await?;
    /// The records of a kind of master data whose code or name contains a text.
    Records { kind: RecordKind, text: String, limit: u16 } -> Vec<Record>, Latest =
        store.records(kind, &text, limit).await?;
    /// The personal fields of a partner, or of a new one, for its form.
    Contacts { code: Option<PartnerCode> } -> Box<PartnerContacts>, Latest =
        Box::new(contacts(service, keyring, code.as_ref()).await?);
    /// The versions of one record, the newest first.
    Versions { key: RecordKey } -> Vec<RecordVersion>, Latest = store.record_versions(&key).await?;
    /// The state of collecting, sealing and verifying.
    Standing {} -> Box<evidence::Standing>, Latest = Box::new(evidence.standing(store).await?);
    /// The report of the last verification; none if none was made on this machine.
    Report {} -> Option<Box<findings::Report>>, Latest = evidence.last_report(store).map(Box::new);
    /// The findings about the configuration of the server.
    Check {} -> Vec<CheckFinding>, Latest = store.check().await?;
    /// The runs of all imports, newest first.
    Imports { limit: u32 } -> Vec<ImportRun>, Latest = store.import_runs(None, limit).await?;
    /// Who changed what, per person and day, over a number of days up to now.
    Summary { days: u16, zone: TimeZone } -> Vec<DaySum>, Latest =
        store.audit_summary(midnight_before(days, &zone), &zone).await?;
}

/// Identifies a question, so that an answer that is no longer wanted can be recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ticket {
    pub query_key: QueryKey,
    /// A number that increases with each question.
    pub number: u64,
}

/// Answers a question, within a time limit.
pub(super) async fn answer(
    service: &Service,
    evidence: &Evidence,
    keyring: Option<KeyringSource>,
    question: Question,
) -> Result<Answer, Failure> {
    match tokio::time::timeout(ANSWER_WAIT_MAX, find(service, evidence, keyring, question)).await {
        Ok(answer) => answer,
        Err(_) => Err(Failure::Unavailable(format!("no answer for {} s", ANSWER_WAIT_MAX.as_secs()))),
    }
}

async fn partner_in_full(
    store: &Store,
    code: PartnerCode,
    limit: u32,
) -> Result<(Option<PartnerRow>, Vec<OrderRow>), Failure> {
    let partner = store.partner_row(&code).await?;
    let filter =
        OrderFilter { partner: Some(code), unfinished: true, limit: Some(limit), ..OrderFilter::default() };
    Ok((partner, store.orders(&filter).await?))
}

/// Lines of the collected log, with the status of each.
pub(super) async fn events(store: &Store, filter: &EventFilter) -> Result<Page<Seen>, Failure> {
    let page = store.audit_events_page(filter).await?;
    let rows = line_status::line_status(store, &page.rows).await.map_err(AuditError::from)?;
    Ok(page.with_rows(rows))
}

/// The midnight a number of days ago. Whole days, because a partial first day would look quieter than it was.
fn midnight_before(days: u16, zone: &TimeZone) -> Option<Timestamp> {
    let first = Zoned::now().with_time_zone(zone.clone()).date() - i32::from(days).days();
    first.to_zoned(zone.clone()).map(|midnight| midnight.timestamp()).ok()
}
