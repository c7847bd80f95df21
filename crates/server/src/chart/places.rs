//! Places: reports from each country as a multiple of its own usual level.
//!
//! Bars begin at the usual level and each step doubles, so a small country and a large one can be
//! compared. A country whose usual level is not known is hatched, and its reports are in words.
//!
//! # What it cannot tell
//!
//! Where most people are affected: a multiple is not a count, and a report is not a person.

use maud::Markup;
use maud::html;

use crate::chart::hatch;
use crate::chart::label::text_width;
use crate::chart::percent;

/// Doublings the scale shows at least.
const DOUBLINGS_MIN: i32 = 3;
/// Doublings the scale shows at most: 2^12 is 4096 times.
const DOUBLINGS_MAX: i32 = 12;
/// Steps written on the scale at most, besides the usual level.
const STEPS_WRITTEN_MAX: i32 = 4;
/// Width of the narrowest bar, in pixels: a step that would meet the foot there is not written.
const SCALE_PX_MIN: f64 = 130.0;
/// Size of the text on the scale, in pixels.
const STEP_TEXT_PX: f64 = 13.0;
/// A country at this many times its usual level is in colour.
const IN_COLOUR: f64 = 2.0;

/// One country, or one group of countries.
#[derive(Clone, Debug, PartialEq)]
pub struct PlaceRow {
    /// Its name.
    pub label: String,
    /// How many times its own usual level; `None` when that is not known.
    pub times: Option<f64>,
    /// The multiple in words, as "32 times"; or the count where no multiple is known.
    pub text: String,
}

/// The words of the list.
#[derive(Clone, Copy)]
pub struct PlaceWords<'a> {
    /// What is shown, since when.
    pub caption: &'a str,
    /// Heading of the countries.
    pub country: &'a str,
    /// Heading of the bars, as "each step doubles".
    pub scale: &'a str,
    /// Heading of the multiples.
    pub times: &'a str,
    /// The foot of the scale, as "usual".
    pub usual: &'a str,
    /// Writes a step of the scale, as "8×".
    pub step: &'a dyn Fn(u64) -> String,
    /// Countries too small to draw, in a sentence; empty when there are none.
    pub small: &'a str,
}

/// Draws the countries in the order given; `id` is unique on the page.
pub fn places(id: &str, rows: &[PlaceRow], words: &PlaceWords) -> Markup {
    let pattern = format!("{id}-h");
    let highest = rows.iter().filter_map(|row| row.times).fold(1.0, f64::max);
    let doublings = (highest.log2().ceil() as i32).clamp(DOUBLINGS_MIN, DOUBLINGS_MAX);
    html! {
        @if !rows.is_empty() {
            table.bars.pl id=(id) {
                caption { (words.caption) }
                thead {
                    tr {
                        th scope="col" { (words.country) }
                        th.bar scope="col" {
                            (words.scale)
                            (scale(doublings, words))
                        }
                        th.v scope="col" { (words.times) }
                    }
                }
                tbody {
                    @for row in rows {
                        tr {
                            th scope="row" { (row.label) }
                            td.bar aria-hidden="true" { (bar(row, doublings, &pattern)) }
                            td.v { (row.text) }
                        }
                    }
                }
            }
            @if rows.iter().any(|row| row.times.is_none()) {
                svg.defs aria-hidden="true" { (hatch(&pattern)) }
            }
        }
        @if !words.small.is_empty() { p.sub { (words.small) } }
    }
}

/// The steps of the scale in figures, from the usual level.
fn scale(doublings: i32, words: &PlaceWords) -> Markup {
    let every = (doublings + STEPS_WRITTEN_MAX - 1) / STEPS_WRITTEN_MAX;
    let free_from = text_width(words.usual, STEP_TEXT_PX);
    let begins = |step: i32| {
        let text = text_width(&(words.step)(1 << step), STEP_TEXT_PX);
        f64::from(step) / f64::from(doublings) * SCALE_PX_MIN - text / 2.0
    };
    let written = |step: &i32| step % every == 0 && begins(*step) > free_from;
    let steps = (1..=doublings).filter(written);
    html! {
        svg.steps aria-hidden="true" {
            text y="14" { (words.usual) }
            @for step in steps {
                text x=(along(step, doublings)) y="14"
                    text-anchor=(if step == doublings { "end" } else { "middle" }) {
                    ((words.step)(1 << step))
                }
            }
        }
    }
}

/// A bar from the usual level, notched at each doubling.
fn bar(row: &PlaceRow, doublings: i32, pattern: &str) -> Markup {
    let times = row.times.filter(|times| !times.is_nan());
    let length = times.map(|times| times.max(1.0).log2() / f64::from(doublings));
    let class = if times.is_some_and(|times| times >= IN_COLOUR) { "bs" } else { "b2" };
    html! {
        svg {
            @match length {
                Some(length) => {
                    rect.b0 width="100%" height="11" {}
                    rect class=(class) width=(percent(length)) height="11" {}
                }
                None => { rect width="100%" height="11" fill={"url(#" (pattern) ")"} {} }
            }
            @if length.is_some() {
                @for x in (1..doublings).map(|step| along(step, doublings)) {
                    line x1=(x) x2=(x) y2="11" {}
                }
            }
        }
    }
}

fn along(step: i32, doublings: i32) -> String {
    percent(f64::from(step) / f64::from(doublings))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::any;
    use proptest::prelude::proptest;

    use super::*;

    fn row(times: Option<f64>) -> PlaceRow {
        PlaceRow { label: "Japan".into(), times, text: "37 times".into() }
    }

    fn draw(rows: &[PlaceRow]) -> String {
        let words = PlaceWords {
            caption: "Reports by country",
            country: "Country",
            scale: "each step doubles",
            times: "Times usual",
            usual: "usual",
            step: &|times| format!("{times}×"),
            small: "Too few to compare: Malta 4.",
        };
        places("places", rows, &words).into_string()
    }

    #[test]
    fn each_doubling_is_one_step_of_the_same_length() {
        let html = draw(&[row(Some(16.0)), row(Some(4.0)), row(Some(1.0))]);
        for width in ["100%", "50%", "0%"] {
            assert!(html.contains(&format!(r#"width="{width}" height="11""#)), "{width}: {html}");
        }
        assert!(html.contains("16×") && html.contains("each step doubles"));
    }

    #[test]
    fn an_unknown_usual_level_is_hatched_and_never_a_bar() {
        let html = draw(&[row(None)]);
        assert!(html.contains(r##"fill="url(#places-h)""##) && html.contains(r#"id="places-h""#));
        assert!(!html.contains("\"b0\"") && !html.contains("\"bs\""), "{html}");
    }

    #[test]
    fn small_countries_are_in_words_even_alone() {
        assert!(draw(&[]).contains("Malta 4"));
        assert!(!draw(&[]).contains("<table"));
    }

    proptest! {
        #[test]
        fn any_multiples_draw_inside_the_cell(
            times in proptest::collection::vec(any::<Option<f64>>(), 0..9),
        ) {
            let rows: Vec<PlaceRow> = times.into_iter().map(row).collect();
            let html = draw(&rows);
            assert!(!html.contains("NaN") && !html.contains("inf") && !html.contains("=\"-"));
        }
    }
}
