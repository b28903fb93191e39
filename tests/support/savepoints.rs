//! Transactions with savepoints, as people and programs with their own session make them: the statements with which
//! Stockroom posts, before and after savepoints that are made, released and rolled back to.

use rand::RngExt as _;
use rand::rngs::StdRng;
use rust_decimal::Decimal;
use stockroom::store::{INSERT_MOVEMENT, INSERT_POSTING};
use tokio_postgres::{Client, Error};
use uuid::Uuid;

/// Names as they are written, and as the server keeps them.
const NAMES: [(&str, &str); 5] =
    [("a", "a"), ("A", "a"), ("\"A\"", "A"), ("savepoint", "savepoint"), ("\"b; \"\"c\"", "b; \"c")];

/// Where goods are posted to: product and place.
#[derive(Debug, Clone, Copy)]
pub struct Shelf(pub i64, pub i64);

impl Shelf {
    /// All there are.
    pub async fn all(client: &Client) -> Result<Vec<Self>, Error> {
        let rows = client
            .query("SELECT product_id, location_id FROM stock.products, stock.locations WHERE tracking = 'none' AND kind = 'bin' ORDER BY 1, 2", &[])
            .await?;
        Ok(rows.iter().map(|row| Self(row.get(0), row.get(1))).collect())
    }
}

/// Posts a receipt of one unit.
pub async fn post(client: &Client, id: Uuid, shelf: Shelf) -> Result<u64, Error> {
    post_movement(client, id, "receipt", None, Some(shelf), Decimal::ONE).await
}

/// Tries to issue more than there is.
pub async fn refuse(client: &Client, shelf: Shelf) -> Result<u64, Error> {
    let id = stockroom::service::new_id().uuid();
    post_movement(client, id, "issue", Some(shelf), None, Decimal::new(99_999_999, 0)).await
}

async fn post_movement(
    client: &Client,
    id: Uuid,
    kind: &str,
    from: Option<Shelf>,
    to: Option<Shelf>,
    quantity: Decimal,
) -> Result<u64, Error> {
    let at: jiff::Timestamp = client.query_one("SELECT stock.uuid_time($1)", &[&id]).await?.get(0);
    let product = from.or(to).unwrap().0;
    let place = |shelf: Option<Shelf>| shelf.map(|shelf| shelf.1);
    let (from, to) = (place(from), place(to));
    let (none, text, uuid) = (None::<i64>, None::<&str>, None::<Uuid>);
    let price = None::<Decimal>;
    client
        .execute(
            INSERT_MOVEMENT,
            &[
                &id, &at, &id, &kind, &product, &none, &from, &to, &none, &quantity, &price, &text, &text,
                &uuid,
            ],
        )
        .await
}

/// Posts a receipt of one unit on each of two shelves.
async fn post_two(
    client: &Client,
    id: stockroom::domain::PostingId,
    shelves: [Shelf; 2],
) -> Result<u64, Error> {
    let ids = vec![id.line(0).uuid(), id.line(1).uuid()];
    let products = shelves.map(|shelf| shelf.0).to_vec();
    let to = shelves.map(|shelf| Some(shelf.1)).to_vec();
    let none = vec![None::<i64>; 2];
    let (quantities, prices) = (vec![Decimal::ONE; 2], vec![None::<Decimal>; 2]);
    let (partner, text, reverses) = (None::<i64>, None::<&str>, vec![None::<Uuid>; 2]);
    client
        .execute(
            INSERT_POSTING,
            &[
                &id.occurred_at(),
                &id.uuid(),
                &"receipt",
                &partner,
                &text,
                &text,
                &ids,
                &products,
                &none,
                &none,
                &to,
                &quantities,
                &prices,
                &reverses,
            ],
        )
        .await
}

/// A transaction drawn at random. An error that was not drawn ends it, as it would end a program's.
pub async fn drawn(client: &Client, shelves: &[Shelf], random: &mut StdRng) {
    let outcome = Drawn { client, shelves, open: Vec::new(), taken: Vec::new() }.run(random).await;
    if outcome.is_err() {
        client.batch_execute("ROLLBACK").await.ok();
    }
}

struct Drawn<'a> {
    client: &'a Client,
    shelves: &'a [Shelf],
    /// The savepoints, as the server keeps their names.
    open: Vec<&'static str>,
    /// Movements that may be posted once more.
    taken: Vec<Uuid>,
}

