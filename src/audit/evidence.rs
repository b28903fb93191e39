//! The auditor's evidence on this machine, outside the database: the key of the seal, the signed checkpoints, the state
//! of the last clean verification, and the report of the last verification.
//!
//! Boundary: files and their names. Their contents are the business of `seal` and `reconcile`.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::AuditError;
use super::decisions::{By, Decision, DecisionError, Decisions, Head, decide};
use super::files::replace_private;
use super::reconcile::{PATIENCE, Report, VerifyPlan, last_verified};
use super::seal::key::public_path;
use super::seal::{Checkpoint, CheckpointDir, PublicKey, SealError, Tree};
use crate::domain::AuditHealth;
use crate::store::Store;

/// How many findings the stored report has in full. It is for display; `audit verify --findings` writes all of them.
const FINDINGS_KEPT_MAX: usize = 1_000;

/// The paths of the evidence files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    directory: PathBuf,
    private_key: PathBuf,
    public_key: PathBuf,
    checkpoints: PathBuf,
}

/// The state of collecting, sealing and verifying, as far as it can be determined here.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    pub health: AuditHealth,
    /// The last available checkpoint of the lines; `None` if there is none.
    pub sealed_lines: Option<Checkpoint>,
    /// The last available checkpoint of the ledger; `None` if there is none.
    pub sealed_ledger: Option<Checkpoint>,
    /// When the last clean verification was made.
    pub clean_at: Option<Timestamp>,
    /// When the last verification ended; its findings are in [`Evidence::last_report`].
    pub reported_at: Option<Timestamp>,
}

impl Evidence {
    /// The default places in the state directory.
    #[must_use]
    pub fn at(state_dir: &Path) -> Self {
        let directory = state_dir.join("audit");
        let private_key = directory.join("seal.key");
        Self {
            public_key: public_path(&private_key),
            checkpoints: directory.join("checkpoints"),
            private_key,
            directory,
        }
    }

    /// The same evidence with another private key, whose public half is beside it.
    #[must_use]
    pub fn with_key(mut self, path: Option<PathBuf>) -> Self {
        if let Some(path) = path {
            self.public_key = public_path(&path);
            self.private_key = path;
        }
        self
    }

    /// The same evidence with another public key, for checking signatures.
    #[must_use]
    pub fn with_public_key(mut self, path: Option<PathBuf>) -> Self {
        self.public_key = path.unwrap_or(self.public_key);
        self
    }

    /// The same evidence with another directory of checkpoints.
    #[must_use]
    pub fn with_checkpoints(mut self, path: Option<PathBuf>) -> Self {
        self.checkpoints = path.unwrap_or(self.checkpoints);
        self
    }

    /// The file of the private key.
    #[must_use]
    pub fn private_key(&self) -> &Path {
        &self.private_key
    }

    /// The public key.
    ///
    /// # Errors
    /// [`SealError`] if its file cannot be read or is not a public key.
    pub fn key(&self) -> Result<PublicKey, SealError> {
        PublicKey::load(&self.public_key)
    }

    /// The directory of the checkpoints, which is created if it is missing.
    ///
    /// # Errors
    /// [`SealError::File`] if it cannot be created.
    pub fn directory(&self) -> Result<CheckpointDir, SealError> {
        CheckpointDir::open(&self.checkpoints)
    }

    /// Whether there are checkpoints, and a key to check them with.
    #[must_use]
    pub fn is_at_hand(&self) -> bool {
        self.public_key.exists() && self.checkpoints.exists()
    }

    /// All checkpoints, the oldest first.
    ///
    /// # Errors
    /// [`SealError`] if a file cannot be read or trusted.
    pub fn signed(&self) -> Result<Vec<Checkpoint>, SealError> {
        self.signed_in(&self.directory()?.files()?)
    }

    /// All checkpoints in some files.
    ///
    /// # Errors
    /// As [`Evidence::signed`].
    pub fn signed_in(&self, files: &[PathBuf]) -> Result<Vec<Checkpoint>, SealError> {
        let key = self.key()?;
        let mut found = Vec::new();
        for path in files {
            let text =
                fs::read_to_string(path).map_err(|source| SealError::File { path: path.clone(), source })?;
            found.extend(Checkpoint::read_all(&text, &key)?);
        }
        Ok(found)
    }

    /// The last checkpoint of a tree, if there is one.
    ///
    /// # Errors
    /// As [`Evidence::signed`].
    pub fn last_signed(&self, tree: Tree) -> Result<Option<Checkpoint>, SealError> {
        if self.is_at_hand() { self.directory()?.last(tree, &self.key()?) } else { Ok(None) }
    }

    /// What to verify with the available evidence. Without checkpoints, the seal cannot be verified.
    ///
    /// # Errors
    /// As [`Evidence::signed`].
    pub fn plan(&self, store: &Store, full: bool) -> Result<VerifyPlan, AuditError> {
        let state = self.state_file(store);
        let checkpoints = match (self.is_at_hand(), last_verified(&state)) {
            (false, _) => Vec::new(),
            // Earlier checkpoints were compared with what the last clean verification has covered.
            (true, Some(clean_at)) if !full => self.signed_in(&self.directory()?.files_since(clean_at)?)?,
            (true, _) => self.signed()?,
        };
        let decisions = self.decisions(store)?;
        Ok(VerifyPlan { full, checkpoints, state: Some(state), patience: PATIENCE, decisions })
    }

