//! A page as it is served: its bytes in the best encoding, and the headers of its dress.

use axum::response::Response;
use bytes::Bytes;
use http::HeaderMap;
use http::HeaderValue;
use http::StatusCode;
use http::header;

use crate::body::Dress;
use crate::body::Encoding;
use crate::body::Page;
use crate::router::guard;
use crate::router::open;

/// Headers a page is served with, at most: one allocation holds them.
const PAGE_HEADERS_MAX: usize = 12;

/// A page with the headers of DESIGN, or 304 when the client has it.
pub fn serve(page: &Page, headers: &HeaderMap) -> Response<Bytes> {
    let mut out = HeaderMap::with_capacity(PAGE_HEADERS_MAX);
    let mut known = headers.get_all(header::IF_NONE_MATCH).iter();
    let (status, bytes) = if known.any(|tags| matches_tag(tags, &page.etag)) {
        (StatusCode::NOT_MODIFIED, Bytes::new())
    } else {
        let (encoding, bytes) = page.best(headers.get(header::ACCEPT_ENCODING));
        let coding = match encoding {
            Encoding::Identity => None,
            Encoding::Zstd => Some(HeaderValue::from_static("zstd")),
            Encoding::Brotli => Some(HeaderValue::from_static("br")),
        };
        if let Some(coding) = coding {
            out.insert(header::CONTENT_ENCODING, coding);
        }
        (StatusCode::OK, bytes)
    };
    out.insert(header::CONTENT_TYPE, page.content_type.clone());
    out.insert(header::ETAG, page.etag.clone());
    out.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    let caching = "public, max-age=5, stale-while-revalidate=60, stale-if-error=86400";
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    out.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    match page.dress {
        Dress::Site => guard(&mut out),
        Dress::Open => open::share(&mut out),
        Dress::Card => open::frame(&mut out),
    }
    let mut response = Response::new(bytes);
    *response.status_mut() = status;
    *response.headers_mut() = out;
    response
}

/// Whether one of the tags of `If-None-Match` is ours; weak comparison.
fn matches_tag(tags: &HeaderValue, ours: &HeaderValue) -> bool {
    let (Ok(tags), Ok(ours)) = (tags.to_str(), ours.to_str()) else { return false };
    let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let ours = bare(ours);
    tags.split(',').any(|tag| tag.trim() == "*" || bare(tag) == ours)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_compared_weakly() {
        let ours = HeaderValue::from_static("W/\"abc\"");
        for (tags, want) in
            [("\"abc\"", true), ("W/\"x\", W/\"abc\"", true), ("*", true), ("W/\"x\"", false)]
        {
            assert_eq!(matches_tag(&HeaderValue::from_static(tags), &ours), want, "{tags}");
        }
    }
}
