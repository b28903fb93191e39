//! Ids that are generated where a person acts: version 7 UUIDs, whose first 48 bits are the time in milliseconds (RFC
//! 9562, section 5.7).
//!
//! A posting has one id, and the ids of its lines follow from it by counting up. A posting that is sent again has the
//! same ids, so that the primary key of the ledger accepts it once.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The most lines of one posting. A larger one would hold its locks long enough to delay others noticeably.
pub const LINES_MAX: usize = 5_000;

/// The last 62 bits of an id, which count the lines.
const COUNTER_BITS: u128 = (1 << 62) - 1;

/// Why a text is not an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    #[error("\"{0}\" is not a UUID")]
    NotAUuid(String),
    /// A UUID of another version, which contains no time.
    #[error("{0} is not a version 7 UUID; an id must contain the time of the posting")]
    NotVersion7(Uuid),
}

fn checked(id: Uuid) -> Result<Uuid, IdError> {
    if id.get_version_num() == 7 { Ok(id) } else { Err(IdError::NotVersion7(id)) }
}

/// The time inside a version 7 UUID, in whole milliseconds.
fn time_of(id: Uuid) -> Timestamp {
    let milliseconds = i64::try_from(id.as_u128() >> 80).unwrap_or(i64::MAX);
    // Forty-eight bits of milliseconds reach the year 10889; jiff ends at 9999.
    Timestamp::from_millisecond(milliseconds).unwrap_or(Timestamp::MAX)
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "Uuid", into = "Uuid")]
        pub struct $name(Uuid);

        impl $name {
            /// The id as a plain UUID, for the database and for JSON.
            #[must_use]
            pub fn uuid(self) -> Uuid {
                self.0
            }

            /// When the act happened: the time inside the id, in whole milliseconds.
            #[must_use]
            pub fn occurred_at(self) -> Timestamp {
                time_of(self.0)
            }
        }

        impl TryFrom<Uuid> for $name {
            type Error = IdError;

            fn try_from(id: Uuid) -> Result<Self, IdError> {
                checked(id).map(Self)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                Uuid::parse_str(text.trim())
                    .map_err(|_| IdError::NotAUuid(text.to_owned()))
                    .and_then(checked)
                    .map(Self)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Uuid {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(formatter)
            }
        }
    };
}

id! {
    /// The id of one movement: one row of the ledger.
    MovementId
}

id! {
    /// The id of a posting, and of its first movement.
    PostingId
}

id! {
    /// The id of an order.
    OrderId
}

id! {
    /// The id of a line of an order.
    OrderLineId
}

impl OrderId {
    /// The id of the line with a number, counted from 1: the order's own id plus the number.
    #[must_use]
    pub fn line(self, line_no: usize) -> OrderLineId {
        OrderLineId(PostingId(self.0).line(line_no).0)
    }

    /// The id as that of the act that creates the order, by which its outcome is looked up.
    #[must_use]
    pub fn act(self) -> PostingId {
        PostingId(self.0)
    }
}

impl From<PostingId> for OrderId {
    /// The id of the act that creates an order is the order's.
    fn from(id: PostingId) -> Self {
        Self(id.0)
    }
}

impl PostingId {
    /// Makes an id at `time` from 80 random bits.
    #[must_use]
    pub fn at(time: Timestamp, random: [u8; 10]) -> Self {
        let milliseconds = u64::try_from(time.as_millisecond()).unwrap_or(0);
        Self(uuid::Builder::from_unix_timestamp_millis(milliseconds, &random).into_uuid())
    }

    /// The id of the line at `position`, counted from 0: the posting's own id plus the position,
    /// carried within the last 62 bits, so that time and version stay as they are.
    #[must_use]
    pub fn line(self, position: usize) -> MovementId {
        let id = self.0.as_u128();
        let counter = (id & COUNTER_BITS).wrapping_add(position as u128) & COUNTER_BITS;
        MovementId(Uuid::from_u128((id & !COUNTER_BITS) | counter))
    }

    /// The largest id that a line of this posting may have. Queries find the lines of a posting between its own id and
    /// this one.
    #[must_use]
    pub fn last_line(self) -> MovementId {
        let id = self.0.as_u128();
        let counter = ((id & COUNTER_BITS) + LINES_MAX as u128).min(COUNTER_BITS);
        MovementId(Uuid::from_u128((id & !COUNTER_BITS) | counter))
    }
}

impl From<MovementId> for PostingId {
    /// Reads the id of a movement as that of a posting, which it is for the first line of each posting.
    fn from(id: MovementId) -> Self {
        Self(id.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_has_the_id_of_the_posting_and_all_keep_its_time() {
        let time = Timestamp::from_millisecond(1_291_192_000_123).unwrap();
        let posting = PostingId::at(time, [255; 10]);
        assert_eq!(posting.occurred_at(), time);
        assert_eq!(posting.line(0).uuid(), posting.uuid());
        for position in [1, 2, LINES_MAX] {
            let line = posting.line(position);
            assert_eq!(line.occurred_at(), time);
            assert_eq!(line.uuid().get_version_num(), 7);
            assert_ne!(line.uuid(), posting.uuid());
        }
    }

    #[test]
    fn the_last_line_is_never_below_the_first() {
        let end: PostingId = "01930000-0000-7000-bfff-ffffffffffff".parse().unwrap();
        assert_eq!(end.last_line().uuid(), end.uuid());
        assert!(end.line(1) < end.line(0), "a second line would start again at zero");
        let early: PostingId = "01930000-0000-7000-8000-000000000000".parse().unwrap();
        assert_eq!(early.last_line(), early.line(LINES_MAX));
    }

    #[test]
    fn other_versions_are_refused() {
        assert!(matches!(
            "9b2d1f0e-6a0c-4c7d-8f0e-1a2b3c4d5e6f".parse::<PostingId>(),
            Err(IdError::NotVersion7(_))
        ));
        assert!(matches!("nonsense".parse::<PostingId>(), Err(IdError::NotAUuid(_))));
    }
}
