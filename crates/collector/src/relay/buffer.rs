//! Results that wait on the disk of an agent until its hub has them.
//!
//! Lines go into files that are named by their first number; a file goes when all of it was
//! acknowledged. Every line is given to the system at once, so a killed program loses nothing of
//! it; [`Buffer::sync`] brings it to the disk, once a second. What was being written when the
//! power went is an unfinished line, and is passed over.
//!
//! # What it cannot tell
//!
//! What was acknowledged before a restart: then some is sent again, and the hub knows it by its
//! number.

use std::collections::VecDeque;
use std::fs;
use std::fs::File;
use std::fs::OpenOptions;
use std::io;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

/// Size from which a file is full.
const FILE_BYTES: u64 = 1 << 20;
/// How files end.
const ENDING: &str = "jsonl";

/// The buffer of one agent.
#[derive(Debug)]
pub struct Buffer {
    folder: PathBuf,
    bytes_max: u64,
    files: VecDeque<Part>,
    /// The file that is written, which is the last of `files`.
    open: Option<File>,
    /// Lines of the first file that were read and not acknowledged.
    front: VecDeque<(u64, String)>,
    /// Whether `front` is of the first file.
    is_front_read: bool,
    lost: u64,
}

/// One file.
#[derive(Debug)]
struct Part {
    path: PathBuf,
    bytes: u64,
    lines: u64,
}

impl Buffer {
    /// Opens a folder, made if it is not there, that may hold so many bytes.
    ///
    /// # Errors
    ///
    /// When it cannot be made or read.
    pub fn open(folder: &Path, bytes_max: u64) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let mut paths: Vec<PathBuf> = fs::read_dir(folder)?
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.extension().is_some_and(|ending| ending == ENDING))
            .collect();
        paths.sort();
        let mut files = VecDeque::new();
        for path in paths {
            let lines = read(&path)?;
            let bytes = fs::metadata(&path)?.len();
            if lines.is_empty() {
                fs::remove_file(&path)?;
            } else {
                files.push_back(Part { path, bytes, lines: lines.len() as u64 });
            }
        }
        Ok(Self {
            folder: folder.to_owned(),
            bytes_max,
            files,
            open: None,
            front: VecDeque::new(),
            is_front_read: false,
            lost: 0,
        })
    }

    /// Adds a result. Numbers grow.
    ///
    /// # Errors
    ///
    /// When the disk takes nothing; the result is counted as lost.
    pub fn push(&mut self, sequence: u64, line: &str) -> io::Result<()> {
        let added = self.write(sequence, line);
        if added.is_err() {
            self.lost += 1;
            // What was written of it is passed over; the next line begins in a file of its own.
            self.open = None;
        }
        self.make_room();
        added
    }

    /// The oldest results, at most `limit`, with their numbers.
    ///
    /// # Errors
    ///
    /// When they cannot be read.
    pub fn oldest(&mut self, limit: usize) -> io::Result<Vec<(u64, String)>> {
        while !self.is_front_read || self.front.is_empty() {
            if self.is_front_read {
                self.drop_first();
            }
            let Some(first) = self.files.front() else { return Ok(Vec::new()) };
            if self.files.len() == 1 {
                // It is the one that is written: what comes goes into the next.
                self.open = None;
            }
            self.front = read(&first.path)?.into();
            self.is_front_read = true;
        }
        Ok(self.front.iter().take(limit).cloned().collect())
    }

    /// The hub has all results up to this number.
    pub fn acknowledge(&mut self, through: u64) {
        while self.front.front().is_some_and(|(sequence, _)| *sequence <= through) {
            self.front.pop_front();
        }
        if self.is_front_read && self.front.is_empty() {
            self.drop_first();
        }
    }

    /// Brings what was written to the disk.
    ///
    /// # Errors
    ///
    /// When the disk refuses.
    pub fn sync(&self) -> io::Result<()> {
        self.open.as_ref().map_or(Ok(()), File::sync_data)
    }

    /// Results for which there was no room.
    pub fn lost(&self) -> u64 {
        self.lost
    }

    /// Results that wait, those of a file half acknowledged included.
    pub fn waiting(&self) -> u64 {
        self.files.iter().map(|part| part.lines).sum()
    }

    fn write(&mut self, sequence: u64, line: &str) -> io::Result<()> {
        if self.files.back().is_some_and(|part| part.bytes >= FILE_BYTES) {
            self.open = None;
        }
        let file = match &mut self.open {
            Some(file) => file,
            None => {
                let path = self.folder.join(format!("{sequence:020}.{ENDING}"));
                let file = OpenOptions::new().create_new(true).append(true).open(&path)?;
                self.files.push_back(Part { path, bytes: 0, lines: 0 });
                self.open.insert(file)
            }
        };
        let text = format!("{sequence} {line}\n");
        file.write_all(text.as_bytes())?;
        let part = self.files.back_mut().expect("an open file is the last one");
        part.bytes += text.len() as u64;
        part.lines += 1;
        Ok(())
    }

    /// Drops the oldest files until what is left has room.
    fn make_room(&mut self) {
        while self.files.len() > 1
            && self.files.iter().map(|part| part.bytes).sum::<u64>() > self.bytes_max
        {
            let first = &self.files[0];
            self.lost += if self.is_front_read { self.front.len() as u64 } else { first.lines };
            self.drop_first();
        }
    }

    fn drop_first(&mut self) {
        if self.files.len() == 1 {
            self.open = None;
        }
        if let Some(part) = self.files.pop_front() {
            // A file that stays is sent again after a restart, which does no harm.
            let _ = fs::remove_file(part.path);
        }
        self.front.clear();
        self.is_front_read = false;
    }
}

