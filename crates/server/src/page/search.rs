//! What a search found.

use maud::html;
use outcry_core::catalog::Catalog;

use crate::legible::Flaw;
use crate::limit::SEARCH_CHARS_MAX;
use crate::limit::SEARCH_RESULTS_MAX;
use crate::page::Frame;
use crate::page::framed;
use crate::page::home::search_form;
use crate::site::Site;

/// Renders the services that match; a query is cut to [`SEARCH_CHARS_MAX`] characters.
pub fn render(site: &Site, catalog: &Catalog, query: &str) -> String {
    let words = &site.words;
    let query: String = query.trim().chars().take(SEARCH_CHARS_MAX).collect();
    // Nothing is called so, and what turns a line around is not repeated.
    let unreadable = Flaw::of_line(&query, SEARCH_CHARS_MAX).is_some();
    let query = if unreadable { String::new() } else { query };
    let found = catalog.search(&query, SEARCH_RESULTS_MAX);
    let values = [("q", query.clone().into()), ("n", found.len().into())];
    let headline = if query.is_empty() {
        words.say("search-empty")
    } else {
        words.with("search-headline", &values)
    };
    let main = html! {
        div class="hdr" {
            h1 { (headline) }
            (search_form(site, &query))
        }
        section class="first" aria-label=(words.say("search-title")) {
            ul class="found" {
                @for service in &found {
                    li {
                        a href={ "/s/" (service.slug) } { (service.name) } " "
                        span class="meta" {
                            @if let Some(category) = catalog.categories.get(&service.category) {
                                (category.name)
                            }
                            @for alias in service.aliases.iter().take(3) { ", " (alias) }
                        }
                    }
                }
            }
            @if found.is_empty() && !query.is_empty() {
                p class="sub" { (words.say("search-none")) " "
                    a href="/services" { (words.say("all-services")) }
                }
            }
        }
    };
    let frame = Frame {
        title: words.say("search-title"),
        description: words.say("services-lede"),
        part: "services",
        path: "/search".into(),
        live: None,
        as_of: site.now(),
        reconstruction: false,
    };
    framed(site, &frame, &main)
}
