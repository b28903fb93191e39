//! Submissions, with everything that can happen to them.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::testing::Fixture;
use super::{Effect, Ended, Review, Submission, WriteEnd};
use crate::domain::{CountSheet, Details, Posted, PostingId, Refusal, Status};
use crate::worker::message::{Failure, Order, Write, Written};

/// A view that posts numbers.
struct Poster {
    around: Fixture,
    review: Review<u8>,
    submission: Submission<u8>,
}

fn sheet(id: PostingId, _content: &u8) -> Write {
    let details = Details { id: Some(id), ..Details::default() };
    Write::Sheet(CountSheet { location: "MAIN".parse().unwrap(), lines: Vec::new(), details })
}

fn posted(id: PostingId) -> Result<Written, Failure> {
    Ok(Written::Posted(Posted {
        status: Status::Posted,
        posting_id: id,
        transactions: Vec::new(),
        levels: Vec::new(),
        attempts: 1,
    }))
}

fn refused() -> Result<Written, Failure> {
    Err(Failure::Unavailable("the server closed the connection".to_owned()))
}

fn unknown(id: PostingId) -> Result<Written, Failure> {
    Err(Failure::OutcomeUnknown { posting: id, message: "broken pipe".to_owned() })
}

impl Poster {
    fn new() -> Self {
        Self { around: Fixture::new(), review: Review::default(), submission: Submission::default() }
    }

    /// Enter: confirms what is shown. Returns the id of what was sent.
    fn confirm(&mut self, content: u8) -> Option<PostingId> {
        let confirmed = self.review.confirm(&content)?;
        let before = self.around.effects.len();
        let sent = self.submission.send(content, confirmed, &mut self.around.context(), sheet);
        assert_eq!(self.around.effects.len() - before, usize::from(sent));
        match self.around.effects.last() {
            Some(Effect::Send(Order::Write(id, write))) if sent => {
                let Write::Sheet(sheet) = &**write else { panic!("{write:?}") };
                assert_eq!(sheet.details.id, Some(*id), "the id that it is sent under is the one in it");
                Some(*id)
            }
            _ => None,
        }
    }

    fn post(&mut self, content: u8) -> PostingId {
        self.review.show(content);
        self.review.seen();
        self.confirm(content).unwrap()
    }
}

#[test]
fn nothing_is_confirmed_before_it_was_on_the_screen() {
    let mut poster = Poster::new();
    assert_eq!(poster.confirm(1), None);
    poster.review.seen();
    assert_eq!(poster.confirm(1), None, "nothing was shown that could have been seen");
    poster.review.show(1);
    assert_eq!(poster.confirm(1), None);
    poster.review.seen();
    assert_eq!(poster.confirm(2), None);
    // Something else replaces it, and has not been seen.
    poster.review.show(2);
    assert_eq!(poster.confirm(2), None);
    poster.review.seen();
    poster.review.show(2);
    assert!(poster.confirm(2).is_some(), "what is still shown has been seen");
    poster.review.open(2);
    assert_eq!(poster.confirm(2), None, "it was opened anew");
}

#[test]
fn an_id_that_means_something_else_already_is_not_used_again() {
    let mut poster = Poster::new();
    let first = poster.post(1);
    let used = Err(Failure::Refused(Refusal::IdUsedForAnother(first)));
    assert!(matches!(poster.submission.ended(first, WriteEnd::Written(&used)), Some(Ended::Refused(_))));
    assert_ne!(poster.post(1), first);
}

#[test]
fn what_is_under_way_is_not_forgotten() {
    let mut poster = Poster::new();
    let id = poster.post(1);
    poster.submission.forget();
    assert!(poster.submission.ended(id, WriteEnd::Written(&unknown(id))).is_some());
    poster.submission.forget();
    assert!(poster.submission.is_unknown());
    assert!(matches!(
        poster.submission.ended(id, WriteEnd::Resolved { posted: false }),
        Some(Ended::NotPosted)
    ));
    poster.submission.forget();
    assert_ne!(poster.post(1), id, "the same again is another act once the first was given up");
}