impl Drawn<'_> {
    async fn run(mut self, random: &mut StdRng) -> Result<(), Error> {
        self.client.batch_execute(["BEGIN", "START TRANSACTION"][random.random_range(0..2)]).await?;
        for _ in 0..random.random_range(3..16) {
            self.step(random).await?;
        }
        let end = ["COMMIT", "END WORK", "COMMIT", "COMMIT", "ROLLBACK"][random.random_range(0..5)];
        self.client.batch_execute(end).await
    }

    async fn step(&mut self, random: &mut StdRng) -> Result<(), Error> {
        let shelf = self.shelves[random.random_range(0..self.shelves.len())];
        let (written, kept) = NAMES[random.random_range(0..NAMES.len())];
        match random.random_range(0..12) {
            0..=3 => {
                let again = self.taken.pop().filter(|_| random.random());
                let id = again.unwrap_or_else(|| stockroom::service::new_id().uuid());
                // An id that is there all the same is refused, and that is part of it.
                match post(self.client, id, shelf).await {
                    Ok(_) => self.taken.push(id),
                    Err(error) => self.recover(error, random).await?,
                }
            }
            4 => {
                let other = self.shelves[random.random_range(0..self.shelves.len())];
                let posted = post_two(self.client, stockroom::service::new_id(), [shelf, other]).await;
                if let Err(error) = posted {
                    self.recover(error, random).await?;
                }
            }
            5 | 6 => {
                self.client.batch_execute(&format!("SAVEPOINT {written}")).await?;
                self.open.push(kept);
            }
            7 => self.leave(written, kept, true, random).await?,
            8 => self.leave(written, kept, false, random).await?,
            9 => {
                let script = format!(
                    "SAVEPOINT x; SELECT ';'; SAVEPOINT {written}; RELEASE {written}; ROLLBACK TO x; SAVEPOINT {written}; SAVEPOINT \"x\""
                );
                self.client.batch_execute(&script).await?;
                self.open.extend(["x", kept, "x"]);
            }
            10 => {
                let script =
                    format!("SAVEPOINT {written}; SELECT 1/0; ROLLBACK TO {written}; SAVEPOINT never");
                if let Err(error) = self.client.batch_execute(&script).await {
                    self.open.push(kept);
                    self.recover(error, random).await?;
                }
            }
            _ => self.fail(shelf, random).await?,
        }
        Ok(())
    }

    /// Does something that fails, in one of several ways.
    async fn fail(&mut self, shelf: Shelf, random: &mut StdRng) -> Result<(), Error> {
        let outcome = match random.random_range(0..3) {
            0 => refuse(self.client, shelf).await.map(|_| ()),
            1 => self.client.batch_execute("SELECT 1/0").await,
            _ => self.client.batch_execute("ROLLBACK TO no_such_savepoint").await,
        };
        match outcome {
            Ok(()) => Ok(()),
            Err(error) => self.recover(error, random).await,
        }
    }

    /// Releases a savepoint or goes back to it, if it is open.
    async fn leave(
        &mut self,
        written: &str,
        kept: &str,
        release: bool,
        random: &mut StdRng,
    ) -> Result<(), Error> {
        let Some(place) = self.open.iter().rposition(|open| *open == kept) else { return Ok(()) };
        let forms: &[&str] = if release {
            &["RELEASE", "release savepoint"]
        } else {
            &["ROLLBACK TO", "rollback work to savepoint", "ROLLBACK TRANSACTION /* ; */ TO"]
        };
        let form = forms[random.random_range(0..forms.len())];
        self.client.batch_execute(&format!("{form} {written};")).await?;
        self.open.truncate(place + usize::from(!release));
        Ok(())
    }

    /// Goes back to a savepoint, if there is one, and sometimes leaves all of them behind.
    async fn recover(&mut self, error: Error, random: &mut StdRng) -> Result<(), Error> {
        let (Some(innermost), false) = (self.open.last().copied(), self.client.is_closed()) else {
            return Err(error);
        };
        let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
        if random.random() {
            return self.client.batch_execute(&format!("ROLLBACK TO {}", quoted(innermost))).await;
        }
        if random.random() {
            let first = quoted(self.open[0]);
            let place = self.open.iter().rposition(|open| *open == self.open[0]).unwrap_or_default();
            self.open.truncate(place);
            return self.client.batch_execute(&format!("ROLLBACK TO {first}; RELEASE {first}")).await;
        }
        let name = self.open[random.random_range(0..self.open.len())];
        let place = self.open.iter().rposition(|open| *open == name).unwrap_or_default();
        self.client.batch_execute(&format!("ROLLBACK TO {}; SAVEPOINT y", quoted(name))).await?;
        self.open.truncate(place + 1);
        self.open.push("y");
        Ok(())
    }
}
