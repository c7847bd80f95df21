//! Everything the log asks of a file system: one flat folder of files, written at their ends.
//!
//! It is a trait so that tests can lose power, run out of room and fail to sync. [`OsDisk`] is the
//! real one.
//!
//! # What it cannot tell
//! Whether a drive that says "synced" keeps its word. A drive that lies loses what it lied about.

use std::fs;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use rustix::fs::FlockOperation;
use rustix::fs::flock;
use rustix::io::Errno;

use crate::log::LogError;

/// Only the owner reads: comments that nobody approved are in it.
const FILE_MODE: u32 = 0o600;
/// The file whose lock says that the folder is in use.
pub const LOCK_NAME: &str = "LOCK";

/// One folder.
pub trait Disk: Send + Sync {
    /// The names of all files in the folder, in any order.
    fn names(&self) -> io::Result<Vec<String>>;
    /// Opens the file `name` for reading and writing.
    fn open(&self, name: &str) -> io::Result<Arc<dyn DiskFile>>;
    /// Makes the empty file `name`; an error when there is one already.
    fn create(&self, name: &str) -> io::Result<Arc<dyn DiskFile>>;
    /// Removes the file `name`.
    fn remove(&self, name: &str) -> io::Result<()>;
    /// Gives the file `from` the name `to`.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;
    /// Returns when the names made, changed and removed so far would outlive a power cut.
    fn sync_names(&self) -> io::Result<()>;
}

/// One open file.
pub trait DiskFile: Send + Sync {
    /// Its length in bytes.
    fn size_bytes(&self) -> io::Result<u64>;
    /// Reads into `into` from byte `offset`; returns how many bytes it got, 0 at the end.
    fn read_at(&self, into: &mut [u8], offset: u64) -> io::Result<usize>;
    /// Writes all of `bytes` at byte `offset`; after an error any part of them may be written.
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()>;
    /// Cuts the file to `size_bytes`.
    fn truncate(&self, size_bytes: u64) -> io::Result<()>;
    /// Returns when the bytes written so far, and the length, would outlive a power cut.
    fn sync(&self) -> io::Result<()>;
}

/// A real folder, held by an exclusive lock for as long as this lives.
#[derive(Debug)]
pub struct OsDisk {
    folder: PathBuf,
    handle: File,
    _lock: File,
}

impl OsDisk {
    /// Opens `folder`, which is made when it is missing, and locks it.
    ///
    /// # Errors
    /// [`LogError::InUse`] when somebody else holds it; [`LogError::Io`] when it cannot be opened.
    pub fn open(folder: &Path) -> Result<Self, LogError> {
        let name = folder.display().to_string();
        let failed = |doing: &'static str| {
            let name = name.clone();
            move |source| LogError::Io { doing, name, source }
        };
        create_folder(folder).map_err(failed("make the folder"))?;
        let handle = File::open(folder).map_err(failed("open the folder"))?;
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(folder.join(LOCK_NAME))
            .map_err(failed("open the lock file of"))?;
        match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Self { folder: folder.to_owned(), handle, _lock: lock }),
            Err(Errno::WOULDBLOCK) => Err(LogError::InUse { folder: name }),
            Err(errno) => Err(failed("lock")(errno.into())),
        }
    }
}

impl Disk for OsDisk {
    fn names(&self) -> io::Result<Vec<String>> {
        names_in(&self.folder)
    }

    fn open(&self, name: &str) -> io::Result<Arc<dyn DiskFile>> {
        let file = File::options().read(true).write(true).open(self.folder.join(name))?;
        Ok(Arc::new(OsFile(file)))
    }

    fn create(&self, name: &str) -> io::Result<Arc<dyn DiskFile>> {
        let path = self.folder.join(name);
        let mut options = File::options();
        options.read(true).write(true).create_new(true).mode(FILE_MODE);
        let file = options.open(path)?;
        Ok(Arc::new(OsFile(file)))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        fs::remove_file(self.folder.join(name))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.folder.join(from), self.folder.join(to))
    }

    fn sync_names(&self) -> io::Result<()> {
        self.handle.sync_all()
    }
}

/// A folder that is only read, whoever writes to it: for [`Look`](crate::log::look::Look).
#[derive(Debug)]
pub struct ReadDisk {
    folder: PathBuf,
}