/// Something that happens to a view.
#[derive(Debug, Clone, Copy)]
enum Happening {
    Show(u8),
    Drawn,
    Confirm(u8),
    Posted,
    Refused,
    Unknown,
    Resolved(bool),
    /// The end of another view's write.
    Foreign(bool),
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        (0..3_u8).prop_map(Happening::Show),
        Just(Happening::Drawn),
        (0..3_u8).prop_map(Happening::Confirm),
        Just(Happening::Posted),
        Just(Happening::Refused),
        Just(Happening::Unknown),
        any::<bool>().prop_map(Happening::Resolved),
        any::<bool>().prop_map(Happening::Foreign),
    ]
}

proptest! {
    #[test]
    fn a_content_is_posted_once_whatever_happens(happenings in prop::collection::vec(happening(), 0..60)) {
        let mut poster = Poster::new();
        // What is shown and whether it was drawn, what is in progress, and what may have been posted last.
        let mut shown: Option<(u8, bool)> = None;
        let mut under_way: Option<(PostingId, u8)> = None;
        let mut tried: Option<(PostingId, u8)> = None;
        let mut ids = BTreeSet::new();
        let foreign = PostingId::at("2026-11-20T09:29:00Z".parse().unwrap(), [9; 10]);
        for happening in happenings {
            match happening {
                Happening::Show(content) => {
                    poster.review.show(content);
                    let seen = shown.is_some_and(|(old, seen)| old == content && seen);
                    shown = Some((content, seen));
                }
                Happening::Drawn => {
                    poster.review.seen();
                    shown = shown.map(|(content, _)| (content, true));
                }
                Happening::Confirm(content) => {
                    let sent = poster.confirm(content);
                    let may = shown == Some((content, true)) && under_way.is_none();
                    prop_assert_eq!(sent.is_some(), may);
                    if let Some(id) = sent {
                        let same = tried.filter(|(_, tried)| *tried == content);
                        match same {
                            Some((old, _)) => prop_assert_eq!(id, old),
                            None => prop_assert!(ids.insert(id), "an id was used for two acts"),
                        }
                        (under_way, tried) = (Some((id, content)), Some((id, content)));
                    }
                }
                Happening::Posted | Happening::Refused | Happening::Unknown => {
                    let id = under_way.map_or(foreign, |(id, _)| id);
                    let outcome = match happening {
                        Happening::Posted => posted(id),
                        Happening::Refused => refused(),
                        _ => unknown(id),
                    };
                    let taken = poster.submission.ended(id, WriteEnd::Written(&outcome));
                    prop_assert_eq!(taken.is_some(), under_way.is_some());
                    match happening {
                        Happening::Posted => (under_way, tried) = (None, tried.filter(|_| under_way.is_none())),
                        Happening::Refused => under_way = None,
                        _ => prop_assert_eq!(poster.submission.is_unknown(), under_way.is_some()),
                    }
                }
                Happening::Resolved(stands) => {
                    let id = under_way.map_or(foreign, |(id, _)| id);
                    let taken = poster.submission.ended(id, WriteEnd::Resolved { posted: stands });
                    prop_assert_eq!(taken.is_some(), under_way.is_some());
                    if stands && under_way.is_some() {
                        tried = None;
                    }
                    under_way = None;
                }
                Happening::Foreign(end) => {
                    let taken = if end {
                        poster.submission.ended(foreign, WriteEnd::Written(&posted(foreign))).is_some()
                    } else {
                        poster.submission.ended(foreign, WriteEnd::Resolved { posted: true }).is_some()
                    };
                    prop_assert!(!taken);
                }
            }
            prop_assert_eq!(poster.submission.is_under_way(), under_way.is_some());
        }
    }
}
