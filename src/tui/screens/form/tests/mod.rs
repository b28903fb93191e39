//! Forms, driven by keys and answers.

mod against;
mod lines;
mod lots;
mod places;
mod posting;
mod scanning;
mod shown;
mod tracked;
mod waiting;

use rust_decimal::Decimal;

use super::FormScreen;
use super::line::Goods;
use crate::domain::samples::{level, parsed, some, stock_row};
use crate::domain::{
    Basket, BlockedBy, Group, Level, MovementKind, Order, Posted, PostingId, Scanned, ScannedLot, Status,
    StockRow, Tracking,
};
use crate::tui::app::testing::Desk;
use crate::tui::command::Command;
use crate::tui::locale::Language;
use crate::worker::message::{Failure, Report, Write, Written};
use crate::worker::query::{self, Answer, Question, Ticket};

type Stands = (&'static str, &'static str, Option<&'static str>, Option<&'static str>, i64);

/// A clerk at one of the forms.
pub(super) struct Clerk {
    pub(super) desk: Desk,
    kind: MovementKind,
    /// The purchase order of the tests that receive against one.
    order: Option<Order>,
    /// The stock: product, location, lot, expiry date, quantity.
    pub(super) stock: Vec<Stands>,
}

const PLACES: [(&str, &str); 5] = [
    ("MAIN", "Main hall"),
    ("A-01", "Shelf 1"),
    ("A-02", "Shelf 2"),
    ("B-02", "Cold room"),
    ("QUAR", "Held goods"),
];

pub(super) fn row(sku: &str) -> Option<StockRow> {
    let (name, unit, decimals, tracking) = match sku {
        "71053" => ("WHITE METAL LANTERN", "each", 0, Tracking::None),
        "85123A" => ("HANGING HEART HOLDER", "each", 0, Tracking::None),
        "RICE" => ("RICE, LOOSE", "kg", 3, Tracking::None),
        "YOG" => ("YOGHURT 125 G", "cup", 0, Tracking::Lot),
        "DRILL" => ("CORDLESS DRILL", "each", 0, Tracking::Serial),
        _ => return None,
    };
    Some(StockRow { unit: parsed(unit), decimals, tracking, ..stock_row(sku, name) })
}

fn scan(text: &str) -> Scanned {
    let product = |sku: &str, pack: i64| Scanned::Product {
        row: row(sku).unwrap(),
        pack_quantity: Decimal::from(pack),
    };
    match text {
        // A product whose own code looks like a number times a code.
        "2X4" => product("85123A", 1),
        "50712345" => product("71053", 6),
        "96385074" => product("71053", 1),
        "OLD" => Scanned::Location { code: "OLD".parse().unwrap(), name: None, archived: true },
        _ if row(text).is_some() => product(text, 1),
        _ => PLACES.iter().find(|(code, _)| code.eq_ignore_ascii_case(text)).map_or(
            Scanned::Nothing,
            |(code, name)| Scanned::Location {
                code: code.parse().unwrap(),
                name: some(name),
                archived: false,
            },
        ),
    }
}

impl Clerk {
    pub(super) fn speaking(kind: MovementKind, language: Language) -> Self {
        let mut desk = Desk::new(Group::Clerk, language);
        desk.keys(match kind {
            MovementKind::Issue => "<f4>",
            MovementKind::Transfer => "<f5>",
            _ => "<f3>",
        });
        Self {
            desk,
            kind,
            order: None,
            stock: vec![("71053", "MAIN", None, None, 12), ("RICE", "MAIN", None, None, 40)],
        }
    }

    pub(super) fn at(kind: MovementKind) -> Self {
        Self::speaking(kind, Language::English)
    }

    /// A clerk at a form whose locations are named.
    pub(super) fn ready(kind: MovementKind) -> Self {
        let mut clerk = Self::at(kind);
        clerk.type_in(if kind == MovementKind::Transfer { "MAIN<enter>B-02<enter>" } else { "MAIN<enter>" });
        clerk
    }

    pub(super) fn keys(&mut self, text: &str) {
        self.desk.keys(text);
    }

    /// Types, and has every question answered.
    pub(super) fn type_in(&mut self, text: &str) {
        self.keys(text);
        self.answer();
    }

    /// As the database has it: `QUAR` is a quarantine location.
    fn blocked_by(&self, place: &str, day: Option<&str>) -> Option<BlockedBy> {
        let today = crate::tui::app::testing::NOW
            .parse::<jiff::Timestamp>()
            .unwrap()
            .strftime("%Y-%m-%d")
            .to_string();
        match day {
            Some(day) if day < today.as_str() => Some(BlockedBy::Expired),
            _ => (place == "QUAR").then_some(BlockedBy::Quarantine),
        }
    }

