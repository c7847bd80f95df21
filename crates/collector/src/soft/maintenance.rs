//! Maintenance pages, and pages that ask people to queue because there are too many of them.
//!
//! "Maintenance" alone is a trade and a word of notices: it counts when the little that stands on
//! the page speaks of the site itself.

use crate::probe::page::Page;
use crate::soft::Finding;
use crate::soft::error_text::quote;
use crate::soft::reading::Kind;
use crate::soft::reading::Reading;
use crate::soft::words;
use crate::soft::words::BESIDE_CHARS_MAX;
use crate::soft::words::Concepts;

/// Letters up to which a page with nothing else is nothing but its announcement.
const BARE_CHARS: usize = 110;
/// Letters an announcement may have.
const TEXT_CHARS: usize = 700;

/// Looks for it.
pub fn look(_page: &Page<'_>, reading: &Reading) -> Option<Finding> {
    if !matches!(reading.kind, Kind::Html | Kind::Text) || reading.middle_chars() > TEXT_CHARS {
        return None;
    }
    if words::beside(reading, ABOUT) > BESIDE_CHARS_MAX {
        return None;
    }
    let title = words::concepts_of(&words::unquoted(&reading.title.to_lowercase()));
    let lead: Vec<_> = reading.middle().take(3).collect();
    let first = *lead.first()?;
    let of_first = words::concepts_of(&words::unquoted(&first.lower));
    let concepts = lead
        .iter()
        .map(|block| words::concepts_of(&words::unquoted(&block.lower)))
        .fold(title, Concepts::with);
    let strength = |concept: Concepts, rest: &[Concepts]| {
        if !concepts.has(concept) {
            return 0.0;
        }
        let in_lead = title.has(concept) || of_first.has(concept);
        let support = rest.iter().filter(|other| concepts.has_any(**other)).count() as f64;
        let base = if in_lead { 0.2 } else { 0.05 };
        let both =
            title.has(concept) && lead.iter().any(|b| words::concepts_of(&b.lower).has(concept));
        let alone = if both && reading.is_bare() && reading.middle_chars() <= BARE_CHARS {
            0.35
        } else {
            0.0
        };
        (base + alone + 0.2 * support).min(0.95)
    };
    let upkeep =
        [Concepts::SITE, Concepts::LATER, Concepts::SORRY, Concepts::UNAVAILABLE, Concepts::RETRY];
    let busy =
        [Concepts::SITE, Concepts::LATER, Concepts::SORRY, Concepts::RETRY, Concepts::CANNOT];
    let goods = reading.pictures + reading.middle().count() / 8;
    let damp = if goods >= 6 || reading.article_chars > TEXT_CHARS { 0.4 } else { 1.0 };
    // Who has more to say than that has more than an announcement.
    let damp = if reading.is_thin() || reading.is_bare() { damp } else { damp * 0.6 };
    let (upkeep, busy) = (strength(Concepts::UPKEEP, &upkeep), strength(Concepts::BUSY, &busy));
    if busy > upkeep {
        return Finding::fails(
            busy * damp,
            format!("too many people at once: “{}”", quote(&first.text)),
        );
    }
    if upkeep == 0.0 {
        return None;
    }
    Finding::fails(upkeep * damp, format!("a maintenance page: “{}”", quote(&first.text)))
}

/// What such pages speak of.
const ABOUT: Concepts = Concepts::UPKEEP
    .with(Concepts::BUSY)
    .with(Concepts::LATER)
    .with(Concepts::SORRY)
    .with(Concepts::UNAVAILABLE)
    .with(Concepts::RETRY);
