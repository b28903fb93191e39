//! The importer without a database: profiles, readers, the plan of postings, rejects and reports.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use rust_decimal::Decimal;
use stockroom::domain::{MovementKind, Posting};
use stockroom::import::{
    ImportError, MovementOptions, ProductOptions, Profile, Report, Source, movements_dry_run, plan_movements,
    products_dry_run, sample,
};

fn profile(name: &str) -> Profile {
    Profile::load(name, None).unwrap()
}

fn bytes(text: &[u8]) -> Source {
    Source::Bytes(Box::leak(text.to_vec().into_boxed_slice()))
}

fn dry(text: &str, profile_name: &str) -> Report {
    movements_dry_run(&MovementOptions::new(bytes(text.as_bytes()), profile(profile_name))).unwrap()
}

fn plan(text: &[u8], profile_name: &str) -> Vec<Posting> {
    let mut postings = Vec::new();
    let options = MovementOptions::new(bytes(text), profile(profile_name));
    plan_movements(&options, |posting| postings.push(posting.clone())).unwrap();
    postings
}

fn dry_products(source: Source, profile: Profile) -> Report {
    products_dry_run(&ProductOptions { source, profile, rejects: None, progress: false }).unwrap()
}

/// The published data, where it lies beside the repository.
fn shared(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(name);
    if path.is_file() {
        return Some(path);
    }
    eprintln!("skipped: {} is not there", path.display());
    None
}

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

const RETAIL: &str = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n";

fn retail(rows: &[&str]) -> String {
    format!("{RETAIL}{}\n", rows.join("\n"))
}

#[test]
fn the_sample_gives_the_known_figures() {
    let options = MovementOptions::new(Source::Bytes(sample()), profile("online-retail"));
    let report = movements_dry_run(&options).unwrap();
    assert_eq!((report.rows_read, report.rows_posted, report.rows_rejected), (25_281, 25_175, 106));
    assert_eq!(report.value_read, decimal("434893.36"));
    assert_eq!(report.value_posted, decimal("457568.61"));
    assert_eq!(report.value_rejected, decimal("-22675.25"));
    assert_eq!(report.opening_quantity, decimal("201859"));
    assert_eq!((report.products, report.partners), (2_489, 659));
}

#[test]
fn the_whole_year_gives_the_known_figures() {
    let Some(path) = shared("online-retail.csv.gz") else { return };
    let options = MovementOptions::new(Source::Path(path), profile("online-retail"));
    let started = std::time::Instant::now();
    let report = movements_dry_run(&options).unwrap();
    eprintln!("{report}\ntook {:?}", started.elapsed());
    assert_eq!((report.rows_read, report.rows_posted, report.rows_rejected), (541_909, 538_963, 2_946));
    assert_eq!(report.value_read, decimal("9747747.934"));
    assert_eq!(report.value_posted, decimal("9792708.883"));
    assert_eq!(report.value_rejected, decimal("-44960.949"));
    assert_eq!((report.opening_lines, report.opening_quantity), (OPENING.0, decimal(OPENING.1)));
    assert_eq!(report.opening_value, decimal(OPENING.2));
    assert_eq!((report.products, report.partners), (3_943, 4_363));
    assert_eq!(report.postings, POSTINGS);
    assert_eq!(report.rows_without_value, 0);
}

/// From an independent computation over the same file: opening lines, quantity and worth; postings.
const OPENING: (u64, &str, &str) = (3_886, "5648644", "10424098.694");
const POSTINGS: u64 = 25_306;

#[test]
fn the_plan_of_the_sample_never_goes_below_zero_and_repeats_exactly() {
    let options = MovementOptions::new(Source::Bytes(sample()), profile("online-retail"));
    let mut levels: BTreeMap<String, Decimal> = BTreeMap::new();
    let mut ids = Vec::new();
    plan_movements(&options, |posting| {
        posting.validate().unwrap();
        ids.push(posting.id);
        for line in &posting.lines {
            let level = levels.entry(line.sku.to_string()).or_default();
            *level += if line.to.is_some() { line.quantity.value() } else { -line.quantity.value() };
            assert!(*level >= Decimal::ZERO, "{} falls to {level}", line.sku);
        }
    })
    .unwrap();
    let mut again = Vec::new();
    plan_movements(&options, |posting| again.push(posting.id)).unwrap();
    assert_eq!(ids, again);
    assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len());
}