    /// The lots with a code that are on hand.
    fn lots(&self, text: &str) -> Scanned {
        let mut lots: Vec<ScannedLot> = Vec::new();
        for (sku, place, lot, day, _) in &self.stock {
            if lot.is_none_or(|lot| !lot.eq_ignore_ascii_case(text)) {
                continue;
            }
            match lots.iter_mut().find(|known| known.row.sku == *sku) {
                Some(known) => known.held_at.push(parsed(place)),
                None => lots.push(ScannedLot {
                    row: row(sku).unwrap(),
                    lot: parsed(lot.unwrap()),
                    expires_on: day.and_then(some),
                    held_at: vec![parsed(place)],
                }),
            }
        }
        if lots.is_empty() { Scanned::Nothing } else { Scanned::Lots(lots) }
    }

    fn answer_to(&self, question: &Question) -> Option<Answer> {
        Some(match question {
            Question::Scan(query::Scan { text }) => Answer::Scan(Box::new(match scan(text) {
                Scanned::Nothing => self.lots(text),
                found => found,
            })),
            Question::OnHand(query::OnHand { sku, location: place }) => Answer::OnHand(
                self.stock
                    .iter()
                    .filter(|(of, at, ..)| *of == sku.as_str() && *at == place.as_str())
                    .map(|(of, at, lot, day, quantity)| Level {
                        lot: lot.and_then(some),
                        expires_on: day.and_then(some),
                        blocked_by: self.blocked_by(at, *day),
                        ..level(of, at, *quantity)
                    })
                    .collect(),
            ),
            Question::OrderToReceive(query::OrderToReceive { number }) => {
                let order = self.order.as_ref().filter(|order| order.row.number == *number)?;
                Answer::OrderToReceive(Box::new(order.clone()))
            }
            Question::OrdersToReceive(_) => {
                Answer::OrdersToReceive(self.order.iter().map(|order| order.row.clone()).collect())
            }
            _ => return None,
        })
    }

    /// Answers all questions in order, and those that follow from the answers.
    pub(super) fn answer(&mut self) {
        while !self.desk.asked.is_empty() {
            let (ticket, question) = self.desk.asked.remove(0);
            if let Some(answer) = self.answer_to(&question) {
                self.desk.report(Report::Answered(ticket, Ok(answer)));
            }
        }
    }

    /// Removes the questions, to be answered later.
    pub(super) fn questions(&mut self) -> Vec<(Ticket, Question)> {
        std::mem::take(&mut self.desk.asked)
    }

    pub(super) fn answer_one(&mut self, ticket: Ticket, question: &Question) {
        let answer = self.answer_to(question).unwrap();
        self.desk.report(Report::Answered(ticket, Ok(answer)));
    }

    pub(super) fn form(&mut self) -> &mut FormScreen {
        let show = match self.kind {
            MovementKind::Issue => Command::Issue,
            MovementKind::Transfer => Command::Transfer,
            _ if self.order.is_some() => Command::ReceiveOrder,
            _ => Command::Receive,
        };
        self.desk.app.screen(show)
    }

    /// The lines: quantity, product and lot, or the text and what is wrong.
    pub(super) fn lines(&mut self) -> Vec<String> {
        let told = |goods: &Goods| {
            let mut text = format!("{} {}", goods.units(), goods.sku);
            if let Some(lot) = &goods.lot {
                text = format!("{text} lot {lot}");
            }
            if let Some(day) = goods.expires {
                text = format!("{text} until {day}");
            }
            if let Some(price) = goods.unit_price {
                text = format!("{text} at {}", price.value());
            }
            text
        };
        let lines = self.form().lines.all().to_vec();
        lines
            .iter()
            .map(|line| match &line.entry {
                super::line::Entry::Goods(goods) => told(goods),
                super::line::Entry::Looking => format!("{} …", line.text),
                super::line::Entry::Wrong { why, .. } => format!("{} ✗ {why}", line.text),
                super::line::Entry::Failed => format!("{} !", line.text),
            })
            .collect()
    }

    pub(super) fn basket(&self) -> &Basket {
        match &self.desk.written.last().expect("nothing was written").1 {
            Write::Basket(basket) => basket,
            other => panic!("{other:?}"),
        }
    }

    /// The result of the posting that was sent last, if it succeeds.
    pub(super) fn posted(&self, levels: &[(&str, &str, i64)]) -> Result<Written, Failure> {
        Ok(Written::Posted(Posted {
            status: Status::Posted,
            posting_id: self.id(),
            transactions: Vec::new(),
            levels: levels.iter().map(|(sku, place, quantity)| level(sku, place, *quantity)).collect(),
            attempts: 1,
        }))
    }

    pub(super) fn id(&self) -> PostingId {
        self.desk.written.last().expect("nothing was written").0
    }

    /// Reports success of the write that was sent last.
    pub(super) fn succeed(&mut self) {
        let outcome = self.posted(&[("71053", "MAIN", 36)]);
        self.desk.end(outcome);
    }

    pub(super) fn refuse(&mut self) {
        self.desk.end(Err(Failure::Refused(crate::domain::Refusal::InsufficientStock {
            sku: "71053".parse().unwrap(),
            location: "MAIN".parse().unwrap(),
            lot: None,
            have: Decimal::from(5),
            need: Decimal::from(12),
            expired: Decimal::ZERO,
        })));
    }

    pub(super) fn screen(&mut self) -> String {
        self.desk.draw(80, 24)
    }
}
