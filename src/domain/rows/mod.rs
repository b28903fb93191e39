//! What queries return: rows, pages and figures, as the modules above the store use them.
//!
//! Boundary: data and what can be derived from it. Reading them is up to `store`.

mod audit;
mod count;
mod dashboard;
mod imports;
mod ledger;
mod master_data;
mod order;
mod page;
mod person;
mod posting;
mod product;
mod session;
mod stock;
mod suggestion;

pub use audit::{AuditHealth, CheckFinding, CheckSeverity, DaySum, EventFilter, LogFlood};
pub use count::{CountedLine, SheetCounted, SheetFigure, SheetLine};
pub use dashboard::{
    DatabaseActivity, ExpiringLot, HourCount, PersonActivity, ProductTurnover, SlowMover, StockValue,
    StoreCounts, TopItem, TurnoverInBrief,
};
pub use imports::{COMMAND_FEED, ImportFile, ImportOutcome, ImportResult, ImportRun, KnownImport};
pub use ledger::{LedgerFilter, LedgerRow};
pub use master_data::{Added, Archiving, LocationRow, LotChanged};
pub use order::{
    Allocation, LateOrders, Order, OrderDone, OrderEvent, OrderFilter, OrderHistory, OrderLine, OrderLineRow,
    OrderRow, PersonPicks, ReorderProposal, ShortLine, WaitingOrder,
};
pub use page::{Anchor, PAGE_ROWS_MAX, Page};
pub use person::{Group, PASSWORD_LENGTH_MIN, Person, SessionFacts, UnknownGroup};
pub use posting::{Posted, PostedLine, Status};
pub use product::{DayLevel, Item, ProductFilter, ProductRow};
pub use session::{EndedSession, LockHolder, Session};
pub use stock::{
    BlockedBy, Found, Level, Matched, MatchedStock, Scanned, ScannedLot, SortValue, StockFilter, StockKey,
    StockOnly, StockOrder, StockRow, StockSelection,
};
pub use suggestion::{Suggested, Suggestion};
