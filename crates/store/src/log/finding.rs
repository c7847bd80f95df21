//! What was wrong with a log, and what was done about it, as sentences for the operator.

use std::fmt;

/// One thing found while a log was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// The last write did not get to its end; what there was of it is cut off.
    Torn {
        /// The segment file.
        file: String,
        /// Where it was cut.
        offset: u64,
        /// How many bytes were cut off.
        bytes: u64,
    },
    /// Bytes in the middle are not what was written.
    Damaged {
        /// The segment file.
        file: String,
        /// Where the damage begins.
        offset: u64,
        /// How many bytes cannot be used.
        bytes: u64,
        /// The first sequence number that is missing.
        first_seq: u64,
        /// How many records are missing.
        records: u64,
        /// What is known of them.
        standing: Standing,
    },
    /// Records are missing although nothing is damaged: a file is gone.
    Missing {
        /// The segment file that comes after them.
        before: String,
        /// The first sequence number that is missing.
        first_seq: u64,
        /// How many records are missing.
        records: u64,
    },
    /// The header of a segment cannot be used.
    Headless {
        /// The segment file.
        file: String,
    },
    /// A frame does not hold the CRC of the one before, though no number is missing.
    Unchained {
        /// The segment file.
        file: String,
        /// Where the frame, or the segment's header, begins.
        offset: u64,
    },
    /// A segment was begun, and power was lost before its header was on disk.
    Unfinished {
        /// The segment file, which is removed.
        file: String,
    },
    /// Nothing in the last segment could be used.
    Unreadable {
        /// The segment file.
        file: String,
        /// The name it has now.
        renamed: String,
    },
    /// The index of a sealed segment is not what was written.
    SealedUnreadable {
        /// The file.
        file: String,
        /// Its first record.
        first_seq: u64,
        /// How many records cannot be read; 0 when nobody knows.
        records: u64,
    },
    /// A sealed segment was not in the manifest.
    Adopted {
        /// The file.
        file: String,
    },
    /// The last line of the manifest was not written to its end.
    ManifestTorn {
        /// How many bytes cannot be used.
        bytes: u64,
    },
    /// A line of the manifest is not what was written.
    ManifestDamaged {
        /// Its number, from 1.
        line: u64,
    },
}

impl Finding {
    /// Whether anything that had been stored is not what it was. What a stop leaves behind in the
    /// middle of a write is none.
    pub fn is_damage(&self) -> bool {
        match self {
            Self::Torn { .. } | Self::Unfinished { .. } | Self::ManifestTorn { .. } => false,
            Self::Damaged { standing, .. } => *standing == Standing::Lost,
            Self::Missing { .. }
            | Self::Headless { .. }
            | Self::Unchained { .. }
            | Self::Unreadable { .. }
            | Self::SealedUnreadable { .. }
            | Self::Adopted { .. }
            | Self::ManifestDamaged { .. } => true,
        }
    }
}

/// What is known of records that are missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// They had been on disk, and were answered.
    Lost,
    /// They were part of the last write before a stop, which was perhaps never answered.
    Unsure,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Torn { file, offset, bytes } => write!(
                f,
                "the last frame of {file} was torn at byte {offset}: {} that {} never \
                 acknowledged {} cut off",
                counted(*bytes, "byte"),
                were(*bytes),
                were(*bytes),
            ),
            Self::Damaged { file, offset, bytes, first_seq, records, standing } => {
                let which = range(*first_seq, *records);
                write!(f, "{file} is damaged at byte {offset} ({}): ", counted(*bytes, "byte"))?;
                match (records, standing) {
                    (0, _) => write!(f, "no record is missing; the damage is skipped"),
                    (_, Standing::Lost) => {
                        write!(f, "{which} lost; everything after is kept")
                    }
                    (_, Standing::Unsure) => write!(
                        f,
                        "{which} missing, of the last write before the log stopped, and most \
                         likely never acknowledged; everything after is kept"
                    ),
                }
            }
            Self::Missing { before, first_seq, records } => write!(
                f,
                "{} missing: a segment file before {before} is gone; restore it from a backup if \
                 there is one; everything else is kept",
                range(*first_seq, *records),
            ),
            Self::Headless { file } => {
                write!(f, "the header of {file} is damaged: its frames were read without it")
            }
            Self::Unchained { file, offset } => write!(
                f,
                "what is at byte {offset} of {file} does not follow from what is before it, though \
                 no record is missing: a file was perhaps replaced; everything is kept",
            ),
            Self::Unfinished { file } => write!(
                f,
                "{file} was begun but held nothing when the log stopped: it was removed, no record \
                 is missing",
            ),
            Self::SealedUnreadable { file, first_seq, records } => write!(
                f,
                "the index of {file} is damaged: {} unreadable; restore the file from a backup",
                range(*first_seq, *records),
            ),
            Self::Adopted { file } => write!(
                f,
                "{file} is sealed but was not in the manifest: it was entered as it is now",
            ),
            Self::ManifestTorn { bytes } => write!(
                f,
                "the end of the manifest cannot be used ({}): it was cut off, and what it said is \
                 found again in the files",
                counted(*bytes, "byte"),
            ),
            Self::ManifestDamaged { line } => write!(
                f,
                "line {line} of the manifest is not what was written, or the line before it is not",
            ),
            Self::Unreadable { file, renamed } => write!(
                f,
                "nothing in {file} could be read: it was renamed to {renamed}, and its records are \
                 missing",
            ),
        }
    }
}

/// `1 byte`, `2 bytes`.
fn counted(number: u64, noun: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{ending}")
}

fn were(number: u64) -> &'static str {
    if number == 1 { "was" } else { "were" }
}

/// `record 7 is`, `records 7 to 9 (3) are`.
fn range(first_seq: u64, records: u64) -> String {
    match records {
        0 | 1 => format!("record {first_seq} is"),
        _ => format!("records {first_seq} to {} ({records}) are", first_seq + (records - 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_are_whole_sentences() {
        let file = || "00000000000000001234.seg".to_owned();
        let damaged = |records, standing| Finding::Damaged {
            file: file(),
            offset: 88,
            bytes: 47,
            first_seq: 12,
            records,
            standing,
        };
        for (finding, sentence) in [
            (
                Finding::Torn { file: file(), offset: 8_812, bytes: 214 },
                "the last frame of 00000000000000001234.seg was torn at byte 8812: 214 bytes that \
                 were never acknowledged were cut off",
            ),
            (
                Finding::Torn { file: file(), offset: 8_812, bytes: 1 },
                "the last frame of 00000000000000001234.seg was torn at byte 8812: 1 byte that was \
                 never acknowledged was cut off",
            ),
            (
                damaged(4, Standing::Lost),
                "00000000000000001234.seg is damaged at byte 88 (47 bytes): records 12 to 15 (4) \
                 are lost; everything after is kept",
            ),
            (
                damaged(1, Standing::Unsure),
                "00000000000000001234.seg is damaged at byte 88 (47 bytes): record 12 is missing, \
                 of the last write before the log stopped, and most likely never acknowledged; \
                 everything after is kept",
            ),
            (
                damaged(0, Standing::Lost),
                "00000000000000001234.seg is damaged at byte 88 (47 bytes): no record is missing; \
                 the damage is skipped",
            ),
            (
                Finding::Missing { before: file(), first_seq: 1_000, records: 234 },
                "records 1000 to 1233 (234) are missing: a segment file before \
                 00000000000000001234.seg is gone; restore it from a backup if there is one; \
                 everything else is kept",
            ),
        ] {
            assert_eq!(finding.to_string(), sentence);
        }
    }
}
