//! Traffic: a page for whoever runs a network, of one moment or of files that were read.
//!
//! It is not one of the public pages: `outcry analyze --html` writes it into a file of its own, and
//! the operator's console shows it behind the token. So it brings its fonts and styles along and
//! asks for nothing. It holds targets, which are the operator's own, and no address of a source:
//! only countries, where the verdict on the sources allows that, each with the range of its share.

use base64::prelude::BASE64_STANDARD;
use base64::prelude::Engine as _;
use maud::DOCTYPE;
use maud::Markup;
use maud::PreEscaped;
use maud::html;
use outcry_core::time::UnixMillis;

use crate::asset;
use crate::chart::rate::Rate;
use crate::chart::rate::rate;
use crate::page::Glyph;
use crate::page::STYLE;
use crate::page::glyph;
use crate::page::mark;
use crate::words::Words;

mod attack;
pub mod operator;

/// Attacks that are told in full.
pub const TOLD_MAX: usize = 50;

/// The page holds its own styles, fonts and mark, and may ask for nothing.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; font-src data:; img-src data:";

/// One attack, as a page tells it.
#[derive(Clone, Debug, PartialEq)]
pub struct AttackView {
    /// What it goes to: an address or a prefix of the operator; `None` for requests.
    pub target: Option<String>,
    /// Distinct targets.
    pub targets: u64,
    /// Spread over a prefix.
    pub carpet: bool,
    /// In bursts.
    pub pulse: bool,
    /// Still going on.
    pub open: bool,
    /// From when until when.
    pub span: (UnixMillis, UnixMillis),
    /// How much in the fullest second.
    pub size: Size,
    /// By second since 1970: packets, or requests.
    pub points: Vec<(i64, f64)>,
    /// Its vectors, the largest first.
    pub vectors: Vec<VectorView>,
    /// What the sources can be said to be, by stable name.
    pub verdict: &'static str,
    /// Distinct sources, estimated.
    pub sources: u64,
    /// Where they are.
    pub places: PlacesView,
    /// What speaks for it, by stable name.
    pub signs: Vec<&'static str>,
}

/// How much came in the fullest second, or window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Size {
    /// Bits and packets a second; `at_least` where nobody said how packets were chosen.
    Traffic {
        /// Bits a second.
        bps: f64,
        /// Packets a second.
        pps: f64,
        /// Whether there may be more.
        at_least: bool,
    },
    /// Requests a second, what is usual, and the share answered with 5xx.
    Requests {
        /// Requests a second.
        rps: f64,
        /// Usual requests a second.
        usual: Option<f64>,
        /// Share of errors, 0..=1.
        errors_share: f64,
    },
}

/// One vector of an attack.
#[derive(Clone, Debug, PartialEq)]
pub struct VectorView {
    /// Stable name, such as `tcp_syn_flood`.
    pub name: &'static str,
    /// Share of the attack's packets, 0..=1.
    pub share: f64,
    /// Packets, or requests.
    pub packets: f64,
    /// Octets; `None` of requests.
    pub octets: Option<f64>,
    /// Ports of the target; empty is many.
    pub ports: Vec<u16>,
}

