//! All services, by category, with those in trouble marked.

use std::collections::BTreeMap;

use maud::html;
use outcry_core::catalog::Catalog;

use crate::page::Frame;
use crate::page::Glyph;
use crate::page::framed;
use crate::page::glyph;
use crate::page::home::search_form;
use crate::site::Site;
use crate::summary::Summary;

/// Renders the list of all services.
pub fn render(site: &Site, catalog: &Catalog, all: &[Summary]) -> String {
    let words = &site.words;
    let mut by_category: BTreeMap<&str, Vec<&Summary>> = BTreeMap::new();
    for summary in all {
        by_category.entry(&summary.category).or_default().push(summary);
    }
    for list in by_category.values_mut() {
        list.sort_by_key(|summary| summary.name.to_lowercase());
    }
    let counts = [("n", all.len().into()), ("categories", by_category.len().into())];
    let main = html! {
        div class="hdr" {
            h1 { (words.with("services-headline", &counts)) }
            p class="lede" { (words.say("services-lede")) }
            (search_form(site, ""))
        }
        @for (slug, list) in &by_category {
            section aria-labelledby={ "c-" (slug) } class="cat" {
                h2 id={ "c-" (slug) } {
                    @match catalog.categories.get(*slug) {
                        Some(category) => { (category.name) }
                        None => { (slug) }
                    }
                    " " span class="meta" { (list.len()) }
                }
                ul class="names" {
                    @for summary in list {
                        li {
                            a href={ "/s/" (summary.slug) } { (summary.name) }
                            @if summary.open().is_some() {
                                " " span class="tag" {
                                    (glyph(Glyph::Trouble)) (words.say("in-trouble"))
                                }
                            }
                        }
                    }
                }
            }
        }
        section class="rule" {
            p class="sub" { (words.say("services-add")) }
        }
    };
    let frame = Frame {
        title: words.say("services-title"),
        description: words.say("services-lede"),
        part: "services",
        path: "/services".into(),
        live: None,
        as_of: site.now(),
        reconstruction: all.iter().any(|summary| summary.reconstruction),
    };
    framed(site, &frame, &main)
}
