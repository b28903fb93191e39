//! Master data that are refused.

use super::{Stage, assert_refused};
use crate::support::session::Session;

/// What an admin could try with the master data, with the SQLSTATE and the name of the rule.
const MASTER_DATA: &[(&str, &str, &str)] = &[
    (
        "INSERT INTO stock.products (sku, name, unit_cost) VALUES ('N', 'N', 'NaN')",
        "23514",
        "products_unit_cost_range",
    ),
    (
        "INSERT INTO stock.products (sku, name, unit_price) VALUES ('N', 'N', 'NaN')",
        "23514",
        "products_unit_price_range",
    ),
    (
        "INSERT INTO stock.products (sku, name, reorder_point) VALUES ('N', 'N', 'NaN')",
        "23514",
        "products_reorder_point_range",
    ),
    (
        "INSERT INTO stock.products (sku, name, reorder_point) VALUES ('N', 'N', 0.5)",
        "23514",
        "products_reorder_point_range",
    ),
    (
        "INSERT INTO stock.products (sku, name, tracking, decimals) VALUES ('N', 'N', 'serial', 1)",
        "23514",
        "products_serial_whole",
    ),
    ("INSERT INTO stock.products (sku, name) VALUES ('a', 'N')", "23514", "products_sku_form"),
    ("INSERT INTO stock.products (sku, name) VALUES (E'A\\n', 'N')", "23514", "products_sku_form"),
    (
        "INSERT INTO stock.products (sku, name) VALUES ('N', repeat('x', 10000000))",
        "23514",
        "products_name_form",
    ),
    ("INSERT INTO stock.barcodes VALUES ('1', {A}, 'NaN')", "23514", "barcodes_pack_quantity_range"),
    ("UPDATE stock.products SET sku = 'N'", "42501", ""),
    ("UPDATE stock.products SET decimals = 2", "42501", ""),
    ("UPDATE stock.products SET tracking = 'none'", "42501", ""),
    ("UPDATE stock.products SET archived_at = 'infinity'", "23514", "products_archived_at_range"),
    (
        "UPDATE stock.locations SET archived_at = '-infinity' WHERE code = 'Y'",
        "23514",
        "locations_archived_at_range",
    ),
    ("UPDATE stock.lots SET expires_on = 'infinity'", "23514", "lots_expires_on_range"),
    ("UPDATE stock.lots SET expires_on = '20000-01-01'", "23514", "lots_expires_on_range"),
    ("UPDATE stock.locations SET archived_at = now() WHERE code = 'X'", "SR003", "location_not_empty"),
    ("UPDATE stock.locations SET parent_id = location_id", "23514", "locations_parent_other"),
    (
        "UPDATE stock.locations SET parent_id = {X} WHERE location_id = {Y};
             UPDATE stock.locations SET parent_id = {Y} WHERE location_id = {Z};
             UPDATE stock.locations SET parent_id = {Z} WHERE location_id = {X}",
        "SR003",
        "locations_form_a_tree",
    ),
    (
        // Numbers are given out in order, so that the first can name the second.
        "INSERT INTO stock.locations (code) VALUES ('R0');
         INSERT INTO stock.locations (code, parent_id)
             SELECT r.code, r.next + (SELECT max(location_id) FROM stock.locations) FROM (VALUES ('R1', 2), ('R2', 1)) AS r (code, next)",
        "SR003",
        "locations_form_a_tree",
    ),
];

#[tokio::test]
async fn master_data_that_break_a_rule_are_refused() {
    let stage = Stage::set().await;
    let admin = Session::open(&stage.database.url("admin")).await.unwrap();
    for (statement, sqlstate, rule) in MASTER_DATA {
        let statement = stage.fill(statement);
        assert_refused(admin.attempt("SERIALIZABLE", &statement).await, sqlstate, rule, &statement);
    }
    let archive = "UPDATE stock.locations SET archived_at = now() WHERE code = 'Y'";
    admin.attempt("SERIALIZABLE", archive).await.unwrap();
    assert_refused(
        admin.attempt("READ COMMITTED", archive).await,
        "SR001",
        "archiving_is_serializable",
        archive,
    );
    let tree = stage.fill("UPDATE stock.locations SET parent_id = {X} WHERE code <> 'X'");
    admin.attempt("SERIALIZABLE", &tree).await.unwrap();
    for lot in ["'infinity'", "'-infinity'", "'10000-01-01'", "'1899-12-31'"] {
        let sql = stage.fill(&format!(
            "INSERT INTO stock.lots (product_id, code, expires_on) VALUES ({{L}}, 'N', {lot})"
        ));
        assert_refused(stage.clerk_posts(&sql).await, "23514", "lots_expires_on_range", &sql);
    }
}
