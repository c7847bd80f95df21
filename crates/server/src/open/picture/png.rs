//! PNG of points out of a palette: the four chunks that a picture needs.

use std::io::Write;

use flate2::Compression;
use flate2::Crc;
use flate2::write::ZlibEncoder;

/// Writes points, each a place in the palette, row by row.
pub fn indexed(width: usize, height: usize, palette: &[[u8; 3]], points: &[u8]) -> Vec<u8> {
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    let side = |length: usize| u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes();
    // Eight bits a point, out of a palette; no interlacing.
    let head = [&side(width)[..], &side(height)[..], &[8, 3, 0, 0, 0]].concat();
    chunk(&mut file, b"IHDR", &head);
    chunk(&mut file, b"PLTE", &palette.concat());
    let mut rows = Vec::with_capacity(points.len() + height);
    for row in points.chunks(width) {
        // Rows as they are: filters gain nothing for a palette.
        rows.push(0);
        rows.extend_from_slice(row);
    }
    let mut packer = ZlibEncoder::new(Vec::new(), Compression::best());
    // Writing into memory cannot fail.
    let packed = packer.write_all(&rows).and_then(|()| packer.finish()).unwrap_or_default();
    chunk(&mut file, b"IDAT", &packed);
    chunk(&mut file, b"IEND", &[]);
    file
}

fn chunk(file: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
    let length = u32::try_from(data.len()).unwrap_or(u32::MAX);
    file.extend_from_slice(&length.to_be_bytes());
    let mut crc = Crc::new();
    crc.update(kind);
    crc.update(data);
    file.extend_from_slice(kind);
    file.extend_from_slice(data);
    file.extend_from_slice(&crc.sum().to_be_bytes());
}
