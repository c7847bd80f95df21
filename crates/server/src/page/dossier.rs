//! The dossier of an incident: what happened when, what was measured, what was claimed, and what
//! is missing before anyone can say why.

use maud::Markup;
use maud::html;
use outcry_core::catalog::Service;
use outcry_core::incident::Incident;
use outcry_core::incident::Scope;
use outcry_core::time::UnixMillis;

use crate::chart::share::shares;
use crate::contract::Dossier;
use crate::page::Frame;
use crate::page::Glyph;
use crate::page::figure;
use crate::page::framed;
use crate::page::glyph;
use crate::page::hour;
use crate::page::ledger::ledger;
use crate::page::moment;
use crate::page::probes::of_outage;
use crate::page::service::rows;
use crate::page::verdict::Judged;
use crate::page::verdict::cause_name;
use crate::page::verdict::section;
use crate::proposal::PATH;
use crate::site::Site;

/// Renders the dossier; `service` is `None` when the catalogue has dropped it.
pub fn render(site: &Site, service: Option<&Service>, dossier: &Dossier) -> String {
    let words = &site.words;
    let incident = &dossier.incident;
    let name = service.map_or(&incident.service, |service| &service.name).to_string();
    let date = words.date(incident.opened_at);
    let judged = dossier.case.as_ref().map(Judged::of);
    let shown = judged.as_ref().and_then(Judged::shown);
    let reconstruction = incident.reconstruction
        || judged.as_ref().is_some_and(|judged| judged.assessment.reconstruction);
    let made = if reconstruction { "yes" } else { "no" };
    let cause = shown.map(|cause| cause_name(site, cause));
    let headline = words.with(
        if cause.is_some() {
            "dossier-headline-named"
        } else if incident.is_open() {
            "dossier-headline-open"
        } else {
            "dossier-headline-closed"
        },
        &[
            ("name", name.clone().into()),
            ("date", date.clone().into()),
            ("surges", incident.surges.len().into()),
            ("reconstruction", made.into()),
            ("cause", cause.clone().unwrap_or_default().into()),
        ],
    );
    let tag = match &cause {
        Some(cause) => (Glyph::Supported, cause.clone()),
        None => (Glyph::Open, words.say("cause-open")),
    };
    let main = html! {
        div class="hdr" {
            p class="kick" {
                span class="tag q" { (glyph(tag.0)) (tag.1) }
                @if judged.as_ref().is_some_and(|it| it.publication.is_under_review()) {
                    span class="tag o" { (glyph(Glyph::Open)) (words.say("publication-review")) }
                }
                span { (words.say("incident")) " " code { (incident.id.0) } }
                span { (words.with("revision", &[("n", incident.revision.into())])) }
            }
            h1 { (headline) }
            p class="lede" { (summary(site, &name, incident)) }
        }
        @if let (Some(case), Some(judged)) = (&dossier.case, &judged) {
            (section(site, case, judged))
            section aria-labelledby="claims" {
                h2 id="claims" { (words.say("claims-title")) }
                p class="sub" { (words.say("claims-caption")) }
                (ledger(site, judged))
                p class="links" {
                    a href={ (PATH) "?service=" (incident.service) } { (words.say("propose-link")) }
                }
            }
        }
        (day(site, dossier))
        (timeline(site, dossier))
        (for_whom(site, incident))
        (check(site, dossier))
    };
    let frame = Frame {
        title: words.with("dossier-title", &[("name", name.clone().into()), ("date", date.into())]),
        description: words.with("dossier-description", &[("name", name.into())]),
        part: "incidents",
        path: format!("/i/{}", incident.id.0),
        live: None,
        as_of: dossier.case.as_ref().map_or_else(|| site.now(), |case| case.as_of),
        reconstruction,
    };
    framed(site, &frame, &main)
}

fn summary(site: &Site, name: &str, incident: &Incident) -> Markup {
    let words = &site.words;
    let scope = match &incident.scope {
        Scope::Everywhere if !incident.knows_places() => words.say("scope-unknown"),
        Scope::Everywhere => words.say("scope-everywhere"),
        Scope::Countries(countries) => {
            let names: Vec<String> = countries.iter().map(|c| words.country(*c)).collect();
            words.with("scope-countries", &[("countries", names.join(", ").into())])
        }
        Scope::Network(asn) => words.with("scope-network", &[("asn", asn.0.to_string().into())]),
        Scope::Partial => words.say("scope-partial"),
        Scope::OnePlace => words.say("scope-one-place"),
    };
    html! {
        (words.with("dossier-summary", &[
            ("name", name.to_owned().into()),
            ("counted", words.count(incident.reports_counted).into()),
            ("received", words.count(incident.reports_received).into()),
        ])) " " (scope) " "
        (words.say("from-start")) " " (moment(site, incident.opened_at))
        @match incident.closed_at {
            Some(closed) => { " " (words.say("until")) " " (moment(site, closed)) "." }
            None => { ", " (words.say("still-open")) }
        }
    }
}

fn day(site: &Site, dossier: &Dossier) -> Markup {
    let words = &site.words;
    let incident = &dossier.incident;
    let title = figure::finding(site, incident.is_open(), Some(incident));
    html! {
        @if let Some(case) = &dossier.case {
            section aria-labelledby="h-day" {
                h2 id="h-day" { (title) }
                p class="sub" { (words.say("chart-caption-incident")) }
                (figure::of_case(site, &title, case))
            }
        }
    }
}

