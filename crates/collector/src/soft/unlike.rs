//! Unlike itself: nothing of what the page usually is called stands anywhere on it.
//!
//! Sites are redesigned, grow and shrink, and keep their name: in the title, the head, the foot.
//! Where not one word of the usual title is left, somebody else's page is shown, or that of a
//! machine in front: in any language.
//!
//! # What it cannot tell
//!
//! Who it is. A site that was renamed looks so too.

use crate::probe::page::Page;
use crate::soft::Finding;
use crate::soft::error_text::quote;
use crate::soft::reading::Kind;
use crate::soft::reading::Reading;

/// Letters of the shortest word that names anything.
const WORD_CHARS: usize = 4;
/// The same where a word is written in one or two signs.
const SIGNS: usize = 2;

/// Looks for it.
pub fn look(page: &Page<'_>, reading: &Reading) -> Option<Finding> {
    let usual = page.usual?;
    if reading.kind != Kind::Html || usual.tags < 1.0 || reading.blocks.is_empty() {
        return None;
    }
    let usually = usual.title.to_lowercase();
    let names: Vec<String> = usually
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.chars().count() >= if is_signs(word) { SIGNS } else { WORD_CHARS })
        .flat_map(parts)
        .collect();
    let title = reading.title.to_lowercase();
    let shown = || reading.blocks.iter().map(|block| block.lower.as_str()).chain([&*title]);
    let stands = |name: &String| shown().any(|text| text.contains(name.as_str()));
    if names.is_empty() || names.iter().any(stands) {
        return None;
    }
    // The name in the address is one of the site, too.
    let host = page.url.host.to_string();
    let mut labels = host.split('.').filter(|it| it.len() >= WORD_CHARS);
    let is_named = labels.any(|label| shown().any(|text| text.contains(label)));
    let sure = if is_named { 0.3 } else { 0.6 };
    let first = reading.middle().next().map_or(&*reading.title, |block| &block.text);
    let what = format!("nothing of “{}” is left: “{}”", quote(&usual.title), quote(first));
    Finding::fails(sure, what)
}

fn is_signs(word: &str) -> bool {
    word.chars().all(|c| c >= '\u{2e80}')
}

/// A word, or each two signs in turn where words are not told apart.
fn parts(word: &str) -> Vec<String> {
    if !is_signs(word) {
        return vec![word.to_owned()];
    }
    let signs: Vec<char> = word.chars().collect();
    signs.windows(SIGNS).map(|pair| pair.iter().collect()).collect()
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::HeaderMap;

    use crate::address::Url;
    use crate::soft::history::Usual;

    use super::*;

    #[test]
    fn a_page_of_which_no_word_is_left_is_another_one() {
        for (usually, title, text, want) in [
            ("Teated – Kuuselaane vald", "KUDA88 : Situs Slot", "Main sekarang", Some(0.6)),
            ("Teated – Kuuselaane vald", "Viga", "Kuuselaane vald", None),
            ("Teated – Kuuselaane vald", "Viga", "Palun proovige hiljem", Some(0.6)),
            ("Teated – Kuuselaane vald", "kuuse.example", "Tere", Some(0.3)),
            ("雪川町ホームページ", "お知らせ", "雪川町役場", None),
            ("雪川町ホームページ", "Index of /", "Parent Directory", Some(0.6)),
            ("a b c", "Something", "else", None),
        ] {
            let url = Url::parse("https://vald.kuuse.example/").unwrap();
            let body = format!("<html><title>{title}</title><p>{text}</p></html>");
            let usual = Usual { bytes: 900.0, tags: 30.0, spread: 1.0, title: usually.to_owned() };
            let page = Page {
                url: &url,
                redirects: 0,
                status: 200,
                headers: &HeaderMap::new(),
                body: &Bytes::from(body),
                is_cut: false,
                usual: Some(&usual),
            };
            let found = look(&page, &Reading::of(&page));
            assert_eq!(found.map(|it| it.sure), want, "{usually}: {title}");
        }
    }
}
