//! Reads an answer as a person would see it: which text is visible, and where it stands.
//!
//! Tags are tokenised as browsers do it (WHATWG, by html5gum); no tree is built. What is hidden
//! (scripts, templates, `hidden`, `display:none`) is no text. What frames every page (menus,
//! footers, consent banners) is text of another place than the middle.
//!
//! # What it cannot tell
//!
//! Style sheets at other addresses are not read: text that they hide is known only by the usual
//! names of such classes.

use std::borrow::Cow;

use crate::probe::page::Page;
use crate::soft::reading::decode::called_back;
use crate::soft::reading::decode::claimed_kind;
use crate::soft::reading::decode::decode;
use crate::soft::reading::decode::kind_of;
use crate::soft::reading::decode::named_type;
use crate::soft::reading::label::Labels;
use crate::soft::reading::markup::Markup;

mod decode;
pub mod label;
mod markup;
pub mod style;

/// Characters of text that are kept of a page, over all blocks.
pub const TEXT_CHARS_MAX: usize = 100_000;

/// What an answer is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// A page.
    Html,
    /// JSON, or what calls itself so.
    Json,
    /// XML: a feed, a SOAP envelope.
    Xml,
    /// Plain text.
    Text,
    /// Pictures, scripts, styles, archives: nothing to read.
    #[default]
    Other,
}

/// A piece of visible text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Block {
    /// The text, blanks reduced to one.
    pub text: String,
    /// In the same letters, small.
    pub lower: String,
    /// Where it stands.
    pub place: Place,
    /// It is a heading.
    pub is_heading: bool,
    /// It is preformatted.
    pub is_code: bool,
    /// It stands inside `<main>`.
    pub is_main: bool,
    /// What the elements around it are called.
    pub labels: Labels,
}

/// Where a block stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// In the middle of the page.
    #[default]
    Middle,
    /// In what frames every page of a site: menu, head, foot, consent banner.
    Frame,
    /// A link, a button, a label: something to press.
    Control,
}

/// An answer that was read.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// What it is.
    pub kind: Kind,
    /// What it says it is.
    pub claimed: Kind,
    /// It says that it is text of some kind, whatever of.
    pub claims_text: bool,
    /// Nothing said in which encoding it is written, and it is not UTF-8.
    pub is_guessed: bool,
    /// The whole, decoded; of a script that calls back with JSON, the JSON.
    pub source: String,
    /// Its title.
    pub title: String,
    /// Visible text in order.
    pub blocks: Vec<Block>,
    /// What is shown to those without scripts.
    pub noscript: String,
    /// Elements.
    pub tags: usize,
    /// Scripts.
    pub scripts: usize,
    /// Fields for a password.
    pub passwords: usize,
    /// Fields of any kind that can be seen.
    pub fields: usize,
    /// Links with text.
    pub links: usize,
    /// Pictures, videos, drawings.
    pub pictures: usize,
    /// Letters inside `<article>`.
    pub article_chars: usize,
    /// Its head or its data for machines calls it an article, a manual, a set of questions.
    pub is_story: bool,
    /// An element where scripts put a page, such as `<div id="root">`.
    pub has_mount: bool,
    /// The page sends browsers elsewhere by itself.
    pub refreshes: bool,
    /// It loads itself again after a while.
    pub reloads: bool,
    /// The element that was still open in its raw text when the page ended.
    pub ends_inside: Option<String>,
    /// There is a `</html>` or `</body>`.
    pub is_closed: bool,
    /// There is a `<html>` or a doctype.
    pub is_document: bool,
}

/// What history needs to know of a page.
#[derive(Clone, Debug, Default)]
pub struct Outline {
    /// Elements.
    pub tags: usize,
    /// The title.
    pub title: String,
}

impl Reading {
    /// Reads an answer.
    pub fn of(page: &Page<'_>) -> Self {
        let claimed = claimed_kind(page);
        let (source, is_guessed) = decode(page);
        let (kind, source) = match called_back(&source) {
            Some(json) => (Kind::Json, Cow::Owned(json.to_owned())),
            None => (kind_of(claimed, &source), source),
        };
        let claims_text = named_type(page).is_some_and(|name| name.starts_with("text/"));
        let mut reading = Self { kind, claimed, claims_text, is_guessed, ..Self::default() };
        match kind {
            Kind::Html => Markup::read(&source, &mut reading),
            Kind::Text | Kind::Json => {
                let lines = source.lines().map(str::trim).filter(|line| !line.is_empty());
                for line in lines.take(1_000) {
                    reading.push(line, Place::Middle, Look::default());
                }
            }
            Kind::Xml | Kind::Other => {}
        }
        reading.source = source.into_owned();
        reading
    }