#[test]
fn invoices_become_postings_by_the_rules() {
    let text = retail(&[
        "536365,85123A,WHITE HEART,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom",
        "536365,POST,POSTAGE,1,2010-12-01 08:26:00,18.0,17850.0,United Kingdom",
        "536365,71053,LANTERN,2,2010-12-01 08:27:00,0.0,17850.0,United Kingdom",
        "C536379,85123a,WHITE HEART,-1,2010-12-01 09:41:00,2.55,17850.0,United Kingdom",
        "536589,21777,,-10,2010-12-01 16:50:00,0.0,,United Kingdom",
        "536590,21778,smashed,-1,2010-12-01 16:51:00,0.0,,United Kingdom",
        "536591,21779,found,5,2010-12-01 16:52:00,0.0,,United Kingdom",
        "536592,21780,GIVEN ALONG,5,2010-12-01 16:53:00,0.0,,United Kingdom",
        "536592,M,Manual,1,2010-12-01 16:53:00,12.0,,United Kingdom",
    ]);
    let postings = plan(text.as_bytes(), "online-retail");
    let opening = &postings[0];
    assert_eq!(opening.reference.as_ref().unwrap().as_str(), "OPENING");
    assert_eq!(opening.id.occurred_at().to_string(), "2010-12-01T08:25:59.999Z");
    let told: Vec<_> = postings[1..]
        .iter()
        .map(|p| (p.kind, p.lines.len(), p.reason.as_ref().map(|reason| reason.as_str())))
        .collect();
    assert_eq!(
        told,
        [
            (MovementKind::Issue, 2, None),
            (MovementKind::Receipt, 1, None),
            (MovementKind::Adjustment, 1, Some("no note")),
            (MovementKind::Adjustment, 1, Some("smashed")),
            (MovementKind::Adjustment, 1, Some("found")),
            (MovementKind::Issue, 1, None),
        ]
    );
    assert_eq!(postings[1].partner.as_ref().unwrap().as_str(), "17850");
    assert_eq!(postings[2].lines[0].sku.as_str(), "85123A");
    assert!(postings[5].lines[0].to.is_some() && postings[4].lines[0].from.is_some());
    let report = dry(&text, "online-retail");
    assert_eq!((report.rows_read, report.rows_posted, report.rows_rejected), (9, 7, 2));
    assert!(report.reject_counts.iter().all(|count| count.reason.starts_with("not goods")));
}

const OWN: &str = "kind,occurred_at,reference,reason,sku,quantity,from,to,unit_price\n";

#[test]
fn a_document_is_posted_whole_or_not_at_all() {
    let text = format!(
        "{OWN}issue,2024-01-02T10:00:00Z,A1,,X1,1,MAIN,,1.50\n\
         issue,2024-01-02T10:00:00Z,A1,,X2,zero,MAIN,,2.00\n\
         issue,2024-01-02T10:00:00Z,A2,,X3,1,MAIN,,4.00\n"
    );
    let report = dry(&text, "stockroom");
    assert_eq!((report.rows_posted, report.rows_rejected, report.postings), (1, 2, 1));
    assert_eq!(report.value_posted, decimal("4"));
    assert_eq!(report.first_rejects[0].line, 2);
    assert!(report.first_rejects[0].reason.contains("line 3"), "{}", report.first_rejects[0].reason);
    assert_eq!(report.first_rejects[1].field, "quantity");
    assert!(report.first_rejects[1].reason.contains("\"zero\""));
}

#[test]
fn an_invalid_row_rejects_only_its_own_document() {
    let row = |reference: &str| format!("issue,2024-01-02T10:00:00Z,{reference},,X1,1,MAIN,,1.50\n");
    let inside = format!("{OWN}{}broken\n{}{}", row("A1"), row("A1"), row("A2"));
    let report = dry(&inside, "stockroom");
    assert_eq!((report.rows_posted, report.rows_rejected), (1, 3));
    let between = format!("{OWN}{}broken\n{}", row("A1"), row("A2"));
    let report = dry(&between, "stockroom");
    assert_eq!((report.rows_posted, report.rows_rejected), (2, 1));
}

