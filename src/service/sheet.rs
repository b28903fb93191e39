//! Posts a count sheet: the stock at a location is counted line by line, and all differences are posted at once.

use super::journal::Command;
use super::{Error, Service};
use crate::domain::{CountSheet, Note, Refusal, SheetCounted};

/// The reason of an adjustment if none is given.
const REASON_DEFAULT: &str = "count";

impl Service {
    /// Records all counts of a sheet, including those that agree, and posts the differences: all or nothing.
    ///
    /// # Errors
    /// [`Refusal::MovedSinceCounted`] if goods have moved since a line was counted; and as [`Service::post`].
    pub async fn count_sheet(&self, sheet: &CountSheet) -> Result<SheetCounted, Error> {
        let words = format!("count sheet of {} with {} lines", sheet.location, sheet.lines.len());
        self.post_sheet(sheet, &words).await
    }

    pub(super) async fn post_sheet(&self, sheet: &CountSheet, words: &str) -> Result<SheetCounted, Error> {
        let id = sheet.details.id_or_new();
        let reason: Note = match &sheet.details.reason {
            Some(reason) => reason.clone(),
            None => REASON_DEFAULT.parse().map_err(Refusal::from)?,
        };
        let work = self.store.count_sheet(id, &sheet.lines, &reason, sheet.details.reference.as_ref());
        self.journalled(id, words, Command::Count, work).await
    }
}
