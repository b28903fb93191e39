//! What was posted according to the records, by movement and by transaction, for comparison with the ledger.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::audit::record::master::{Difference, RecordedValues, StoredChange};

/// A digest of what was posted, by which contents are compared.
pub type Fingerprint = [u8; 16];

/// The digest of facts, taken over their JSON form.
pub fn fingerprint<T: Serialize>(facts: &T) -> Fingerprint {
    // Facts consist of numbers, texts and times, which JSON can always represent.
    let bytes = serde_json::to_vec(facts).unwrap_or_default();
    let hash = Sha256::digest(&bytes);
    let mut fingerprint = Fingerprint::default();
    fingerprint.copy_from_slice(&hash[..16]);
    fingerprint
}

/// A record of one movement or count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub line_no: u64,
    pub content: Fingerprint,
    /// The low 32 bits of the transaction's number; 0 if the server was configured not to record rows, and so recorded
    /// the statement before the transaction had a number.
    pub txid: u32,
    /// The login, as an index into [`Records::logins`].
    pub login: u32,
    /// Whether a row was found for it.
    pub matched: bool,
}

impl Entry {
    /// Whether it was made by this transaction, as far as the record tells.
    pub fn is_by(&self, txid: u32) -> bool {
        self.txid == txid || self.txid == 0
    }
}

/// A posting whose values cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Foreign {
    pub line_no: u64,
    /// How many rows it posted.
    pub rows: u64,
    pub login: u32,
    /// How many rows of the ledger its transaction has that no other record accounts for.
    pub found: u64,
}

/// A record of a change to master data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MasterRecord {
    pub line_no: u64,
    /// The table without its schema; `None` if pgaudit does not name it.
    pub table: Option<String>,
    pub login: u32,
    /// How many rows it changed, if that is known.
    pub rows: Option<u64>,
    /// How many rows of the history its transaction has that no other record accounts for.
    pub found: u64,
    /// The values of these rows in the record.
    #[serde(default)]
    pub values: RecordedValues,
    /// Whether it inserted or deleted rows that only Stockroom's own statements insert or delete, with another statement or
    /// with values that cannot be read.
    #[serde(default)]
    pub foreign: bool,
}

/// All records of postings, counts and changes to master data.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Records {
    pub logins: Vec<String>,
    movements: HashMap<Uuid, Entry>,
    /// Further records of a movement, which was sent again after it had been rolled back.
    repeated: HashMap<Uuid, Vec<Entry>>,
    counts: HashMap<Uuid, Vec<Entry>>,
    pub foreign: HashMap<u32, Vec<Foreign>>,
    /// Changes to master data by transaction.
    #[serde(default)]
    pub master: HashMap<u32, Vec<MasterRecord>>,
}

impl Records {
    /// The index of a login.
    pub fn login(&mut self, name: &str) -> u32 {
        // A site has few logins; a search is faster than hashing.
        let place = self.logins.iter().position(|known| known == name).unwrap_or_else(|| {
            self.logins.push(name.to_owned());
            self.logins.len() - 1
        });
        u32::try_from(place).unwrap_or(u32::MAX)
    }

    /// The login with an index.
    pub fn name(&self, login: u32) -> &str {
        self.logins.get(login as usize).map_or("", String::as_str)
    }

    /// Adds the record of a movement.
    pub fn add_movement(&mut self, id: Uuid, entry: Entry) {
        if let Some(first) = self.movements.get(&id) {
            // The same record once more is reported as a duplicate line, and counts once.
            let same = |known: &Entry| known.txid == entry.txid && known.content == entry.content;
            let known = same(first) || self.repeated.get(&id).is_some_and(|others| others.iter().any(same));
            if !known {
                self.repeated.entry(id).or_default().push(entry);
            }
        } else {
            self.movements.insert(id, entry);
        }
    }

    /// Adds the record of a count.
    pub fn add_count(&mut self, id: Uuid, entry: Entry) {
        let known = self.counts.entry(id).or_default();
        if !known.iter().any(|other| other.txid == entry.txid && other.content == entry.content) {
            known.push(entry);
        }
    }

    /// A copy without the entries of movements and counts.
    pub fn without_entries(&self) -> Self {
        Self {
            logins: self.logins.clone(),
            foreign: self.foreign.clone(),
            master: self.master.clone(),
            ..Self::default()
        }
    }

    /// Removes one change from the records of a transaction that changed this table under this login, and returns the
    /// columns whose values differ from the record; `None` if no record explains the change.
    pub fn take_master(
        &mut self,
        txid: u32,
        table: &str,
        change: &StoredChange<'_>,
    ) -> Option<Vec<Difference>> {
        let Self { logins, master, .. } = self;
        // Without the number of rows, the number of the transaction is missing as well.
        let by_transaction =
            |txid| master.get(&txid).is_some_and(|records| !records.is_empty()).then_some(txid);
        let txid = by_transaction(txid).or_else(|| by_transaction(0))?;
        let records = master.get_mut(&txid)?;
        let explains = |record: &MasterRecord| {
            record.table.as_deref().is_none_or(|known| known == table)
                && logins.get(record.login as usize).is_some_and(|known| known == change.login)
                && match &record.values {
                    // Each row is one of those that were recorded, and no other.
                    RecordedValues::Inserted(_) => record.values.has(change) == Some(true),
                    _ => record.rows.is_none_or(|rows| record.found < rows),
                }
        };
        let has = |record: &MasterRecord| record.values.has(change) != Some(false);
        let place = records
            .iter()
            .position(|record| explains(record) && has(record))
            .or_else(|| records.iter().position(explains))?;
        let record = records.get_mut(place)?;
        record.found += 1;
        Some(record.values.take(change))
    }

    /// Marks the record of a movement by this transaction, and returns it; or any other record of the movement, if
    /// there is none by this transaction.
    pub fn find_movement(&mut self, id: Uuid, txid: u32) -> Option<(Entry, bool)> {
        let first = self.movements.get_mut(&id)?;
        if first.is_by(txid) {
            first.matched = true;
            return Some((*first, true));
        }
        let others = self.repeated.get_mut(&id).map(Vec::as_mut_slice).unwrap_or_default();
        if let Some(other) = others.iter_mut().find(|entry| entry.is_by(txid)) {
            other.matched = true;
            return Some((*other, true));
        }
        first.matched = true;
        Some((*first, false))
    }

    /// As [`Self::find_movement`], for a count.
    pub fn find_count(&mut self, id: Uuid, txid: u32) -> Option<(Entry, bool)> {
        let entries = self.counts.get_mut(&id)?;
        let place = entries.iter().position(|entry| entry.is_by(txid));
        let entry = entries.get_mut(place.unwrap_or(0))?;
        entry.matched = true;
        Some((*entry, place.is_some()))
    }

    /// The records of movements and counts for which no row was found; the flag is true for counts.
    pub fn unmatched(&self) -> impl Iterator<Item = (Uuid, Entry, bool)> + '_ {
        let single = self.movements.iter().map(|(id, entry)| (*id, *entry, false));
        let flat = |(id, entries): (&Uuid, &Vec<Entry>)| {
            let id = *id;
            entries.iter().map(move |entry| (id, *entry)).collect::<Vec<_>>()
        };
        let repeated = self.repeated.iter().flat_map(flat).map(|(id, entry)| (id, entry, false));
        let counts = self.counts.iter().flat_map(flat).map(|(id, entry)| (id, entry, true));
        single.chain(repeated).chain(counts).filter(|(_, entry, _)| !entry.matched)
    }
}
