//! The outbox: messages that wait, those that are done, and who wants to be told.
//!
//! It is filled through [`crate::record::Batch`], by the connection that follows the log, and
//! emptied through [`Outbox`], a connection of its own. Messages of one incident to one receiver
//! are handed out one after the other, so that nobody hears of the end before the beginning.

mod operator;
mod wishes;

use std::path::Path;

use outcry_core::time::UnixMillis;
use rusqlite::Connection;
use rusqlite::Transaction;
use rusqlite::TransactionBehavior;

use super::fault::execute;
use super::fault::refused;
use super::fault::rows;
use super::open;
use crate::StoreError;
use crate::alerts::Alerts;
use crate::alerts::ChannelOff;
use crate::alerts::Condition;
use crate::alerts::DONE_KEPT_MS;
use crate::alerts::Due;
use crate::alerts::Fate;
use crate::alerts::NewMessage;
use crate::alerts::REFUSED_MAX;
use crate::alerts::Receiver;
use crate::alerts::SAID_CHARS_MAX;
use crate::alerts::UNCONFIRMED_MS_MAX;
use crate::alerts::WAITING_MAX;

pub use wishes::Wish;

/// The kind of a message that takes the place of an earlier one of the same id.
const SETTLED: &str = "settled";
/// The kind that ends what waits for nobody's acknowledgement.
const RESOLVED: &str = "resolved";

/// Stores what follows for those who want to be told. Indexes: primary keys, and the unique one on
/// `outbox.id`.
pub(super) fn add(on: &Connection, alerts: &Alerts) -> Result<(), StoreError> {
    let operation = "store what is to be told";
    for (service, body) in &alerts.states {
        let sql = "INSERT INTO alert_state (service, body) VALUES (?1, ?2)
                   ON CONFLICT (service) DO UPDATE SET body = excluded.body";
        execute(on, operation, sql, (&**service, body))?;
    }
    for (incident, at, actor) in &alerts.acknowledged {
        let sql = "INSERT INTO acknowledgement (incident, at, actor) VALUES (?1, ?2, ?3)
                   ON CONFLICT (incident) DO NOTHING";
        execute(on, operation, sql, (&**incident, at.0, &**actor))?;
        cancel(on, incident, at.0)?;
    }
    for (incident, at) in &alerts.unacknowledged {
        operator::lift_acknowledgement(on, incident, at.0)?;
    }
    for (service, until, actor) in &alerts.silenced {
        let sql = "INSERT INTO silence (service, until, actor) VALUES (?1, ?2, ?3)
                   ON CONFLICT (service) DO UPDATE SET
                     until = excluded.until, actor = excluded.actor";
        execute(on, operation, sql, (&**service, until.0, &**actor))?;
    }
    for (story, body) in &alerts.stories {
        let sql = "INSERT INTO alert_story (story, body) VALUES (?1, ?2)
                   ON CONFLICT (story) DO NOTHING";
        execute(on, operation, sql, (story, body))?;
    }
    for message in &alerts.messages {
        if message.kind == RESOLVED {
            cancel(on, &message.incident, message.made_at.0)?;
        }
        match &message.to {
            Receiver::Channel(channel) => add_one(on, message, channel)?,
            Receiver::Subscribers { channel, about, moments } => {
                add_subscribers(on, message, (channel, about, *moments))?;
            }
        }
    }
    Ok(())
}

/// Nobody has to be told any more that nobody looks.
fn cancel(on: &Connection, incident: &str, at: i64) -> Result<(), StoreError> {
    let sql = "UPDATE outbox SET state = 3, done_at = ?2
               WHERE incident = ?1 AND condition = 1 AND state = 0";
    execute(on, "cancel an escalation", sql, (incident, at)).map(drop)
}

fn add_one(on: &Connection, message: &NewMessage, channel: &str) -> Result<(), StoreError> {
    let sql = "INSERT INTO outbox (id, incident, story, channel, recipient, kind, condition, state,
                                   leased, attempts, made_at, next_at)
               SELECT ?1, ?2, ?3, ?4, '', ?5, ?6 = 1, 0, 0, 0, ?7, ?8
               WHERE (?6 <> 1 OR NOT EXISTS
                       (SELECT 1 FROM acknowledgement WHERE incident = ?2))
                 AND (?6 <> 2 OR EXISTS
                       (SELECT 1 FROM outbox
                        WHERE incident = ?2 AND channel = ?4 AND attempts > 0))
               ON CONFLICT (id) DO UPDATE SET story = excluded.story, next_at = excluded.next_at
               WHERE kind = ?9 AND state = 0 AND attempts = 0";
    let condition = match message.condition {
        Condition::Always => 0,
        Condition::UnlessAcknowledged => 1,
        Condition::IfTold => 2,
    };
    let values = (
        &message.id,
        &*message.incident,
        &message.story,
        channel,
        message.kind,
        condition,
        message.made_at.0,
        message.not_before.0,
        SETTLED,
    );
    execute(on, "put a message into the outbox", sql, values).map(drop)
}

