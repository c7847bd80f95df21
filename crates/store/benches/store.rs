//! Counts over years: how fast a year is read, how much room 12,000 services take, and what folding
//! costs those who write, beside a plain table of the same counts in the same run.
//!
//! # What it cannot tell
//!
//! A year of 12,000 services is not written out, since half a billion counts take too long. The
//! days that are show what a further day costs, and that times 365 is the figure: days are folded
//! apart from each other, so nothing grows faster than in step.

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use outcry_core::series::Cell;
use outcry_core::series::Counts;
use outcry_core::series::Deltas;
use outcry_core::series::Dimension;
use outcry_core::time::UnixMinute;
use outcry_core::units::Country;
use outcry_core::units::Text;
use outcry_store::Store;
use outcry_store::record::Batch;
use outcry_store::record::Retention;
use outcry_store::sqlite::SqliteStore;
use rusqlite::Connection;

/// A year of minutes of one series is read in this many milliseconds.
const YEAR_MS_BAR: f64 = 10.0;
/// A year of 12,000 services takes this many bytes.
const YEAR_BYTES_BAR: f64 = 3e9;
const DAYS_PER_YEAR: i64 = 365;
const MINUTES_PER_DAY: i64 = 1_440;
/// Times a year is read; the fastest counts.
const READS: u32 = 7;
const SERVICES: usize = 12_000;
/// Reports a minute of the busiest service; that of rank r has an r-th of it.
const TOP_PER_MINUTE: f64 = 30.0;
/// Days that are written of 12,000 services, the first ones to warm up.
const DAYS: i64 = 9;
const WARM_DAYS: i64 = 4;
/// Minutes whose counts are stored at once.
const BATCH_MINUTES: i64 = 5;
const COUNTRIES: [&str; 8] = ["US", "GB", "DE", "BR", "JP", "FR", "IN", "CZ"];
const PROBLEMS: [&str; 3] = ["not_loading", "login", "error_message"];
const COMPONENTS: [&str; 3] = ["web", "mobile_app", "api"];

type Failure = Box<dyn Error>;

/// Numbers that look like chance and are the same every time.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963);
        self.0 >> 33
    }

    /// From 0 to below 1.
    fn share(&mut self) -> f64 {
        self.next() as f64 / f64::from(1_u32 << 31)
    }

    /// One of several, the first ones more often.
    fn pick<'a>(&mut self, names: &[&'a str]) -> &'a str {
        let share = self.share();
        names[(share * share * names.len() as f64) as usize % names.len()]
    }

    /// A number of events where `mean` are usual.
    fn poisson(&mut self, mean: f64) -> u32 {
        let (mut events, mut left) = (0, (-mean).exp());
        let mut product = self.share();
        while product > left && events < 1_000 {
            events += 1;
            product *= self.share();
        }
        left = left.max(0.0);
        if left == 0.0 { mean as u32 } else { events }
    }
}

