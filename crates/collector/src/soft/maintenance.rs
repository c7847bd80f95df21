//! Maintenance pages, and pages that ask people to queue because there are too many of them.
//!
//! "Maintenance" alone is a trade and a word of notices: it counts when the little that stands on
//! the page speaks of the site itself.

use crate::probe::page::Page;
use crate::soft::Finding;
use crate::soft::context;
use crate::soft::context::Statements;
use crate::soft::error_text::quote;
use crate::soft::reading::BUTTON_CHARS;
use crate::soft::reading::Block;
use crate::soft::reading::Kind;
use crate::soft::reading::Reading;
use crate::soft::reading::weight;
use crate::soft::words;
use crate::soft::words::BESIDE_CHARS_MAX;
use crate::soft::words::Concepts;
use crate::soft::words::date::names_date;
use crate::soft::words::sentence::stated;

/// Letters up to which a page with nothing else is nothing but its announcement.
const BARE_CHARS: usize = 70;
/// How sure a page is that is an announcement and nothing else.
const TERSE_SURE: f64 = 0.65;
/// What is left of it where it names its day.
const PLANNED: f64 = 0.45;
/// How much more sure it is of a page that loads itself again, to keep people waiting.
const RELOADS_SURE: f64 = 0.25;
/// Letters up to which a page is an announcement and nothing else.
const TERSE_CHARS: usize = 260;
/// Letters up to which "in maintenance" need not say what is.
const SHORT_CHARS: usize = 90;
/// Letters up to which who speaks of a queue need not say for what.
const QUEUE_CHARS: usize = 110;
/// Share of known words that a page of a queue has.
const QUEUE_KNOWN: f64 = 0.5;
/// How sure a page is whose heading says it.
const HEADED_SURE: f64 = 0.75;
/// Links of a page with nowhere to go.
const HEADED_LINKS: usize = 3;
/// Letters of other sentences that it may have.
const TERSE_BESIDE_CHARS: usize = 60;
/// Letters an announcement may have.
const TEXT_CHARS: usize = 700;

/// Looks for it.
pub fn look(_page: &Page<'_>, reading: &Reading) -> Option<Finding> {
    if !matches!(reading.kind, Kind::Html | Kind::Text) || reading.middle_chars() > TEXT_CHARS {
        return None;
    }
    if words::beside(reading, ABOUT) > BESIDE_CHARS_MAX
        || context::is_about(reading)
        || context::is_beside(reading)
    {
        return None;
    }
    let title = words::concepts_of(&stated(&reading.title.to_lowercase()));
    let lead: Vec<_> = context::leading(reading, 3).collect();
    let first = *lead.first()?;
    let of_first = words::concepts_of(&stated(&first.lower));
    let concepts = lead
        .iter()
        .map(|block| words::concepts_of(&stated(&block.lower)))
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
    let damp = damp * context::in_their_words(reading).sqrt();
    // What is planned names its day, and what is so now says that it is.
    let mut dated = reading.middle().filter(|block| names_date(&block.lower));
    let is_planned = dated.any(|block| {
        let said = words::concepts_of(&block.lower);
        let is_topic = block.is_heading && said.has(Concepts::UPKEEP);
        let is_other = !concepts.has(Concepts::UNDER) || !said.has(Concepts::SITE);
        is_topic || is_other && said.has_any(ABOUT.with(Concepts::CLOSED))
    });
    let damp = if is_planned { damp * PLANNED } else { damp };
    // The pool is closed for upkeep, and no sentence says so of the site.
    let of_place = lead.iter().any(|block| words::concepts_of(&block.lower).has(Concepts::PLACE));
    let is_site = |it: Concepts| it.has(Concepts::SITE) && it.has_any(OF_ITSELF);
    let said = Statements::of(reading);
    let is_placed = of_place && !said.each.iter().any(|(it, _)| is_site(*it));
    let damp = if is_placed { damp * PLACED } else { damp };
    // A pool, a road, a lift: who means the site says so.
    let is_own = concepts.has_any(OF_THE_SITE);
    let of_upkeep = if is_own { damp } else { damp * 0.5 };
    let reloads = if reading.reloads && reading.is_thin() { RELOADS_SURE } else { 0.0 };
    let terse = |topic| if is_terse(reading, topic) { TERSE_SURE } else { 0.0 };
    let headed = if is_headed(reading, first) && !of_place { HEADED_SURE } else { 0.0 };
    let upkeep = strength(Concepts::UPKEEP, &upkeep).max(terse(Concepts::UPKEEP)).max(headed);
    let busy = strength(Concepts::BUSY, &busy).max(terse(Concepts::BUSY));
    let (upkeep, busy) = (more(upkeep, reloads), more(busy, reloads));
    if busy * damp > upkeep * of_upkeep {
        return Finding::fails(
            busy * damp,
            format!("too many people at once: “{}”", quote(&first.text)),
        );
    }
    if upkeep == 0.0 {
        return None;
    }
    Finding::fails(upkeep * of_upkeep, format!("a maintenance page: “{}”", quote(&first.text)))
}

