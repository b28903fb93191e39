//! A model in memory of orders, reservations and stock. It knows nothing of tables; it follows docs/orders.md.

use rand::RngExt as _;
use rand::rngs::StdRng;
use stockroom::domain::{MovementId, OrderKind};

pub const PLACES: [&str; 4] = ["X", "Y", "DOCK", "Q"];
/// The place in quarantine.
const QUARANTINE: usize = 3;
/// Where the goods of transfer orders go.
pub const DESTINATION: usize = 1;
/// The places in walking order.
const WALK: [usize; 4] = [2, 3, 0, 1];

/// A product, and its lot with the last day of use.
pub struct Goods {
    pub sku: &'static str,
    pub lot: Option<(&'static str, &'static str)>,
}

/// What is in stock: a product in pieces, and three lots of another one. The second lot expires before the first, and the third
/// has expired.
pub const GOODS: [Goods; 4] = [
    Goods { sku: "A", lot: None },
    Goods { sku: "L", lot: Some(("L1", "2098-12-31")) },
    Goods { sku: "L", lot: Some(("L2", "2097-12-31")) },
    Goods { sku: "L", lot: Some(("OLD", "2020-12-31")) },
];
const EXPIRED: usize = 3;
/// The order in which goods are reserved.
const FIRST_EXPIRED_FIRST: [usize; 4] = [0, 2, 1, 3];

pub const ORDERED: i64 = 12;
/// By how many percent more may be delivered on a purchase order.
pub const OVER_PERCENT: u32 = 25;

/// An order of one line: its kind and product.
pub const ORDERS: [(OrderKind, &str); 7] = [
    (OrderKind::Sales, "A"),
    (OrderKind::Sales, "A"),
    (OrderKind::Sales, "L"),
    (OrderKind::Purchase, "A"),
    (OrderKind::Purchase, "L"),
    (OrderKind::Transfer, "A"),
    (OrderKind::Transfer, "L"),
];

type Stock = [[i64; 4]; 4];

/// What one order line holds.
#[derive(Debug, Clone, Default)]
pub struct ModelLine {
    /// What is reserved, by goods and place.
    pub open: Stock,
    pub moved: i64,
    pub returned: i64,
    is_over: bool,
}

/// What there is.
#[derive(Debug, Clone, Default)]
pub struct Model {
    /// By goods and place.
    pub on_hand: Stock,
    pub lines: [ModelLine; ORDERS.len()],
}

/// A movement; it may carry out an order line.
#[derive(Debug, Clone, Copy)]
pub struct Movement {
    pub line: Option<usize>,
    pub goods: usize,
    pub from: Option<usize>,
    pub to: Option<usize>,
    pub quantity: i64,
}

/// A command; numbers are lines, goods, places and quantities.
#[derive(Debug, Clone)]
pub enum Act {
    Move(Movement),
    /// A movement is undone.
    Undo(Movement, MovementId),
    /// Changes of one line at one level that are posted together.
    Reserve(usize, usize, usize, Vec<i64>),
    /// As much as there is of what the line still needs.
    ReserveAll(usize),
    Count(usize, usize, i64),
    Cancel(usize),
    Close(usize),
    Reopen(usize),
}

/// What a movement does to its order line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Effect {
    Fulfilled,
    Carried,
    Returned,
}

fn is_blocked(goods: usize, place: usize) -> bool {
    goods == EXPIRED || place == QUARANTINE
}

impl ModelLine {
    fn reserved(&self) -> i64 {
        self.open.iter().flatten().sum()
    }
}

impl Movement {
    /// What it does to its order line; none if it cannot carry it out.
    fn effect(&self, line: usize) -> Option<Effect> {
        let (kind, sku) = ORDERS[line];
        if GOODS[self.goods].sku != sku {
            return None;
        }
        match (kind, self.from, self.to) {
            (OrderKind::Purchase, None, _) | (OrderKind::Sales, _, None) => Some(Effect::Fulfilled),
            (OrderKind::Purchase, _, None) | (OrderKind::Sales, None, _) => Some(Effect::Returned),
            (OrderKind::Sales, Some(_), Some(_)) => Some(Effect::Carried),
            (OrderKind::Transfer, Some(_), Some(DESTINATION)) => Some(Effect::Fulfilled),
            (OrderKind::Transfer, Some(_), Some(_)) => Some(Effect::Carried),
            _ => None,
        }
    }

    fn back(&self) -> Self {
        Self { from: self.to, to: self.from, ..*self }
    }
}

impl Model {
    fn reserved(&self, goods: usize, place: usize) -> i64 {
        self.lines.iter().map(|line| line.open[goods][place]).sum()
    }

    pub fn level(&self, goods: usize, place: usize) -> (i64, i64) {
        (self.on_hand[goods][place], self.reserved(goods, place))
    }

