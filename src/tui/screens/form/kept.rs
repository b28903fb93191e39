//! A form as it is saved on this machine, and how it is restored.

use serde::{Deserialize, Serialize};

use super::against::Against;
use super::line::{Entry, Goods};
use super::place::End;
use super::post::Phase;
use super::{Focus, FormScreen};
use crate::domain::{Basket, LocationCode, OrderNumber, PostingId};
use crate::tui::view::{Context, Draft};

/// The saved contents of a form, as they are written to the draft.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    /// The order that goods are received against.
    #[serde(default)]
    order: Option<OrderNumber>,
    from: Option<LocationCode>,
    to: Option<LocationCode>,
    partner: String,
    reference: String,
    reason: String,
    lines: Vec<KeptLine>,
    /// The id under which exactly this was sent; its outcome may be unknown.
    sent: Option<PostingId>,
}

#[derive(Debug, Serialize, Deserialize)]
struct KeptLine {
    text: String,
    /// None for a text that has not been looked up yet, or that cannot be posted.
    goods: Option<Goods>,
}

/// A posting that may have been sent before the terminal ended: the same content is sent with the same id again, so
/// that it is posted once.
#[derive(Debug)]
pub(super) struct Resumed {
    id: PostingId,
    /// How often the lines had changed when it was restored.
    changes: u64,
}

impl FormScreen {
    /// A number that changes whenever the saved contents do.
    pub(super) fn kept_mark(&self) -> u64 {
        if self.lines.is_empty() {
            return 0;
        }
        Draft::mark((
            (self.lines.changes(), self.phase == Phase::Posting),
            (self.from.code(), self.to.code(), self.against.as_ref().and_then(Against::number)),
            (self.partner.text(), self.reference.text(), self.reason.text()),
        ))
    }

    pub(super) fn kept(&self) -> Option<Draft> {
        let line =
            |line: &super::line::Line| KeptLine { text: line.text.clone(), goods: line.goods().cloned() };
        let kept = Kept {
            order: self.against.as_ref().and_then(Against::number),
            from: self.from.code().cloned(),
            to: self.to.code().cloned(),
            partner: self.partner.text().to_owned(),
            reference: self.reference.text().to_owned(),
            reason: self.reason.text().to_owned(),
            lines: self.lines.all().iter().map(line).collect(),
            sent: self.submission.tried().filter(|_| self.submission.is_under_way()),
        };
        Draft::of(kept.lines.len(), &kept)
    }

    /// Restores saved contents, if the form is empty. Everything is shown again before it can be posted.
    pub(super) fn resume_kept(&mut self, content: &str, context: &mut Context<'_>) -> bool {
        let free = self.lines.is_empty() && self.phase == Phase::Editing;
        let Some(kept) = serde_json::from_str::<Kept>(content).ok().filter(|_| free) else { return false };
        if let Some(number) = kept.order {
            self.take_order(number, context);
        }
        for (end, code) in [(End::From, kept.from), (End::To, kept.to)] {
            if let Some(code) = code {
                self.place_mut(end).picker.set(code.as_str());
                self.scanned_place(end, context);
            }
        }
        for (field, text) in [
            (&mut self.partner, &kept.partner),
            (&mut self.reference, &kept.reference),
            (&mut self.reason, &kept.reason),
        ] {
            field.set(text);
        }
        for line in kept.lines {
            match line.goods {
                Some(goods) => {
                    let key = self.lines.add(&line.text, Entry::Goods(goods), None);
                    self.lines.select_key(key);
                }
                None => self.scanned(&line.text, context),
            }
        }
        self.resumed = kept.sent.map(|id| Resumed { id, changes: self.lines.changes() });
        self.focus_on(Focus::Scan);
        self.refresh_on_hand(context);
        true
    }

    /// Reuses the id of a restored posting for the same content.
    pub(super) fn adopt_resumed(&mut self, basket: &Basket) {
        if let Some(Resumed { id, changes }) = self.resumed.take()
            && changes == self.lines.changes()
        {
            self.submission.adopt(id, basket.clone());
        }
    }
}
