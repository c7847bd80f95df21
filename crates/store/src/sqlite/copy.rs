//! Copies: the whole database as it stood at one moment, while another process goes on writing.
//!
//! # References
//!
//! SQLite, *Using the SQLite Online Backup API*, <https://www.sqlite.org/backup.html>.

use std::fs;
use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::thread;
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::OpenFlags;
use rusqlite::backup::Backup;
use rusqlite::backup::StepResult;

use super::SqliteStore;
use super::fault::refused;
use super::open::FILE_MODE;
use super::read_offset;
use crate::StoreError;

/// Tries to copy, should another process be in the way.
const TRIES: u32 = 50;
/// How long to wait between them.
const PAUSE_MS: u64 = 100;
/// All pages in one step, hence in one snapshot.
const ALL_PAGES: i32 = -1;
const OPERATION: &str = "copy the database";

impl SqliteStore {
    /// Returns when every transaction that was committed to the database at `path` would outlive a
    /// power cut. SQLite itself syncs only when it moves pages from the WAL into the database.
    ///
    /// # Errors
    ///
    /// [`StoreError::File`] when a file cannot be synced.
    pub fn sync_files(path: &Path) -> Result<(), StoreError> {
        let failed = |source| StoreError::File { operation: "sync", source };
        let mut wal = path.as_os_str().to_owned();
        wal.push("-wal");
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        for file in [path, Path::new(&wal), folder.unwrap_or(Path::new("."))] {
            match fs::File::open(file).and_then(|file| file.sync_all()) {
                Err(source) if source.kind() == io::ErrorKind::NotFound => {}
                synced => synced.map_err(failed)?,
            }
        }
        Ok(())
    }

    /// Closes the database after all of it is in its one file, with no WAL beside it: so it can be
    /// renamed, or another be put in its place.
    ///
    /// # Errors
    ///
    /// [`StoreError::Busy`] while anybody else has it open.
    pub fn close_as_one_file(self) -> Result<(), StoreError> {
        let sql = "PRAGMA journal_mode = DELETE";
        let mode: String = self
            .connection
            .query_row(sql, (), |row| row.get(0))
            .map_err(refused("put the database into one file"))?;
        match mode.as_str() {
            "delete" => Ok(()),
            _ => Err(StoreError::Busy),
        }
    }
}

/// Copies the database into a new file; returns the offset of the copy. A copy that failed is
/// removed.
pub(super) fn copy(from: &Connection, path: &Path) -> Result<u64, StoreError> {
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(FILE_MODE)
        .open(path)
        .map_err(|source| StoreError::File { operation: "create the copy of", source })?;
    let copied = fill(from, path);
    if copied.is_err() {
        let _ = fs::remove_file(path);
    }
    copied
}

fn fill(from: &Connection, path: &Path) -> Result<u64, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut to = Connection::open_with_flags(path, flags).map_err(refused(OPERATION))?;
    let backup = Backup::new(from, &mut to).map_err(refused(OPERATION))?;
    for _ in 0..TRIES {
        match backup.step(ALL_PAGES).map_err(refused(OPERATION))? {
            StepResult::Done => {
                drop(backup);
                let offset = read_offset(&to)?;
                to.close().map_err(|(_, source)| refused(OPERATION)(source))?;
                return Ok(offset);
            }
            _ => thread::sleep(Duration::from_millis(PAUSE_MS)),
        }
    }
    Err(StoreError::Busy)
}
