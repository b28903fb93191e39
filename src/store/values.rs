//! Conversion of columns to values of the domain: codes and words from text, ids from uuid, quantities and prices from
//! numeric. A value that violates the rules of the domain is an error of the column.

use std::error::Error;

use rust_decimal::Decimal;
use tokio_postgres::types::{FromSql, Type};
use uuid::Uuid;

use crate::domain::{
    Barcode, BlockedBy, Group, ImportOutcome, LocationCode, LocationKind, LotCode, MovementId, MovementKind,
    Name, Note, OrderEventKind, OrderId, OrderKind, OrderLineId, OrderNumber, OrderState, PartnerCode,
    PartnerKind, PostingId, Quantity, Reference, ReserveRule, Sku, SupplierCode, Tracking, UnitPrice,
};

type Failure = Box<dyn Error + Sync + Send>;

/// Implements reading for types whose text form is stored in the column.
macro_rules! from_text {
    ($($type:ty),+ $(,)?) => {
        $(impl<'a> FromSql<'a> for $type {
            fn from_sql(kind: &Type, raw: &'a [u8]) -> Result<Self, Failure> {
                Ok(<&str>::from_sql(kind, raw)?.parse()?)
            }

            fn accepts(kind: &Type) -> bool {
                <&str as FromSql>::accepts(kind)
            }
        })+
    };
}

/// Implements reading for types that validate a simpler value of the column.
macro_rules! checked_from {
    ($($simple:ty => $type:ty: $check:path),+ $(,)?) => {
        $(impl<'a> FromSql<'a> for $type {
            fn from_sql(kind: &Type, raw: &'a [u8]) -> Result<Self, Failure> {
                Ok($check(<$simple>::from_sql(kind, raw)?)?)
            }

            fn accepts(kind: &Type) -> bool {
                <$simple as FromSql>::accepts(kind)
            }
        })+
    };
}

from_text!(
    Barcode,
    BlockedBy,
    Group,
    ImportOutcome,
    LocationCode,
    LocationKind,
    LotCode,
    MovementKind,
    Name,
    Note,
    OrderEventKind,
    OrderKind,
    OrderNumber,
    OrderState,
    PartnerCode,
    PartnerKind,
    Reference,
    ReserveRule,
    Sku,
    SupplierCode,
    Tracking,
);

checked_from!(
    Uuid => MovementId: MovementId::try_from,
    Uuid => PostingId: PostingId::try_from,
    Uuid => OrderId: OrderId::try_from,
    Uuid => OrderLineId: OrderLineId::try_from,
    Decimal => Quantity: Quantity::new,
    Decimal => UnitPrice: UnitPrice::new,
);
