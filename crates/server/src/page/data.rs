//! What can be fetched, in which form, and under which terms.

use maud::Markup;
use maud::html;

use crate::open::encoded;
use crate::openapi::tag;
use crate::page::Frame;
use crate::page::framed;
use crate::page::moment;
use crate::route::Route;
use crate::route::parameter;
use crate::route::parameter::Parameter;
use crate::route::table::ROUTES;
use crate::site::Site;

/// Groups of addresses, with the message that heads each.
const GROUPS: [(&str, &str); 4] = [
    ("numbers", "data-api"),
    ("statuspage", "data-statuspage"),
    ("feeds", "data-feeds"),
    ("embeds", "data-embeds"),
];

/// Every address of the interface, each with a question that can be asked at once.
fn addresses(site: &Site) -> Markup {
    let words = &site.words;
    html! {
        @for (group, title) in GROUPS {
            section class="first" aria-labelledby={ "h-" (group) } {
                h2 id={ "h-" (group) } { (words.say(title)) }
                table class="plain fig" {
                    thead { tr {
                        th scope="col" { (words.say("data-address")) }
                        th scope="col" { (words.say("data-gives")) }
                    } }
                    tbody {
                        @for route in ROUTES.iter().filter(|it| it.is_open() && tag(it) == group) {
                            tr {
                                th scope="row" id={ "api-" (route.name) } {
                                    code { (route.method()) " " (route.path) (query(route)) }
                                }
                                td {
                                    (words.say(&format!("api-{}", route.name)))
                                    @if route.method() == "GET" {
                                        " " a href=(example(route)) rel="nofollow" {
                                            (words.say("data-try"))
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
        section class="prose" aria-labelledby="h-parameters" {
            h2 id="h-parameters" { (words.say("data-parameters")) }
            table class="plain fig" {
                tbody {
                    @for parameter in parameter::ALL.iter().filter(|it| is_asked(it)) {
                        @let id = format!("param-{}", parameter.name.replace('_', "-"));
                        tr { th scope="row" { code { (parameter.name) } } td { (words.say(&id)) } }
                    }
                }
            }
            p { a href="/api/v1/openapi.json" { (words.say("data-document")) } }
        }
    }
}

/// Whether an address for programs has it.
fn is_asked(parameter: &Parameter) -> bool {
    let has =
        |route: &Route| route.in_path().chain(route.in_query()).any(|it| it.name == parameter.name);
    ROUTES.iter().filter(|route| route.is_open()).any(has)
}

fn query(route: &Route) -> String {
    let names: Vec<&str> = route.query.split_whitespace().collect();
    if names.is_empty() { String::new() } else { format!("?{}", names.join("&")) }
}

/// A question that can be asked; only what is needed stands in its query.
fn example(route: &Route) -> String {
    let needed = route.in_query().filter(|it| it.name == "url");
    let needed: Vec<String> =
        needed.map(|it| format!("{}={}", it.name, encoded(it.example))).collect();
    let mark = if needed.is_empty() { "" } else { "?" };
    format!("{}{mark}{}", route.example(), needed.join("&"))
}

/// Renders the page.
pub fn render(site: &Site) -> String {
    let words = &site.words;
    let sources = site.places.sources();
    let main = html! {
        div class="hdr" {
            h1 { (words.say("data-headline")) }
            p class="lede" { (words.say("data-lede")) }
        }
        (addresses(site))
        section class="prose" aria-labelledby="h-send" {
            h2 id="h-send" { (words.say("data-send")) }
            p { (words.say("data-send-text")) }
            pre tabindex="0" { code {
                "curl -d '{\"service\":\"x\",\"affected\":\"mobile_app\"}' \\\n"
                "  -H 'Content-Type: application/json' " (site.shown_url()) "/api/v1/reports"
            } }
        }
        section class="prose" aria-labelledby="h-terms" {
            h2 id="h-terms" { (words.say("data-terms")) }
            p { (words.say("data-terms-text")) }
            p { (words.say("data-caveat")) }
        }
        section aria-labelledby="h-vantages" {
            h2 id="h-vantages" { (words.say("data-vantages-title")) }
            @let points = site.records.vantages();
            @if points.is_empty() { p class="sub" { (words.say("data-vantages-none")) } }
            @else {
                table class="plain fig" {
                    thead { tr {
                        @for id in ["vantage", "places-country", "network", "vantage-last",
                            "data-vantage-services"]
                        { th scope="col" { (words.say(id)) } }
                    } }
                    tbody {
                        @for point in &points {
                            tr {
                                th scope="row" { (point.name) }
                                td {
                                    (point.place.country
                                        .map_or_else(|| "–".into(), |it| words.country(it)))
                                }
                                td {
                                    (point.place.asn
                                        .map_or_else(|| "–".into(), |asn| format!("AS{}", asn.0)))
                                }
                                td { (moment(site, point.at)) }
                                td { (words.count(u64::from(point.services))) }
                            }
                        }
                    }
                }
            }
        }
        section class="prose" aria-labelledby="h-places" {
            h2 id="h-places" { (words.say("data-places")) }
            @if sources.is_empty() { p { (words.say("places-no-database")) } }
            @for source in &sources {
                p {
                    (source.name) ", " (words.say("data-built")) " "
                    (moment(site, source.built_at))
                }
            }
        }
    };
    let frame = Frame {
        title: words.say("data-title"),
        description: words.say("data-lede"),
        part: "data",
        path: "/data".into(),
        live: None,
        as_of: site.now(),
        reconstruction: false,
    };
    framed(site, &frame, &main)
}
