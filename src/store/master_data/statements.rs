//! The statements that change master data. A verification reads the values of their audit records back, so both use
//! these constants; `audit::record::master` says which parameter is which column.

pub use super::product::{ADD_PRODUCTS, CHANGE_PRODUCTS, CHANGEABLE_COLUMNS, FIXED_COLUMNS};

/// Archives or restores a product.
pub const ARCHIVE_PRODUCT: &str = include_str!("archive_product.sql");
/// Adds the barcodes of new products.
pub const ADD_BARCODES: &str = include_str!("add_barcodes.sql");
/// Adds a barcode (`$1`) to the product with the key `$2`; a barcode that exists is not changed.
pub const ADD_BARCODE: &str = "INSERT INTO stock.barcodes (barcode, product_id, pack_quantity) VALUES ($1, $2, $3) ON CONFLICT (barcode) DO NOTHING";
/// Removes a barcode (`$1`) from the product with the key `$2`.
pub const REMOVE_BARCODE: &str = "DELETE FROM stock.barcodes WHERE barcode = $1 AND product_id = $2";
/// Removes a barcode from the product with a SKU.
pub const REMOVE_BARCODE_OF_SKU: &str = "DELETE FROM stock.barcodes b USING stock.products p WHERE b.barcode = $1 AND p.product_id = b.product_id AND p.sku = $2";
/// Adds a location; one whose code exists is not changed.
pub const ADD_LOCATION: &str = include_str!("add_location.sql");
/// Changes the name, the kind or the parent of a location.
pub const CHANGE_LOCATION: &str = include_str!("change_location.sql");
/// Archives or restores a location.
pub const ARCHIVE_LOCATION: &str = include_str!("archive_location.sql");
/// Adds the lots that a receipt names.
pub const ADD_LOTS: &str = include_str!("../posting/add_lots.sql");
/// Changes the last day of use of a lot.
pub const CHANGE_LOT: &str = include_str!("change_lot.sql");
/// Writes the terms of suppliers.
pub const SET_SUPPLIES: &str = include_str!("set_supplies.sql");
/// Removes the terms of a supplier for a product.
pub const REMOVE_SUPPLY: &str =
    "DELETE FROM stock.product_suppliers WHERE product_id = $1 AND partner_id = $2";
/// Adds partners, one per element of the arrays; those whose code exists are not changed.
pub const ADD_PARTNERS: &str = include_str!("add_partners.sql");
/// Changes the name of a partner and the fields that are named.
pub const CHANGE_PARTNER: &str = include_str!("change_partner.sql");
/// Sets the least remaining life of goods for a customer.
pub const CHANGE_MIN_LIFE: &str = "UPDATE stock.partners SET min_life_days = $2 WHERE code = $1";
/// Sets the policy for orders of one kind.
pub const SET_ORDER_POLICY: &str = "INSERT INTO stock.order_policies (kind, reserve, reserve_days, expire_days, clerks_decide) VALUES ($1, $2, $3, $4, $5) \
     ON CONFLICT (kind) DO UPDATE SET reserve = excluded.reserve, reserve_days = excluded.reserve_days, expire_days = excluded.expire_days, clerks_decide = excluded.clerks_decide";
/// Empties the personal fields of a partner that is erased.
pub const ERASE_PARTNER: &str = "UPDATE stock.partners SET contact_name = NULL, email = NULL, telephone = NULL, address = NULL, tax_number = NULL, note = NULL WHERE code = $1";
/// Sets whether a field of partners is personal.
pub const SET_FIELD_PERSONAL: &str = "INSERT INTO stock.partner_fields (field, personal) VALUES ($1, $2) ON CONFLICT (field) DO UPDATE SET personal = excluded.personal";
/// Stores the name of a person.
pub const SET_PERSON_NAME: &str = "INSERT INTO stock.person_names (login, full_name) VALUES ($1, $2) ON CONFLICT (login) DO UPDATE SET full_name = excluded.full_name";
/// Removes the name of a person who is erased.
pub const ERASE_PERSON: &str = "DELETE FROM stock.person_names WHERE login = $1";
/// Records an event about a subject of personal data.
pub const SUBJECT_EVENT: &str = "INSERT INTO stock.privacy_events (kind, subject_kind, subject, key_id, ground) VALUES ($1, $2, $3, $4, $5)";
/// Records an event of the keyring.
pub const KEYRING_EVENT: &str =
    "INSERT INTO stock.privacy_events (kind, key_version, fingerprint) VALUES ($1, $2, $3)";
