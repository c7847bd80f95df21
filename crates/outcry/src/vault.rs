//! A vault: a folder that holds a backup of a site, as of the last time one was taken.
//!
//! Sealed segments never change, so each is copied once. What still grows, and the database, are
//! copied anew. `backup.json` names every file with its length and SHA-256, and takes its place by
//! a rename after all it names is on disk: whenever a backup is cut short, the one before holds.
//!
//! What a site removed in order, since it was older than it is kept, is removed here too. What is
//! gone from it in any other way is kept.

mod copy;

use std::collections::BTreeMap;
use std::fs;
use std::fs::File;
use std::fs::OpenOptions;
use std::io;
use std::io::Read;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use outcry_store::log::disk::ReadDisk;
use outcry_store::log::look::Look;
use outcry_store::sqlite::SqliteStore;
use serde::Deserialize;
use serde::Serialize;

use crate::cli::BadInput;
use crate::station::DATABASE;
use crate::station::LOG;
use crate::vault::copy::Copy;
use crate::vault::copy::copy_part;
use crate::vault::copy::create;
use crate::vault::copy::remove_if_there;
use crate::vault::copy::sync_folder;

/// Name of the file that says what is in a vault.
pub const INDEX: &str = "backup.json";
/// Form of that file.
const INDEX_VERSION: u32 = 1;
/// Largest index that is read, in bytes: some 100,000 segments.
const INDEX_BYTES_MAX: u64 = 64 << 20;
/// The file whose lock says that a backup is being taken.
const LOCK: &str = "LOCK";
/// What ends the name of a file that is being written.
pub const UNFINISHED: &str = ".new";
/// How often a log that changed while it was copied is copied again.
const TRIES: u32 = 20;

/// What is in a vault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Index {
    /// Form of this file.
    pub v: u32,
    /// When it was taken, RFC 3339.
    pub taken_at: String,
    /// Where the database stands in the log.
    pub offset: u64,
    /// The sequence number after the last record of the log.
    pub next_seq: u64,
    /// The end of the hash chain of the log.
    pub seal: String,
    /// The database.
    pub database: Piece,
    /// The manifest of the log, its segments, and segments that the site lost.
    pub log: Vec<Piece>,
}

/// A file of a vault, or its first part when it has grown since.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Piece {
    /// Its name in the vault.
    pub name: String,
    /// How many bytes of it count.
    pub bytes: u64,
    /// SHA-256 of those, in hexadecimal.
    pub sha256: String,
}

/// What taking a backup did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// What is in the vault now.
    pub index: Index,
    /// Bytes that were copied.
    pub copied_bytes: u64,
    /// Files that were in the vault already.
    pub reused: usize,
    /// What is not as it should be with the site.
    pub faults: Vec<String>,
}

/// A folder with a backup, or for one.
#[derive(Debug)]
pub struct Vault {
    folder: PathBuf,
}

