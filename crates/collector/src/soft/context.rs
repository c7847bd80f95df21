//! What a page is about, when it is about failures: the signs of those who report, explain or sell.
//!
//! A page that fails says so in the present, of itself, and says little else. Who tells of a
//! failure names a speaker or a day; who explains one asks "how" in the heading or shows code; who
//! sells has prices; and who says that all is well is believed.
//!
//! # What it cannot tell
//!
//! Irony, and pages whose only sentence is a headline.

mod genre;

use crate::soft::dump;
use crate::soft::reading::BUTTON_CHARS;
use crate::soft::reading::Block;
use crate::soft::reading::Kind;
use crate::soft::reading::Place;
use crate::soft::reading::Reading;
use crate::soft::reading::weight;
use crate::soft::words;
use crate::soft::words::Concepts;
use crate::soft::words::SENTENCE_CHARS;
use crate::soft::words::sentence::sentences;
use crate::soft::words::sentence::stated;
use crate::soft::words::share::Share;

/// Letters from which on a page can tell a story.
const TALE_CHARS: usize = 120;
/// Letters from which on code stands beside an explanation.
const EXPLAINED_CHARS: usize = 150;
/// Letters from which on an article is more than a notice.
const ESSAY_CHARS: usize = 220;
/// Paragraphs of such an article.
const ESSAY_BLOCKS: usize = 3;
/// So many prices make a shop.
const PRICES: usize = 1;
/// Blocks at the beginning in which a page says that all is well.
const LEAD_BLOCKS: usize = 6;
/// Letters from which on a page that is called a manual has something to explain.
const MANUAL_CHARS: usize = 80;
/// Blocks at the beginning of a manual in which it would say that it fails itself.
const MANUAL_BLOCKS: usize = 3;
/// Share of known words from which on a page speaks as apologies do.
const OWN: f64 = 0.55;
/// Share of known words at which it speaks of something else.
const STRANGE: f64 = 0.2;
/// Letters up to which a sentence is a name or a button.
const NAME_CHARS: usize = 25;

/// Whether the page tells of failures rather than fails.
pub fn is_about(reading: &Reading) -> bool {
    let chars = reading.middle_chars();
    is_written(reading)
        || all_is_well(reading)
        || answers_well(reading)
        || (chars >= EXPLAINED_CHARS && shows_code(reading))
}

/// Code that stands beside an explanation. Below an apology it is what the program printed.
pub fn shows_code(reading: &Reading) -> bool {
    let prose = || reading.middle().filter(|block| !block.is_code);
    let own = prose().filter(|block| !dump::is_machines(block));
    let said = own.map(|block| weight(&block.text)).sum::<usize>();
    let lead = prose().take(APOLOGY_BLOCKS).map(|block| words::concepts_of(&block.lower));
    let lead = lead.fold(Concepts::default(), Concepts::with);
    let apologises = lead.has_any(Concepts::WRONG.with(Concepts::OOPS))
        && (lead.has_any(TO_READER) || offers_retry(reading));
    // The number of a request is no code.
    let is_listing = |block: &Block| block.is_code && block.text.contains(' ');
    let is_shown = said >= BESIDE_CODE_CHARS && reading.middle().any(is_listing);
    is_shown && !(apologises && said <= EXPLAINED_CHARS * 2)
}

/// A link or a button that loads the page again.
pub fn offers_retry(reading: &Reading) -> bool {
    let mut controls = reading.blocks.iter().filter(|block| block.place == Place::Control);
    controls.any(|block| {
        weight(&block.text) <= BUTTON_CHARS && words::concepts_of(&block.lower).has(Concepts::RETRY)
    })
}

/// Letters of who explains the code beside it.
const BESIDE_CODE_CHARS: usize = 40;
/// Blocks in which a page apologises before it shows what the program printed.
const APOLOGY_BLOCKS: usize = 3;
/// How it speaks to who reads it.
const TO_READER: Concepts =
    Concepts::RETRY.with(Concepts::SORRY).with(Concepts::LATER).with(Concepts::FIXING);

/// Whether somebody wrote it to be read, or sells: a tale, a manual, an article, a price list.
pub fn is_written(reading: &Reading) -> bool {
    let chars = reading.middle_chars();
    // What opens with an error, twice, and has no menu, explains itself at length.
    let opens = opens_failing(reading);
    !opens && (tells(reading, chars) || is_thread(reading, chars) || explains(reading))
        || guides(reading)
        || quotes(reading)
        || (reading.is_story && chars >= TALE_CHARS)
        || is_essay(reading)
        || reading.prices() >= PRICES
        || genre::is_another(reading)
}

/// "ok errors=0": a line of a program that says first of all that it is well.
pub fn answers_well(reading: &Reading) -> bool {
    let mut words = reading.source.split_whitespace();
    let first = words.next().unwrap_or_default().to_ascii_lowercase();
    let first = first.trim_end_matches([':', ',', ';', '.', '!']);
    reading.kind == Kind::Text
        && WELL_WORDS.contains(&first)
        && words.all(|word| word.contains(['=', ':']) || !word.contains(char::is_alphabetic))
}

