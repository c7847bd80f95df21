//! Soft failures: an answer with a good status whose page says that it does not work.
//!
//! # The idea
//!
//! [`reading`] turns an answer into what a person would see of it: blocks of visible text, each
//! with the place it stands in, and what the page is built of. Each detector, one file each, looks
//! for one kind of failure and says how sure it is. They are weighed together as independent
//! witnesses, `1 − ∏ (1 − sure)`, those that read the same words as one. From [`SURE`] on the page
//! is not ok.
//!
//! What words mean is decided by concepts ("error", "cannot", "later") with word stems in some
//! forty languages, and never by words alone: a page fails when little else stands on it. An
//! article about an outage has a thousand letters of its own; an error page has two sentences.
//! What has always been so on a page is not a failure: see [`history`].
//!
//! # What it cannot tell
//!
//! What scripts would make of a page: they are not run. An app shell that is empty each time it is
//! fetched is a page of which nothing can be said. Words of languages that are not in [`words`] are
//! not understood; there only structure and history speak.

pub mod apology;
pub mod blank;
pub mod called;
pub mod challenge;
pub mod context;
pub mod dump;
pub mod envelope;
pub mod error_text;
pub mod far;
pub mod garbled;
pub mod history;
pub mod login;
pub mod maintenance;
pub mod misplaced;
pub mod parked;
pub mod raw;
pub mod reading;
pub mod refusal;
pub mod shell;
pub mod stated;
pub mod unlike;
pub mod vendor;
pub mod words;

use crate::probe::page::Judgement;
use crate::probe::page::Page;
use crate::soft::reading::Kind;
use crate::soft::reading::Reading;

/// How sure all witnesses together must be.
pub const SURE: f64 = 0.5;

/// From here on what a page says names what it is, whatever it was before.
const NAMING: f64 = 0.4;
/// Bytes from which on a text has a size of its own.
const TEXT_BYTES: usize = 300;
/// What is left of a finding on a page that is what it usually is.
const SAME_DAMP: f64 = 0.55;

/// What one detector found.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Whether the page fails, or turns us away.
    pub means: Means,
    /// How sure it is, 0 to 1.
    pub sure: f64,
    /// What was seen, as a lower-case fragment.
    pub what: String,
}

/// What a finding means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Means {
    /// The page does not work.
    Fails,
    /// The page turns us away.
    Blocks,
}

/// What a detector goes by. Two that read the same words are one witness, not two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Basis {
    /// What the page says.
    Words,
    /// What it is built of.
    Shape,
    /// That it is another page than before. What it is instead, others say better.
    Past,
}

/// A detector: one look at a page that was read.
type Detector = fn(&Page<'_>, &Reading) -> Option<Finding>;

/// All of them; a new one is a file and a line.
const DETECTORS: &[(Basis, Detector)] = &[
    (Basis::Shape, blank::look),
    (Basis::Shape, called::look),
    (Basis::Words, challenge::look),
    (Basis::Shape, dump::look),
    (Basis::Shape, envelope::look),
    (Basis::Words, error_text::look),
    (Basis::Past, far::look),
    (Basis::Shape, garbled::look),
    (Basis::Words, login::look),
    (Basis::Words, maintenance::look),
    (Basis::Words, misplaced::look),
    (Basis::Words, parked::look),
    (Basis::Shape, raw::look),
    (Basis::Words, refusal::look),
    (Basis::Past, shell::look),
    (Basis::Words, stated::look),
    (Basis::Past, unlike::look),
    (Basis::Shape, vendor::look),
];

impl Finding {
    /// The page does not work.
    pub fn fails(sure: f64, what: impl Into<String>) -> Option<Self> {
        Some(Self { means: Means::Fails, sure, what: what.into() })
    }

    /// The page turns us away.
    pub fn blocks(sure: f64, what: impl Into<String>) -> Option<Self> {
        Some(Self { means: Means::Blocks, sure, what: what.into() })
    }
}

/// Looks at a page with all detectors. This is the judge of [`crate::probe::Context`].
pub fn judge(page: &Page<'_>) -> Judgement {
    let reading = Reading::of(page);
    let found = weighed(page, &reading);
    let said = found.iter().filter(|(basis, _)| *basis == Basis::Words);
    let said = said.map(|(_, finding)| finding.sure).fold(0.0, f64::max);
    let built = found.iter().filter(|(basis, _)| *basis != Basis::Words);
    let doubt = built.map(|(_, it)| 1.0 - it.sure).product::<f64>() * (1.0 - said);
    let mut findings = found;
    let says = |(basis, it): &(Basis, Finding)| *basis != Basis::Past && it.sure >= NAMING;
    if let Some(at) = findings.iter().position(says) {
        findings[..=at].rotate_right(1);
    }
    let findings: Vec<Finding> = findings.into_iter().map(|(_, finding)| finding).collect();
    let Some(first) = findings.first() else { return Judgement::Healthy };
    if 1.0 - doubt < SURE {
        return Judgement::Healthy;
    }
    let mut reason = first.what.clone();
    if let Some(second) = findings.get(1)
        && second.means == first.means
        && first.sure < SURE
    {
        reason = format!("{reason}; {}", second.what);
    }
    match first.means {
        Means::Fails => Judgement::Soft(reason),
        Means::Blocks => Judgement::Blocked(reason),
    }
}

/// What each detector found, the surest first.
pub fn find(page: &Page<'_>, reading: &Reading) -> Vec<Finding> {
    weighed(page, reading).into_iter().map(|(_, finding)| finding).collect()
}

fn weighed(page: &Page<'_>, reading: &Reading) -> Vec<(Basis, Finding)> {
    let looks = DETECTORS.iter().filter_map(|(basis, look)| Some((*basis, look(page, reading)?)));
    let mut found: Vec<(Basis, Finding)> = looks.collect();
    // A door that has always been there, a list of what is down: what has the size, the make and
    // the title that it usually has is rather what it usually is.
    let is_text = reading.kind == Kind::Text && page.body.len() >= TEXT_BYTES;
    let is_same = page.usual.is_some_and(|usual| {
        usual.is_like(page.body.len(), reading.tags)
            && (is_text || !usual.title.trim().is_empty())
            && usual.title.trim() == reading.title.trim()
    });
    if is_same {
        found.iter_mut().for_each(|(_, it)| it.sure *= SAME_DAMP);
    }
    found.sort_by(|a, b| b.1.sure.total_cmp(&a.1.sure));
    found
}

#[cfg(test)]
mod tests;
