//! Error text: the middle of the page says that something failed, and says little else.
//!
//! A sentence is an apology by its concepts. It makes the page a failure when it leads the middle
//! of the page or is most of it. A title that says so counts too. Articles are left alone.

use crate::probe::page::Page;
use crate::repeated::repeated;
use crate::soft::Finding;
use crate::soft::apology;
use crate::soft::context;
use crate::soft::context::Statements;
use crate::soft::dump;
use crate::soft::reading::BUTTON_CHARS;
use crate::soft::reading::Block;
use crate::soft::reading::Kind;
use crate::soft::reading::Place;
use crate::soft::reading::Reading;
use crate::soft::reading::THIN_CHARS;
use crate::soft::reading::weight;
use crate::soft::words;
use crate::soft::words::BESIDE_CHARS_MAX;
use crate::soft::words::Concepts;
use crate::soft::words::SENTENCE_CHARS;
use crate::soft::words::date::names_date;
use crate::soft::words::sentence::stated;

/// From this strength on a sentence is an apology.
const APOLOGY: f64 = 2.0;
/// Letters of own prose from which on an apology is a part of the page and not the page.
const PROSE_CHARS: usize = 900;
/// Letters of the shortest sentence that can lead.
const LEAD_CHARS: usize = 30;
/// Blocks beyond which the middle is a list, as on a notice page.
const BLOCKS_MAX: usize = 5;
/// Letters up to which a page is a statement and nothing else.
const TERSE_CHARS: usize = 260;
/// Letters of other sentences that such a page may have: a name, an address to write to.
const TERSE_BESIDE_CHARS: usize = 70;
/// A score from which on a page that names a failure is an apology, wherever its sentences stand.
const CLEAR: f64 = 1.5;
/// How strongly a page says it that stands alone with it.
const CLEARLY: f64 = 3.0;
/// Below minus this score nothing is left of what rules found, …
const DOUBT: f64 = 2.0;
/// … and this much above it all of it.
const TRUST: f64 = 2.0;
/// How sure a page is that says it in its heading, and more below it.
const HEADED: f64 = 0.6;
/// How sure a page is that says it in one sentence below its name.
const LONE: f64 = 0.55;
/// Share of known words in it.
const LONE_KNOWN: f64 = 0.38;
/// Blocks of such a page.
const LONE_BLOCKS: usize = 2;
/// Two blocks that are one apology together have at least this strength, …
const TWICE: f64 = 3.0;
/// … and stand within so many at the beginning.
const TWO_WITHIN: usize = 4;
/// Characters of an apology that a reason repeats.
const QUOTED_CHARS: usize = 90;