/// How programs say it.
const WELL_WORDS: &[&str] = &["ok", "up", "pass", "passed", "healthy", "alive", "pong", "ready"];

/// The first blocks that say anything: names of the site and greetings stand before them.
pub fn leading(reading: &Reading, count: usize) -> impl Iterator<Item = &Block> {
    let says = |block: &&Block| {
        weight(&block.text) > NAME_CHARS || words::concepts_of(&block.lower).has_any(TOPICS_ALONE)
    };
    let lead = reading.middle().filter(says).take(count);
    // Where nothing says anything the first are as good as any.
    let none = reading.middle().find(says).is_none();
    lead.chain(reading.middle().take(if none { count } else { 0 }))
}

/// How much of what the page states is said in the words of apologies: 1 above a half, and the
/// less the more it names that no apology would. Findings of words are worth that part of what
/// they would be.
pub fn in_their_words(reading: &Reading) -> f64 {
    ((known_part(reading) - STRANGE) / (OWN - STRANGE)).clamp(0.2, 1.0)
}

/// The share of known words in what the page states.
pub fn known_part(reading: &Reading) -> f64 {
    let blocks = reading.middle().filter(|block| !block.is_code);
    let shares = blocks.filter_map(|block| {
        let share = Share::of(&stated(&block.lower), TOPICS);
        // A heading that knows nothing of it names the page.
        let is_name = block.is_heading && share.known == 0 && weight(&block.text) <= NAME_CHARS;
        (!is_name).then_some(share)
    });
    shares.fold(Share::default(), Share::with).part().unwrap_or(1.0)
}

/// Most of what the page states has nothing to do with it.
pub fn is_beside(reading: &Reading) -> bool {
    let said = Statements::of(reading);
    said.chars >= TALE_CHARS / 2 && said.beside(ABOUT) * 10 >= said.chars * 6
}

/// The first blocks say twice that something failed, and nothing frames them.
fn opens_failing(reading: &Reading) -> bool {
    let lead: Vec<&Block> = reading.middle().take(OPENING_BLOCKS).collect();
    let fails = |block: &&&Block| words::failing(words::concepts_of(&block.lower)) >= 1.0;
    let has_heading = lead.first().is_some_and(|block| block.is_heading);
    has_heading
        && reading.links <= OPENING_LINKS
        && reading.pictures == 0
        && reading.article_chars == 0
        && lead.iter().filter(fails).count() >= 2
}

/// Blocks that open a page.
const OPENING_BLOCKS: usize = 3;
/// Links of a page that has no menu: its own address, whom to write to.
const OPENING_LINKS: usize = 3;

/// The title repeats what was said, in quotation marks: of a film, of a sentence to be translated.
fn quotes(reading: &Reading) -> bool {
    let title = reading.title.to_lowercase();
    let own = words::unquoted(&title);
    let of = |text: &str| words::failing(words::concepts_of(text));
    of(&title) >= QUOTED_FAILS && of(&own) < QUOTED_FAILS / 2.0 && own.trim().chars().count() >= 4
}

/// How strongly a quoted title says that something failed.
const QUOTED_FAILS: f64 = 1.5;

/// Says what an error means, and when it is seen.
fn explains(reading: &Reading) -> bool {
    reading.middle().any(|block| {
        sentences(&block.lower)
            .map(words::concepts_of)
            .any(|it| it.has(Concepts::EXPLAINS) && it.has_any(EXPLAINED))
    })
}

/// An `<article>` of several paragraphs.
fn is_essay(reading: &Reading) -> bool {
    let paragraphs = reading.middle().filter(|block| weight(&block.text) >= SENTENCE_CHARS);
    reading.article_chars >= ESSAY_CHARS && paragraphs.count() >= ESSAY_BLOCKS
}

fn tells(reading: &Reading, chars: usize) -> bool {
    chars >= TALE_CHARS
        && !offers_retry(reading)
        && reading.middle().any(|block| {
            let text = words::unquoted(&block.lower);
            weight(&block.text) > NAME_CHARS && words::concepts_of(&text).has(Concepts::TOLD)
        })
}

/// People talk to each other.
fn is_thread(reading: &Reading, chars: usize) -> bool {
    let shown = reading.blocks.iter().filter(|block| block.place != Place::Frame);
    let mut shown = shown.map(|block| words::concepts_of(&block.lower));
    chars >= TALE_CHARS && shown.any(|it| it.has(Concepts::THREAD))
}

