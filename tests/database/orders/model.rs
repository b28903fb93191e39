//! A model in memory against the database: each command must be accepted or refused as the model says, and afterwards both
//! must hold the same. The model knows nothing of tables; it follows docs/orders.md.

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use rust_decimal::Decimal;
use stockroom::domain::{
    Line, MovementId, MovementKind, OrderLineId, OrderNumber, Posting, PostingId, ReservationChange,
    Reservations, Reversal,
};
use stockroom::service::{Decision, Service, new_id};

use super::{broken_invariants, sales_order, scene};
use crate::support::commands::count;
use crate::support::database::{TestDatabase, line, posting_with_id};
use crate::support::raw::connect;

const PLACES: [&str; 3] = ["X", "Y", "DOCK"];
const ORDERS: usize = 3;
const ORDERED: i64 = 12;

/// What one order line holds.
#[derive(Debug, Clone, Default)]
struct ModelLine {
    open: [i64; 3],
    moved: i64,
    returned: i64,
    is_over: bool,
}

/// What there is.
#[derive(Debug, Clone, Default)]
struct Model {
    on_hand: [i64; 3],
    lines: [ModelLine; ORDERS],
}

/// A command; numbers are places, lines and quantities.
#[derive(Debug, Clone)]
enum Act {
    Receive(usize, i64),
    Issue(usize, i64),
    Move(usize, usize, i64),
    /// Changes of one line at one place that are posted together.
    Reserve(usize, usize, Vec<i64>),
    Pick(usize, usize, usize, i64),
    Ship(usize, usize, i64),
    Return(usize, usize, i64),
    Count(usize, i64),
    Cancel(usize),
    /// The shipment of a line from a place is undone.
    Unship(usize, usize, i64, MovementId),
}

impl Model {
    fn reserved(&self, place: usize) -> i64 {
        self.lines.iter().map(|line| line.open[place]).sum()
    }

    fn is_sound(&self) -> bool {
        (0..3).all(|place| self.on_hand[place] >= 0 && self.reserved(place) <= self.on_hand[place])
            && self.lines.iter().all(|line| {
                line.open.iter().all(|open| *open >= 0)
                    && line.moved + line.open.iter().sum::<i64>() <= ORDERED
                    && (0..=line.moved).contains(&line.returned)
            })
    }

    /// Does a command; none if it must be refused.
    fn after(&self, act: &Act) -> Option<Self> {
        let mut next = self.clone();
        match act {
            Act::Receive(at, quantity) => next.on_hand[*at] += quantity,
            Act::Issue(at, quantity) => next.on_hand[*at] -= quantity,
            Act::Move(from, to, quantity) => {
                next.on_hand[*from] -= quantity;
                next.on_hand[*to] += quantity;
            }
            Act::Reserve(line, at, changes) => {
                if self.lines[*line].is_over && changes.iter().any(|change| *change > 0) {
                    return None;
                }
                next.lines[*line].open[*at] += changes.iter().sum::<i64>();
            }
            Act::Pick(line, from, to, quantity) => {
                next.on_hand[*from] -= quantity;
                next.on_hand[*to] += quantity;
                next.lines[*line].open[*from] -= quantity;
                next.lines[*line].open[*to] += quantity;
            }
            Act::Ship(line, from, quantity) => {
                next.on_hand[*from] -= quantity;
                next.lines[*line].open[*from] -= quantity;
                next.lines[*line].moved += quantity;
            }
            Act::Return(line, to, quantity) => {
                next.on_hand[*to] += quantity;
                next.lines[*line].returned += quantity;
            }
            Act::Unship(line, to, quantity, _) => {
                next.on_hand[*to] += quantity;
                next.lines[*line].moved -= quantity;
            }
            Act::Count(at, counted) => {
                next.on_hand[*at] = *counted;
                // The newest promises first: the orders were confirmed in their order.
                let mut beyond = self.reserved(*at) - counted;
                for line in next.lines.iter_mut().rev() {
                    let released = beyond.clamp(0, line.open[*at]);
                    line.open[*at] -= released;
                    beyond -= released;
                }
            }
            Act::Cancel(line) => {
                let line = &mut next.lines[*line];
                if line.is_over || line.moved > 0 {
                    return None;
                }
                line.is_over = true;
                line.open = [0; 3];
            }
        }
        let carries_out = match act {
            Act::Pick(line, ..) | Act::Ship(line, ..) => self.lines[*line].is_over,
            _ => false,
        };
        (next.is_sound() && !carries_out).then_some(next)
    }

