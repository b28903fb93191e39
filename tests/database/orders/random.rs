//! Random commands: each must be accepted or refused as the model says, and afterwards model and database must hold the same.

use std::sync::Arc;

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use stockroom::domain::MovementId;
use stockroom::service::{Release, new_id};
use tokio_postgres::Client;

use super::commands::Orders;
use super::model::{Act, GOODS, Model, Movement, PLACES};
use super::{broken_invariants, scene};
use crate::support::database::TestDatabase;
use crate::support::raw::connect;

const STEPS: u32 = 150;

/// The levels by goods and place, as they are numbered in the model.
const LEVELS: &str = "SELECT p.sku, lot.code, c.code, s.on_hand::bigint, s.reserved::bigint
    FROM stock.stock_levels s JOIN stock.products p USING (product_id) JOIN stock.locations c USING (location_id) LEFT JOIN stock.lots lot ON lot.lot_id = s.lot_id";
const PROGRESS: &str = "SELECT g.reserved::bigint, g.moved::bigint, g.returned::bigint
    FROM unnest($1::uuid[]) WITH ORDINALITY AS l (id, number) JOIN stock.order_progress g ON g.order_line_id = l.id ORDER BY l.number";

/// Whether a movement that was posted is undone later on.
fn note(done: &mut Vec<(Movement, MovementId)>, act: &Act, id: MovementId) {
    match act {
        Act::Move(movement) if movement.line.is_some() => done.push((*movement, id)),
        Act::Undo(_, undone) => done.retain(|(_, known)| known != undone),
        _ => {}
    }
}

/// Runs random commands one after the other; tells the first difference between the model and the database.
async fn run(database: &TestDatabase, seed: u64) -> Result<(), String> {
    let admin = database.service("admin");
    let orders = Orders::confirmed(&admin).await;
    let mut random = StdRng::seed_from_u64(seed);
    let session = connect(database.superuser_url()).await;
    let (mut model, mut done) = (Model::default(), Vec::new());
    let (mut accepted, mut refused) = (0, 0);
    for step in 0..STEPS {
        let act = model.draw(&mut random, &done);
        let id = new_id();
        let expected = model.after(&act);
        let told = format!("seed {seed}, step {step}, {act:?}");
        let was_accepted = orders.send(&admin, &act, id).await?;
        if was_accepted != expected.is_some() {
            return Err(format!("{told}: accepted {was_accepted}, in {model:?}"));
        }
        if let Some(next) = expected {
            model = next;
            accepted += 1;
            note(&mut done, &act, id.line(0));
            // The same id once more changes nothing.
            if random.random_range(0..4) == 0 && !orders.send(&admin, &act, id).await? {
                return Err(format!("{told}: was refused when it was sent again"));
            }
        } else {
            refused += 1;
        }
        let broken = broken_invariants(&session).await;
        if !broken.is_empty() {
            return Err(format!("{told}: {broken:?}"));
        }
        compare(&session, &model, &orders).await.map_err(|difference| format!("{told}: {difference}"))?;
    }
    if accepted < STEPS / 4 || refused == 0 {
        return Err(format!("{accepted} accepted, {refused} refused: the commands prove little"));
    }
    Ok(())
}

