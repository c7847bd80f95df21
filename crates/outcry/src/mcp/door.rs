//! The door: MCP over HTTP, at `/mcp` of the public face.
//!
//! Each request stands for itself: no session is kept, so that nobody can fill our memory with
//! them. Bodies are small, come soon, and are counted like other answers that are made for one who
//! asks. Names of hosts are not checked: behind this door is nothing that is not public, and no
//! cookie or token is taken, so that a page which misuses a browser gains nothing.
//!
//! # References
//!
//! - MCP, "Transports", streamable HTTP.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Extension;
use axum::extract::Request;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::any;
use outcry_server::problem::Problem;
use outcry_server::router::App;
use outcry_server::router::Peer;
use outcry_server::words::Words;
use rmcp::transport::StreamableHttpServerConfig;
use rmcp::transport::StreamableHttpService;
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;

use crate::mcp::handler::Handler;

/// Where the door is.
pub const PATH: &str = "/mcp";
/// Bytes a message may have.
const BODY_BYTES_MAX: usize = 64 * 1024;
/// How long a message may take to come.
const BODY_TIMEOUT: Duration = Duration::from_secs(15);

/// The public face with the door in it.
pub fn with_door(router: Router, app: Arc<App>) -> Router {
    let (behind, words) = (router.clone(), Arc::new(Words::english()));
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .with_max_request_body_bytes(BODY_BYTES_MAX)
        .disable_allowed_hosts();
    let service = StreamableHttpService::new(
        move || Ok(Handler::here(behind.clone(), words.clone())),
        Arc::new(NeverSessionManager::default()),
        config,
    );
    let answer = async move |Extension(peer): Extension<Peer>, request: Request| {
        let client = app.client(peer, request.headers());
        if app.reads.take(client, app.board.now()).is_none() {
            return Problem::TooManyReads.into_json(&app.board.site.words);
        }
        let (head, body) = request.into_parts();
        let read = tokio::time::timeout(BODY_TIMEOUT, axum::body::to_bytes(body, BODY_BYTES_MAX));
        let bytes = match read.await {
            Err(_) => return Problem::TooSlow.into_json(&app.board.site.words),
            Ok(Err(_)) => {
                let what = format!("a message has at most {BODY_BYTES_MAX} bytes");
                return Problem::Unreadable(what).into_json(&app.board.site.words);
            }
            Ok(Ok(bytes)) => bytes,
        };
        let request = Request::from_parts(head, Body::from(bytes));
        let response: Response = service.handle(request).await.into_response();
        response
    };
    router.route(PATH, any(answer))
}
