//! oEmbed: what another site may put in where it was given an address of ours.
//!
//! Only addresses of this site are answered. Where it is not known where the site is reached
//! (`public_url`), those of this machine are: what else a stranger calls our address is none.
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

/// Where the site of an address is reached, if that is this site.
pub fn site_of<'a>(public_url: &'a str, url: &'a str) -> Option<&'a str> {
    if !public_url.is_empty() {
        return url.starts_with(public_url).then_some(public_url);
    }
    let host = url.strip_prefix("http://")?;
    let host = &host[..host.find('/')?];
    let name = host.rsplit_once(':').map_or(host, |(name, port)| {
        if port.bytes().all(|it| it.is_ascii_digit()) { name } else { host }
    });
    let is_here = matches!(name, "localhost" | "127.0.0.1" | "[::1]");
    is_here.then(|| &url[.."http://".len() + host.len()])
}

/// The slug in the address of a page of a service of the site that is reached at `at`.
pub fn slug_of<'a>(at: &str, url: &'a str) -> Option<&'a str> {
    let slug = url.strip_prefix(at)?.strip_prefix("/s/")?;
    let end = slug.find(['?', '#', '/']).unwrap_or(slug.len());
    slug.get(..end).filter(|slug| !slug.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_an_address_only_this_machine_is_ours() {
        for (public_url, url, want) in [
            ("https://o.example", "https://o.example/s/x", Some("https://o.example")),
            ("https://o.example", "http://localhost:8080/s/x", None),
            ("", "http://localhost:8080/s/x", Some("http://localhost:8080")),
            ("", "http://127.0.0.1/s/x", Some("http://127.0.0.1")),
            ("", "http://[::1]:80/s/x", Some("http://[::1]:80")),
            ("", "http://localhost:8080@evil.example/s/x", None),
            ("", "http://localhost.evil.example/s/x", None),
            ("", "https://any.example/s/x", None),
            ("", "http://localhost", None),
            ("", "é", None),
        ] {
            assert_eq!(site_of(public_url, url), want, "{url}");
        }
    }

    #[test]
    fn an_address_of_ours_is_told_from_others() {
        for (url, want) in [
            ("https://o.example/s/x", Some("x")),
            ("https://o.example/s/x?from=2025#top", Some("x")),
            ("https://o.example/s/x/card", Some("x")),
            ("https://o.example.evil.example/s/x", None),
            ("http://o.example/s/x", None),
            ("https://o.example/i/x", None),
            ("https://o.example/s/", None),
            ("é", None),
            ("/s/x", None),
        ] {
            assert_eq!(slug_of("https://o.example", url), want, "{url}");
        }
    }
}
