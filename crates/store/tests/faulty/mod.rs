//! A disk in memory that loses power, room and syncs, as badly as a real one is allowed to.
//!
//! Until a file is synced, each change to it may be on disk wholly, up to any byte, in any of its
//! 512-byte sectors, or not at all; so may names until the folder is synced. A sync that fails
//! forgets what it should have written, as Linux does: the next one succeeds without having it.
//! All chance comes from a seed.
//!
//! # What it cannot tell
//! How a drive that lies about syncing behaves; what was synced here stays.

#![allow(dead_code, reason = "each test file uses a part of it")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicI64;
use std::sync::atomic::Ordering;
use std::sync::mpsc;

use outcry_store::log::Clock;
use outcry_store::log::Limits;
use outcry_store::log::Log;
use outcry_store::log::Recovery;
use outcry_store::log::Refusal;
use outcry_store::log::disk::Disk;
use outcry_store::log::disk::DiskFile;

/// Bytes a drive writes wholly or not at all.
const SECTOR_BYTES: usize = 512;

/// A handle to the model; clones are handles to the same disk.
#[derive(Clone)]
pub struct FaultyDisk {
    model: Arc<Mutex<Model>>,
}

struct Model {
    chance: Chance,
    files: BTreeMap<u64, FileModel>,
    next_file: u64,
    /// Names as programs see them, and as they are on disk.
    names: BTreeMap<String, u64>,
    names_on_disk: BTreeMap<String, u64>,
    name_changes: Vec<NameChange>,
    /// Changes that were asked for since the beginning.
    operations: u64,
    cut_at: Option<u64>,
    power: Power,
    /// Files opened before the last cut cannot be used.
    life: u64,
    capacity_bytes: Option<u64>,
    sync_fails_in: Option<u64>,
    before_sync: Option<Box<dyn FnOnce() + Send>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Power {
    On,
    Off,
}

#[derive(Default)]
struct FileModel {
    bytes: Vec<u8>,
    on_disk: Vec<u8>,
    changes: Vec<Change>,
}

#[derive(Clone)]
enum Change {
    Write(usize, Vec<u8>),
    Truncate(usize),
}

enum NameChange {
    Create(String, u64),
    Remove(String),
    Rename(String, String),
}

impl FaultyDisk {
    /// An empty disk without faults, yet.
    pub fn new(seed: u64) -> Self {
        let model = Model {
            chance: Chance::new(seed),
            files: BTreeMap::new(),
            next_file: 0,
            names: BTreeMap::new(),
            names_on_disk: BTreeMap::new(),
            name_changes: Vec::new(),
            operations: 0,
            cut_at: None,
            power: Power::On,
            life: 0,
            capacity_bytes: None,
            sync_fails_in: None,
            before_sync: None,
        };
        Self { model: Arc::new(Mutex::new(model)) }
    }

    /// Cuts the power at the change after `operations` further ones, itself perhaps half done.
    pub fn cut_after(&self, operations: u64) {
        let mut model = self.model.lock().unwrap();
        model.cut_at = Some(model.operations + operations);
    }

    /// Whether the power is cut.
    pub fn is_cut(&self) -> bool {
        self.model.lock().unwrap().power == Power::Off
    }

    /// Cuts the power, if it was not, and turns it on again: what was not synced is left to
    /// chance, open files are lost, and no other cut is planned.
    pub fn restart(&self) {
        self.model.lock().unwrap().restart();
    }

    /// Changes that were asked for since the beginning.
    pub fn operations(&self) -> u64 {
        self.model.lock().unwrap().operations
    }

    /// How many bytes files may have together.
    pub fn set_capacity(&self, bytes: Option<u64>) {
        self.model.lock().unwrap().capacity_bytes = bytes;
    }

    /// Bytes that all files have together.
    pub fn used_bytes(&self) -> u64 {
        self.model.lock().unwrap().used_bytes()
    }

    /// The sync of a file after `syncs` further ones fails.
    pub fn fail_sync_after(&self, syncs: u64) {
        self.model.lock().unwrap().sync_fails_in = Some(syncs);
    }

    /// Runs `hook` before the next sync of a file, which waits for it.
    pub fn before_next_sync(&self, hook: Box<dyn FnOnce() + Send>) {
        self.model.lock().unwrap().before_sync = Some(hook);
    }

