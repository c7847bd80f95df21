//! The identity provider that both brands ask, a page of its own, and the status pages.
//!
//! Modes: `down` (nothing answers well). The status page says what its own mode says, word for
//! word: a provider that lies or lags is one whose mode was not changed yet.

use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use axum::Router;
use axum::http::StatusCode;
use axum::response::Html;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::get;
use tokio::net::TcpListener;

use crate::part::mode;
use crate::place::APP_PORT;
use crate::place::HTTP;
use crate::place::IDENT;
use crate::place::STATUS_PORT;

/// Its own page.
const PAGE: &str = "<!doctype html><html lang=\"en\"><head><title>Ident</title></head><body><main>\
<h1>One key for many doors</h1><p>Ident keeps the accounts of shops and networks, so that their \
people need one password only.</p><ul><li><a href=\"/docs\">How to join</a></li>\
<li><a href=\"/prices\">Prices</a></li><li><a href=\"/about\">Who we are</a></li></ul>\
<p>Sign in happens at the service you use.</p></main></body></html>";

/// Answers until it is ended.
pub fn run(dir: &Path) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let dir: Arc<Path> = dir.into();
    let (page, check, status) = (dir.clone(), dir.clone(), dir.clone());
    let own = Router::new()
        .route("/", get(async move || well(&page, Html(PAGE))))
        .route("/check", get(async move || well(&check, "ok")));
    let told = Router::new().route("/", get(async move || mode(&status, "status")));
    runtime.block_on(async {
        let address = IDENT.address();
        let page = TcpListener::bind((address, HTTP)).await?;
        let check = TcpListener::bind((address, APP_PORT)).await?;
        let status = TcpListener::bind((address, STATUS_PORT)).await?;
        tokio::try_join!(
            axum::serve(page, own.clone()).into_future(),
            axum::serve(check, own).into_future(),
            axum::serve(status, told).into_future(),
        )?;
        Ok(())
    })
}

fn well(dir: &Path, answer: impl IntoResponse) -> Response {
    match mode(dir, "ident").as_str() {
        "down" => (StatusCode::SERVICE_UNAVAILABLE, "no backend").into_response(),
        _ => answer.into_response(),
    }
}
