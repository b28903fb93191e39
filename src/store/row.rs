//! Converts the rows of a result into the row types of the domain, by the names of the columns.

use rust_decimal::Decimal;
use tokio_postgres::Row;

use super::Error;

/// A type that is read from one row of a result.
pub(super) trait FromRow: Sized {
    /// Reads the columns by their names.
    ///
    /// # Errors
    /// If a column is missing or has a value that the type does not accept.
    fn from_row(row: &Row) -> Result<Self, tokio_postgres::Error>;
}

/// Converts every row of a result.
pub(super) fn all<T: FromRow>(rows: &[Row]) -> Result<Vec<T>, Error> {
    Ok(rows.iter().map(T::from_row).collect::<Result<_, _>>()?)
}

/// Implements [`FromRow`] for a struct whose fields are named like the columns. An expression after a colon converts
/// the value of the column into that of the field.
macro_rules! from_row {
    ($type:ident { $($field:ident $(: $turn:expr)?),+ $(,)? }) => {
        impl $crate::store::row::FromRow for $type {
            fn from_row(row: &tokio_postgres::Row) -> Result<Self, tokio_postgres::Error> {
                Ok(Self { $($field: $crate::store::row::column!(row, $field $(, $turn)?)),+ })
            }
        }
    };
}

/// The value of one column.
macro_rules! column {
    ($row:ident, $field:ident) => {
        $row.try_get(stringify!($field))?
    };
    ($row:ident, $field:ident, $turn:expr) => {
        $turn($row.try_get(stringify!($field))?)
    };
}

pub(super) use {column, from_row};

/// A number without the trailing zeros that its column adds.
pub(super) fn plain(figure: Decimal) -> Decimal {
    figure.normalize()
}

/// As [`plain`], for a number that may be missing.
pub(super) fn plain_if_any(figure: Option<Decimal>) -> Option<Decimal> {
    figure.map(plain)
}

/// How many decimal places a quantity may have; the column holds 0 to 3.
pub(super) fn decimals(places: i16) -> u8 {
    u8::try_from(places).unwrap_or_default()
}