/// Looks for it.
pub fn look(_page: &Page<'_>, reading: &Reading) -> Option<Finding> {
    if !matches!(reading.kind, Kind::Html | Kind::Text) {
        return None;
    }
    // Who refuses a region says that it cannot, too: see `refusal`.
    let refused = Statements::of(reading).any(Concepts::REGION, REFUSED);
    if refused && reading.is_thin() || context::is_about(reading) {
        return None;
    }
    let title = words::concepts_of(&reading.title.to_lowercase());
    let prose = reading.middle().filter(|b| !b.is_code && !dump::is_machines(b)).map(weigh);
    let mut prose: Vec<Weighed<'_>> = prose.filter(|it| !it.is_advice).collect();
    // What just failed names no day; what is reported or announced does.
    let names_day = |it: &Weighed<'_>| {
        (it.concepts.has(Concepts::DAY) || names_date(&it.block.lower)) && it.strength >= 1.0
    };
    let is_dated = prose.iter().any(names_day);
    if is_dated {
        prose.iter_mut().for_each(|it| it.strength *= 0.5);
    }
    let whole: usize = prose.iter().map(|it| it.chars).sum();
    if whole == 0 || whole > PROSE_CHARS || reading.article_chars > PROSE_CHARS {
        return None;
    }
    // What a page says in two blocks, "Sorry" and "try later", it says together.
    let all = prose.iter().fold(Concepts::default(), |sum, it| sum.with(it.concepts));
    let of = |min: f64| prose.iter().filter(move |it| it.strength >= min);
    let failing: usize = of(APOLOGY).map(|it| it.chars).sum();
    let related: usize = of(1.0).map(|it| it.chars).sum();
    // Whole sentences about something else: an article, a notice, a help page.
    let other: usize = prose
        .iter()
        .filter(|it| it.strength < APOLOGY && it.chars > SENTENCE_CHARS && !it.is_kin)
        .map(|it| it.chars)
        .sum();
    let strangers = prose.iter().filter(|it| it.strength < 1.0).count();
    let score = apology::score(reading);
    let is_clear = score >= CLEAR && words::failing(all) >= APOLOGY;
    let heads_twice = opens_with_it(&prose);
    if other > BESIDE_CHARS_MAX && !is_clear && !(heads_twice && other <= PROSE_CHARS / 2) {
        return None;
    }
    let first = of(APOLOGY).next();
    // Names and headings may stand before the first sentence.
    let lead = prose.iter().find(|it| it.chars >= LEAD_CHARS).or(prose.first());
    let leads = lead.is_some_and(|it| it.strength >= APOLOGY)
        || prose
            .iter()
            .take(3)
            .take_while(|it| it.chars < SENTENCE_CHARS || it.strength >= 1.0)
            .any(|it| it.strength >= APOLOGY);
    let share = |part: usize| part as f64 / whole as f64;
    let is_thin = whole <= THIN_CHARS;
    let heads = lead.is_some_and(|it| it.block.is_heading && it.strength >= APOLOGY);
    let goods = reading.pictures.min(12) + list_links(reading);
    let shows_code = context::shows_code(reading);
    let is_pleading = is_thin && goods < 12 && !shows_code && !is_dated && pleads(&prose);
    if !heads && !is_clear && !is_pleading && !retries(reading) && context::is_beside(reading) {
        return None;
    }
    let title_fails = words::failing(title) >= 1.5 || is_status(&reading.title);
    let has_status = prose.iter().any(|it| it.block.is_heading && is_status(&it.block.text));
    let sure = match first {
        Some(_) if leads && share(related) >= 0.6 && strangers <= 4 => 0.9,
        Some(_) if leads && share(failing) >= 0.3 && is_thin && strangers <= 5 => 0.8,
        Some(it) if it.block.is_heading && is_thin && strangers <= 4 => 0.7,
        Some(_) if share(related) >= 0.6 && strangers <= 4 => 0.6,
        Some(_) if title_fails => 0.7,
        None if is_thin && title_fails && words::failing(all) >= 1.0 => 0.7,
        None if is_thin
            && words::failing(all) >= 2.0
            && all.has_any(OWN)
            && !is_dated
            && strangers <= 2
            && leads_loosely(&prose) =>
        {
            0.6
        }
        None if is_thin && has_status => 0.8,
        _ if is_terse(reading) && !is_dated => 0.65,
        _ if is_clear && !is_dated => 0.6,
        _ if is_pleading || retries(reading) || (is_thin && says_in_two(&prose)) => 0.0,
        _ => return None,
    };
    // A shop full of goods with one apology in it still sells, a list of services with one in it
    // still informs, and what shows code explains it.
    let speaks_so = is_thin && !is_dated && says_in_two(&prose);
    let is_list =
        prose.len() > BLOCKS_MAX && share(failing) < 0.7 && !(title_fails && heads_fail(&prose));
    let sure = if goods >= 12 || is_list || shows_code { sure * 0.5 } else { sure };
    let sure = sure * ((score + DOUBT) / TRUST).clamp(0.2, 1.0);
    // "Posts could not be loaded", and nothing else, is enough.
    let is_lone = first.is_some_and(|it| it.concepts.has(Concepts::WRONG))
        && share(failing) >= 0.6
        && prose.len() <= LONE_BLOCKS
        && context::known_part(reading) >= LONE_KNOWN
        && !shows_code
        && !is_dated;
    let sure = if is_lone { sure.max(LONE) } else { sure };
    // What is out of order is something else, unless the page names itself or another try.
    let is_own = all.has_any(MEANS_ITSELF);
    let sure = if is_own { sure } else { sure * 0.6 };
    let sure = if is_pleading { sure.max(LONE) } else { sure };
    // Who says it in the title, in the heading and to the reader means the page.
    let speaks = all.has_any(Concepts::RETRY.with(Concepts::SORRY).with(Concepts::FIXING));
    let is_title = title_fails && heads && speaks;
    let is_said = is_thin && (is_sorry(&prose) || is_numbered(reading, &prose));
    // The title, the heading, and nowhere to go from here.
    let is_whole_page = title_fails && heads && reading.links <= 1 && is_thin;
    let is_said = is_said || is_whole_page && prose.iter().any(|it| it.strength >= CLEARLY);
    let is_told = is_title || heads_twice || speaks_so || is_said || retries(reading);
    let sure = if is_told && !is_dated && !shows_code { sure.max(HEADED) } else { sure };
    let said = first.or(prose.iter().max_by(|a, b| a.strength.total_cmp(&b.strength)));
    let quoted = said.map_or(reading.title.as_str(), |it| it.block.text.as_str());
    Finding::fails(sure, format!("the page says: “{}”", quote(quoted)))
}