    fn is_sound(&self) -> bool {
        let levels = (0..GOODS.len()).flat_map(|goods| (0..PLACES.len()).map(move |place| (goods, place)));
        levels
            .map(|(goods, place)| self.level(goods, place))
            .all(|(have, reserved)| have >= 0 && reserved <= have)
            && self.lines.iter().zip(ORDERS).all(|(line, (kind, _))| {
                let over =
                    if kind == OrderKind::Purchase { ORDERED * i64::from(OVER_PERCENT) / 100 } else { 0 };
                line.open.iter().flatten().all(|open| *open >= 0)
                    && line.moved + line.reserved() <= ORDERED + over
                    && (0..=line.moved).contains(&line.returned)
            })
    }

    /// Does a command; none if it must be refused.
    pub fn after(&self, act: &Act) -> Option<Self> {
        let mut next = self.clone();
        match act {
            Act::Move(movement) => next.carry_out(movement, false)?,
            Act::Undo(movement, _) => next.carry_out(movement, true)?,
            Act::Reserve(line, goods, place, changes) => {
                let (kind, sku) = ORDERS[*line];
                let reserves = changes.iter().any(|change| *change > 0);
                let refused = kind == OrderKind::Purchase
                    || GOODS[*goods].sku != sku
                    || reserves && (self.lines[*line].is_over || is_blocked(*goods, *place));
                if refused {
                    return None;
                }
                next.lines[*line].open[*goods][*place] += changes.iter().sum::<i64>();
            }
            Act::ReserveAll(line) => next.reserve_all(*line)?,
            Act::Count(goods, place, counted) => next.count(*goods, *place, *counted),
            Act::Cancel(line) | Act::Close(line) => {
                let ended = &mut next.lines[*line];
                if ended.is_over || matches!(act, Act::Cancel(_)) && ended.moved > 0 {
                    return None;
                }
                ended.is_over = true;
                ended.open = Stock::default();
            }
            Act::Reopen(line) => {
                if !std::mem::take(&mut next.lines[*line].is_over) {
                    return None;
                }
            }
        }
        next.is_sound().then_some(next)
    }

    fn carry_out(&mut self, movement: &Movement, undone: bool) -> Option<()> {
        let goes = if undone { movement.back() } else { *movement };
        if goes.to.is_none() && goes.goods == EXPIRED && !undone {
            return None;
        }
        for (place, sign) in [(goes.from, -1), (goes.to, 1)] {
            if let Some(place) = place {
                self.on_hand[goes.goods][place] += sign * goes.quantity;
            }
        }
        let Some(number) = movement.line else { return Some(()) };
        let (effect, line) = (movement.effect(number)?, &mut self.lines[number]);
        // Nothing is reserved in quarantine; what is undone goes back to where it was.
        if effect == Effect::Carried && !undone && goes.to == Some(QUARANTINE) {
            return None;
        }
        let takes_on = if undone { effect == Effect::Carried } else { effect != Effect::Returned };
        if takes_on && line.is_over {
            return None;
        }
        let quantity = if undone { -goes.quantity } else { goes.quantity };
        match effect {
            Effect::Fulfilled => line.moved += quantity,
            Effect::Returned => line.returned += quantity,
            Effect::Carried => {}
        }
        // Goods that come back are available: their reservation is not revived.
        let leaves = effect == Effect::Carried
            || effect == Effect::Fulfilled && !undone && ORDERS[number].0 != OrderKind::Purchase;
        if leaves {
            line.open[goes.goods][goes.from?] -= goes.quantity;
        }
        if effect == Effect::Carried {
            line.open[goes.goods][goes.to?] += goes.quantity;
        }
        Some(())
    }

    /// First what expires first, then in walking order.
    fn reserve_all(&mut self, number: usize) -> Option<()> {
        let (kind, sku) = ORDERS[number];
        let line = &self.lines[number];
        let mut missing = ORDERED - line.moved - line.reserved();
        if kind == OrderKind::Purchase || line.is_over || missing <= 0 {
            return None;
        }
        let mut reserved = 0;
        for goods in FIRST_EXPIRED_FIRST.into_iter().filter(|goods| GOODS[*goods].sku == sku) {
            for place in WALK {
                // What is at the destination has arrived.
                let arrived = kind == OrderKind::Transfer && place == DESTINATION;
                let (have, promised) = self.level(goods, place);
                if arrived || is_blocked(goods, place) {
                    continue;
                }
                let taken = missing.min(have - promised);
                self.lines[number].open[goods][place] += taken;
                (missing, reserved) = (missing - taken, reserved + taken);
            }
        }
        (reserved > 0).then_some(())
    }

