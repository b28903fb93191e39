//! Recording switched off, and triggers removed.
#![allow(clippy::too_many_lines, reason = "the list of cases is long")]

use std::io::Write as _;

use super::tables::insert;
use super::{Case, case};
use crate::support::commands::{count, receipt};

/// The cases.
pub fn cases() -> Vec<Case> {
    vec![
        case!("pgaudit is switched off in a session, and that session posts", [RowWithoutRecord], |scene| {
            scene.run("SET pgaudit.log = 'none'").await;
            scene.run(&insert("stock.transactions")).await;
        }),
        case!(
            "pgaudit is switched off for a login, which then posts",
            [RowWithoutRecord, ConfigurationChanged],
            |scene| {
                scene.run("ALTER ROLE clerk SET pgaudit.log = 'none'").await;
                scene.database.service("clerk").receive(receipt("A", "1", "X")).await.unwrap();
            }
        ),
        case!(
            "pgaudit is switched off for the database",
            [RowWithoutRecord, ConfigurationChanged],
            |scene| {
                scene.run(&format!("ALTER DATABASE {} SET pgaudit.log = 'none'", scene.database.name)).await;
                scene.database.service("clerk").receive(receipt("A", "1", "X")).await.unwrap();
            }
        ),
        case!(
            "pgaudit is switched off in the configuration file, and the server reloads",
            [RowWithoutRecord, ConfigurationChanged],
            |scene| {
                let path = scene.server.data_dir().join("extra.conf");
                let mut file = std::fs::OpenOptions::new().append(true).open(&path).unwrap();
                writeln!(file, "pgaudit.log = 'none'").unwrap();
                scene.reload("pgaudit.log", "none").await;
                scene.database.service("clerk").receive(receipt("A", "1", "X")).await.unwrap();
            }
        ),
        case!(
            "ALTER SYSTEM blanks the parameters of the records",
            [ConfigurationChanged, Unknown, ForeignWriter],
            |scene| {
                scene.run("ALTER SYSTEM SET pgaudit.log_parameter = off").await;
                scene.reload("pgaudit.log_parameter", "off").await;
                scene.database.service("clerk").receive(receipt("A", "1", "X")).await.unwrap();
            }
        ),
        case!(
            "The numbers of rows are not recorded for a while, and people post",
            [ConfigurationChanged],
            |scene| {
                for value in ["off", "on"] {
                    scene.run(&format!("ALTER SYSTEM SET pgaudit.log_rows = {value}")).await;
                    scene.reload("pgaudit.log_rows", value).await;
                    let clerk = scene.database.service("clerk");
                    clerk.receive(receipt("A", "1", "X")).await.unwrap();
                    clerk.count(count("A", "40", "X")).await.unwrap();
                }
            }
        ),
        case!("The extension is dropped", [ConfigurationChanged], |scene| scene
            .run("DROP EXTENSION pgaudit")
            .await),
        case!("The event triggers of pgaudit are disabled", [ConfigurationChanged], |scene| {
            scene.run("ALTER EVENT TRIGGER pgaudit_ddl_command_end DISABLE; ALTER EVENT TRIGGER pgaudit_sql_drop DISABLE").await;
        }),
        case!("A trigger is disabled by hand in the catalog", [ConfigurationChanged], |scene| {
            scene.run("UPDATE pg_trigger SET tgenabled = 'D' WHERE tgname = 'refuse_change_statement'").await;
        }),
        case!(
            "A trigger is disabled by hand in the catalog, with recording switched off",
            [ConfigurationChanged],
            |scene| {
                scene.run("SET pgaudit.log = 'none'; UPDATE pg_trigger SET tgenabled = 'D' WHERE tgname = 'refuse_change_statement'").await;
            }
        ),
        case!("A clerk is given the power to switch pgaudit off", [ConfigurationChanged], |scene| {
            scene.run("GRANT SET ON PARAMETER pgaudit.log TO clerk").await;
        }),
        case!("A clerk is made a superuser", [ConfigurationChanged], |scene| scene
            .run("ALTER ROLE clerk SUPERUSER")
            .await),
        case!("A clerk may write the levels", [ConfigurationChanged], |scene| {
            scene.run("GRANT ALL ON stock.stock_levels TO clerk").await;
        }),
    ]
}