    /// All names, in order.
    pub fn list(&self) -> Vec<String> {
        self.model.lock().unwrap().names.keys().cloned().collect()
    }

    /// The bytes of a file.
    pub fn bytes_of(&self, name: &str) -> Vec<u8> {
        let model = self.model.lock().unwrap();
        model.files[&model.names[name]].bytes.clone()
    }

    /// Makes a file be these bytes, synced: to damage it, or to copy a disk.
    pub fn put(&self, name: &str, bytes: &[u8]) {
        let mut model = self.model.lock().unwrap();
        let file = model.next_file;
        model.next_file += 1;
        let (bytes, on_disk) = (bytes.to_vec(), bytes.to_vec());
        model.files.insert(file, FileModel { bytes, on_disk, changes: Vec::new() });
        model.names.insert(name.to_owned(), file);
        model.names_on_disk.insert(name.to_owned(), file);
    }

    /// Takes a file away, as an accident would.
    pub fn lose(&self, name: &str) {
        let mut model = self.model.lock().unwrap();
        model.names.remove(name);
        model.names_on_disk.remove(name);
    }
}

impl Disk for FaultyDisk {
    fn names(&self) -> io::Result<Vec<String>> {
        self.model.lock().unwrap().check()?;
        Ok(self.list())
    }

    fn open(&self, name: &str) -> io::Result<Arc<dyn DiskFile>> {
        let model = self.model.lock().unwrap();
        model.check()?;
        let file = *model.names.get(name).ok_or(io::ErrorKind::NotFound)?;
        Ok(Arc::new(FaultyFile { disk: self.clone(), file, life: model.life }))
    }

    fn create(&self, name: &str) -> io::Result<Arc<dyn DiskFile>> {
        let mut model = self.model.lock().unwrap();
        model.check()?;
        if model.names.contains_key(name) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        if model.capacity_bytes.is_some_and(|capacity| model.used_bytes() >= capacity) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let file = model.next_file;
        model.next_file += 1;
        model.files.insert(file, FileModel::default());
        model.names.insert(name.to_owned(), file);
        model.name_changes.push(NameChange::Create(name.to_owned(), file));
        model.count()?;
        Ok(Arc::new(FaultyFile { disk: self.clone(), file, life: model.life }))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        let mut model = self.model.lock().unwrap();
        model.check()?;
        model.names.remove(name).ok_or(io::ErrorKind::NotFound)?;
        model.name_changes.push(NameChange::Remove(name.to_owned()));
        model.count()
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let mut model = self.model.lock().unwrap();
        model.check()?;
        let file = model.names.remove(from).ok_or(io::ErrorKind::NotFound)?;
        model.names.insert(to.to_owned(), file);
        model.name_changes.push(NameChange::Rename(from.to_owned(), to.to_owned()));
        model.count()
    }

    fn sync_names(&self) -> io::Result<()> {
        let mut model = self.model.lock().unwrap();
        model.check()?;
        let counted = model.count();
        if counted.is_ok() || model.chance.one_in(2) {
            model.names_on_disk = model.names.clone();
            model.name_changes.clear();
        }
        counted
    }
}

impl Model {
    fn check(&self) -> io::Result<()> {
        match self.power {
            Power::On => Ok(()),
            Power::Off => Err(io::Error::other("the power is cut")),
        }
    }

    /// Counts a change that was just made, and cuts the power if it is its turn.
    fn count(&mut self) -> io::Result<()> {
        if self.cut_at == Some(self.operations) {
            self.power = Power::Off;
        }
        self.operations += 1;
        self.check()
    }

    fn used_bytes(&self) -> u64 {
        self.names.values().map(|file| self.files[file].bytes.len() as u64).sum()
    }

