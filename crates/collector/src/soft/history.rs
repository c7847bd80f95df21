//! What a page usually looks like, learned from looks that went well.
//!
//! Sizes are compared by their logarithm: half and double are equally far. The usual spread is
//! learned too, so that a page which is long by day and short by night is not "far" each night.

use std::hash::DefaultHasher;
use std::hash::Hash;
use std::hash::Hasher;
use std::sync::Mutex;
use std::sync::PoisonError;

use crate::probe::page::Page;
use crate::soft::reading::Reading;

/// Looks that went well before anything is usual.
pub const LOOKS_MIN: u32 = 3;
/// Weight of the newest look once there were many.
const NEWEST: f64 = 0.05;
/// Looks in a row that fail with a page of one size before that page is what is usual: half a day
/// at one a minute. A site that moved looks like none of its past, and does so every time.
pub const ADOPTED_AFTER_LOOKS: u32 = 720;
/// Characters that are kept of a title.
pub const TITLE_CHARS_MAX: usize = 120;

/// What is usual.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Usual {
    /// Bytes of the body.
    pub bytes: f64,
    /// Elements of the page; 0 for what has none.
    pub tags: f64,
    /// Spread of both, as a factor: 1.3 means that a third more or less is nothing.
    pub spread: f64,
    /// The title.
    pub title: String,
}

impl Usual {
    /// How many times smaller (below 1) or larger the body is than usual.
    pub fn bytes_ratio(&self, bytes: usize) -> f64 {
        (bytes as f64 + 1.0) / (self.bytes + 1.0)
    }

    /// The same of elements; `None` when there usually are none.
    pub fn tags_ratio(&self, tags: usize) -> Option<f64> {
        (self.tags >= 1.0).then(|| (tags as f64 + 1.0) / (self.tags + 1.0))
    }

    /// The page has about its usual size: what looks odd about it has always been so.
    pub fn is_like(&self, bytes: usize, tags: usize) -> bool {
        let near = |ratio: f64| (0.75..=1.34).contains(&ratio);
        near(self.bytes_ratio(bytes)) && self.tags_ratio(tags).is_none_or(near)
    }
}

/// Remembers one page.
#[derive(Debug, Default)]
pub struct Memory(Mutex<Learned>);

#[derive(Debug, Default)]
struct Learned {
    looks: u32,
    bytes_ln: f64,
    tags_ln: f64,
    spread_ln: f64,
    title: String,
    last: Option<Last>,
    stranger: Stranger,
}

/// What stands in the place of the page, look after look.
#[derive(Clone, Copy, Debug, Default)]
struct Stranger {
    bytes: usize,
    looks: u32,
}

/// The newest page that was well.
#[derive(Clone, Copy, Debug)]
struct Last {
    mark: Mark,
    tags: usize,
}

/// A page in a number. Nobody gains by two pages with one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark(u64);

impl Mark {
    /// Of a page.
    pub fn of(page: &Page<'_>) -> Self {
        let mut hasher = DefaultHasher::new();
        (page.status, &page.body[..]).hash(&mut hasher);
        Self(hasher.finish())
    }
}

impl Memory {
    /// What is usual, once enough was seen.
    pub fn usual(&self) -> Option<Usual> {
        let learned = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (learned.looks >= LOOKS_MIN).then(|| Usual {
            bytes: learned.bytes_ln.exp() - 1.0,
            tags: learned.tags_ln.exp() - 1.0,
            spread: learned.spread_ln.exp(),
            title: learned.title.clone(),
        })
    }

    /// Whether this is the page of the last look that went well, byte for byte: it need not be read
    /// again.
    pub fn is_last(&self, mark: Mark) -> bool {
        let learned = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        learned.last.is_some_and(|last| last.mark == mark)
    }

