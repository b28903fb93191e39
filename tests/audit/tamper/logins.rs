//! Logins and groups that are changed past the log.

use super::scene::{Scene, unseen};
use super::{Case, case};
use crate::support::raw::connect;

/// The cases.
pub fn cases() -> Vec<Case> {
    vec![
        case!(
            "A clerk is moved to the group of admins while recording is off",
            [ConfigurationChanged],
            |scene| {
                unseen(scene, "GRANT stock_admin TO clerk; REVOKE stock_clerk FROM clerk").await;
            }
        ),
        case!("An auditor is created while recording is off", [ConfigurationChanged], |scene| {
            unseen(scene, "CREATE ROLE eve LOGIN IN ROLE stock_auditor").await;
        }),
        case!(
            "A login is dropped and created again while recording is off",
            [ConfigurationChanged],
            |scene| {
                unseen(scene, "DROP ROLE analyst; CREATE ROLE analyst LOGIN IN ROLE stock_analyst").await;
            }
        ),
        case!("An admin disables a login, moves it to another group and enables it again", [], |scene| {
            move_analyst(scene).await;
        }),
    ]
}

/// What admins do with a login.
async fn move_analyst(scene: &mut Scene) {
    let admin = connect(&scene.database.url("admin")).await;
    for statement in [
        "SELECT stock.set_person_login('analyst', false)",
        "SELECT stock.set_person_group('analyst', 'stock_clerk')",
        "SELECT stock.set_person_login('analyst', true)",
    ] {
        admin.batch_execute(statement).await.unwrap_or_else(|error| panic!("{statement}: {error:?}"));
    }
}
