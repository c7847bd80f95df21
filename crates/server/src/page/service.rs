//! The page of one service: what people report, against what is usual, and a form to add to it.

use maud::Markup;
use maud::html;
use outcry_core::catalog::Service;
use outcry_core::incident::Incident;
use outcry_core::incident::Severity;
use outcry_core::incident::Share;
use outcry_core::snapshot::ServiceSnapshot;
use outcry_core::units::Text;

use crate::chart::share::ShareRow;
use crate::chart::share::shares;
use crate::contract::ApprovedComment;
use crate::intake::Answers;
use crate::intake::Fault;
use crate::page::Frame;
use crate::page::Glyph;
use crate::page::figure;
use crate::page::form::form;
use crate::page::framed;
use crate::page::glyph;
use crate::page::hour;
use crate::page::ledger::claims_in_short;
use crate::page::moment;
use crate::page::probes;
use crate::page::stats::stats;
use crate::page::subscription;
use crate::site::Site;
use crate::words::Value;
use crate::words::in_a_sentence;

/// Where a word of thanks is put in when a report came through the form. Pages are served from
/// memory to everyone; this is the one thing that differs for the sender.
pub const THANKS_PLACE: &str = "<!--thanks-->";
/// A component is what it is "mostly" about from this share on.
const MOSTLY_SHARE_MIN: f64 = 0.5;
/// Reports of the last hour under which shares are not worth a headline.
pub const SHARES_REPORTS_MIN: u64 = 10;

/// Renders the page; `typed` and `faults` are what the form is to show.
pub fn render(
    site: &Site,
    service: &Service,
    snapshot: &ServiceSnapshot,
    comments: &[ApprovedComment],
    typed: &Answers,
    faults: &[Fault],
) -> String {
    let words = &site.words;
    let name = service.name.to_string();
    let main = html! {
        div class="hero" {
            div {
                (kicker(site, service, snapshot))
                h1 { (headline(site, service, snapshot)) }
                p class="lede" { (lede(site, service, snapshot)) }
                (maud::PreEscaped(THANKS_PLACE))
                (stats(site, snapshot))
            }
            (form(site, service, typed, faults))
        }
        (chart(site, service, snapshot))
        section class="two" {
            (what(site, snapshot))
            (countries(site, snapshot))
        }
        (claims(site, snapshot))
        (heard(site, service, comments))
        (history(site, snapshot))
        (facts(site, service, snapshot))
        (subscription::form(site, service))
    };
    let title = if faults.is_empty() { "service-title" } else { "service-title-fault" };
    let calm = if snapshot.knows_usual() { "calm" } else { "young" };
    let state = if snapshot.in_trouble() { "bad" } else { calm };
    let frame = Frame {
        title: words.with(title, &[("name", name.clone().into()), ("state", state.into())]),
        description: words.with("service-description", &[("name", name.into())]),
        part: "services",
        path: format!("/s/{}", service.slug),
        live: Some(format!("/s/{}/live", service.slug)),
        as_of: snapshot.as_of,
        reconstruction: snapshot.reconstruction,
    };
    framed(site, &frame, &main)
}

fn kicker(site: &Site, service: &Service, snapshot: &ServiceSnapshot) -> Markup {
    let words = &site.words;
    let open = snapshot.incident.as_ref().filter(|incident| incident.is_open());
    html! {
        p class="kick" {
            @match open {
                Some(incident) => {
                    @let id = match incident.severity {
                        _ if incident.surge().is_none() => "severity-probes-short",
                        Severity::Danger => "severity-danger-short",
                        Severity::Warning => "severity-warning-short",
                    };
                    span class={ "tag" @if incident.severity == Severity::Warning { " o" } } {
                        (glyph(Glyph::Trouble)) (words.say(id))
                    }
                }
                None if snapshot.knows_usual() => {
                    span class="tag q" { (glyph(Glyph::Calm)) (words.say("severity-none")) }
                }
                None => span class="tag q" { (glyph(Glyph::Open)) (words.say("severity-young")) },
            }
            span { (service.name)
                @if let Some(alias) = service.aliases.first() {
                    (words.with("alias", &[("alias", alias.to_string().into())]))
                }
            }
            @if let Some(surge) = open.and_then(Incident::surge) {
                span {
                    @let n = open.map_or(1, |incident| incident.surges.len());
                    (words.with("surge-number", &[("n", n.into())]))
                    " " (words.say("since")) " " (moment(site, surge.opened_at))
                }
            }
        }
    }
}