#[test]
fn each_wrong_row_is_rejected_with_its_reason() {
    for (row, field, wanted) in [
        ("issue,2024-01-02T10:00:00Z,A,,X1,-1,MAIN,,1", "quantity", "greater than zero"),
        ("issue,2024-01-02,A,,X1,1,MAIN,,1", "occurred_at", "2010-12-01T08:26:00Z"),
        ("issue,2999-01-02T10:00:00Z,A,,X1,1,MAIN,,1", "occurred_at", "future"),
        ("issue,1923-01-02T10:00:00Z,A,,X1,1,MAIN,,1", "occurred_at", "before 2000"),
        ("issue,,A,,X1,1,MAIN,,1", "occurred_at", "no time"),
        ("sale,2024-01-02T10:00:00Z,A,,X1,1,MAIN,,1", "kind", "not a kind of movement"),
        (",2024-01-02T10:00:00Z,A,,X1,1,MAIN,,1", "kind", "no kind of movement"),
        ("issue,2024-01-02T10:00:00Z,A,,X 1,1,MAIN,,1", "sku", "' '"),
        ("issue,2024-01-02T10:00:00Z,A,,X1,1,,,1", "kind", "needs a location to take"),
        ("receipt,2024-01-02T10:00:00Z,A,,X1,1,MAIN,B,1", "kind", "needs a location to put"),
        ("adjustment,2024-01-02T10:00:00Z,A,,X1,1,MAIN,,1", "reason", "needs a reason"),
        ("issue,2024-01-02T10:00:00Z,A,,X1,1,MAIN,,1.23456", "unit_price", "4 decimal places"),
        ("issue,2024-01-02T10:00:00Z,A,,X1,1,MAIN", "", "has 7 fields, but the header has 9"),
    ] {
        let report = dry(&format!("{OWN}{row}\n"), "stockroom");
        assert_eq!((report.rows_read, report.rows_rejected), (1, 1), "{row}");
        let reject = &report.first_rejects[0];
        assert_eq!((reject.line, reject.field.as_str()), (2, field), "{row}: {}", reject.reason);
        assert!(reject.reason.contains(wanted), "{row}: {}", reject.reason);
    }
}

#[test]
fn a_file_with_another_layout_is_refused_with_its_columns() {
    let options = MovementOptions::new(bytes(b"a,b,c\n1,2,3\n"), profile("online-retail"));
    let message = movements_dry_run(&options).unwrap_err().to_string();
    assert!(message.contains("InvoiceNo") && message.contains("a, b, c"), "{message}");
    let empty = movements_dry_run(&MovementOptions::new(bytes(b""), profile("stockroom"))).unwrap_err();
    assert!(matches!(empty, ImportError::Empty { .. }));
    let packed = MovementOptions::new(bytes(b"\xFD7zXZ\0rest"), profile("stockroom"));
    assert!(movements_dry_run(&packed).unwrap_err().to_string().contains("xz"));
    let wrong = MovementOptions::new(bytes(b"a\n"), profile("open-food-facts"));
    assert!(movements_dry_run(&wrong).unwrap_err().to_string().contains("[movements]"));
}

#[test]
fn a_corrected_rejects_file_is_imported_like_the_file_itself() {
    let folder = tempfile::tempdir().unwrap();
    let rejects = folder.path().join("rejects.csv");
    let good = "issue,2024-01-02T10:00:00Z,A2,,X3,1,MAIN,,4.00\n";
    let wrong = "issue,2024-01-02T10:00:00Z,\"A,1\",,X2,1O,MAIN,,2.00\n";
    let mut options =
        MovementOptions::new(bytes(format!("{OWN}{wrong}{good}").as_bytes()), profile("stockroom"));
    options.rejects = Some(rejects.clone());
    assert_eq!(movements_dry_run(&options).unwrap().rows_rejected, 1);
    let written = std::fs::read_to_string(&rejects).unwrap();
    assert!(written.starts_with("reject_line,reject_field,reject_reason,kind,occurred_at"), "{written}");
    assert!(written.contains(wrong), "{written}");
    let corrected = written.replace("1O", "10");
    let postings = plan(corrected.as_bytes(), "stockroom");
    assert_eq!(postings, plan(format!("{OWN}{}", wrong.replace("1O", "10")).as_bytes(), "stockroom"));
    options.source = Source::Path(rejects);
    assert!(matches!(movements_dry_run(&options), Err(ImportError::RejectsAreInput)));
}

