//! The audit records of postings: exactly one each, with every value, under the login that posted. And what must never
//! be in the log: passwords and their verifiers.

use std::fs;

use secrecy::SecretString;
use serde_json::Value;
use stockroom::domain::{Group, MovementKind, Posting, Tracking};
use stockroom::service::Count;
use stockroom::store::Store;

use crate::support::commands::{count, issue, lot_receipt, receipt, reversal, with_id};
use crate::support::database::{TestDatabase, line, posting, product};
use crate::support::raw::{connect, until_waiting};
use crate::support::server::TestServer;
use crate::support::wait::until;

/// The reference of the postings that only mark a place in the log.
const LAST: &str = "the last one";

/// The whole log of the server, as it is on the disk.
fn log_text(database: &TestDatabase) -> String {
    let mut files: Vec<_> =
        fs::read_dir(database.log_dir()).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| String::from_utf8_lossy(&fs::read(file).unwrap()).into_owned()).collect()
}

/// One record of pgaudit.
#[derive(Debug)]
struct Record {
    user: String,
    txid: u64,
    /// Class, command, object type, object name, statement, parameters, rows.
    fields: Vec<String>,
    parameters: Vec<String>,
}

/// One pass of unquoting.
fn unquoted(text: &str) -> Vec<String> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    reader
        .records()
        .next()
        .map(|record| record.unwrap().iter().map(str::to_owned).collect())
        .unwrap_or_default()
}

/// The records of one database.
fn records(database: &TestDatabase) -> Vec<Record> {
    log_text(database)
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|line| line["dbname"] == database.name.as_str())
        .filter_map(|line| {
            let audit = line["message"].as_str()?.strip_prefix("AUDIT: SESSION,")?.to_owned();
            let fields: Vec<String> = unquoted(&audit).split_off(2);
            let parameters = unquoted(&fields[5]);
            let user = line["user"].as_str()?.to_owned();
            Some(Record { user, txid: line["txid"].as_u64().unwrap_or(0), fields, parameters })
        })
        .collect()
}

/// The records of writes to a table. The log is written by a process of its own, so a last posting is
/// made and waited for: what was logged before it is on the disk then.
async fn writes(database: &TestDatabase, table: &str) -> Vec<Record> {
    let mut last = receipt("LAST", "1", "X");
    last.details.reference = Some(LAST.parse().unwrap());
    let last = database.service("admin").receive(last).await.unwrap().posting_id.to_string();
    let is_last = |record: &Record| record.parameters.contains(&last);
    until("the log has arrived on the disk", async || records(database).iter().any(is_last)).await;
    let mut found = records(database);
    found.retain(|record| {
        record.fields[0] == "WRITE"
            && record.fields[3] == table
            && !record.parameters.iter().any(|value| value == LAST)
    });
    found
}

async fn scene() -> TestDatabase {
    scene_on(TestServer::shared()).await
}

async fn scene_on(server: &TestServer) -> TestDatabase {
    let database = TestDatabase::on(server).await.with_catalogue(&["A", "LAST"], &["X", "Y"]).await;
    database.service("admin").add_product(product("MILK", Tracking::Lot)).await.unwrap();
    database
}

fn holds(record: &Record, value: &str) -> bool {
    // Arrays are one parameter: {…}, with quotes where an element needs them.
    record.parameters.iter().any(|parameter| {
        parameter == value
            || parameter
                .strip_prefix('{')
                .and_then(|inner| inner.strip_suffix('}'))
                .is_some_and(|inner| inner.split(',').any(|element| element.trim_matches('"') == value))
    })
}

