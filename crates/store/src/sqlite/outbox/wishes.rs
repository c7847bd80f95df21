//! Wishes of people to be told: asked for, confirmed by who has the address, taken back.

use outcry_core::time::UnixMillis;
use rusqlite::Connection;
use rusqlite::OptionalExtension as _;

use super::Outbox;
use super::begin;
use super::count;
use crate::StoreError;
use crate::alerts::ABOUTS_PER_SERVICE_MAX;
use crate::alerts::PER_BROWSER_MAX;
use crate::alerts::PUSH;
use crate::alerts::SUBSCRIBERS_MAX;
use crate::alerts::Subscribed;
use crate::alerts::Subscriber;
use crate::alerts::UNCONFIRMED_MAX;
use crate::alerts::UNCONFIRMED_PER_ADDRESS_MAX;
use crate::sqlite::fault::execute;
use crate::sqlite::fault::refused;
use crate::sqlite::fault::rows;

/// Somebody's wish to be told.
pub struct Wish<'a> {
    /// About which service.
    pub service: &'a str,
    /// Where to.
    pub address: &'a str,
    /// Which moments they are told of: 0 the news, 1 the end, 2 everything.
    pub moments: u8,
    /// Which incidents, as text; empty for all.
    pub about: &'a str,
    /// Through which channel.
    pub channel: &'a str,
    /// The question to the address, made from the number of the wish.
    pub question: &'a dyn Fn(i64) -> String,
}

