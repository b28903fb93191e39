//! The fields that a file of movements can have, and their columns in Stockroom's own files.

use serde::Deserialize;

/// Declares an enumeration of fields, each with its name in a profile and as a column of Stockroom's own files.
macro_rules! fields {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident = $column:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
        pub enum $name {
            $($(#[$field_doc])* #[serde(rename = $column)] $field),+
        }

        impl $name {
            /// Every field, in the order of the columns.
            pub const ALL: &[Self] = &[$(Self::$field),+];

            /// The name of the column in Stockroom's own files.
            #[must_use]
            pub fn column(self) -> &'static str {
                match self {
                    $(Self::$field => $column),+
                }
            }
        }
    };
}

pub(in crate::import) use fields;

fields! {
    /// The fields that a column of a file of movements can have.
    MovementField {
        /// The id of the posting.
        Posting = "posting",
        /// The document; rows of one document are posted together.
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
        /// The movement that is reversed.
        Reverses = "reverses",
        /// The name of the product.
        Name = "name",
    }
}
