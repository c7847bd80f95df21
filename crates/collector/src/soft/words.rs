//! What words mean, by concept and not by phrase: stems in some forty languages.
//!
//! A stem matches at the beginning of a word; one that begins with `~` matches anywhere, as in
//! compounds and in scripts without blanks. Concepts add up: "could not" alone says little, "could
//! not" with "later" and "page" is how machines apologise.
//!
//! # What it cannot tell
//!
//! Grammar. "There was no error" has the word too: that is why the share of a page's text counts.

use std::sync::OnceLock;

use crate::soft::reading::Reading;
use crate::soft::reading::weight;
use crate::soft::words::fold::fold;
use crate::soft::words::index::Index;
use crate::soft::words::index::Span;

/// The stems of each concept.
const STEMS: &str = include_str!("words/stems.txt");

pub mod date;
mod fold;
pub mod index;
pub mod sentence;
pub mod share;

/// A set of concepts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Concepts(u64);

macro_rules! concepts {
    ($($(#[$doc:meta])* $name:ident = $bit:expr;)*) => {
        impl Concepts {
            $($(#[$doc])* pub const $name: Self = Self(1 << $bit);)*

            fn named(name: &str) -> Self {
                match name {
                    $(stringify!($name) => Self::$name,)*
                    _ => Self::default(),
                }
            }
        }
    };
}

concepts! {
    /// "Something went wrong": an apology by itself.
    WRONG = 0;
    /// Error, fault, problem, incident.
    ERROR = 1;
    /// Could not, unable, failed.
    CANNOT = 2;
    /// Not available, not reachable, out of order.
    UNAVAILABLE = 3;
    /// Try again, reload, come back.
    RETRY = 4;
    /// Sorry, apologise.
    SORRY = 5;
    /// Later, for the moment, in a few minutes.
    LATER = 6;
    /// Site, page, service, system, server, request.
    SITE = 7;
    /// Maintenance, upgrade, back soon.
    UPKEEP = 8;
    /// Not found, does not exist.
    NOT_FOUND = 9;
    /// Log in, sign in.
    LOGIN = 10;
    /// You have to log in; your session has ended.
    MUST_LOGIN = 11;
    /// Robot, human, captcha, checking your browser.
    HUMAN = 12;
    /// Access denied, blocked, forbidden.
    DENIED = 13;
    /// Your country, your region.
    REGION = 14;
    /// Too many, busy, queue, many visitors.
    BUSY = 15;
    /// This domain is for sale, has expired; the server works, put your page here.
    PARKED = 16;
    /// By order of a court, an authority; for legal reasons.
    LEGAL = 17;
    /// Account or site suspended.
    SUSPENDED = 18;
    /// "Oops": an interjection, and the name of many a shop.
    OOPS = 19;
    /// The network of a hotel, a train, an airport.
    PORTAL = 20;
    /// Somebody reports: said, according to, yesterday. Pages that fail do not.
    TOLD = 21;
    /// Explains to people: how to, troubleshooting, frequent questions, terms.
    GUIDE = 22;
    /// All is well: operational, as usual, resolved.
    WELL = 23;
    /// In upkeep at this moment: a state, where [`Self::UPKEEP`] is a topic.
    UNDER = 24;
    /// Help, questions, terms, reference: what such a page is called.
    MANUAL = 25;
    /// Somebody works on it, was told of it.
    FIXING = 26;
    /// A day of the week: who reports or announces names it, who just failed does not.
    DAY = 27;
    /// Says what an error means and when it appears.
    EXPLAINS = 28;
    /// Closed, shut: of sites, and of much else.
    CLOSED = 29;
    /// Whom to call, where to go instead.
    CONTACT = 30;
    /// What apologies are padded with: please, patience, page, moment. Says nothing by itself.
    PLEA = 31;
    /// People talk: answers, comments, who asked.
    THREAD = 32;
    /// Not, no longer, unable: says nothing by itself.
    NOT = 33;
    /// Available, reachable, in operation; with [`Self::NOT`] it is [`Self::UNAVAILABLE`].
    AVAILABLE = 34;
    /// Loads, shows, connects, fetches; with [`Self::NOT`] it is [`Self::CANNOT`].
    DONE = 35;
    /// Exists, was found; with [`Self::NOT`] it is [`Self::NOT_FOUND`].
    EXIST = 36;
    /// What has a door, runs on rails or needs a plumber: a pool, a lift, a road. Notices of those
    /// who own it speak of it, and pages that fail do not.
    PLACE = 37;
}

/// What is denied becomes: "the tariffs are, sadly, not yet available".
const DENIED_PARTS: [(Concepts, Concepts); 3] = [
    (Concepts::AVAILABLE, Concepts::UNAVAILABLE),
    (Concepts::DONE, Concepts::CANNOT),
    (Concepts::EXIST, Concepts::NOT_FOUND),
];
/// Letters that may stand between "not" and what it denies.
const REACH_CHARS: usize = 40;
/// Where a sentence ends, and with it what a "not" denies.
const ENDS: [char; 12] = ['.', '!', '?', ';', '。', '！', '？', '؟', '।', '۔', '։', '።'];

impl Concepts {
    /// Whether all of `other` are in it.
    pub fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether any of `other` is in it.
    pub fn has_any(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// How many there are.
    pub fn count(self) -> u32 {
        self.0.count_ones()
    }

    /// Those that are in both.
    pub fn among(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Both together.
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// How strongly a text says that something failed: 0 for not at all, 2 and more for an apology.
pub fn failing(concepts: Concepts) -> f64 {
    let of = |concept: Concepts, weight: f64| if concepts.has(concept) { weight } else { 0.0 };
    let core = of(Concepts::WRONG, 2.0)
        + of(Concepts::OOPS, 1.0)
        + of(Concepts::ERROR, 1.0)
        + of(Concepts::CANNOT, 1.0)
        + of(Concepts::UNAVAILABLE, 1.0)
        + of(Concepts::BUSY, 0.5);
    if core == 0.0 {
        return 0.0;
    }
    // A lift that does not work, sorry: nobody is asked to try the page again.
    let is_of_a_place = concepts.has(Concepts::PLACE) && !concepts.has_any(OF_PAGES);
    // "Yesterday the app was down, the bank said."
    let is_told = concepts.has(Concepts::TOLD) && !concepts.has_any(TO_READER);
    let core = if is_of_a_place || is_told { core * PLACED } else { core };
    core + of(Concepts::RETRY, 1.0)
        + of(Concepts::SORRY, 0.5)
        + of(Concepts::LATER, 0.5)
        + of(Concepts::SITE, 0.5)
        + of(Concepts::FIXING, 0.5)
}

/// What only a page is said to do.
const OF_PAGES: Concepts =
    Concepts::WRONG.with(Concepts::SITE).with(Concepts::RETRY).with(Concepts::OOPS);
/// What is said to who reads the page.
const TO_READER: Concepts =
    Concepts::RETRY.with(Concepts::SORRY).with(Concepts::OOPS).with(Concepts::FIXING);
/// What is left of a failure that is one of a place, or told.
const PLACED: f64 = 0.3;

/// What a page that fails may speak of beside its failure.
pub const RELATED: Concepts = Concepts::WRONG
    .with(Concepts::OOPS)
    .with(Concepts::ERROR)
    .with(Concepts::CANNOT)
    .with(Concepts::UNAVAILABLE)
    .with(Concepts::BUSY)
    .with(Concepts::RETRY)
    .with(Concepts::SORRY)
    .with(Concepts::LATER)
    .with(Concepts::UPKEEP)
    .with(Concepts::UNDER)
    .with(Concepts::FIXING)
    .with(Concepts::CONTACT)
    .with(Concepts::NOT_FOUND);

/// Finds the concepts of a text in small letters.
pub fn concepts_of(lower: &str) -> Concepts {
    let mut found = Concepts::default();
    let folded = fold(lower);
    // "Out of service" speaks of no service: what lies within such a phrase does not count.
    let (mut sites, mut idioms) = (Vec::new(), Vec::new());
    let (mut nots, mut parts) = (Vec::new(), Vec::new());
    dictionary().hits(&folded, |hit| {
        match hit.concept {
            Concepts::SITE => sites.push(hit.span),
            Concepts::UNAVAILABLE => idioms.push(hit.span),
            Concepts::NOT => nots.push(hit.span),
            Concepts::AVAILABLE | Concepts::DONE | Concepts::EXIST => {
                parts.push((hit.concept, hit.span));
            }
            _ => {}
        }
        if hit.concept != Concepts::SITE {
            found = found.with(hit.concept);
        }
    });
    for spans in [&mut sites, &mut idioms, &mut nots] {
        spans.sort_unstable_by_key(|span| span.end);
    }
    let mut later = &idioms[..];
    if sites.iter().any(|site| !is_within(*site, &mut later)) {
        found = found.with(Concepts::SITE);
    }
    for (part, whole) in DENIED_PARTS {
        let mut of = parts.iter().filter(|(concept, _)| *concept == part);
        if !found.has(whole) && of.any(|(_, span)| is_denied(&folded, *span, &nots)) {
            found = found.with(whole);
        }
    }
    found
}

/// Whether a "not" stands near a word, before or after it, in the same sentence. Of those before
/// it the last is near, of those after it the first.
fn is_denied(text: &str, word: Span, nots: &[Span]) -> bool {
    // They are in the order of their ends.
    let at = nots.partition_point(|not| not.end <= word.start);
    let near = |from: usize, to: usize| {
        let between = text.get(from..to).unwrap_or("");
        between.chars().take(REACH_CHARS + 1).count() <= REACH_CHARS && !between.contains(ENDS)
    };
    let before = at.checked_sub(1).and_then(|at| nots.get(at));
    before.is_some_and(|not| near(not.end, word.start))
        || nots.get(at).is_some_and(|not| near(word.end.min(not.start), not.start))
}

/// Whether a place lies within one of others and does not begin it: "out of service" speaks of no
/// service, "service unavailable" does. They are in the order of their ends. Those that end
/// before it are dropped, as later places end later too.
fn is_within(place: Span, others: &mut &[Span]) -> bool {
    let ended = others.iter().take_while(|other| other.end < place.end).count();
    *others = &others[ended..];
    others.iter().take(PHRASES_AROUND).any(|other| other.start < place.start)
}

/// Phrases that can lie around one word.
const PHRASES_AROUND: usize = 8;

/// Letters of whole sentences in the middle of a page that speak of none of these concepts. What a
/// page says besides its apology tells an apology from an article about one.
pub fn beside(reading: &Reading, about: Concepts) -> usize {
    let sentences = reading.middle().map(|block| (block, weight(&block.text)));
    sentences
        .filter(|(block, chars)| {
            *chars > SENTENCE_CHARS && !concepts_of(&unquoted(&block.lower)).has_any(about)
        })
        .map(|(_, chars)| chars)
        .sum()
}

/// Letters of whole sentences beside an apology from which on a page is about something else.
pub const BESIDE_CHARS_MAX: usize = 190;
/// Letters from which on a block is a whole sentence.
pub const SENTENCE_CHARS: usize = 45;

/// A text without what stands in quotes: who quotes an apology does not make one.
pub fn unquoted(text: &str) -> String {
    const PAIRS: [(char, &[char]); 6] = [
        ('"', &['"']),
        ('“', &['”', '“']),
        ('„', &['“', '”']),
        ('«', &['»']),
        ('»', &['«']),
        ('「', &['」']),
    ];
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((at, open)) = rest.char_indices().find(|(_, c)| PAIRS.iter().any(|p| p.0 == *c))
    {
        let after = &rest[at + open.len_utf8()..];
        let ends = PAIRS.iter().find(|pair| pair.0 == open).map_or(&[][..], |pair| pair.1);
        kept.push_str(&rest[..at]);
        match after.char_indices().take(QUOTE_CHARS_MAX).find(|(_, c)| ends.contains(c)) {
            Some((end, close)) if end > QUOTE_BYTES_MIN => {
                rest = &after[end + close.len_utf8()..];
            }
            Some(_) | None => {
                kept.push(' ');
                rest = after;
            }
        }
    }
    kept.push_str(rest);
    // A page may put its whole apology into quotes, for its looks.
    let own =
        kept.chars().filter(|c| c.is_alphanumeric()).map(|c| if c < '\u{2e80}' { 1 } else { 2 });
    if own.sum::<usize>() < QUOTE_BYTES_MIN - 2 { text.to_owned() } else { kept }
}

/// Characters within which a quote ends; what is longer was opened and never closed.
const QUOTE_CHARS_MAX: usize = 300;
/// What is shorter in quotes is a name or a stress.
const QUOTE_BYTES_MIN: usize = 10;

/// All stems with what they mean.
fn dictionary() -> &'static Index {
    static DICTIONARY: OnceLock<Index> = OnceLock::new();
    DICTIONARY.get_or_init(|| {
        // As many as there are; what grows by doubling leaves twice its room behind.
        let mut meanings = Vec::with_capacity(STEMS.matches(['|', '\n']).count() + 1);
        let mut concept = Concepts::default();
        for line in STEMS.lines().filter(|line| !line.starts_with('#')) {
            if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
                concept = Concepts::named(name);
                continue;
            }
            // A blank at the end of a stem is part of it: the word ends there.
            for stem in line.split('|').filter(|stem| !stem.trim().is_empty()) {
                let (stem, is_marked) = match stem.strip_prefix('~') {
                    Some(rest) => (rest, true),
                    None => (stem, false),
                };
                // Scripts without blanks, or with prefixes written to the word.
                let is_joined = stem.chars().next().is_some_and(|first| first >= '\u{590}');
                meanings.push((fold(stem), concept, is_marked || is_joined));
            }
        }
        Index::of(STEMS, meanings)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_section_of_the_stems_is_a_concept() {
        for line in STEMS.lines().filter(|line| line.starts_with('[')) {
            let name = line.trim_matches(['[', ']']);
            assert_ne!(Concepts::named(name), Concepts::default(), "{name}");
        }
        assert!(dictionary().concepts().all(|concept| concept.0 != 0));
    }

    #[test]
    fn apologies_are_understood_in_many_languages_and_plain_text_is_not_one() {
        for apology in [
            "something went wrong. try reloading.",
            "we’re having trouble loading this page right now. please check back shortly.",
            "leider ist ein unerwarteter fehler aufgetreten. bitte versuchen sie es später erneut.",
            "une erreur est survenue, veuillez réessayer plus tard",
            "se ha producido un error. inténtelo de nuevo más tarde.",
            "произошла ошибка, попробуйте позже",
            "エラーが発生しました。しばらくしてからもう一度お試しください",
            "系统繁忙，请稍后再试",
            "오류가 발생했습니다. 잠시 후 다시 시도해 주세요",
            "حدث خطأ ما، يرجى المحاولة لاحقًا",
            "ett fel har inträffat, försök igen senare",
            "đã xảy ra lỗi, vui lòng thử lại sau",
            "terjadi kesalahan, silakan coba lagi nanti",
            "เกิดข้อผิดพลาด กรุณาลองใหม่ภายหลัง",
            "bir hata oluştu, lütfen daha sonra tekrar deneyin",
        ] {
            assert!(failing(concepts_of(apology)) >= 2.0, "{apology}");
        }
        for plain in [
            "brass lanterns and storm lamps from our workshop",
            "terror in the terrace house: a novel",
            "die fehlerhafte übersetzung wurde 1912 gedruckt",
        ] {
            assert!(failing(concepts_of(plain)) < 2.0, "{plain}");
        }
    }

    #[test]
    fn what_is_denied_is_understood_whatever_stands_between() {
        for (text, want) in [
            ("nous n’avons pas réussi à récupérer les résultats", Concepts::CANNOT),
            ("the tariffs are, sadly, not yet available", Concepts::UNAVAILABLE),
            ("ΟΙ ΥΠΗΡΕΣΙΕΣ ΔΕΝ ΕΙΝΑΙ ΠΡΟΣΩΡΙΝΑ ΔΙΑΘΕΣΙΜΕΣ", Concepts::UNAVAILABLE),
            ("your orders could, to our regret, not be displayed", Concepts::CANNOT),
            ("die gesuchte seite ist bei uns leider nicht auffindbar", Concepts::NOT_FOUND),
        ] {
            let found = concepts_of(&text.to_lowercase());
            assert!(found.has(want), "{text}: {found:?}");
        }
        for plain in ["no. of rooms: 4. available from may", "not for sale; available in our shop"]
        {
            let found = concepts_of(plain);
            assert!(!found.has_any(Concepts::UNAVAILABLE), "{plain}: {found:?}");
        }
    }
}
