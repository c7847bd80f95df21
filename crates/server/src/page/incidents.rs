//! The list of incidents, newest first, fifty at a time.

use maud::Markup;
use maud::html;
use outcry_core::catalog::Catalog;
use outcry_core::incident::Incident;
use outcry_core::incident::Severity;

use crate::limit::INCIDENTS_PER_PAGE;
use crate::page::Frame;
use crate::page::Glyph;
use crate::page::framed;
use crate::page::glyph;
use crate::page::moment;
use crate::page::probes::of_outage;
use crate::site::Site;

/// Renders a page of the list; `later` says that it is not the first one.
pub fn render(site: &Site, catalog: &Catalog, incidents: &[Incident], path: &str) -> String {
    let words = &site.words;
    let more = incidents.last().filter(|_| incidents.len() >= INCIDENTS_PER_PAGE as usize);
    let main = html! {
        div class="hdr" {
            h1 { (words.say("incidents-headline")) }
            p class="lede" { (words.say("incidents-lede")) }
        }
        section class="first" aria-label=(words.say("nav-incidents")) {
            @if incidents.is_empty() { p class="sub" { (words.say("incidents-none")) } }
            ul class="cases" {
                @for incident in incidents { (row(site, catalog, incident)) }
            }
            @if let Some(last) = more {
                p class="links" {
                    a href={ "/incidents?before=" (last.opened_at) } { (words.say("older")) }
                }
            }
        }
    };
    let frame = Frame {
        title: words.say("incidents-title"),
        description: words.say("incidents-lede"),
        part: "incidents",
        path: path.to_owned(),
        live: None,
        as_of: site.now(),
        reconstruction: incidents.iter().any(|incident| incident.reconstruction),
    };
    framed(site, &frame, &main)
}

fn row(site: &Site, catalog: &Catalog, incident: &Incident) -> Markup {
    let words = &site.words;
    let name = catalog.service(&incident.service).map_or(&incident.service, |s| &s.name);
    let peak = incident.surges.iter().max_by_key(|surge| surge.peak);
    html! {
        li {
            div {
                h2 { a href={ "/i/" (incident.id.0) } { (name) } }
                p class="meta" {
                    (moment(site, incident.opened_at))
                    @match incident.closed_at {
                        Some(closed) => { " – " (moment(site, closed)) }
                        None => { ", " b { (words.say("still-open-short")) } }
                    }
                }
            }
            p class="st" {
                @let danger = incident.severity == Severity::Danger;
                span class={ "tag" @if !incident.is_open() { " q" } @else if !danger { " o" } } {
                    (glyph(Glyph::Trouble))
                    @if incident.surges.is_empty() { (words.say("severity-probes-short")) }
                    @else if danger { (words.say("severity-danger-short")) }
                    @else { (words.say("severity-warning-short")) }
                }
            }
            p class="what" {
                @if let Some(peak) = peak {
                    (words.with("incident-line", &[
                        ("surges", incident.surges.len().into()),
                        ("peak", words.count(peak.peak).into()),
                        ("usual", words.level(peak.usual).into()),
                    ]))
                }
                @let worst = incident.outages.iter().max_by_key(|it| (it.agreement, it.failing));
                @if let Some(worst) = worst {
                    " " (of_outage(site, "event-outage", name, worst))
                }
            }
        }
    }
}