impl Vault {
    /// A vault in `folder`, which need not be there.
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// What is in it; `None` when nothing is.
    ///
    /// # Errors
    ///
    /// [`BadInput`] when the index cannot be used.
    pub fn index(&self) -> anyhow::Result<Option<Index>> {
        let path = self.folder.join(INDEX);
        let text = match File::open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            opened => {
                let mut text = String::new();
                opened?.take(INDEX_BYTES_MAX).read_to_string(&mut text)?;
                text
            }
        };
        let wrong = |why: String| {
            BadInput(format!("{} cannot be used: {why}; take the backup anew", path.display()))
        };
        let index: Index = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
        if index.v != INDEX_VERSION {
            return Err(wrong(format!("it is of form {}, this program knows 1", index.v)).into());
        }
        if let Some(piece) = index.pieces().find(|piece| !is_plain(&piece.name)) {
            return Err(wrong(format!("{} is no plain name of a file", piece.name)).into());
        }
        Ok(Some(index))
    }

    /// Takes a backup of the site whose data is in `data`, while a server writes to it or not.
    ///
    /// # Errors
    ///
    /// When the site cannot be read or the vault not be written.
    pub fn take(&self, data: &Path, taken_at: String) -> anyhow::Result<Taken> {
        self.refuse_own_place(data)?;
        let log = self.folder.join(LOG);
        fs::create_dir_all(&log).with_context(|| format!("cannot make {}", log.display()))?;
        let _lock = self.lock()?;
        let before = self.index()?;
        let store = SqliteStore::open_reader(&data.join(DATABASE)).context("the database")?;
        let (database, offset) = self.copy_database(&store, &taken_at)?;
        drop(store);
        let known: BTreeMap<String, Piece> = before
            .iter()
            .flat_map(|index| index.log.iter())
            .map(|piece| (piece.name.clone(), piece.clone()))
            .collect();
        // The log is looked at after the database was copied, so it has all that is counted.
        let mut turns = 0;
        let (look, mut copy) = loop {
            let look = Look::at(Arc::new(ReadDisk::open(&data.join(LOG))?))?;
            let copy = Copy { from: data.join(LOG), to: log.clone(), known: &known };
            match copy.all(&look) {
                Ok(done) => break (look, done),
                // A segment was sealed, or removed, since it was looked at.
                Err(error) if error.kind() == io::ErrorKind::NotFound && turns < TRIES => {
                    turns += 1
                }
                Err(error) => return Err(error).context("cannot copy the log"),
            }
        };
        copy.keep_lost(&look, &known);
        let index = Index {
            v: INDEX_VERSION,
            taken_at,
            offset,
            next_seq: look.next_seq(),
            seal: look.seal(),
            database,
            log: copy.pieces,
        };
        sync_folder(&log)?;
        self.put(&index)?;
        self.tidy(&index)?;
        let copied_bytes = copy.copied_bytes + index.database.bytes;
        Ok(Taken { index, copied_bytes, reused: copy.reused, faults: copy.faults })
    }

    /// Reads every file and says which are not what was copied; `progress` is told bytes read.
    ///
    /// # Errors
    ///
    /// When the index cannot be read.
    pub fn check(&self, mut progress: impl FnMut(u64)) -> anyhow::Result<Vec<String>> {
        let index = self.filled()?;
        let mut faults = Vec::new();
        for (path, piece) in self.paths(&index) {
            match copy_part(&path, &mut io::sink(), piece.bytes) {
                Ok(sha256) if sha256 == piece.sha256 => {}
                Ok(_) => faults.push(format!("{} is not what was copied", path.display())),
                Err(error) => faults.push(format!("{}: {error}", path.display())),
            }
            progress(piece.bytes);
        }
        Ok(faults)
    }

    /// Writes what is in it into `data`, a folder that is empty or not there: whole, or not at all.
    ///
    /// # Errors
    ///
    /// [`BadInput`] when there is something in the folder or no backup in the vault; else when a
    /// file is not what was copied, or cannot be written.
    pub fn restore(&self, data: &Path, mut progress: impl FnMut(u64)) -> anyhow::Result<Index> {
        let index = self.filled()?;
        if fs::read_dir(data).is_ok_and(|mut entries| entries.next().is_some()) {
            anyhow::bail!(BadInput(format!(
                "{} is not empty: name a configuration with another data folder, or move it away",
                data.display()
            )));
        }
        let mut name = data.as_os_str().to_owned();
        name.push(".restoring");
        let unfinished = PathBuf::from(name);
        if unfinished.exists() {
            fs::remove_dir_all(&unfinished)?;
        }
        fs::create_dir_all(unfinished.join(LOG))?;
        for (path, piece) in self.paths(&index) {
            let to = match piece == &index.database {
                true => unfinished.join(DATABASE),
                false => unfinished.join(LOG).join(&piece.name),
            };
            let mut file = create(&to)?;
            let sha256 = copy_part(&path, &mut file, piece.bytes)
                .with_context(|| format!("cannot restore {}", path.display()))?;
            if sha256 != piece.sha256 {
                anyhow::bail!(
                    "{} is not what was copied: nothing was restored; take another backup",
                    path.display()
                );
            }
            file.sync_all()?;
            progress(piece.bytes);
        }
        sync_folder(&unfinished.join(LOG))?;
        sync_folder(&unfinished)?;
        if data.exists() {
            fs::remove_dir(data)?;
        }
        fs::rename(&unfinished, data)?;
        sync_folder(data.parent().unwrap_or(Path::new(".")))?;
        Ok(index)
    }

    fn filled(&self) -> anyhow::Result<Index> {
        self.index()?.ok_or_else(|| {
            let what = format!("there is no backup in {}: name its folder", self.folder.display());
            BadInput(what).into()
        })
    }

    /// Every file that is named, with where it is.
    fn paths<'a>(&self, index: &'a Index) -> Vec<(PathBuf, &'a Piece)> {
        let log = self.folder.join(LOG);
        let segments = index.log.iter().map(|piece| (log.join(&piece.name), piece));
        let database = (self.folder.join(&index.database.name), &index.database);
        std::iter::once(database).chain(segments).collect()
    }

    /// A vault in the site's own folder would replace what a server writes to; one around it or
    /// within it dies with it.
    fn refuse_own_place(&self, data: &Path) -> anyhow::Result<()> {
        let (vault, data) = (place_of(&self.folder)?, place_of(data)?);
        if vault.starts_with(&data) || data.starts_with(&vault) {
            let what = format!(
                "{} is where the site keeps its data, {}, or lies around or within it: \
                 name another folder, best on another disk",
                vault.display(),
                data.display()
            );
            return Err(BadInput(what).into());
        }
        Ok(())
    }

    fn lock(&self) -> anyhow::Result<File> {
        let file = OpenOptions::new().create(true).append(true).open(self.folder.join(LOCK))?;
        match rustix::fs::flock(&file, rustix::fs::FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(file),
            Err(_) => Err(BadInput(format!(
                "another backup is being taken into {}: wait for it, or name another folder",
                self.folder.display()
            ))
            .into()),
        }
    }

    fn copy_database(&self, store: &SqliteStore, taken_at: &str) -> anyhow::Result<(Piece, u64)> {
        let unfinished = self.folder.join(format!("{DATABASE}{UNFINISHED}"));
        remove_if_there(&unfinished)?;
        let offset = store.snapshot_to(&unfinished).context("cannot copy the database")?;
        let bytes = fs::metadata(&unfinished)?.len();
        let sha256 = copy_part(&unfinished, &mut io::sink(), bytes)?;
        // A name of its own, so that the database of the backup before stays until this one stands.
        let moment: String = taken_at.chars().filter(char::is_ascii_alphanumeric).collect();
        let name = format!("outcry-{offset}-{moment}.sqlite");
        File::open(&unfinished)?.sync_all()?;
        fs::rename(&unfinished, self.folder.join(&name))?;
        sync_folder(&self.folder)?;
        Ok((Piece { name, bytes, sha256 }, offset))
    }

    fn put(&self, index: &Index) -> anyhow::Result<()> {
        let unfinished = self.folder.join(format!("{INDEX}{UNFINISHED}"));
        remove_if_there(&unfinished)?;
        let mut file = create(&unfinished)?;
        file.write_all(serde_json::to_string_pretty(index)?.as_bytes())?;
        file.sync_all()?;
        fs::rename(&unfinished, self.folder.join(INDEX))?;
        sync_folder(&self.folder)?;
        Ok(())
    }

    /// Removes what the index does not name: older databases, segments that the site removed in
    /// order or sealed since, and what a backup that was cut short left behind.
    fn tidy(&self, index: &Index) -> anyhow::Result<()> {
        let ours = |name: &str| name.ends_with(".sqlite") || name.ends_with(UNFINISHED);
        for entry in fs::read_dir(&self.folder)? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if ours(&name) && name != index.database.name {
                fs::remove_file(self.folder.join(name))?;
            }
        }
        let ours = |name: &str| {
            [".seg", ".sealed", UNFINISHED].iter().any(|ending| name.ends_with(ending))
        };
        for entry in fs::read_dir(self.folder.join(LOG))? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if ours(&name) && !index.log.iter().any(|piece| piece.name == name) {
                fs::remove_file(self.folder.join(LOG).join(name))?;
            }
        }
        Ok(())
    }
}

impl Index {
    /// Every file that is named.
    pub fn pieces(&self) -> impl Iterator<Item = &Piece> {
        std::iter::once(&self.database).chain(&self.log)
    }

    /// Their bytes.
    pub fn bytes(&self) -> u64 {
        self.pieces().map(|piece| piece.bytes).sum()
    }
}

/// A plain name of a file, without a folder.
fn is_plain(name: &str) -> bool {
    let mut parts = Path::new(name).components();
    matches!(parts.next(), Some(std::path::Component::Normal(_))) && parts.next().is_none()
}

/// Where a folder really lies, whatever links lead to it; it need not be there yet.
fn place_of(folder: &Path) -> io::Result<PathBuf> {
    let whole = std::path::absolute(folder)?;
    for there in whole.ancestors() {
        if let Ok(real) = there.canonicalize() {
            let rest = whole.strip_prefix(there).unwrap_or(Path::new(""));
            return Ok(real.join(rest));
        }
    }
    Ok(whole)
}
