//! Copying the log of a site into a vault, file by file, each with its hash.

use std::collections::BTreeMap;
use std::fs;
use std::fs::File;
use std::fs::OpenOptions;
use std::io;
use std::io::Read;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::path::PathBuf;

use outcry_store::log::look::Look;
use outcry_store::log::look::SegmentFile;
use outcry_store::log::manifest::MANIFEST_NAME;
use outcry_store::log::manifest::hex;
use sha2::Digest;
use sha2::Sha256;

use crate::vault::Piece;
use crate::vault::UNFINISHED;

/// Bytes read at once.
const COPY_BYTES: usize = 1 << 20;
/// Only the owner reads a backup: comments that nobody approved are in it.
const FILE_MODE: u32 = 0o600;

/// How the log is copied.
pub struct Copy<'a> {
    /// The folder of the site's log.
    pub from: PathBuf,
    /// That of the vault's.
    pub to: PathBuf,
    /// What the vault has, by name.
    pub known: &'a BTreeMap<String, Piece>,
}

/// What was copied of it.
#[derive(Default)]
pub struct Copied {
    /// Every file the vault is to have.
    pub pieces: Vec<Piece>,
    /// Bytes that were copied.
    pub copied_bytes: u64,
    /// Files that were there already.
    pub reused: usize,
    /// What is not as it should be with the site.
    pub faults: Vec<String>,
}

impl Copy<'_> {
    /// Copies what the vault does not have.
    ///
    /// # Errors
    ///
    /// When a file cannot be read or written; not found when the log changed since it was looked
    /// at.
    pub fn all(&self, look: &Look) -> io::Result<Copied> {
        let mut copied = Copied::default();
        let manifest_bytes = look.manifest_bytes();
        if manifest_bytes > 0 {
            let piece = self.part(MANIFEST_NAME, manifest_bytes)?;
            copied.copied_bytes += piece.bytes;
            copied.pieces.push(piece);
        }
        for file in look.files() {
            self.segment(&file, &mut copied)?;
        }
        Ok(copied)
    }

    fn segment(&self, file: &SegmentFile, copied: &mut Copied) -> io::Result<()> {
        let there = fs::metadata(self.to.join(&file.name)).is_ok_and(|it| it.len() >= file.bytes);
        let known = self.known.get(&file.name).filter(|known| {
            there && known.bytes == file.bytes && file.stored_hash.as_ref() == Some(&known.sha256)
        });
        if let Some(known) = known {
            copied.reused += 1;
            copied.pieces.push(known.clone());
            return Ok(());
        }
        let unfinished = format!("{}{UNFINISHED}", file.name);
        let mut piece = self.part_as(&file.name, file.bytes, &unfinished)?;
        if file.stored_hash.as_ref().is_some_and(|sealed| *sealed != piece.sha256) {
            copied
                .faults
                .push(format!("{} is not the file that was sealed: it was not copied", file.name));
            fs::remove_file(self.to.join(unfinished))?;
            match self.known.get(&file.name) {
                Some(known) => piece = known.clone(),
                None => return Ok(()),
            }
        } else {
            fs::rename(self.to.join(unfinished), self.to.join(&file.name))?;
        }
        copied.copied_bytes += piece.bytes;
        copied.pieces.push(piece);
        Ok(())
    }

    fn part(&self, name: &str, bytes: u64) -> io::Result<Piece> {
        let unfinished = format!("{name}{UNFINISHED}");
        let piece = self.part_as(name, bytes, &unfinished)?;
        fs::rename(self.to.join(unfinished), self.to.join(name))?;
        Ok(piece)
    }

    fn part_as(&self, name: &str, bytes: u64, unfinished: &str) -> io::Result<Piece> {
        let path = self.to.join(unfinished);
        remove_if_there(&path)?;
        let mut to = create(&path)?;
        let sha256 = copy_part(&self.from.join(name), &mut to, bytes)?;
        to.sync_all()?;
        Ok(Piece { name: name.to_owned(), bytes, sha256 })
    }
}

impl Copied {
    /// Keeps segments that the site had and has no more, unless it removed or sealed them in order.
    pub fn keep_lost(&mut self, look: &Look, known: &BTreeMap<String, Piece>) {
        for (name, piece) in known {
            let here = self.pieces.iter().any(|piece| piece.name == *name);
            if here || look.is_accounted_for(name) {
                continue;
            }
            self.faults.push(format!("{name} is gone from the log: the backup keeps its copy"));
            self.pieces.push(piece.clone());
        }
    }
}

/// Makes a file that only its owner reads.
///
/// # Errors
///
/// What the system says.
pub fn create(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(FILE_MODE).open(path)
}

/// Removes a file, if there is one.
///
/// # Errors
///
/// What the system says.
pub fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Returns when the names in a folder would outlive a power cut.
///
/// # Errors
///
/// What the system says.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    File::open(folder)?.sync_all()
}

/// Copies the first `bytes` of a file; gives their SHA-256 in hexadecimal.
///
/// # Errors
///
/// What the system says, and when the file is shorter.
pub fn copy_part(from: &Path, to: &mut impl Write, bytes: u64) -> io::Result<String> {
    let mut from = File::open(from)?;
    let (mut hash, mut left) = (Sha256::new(), bytes);
    let mut buffer = vec![0; COPY_BYTES];
    while left > 0 {
        let want = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
        let got = from.read(&mut buffer[..want])?;
        if got == 0 {
            let what = format!("it ends {left} bytes early");
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, what));
        }
        hash.update(&buffer[..got]);
        to.write_all(&buffer[..got])?;
        left -= got as u64;
    }
    Ok(hex(&hash.finalize()))
}
