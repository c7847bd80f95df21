//! The applications: a page, an API and a sign-in of one brand, and a page of another.
//!
//! Both ask the identity provider for every answer, the first brand its database too. When that
//! fails the page says so with status 200, as many do, and the API answers 5xx. Modes: `soft` (the
//! page says it fails although nothing does), `api500` (a bad release of the API), `licence` (the
//! API refuses all).

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use anyhow::bail;
use axum::Router;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::Html;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::get;
use axum::routing::post;
use tokio::io::AsyncBufReadExt;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::io::BufReader;
use tokio::net::TcpListener;
use tokio::net::TcpStream;

use crate::part::mode;
use crate::place::APP;
use crate::place::APP_PORT;
use crate::place::DB;
use crate::place::DB_PORT;
use crate::place::IDENT;

/// How long an answer may take from behind.
const BEHIND_MAX: Duration = Duration::from_millis(2_500);
/// What the page says when it fails.
const SORRY: &str = "<!doctype html><html lang=\"en\"><head><title>Chirp</title></head><body>\
<header>Chirp</header><main><p>Something went wrong. Try reloading.</p>\
<button>Retry</button></main></body></html>";

#[derive(Clone)]
struct App {
    dir: Arc<Path>,
}

/// Answers until it is ended.
pub fn run(dir: &Path) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let app = App { dir: dir.into() };
    let (page, api, wares, login) = (app.clone(), app.clone(), app.clone(), app);
    let router = Router::new()
        .route("/chirp/", get(async move || page.page("Chirp", "a short post").await))
        .route("/wares/", get(async move || wares.page("Wares", "a fine lamp").await))
        .route("/api/v1/timeline", get(async move || api.timeline().await))
        .route("/api/v1/login", post(async move || login.login().await));
    runtime.block_on(async {
        let listener = TcpListener::bind((APP.address(), APP_PORT)).await?;
        axum::serve(listener, router).await?;
        Ok(())
    })
}

impl App {
    async fn page(&self, brand: &str, thing: &str) -> Response {
        let own = brand == "Chirp";
        if own && mode(&self.dir, "app") == "soft" {
            return Html(SORRY.to_owned()).into_response();
        }
        // The other brand asks the identity provider only; its goods stand in its own files.
        let question = own.then_some("page");
        match behind(question).await {
            Ok(row) => Html(filled(brand, thing, &row)).into_response(),
            Err(_) => Html(SORRY.replace("Chirp", brand)).into_response(),
        }
    }

    async fn timeline(&self) -> Response {
        let json = [(CONTENT_TYPE, "application/json")];
        match mode(&self.dir, "app").as_str() {
            "api500" => {
                let trace = r#"{"error":"NoSuchMethod: Timeline.rank/3"}"#;
                return (StatusCode::INTERNAL_SERVER_ERROR, json, trace).into_response();
            }
            "licence" => {
                let told = r#"{"error":"licence over"}"#;
                return (StatusCode::PAYMENT_REQUIRED, json, told).into_response();
            }
            _ => {}
        }
        match behind(Some("timeline")).await {
            Ok(row) => (json, format!(r#"{{"status":"UP","posts":["{row}"]}}"#)).into_response(),
            Err(error) => {
                let told = format!(r#"{{"error":"{error}"}}"#);
                (StatusCode::SERVICE_UNAVAILABLE, json, told).into_response()
            }
        }
    }

    async fn login(&self) -> Response {
        match behind(Some("login")).await {
            Ok(_) => StatusCode::NO_CONTENT.into_response(),
            Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        }
    }
}

/// A page as it looks when it is well.
fn filled(brand: &str, thing: &str, row: &str) -> String {
    let list: String = (1..=20)
        .map(|n| format!("<li><a href=\"/{n}\">{thing}, number {n}</a> {row}</li>\n"))
        .collect();
    format!(
        "<!doctype html><html lang=\"en\"><head><title>{brand}</title></head><body>\
         <header><a href=\"/\">{brand}</a></header><main><h1>{brand}</h1><ul>{list}</ul></main>\
         </body></html>"
    )
}

/// Asks the identity provider, then, with a question, the database.
async fn behind(question: Option<&str>) -> Result<String> {
    match tokio::time::timeout(BEHIND_MAX, asked(question)).await {
        Ok(answer) => answer,
        Err(_) => bail!("no answer from behind in time"),
    }
}

async fn asked(question: Option<&str>) -> Result<String> {
    let mut ident = TcpStream::connect((IDENT.address(), APP_PORT)).await?;
    ident.write_all(b"GET /check HTTP/1.1\r\nHost: id\r\nConnection: close\r\n\r\n").await?;
    let mut head = [0; 12];
    ident.read_exact(&mut head).await?;
    if !head.ends_with(b"200") {
        bail!("the identity provider is unavailable");
    }
    let Some(question) = question else { return Ok("In stock.".to_owned()) };
    let mut stream = TcpStream::connect((DB.address(), DB_PORT)).await?;
    stream.write_all(format!("{question}\n").as_bytes()).await?;
    let mut row = String::new();
    BufReader::new(stream).read_line(&mut row).await?;
    match row.trim().strip_prefix("OK ") {
        Some(row) => Ok(row.to_owned()),
        None => bail!("the database is busy"),
    }
}