/// Everything with a time, in its order.
fn timeline(site: &Site, dossier: &Dossier) -> Markup {
    let words = &site.words;
    let incident = &dossier.incident;
    // When, whether the minute is known, and what.
    let mut events: Vec<(UnixMillis, bool, String)> = Vec::new();
    for (index, surge) in incident.surges.iter().enumerate() {
        let opening = &surge.opening;
        let number = ("n", (index + 1).into());
        let (slice, of) = words.slice(&opening.slice);
        events.push((
            surge.opened_at,
            true,
            words.with(
                "event-opened",
                &[
                    number.clone(),
                    ("count", words.count(opening.count).into()),
                    ("slice", slice.into()),
                    ("of", of.into()),
                    ("usual", words.level(opening.usual).into()),
                    ("reporters", words.count(opening.reporters).into()),
                    ("prefixes", words.count(opening.prefixes).into()),
                ],
            ),
        ));
        events.push((
            surge.peak_at,
            true,
            words.with(
                "event-peak",
                &[
                    number.clone(),
                    ("peak", words.count(surge.peak).into()),
                    ("usual", words.level(surge.usual).into()),
                ],
            ),
        ));
        if let Some(closed) = surge.closed_at {
            let excess = words.count(surge.excess.max(0.0).round() as u64).into();
            let over = words.with("event-closed", &[number, ("excess", excess)]);
            events.push((closed, true, over));
        }
    }
    for outage in &incident.outages {
        let name = &incident.service;
        events.push((outage.opened_at, true, of_outage(site, "event-outage", name, outage)));
        let over = outage.closed_at.map(|at| (at, true, words.say("event-outage-over")));
        events.extend(over);
    }
    for record in dossier.case.iter().flat_map(|case| &case.claims) {
        if !record.claim.earlier {
            let role = record.claim.speaker_role.to_string().into();
            let quote = record.claim.quote.to_string().into();
            let when = record.claim.said_at_words.as_deref();
            let values =
                [("role", role), ("quote", quote), ("when", when.unwrap_or("").to_owned().into())];
            let id = if when.is_some() { "event-claim-words" } else { "event-claim" };
            events.push((record.said_at, when.is_none(), words.with(id, &values)));
        }
    }
    events.sort_by_key(|(at, ..)| *at);
    html! {
        section aria-labelledby="h-when" {
            h2 id="h-when" { (words.say("timeline-title")) }
            p class="sub" {
                (words.say("timeline-caption")) " " (words.date(incident.opened_at)) "."
            }
            ol class="tl fig" {
                @for (at, known, what) in &events {
                    li {
                        span class="at" { @if *known { (hour(site, *at)) } @else { "–" } }
                        p { (what) }
                    }
                }
            }
        }
    }
}

fn for_whom(site: &Site, incident: &Incident) -> Markup {
    let words = &site.words;
    html! {
        section class="two" {
            div {
                h2 { (words.say("what-title")) }
                @if incident.components.is_empty() { p class="sub" { (words.say("what-none")) } }
                @else {
                    @let caption = words.say("what-caption-incident");
                    (shares(&rows(site, "component", &incident.components), &caption))
                }
                h3 class="apart" { (words.say("problems-title")) }
                (shares(&rows(site, "problem", &incident.problems), &words.say("problems-caption")))
            }
            div {
                h2 { (words.say("places-title")) }
                @if incident.places.is_empty() { p class="sub" { (words.say("what-none")) } }
                @else {
                    @let caption = words.say("places-caption-incident");
                    (figure::of_places(site, &incident.places, &caption))
                }
            }
        }
    }
}

/// How to check what stands here.
fn check(site: &Site, dossier: &Dossier) -> Markup {
    let words = &site.words;
    let incident = &dossier.incident;
    let id = &incident.id.0;
    html! {
        section class="rule" aria-labelledby="h-check" {
            h2 id="h-check" { (words.say("check-title")) }
            p class="sub" { (words.say("check-text")) }
            pre tabindex="0" {
                code { "curl -s " (site.shown_url()) "/i/" (id) "/case.json | outcry assess -" }
            }
            p class="sub lst" {
                (words.with("check-cite", &[
                    ("id", id.to_string().into()),
                    ("revision", incident.revision.into()),
                    ("address", format!("{}/i/{id}", site.shown_url()).into()),
                ])) " "
                (words.say("check-correct"))
            }
            p class="links" {
                a href={ "/i/" (id) "/case.json" } { (words.say("check-newest")) }
                a href={ "/s/" (incident.service) } { (words.say("check-service")) }
                a href="/methods" { (words.say("footer-methods")) }
            }
            @if !dossier.revisions.is_empty() {
                details {
                    @let count = [("n", dossier.revisions.len().into())];
                    summary { (words.with("check-revisions", &count)) }
                    ul class="revs" {
                        @for (revision, at) in &dossier.revisions {
                            li {
                                a href={ "/i/" (id) "/case.json?revision=" (revision) } {
                                    (words.with("revision", &[("n", (*revision).into())]))
                                } " "
                                span class="meta" { (moment(site, *at)) }
                            }
                        }
                    }
                }
            }
        }
    }
}
