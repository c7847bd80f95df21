//! The home page: how many services are in trouble, worst first, and the quiet ones beside them.

use maud::Markup;
use maud::html;

use crate::chart::spark::spark;
use crate::limit::HOME_QUIET_MAX;
use crate::limit::HOME_TROUBLE_MAX;
use crate::page::Frame;
use crate::page::framed;
use crate::page::hour;
use crate::page::together;
use crate::site::Site;
use crate::summary::Summary;
use crate::summary::worst_first;

/// Renders the home page from the summaries of all services.
pub fn render(site: &Site, all: &[Summary]) -> String {
    let words = &site.words;
    let trouble = worst_first(all.iter());
    let counts = [("bad", trouble.len().into()), ("all", all.len().into())];
    let headline = words.with("home-headline", &counts);
    let records = &site.records;
    let together = together::sentence(words, &records.catalog(), &records.findings());
    let main = html! {
        div class="hdr home" {
            h1 { (headline) }
            p class="lede" { (lede(site, &trouble, all)) }
            @if let Some(together) = together { p class="lede" { (together) } }
            (search_form(site, ""))
        }
        @if !trouble.is_empty() { (in_trouble(site, &trouble)) }
        (lately(site, all))
        (quiet(site, all))
        section class="two eq" {
            div {
                h2 { (words.say("home-count-title")) }
                p class="sub" { (words.say("home-count-text")) " "
                    a href="/methods" { (words.say("nav-methods")) } "."
                }
            }
            div {
                h2 { (words.say("home-know-title")) }
                p class="sub" { (words.say("home-know-text")) }
            }
        }
    };
    let frame = Frame {
        title: words.with("home-title", &counts),
        description: words.say("home-description"),
        part: "services",
        path: "/".into(),
        live: None,
        as_of: site.now(),
        reconstruction: all.iter().any(|summary| summary.reconstruction),
    };
    framed(site, &frame, &main)
}

/// The form to find a service; works without a script.
pub fn search_form(site: &Site, query: &str) -> Markup {
    let words = &site.words;
    html! {
        form class="find" role="search" action="/search" method="get" {
            label class="vh" for="q" { (words.say("find")) }
            input id="q" name="q" type="search" value=(query) autocomplete="off"
                placeholder=(words.say("find")) maxlength="80";
            button { (words.say("find-go")) }
        }
    }
}

fn lede(site: &Site, trouble: &[&Summary], all: &[Summary]) -> String {
    let words = &site.words;
    let Some(worst) = trouble.first() else {
        let known = all.iter().any(|summary| summary.knows_usual);
        return words.say(if known { "home-lede-quiet" } else { "home-lede-young" });
    };
    let surges = worst.open().map_or(1, |open| open.surges);
    let knows_all = all.iter().all(|summary| summary.knows_usual || summary.open().is_some());
    let others = match trouble.len() - 1 {
        0 if !knows_all => "unknown".into(),
        others => others.into(),
    };
    words.with(
        "home-lede-trouble",
        &[
            ("name", worst.name.to_string().into()),
            ("times", words.multiple(worst.times_usual).into()),
            ("surges", surges.into()),
            ("others", others),
        ],
    )
}

fn in_trouble(site: &Site, trouble: &[&Summary]) -> Markup {
    let words = &site.words;
    html! {
        section aria-labelledby="h-bad" class="first" {
            h2 id="h-bad" { (words.say("home-trouble-title")) }
            p class="sub" { (words.say("home-trouble-scale")) }
            ul class="bad fig" {
                @for summary in trouble.iter().take(HOME_TROUBLE_MAX) { (bad(site, summary)) }
            }
            @if trouble.len() > HOME_TROUBLE_MAX {
                p class="sub lst" { a href="/services" { (words.say("all-services")) } }
            }
        }
    }
}