/// Where sources are, as far as it may be told.
#[derive(Clone, Debug, PartialEq)]
pub enum PlacesView {
    /// Nothing is told; the reason by stable name.
    Withheld(&'static str),
    /// Countries, with the least and the largest share, 0..=1.
    Countries(Vec<(String, f64, f64)>),
}

/// What was read, and what it came to.
#[derive(Clone, Debug, PartialEq)]
pub struct AnalysisView {
    /// Names of the files.
    pub files: Vec<String>,
    /// Packets, flow records, requests.
    pub read: [u64; 3],
    /// From when until when.
    pub span: Option<(UnixMillis, UnixMillis)>,
    /// Records whose sampling nobody said.
    pub unsampled: u64,
    /// Attacks, the largest first.
    pub attacks: Vec<AttackView>,
    /// What is no attack, by stable name.
    pub benign: Vec<&'static str>,
    /// What was wrong with the input, and how often.
    pub faults: Vec<(String, u64)>,
    /// Databases of places, with the day each was built.
    pub databases: Vec<(String, UnixMillis)>,
}

/// The page of an analysis.
pub fn analysis(words: &Words, view: &AnalysisView) -> String {
    let many = [("n", view.attacks.len().into())];
    let title = words.with("traffic-found", &many);
    let main = html! {
        div class="hdr" {
            p class="kick" { (words.say("traffic-analysis")) }
            h1 { (title) }
            p class="lede" {
                (read(words, view))
                @if view.attacks.is_empty() { " " (words.say("traffic-no-proof")) }
            }
        }
        @for (number, attack) in view.attacks.iter().take(TOLD_MAX).enumerate() {
            (attack::attack(words, attack, number))
        }
        @if view.attacks.len() > TOLD_MAX {
            p class="sub" {
                (words.with("traffic-more", &[("n", (view.attacks.len() - TOLD_MAX).into())]))
            }
        }
        @if !view.benign.is_empty() {
            section aria-labelledby="benign" {
                h2 id="benign" { (words.say("traffic-benign")) }
                ul class="lately" { @for name in &view.benign {
                    li { (words.term("traffic-class", name)) }
                } }
            }
        }
        section aria-labelledby="input" {
            h2 id="input" { (words.say("traffic-input")) }
            p class="sub" { (words.say("traffic-input-what")) }
            @if view.faults.is_empty() && view.unsampled == 0 {
                p class="fig" { (words.say("traffic-input-fine")) }
            } @else {
                (faults(words, &view.faults, view.unsampled))
            }
        }
        (databases(words, &view.databases))
    };
    alone(words, &title, &main)
}

fn read(words: &Words, view: &AnalysisView) -> Markup {
    let counted = ["traffic-packets", "traffic-flows", "traffic-requests"];
    let counted: Vec<String> = counted
        .into_iter()
        .zip(view.read)
        .filter(|(_, count)| *count > 0)
        .map(|(id, count)| words.with(id, &[("n", count.into())]))
        .collect();
    html! {
        (words.with("traffic-read", &[
            ("files", view.files.join(", ").into()),
            ("what", counted.join(", ").into()),
        ]))
        @if let Some((from, until)) = view.span {
            " " (words.with("traffic-span", &[
                ("date", words.date(from).into()),
                ("from", clock(from.0 / 1_000).into()),
                ("until", clock(until.0 / 1_000).into()),
            ]))
        }
    }
}

fn faults(words: &Words, faults: &[(String, u64)], unsampled: u64) -> Markup {
    html! {
        table class="plain fig" {
            caption class="vh" { (words.say("traffic-input")) }
            thead { tr {
                th scope="col" { (words.say("traffic-fault")) }
                th scope="col" { (words.say("traffic-times")) }
            } }
            tbody {
                @if unsampled > 0 {
                    tr {
                        th scope="row" { (words.say("traffic-unsampled")) }
                        td { (words.count(unsampled)) }
                    }
                }
                @for (what, count) in faults {
                    tr { th scope="row" { (what) } td { (words.count(*count)) } }
                }
            }
        }
    }
}

fn databases(words: &Words, databases: &[(String, UnixMillis)]) -> Markup {
    html! {
        @if !databases.is_empty() {
            p class="sub apart" {
                @for (name, built) in databases {
                    (words.with("traffic-database", &[
                        ("name", name.as_str().into()),
                        ("date", words.date(*built).into()),
                    ])) " "
                }
            }
        }
    }
}

/// A time of day with seconds, UTC.
fn clock(at_s: i64) -> String {
    let second = at_s.rem_euclid(86_400);
    format!("{:02}:{:02}:{:02}", second / 3_600, second / 60 % 60, second % 60)
}

/// A number with a prefix of the SI and a unit.
fn scaled(number: f64, unit: &str) -> String {
    for (size, prefix) in [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")] {
        if number >= size {
            let digits = if number / size < 10.0 { 1 } else { 0 };
            return format!("{:.digits$} {prefix}{unit}", number / size);
        }
    }
    format!("{number:.0} {unit}")
}

fn chart(points: &[(i64, f64)], label: String, unit: &str, is_abnormal: bool) -> Markup {
    let value = |value: f64| scaled(value, unit);
    let number = |value: f64| scaled(value, "").trim_end().to_owned();
    rate(&Rate { points, label, value: &value, number: &number, clock: &clock, is_abnormal })
}

/// A page that brings all it needs along.
fn alone(words: &Words, title: &str, main: &Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang=(words.language()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width,initial-scale=1";
                meta name="robots" content="noindex";
                meta http-equiv="Content-Security-Policy"
                    content=(POLICY);
                link rel="icon" type="image/svg+xml" href=(own("favicon.svg", "image/svg+xml"));
                title { (title) " – " (words.say("brand")) }
                style { (PreEscaped(own_style())) }
            }
            body {
                a class="skip" href="#main" { (words.say("skip")) }
                header class="wrap top" {
                    span class="brand" { (mark()) (words.say("brand")) }
                }
                main id="main" { div class="wrap" { (main) } }
                footer { div class="wrap" { p { (words.say("traffic-footer")) } } }
            }
        }
    };
    page.into_string()
}

/// The styles of the site with its fonts in them.
fn own_style() -> String {
    let fonts = ["inter-400-700.woff2", "newsreader-500.woff2"];
    fonts.into_iter().fold(STYLE.as_str().to_owned(), |style, name| {
        style.replace(&format!("/assets/{name}"), &own(name, "font/woff2"))
    })
}

/// An asset as an address that holds it.
fn own(name: &str, kind: &str) -> String {
    let bytes = asset::ALL.iter().find(|(known, _)| *known == name).map_or(&[][..], |it| it.1);
    format!("data:{kind};base64,{}", BASE64_STANDARD.encode(bytes))
}