    fn restart(&mut self) {
        (self.power, self.cut_at, self.sync_fails_in) = (Power::On, None, None);
        self.life += 1;
        let in_order = self.chance.one_in(2);
        let kept = self.chance.below(self.name_changes.len() as u64 + 1) as usize;
        for (at, change) in std::mem::take(&mut self.name_changes).into_iter().enumerate() {
            let survives = if in_order { at < kept } else { self.chance.one_in(2) };
            let names = &mut self.names_on_disk;
            match change {
                _ if !survives => {}
                NameChange::Create(name, file) => drop(names.insert(name, file)),
                NameChange::Remove(name) => drop(names.remove(&name)),
                NameChange::Rename(from, to) => {
                    if let Some(file) = names.remove(&from) {
                        names.insert(to, file);
                    }
                }
            }
        }
        self.names = self.names_on_disk.clone();
        let named: Vec<u64> = self.names.values().copied().collect();
        self.files.retain(|file, _| named.contains(file));
        for file in self.files.values_mut() {
            file.restart(&mut self.chance);
        }
    }
}

impl FileModel {
    fn restart(&mut self, chance: &mut Chance) {
        let changes = std::mem::take(&mut self.changes);
        match chance.below(5) {
            0 => {}
            1 => changes.iter().for_each(|change| change.apply(&mut self.on_disk)),
            2 => {
                let whole = chance.below(changes.len() as u64 + 1) as usize;
                changes[..whole].iter().for_each(|change| change.apply(&mut self.on_disk));
                if let Some(Change::Write(at, bytes)) = changes.get(whole) {
                    let torn = chance.below(bytes.len() as u64 + 1) as usize;
                    Change::Write(*at, bytes[..torn].to_vec()).apply(&mut self.on_disk);
                }
            }
            _ => self.keep_sectors(&changes, chance),
        }
        self.bytes = self.on_disk.clone();
    }

    /// Each sector of each change survives or not; the length is that of the file, or less.
    fn keep_sectors(&mut self, changes: &[Change], chance: &mut Chance) {
        let lost_one_in = [2, 5, 20, 60][chance.below(4) as usize];
        for change in changes {
            let Change::Write(at, bytes) = change else {
                if !chance.one_in(lost_one_in) {
                    change.apply(&mut self.on_disk);
                }
                continue;
            };
            let mut from = 0;
            while from < bytes.len() {
                let to = (from + SECTOR_BYTES - (at + from) % SECTOR_BYTES).min(bytes.len());
                if !chance.one_in(lost_one_in) {
                    Change::Write(at + from, bytes[from..to].to_vec()).apply(&mut self.on_disk);
                }
                from = to;
            }
        }
        if chance.one_in(2) && self.on_disk.len() < self.bytes.len() {
            self.on_disk.resize(self.bytes.len(), 0);
        }
    }
}

impl Change {
    fn apply(&self, file: &mut Vec<u8>) {
        match self {
            Self::Write(at, bytes) => {
                file.resize(file.len().max(at + bytes.len()), 0);
                file[*at..at + bytes.len()].copy_from_slice(bytes);
            }
            Self::Truncate(size) => file.resize(*size, 0),
        }
    }
}

struct FaultyFile {
    disk: FaultyDisk,
    file: u64,
    life: u64,
}

impl FaultyFile {
    /// Runs `change` on the file, if power is on and has been since it was opened.
    fn with<T>(&self, change: impl FnOnce(&mut Model, u64) -> io::Result<T>) -> io::Result<T> {
        let mut model = self.disk.model.lock().unwrap();
        model.check()?;
        if model.life != self.life {
            return Err(io::Error::other("the power was cut since the file was opened"));
        }
        change(&mut model, self.file)
    }
}

impl DiskFile for FaultyFile {
    fn size_bytes(&self) -> io::Result<u64> {
        self.with(|model, file| Ok(model.files[&file].bytes.len() as u64))
    }

