//! Picking, driven by keys, scans and answers.

mod posting;
mod random;
mod resuming;
mod walking;

use jiff::civil::date;
use rust_decimal::Decimal;

use super::PickScreen;
use crate::domain::samples::{level, parsed, some, stock_row};
use crate::domain::{
    Allocation, Group, Level, OrderId, OrderKind, OrderRow, OrderState, Posted, Scanned, ScannedLot, Status,
    Tracking,
};
use crate::tui::app::testing::{Desk, NOW};
use crate::tui::command::Command;
use crate::tui::locale::Language;
use crate::worker::message::{Failure, Report, Write, Written};
use crate::worker::query::{self, Answer, Question};

/// Goods of an order at a place.
pub(super) fn at(number: &str, line_no: i32, sku: &str, place: &str, lot: &str, open: i64) -> Allocation {
    let order = if number == "SO-000017" { 1 } else { 2 };
    let name = match sku {
        "71053" => "WHITE METAL LANTERN",
        "YOG" => "YOGHURT 125 G",
        _ => "CORDLESS DRILL",
    };
    Allocation {
        number: parsed(number),
        line_no,
        order_line_id: parsed(&format!("01930000-0000-7000-8000-000000000{order}{line_no:02}")),
        sku: parsed(sku),
        name: parsed(name),
        unit: parsed("each"),
        location: parsed(place),
        lot: if lot.is_empty() { None } else { some(lot) },
        expires_on: (sku == "YOG").then(|| date(2027, 1, 31)),
        open: Decimal::from(open),
        picked: place.starts_with("DOCK"),
        due_on: None,
        confirmed_at: None,
    }
}

fn order(number: &str, late: bool) -> OrderRow {
    let id = if number == "SO-000017" { "1" } else { "2" };
    OrderRow {
        order_id: parsed::<OrderId>(&format!("01930000-0000-7000-8000-00000000000{id}")),
        number: parsed(number),
        kind: OrderKind::Sales,
        state: OrderState::Reserved,
        partner: some("ACME"),
        partner_reference: None,
        ship_to: None,
        to: None,
        due_on: Some(date(2026, 11, 19)),
        late,
        note: None,
        created_by: "admin".to_owned(),
        created_at: NOW.parse().unwrap(),
        line_count: 3,
        ordered: Decimal::from(9),
        reserved: Decimal::from(9),
        moved: Decimal::ZERO,
    }
}

fn scan(text: &str) -> Scanned {
    let product = |sku: &str, tracking: Tracking, pack: i64| Scanned::Product {
        row: crate::domain::StockRow { tracking, ..stock_row(sku, "Something") },
        pack_quantity: Decimal::from(pack),
    };
    match text {
        "71053" | "85123A" => product(text, Tracking::None, 1),
        "50712345" => product("71053", Tracking::None, 6),
        "YOG" => product(text, Tracking::Lot, 1),
        "DRILL" => product(text, Tracking::Serial, 1),
        "A-01" | "A-02" | "B-01" | "C-01" | "DOCK-1" | "DOCK-2" => {
            Scanned::Location { code: parsed(text), name: None, archived: false }
        }
        // Known serial numbers of the drill.
        "SN-1" | "SN-9" => Scanned::Lots(vec![ScannedLot {
            row: crate::domain::StockRow { tracking: Tracking::Serial, ..stock_row("DRILL", "Drill") },
            lot: parsed(text),
            expires_on: None,
            held_at: Vec::new(),
        }]),
        _ => Scanned::Nothing,
    }
}

/// A clerk who picks.
pub(super) struct Picker {
    pub(super) desk: Desk,
    /// What is reserved where.
    pub(super) list: Vec<Allocation>,
    pub(super) docks: Vec<&'static str>,
    /// What can be reserved elsewhere.
    pub(super) free: Vec<Level>,
}

impl Picker {
    pub(super) fn speaking(language: Language) -> Self {
        let list = vec![
            at("SO-000017", 1, "71053", "A-01", "", 4),
            at("SO-000021", 1, "71053", "A-01", "", 2),
            at("SO-000017", 2, "YOG", "A-02", "L-1", 3),
            at("SO-000017", 3, "DRILL", "B-01", "SN-1", 1),
            at("SO-000017", 3, "DRILL", "B-01", "SN-2", 1),
        ];
        let mut picker = Self {
            desk: Desk::new(Group::Clerk, language),
            list,
            docks: vec!["DOCK-1"],
            free: vec![level("71053", "A-01", 9), level("71053", "C-01", 2)],
        };
        picker.type_in("<alt-k>");
        picker
    }

    pub(super) fn at_orders() -> Self {
        Self::speaking(Language::English)
    }

    /// On the walk for both orders.
    pub(super) fn walking() -> Self {
        let mut picker = Self::at_orders();
        picker.type_in("<space><down><space><enter>");
        picker
    }

    pub(super) fn keys(&mut self, text: &str) {
        self.desk.keys(text);
    }

    /// Types, and lets every question be answered.
    pub(super) fn type_in(&mut self, text: &str) {
        self.keys(text);
        self.answer();
    }

    fn answer_to(&self, question: &Question) -> Option<Answer> {
        Some(match question {
            Question::OrdersToPick(_) => {
                Answer::OrdersToPick(vec![order("SO-000017", true), order("SO-000021", false)])
            }
            Question::PickList(query::PickList { numbers }) => {
                let of = self.list.iter().filter(|at| numbers.contains(&at.number));
                Answer::PickList(of.cloned().collect())
            }
            Question::Docks(_) => Answer::Docks(self.docks.iter().map(|code| parsed(code)).collect()),
            Question::Scan(query::Scan { text }) => Answer::Scan(Box::new(scan(text))),
            Question::ToReserve(query::ToReserve { sku, .. }) => {
                Answer::ToReserve(self.free.iter().filter(|level| level.sku == *sku).cloned().collect())
            }
            _ => return None,
        })
    }

    /// Answers everything that was asked, in order, and what is asked because of that.
    pub(super) fn answer(&mut self) {
        while !self.desk.asked.is_empty() {
            let (ticket, question) = self.desk.asked.remove(0);
            if let Some(answer) = self.answer_to(&question) {
                self.desk.report(Report::Answered(ticket, Ok(answer)));
            }
        }
    }

    pub(super) fn form(&mut self) -> &mut PickScreen {
        self.desk.app.screen(Command::Pick)
    }

    /// What was picked: how many of how many, of what, where.
    pub(super) fn picked(&mut self) -> Vec<String> {
        let told = |stop: &super::walk::Stop| {
            let at = &stop.allocation;
            format!("{}/{} {} {} {}", stop.picked, at.open, at.sku, at.location, at.number)
        };
        self.form().walk.picked().map(told).collect()
    }

    pub(super) fn fault(&mut self) -> String {
        self.form().fault.clone().unwrap_or_default()
    }

    pub(super) fn screen(&mut self) -> String {
        self.desk.draw(80, 24)
    }

    pub(super) fn last_write(&self) -> &Write {
        &self.desk.written.last().expect("nothing was written").1
    }

    /// The posting has gone through, and the list is read again.
    pub(super) fn succeed(&mut self) {
        let posting_id = self.desk.written.last().expect("nothing was written").0;
        self.desk.end(Ok(Written::Posted(Posted {
            status: Status::Posted,
            posting_id,
            transactions: Vec::new(),
            levels: Vec::new(),
            attempts: 1,
        })));
        self.answer();
    }

    pub(super) fn fail(&mut self, failure: Failure) {
        self.desk.end(Err(failure));
        self.answer();
    }
}
