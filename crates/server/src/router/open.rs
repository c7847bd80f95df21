//! Headers of the public interface: who may read it, who may frame it, and how much is left.
//!
//! # References
//!
//! - Fetch, "CORS protocol": no cookie is ever used, so that any origin may read.
//! - draft-ietf-httpapi-ratelimit-headers: `RateLimit` and `RateLimit-Policy`.

use axum::response::IntoResponse;
use axum::response::Response;
use http::HeaderMap;
use http::HeaderName;
use http::HeaderValue;
use http::StatusCode;
use http::header;

use crate::body::Dress;
use crate::open::card::CARD_POLICY;
use crate::router::App;
use crate::router::Peer;

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// Any site may read this from a browser.
pub fn share(headers: &mut HeaderMap) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    let exposed = HeaderValue::from_static("ETag, RateLimit, RateLimit-Policy, Retry-After");
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
}

/// Any site may put this into a frame.
pub fn frame(headers: &mut HeaderMap) {
    static POLICY: std::sync::LazyLock<HeaderValue> = std::sync::LazyLock::new(|| {
        HeaderValue::from_str(&CARD_POLICY).expect("ASCII without line ends")
    });
    headers.insert(header::CONTENT_SECURITY_POLICY, POLICY.clone());
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
}

/// What a browser asks before it reads with a header of its own. Only reading is open to other
/// sites: a report needs a page of ours, or a program.
pub fn preflight(allowed: &'static str) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    headers.insert(header::ALLOW, HeaderValue::from_static(allowed));
    if allowed.starts_with("GET") {
        share(headers);
        let methods = HeaderValue::from_static("GET, HEAD");
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, methods);
        let asked = HeaderValue::from_static("If-None-Match");
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, asked);
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
    }
    response
}

/// Adds what is left of the minute to an answer of the public interface.
pub fn told<B>(
    app: &App,
    peer: Peer,
    headers: &HeaderMap,
    mut answer: Response<B>,
    dress: Dress,
) -> Response<B> {
    if dress != Dress::Open {
        return answer;
    }
    let now = app.board.now();
    let left = app.reads.left(app.client(peer, headers), now);
    let seconds = 60 - now.0.div_euclid(1_000).rem_euclid(60);
    let out = answer.headers_mut();
    out.insert(RATE_LIMIT_POLICY, app.reads.policy());
    let text = format!("\"reads\";r={left};t={seconds}");
    if let Ok(value) = HeaderValue::try_from(text) {
        out.insert(RATE_LIMIT, value);
    }
    answer
}
