//! Twelve daily tasks, each carried out at the terminal with the fewest keys, counted, and compared with the table in the
//! guide.
//!
//! `make docs` runs this with UPDATE_DOCS=1, which writes the table instead of comparing it. With the program of an
//! earlier version in STOCKROOM_EARLIER, the ignored test carries out the tasks with the keys of the column "before".

use std::fs;
use std::path::Path;

use super::leave;
use crate::support::database::TestDatabase;
use crate::support::program::Program;
use crate::support::raw::{assert_books_balance, number};
use crate::support::screen::Screen;

/// What a person does, or sees before going on.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// Presses keys, in the notation of `keys::parts`.
    Keys(&'static str),
    /// Scans a code with a scanner that sends Enter.
    Scan(&'static str),
    See(&'static str),
}
use Step::{Keys, Scan, See};

/// One task, with what has to be done before it and is not counted.
struct Task {
    name: &'static str,
    login: &'static str,
    /// What is done at this terminal before.
    given: &'static [Step],
    now: &'static [Step],
    /// The same with the earlier version, where it was possible.
    before: Option<&'static [Step]>,
    /// A question to the database, and the answer once the task is done.
    effect: (&'static str, i64),
}

const RECEIVE: &[Step] = &[
    Keys("<f3>"),
    Scan("A"),
    Scan("W1"),
    Scan("W2"),
    Scan("W3"),
    See("3 lines, 3 units"),
    Keys("<f12>"),
    See("into A?"),
    Keys("<enter>"),
    See("Received 3 lines"),
];
const ISSUE: &[Step] = &[
    Keys("<f4>"),
    Scan("A"),
    Scan("W1"),
    See("1 line, 1 unit"),
    Keys("<f12>"),
    See("from A?"),
    Keys("<enter>"),
    See("Issued"),
];
const TRANSFER: &[Step] = &[
    Keys("<f5>"),
    Scan("A"),
    Scan("B"),
    Scan("W1"),
    See("1 line, 1 unit"),
    Keys("<f12>"),
    See("A to B?"),
    Keys("<enter>"),
    See("Moved"),
];
const COUNT: &[Step] = &[
    Keys("<f6>"),
    Scan("C"),
    See("0 of 2"),
    Keys("=18<enter>"),
    See("2 of 2"),
    Keys("<f12>"),
    See("Press Enter to post"),
    Keys("<enter>"),
    See("Count of C posted"),
];
const UNDO: &[Step] = &[Keys("<a-u>"), See("Return 1"), Keys("wrong<enter>"), See("Reversed")];
const FIND: &[Step] = &[Keys("lant"), See("White metal lantern")];
const LOT: &[Step] = &[Keys("LOT-7"), See("lot LOT-7"), Keys("<enter>"), See("Stock by location")];

const TASKS: [Task; 12] = [
    Task {
        name: "receive three items",
        login: "clerk",
        given: &[],
        now: RECEIVE,
        before: Some(RECEIVE),
        effect: ("SELECT count(*) FROM stock.transactions WHERE kind = 'receipt' AND quantity = 1", 3),
    },
    Task {
        name: "issue one item",
        login: "clerk",
        given: &[],
        now: ISSUE,
        before: Some(ISSUE),
        effect: ("SELECT count(*) FROM stock.transactions WHERE kind = 'issue'", 1),
    },
    Task {
        name: "move an item to another location",
        login: "clerk",
        given: &[],
        now: TRANSFER,
        before: Some(TRANSFER),
        effect: ("SELECT count(*) FROM stock.transactions WHERE kind = 'transfer'", 1),
    },
    Task {
        name: "count a location with two products, one of which differs",
        login: "clerk",
        given: &[],
        now: COUNT,
        before: Some(COUNT),
        effect: ("SELECT count(*) FROM stock.stock_counts", 2),
    },
    Task {
        name: "reverse the last posting",
        login: "clerk",
        given: ISSUE,
        now: UNDO,
        before: Some(UNDO),
        effect: ("SELECT count(*) FROM stock.transactions WHERE kind = 'reversal'", 1),
    },
    Task {
        name: "find a product by a part of its name",
        login: "clerk",
        given: &[],
        now: FIND,
        before: Some(FIND),
        effect: ("SELECT 1::bigint", 1),
    },
    Task {
        name: "see where a lot is",
        login: "clerk",
        given: &[],
        now: LOT,
        before: Some(LOT),
        effect: ("SELECT 1::bigint", 1),
    },
    Task {
        name: "receive two items against an order",
        login: "clerk",
        given: &[],
        now: &[
            Keys("<a-e>"),
            Scan("PO-000001"),
            See("Expected for PO-000001"),
            Scan("A"),
            Scan("W1"),
            Scan("W2"),
            See("2 lines, 2 units"),
            Keys("<f12>"),
            See("received in full"),
            Keys("<enter>"),
            See("Received 2 lines"),
        ],
        before: None,
        effect: ("SELECT count(*) FROM stock.transactions WHERE reference = 'PO-000001'", 2),
    },
    Task {
        name: "pick an order of two lines",
        login: "clerk",
        given: &[],
        now: &[
            Keys("<a-k>"),
            See("SO-000001"),
            Keys("<enter>"),
            See("Go to A and scan it"),
            Scan("A"),
            Scan("W1"),
            Scan("W2"),
            See("Everything is picked."),
            Scan("DOCK-1"),
            See("Move 2 lines to DOCK-1?"),
            Keys("<enter>"),
            See("At the dock: SO-000001"),
        ],
        before: None,
        effect: (
            "SELECT count(*) FROM stock.transactions WHERE kind = 'transfer' AND order_line_id IS NOT NULL",
            2,
        ),
    },
    Task {
        name: "ship an order that is at the dock",
        login: "clerk",
        given: &[],
        now: &[
            Keys("<a-c>"),
            See("SO-000001"),
            Keys("<enter>"),
            See("sales · picking"),
            Keys("<f12>"),
            See("Ship the picked"),
            Keys("<enter>"),
            See("Enter to go ahead"),
            Keys("<enter>"),
            See("sales · done"),
        ],
        before: None,
        effect: (
            "SELECT count(*) FROM stock.transactions WHERE kind = 'issue' AND order_line_id IS NOT NULL",
            2,
        ),
    },
    Task {
        name: "enter a sales order of one line, and confirm it",
        login: "admin",
        given: &[],
        now: &[
            Keys("<a-b>"),
            See("No lines yet"),
            Keys("<tab>ACME<tab><tab><tab><tab><tab><tab>"),
            Scan("W1"),
            See("Product W1"),
            Keys("<f12>"),
            See("F12 to save and confirm"),
            Keys("<f12>"),
            See("sales · confirmed"),
        ],
        before: None,
        effect: ("SELECT count(*) FROM stock.order_events WHERE kind = 'confirmed'", 3),
    },
    Task {
        name: "make drafts of what should be ordered",
        login: "admin",
        given: &[],
        now: &[
            Keys("<a-g>"),
            See("SUP"),
            Keys("<f12>"),
            See("1 line"),
            Keys("<enter>"),
            See("Saved as drafts: PO-000002"),
        ],
        before: None,
        effect: ("SELECT count(*) FROM stock.orders WHERE kind = 'purchase'", 2),
    },
];

/// A site on which every task can be carried out, in their order.
async fn site() -> TestDatabase {
    let database =
        TestDatabase::new().await.with_catalogue(&["W1", "W2", "W3", "W4"], &["A", "B", "C"]).await;
    let admin = Program::new(&database.url("admin"));
    let directory = tempfile::tempdir().unwrap();
    let order = |name: &str, kind: &str, partner: &str| {
        let path = directory.path().join(name);
        let lines = r#"[{"sku":"W1","quantity":"1"},{"sku":"W2","quantity":"1"}]"#;
        fs::write(&path, format!(r#"{{"kind":"{kind}","partner":"{partner}","lines":{lines}}}"#)).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (purchase, sales) = (order("purchase", "purchase", "SUP"), order("sales", "sales", "ACME"));
    for arguments in [
        &["location", "add", "DOCK-1", "Dock", "--kind", "dock"][..],
        &["partner", "add", "ACME", "--kind", "customer"],
        &["partner", "add", "SUP", "--kind", "supplier"],
        &["product", "add", "85123A", "White metal lantern"],
        &["product", "add", "L", "Product L", "--tracking", "lot"],
        &["product", "change", "W4", "--reorder-point", "20"],
        &["product", "supplier", "W4", "SUP", "--price", "2", "--pack", "12"],
        &["receive", "L", "3", "--to", "B", "--lot", "LOT-7", "--expires", "2099-01-31"],
        &["receive", "W1", "10", "--to", "A"],
        &["receive", "W2", "10", "--to", "A"],
        &["receive", "W1", "10", "--to", "C"],
        &["receive", "W3", "20", "--to", "C"],
        &["order", "add", &purchase],
        &["order", "confirm", "PO-000001"],
        &["order", "add", &sales],
        &["order", "confirm", "SO-000001", "--reserve"],
    ] {
        let ran = admin.run(arguments);
        assert_eq!(ran.code, 0, "{arguments:?} {ran:?}");
    }
    database
}

fn carry_out(screen: &Screen, steps: &[Step]) {
    for step in steps {
        match *step {
            Keys(keys) => {
                screen.keys(keys);
            }
            Scan(code) => {
                screen.keys(&format!("{code}<enter>"));
            }
            See(text) => {
                screen.wait_for(text);
            }
        }
    }
}

async fn perform(program: &str, steps_of: fn(&Task) -> Option<&'static [Step]>) {
    let database = site().await;
    for task in &TASKS {
        let Some(steps) = steps_of(task) else { continue };
        let url = database.url(task.login);
        let screen = Screen::run(program, &["--database-url", &url], &[], 110, 36);
        screen.wait_for("Product W1");
        carry_out(&screen, task.given);
        carry_out(&screen, steps);
        let (question, answer) = task.effect;
        assert_eq!(number(&database, question).await, answer, "{}", task.name);
        leave(screen);
    }
    assert_books_balance(&database).await;
}

/// How many keys and scans some steps are.
fn counted(steps: &[Step]) -> (usize, usize) {
    let (mut keys, mut scans) = (0, 0);
    for step in steps {
        match step {
            Keys(notation) => keys += pressed(notation).len(),
            Scan(_) => scans += 1,
            See(_) => {}
        }
    }
    (keys, scans)
}

/// The keys of a notation, one by one, as the guide writes them.
fn pressed(notation: &str) -> Vec<String> {
    let mut keys = Vec::new();
    let mut rest = notation;
    while let Some(first) = rest.chars().next() {
        let name = rest.strip_prefix('<').and_then(|after| after.split_once('>'));
        match name {
            Some((name, after)) => {
                keys.push(name.replace("a-", "alt-").replace("c-", "ctrl-"));
                rest = after;
            }
            None => {
                keys.push(first.to_string());
                rest = &rest[first.len_utf8()..];
            }
        }
    }
    keys
}

/// The steps as a line of the guide: named keys and typed text as code, scans in words.
fn described(steps: &[Step]) -> String {
    let mut words: Vec<String> = Vec::new();
    for step in steps {
        match step {
            Keys(notation) => {
                let mut typed = String::new();
                for key in pressed(notation) {
                    if key.chars().count() == 1 {
                        typed.push_str(&key);
                        continue;
                    }
                    if !typed.is_empty() {
                        words.push(format!("`{}`", std::mem::take(&mut typed)));
                    }
                    words.push(format!("`{key}`"));
                }
                if !typed.is_empty() {
                    words.push(format!("`{typed}`"));
                }
            }
            Scan(code) => words.push(format!("scan {code}")),
            See(_) => {}
        }
    }
    words.join(" ")
}

fn figure(steps: &[Step]) -> String {
    match counted(steps) {
        (keys, 0) => format!("{keys} keys"),
        (keys, 1) => format!("{keys} keys, 1 scan"),
        (keys, scans) => format!("{keys} keys, {scans} scans"),
    }
}

/// The table of the guide.
fn table() -> String {
    let mut text = "| task | before | now | with |\n| --- | --- | --- | --- |\n".to_owned();
    for task in &TASKS {
        let before = task.before.map_or("not possible".to_owned(), figure);
        let (name, now, with) = (task.name, figure(task.now), described(task.now));
        text.push_str(&format!("| {name} | {before} | {now} | {with} |\n"));
    }
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn each_task_is_done_with_the_keys_of_the_table() {
    perform(env!("CARGO_BIN_EXE_stockroom"), |task| Some(task.now)).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the program of an earlier version in STOCKROOM_EARLIER"]
async fn the_earlier_version_took_the_keys_of_the_table() {
    let program = std::env::var("STOCKROOM_EARLIER").unwrap();
    perform(&program, |task| task.before).await;
}

#[test]
fn the_page_has_the_table_of_tasks() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/terminal.md");
    let guide = fs::read_to_string(&path).unwrap();
    let (before, after) = guide.split_once("## Twelve daily tasks\n").expect("the guide has the tasks");
    let begin = after.find("| task |").unwrap_or(after.len());
    let length = after[begin..]
        .split_inclusive('\n')
        .take_while(|line| line.starts_with('|'))
        .map(str::len)
        .sum::<usize>();
    let (written, rest) = after[begin..].split_at(length);
    let fresh = table();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        let page = format!("{before}## Twelve daily tasks\n{}{fresh}{rest}", &after[..begin]);
        fs::write(&path, page).unwrap();
        return;
    }
    assert!(written == fresh, "docs/terminal.md is stale, run `make docs`; it should have:\n{fresh}");
}
