//! Something else where the page should be: a page for "not found", HTML where JSON was, the
//! mark of somebody who broke in, a template whose values are missing.

use std::collections::BTreeMap;

use crate::probe::page::Page;
use crate::soft::Finding;
use crate::soft::apology;
use crate::soft::context;
use crate::soft::error_text::is_status;
use crate::soft::error_text::quote;
use crate::soft::reading::Block;
use crate::soft::reading::Kind;
use crate::soft::reading::Place;
use crate::soft::reading::Reading;
use crate::soft::words;
use crate::soft::words::BESIDE_CHARS_MAX;
use crate::soft::words::Concepts;

/// What templates print for values that are not there, and what stands in drafts.
const HOLLOW: &[&str] = &[
    "undefined",
    "NaN",
    "null",
    "[object Object]",
    "Invalid Date",
    "Lorem ipsum",
    "lorem ipsum",
    "dolor sit amet",
    "{{",
    "}}",
    "${",
    "<%=",
    "{$",
    "{%",
    "{include ",
    "<?=",
    "@extends(",
    "@yield(",
    "#{",
    "missing translation",
    "translation missing",
    "Missing translation",
    "Translation missing",
    "%s",
    "#VALUE!",
];
/// Of these, what is never a word of a sentence.
const HOLLOW_ALWAYS: &[&str] =
    &["undefined", "invalid date", "lorem ipsum", "dolor sit amet", "translation missing"];
/// Letters beside which code is explained.
const EXPLAINED_CHARS: usize = 300;
/// What those who break in sign with.
const SIGNATURES: &[&str] =
    &["hacked by", "h4cked", "hacked!", "defaced by", "pwned by", "owned by "];
/// The same text this often is a loop that went wrong.
const REPEATS: usize = 20;
/// A page with more than this many texts of its own says more than the loop.
const DISTINCT_MAX: usize = 8;
/// Below this score of an apology a page that says "not found" means something else.
const STRANGE: f64 = -2.0;
/// Blocks up to which a page is short.
const SHORT_BLOCKS: usize = 12;

/// Looks for it.
pub fn look(page: &Page<'_>, reading: &Reading) -> Option<Finding> {
    if reading.claimed == Kind::Json && reading.kind == Kind::Html {
        return Finding::fails(0.8, "a page of HTML where JSON should be");
    }
    if reading.claimed == Kind::Xml && reading.kind == Kind::Html {
        return Finding::fails(0.7, "a page of HTML where XML should be");
    }
    if reading.kind != Kind::Html {
        return None;
    }
    if page.usual.is_some_and(|usual| usual.tags < 1.0 && usual.bytes > 100.0) && reading.tags > 3 {
        return Finding::fails(0.8, "a page of HTML where other data was");
    }
    let middle: Vec<&Block> = reading.middle().collect();
    signed(reading, &middle)
        .or_else(|| not_found(page, reading, &middle))
        .or_else(|| portal(reading))
        .or_else(|| hollow(reading, &middle))
        .or_else(|| repeated(reading, &middle))
}

fn signed(reading: &Reading, middle: &[&Block]) -> Option<Finding> {
    if !reading.is_thin() {
        return None;
    }
    let title = reading.title.to_lowercase();
    let lead = middle.iter().take(2).map(|block| block.lower.as_str()).chain([title.as_str()]);
    let is_signed = |text: &str| SIGNATURES.iter().any(|mark| text.starts_with(mark));
    let mut lead = lead;
    let found = lead.find(|text| is_signed(text.trim_start()))?;
    Finding::fails(0.75, format!("somebody else signs the page: “{}”", quote(found)))
}

fn not_found(page: &Page<'_>, reading: &Reading, middle: &[&Block]) -> Option<Finding> {
    let title = words::concepts_of(&reading.title.to_lowercase());
    let lead = middle.iter().take(2).find(|block| {
        words::concepts_of(&block.lower).has(Concepts::NOT_FOUND) || is_status(&block.text)
    });
    let in_title = title.has(Concepts::NOT_FOUND) && reading.title.chars().count() < 90;
    let is_search = page.url.path.contains('?') && page.usual.is_none();
    if is_search
        || reading.pictures >= 4
        || reading.middle_chars() > 600
        || reading.article_chars > 600
    {
        return None;
    }
    if words::beside(reading, ABOUT) > BESIDE_CHARS_MAX || context::is_about(reading) {
        return None;
    }
    // Several headings are a list: of lines, of roads, of rooms.
    let is_list = middle.iter().filter(|block| block.is_heading).count() >= LIST_HEADINGS;
    let sure = match (lead, in_title) {
        (Some(_), false) if is_list => return None,
        (Some(_), true) => 0.85,
        _ if context::is_beside(reading) => return None,
        (Some(block), false) if block.is_heading && reading.is_thin() => 0.7,
        (Some(_), false) if reading.middle_chars() < 200 => 0.6,
        (None, true) if reading.is_thin() => 0.5,
        _ => return None,
    };
    let said = lead.map_or(reading.title.as_str(), |block| &block.text);
    let sure = sure * context::in_their_words(reading).sqrt();
    // Said twice, or of the page itself, it is meant.
    let misses = middle.iter().filter(|it| words::concepts_of(&it.lower).has(Concepts::NOT_FOUND));
    let of_page = Concepts::NOT_FOUND.with(Concepts::SITE);
    let is_meant = context::known_part(reading) >= MEANT_KNOWN
        && misses.clone().count() >= 2
        && misses.clone().any(|it| words::concepts_of(&it.lower).has(of_page));
    let is_headed = lead.is_some_and(|block| {
        let said = words::concepts_of(&block.lower);
        block.is_heading && said.has(of_page) && in_title
    });
    let is_strange = apology::score(reading) < STRANGE && !is_meant && !is_headed;
    // What stands in the title and on the page, with its number, is meant.
    let has_number = middle.iter().any(|block| is_status(&block.text) || names_404(&block.text));
    let damp = if lead.is_some() && in_title && has_number { 0.8 } else { 0.5 };
    let sure = if is_strange { sure * damp } else { sure };
    Finding::fails(sure, format!("a page for “not found”: “{}”", quote(said)))
}

