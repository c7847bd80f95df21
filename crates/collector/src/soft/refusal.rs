//! Refusals: this client, this country, or everybody by order of somebody.
//!
//! Who is refused by a rule about *us* is blocked, and the service may be fine. A page that an
//! authority or a provider put in the place of the site is a failure for everybody who sees it.

use crate::probe::page::Page;
use crate::soft::Finding;
use crate::soft::context;
use crate::soft::context::Statements;
use crate::soft::error_text::quote;
use crate::soft::reading::Kind;
use crate::soft::reading::Reading;
use crate::soft::words;
use crate::soft::words::BESIDE_CHARS_MAX;
use crate::soft::words::Concepts;

/// Letters up to which a refusal need not say of what.
const SHORT_CHARS: usize = 70;
/// Blocks that lead: a heading and its sentence.
const LEAD_BLOCKS: usize = 2;
/// Letters a notice of an authority may have.
const TEXT_CHARS: usize = 900;

/// Looks for it.
pub fn look(_page: &Page<'_>, reading: &Reading) -> Option<Finding> {
    if !matches!(reading.kind, Kind::Html | Kind::Text) || reading.middle_chars() > TEXT_CHARS {
        return None;
    }
    if words::beside(reading, REFUSING.with(Concepts::REGION).with(Concepts::CANNOT))
        > BESIDE_CHARS_MAX
    {
        return None;
    }
    let title = words::concepts_of(&reading.title.to_lowercase());
    let first = reading.middle().next()?;
    let lead = reading.middle().take(LEAD_BLOCKS).map(|block| words::concepts_of(&block.lower));
    let lead = lead.fold(title, Concepts::with);
    let all =
        reading.middle().map(|block| words::concepts_of(&block.lower)).fold(title, Concepts::with);
    let refuses = all.has_any(Concepts::DENIED.with(Concepts::UNAVAILABLE).with(Concepts::CANNOT));
    let quoted = quote(&first.text);
    if all.has(Concepts::LEGAL)
        && all.has(Concepts::DENIED)
        && lead.has_any(REFUSING)
        && Statements::of(reading).any(Concepts::DENIED, Concepts::SITE)
        && (reading.is_bare() || lead.has(Concepts::DENIED))
    {
        return Finding::fails(0.7, format!("the site is withheld: “{quoted}”"));
    }
    if !reading.is_thin() || context::is_about(reading) || context::is_beside(reading) {
        return None;
    }
    let own = context::in_their_words(reading);
    let said = Statements::of(reading);
    let is_short = said.chars <= SHORT_CHARS;
    let withheld = Concepts::DENIED.with(Concepts::UNAVAILABLE);
    let by_law = |it: Concepts| it.has(Concepts::LEGAL) && it.has_any(withheld);
    if said.each.iter().any(|(it, _)| by_law(*it) && it.has(Concepts::SITE)) {
        return Finding::fails(0.7, format!("the site is withheld: “{quoted}”"));
    }
    if lead.has(Concepts::SUSPENDED) && is_short {
        return Finding::fails(0.7, format!("the site is suspended: “{quoted}”"));
    }
    if lead.has(Concepts::SUSPENDED) && all.has_any(Concepts::SITE.with(Concepts::UNAVAILABLE)) {
        return Finding::fails(0.7, format!("the site is suspended: “{quoted}”"));
    }
    let refuses_here = |block: &crate::soft::reading::Block| {
        let concepts = words::concepts_of(&block.lower);
        concepts.has(Concepts::REGION) && concepts.has_any(REFUSING.with(Concepts::CANNOT))
    };
    let is_lead = reading.middle().take(3).any(refuses_here);
    if is_lead || (lead.has(Concepts::REGION) && refuses && reading.is_bare()) {
        return Finding::blocks(0.8 * own, format!("not from here: “{quoted}”"));
    }
    // A lock or a road is shut too: here it is access, or the page says no more.
    let is_own = said.any(Concepts::DENIED, Concepts::SITE) || is_short;
    if lead.has(Concepts::DENIED) && is_own && !all.has(Concepts::WRONG) {
        return Finding::blocks(0.7 * own.sqrt(), format!("it denies access: “{quoted}”"));
    }
    None
}

const REFUSING: Concepts = Concepts::DENIED.with(Concepts::UNAVAILABLE).with(Concepts::LEGAL);
