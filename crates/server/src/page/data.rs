//! What can be fetched, in which form, and under which terms.

use maud::html;

use crate::page::Frame;
use crate::page::framed;
use crate::page::moment;
use crate::site::Site;

/// Addresses of the interface, with the message that explains each.
const ADDRESSES: &[(&str, &str)] = &[
    ("GET /api/v1/services", "data-services"),
    ("GET /api/v1/services/{slug}", "data-service"),
    ("GET /api/v1/services/{slug}/series.csv", "data-series"),
    ("GET /api/v1/incidents?service={slug}&before={time}", "data-incidents"),
    ("GET /api/v1/incidents/{id}", "data-incident"),
    ("GET /i/{id}/case.json?revision={n}", "data-case"),
    ("GET /api/v1/vantages", "data-vantages"),
    ("POST /api/v1/reports", "data-report"),
    ("GET /s/{slug}/live", "data-live"),
];

/// Renders the page.
pub fn render(site: &Site) -> String {
    let words = &site.words;
    let sources = site.places.sources();
    let main = html! {
        div class="hdr" {
            h1 { (words.say("data-headline")) }
            p class="lede" { (words.say("data-lede")) }
        }
        section class="first" aria-labelledby="h-api" {
            h2 id="h-api" { (words.say("data-api")) }
            table class="plain fig" {
                thead { tr {
                    th scope="col" { (words.say("data-address")) }
                    th scope="col" { (words.say("data-gives")) }
                } }
                tbody {
                    @for (address, id) in ADDRESSES {
                        tr { th scope="row" { code { (address) } } td { (words.say(id)) } }
                    }
                }
            }
        }
        section class="prose" aria-labelledby="h-send" {
            h2 id="h-send" { (words.say("data-send")) }
            p { (words.say("data-send-text")) }
            pre tabindex="0" { code {
                "curl -d '{\"service\":\"x\",\"affected\":\"mobile_app\"}' \\\n"
                "  -H 'Content-Type: application/json' " (address(site)) "/api/v1/reports"
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

/// Where the site is reached, or a stand-in that says so.
fn address(site: &Site) -> &str {
    if site.public_url.is_empty() { "http://localhost:8080" } else { &site.public_url }
}
