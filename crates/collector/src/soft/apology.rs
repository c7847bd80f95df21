//! How much a page is an apology, as one number out of a few weak signs.
//!
//! No single sign decides. Machines that apologise use few words of their own, say the same thing
//! in several ways (error, cannot, later, try again), are short, and stand on pages with few links.
//! Who describes failures does a part of that, and rarely all.
//!
//! The weights were fitted once, by logistic regression with a penalty (ridge, 0.5) over the pages
//! of train and fresh that name a failure, and rounded. Stems were left out by chance meanwhile, 8
//! to 12 % of those that mean something and 25 to 40 % of the padding: the stems were chosen with
//! these pages in sight, and with all of them the share of known words would seem to decide more
//! than it does on pages that nobody saw.
//!
//! # What it cannot tell
//!
//! What is said in languages whose stems are not there: there every word is a stranger.

use crate::soft::context;
use crate::soft::context::Statements;
use crate::soft::reading::Reading;
use crate::soft::words;
use crate::soft::words::Concepts;

/// The score of a page on which there is nothing.
const NOTHING: f64 = -3.7;
/// Share of known words in what the page states.
const KNOWN: f64 = 6.1;
/// The sentence that says most strongly that something failed, of [`BEST_MAX`].
const BEST: f64 = 0.15;
/// All sentences together, of [`ALL_MAX`].
const ALL: f64 = 2.6;
/// Ways in which the page speaks to its reader, of [`ADDRESSED_MAX`].
const ADDRESSED: f64 = 2.4;
/// Sentences, of [`SENTENCES_MAX`].
const SENTENCES: f64 = -3.7;
/// Letters, of [`CHARS_MAX`].
const CHARS: f64 = -2.6;
/// Links, of [`LINKS_MAX`].
const LINKS: f64 = -1.1;
/// A button to try again: added by hand, since few pages to fit on had one.
const BUTTON: f64 = 1.5;

/// From here on each sign says no more.
const BEST_MAX: f64 = 4.0;
const ALL_MAX: f64 = 6.0;
const ADDRESSED_MAX: f64 = 4.0;
const SENTENCES_MAX: f64 = 8.0;
const CHARS_MAX: f64 = 900.0;
const LINKS_MAX: f64 = 20.0;

/// How a page speaks to who reads it: try again, we are sorry, we work on it.
const TO_READERS: Concepts = Concepts::RETRY
    .with(Concepts::SORRY)
    .with(Concepts::LATER)
    .with(Concepts::FIXING)
    .with(Concepts::OOPS)
    .with(Concepts::WRONG)
    .with(Concepts::UNDER)
    .with(Concepts::NOT_FOUND)
    .with(Concepts::UPKEEP)
    .with(Concepts::BUSY);

/// The score: above 0 a page is rather an apology than not.
pub fn score(reading: &Reading) -> f64 {
    let said = Statements::of(reading);
    let all = said.each.iter().fold(Concepts::default(), |sum, (it, _)| sum.with(*it));
    let best = said.each.iter().map(|(it, _)| words::failing(*it)).fold(0.0, f64::max);
    let part = |value: f64, most: f64| (value / most).min(1.0);
    NOTHING
        + KNOWN * context::known_part(reading)
        + BEST * part(best, BEST_MAX)
        + ALL * part(words::failing(all), ALL_MAX)
        + ADDRESSED * part(f64::from(all.among(TO_READERS).count()), ADDRESSED_MAX)
        + SENTENCES * part(said.each.len() as f64, SENTENCES_MAX)
        + CHARS * part(reading.middle_chars() as f64, CHARS_MAX)
        + LINKS * part(reading.links as f64, LINKS_MAX)
        + if context::offers_retry(reading) { BUTTON } else { 0.0 }
}
