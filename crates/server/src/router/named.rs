//! What an address names: its part that differs from service to service.
//!
//! # What it cannot tell
//!
//! Whether there is such a thing; who handles the request looks that up.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::extract::Path;
use axum::response::Response;
use http::request::Parts;

use crate::problem::Problem;
use crate::router::App;
use crate::router::refuse;

/// The name in an address, decoded. Bytes that are no text (`%ff`) name nothing: they are answered
/// as an address that is not there.
pub struct Named(pub String);

impl FromRequestParts<Arc<App>> for Named {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Response> {
        let name = Path::<String>::from_request_parts(parts, app).await;
        let nothing = |_| refuse(app, parts.uri.path(), Problem::NotFound("page"));
        name.map(|Path(name)| Self(name)).map_err(nothing)
    }
}
