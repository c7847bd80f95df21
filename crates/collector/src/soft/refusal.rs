//! Refusals: this client, this country, or everybody by order of somebody.
//!
//! Who is refused by a rule about *us* is blocked, and the service may be fine. A page that an
//! authority or a provider put in the place of the site is a failure for everybody who sees it.

use crate::probe::page::Page;
use crate::soft::Finding;
use crate::soft::context;
use crate::soft::context::Statements;
use crate::soft::error_text::quote;
use crate::soft::history::Usual;
use crate::soft::reading::Kind;
use crate::soft::reading::Reading;
use crate::soft::words;
use crate::soft::words::BESIDE_CHARS_MAX;
use crate::soft::words::Concepts;
use crate::soft::words::date::names_date;

/// Letters up to which a refusal need not say of what.
const SHORT_CHARS: usize = 70;
/// So many dates are a programme, whatever the band is called.
const TOUR_DATES: usize = 2;
/// Letters of a title that says one thing.
const TITLE_CHARS: usize = 40;
/// Blocks that lead: a heading and its sentence.
const LEAD_BLOCKS: usize = 2;
/// Status codes of walls.
const WALLS: &[&str] = &["401", "403", "405", "406", "418", "429", "451"];
/// What hides where somebody comes from.
const TUNNELS: &[&str] =
    &["vpn", "proxy", "прокси", "فیلترشکن", "プロキシ", "代理服务器", "프록시"];
/// Letters a notice of an authority may have.
const TEXT_CHARS: usize = 900;

/// Looks for it.
pub fn look(page: &Page<'_>, reading: &Reading) -> Option<Finding> {
    // A login that has always warned of three wrong tries is one.
    let is_usual = |it: &Usual| {
        it.is_like(page.body.len(), reading.tags) && it.title == reading.title && it.tags >= 1.0
    };
    if page.usual.is_some_and(is_usual) {
        return None;
    }
    if !matches!(reading.kind, Kind::Html | Kind::Text) || reading.middle_chars() > TEXT_CHARS {
        return None;
    }
    if words::beside(reading, ABOUT) > BESIDE_CHARS_MAX {
        return None;
    }
    let title = words::concepts_of(&reading.title.to_lowercase());
    let first = reading.middle().next()?;
    let lead = context::leading(reading, LEAD_BLOCKS).map(|block| words::concepts_of(&block.lower));
    let lead = lead.fold(title, Concepts::with);
    let all =
        reading.middle().map(|block| words::concepts_of(&block.lower)).fold(title, Concepts::with);
    let refuses = all.has_any(Concepts::DENIED.with(Concepts::UNAVAILABLE).with(Concepts::CANNOT));
    let quoted = quote(&first.text);
    if all.has(Concepts::LEGAL)
        && all.has(Concepts::DENIED)
        && lead.has_any(REFUSING)
        && !title.has_any(Concepts::GUIDE.with(Concepts::MANUAL))
        && Statements::of(reading).any(Concepts::DENIED, Concepts::SITE)
        && (reading.is_bare() || lead.has(Concepts::DENIED))
    {
        return Finding::fails(0.7, format!("the site is withheld: “{quoted}”"));
    }
    let refusing = REFUSING.with(Concepts::CANNOT);
    if title.has(Concepts::REGION) && lead.has_any(refusing) && reading.is_bare() {
        return Finding::blocks(0.7, format!("not from here: “{}”", quote(&reading.title)));
    }
    // "405" and nothing else as a title: what stands before the site put its number there.
    let numbered = WALLS.contains(&reading.title.trim());
    if numbered && reading.is_bare() && reading.is_thin() && reading.title.trim().len() == 3 {
        let what = format!("it denies access with a number: “{}”", reading.title.trim());
        return Finding::blocks(0.6, what);
    }
    if !reading.is_thin() || context::is_about(reading) || context::is_beside(reading) {
        return None;
    }
    let own = context::in_their_words(reading);
    let said = Statements::of(reading);
    let is_short = said.chars <= SHORT_CHARS;
    let withheld = Concepts::DENIED.with(Concepts::UNAVAILABLE);
    let by_law = |it: Concepts| it.has(Concepts::LEGAL) && it.has_any(withheld);
    // "This site cannot be reached", and below it by which law.
    let of_first = words::concepts_of(&first.lower);
    let is_headed = first.is_heading
        && of_first.has(Concepts::SITE)
        && of_first.has_any(withheld)
        && said.any(Concepts::LEGAL, Concepts::SITE)
        && reading.is_bare();
    if is_headed || said.each.iter().any(|(it, _)| by_law(*it) && it.has(Concepts::SITE)) {
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
        // "Oh no, we could not bring you the tariffs of your region": that is no refusal.
        concepts.has(Concepts::REGION)
            && concepts.has_any(REFUSING.with(Concepts::CANNOT))
            && !concepts.has(Concepts::WRONG)
    };
    let is_lead = reading.middle().take(3).any(refuses_here);
    if is_lead || (lead.has(Concepts::REGION) && refuses && reading.is_bare()) {
        return Finding::blocks(0.8 * own, format!("not from here: “{quoted}”"));
    }
    // Who asks for a VPN to be switched off, and is sorry or names a region, means who reads it.
    let names_tunnel =
        |block: &crate::soft::reading::Block| TUNNELS.iter().any(|name| block.lower.contains(name));
    let is_sorry = all.has_any(Concepts::SORRY.with(Concepts::DENIED).with(Concepts::LEGAL));
    if reading.middle().any(names_tunnel) && (is_sorry || all.has(Concepts::REGION)) {
        return Finding::blocks(0.65, format!("not from here: “{quoted}”"));
    }
    // A lock or a road is shut too: here it is access, or the page says no more.
    let is_own = said.any(Concepts::DENIED, Concepts::SITE) || is_short;
    // A title that says it and nothing else is that of a wall.
    let titled = title.has(Concepts::DENIED.with(Concepts::SITE))
        && reading.is_bare()
        && reading.middle().filter(|block| names_date(&block.lower)).count() < TOUR_DATES;
    if titled && reading.title.chars().count() <= TITLE_CHARS && !all.has(Concepts::WRONG) {
        return Finding::blocks(0.65, format!("it denies access: “{}”", quote(&reading.title)));
    }
    if lead.has(Concepts::DENIED) && is_own && !all.has(Concepts::WRONG) {
        return Finding::blocks(0.7 * own.sqrt(), format!("it denies access: “{quoted}”"));
    }
    None
}

/// What such pages speak of: what they refuse, and whom to ask.
const ABOUT: Concepts = REFUSING
    .with(Concepts::REGION)
    .with(Concepts::CANNOT)
    .with(Concepts::SUSPENDED)
    .with(Concepts::CONTACT);

const REFUSING: Concepts = Concepts::DENIED.with(Concepts::UNAVAILABLE).with(Concepts::LEGAL);
