//! The front door: reports from the form and from programs.
//!
//! The answer is sent after the journal has the report on disk, never before. When it cannot take
//! one more the answer is 503 and says so; nothing is taken that may not be kept.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::body::to_bytes;
use axum::extract::Extension;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::response::Response;
use bytes::Bytes;
use http::HeaderMap;
use http::HeaderValue;
use http::StatusCode;
use http::header;
use outcry_core::catalog::Service;
use outcry_core::signal::Body as SignalBody;
use outcry_core::signal::Signal;
use outcry_wire::signals::write_line;
use tokio::sync::oneshot;

use crate::contract::NotKept;
use crate::intake::Answers;
use crate::intake::ReportBody;
use crate::intake::Sender;
use crate::limit::BODY_S_MAX;
use crate::limit::COMMENTS_SHOWN_MAX;
use crate::limit::REPORT_BODY_BYTES_MAX;
use crate::page::service;
use crate::problem::Problem;
use crate::router::App;
use crate::router::Peer;
use crate::router::html;
use crate::router::named::Named;
use crate::router::refuse;
use crate::site::Site;

/// `POST /api/v1/reports`: 202 with the report's id.
pub async fn report(
    State(app): State<Arc<App>>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    match take_json(&app, peer, &headers, body).await {
        Ok(id) => accepted(&format!("{{\"id\":\"{id}\",\"stored\":true}}")),
        Err(problem) => problem.into_json(&app.board.site.words),
    }
}

/// `POST /bench/noop`: what any handler must do at least, as the floor of the intake bench.
pub async fn noop(State(app): State<Arc<App>>, body: Body) -> Response {
    let bytes = match read(body, REPORT_BODY_BYTES_MAX).await {
        Ok(bytes) => bytes,
        Err(problem) => return problem.into_json(&app.board.site.words),
    };
    match parse(&bytes) {
        Ok(body) => accepted(&format!("{{\"service\":\"{}\",\"stored\":false}}", body.service)),
        Err(problem) => problem.into_json(&app.board.site.words),
    }
}

/// `POST /s/SLUG/report`: 303 back to the page, or the page with what was wrong.
pub async fn form(
    State(app): State<Arc<App>>,
    Extension(peer): Extension<Peer>,
    Named(slug): Named,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let path = format!("/s/{slug}");
    if is_cross_site(&app, &headers) {
        return refuse(&app, &path, Problem::CrossSite);
    }
    let catalog = app.board.site.records.catalog();
    let Some(service) = catalog.service(&slug) else {
        return refuse(&app, &path, Problem::NotFound("service"));
    };
    let bytes = match read(body, REPORT_BODY_BYTES_MAX).await {
        Ok(bytes) => bytes,
        Err(problem) => return refuse(&app, &path, problem),
    };
    let answers = Answers::from_form(pairs(&bytes));
    match keep(&app, service, &answers, peer, &headers, "form").await {
        Ok(_) => {
            let kind = if answers.works { "works" } else { "problem" };
            let comment = if answers.comment.trim().is_empty() { "" } else { "-comment" };
            let place = format!("{path}?reported={kind}{comment}#thanks");
            let place = HeaderValue::from_str(&place).expect("a slug and plain words");
            (StatusCode::SEE_OTHER, [(header::LOCATION, place)]).into_response()
        }
        Err(Problem::Report(faults)) => {
            let app = app.clone();
            let service = service.clone();
            let page = tokio::task::spawn_blocking(move || {
                let site = &app.board.site;
                let snapshot = site.records.service(&service.slug)?;
                let comments =
                    site.records.comments(&service.slug, COMMENTS_SHOWN_MAX).unwrap_or_default();
                Some(service::render(site, &service, &snapshot, &comments, &answers, &faults))
            });
            match page.await {
                Ok(Some(page)) => html(StatusCode::UNPROCESSABLE_ENTITY, page),
                _ => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
            }
        }
        Err(problem) => refuse(&app, &path, problem),
    }
}

/// The words of thanks after a report; `reported` comes out of an address and is not trusted.
pub fn thanks(site: &Site, reported: &str) -> String {
    let words = &site.words;
    let first = match reported.split('-').next() {
        Some("problem") => "form-thanks",
        Some("works") => "form-thanks-works",
        _ => return String::new(),
    };
    let page = maud::html! {
        p class="thanks" id="thanks" role="status" {
            (words.say(first))
            @if reported.ends_with("-comment") { " " (words.say("form-thanks-comment")) }
        }
    };
    page.into_string()
}

