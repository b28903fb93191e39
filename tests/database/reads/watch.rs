//! The watermark changes with every write of another session and with nothing else; and who is logged in.

use stockroom::domain::Group;

use crate::support::commands::receipt;
use crate::support::database::{LOGINS, TestDatabase, product};
use crate::support::raw::connect;
use crate::support::server::TestServer;

#[tokio::test]
async fn a_write_of_another_session_changes_the_watermark() {
    // A server of its own: the writes of other tests would change it too.
    let server = TestServer::own(&[("autovacuum", "off")]);
    let database = TestDatabase::on(&server).await.with_catalogue(&["A"], &["X"]).await;
    let watcher = database.store("auditor");
    let clerk = database.service("clerk");
    let mut before = watcher.watermark().await.unwrap();
    assert_eq!(watcher.watermark().await.unwrap(), before, "nothing was written");
    clerk.store().stock(&Default::default()).await.unwrap();
    watcher.session_facts().await.unwrap();
    assert_eq!(watcher.watermark().await.unwrap(), before, "reading is no write");
    clerk.receive(receipt("A", "1", "X")).await.unwrap();
    let after = watcher.watermark().await.unwrap();
    assert_ne!(after, before, "a movement");
    before = after;
    database.service("admin").add_product(product("B", stockroom::domain::Tracking::None)).await.unwrap();
    let after = watcher.watermark().await.unwrap();
    assert_ne!(after, before, "master data");
    // A transaction that began before the reading and commits after it.
    let mut slow = connect(&database.url("admin")).await;
    let transaction = slow.transaction().await.unwrap();
    transaction.execute("UPDATE stock.products SET name = 'other' WHERE sku = 'B'", &[]).await.unwrap();
    let before = watcher.watermark().await.unwrap();
    transaction.commit().await.unwrap();
    assert_ne!(watcher.watermark().await.unwrap(), before, "a commit in between");
}

#[tokio::test]
async fn a_session_knows_its_login_and_groups() {
    let database = TestDatabase::new().await;
    for (login, group) in LOGINS {
        let facts = database.store(login).session_facts().await.unwrap();
        assert_eq!((facts.login.as_str(), facts.groups.as_slice()), (login, [group].as_slice()));
        assert_eq!((facts.database, facts.encrypted), (database.name.clone(), false));
        assert!(facts.server_version.starts_with(char::is_numeric));
    }
    let superuser = stockroom::store::Store::new(database.superuser_url().parse().unwrap(), 1).unwrap();
    let facts = superuser.session_facts().await.unwrap();
    assert_eq!(facts.groups, [] as [Group; 0], "a superuser is nobody of the warehouse");
}