async fn compare(session: &Client, model: &Model, orders: &Orders) -> Result<(), String> {
    let mut found = Model::default().on_hand.map(|places| places.map(|_| (0_i64, 0_i64)));
    for row in session.query(LEVELS, &[]).await.unwrap() {
        let (sku, lot, code): (&str, Option<&str>, &str) = (row.get(0), row.get(1), row.get(2));
        let known = |goods: &super::model::Goods| goods.sku == sku && goods.lot.map(|(code, _)| code) == lot;
        let goods = GOODS.iter().position(known).unwrap();
        let place = PLACES.iter().position(|known| *known == code).unwrap();
        found[goods][place] = (row.get(3), row.get(4));
    }
    for (goods, places) in found.iter().enumerate() {
        for (place, found) in places.iter().enumerate() {
            let expected = model.level(goods, place);
            if *found != expected {
                return Err(format!("goods {goods} at {} are {found:?}, not {expected:?}", PLACES[place]));
            }
        }
    }
    let ids: Vec<uuid::Uuid> = orders.lines.iter().map(|line| line.uuid()).collect();
    let rows = session.query(PROGRESS, &[&ids]).await.unwrap();
    for (number, (line, row)) in model.lines.iter().zip(&rows).enumerate() {
        let found: (i64, i64, i64) = (row.get(0), row.get(1), row.get(2));
        let expected = (line.open.iter().flatten().sum(), line.moved, line.returned);
        if found != expected {
            return Err(format!("line {number} has {found:?}, not {expected:?}"));
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_database_does_what_the_model_says() {
    let seed: u64 = rand::random();
    println!("seed {seed}");
    let database = scene().await;
    run(&database, seed).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_concurrent_sessions_keep_every_invariant() {
    let seed: u64 = rand::random();
    println!("seed {seed}");
    let database = scene().await;
    let admin = database.service("admin");
    let orders = Arc::new(Orders::confirmed(&admin).await);
    let sessions: Vec<_> = (0..8)
        .map(|number| {
            let (service, orders) = (database.service("admin"), Arc::clone(&orders));
            let mut random = StdRng::seed_from_u64(seed.wrapping_add(number));
            tokio::spawn(async move {
                // Nobody knows what the others did, so each draws by what there would be without them.
                let (mut model, mut done, mut accepted) = (Model::default(), Vec::new(), 0);
                for _ in 0..40 {
                    let act = match model.draw(&mut random, &done) {
                        // An order that is over would end the test early.
                        Act::Cancel(line) | Act::Close(line) => Act::ReserveAll(line),
                        act => act,
                    };
                    let id = new_id();
                    // Too many conflicts are an answer too.
                    if orders.send(&service, &act, id).await.unwrap_or(false) {
                        accepted += 1;
                        note(&mut done, &act, id.line(0));
                        model = model.after(&act).unwrap_or(model);
                    }
                }
                accepted
            })
        })
        .collect();
    let mut accepted = 0;
    for session in sessions {
        accepted += session.await.unwrap();
    }
    assert!(accepted > 8 * 40 / 5, "{accepted} accepted: the commands prove little");
    let session = connect(database.superuser_url()).await;
    assert_eq!(broken_invariants(&session).await, Vec::<String>::new());
    for number in &orders.numbers {
        if admin.order(number).await.unwrap().row.reserved.is_zero() {
            continue;
        }
        let reason = "everything is released".parse().unwrap();
        let release = Release { number: number.clone(), lines: Vec::new(), reason, id: None };
        let released = admin.release_order(&release).await.unwrap();
        assert!(released.order.row.reserved.is_zero());
    }
    assert_eq!(broken_invariants(&session).await, Vec::<String>::new());
}

/// A mutant of the triggers: its name, the function, a part of its text, and the text that replaces it.
const MUTANTS: [(&str, &str, &str, &str); 10] = [
    (
        "reservation not consumed",
        "stock.post_levels",
        "effect IN ('fulfilled', 'carried') THEN -quantity",
        "effect = 'carried' THEN -quantity",
    ),
    (
        "reservation consumed twice",
        "stock.post_levels",
        "reserved = l.reserved + m.reserved",
        "reserved = l.reserved + 2 * m.reserved",
    ),
    ("moved quantity not added", "stock.change_order_lines", "moved = g.moved + s.moved", "moved = g.moved"),
    ("rows not added up", "stock.post_reservations", "sum(n.change) AS change", "max(n.change) AS change"),
    (
        "allocations not added up",
        "stock.change_order_lines",
        "sum(c.open) AS change",
        "max(c.open) AS change",
    ),
    ("closed orders accepted", "stock.order_is_open", "= 1", "IS NOT NULL"),
    (
        "delivery counted twice",
        "stock.post_levels",
        "CASE c.effect WHEN 'fulfilled' THEN c.quantity",
        "CASE c.effect WHEN 'fulfilled' THEN CASE WHEN c.from_location_id IS NULL THEN 2 * c.quantity ELSE c.quantity END",
    ),
    (
        "return to the supplier not counted",
        "stock.post_levels",
        "CASE c.effect WHEN 'returned' THEN c.quantity",
        "CASE c.effect WHEN 'returned' THEN CASE WHEN c.from_location_id IS NULL THEN c.quantity ELSE 0 END",
    ),
    ("expired goods reserved", "stock.post_reservations", "THEN 'reserved_goods_available'", "THEN NULL"),
    (
        "lots mixed up",
        "stock.change_order_lines",
        "AND (a.lot_id = c.lot_id OR (a.lot_id IS NULL AND c.lot_id IS NULL))",
        "AND (a.lot_id IS NULL) = (c.lot_id IS NULL)",
    ),
];

/// Mutants that lack a CHECK: the table and the name of the constraint.
const UNCHECKED: [(&str, &str); 2] =
    [("stock_levels", "stock_levels_reserved_range"), ("order_progress", "order_progress_within_order")];

/// The seeds with which a mutant is tried, until one detects it.
const SEEDS: std::ops::RangeInclusive<u64> = 1..=12;

/// Whether some seed detects a change to the triggers.
async fn is_caught(name: &str, mutate: impl AsyncFn(&Client)) -> bool {
    // A database for each seed, because the model begins with nothing on hand.
    for seed in SEEDS {
        let database = scene().await;
        mutate(&connect(database.superuser_url()).await).await;
        if let Err(difference) = run(&database, seed).await {
            println!("{name}: {difference}");
            return true;
        }
    }
    false
}

#[tokio::test(flavor = "multi_thread")]
async fn every_mutant_of_the_triggers_is_caught() {
    for (name, function, part, instead) in MUTANTS {
        let caught = is_caught(name, async |session| {
            let select = "SELECT pg_get_functiondef(to_regproc($1::text)::oid)";
            let text: String = session.query_one(select, &[&function]).await.unwrap().get(0);
            assert!(text.contains(part), "{name}: {function} does not say {part}");
            session.batch_execute(&text.replace(part, instead)).await.unwrap();
        });
        assert!(caught.await, "{name} was not caught");
    }
    for (table, check) in UNCHECKED {
        let drop = format!("ALTER TABLE stock.{table} DROP CONSTRAINT {check}");
        let caught = is_caught(check, async |session| session.batch_execute(&drop).await.unwrap());
        assert!(caught.await, "the absence of the CHECK {check} was not detected");
    }
}