    /// The file with the state of the last clean verification of a database.
    #[must_use]
    pub fn state_file(&self, store: &Store) -> PathBuf {
        self.file_of("verified", store)
    }

    /// Stores the report of a verification, so that it can be read later and by other parts of the program.
    ///
    /// # Errors
    /// [`SealError::File`] if it cannot be written.
    pub fn keep(&self, store: &Store, report: &Report) -> Result<(), SealError> {
        let mut kept = report.clone();
        kept.findings.truncate(FINDINGS_KEPT_MAX);
        let path = self.file_of("report", store);
        self.write_report(store, &kept).map_err(|source| SealError::File { path, source })
    }

    fn write_report(&self, store: &Store, report: &Report) -> std::io::Result<()> {
        replace_private(&self.file_of("report", store), &serde_json::to_vec(report)?)
    }

    /// The report of the last verification of a database, with the decisions made since; `None` if there was none here.
    #[must_use]
    pub fn last_report(&self, store: &Store) -> Option<Report> {
        let report = self.kept_report(store)?;
        match self.decisions(store) {
            Ok(decisions) => Some(report.decided(&decisions)),
            Err(_) => Some(report),
        }
    }

    /// The report as it was stored.
    fn kept_report(&self, store: &Store) -> Option<Report> {
        serde_json::from_slice(&fs::read(self.file_of("report", store)).ok()?).ok()
    }

    /// The decisions about findings of a database.
    ///
    /// # Errors
    /// [`DecisionError::File`] if the file exists and cannot be read.
    pub fn decisions(&self, store: &Store) -> Result<Decisions, DecisionError> {
        Decisions::load(&self.decisions_file(store), &self.known_decisions(store))
    }

    /// The file with the decisions about findings of a database.
    #[must_use]
    pub fn decisions_file(&self, store: &Store) -> PathBuf {
        self.file_of("accepted", store).with_extension("jsonl")
    }

    /// The last decision that was known to the last verification.
    fn known_decisions(&self, store: &Store) -> Head {
        self.kept_report(store).map(|report| report.decisions).unwrap_or_default()
    }

    /// Accepts findings of the last verification, by their ids or the beginnings of these: from now on they are not
    /// alarms. Returns the decisions that were recorded.
    ///
    /// # Errors
    /// [`DecisionError`] if a finding is unknown or not an alarm, the reason is missing or too long, or the file was
    /// altered. Then nothing is accepted.
    pub fn accept(
        &self,
        store: &Store,
        ids: &[String],
        reason: &str,
        by: &By,
    ) -> Result<Vec<Decision>, DecisionError> {
        let report = self.kept_report(store).ok_or(DecisionError::NoReport)?;
        self.decide(store, |decisions| decisions.accepting(&report, ids, reason, by))
    }

    /// Revokes the acceptance of findings: from now on they are alarms again, and the next verification is a full one.
    /// Returns the decisions that were recorded.
    ///
    /// # Errors
    /// As [`Evidence::accept`].
    pub fn take_back(
        &self,
        store: &Store,
        ids: &[String],
        reason: &str,
        by: &By,
    ) -> Result<Vec<Decision>, DecisionError> {
        let report = self.kept_report(store);
        self.decide(store, |decisions| {
            decisions.taking_back(&decisions.accepted_as(report.as_ref(), ids), reason, by)
        })
    }

    fn decide(
        &self,
        store: &Store,
        make: impl FnOnce(&Decisions) -> Result<Vec<Decision>, DecisionError>,
    ) -> Result<Vec<Decision>, DecisionError> {
        let path = self.decisions_file(store);
        let (decisions, made) = decide(&path, &self.known_decisions(store), make)?;
        if let Some(report) = self.kept_report(store) {
            let head = decisions.head().clone();
            let report = Report { decisions: head, ..report.decided(&decisions) };
            self.write_report(store, &report).map_err(|source| DecisionError::File { path, source })?;
        }
        Ok(made)
    }

    /// The state of collecting, sealing and verifying.
    ///
    /// # Errors
    /// [`AuditError`] if the database cannot be read or a checkpoint cannot be trusted.
    pub async fn standing(&self, store: &Store) -> Result<Standing, AuditError> {
        Ok(Standing {
            health: store.audit_health().await?,
            sealed_lines: self.last_signed(Tree::Lines)?,
            sealed_ledger: self.last_signed(Tree::Ledger)?,
            clean_at: last_verified(&self.state_file(store)),
            reported_at: fs::metadata(self.file_of("report", store))
                .and_then(|file| file.modified())
                .ok()
                .and_then(|time| Timestamp::try_from(time).ok()),
        })
    }

    /// The path of a file about one database of one server.
    fn file_of(&self, what: &str, store: &Store) -> PathBuf {
        let plain = |text: &str| text.replace(|character: char| !character.is_alphanumeric(), "_");
        let (host, port) = store.settings().address();
        let database = plain(store.settings().database());
        self.directory.join(format!("{what}-{}-{port}-{database}.json", plain(&host)))
    }
}
