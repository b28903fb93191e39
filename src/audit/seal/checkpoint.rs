//! Checkpoints: the size and the root of a tree, signed. They are stored in files of one directory outside the
//! database, one file per day with one note after another; copy them to where nobody of this site can write.

use std::fs;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use signed_note::{Note, VerifierList};
use tlog_tiles::Checkpoint as TreeHead;
use tlog_tiles::tlog::Hash;

use super::SealError;
use super::key::{PublicKey, SealKey};
use super::tree::{Frontier, HASH_BYTES};
use crate::audit::files::{create_directory, open_to_append};

/// The beginning of a signature line (C2SP signed-note).
const SIGNATURE_START: &str = "\u{2014} ";
/// The beginning of the line with the time, which is an extension line of the checkpoint.
const TIME_START: &str = "time ";
/// The beginning of the extension lines about dropped lines.
const RETIRED_START: &str = "retired ";
const LEDGER_START: &str = "ledger ";
const ROWS_START: &str = "rows ";
/// The extension of the files.
const FILE_ENDING: &str = "checkpoints";
/// How much of a file is read at first to find the last note of each tree: some hundred notes.
const TAIL_BYTES: u64 = 64 * 1024;

/// The trees that checkpoints are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tree {
    /// The collected lines of the log.
    Lines,
    /// The rows of the ledger.
    Ledger,
    /// Counts, and changes to master data.
    Rows,
}

impl Tree {
    /// Every tree, in the order of declaration.
    pub const ALL: [Self; 3] = [Self::Lines, Self::Ledger, Self::Rows];

    /// Its name in the database and in the origin of a checkpoint.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Lines => "lines",
            Self::Ledger => "ledger",
            Self::Rows => "rows",
        }
    }
}

/// What a checkpoint states about the lines up to it, which retention has dropped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retirement {
    /// The partition with the month of lines.
    pub partition: String,
    /// How many leaves of the ledger had been signed by then.
    pub ledger: u64,
    /// How many counts and changes to master data had been signed by then.
    pub rows: u64,
}

/// A checkpoint with a valid signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    pub tree: Tree,
    /// The name of the key that signed it.
    pub signer: String,
    /// How many leaves the tree had.
    pub size: u64,
    pub root: [u8; HASH_BYTES],
    /// When it was signed, by the signer's clock.
    pub signed_at: Option<Timestamp>,
    /// Set if it states that the lines up to it were dropped.
    pub retirement: Option<Retirement>,
    pub note: String,
}

impl Checkpoint {
    /// Signs the present state of a tree.
    ///
    /// # Errors
    /// [`SealError::Checkpoint`] if it cannot be written in the format.
    pub fn sign(key: &SealKey, tree: Tree, state: &Frontier, now: Timestamp) -> Result<Self, SealError> {
        Self::make(key, tree, state, now, None)
    }

    /// Signs that retention has dropped the lines of a tree.
    ///
    /// # Errors
    /// As [`Checkpoint::sign`].
    pub fn sign_retirement(
        key: &SealKey,
        lines: &Frontier,
        now: Timestamp,
        retirement: Retirement,
    ) -> Result<Self, SealError> {
        Self::make(key, Tree::Lines, lines, now, Some(retirement))
    }

    fn make(
        key: &SealKey,
        tree: Tree,
        state: &Frontier,
        now: Timestamp,
        retirement: Option<Retirement>,
    ) -> Result<Self, SealError> {
        let malformed = |error: String| SealError::Checkpoint(error);
        let origin = format!("{}/{}", key.name(), tree.as_str());
        let mut extension = format!("{TIME_START}{now}\n");
        if let Some(Retirement { partition, ledger, rows }) = &retirement {
            extension.push_str(&format!(
                "{RETIRED_START}{partition}\n{LEDGER_START}{ledger}\n{ROWS_START}{rows}\n"
            ));
        }
        let head = TreeHead::new(&origin, state.size(), Hash(state.root()), &extension)
            .map_err(|error| malformed(error.to_string()))?;
        let mut note = Note::new(&head.to_bytes(), &[]).map_err(|error| malformed(error.to_string()))?;
        note.add_sigs(&[key.signer()]).map_err(|error| malformed(error.to_string()))?;
        Ok(Self {
            tree,
            signer: key.name().to_owned(),
            size: state.size(),
            root: state.root(),
            signed_at: Some(now),
            retirement,
            note: String::from_utf8_lossy(&note.to_bytes()).into_owned(),
        })
    }