    fn draw(random: &mut StdRng, shipped: &[(usize, usize, i64, MovementId)]) -> Act {
        let place = random.random_range(0..3);
        let other = (place + random.random_range(1..3)) % 3;
        let line = random.random_range(0..ORDERS);
        let quantity = random.random_range(1..7);
        match random.random_range(0..21) {
            0..=3 => Act::Receive(place, quantity),
            4 => Act::Issue(place, quantity),
            5 => Act::Move(place, other, quantity),
            6..=9 => Act::Reserve(line, place, vec![quantity]),
            10 => Act::Reserve(line, place, vec![quantity, random.random_range(1..4)]),
            11 => Act::Reserve(line, place, vec![-quantity]),
            12 | 13 => Act::Pick(line, place, other, quantity),
            14..=16 => Act::Ship(line, place, quantity),
            17 => Act::Return(line, place, quantity),
            18 => Act::Count(place, random.random_range(0..10)),
            19 if random.random_range(0..6) == 0 => Act::Cancel(line),
            _ => match shipped.get(random.random_range(0..shipped.len().max(1))) {
                Some((line, from, quantity, id)) => Act::Unship(*line, *from, *quantity, *id),
                None => Act::Receive(place, quantity),
            },
        }
    }
}

/// The orders that the commands are about.
struct Orders {
    numbers: Vec<OrderNumber>,
    lines: Vec<OrderLineId>,
}

impl Orders {
    async fn confirmed(admin: &Service) -> Self {
        let (mut numbers, mut lines) = (Vec::new(), Vec::new());
        for _ in 0..ORDERS {
            let number = sales_order(admin, u32::try_from(ORDERED).unwrap()).await;
            lines.push(admin.order(&number).await.unwrap().lines[0].order_line_id);
            numbers.push(number);
        }
        Self { numbers, lines }
    }

    fn moved(
        &self,
        id: PostingId,
        kind: MovementKind,
        of: Option<usize>,
        from: &str,
        to: &str,
        quantity: i64,
    ) -> Posting {
        let order_line = of.map(|line| self.lines[line]);
        let line = Line { order_line, ..line("A", &quantity.to_string(), from, to) };
        posting_with_id(id, kind, vec![line])
    }

    /// Sends a command; whether it was accepted.
    async fn send(&self, service: &Service, act: &Act, id: PostingId) -> Result<bool, String> {
        use MovementKind::{Issue, Receipt, Transfer};
        let outcome = match act {
            Act::Receive(at, quantity) => {
                service.post(&self.moved(id, Receipt, None, "", PLACES[*at], *quantity)).await.map(|_| ())
            }
            Act::Issue(at, quantity) => {
                service.post(&self.moved(id, Issue, None, PLACES[*at], "", *quantity)).await.map(|_| ())
            }
            Act::Move(from, to, quantity) => {
                let posting = self.moved(id, Transfer, None, PLACES[*from], PLACES[*to], *quantity);
                service.post(&posting).await.map(|_| ())
            }
            Act::Pick(line, from, to, quantity) => {
                let posting = self.moved(id, Transfer, Some(*line), PLACES[*from], PLACES[*to], *quantity);
                service.post(&posting).await.map(|_| ())
            }
            Act::Ship(line, from, quantity) => service
                .post(&self.moved(id, Issue, Some(*line), PLACES[*from], "", *quantity))
                .await
                .map(|_| ()),
            Act::Return(line, to, quantity) => service
                .post(&self.moved(id, Receipt, Some(*line), "", PLACES[*to], *quantity))
                .await
                .map(|_| ()),
            Act::Unship(_, _, _, movement) => {
                let reason = "undone".parse().unwrap();
                let reversal = Reversal { target: *movement, movement_only: true, reason, id: Some(id) };
                service.reverse(reversal).await.map(|_| ())
            }
            Act::Count(at, counted) => {
                let mut counted = count("A", &counted.to_string(), PLACES[*at]);
                counted.details.id = Some(id);
                service.count(counted).await.map(|_| ())
            }
            Act::Cancel(line) => {
                let reason = "cancelled".parse().unwrap();
                let decision =
                    service.decide(&self.numbers[*line], &Decision::Cancel, Some(&reason), Some(id));
                decision.await.map(|_| ())
            }
            Act::Reserve(line, at, changes) => {
                let change = |change: &i64| ReservationChange {
                    order_line: self.lines[*line],
                    sku: "A".parse().unwrap(),
                    location: PLACES[*at].parse().unwrap(),
                    lot: None,
                    change: Decimal::from(*change),
                };
                let reason = Some("drawn at random".parse().unwrap());
                let act = Reservations { id, reason, changes: changes.iter().map(change).collect() };
                service.store().reserve(&act).await.map(|_| ()).map_err(Into::into)
            }
        };
        match outcome {
            Ok(()) => Ok(true),
            Err(error) if error.refusal().is_some() => Ok(false),
            Err(error) => Err(format!("{error:?}")),
        }
    }
}

