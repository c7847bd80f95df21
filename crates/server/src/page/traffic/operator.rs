//! The operator's page: attacks, top targets, exporters and what of each was lost, at one moment.

use maud::Markup;
use maud::html;
use outcry_core::time::UnixMillis;

use super::AttackView;
use super::TOLD_MAX;
use super::alone;
use super::attack::attack;
use super::chart;
use super::clock;
use super::databases;
use super::scaled;
use crate::words::Words;

/// One moment of the traffic of a network.
#[derive(Clone, Debug, PartialEq)]
pub struct OperatorView {
    /// When; `None` while nothing came yet.
    pub at: Option<UnixMillis>,
    /// Attacks that are going on and some that are over.
    pub attacks: Vec<AttackView>,
    /// All traffic by second since 1970, bits a second.
    pub points: Vec<(i64, f64)>,
    /// Targets with most octets.
    pub targets: Vec<TargetView>,
    /// Exporters.
    pub exporters: Vec<ExporterView>,
    /// What went wrong since the beginning, by stable name.
    pub losses: Vec<(&'static str, u64)>,
    /// Databases of places, with the day each was built.
    pub databases: Vec<(String, UnixMillis)>,
}

/// One target.
#[derive(Clone, Debug, PartialEq)]
pub struct TargetView {
    /// Its address.
    pub address: String,
    /// Bits a second.
    pub bps: f64,
    /// Packets a second.
    pub pps: f64,
    /// Distinct sources, estimated.
    pub sources: u64,
}

/// One exporter.
#[derive(Clone, Debug, PartialEq)]
pub struct ExporterView {
    /// Its address.
    pub address: String,
    /// What it writes.
    pub version: &'static str,
    /// Its domain.
    pub domain: u32,
    /// Datagrams that came.
    pub datagrams: u64,
    /// Flows that came.
    pub flows: u64,
    /// What never arrived, by its own numbers.
    pub lost: u64,
    /// Share of what it sent that never arrived, 0..=1.
    pub lost_share: f64,
    /// When the last datagram came.
    pub seen: UnixMillis,
}

/// The page.
pub fn operator(words: &Words, view: &OperatorView) -> String {
    let open = view.attacks.iter().filter(|attack| attack.open).count();
    let title = words.with("traffic-now", &[("n", open.into())]);
    let main = html! {
        div class="hdr" {
            p class="kick" {
                (words.say("traffic-console"))
                @if let Some(at) = view.at {
                    span { (words.with("traffic-as-of", &[
                        ("date", words.date(at).into()),
                        ("time", clock(at.0 / 1_000).into()),
                    ])) }
                }
            }
            h1 { (title) }
            p class="lede" {
                @if view.at.is_none() { (words.say("traffic-nothing-yet")) }
                @else { (words.say("traffic-console-what")) }
            }
        }
        @if view.points.len() > 1 {
            section class="first" aria-labelledby="all" {
                h2 id="all" { (words.say("traffic-all")) }
                p class="sub" { (words.say("traffic-all-what")) }
                div class="fig" { (chart(&view.points, words.say("traffic-all"), "bit/s", false)) }
            }
        }
        @for (number, of) in view.attacks.iter().take(TOLD_MAX).enumerate() {
            (attack(words, of, number))
        }
        (targets(words, view))
        (exporters(words, view))
        (databases(words, &view.databases))
    };
    alone(words, &title, &main)
}

fn targets(words: &Words, view: &OperatorView) -> Markup {
    html! {
        section aria-labelledby="targets" {
            h2 id="targets" { (words.say("traffic-targets")) }
            p class="sub" { (words.say("traffic-targets-what")) }
            table class="plain fig" {
                caption class="vh" { (words.say("traffic-targets")) }
                thead { tr {
                    th scope="col" { (words.say("traffic-target")) }
                    th scope="col" { "bit/s" }
                    th scope="col" { "packets/s" }
                    th scope="col" { (words.say("traffic-sources")) }
                } }
                tbody { @for target in &view.targets {
                    tr {
                        th scope="row" { (target.address) }
                        td { (scaled(target.bps, "bit/s")) }
                        td { (scaled(target.pps, "packets/s")) }
                        td { (words.with("traffic-sources-n", &[("n", target.sources.into())])) }
                    }
                } }
            }
        }
    }
}

fn exporters(words: &Words, view: &OperatorView) -> Markup {
    html! {
        section aria-labelledby="exporters" {
            h2 id="exporters" { (words.say("traffic-exporters")) }
            p class="sub" { (words.say("traffic-exporters-what")) }
            table class="plain fig" {
                caption class="vh" { (words.say("traffic-exporters")) }
                thead { tr {
                    th scope="col" { (words.say("traffic-exporter")) }
                    th scope="col" { (words.say("traffic-received")) }
                    th scope="col" { (words.say("traffic-lost")) }
                    th scope="col" { (words.say("traffic-seen")) }
                } }
                tbody { @for exporter in &view.exporters {
                    tr {
                        th scope="row" {
                            (exporter.address)
                            div class="meta" {
                                (exporter.version) ", "
                                (words.with("traffic-domain", &[("n", exporter.domain.into())]))
                            }
                        }
                        td {
                            (words.with("traffic-flows", &[("n", exporter.flows.into())]))
                            div class="meta" {
                                (words.with("traffic-datagrams", &[
                                    ("n", exporter.datagrams.into()),
                                ]))
                            }
                        }
                        td { (lost(words, exporter)) }
                        td { (clock(exporter.seen.0 / 1_000)) }
                    }
                } }
            }
            @let losses = view.losses.iter().filter(|(_, count)| *count > 0);
            @let losses: Vec<_> = losses.collect();
            @if losses.is_empty() {
                p class="sub lst" { (words.say("traffic-no-loss")) }
            } @else {
                ul class="lately" { @for (name, count) in losses {
                    li { (words.with(&format!("traffic-loss-{name}"), &[("n", (*count).into())])) }
                } }
            }
        }
    }
}

/// The share with two digits, since a hundredth of a percent of many flows is many.
fn lost(words: &Words, exporter: &ExporterView) -> Markup {
    html! {
        @if exporter.lost == 0 {
            (words.say("traffic-lost-nothing"))
        } @else {
            b class="no" { (words.count(exporter.lost)) }
            div class="meta" {
                (words.with("traffic-lost-share", &[
                    ("n", ((exporter.lost_share * 10_000.0).round() / 100.0).into()),
                ]))
            }
        }
    }
}
