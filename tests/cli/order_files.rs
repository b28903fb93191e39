//! Orders as CSV: what is exported is imported again, what is wrong is rejected order by order.

use std::fs;
use std::path::Path;

use stockroom::domain::{NewPartner, PartnerKind};

use crate::support::database::TestDatabase;
use crate::support::program::Program;

const HEADER: &str =
    "order,kind,partner,partner_reference,due_on,ship_to,to,note,sku,quantity,unit_price,over_percent";

async fn site() -> TestDatabase {
    let database = TestDatabase::new().await.with_catalogue(&["A", "B"], &["X", "Y"]).await;
    let partner = |code: &str, kind| NewPartner { code: code.parse().unwrap(), name: None, kind };
    let partners = [partner("C", PartnerKind::Customer), partner("S", PartnerKind::Supplier)];
    database.service("admin").store().add_partners(&partners).await.unwrap();
    database
}

fn write(folder: &Path, name: &str, rows: &[&str]) -> String {
    let path = folder.join(name);
    fs::write(&path, format!("{HEADER}\n{}\n", rows.join("\n"))).unwrap();
    path.to_str().unwrap().to_owned()
}

/// An export without the columns that say which numbers and states this database gave.
fn plain(path: &Path) -> Vec<String> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let kept = HEADER.split(',').count();
    reader.records().map(|row| row.unwrap().iter().take(kept).collect::<Vec<_>>().join("|")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_imported_into_another_database_and_back() {
    let folder = tempfile::tempdir().unwrap();
    let (database, other) = (site().await, site().await);
    let (here, there) = (Program::new(&database.url("clerk")), Program::new(&other.url("clerk")));
    let file = write(
        folder.path(),
        "orders.csv",
        &[
            "1,sales,C,REF-1,2031-02-28,,,=1+2,A,10,2.55,5",
            "1,sales,C,REF-1,2031-02-28,,,=1+2,B,0.5,,",
            "2,purchase,S,,,,,,A,100,1.1,",
            "3,transfer,,,,,Y,,B,3,,",
        ],
    );
    let report = here.run(&["order", "import", &file, "--json"]).document();
    assert_eq!((&report["rows_posted"], &report["postings"]), (&2.into(), &2.into()), "{report}");
    assert_eq!(report["value_read"], "135.50");
    // Half a piece of B is no order, and takes its other line along.
    let rejected: Vec<u64> =
        report["first_rejects"].as_array().unwrap().iter().map(|row| row["line"].as_u64().unwrap()).collect();
    assert_eq!((rejected, &report["rows_rejected"]), (vec![2, 3], &2.into()), "{report}");
    let again = here.run(&["order", "import", &file, "--json"]).document();
    assert_eq!(again["rows_already_posted"], 2, "{again}");
    let more = write(
        folder.path(),
        "more.csv",
        &["4,sales,C,REF-1,2031-02-28,,,=1+2,A,10,2.55,5", "4,sales,C,REF-1,2031-02-28,,,=1+2,B,7,,"],
    );
    assert_eq!(here.run(&["order", "import", &more, "--json"]).document()["rows_posted"], 2);

    let (first, second) = (folder.path().join("first.csv"), folder.path().join("second.csv"));
    assert_eq!(here.run(&["order", "export", first.to_str().unwrap()]).code, 0);
    let report = there.run(&["order", "import", first.to_str().unwrap(), "--json"]).document();
    assert_eq!((&report["rows_posted"], &report["rows_rejected"]), (&4.into(), &0.into()), "{report}");
    assert_eq!(there.run(&["order", "export", second.to_str().unwrap()]).code, 0);
    assert_eq!(plain(&first), plain(&second));
    assert_eq!(plain(&first).len(), 4);
    // The spreadsheet's formula is a text again.
    let orders = there.run(&["order", "list", "--json"]).documents();
    assert!(orders.iter().any(|order| order["note"] == "=1+2"), "{orders:?}");
    assert!(orders.iter().all(|order| order["state"] == "draft"));
    let back = here.run(&["order", "import", first.to_str().unwrap(), "--json"]).document();
    assert_eq!(back["rows_already_posted"], 4, "{back}");
    let runs = Program::new(&database.url("admin")).run(&["import", "runs", "--json"]).documents();
    assert_eq!(runs[0]["content"], "orders");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_with_a_wrong_row_is_rejected_whole_and_can_be_corrected() {
    let folder = tempfile::tempdir().unwrap();
    let database = site().await;
    let clerk = Program::new(&database.url("clerk"));
    let file = write(
        folder.path(),
        "orders.csv",
        &[
            "a,sales,C,,,,,,A,1,,",
            "a,sales,C,,,,,,NONE,2,,",
            "b,sales,C,,2031-01-01,,,,A,1,,",
            "b,sales,C,,2031-01-02,,,,B,2,,",
            "c,sales,S,,,,,,A,1,,",
            "d,sales,,,,,,,A,1,,",
            ",sales,C,,,,,,A,1,,",
            "h,sales,C,,,,,,A,1,,",
            "e,sales,C,,,,,,A,\"1",
            "f,sales,C,,,,,,B,4,,",
            "g,sales,C,,,,,,B,4,,",
        ],
    );
    let dry = clerk.run(&["order", "import", &file, "--dry-run", "--json"]).document();
    assert_eq!((&dry["dry_run"], &dry["postings"]), (&true.into(), &3.into()), "{dry}");
    assert!(clerk.run(&["order", "list", "--json"]).documents().is_empty());

    let rejects = folder.path().join("rejects.csv");
    let arguments = ["order", "import", &file, "--json", "--rejects", rejects.to_str().unwrap()];
    let report = clerk.run(&arguments).document();
    assert_eq!((&report["rows_posted"], &report["rows_rejected"]), (&1.into(), &10.into()), "{report}");
    let text = fs::read_to_string(&rejects).unwrap();
    for words in [
        "there is no product",
        "another row of the order says",
        "S is a supplier",
        "a sales order needs a customer",
        "the column order is empty",
        "line 5 of the same order",
        "line 10 of the same order",
        "line 10, which cannot be read, may belong to this order",
    ] {
        assert!(text.contains(words), "{words} is not in:\n{text}");
    }
    // What was rejected is corrected and imported.
    let corrected = text.replace("NONE", "B").replace("2031-01-02", "2031-01-01");
    fs::write(&rejects, corrected).unwrap();
    let report = clerk.run(&["order", "import", rejects.to_str().unwrap(), "--json"]).document();
    assert_eq!((&report["rows_posted"], &report["postings"]), (&4.into(), &2.into()), "{report}");
}
