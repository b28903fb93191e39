//! What each role may do with each table, and what no person may do at all, asked of a real server.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use secrecy::SecretString;
use stockroom::domain::Group;

use crate::support::database::{PASSWORD, TestDatabase};
use crate::support::raw::connect;
use crate::support::session::Session;

/// What each role may do with all columns. S select, I insert, U update, D delete, T truncate, C copy in: a letter where
/// it is allowed, `.` where the role has no such right, `!` where nobody can whatever their rights. The
/// owner is reached by a superuser with SET ROLE; nobody logs in as it.
const MATRIX: &str = "
                     clerk   admin   auditor analyst collector owner   superuser
products             S.....  SIU..C  S.....  ......  ......    SIUD!C  SIUD!C
barcodes             S.....  SI.D.C  S.....  ......  ......    SIUDTC  SIUDTC
locations            S.....  SIU..C  S.....  ......  ......    SIUD!C  SIUD!C
lots                 SI...C  SIU..C  S.....  ......  ......    SIUD!C  SIUD!C
partners             ......  SIU..C  S.....  ......  ......    SIUD!C  SIUD!C
transactions         SI...!  SI...!  S.....  ......  S.....    SI!!!!  SI!!!!
this month           ......  ......  ......  ......  ......    S!!!!!  S!!!!!
transactions_default ......  ......  ......  ......  ......    S!!!!!  S!!!!!
stock_levels         S.....  S.....  S.....  ......  ......    S!!!!!  S!!!!!
reversals            S.....  S.....  S.....  ......  ......    S!!!!!  S!!!!!
stock_counts         SI...!  SI...!  S.....  ......  S.....    SI!!!!  SI!!!!
product_history      ......  S.....  S.....  ......  ......    S!!!!!  S!!!!!
master_history       ......  S.....  S.....  ......  S.....    S!!!!!  S!!!!!
import_runs          .I...C  SI...C  S.....  ......  ......    SI!!!C  SI!!!C
import_results       .!...!  S!...!  S.....  ......  ......    SI!!!C  SI!!!C
schema_history       ......  ......  S.....  ......  ......    SIUDTC  SIUDTC
partner_fields       S.....  SIU..C  S.....  ......  ......    SIUDTC  SIUDTC
privacy_events       ......  SI...C  S.....  ......  ......    S!!!!!  S!!!!!
data_keys            ......  ......  ......  ......  ......    SIUDTC  SIUDTC
person_names         ......  S!UD.!  S.....  ......  ......    S!UDT!  S!UDT!
partner_details      S...!.  S...!.  S...!.  ....!.  ....!.    SIUD!!  SIUD!!
orders               SI!..!  SI!..!  S.....  ......  ......    SI!!!!  SI!!!!
order_lines          S!!D.!  S!!D.!  S.....  ......  ......    S!!D!!  S!!D!!
order_events         S!...!  SI...!  S.....  ......  S.....    SI!!!!  SI!!!!
reservations         SI...!  SI...!  S.....  ......  S.....    SI!!!!  SI!!!!
allocations          S.....  S.....  S.....  ......  ......    S!!!!!  S!!!!!
order_progress       S.....  S.....  S.....  ......  ......    S!!!!!  S!!!!!
product_suppliers    S.....  SIUD.C  S.....  ......  ......    SIUDTC  SIUDTC
order_policies       S.....  SIU..C  S.....  ......  ......    SIUDTC  SIUDTC
reserved_changes     S!!!!.  S!!!!.  S!!!!.  .!!!!.  .!!!!.    S!!!!!  S!!!!!
order_states         S!!!!.  S!!!!.  S!!!!.  .!!!!.  .!!!!.    S!!!!!  S!!!!!
on_order             S!!!!.  S!!!!.  S!!!!.  .!!!!.  .!!!!.    S!!!!!  S!!!!!
order_counts         .!!!!.  .!!!!.  .!!!!.  .!!!!.  .!!!!.    S!!!!!  S!!!!!
levels               S!!!!.  S!!!!.  S!!!!.  S!!!!.  .!!!!.    S!!!!!  S!!!!!
low_stock            S!!!!.  S!!!!.  S!!!!.  S!!!!.  .!!!!.    S!!!!!  S!!!!!
movements            S!!!!.  S!!!!.  S!!!!.  S!!!!.  .!!!!.    S!!!!!  S!!!!!
level_availability   S!!!!.  S!!!!.  S!!!!.  S!!!!.  .!!!!.    S!!!!!  S!!!!!
quarantined_locationsS!!!!.  S!!!!.  S!!!!.  S!!!!.  .!!!!.    S!!!!!  S!!!!!
goods_flows          S!!!!.  S!!!!.  S!!!!.  S!!!!.  .!!!!.    S!!!!!  S!!!!!
catalogue            S...!.  S...!.  S...!.  S...!.  ....!.    SIUD!!  SIUD!!
";

