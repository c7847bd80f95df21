//! Stated: one sentence says of the site itself that it is away at this moment.
//!
//! "The app and the site do not work at present, since we move to new machines": a page can say so
//! among sentences about telephones, branches and times that no rule about shares of words lets
//! pass. So where a page has no menu, no pictures and no offers, one sentence is enough that names
//! the site, what it does not do, and that it is so now.
//!
//! # What it cannot tell
//!
//! Which site is meant, where a page is about another.

use crate::probe::page::Page;
use crate::soft::Finding;
use crate::soft::context;
use crate::soft::context::Statements;
use crate::soft::error_text::quote;
use crate::soft::reading::Kind;
use crate::soft::reading::Reading;
use crate::soft::reading::weight;
use crate::soft::words;
use crate::soft::words::Concepts;
use crate::soft::words::sentence::sentences;
use crate::soft::words::sentence::stated;

/// Blocks in which it is said.
const LEAD_BLOCKS: usize = 4;
/// Letters that such a page may have.
const TEXT_CHARS: usize = 700;
/// Links of a page without a menu.
const LINKS: usize = 3;
/// Letters of the shortest sentence.
const SENTENCE_CHARS: usize = 30;
/// Share of known words: who tells of a school or a lift names other things.
const KNOWN_MIN: f64 = 0.4;
/// How sure it is.
const SURE: f64 = 0.55;

/// Looks for it.
pub fn look(_page: &Page<'_>, reading: &Reading) -> Option<Finding> {
    let is_page = matches!(reading.kind, Kind::Html | Kind::Text);
    let stands_alone = reading.links <= LINKS
        && reading.pictures <= 2
        && reading.fields <= 1
        && reading.article_chars == 0;
    if !is_page || !stands_alone || reading.middle_chars() > TEXT_CHARS {
        return None;
    }
    if context::known_part(reading) < KNOWN_MIN || context::is_about(reading) {
        return None;
    }
    let lead = reading.middle().filter(|block| !block.is_code).take(LEAD_BLOCKS);
    let said = lead.filter(|block| {
        let text = stated(&block.lower);
        sentences(&text).any(|it| weight(it) >= SENTENCE_CHARS && says_so(words::concepts_of(it)))
    });
    let first = said.into_iter().next();
    let first = first.or_else(|| reading.middle().next().filter(|_| is_lone(reading)))?;
    Finding::fails(SURE, format!("it says that it is away: “{}”", quote(&first.text)))
}

/// Nothing but what such pages say, in a sentence or three.
fn is_lone(reading: &Reading) -> bool {
    let said = Statements::of(reading);
    let is_other = said.any(NOT_OURS, NOT_OURS);
    let known = context::known_part(reading);
    said.chars <= PLEA_CHARS
        && !is_other
        && (asks_for_patience(&said, known)
            || lets_wait(&said)
            || tidies(&said, known)
            || leads_nowhere(&said, known))
}

/// "You are in line. 4,812 people are ahead of you", "You have used up your requests".
fn lets_wait(said: &Statements) -> bool {
    let busy = said.each.iter().filter(|(it, _)| it.has(Concepts::BUSY));
    let of_site = Concepts::SITE.with(Concepts::BUSY);
    let busy = busy.count();
    busy >= 2
        || busy >= 1 && said.any(Concepts::RETRY, Concepts::RETRY)
        || said.each.iter().any(|(it, _)| it.has(of_site))
}

/// "We are having a spruce-up behind the scenes, and are back by teatime."
fn tidies(said: &Statements, known: f64) -> bool {
    let upkeep = said.each.iter().filter(|(it, _)| it.has(Concepts::UPKEEP));
    upkeep.count() >= 2 && said.any(Concepts::LATER, Concepts::LATER) && known >= PLEA_KNOWN
}

/// "The page you look for cannot be found. It may have been moved."
fn leads_nowhere(said: &Statements, known: f64) -> bool {
    let of_page = Concepts::SITE.with(Concepts::NOT_FOUND);
    known >= NOWHERE_KNOWN && said.each.iter().any(|(it, _)| it.has(of_page))
}

/// Share of known words of a page that leads nowhere.
const NOWHERE_KNOWN: f64 = 0.42;

/// What notices speak of that are no page's own.
const NOT_OURS: Concepts = OTHERWISE.with(Concepts::CLOSED).with(Concepts::PLACE);

/// "We are changing machines, the site will be back at six, sorry": nothing but a site, a time, and
/// a plea to come again.
fn asks_for_patience(said: &Statements, known: f64) -> bool {
    known >= PLEA_KNOWN
        && said.any(Concepts::LATER, Concepts::LATER)
        && said.any(Concepts::SITE, Concepts::SITE)
        && said.any(COME_AGAIN, COME_AGAIN)
}

/// Letters of a page that asks for patience and says no more.
const PLEA_CHARS: usize = 260;
/// Share of known words in it.
const PLEA_KNOWN: f64 = 0.6;
/// How it asks.
const COME_AGAIN: Concepts = Concepts::RETRY.with(Concepts::SORRY);

fn says_so(it: Concepts) -> bool {
    it.has(Concepts::SITE) && it.has(Concepts::LATER) && it.has_any(AWAY) && !it.has_any(OTHERWISE)
}

/// What it does not do.
const AWAY: Concepts = Concepts::UNAVAILABLE.with(Concepts::CANNOT).with(Concepts::UNDER);
/// What such a sentence would not say.
const OTHERWISE: Concepts = Concepts::TOLD
    .with(Concepts::WELL)
    .with(Concepts::GUIDE)
    .with(Concepts::EXPLAINS)
    .with(Concepts::LOGIN);
