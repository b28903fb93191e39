//! Whatever is scanned: no more is picked than is reserved, a refused scan changes nothing, and every count can be
//! taken back.

use proptest::prelude::*;
use rust_decimal::Decimal;

use super::at;
use crate::domain::Allocation;
use crate::domain::samples::parsed;
use crate::tui::screens::pick::walk::Walk;

const PLACES: [&str; 3] = ["A-01", "A-02", "B-01"];
const ITEMS: [&str; 4] = ["71053", "YOG", "DRILL", "85123A"];
const LOTS: [&str; 4] = ["L-1", "SN-1", "SN-2", "XX"];

fn list() -> Vec<Allocation> {
    vec![
        at("SO-000017", 1, "71053", "A-01", "", 4),
        at("SO-000021", 1, "71053", "A-01", "", 2),
        at("SO-000017", 2, "YOG", "A-02", "L-1", 3),
        at("SO-000017", 3, "DRILL", "B-01", "SN-1", 1),
        at("SO-000017", 3, "DRILL", "B-01", "SN-2", 1),
    ]
}

/// Something that a picker does.
#[derive(Debug, Clone, Copy)]
enum Doing {
    Place(usize),
    Item(usize, i64),
    Lot(usize),
    Quantity(i64),
    Undo,
    Step(isize),
    /// The list is read again.
    Refresh,
}

fn doing() -> impl Strategy<Value = Doing> {
    prop_oneof![
        4 => (0..PLACES.len()).prop_map(Doing::Place),
        6 => (0..ITEMS.len(), 1..6_i64).prop_map(|(item, units)| Doing::Item(item, units)),
        4 => (0..LOTS.len()).prop_map(Doing::Lot),
        2 => (0..6_i64).prop_map(Doing::Quantity),
        1 => Just(Doing::Undo),
        2 => (-2..3_isize).prop_map(Doing::Step),
        1 => Just(Doing::Refresh),
    ]
}

proptest! {
    #[test]
    fn no_more_is_picked_than_is_reserved(doings in prop::collection::vec(doing(), 0..80)) {
        let mut walk = Walk::default();
        walk.merge(list());
        for doing in doings {
            let before = walk.goods();
            let refused = match doing {
                Doing::Place(place) => {
                    let arrived = walk.arrive(&parsed(PLACES[place]));
                    prop_assert_eq!(&walk.goods(), &before, "a place counts nothing");
                    arrived.is_err()
                }
                Doing::Item(item, units) => {
                    walk.take(&parsed(ITEMS[item]), &parsed("Something"), Decimal::from(units), 0).is_err()
                }
                Doing::Lot(lot) => walk.name_lot(LOTS[lot]).is_none_or(|named| named.is_err()),
                Doing::Quantity(picked) => walk.set(Decimal::from(picked)).is_err(),
                Doing::Undo => !walk.undo(),
                Doing::Step(rows) => {
                    walk.step(rows);
                    true
                }
                Doing::Refresh => {
                    walk.merge(list());
                    true
                }
            };
            if refused {
                prop_assert_eq!(&walk.goods(), &before, "{:?}", doing);
            }
            for stop in walk.stops() {
                prop_assert!(stop.picked >= Decimal::ZERO && stop.picked <= stop.allocation.open, "{:?}", stop);
            }
            prop_assert_eq!(walk.stops().len(), list().len());
        }
        while walk.undo() {}
        prop_assert!(walk.goods().is_empty());
    }
}