/// SQLSTATEs that stand for `!`: our own rules (SR003 for what takes only ciphertext, and for events of keys that a
/// superuser posts), and what the kind of object does not allow.
const REFUSED_WHOEVER_ASKS: [&str; 6] = ["SR002", "SR003", "55000", "42809", "42P10", NOT_BEGUN_BY_THEM];
/// A foreign key: only the login that began an import ends it, and the sample is one of the superuser.
const NOT_BEGUN_BY_THEM: &str = "23503";
const NOT_PERMITTED: &str = "42501";

/// 32 bytes, as both an INSERT and a COPY take them.
const HASH: &str = "0123456789abcdef0123456789abcdef";

/// How to write one row of a table: columns and values, as SQL and as a line for COPY.
struct Sample {
    columns: String,
    values: String,
    copied: String,
    update: &'static str,
}

/// Samples that break no rule, for each table.
#[expect(clippy::too_many_lines, reason = "a table: a sample for each table")]
fn samples(keys: &Keys) -> BTreeMap<&'static str, Sample> {
    let Keys { product, location, empty_location, id, at, posted_id, posted_at, import_run, .. } = keys;
    let Keys { order, order_line, supplier, .. } = keys;
    let sample = |columns: &str, fields: &[&str], update| Sample {
        columns: columns.to_owned(),
        values: fields.iter().map(|field| format!("'{field}'")).collect::<Vec<_>>().join(", "),
        copied: fields.join("\t"),
        update,
    };
    let ledger_columns = "id, occurred_at, posting_id, kind, product_id, to_location_id, quantity";
    let movement = [id, at, id, "receipt", product, location, "1"];
    let data_key = [id.as_str(), "partner", "P", "1", "key"];
    let exported = ["exported", "partner", "P"];
    let view = || sample("sku", &["NEW"], "sku = 'NEW'");
    BTreeMap::from([
        ("products", sample("sku, name", &["NEW", "New"], "name = 'New'")),
        ("barcodes", sample("barcode, product_id", &["4006381333931", product], "pack_quantity = 2")),
        ("locations", sample("code", &["NEW"], "name = 'New'")),
        ("lots", sample("product_id, code", &[product, "NEW"], "expires_on = '2030-01-01'")),
        ("partners", sample("code, kind", &["NEW", "supplier"], "name = 'New'")),
        ("transactions", sample(ledger_columns, &movement, "reason = 'other'")),
        ("this month", sample(ledger_columns, &movement, "reason = 'other'")),
        ("transactions_default", sample(ledger_columns, &movement, "reason = 'other'")),
        (
            "stock_levels",
            sample("product_id, location_id, on_hand", &[product, empty_location, "5"], "on_hand = 99"),
        ),
        (
            "reversals",
            sample(
                "reversed_id, reversed_at, reversal_id, reversal_at",
                &[posted_id, posted_at, posted_id, posted_at],
                "reversed_id = reversal_id",
            ),
        ),
        (
            "stock_counts",
            sample(
                "id, counted_at, posting_id, product_id, location_id, counted",
                &[id, at, id, product, location, "10"],
                "counted = 1",
            ),
        ),
        ("product_history", sample("product_id, name, unit", &[product, "Old", "each"], "name = 'Forged'")),
        (
            "master_history",
            sample(
                "table_name, row_key, operation, row_values",
                &["products", product, "insert", "{}"],
                "row_key = 'forged'",
            ),
        ),
        (
            "import_runs",
            sample(
                "run_id, feed, content, profile, file_name, file_bytes, file_hash",
                &[id, "command", "movements", "stockroom", "a.csv", "1", HASH],
                "file_name = 'forged'",
            ),
        ),
        (
            "import_results",
            sample(
                "run_id, outcome, rows_read, rows_posted, rows_already_posted, rows_rejected, postings, value_read, value_posted, value_rejected, seconds",
                &[import_run, "posted", "1", "1", "0", "0", "1", "0", "0", "0", "1"],
                "outcome = 'failed'",
            ),
        ),
        ("schema_history", sample("version, name", &["9999", "forged"], "name = 'forged'")),
        ("partner_fields", sample("field, personal", &["email", "false"], "personal = false")),
        ("privacy_events", sample("kind, subject_kind, subject", &exported, "ground = 'other'")),
        (
            "data_keys",
            sample("key_id, subject_kind, subject, key_version, wrapped", &data_key, "restricted = true"),
        ),
        ("person_names", sample("login, full_name", &["u17", "Ann Example"], "full_name = full_name")),
        ("partner_details", sample("code, kind", &["NEW", "supplier"], "name = 'New'")),
        (
            "orders",
            sample("order_id, kind, to_location_id", &[id, "transfer", empty_location], "note = 'other'"),
        ),
        (
            "order_lines",
            sample(
                "order_line_id, order_id, line_no, product_id, quantity",
                &[id, order, "2", product, "1"],
                "quantity = 9",
            ),
        ),
        (
            "order_events",
            sample("id, order_id, kind, reason", &[id, order, "closed", "over"], "reason = 'other'"),
        ),
        (
            "reservations",
            sample(
                "id, posting_id, order_line_id, product_id, location_id, change",
                &[id, id, order_line, product, location, "1"],
                "change = 9",
            ),
        ),
        (
            "allocations",
            sample(
                "order_line_id, product_id, location_id, open",
                &[order_line, product, location, "1"],
                "open = 9",
            ),
        ),
        (
            "order_progress",
            sample("order_line_id, ordered, over_percent", &[order_line, "1", "0"], "moved = 9"),
        ),
        ("product_suppliers", sample("product_id, partner_id", &[product, supplier], "price = 2")),
        ("order_policies", sample("kind, clerks_decide", &["transfer", "true"], "clerks_decide = true")),
        ("reserved_changes", sample("product_id", &[product], "product_id = 0")),
        ("order_states", sample("order_id", &[order], "state = 'done'")),
        ("on_order", sample("product_id", &[product], "product_id = 0")),
        ("order_counts", sample("kind", &["sales"], "kind = 'sales'")),
        ("levels", view()),
        ("low_stock", view()),
        ("movements", view()),
        ("level_availability", sample("product_id", &[product], "product_id = 0")),
        ("quarantined_locations", sample("location_id", &[location], "location_id = 0")),
        ("goods_flows", sample("product_id", &[product], "product_id = 0")),
        ("catalogue", sample("sku, name", &["NEW", "New"], "name = 'New'")),
    ])
}

