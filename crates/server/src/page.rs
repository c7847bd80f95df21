//! Pages: the frame around every one of them, and a file for each kind.
//!
//! A page is a pure function of what is known at one moment. Styles are inlined and allowed by
//! their hash; there is no cookie, nothing per viewer and nothing from another host.

pub mod claim_form;
pub mod claims;
pub mod data;
pub mod dossier;
pub mod figure;
pub mod form;
pub mod home;
pub mod incidents;
pub mod ledger;
pub mod likelihoods;
pub mod methods;
pub mod missing;
pub mod probes;
pub mod search;
pub mod service;
pub mod services;
pub mod stats;
pub mod subscription;
pub mod together;
pub mod traffic;
pub mod verdict;

use base64::prelude::BASE64_STANDARD;
use base64::prelude::Engine as _;
use std::sync::LazyLock;

use maud::DOCTYPE;
use maud::Markup;
use maud::PreEscaped;
use maud::html;
use outcry_core::time::UnixMillis;
use sha2::Digest;
use sha2::Sha256;

use crate::open::encoded;
use crate::site::Site;

/// The styles: tokens and rules first, charts after.
pub static STYLE: LazyLock<String> = LazyLock::new(|| {
    let sheets = [include_str!("../../../web/app.css"), include_str!("../../../web/chart.css")];
    sheets.iter().flat_map(|sheet| sheet.lines()).map(str::trim).collect::<Vec<_>>().join("\n")
});
/// The script, served as one file.
pub const SCRIPT: &str = include_str!("../../../web/app.js");

/// The `Content-Security-Policy` of every page.
pub static CONTENT_SECURITY_POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = BASE64_STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
    format!(
        "default-src 'none'; style-src 'sha256-{hash}'; script-src 'self'; img-src 'self'; \
         font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'"
    )
});

/// First characters of the script's hash: its address changes when it does.
pub static SCRIPT_VERSION: LazyLock<String> = LazyLock::new(|| {
    Sha256::digest(SCRIPT.as_bytes()).iter().take(4).map(|byte| format!("{byte:02x}")).collect()
});

/// The parts of a page that differ.
pub struct Frame<'a> {
    /// Title of the window.
    pub title: String,
    /// One sentence for search engines.
    pub description: String,
    /// The part of the site it belongs to: `services`, `incidents`, `claims`, `methods`, `data` or
    /// nothing.
    pub part: &'a str,
    /// The address without the host, such as `/s/x`.
    pub path: String,
    /// Where live numbers come from, if the page has any.
    pub live: Option<String>,
    /// What it was made at.
    pub as_of: UnixMillis,
    /// Whether anything on it was made by a generator.
    pub reconstruction: bool,
}

/// Puts the frame around a page.
pub fn framed(site: &Site, frame: &Frame<'_>, main: &Markup) -> String {
    let words = &site.words;
    let synthetic = frame.reconstruction || site.reconstruction.is_some();
    let parts = [
        ("services", "/", "nav-services"),
        ("incidents", "/incidents", "nav-incidents"),
        ("claims", "/claims", "nav-claims"),
        ("methods", "/methods", "nav-methods"),
        ("data", "/data", "nav-data"),
    ];
    let page = html! {
        (DOCTYPE)
        html lang=(words.language()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width,initial-scale=1";
                title { (frame.title) }
                meta name="description" content=(frame.description);
                @if synthetic { meta name="robots" content="noindex"; }
                @if !site.public_url.is_empty() {
                    link rel="canonical" href={ (site.public_url) (frame.path) };
                }
                (links(site, frame))
                link rel="icon" href="/assets/favicon.svg" type="image/svg+xml";
                link rel="preload" href="/assets/newsreader-500.woff2" as="font"
                    type="font/woff2" crossorigin;
                style { (PreEscaped(STYLE.as_str())) }
                script type="module" src={ "/assets/app.js?" (*SCRIPT_VERSION) } {}
            }
            body data-live=[frame.live.as_deref()] {
                a class="skip" href="#main" { (words.say("skip")) }
                @if synthetic { (banner(site)) }
                header class="wrap top" {
                    a class="brand" href="/" { (mark()) (words.say("brand")) }
                    nav aria-label=(words.say("nav")) { ul {
                        @for (part, path, id) in parts {
                            li {
                                a href=(path) aria-current=[(part == frame.part).then_some("true")]
                                    { (words.say(id)) }
                            }
                        }
                    } }
                }
                main id="main" { div class="wrap" { (main) } }
                footer { div class="wrap" {
                    p {
                        (words.say("footer-honest")) " "
                        (words.say("footer-times")) " "
                        span class="asof" {
                            (words.say("footer-updated")) " " (moment(site, frame.as_of)) "."
                        }
                    }
                    a href="/methods" { (words.say("footer-methods")) }
                    a href="/data" { (words.say("footer-data")) }
                } }
            }
        }
    };
    page.into_string()
}

