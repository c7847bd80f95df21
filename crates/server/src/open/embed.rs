//! oEmbed: what another site may put in where it was given an address of ours.
//!
//! Where the site is reached may not be known (`public_url`). Then it is where whoever asks says
//! that the page is: they have seen it there, and the answer goes to them alone.
//!
//! Reference: <https://oembed.com>, version 1.0, type `rich`.

use maud::html;
use outcry_core::catalog::Service;
use serde::Serialize;

use crate::open::card::SIZE;
use crate::words::Words;

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
    /// The card of a service of the site that is reached at `at`, in at most so many pixels.
    pub fn new(
        words: &Words,
        at: &str,
        service: &Service,
        most: (Option<u32>, Option<u32>),
    ) -> Self {
        let width = most.0.map_or(SIZE.0, |width| width.min(SIZE.0));
        let height = most.1.map_or(SIZE.1, |height| height.min(SIZE.1));
        let values = [("name", service.name.to_string().into())];
        let title = words.with("embed-title", &values);
        let frame = html! {
            iframe src={ (at) "/s/" (service.slug) "/card" } width=(width)
                height=(height) title=(title) loading="lazy" sandbox="allow-popups"
                style="border:0" {}
        };
        Self {
            version: "1.0",
            kind: "rich",
            title,
            provider_name: words.say("brand"),
            provider_url: at.to_owned(),
            cache_age: CACHE_S,
            html: frame.into_string(),
            width,
            height,
        }
    }
}

/// Where a site is, and the slug, in the address of a page of a service: of our site, where it is
/// known where that is.
pub fn split<'a>(public_url: &str, url: &'a str) -> Option<(&'a str, &'a str)> {
    let at = match public_url.len() {
        0 => {
            let host = url.strip_prefix("http://").or(url.strip_prefix("https://"))?;
            url.len() - host.len() + host.find('/').filter(|end| *end > 0)?
        }
        known => known,
    };
    let (at, path) = url.split_at_checked(at)?;
    if !public_url.is_empty() && at != public_url {
        return None;
    }
    let slug = path.strip_prefix("/s/")?;
    let end = slug.find(['?', '#', '/']).unwrap_or(slug.len());
    slug.get(..end).filter(|slug| !slug.is_empty()).map(|slug| (at, slug))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_ours_is_told_from_others() {
        let ours = "https://o.example";
        for (public_url, url, want) in [
            (ours, "https://o.example/s/x", Some((ours, "x"))),
            (ours, "https://o.example/s/x?from=2025#top", Some((ours, "x"))),
            (ours, "https://o.example.evil.example/s/x", None),
            (ours, "http://o.example/s/x", None),
            (ours, "https://o.example/i/x", None),
            (ours, "https://o.example/s/", None),
            (ours, "é", None),
            ("", "http://127.0.0.1:8080/s/x/card", Some(("http://127.0.0.1:8080", "x"))),
            ("", "https://any.example/s/x", Some(("https://any.example", "x"))),
            ("", "https:///s/x", None),
            ("", "javascript:alert(1)//a/s/x", None),
            ("", "/s/x", None),
        ] {
            assert_eq!(split(public_url, url), want, "{url}");
        }
    }
}