/// The whole lines of a file.
fn read(path: &Path) -> io::Result<Vec<(u64, String)>> {
    let text = String::from_utf8_lossy(&fs::read(path)?).into_owned();
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    let line = |line: &str| {
        let (sequence, rest) = line.split_once(' ')?;
        Some((sequence.parse().ok()?, rest.to_owned()))
    };
    Ok(whole.lines().filter_map(line).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(buffer: &mut Buffer, limit: usize) -> Vec<u64> {
        let oldest = buffer.oldest(limit).expect("readable");
        oldest.into_iter().map(|(sequence, _)| sequence).collect()
    }

    #[test]
    fn results_wait_in_order_until_they_are_acknowledged() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut buffer = Buffer::open(folder.path(), 1 << 30).expect("a buffer");
        assert_eq!(numbers(&mut buffer, 9), [0_u64; 0]);
        for sequence in 1..=5 {
            buffer.push(sequence, "{}").expect("room");
        }
        assert_eq!(numbers(&mut buffer, 3), [1, 2, 3]);
        buffer.acknowledge(2);
        buffer.push(6, "{}").expect("room");
        assert_eq!(numbers(&mut buffer, 9), [3, 4, 5], "the rest of a file first");
        buffer.acknowledge(5);
        assert_eq!(numbers(&mut buffer, 9), [6]);
        buffer.acknowledge(6);
        assert_eq!(numbers(&mut buffer, 9), [0_u64; 0]);
        assert_eq!(fs::read_dir(folder.path()).expect("readable").count(), 0, "nothing is left");
        buffer.push(7, "{}").expect("room");
        assert_eq!(numbers(&mut buffer, 9), [7]);
    }

    #[test]
    fn a_restart_finds_them_again_and_passes_over_an_unfinished_line() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut buffer = Buffer::open(folder.path(), 1 << 30).expect("a buffer");
        (1..=3).for_each(|sequence| buffer.push(sequence, "{\"a\":1}").expect("room"));
        drop(buffer);
        let file = folder.path().join(format!("{:020}.jsonl", 1));
        let mut torn = OpenOptions::new().append(true).open(file).expect("it is there");
        torn.write_all(b"4 {\"a\":").expect("room");
        let mut buffer = Buffer::open(folder.path(), 1 << 30).expect("a buffer");
        buffer.push(1 << 32, "{}").expect("room");
        assert_eq!(buffer.waiting(), 4);
        assert_eq!(numbers(&mut buffer, 9), [1, 2, 3]);
        buffer.acknowledge(3);
        assert_eq!(numbers(&mut buffer, 9), [1 << 32]);
    }

    #[test]
    fn the_oldest_make_room_and_are_counted() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut buffer = Buffer::open(folder.path(), 3 << 20).expect("a buffer");
        let line = "x".repeat(1_000);
        let count = 8_000;
        (0..count).for_each(|sequence| buffer.push(sequence, &line).expect("room"));
        let waiting = buffer.waiting();
        assert!((2_000..=4_200).contains(&waiting), "{waiting}");
        assert_eq!(buffer.lost() + waiting, count);
        assert_eq!(numbers(&mut buffer, 1), [buffer.lost()]);
    }

    #[test]
    fn a_day_of_a_thousand_monitors_has_room() {
        let line = "x".repeat(430);
        let bytes = 24 * 60 * 1_000 * (line.len() as u64 + 22);
        assert!(bytes < crate::relay::BUFFER_BYTES_MAX, "{bytes}");
    }
}
