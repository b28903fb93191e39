//! What is exported can be imported again.

use stockroom::domain::{LedgerRow, Line, PackBarcode, Posting, Product, Tracking};
use stockroom::export::{self, Texts};
use stockroom::import::{
    MovementOptions, ProductOptions, Profile, Source, movements_dry_run, plan_movements, products_dry_run,
    sample,
};

fn stockroom() -> Profile {
    Profile::load("stockroom", None).unwrap()
}

fn options(bytes: Vec<u8>, profile: Profile) -> MovementOptions {
    MovementOptions::new(Source::Bytes(Box::leak(bytes.into_boxed_slice())), profile)
}

fn rows(posting: &Posting) -> Vec<LedgerRow> {
    let row = |(position, line): (usize, &Line)| LedgerRow {
        id: posting.id.line(position),
        posting_id: posting.id,
        kind: posting.kind,
        occurred_at: posting.id.occurred_at(),
        reference: posting.reference.clone(),
        reason: posting.reason.clone(),
        partner: posting.partner.clone(),
        sku: line.sku.clone(),
        quantity: line.quantity,
        from: line.from.clone(),
        to: line.to.clone(),
        lot: line.lot.clone(),
        lot_expires_on: line.expires,
        unit_price: line.unit_price,
        reverses: line.reverses,
        order: None,
        order_line: None,
        reversed_by: None,
        name: "Product".parse().unwrap(),
        unit: "each".parse().unwrap(),
        posted_at: posting.id.occurred_at(),
        posted_by: "clerk".to_owned(),
    };
    posting.lines.iter().enumerate().map(row).collect()
}

#[test]
fn exported_movements_are_imported_unchanged_with_their_ids() {
    let profile = Profile::load("online-retail", None).unwrap();
    let retail = MovementOptions::new(Source::Bytes(sample()), profile);
    let mut before = Vec::new();
    plan_movements(&retail, |posting| before.push(posting.clone())).unwrap();
    let mut file = Vec::new();
    let count = export::movements(&mut file, Texts::NoFormulas, before.iter().flat_map(rows)).unwrap();
    let again = options(file, stockroom());
    let report = movements_dry_run(&again).unwrap();
    assert_eq!((report.rows_read, report.rows_rejected), (count, 0), "{report}");
    let mut after = Vec::new();
    plan_movements(&again, |posting| after.push(posting.clone())).unwrap();
    assert_eq!(before, after);
}

#[test]
fn exported_products_are_imported_unchanged() {
    let mut product = Product::plain("b-1".parse().unwrap(), "Bowl, \"blue\"".parse().unwrap()).unwrap();
    product.decimals = 2;
    product.category = Some("Kitchen, garden".parse().unwrap());
    product.reorder_point = Some("1.50".parse().unwrap());
    product.unit_price = Some("2.5".parse().unwrap());
    product.tracking = Tracking::Lot;
    for (barcode, pack) in [("8076809570787", "1"), ("18076809570784", "12"), ("A*1", "1")] {
        let (barcode, pack_quantity) = (barcode.parse().unwrap(), pack.parse().unwrap());
        product.barcodes.push(PackBarcode { barcode, pack_quantity });
    }
    let mut file = Vec::new();
    export::products(&mut file, Texts::NoFormulas, [product]).unwrap();
    let text = String::from_utf8(file).unwrap();
    assert!(text.ends_with("8076809570787 18076809570784*12 A*1*1\n"), "{text}");
    let source = Source::Bytes(Box::leak(text.into_bytes().into_boxed_slice()));
    let options = ProductOptions { source, profile: stockroom(), rejects: None, progress: false };
    let report = products_dry_run(&options).unwrap();
    assert_eq!((report.rows_posted, report.rows_rejected), (1, 0), "{report}");
}
