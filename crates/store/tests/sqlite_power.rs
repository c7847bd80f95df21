//! Power cuts and full disks: whatever is left of the files, nothing is lost and nothing counts
//! twice once the log was read again.
//!
//! A disk is modelled by what was written and what of it was synced. A cut leaves everything that
//! was synced; of the rest, any sector (512 bytes) may be there, missing, or rubbish, in any order.
//! SQLite syncs the WAL and then the database at a checkpoint, and the header of a WAL when it
//! starts it anew; with `synchronous=NORMAL` it syncs nothing else.
//!
//! # References
//!
//! SQLite, *Atomic Commit*, <https://www.sqlite.org/atomiccommit.html>, and
//! *WAL-mode File Format*, <https://www.sqlite.org/walformat.html>.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its own files has failed")]

use std::fs;
use std::path::Path;
use std::path::PathBuf;

use outcry_core::time::UnixMinute;
use outcry_store::Store;
use outcry_store::StoreError;
use outcry_store::conformance;
use outcry_store::conformance::chance::Chance;
use outcry_store::conformance::model::Model;
use outcry_store::record::Batch;
use outcry_store::record::Retention;
use outcry_store::sqlite::SqliteStore;
use rusqlite::Connection;
use tempfile::TempDir;

const SECTOR: usize = 512;
const WAL_HEADER: usize = 32;
const BATCHES: usize = 60;
const CUTS_MIN: u32 = 140;
/// Minutes go, and then hours; sums of days stay.
const SHORT: Retention = Retention { fold_after_days: 1, minutes_days: 2, hours_days: 3 };
/// Cuts in the middle of bringing a database to the present form.
const MIGRATION_CUTS: u32 = 100;
const EVERYTHING: u32 = 1_000_000;
const CHECKPOINTS: [&str; 3] = ["passive", "restart", "truncate"];

/// The two files of a database: what was written to them, and what of it was synced.
#[derive(Clone, Default)]
struct Disk {
    main: Vec<u8>,
    main_synced: Vec<u8>,
    wal: Vec<u8>,
    wal_synced: Vec<u8>,
}

impl Disk {
    /// Looks at the files after a transaction.
    fn written(&mut self, path: &Path) {
        self.main = fs::read(path).unwrap();
        assert!(
            self.main_synced.is_empty() || self.main == self.main_synced,
            "a transaction writes to the WAL only; the checkpoints are ours"
        );
        self.main_synced = self.main.clone();
        // There is no WAL before the first transaction of a connection.
        self.wal = fs::read(wal_of(path)).unwrap_or_default();
        let header = self.wal.get(..WAL_HEADER).unwrap_or_default();
        if !self.wal_synced.starts_with(header) {
            let rest = self.wal_synced.get(WAL_HEADER..).unwrap_or_default();
            // A WAL that was truncated lost the rest before its new header was synced.
            let rest = if self.wal.len() < self.wal_synced.len() { &[] } else { rest };
            self.wal_synced = [header, rest].concat();
        }
    }

    /// Runs a checkpoint; what the disk may hold in the middle of it comes back.
    fn checkpoint(&mut self, path: &Path, mode: &str) -> Self {
        let connection = Connection::open(path).unwrap();
        let pragma = format!("PRAGMA wal_checkpoint({mode})");
        let busy: i64 = connection.query_row(&pragma, (), |row| row.get(0)).unwrap();
        assert_eq!(busy, 0, "nobody else is reading");
        let after = fs::read(path).unwrap();
        let during = Self {
            main: after.clone(),
            main_synced: self.main.clone(),
            wal: self.wal.clone(),
            wal_synced: self.wal.clone(),
        };
        *self = Self {
            main_synced: after.clone(),
            main: after,
            wal: fs::read(wal_of(path)).unwrap(),
            wal_synced: self.wal.clone(),
        };
        during
    }

    /// Puts what a power cut may leave into a new folder.
    fn cut(&self, chance: &mut Chance) -> (TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("outcry.db");
        fs::write(&path, left_of(&self.main, &self.main_synced, chance)).unwrap();
        fs::write(wal_of(&path), left_of(&self.wal, &self.wal_synced, chance)).unwrap();
        (folder, path)
    }
}