#[test]
fn a_custom_profile_reads_another_convention() {
    let text = "\
        [file]\ndelimiter = \";\"\ndecimal_comma = true\n\
        [movements]\ndate_format = \"%d.%m.%Y\"\ntime_zone = \"Europe/Berlin\"\nlocation = \"LAGER\"\n\
        signed_quantity = true\n[movements.kinds]\nZugang = \"receipt\"\nInventur = \"adjustment\"\n\
        [movements.columns]\nkind = \"Art\"\nsku = \"Artikel\"\nquantity = \"Menge\"\n\
        occurred_at = \"Tag\"\nunit_price = \"Preis\"\nreason = \"Grund\"\n";
    let profile = Profile::parse("lager", text).unwrap();
    let file = "Art;Artikel;Menge;Tag;Preis;Grund\nZugang;a1;2,5;01.07.2024;1,20;\nInventur;a1;-0,5;02.07.2024;;Bruch\n";
    let options = MovementOptions::new(bytes(file.as_bytes()), profile);
    let mut postings = Vec::new();
    plan_movements(&options, |posting| postings.push(posting.clone())).unwrap();
    assert_eq!(postings.len(), 2);
    assert_eq!(postings[0].id.occurred_at().to_string(), "2024-06-30T22:00:00Z");
    assert_eq!(postings[0].lines[0].quantity.to_string(), "2.5");
    assert_eq!(postings[1].lines[0].from.as_ref().unwrap().as_str(), "LAGER");
    assert_eq!(movements_dry_run(&options).unwrap().value_read, decimal("3"));
}

#[test]
fn a_document_over_the_limit_is_split_the_same_way_every_time() {
    let rows: String =
        (0..12_000).map(|n| format!("receipt,2024-01-02T10:00:00Z,BIG,,X{n},1,,MAIN,1\n")).collect();
    let text = format!("{OWN}{rows}");
    let postings = plan(text.as_bytes(), "stockroom");
    assert_eq!(postings.iter().map(|p| p.lines.len()).collect::<Vec<_>>(), [5_000, 5_000, 2_000]);
    assert_eq!(postings, plan(text.as_bytes(), "stockroom"));
    assert_eq!(postings.iter().map(|p| p.id).collect::<HashSet<_>>().len(), 3);
}

#[test]
fn the_lists_of_products_give_the_known_figures() {
    for (name, read, posted) in [
        ("off-italy-2021.tsv.gz", 1_263, 1_242),
        ("off-french-2019.tsv.gz", 1_541, 1_524),
        ("off-italy-2021-barcodes-damaged.tsv.gz", 1_162, 0),
    ] {
        let Some(path) = shared(name) else { continue };
        let report = dry_products(Source::Path(path), profile("open-food-facts"));
        eprintln!("{name}\n{report}");
        assert_eq!(report.rows_read, read);
        if posted > 0 {
            assert_eq!(report.rows_posted, posted, "{name}");
        } else {
            let spreadsheet = report.reject_counts.iter().find(|c| c.reason.contains("scientific"));
            assert_eq!(spreadsheet.map(|count| count.rows), Some(1_063));
        }
    }
}

#[test]
fn products_are_checked_field_by_field() {
    let header = "sku,name,unit,decimals,reorder_point,unit_price,tracking,barcodes\n";
    let list = |row: &str| dry_products(bytes(format!("{header}{row}\n").as_bytes()), profile("stockroom"));
    let report = list("ab-1, Blue   bowl ,kg,2,1.5,2.50,lot,8076809570787 18076809570784*12");
    assert_eq!((report.rows_posted, report.rows_rejected), (1, 0), "{report}");
    for (row, field, wanted) in [
        ("ab 1,Bowl,,,,,,", "sku", "' '"),
        ("\"8,02E+12\",Bowl,,,,,,", "sku", "spreadsheet"),
        ("A1,  ,,,,,,", "name", "no name"),
        ("A1,B\u{FFFD}wl,,,,,,", "name", "characters were lost"),
        ("A1,Bowl,,4,,,,", "decimals", "0, 1, 2 or 3"),
        ("A1,Bowl,,0,1.5,,,", "reorder_point", "decimal places"),
        ("A1,Bowl,,,,-1,,", "unit_price", "zero or more"),
        ("A1,Bowl,,,,,batch,", "tracking", "none, lot or serial"),
        ("A1,Bowl,,1,,,serial,", "decimals", "whole units"),
        ("A1,Bowl,,,,,,8076809570787*0", "barcodes", "greater than zero"),
        ("A1,Bowl,,,,,,b b", "barcodes", "already"),
    ] {
        let report = list(row);
        assert_eq!(report.rows_rejected, 1, "{row}");
        let reject = &report.first_rejects[0];
        assert_eq!(reject.field, field, "{row}: {}", reject.reason);
        assert!(reject.reason.contains(wanted), "{row}: {}", reject.reason);
    }
    let report = list("A1,Bowl,,,,,,\na1,Bowl,,,,,,");
    assert_eq!((report.rows_posted, report.rows_rejected), (1, 1));
}

