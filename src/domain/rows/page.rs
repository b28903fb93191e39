//! A page of a long list, and where it begins.

/// The most rows of one page: several screens, so that everything around a cursor can be refetched in one query.
pub const PAGE_ROWS_MAX: u16 = 500;

/// Where a page of a list begins, by the key of a row.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Anchor<K> {
    #[default]
    Start,
    /// The page ends with the last row of the list.
    End,
    After(K),
    /// The page ends before this row.
    Before(K),
    /// The page begins with this row, or the next one if it is gone, in order to refetch what is shown.
    From(K),
}

/// Consecutive rows of a list, in display order.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    pub rows: Vec<T>,
    /// Whether there are, or may be, rows before the first.
    pub more_before: bool,
    /// Whether there are, or may be, rows after the last.
    pub more_after: bool,
}

impl<T> Page<T> {
    /// Makes a page of rows that were queried with a limit of one more than `limit`; the extra row says whether there
    /// are more.
    #[must_use]
    pub fn cut<K>(mut rows: Vec<T>, anchor: &Anchor<K>, limit: usize) -> Self {
        let surplus = rows.len().saturating_sub(limit);
        match anchor {
            Anchor::Start | Anchor::After(_) | Anchor::From(_) => {
                rows.truncate(limit);
                Self { rows, more_before: !matches!(anchor, Anchor::Start), more_after: surplus > 0 }
            }
            Anchor::End | Anchor::Before(_) => {
                rows.drain(..surplus);
                Self { rows, more_before: surplus > 0, more_after: !matches!(anchor, Anchor::End) }
            }
        }
    }

    /// The same page with its rows replaced.
    #[must_use]
    pub fn with_rows<U>(&self, rows: Vec<U>) -> Page<U> {
        Page { rows, more_before: self.more_before, more_after: self.more_after }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_row_beyond_the_limit_says_whether_there_are_more() {
        let cut = |rows: std::ops::Range<u8>, anchor| {
            let page = Page::cut(rows.collect(), &anchor, 3);
            (page.rows, page.more_before, page.more_after)
        };
        assert_eq!(cut(0..4, Anchor::Start), (vec![0, 1, 2], false, true));
        assert_eq!(cut(0..3, Anchor::Start), (vec![0, 1, 2], false, false));
        assert_eq!(cut(5..9, Anchor::After(4)), (vec![5, 6, 7], true, true));
        assert_eq!(cut(5..5, Anchor::From(5)), (vec![], true, false));
        assert_eq!(cut(1..5, Anchor::End), (vec![2, 3, 4], true, false));
        assert_eq!(cut(0..2, Anchor::Before(2)), (vec![0, 1], false, true));
    }
}