#[tokio::test]
async fn one_posting_makes_one_complete_record() {
    let database = scene().await;
    let admin = database.service("admin");
    let partner = stockroom::domain::NewPartner {
        code: "SHOP".parse().unwrap(),
        name: None,
        kind: stockroom::domain::PartnerKind::Customer,
    };
    admin.add_partner(partner).await.unwrap();
    admin.receive(lot_receipt("MILK", "50", "X", "L1", "2099-01-01")).await.unwrap();
    let before = writes(&database, "stock.transactions").await.len();

    let raw = connect(database.superuser_url()).await;
    for login in ["clerk", "admin"] {
        let service = database.service(login);
        let mut lines = vec![line("MILK", "3", "X", ""), line("MILK", "4", "X", "")];
        for line in &mut lines {
            line.lot = Some("L1".parse().unwrap());
            line.unit_price = Some("12.3456".parse().unwrap());
        }
        let mut issue = posting(MovementKind::Issue, lines);
        issue.reference = Some("Invoice \"7\", part 2; o'clock {a,b} \\ é".parse().unwrap());
        issue.reason = Some("a reason, with \"quotes\"".parse().unwrap());
        issue.partner = Some("SHOP".parse().unwrap());
        service.post(&issue).await.unwrap();

        let found = writes(&database, "stock.transactions").await;
        let id = issue.id.to_string();
        let of_it: Vec<&Record> = found.iter().filter(|record| holds(record, &id)).collect();
        assert_eq!(of_it.len(), 1, "{found:#?}");
        let record = of_it[0];
        assert_eq!(record.fields[..4], ["WRITE", "INSERT", "TABLE", "stock.transactions"]);
        assert_eq!((record.user.as_str(), record.fields[6].as_str()), (login, "2"));
        let rows = raw
            .query(
                "SELECT t.id::text, t.product_id::text, t.lot_id::text, t.from_location_id::text, t.partner_id::text,
                        trim_scale(t.quantity)::text, t.unit_price::text, t.reference, t.reason, t.kind::text,
                        t.xid::text::numeric % 4294967296 = $2::bigint AND t.posted_by = $3::text
                 FROM stock.transactions t WHERE t.posting_id = $1",
                &[&issue.id.uuid(), &i64::try_from(record.txid).unwrap(), &login],
            )
            .await
            .unwrap();
        assert_eq!(rows.len(), 2);
        for row in &rows {
            for column in 0..10 {
                let value: String = row.get(column);
                assert!(holds(record, &value), "{value} is missing in {record:#?}");
            }
            assert!(row.get::<_, bool>(10), "the record and the row name the same transaction and person");
        }
    }
    // Transfer and reversal name both places, and what is undone.
    let clerk = database.service("clerk");
    let mut moved = line("MILK", "2", "X", "Y");
    moved.lot = Some("L1".parse().unwrap());
    let moved = posting(MovementKind::Transfer, vec![moved]);
    clerk.post(&moved).await.unwrap();
    let back = clerk.reverse(reversal(moved.id)).await.unwrap();
    let found = writes(&database, "stock.transactions").await;
    let places = raw
        .query("SELECT location_id::text FROM stock.locations WHERE code IN ('X', 'Y')", &[])
        .await
        .unwrap();
    for id in [moved.id, back.posting_id] {
        let of_it: Vec<&Record> =
            // The posting is among the first three parameters, whether it has one line or more.
            found.iter().filter(|record| record.parameters[..3].contains(&id.to_string())).collect();
        assert_eq!(of_it.len(), 1);
        assert!(places.iter().all(|place| holds(of_it[0], place.get(0))));
        assert!(holds(of_it[0], &moved.id.to_string()));
    }
    assert_eq!(found.len(), before + 4, "and nothing else wrote to the ledger");
}

