//! The columns of the files that are read and written: what they can hold, and what our own files call them.

use serde::Deserialize;

/// Makes an enumeration of fields, each with the name that it has in a profile and as a column of ours.
macro_rules! fields {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident = $column:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
        pub enum $name {
            $($(#[$field_doc])* #[serde(rename = $column)] $field),+
        }

        impl $name {
            /// The name of the column in a file of ours.
            #[must_use]
            pub fn column(self) -> &'static str {
                match self {
                    $(Self::$field => $column),+
                }
            }
        }
    };
}

fields! {
    /// What a column of a file of movements can hold.
    MovementField {
        /// The id of the posting.
        Posting = "posting",
        /// The document; rows of one document post together.
        Reference = "reference",
        Kind = "kind",
        OccurredAt = "occurred_at",
        Reason = "reason",
        Partner = "partner",
        Sku = "sku",
        Quantity = "quantity",
        From = "from",
        To = "to",
        /// The lot or serial number.
        Lot = "lot",
        /// The last day of use of the lot.
        Expires = "expires",
        /// The price of one unit.
        UnitPrice = "unit_price",
        /// The movement that is undone.
        Reverses = "reverses",
        /// What the product is called.
        Name = "name",
    }
}

fields! {
    /// What a column of a list of products can hold.
    ProductField {
        Sku = "sku",
        Name = "name",
        /// What it is called where the name is empty.
        FallbackName = "fallback_name",
        /// The unit that it is counted in.
        Unit = "unit",
        Decimals = "decimals",
        /// A heading to group it by.
        Category = "category",
        /// The quantity at or below which it is low.
        ReorderPoint = "reorder_point",
        /// What one unit costs to buy.
        UnitCost = "unit_cost",
        /// What one unit sells for.
        UnitPrice = "unit_price",
        /// How its units are told apart.
        Tracking = "tracking",
        /// Its barcodes, divided by spaces.
        Barcodes = "barcodes",
    }
}