/// One row for each subscriber; their number stands in the id, never their address.
fn add_subscribers(
    on: &Connection,
    message: &NewMessage,
    (channel, about, moments): (&str, &str, u8),
) -> Result<(), StoreError> {
    let waiting = count(on, "SELECT count(*) FROM outbox WHERE state = 0")?;
    if waiting >= u64::from(WAITING_MAX) {
        tracing::error!(waiting, "too many messages wait: subscribers are not told");
        return Ok(());
    }
    let sql = "INSERT INTO outbox (id, incident, story, channel, recipient, kind, condition, state,
                                   leased, attempts, made_at, next_at)
               SELECT replace(?1, ':subscribers:', ':subscriber-' || id || ':'), ?2, ?3,
                      iif(address LIKE 'push:%', 'push:', ?4), address, ?5, 0, 0, 0, 0, ?6, ?7
               FROM subscriber
               WHERE service = ?8 AND confirmed_at IS NOT NULL
                 AND (?4 <> '' OR address LIKE 'push:%')
                 AND about = ?9 AND (1 << moments) & ?10 <> 0
               ORDER BY id LIMIT ?11
               ON CONFLICT (id) DO UPDATE SET story = excluded.story, next_at = excluded.next_at
               WHERE kind = 'settled' AND state = 0 AND attempts = 0";
    let values = (
        &message.id,
        &*message.incident,
        &message.story,
        channel,
        message.kind,
        message.made_at.0,
        message.not_before.0,
        &*message.service,
        about,
        moments,
        WAITING_MAX,
    );
    execute(on, "put messages to subscribers into the outbox", sql, values).map(drop)
}

fn count(on: &Connection, sql: &str) -> Result<u64, StoreError> {
    let found = on.query_row(sql, (), |row| row.get::<_, i64>(0));
    found.map(i64::unsigned_abs).map_err(refused("count"))
}

/// The sender's side.
#[derive(Debug)]
pub struct Outbox(Connection);