/// Keys of what the tests use: product A of which 10 are at X, and an id that was never used.
struct Keys {
    product: String,
    location: String,
    empty_location: String,
    id: String,
    at: String,
    posted_id: String,
    posted_at: String,
    /// A run of an import that is not over.
    import_run: String,
    /// A confirmed order of five pieces of the product, to be moved to the empty location; and its line.
    order: String,
    order_line: String,
    supplier: String,
    month: String,
}

impl Keys {
    async fn of(superuser: &Session) -> Self {
        let id = stockroom::service::new_id().uuid().to_string();
        let import_run = stockroom::service::new_id().uuid().to_string();
        superuser
            .run(&format!(
                "INSERT INTO stock.import_runs (run_id, feed, content, profile, file_name, file_bytes, file_hash)
                 VALUES ('{import_run}', 'command', 'movements', 'stockroom', 'b.csv', 1, '{HASH}')"
            ))
            .await
            .unwrap();
        let [order, order_line, event] = [(); 3].map(|()| stockroom::service::new_id().uuid().to_string());
        superuser
            .run(&format!(
                "INSERT INTO stock.partners (code, kind) VALUES ('SUPPLIER', 'supplier');
                 INSERT INTO stock.orders (order_id, kind, to_location_id)
                 SELECT '{order}', 'transfer', location_id FROM stock.locations WHERE code = 'Y';
                 INSERT INTO stock.order_lines (order_line_id, order_id, line_no, product_id, quantity)
                 SELECT '{order_line}', '{order}', 1, product_id, 5 FROM stock.products WHERE sku = 'A';
                 INSERT INTO stock.order_events (id, order_id, kind) VALUES ('{event}', '{order}', 'confirmed')"
            ))
            .await
            .unwrap();
        Self {
            supplier: superuser.value("SELECT partner_id FROM stock.partners WHERE code = 'SUPPLIER'").await,
            order,
            order_line,
            import_run,
            product: superuser.value("SELECT product_id FROM stock.products WHERE sku = 'A'").await,
            location: superuser.value("SELECT location_id FROM stock.locations WHERE code = 'X'").await,
            empty_location: superuser.value("SELECT location_id FROM stock.locations WHERE code = 'Y'").await,
            posted_id: superuser.value("SELECT id FROM stock.transactions").await,
            posted_at: superuser.value("SELECT occurred_at FROM stock.transactions").await,
            at: superuser.value(&format!("SELECT stock.uuid_time('{id}')")).await,
            month: superuser.value("SELECT 'transactions_' || to_char(now(), 'YYYY_MM')").await,
            id,
        }
    }
}