fn movement_rows() -> impl Strategy<Value = String> {
    let field = prop_oneof![Just(String::new()), "[A-C][0-9]?", "-?[0-9]{1,3}(\\.[0-9]{1,5})?", "[ -~]{0,8}"];
    let kind = prop_oneof![Just("issue"), Just("receipt"), Just("adjustment"), Just("x")];
    let row = (kind, "[AB]", field.clone(), "[X-Z]", field.clone(), field).prop_map(
        |(kind, reference, reason, sku, quantity, price)| {
            format!("{kind},2024-01-02T10:00:00Z,{reference},{reason},{sku},{quantity},MAIN,,{price}\n")
        },
    );
    proptest::collection::vec(row, 0..40).prop_map(|rows| format!("{OWN}{}", rows.concat()))
}

proptest! {
    #[test]
    fn any_bytes_give_a_report_that_adds_up_or_an_error(
        body in proptest::collection::vec(any::<u8>(), 0..600),
        with_header in any::<bool>(),
    ) {
        let mut file = if with_header { OWN.as_bytes().to_vec() } else { Vec::new() };
        file.extend(body);
        for name in ["stockroom", "online-retail"] {
            let options = MovementOptions::new(bytes(&file), profile(name));
            if let Ok(report) = movements_dry_run(&options) {
                prop_assert_eq!(report.rows_read, report.rows_posted + report.rows_rejected);
            }
        }
    }

    #[test]
    fn figures_add_up_and_ids_are_the_same_each_time(text in movement_rows()) {
        let report = dry(&text, "stockroom");
        prop_assert_eq!(report.rows_read, report.rows_posted + report.rows_rejected);
        prop_assert_eq!(report.value_read, report.value_posted + report.value_rejected);
        let postings = plan(text.as_bytes(), "stockroom");
        prop_assert_eq!(&postings, &plan(text.as_bytes(), "stockroom"));
        let lines: usize = postings.iter().map(|posting| posting.lines.len()).sum();
        prop_assert_eq!(lines as u64, report.rows_posted);
        let ids: HashSet<_> = postings.iter().map(|posting| posting.id).collect();
        prop_assert_eq!(ids.len(), postings.len());
    }

    #[test]
    fn any_bytes_are_a_list_of_products_or_an_error(body in proptest::collection::vec(any::<u8>(), 0..400)) {
        let mut file = b"code\tproduct_name\n".to_vec();
        file.extend(body);
        let report = dry_products(bytes(&file), profile("open-food-facts"));
        prop_assert_eq!(report.rows_read, report.rows_posted + report.rows_rejected);
    }
}

#[test]
fn gzip_in_several_members_reads_like_the_plain_file() {
    use std::io::Write;
    let row = "issue,2024-01-02T10:00:00Z,A1,,X1,1,MAIN,,1.50\r\n";
    let mut packed = Vec::new();
    for part in [format!("\u{FEFF}{}", OWN.replace('\n', "\r\n")), row.to_owned(), row.to_owned()] {
        let mut member = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        member.write_all(part.as_bytes()).unwrap();
        packed.extend(member.finish().unwrap());
    }
    let report = movements_dry_run(&MovementOptions::new(bytes(&packed), profile("stockroom"))).unwrap();
    assert_eq!((report.rows_posted, report.rows_rejected, report.postings), (2, 0, 1), "{report}");
    packed.truncate(packed.len() - 9);
    let cut = movements_dry_run(&MovementOptions::new(bytes(&packed), profile("stockroom")));
    assert!(matches!(cut, Err(ImportError::Read { .. })), "{cut:?}");
}