/// Runs random commands one after the other; tells the first difference between the model and the database.
async fn run(database: &TestDatabase, seed: u64, steps: u32) -> Result<(), String> {
    let admin = database.service("admin");
    let orders = Orders::confirmed(&admin).await;
    let mut random = StdRng::seed_from_u64(seed);
    let session = connect(database.superuser_url()).await;
    let (mut model, mut shipped) = (Model::default(), Vec::new());
    let (mut accepted, mut refused) = (0, 0);
    for step in 0..steps {
        let act = Model::draw(&mut random, &shipped);
        let id = new_id();
        let expected = match &act {
            Act::Unship(.., movement) if !shipped.iter().any(|known| known.3 == *movement) => None,
            act => model.after(act),
        };
        let told = format!("seed {seed}, step {step}, {act:?}");
        let was_accepted = orders.send(&admin, &act, id).await?;
        if was_accepted != expected.is_some() {
            return Err(format!("{told}: accepted {was_accepted}, in {model:?}"));
        }
        if let Some(next) = expected {
            model = next;
            accepted += 1;
            match &act {
                Act::Ship(line, from, quantity) => shipped.push((*line, *from, *quantity, id.line(0))),
                Act::Unship(.., movement) => shipped.retain(|known| known.3 != *movement),
                _ => {}
            }
            // The same id once more changes nothing.
            if random.random_range(0..4) == 0 && !orders.send(&admin, &act, id).await? {
                return Err(format!("{told}: was refused when it was sent again"));
            }
        } else {
            refused += 1;
        }
        let broken = broken_invariants(database).await;
        if !broken.is_empty() {
            return Err(format!("{told}: {broken:?}"));
        }
        compare(&session, &model, &orders).await.map_err(|difference| format!("{told}: {difference}"))?;
    }
    if accepted < steps / 4 || refused == 0 {
        return Err(format!("{accepted} accepted, {refused} refused: the commands prove little"));
    }
    Ok(())
}

