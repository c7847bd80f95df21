//! Assets: the fonts, the mark and the script, from memory and cached for good.

use axum::response::IntoResponse;
use axum::response::Response;
use http::HeaderValue;
use http::StatusCode;
use http::header;

use crate::page::SCRIPT;
use crate::router::named::Named;

const SERIF: &[u8] = include_bytes!("../../../web/fonts/newsreader-500.woff2");
const SANS: &[u8] = include_bytes!("../../../web/fonts/inter-400-700.woff2");
const MARK: &[u8] = include_bytes!("../../../web/favicon.svg");

const WORKER: &[u8] = include_bytes!("../../../web/push.js");

/// Every asset, by its name.
pub const ALL: [(&str, &[u8]); 5] = [
    ("newsreader-500.woff2", SERIF),
    ("inter-400-700.woff2", SANS),
    ("favicon.svg", MARK),
    ("app.js", SCRIPT.as_bytes()),
    ("push.js", WORKER),
];

/// One asset by its name.
pub async fn asset(Named(name): Named) -> Response {
    let Some((_, bytes)) = ALL.into_iter().find(|(known, _)| *known == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let kind = match name.rsplit('.').next() {
        Some("woff2") => "font/woff2",
        Some("svg") => "image/svg+xml",
        _ => "text/javascript; charset=utf-8",
    };
    let caching = "public, max-age=31536000, immutable";
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CACHE_CONTROL, HeaderValue::from_static(caching)),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    (headers, bytes).into_response()
}
