//! Files as they are, or packed by gzip or Zstandard: told by their first bytes, not their names.

use std::fs::File;
use std::io;
use std::io::Read;
use std::path::Path;

use crate::cli::BadInput;

/// Bytes that are read of one file, unpacked. A packed file can grow without end.
pub const UNPACKED_BYTES_MAX: u64 = 4 << 30;

/// The bytes of a file, unpacked on the way.
///
/// # Errors
///
/// [`BadInput`] when it cannot be opened; what the disk says when it cannot be read.
pub fn open(path: &Path) -> anyhow::Result<Box<dyn Read>> {
    let cannot = |error: io::Error| BadInput(format!("cannot read {}: {error}", path.display()));
    let file = File::open(path).map_err(cannot)?;
    if file.metadata().map_err(cannot)?.is_dir() {
        anyhow::bail!(BadInput(format!("{} is a folder; name a file", path.display())));
    }
    let mut file = io::BufReader::new(file);
    let head = io::BufRead::fill_buf(&mut file).map_err(cannot)?;
    let unpacked: Box<dyn Read> = if head.starts_with(&[0x1F, 0x8B]) {
        Box::new(flate2::bufread::MultiGzDecoder::new(file))
    } else if head.starts_with(&[0x28, 0xB5, 0x2F, 0xFD]) {
        Box::new(zstd::Decoder::with_buffer(file).map_err(cannot)?)
    } else {
        Box::new(file)
    };
    Ok(Box::new(unpacked.take(UNPACKED_BYTES_MAX)))
}

/// All bytes of a file.
///
/// # Errors
///
/// [`BadInput`] when it cannot be read.
pub fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?
        .read_to_end(&mut bytes)
        .map_err(|error| BadInput(format!("cannot read {}: {error}", path.display())))?;
    Ok(bytes)
}