/// What is left of a file: each sector as it was written or as it was synced, torn in the middle
/// of one at most; what was never synced may be zeros or rubbish as well.
fn left_of(written: &[u8], synced: &[u8], chance: &mut Chance) -> Vec<u8> {
    let length = match chance.below(4) {
        0 => written.len(),
        1 => synced.len(),
        // A file grows bit by bit, but is cut short at once: its size is one number in the inode.
        _ if written.len() < synced.len() => *chance.pick(&[written.len(), synced.len()]),
        _ => synced.len() + chance.index(written.len() - synced.len() + 1),
    };
    let mut left = synced[..length.min(synced.len())].to_vec();
    let rubbish = chance.one_in(2);
    left.resize_with(length, || if rubbish { chance.next().to_le_bytes()[0] } else { 0 });
    let torn_at = if chance.one_in(3) { None } else { Some(chance.index(length + 1)) };
    let length = length.min(written.len());
    for at in (0..length).step_by(SECTOR) {
        let end = (at + SECTOR).min(length);
        let end = match torn_at {
            Some(torn_at) => end.min(torn_at).max(at),
            None if chance.one_in(2) => end,
            None => at,
        };
        left[at..end].copy_from_slice(&written[at..end]);
    }
    left
}

fn wal_of(path: &Path) -> PathBuf {
    path.with_extension("db-wal")
}

/// Applies what a store does not have yet.
fn catch_up(store: &mut SqliteStore, log: &[Batch]) {
    let offset = store.offset().unwrap();
    for batch in log.iter().filter(|batch| batch.from_seq >= offset) {
        store.apply(batch).unwrap();
    }
}

/// How many cuts at least: `OUTCRY_SQLITE_CUTS`, or as many as usual.
fn times(usual: u32) -> u32 {
    std::env::var("OUTCRY_SQLITE_CUTS").map_or(usual, |text| text.parse().unwrap())
}

/// Asserts that a store, as a cut left it, stands at the end of one of the batches, not before
/// what was synced, and that its saved engine is one that was saved there or earlier.
fn assert_stands(store: &SqliteStore, log: &[Batch], synced_seq: u64) {
    assert_eq!(store.integrity().unwrap(), [""; 0]);
    let offset = store.offset().unwrap();
    let ends = |batch: &Batch| batch.to_seq == offset;
    assert!(offset == 0 || log.iter().any(ends), "{offset} is inside of a batch");
    assert!(offset >= synced_seq, "{offset} was passed and synced before: {synced_seq}");
    if let Some((seq, saved)) = store.checkpoint().unwrap() {
        assert!(seq <= offset, "the saved engine is ahead of the store: {seq} > {offset}");
        let mut saves = log.iter().filter(|batch| batch.to_seq == seq);
        assert!(saves.any(|batch| batch.checkpoint.as_ref() == Some(&saved)));
    }
}

/// Asserts that all sums are those of the model.
fn assert_sums(store: &SqliteStore, model: &Model) {
    assert_eq!(store.counts().unwrap(), model.counts().unwrap());
    let hours = |store: &dyn Store| store.hour_totals(i64::MIN, i64::MAX, EVERYTHING).unwrap();
    assert_eq!(hours(store), hours(model));
}

/// Folds and removes all that is old at a moment.
fn tend_all(store: &mut dyn Store, now: UnixMinute) {
    while store.tend(now, &SHORT).unwrap().more {}
}