    /// Remembers a look that failed by what the page shows. After [`ADOPTED_AFTER_LOOKS`] of them
    /// that are alike nothing is usual any more: what the page says still counts, and what it
    /// looked like before does not.
    pub fn doubt(&self, page: &Page<'_>) {
        let mut learned = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = page.body.len();
        let ratio = (bytes as f64 + 1.0) / (learned.stranger.bytes as f64 + 1.0);
        let is_alike = learned.stranger.looks > 0 && (0.75..=1.34).contains(&ratio);
        learned.stranger = match is_alike {
            true => Stranger { looks: learned.stranger.looks + 1, ..learned.stranger },
            false => Stranger { bytes, looks: 1 },
        };
        if learned.stranger.looks >= ADOPTED_AFTER_LOOKS {
            *learned = Learned::default();
        }
    }

    /// Learns from a look that went well.
    pub fn learn(&self, page: &Page<'_>, mark: Mark) {
        let mut learned = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        learned.stranger = Stranger::default();
        // The same page, to the byte, is read once.
        let tags = match learned.last {
            Some(last) if last.mark == mark && learned.looks > LOOKS_MIN => return,
            Some(last) if last.mark == mark => last.tags,
            _ => {
                let outline = Reading::outline(page);
                if learned.title != outline.title {
                    learned.title = outline.title.chars().take(TITLE_CHARS_MAX).collect();
                }
                outline.tags
            }
        };
        learned.last = Some(Last { mark, tags });
        let (bytes_ln, tags_ln) = ((page.body.len() as f64).ln_1p(), (tags as f64).ln_1p());
        learned.looks = learned.looks.saturating_add(1);
        if learned.looks == 1 {
            (learned.bytes_ln, learned.tags_ln) = (bytes_ln, tags_ln);
        }
        let share = (1.0 / f64::from(learned.looks)).max(NEWEST);
        let off = (bytes_ln - learned.bytes_ln).abs().max((tags_ln - learned.tags_ln).abs());
        learned.spread_ln += share * (off - learned.spread_ln);
        learned.bytes_ln += share * (bytes_ln - learned.bytes_ln);
        learned.tags_ln += share * (tags_ln - learned.tags_ln);
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::HeaderMap;

    use crate::address::Url;

    use super::*;

    fn with_page<T>(items: usize, look: impl FnOnce(&Page<'_>) -> T) -> T {
        let url = Url::parse("https://shop.example/").unwrap();
        let body = format!("<title>Shop</title><ul>{}</ul>", "<li>lamp</li>".repeat(items));
        let (headers, body) = (HeaderMap::new(), Bytes::from(body));
        look(&Page {
            url: &url,
            redirects: 0,
            status: 200,
            headers: &headers,
            body: &body,
            is_cut: false,
            usual: None,
        })
    }

    #[test]
    fn a_page_that_stays_another_is_usual_after_half_a_day() {
        let memory = Memory::default();
        let learn = |items| with_page(items, |page| memory.learn(page, Mark::of(page)));
        let doubt = |items| with_page(items, |page| memory.doubt(page));
        (100..104).for_each(learn);
        assert!(memory.usual().is_some());
        // An outage that changes its face or ends is none of that.
        (1..ADOPTED_AFTER_LOOKS).for_each(|_| doubt(10));
        doubt(40);
        (1..ADOPTED_AFTER_LOOKS).for_each(|_| doubt(10));
        learn(100);
        (1..ADOPTED_AFTER_LOOKS).for_each(|_| doubt(10));
        assert!(memory.usual().is_some());
        doubt(10);
        assert_eq!(memory.usual(), None);
        (10..13).for_each(learn);
        assert!(memory.usual().is_some_and(|usual| usual.tags < 20.0));
    }

    #[test]
    fn what_is_usual_is_known_after_some_looks_and_follows_slowly() {
        let memory = Memory::default();
        let look = |items: usize| {
            with_page(items, |page| {
                memory.learn(page, Mark::of(page));
                memory.is_last(Mark::of(page))
            })
        };
        assert!(look(100) && look(104));
        assert_eq!(memory.usual(), None);
        assert!(look(96));
        let usual = memory.usual().expect("three looks");
        assert!((95.0..110.0).contains(&usual.tags), "{usual:?}");
        assert_eq!(usual.title, "Shop");
        assert!(usual.spread < 1.1, "{usual:?}");
        assert!(usual.is_like(1_300, 100) && !usual.is_like(300, 20));
    }
}
