//! Ids of imported postings. The same file gives the same ids, so that an interrupted run can be started again, and a
//! file that contains part of another one posts nothing twice.

use std::collections::HashMap;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::domain::{OrderId, OrderKind, Posting, PostingId};

/// The length of the random part of an id, in bytes.
const RANDOM_BYTES: usize = 10;

/// Generates the ids for the postings of one file, in order.
pub(super) struct Ids {
    profile: String,
    seen: HashMap<u64, u32>,
}

fn put(hash: &mut Sha256, text: &str) {
    // The length distinguishes "ab" + "c" from "a" + "bc".
    hash.update((text.len() as u64).to_be_bytes());
    hash.update(text.as_bytes());
}

impl Ids {
    pub(super) fn new(profile: &str) -> Self {
        Self { profile: profile.to_owned(), seen: HashMap::new() }
    }

    /// The id of a posting at `time`. A document is identified by its kind, reference, reason and partner, not by its
    /// lines: a document that was changed after it was posted is then refused and not posted a second time. Without a
    /// reference only the lines can identify it. Equal postings in the same minute are numbered.
    pub(super) fn make(&mut self, time: Timestamp, posting: &Posting) -> PostingId {
        let mut hash = Sha256::new();
        put(&mut hash, &self.profile);
        put(&mut hash, posting.kind.as_str());
        put(&mut hash, &time.as_millisecond().to_string());
        put(&mut hash, posting.reason.as_ref().map_or("", |reason| reason.as_str()));
        put(&mut hash, posting.partner.as_ref().map_or("", |partner| partner.as_str()));
        match &posting.reference {
            Some(reference) => put(&mut hash, reference.as_str()),
            None => {
                for line in &posting.lines {
                    put(&mut hash, line.sku.as_str());
                    put(&mut hash, &line.quantity.to_string());
                    put(&mut hash, &line.unit_price.map(|price| price.to_string()).unwrap_or_default());
                    put(&mut hash, line.from.as_ref().map_or("", |place| place.as_str()));
                    put(&mut hash, line.to.as_ref().map_or("", |place| place.as_str()));
                    put(&mut hash, line.lot.as_ref().map_or("", |lot| lot.as_str()));
                }
            }
        }
        let known = u64::from_be_bytes(first_bytes(&hash.clone().finalize()));
        let occurrence = self.seen.entry(known).or_default();
        *occurrence += 1;
        hash.update(occurrence.to_be_bytes());
        PostingId::at(time, first_bytes::<RANDOM_BYTES>(&hash.finalize()))
    }
}

/// The time in the ids of orders whose file gives no id: constant, so that importing the file again gives the same ids.
const ORDERS_TIME: Timestamp = Timestamp::constant(946_684_800, 0);

/// The id of an order, derived from its kind, its partner and the text by which the file identifies it.
pub(super) fn order_id(kind: OrderKind, partner: &str, key: &str) -> OrderId {
    let mut hash = Sha256::new();
    put(&mut hash, kind.as_str());
    put(&mut hash, partner);
    put(&mut hash, key);
    PostingId::at(ORDERS_TIME, first_bytes::<RANDOM_BYTES>(&hash.finalize())).into()
}

fn first_bytes<const N: usize>(digest: &[u8]) -> [u8; N] {
    let mut bytes = [0; N];
    bytes.iter_mut().zip(digest).for_each(|(byte, from)| *byte = *from);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::MovementKind;

    fn posting(kind: MovementKind, reference: Option<&str>) -> Posting {
        Posting {
            id: PostingId::at(Timestamp::UNIX_EPOCH, [0; 10]),
            kind,
            reference: reference.map(|text| text.parse().unwrap()),
            reason: None,
            partner: None,
            lines: Vec::new(),
        }
    }

    #[test]
    fn ids_repeat_from_run_to_run_and_differ_within_one() {
        let time = Timestamp::from_millisecond(1_291_192_000_000).unwrap();
        let run = || {
            let mut ids = Ids::new("online-retail");
            let issue = posting(MovementKind::Issue, Some("536365"));
            let receipt = posting(MovementKind::Receipt, Some("536365"));
            let bare = posting(MovementKind::Issue, None);
            [&issue, &issue, &receipt, &bare, &bare].map(|posting| ids.make(time, posting))
        };
        let (first, again) = (run(), run());
        assert_eq!(first, again);
        let apart: std::collections::HashSet<_> = first.iter().collect();
        assert_eq!(apart.len(), first.len());
        assert_eq!(order_id(OrderKind::Sales, "C", "1"), order_id(OrderKind::Sales, "C", "1"));
        assert_ne!(order_id(OrderKind::Sales, "C", "1"), order_id(OrderKind::Sales, "C1", ""));
        assert!(first.iter().all(|id| id.occurred_at() == time));
        assert_ne!(Ids::new("other").make(time, &posting(MovementKind::Issue, Some("536365"))), first[0]);
    }
}
