//! What became of what was sent, in one line: of an order in full, its dialogs, the form of an order and the proposal.

use ratatui::text::Span;

use crate::tui::text::orders::OrdersText;
use crate::tui::view::{Canvas, Submission};

/// That it is on its way, that its outcome is not known, or what is wrong with it; otherwise nothing.
pub(super) fn progress<T: PartialEq>(
    submission: &Submission<T>,
    fault: Option<&str>,
    canvas: &Canvas<'_, '_>,
) -> Span<'static> {
    let (words, theme) = (canvas.words, canvas.theme);
    if submission.is_unknown() {
        return Span::styled(words.say(OrdersText::Unknown), theme.warning);
    }
    if submission.is_under_way() {
        return Span::styled(words.say(OrdersText::Posting), theme.dim);
    }
    fault.map_or_else(Span::default, |fault| Span::styled(format!("✗ {fault}"), theme.bad))
}
