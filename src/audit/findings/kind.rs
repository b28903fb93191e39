//! The kinds of findings. The kind and the subject of a finding make up its id.
//!
//! Boundary: names only. A published name never changes: accepted findings are identified by it.

use serde::Serialize;

/// What was found, independent of the sentence that describes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    // The log.
    EntryForged,
    EntryUnreadable,
    EntryTooLong,
    LogFlood,
    EntriesMissing,
    EntryRepeated,
    RecordUnreadable,
    PostingUnreadable,
    StatementsMissing,
    SessionEndMissing,
    FileTruncated,
    FileDeleted,
    ServerCrashed,
    ClockSetBack,
    // What was done.
    ChangeRecorded,
    ParameterChanged,
    ReloadNotLogged,
    AttemptRefused,
    WriteOutsidePosting,
    WriteOfLedger,
    WriteOfEvidence,
    WriteOfUnnamedTable,
    ForeignStatement,
    // The ledger and the counts.
    RecordWithoutRow,
    MovementGone,
    MovementWithoutRecord,
    MovementDiffers,
    MovementDiffersFromSeal,
    MovementUnreadable,
    MoreMovementsDiffer,
    MovementsOlderThanLog,
    CountWithoutRecord,
    CountDiffers,
    CountDiffersFromSeal,
    CountUnreadable,
    RowsWrittenByOther,
    RowsOfFuture,
    // Levels and reversals.
    LevelDiffers,
    LevelUnreadable,
    LevelRepeated,
    LevelsNameless,
    ReversalDiffers,
    ReversalTimeDiffers,
    // Master data.
    ChangeDiffersFromSeal,
    ChangeWithoutRecord,
    ChangeDiffersFromRecord,
    ChangeNotExisting,
    ChangesMissing,
    ConfirmedOrderChanged,
    DraftChangedByOther,
    MasterRowDiffers,
    // The seal, and what was collected.
    CheckpointDiffers,
    SealBroken,
    SealLost,
    OlderState,
    LeavesGone,
    SealedRowGone,
    EntriesGone,
    EntryAltered,
    MoreEntriesAltered,
    ColumnsAltered,
    MoreColumnsAltered,
    PrunedEntryPresent,
    PruneNotSigned,
    PruneStateDamaged,
    DecisionsDamaged,
    // How the server is now.
    RecordingOff,
    SettingUnsafe,
    CheckImpossible,
    DefinitionDiffers,
}