/// Where feeds are, and what previews in chats show.
fn links(site: &Site, frame: &Frame<'_>) -> Markup {
    let feed = match (frame.path.strip_prefix("/s/"), frame.part) {
        (Some(slug), _) => format!("/feeds/services/{slug}"),
        (None, "claims") => "/feeds/claims".to_owned(),
        (None, _) => "/feeds/all".to_owned(),
    };
    let forms = [
        ("atom.xml", "application/atom+xml"),
        ("rss.xml", "application/rss+xml"),
        ("feed.json", "application/feed+json"),
    ];
    html! {
        @for (form, kind) in forms {
            link rel="alternate" type=(kind) href={ (feed) "/" (form) };
        }
        meta property="og:title" content=(frame.title);
        meta property="og:description" content=(frame.description);
        @if !site.public_url.is_empty() {
            meta property="og:url" content={ (site.public_url) (frame.path) };
        }
        @if frame.path.starts_with("/s/") && !site.public_url.is_empty() {
            @let page = format!("{}{}", site.public_url, frame.path);
            link rel="alternate" type="application/json+oembed"
                href={ "/oembed?url=" (encoded(&page)) };
            meta property="og:image" content={ (page) "/picture.png" };
            meta name="twitter:card" content="summary_large_image";
        }
    }
}

/// What a reconstruction says of itself, on every page.
fn banner(site: &Site) -> Markup {
    let words = &site.words;
    let title = site.reconstruction.as_ref().map_or("", |story| story.title.as_str());
    html! {
        aside class="note" aria-label=(words.say("notice")) { div class="wrap" {
            b { (words.say("reconstruction")) } " "
            (words.say("reconstruction-what")) " " (title)
        } }
    }
}

/// A moment in UTC, for people and for programs.
pub fn moment(site: &Site, at: UnixMillis) -> Markup {
    let words = &site.words;
    html! {
        time datetime=(at) {
            (words.date(at)) ", " (words.clock(at)) " " (words.say("utc"))
        }
    }
}

/// A time of day in UTC; the date stands near it.
pub fn hour(site: &Site, at: UnixMillis) -> Markup {
    html! { time datetime=(at) { (site.words.clock(at)) } }
}

/// The shape beside a word of state; shape, word and colour always go together.
pub fn glyph(kind: Glyph) -> Markup {
    let inner = match kind {
        Glyph::Trouble => r#"<path d="M6 .8 11.6 11H.4z"/>"#,
        Glyph::Open => {
            r#"<circle cx="6" cy="6" r="4.6" fill="none" stroke="currentColor" stroke-width="2"/>"#
        }
        Glyph::Calm => r#"<path d="M1 5h10v2H1z"/>"#,
        Glyph::Supported => r#"<circle cx="6" cy="6" r="5.4"/>"#,
        Glyph::Contradicted => r#"<path d="M6 11.2.4 1h11.2z"/>"#,
        Glyph::Disputed => {
            "<path d=\"M6 .6 1 6l5 5.4z\"/><path d=\"M6 .6 11 6l-5 5.4\" fill=\"none\" \
             stroke=\"currentColor\" stroke-width=\"1.4\"/>"
        }
        Glyph::DoesNotCarry => {
            "<path d=\"M.8 6a2.6 2.6 0 0 1 2.6-2.6H5M7 3.4h1.6a2.6 2.6 0 0 1 0 5.2H7M5 8.6H3.4\
             A2.6 2.6 0 0 1 .8 6M5.3 1l1.4 10\" fill=\"none\" stroke=\"currentColor\" \
             stroke-width=\"1.5\"/>"
        }
    };
    html! { svg class="glyph" viewBox="0 0 12 12" aria-hidden="true" { (PreEscaped(inner)) } }
}

/// The shapes of DESIGN: one for each state and ruling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Glyph {
    /// A triangle: something is bad.
    Trouble,
    /// A ring: open, or not shown.
    Open,
    /// A dash: nothing unusual, or not testable.
    Calm,
    /// A filled circle.
    Supported,
    /// A triangle on its tip.
    Contradicted,
    /// A split diamond.
    Disputed,
    /// A broken link.
    DoesNotCarry,
}

/// The mark of the site: a quiet line with one outcry.
fn mark() -> Markup {
    html! {
        svg viewBox="0 0 26 22" aria-hidden="true" {
            path d="M1 17h6l3-13 4 16 3-8 2 5h6" fill="none" stroke="currentColor"
                stroke-width="2.4" stroke-linejoin="round" stroke-linecap="round" {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_allows_the_style_by_its_hash_and_nothing_inline() {
        assert!(CONTENT_SECURITY_POLICY.contains("style-src 'sha256-"));
        assert!(!CONTENT_SECURITY_POLICY.contains("unsafe"));
    }
}
