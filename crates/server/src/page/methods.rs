//! How we detect, what we do not claim, and what we keep: in plain words, with the numbers.

use maud::Markup;
use maud::html;
use outcry_core::engine::EngineConfig;
use outcry_core::incident::JOIN_WITHIN_MS;
use outcry_core::incident::REOPEN_WITHIN_MS;
use outcry_core::time::HOUR_MS;
use outcry_core::time::MINUTE_MS;
use outcry_core::trust::REPORTER_WINDOW_MS;
use outcry_core::verdict::naming;

use crate::page::Frame;
use crate::page::framed;
use crate::page::likelihoods;
use crate::site::Site;
use crate::words::Value;

/// The chapters, in order; each has a title and paragraphs in the words.
const CHAPTERS: &[(&str, usize)] = &[
    ("count", 3),
    ("usual", 3),
    ("surge", 4),
    ("incident", 3),
    ("why", 4),
    ("naming", 3),
    ("claims", 4),
    ("publishing", 2),
    ("not", 5),
    ("privacy", 5),
    ("places", 2),
];

/// Renders the page. The numbers in the text are those the program runs with.
pub fn render(site: &Site, engine: EngineConfig) -> String {
    let words = &site.words;
    let values: Vec<(&str, Value<'_>)> = vec![
        ("days", engine.run_length_days.into()),
        ("window", (REPORTER_WINDOW_MS / MINUTE_MS).into()),
        ("reopen", (REOPEN_WITHIN_MS / MINUTE_MS).into()),
        ("join", (JOIN_WITHIN_MS / HOUR_MS).into()),
        ("share", (naming::SHARE_MIN * 100.0).into()),
        ("lower", (naming::LOWER_MIN * 100.0).into()),
        ("families", naming::FAMILIES_MIN.into()),
    ];
    let main = html! {
        div class="hdr" {
            h1 { (words.say("methods-headline")) }
            p class="lede" { (words.say("methods-lede")) }
        }
        nav class="toc" aria-label=(words.say("methods-contents")) { ul {
            @for (chapter, _) in CHAPTERS {
                li { a href={ "#" (chapter) } { (words.say(&format!("methods-{chapter}"))) } }
            }
            li { a href="#table" { (words.say("table-title")) } }
        } }
        @for (chapter, paragraphs) in CHAPTERS { (text(site, chapter, *paragraphs, &values)) }
        (likelihoods::table(site))
    };
    let frame = Frame {
        title: words.say("methods-title"),
        description: words.say("methods-lede"),
        part: "methods",
        path: "/methods".into(),
        live: None,
        as_of: site.now(),
        reconstruction: false,
    };
    framed(site, &frame, &main)
}

fn text(site: &Site, chapter: &str, paragraphs: usize, values: &[(&str, Value<'_>)]) -> Markup {
    let words = &site.words;
    html! {
        section class="prose" aria-labelledby=(chapter) {
            h2 id=(chapter) { (words.say(&format!("methods-{chapter}"))) }
            @for n in 1..=paragraphs {
                p { (words.with(&format!("methods-{chapter}-{n}"), values)) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Words;

    #[test]
    fn every_chapter_has_its_words_and_none_is_left_over() {
        let words = Words::english();
        for (chapter, paragraphs) in CHAPTERS {
            assert!(words.has(&format!("methods-{chapter}")), "{chapter}");
            for n in 1..=*paragraphs {
                assert!(words.has(&format!("methods-{chapter}-{n}")), "{chapter} {n}");
            }
            assert!(!words.has(&format!("methods-{chapter}-{}", paragraphs + 1)), "{chapter}");
        }
    }
}
