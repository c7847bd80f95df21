//! Views: several reads of one moment, whatever is written in between.

use rusqlite::Connection;

use super::fault::refused;
use crate::StoreError;

/// Runs reads in one snapshot of the database: in the one that is held already, or in a new one.
pub(super) fn at_once<T>(
    on: &Connection,
    reads: impl FnOnce(&Connection) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    if !on.is_autocommit() {
        return reads(on);
    }
    // Ends when it is dropped, after an error too; nothing was written that could be lost.
    let snapshot = on.unchecked_transaction().map_err(refused("begin to read"))?;
    reads(&snapshot)
}