fn all_is_well(reading: &Reading) -> bool {
    let lead = || reading.middle().take(LEAD_BLOCKS).map(|block| block.lower.as_str());
    let title = reading.title.to_lowercase();
    // The site is being repaired; the shops in town are open as usual.
    let is_not = |concepts: Concepts| {
        concepts.has(Concepts::SITE)
            && concepts.has_any(Concepts::UPKEEP.with(Concepts::UNDER))
            && concepts.has_any(Concepts::UNAVAILABLE.with(Concepts::CANNOT))
            && !concepts.has(Concepts::WELL)
    };
    if lead().flat_map(sentences).map(words::concepts_of).any(is_not) {
        return false;
    }
    lead().chain([title.as_str()]).any(|text| {
        sentences(text).map(words::concepts_of).any(|it| {
            it.has(Concepts::WELL)
                && !it.has_any(Concepts::CANNOT.with(Concepts::UNAVAILABLE).with(Concepts::RETRY))
        })
    })
}

/// The title or a heading says that failures are explained below.
fn guides(reading: &Reading) -> bool {
    let title = reading.title.to_lowercase();
    let headings = reading.middle().filter(|block| block.is_heading).take(2);
    let headings = headings.map(|block| block.lower.as_str());
    // A manual that fails itself says so at once.
    let lead = reading.middle().take(MANUAL_BLOCKS).map(|block| words::concepts_of(&block.lower));
    let fails = lead.fold(Concepts::default(), Concepts::with).has_any(FAILS_NOW);
    let is_long = reading.middle_chars() >= MANUAL_CHARS && !fails;
    let mut said = headings.chain([title.as_str()]).map(words::concepts_of);
    let is_titled = words::concepts_of(&title).has_any(FAILURE);
    let explains = |text: &str| words::concepts_of(text).has(Concepts::GUIDE);
    // "ORA-1", and below it "What it means".
    let mut below = reading.middle().filter(|block| block.is_heading).skip(1).take(2);
    is_titled && below.any(|block| explains(&block.lower)) && !fails
        || said.any(|concepts| {
            (concepts.has(Concepts::GUIDE) && concepts.has_any(FAILURE))
                || (is_long && concepts.has(Concepts::MANUAL))
        })
}

/// What may be explained.
const EXPLAINED: Concepts = Concepts::ERROR
    .with(Concepts::CANNOT)
    .with(Concepts::UNAVAILABLE)
    .with(Concepts::WRONG)
    .with(Concepts::NOT_FOUND);
const FAILS_NOW: Concepts = Concepts::WRONG.with(Concepts::OOPS).with(Concepts::FIXING);
/// What pages that fail or turn away may speak of, and the padding between.
pub const TOPICS: Concepts = ABOUT.with(Concepts::PLEA);

/// What a short block may say by itself.
const TOPICS_ALONE: Concepts = words::RELATED
    .with(Concepts::MUST_LOGIN)
    .with(Concepts::HUMAN)
    .with(Concepts::DENIED)
    .with(Concepts::REGION)
    .with(Concepts::LEGAL)
    .with(Concepts::PARKED)
    .with(Concepts::SUSPENDED)
    .with(Concepts::CLOSED);

/// The same without the padding.
const ABOUT: Concepts = words::RELATED
    .with(Concepts::SITE)
    .with(Concepts::LOGIN)
    .with(Concepts::MUST_LOGIN)
    .with(Concepts::HUMAN)
    .with(Concepts::DENIED)
    .with(Concepts::REGION)
    .with(Concepts::LEGAL)
    .with(Concepts::PARKED)
    .with(Concepts::SUSPENDED)
    .with(Concepts::PORTAL);

const FAILURE: Concepts = words::RELATED
    .with(Concepts::LOGIN)
    .with(Concepts::DENIED)
    .with(Concepts::SUSPENDED)
    .with(Concepts::HUMAN);

/// What the middle of a page states, sentence by sentence.
pub struct Statements {
    /// The concepts of each sentence, and its letters.
    pub each: Vec<(Concepts, usize)>,
    /// Letters of all.
    pub chars: usize,
}

impl Statements {
    /// Of the middle of a page.
    pub fn of(reading: &Reading) -> Self {
        let is_prose = |block: &&Block| !block.is_code;
        let texts = reading.middle().filter(is_prose).map(|block| stated(&block.lower));
        let mut each = Vec::new();
        for text in texts {
            let of = |sentence: &str| (words::concepts_of(sentence), weight(sentence));
            each.extend(sentences(&text).map(of));
        }
        let chars = each.iter().map(|(_, chars)| chars).sum();
        Self { each, chars }
    }

    /// Letters of whole sentences that speak of none of these.
    pub fn beside(&self, about: Concepts) -> usize {
        let other =
            self.each.iter().filter(|(it, chars)| *chars > NAME_CHARS && !it.has_any(about));
        other.map(|(_, chars)| chars).sum()
    }

    /// Whether a sentence has one of the first and one of the second.
    pub fn any(&self, first: Concepts, second: Concepts) -> bool {
        self.each.iter().any(|(it, _)| it.has_any(first) && it.has_any(second))
    }
}
