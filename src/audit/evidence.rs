//! Where an auditor's evidence lies on this machine, outside the database: the key of the seal, the signed
//! checkpoints, how far the last clean verification came, and what the last verification found.
//!
//! Boundary: files and their names. What is in them is made and judged by `seal` and `reconcile`.

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

/// How many findings the kept report tells one by one. It is for looking at; who needs all of them lets
/// `audit verify --findings` write them.
const FINDINGS_KEPT_MAX: usize = 1_000;

/// The files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    directory: PathBuf,
    private_key: PathBuf,
    public_key: PathBuf,
    checkpoints: PathBuf,
}

/// How collecting, sealing and verifying stand, as far as it can be told here.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    pub health: AuditHealth,
    /// The last checkpoints that are at hand: of the lines and of the ledger. `None` where there are none.
    pub sealed_lines: Option<Checkpoint>,
    /// The same of the ledger.
    pub sealed_ledger: Option<Checkpoint>,
    /// When the last clean verification was made.
    pub clean_at: Option<Timestamp>,
    /// When the last verification was over; what it found is in [`Evidence::last_report`].
    pub reported_at: Option<Timestamp>,
}

impl Evidence {
    /// The usual places in the state directory.
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

    /// With another private key, whose public half lies beside it.
    #[must_use]
    pub fn with_key(mut self, path: Option<PathBuf>) -> Self {
        if let Some(path) = path {
            self.public_key = public_path(&path);
            self.private_key = path;
        }
        self
    }

    /// With another public key.
    #[must_use]
    pub fn with_public_key(mut self, path: Option<PathBuf>) -> Self {
        self.public_key = path.unwrap_or(self.public_key);
        self
    }

    /// With another directory of checkpoints.
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
    /// [`SealError`] when its file cannot be read, or holds something else.
    pub fn key(&self) -> Result<PublicKey, SealError> {
        PublicKey::load(&self.public_key)
    }

    /// The directory of the checkpoints, which is made when it is missing.
    ///
    /// # Errors
    /// [`SealError::File`] when it cannot be made.
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
    /// [`SealError`] when a file cannot be read or trusted.
    pub fn signed(&self) -> Result<Vec<Checkpoint>, SealError> {
        self.signed_in(&self.directory()?.files()?)
    }

    /// All checkpoints of some files.
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

    /// The last checkpoint of a tree, if any is at hand.
    ///
    /// # Errors
    /// As [`Evidence::signed`].
    pub fn last_signed(&self, tree: Tree) -> Result<Option<Checkpoint>, SealError> {
        if self.is_at_hand() { self.directory()?.last(tree, &self.key()?) } else { Ok(None) }
    }

    /// What to verify with all that is at hand. Without checkpoints, what was sealed cannot be verified.
    ///
    /// # Errors
    /// As [`Evidence::signed`].
    pub fn plan(&self, store: &Store, full: bool) -> Result<VerifyPlan, AuditError> {
        let state = self.state_file(store);
        let checkpoints = match (self.is_at_hand(), last_verified(&state)) {
            (false, _) => Vec::new(),
            // Earlier checkpoints were held against what the last clean verification has judged.
            (true, Some(clean_at)) if !full => self.signed_in(&self.directory()?.files_since(clean_at)?)?,
            (true, _) => self.signed()?,
        };
        let decisions = self.decisions(store)?;
        Ok(VerifyPlan { full, checkpoints, state: Some(state), patience: PATIENCE, decisions })
    }

    /// Where the state of the last clean verification of a database is kept.
    #[must_use]
    pub fn state_file(&self, store: &Store) -> PathBuf {
        self.file_of("verified", store)
    }

    /// Keeps what a verification found, so that it can be read later and elsewhere in the program.
    ///
    /// # Errors
    /// [`SealError::File`] when it cannot be written.
    pub fn keep(&self, store: &Store, report: &Report) -> Result<(), SealError> {
        let mut kept = report.clone();
        kept.findings.truncate(FINDINGS_KEPT_MAX);
        let path = self.file_of("report", store);
        self.write_report(store, &kept).map_err(|source| SealError::File { path, source })
    }

    fn write_report(&self, store: &Store, report: &Report) -> std::io::Result<()> {
        replace_private(&self.file_of("report", store), &serde_json::to_vec(report)?)
    }

    /// What the last verification of a database found, in the light of what has been decided since; `None`
    /// when there was none here.
    #[must_use]
    pub fn last_report(&self, store: &Store) -> Option<Report> {
        let report = self.kept_report(store)?;
        match self.decisions(store) {
            Ok(decisions) => Some(report.decided(&decisions)),
            Err(_) => Some(report),
        }
    }

    /// The report as it was kept.
    fn kept_report(&self, store: &Store) -> Option<Report> {
        serde_json::from_slice(&fs::read(self.file_of("report", store)).ok()?).ok()
    }

    /// What was decided about findings of a database.
    ///
    /// # Errors
    /// [`DecisionError::File`] when the file is there and cannot be read.
    pub fn decisions(&self, store: &Store) -> Result<Decisions, DecisionError> {
        Decisions::load(&self.decisions_file(store), &self.known_decisions(store))
    }

    /// Where the decisions about findings of a database are kept.
    #[must_use]
    pub fn decisions_file(&self, store: &Store) -> PathBuf {
        self.file_of("accepted", store).with_extension("jsonl")
    }

    /// How far the decisions went when they were last looked at.
    fn known_decisions(&self, store: &Store) -> Head {
        self.kept_report(store).map(|report| report.decisions).unwrap_or_default()
    }

    /// Accepts findings of the last verification, by their identities or by the beginnings of these: from now
    /// on they are no alarms. Returns what was written down.
    ///
    /// # Errors
    /// [`DecisionError`] when a finding is not known or is no alarm, the reason is missing or too long, or the
    /// file is not what it was. Then nothing is accepted.
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

    /// Takes back that findings were accepted: from now on they are alarms again, and the next verification reads
    /// everything. Returns what was written down.
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

    /// How everything stands.
    ///
    /// # Errors
    /// [`AuditError`] when the database cannot be read, or a checkpoint cannot be trusted.
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

    /// A file about one database of one server.
    fn file_of(&self, what: &str, store: &Store) -> PathBuf {
        let plain = |text: &str| text.replace(|character: char| !character.is_alphanumeric(), "_");
        let (host, port) = store.settings().address();
        let database = plain(store.settings().database());
        self.directory.join(format!("{what}-{}-{port}-{database}.json", plain(&host)))
    }
}
