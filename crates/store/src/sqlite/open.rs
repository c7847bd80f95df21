//! Opening: the file and its permissions, how the connection behaves, and the form of the tables.
//!
//! The form is counted in `PRAGMA user_version`. Each step to the next one is a file in
//! `migrations/`, and what SQL alone cannot do is a function after it; all missing steps are taken
//! in one transaction, so that a power cut leaves the old form or the new one. `PRAGMA
//! application_id` tells our databases from other people's.

use std::fs::OpenOptions;
use std::fs::Permissions;
use std::os::unix::fs::OpenOptionsExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::OpenFlags;
use rusqlite::TransactionBehavior;

use super::fault::refused;
use super::moved;
use crate::StoreError;

/// Each brings the tables from the form of its index to the next.
const MIGRATIONS: [Migration; 8] = [
    Migration::sql(include_str!("../../migrations/0001_first.sql")),
    Migration::sql(include_str!("../../migrations/0002_folded.sql")),
    Migration::sql(include_str!("../../migrations/0003_imported.sql")),
    Migration { sql: include_str!("../../migrations/0004_days.sql"), after: moved::move_days },
    Migration::sql(include_str!("../../migrations/0005_alerts.sql")),
    Migration::sql(include_str!("../../migrations/0006_proposals.sql")),
    Migration::sql(include_str!("../../migrations/0007_choices.sql")),
    Migration::sql(include_str!("../../migrations/0008_refused.sql")),
];
/// "OUTC", in the header of every database of ours.
const APPLICATION_ID: i64 = 0x4f55_5443;
/// Only the owner reads and writes: comments are in it.
pub(super) const FILE_MODE: u32 = 0o600;
/// How long to wait for another process's transaction.
const BUSY_TIMEOUT_MS: u64 = 5_000;
/// Statements kept prepared; there are fewer in the program.
const STATEMENTS_MAX: usize = 128;
/// Memory for pages, in KiB: what a minute touches at 1,000 services, several times over.
const CACHE_KIB: i64 = 32 << 10;
/// Pages of 4 KiB in the WAL after which it is written back.
const WAL_PAGES: i64 = 4_000;
/// The WAL file is cut back to this many bytes after it was larger.
const WAL_BYTES_KEPT: i64 = 64 << 20;

/// A step from one form to the next.
struct Migration {
    sql: &'static str,
    /// What is done after that.
    after: fn(&Connection) -> Result<(), StoreError>,
}

impl Migration {
    const fn sql(sql: &'static str) -> Self {
        Self { sql, after: |_| Ok(()) }
    }
}

/// Opens a database to read and write; makes it when there is none.
pub(super) fn writer(path: &Path) -> Result<Connection, StoreError> {
    let created = OpenOptions::new().create(true).append(true).mode(FILE_MODE).open(path);
    let file = created.map_err(|source| StoreError::File { operation: "create", source })?;
    file.set_permissions(Permissions::from_mode(FILE_MODE))
        .map_err(|source| StoreError::File { operation: "protect", source })?;
    drop(file);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = connect(path, flags)?;
    // Looked at before anything is written: it may be another program's database.
    check_owner(&connection)?;
    let settings = [
        ("journal_mode", "wal".to_owned()),
        ("synchronous", "normal".to_owned()),
        ("wal_autocheckpoint", WAL_PAGES.to_string()),
        ("journal_size_limit", WAL_BYTES_KEPT.to_string()),
    ];
    for (name, value) in settings {
        set(&connection, name, &value)?;
    }
    migrate(&mut connection)?;
    Ok(connection)
}

/// Opens a database that is there, to read only.
pub(super) fn reader(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = connect(path, flags)?;
    check_owner(&connection)?;
    let found = form(&connection)?;
    if found < known() {
        return Err(StoreError::Older { found, known: known() });
    }
    Ok(connection)
}

fn connect(path: &Path, flags: OpenFlags) -> Result<Connection, StoreError> {
    let connection = Connection::open_with_flags(path, flags).map_err(refused("open"))?;
    connection.busy_timeout(Duration::from_millis(BUSY_TIMEOUT_MS)).map_err(refused("open"))?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    set(&connection, "cache_size", &(-CACHE_KIB).to_string())?;
    set(&connection, "trusted_schema", "off")?;
    Ok(connection)
}

fn set(connection: &Connection, name: &str, value: &str) -> Result<(), StoreError> {
    // Some of them answer with the value they now have, others with nothing.
    connection
        .pragma_update_and_check(None, name, value, |_| Ok(()))
        .or_else(|error| match error {
            rusqlite::Error::QueryReturnedNoRows => Ok(()),
            other => Err(other),
        })
        .map_err(refused("set up the connection"))
}

fn number(connection: &Connection, sql: &str) -> Result<i64, StoreError> {
    connection.query_row(sql, (), |row| row.get(0)).map_err(refused("read the form"))
}

fn form(connection: &Connection) -> Result<i64, StoreError> {
    number(connection, "PRAGMA user_version")
}

fn known() -> i64 {
    i64::try_from(MIGRATIONS.len()).expect("a handful of files")
}

/// Refuses a database that another program or a newer one made.
fn check_owner(connection: &Connection) -> Result<(), StoreError> {
    let owner = number(connection, "PRAGMA application_id")?;
    let tables = number(connection, "SELECT count(*) FROM sqlite_schema LIMIT 1")?;
    if owner != APPLICATION_ID && (owner != 0 || tables > 0) {
        return Err(StoreError::Foreign);
    }
    let (found, known) = (form(connection)?, known());
    if found > known { Err(StoreError::Newer { found, known }) } else { Ok(()) }
}

fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    if form(connection)? == known() {
        return Ok(());
    }
    let operation = "bring the tables to their present form";
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(refused(operation))?;
    // Read again: another process may have been first.
    let found = form(&transaction)?;
    for (from, migration) in (0..).zip(MIGRATIONS) {
        if from >= found {
            transaction.execute_batch(migration.sql).map_err(refused(operation))?;
            (migration.after)(&transaction)?;
        }
    }
    set(&transaction, "user_version", &known().to_string())?;
    set(&transaction, "application_id", &APPLICATION_ID.to_string())?;
    transaction.commit().map_err(refused(operation))?;
    // Statements that were kept prepared name tables that may be gone.
    connection.flush_prepared_statement_cache();
    Ok(())
}