/// What tells a failure of the page from one of the world.
const OWN: Concepts = Concepts::WRONG
    .with(Concepts::OOPS)
    .with(Concepts::ERROR)
    .with(Concepts::RETRY)
    .with(Concepts::SITE)
    .with(Concepts::FIXING);

/// What a page that is out of order itself says.
const MEANS_ITSELF: Concepts =
    Concepts::WRONG.with(Concepts::OOPS).with(Concepts::RETRY).with(Concepts::SITE);

const REFUSED: Concepts =
    Concepts::UNAVAILABLE.with(Concepts::DENIED).with(Concepts::CANNOT).with(Concepts::LEGAL);

struct Weighed<'a> {
    block: &'a Block,
    concepts: Concepts,
    strength: f64,
    chars: usize,
    /// It only supposes or asks: "if the problem persists, call us".
    is_advice: bool,
    /// It is sorry, asks for another try, or tells who works on it.
    is_kin: bool,
}

/// The page says in a sentence or two that it does not work, and nothing else.
fn is_terse(reading: &Reading) -> bool {
    let said = Statements::of(reading);
    const FAILS: Concepts =
        Concepts::CANNOT.with(Concepts::UNAVAILABLE).with(Concepts::ERROR).with(Concepts::BUSY);
    said.chars <= TERSE_CHARS
        && said.beside(words::RELATED) <= TERSE_BESIDE_CHARS.min(said.chars / 4)
        && !said.any(Concepts::DAY, FAILS)
        && (said.any(Concepts::WRONG, Concepts::WRONG)
            || said.any(FAILS, Concepts::SITE)
            || (said.any(FAILS, FAILS) && said.any(Concepts::FIXING, Concepts::FIXING)))
}

/// An apology with a button to try again right below it: no article has one.
fn retries(reading: &Reading) -> bool {
    let shown: Vec<&Block> = reading.blocks.iter().filter(|b| b.place != Place::Frame).collect();
    shown.windows(2).any(|pair| {
        let [said, below] = pair else { return false };
        said.place == Place::Middle
            && !said.is_code
            && weigh(said).strength >= APOLOGY
            && below.place == Place::Control
            && weight(&below.text) <= BUTTON_CHARS
            && words::concepts_of(&below.lower).has(Concepts::RETRY)
    })
}

