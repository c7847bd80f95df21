//! Far from its own history: a body far smaller or larger than the page's own, with other
//! structure.
//!
//! Bytes alone move when styles move: both bytes and elements have to be far. What has no elements
//! (JSON, feeds) has to be further.

use crate::probe::page::Page;
use crate::soft::Finding;
use crate::soft::reading::Kind;
use crate::soft::reading::Reading;

/// Below this share of its usual size a page is far.
const FAR: f64 = 0.2;
/// The same of what has no elements.
const FAR_PLAIN: f64 = 0.08;
/// Below this share it is nearly gone.
const GONE: f64 = 0.1;
/// Above this many times of its usual size it is far.
const HUGE: f64 = 8.0;
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
    let percent = |ratio: f64| format!("{:.0} %", (ratio * 100.0).max(0.0));
    let what = format!("{} of its usual size", percent(bytes));
    match usual.tags_ratio(reading.tags) {
        Some(tags) => {
            let (bytes_wide, tags_wide) = (bytes * slack, tags * slack);
            if tags_wide < GONE && bytes_wide < 0.5 {
                let what = format!("{} of its usual elements", percent(tags));
                return Finding::fails(
                    0.7,
                    format!("{what}, {}", percent(bytes) + " of its bytes"),
                );
            }
            if bytes_wide < FAR && tags_wide < FAR {
                return Finding::fails(0.65, what);
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
                return Finding::fails(0.65, what);
            }
            (bytes * slack < 0.25).then(|| Finding::fails(0.3, what))?
        }
        None => None,
    }
}
