//! Warnings of free text that looks as if it named somebody, before a command sends it.

use super::context::Context;
use crate::domain::{FreeTextCheck, Note, Reference};
use crate::service::Service;

/// A text that is kept for ever, with what it is called.
pub(super) type Named<'a> = (&'static str, Option<&'a str>);

pub(super) fn reference(text: Option<&Reference>) -> Named<'_> {
    ("reference", text.map(Reference::as_str))
}

pub(super) fn reason(text: Option<&Note>) -> Named<'_> {
    ("reason", text.map(Note::as_str))
}

/// Warns of each text that seems to hold personal data. The command continues all the same.
pub(super) async fn warn_if_personal<'a>(
    context: &Context,
    service: &Service,
    texts: impl IntoIterator<Item = Named<'a>>,
) {
    let given: Vec<(&str, &str)> =
        texts.into_iter().filter_map(|(name, text)| text.map(|text| (name, text))).collect();
    if given.is_empty() {
        return;
    }
    let check = FreeTextCheck::new(&context.known_names(service).await);
    for (name, text) in given {
        if let Some(hint) = check.hint(text) {
            context.output.notice(&format!(
                "the {name} seems to contain {}; it is kept for ever, so it should not name anybody",
                hint.words()
            ));
        }
    }
}
