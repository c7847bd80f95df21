//! Addresses as people type them: with a slash at the end, or a service in capitals.
//!
//! # What it cannot tell
//!
//! What somebody meant who mistyped a name; the search does.

use axum::response::IntoResponse;
use axum::response::Response;
use http::HeaderValue;
use http::StatusCode;
use http::header;

use crate::route::table::ROUTES;

/// An address that somebody typed with a slash at its end, or a service in capitals, as it is
/// written here; `None` when it is, or when there is nothing at it either way.
pub(super) fn as_written_here(path: &str) -> Option<String> {
    let whole = path.trim_end_matches('/');
    let written = match whole.strip_prefix("/s/") {
        Some(slug) => format!("/s/{}", slug.to_ascii_lowercase()),
        None => whole.to_owned(),
    };
    let is_ours = ROUTES.iter().any(|route| route.matches(&written).is_some());
    (is_ours && written != path && !written.starts_with("//")).then_some(written)
}

/// Sends a reader there, for good, with what was asked.
pub(super) fn moved(place: &str, query: Option<&str>) -> Response {
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    match HeaderValue::from_str(&format!("{place}{query}")) {
        Ok(place) => (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, place)]).into_response(),
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_found_as_people_type_them() {
        for (typed, written) in [
            ("/s/X", Some("/s/x")),
            ("/s/x/", Some("/s/x")),
            ("/S/x", None),
            ("/claims/", Some("/claims")),
            ("/s/x", None),
            ("/", None),
            ("//", None),
            ("//example.org/", None),
            ("//s/x/", None),
            ("/nothing/of/ours/", None),
        ] {
            assert_eq!(as_written_here(typed).as_deref(), written, "{typed}");
        }
    }
}