fn headline(site: &Site, service: &Service, snapshot: &ServiceSnapshot) -> String {
    let values = |incident: &Incident| -> Vec<(&'static str, Value<'static>)> {
        vec![("name", service.name.to_string().into()), ("surges", incident.surges.len().into())]
    };
    let outage = |id, outage| probes::of_outage(site, id, &service.name, outage);
    match &snapshot.incident {
        Some(incident) if incident.is_open() && incident.surge().is_none() => {
            incident.outage().map_or_else(String::new, |open| outage("headline-probes", open))
        }
        Some(incident) if !incident.is_open() && incident.surges.is_empty() => incident
            .outages
            .last()
            .map_or_else(String::new, |it| outage("headline-probes-ended", it)),
        Some(incident) if incident.is_open() => {
            site.words.with("service-headline-bad", &values(incident))
        }
        Some(incident) => site.words.with("service-headline-ended", &values(incident)),
        None if !snapshot.knows_usual() => {
            site.words.with("service-headline-young", &[("name", service.name.to_string().into())])
        }
        None => {
            site.words.with("service-headline-calm", &[("name", service.name.to_string().into())])
        }
    }
}

fn lede(site: &Site, service: &Service, snapshot: &ServiceSnapshot) -> Markup {
    let words = &site.words;
    let count =
        [("n", snapshot.counted_15min.into()), ("usual", words.level(snapshot.usual_15min).into())];
    let most = snapshot.components.first().filter(|share| share.share >= MOSTLY_SHARE_MIN);
    html! {
        @let surging = snapshot.incident.as_ref().is_some_and(|it| it.surge().is_some());
        @if snapshot.in_trouble() && !surging {
            @if let Some(probes) = &snapshot.probes {
                (probes::sentence(site, &service.name, probes)) " "
            }
            (words.with(unheard(snapshot), &count)) " " (words.say("service-lede-why"))
        } @else if snapshot.in_trouble() {
            (words.say("service-lede-bad-1")) " "
            b { span data-live="times" { (words.multiple(snapshot.times_usual())) }
                (words.say("service-lede-times")) }
            " " (words.say("service-lede-bad-2"))
            @if let Some(most) = most {
                " " (mostly_sentence(site, most))
            }
            @if let Some(probes) = &snapshot.probes {
                " " (probes::sentence(site, &service.name, probes))
            }
            " " (words.say("service-lede-why"))
        } @else if !snapshot.knows_usual() && snapshot.incident.is_none() {
            (words.with("service-lede-young", &count))
        } @else {
            (words.with("service-lede-calm", &count)) " "
            @if let Some((incident, closed)) =
                snapshot.incident.as_ref().and_then(|i| Some((i, i.closed_at?)))
            {
                (words.say("service-lede-ended")) " " (moment(site, closed)) ". "
                a href={ "/i/" (incident.id.0) } { (words.say("dossier")) } ". "
            }
            (words.with("service-lede-silence", &[("name", service.name.to_string().into())]))
        }
    }
}

/// How few reports there are, beside the usual number where that is known.
fn unheard(snapshot: &ServiceSnapshot) -> &'static str {
    if snapshot.knows_usual() { "service-lede-unheard" } else { "service-lede-unheard-young" }
}

fn mostly_sentence(site: &Site, most: &Share) -> String {
    let words = &site.words;
    let what = words.term("component", &most.name);
    let usual = most.usual.map(|usual| words.percent(usual)).unwrap_or_default();
    words.with(
        if most.usual.is_some() { "mostly-usual" } else { "mostly-alone" },
        &[
            ("what", what.into()),
            ("share", words.percent(most.share).into()),
            ("usual", usual.into()),
        ],
    )
}

fn chart(site: &Site, service: &Service, snapshot: &ServiceSnapshot) -> Markup {
    let words = &site.words;
    let incident = snapshot.incident.as_ref();
    let title = if !snapshot.knows_usual() && !snapshot.in_trouble() {
        words.say("finding-young")
    } else {
        figure::finding(site, snapshot.in_trouble(), incident)
    };
    html! {
        section aria-labelledby="h-chart" {
            h2 id="h-chart" { (title) }
            p class="sub" {
                (words.say("chart-caption"))
                @if !snapshot.knows_usual() { " " (words.say("chart-unknown")) }
                @else if snapshot.weeks_learnt < 2.0 { " " (words.say("chart-young")) }
            }
            @let (drawn, edges) = figure::of_service(site, &title, snapshot);
            (drawn)
            (probes::section(site, &service.name, snapshot, edges))
            p class="links" {
                a href={ "/api/v1/services/" (service.slug) "/series.csv" } { "CSV" }
                a href={ "/api/v1/services/" (service.slug) } { "JSON" }
                @if let Some(incident) = incident {
                    a href={ "/i/" (incident.id.0) } { (words.say("dossier-open")) }
                }
            }
        }
    }
}

