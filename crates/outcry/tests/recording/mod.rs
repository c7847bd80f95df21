//! What the real programs did to the disk, in order, as `strace` saw it; and what a power cut at
//! any moment of it may leave behind.
//!
//! Until a file is synced, each write to it may be on disk wholly, in part, in any of its sectors,
//! or not at all; so may names until their folder is synced. What a sync had begun to cover counts
//! as written only when the sync returned. An answer to a client counts as given when the program
//! asks for it to be sent.
//!
//! # What it cannot tell
//!
//! How a drive that lies about syncing behaves. Memory that is shared through a file (`-shm`) is
//! left out: SQLite makes it anew after a crash.
#![allow(dead_code, reason = "each test file uses its part")]

pub mod parse;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::load::Dice;

/// Bytes a drive writes wholly or not at all.
const SECTOR_BYTES: usize = 512;

/// A step of a recording. Paths are relative to the folder that was watched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    Create(String),
    Remove(String),
    Rename(String, String),
    /// Bytes at a place, or at the end.
    Write(String, Option<u64>, Vec<u8>),
    Truncate(String, u64),
    /// A thread begins to sync a file or a folder.
    SyncBegins(u32, String),
    /// It is told that the sync is done.
    SyncEnds(u32),
    /// A client is told that the report with this id is kept.
    Acknowledged(String),
    /// A line on standard output.
    Said(String),
}

impl Step {
    /// The file it is about.
    pub fn path(&self) -> &str {
        match self {
            Self::Create(path) | Self::Remove(path) | Self::Rename(_, path) => path,
            Self::Write(path, ..) | Self::Truncate(path, _) | Self::SyncBegins(_, path) => path,
            Self::SyncEnds(_) | Self::Acknowledged(_) | Self::Said(_) => "",
        }
    }
}

/// A disk as it stands in the middle of a recording.
#[derive(Clone, Default)]
pub struct Disk {
    files: BTreeMap<u64, Contents>,
    /// Names as programs see them, and as they are on disk.
    names: BTreeMap<String, u64>,
    names_on_disk: BTreeMap<String, u64>,
    name_changes: Vec<(u64, NameChange)>,
    /// Syncs that began and have not ended: what they are of, and what they cover.
    syncs: BTreeMap<u32, (Target, u64)>,
    /// Changes so far; the number of the next one.
    serial: u64,
}

#[derive(Clone)]
enum Target {
    File(u64),
    Folder(String),
}

#[derive(Clone, Default)]
struct Contents {
    bytes: Vec<u8>,
    on_disk: Vec<u8>,
    changes: Vec<(u64, Change)>,
}

#[derive(Clone)]
enum Change {
    Write(usize, Vec<u8>),
    Truncate(usize),
}

#[derive(Clone)]
enum NameChange {
    Create(String, u64),
    Remove(String),
    Rename(String, String),
}

impl Disk {
    /// The files below a folder, all of them synced.
    pub fn read(root: &Path) -> Self {
        let mut disk = Self::default();
        disk.read_folder(root, root);
        disk.names_on_disk = disk.names.clone();
        disk
    }

