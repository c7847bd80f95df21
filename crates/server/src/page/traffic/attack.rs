//! One attack: what, when, how much, by which vectors, and what its sources can and cannot tell.

use maud::Markup;
use maud::html;

use super::AttackView;
use super::Glyph;
use super::PlacesView;
use super::Size;
use super::VectorView;
use super::chart;
use super::clock;
use super::glyph;
use super::scaled;
use crate::chart::percent;
use crate::words::Words;

pub(super) fn attack(words: &Words, view: &AttackView, number: usize) -> Markup {
    let id = format!("attack-{number}");
    html! {
        section aria-labelledby=(id) {
            h2 id=(id) { (headline(words, view)) }
            p class="sub lst" {
                @if view.open {
                    span class="tag" { (glyph(Glyph::Trouble)) (words.say("traffic-open")) }
                } @else {
                    span class="tag q" { (glyph(Glyph::Calm)) (words.say("traffic-over")) }
                }
                @if view.carpet { " " (words.say("traffic-carpet")) }
                @if view.pulse { " " (words.say("traffic-pulse")) }
            }
            p class="sub lst" { (when(words, view)) " " (how_much(words, view)) }
            div class="fig" {
                (chart(&view.points, label(words, view), unit(view), true))
            }
            (seconds(words, view))
            (vectors(words, &view.vectors))
            @if !view.signs.is_empty() {
                p class="sub lst" {
                    (words.say("traffic-signs")) " "
                    @let signs = view.signs.iter().map(|sign| words.term("traffic-sign", sign));
                    (signs.collect::<Vec<_>>().join("; ")) "."
                }
            }
            h3 class="apart" { (words.say("traffic-sources")) }
            p class="sub lst" {
                (words.with(&format!("traffic-verdict-{}", view.verdict), &[
                    ("n", view.sources.into()),
                ]))
            }
            (places(words, view))
        }
    }
}

fn headline(words: &Words, view: &AttackView) -> String {
    let names: Vec<String> =
        view.vectors.iter().map(|vector| words.term("traffic-vector", vector.name)).collect();
    let what = names.join(" + ");
    match &view.target {
        Some(target) if view.targets > 1 => words.with(
            "traffic-on-many",
            &[
                ("what", what.into()),
                ("target", target.as_str().into()),
                ("n", view.targets.into()),
            ],
        ),
        Some(target) => {
            words.with("traffic-on", &[("what", what.into()), ("target", target.as_str().into())])
        }
        None => what,
    }
}

fn when(words: &Words, view: &AttackView) -> String {
    let (from, until) = view.span;
    words.with(
        "traffic-span",
        &[
            ("date", words.date(from).into()),
            ("from", clock(from.0 / 1_000).into()),
            ("until", clock(until.0 / 1_000).into()),
        ],
    )
}

fn how_much(words: &Words, view: &AttackView) -> String {
    match view.size {
        Size::Traffic { bps, pps, at_least } => {
            let id = if at_least { "traffic-size-least" } else { "traffic-size" };
            words.with(
                id,
                &[("bps", scaled(bps, "bit/s").into()), ("pps", scaled(pps, "packets/s").into())],
            )
        }
        Size::Requests { rps, usual, errors_share } => {
            let usual = usual.map_or_else(
                || words.say("traffic-usual-unknown"),
                |usual| words.with("traffic-usual", &[("n", words.level(usual).into())]),
            );
            words.with(
                "traffic-size-requests",
                &[
                    ("rps", scaled(rps, "requests/s").into()),
                    ("usual", usual.into()),
                    ("errors", words.percent(errors_share).into()),
                ],
            )
        }
    }
}

fn unit(view: &AttackView) -> &'static str {
    match view.size {
        Size::Traffic { .. } => "packets/s",
        Size::Requests { .. } => "requests/s",
    }
}

fn label(words: &Words, view: &AttackView) -> String {
    format!("{}. {} {}", headline(words, view), when(words, view), how_much(words, view))
}