impl ReadDisk {
    /// Looks into `folder`, without a lock.
    ///
    /// # Errors
    /// [`LogError::Io`] when there is no such folder.
    pub fn open(folder: &Path) -> Result<Self, LogError> {
        let name = folder.display().to_string();
        fs::read_dir(folder).map_err(|source| LogError::Io {
            doing: "look into the folder",
            name,
            source,
        })?;
        Ok(Self { folder: folder.to_owned() })
    }
}

impl Disk for ReadDisk {
    fn names(&self) -> io::Result<Vec<String>> {
        names_in(&self.folder)
    }

    fn open(&self, name: &str) -> io::Result<Arc<dyn DiskFile>> {
        Ok(Arc::new(OsFile(File::open(self.folder.join(name))?)))
    }

    fn create(&self, _: &str) -> io::Result<Arc<dyn DiskFile>> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }

    fn remove(&self, _: &str) -> io::Result<()> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }

    fn rename(&self, _: &str, _: &str) -> io::Result<()> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }

    fn sync_names(&self) -> io::Result<()> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }
}

fn names_in(folder: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        if let Ok(name) = entry?.file_name().into_string() {
            names.push(name);
        }
    }
    Ok(names)
}

/// A file of an [`OsDisk`] or a [`ReadDisk`].
struct OsFile(File);

impl DiskFile for OsFile {
    fn size_bytes(&self) -> io::Result<u64> {
        Ok(self.0.metadata()?.len())
    }

    fn read_at(&self, into: &mut [u8], offset: u64) -> io::Result<usize> {
        self.0.read_at(into, offset)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.0.write_all_at(bytes, offset)
    }

    fn truncate(&self, size_bytes: u64) -> io::Result<()> {
        self.0.set_len(size_bytes)
    }

    fn sync(&self) -> io::Result<()> {
        self.0.sync_data()
    }
}

/// Makes `folder` and what lies above it, each so that it outlives a power cut.
fn create_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let above = match folder.parent() {
        Some(above) if !above.as_os_str().is_empty() => above,
        _ => Path::new("."),
    };
    create_folder(above)?;
    match fs::create_dir(folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    File::open(above)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_held_once_and_the_refusal_names_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/b");
        let held = OsDisk::open(&path).unwrap();
        let error = OsDisk::open(&path).unwrap_err();
        assert!(matches!(error, LogError::InUse { .. }), "{error}");
        assert!(error.to_string().contains(&path.display().to_string()), "{error}");
        drop(held);
        OsDisk::open(&path).unwrap();
    }

    #[test]
    fn a_folder_that_somebody_holds_can_be_read_and_not_written() {
        let folder = tempfile::tempdir().unwrap();
        let held = OsDisk::open(folder.path()).unwrap();
        held.create("one").unwrap().write_at(b"abc", 0).unwrap();
        let disk = ReadDisk::open(folder.path()).unwrap();
        assert_eq!(disk.open("one").unwrap().size_bytes().unwrap(), 3);
        assert!(disk.open("one").unwrap().write_at(b"x", 0).is_err());
        assert!(disk.create("two").is_err() && disk.remove("one").is_err());
        assert!(disk.rename("one", "two").is_err() && disk.sync_names().is_err());
        let missing = ReadDisk::open(&folder.path().join("none")).unwrap_err();
        assert!(missing.to_string().starts_with("could not look into the folder"), "{missing}");
    }

    #[test]
    fn a_folder_that_cannot_be_made_says_so() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let error = OsDisk::open(&file.path().join("below")).unwrap_err();
        assert!(error.to_string().starts_with("could not make the folder"), "{error}");
    }

    #[test]
    fn files_are_made_once_written_cut_renamed_and_removed() {
        let folder = tempfile::tempdir().unwrap();
        let disk = OsDisk::open(folder.path()).unwrap();
        let file = disk.create("one").unwrap();
        assert_eq!(disk.create("one").err().unwrap().kind(), io::ErrorKind::AlreadyExists);
        file.write_at(b"0123456789", 0).unwrap();
        file.truncate(5).unwrap();
        file.sync().unwrap();
        disk.sync_names().unwrap();
        let mut bytes = [0; 9];
        assert_eq!(disk.open("one").unwrap().read_at(&mut bytes, 2).unwrap(), 3);
        assert_eq!(&bytes[..3], b"234");
        assert_eq!(file.size_bytes().unwrap(), 5);
        disk.rename("one", "two").unwrap();
        disk.remove("two").unwrap();
        assert_eq!(disk.names().unwrap(), [LOCK_NAME]);
    }
}