    /// Elements and title alone.
    pub fn outline(page: &Page<'_>) -> Outline {
        if claimed_kind(page) != Kind::Html {
            return Outline::default();
        }
        let mut reading = Self::default();
        Markup::read(&decode(page).0, &mut reading);
        Outline { tags: reading.tags, title: reading.title }
    }

    /// Blocks in the middle of the page.
    pub fn middle(&self) -> impl Iterator<Item = &Block> {
        self.blocks.iter().filter(|block| block.place == Place::Middle)
    }

    /// Characters in the middle of the page.
    pub fn middle_chars(&self) -> usize {
        self.middle().map(|block| weight(&block.text)).sum()
    }

    /// Characters of all text that can be seen.
    pub fn visible_chars(&self) -> usize {
        self.blocks.iter().map(|block| weight(&block.text)).sum()
    }

    /// Little stands on the page but what frames every page.
    pub fn is_thin(&self) -> bool {
        let sentences = self.middle().filter(|block| weight(&block.text) > SENTENCE_CHARS).count();
        self.middle_chars() <= THIN_CHARS
            && sentences <= THIN_SENTENCES
            && self.article_chars <= 600
    }

    /// Texts with a price in them.
    pub fn prices(&self) -> usize {
        let shown = self.blocks.iter().filter(|block| block.place != Place::Frame);
        let tells = |block: &&&Block| weight(&block.text) > PRICED_CHARS;
        let priced: Vec<&Block> = shown.filter(|block| has_price(&block.lower)).collect();
        // A price within a sentence is told; two of them, or one by itself, are asked.
        match priced.iter().filter(tells).count() {
            1 if priced.len() == 1 => 0,
            _ => priced.len(),
        }
    }

    /// It stands alone: no menu, no pictures, no form to speak of.
    pub fn is_bare(&self) -> bool {
        self.links <= 4 && self.pictures <= 2 && self.fields <= 3
    }

    fn push(&mut self, text: &str, place: Place, look: Look) {
        let mut clean = String::with_capacity(text.len());
        for word in text.split_whitespace() {
            if !clean.is_empty() {
                clean.push(' ');
            }
            clean.push_str(word);
        }
        if clean.chars().any(char::is_alphanumeric) {
            let lower = clean.to_lowercase();
            let Look { is_heading, is_code, is_main, labels } = look;
            let text = clean;
            self.blocks.push(Block { text, lower, place, is_heading, is_code, is_main, labels });
        }
    }
}

/// How a block looks.
#[derive(Clone, Copy, Debug, Default)]
struct Look {
    is_heading: bool,
    is_code: bool,
    is_main: bool,
    labels: Labels,
}

/// Up to this many letters the middle of a page is thin: two or three sentences.
pub const THIN_CHARS: usize = 420;

/// Letters of a text that names what something costs.
const PRICED_CHARS: usize = 90;
/// Letters of what stands on a button.
pub const BUTTON_CHARS: usize = 40;

/// A thin page has no more whole sentences than this.
const THIN_SENTENCES: usize = 4;
/// Letters from which on a block is a whole sentence.
const SENTENCE_CHARS: usize = 70;

/// Letters of a text; those of scripts that write a word in one or two count double.
pub fn weight(text: &str) -> usize {
    text.chars().map(|c| if matches!(c, '\u{2e80}'..='\u{d7ff}') { 2 } else { 1 }).sum()
}

/// Signs and names of money, as they stand beside numbers.
const MONEY: &[&str] = &[
    "€",
    "$",
    "£",
    "¥",
    "₹",
    "₽",
    "₺",
    "₴",
    "₩",
    "฿",
    "₫",
    "₪",
    "円",
    "元",
    "원",
    "zł",
    "kč",
    "kr",
    "chf",
    "eur",
    "usd",
    "руб",
    "грн",
    "tl",
    "ft",
    "lei",
    "ريال",
    "درهم",
    "جنيه",
    "تومان",
    "đ",
    "rp",
];

fn has_price(lower: &str) -> bool {
    let mut rest = lower;
    MONEY.iter().any(|sign| {
        rest = lower;
        while let Some(at) = rest.find(sign) {
            let before = rest[..at].trim_end().chars().next_back();
            let after = rest[at + sign.len()..].trim_start().chars().next();
            let is_number = |c: Option<char>| c.is_some_and(char::is_numeric);
            // "22:00 đến" has no money in it: a name of money is a word of its own.
            let is_letter = |c: Option<char>| c.is_some_and(char::is_alphabetic);
            let joined = is_letter(rest[..at].chars().next_back())
                || is_letter(rest[at + sign.len()..].chars().next());
            if joined && sign.chars().all(char::is_alphabetic) {
                rest = &rest[at + sign.len()..];
                continue;
            }
            if is_number(before)
                || is_number(after) && !sign.is_ascii()
                || *sign == "$" && is_number(after)
            {
                return true;
            }
            rest = &rest[at + sign.len()..];
        }
        false
    })
}