/// Share of known words of a page that says twice that it is not found.
const MEANT_KNOWN: f64 = 0.5;
/// So many headings are no page for "not found".
const LIST_HEADINGS: usize = 4;

/// "Error code 404".
fn names_404(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_digit()).any(|number| number == "404")
}

/// What a page for "not found" speaks of.
const ABOUT: Concepts = Concepts::NOT_FOUND
    .with(Concepts::ERROR)
    .with(Concepts::CANNOT)
    .with(Concepts::RETRY)
    .with(Concepts::SORRY);

/// The page of a network that wants to be accepted first: that network is ours, not the target's.
fn portal(reading: &Reading) -> Option<Finding> {
    let lead = reading.middle().take(3).map(|block| block.lower.as_str());
    let title = reading.title.to_lowercase();
    let lead: Vec<&str> = lead.chain([title.as_str()]).collect();
    let concepts = words::concepts_of(&lead.join(" "));
    let asks = reading.fields > 0 || reading.blocks.iter().any(|b| b.place == Place::Control);
    (concepts.has(Concepts::PORTAL) && reading.is_thin() && reading.is_bare() && asks)
        .then(|| Finding::blocks(0.6, "a network on the way wants to be accepted first"))?
}

fn hollow(reading: &Reading, middle: &[&Block]) -> Option<Finding> {
    // Who writes about templates shows them.
    if context::shows_code(reading) && reading.middle_chars() >= EXPLAINED_CHARS {
        return None;
    }
    let shown: Vec<&Block> =
        reading.blocks.iter().filter(|b| b.place != Place::Frame && !b.is_code).collect();
    let is_hollow = |block: &&&Block| {
        // Programs write it so and no other way; who is called "NULL" does not.
        let text = block.text.as_str();
        HOLLOW.iter().any(|mark| {
            if mark.chars().all(char::is_alphabetic) {
                text.split(|c: char| !c.is_alphanumeric()).any(|word| word == *mark)
            } else {
                text.contains(mark)
            }
        }) || is_key(&block.lower)
    };
    let count = shown.iter().filter(is_hollow).count();
    // "Nan" is bread and "null" is German for zero: once is a word.
    let is_word =
        |block: &&&Block| block.lower.contains(' ') && !block.lower.contains(['{', '$', '%', '[']);
    let is_once = shown.iter().filter(is_hollow).filter(is_word).count() == count
        && !shown.iter().any(|b| HOLLOW_ALWAYS.iter().any(|mark| b.lower.contains(mark)));
    let share = count as f64 / shown.len().max(1) as f64;
    let in_title = is_key(&reading.title.to_lowercase());
    let is_short = middle.len() <= SHORT_BLOCKS || share >= 0.5;
    if is_once && (count < 3 || shown.len() < 6) {
        return None;
    }
    if (count >= 3 && share >= 0.3) || (count >= 1 && share >= 0.4 && is_short) {
        let first = shown.iter().find(is_hollow).map_or("", |block| block.text.as_str());
        let sure = if in_title || share >= 0.5 || count >= 3 { 0.75 } else { 0.55 };
        return Finding::fails(sure, format!("values are missing: “{}”", quote(first)));
    }
    None
}

/// A key of a translation, such as `home.hero.title`, shown in place of the text.
fn is_key(text: &str) -> bool {
    let text = text.trim();
    let parts: Vec<&str> = text.split('.').collect();
    let is_name = |part: &&str| {
        part.len() >= 2 && part.bytes().all(|b| b.is_ascii_lowercase() || b == b'_' || b == b'-')
    };
    let is_address = [
        "com", "org", "net", "example", "dev", "html", "htm", "php", "txt", "json", "xml", "css",
        "png", "jpg", "svg", "pdf", "zip", "tar", "gz", "csv", "conf", "toml", "yaml", "yml",
    ];
    parts.len() >= 2
        && !text.contains(' ')
        && parts.iter().all(is_name)
        && !parts.last().is_some_and(|last| last.len() <= 2 || is_address.contains(last))
}

fn repeated(reading: &Reading, middle: &[&Block]) -> Option<Finding> {
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    for block in middle.iter().filter(|block| block.text.chars().count() >= 8) {
        *times.entry(&block.lower).or_default() += 1;
    }
    let (text, most) = times.iter().max_by_key(|(_, count)| **count)?;
    // Goods may be out of stock three times; boxes of a page fail to load three times.
    let said = words::concepts_of(text);
    let is_sentence = text.contains(' ') && reading.prices() == 0;
    let fails = said.has(Concepts::WRONG)
        || said.has_any(Concepts::UNAVAILABLE.with(Concepts::CANNOT).with(Concepts::ERROR))
            && (is_sentence || said.has_any(Concepts::SITE.with(Concepts::RETRY)));
    if fails && *most >= 3 && *most * 5 >= middle.len() * 2 {
        return Finding::fails(0.6, format!("{most} times: “{}”", quote(text)));
    }
    if *most >= REPEATS && times.len() <= DISTINCT_MAX && *most * 3 >= middle.len() {
        let what = format!("the same text {most} times: “{}”", quote(text));
        return Finding::fails(0.7, what);
    }
    None
}