fn bad(site: &Site, summary: &Summary) -> Markup {
    let words = &site.words;
    let most = summary.most.as_ref().map(|most| {
        words.with(
            "most",
            &[
                ("what", words.term("component", &most.name).into()),
                ("share", words.percent(most.share).into()),
            ],
        )
    });
    let times = words.multiple(summary.times_usual);
    let label = words.with("spark-label", &[("times", times.clone().into())]);
    html! {
        li {
            div {
                h3 { a href={ "/s/" (summary.slug) } { (summary.name) } }
                @if let Some(open) = summary.open() {
                    p {
                        @if open.by_probes.is_some() { (words.say("severity-probes")) }
                        @else if summary.is_grave() { (words.say("severity-danger")) }
                        @else { (words.say("severity-warning")) }
                        " "
                        @if let Some(most) = most { (most) " " }
                        @if open.surges > 1 {
                            (words.with("surge-number", &[("n", open.surges.into())]))
                        }
                    }
                }
            }
            div class="sp" { (spark(&summary.multiples, &label)) }
            p class={ "x" @if !summary.is_grave() { " mid" } } {
                @let by_probes = summary.open().and_then(|open| open.by_probes);
                @match by_probes {
                    Some((failing, asked)) => { b { (failing) "/" (asked) } }
                    None => { b { (times) "×" } }
                }
                span {
                    @match by_probes {
                        Some((_, asked)) => {
                            (words.with("places-fail", &[("asked", asked.into())]))
                        }
                        None => { (words.say("usual-reports")) }
                    }
                    @if let Some(open) = summary.open() {
                        br; (words.say("since")) " " (hour(site, open.opened_at))
                    }
                }
            }
        }
    }
}

/// Services whose incident closed within a day.
fn lately(site: &Site, all: &[Summary]) -> Markup {
    let words = &site.words;
    let mut ended: Vec<(&Summary, outcry_core::time::UnixMillis)> = all
        .iter()
        .filter_map(|summary| Some((summary, summary.trouble.as_ref()?.closed_at?)))
        .collect();
    ended.sort_by_key(|(summary, closed)| (std::cmp::Reverse(*closed), summary.slug.clone()));
    html! {
        @if !ended.is_empty() {
            section aria-labelledby="h-ended" {
                h2 id="h-ended" { (words.say("home-ended-title")) }
                ul class="lately" {
                    @for (summary, closed) in ended.iter().take(HOME_TROUBLE_MAX) {
                        li {
                            a href={ "/s/" (summary.slug) } { (summary.name) } " "
                            span class="meta" {
                                (words.say("back-to-usual-since")) " " (hour(site, *closed)) ", "
                                @if let Some(trouble) = &summary.trouble {
                                    a href={ "/i/" (trouble.id.0) } { (words.say("dossier")) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The quiet services people report most.
fn quiet(site: &Site, all: &[Summary]) -> Markup {
    let words = &site.words;
    let mut calm: Vec<&Summary> = all.iter().filter(|summary| summary.open().is_none()).collect();
    let quiet = calm.len();
    calm.sort_by_key(|summary| (std::cmp::Reverse(summary.received_24h), summary.slug.clone()));
    calm.truncate(HOME_QUIET_MAX);
    calm.sort_by_key(|summary| summary.name.to_lowercase());
    html! {
        section aria-labelledby="h-calm" {
            h2 id="h-calm" { (words.say("home-quiet-title")) }
            p class="sub" {
                (words.with("home-quiet-text", &[
                    ("n", quiet.into()), ("shown", calm.len().into()),
                ])) " "
                a href="/services" { (words.say("all-services")) }
            }
            ul class="calm" {
                @for summary in calm {
                    @let times = words.multiple(summary.times_usual);
                    li {
                        a href={ "/s/" (summary.slug) } { (summary.name) }
                        @let label = words.with("spark-label", &[("times", times.into())]);
                        (spark(&summary.multiples, &label))
                    }
                }
            }
        }
    }
}