/// One of the first blocks says what failed, and the next asks for another try.
fn says_in_two(prose: &[Weighed<'_>]) -> bool {
    let own = Concepts::SORRY.with(Concepts::OOPS).with(Concepts::WRONG);
    prose.len() <= BLOCKS_MAX
        && prose.windows(2).take(TWO_WITHIN).any(|pair| {
            let both = pair.iter().fold(Concepts::default(), |sum, it| sum.with(it.concepts));
            let fails = pair.first().is_some_and(|it| it.strength >= 1.5);
            let goes_on = pair.get(1).is_some_and(|it| it.is_kin);
            fails
                && goes_on
                && both.has(Concepts::RETRY)
                && both.has_any(own)
                && words::failing(both) >= TWICE
        })
}

/// "Sorry, the list of duties was not loaded": only machines load, show or fetch.
fn pleads(prose: &[Weighed<'_>]) -> bool {
    const TO_US: Concepts = Concepts::SORRY.with(Concepts::OOPS).with(Concepts::FIXING);
    const SORRY: Concepts = Concepts::SORRY.with(Concepts::OOPS);
    const CANNOT: Concepts = Concepts::CANNOT.with(Concepts::UNAVAILABLE);
    const MENDED: Concepts = Concepts::FIXING.with(Concepts::UPKEEP);
    const UNLOADED: Concepts = Concepts::CANNOT.with(Concepts::DONE);
    const ELSEWHERE: Concepts = Concepts::PLACE.with(Concepts::TOLD).with(Concepts::CLOSED);
    prose.len() <= BLOCKS_MAX
        && prose.iter().any(|it| {
            let said = it.concepts;
            let is_ours = said.has(UNLOADED) && said.has_any(TO_US)
                || said.has_any(SORRY) && said.has_any(MENDED) && said.has_any(CANNOT);
            is_ours && !said.has_any(ELSEWHERE)
        })
}

/// A heading says at least half of an apology.
fn heads_fail(prose: &[Weighed<'_>]) -> bool {
    prose.iter().take(2).any(|it| it.block.is_heading && it.strength >= 1.0)
}

/// "Sorry!", and below it what failed and when to try again.
fn is_sorry(prose: &[Weighed<'_>]) -> bool {
    let Some(at) = prose.iter().take(2).position(|it| it.block.is_heading) else { return false };
    let [head, said, ..] = &prose[at..] else { return false };
    const ALONE: Concepts = Concepts::SORRY.with(Concepts::OOPS);
    head.concepts.has_any(ALONE)
        && head.chars <= BUTTON_CHARS
        && said.strength >= APOLOGY + 1.0
        && said.concepts.has_any(Concepts::RETRY.with(Concepts::LATER))
        && prose.len() <= BLOCKS_MAX
}

/// "Error: 500" as a title, an error as the heading, and a line below it at most.
fn is_numbered(reading: &Reading, prose: &[Weighed<'_>]) -> bool {
    let number = reading.title.split(|c: char| !c.is_ascii_digit()).find(|it| !it.is_empty());
    prose.len() <= LONE_BLOCKS
        && is_status(&reading.title)
        && number.is_some_and(|it| it.starts_with('5'))
        && prose.first().is_some_and(|it| it.block.is_heading && it.strength >= APOLOGY)
}

/// A heading that fails, and below it an apology: what follows, whom to call, is advice.
fn opens_with_it(prose: &[Weighed<'_>]) -> bool {
    let [first, second, ..] = prose else { return false };
    let own = Concepts::SITE.with(Concepts::WRONG);
    first.block.is_heading
        && first.strength >= 1.5
        && first.concepts.has_any(own)
        && second.strength >= APOLOGY + 1.0
}

/// The first blocks say at least half of an apology.
fn leads_loosely(prose: &[Weighed<'_>]) -> bool {
    prose.iter().take(2).any(|it| it.strength >= 1.0)
}

fn weigh(block: &Block) -> Weighed<'_> {
    let stated = stated(&block.lower);
    let concepts = words::concepts_of(&stated);
    let chars = weight(&block.text);
    let is_advice = weight(stated.trim()) * 4 < chars;
    // A long paragraph has many words of every kind.
    let strength = words::failing(concepts) * if chars > 500 { 0.4 } else { 1.0 };
    // A lift that is out of order is a notice; a page speaks of itself, or of another try.
    // "We are sorry, our technicians are on it" belongs to an apology that it does not make.
    const KIN: Concepts = Concepts::SORRY.with(Concepts::FIXING).with(Concepts::RETRY);
    let strength = if concepts.has_any(KIN) { strength.max(1.0) } else { strength };
    let strength = if concepts.has_any(OWN) { strength } else { strength.min(1.5) };
    let is_kin = concepts.has_any(KIN);
    Weighed { block, concepts, strength, chars, is_advice, is_kin }
}

/// Links in the middle that are no part of a sentence: goods, headlines.
fn list_links(reading: &Reading) -> usize {
    let control = |block: &&Block| block.place == Place::Control && block.is_main;
    reading.blocks.iter().filter(control).count()
}

/// "500", "500 – Internal Server Error", "HTTP Status 503".
pub fn is_status(text: &str) -> bool {
    let lower = text.to_lowercase();
    let number = lower.split(|c: char| !c.is_ascii_digit()).find(|part| !part.is_empty());
    let is_failure = number.is_some_and(|n| n.len() == 3 && (n.starts_with('5') || n == "404"));
    let words = lower.split_whitespace().count();
    is_failure
        && (lower.trim().len() == 3
            || (words <= 8
                && ["error", "status", "internal", "gateway", "unavailable", "not found"]
                    .iter()
                    .any(|word| lower.contains(word))))
}

/// The beginning of a text, for a reason.
pub fn quote(text: &str) -> String {
    repeated(text, QUOTED_CHARS)
}
