//! Streams: the bytes under CSV and JSON lines, plain or packed with zstd.
//!
//! # What it cannot tell
//! A packed file may ask for [`WINDOW_LOG_MAX`] bits of window, 128 MiB, before it is refused.

use std::fs::File;
use std::io::BufRead;
use std::io::BufReader;
use std::io::BufWriter;
use std::io::Cursor;
use std::io::Read;
use std::io::Write;
use std::path::Path;

use zstd::stream::read::Decoder;
use zstd::stream::write::Encoder;

use crate::format::Packing;

/// What is read from: a file, unpacked, without its byte order mark.
pub(crate) type Source = Box<dyn BufRead + Send>;

/// What is written to.
pub(crate) enum Sink<W: Write> {
    /// As it comes.
    Plain(BufWriter<W>),
    /// Through zstd.
    Zstd(Encoder<'static, BufWriter<W>>),
}

/// One line, as [`read_line`] found it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// The file is over.
    End,
    /// A line, in the buffer.
    Whole,
    /// A line too long; the buffer has only its beginning, the source stands behind its end.
    TooLong,
}

/// Opens a file; whether it is packed is seen from its first bytes.
pub(crate) fn open(path: &Path) -> std::io::Result<Source> {
    let (head, rest) = split_head::<4>(BufReader::new(File::open(path)?))?;
    if head == ZSTD_MAGIC {
        let mut decoder = Decoder::with_buffer(Cursor::new(head).chain(rest))?;
        decoder.window_log_max(WINDOW_LOG_MAX)?;
        return without_mark(BufReader::new(decoder));
    }
    without_mark(Cursor::new(head).chain(rest))
}

/// The first bytes of every zstd frame: neither CSV nor JSON in UTF-8 can begin so.
const ZSTD_MAGIC: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];

/// The largest window a packed file may ask for, as the power of two of its bytes.
const WINDOW_LOG_MAX: u32 = 27;

/// How hard zstd tries: its own default.
const ZSTD_LEVEL: i32 = 3;

/// The byte order mark that some programs put in front of UTF-8.
const MARK: &[u8] = "\u{feff}".as_bytes();

fn without_mark(source: impl BufRead + Send + 'static) -> std::io::Result<Source> {
    let (head, rest) = split_head::<3>(source)?;
    let head = if head == MARK { Vec::new() } else { head };
    Ok(Box::new(Cursor::new(head).chain(rest)))
}

/// Takes up to `N` bytes off the front.
fn split_head<const N: usize>(
    mut source: impl BufRead,
) -> std::io::Result<(Vec<u8>, impl BufRead)> {
    let mut head = Vec::with_capacity(N);
    (&mut source).take(N as u64).read_to_end(&mut head)?;
    Ok((head, source))
}

/// Reads one line of at most `bytes_max` bytes into `line`, without LF or CRLF.
pub(crate) fn read_line(
    source: &mut Source,
    line: &mut Vec<u8>,
    bytes_max: usize,
) -> std::io::Result<Line> {
    line.clear();
    let mut found = Line::End;
    loop {
        let bytes = source.fill_buf()?;
        if bytes.is_empty() {
            break;
        }
        let end = bytes.iter().position(|byte| *byte == b'\n');
        let part = &bytes[..end.unwrap_or(bytes.len())];
        if found != Line::TooLong {
            // One more for the CR that may come off again.
            let room = bytes_max + 1 - line.len();
            found = if part.len() > room { Line::TooLong } else { Line::Whole };
            line.extend_from_slice(&part[..part.len().min(room)]);
        }
        let used = end.map_or(bytes.len(), |end| end + 1);
        source.consume(used);
        if end.is_some() {
            break;
        }
    }
    if found == Line::Whole && line.last() == Some(&b'\r') {
        line.pop();
    }
    if found == Line::Whole && line.len() > bytes_max {
        found = Line::TooLong;
    }
    Ok(found)
}

impl<W: Write> Sink<W> {
    /// A sink over `out`.
    pub(crate) fn new(packing: Packing, out: W) -> std::io::Result<Sink<W>> {
        let out = BufWriter::new(out);
        match packing {
            Packing::Plain => Ok(Sink::Plain(out)),
            Packing::Zstd => {
                let mut encoder = Encoder::new(out, ZSTD_LEVEL)?;
                encoder.include_checksum(true)?;
                Ok(Sink::Zstd(encoder))
            }
        }
    }

    /// Writes all of `bytes`.
    pub(crate) fn write_all(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        match self {
            Sink::Plain(out) => out.write_all(bytes),
            Sink::Zstd(out) => out.write_all(bytes),
        }
    }

    /// Writes what is still to be written, and gives back what was written to.
    pub(crate) fn finish(self) -> std::io::Result<W> {
        let out = match self {
            Sink::Plain(out) => out,
            Sink::Zstd(encoder) => encoder.finish()?,
        };
        let mut out = out.into_inner().map_err(|failed| failed.into_error())?;
        out.flush()?;
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &[u8], bytes_max: usize) -> Vec<(Line, Vec<u8>)> {
        // A small buffer, so that lines lie across its ends.
        let mut source: Source = Box::new(BufReader::with_capacity(3, Cursor::new(text.to_vec())));
        let mut found = Vec::new();
        loop {
            let mut line = Vec::new();
            match read_line(&mut source, &mut line, bytes_max).expect("from memory") {
                Line::End => return found,
                kind => found.push((kind, line)),
            }
        }
    }

    #[test]
    fn lines_end_with_lf_or_crlf_or_the_file() {
        let found = lines(b"one\ntwo\r\n\nfour", 10);
        let texts: Vec<&[u8]> = found.iter().map(|(_, line)| &line[..]).collect();
        assert_eq!(texts, [&b"one"[..], b"two", b"", b"four"]);
    }

    #[test]
    fn a_line_too_long_is_passed_over() {
        let found = lines(b"12345\n1234\r\n12345\r\n1\n123456789\n", 4);
        let kinds: Vec<Line> = found.iter().map(|(kind, _)| *kind).collect();
        assert_eq!(kinds, [Line::TooLong, Line::Whole, Line::TooLong, Line::Whole, Line::TooLong]);
    }

    #[test]
    fn a_packed_file_is_seen_from_its_first_bytes() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("x.csv");
        for packing in [Packing::Plain, Packing::Zstd] {
            let mut sink = Sink::new(packing, Vec::new()).expect("a sink");
            sink.write_all("\u{feff}é".as_bytes()).expect("memory");
            std::fs::write(&path, sink.finish().expect("memory")).expect("written");
            let mut text = String::new();
            open(&path).expect("opened").read_to_string(&mut text).expect("read");
            assert_eq!(text, "é");
        }
    }
}