    fn read_folder(&mut self, root: &Path, folder: &Path) {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("readable").path();
            if path.is_dir() {
                self.read_folder(root, &path);
                continue;
            }
            let name = path.strip_prefix(root).expect("below it").to_str().expect("plain");
            let bytes = fs::read(&path).expect("readable");
            let contents = Contents { on_disk: bytes.clone(), bytes, changes: Vec::new() };
            let id = self.files.len() as u64;
            self.files.insert(id, contents);
            self.names.insert(name.to_owned(), id);
        }
    }

    /// Does a step.
    pub fn go(&mut self, step: &Step) {
        self.serial += 1;
        let serial = self.serial;
        match step {
            Step::Create(path) if self.names.contains_key(path) => {}
            Step::Create(path) => {
                let id = self.files.last_key_value().map_or(0, |(id, _)| id + 1);
                self.files.insert(id, Contents::default());
                self.names.insert(path.clone(), id);
                self.name_changes.push((serial, NameChange::Create(path.clone(), id)));
            }
            Step::Remove(path) => {
                self.names.remove(path);
                self.name_changes.push((serial, NameChange::Remove(path.clone())));
            }
            Step::Rename(from, to) => {
                let id = self.names.remove(from).expect("what is renamed is there");
                self.names.insert(to.clone(), id);
                let change = NameChange::Rename(from.clone(), to.clone());
                self.name_changes.push((serial, change));
            }
            Step::Write(path, at, bytes) => {
                let Some(contents) = self.contents(path) else { return };
                let at = at.map_or(contents.bytes.len(), |at| usize::try_from(at).expect("small"));
                contents.change(serial, Change::Write(at, bytes.clone()));
            }
            Step::Truncate(path, size) => {
                let Some(contents) = self.contents(path) else { return };
                contents.change(serial, Change::Truncate(usize::try_from(*size).expect("small")));
            }
            Step::SyncBegins(thread, path) => {
                let target = match self.names.get(path) {
                    Some(id) => Target::File(*id),
                    None => Target::Folder(path.clone()),
                };
                self.syncs.insert(*thread, (target, serial));
            }
            Step::SyncEnds(thread) => {
                let Some((target, until)) = self.syncs.remove(thread) else { return };
                self.sync(&target, until);
            }
            Step::Acknowledged(_) | Step::Said(_) => {}
        }
    }

    fn contents(&mut self, path: &str) -> Option<&mut Contents> {
        // A file without a name is of no consequence after a cut.
        self.files.get_mut(self.names.get(path)?)
    }

    fn sync(&mut self, target: &Target, until: u64) {
        match target {
            Target::File(id) => {
                let Some(contents) = self.files.get_mut(id) else { return };
                let (done, left) =
                    contents.changes.drain(..).partition(|(serial, _)| *serial < until);
                contents.changes = left;
                let done: Vec<(u64, Change)> = done;
                done.iter().for_each(|(_, change)| change.apply(&mut contents.on_disk));
            }
            Target::Folder(folder) => {
                let (done, left): (Vec<_>, Vec<_>) =
                    self.name_changes.drain(..).partition(|(serial, change)| {
                        *serial < until && folder_of(change.path()) == folder
                    });
                self.name_changes = left;
                done.into_iter().for_each(|(_, change)| change.apply(&mut self.names_on_disk));
            }
        }
    }

    /// What a power cut now may leave: every file by its name.
    pub fn cut(&self, dice: &mut Dice) -> BTreeMap<String, Vec<u8>> {
        let mut names = self.names_on_disk.clone();
        let in_order = dice.one_in(2);
        let kept = dice.below(self.name_changes.len() + 1);
        for (at, (_, change)) in self.name_changes.iter().enumerate() {
            let survives = if in_order { at < kept } else { dice.one_in(2) };
            if survives {
                change.clone().apply(&mut names);
            }
        }
        let left = |id: &u64, dice: &mut Dice| self.files[id].cut(dice);
        names
            .iter()
            .filter(|(name, _)| !name.ends_with("-shm"))
            .map(|(name, id)| (name.clone(), left(id, dice)))
            .collect()
    }
}

fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

impl NameChange {
    fn path(&self) -> &str {
        match self {
            Self::Create(path, _) | Self::Remove(path) | Self::Rename(_, path) => path,
        }
    }

    fn apply(self, names: &mut BTreeMap<String, u64>) {
        match self {
            Self::Create(path, id) => drop(names.insert(path, id)),
            Self::Remove(path) => drop(names.remove(&path)),
            Self::Rename(from, to) => {
                if let Some(id) = names.remove(&from) {
                    names.insert(to, id);
                }
            }
        }
    }
}

impl Contents {
    fn change(&mut self, serial: u64, change: Change) {
        change.apply(&mut self.bytes);
        self.changes.push((serial, change));
    }

    fn cut(&self, dice: &mut Dice) -> Vec<u8> {
        let mut left = self.on_disk.clone();
        let changes: Vec<&Change> = self.changes.iter().map(|(_, change)| change).collect();
        match dice.below(5) {
            0 => {}
            1 => changes.iter().for_each(|change| change.apply(&mut left)),
            2 => {
                let whole = dice.below(changes.len() + 1);
                changes[..whole].iter().for_each(|change| change.apply(&mut left));
                if let Some(Change::Write(at, bytes)) = changes.get(whole) {
                    let torn = dice.below(bytes.len() + 1);
                    Change::Write(*at, bytes[..torn].to_vec()).apply(&mut left);
                }
            }
            _ => self.keep_sectors(&changes, &mut left, dice),
        }
        left
    }

    /// Each sector of each change survives or not; the length is that of the file, or less.
    fn keep_sectors(&self, changes: &[&Change], left: &mut Vec<u8>, dice: &mut Dice) {
        let lost_one_in = [2, 5, 20, 60][dice.below(4)];
        for change in changes {
            let Change::Write(at, bytes) = change else {
                if !dice.one_in(lost_one_in) {
                    change.apply(left);
                }
                continue;
            };
            let mut from = 0;
            while from < bytes.len() {
                let to = (from + SECTOR_BYTES - (at + from) % SECTOR_BYTES).min(bytes.len());
                if !dice.one_in(lost_one_in) {
                    Change::Write(at + from, bytes[from..to].to_vec()).apply(left);
                }
                from = to;
            }
        }
        if dice.one_in(2) && left.len() < self.bytes.len() {
            left.resize(self.bytes.len(), 0);
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
