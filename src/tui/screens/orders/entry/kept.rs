//! The form as it is kept on this machine, and how it is taken up again.

use serde::{Deserialize, Serialize};

use super::head::Position;
use super::lines::FormLine;
use super::{Edited, OrderForm};
use crate::domain::{OrderKind, PostingId};
use crate::tui::view::{Context, Draft};
use crate::tui::widgets::List;

/// What is kept.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    kind: OrderKind,
    /// What is typed into the fields below the kind, from top to bottom.
    texts: Vec<String>,
    lines: Vec<FormLine>,
    editing: Option<Edited>,
    /// The id under which exactly this was sent; what became of it may not be known.
    sent: Option<PostingId>,
}

impl OrderForm {
    fn texts(&self) -> Vec<String> {
        Position::ALL.iter().skip(1).map(|position| self.head.text(*position).to_owned()).collect()
    }

    /// Changes whenever what is kept does.
    pub(super) fn kept_mark(&self) -> u64 {
        if self.lines.is_empty() {
            return 0;
        }
        let lines: Vec<_> = (self.lines.rows().iter())
            .map(|line| {
                (
                    &line.sku,
                    line.quantity.value(),
                    line.unit_price.map(|price| price.value()),
                    line.over_percent,
                )
            })
            .collect();
        Draft::mark((self.head.kind(), self.texts(), lines, self.submission.is_under_way()))
    }

    pub(super) fn kept(&self) -> Option<Draft> {
        let kept = Kept {
            kind: self.head.kind(),
            texts: self.texts(),
            lines: self.lines.rows().to_vec(),
            editing: self.editing.clone(),
            sent: self.submission.tried().filter(|_| self.submission.is_under_way()),
        };
        Draft::of(kept.lines.len(), &kept)
    }

    /// Takes up what was kept, if the form is empty. It is reviewed again before it can be saved.
    pub(super) fn resume_kept(&mut self, content: &str, context: &mut Context<'_>) -> bool {
        let free = !self.is_begun() && !self.submission.is_under_way();
        let Some(kept) = serde_json::from_str::<Kept>(content).ok().filter(|_| free) else { return false };
        *self = Self::default();
        self.head.set_kind(kept.kind);
        if let Some(edited) = kept.editing {
            self.head.fix(kept.kind, &edited.number);
            self.editing = Some(edited);
        }
        for (position, text) in Position::ALL.iter().skip(1).zip(&kept.texts) {
            self.head.go_to(*position);
            self.head.form.set(text);
        }
        self.lines = List::new(kept.lines);
        self.scanning = true;
        if let (Some(id), Ok(order)) = (kept.sent, self.content(context)) {
            self.submission.adopt(id, order);
        }
        true
    }
}