async fn database() -> TestDatabase {
    let database = TestDatabase::new().await.with_catalogue(&["A", "B"], &["X", "Y"]).await;
    let receipt = crate::support::database::line("A", "10", "", "X");
    let posting = crate::support::database::posting(stockroom::domain::MovementKind::Receipt, vec![receipt]);
    database.service("clerk").post(&posting).await.unwrap();
    database
}

async fn session(database: &TestDatabase, role: &str) -> Session {
    match role {
        "superuser" => Session::open(database.superuser_url()).await.unwrap(),
        "owner" => Session::open_as(database.superuser_url(), "stock_owner").await.unwrap(),
        "collector" => {
            let superuser = Session::open(database.superuser_url()).await.unwrap();
            superuser.run(&format!("ALTER ROLE stock_collector PASSWORD '{PASSWORD}'")).await.unwrap();
            Session::open(&database.url("stock_collector")).await.unwrap()
        }
        person => Session::open(&database.url(person)).await.unwrap(),
    }
}

/// The letters of what a role may do with a table.
async fn rights(session: &Session, relation: &str, sample: &Sample) -> String {
    let Sample { columns, values, copied, update } = sample;
    let statements = [
        ('S', format!("SELECT * FROM stock.{relation}")),
        ('I', format!("INSERT INTO stock.{relation} ({columns}) VALUES ({values})")),
        ('U', format!("UPDATE stock.{relation} SET {update}")),
        // No row is hit, so that no key of another table stands in the way.
        ('D', format!("DELETE FROM stock.{relation} WHERE false")),
        ('T', format!("TRUNCATE stock.{relation} CASCADE")),
        ('C', format!("COPY stock.{relation} ({columns}) FROM STDIN")),
    ];
    let mut letters = String::new();
    for (letter, statement) in statements {
        let outcome = match letter {
            'C' => session.attempt_copy(&statement, copied).await,
            _ => session.attempt("SERIALIZABLE", &statement).await,
        };
        letters.push(match outcome {
            Ok(()) => letter,
            Err(refused) if refused.sqlstate == NOT_PERMITTED => '.',
            Err(refused) if REFUSED_WHOEVER_ASKS.contains(&refused.sqlstate.as_str()) => '!',
            Err(refused) => panic!("{statement}: {refused:?}"),
        });
    }
    letters
}

#[tokio::test]
async fn each_role_may_do_what_the_matrix_says_and_no_more() {
    let database = database().await;
    let superuser = session(&database, "superuser").await;
    let keys = Keys::of(&superuser).await;
    let samples = samples(&keys);
    let mut lines = MATRIX.trim_matches('\n').lines();
    let roles: Vec<&str> = lines.next().unwrap().split_whitespace().collect();
    let mut sessions = Vec::new();
    for role in &roles {
        sessions.push(session(&database, role).await);
    }
    let (mut expected, mut found) = (String::new(), String::new());
    for line in lines {
        let (name, cells) = line.split_at(21);
        let name = name.trim();
        writeln!(expected, "{name:<21}{}", cells.split_whitespace().collect::<Vec<_>>().join(" ")).unwrap();
        let relation = if name == "this month" { keys.month.as_str() } else { name };
        let mut letters = Vec::new();
        for session in &sessions {
            letters.push(rights(session, relation, &samples[name]).await);
        }
        writeln!(found, "{name:<21}{}", letters.join(" ")).unwrap();
    }
    assert!(expected == found, "expected\n{expected}\nfound\n{found}");
    let others = superuser
        .value(
            "SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class
             WHERE relnamespace = 'stock'::regnamespace AND relkind IN ('r', 'p', 'v', 'm') AND NOT relispartition",
        )
        .await;
    for relation in others.split(' ') {
        assert!(samples.contains_key(relation), "{relation} is missing from the matrix");
    }
}

