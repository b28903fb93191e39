//! The statements of the program that change master data, and which of their parameters is the value of which column.

use crate::store::{master_data_statements as sent, order_statements as orders};

/// How the parameters of a statement, counted from 1, hold its values.
pub(super) enum Form {
    /// One row: each column with the parameter of its value and, if there is one, the parameter that says whether it is
    /// set.
    Scalars(&'static [(&'static str, usize, Option<usize>)]),
    /// One row per element of the arrays in these parameters.
    Arrays(&'static [(&'static str, usize)]),
    /// One row per object of a JSON array, with these members.
    Objects(&'static [&'static [&'static str]]),
}

pub(super) struct Statement {
    pub text: &'static str,
    /// The columns that identify a row.
    pub key: &'static [&'static str],
    pub form: Form,
    /// The columns that the statement sets to values that are not among its parameters.
    pub computed: &'static [&'static str],
}

/// Every statement of the program that changes master data.
pub(super) const STATEMENTS: [Statement; 27] = [
    Statement {
        text: sent::ADD_PRODUCTS,
        key: &["sku"],
        form: Form::Objects(&[sent::FIXED_COLUMNS, sent::CHANGEABLE_COLUMNS]),
        computed: &[],
    },
    Statement {
        text: sent::CHANGE_PRODUCTS,
        key: &["sku"],
        form: Form::Objects(&[&["sku"], sent::CHANGEABLE_COLUMNS]),
        computed: &[],
    },
    Statement {
        text: sent::ARCHIVE_PRODUCT,
        key: &["sku"],
        form: Form::Scalars(&[("sku", 1, None)]),
        computed: &["archived_at"],
    },
    Statement {
        text: sent::ADD_BARCODES,
        key: &["barcode"],
        form: Form::Arrays(&[("barcode", 2), ("pack_quantity", 3)]),
        computed: &["product_id"],
    },
    Statement {
        text: sent::ADD_BARCODE,
        key: &["barcode"],
        form: Form::Scalars(&[("barcode", 1, None), ("product_id", 2, None), ("pack_quantity", 3, None)]),
        computed: &[],
    },
    Statement {
        text: sent::REMOVE_BARCODE,
        key: &["barcode"],
        form: Form::Scalars(&[("barcode", 1, None), ("product_id", 2, None)]),
        computed: &[],
    },
    Statement {
        text: sent::REMOVE_BARCODE_OF_SKU,
        key: &["barcode"],
        form: Form::Scalars(&[("barcode", 1, None)]),
        computed: &[],
    },
    Statement {
        text: sent::ADD_LOCATION,
        key: &["code"],
        form: Form::Scalars(&[("code", 1, None), ("name", 2, None), ("kind", 4, None)]),
        computed: &["parent_id"],
    },
    Statement {
        text: sent::CHANGE_LOCATION,
        key: &["location_id"],
        form: Form::Scalars(&[
            ("location_id", 1, None),
            ("name", 3, Some(2)),
            ("parent_id", 5, Some(4)),
            // NULL keeps the kind.
            ("kind", 6, Some(6)),
        ]),
        computed: &[],
    },
    Statement {
        text: sent::ARCHIVE_LOCATION,
        key: &["code"],
        form: Form::Scalars(&[("code", 1, None)]),
        computed: &["archived_at"],
    },
    Statement {
        text: sent::ADD_LOTS,
        key: &["product_id", "code"],
        form: Form::Arrays(&[("product_id", 1), ("code", 2), ("expires_on", 3)]),
        computed: &[],
    },
    Statement {
        text: sent::CHANGE_LOT,
        key: &["product_id", "code"],
        form: Form::Scalars(&[("product_id", 1, None), ("code", 2, None), ("expires_on", 4, Some(3))]),
        computed: &[],
    },
    Statement {
        text: sent::SET_SUPPLIES,
        key: &["product_id", "partner_id"],
        form: Form::Arrays(&[
            ("product_id", 1),
            ("partner_id", 2),
            ("their_code", 3),
            ("price", 4),
            ("pack", 5),
            ("minimum", 6),
            ("lead_days", 7),
        ]),
        computed: &[],
    },
    Statement {
        text: sent::REMOVE_SUPPLY,
        key: &["product_id", "partner_id"],
        form: Form::Scalars(&[("product_id", 1, None), ("partner_id", 2, None)]),
        computed: &[],
    },
    Statement {
        text: orders::UPDATE_ORDER,
        key: &["order_id"],
        form: Form::Scalars(&[
            ("order_id", 1, None),
            ("partner_id", 2, None),
            ("partner_reference", 3, None),
            ("due_on", 4, None),
            ("ship_to_id", 5, None),
            ("to_location_id", 6, None),
            ("note", 7, None),
        ]),
        computed: &[],
    },
    Statement {
        text: orders::UPDATE_LINES,
        key: &["order_line_id"],
        form: Form::Arrays(&[("order_line_id", 1), ("quantity", 2), ("unit_price", 3), ("over_percent", 4)]),
        computed: &[],
    },
    Statement {
        text: orders::DELETE_LINES,
        key: &["order_line_id"],
        form: Form::Arrays(&[("order_line_id", 1)]),
        computed: &[],
    },
    Statement {
        text: sent::ADD_PARTNERS,
        key: &["code"],
        form: Form::Arrays(&[("code", 1), ("name", 2), ("kind", 3)]),
        computed: &[],
    },
    Statement {
        text: sent::CHANGE_PARTNER,
        key: &["code"],
        form: Form::Scalars(&[
            ("code", 1, None),
            ("name", 3, Some(2)),
            ("contact_name", 5, Some(4)),
            ("email", 7, Some(6)),
            ("telephone", 9, Some(8)),
            ("address", 11, Some(10)),
            ("tax_number", 13, Some(12)),
            ("note", 15, Some(14)),
        ]),
        computed: &[],
    },
    Statement {
        text: sent::CHANGE_MIN_LIFE,
        key: &["code"],
        form: Form::Scalars(&[("code", 1, None), ("min_life_days", 2, None)]),
        computed: &[],
    },
    Statement {
        text: sent::SET_ORDER_POLICY,
        key: &["kind"],
        form: Form::Scalars(&[
            ("kind", 1, None),
            ("reserve", 2, None),
            ("reserve_days", 3, None),
            ("expire_days", 4, None),
            ("clerks_decide", 5, None),
        ]),
        computed: &[],
    },
    Statement {
        text: sent::ERASE_PARTNER,
        key: &["code"],
        form: Form::Scalars(&[("code", 1, None)]),
        computed: &["contact_name", "email", "telephone", "address", "tax_number", "note"],
    },
    Statement {
        text: sent::SET_FIELD_PERSONAL,
        key: &["field"],
        form: Form::Scalars(&[("field", 1, None), ("personal", 2, None)]),
        computed: &[],
    },
    Statement {
        text: sent::SET_PERSON_NAME,
        key: &["login"],
        form: Form::Scalars(&[("login", 1, None), ("full_name", 2, None)]),
        computed: &[],
    },
    Statement {
        text: sent::ERASE_PERSON,
        key: &["login"],
        form: Form::Scalars(&[("login", 1, None)]),
        computed: &[],
    },
    Statement {
        text: sent::SUBJECT_EVENT,
        key: &["kind"],
        form: Form::Scalars(&[
            ("kind", 1, None),
            ("subject_kind", 2, None),
            ("subject", 3, None),
            ("key_id", 4, None),
            ("ground", 5, None),
        ]),
        computed: &[],
    },
    Statement {
        text: sent::KEYRING_EVENT,
        key: &["kind"],
        form: Form::Scalars(&[("kind", 1, None), ("key_version", 2, None), ("fingerprint", 3, None)]),
        computed: &[],
    },
];