    /// Reads one signed note.
    ///
    /// # Errors
    /// [`SealError::Checkpoint`] if it is malformed, or its signature is not by this key.
    pub fn read(text: &str, key: &PublicKey) -> Result<Self, SealError> {
        let untrusted = |error: String| SealError::Checkpoint(error);
        let note = Note::from_bytes(text.as_bytes()).map_err(|error| untrusted(error.to_string()))?;
        let (signatures, _) = note
            .verify(&VerifierList::new(vec![Box::new(key.verifier())]))
            .map_err(|error| untrusted(error.to_string()))?;
        let head = TreeHead::from_bytes(&[note.text(), b"\n"].concat())
            .or_else(|_| TreeHead::from_bytes(note.text()))
            .map_err(|error| untrusted(error.to_string()))?;
        let signer = signatures.first().map(|signature| signature.name().to_owned()).unwrap_or_default();
        let tree = match head.origin().strip_prefix(&format!("{signer}/")) {
            Some("lines") => Tree::Lines,
            Some("ledger") => Tree::Ledger,
            Some("rows") => Tree::Rows,
            _ => {
                return Err(untrusted(format!(
                    "it is of {}, which is not a tree of Stockroom",
                    head.origin()
                )));
            }
        };
        let said = |start: &str| head.extension().lines().find_map(|line| line.strip_prefix(start));
        let signed_at = said(TIME_START).and_then(|time| time.parse().ok());
        let retirement = said(RETIRED_START).map(|partition| Retirement {
            partition: partition.to_owned(),
            ledger: said(LEDGER_START).and_then(|size| size.parse().ok()).unwrap_or(0),
            rows: said(ROWS_START).and_then(|size| size.parse().ok()).unwrap_or(0),
        });
        let (size, root) = (head.size(), head.hash().0);
        Ok(Self { tree, signer, size, root, signed_at, retirement, note: text.to_owned() })
    }

    /// Reads a text of consecutive notes.
    ///
    /// # Errors
    /// As [`Checkpoint::read`], for the first that cannot be trusted.
    pub fn read_all(text: &str, key: &PublicKey) -> Result<Vec<Self>, SealError> {
        notes(text).iter().map(|note| Self::read(note, key)).collect()
    }
}

/// Splits a text into notes: a note ends with its last signature line.
fn notes(text: &str) -> Vec<String> {
    let mut notes = Vec::new();
    let mut note = String::new();
    let mut signed = false;
    for line in text.split_inclusive('\n') {
        let signature = line.starts_with(SIGNATURE_START);
        if signed && !signature {
            notes.push(std::mem::take(&mut note));
        }
        signed = signature;
        note.push_str(line);
    }
    if !note.trim().is_empty() {
        notes.push(note);
    }
    notes
}

/// The directory with the checkpoint files.
#[derive(Debug, Clone)]
pub struct CheckpointDir {
    path: PathBuf,
}

impl CheckpointDir {
    /// Opens a directory, which is created if it is missing.
    ///
    /// # Errors
    /// [`SealError::File`] if it cannot be created.
    pub fn open(path: &Path) -> Result<Self, SealError> {
        create_directory(path).map_err(SealError::file(path))?;
        Ok(Self { path: path.to_owned() })
    }

    /// Appends checkpoints to the file of their day. They are on disk when this returns.
    ///
    /// # Errors
    /// [`SealError::File`] if they cannot be written.
    pub fn append(&self, checkpoints: &[Checkpoint], now: Timestamp) -> Result<PathBuf, SealError> {
        let day = now.strftime("%Y-%m-%d");
        let path = self.path.join(format!("{day}.{FILE_ENDING}"));
        let text: String = checkpoints.iter().map(|checkpoint| checkpoint.note.as_str()).collect();
        open_to_append(&path)
            .and_then(|mut file| {
                file.write_all(text.as_bytes())?;
                file.sync_data()
            })
            .map_err(SealError::file(&path))?;
        Ok(path)
    }

    /// The files, the oldest first.
    ///
    /// # Errors
    /// [`SealError::File`] if the directory cannot be read.
    pub fn files(&self) -> Result<Vec<PathBuf>, SealError> {
        let mut files: Vec<PathBuf> = fs::read_dir(&self.path)
            .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect())
            .map_err(SealError::file(&self.path))?;
        files.retain(|path| path.extension().is_some_and(|ending| ending == FILE_ENDING));
        files.sort();
        Ok(files)
    }

    /// The newest file, and all that may contain checkpoints signed at a time or later, the oldest first.
    ///
    /// # Errors
    /// As [`CheckpointDir::files`].
    pub fn files_since(&self, time: Timestamp) -> Result<Vec<PathBuf>, SealError> {
        // One day more, because the clocks of the signer and of the caller may differ.
        let first = time.saturating_sub(SignedDuration::from_hours(24)).unwrap_or(time);
        let first = first.strftime("%Y-%m-%d").to_string();
        let mut files = self.files()?;
        let since = |path: &PathBuf| path.file_stem().is_none_or(|day| *day.to_string_lossy() >= *first);
        // The newest shows how far signing came, however long ago that was.
        let begin = files.iter().position(since).unwrap_or(files.len().saturating_sub(1));
        Ok(files.split_off(begin))
    }

    /// The last checkpoint of a tree, without those about dropped lines.
    ///
    /// # Errors
    /// [`SealError`] if a file cannot be read or trusted.
    pub fn last(&self, tree: Tree, key: &PublicKey) -> Result<Option<Checkpoint>, SealError> {
        self.find_last(key, |found| found.tree == tree && found.retirement.is_none())
    }

    /// The last checkpoint that states that the lines up to a number were dropped.
    ///
    /// # Errors
    /// As [`CheckpointDir::last`].
    pub fn retirement(&self, size: u64, key: &PublicKey) -> Result<Option<Checkpoint>, SealError> {
        self.find_last(key, |found| found.retirement.is_some() && found.size == size)
    }

    fn find_last(
        &self,
        key: &PublicKey,
        wanted: impl Fn(&Checkpoint) -> bool,
    ) -> Result<Option<Checkpoint>, SealError> {
        for path in self.files()?.iter().rev() {
            // A busy day has tens of thousands of notes, and this is called repeatedly.
            for tail in [Some(TAIL_BYTES), None] {
                let (text, whole) = read_tail(path, tail).map_err(SealError::file(path))?;
                for note in notes(&text).iter().skip(usize::from(!whole)).rev() {
                    let found = Checkpoint::read(note, key)?;
                    if wanted(&found) {
                        return Ok(Some(found));
                    }
                }
                if whole {
                    break;
                }
            }
        }
        Ok(None)
    }
}