#[tokio::test]
async fn a_login_without_a_group_cannot_even_connect() {
    let database = database().await;
    let superuser = session(&database, "superuser").await;
    superuser.run(&format!("CREATE ROLE nobody_special LOGIN PASSWORD '{PASSWORD}'")).await.unwrap();
    let Err(refused) = Session::open(&database.url("nobody_special")).await else { panic!("it was let in") };
    assert_eq!(refused.sqlstate, "42501", "{refused:?}");
    superuser.run("DROP ROLE nobody_special").await.unwrap();
}

/// What no person may do, whatever their group.
const BARRED: &[&str] = &[
    // The audit and the guards of the ledger.
    "SET pgaudit.log = 'none'",
    "SET pgaudit.log_parameter = off",
    "SELECT set_config('pgaudit.log', 'none', false)",
    "SET session_replication_role = replica",
    "SET log_min_messages = panic",
    "SET log_error_verbosity = terse",
    "SET log_min_error_statement = panic",
    "ALTER ROLE CURRENT_USER SET pgaudit.log = 'none'",
    "ALTER ROLE CURRENT_USER SET session_replication_role = replica",
    "ALTER SYSTEM SET pgaudit.log = 'none'",
    "ALTER DATABASE {database} SET pgaudit.log = 'none'",
    "ALTER TABLE stock.transactions DISABLE TRIGGER ALL",
    "ALTER TABLE stock.transactions DETACH PARTITION {month}",
    "DROP TABLE stock.{month}",
    "LOCK TABLE stock.transactions IN ACCESS EXCLUSIVE MODE",
    "CREATE OR REPLACE FUNCTION stock.post_levels() RETURNS trigger LANGUAGE sql AS 'SELECT 1'",
    "SELECT stock.guard_partition('stock.{month}')",
    "SELECT stock.end_sessions('auditor')",
    "SELECT nextval('stock.products_product_id_seq')",
    "SELECT setval('stock.products_product_id_seq', 1)",
    // Code and objects of their own.
    "DO $$ BEGIN RAISE LOG 'AUDIT: SESSION,1,1,WRITE,INSERT'; END $$",
    "CREATE TABLE stock.mine (a integer)",
    "CREATE TABLE public.mine (a integer)",
    "CREATE TEMP TABLE mine (a integer)",
    "SELECT 1 AS a INTO TEMP mine",
    "CREATE FUNCTION stock.mine() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
    "CREATE FUNCTION pg_temp.mine() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
    "CREATE VIEW stock.mine AS SELECT 1",
    "CREATE SCHEMA mine",
    "CREATE DATABASE mine",
    "CREATE EXTENSION citext SCHEMA public",
    "CREATE TYPE stock.mine AS (a integer)",
    "CREATE RULE mine AS ON INSERT TO stock.lots DO ALSO NOTHING",
    "CREATE TRIGGER mine AFTER INSERT ON stock.lots EXECUTE FUNCTION stock.refuse_change()",
    "CREATE PUBLICATION mine",
    // Other people's powers.
    "SET ROLE stock_owner",
    "SET ROLE stock_user_manager",
    "SET SESSION AUTHORIZATION {other}",
    "CREATE ROLE mine LOGIN",
    "ALTER ROLE {other} PASSWORD 'other'",
    "ALTER ROLE CURRENT_USER SUPERUSER",
    "ALTER ROLE CURRENT_USER CREATEROLE",
    "GRANT stock_admin TO CURRENT_USER",
    "GRANT stock_owner TO CURRENT_USER",
    "GRANT pg_read_server_files TO CURRENT_USER",
    "COPY (SELECT 1) TO '/tmp/stockroom-test-copy'",
    "COPY (SELECT 1) TO PROGRAM 'true'",
    "SELECT pg_read_file('postgresql.conf')",
    "SELECT pg_reload_conf()",
    "SELECT pg_rotate_logfile()",
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{superuser}' AND pid <> pg_backend_pid()",
    "SELECT rolpassword FROM pg_authid",
];

