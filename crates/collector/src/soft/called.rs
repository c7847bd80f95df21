//! Called a failure: the elements around what the page says are named after one.
//!
//! Names of classes are English whatever the page speaks, so that they tell what words that are not
//! known cannot. Alone they say little: a form has its `error` too. They count where they are
//! around most of what stands in the middle, there is little of it, and it is nobody's prose.

use crate::probe::page::Page;
use crate::soft::Finding;
use crate::soft::Means;
use crate::soft::context;
use crate::soft::error_text::quote;
use crate::soft::reading::Block;
use crate::soft::reading::Kind;
use crate::soft::reading::Reading;
use crate::soft::reading::label::Labels;
use crate::soft::reading::weight;
use crate::soft::words;
use crate::soft::words::Concepts;

/// Letters such a page may have.
const TEXT_CHARS: usize = 700;
/// Letters from which on there is something to be called.
const TEXT_CHARS_MIN: usize = 12;
/// Fields of a form that was filled in.
const FIELDS_MIN: usize = 3;
/// Share of the middle that must stand in elements of that name.
const SHARE_MIN: f64 = 0.7;
/// How sure it is where the words say the same.
const SAID: f64 = 0.7;
/// How sure it is where the words say nothing that we know.
const UNSAID: f64 = 0.25;

/// A name, what the page says then, in words, and what it means.
type Call = (Labels, Concepts, Means, &'static str);

/// The surest first.
const CALLS: [Call; 6] = [
    (
        Labels::HUMAN,
        Concepts::HUMAN.with(Concepts::DENIED),
        Means::Blocks,
        "a challenge by its name",
    ),
    (
        Labels::UPKEEP,
        Concepts::UPKEEP
            .with(Concepts::UNDER)
            .with(Concepts::UNAVAILABLE)
            .with(Concepts::CANNOT)
            .with(Concepts::LATER)
            .with(Concepts::RETRY)
            .with(Concepts::CLOSED),
        Means::Fails,
        "a maintenance page by its name",
    ),
    (Labels::QUEUE, WAITS, Means::Fails, "a queue by its name"),
    (Labels::ERROR, FAILS, Means::Fails, "an error page by its name"),
    (
        Labels::NOT_FOUND,
        Concepts::NOT_FOUND.with(Concepts::CANNOT),
        Means::Fails,
        "a page for “not found” by its name",
    ),
    (
        Labels::DENIED,
        Concepts::DENIED.with(Concepts::REGION),
        Means::Blocks,
        "a refusal by its name",
    ),
];

const WAITS: Concepts = Concepts::BUSY.with(Concepts::LATER).with(Concepts::SORRY);
const FAILS: Concepts = Concepts::WRONG
    .with(Concepts::ERROR)
    .with(Concepts::CANNOT)
    .with(Concepts::UNAVAILABLE)
    .with(Concepts::RETRY)
    .with(Concepts::SORRY)
    .with(Concepts::FIXING)
    .with(Concepts::OOPS);

/// Looks for it.
pub fn look(page: &Page<'_>, reading: &Reading) -> Option<Finding> {
    let chars = reading.middle_chars();
    if reading.kind != Kind::Html || !(TEXT_CHARS_MIN..=TEXT_CHARS).contains(&chars) {
        return None;
    }
    let is_usual = page.usual.is_some_and(|it| it.is_like(page.body.len(), reading.tags));
    // A form says what is wrong with what was filled in.
    let is_form = reading.fields >= FIELDS_MIN;
    if is_usual || is_form || reading.pictures >= 6 || context::is_written(reading) {
        return None;
    }
    let (_, about, means, what) = CALLS.iter().find(|(label, ..)| {
        let called = reading.middle().filter(|block| block.labels.has(*label));
        let called: usize = called.map(|block| weight(&block.text)).sum();
        called as f64 >= SHARE_MIN * chars as f64
    })?;
    let title = words::concepts_of(&reading.title.to_lowercase());
    let of = |block: &Block| words::concepts_of(&block.lower);
    let said = reading.middle().map(of).fold(title, Concepts::with);
    let sure = if said.has_any(*about) { SAID } else { UNSAID };
    let first = reading.middle().next().map_or(reading.title.as_str(), |block| &block.text);
    let what = format!("{what}: “{}”", quote(first));
    Some(Finding { means: *means, sure, what })
}
