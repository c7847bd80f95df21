//! Checkpoints: the saved engine, packed and sealed, so that a damaged one is never loaded.

use std::io::Read as _;

use rusqlite::Connection;

use super::SqliteStore;
use super::fault::execute;
use super::fault::rows;
use super::sequence;
use crate::CHECKPOINT_BYTES_MAX;
use crate::CHECKPOINTS_KEPT;
use crate::StoreError;

/// Level of compression: the fastest that still makes a fifth of it.
const ZSTD_LEVEL: i32 = 1;

/// A checkpoint as it is stored.
#[derive(Debug)]
pub(super) struct Packed {
    seq: i64,
    crc: u32,
    body: Vec<u8>,
}

/// Packs a checkpoint; done before the transaction, since it takes time.
pub(super) fn pack(seq: u64, plain: &[u8]) -> Result<Packed, StoreError> {
    let seq = sequence(seq);
    let body = zstd::bulk::compress(plain, ZSTD_LEVEL)
        .map_err(|source| StoreError::File { operation: "compress a checkpoint for", source })?;
    Ok(Packed { seq, crc: seal(seq, &body), body })
}

/// Keeps a checkpoint and drops all but the last ones. Index: the primary key of `checkpoint`.
pub(super) fn keep(on: &Connection, packed: &Packed) -> Result<(), StoreError> {
    let operation = "keep a checkpoint";
    let insert = "INSERT INTO checkpoint (seq, crc, body) VALUES (?1, ?2, ?3)";
    execute(on, operation, insert, (packed.seq, packed.crc, &packed.body))?;
    let drop_old = "DELETE FROM checkpoint WHERE number NOT IN (
                      SELECT number FROM checkpoint ORDER BY number DESC LIMIT ?1)";
    execute(on, operation, drop_old, [CHECKPOINTS_KEPT])?;
    Ok(())
}

impl SqliteStore {
    /// Where the undamaged saved engines stand in the log, newest first.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub fn saved_engines(&self) -> Result<Vec<u64>, StoreError> {
        let sound = stored(&self.connection)?.into_iter().filter(Packed::is_sound);
        Ok(sound.filter_map(|packed| u64::try_from(packed.seq).ok()).collect())
    }
}

impl Packed {
    fn is_sound(&self) -> bool {
        seal(self.seq, &self.body) == self.crc
    }
}

/// The newest undamaged checkpoint.
pub(super) fn newest(on: &Connection) -> Result<Option<(u64, Vec<u8>)>, StoreError> {
    Ok(stored(on)?.into_iter().find_map(unpack))
}

/// All that are kept, newest first. Index: the primary key of `checkpoint`.
fn stored(on: &Connection) -> Result<Vec<Packed>, StoreError> {
    let sql = "SELECT seq, crc, body FROM checkpoint ORDER BY number DESC LIMIT ?1";
    rows(on, "read a checkpoint", sql, [CHECKPOINTS_KEPT], |row| {
        Ok(Packed { seq: row.get(0)?, crc: row.get(1)?, body: row.get(2)? })
    })
}

/// Opens the seal; `None` when it is broken.
fn unpack(packed: Packed) -> Option<(u64, Vec<u8>)> {
    let seq = u64::try_from(packed.seq).ok()?;
    if !packed.is_sound() {
        tracing::warn!(seq, "a checkpoint is damaged: the one before it is used, if there is one");
        return None;
    }
    let mut plain = Vec::new();
    let most = u64::try_from(CHECKPOINT_BYTES_MAX).unwrap_or(u64::MAX);
    zstd::Decoder::new(&*packed.body).ok()?.take(most).read_to_end(&mut plain).ok()?;
    Some((seq, plain))
}

fn seal(seq: i64, body: &[u8]) -> u32 {
    let mut crc = crc32fast::Hasher::new();
    crc.update(&seq.to_le_bytes());
    crc.update(body);
    crc.finalize()
}