    fn count(&mut self, goods: usize, place: usize, counted: i64) {
        self.on_hand[goods][place] = counted;
        // The newest promises first: the orders were confirmed in their order.
        let mut beyond = self.reserved(goods, place) - counted;
        for line in self.lines.iter_mut().rev() {
            let released = beyond.clamp(0, line.open[goods][place]);
            line.open[goods][place] -= released;
            beyond -= released;
        }
    }

    /// Something that is reserved, if there is anything: line, goods and place.
    fn reserved_somewhere(&self, random: &mut StdRng) -> Option<(usize, usize, usize)> {
        let all = (0..ORDERS.len()).flat_map(|line| {
            (0..GOODS.len()).flat_map(move |goods| (0..PLACES.len()).map(move |place| (line, goods, place)))
        });
        let found: Vec<_> =
            all.filter(|(line, goods, place)| self.lines[*line].open[*goods][*place] > 0).collect();
        (!found.is_empty()).then(|| found[random.random_range(0..found.len())])
    }

    /// A level of a product where more is on hand than is reserved, if there is any: goods and place. Of a level that is
    /// blocked nothing may be reserved.
    fn left_somewhere(&self, random: &mut StdRng, sku: &str, blocked: bool) -> Option<(usize, usize)> {
        let all = (0..GOODS.len()).flat_map(|goods| (0..PLACES.len()).map(move |place| (goods, place)));
        let is_free = |(goods, place): &(usize, usize)| {
            let (have, reserved) = self.level(*goods, *place);
            GOODS[*goods].sku == sku && is_blocked(*goods, *place) == blocked && have > reserved
        };
        let found: Vec<_> = all.filter(is_free).collect();
        (!found.is_empty()).then(|| found[random.random_range(0..found.len())])
    }

    /// A command at random, and what was done so far that can be undone. Where something is reserved, it is mostly about that.
    pub fn draw(&self, random: &mut StdRng, done: &[(Movement, MovementId)]) -> Act {
        let line = random.random_range(0..ORDERS.len());
        let (kind, sku) = ORDERS[line];
        let goods = loop {
            let goods = random.random_range(0..GOODS.len());
            let fits = GOODS[goods].sku == sku && (goods != EXPIRED || random.random_range(0..4) == 0);
            if fits || random.random_range(0..30) == 0 {
                break goods;
            }
        };
        // The quarantine is seldom.
        let place = random.random_range(0..13) / 4;
        let (from, to) = (place, (place + random.random_range(1..PLACES.len())) % PLACES.len());
        let quantity = random.random_range(1..7);
        let moved = |line, from, to| Act::Move(Movement { line, goods, from, to, quantity });
        match random.random_range(0..25) {
            0..=3 => moved(None, None, Some(to)),
            4 => moved(None, Some(from), None),
            5 => moved(None, Some(from), Some(to)),
            6 => {
                let (goods, place) = self.left_somewhere(random, sku, true).unwrap_or((goods, place));
                Act::Reserve(line, goods, place, vec![quantity.min(2)])
            }
            7..=9 => {
                let (goods, place) = self.left_somewhere(random, sku, false).unwrap_or((goods, place));
                match random.random_range(0..3) {
                    0 => Act::Reserve(line, goods, place, vec![quantity]),
                    // Two rows for one level, which must be judged together.
                    _ => Act::Reserve(line, goods, place, vec![quantity.min(3), random.random_range(1..3)]),
                }
            }
            10 => match self.reserved_somewhere(random) {
                Some((line, goods, place)) => Act::Reserve(line, goods, place, vec![-quantity]),
                None => Act::Reserve(line, goods, place, vec![-quantity]),
            },
            11 | 12 => Act::ReserveAll(line),
            13..=17 => {
                let (line, goods, from) = self
                    .reserved_somewhere(random)
                    .filter(|_| random.random_range(0..4) > 0)
                    .unwrap_or((line, goods, from));
                let to = match ORDERS[line].0 {
                    OrderKind::Transfer => Some(if random.random() { DESTINATION } else { to }),
                    _ => random.random::<bool>().then_some(to),
                };
                let to = if to == Some(from) { Some((from + 1) % PLACES.len()) } else { to };
                Act::Move(Movement { line: Some(line), goods, from: Some(from), to, quantity })
            }
            18 | 19 if kind == OrderKind::Purchase => moved(Some(line), None, Some(to)),
            18 => moved(Some(line), None, Some(to)),
            19 => moved(Some(line), Some(from), None),
            20 | 21 => Act::Count(goods, place, random.random_range(0..10)),
            22 => match random.random_range(0..9) {
                0 | 1 => Act::Cancel(line),
                2 | 3 => Act::Close(line),
                4..=6 => Act::Reopen(line),
                _ => moved(None, None, Some(to)),
            },
            _ => match done.get(random.random_range(0..done.len().max(1))) {
                Some((movement, id)) => Act::Undo(*movement, *id),
                None => moved(None, None, Some(to)),
            },
        }
    }
}