#[tokio::test]
async fn no_person_can_bypass_the_ledger_or_the_audit() {
    let database = database().await;
    let superuser = session(&database, "superuser").await;
    let keys = Keys::of(&superuser).await;
    let superuser_name = superuser.value("SELECT session_user").await;
    let mut let_through = Vec::new();
    for person in ["clerk", "admin", "auditor", "analyst", "collector"] {
        let session = session(&database, person).await;
        for statement in BARRED {
            let statement = statement
                .replace("{database}", &database.name)
                .replace("{superuser}", &superuser_name)
                .replace("{other}", if person == "admin" { "clerk" } else { "admin" })
                .replace("{month}", &keys.month);
            let alone = ["ALTER SYSTEM", "CREATE DATABASE"].iter().any(|words| statement.starts_with(words));
            let outcome = match alone {
                true => session.run(&statement).await,
                false => session.attempt("SERIALIZABLE", &statement).await,
            };
            if !matches!(&outcome, Err(refused) if refused.sqlstate == NOT_PERMITTED) {
                let_through.push(format!("{person}: {statement}: {outcome:?}"));
            }
        }
    }
    assert!(let_through.is_empty(), "{}", let_through.join("\n"));
}

#[tokio::test]
async fn rows_of_the_ledger_can_be_read_but_not_locked() {
    let database = database().await;
    for person in ["clerk", "admin", "auditor"] {
        let session = session(&database, person).await;
        for relation in [
            "transactions",
            "stock_levels",
            "reversals",
            "stock_counts",
            "reservations",
            "order_events",
            "allocations",
        ] {
            for strength in ["UPDATE", "NO KEY UPDATE", "SHARE", "KEY SHARE"] {
                let statement = format!("SELECT FROM stock.{relation} FOR {strength}");
                let refused = session.attempt("SERIALIZABLE", &statement).await.unwrap_err();
                assert_eq!(refused.sqlstate, NOT_PERMITTED, "{person}: {statement}");
            }
        }
    }
}

/// Some verifier; of which password does not matter.
fn verifier() -> String {
    format!("SCRAM-SHA-256$4096:{}$stored:{}", "A".repeat(24), "B".repeat(43))
        .replace("stored", &format!("{}=", "C".repeat(43)))
        + "="
}

