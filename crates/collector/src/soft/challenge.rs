//! Challenges: a page that asks whether we are human, in front of the page.
//!
//! Walls leave marks in the markup that do not change with the language; where there are none, thin
//! text about robots and humans decides. The script of a wall on a page full of its own text is
//! part of that page.

use crate::probe::page::Page;
use crate::soft::Finding;
use crate::soft::context;
use crate::soft::error_text::quote;
use crate::soft::reading::Block;
use crate::soft::reading::Kind;
use crate::soft::reading::Place;
use crate::soft::reading::Reading;
use crate::soft::words;
use crate::soft::words::BESIDE_CHARS_MAX;
use crate::soft::words::Concepts;

/// What only a challenge itself carries.
const MARKS: &[&str] = &[
    "_cf_chl_opt",
    "cf-chl-",
    "challenge-form",
    "awswafintegration",
    "awswafcaptcha",
    "captcha-delivery.com",
    "_incapsula_resource",
    "px-captcha",
    "_pxappid",
    "ddos-guard",
    "/.within.website/",
    "geo.captcha",
    "kramericaindustries",
    "sucuri_cloudproxy",
    "akamai-bm-telemetry",
    "bm-verify",
    "datadome",
    "vercel-challenge",
    "slidecaptcha",
    "punish-component",
];
/// What forms carry too.
const CAPTCHAS: &[&str] = &["g-recaptcha", "h-captcha", "hcaptcha", "cf-turnstile", "smartcaptcha"];

/// Letters a challenge may have, its explanations included.
const TEXT_CHARS: usize = 1_000;

/// Letters of a page that says this and nothing else, …
const LONE_CHARS: usize = 120;
/// … and the share of known words in it.
const LONE_KNOWN: f64 = 0.75;

/// So many headings are no challenge.
const HEADINGS: usize = 4;
/// Fields beside which a captcha may be the whole page.
const FORM_FIELDS: usize = 2;
/// Letters of a page around a box to tick.
const BOX_CHARS: usize = 250;

/// Looks for it.
pub fn look(_page: &Page<'_>, reading: &Reading) -> Option<Finding> {
    if reading.kind != Kind::Html || reading.middle_chars() > TEXT_CHARS {
        return None;
    }
    let source = reading.source.to_ascii_lowercase();
    let marked = MARKS.iter().any(|mark| source.contains(mark));
    let captcha = CAPTCHAS.iter().any(|mark| source.contains(mark));
    let text = reading.middle().map(|block| block.lower.as_str()).chain([&*reading.noscript]);
    let text: String = text.collect::<Vec<_>>().join(" ").to_lowercase();
    let of_title = words::concepts_of(&reading.title.to_lowercase());
    let all = words::concepts_of(&text).with(of_title);
    let human = all.has(Concepts::HUMAN);
    // Whatever it is called: a field or a picture of one, and nothing else to fill in.
    let asks = source.contains("captcha") && reading.fields <= 1;
    let lead = reading.middle().next().map(|block| words::concepts_of(&block.lower));
    let leads = of_title.has(Concepts::HUMAN) || lead.is_some_and(|it| it.has(Concepts::HUMAN));
    // "One moment" stands before it, and nothing beside it.
    let is_lone = reading.middle_chars() < LONE_CHARS
        && reading.middle().count() == 2
        && context::known_part(reading) >= LONE_KNOWN;
    let has_content = reading.pictures >= 4 || reading.links >= 12 && !leads;
    let is_thin = reading.is_thin() && words::beside(reading, ABOUT) <= BESIDE_CHARS_MAX;
    let is_box = reading.is_bare()
        && reading.fields <= 1
        && reading.middle_chars() <= BOX_CHARS
        && !context::is_about(reading)
        && reading.blocks.iter().any(agrees);
    let headings = reading.middle().filter(|block| block.is_heading).count();
    // Nothing but a doubt whether we are human, and where to press.
    let is_wall = reading.links == 0
        && reading.is_bare()
        && reading.middle_chars() <= BOX_CHARS
        && !context::is_about(reading);
    let sure = match (marked, captcha, human) {
        (true, _, true) if leads => 0.97,
        _ if has_content || !is_thin => return None,
        // Several headings praise, explain or list.
        (false, _, _) if headings >= HEADINGS => return None,
        (false, false, true) if leads && is_box => 0.8,
        (false, false, true) if leads && is_wall => 0.6,
        (false, false, _) if context::is_about(reading) || context::is_beside(reading) => {
            return None;
        }
        (true, _, true) => 0.97,
        (true, _, false) => 0.85,
        // A form with fields of its own asks for them, and for a captcha beside.
        (false, true, true) if leads || reading.fields <= FORM_FIELDS => 0.95,
        (false, false, true) if asks => 0.8,
        (false, false, false) if asks && all.has(Concepts::DENIED) => 0.7,
        (false, false, true) if all.has(Concepts::DENIED) && reading.is_bare() => 0.6,
        (false, false, true) if leads && reading.is_bare() => 0.8,
        (false, false, true) if is_lone => 0.6,
        (false, false, true) if leads => 0.5,
        (false, false, true) if reading.middle_chars() < 200 && reading.is_bare() => 0.6,
        (false, true, false) if reading.middle_chars() < 120 && reading.fields <= 1 => 0.6,
        _ => return None,
    };
    let said = reading.middle().next().map_or(reading.title.as_str(), |block| &block.text);
    Finding::blocks(sure, format!("a challenge stands before the page: “{}”", quote(said)))
}

/// A box to tick: "I am not a robot".
fn agrees(block: &Block) -> bool {
    block.place == Place::Control && words::concepts_of(&block.lower).has(Concepts::HUMAN)
}

/// What challenges speak of.
const ABOUT: Concepts =
    Concepts::HUMAN.with(Concepts::SITE).with(Concepts::DENIED).with(Concepts::RETRY);
