//! `SIGNALS.jsonl`, version 1: signals as lines of JSON, one object a line, written and read
//! exactly. `docs/reference/signals.md` is the reference for people.
//!
//! A good line is read in one pass. A bad one is read again, at leisure, to say which field is
//! wrong and what to write instead.
//!
//! # What it cannot tell
//!
//! Whether a service, a component or a problem is in the catalogue, and whether times run forward.
//! A line without `id` gets one from its bytes and its number: the same file gives the same ids,
//! and two files with the same line in the same place give the same id too.

mod field;
mod key;
mod mistake;
mod row;
mod taken;
mod told;

use outcry_core::signal::Signal;

use crate::signals::mistake::explain;
use crate::signals::row::Row;
use crate::signals::taken::take_signal;

/// Version of the form, the `v` of every line.
pub const SIGNALS_VERSION: u64 = 1;
/// Bytes a line may have.
pub const LINE_BYTES_MAX: usize = 65_536;
/// Bytes most lines need.
const LINE_BYTES_USUAL: usize = 512;

/// What is wrong with a line, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}; write {instead}")]
pub struct LineError {
    /// The line in its file, from 1.
    pub number: u64,
    /// What is wrong.
    pub what: String,
    /// What to write instead.
    pub instead: String,
}

/// Writes a signal as one line, without the end of the line.
///
/// A number that is not finite has no form in JSON: it is written as `null`, which reads as absent.
pub fn write_line(signal: &Signal) -> String {
    let mut line = Vec::with_capacity(LINE_BYTES_USUAL);
    serde_json::to_writer(&mut line, &Row::from(signal)).expect("a row has texts for keys");
    String::from_utf8(line).expect("JSON is UTF-8")
}

/// Reads line `number` of a file, counted from 1; white space around it does not matter.
///
/// A line without `id` gets one derived from its bytes and its number. A report without `reporter`
/// or `prefix` gets keys derived from its id, so that each such line is a reporter of its own.
pub fn read_line(line: &str, number: u64) -> Result<Signal, LineError> {
    let line = line.trim_start_matches('\u{feff}').trim();
    if line.len() > LINE_BYTES_MAX {
        let what = format!("the line has {} bytes, {LINE_BYTES_MAX} are the most", line.len());
        return Err(LineError { number, what, instead: "less text in it".to_owned() });
    }
    let row = serde_json::from_str::<Row<'_>>(line).ok();
    row.and_then(|row| take_signal(row, line, number)).ok_or_else(|| {
        let (what, instead) = explain(line);
        LineError { number, what, instead }
    })
}

#[cfg(test)]
mod tests;