#[tokio::test]
async fn only_admins_create_people_and_no_other_roles() {
    let database = database().await;
    let admin = session(&database, "admin").await;
    let verifier = verifier();
    let add = |login: &str, group: &str, secret: &str| {
        format!("SELECT stock.add_person({login}, {group}, '{secret}')")
    };
    admin.attempt("READ COMMITTED", &add("'new_one'", "'stock_clerk'", &verifier)).await.unwrap();
    for person in ["clerk", "auditor", "analyst"] {
        let session = session(&database, person).await;
        let refused = session
            .attempt("READ COMMITTED", &add("'new_one'", "'stock_clerk'", &verifier))
            .await
            .unwrap_err();
        assert_eq!(refused.sqlstate, NOT_PERMITTED, "{person}");
        let refused =
            session.attempt("READ COMMITTED", "SELECT stock.set_person_login('admin', false)").await;
        assert_eq!(refused.unwrap_err().sqlstate, NOT_PERMITTED, "{person}");
        for statement in [
            format!("SELECT stock.set_person_password('clerk', '{verifier}')"),
            "SELECT stock.set_person_group('clerk', 'stock_admin')".to_owned(),
        ] {
            let refused = session.attempt("READ COMMITTED", &statement).await.unwrap_err();
            assert_eq!(refused.sqlstate, NOT_PERMITTED, "{person}: {statement}");
        }
    }
    let wrong = [
        (add("'new_one'", "'pg_read_server_files'", &verifier), "group_known"),
        (add("'new_one'", "'stock_owner'", &verifier), "group_known"),
        (add("'new_one'", "'stock_user_manager'", &verifier), "group_known"),
        (add("'new_one'", "'postgres'", &verifier), "group_known"),
        (add("'new_one'", "NULL", &verifier), "group_known"),
        (add("'new_one'", "'stock_clerk'", "a password in clear"), "verifier_form"),
        (add("'new_one'", "'stock_clerk'", "md5d41d8cd98f00b204e9800998ecf8427e"), "verifier_form"),
        (add("'new_one'", "'stock_clerk'", &format!("{verifier} SUPERUSER")), "verifier_form"),
        (add("'new_one'", "'stock_clerk'", &format!("{verifier}\n")), "verifier_form"),
        (add("'pg_mine'", "'stock_clerk'", &verifier), "login_form"),
        (add("'stock_mine'", "'stock_clerk'", &verifier), "login_form"),
        (add("'a b'", "'stock_clerk'", &verifier), "login_form"),
        (add("'x\" SUPERUSER --'", "'stock_clerk'", &verifier), "login_form"),
        (add("'Upper'", "'stock_clerk'", &verifier), "login_form"),
        (add("''", "'stock_clerk'", &verifier), "login_form"),
        (add("NULL", "'stock_clerk'", &verifier), "login_form"),
        (add("repeat('x', 64)", "'stock_clerk'", &verifier), "login_form"),
        (add("'clerk'", "'stock_admin'", &verifier), "login_is_new"),
        ("SELECT stock.change_own_password('a password in clear')".to_owned(), "verifier_form"),
        ("SELECT stock.change_own_password(NULL)".to_owned(), "verifier_form"),
        ("SELECT stock.set_person_login('admin', false)".to_owned(), "not_oneself"),
        ("SELECT stock.set_person_login('nobody_here', false)".to_owned(), "person_known"),
        ("SELECT stock.set_person_login(NULL, false)".to_owned(), "person_known"),
        ("SELECT stock.set_person_login('postgres', false)".to_owned(), "person_known"),
        ("SELECT stock.set_person_login('stock_owner', true)".to_owned(), "person_known"),
        ("SELECT stock.set_person_login('stock_clerk', true)".to_owned(), "person_known"),
        ("SELECT stock.set_person_login('stock_collector', false)".to_owned(), "person_known"),
        (format!("SELECT stock.set_person_password('admin', '{verifier}')"), "not_oneself"),
        (format!("SELECT stock.set_person_password('postgres', '{verifier}')"), "person_known"),
        (format!("SELECT stock.set_person_password('stock_collector', '{verifier}')"), "person_known"),
        (format!("SELECT stock.set_person_password(NULL, '{verifier}')"), "person_known"),
        ("SELECT stock.set_person_password('clerk', 'a password in clear')".to_owned(), "verifier_form"),
        ("SELECT stock.set_person_password('clerk', NULL)".to_owned(), "verifier_form"),
        ("SELECT stock.set_person_group('admin', 'stock_clerk')".to_owned(), "not_oneself"),
        ("SELECT stock.set_person_group('postgres', 'stock_clerk')".to_owned(), "person_known"),
        ("SELECT stock.set_person_group('stock_user_manager', 'stock_clerk')".to_owned(), "person_known"),
        ("SELECT stock.set_person_group('clerk', 'stock_owner')".to_owned(), "group_known"),
        ("SELECT stock.set_person_group('clerk', NULL)".to_owned(), "group_known"),
    ];
    for (statement, rule) in wrong {
        let refused = admin.attempt("READ COMMITTED", &statement).await.unwrap_err();
        assert_eq!((refused.sqlstate.as_str(), refused.rule.as_str()), ("SR003", rule), "{statement}");
    }
}

