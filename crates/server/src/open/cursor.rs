//! Cursors: where a list goes on, by the key of the last item seen.
//!
//! Items that come in meanwhile neither shift a page nor show one twice.

use outcry_core::catalog::SLUG_CHARS_MAX;
use outcry_core::catalog::is_slug;
use outcry_core::time::UnixMillis;
use outcry_core::units::Text;

/// Characters of an incident's id: a slug, a day and a number.
const ID_CHARS_MAX: usize = SLUG_CHARS_MAX + 20;

/// The key of the last item seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cursor {
    /// A slug, in a list in order of slugs.
    Slug(String),
    /// When an incident opened, and its id, in a list with the newest first.
    Incident(UnixMillis, Text),
}

impl Cursor {
    /// Reads what [`Cursor::text`] wrote.
    pub fn read(text: &str) -> Option<Self> {
        if is_slug(text) {
            return Some(Self::Slug(text.to_owned()));
        }
        let (at, id) = text.split_once('~')?;
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let fits = id.len() <= ID_CHARS_MAX && id.chars().all(plain);
        Some(Self::Incident(UnixMillis::parse(at).filter(|_| fits)?, id.into()))
    }

    /// As it stands in an address.
    pub fn text(&self) -> String {
        match self {
            Self::Slug(slug) => slug.clone(),
            Self::Incident(at, id) => format!("{at}~{id}"),
        }
    }

    /// The slug, if it is one.
    pub fn slug(self) -> Option<String> {
        match self {
            Self::Slug(slug) => Some(slug),
            Self::Incident(..) => None,
        }
    }

    /// The incident, if it is one.
    pub fn incident(self) -> Option<(UnixMillis, Text)> {
        match self {
            Self::Incident(at, id) => Some((at, id)),
            Self::Slug(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_written() {
        let at = UnixMillis(1_741_602_300_123);
        for cursor in [Cursor::Slug("t-mobile-us".into()), Cursor::Incident(at, "x-1".into())] {
            assert_eq!(Cursor::read(&cursor.text()), Some(cursor));
        }
        for wrong in ["", "X", "~", "soon~x", "2025-03-10T09:45:00Z~X"] {
            assert_eq!(Cursor::read(wrong), None, "{wrong}");
        }
    }
}