/// The numbers of the chart, for who wants them.
fn seconds(words: &Words, view: &AttackView) -> Markup {
    /// Rows of a table that anyone reads.
    const ROWS_MAX: usize = 120;
    html! {
        @if view.points.len() > 1 {
            details {
                summary { (words.say("traffic-numbers")) }
                table class="plain" {
                    thead { tr {
                        th scope="col" { (words.say("utc")) }
                        th scope="col" { (unit(view)) }
                    } }
                    tbody { @for (at, value) in view.points.iter().take(ROWS_MAX) {
                        tr { th scope="row" { (clock(*at)) } td { (words.count(*value as u64)) } }
                    } }
                }
                @if view.points.len() > ROWS_MAX {
                    p class="meta" {
                        (words.with("traffic-more", &[("n", (view.points.len() - ROWS_MAX).into())]))
                    }
                }
            }
        }
    }
}

fn vectors(words: &Words, vectors: &[VectorView]) -> Markup {
    let is_traffic = vectors.iter().any(|vector| vector.octets.is_some());
    let of = if is_traffic { "traffic-packets" } else { "traffic-requests" };
    html! {
        table class="bars fig" {
            caption { (words.say("traffic-vectors")) }
            tbody { @for vector in vectors {
                tr {
                    th scope="row" {
                        (words.term("traffic-vector", vector.name))
                        div class="meta" {
                            (vector.name)
                            @if vector.octets.is_some() { ", " (ports(words, vector)) }
                        }
                    }
                    td class="bar" aria-hidden="true" {
                        svg { rect.bs width=(percent(vector.share)) height="12" {} }
                    }
                    td class="v" {
                        (words.percent(vector.share))
                        div class="meta" {
                            (words.with(of, &[("n", vector.packets.round().into())]))
                            @if let Some(octets) = vector.octets { ", " (scaled(octets, "B")) }
                        }
                    }
                }
            } }
        }
    }
}

fn ports(words: &Words, vector: &VectorView) -> String {
    if vector.ports.is_empty() {
        return words.say("traffic-ports-many");
    }
    let ports: Vec<String> = vector.ports.iter().map(u16::to_string).collect();
    words.with("traffic-ports", &[("ports", ports.join(", ").into())])
}

fn places(words: &Words, view: &AttackView) -> Markup {
    let countries = match &view.places {
        PlacesView::Withheld(reason) => {
            return html! {
                p class="sub lst" {
                    span class="tag o" { (glyph(Glyph::Open)) (words.say("traffic-withheld")) } " "
                    (words.say(&format!("traffic-withheld-{reason}")))
                }
            };
        }
        PlacesView::Countries(countries) => countries,
    };
    html! {
        p class="sub lst" { (words.say(&format!("traffic-places-{}", view.verdict))) }
        table class="hyp fig" {
            caption class="vh" { (words.say("traffic-places")) }
            thead { tr {
                th scope="col" { (words.say("traffic-country")) }
                th scope="col" class="plotcell" { (words.say("traffic-axis")) }
                th scope="col" class="num" { (words.say("traffic-share")) }
            } }
            tbody { @for (country, low, high) in countries {
                tr {
                    th scope="row" { b { (name(words, country)) } }
                    td class="plotcell" aria-hidden="true" { (range(*low, *high)) }
                    td class="num" { (words.with("traffic-range", &[
                        ("low", (low * 100.0).floor().into()),
                        ("high", (high * 100.0).ceil().into()),
                    ])) }
                }
            } }
        }
        p class="meta" { (words.say("traffic-places-caveat")) }
    }
}

fn name(words: &Words, country: &str) -> String {
    match country {
        "other" | "unknown" => words.say(&format!("traffic-country-{country}")),
        code => words.term("country", code),
    }
}

fn range(low: f64, high: f64) -> Markup {
    html! {
        svg {
            @for at in [0.0, 0.25, 0.5, 0.75, 1.0] {
                line.g x1=(percent(at)) x2=(percent(at)) y1="2" y2="24" {}
            }
            line.r x1=(percent(low)) x2=(percent(high)) y1="13" y2="13" {}
        }
    }
}
