//! What operators ask of the outbox: what was sent, what waits, who looks, what is silent.

use outcry_core::time::UnixMillis;
use rusqlite::Connection;

use super::Outbox;
use super::count;
use crate::StoreError;
use crate::alerts::Acknowledged;
use crate::alerts::Listed;
use crate::alerts::Silence;
use crate::alerts::Tally;
use crate::sqlite::fault::execute;
use crate::sqlite::fault::rows;

/// Nobody looks any more: what waited for an acknowledgement waits again, unless the incident has
/// been told to be over since.
pub(super) fn lift_acknowledgement(
    on: &Connection,
    incident: &str,
    at: i64,
) -> Result<(), StoreError> {
    let operation = "lift an acknowledgement";
    let sql = "DELETE FROM acknowledgement WHERE incident = ?1";
    if execute(on, operation, sql, [incident])? == 0 {
        return Ok(());
    }
    let again = "UPDATE outbox SET state = 0, done_at = NULL, next_at = max(next_at, ?2)
                 WHERE incident = ?1 AND condition = 1 AND state = 3 AND attempts = 0
                   AND number > coalesce((SELECT max(number) FROM outbox
                                          WHERE incident = ?1 AND kind = 'resolved'), 0)";
    execute(on, operation, again, (incident, at)).map(drop)
}

impl Outbox {
    /// Services that are silent at `now`, by slug.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub fn silences(&self, now: UnixMillis) -> Result<Vec<Silence>, StoreError> {
        let sql = "SELECT service, until, actor FROM silence WHERE until > ?1 ORDER BY service";
        rows(&self.0, "read silences", sql, [now.0], |row| {
            let until = UnixMillis(row.get(1)?);
            Ok(Silence { service: row.get(0)?, until, actor: row.get(2)? })
        })
    }

    /// The newest `limit` acknowledgements; of one incident where it is given.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub fn acknowledged(
        &self,
        incident: Option<&str>,
        limit: u32,
    ) -> Result<Vec<Acknowledged>, StoreError> {
        let sql = "SELECT incident, at, actor FROM acknowledgement
                   WHERE ?1 IS NULL OR incident = ?1
                   ORDER BY at DESC, incident LIMIT ?2";
        rows(&self.0, "read acknowledgements", sql, (incident, limit), |row| {
            let at = UnixMillis(row.get(1)?);
            Ok(Acknowledged { incident: row.get(0)?, at, actor: row.get(2)? })
        })
    }

    /// Tries dead letters of a channel again, from the first try on.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    pub fn revive(&mut self, channel: &str, now: UnixMillis) -> Result<usize, StoreError> {
        let sql = "UPDATE outbox SET state = 0, attempts = 0, refused = 0, next_at = ?2,
                                     done_at = NULL
                   WHERE channel = ?1 AND state = 2";
        execute(&self.0, "try dead letters again", sql, (channel, now.0))
    }

    /// How many messages are in which state. Reads all of them: for operators.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub fn tally(&self) -> Result<Tally, StoreError> {
        let of = |state: u8| {
            count(&self.0, &format!("SELECT count(*) FROM outbox WHERE state = {state}"))
        };
        let subscribers = "SELECT count(*) FROM subscriber WHERE confirmed_at IS NOT NULL";
        Ok(Tally {
            waiting: of(0)?,
            delivered: of(1)?,
            dead: of(2)?,
            cancelled: of(3)?,
            subscribers: count(&self.0, subscribers)?,
        })
    }

    /// The newest `limit` messages. Index: the primary key.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub fn list(&self, limit: u32) -> Result<Vec<Listed>, StoreError> {
        let sql = "SELECT id, state, kind, attempts, made_at, next_at, said FROM outbox
                   ORDER BY number DESC LIMIT ?1";
        rows(&self.0, "list messages", sql, [limit], |row| {
            Ok(Listed {
                id: row.get(0)?,
                state: match row.get::<_, i64>(1)? {
                    0 => "waiting",
                    1 => "delivered",
                    2 => "dead",
                    _ => "cancelled",
                },
                kind: row.get(2)?,
                attempts: row.get(3)?,
                made_at: UnixMillis(row.get(4)?),
                next_at: UnixMillis(row.get(5)?),
                said: row.get(6)?,
            })
        })
    }
}