impl Outbox {
    /// Opens the database of a station to send what waits in it.
    ///
    /// # Errors
    ///
    /// When it cannot be opened.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Ok(Self(open::writer(path)?))
    }

    /// Opens it to look only.
    ///
    /// # Errors
    ///
    /// When it cannot be opened, or has not its present form.
    pub fn open_reader(path: &Path) -> Result<Self, StoreError> {
        Ok(Self(open::reader(path)?))
    }

    /// What was told, by service: where a planner goes on.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub fn states(&self) -> Result<Vec<(String, String)>, StoreError> {
        let sql = "SELECT service, body FROM alert_state";
        rows(&self.0, "read what was told", sql, (), |row| Ok((row.get(0)?, row.get(1)?)))
    }

    /// After a start: what was being sent when the program ended is due at once.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    pub fn take_back(&mut self, now: UnixMillis) -> Result<usize, StoreError> {
        let sql = "UPDATE outbox SET leased = 0, next_at = ?1 WHERE state = 0 AND leased = 1";
        execute(&self.0, "take back what was being sent", sql, [now.0])
    }

    /// Hands out up to `limit` messages that are due, each with one more try counted. They are not
    /// handed out again until [`Self::finish`]. Index: `outbox_due`, `outbox_by_incident`.
    ///
    /// # Errors
    ///
    /// When the database cannot be read or written.
    pub fn claim(&mut self, now: UnixMillis, limit: u32) -> Result<Vec<Due>, StoreError> {
        let operation = "take messages out of the outbox";
        let sql = "SELECT number, id, channel, recipient, kind, attempts + 1, refused, made_at,
                          (SELECT body FROM alert_story WHERE story = it.story)
                   FROM outbox AS it INDEXED BY outbox_due
                   WHERE state = 0 AND next_at <= ?1 AND leased = 0
                     AND NOT EXISTS
                       (SELECT 1 FROM outbox AS earlier INDEXED BY outbox_by_incident
                        WHERE earlier.incident = it.incident AND earlier.channel = it.channel
                          AND earlier.recipient = it.recipient AND earlier.number < it.number
                          AND earlier.state = 0
                          AND (earlier.kind NOT IN ('settled', 'escalated') OR earlier.leased = 1))
                   ORDER BY next_at, number LIMIT ?2";
        // Mostly nothing is due, and whoever writes need not be kept waiting to see that.
        if !self.is_any_due(now)? {
            return Ok(Vec::new());
        }
        let transaction = begin(&mut self.0, operation)?;
        let due = rows(&transaction, operation, sql, (now.0, limit), |row| {
            Ok(Due {
                number: row.get(0)?,
                id: row.get(1)?,
                channel: row.get(2)?,
                recipient: row.get(3)?,
                kind: row.get(4)?,
                attempts: row.get(5)?,
                refused: row.get(6)?,
                made_at: UnixMillis(row.get(7)?),
                body: row.get::<_, Option<String>>(8)?.unwrap_or_default(),
            })
        })?;
        for message in &due {
            let sql = "UPDATE outbox SET leased = 1, attempts = ?2 WHERE number = ?1";
            execute(&transaction, operation, sql, (message.number, message.attempts))?;
        }
        transaction.commit().map_err(refused(operation))?;
        Ok(due)
    }

    /// Whether any message waits whose time has come. Index: `outbox_due`.
    fn is_any_due(&self, now: UnixMillis) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM outbox INDEXED BY outbox_due
                   WHERE state = 0 AND next_at <= ?1 AND leased = 0 LIMIT 1";
        let found = rows(&self.0, "look for messages that are due", sql, [now.0], |_| Ok(()))?;
        Ok(!found.is_empty())
    }

    /// Notes how tries ended, with what the receivers said.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    pub fn finish(
        &mut self,
        ended: &[(i64, Fate, String)],
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        let operation = "note how a message fared";
        let transaction = begin(&mut self.0, operation)?;
        for (number, fate, said) in ended {
            let said: String = said.chars().take(SAID_CHARS_MAX).collect();
            let (state, next_at) = match fate {
                Fate::Delivered => (1, None),
                Fate::Dead => (2, None),
                Fate::Again(at) => (0, Some(at.0)),
            };
            let sql = "UPDATE outbox SET leased = 0, said = ?3, refused = refused + (?2 = 0),
                         state = CASE WHEN ?2 = 0 AND state = 3 THEN 3
                                      WHEN ?2 = 0 AND refused + 1 >= ?6 THEN 2 ELSE ?2 END,
                         done_at = CASE WHEN ?2 > 0 OR state = 3 OR refused + 1 >= ?6
                                        THEN ?5 ELSE NULL END,
                         next_at = coalesce(?4, next_at)
                       WHERE number = ?1";
            let values = (number, state, said, next_at, now.0, REFUSED_MAX);
            execute(&transaction, operation, sql, values)?;
        }
        transaction.commit().map_err(refused(operation))
    }

    /// Channels that answered "gone".
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub fn channels_off(&self) -> Result<Vec<ChannelOff>, StoreError> {
        let sql = "SELECT channel, mark, at, said FROM channel_off ORDER BY channel";
        rows(&self.0, "read which channels are off", sql, (), |row| {
            Ok(ChannelOff {
                channel: row.get(0)?,
                mark: row.get(1)?,
                at: UnixMillis(row.get(2)?),
                said: row.get(3)?,
            })
        })
    }

    /// Switches a channel off, until its settings change.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    pub fn switch_off(&mut self, off: &ChannelOff) -> Result<(), StoreError> {
        let sql = "INSERT INTO channel_off (channel, mark, at, said) VALUES (?1, ?2, ?3, ?4)
                   ON CONFLICT (channel) DO UPDATE SET
                     mark = excluded.mark, at = excluded.at, said = excluded.said";
        let values = (&off.channel, &off.mark, off.at.0, &off.said);
        execute(&self.0, "switch a channel off", sql, values).map(drop)
    }

    /// Removes what is done and old: messages, what they said, and addresses never confirmed.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    pub fn tend(&mut self, now: UnixMillis) -> Result<(), StoreError> {
        let operation = "remove old messages";
        let done = "DELETE FROM outbox WHERE state > 0 AND done_at < ?1";
        execute(&self.0, operation, done, [now.0 - DONE_KEPT_MS])?;
        let unsaid = "DELETE FROM alert_story WHERE NOT EXISTS (
                        SELECT 1 FROM outbox WHERE outbox.story = alert_story.story)";
        execute(&self.0, operation, unsaid, ())?;
        let unconfirmed = "DELETE FROM subscriber WHERE confirmed_at IS NULL AND made_at < ?1";
        execute(&self.0, operation, unconfirmed, [now.0 - UNCONFIRMED_MS_MAX]).map(drop)
    }
}

fn begin<'c>(
    connection: &'c mut Connection,
    operation: &'static str,
) -> Result<Transaction<'c>, StoreError> {
    connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(refused(operation))
}