#[tokio::test]
async fn auditors_are_managed_by_a_superuser_alone() {
    let database = database().await;
    let statements = [
        format!("SELECT stock.add_person('new_auditor', 'stock_auditor', '{}')", verifier()),
        "SELECT stock.set_person_login('auditor', false)".to_owned(),
        "SELECT stock.set_person_login('auditor', true)".to_owned(),
        format!("SELECT stock.set_person_password('auditor', '{}')", verifier()),
        "SELECT stock.set_person_group('auditor', 'stock_admin')".to_owned(),
        "SELECT stock.set_person_group('clerk', 'stock_auditor')".to_owned(),
    ];
    let admin = session(&database, "admin").await;
    let superuser = session(&database, "superuser").await;
    for statement in statements {
        let refused = admin.attempt("READ COMMITTED", &statement).await.unwrap_err();
        assert_eq!(
            (refused.sqlstate.as_str(), refused.rule.as_str()),
            ("SR004", "auditors_managed_by_superuser"),
            "{statement}"
        );
        superuser.attempt("READ COMMITTED", &statement).await.unwrap();
    }
    let auditor = session(&database, "auditor").await;
    let pid = auditor.value("SELECT pg_backend_pid()").await;
    let end = format!("SELECT stock.end_session({pid})");
    let refused = admin.attempt("READ COMMITTED", &end).await.unwrap_err();
    assert_eq!((refused.sqlstate.as_str(), refused.rule.as_str()), ("SR004", "session_of_the_audit"));
    superuser.run(&end).await.unwrap();
}

#[tokio::test]
async fn a_new_person_has_one_group_and_no_power_besides() {
    let database = database().await;
    let superuser = session(&database, "superuser").await;
    let password = SecretString::from(PASSWORD);
    database.store("admin").add_person("powerless", Group::Clerk, &password).await.unwrap();
    let attributes = superuser
        .value(
            "SELECT concat_ws(' ', rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls, rolcanlogin,
                 (SELECT string_agg(g.rolname, ',') FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid WHERE m.member = r.oid AND NOT m.admin_option))
             FROM pg_roles r WHERE rolname = 'powerless'",
        )
        .await;
    assert_eq!(attributes, "f f f f f t stock_clerk");
}

#[tokio::test]
async fn a_disabled_login_is_ended_at_once_and_refused_until_enabled() {
    let database = database().await;
    let admin = database.store("admin");
    admin.add_person("leaver", Group::Clerk, &SecretString::from(PASSWORD)).await.unwrap();
    let at_work = Session::open(&database.url("leaver")).await.unwrap();
    assert_eq!(at_work.value("SELECT count(*) FROM stock.levels").await, "1");
    admin.allow_login("leaver", false).await.unwrap();
    assert!(at_work.client.batch_execute("SELECT 1").await.is_err(), "the session goes on");
    let Err(refused) = Session::open(&database.url("leaver")).await else { panic!("let in again") };
    assert_eq!(refused.sqlstate, "28000", "{refused:?}");
    admin.allow_login("leaver", true).await.unwrap();
    Session::open(&database.url("leaver")).await.unwrap();
    // Not knowing whether to allow is not allowing.
    let people = session(&database, "admin").await;
    people.run("SELECT stock.set_person_login('leaver', NULL)").await.unwrap();
    assert!(Session::open(&database.url("leaver")).await.is_err());
}

#[tokio::test]
async fn a_new_role_or_password_applies_at_once_and_ends_the_sessions() {
    let database = database().await;
    let admin = database.store("admin");
    admin.add_person("mover", Group::Clerk, &SecretString::from(PASSWORD)).await.unwrap();
    let url = database.url("clerk").replacen("//clerk:", "//mover:", 1);
    let former = connect(&url).await;
    admin.set_group("mover", Group::Analyst).await.unwrap();
    assert!(former.query_one("SELECT 1", &[]).await.is_err(), "the session goes on");
    let session = connect(&url).await;
    let groups: Vec<String> = session
        .query_one("SELECT array_agg(group_name::text) FROM stock.people() WHERE login = session_user", &[])
        .await
        .map(|row| row.get(0))
        .unwrap_or_default();
    assert!(groups.is_empty(), "an analyst may not list people");
    let people = admin.people().await.unwrap();
    let groups: Vec<Group> =
        people.iter().filter(|person| person.login == "mover").map(|person| person.group).collect();
    assert_eq!(groups, [Group::Analyst]);

    admin.set_password("mover", &SecretString::from("another one")).await.unwrap();
    assert!(session.query_one("SELECT 1", &[]).await.is_err(), "the session goes on");
    let (before, after) = (url.split_once("mover:").unwrap().0, url.split_once('@').unwrap().1);
    let renewed = format!("{before}mover:another%20one@{after}");
    connect(&renewed).await.query_one("SELECT 1", &[]).await.unwrap();
}