#[tokio::test]
async fn refused_postings_leave_no_record_and_groups_leave_one_for_each() {
    let database = scene().await;
    let clerk = database.service("clerk");
    clerk.issue(issue("A", "1", "X")).await.unwrap_err();
    clerk.receive(receipt("A", "0.5", "X")).await.unwrap_err();
    clerk.receive(receipt("MILK", "1", "X")).await.unwrap_err();
    database.service("auditor").receive(receipt("A", "1", "X")).await.unwrap_err();
    let found = writes(&database, "stock.transactions").await;
    assert!(found.is_empty(), "{found:#?}");

    let group: Vec<Posting> =
        (0..5).map(|_| posting(MovementKind::Receipt, vec![line("A", "1", "", "X")])).collect();
    clerk.post_batch(&group).await.into_iter().for_each(|result| assert!(result.is_ok()));
    // Sent again it is refused by its key, and leaves nothing.
    clerk.post(&group[0]).await.unwrap();
    let found = writes(&database, "stock.transactions").await;
    assert_eq!(found.len(), 5, "{found:#?}");
    for one in &group {
        assert_eq!(found.iter().filter(|record| holds(record, &one.id.to_string())).count(), 1);
    }

    let id = stockroom::service::new_id();
    clerk.count(Count { details: with_id(id), ..count("A", "7", "X") }).await.unwrap();
    clerk.count(count("A", "7", "X")).await.unwrap();
    let adjustments = writes(&database, "stock.transactions").await;
    assert_eq!(adjustments.len(), 6);
    let counts = writes(&database, "stock.stock_counts").await;
    assert_eq!(counts.len(), 2, "a count is recorded also when the figure agrees: {counts:#?}");
    assert!(holds(&counts[0], &id.to_string()) && holds(&counts[0], "7"));
    assert_eq!(counts[0].txid, adjustments[5].txid, "the count and its adjustment are one transaction");
}

#[tokio::test]
async fn no_password_and_no_verifier_is_ever_logged() {
    // A server of its own: nothing that other tests write is to be in its log.
    let server = TestServer::own(&[]);
    let database = scene_on(&server).await;
    let admin = database.store("admin");
    let secret = |text: &str| SecretString::from(text.to_owned());
    admin.add_person("proof.ann", Group::Clerk, &secret("first-secret-of-ann")).await.unwrap();
    admin.add_person("proof.ann", Group::Clerk, &secret("second-secret-of-ann")).await.unwrap_err();
    admin.add_person("Proof Ann", Group::Clerk, &secret("third-secret-of-ann")).await.unwrap_err();
    database
        .store("clerk")
        .add_person("proof.bob", Group::Clerk, &secret("secret-of-bob"))
        .await
        .unwrap_err();
    let as_ann = |password: &str| {
        let mut url = url::Url::parse(&database.url("proof.ann")).unwrap();
        url.set_password(Some(password)).unwrap();
        Store::new(url.as_str().parse().unwrap(), 1).unwrap()
    };
    as_ann("a-wrong-secret").ping().await.unwrap_err();
    as_ann("first-secret-of-ann").change_own_password(&secret("fourth-secret-of-ann")).await.unwrap();
    as_ann("fourth-secret-of-ann").ping().await.unwrap();

    // Two at the same time: the second waits for the name and then fails inside CREATE ROLE itself.
    let other = connect(database.superuser_url()).await;
    other.batch_execute("BEGIN; CREATE ROLE \"proof.eve\"").await.unwrap();
    let adding = tokio::spawn({
        let admin = database.store("admin");
        async move { admin.add_person("proof.eve", Group::Clerk, &SecretString::from("secret-of-eve")).await }
    });
    let watcher = connect(database.superuser_url()).await;
    until_waiting(&watcher, "admin", 1).await;
    other.batch_execute("COMMIT").await.unwrap();
    adding.await.unwrap().unwrap_err();

    writes(&database, "stock.transactions").await;
    let log = log_text(&database);
    for trace in ["secret-of-", "a-wrong-secret", "SCRAM-SHA-256$", "secret"] {
        let found: Vec<&str> = log.lines().filter(|line| line.contains(trace)).collect();
        assert!(found.is_empty(), "{trace}: {found:#?}");
    }
    assert!(log.contains("CREATE ROLE") && log.contains("proof.ann"), "the making of a login is recorded");
}