    fn read_at(&self, into: &mut [u8], offset: u64) -> io::Result<usize> {
        self.with(|model, file| {
            let bytes = &model.files[&file].bytes;
            let from = bytes.len().min(offset as usize);
            let count = into.len().min(bytes.len() - from);
            into[..count].copy_from_slice(&bytes[from..from + count]);
            Ok(count)
        })
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.with(|model, id| {
            let used = model.used_bytes();
            let capacity = model.capacity_bytes;
            let file = model.files.get_mut(&id).ok_or(io::ErrorKind::NotFound)?;
            let growth = (offset + bytes.len() as u64).saturating_sub(file.bytes.len() as u64);
            let over = capacity.map_or(0, |most| (used + growth).saturating_sub(most)).min(growth);
            let fitting = &bytes[..bytes.len() - over as usize];
            let change = Change::Write(offset as usize, fitting.to_vec());
            change.apply(&mut file.bytes);
            file.changes.push(change);
            model.count()?;
            if over > 0 { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
        })
    }

    fn truncate(&self, size_bytes: u64) -> io::Result<()> {
        self.with(|model, id| {
            let file = model.files.get_mut(&id).ok_or(io::ErrorKind::NotFound)?;
            let change = Change::Truncate(size_bytes as usize);
            change.apply(&mut file.bytes);
            file.changes.push(change);
            model.count()
        })
    }

    fn sync(&self) -> io::Result<()> {
        let hook = self.disk.model.lock().unwrap().before_sync.take();
        if let Some(hook) = hook {
            hook();
        }
        self.with(|model, id| {
            let counted = model.count();
            let happens = counted.is_ok() || model.chance.one_in(2);
            let fails = model.sync_fails_in == Some(0);
            model.sync_fails_in = model.sync_fails_in.and_then(|left| left.checked_sub(1));
            let file = model.files.get_mut(&id).ok_or(io::ErrorKind::NotFound)?;
            if fails {
                let written = model.chance.below(file.changes.len() as u64 + 1) as usize;
                let changes = std::mem::take(&mut file.changes);
                changes[..written].iter().for_each(|change| change.apply(&mut file.on_disk));
                return Err(io::Error::other("the drive did not answer"));
            }
            if happens {
                file.on_disk = file.bytes.clone();
                file.changes.clear();
            }
            counted
        })
    }
}

/// Numbers that look random and are not (SplitMix64).
pub struct Chance(u64);

impl Chance {
    /// The sequence of a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x2545_F491_4F6C_DD1D) ^ 0x6A09_E667_F3BC_C908)
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to `end` - 1.
    pub fn below(&mut self, end: u64) -> u64 {
        self.number() % end.max(1)
    }

    /// True once in `times`.
    pub fn one_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }
}

/// A clock that stands until it is set.
pub struct HandClock(pub AtomicI64);

impl HandClock {
    /// At a time in milliseconds.
    pub fn at(now_ms: i64) -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(now_ms)))
    }

    /// Sets it, forward or back.
    pub fn set(&self, now_ms: i64) {
        self.0.store(now_ms, Ordering::SeqCst);
    }
}

impl Clock for HandClock {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// Opens the log on a disk that should be fine, with segments of `segment_bytes_max`.
pub fn open(disk: &FaultyDisk, segment_bytes_max: u64) -> (Log, Recovery) {
    let limits = Limits { segment_bytes_max, ..Limits::default() };
    Log::open(Arc::new(disk.clone()), HandClock::at(1_000), limits).unwrap()
}

/// Appends records and waits until all are answered.
pub fn append_all(log: &Log, records: &[Vec<u8>]) -> Vec<Result<u64, Refusal>> {
    let answers: Vec<_> = records
        .iter()
        .map(|record| {
            let (send, receive) = mpsc::channel();
            log.append(record.clone(), Box::new(move |answer| send.send(answer).unwrap())).unwrap();
            receive
        })
        .collect();
    answers.into_iter().map(|answer| answer.recv().unwrap()).collect()
}

/// Appends the record `held up` and keeps the writer in its callback until the result is dropped:
/// what is appended meanwhile is written together.
pub fn hold_up(log: &Log) -> mpsc::Sender<()> {
    let (release, released) = mpsc::channel();
    let (enter, entered) = mpsc::channel();
    let done = move |_| {
        enter.send(()).unwrap();
        released.recv().unwrap_or(());
    };
    log.append(b"held up".to_vec(), Box::new(done)).unwrap();
    entered.recv().unwrap();
    release
}

/// All records that can be read now, with their sequence numbers.
pub fn read_all(log: &Log, from_seq: u64) -> Vec<(u64, Vec<u8>)> {
    let mut reader = log.reader(from_seq);
    let mut found = Vec::new();
    while let Some(frame) = reader.next(std::time::Duration::ZERO).unwrap() {
        found.extend((frame.first_seq..).zip(frame.records));
    }
    found
}
