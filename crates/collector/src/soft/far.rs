//! Far from its own history: a body far smaller or larger than the page's own, with other
//! structure.
//!
//! Bytes alone move when styles move: both bytes and elements have to be far. What has no elements
//! (JSON, feeds) has to be further.

use serde_json::Value;

use crate::probe::page::Page;
use crate::soft::Finding;
use crate::soft::context;
use crate::soft::history::Usual;
use crate::soft::reading::Kind;
use crate::soft::reading::Place;
use crate::soft::reading::Reading;
use crate::soft::reading::weight;
use crate::soft::words;
use crate::soft::words::Concepts;
use crate::soft::words::sentence::stated;

/// Below this share of its usual size a page is far.
const FAR: f64 = 0.2;
/// The same of what has no elements.
const FAR_PLAIN: f64 = 0.08;
/// Below this share it is nearly gone.
const GONE: f64 = 0.1;
/// Half of what there is usually, …
const HALF: f64 = 0.5;
/// … and all of it smaller: the frame of a site stays when its middle is gone.
const MOST: f64 = 0.8;
/// How sure it is where the rest apologises.
const SHRUNK: f64 = 0.55;
/// Above this many times of its usual size it is far.
const HUGE: f64 = 8.0;
/// What is left of how sure it is where the page is called as ever and offers things.
const SMALL_HOUSE: f64 = 0.6;
/// Texts of its own that a page offers at least.
const OFFERS_MIN: usize = 5;
/// Letters of one: the head of a table is none.
const OFFER_CHARS: usize = 10;
/// Letters of the shortest word that names anything.
const NAME_CHARS: usize = 4;
/// What is always small may be anything.
const USUAL_BYTES_MIN: f64 = 400.0;

/// Looks for it.
pub fn look(page: &Page<'_>, reading: &Reading) -> Option<Finding> {
    let usual = page.usual?;
    if usual.bytes < USUAL_BYTES_MIN || page.is_cut {
        return None;
    }
    // What varies is far only when it is further than it varies.
    let slack = usual.spread.clamp(1.0, 10.0).powi(2);
    let bytes = usual.bytes_ratio(page.body.len());
    // Who moves into a smaller house takes the name and the furniture along: see `is_whole`.
    let trust = if is_whole(usual, reading) { SMALL_HOUSE } else { 1.0 };
    let percent = |ratio: f64| format!("{:.0} %", (ratio * 100.0).max(0.0));
    let what = format!("{} of its usual size", percent(bytes));
    match usual.tags_ratio(reading.tags) {
        Some(tags) => {
            let (bytes_wide, tags_wide) = (bytes * slack, tags * slack);
            if tags_wide < GONE && bytes_wide < 0.5 {
                let what = format!("{} of its usual elements", percent(tags));
                return Finding::fails(
                    0.7 * trust,
                    format!("{what}, {}", percent(bytes) + " of its bytes"),
                );
            }
            if bytes_wide < FAR && tags_wide < FAR {
                return Finding::fails(0.65 * trust, what);
            }
            let is_halved = bytes_wide.min(tags_wide) < HALF && bytes_wide.max(tags_wide) < MOST;
            if is_halved && apologises(reading) {
                return Finding::fails(SHRUNK, format!("{what}, and it says that it fails"));
            }
            if bytes_wide < 0.4 && tags_wide < 0.4 {
                return Finding::fails(0.35, what);
            }
            if bytes / slack > HUGE && tags / slack > HUGE {
                return Finding::fails(0.5, what);
            }
            None
        }
        None if matches!(reading.kind, Kind::Json | Kind::Xml | Kind::Text) => {
            if bytes * slack < FAR_PLAIN {
                // A list may be short; an envelope has nothing in it.
                let lists = reading.kind == Kind::Json && lists_things(&reading.source);
                return Finding::fails(if lists { 0.4 } else { 0.65 }, what);
            }
            (bytes * slack < 0.25).then(|| Finding::fails(0.3, what))?
        }
        None => None,
    }
}

/// What is left says that something failed, in a few words.
fn apologises(reading: &Reading) -> bool {
    let said = || reading.middle().map(|block| words::concepts_of(&stated(&block.lower)));
    reading.is_thin()
        && !context::is_written(reading)
        && said().any(|it| words::failing(it) >= 1.0 && !it.has(Concepts::TOLD))
}

/// Whether JSON holds a list of things.
fn lists_things(source: &str) -> bool {
    let value = serde_json::from_str::<Value>(source.trim());
    let is_list =
        |value: &Value| value.as_array().is_some_and(|items| items.iter().any(Value::is_object));
    value.is_ok_and(|value| {
        is_list(&value) || value.as_object().is_some_and(|it| it.values().any(is_list))
    })
}

/// A small page that is all there: it has its usual name, says several things, and none of them is
/// that something fails.
fn is_whole(usual: &Usual, reading: &Reading) -> bool {
    let title = reading.title.to_lowercase();
    let usually = usual.title.to_lowercase();
    let mut names = usually.split(|c: char| !c.is_alphanumeric());
    let is_called = names.any(|it| it.chars().count() >= NAME_CHARS && title.contains(it));
    let said = || reading.middle().map(|block| words::concepts_of(&block.lower));
    let shown = reading.blocks.iter().filter(|block| block.place != Place::Frame);
    let offers = shown.filter(|block| weight(&block.text) >= OFFER_CHARS).count();
    let of_title = words::concepts_of(&title);
    let is_titled = words::failing(of_title) >= 1.0 || of_title.has_any(TROUBLE);
    let is_written =
        is_called && !is_titled && offers >= OFFERS_MIN && context::is_written(reading);
    is_written
        || is_called
            && offers >= OFFERS_MIN
            && said().chain([words::concepts_of(&title)]).all(|it| words::failing(it) < 1.0)
            && (reading.prices() > 1 || !said().any(|it| it.has_any(TROUBLE)))
}

/// What a small page says that is no redesign.
const TROUBLE: Concepts = Concepts::UNDER
    .with(Concepts::BUSY)
    .with(Concepts::SUSPENDED)
    .with(Concepts::PARKED)
    .with(Concepts::DENIED)
    .with(Concepts::NOT_FOUND)
    .with(Concepts::MUST_LOGIN)
    .with(Concepts::HUMAN);