async fn compare(session: &tokio_postgres::Client, model: &Model, orders: &Orders) -> Result<(), String> {
    for (place, code) in PLACES.iter().enumerate() {
        let row = session
            .query_opt(
                "SELECT s.on_hand::bigint, s.reserved::bigint FROM stock.stock_levels s JOIN stock.locations l USING (location_id) JOIN stock.products p USING (product_id)
                 WHERE l.code = $1 AND p.sku = 'A'",
                &[code],
            )
            .await
            .unwrap();
        let found = row.map_or((0_i64, 0_i64), |row| (row.get(0), row.get(1)));
        let expected = (model.on_hand[place], model.reserved(place));
        if found != expected {
            return Err(format!("{code} holds {found:?}, not {expected:?}"));
        }
    }
    for (line, id) in model.lines.iter().zip(&orders.lines) {
        let select = "SELECT reserved::bigint, moved::bigint, returned::bigint FROM stock.order_progress WHERE order_line_id = $1";
        let row = session.query_one(select, &[&id.uuid()]).await.unwrap();
        let found: (i64, i64, i64) = (row.get(0), row.get(1), row.get(2));
        let expected = (line.open.iter().sum(), line.moved, line.returned);
        if found != expected {
            return Err(format!("a line has {found:?}, not {expected:?}"));
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_database_does_what_the_model_says() {
    let seed: u64 = rand::random();
    println!("seed {seed}");
    let database = scene().await;
    run(&database, seed, 150).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_sessions_at_once_leave_every_invariant_whole_and_nobody_stuck() {
    let seed: u64 = rand::random();
    println!("seed {seed}");
    let database = scene().await;
    let admin = database.service("admin");
    let orders = std::sync::Arc::new(Orders::confirmed(&admin).await);
    let sessions: Vec<_> = (0..8)
        .map(|number| {
            let (service, orders) = (database.service("admin"), std::sync::Arc::clone(&orders));
            let mut random = StdRng::seed_from_u64(seed.wrapping_add(number));
            tokio::spawn(async move {
                let mut shipped = Vec::new();
                for _ in 0..40 {
                    let act = match Model::draw(&mut random, &shipped) {
                        // An order that is over would end the test early.
                        Act::Cancel(line) => Act::Reserve(line, 0, vec![1]),
                        act => act,
                    };
                    let id = new_id();
                    // Too many conflicts are an answer too.
                    if orders.send(&service, &act, id).await.unwrap_or(false)
                        && let Act::Ship(line, from, quantity) = act
                    {
                        shipped.push((line, from, quantity, id.line(0)));
                    }
                }
            })
        })
        .collect();
    for session in sessions {
        session.await.unwrap();
    }
    assert_eq!(broken_invariants(&database).await, Vec::<String>::new());
    for number in &orders.numbers {
        if admin.order(number).await.unwrap().row.reserved.is_zero() {
            continue;
        }
        let reason = "everything is released".parse().unwrap();
        let release =
            stockroom::service::Release { number: number.clone(), lines: Vec::new(), reason, id: None };
        let released = admin.release_order(&release).await.unwrap();
        assert!(released.order.row.reserved.is_zero());
    }
    assert_eq!(broken_invariants(&database).await, Vec::<String>::new());
}

/// Mutants of the triggers: the function, a part of its text, and what stands there instead.
const MUTANTS: [(&str, &str, &str, &str); 6] = [
    (
        "no consume",
        "stock.post_levels",
        "effect IN ('fulfilled', 'carried') THEN -quantity",
        "effect = 'carried' THEN -quantity",
    ),
    (
        "consumed twice",
        "stock.post_levels",
        "reserved = l.reserved + m.reserved",
        "reserved = l.reserved + 2 * m.reserved",
    ),
    ("forgotten sum", "stock.change_order_lines", "moved = g.moved + s.moved", "moved = g.moved"),
    ("rows judged apart", "stock.post_reservations", "sum(n.change) AS change", "max(n.change) AS change"),
    (
        "allocations not added up",
        "stock.change_order_lines",
        "sum(c.open) AS change",
        "max(c.open) AS change",
    ),
    ("order not looked at", "stock.order_is_open", "= 1", "IS NOT NULL"),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_mutant_of_the_triggers_is_caught() {
    for (name, function, part, instead) in MUTANTS {
        let mut caught = false;
        // A database for each seed, because the model begins with nothing on hand.
        for seed in 1..=4 {
            let database = scene().await;
            let session = connect(database.superuser_url()).await;
            let select = "SELECT pg_get_functiondef(to_regproc($1::text)::oid)";
            let text: String = session.query_one(select, &[&function]).await.unwrap().get(0);
            assert!(text.contains(part), "{name}: {function} does not say {part}");
            session.batch_execute(&text.replace(part, instead)).await.unwrap();
            if let Err(difference) = run(&database, seed, 150).await {
                println!("{name}: {difference}");
                caught = true;
                break;
            }
        }
        assert!(caught, "{name} was not caught");
    }
    // The check itself: without it, the model refuses what the database takes.
    let database = scene().await;
    let session = connect(database.superuser_url()).await;
    session
        .batch_execute("ALTER TABLE stock.stock_levels DROP CONSTRAINT stock_levels_reserved_range")
        .await
        .unwrap();
    run(&database, 1, 150).await.unwrap_err();
}