/// What says so too, where something is said at all.
fn more(sure: f64, also: f64) -> f64 {
    if sure == 0.0 { 0.0 } else { (sure + also).min(0.95) }
}

/// "Maintenance is under way" and nothing else as the heading, and nowhere to go from there.
fn is_headed(reading: &Reading, first: &Block) -> bool {
    const NOW: Concepts = Concepts::UPKEEP.with(Concepts::UNDER);
    first.is_heading
        && weight(&first.text) <= BUTTON_CHARS
        && words::concepts_of(&stated(&first.lower)).has(NOW)
        && reading.links <= HEADED_LINKS
        && reading.pictures <= 2
}

/// The page announces it in a sentence or two and says nothing else.
fn is_terse(reading: &Reading, topic: Concepts) -> bool {
    const SELF: Concepts =
        Concepts::SITE.with(Concepts::LATER).with(Concepts::RETRY).with(Concepts::SORRY);
    const SELF_NOW: Concepts = Concepts::UNAVAILABLE
        .with(Concepts::CANNOT)
        .with(Concepts::LATER)
        .with(Concepts::SORRY)
        .with(Concepts::CLOSED)
        .with(Concepts::UNDER);
    let said = Statements::of(reading);
    let states = if topic == Concepts::UPKEEP {
        let is_now = |it: Concepts| it.has(topic.with(Concepts::SITE)) && it.has_any(SELF_NOW);
        said.each.iter().any(|(it, _)| is_now(*it))
            || said.any(Concepts::UNDER, Concepts::UNDER)
                && (said.chars <= SHORT_CHARS || said.any(Concepts::SITE, Concepts::SITE))
            // "Unavailable for maintenance. Come back later."
            || said.any(Concepts::UPKEEP, Concepts::UNAVAILABLE)
                && said.any(COME_BACK, COME_BACK)
                && context::known_part(reading) >= QUEUE_KNOWN
            // "We are working on the site. Come back later."
            || said.any(Concepts::FIXING, Concepts::SITE)
                && said.any(COME_BACK, COME_BACK)
                && context::known_part(reading) >= QUEUE_KNOWN
    } else {
        // "Very busy" is said of phones too, with words that no queue has.
        let known = context::known_part(reading);
        known >= QUEUE_KNOWN
            && (said.any(topic, SELF) || said.chars <= QUEUE_CHARS && said.any(topic, topic))
    };
    states
        && said.chars <= TERSE_CHARS
        && said.beside(words::RELATED.with(Concepts::SITE)) <= TERSE_BESIDE_CHARS
}

/// What only the site itself can be meant by.
const OF_THE_SITE: Concepts =
    Concepts::SITE.with(Concepts::RETRY).with(Concepts::WRONG).with(Concepts::UNDER);

/// What a sentence says of the site that is not there.
const OF_ITSELF: Concepts =
    Concepts::UPKEEP.with(Concepts::UNDER).with(Concepts::UNAVAILABLE).with(Concepts::CANNOT);
/// What is left of a notice on a place.
const PLACED: f64 = 0.4;

/// How such a page asks for patience.
const COME_BACK: Concepts = Concepts::RETRY.with(Concepts::LATER);

/// What such pages speak of.
const ABOUT: Concepts = Concepts::UPKEEP
    .with(Concepts::BUSY)
    .with(Concepts::LATER)
    .with(Concepts::SORRY)
    .with(Concepts::UNAVAILABLE)
    .with(Concepts::RETRY);