/// What is affected and what goes wrong, beside the usual shares.
fn what(site: &Site, snapshot: &ServiceSnapshot) -> Markup {
    let words = &site.words;
    let all: u64 = snapshot.components.iter().map(|share| share.count).sum();
    let mostly = snapshot
        .components
        .first()
        .filter(|most| most.share >= MOSTLY_SHARE_MIN && all >= SHARES_REPORTS_MIN);
    let title = match mostly {
        Some(most) => words.with(
            "mostly-title",
            &[("what", in_a_sentence(words.term("component", &most.name)).into())],
        ),
        None => words.say("what-title"),
    };
    html! {
        div {
            h2 { (title) }
            @if snapshot.components.is_empty() {
                p class="sub" { (words.say("what-none")) }
            } @else {
                (shares(&rows(site, "component", &snapshot.components), &words.say("what-caption")))
            }
            @if !snapshot.problems.is_empty() {
                h3 class="apart" { (words.say("problems-title")) }
                (shares(&rows(site, "problem", &snapshot.problems), &words.say("problems-caption")))
            }
        }
    }
}

/// Shares as the chart wants them.
pub fn rows(site: &Site, kind: &str, shares: &[Share]) -> Vec<ShareRow> {
    let words = &site.words;
    let row = |share: &Share| {
        let now = words.percent(share.share);
        let text = match share.usual {
            Some(usual) => words.with(
                "share-usually",
                &[("share", now.into()), ("usual", words.percent(usual).into())],
            ),
            None => now,
        };
        let label = words.term(kind, &share.name);
        ShareRow { label, share: share.share, usual: share.usual, text }
    };
    shares.iter().map(row).collect()
}

fn countries(site: &Site, snapshot: &ServiceSnapshot) -> Markup {
    let words = &site.words;
    html! {
        div {
            h2 { (words.say("places-title")) }
            @let nowhere = snapshot.places.iter().all(|place| place.country.is_none());
            @if nowhere && site.places.sources().is_empty() {
                p class="sub" { (words.say("places-no-database")) }
            } @else if nowhere {
                p class="sub" { (words.say("what-none")) }
            } @else {
                (figure::of_places(site, &snapshot.places, &words.say("places-caption")))
            }
        }
    }
}

fn claims(site: &Site, snapshot: &ServiceSnapshot) -> Markup {
    let words = &site.words;
    let incident = snapshot.incident.as_ref().filter(|_| !snapshot.claims.is_empty());
    html! {
        @if let Some(incident) = incident {
            section aria-labelledby="h-claims" {
                h2 id="h-claims" { (words.say("claims-title")) }
                p class="sub" { (words.say("claims-caption")) }
                (claims_in_short(site, &snapshot.claims))
                p class="sub lst" {
                    a href={ "/i/" (incident.id.0) "#claims" } { (words.say("claims-all")) }
                }
            }
        }
    }
}

fn heard(site: &Site, service: &Service, comments: &[ApprovedComment]) -> Markup {
    let words = &site.words;
    let term = |kind: &str, slug: &Option<Text>| slug.as_ref().map(|slug| words.term(kind, slug));
    html! {
        section aria-labelledby="h-heard" {
            h2 id="h-heard" { (words.say("comments-title")) }
            @if comments.is_empty() {
                p class="sub" {
                    (words.with("comments-none", &[("name", service.name.to_string().into())]))
                }
            } @else {
                p class="sub" { (words.say("comments-caption")) }
                ul class="talk" {
                    @for comment in comments {
                        li {
                            p { (comment.text) }
                            p class="meta" {
                                (moment(site, comment.at))
                                @if let Some(country) = comment.country {
                                    ", " (words.country(country))
                                }
                                @for part in [term("component", &comment.component),
                                    term("problem", &comment.problem)].into_iter().flatten()
                                { ", " (part) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn history(site: &Site, snapshot: &ServiceSnapshot) -> Markup {
    let words = &site.words;
    html! {
        @if !snapshot.earlier.is_empty() {
            section aria-labelledby="h-earlier" {
                h2 id="h-earlier" { (words.say("earlier-title")) }
                ul class="lately" {
                    @for incident in &snapshot.earlier {
                        li {
                            a href={ "/i/" (incident.id.0) } { (moment(site, incident.opened_at)) }
                            @if let Some(closed) = incident.closed_at {
                                span class="meta" {
                                    (words.say("until")) " " (hour(site, closed))
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn facts(site: &Site, service: &Service, snapshot: &ServiceSnapshot) -> Markup {
    let words = &site.words;
    html! {
        section class="rule" aria-labelledby="h-not" {
            h2 id="h-not" { (words.say("not-known-title")) }
            @let probed = snapshot.probes.is_some();
            p class="sub" {
                (words.say(if probed { "not-known-text-probed" } else { "not-known-text" }))
            }
            @if let Some(notices) = &service.notices {
                p class="sub lst" {
                    (words.say("notices-link")) " "
                    a href=(notices) rel="noopener nofollow" { (notices) }
                }
            }
            @if snapshot.reconstruction {
                p class="sub lst" { (words.say("reconstruction-what")) }
            }
        }
    }
}