fn main() -> Result<ExitCode, Failure> {
    let folder = tempfile::tempdir()?;
    let year_ms = year(folder.path())?;
    let bytes = town(folder.path())?;
    println!(
        "store: a year of minutes in {year_ms:.1} ms (bar: <= {YEAR_MS_BAR}), 12,000 services x 1 \
         year in {:.2} GB (bar: <= {:.0})",
        bytes / 1e9,
        YEAR_BYTES_BAR / 1e9
    );
    let holds = year_ms <= YEAR_MS_BAR && bytes <= YEAR_BYTES_BAR;
    Ok(if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A year of minutes of one busy series, read at once; the figure is in milliseconds.
fn year(folder: &Path) -> Result<f64, Failure> {
    let path = folder.join("year.sqlite");
    let mut store = SqliteStore::open(&path)?;
    let plain = Plain::new(&folder.join("year-plain.sqlite"))?;
    let mut dice = Dice(7);
    for day in 0..DAYS_PER_YEAR {
        let mut deltas = Deltas::default();
        for minute in 0..MINUTES_PER_DAY {
            let received = 1 + dice.poisson(20.0);
            let counts = Counts { received, counted: received - received / 7 };
            deltas.add(cell("busy".into(), day * MINUTES_PER_DAY + minute, Dimension::All), counts);
        }
        plain.add(&deltas)?;
        apply(&mut store, deltas)?;
        fold(&mut store, day + 1)?;
    }
    fold(&mut store, DAYS_PER_YEAR + 10)?;
    let until = DAYS_PER_YEAR * MINUTES_PER_DAY;
    let (mut folded_ms, mut plain_ms) = (f64::INFINITY, f64::INFINITY);
    for _ in 0..READS {
        let began = Instant::now();
        let read = store.series_range(
            "busy",
            &Dimension::All,
            UnixMinute(0),
            UnixMinute(until),
            u32::try_from(until)?,
        )?;
        folded_ms = folded_ms.min(began.elapsed().as_secs_f64() * 1e3);
        assert_eq!(read.len() as i64, until, "every minute has a report");
        let began = Instant::now();
        assert_eq!(plain.read()?, read.len(), "the plain table has the same");
        plain_ms = plain_ms.min(began.elapsed().as_secs_f64() * 1e3);
    }
    drop((store, plain));
    let (folded_kib, plain_kib) = (kib(&path)?, kib(&folder.join("year-plain.sqlite"))?);
    println!(
        "{:<34} {:>10} {:>12} {:>7}",
        "a year of minutes of one series", "folded", "plain rows", "ratio"
    );
    println!("{:<34} {folded_ms:>7.1} ms {plain_ms:>9.1} ms {:>7.2}", "read", folded_ms / plain_ms);
    println!(
        "{:<34} {folded_kib:>6.0} KiB {plain_kib:>8.0} KiB {:>7.2}",
        "room",
        folded_kib / plain_kib
    );
    Ok(folded_ms)
}

/// Days of 12,000 services, folded while the next are written; the figure is the bytes of a year.
fn town(folder: &Path) -> Result<f64, Failure> {
    let path = folder.join("town.sqlite");
    let plain_path = folder.join("town-plain.sqlite");
    let mut store = SqliteStore::open(&path)?;
    let plain = Plain::new(&plain_path)?;
    let mut unfolded = SqliteStore::open(&folder.join("unfolded.sqlite"))?;
    let names: Vec<Text> = (0..SERVICES).map(|rank| format!("service-{rank}").into()).collect();
    let (mut with_s, mut without_s, mut longest_ms) = (0.0, 0.0, 0.0_f64);
    let (mut cells, mut rooms) = (0_u64, Vec::new());
    for day in 0..DAYS {
        let mut dice = Dice(day.unsigned_abs() + 1);
        for first in (0..MINUTES_PER_DAY).step_by(BATCH_MINUTES as usize) {
            let deltas = minutes(&mut dice, &names, day * MINUTES_PER_DAY + first);
            cells += deltas.cells.len() as u64;
            plain.add(&deltas)?;
            let began = Instant::now();
            apply(&mut unfolded, deltas.clone())?;
            without_s += began.elapsed().as_secs_f64();
            // One step of folding between two batches, as a server does it.
            let began = Instant::now();
            apply(&mut store, deltas)?;
            let folding = Instant::now();
            let now = UnixMinute(day * MINUTES_PER_DAY + first);
            store.tend(now, &Retention::default())?;
            longest_ms = longest_ms.max(folding.elapsed().as_secs_f64() * 1e3);
            with_s += began.elapsed().as_secs_f64();
        }
        fold(&mut store, day)?;
        rooms.push((kib(&path)?, kib(&plain_path)?));
    }
    let days = (DAYS - WARM_DAYS) as f64;
    let last = rooms.len() - 1;
    let (warm, end) = (rooms[last - (DAYS - WARM_DAYS) as usize], rooms[last]);
    let per_day = ((end.0 - warm.0) / days, (end.1 - warm.1) / days);
    let year = per_day.0 * 1_024.0 * DAYS_PER_YEAR as f64;
    println!("{:<34} {:>10} {:>12} {:>7}", "12,000 services", "folded", "plain rows", "ratio");
    println!(
        "{:<34} {:>6.0} KiB {:>8.0} KiB {:>7.2}",
        "room of a further day",
        per_day.0,
        per_day.1,
        per_day.0 / per_day.1
    );
    println!(
        "counts written while folding: {:.0}/s, without: {:.0}/s, ratio {:.2}; longest step of \
              folding {longest_ms:.1} ms",
        cells as f64 / with_s,
        cells as f64 / without_s,
        without_s / with_s
    );
    Ok(year)
}

/// What some minutes of all services count.
fn minutes(dice: &mut Dice, names: &[Text], first: i64) -> Deltas {
    let mut deltas = Deltas::default();
    for (rank, name) in (1..).zip(names) {
        let reports = dice.poisson(TOP_PER_MINUTE / f64::from(rank) * BATCH_MINUTES as f64);
        for _ in 0..reports {
            let minute = first + (dice.share() * BATCH_MINUTES as f64) as i64;
            let one = Counts { received: 1, counted: 1 };
            let country = Country::parse(dice.pick(&COUNTRIES));
            for dimension in [
                Dimension::All,
                Dimension::Country(country),
                Dimension::Problem(dice.pick(&PROBLEMS).into()),
                Dimension::Component(dice.pick(&COMPONENTS).into()),
            ] {
                deltas.add(cell(name.clone(), minute, dimension), one);
            }
        }
    }
    deltas
}

fn cell(service: Text, minute: i64, dimension: Dimension) -> Cell {
    Cell { service, minute: UnixMinute(minute), dimension }
}

fn apply(store: &mut SqliteStore, deltas: Deltas) -> Result<(), Failure> {
    let from_seq = store.offset()?;
    store.apply(&Batch { from_seq, to_seq: from_seq + 1, deltas, ..Batch::default() })?;
    Ok(())
}

/// Folds all that is due at the beginning of a day.
fn fold(store: &mut SqliteStore, day: i64) -> Result<(), Failure> {
    while store.tend(UnixMinute(day * MINUTES_PER_DAY), &Retention::default())?.more {}
    Ok(())
}

/// A file with what SQLite has beside it.
fn kib(path: &Path) -> Result<f64, Failure> {
    Connection::open(path)?
        .pragma_update_and_check(None, "wal_checkpoint", "truncate", |_| Ok(()))?;
    Ok(std::fs::metadata(path)?.len() as f64 / 1_024.0)
}

/// The same counts as rows of a table, with no thought.
struct Plain(Connection);

impl Plain {
    fn new(path: &Path) -> Result<Self, Failure> {
        let connection = Connection::open(path)?;
        connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
        connection.execute_batch(
            "PRAGMA synchronous = normal;
             CREATE TABLE count (
               service TEXT NOT NULL, minute INTEGER NOT NULL, dimension TEXT NOT NULL,
               received INTEGER NOT NULL, counted INTEGER NOT NULL,
               PRIMARY KEY (service, dimension, minute)
             ) STRICT, WITHOUT ROWID",
        )?;
        Ok(Self(connection))
    }

    fn add(&self, deltas: &Deltas) -> Result<(), Failure> {
        self.0.execute_batch("BEGIN")?;
        let mut insert = self.0.prepare_cached("INSERT INTO count VALUES (?1, ?2, ?3, ?4, ?5)")?;
        for (cell, counts) in &deltas.cells {
            let dimension = format!("{:?}", cell.dimension);
            let (received, counted) = (counts.received, counts.counted);
            insert.execute((&*cell.service, cell.minute.0, dimension, received, counted))?;
        }
        drop(insert);
        self.0.execute_batch("COMMIT")?;
        Ok(())
    }

    fn read(&self) -> Result<usize, Failure> {
        let sql = "SELECT minute, received, counted FROM count
                   WHERE service = 'busy' AND dimension = 'All' ORDER BY minute";
        let mut select = self.0.prepare_cached(sql)?;
        let rows: Result<Vec<(i64, u32, u32)>, _> =
            select.query_map((), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?.collect();
        Ok(rows?.len())
    }
}
