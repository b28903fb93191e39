//! Processes of the program that reserve the same goods at the same time.

use std::sync::Arc;

use stockroom::domain::MovementKind;

use super::{broken_invariants, confirmed_order, scene};
use crate::support::database::{line, posting};
use crate::support::program::Program;
use crate::support::raw::connect;

const PROCESSES: usize = 16;
/// How many pieces each of them reserves, one after the other.
const EACH: u32 = 20;
const PIECES: u32 = 100;

#[tokio::test(flavor = "multi_thread")]
async fn sixteen_processes_reserve_the_last_hundred_pieces() {
    let database = scene().await;
    let admin = database.service("admin");
    admin.post(&posting(MovementKind::Receipt, vec![line("A", &PIECES.to_string(), "", "X")])).await.unwrap();
    let mut clerks = Vec::new();
    for _ in 0..PROCESSES {
        let number = confirmed_order(&admin, EACH).await.to_string();
        let program = Arc::new(Program::new(&database.url("clerk")));
        // A thread for each, which waits for one process after the other.
        clerks.push(tokio::task::spawn_blocking(move || {
            let (mut reserved, mut refused) = (0, 0);
            while reserved + refused < EACH {
                let ran = program.run(&["order", "reserve", &number, "--line", "1", "1"]);
                match ran.code {
                    0 => reserved += 1,
                    3 => {
                        let figures = ["0 of A available, need 1", "available 0, need 1"];
                        assert!(figures.iter().any(|figure| ran.stderr.contains(figure)), "{ran:?}");
                        refused += 1;
                    }
                    // Too many others at the same time: nothing was reserved, and it is tried again.
                    4 => {}
                    _ => panic!("{ran:?}"),
                }
            }
            (reserved, refused)
        }));
    }
    let (mut reserved, mut refused) = (0, 0);
    for clerk in clerks {
        let (these, those) = clerk.await.unwrap();
        reserved += these;
        refused += those;
    }
    assert_eq!((reserved, refused), (100, 220));
    let session = connect(database.superuser_url()).await;
    assert_eq!(broken_invariants(&session).await, Vec::<String>::new());
}
