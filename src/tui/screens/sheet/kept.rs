//! A count sheet as it is saved on this machine, and how it is restored.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::draft::Draft as Sheet;
use super::{Phase, SheetScreen};
use crate::domain::{LocationCode, LotCode, Name, Sku, Tracking};
use crate::tui::view::{Context, Draft};

/// The saved contents of a count sheet, as they are written to the draft.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Kept {
    pub(super) location: LocationCode,
    pub(super) lines: Vec<KeptLine>,
}

/// A counted line, as it is saved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct KeptLine {
    pub(super) location: LocationCode,
    pub(super) sku: Sku,
    pub(super) lot: Option<LotCode>,
    pub(super) counted: Decimal,
    /// The recorded quantity when it was counted.
    pub(super) seen: Decimal,
    pub(super) name: Name,
    pub(super) unit: Name,
    pub(super) decimals: u8,
    pub(super) tracking: Tracking,
}

impl SheetScreen {
    /// A number that changes whenever the saved contents do.
    pub(super) fn kept_mark(&self) -> u64 {
        let Some(sheet) = self.draft.as_ref().filter(|sheet| sheet.counted().next().is_some()) else {
            return 0;
        };
        Draft::mark((sheet.location.as_str(), sheet.changes()))
    }

    pub(super) fn kept(&self) -> Option<Draft> {
        let sheet = self.draft.as_ref()?;
        let kept = Kept { location: sheet.location.clone(), lines: sheet.kept() };
        Draft::of(kept.lines.len(), &kept)
    }

    /// Restores saved contents, if no sheet is open: the lines are fetched, and then given their counts.
    pub(super) fn resume_kept(&mut self, content: &str, context: &mut Context<'_>) -> bool {
        let free = self.phase == Phase::Place;
        let Some(kept) = serde_json::from_str::<Kept>(content).ok().filter(|_| free) else { return false };
        self.open(kept.location.clone(), context);
        self.resuming = Some(kept);
        true
    }

    /// Applies the saved counts to the fetched lines.
    pub(super) fn restore(&mut self) {
        if let (Some(kept), Some(sheet)) = (self.resuming.take(), &mut self.draft)
            && kept.location == sheet.location
        {
            kept.lines.iter().for_each(|line| Sheet::restore(sheet, line));
        }
    }
}