async fn take_json(
    app: &Arc<App>,
    peer: Peer,
    headers: &HeaderMap,
    body: Body,
) -> Result<uuid::Uuid, Problem> {
    if is_cross_site(app, headers) {
        return Err(Problem::CrossSite);
    }
    // Only this type makes a browser ask first, so that no other site sends reports of its readers.
    if !is_json(headers) {
        return Err(Problem::MediaType);
    }
    let bytes = read(body, REPORT_BODY_BYTES_MAX).await?;
    let body = parse(&bytes)?;
    let catalog = app.board.site.records.catalog();
    let service = catalog.service(&body.service).ok_or(Problem::NotFound("service"))?;
    let answers = Answers::from(body);
    keep(app, service, &answers, peer, headers, "api").await
}

/// Checks, hides, queues, and waits for the disk.
async fn keep(
    app: &Arc<App>,
    service: &Service,
    answers: &Answers,
    peer: Peer,
    headers: &HeaderMap,
    door: &'static str,
) -> Result<uuid::Uuid, Problem> {
    let checked = answers.check(service).map_err(Problem::Report)?;
    let address = app.client(peer, headers);
    let user_agent =
        headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or("");
    let site = &app.board.site;
    let now = site.now();
    let sender = Sender { address, user_agent, door };
    let signal = app.intake.signal(site, service, checked, sender, now);
    let SignalBody::Report(report) = &signal.body else {
        return Err(Problem::Unreadable("only reports come in here".into()));
    };
    if !app.rate.admit(report.prefix.0, now) {
        return Err(Problem::TooMany);
    }
    write_down(app, &signal).await?;
    Ok(uuid::Uuid::from_u128(signal.id))
}

/// Queues a signal and waits until it is on disk.
pub(crate) async fn write_down(app: &App, signal: &Signal) -> Result<(), Problem> {
    let (tell, told) = oneshot::channel();
    let done = Box::new(move |fate| {
        // An error means that the client has gone; what it sent is kept all the same.
        let _ = tell.send(fate);
    });
    app.journal.append(write_line(signal).into_bytes(), done).map_err(Problem::NotKept)?;
    told.await.unwrap_or(Err(NotKept::Closed)).map_err(Problem::NotKept)
}

/// Whether a browser says that another site sends this.
pub(crate) fn is_cross_site(app: &App, headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return site == "cross-site";
    }
    let (Some(origin), Some(host)) = (text("origin"), text("host")) else { return false };
    let name_of = |url: &str| url.split_once("://").map_or(url, |(_, name)| name).to_lowercase();
    let ours = [host.to_lowercase(), name_of(&app.board.site.public_url)];
    !ours.contains(&name_of(origin))
}

/// Whether the body is plain JSON, as its sender says.
fn is_json(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let kind = text(header::CONTENT_TYPE).unwrap_or("");
    let kind = kind.split(';').next().unwrap_or("").trim();
    kind.eq_ignore_ascii_case("application/json") && !headers.contains_key(header::CONTENT_ENCODING)
}

/// The whole of a body of at most `bytes_max` bytes, if it comes in time.
pub(crate) async fn read(body: Body, bytes_max: usize) -> Result<Bytes, Problem> {
    let whole = to_bytes(body, bytes_max);
    match tokio::time::timeout(Duration::from_secs(BODY_S_MAX), whole).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) if !is_too_long(&error) => {
            Err(Problem::Unreadable("the body was not sent to its end; send it again".into()))
        }
        Ok(Err(_)) => Err(Problem::TooLarge { bytes_max }),
        Err(_) => Err(Problem::TooSlow),
    }
}

fn is_too_long(error: &axum::Error) -> bool {
    use std::error::Error as _;
    let mut cause = error.source();
    while let Some(error) = cause {
        if error.is::<http_body_util::LengthLimitError>() {
            return true;
        }
        cause = error.source();
    }
    false
}

fn parse(bytes: &[u8]) -> Result<ReportBody<'_>, Problem> {
    let unreadable = |why: String| {
        Problem::Unreadable(format!(
            "{why}; write {{\"service\": \"x\", \"affected\": \"mobile_app\", \
             \"problem\": \"not_loading\"}}"
        ))
    };
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        return Err(unreadable("a report is a JSON object".into()));
    }
    serde_json::from_slice(bytes).map_err(|error| unreadable(error.to_string()))
}

/// The pairs of a form (`application/x-www-form-urlencoded`).
pub(crate) fn pairs(bytes: &[u8]) -> Vec<(String, String)> {
    let text = String::from_utf8_lossy(bytes);
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (crate::router::decoded(name), crate::router::decoded(value))
        })
        .collect()
}

fn accepted(body: &str) -> Response {
    let kind = HeaderValue::from_static("application/json");
    (StatusCode::ACCEPTED, [(header::CONTENT_TYPE, kind)], body.to_owned()).into_response()
}