/// Reads the end of a file, or all of it; returns whether it is all.
fn read_tail(path: &Path, tail: Option<u64>) -> io::Result<(String, bool)> {
    let mut file = fs::File::open(path)?;
    let from = tail.map_or(0, |bytes| file.metadata().map_or(0, |data| data.len().saturating_sub(bytes)));
    file.seek(SeekFrom::Start(from))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    // The first note of a tail is incomplete, and may begin within a character.
    Ok((String::from_utf8_lossy(&bytes).into_owned(), from == 0))
}

#[cfg(test)]
mod tests {
    use super::super::key::public_path;
    use super::super::tree::leaf_hash;
    use super::*;

    #[test]
    fn what_is_signed_is_read_back_and_what_is_altered_is_not() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("seal.key");
        let (key, made) = SealKey::load_or_make(&path).unwrap();
        assert!(made && !SealKey::load_or_make(&path).unwrap().1);
        let public = PublicKey::load(&public_path(&path)).unwrap();
        let mut state = Frontier::default();
        let now: Timestamp = "2026-11-20T23:59:59.5Z".parse().unwrap();
        let dir = CheckpointDir::open(&directory.path().join("checkpoints")).unwrap();
        let mut written = Vec::new();
        for tree in [Tree::Lines, Tree::Ledger, Tree::Lines] {
            state.append(leaf_hash(b"a leaf"));
            written.push(Checkpoint::sign(&key, tree, &state, now).unwrap());
        }
        let file = dir.append(&written[..1], now).unwrap();
        dir.append(&written[1..], now).unwrap();
        let text = fs::read_to_string(&file).unwrap();
        assert_eq!(Checkpoint::read_all(&text, &public).unwrap(), written);
        assert_eq!(dir.last(Tree::Lines, &public).unwrap().unwrap().size, 3);
        assert_eq!(dir.last(Tree::Ledger, &public).unwrap().unwrap(), written[1]);

        // A day that is longer than what is read of it at first, and the other tree far up in it.
        let day = "2026-11-21T10:00:00Z".parse().unwrap();
        let rare = Checkpoint::sign(&key, Tree::Ledger, &state, day).unwrap();
        let mut many = vec![rare.clone()];
        for _ in 0..500 {
            state.append(leaf_hash(b"a leaf"));
            many.push(Checkpoint::sign(&key, Tree::Lines, &state, day).unwrap());
        }
        let long = dir.append(&many, day).unwrap();
        assert!(fs::metadata(&long).unwrap().len() > TAIL_BYTES);
        assert_eq!(dir.last(Tree::Lines, &public).unwrap().as_ref(), many.last());
        assert_eq!(dir.last(Tree::Ledger, &public).unwrap(), Some(rare));
        assert_eq!(dir.files_since(day).unwrap(), [file.clone(), long.clone()]);
        let later = "2026-11-22T10:00:00Z".parse().unwrap();
        assert_eq!(dir.files_since(later).unwrap(), std::slice::from_ref(&long));
        let long_after = "2027-11-22T10:00:00Z".parse().unwrap();
        assert_eq!(dir.files_since(long_after).unwrap(), [long]);

        let retirement = Retirement { partition: "lines_2026_01".to_owned(), ledger: 7, rows: 9 };
        let dropped = Checkpoint::sign_retirement(&key, &state, long_after, retirement).unwrap();
        dir.append(std::slice::from_ref(&dropped), long_after).unwrap();
        assert_eq!(dir.retirement(state.size(), &public).unwrap(), Some(dropped));
        assert_eq!(dir.retirement(3, &public).unwrap(), None);
        assert_eq!(dir.last(Tree::Lines, &public).unwrap().as_ref(), many.last(), "it is not one of growth");

        let other = directory.path().join("other.key");
        SealKey::load_or_make(&other).unwrap();
        let stranger = PublicKey::load(&public_path(&other)).unwrap();
        assert!(Checkpoint::read_all(&text, &stranger).is_err());
        for altered in [
            text.replacen("\n1\n", "\n2\n", 1),
            text.replacen("/lines", "/ledger", 1),
            text[..text.len() - 9].to_owned(),
        ] {
            assert!(Checkpoint::read_all(&altered, &public).is_err(), "{altered}");
        }
    }
}
