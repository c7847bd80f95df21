//! A feed in its three forms.
//!
//! # References
//!
//! - RSS 2.0, <https://www.rssboard.org/rss-specification>, with the Atom link to itself.
//! - RFC 4287, "The Atom Syndication Format".
//! - JSON Feed 1.1, <https://jsonfeed.org/version/1.1>.

use maud::PreEscaped;
use maud::html;
use outcry_core::time::UnixMillis;
use serde_json::json;

use crate::open::feed::Feed;

/// The declaration before a document in XML.
const XML: PreEscaped<&str> = PreEscaped("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n");

/// RSS 2.0.
pub fn rss(feed: &Feed) -> String {
    let document = html! {
        (XML)
        rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" {
            channel {
                title { (feed.title) }
                (element("link", &feed.home))
                description { (feed.description) }
                (PreEscaped(format!(
                    "<atom:link href=\"{}\" rel=\"self\" type=\"application/rss+xml\"/>",
                    escaped(&feed.own),
                )))
                language { "en" }
                lastBuildDate { (mail_date(feed.updated)) }
                @for entry in &feed.entries {
                    item {
                        title { (entry.title) }
                        (element("link", &entry.url))
                        guid isPermaLink="false" { (entry.id) }
                        pubDate { (mail_date(entry.published)) }
                        description { (entry.text) }
                    }
                }
            }
        }
    };
    document.into_string()
}

/// Atom.
pub fn atom(feed: &Feed) -> String {
    let link = |rel: &str, url: &str| {
        PreEscaped(format!("<link rel=\"{rel}\" href=\"{}\"/>", escaped(url)))
    };
    let document = html! {
        (XML)
        feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en" {
            id { (feed.own) }
            title { (feed.title) }
            subtitle { (feed.description) }
            updated { (feed.updated) }
            (link("self", &feed.own))
            (link("alternate", &feed.home))
            author { name { "Outcry" } }
            @for entry in &feed.entries {
                entry {
                    id { (entry.id) }
                    title { (entry.title) }
                    published { (entry.published) }
                    updated { (entry.updated) }
                    (link("alternate", &entry.url))
                    summary { (entry.text) }
                }
            }
        }
    };
    document.into_string()
}

/// JSON Feed.
pub fn json(feed: &Feed) -> String {
    let items: Vec<serde_json::Value> = feed
        .entries
        .iter()
        .map(|entry| {
            json!({
                "id": entry.id, "url": entry.url, "title": entry.title,
                "content_text": entry.text, "date_published": entry.published.to_string(),
                "date_modified": entry.updated.to_string(),
            })
        })
        .collect();
    let document = json!({
        "version": "https://jsonfeed.org/version/1.1", "title": feed.title,
        "description": feed.description, "home_page_url": feed.home, "feed_url": feed.own,
        "language": "en", "authors": [{ "name": "Outcry" }], "items": items,
    });
    document.to_string()
}

/// An element that HTML would close by itself.
fn element(name: &str, text: &str) -> PreEscaped<String> {
    PreEscaped(format!("<{name}>{}</{name}>", escaped(text)))
}

fn escaped(text: &str) -> String {
    let told: String = text.chars().map(in_xml).collect();
    html! { (told) }.into_string()
}

/// What XML 1.0 (section 2.2) cannot hold is shown as lost.
fn in_xml(c: char) -> char {
    let lost = c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{7f}'..='\u{9f}');
    if lost || matches!(c, '\u{fffe}' | '\u{ffff}') { char::REPLACEMENT_CHARACTER } else { c }
}

/// As mail writes it (RFC 5322, section 3.3).
fn mail_date(at: UnixMillis) -> String {
    jiff::Timestamp::from_millisecond(at.0)
        .map(|at| at.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::open::feed::Entry;

    #[test]
    fn what_is_written_is_escaped_in_every_form() {
        let at = UnixMillis::parse("2025-03-10T09:45:00Z").expect("a time");
        let entry = Entry {
            id: "tag:x".into(),
            url: "https://o.example/i/x?a=1&b=2".into(),
            title: "A <b> & “c”".into(),
            text: "]]> & <script>".into(),
            published: at,
            updated: at,
        };
        let feed = Feed {
            title: "T".into(),
            description: "D".into(),
            home: "https://o.example".into(),
            own: "https://o.example/feeds/all/rss.xml?x=1&y=2".into(),
            updated: at,
            entries: vec![entry],
        };
        let rss = rss(&feed);
        assert!(rss.contains("<link>https://o.example/i/x?a=1&amp;b=2</link>"), "{rss}");
        assert!(rss.contains("<pubDate>Mon, 10 Mar 2025 09:45:00 +0000</pubDate>"), "{rss}");
        assert!(!rss.contains("<script>") && !rss.contains("<b>"), "{rss}");
        let atom = atom(&feed);
        assert!(atom.contains("<updated>2025-03-10T09:45:00Z</updated>"), "{atom}");
        assert!(atom.contains("rel=\"self\" href=\"https://o.example/feeds/all/rss.xml?x=1&amp;y"));
        let json: serde_json::Value = serde_json::from_str(&json(&feed)).expect("JSON");
        assert_eq!(json["items"][0]["title"], "A <b> & “c”");
    }
    #[test]
    fn what_xml_cannot_hold_is_shown_as_lost() {
        let cases = [
            ("a\u{1b}[2Jb", "a\u{fffd}[2Jb"),
            ("a\0b", "a\u{fffd}b"),
            ("a\u{ffff}b\u{fffe}", "a\u{fffd}b\u{fffd}"),
            ("a\tb\nc\u{85}", "a\tb\nc\u{85}"),
            ("日本 é", "日本 é"),
        ];
        for (text, shown) in cases {
            assert_eq!(escaped(text), shown, "{text:?}");
        }
    }
}
