//! The card: one service in a frame on another site, in 8 kB, without scripts and without anything
//! from another address.

use base64::prelude::BASE64_STANDARD;
use base64::prelude::Engine as _;
use std::sync::LazyLock;

use maud::DOCTYPE;
use maud::Markup;
use maud::PreEscaped;
use maud::html;
use outcry_core::catalog::Service;
use outcry_core::snapshot::ServiceSnapshot;
use sha2::Digest;
use sha2::Sha256;

use crate::chart::spark::spark;
use crate::page::Glyph;
use crate::page::glyph;
use crate::page::moment;
use crate::site::Site;
use crate::summary::multiples;

/// Its styles: the tokens of the pages, and few rules.
const STYLE: &str = include_str!("../../../../web/card.css");

/// Width and height that a frame needs, in CSS pixels.
pub const SIZE: (u32, u32) = (480, 220);

/// The `Content-Security-Policy` of a card: any site may put it into a frame.
pub static CARD_POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = BASE64_STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
    format!(
        "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'; \
         frame-ancestors *"
    )
});

/// Renders it.
pub fn render(site: &Site, service: &Service, snapshot: &ServiceSnapshot) -> String {
    let words = &site.words;
    let link = format!("{}/s/{}", site.url(), service.slug);
    let times = words.multiple(snapshot.times_usual());
    let label = match snapshot.knows_usual() {
        true => words.with("spark-label", &[("times", times.clone().into())]),
        false => words.say("spark-label-young"),
    };
    let page = html! {
        (DOCTYPE)
        html lang=(words.language()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width,initial-scale=1";
                title { (service.name) " · " (words.say("brand")) }
                meta name="robots" content="noindex";
                style { (PreEscaped(STYLE)) }
            }
            body {
                main {
                    h1 { a href=(link) target="_blank" rel="noopener" { (service.name) } }
                    (state(site, snapshot))
                    p {
                        (words.with("card-counted", &[("n", snapshot.counted_15min.into())]))
                        @if snapshot.knows_usual() {
                            ", " (words.with("card-times", &[("times", times.into())]))
                        } @else { "." }
                    }
                    (spark(&multiples(&snapshot.minutes), &label))
                    p class="m" {
                        @if snapshot.reconstruction { b { (words.say("reconstruction")) } " " }
                        (words.say("footer-updated")) " " (moment(site, snapshot.as_of)) ". "
                        a href=(link) target="_blank" rel="noopener" { (words.say("brand")) }
                    }
                }
            }
        }
    };
    page.into_string()
}

fn state(site: &Site, snapshot: &ServiceSnapshot) -> Markup {
    let open = snapshot.incident.as_ref().filter(|incident| incident.is_open());
    html! {
        @match open {
            Some(incident) => p class="bad" {
                (glyph(Glyph::Trouble)) (site.words.say("card-trouble")) " "
                (site.words.say("since")) " " (moment(site, incident.opened_at))
            },
            None if snapshot.knows_usual() => p {
                (glyph(Glyph::Calm)) (site.words.say("severity-none"))
            },
            None => p { (glyph(Glyph::Open)) (site.words.say("badge-unknown")) },
        }
    }
}
