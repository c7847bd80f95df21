//! oEmbed: what another site may put in where it was given an address of ours.
//!
//! Reference: <https://oembed.com>, version 1.0, type `rich`.

use maud::html;
use outcry_core::catalog::Service;
use serde::Serialize;

use crate::open::card::SIZE;
use crate::site::Site;

/// Seconds that it may be kept.
const CACHE_S: u32 = 3_600;

/// What may be embedded.
#[derive(Debug, Serialize)]
pub struct OEmbed {
    version: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    title: String,
    provider_name: String,
    provider_url: String,
    cache_age: u32,
    html: String,
    width: u32,
    height: u32,
}

impl OEmbed {
    /// The card of a service, in at most so many pixels.
    pub fn new(site: &Site, service: &Service, most: (Option<u32>, Option<u32>)) -> Self {
        let width = most.0.map_or(SIZE.0, |width| width.min(SIZE.0));
        let height = most.1.map_or(SIZE.1, |height| height.min(SIZE.1));
        let values = [("name", service.name.to_string().into())];
        let title = site.words.with("embed-title", &values);
        let frame = html! {
            iframe src={ (site.url()) "/s/" (service.slug) "/card" } width=(width)
                height=(height) title=(title) loading="lazy" sandbox="allow-popups"
                style="border:0" {}
        };
        Self {
            version: "1.0",
            kind: "rich",
            title,
            provider_name: site.words.say("brand"),
            provider_url: site.url().to_owned(),
            cache_age: CACHE_S,
            html: frame.into_string(),
            width,
            height,
        }
    }
}

/// The slug in the address of a page of a service: of our host, where it is known.
pub fn slug_in<'a>(site: &Site, url: &'a str) -> Option<&'a str> {
    let path = match url.strip_prefix(site.url()) {
        Some(path) => path,
        None if site.public_url.is_empty() => {
            let host = url.strip_prefix("http://").or(url.strip_prefix("https://"))?;
            host.split_at_checked(host.find('/')?)?.1
        }
        None => return None,
    };
    let slug = path.strip_prefix("/s/")?;
    let end = slug.find(['?', '#', '/']).unwrap_or(slug.len());
    slug.get(..end).filter(|slug| !slug.is_empty())
}
