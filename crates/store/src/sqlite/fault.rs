//! Faults: what SQLite's error codes mean to a caller, said once.
//!
//! # References
//!
//! SQLite, *Result and Error Codes*, <https://www.sqlite.org/rescode.html>

use rusqlite::Connection;
use rusqlite::ErrorCode;
use rusqlite::Params;
use rusqlite::Row;

use crate::StoreError;

/// Turns an error of SQLite into one of ours; `operation` completes "could not ...".
pub(super) fn refused(operation: &'static str) -> impl FnOnce(rusqlite::Error) -> StoreError {
    move |source| match source.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Busy,
        Some(ErrorCode::DiskFull) => StoreError::Full,
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            StoreError::Corrupt { what: format!("SQLite could not {operation}: {source}") }
        }
        _ => StoreError::Sqlite { operation, source },
    }
}

/// Runs a query, prepared once for each connection, and collects its rows.
pub(super) fn rows<T>(
    connection: &Connection,
    operation: &'static str,
    sql: &str,
    params: impl Params,
    read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>, StoreError> {
    let mut statement = connection.prepare_cached(sql).map_err(refused(operation))?;
    let found = statement.query_map(params, read).map_err(refused(operation))?;
    found.collect::<rusqlite::Result<_>>().map_err(refused(operation))
}

/// Runs a statement, prepared once for each connection; returns the number of rows it changed.
pub(super) fn execute(
    connection: &Connection,
    operation: &'static str,
    sql: &str,
    params: impl Params,
) -> Result<usize, StoreError> {
    let mut statement = connection.prepare_cached(sql).map_err(refused(operation))?;
    statement.execute(params).map_err(refused(operation))
}