#[test]
fn after_any_power_cut_the_log_makes_the_store_whole() {
    let least = times(CUTS_MIN);
    let mut chance = Chance::new(1);
    let mut folder = tempfile::tempdir().unwrap();
    let mut path = folder.path().join("outcry.db");
    let mut store = SqliteStore::open(&path).unwrap();
    let (mut disk, mut model, mut log) = (Disk::default(), Model::default(), Vec::new());
    disk.written(&path);
    let (mut cuts, mut synced_seq, mut behind, mut survivors) = (0, 0, 0, 0);
    let mut now = UnixMinute(chance.minute().0);
    while log.len() < BATCHES || cuts < least {
        let batch = chance.batch(model.offset().unwrap());
        store.apply(&batch).unwrap();
        model.apply(&batch).unwrap();
        log.push(batch);
        disk.written(&path);
        let tending = chance.one_in(3);
        let before = disk.clone();
        if tending {
            // Other transactions: days are folded, minutes and hours of older ones removed.
            now.0 += i64::try_from(chance.below(1_000)).unwrap();
            tend_all(&mut store, now);
            disk.written(&path);
        }
        let mut states = vec![disk.clone(), disk.clone()];
        if tending {
            // The power may go in the middle of that too.
            states[0] = Disk { wal: before.wal, ..disk.clone() };
        }
        if chance.one_in(6) {
            let kind: &str = chance.pick::<&str>(&CHECKPOINTS);
            states.push(disk.checkpoint(&path, kind));
            states.push(disk.clone());
        }
        for (i, state) in states.iter().enumerate() {
            // From the middle of a checkpoint on, the whole WAL is synced.
            synced_seq = if i >= 2 { model.offset().unwrap() } else { synced_seq };
            let (cut_folder, cut_path) = state.cut(&mut chance);
            let mut cut = SqliteStore::open(&cut_path).unwrap();
            assert_stands(&cut, &log, synced_seq);
            behind += u32::from(cut.offset().unwrap() < model.offset().unwrap());
            catch_up(&mut cut, &log);
            // What was removed, and came back with the cut, goes again.
            tend_all(&mut cut, now);
            tend_all(&mut model, now);
            assert_sums(&cut, &model);
            cuts += 1;
            if cuts % 30 == 0 {
                conformance::compare(&cut, &model, &mut chance);
            }
            if i + 1 == states.len() && chance.one_in(10) {
                // Life goes on with what the cut left; closing it first syncs everything.
                drop(cut);
                store = SqliteStore::open(&cut_path).unwrap();
                (path, disk, synced_seq) = (cut_path, Disk::default(), model.offset().unwrap());
                folder = cut_folder;
                survivors += 1;
                disk.written(&path);
            }
        }
    }
    drop(store);
    drop(folder);
    println!("sqlite: {cuts} cuts, {behind} took something back, {survivors} lived on");
    assert!(behind > cuts / 10 && survivors > 3, "{behind} lost something, {survivors} lived on");
}

#[test]
fn a_power_cut_while_the_form_changes_leaves_the_old_form_or_the_new_one() {
    let old = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/form-1.sqlite");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("outcry.db");
    fs::copy(&old, &path).unwrap();
    let mut disk = Disk::default();
    disk.written(&path);
    let store = SqliteStore::open(&path).unwrap();
    let whole = (store.offset().unwrap(), store.counts().unwrap());
    disk.written(&path);
    let mut chance = Chance::new(3);
    // Before, while and after SQLite moves the new form from the WAL into the database.
    let before = disk.clone();
    let during = disk.checkpoint(&path, "restart");
    let mut older = 0;
    for _ in 0..MIGRATION_CUTS {
        let state: &Disk = chance.pick::<&Disk>(&[&before, &during, &disk]);
        let (_folder, cut_path) = state.cut(&mut chance);
        older += u32::from(matches!(
            SqliteStore::open_reader(&cut_path),
            Err(StoreError::Older { found: 1, .. })
        ));
        let cut = SqliteStore::open(&cut_path).unwrap();
        assert_eq!(cut.integrity().unwrap(), [""; 0]);
        assert_eq!((cut.offset().unwrap(), cut.counts().unwrap()), whole);
    }
    println!("sqlite: {MIGRATION_CUTS} cuts while the form changed, {older} left the old one");
    assert!(older > 5 && older < MIGRATION_CUTS, "{older}");
}

#[test]
fn a_full_disk_refuses_batches_until_there_is_room_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("outcry.db");
    let mut store = SqliteStore::open(&path).unwrap();
    let (mut chance, mut model) = (Chance::new(2), Model::default());
    let mut pages_max = 1;
    let mut refusals = 0;
    for _ in 0..200 {
        let batch = chance.batch(model.offset().unwrap());
        store.limit_pages(pages_max).unwrap();
        while let Err(refused) = store.apply(&batch) {
            assert!(matches!(refused, StoreError::Full), "{refused:?}");
            assert_eq!(store.offset().unwrap(), model.offset().unwrap());
            assert_sums(&store, &model);
            let reader = SqliteStore::open_reader(&path).unwrap();
            assert_eq!(reader.counts().unwrap(), model.counts().unwrap());
            refusals += 1;
            pages_max += 1;
            store.limit_pages(pages_max).unwrap();
        }
        model.apply(&batch).unwrap();
        assert_sums(&store, &model);
    }
    conformance::compare(&store, &model, &mut chance);
    assert!(refusals > 10, "the disk was full only {refusals} times");
    assert_eq!(store.integrity().unwrap(), [""; 0]);
}
