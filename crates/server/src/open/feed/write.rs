//! A feed in its three forms.
//!
//! Where it is not known where people reach the site, Atom has relative addresses, which it allows
//! (RFC 4287, section 2); JSON Feed has none; RSS has none but that of its channel, which it needs.
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
                (element("link", &feed.home.0))
                description { (feed.description) }
                (PreEscaped(format!(
                    "<atom:link href=\"{}\" rel=\"self\" type=\"application/rss+xml\"/>",
                    escaped(&feed.own.0),
                )))
                language { "en" }
                lastBuildDate { (mail_date(feed.updated)) }
                @for entry in &feed.entries {
                    item {
                        title { (entry.title) }
                        @if let Some(url) = entry.url.whole() { (element("link", url)) }
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
    // A name has to be whole (section 4.2.6).
    let named = || format!("tag:outcry,2025:feed:{}", feed.own.0);
    let id = feed.own.whole().map_or_else(named, str::to_owned);
    let document = html! {
        (XML)
        feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en" {
            id { (id) }
            title { (feed.title) }
            subtitle { (feed.description) }
            updated { (feed.updated) }
            (link("self", &feed.own.0))
            (link("alternate", &feed.home.0))
            author { name { "Outcry" } }
            @for entry in &feed.entries {
                entry {
                    id { (entry.id) }
                    title { (entry.title) }
                    published { (entry.published) }
                    updated { (entry.updated) }
                    (link("alternate", &entry.url.0))
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
            let mut item = json!({
                "id": entry.id, "title": entry.title,
                "content_text": entry.text, "date_published": entry.published.to_string(),
                "date_modified": entry.updated.to_string(),
            });
            if let Some(url) = entry.url.whole() {
                item["url"] = url.into();
            }
            item
        })
        .collect();
    let mut document = json!({
        "version": "https://jsonfeed.org/version/1.1", "title": feed.title,
        "description": feed.description, "language": "en", "authors": [{ "name": "Outcry" }],
        "items": items,
    });
    for (key, address) in [("home_page_url", &feed.home), ("feed_url", &feed.own)] {
        if let Some(url) = address.whole() {
            document[key] = url.into();
        }
    }
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
    use crate::open::feed::Address;
    use crate::open::feed::Entry;

    fn feed_at(site: &str) -> Feed {
        let at = UnixMillis::parse("2025-03-10T09:45:00Z").expect("a time");
        let entry = Entry {
            id: "tag:x".into(),
            url: Address(format!("{site}/i/x?a=1&b=2")),
            title: "A <b> & “c”".into(),
            text: "]]> & <script>".into(),
            published: at,
            updated: at,
        };
        Feed {
            title: "T".into(),
            description: "D".into(),
            home: Address(format!("{site}/incidents")),
            own: Address(format!("{site}/feeds/all/rss.xml?x=1&y=2")),
            updated: at,
            entries: vec![entry],
        }
    }

    #[test]
    fn no_address_is_made_up_where_none_is_known() {
        let feed = feed_at("");
        let (rss, atom) = (rss(&feed), atom(&feed));
        assert!(rss.contains("<link>/incidents</link>"), "{rss}");
        assert!(!rss.contains("<link>/i/x"), "{rss}");
        assert!(atom.contains("<id>tag:outcry,2025:feed:/feeds/all/rss.xml"), "{atom}");
        assert!(atom.contains("<link rel=\"alternate\" href=\"/i/x?a=1&amp;b=2\"/>"), "{atom}");
        let json: serde_json::Value = serde_json::from_str(&json(&feed)).expect("JSON");
        let absent = [&json["home_page_url"], &json["feed_url"], &json["items"][0]["url"]];
        assert!(absent.into_iter().all(serde_json::Value::is_null), "{json}");
        assert!(!format!("{rss}{atom}{json}").contains("localhost"));
    }

    #[test]
    fn what_is_written_is_escaped_in_every_form() {
        let feed = feed_at("https://o.example");
        let rss = rss(&feed);
        assert!(rss.contains("<link>https://o.example/i/x?a=1&amp;b=2</link>"), "{rss}");
        assert!(rss.contains("<pubDate>Mon, 10 Mar 2025 09:45:00 +0000</pubDate>"), "{rss}");
        assert!(!rss.contains("<script>") && !rss.contains("<b>"), "{rss}");
        let atom = atom(&feed);
        assert!(atom.contains("<updated>2025-03-10T09:45:00Z</updated>"), "{atom}");
        assert!(atom.contains("rel=\"self\" href=\"https://o.example/feeds/all/rss.xml?x=1&amp;y"));
        let json: serde_json::Value = serde_json::from_str(&json(&feed)).expect("JSON");
        assert_eq!(json["items"][0]["title"], "A <b> & “c”");
        assert_eq!(json["items"][0]["url"], "https://o.example/i/x?a=1&b=2");
        assert_eq!(json["feed_url"], "https://o.example/feeds/all/rss.xml?x=1&y=2");
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