impl Outbox {
    /// Notes a wish to be told, unconfirmed, and puts the question into the outbox.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    pub fn subscribe(
        &mut self,
        wish: &Wish<'_>,
        now: UnixMillis,
    ) -> Result<Subscribed, StoreError> {
        let operation = "note a subscriber";
        let transaction = begin(&mut self.0, operation)?;
        let all = count(&transaction, "SELECT count(*) FROM subscriber")?;
        let open =
            count(&transaction, "SELECT count(*) FROM subscriber WHERE confirmed_at IS NULL")?;
        let crowded = all >= u64::from(SUBSCRIBERS_MAX) || open >= u64::from(UNCONFIRMED_MAX);
        if crowded || !has_room(&transaction, wish.service, wish.about)? {
            return Ok(Subscribed::Full);
        }
        let asked: u32 = transaction
            .query_row(
                "SELECT count(*) FROM subscriber WHERE address = ?1 AND confirmed_at IS NULL",
                [wish.address],
                |row| row.get(0),
            )
            .map_err(refused(operation))?;
        if asked >= UNCONFIRMED_PER_ADDRESS_MAX {
            return Ok(Subscribed::Known);
        }
        let sql = "INSERT INTO subscriber (service, address, moments, about, made_at)
                   VALUES (?1, ?2, ?3, ?4, ?5)
                   ON CONFLICT (service, address) DO NOTHING";
        let values = (wish.service, wish.address, wish.moments, wish.about, now.0);
        if execute(&transaction, operation, sql, values)? == 0 {
            return Ok(Subscribed::Known);
        }
        let number = transaction.last_insert_rowid();
        let story = format!("confirm/{number}");
        let body = (wish.question)(number);
        let said = "INSERT INTO alert_story (story, body) VALUES (?1, ?2)
                    ON CONFLICT (story) DO UPDATE SET body = excluded.body";
        execute(&transaction, operation, said, (&story, &body))?;
        let sql = "INSERT INTO outbox (id, incident, story, channel, recipient, kind, condition,
                                       state, leased, attempts, made_at, next_at)
                   VALUES (?1, '', ?2, ?3, ?4, 'confirm', 0, 0, 0, 0, ?5, ?5)
                   ON CONFLICT (id) DO NOTHING";
        let id = format!("confirm:{number}");
        execute(&transaction, operation, sql, (&id, &story, wish.channel, wish.address, now.0))?;
        transaction.commit().map_err(refused(operation))?;
        Ok(Subscribed::Ask(number))
    }

    /// Notes a browser that wants to be told. Nobody is asked: it said yes itself, and who knows
    /// its address there has it from the browser. What it chose takes the place of what it chose
    /// before.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    pub fn subscribe_browser(
        &mut self,
        wanted: &Subscriber,
        browser: &str,
        now: UnixMillis,
    ) -> Result<Subscribed, StoreError> {
        let operation = "note a browser";
        let transaction = begin(&mut self.0, operation)?;
        let all = count(&transaction, "SELECT count(*) FROM subscriber")?;
        let address = format!("{PUSH}{browser}");
        let told: u32 = transaction
            .query_row("SELECT count(*) FROM subscriber WHERE address = ?1", [&address], |row| {
                row.get(0)
            })
            .map_err(refused(operation))?;
        let Subscriber { service, moments, about } = wanted;
        let crowded = all >= u64::from(SUBSCRIBERS_MAX) || told >= PER_BROWSER_MAX;
        if crowded || !has_room(&transaction, service, about)? {
            return Ok(Subscribed::Full);
        }
        let sql = "INSERT INTO subscriber (service, address, moments, about, made_at, confirmed_at)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?5)
                   ON CONFLICT (service, address) DO UPDATE SET
                     moments = excluded.moments, about = excluded.about";
        execute(&transaction, operation, sql, (service, &address, moments, about, now.0))?;
        transaction.commit().map_err(refused(operation))?;
        Ok(Subscribed::Known)
    }

    /// Forgets a browser and what waits for it, about a service.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    pub fn leave_browser(&mut self, service: &str, browser: &str) -> Result<(), StoreError> {
        let sql = "SELECT id FROM subscriber WHERE service = ?1 AND address = ?2";
        let address = format!("{PUSH}{browser}");
        let found = self.0.query_row(sql, (service, &address), |row| row.get(0)).optional();
        if let Some(number) = found.map_err(refused("find a browser"))? {
            self.leave(number)?;
        }
        Ok(())
    }

    /// Confirms a wish; the service it is about, or `None` when there is no such wish any more.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    pub fn confirm(&mut self, number: i64, now: UnixMillis) -> Result<Option<String>, StoreError> {
        let sql = "UPDATE subscriber SET confirmed_at = coalesce(confirmed_at, ?2) WHERE id = ?1";
        execute(&self.0, "confirm a subscriber", sql, (number, now.0))?;
        self.service_of(number)
    }

    /// Forgets a subscriber and what waits for them; the service it was about.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    pub fn leave(&mut self, number: i64) -> Result<Option<String>, StoreError> {
        let service = self.service_of(number)?;
        let operation = "forget a subscriber";
        let transaction = begin(&mut self.0, operation)?;
        let waiting =
            "UPDATE outbox SET state = 3, done_at = next_at WHERE state = 0 AND leased = 0
                         AND recipient = (SELECT address FROM subscriber WHERE id = ?1)
                         AND id LIKE '%:subscriber-' || ?1 || ':%'";
        execute(&transaction, operation, waiting, [number])?;
        execute(&transaction, operation, "DELETE FROM subscriber WHERE id = ?1", [number])?;
        transaction.commit().map_err(refused(operation))?;
        Ok(service)
    }

    /// A subscriber, if there is one of that number.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub fn subscriber(&self, number: i64) -> Result<Option<Subscriber>, StoreError> {
        let sql = "SELECT service, moments, about FROM subscriber WHERE id = ?1";
        let found = self.0.query_row(sql, [number], |row| {
            Ok(Subscriber { service: row.get(0)?, moments: row.get(1)?, about: row.get(2)? })
        });
        found.optional().map_err(refused("find a subscriber"))
    }

    /// Which incidents subscribers of a service chose, each once, where they are not all. Index:
    /// `subscriber_by_about`.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub fn abouts(&self, service: &str) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT DISTINCT about FROM subscriber INDEXED BY subscriber_by_about
                   WHERE service = ?1 AND about > '' ORDER BY about LIMIT ?2";
        let values = (service, ABOUTS_PER_SERVICE_MAX);
        rows(&self.0, "read what subscribers chose", sql, values, |row| row.get(0))
    }

    fn service_of(&self, number: i64) -> Result<Option<String>, StoreError> {
        let sql = "SELECT service FROM subscriber WHERE id = ?1";
        let found = self.0.query_row(sql, [number], |row| row.get(0)).optional();
        found.map_err(refused("find a subscriber"))
    }
}

/// Whether another choice of incidents of a service fits, or this one is known. Index:
/// `subscriber_by_about`.
fn has_room(on: &Connection, service: &str, about: &str) -> Result<bool, StoreError> {
    let sql =
        "SELECT ?2 = '' OR EXISTS (SELECT 1 FROM subscriber WHERE service = ?1 AND about = ?2)
                 OR (SELECT count(DISTINCT about) FROM subscriber
                     WHERE service = ?1 AND about > '') < ?3";
    on.query_row(sql, (service, about, ABOUTS_PER_SERVICE_MAX), |row| row.get(0))
        .map_err(refused("count what subscribers chose"))
}
