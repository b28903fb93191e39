//! The terms of the trade and their rules: codes, quantities, movements, postings, refusals.
//!
//! Boundary: pure values and parsing. Nothing here does input or output, knows SQL, or reads a clock.

mod arrival;
mod catalogue;
mod code;
mod command;
pub mod display;
mod draft;
pub mod entry;
mod free_text;
mod id;
mod kind;
mod listed;
mod lots;
mod movement;
mod order;
mod order_policy;
mod personal;
mod proposal;
mod quantity;
mod record;
mod refusal;
mod report;
mod rows;
mod rule;
#[cfg(test)]
pub mod samples;
mod supply;

pub use arrival::Arrival;
pub use catalogue::{
    Change, LocationChange, LocationKind, NewLocation, NewPartner, PackBarcode, PartnerKind, UnknownWord,
};
pub use code::{
    Barcode, CodeError, LocationCode, LotCode, Name, Note, PartnerCode, Reference, Sku, SupplierCode,
};
pub use command::{Basket, BasketLine, CountSheet, Details, PostingOutcome, Recovered, Reversal};
pub use draft::LineChanges;
pub use free_text::{FreeTextCheck, PersonalHint, personal_hint};
pub use id::{IdError, LINES_MAX, MovementId, OrderId, OrderLineId, PostingId};
pub use kind::{Ends, KindRules, LotRule, MovementKind};
pub use listed::{Listed, ListedTable};
pub use lots::{LotStock, TakenLot, TooLittle};
pub use movement::{Line, Posting, PostingError, Tracking};
pub use order::{
    NewOrder, NewOrderEvent, NewOrderLine, OrderAct, OrderError, OrderEventKind, OrderKind, OrderNumber,
    OrderState, PickedGoods, ReservationChange, Reservations,
};
pub use order_policy::{OrderPolicy, OrderPolicyError, ReserveRule, ShortLived};
pub use personal::{
    ContactsLocked, EarlierFields, FieldBytes, FieldChanges, FieldValue, KeyCount, KeyringState,
    PartnerChange, PartnerContacts, PartnerDetails, PartnerField, PeopleNames, PersonalText,
    PersonalTextError, PrivacyEvent, Restriction, StoredField, StoredName, StoredPartner, Subject,
    WrappedKey,
};
pub use proposal::{Need, Proposal};
pub use quantity::{Quantity, QuantityError, UnitPrice};
pub use record::{
    CONTACTS, FieldEntry, FieldFault, FieldRule, FieldVersion, LotRow, PartnerRow, Product, ProductChange,
    ProductField, Record, RecordChange, RecordField, RecordKey, RecordKind, RecordVersion, read_record,
};
pub use refusal::{LineOfOrder, Refusal, ReservedFigures, month_text};
pub use report::{ColumnKind, Report, ReportCell, ReportColumn, ReportFilter, ReportRows};
pub use rows::{
    Added, Anchor, Archiving, AuditHealth, BlockedBy, COMMAND_FEED, CheckFinding, CheckSeverity, CountedLine,
    DatabaseActivity, DayLevel, DaySum, EndedSession, EventFilter, ExpiringLot, Found, Group, HourCount,
    Item, LedgerFilter, LedgerRow, Level, LocationRow, LockHolder, LogFlood, LotChanged, Matched,
    MatchedStock, PAGE_ROWS_MAX, PASSWORD_LENGTH_MIN, Page, Person, PersonActivity, Posted, PostedLine,
    ProductFilter, ProductRow, ProductTurnover, Scanned, ScannedLot, Session, SessionFacts, SheetCounted,
    SheetFigure, SheetLine, SlowMover, SortValue, Status, StockFilter, StockKey, StockOnly, StockOrder,
    StockRow, StockSelection, StockValue, StoreCounts, Suggested, Suggestion, TopItem, TurnoverInBrief,
    UnknownGroup,
};
pub use rows::{
    Allocation, LateOrders, Order, OrderDone, OrderEvent, OrderFilter, OrderHistory, OrderLine, OrderLineRow,
    OrderRow, PersonPicks, ReorderProposal, ShortLine, WaitingOrder,
};
pub use rows::{ImportFile, ImportOutcome, ImportResult, ImportRun, KnownImport};
pub use rule::{RULE_SENTENCES, rule_figures, rule_of};
pub use supply::SupplyTerms;
